/* Which techniques of ATT&CK for ICS a scenario's attacks plan to use, each once, in the order of
 * the attacks. */
#ifndef YW_CLI_COVERAGE_H
#define YW_CLI_COVERAGE_H

#include "cli/cli.h"
#include "codec/write.h"
#include "model/spec.h"

/* "techniques: planned T0846 T0836 (2)", as the user reads, without an end of line. `out` is
 * appended to; nothing when no attack is declared. */
void yw_coverage_say(struct yw_buf *out, const struct yw_cli *cli,
                     const struct yw_spec *spec);
/* On standard error, for people: not with --json. */
void yw_coverage_tell(const struct yw_cli *cli, const struct yw_spec *spec);
/* ["T0846","T0836"]; `name` as in codec/write.h. */
void yw_coverage_write(struct yw_writer *w, const char *name, const struct yw_spec *spec);

#endif
