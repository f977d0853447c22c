/* What a rehearsal shows to be wrong with a scenario's design, as warnings for its designer: an
 * attack that no story comes to, an objective that nobody meets, a story that outlasts its length,
 * points that no team can have together; and how far each technique went. */
#ifndef YW_CLI_FINDING_H
#define YW_CLI_FINDING_H

#include "cli/cli.h"
#include "codec/write.h"
#include "model/spec.h"
#include "model/view.h"

#define YW_FINDINGS_MAX 256

struct yw_finding {
    const char *code; /* "unreached" "outlasts" "unmet" "exclusive"; static */
    int line;         /* of scenario.lua; 0 of the whole */
    char zh[256], en[256];
};

struct yw_findings {
    struct yw_finding list[YW_FINDINGS_MAX];
    size_t count;
};

/* `view`: of control. */
void yw_findings_take(struct yw_findings *ret, const struct yw_spec *spec,
                      const struct yw_view *view);
/* To stdout, a line each. */
void yw_findings_print(const struct yw_cli *cli, const struct yw_findings *findings);
/* [{"code","message":{"en","zh"},"where"}] as the member `name`; "where" is "scenario.lua:9". */
void yw_findings_write(struct yw_writer *w, const char *name,
                       const struct yw_findings *findings);
void yw_techniques_print(const struct yw_cli *cli, const struct yw_view *view);

#endif
