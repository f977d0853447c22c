/* POST /api/v1/drills/ID/tokens: control hands a token of his own to a person of a team, or of an
 * office that people play ("@county"). It is told here and nowhere else; a new one ends the older. */
#include "base/log.h"
#include "base/mem.h"
#include "net/door.h"

#include <string.h>

static int check(const struct yw_exchange *exchange, const struct yw_request_task *task,
                 struct yw_err *err)
{
    const struct yw_conductor *conductor = exchange->net->conductor;
    const char *drill = exchange->parts[0];
    if (task->team[0] == '@'
            ? !yw_conductor_tier(conductor, drill, yw_spec_tier(task->team + 1))
            : yw_conductor_team(conductor, drill, task->team) < 0)
        return yw_err_set(err, YW_ENOTFOUND, "/team: no team '%s', and no such office",
                          task->team);
    if (!yw_title_valid(task->person) || strchr(task->person, '/') ||
        strlen(task->person) > YW_AUTH_PERSON_MAX)
        return yw_err_set(err, YW_EINVAL,
                          "/person: expected a name of at most %d bytes without '/'; got "
                          "'%s'",
                          YW_AUTH_PERSON_MAX, task->person);
    return 0;
}

int yw_api_token_issue(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_auth *auth = exchange->net->auth;
    const char *drill = exchange->parts[0];
    struct yw_request_task task;
    char token[YW_ID_SIZE];
    struct yw_buf out;
    int code = yw_request_task_decode(&task, YW_REQUEST_TOKEN, exchange->body.data,
                                      exchange->body.size, err);
    if (!code)
        code = check(exchange, &task, err);
    if (!code)
        code = yw_auth_issue_person(auth, drill, task.team, task.person, token, err);
    if (!code)
        code = yw_auth_keep(auth, err);
    if (code)
        return code;
    yw_info("net", "%s: a token for a person of team '%s'", drill, task.team);
    yw_buf_init(&out, YW_HTTP_BODY_MAX);
    yw_buf_puts(&out, "{\"person\":");
    yw_json_string(&out, task.person);
    yw_buf_printf(&out, ",\"team\":\"%s\",\"token\":\"%s\"}", task.team, token);
    yw_exchange_json(exchange, 201, &out);
    return 0;
}
