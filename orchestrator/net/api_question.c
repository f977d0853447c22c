/* POST /api/v1/drills/ID/questions/RUN/answer: a role of a team answers a manual step. */
#include "base/mem.h"
#include "net/door.h"

#include <stdlib.h>
#include <string.h>

int yw_api_question_answer(struct yw_exchange *exchange, struct yw_err *err)
{
    const char *run = exchange->parts[1];
    if (strlen(run) > 15 || run[strspn(run, "0123456789")])
        return yw_err_set(err, YW_ENOTFOUND, "no playbook run '%s'", run);
    struct yw_request_answer answer;
    int code =
        yw_request_answer_decode(&answer, exchange->body.data, exchange->body.size, err);
    if (code)
        return code;
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_ANSWER);
    call->command->answer = answer;
    call->command->run = strtoll(run, NULL, 10);
    snprintf(call->command->actor, sizeof(call->command->actor), "team:%.40s/%.48s",
             exchange->caller.team, answer.role);
    return yw_call_start(exchange, call, err);
}
