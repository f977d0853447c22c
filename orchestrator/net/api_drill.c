/* /api/v1/drills/…: create, state, the verbs of control, clock, plan. */
#include "base/mem.h"
#include "net/door.h"

#include <string.h>

/* A token for each office that people play. */
static int encode_offices(struct yw_call *call, struct yw_buf *out, struct yw_err *err)
{
    const char *drill = call->command->ret_drill;
    int count = 0;
    yw_buf_puts(out, ",\"tiers\":{");
    for (int tier = 1; tier < YW_EVENT_TIERS; tier++) {
        char token[YW_ID_SIZE], slot[YW_NAME_MAX];
        if (!yw_conductor_tier(call->net->conductor, drill, tier))
            continue;
        snprintf(slot, sizeof(slot), "@%s", yw_spec_tier_name(tier));
        int code = yw_auth_issue(call->net->auth, drill, slot, token, err);
        if (code)
            return code;
        yw_buf_printf(out, "%s\"%s\":{\"token\":\"%s\"}", count++ ? "," : "",
                      yw_spec_tier_name(tier), token);
    }
    yw_buf_puts(out, "}");
    return 0;
}

/* The tokens are told here and nowhere else. */
int yw_call_encode_created(struct yw_call *call, struct yw_buf *out, struct yw_err *err)
{
    const struct yw_command *command = call->command;
    yw_buf_puts(out, "{\"id\":");
    yw_json_string(out, command->ret_drill);
    yw_buf_puts(out, ",\"teams\":{");
    for (size_t i = 0; i < call->create.team_count; i++) {
        char token[YW_ID_SIZE];
        const char *team = call->create.teams[i];
        int code = yw_auth_issue(call->net->auth, command->ret_drill, team, token, err);
        if (code)
            return code;
        yw_buf_puts(out, i ? "," : "");
        yw_json_string(out, team);
        yw_buf_printf(out, ":{\"token\":\"%s\"}", token);
    }
    yw_buf_puts(out, "}");
    int offices = encode_offices(call, out, err);
    if (offices)
        return offices;
    yw_buf_puts(out, "}");
    return yw_auth_keep(call->net->auth, err);
}

int yw_api_drill_create(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_CREATE);
    int code = yw_request_create_decode(&call->create, exchange->body.data,
                                        exchange->body.size, err);
    if (code) {
        call->create.package = NULL;
        yw_call_free(call);
        return code;
    }
    call->command->create = &call->create;
    call->command->speed = call->create.speed;
    call->encode = yw_call_encode_created;
    call->success = 201;
    return yw_call_start(exchange, call, err);
}

int yw_api_drill_state(struct yw_exchange *exchange, struct yw_err *err)
{
    enum yw_audience audience = YW_AUDIENCE_PUBLIC;
    if (exchange->caller.role == YW_ROLE_CONTROL)
        audience = YW_AUDIENCE_CONTROL;
    else if (exchange->caller.role == YW_ROLE_TEAM)
        audience = YW_AUDIENCE_TEAM;
    else if (exchange->caller.role == YW_ROLE_TIER)
        audience = YW_AUDIENCE_TIER;
    struct yw_frame *frame = yw_conductor_snapshot(
        exchange->net->conductor, exchange->parts[0], audience, exchange->team);
    if (!frame)
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", exchange->parts[0]);
    yw_exchange_frame(exchange, frame);
    return 0;
}

static const struct {
    const char *word;
    enum yw_command_kind kind;
} verbs[] = {
    {"up", YW_COMMAND_UP},       {"start", YW_COMMAND_START},
    {"pause", YW_COMMAND_PAUSE}, {"resume", YW_COMMAND_RESUME},
    {"end", YW_COMMAND_END},     {"down", YW_COMMAND_DOWN},
    {"stop", YW_COMMAND_STOP},
};

/* An empty body is a verb without a reason. */
static int decode_reason(struct yw_exchange *exchange, struct yw_request_text *ret,
                         struct yw_err *err)
{
    *ret = (struct yw_request_text){.text = ""};
    if (exchange->body.size == 0)
        return 0;
    return yw_request_text_decode(ret, "reason", exchange->body.data, exchange->body.size,
                                  err);
}

int yw_api_drill_verb(struct yw_exchange *exchange, struct yw_err *err)
{
    const char *word = strrchr(exchange->path, '/') + 1;
    size_t i = 0;
    while (strcmp(verbs[i].word, word) != 0)
        i++; /* the route table lists these words only */
    struct yw_request_text reason;
    int code = decode_reason(exchange, &reason, err);
    if (code)
        return code;
    if (reason.speed != 0.0)
        return yw_err_set(err, YW_EINVAL, "/speed: only the clock takes a speed");
    if (reason.override[0] != '\0' && verbs[i].kind != YW_COMMAND_UP)
        return yw_err_set(err, YW_EINVAL, "/override: only up takes one");
    if (reason.how[0] != '\0' && verbs[i].kind != YW_COMMAND_UP)
        return yw_err_set(err, YW_EINVAL, "/how: only up takes one");
    struct yw_call *call = yw_call_new(exchange, verbs[i].kind);
    (void)YW_COPY(call->command->how, reason.how);
    (void)YW_COPY(call->command->text, reason.text);
    (void)YW_COPY(call->command->override, reason.override);
    return yw_call_start(exchange, call, err);
}

int yw_api_drill_clock(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_request_text request;
    int code = decode_reason(exchange, &request, err);
    if (code)
        return code;
    if (!(request.speed > 0.0 && request.speed <= YW_CLOCK_SPEED_MAX))
        return yw_err_set(err, YW_EINVAL, "/speed: expected a number above 0, at most %g",
                          YW_CLOCK_SPEED_MAX);
    if (request.override[0] != '\0')
        return yw_err_set(err, YW_EINVAL, "/override: only up takes one");
    if (request.how[0] != '\0')
        return yw_err_set(err, YW_EINVAL, "/how: only up takes one");
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_SPEED);
    (void)YW_COPY(call->command->text, request.text);
    call->command->speed = request.speed;
    return yw_call_start(exchange, call, err);
}

int yw_api_drill_plan(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    int code = yw_conductor_plan(exchange->net->conductor, exchange->parts[0], &out, err);
    if (code)
        yw_buf_fini(&out);
    else
        yw_exchange_json(exchange, 200, &out);
    return code;
}
