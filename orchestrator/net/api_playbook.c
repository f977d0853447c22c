/* POST /api/v1/playbooks/validate?profile=schema|strict|lenient: the body is a playbook. Nothing is kept.
 */
#include "codec/playbook/lint.h"
#include "net/door.h"
#include "net/offload.h"

static int validate(const struct yw_buf *body, const char *word, struct yw_buf *out,
                    struct yw_err *err)
{
    enum yw_lint_profile profile = YW_LINT_STRICT;
    struct yw_findings findings;
    (void)yw_lint_profile_read(word, &profile);
    int code = yw_playbook_lint(&findings, body->data, body->size, profile, err);
    if (!code)
        yw_findings_encode(out, "", profile, &findings);
    yw_findings_fini(&findings);
    return code;
}

int yw_api_playbook_validate(struct yw_exchange *exchange, struct yw_err *err)
{
    enum yw_lint_profile profile;
    char word[24];
    yw_exchange_arg(exchange, "profile", word, sizeof(word));
    if (word[0] && !yw_lint_profile_read(word, &profile))
        return yw_err_set(err, YW_EINVAL,
                          "profile: expected schema, strict or lenient; got '%s'", word);
    return yw_offload_start(exchange, validate, word[0] ? word : "strict", err);
}
