/* CACAO v2.0 JSON → playbook graph. */
#ifndef YW_CODEC_PLAYBOOK_H
#define YW_CODEC_PLAYBOOK_H

#include "response/playbook.h"

#include <stddef.h>

#define YW_PLAYBOOK_BYTES_MAX (1024 * 1024)
#define YW_PLAYBOOK_DEPTH_MAX 64

/* *ret is *new*. Errors carry a JSON pointer: "/workflow/action--…/on_success: no such
 * step". */
int yw_playbook_decode(struct yw_playbook **ret, const char *text, size_t size,
                       struct yw_err *err);
/* From elsewhere: what the lenient profile only warns of is put right (playbook_mend.h). */
int yw_playbook_decode_lenient(struct yw_playbook **ret, const char *text, size_t size,
                               struct yw_err *err);

#endif
