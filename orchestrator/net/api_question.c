/* POST /api/v1/drills/ID/questions/RUN/answer, …/confirm, …/evidence: roles of a team or of an
 * office, or exercise control in its own, about a step that asks. */
#include "base/mem.h"
#include "net/door.h"
#include "response/run.h"

#include <stdlib.h>
#include <string.h>

static int read_run(const struct yw_exchange *exchange, int64_t *ret, struct yw_err *err)
{
    const char *run = exchange->parts[1];
    if (strlen(run) > 15 || run[strspn(run, "0123456789")])
        return yw_err_set(err, YW_ENOTFOUND, "no playbook run '%s'", run);
    *ret = strtoll(run, NULL, 10);
    return 0;
}

/* Control answers what is asked of control, and nothing else. */
static int check_role(const struct yw_exchange *exchange, const char *role,
                      struct yw_err *err)
{
    bool control = exchange->caller.role == YW_ROLE_CONTROL;
    if (control != (strcmp(role, YW_RUN_CONTROL) == 0))
        return yw_err_set(err, YW_EDENIED, "/role: '%s' is %s", role,
                          control ? "a team's" : "exercise control's");
    return 0;
}

/* A token names its person. Without names it is as the request says; in a team whose people have
 * tokens, nobody speaks for them: by two persons means by two. */
static int check_person(const struct yw_exchange *exchange, char person[YW_NAME_MAX],
                        struct yw_err *err)
{
    const struct yw_caller *caller = &exchange->caller;
    if (caller->person[0] && person[0] && strcmp(caller->person, person) != 0)
        return yw_err_set(err, YW_EDENIED, "/person: this token is '%s''s; got '%s'",
                          caller->person, person);
    bool office = caller->role == YW_ROLE_TIER;
    char slot[YW_NAME_MAX + 1];
    snprintf(slot, sizeof(slot), "%s%s", office ? "@" : "", caller->team);
    if ((caller->role == YW_ROLE_TEAM || office) && !caller->person[0] &&
        yw_auth_named(exchange->net->auth, caller->drill, slot))
        return yw_err_set(err, YW_EDENIED,
                          "/person: the people of this %s answer with tokens of their "
                          "own",
                          office ? "office" : "team");
    if (caller->person[0])
        (void)yw_copy(person, YW_NAME_MAX, caller->person);
    return 0;
}

/* "team:blue/ir_lead", and the person's name behind it where there is one. */
static void put_actor(const struct yw_exchange *exchange, struct yw_command *command,
                      const char *role, const char *person)
{
    if (exchange->caller.role == YW_ROLE_CONTROL)
        command->team = -1;
    else
        (void)yw_copyf(command->actor, sizeof(command->actor), "%s:%.40s/%.48s%s%s",
                       exchange->caller.role == YW_ROLE_TIER ? "office" : "team",
                       exchange->caller.team, role, person[0] ? "/" : "", person);
}

int yw_api_question_answer(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_request_answer answer;
    int64_t run = 0;
    int code = read_run(exchange, &run, err);
    if (!code)
        code = yw_request_answer_decode(&answer, exchange->body.data, exchange->body.size,
                                        err);
    if (!code)
        code = check_role(exchange, answer.role, err);
    if (!code)
        code = check_person(exchange, answer.person, err);
    if (code)
        return code;
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_ANSWER);
    call->command->answer = answer;
    call->command->run = run;
    put_actor(exchange, call->command, answer.role, answer.person);
    return yw_call_start(exchange, call, err);
}

int yw_api_question_task(struct yw_exchange *exchange, struct yw_err *err)
{
    bool evidence = strcmp(strrchr(exchange->path, '/') + 1, "evidence") == 0;
    struct yw_request_task task;
    int64_t run = 0;
    int code = read_run(exchange, &run, err);
    if (!code)
        code = yw_request_task_decode(&task,
                                      evidence ? YW_REQUEST_EVIDENCE : YW_REQUEST_CONFIRM,
                                      exchange->body.data, exchange->body.size, err);
    if (code)
        return code;
    code = check_role(exchange, task.role, err);
    if (!code)
        code = check_person(exchange, task.person, err);
    if (code) {
        yw_request_task_fini(&task);
        return code;
    }
    struct yw_call *call =
        yw_call_new(exchange, evidence ? YW_COMMAND_SUBMIT : YW_COMMAND_CONFIRM);
    call->task = task;
    call->command->task = &call->task;
    call->command->run = run;
    put_actor(exchange, call->command, task.role, task.person);
    return yw_call_start(exchange, call, err);
}
