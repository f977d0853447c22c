/* What a rehearsal shows to be wrong with a scenario's design, as warnings for its designer: an
 * attack that no story comes to, an objective that nobody meets, a story that outlasts its length,
 * points that no team can have together; and how far each technique went. */
#ifndef YW_CLI_FINDING_H
#define YW_CLI_FINDING_H

#include "cli/cli.h"
#include "model/spec.h"
#include "model/view.h"

/* To stdout, a line each; returns how many findings there are. `view`: of control. */
size_t yw_findings_print(const struct yw_cli *cli, const struct yw_spec *spec,
                         const struct yw_view *view);
void yw_techniques_print(const struct yw_cli *cli, const struct yw_view *view);

#endif
