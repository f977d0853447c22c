/* POST /api/v1/playbooks/validate?profile=schema|strict|lenient: the body is a playbook. Nothing is kept.
 */
#include "codec/playbook/lint.h"
#include "net/door.h"
#include "net/offload.h"

#include <stdlib.h>
#include <string.h>

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

/* POST /api/v1/drills/ID/playbooks: control starts a playbook of the scenario.
 * POST /api/v1/drills/ID/playbooks/RUN/control: it steps into a run. */
int yw_api_playbook_conduct(struct yw_exchange *exchange, struct yw_err *err)
{
    bool start = exchange->parts[1][0] == '\0';
    const char *run = exchange->parts[1];
    struct yw_request_task task;
    if (strlen(run) > 15 || run[strspn(run, "0123456789")])
        return yw_err_set(err, YW_ENOTFOUND, "no playbook run '%s'", run);
    int code =
        yw_request_task_decode(&task, start ? YW_REQUEST_START : YW_REQUEST_CONTROL,
                               exchange->body.data, exchange->body.size, err);
    if (code)
        return code;
    struct yw_call *call =
        yw_call_new(exchange, start ? YW_COMMAND_PLAYBOOK : YW_COMMAND_CONTROL);
    call->task = task;
    call->command->task = &call->task;
    call->command->team = -1;
    call->command->run = strtoll(run, NULL, 10);
    return yw_call_start(exchange, call, err);
}
