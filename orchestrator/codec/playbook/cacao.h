/* What every reader of CACAO v2.0 documents shares: loading within the limits, identifiers and
 * times. Only codec includes this header. Thread: any. */
#ifndef YW_CODEC_CACAO_H
#define YW_CODEC_CACAO_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The document's root object, *new*. YW_ELIMIT: too large. YW_EINVAL: not JSON, no object, a
 * member twice, nested too deep; with its line. */
int yw_cacao_load(json_t **ret, const char *text, size_t size, struct yw_err *err);
/* "<type>--<UUID>"; `type` NULL: any. `only_v4`: of version 4. */
bool yw_cacao_id_valid(const char *id, const char *type, bool only_v4);
/* "2026-11-21T08:00:00.000Z": exactly milliseconds (P05). NULL is none. */
bool yw_cacao_time_valid(const char *text);
/* "POST /x HTTP/1.1": three parts. */
bool yw_cacao_start_line_valid(const char *line);
/* "TLP:RED": the level whose marking has this id by the specification, or NULL. */
const char *yw_cacao_tlp(const char *id);

#endif
