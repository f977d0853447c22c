/* Is a playbook what CACAO v2.0 says? Three profiles: SCHEMA (what the
 * published JSON schemas accept), STRICT (the prose; any error
 * refuses: for what we author, ship or sign), LENIENT (real-world files load; every deviation is
 * a warning). Every finding has a code, a JSON pointer and a line. Basis: OASIS CACAO Security
 * Playbooks 2.0, CS01. Thread: any. */
#ifndef YW_CODEC_LINT_H
#define YW_CODEC_LINT_H

#include "base/buf.h"
#include "base/err.h"
#include "response/finding.h"

#include <stddef.h>

enum yw_lint_profile { YW_LINT_SCHEMA, YW_LINT_STRICT, YW_LINT_LENIENT };

/* findings: initialised here, to be finished by the caller whatever is returned. YW_EINVAL: not
 * readable at all (not JSON, a member twice, too deep, no object); YW_ELIMIT: too large. Both
 * name line and column. */
int yw_playbook_lint(struct yw_findings *findings, const char *text, size_t size,
                     enum yw_lint_profile profile, struct yw_err *err);
/* {"file","findings":[{"code","line","message","path","severity"}],"ok","profile"}. */
void yw_findings_encode(struct yw_buf *out, const char *file,
                        enum yw_lint_profile profile, const struct yw_findings *findings);
/* "schema", "strict", "lenient". False: none of them. */
bool yw_lint_profile_read(const char *name, enum yw_lint_profile *ret);
const char *yw_lint_profile_name(enum yw_lint_profile profile);

#endif
