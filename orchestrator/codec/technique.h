/* The table of attack techniques as a file: ours ({"domain","source","techniques":[{"id","name",
 * "now"?,"tactics"}],"version"}), or the STIX 2 bundle that MITRE publishes for ATT&CK, of which
 * techniques, their tactics and what revoked them are taken. Thread: any. */
#ifndef YW_CODEC_TECHNIQUE_H
#define YW_CODEC_TECHNIQUE_H

#include "base/buf.h"
#include "base/err.h"
#include "model/technique.h"

#include <stddef.h>

#define YW_TECHNIQUES_BYTES_MAX (64 * 1024 * 1024) /* MITRE's bundle is about 4 MB */

/* `ret` is *new*, also on failure (empty). Errors say the member. */
int yw_techniques_decode(struct yw_techniques *ret, const char *text, size_t size,
                         struct yw_err *err);
/* The same from the disk; the error names the path. */
int yw_techniques_read(struct yw_techniques *ret, const char *path, struct yw_err *err);
/* Our form, one technique a line, so that a change of it can be read. */
void yw_techniques_encode(struct yw_buf *out, const struct yw_techniques *table);

#endif
