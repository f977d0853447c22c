/* /api/v1/drills/ID/resets, …/checkpoints, …/evidence: points in time of machines. */
#include "base/mem.h"
#include "net/door.h"

#include <stdlib.h>
#include <string.h>

static int encode_number(struct yw_call *call, struct yw_buf *out, struct yw_err *err)
{
    (void)err;
    const struct yw_command *command = call->command;
    const char *name = command->kind == YW_COMMAND_EVIDENCE ? "evidence" : "checkpoint";
    yw_buf_printf(out, "{\"%s\":%lld,\"ok\":true,\"seq\":%lld}", name,
                  (long long)command->ret_number, (long long)command->ret_seq);
    return 0;
}

/* A command about what the body names, with these members at most. */
static int start(struct yw_exchange *exchange, enum yw_command_kind kind,
                 const char *const *names, size_t count, struct yw_err *err)
{
    struct yw_request_point point;
    int code = yw_request_point_decode(&point, names, count, exchange->body.data,
                                       exchange->body.size, err);
    if (code)
        return code;
    struct yw_call *call = yw_call_new(exchange, kind);
    call->command->point = point;
    if (kind != YW_COMMAND_RESET)
        call->encode = encode_number;
    return yw_call_start(exchange, call, err);
}

int yw_api_reset(struct yw_exchange *exchange, struct yw_err *err)
{
    static const char *const names[] = {"machine", "reason", "team", "to"};
    return start(exchange, YW_COMMAND_RESET, names, 4, err);
}

int yw_api_checkpoint_create(struct yw_exchange *exchange, struct yw_err *err)
{
    static const char *const names[] = {"label", "team"};
    return start(exchange, YW_COMMAND_CHECKPOINT, names, 2, err);
}

int yw_api_evidence(struct yw_exchange *exchange, struct yw_err *err)
{
    static const char *const names[] = {"machine", "reason", "team"};
    return start(exchange, YW_COMMAND_EVIDENCE, names, 3, err);
}

/* The teams of a fork are those of the drill it came from; its tokens are its own. */
static void take_teams(struct yw_call *call, const struct yw_view *view)
{
    struct yw_request_create *create = &call->create;
    for (size_t i = 0; i < view->state.teams.count && i < YW_SPEC_TEAMS_MAX; i++) {
        const struct yw_team_fold *team = yw_vec_at(&view->state.teams, i);
        (void)YW_COPY(create->teams[i], team->name);
        create->team_count = i + 1;
    }
}

int yw_api_checkpoint_use(struct yw_exchange *exchange, struct yw_err *err)
{
    static const char *const names[] = {"reason"};
    const char *number = exchange->parts[1];
    const char *verb = strrchr(exchange->path, '/') + 1;
    struct yw_request_point point;
    if (strlen(number) > 15 || number[strspn(number, "0123456789")])
        return yw_err_set(err, YW_ENOTFOUND, "no checkpoint '%s'", number);
    int code = yw_request_point_decode(&point, names, 1, exchange->body.data,
                                       exchange->body.size, err);
    if (code)
        return code;
    bool fork = strcmp(verb, "fork") == 0;
    const struct yw_view *view = yw_conductor_view(
        exchange->net->conductor, exchange->parts[0], YW_AUDIENCE_CONTROL, -1);
    struct yw_call *call =
        yw_call_new(exchange, fork                           ? YW_COMMAND_FORK
                              : strcmp(verb, "restore") == 0 ? YW_COMMAND_RESTORE
                                                             : YW_COMMAND_DROP);
    call->command->number = strtoll(number, NULL, 10);
    (void)YW_COPY(call->command->text, point.reason);
    call->encode = fork ? yw_call_encode_created : encode_number;
    if (fork) {
        call->success = 201;
        take_teams(call, view);
    }
    return yw_call_start(exchange, call, err);
}

static void put_checkpoint(struct yw_buf *out, const struct yw_drill_state *state,
                           const struct yw_checkpoint_fold *kept)
{
    const struct yw_team_fold *team = yw_drill_team(state, kept->team);
    yw_buf_printf(out,
                  "{\"bytes\":%lld,\"checkpoint\":%lld,\"drill_ms\":%lld,"
                  "\"frozen_ms\":%lld,\"label\":",
                  (long long)kept->bytes, (long long)kept->checkpoint,
                  (long long)kept->drill_ms, (long long)kept->frozen_ms);
    yw_json_string(out, kept->label);
    yw_buf_puts(out, ",\"point\":");
    yw_json_string(out, kept->point);
    yw_buf_printf(out, ",\"seq\":%lld,\"team\":", (long long)kept->seq);
    yw_json_string(out, team ? team->name : "");
    yw_buf_printf(out, ",\"wall_us\":%lld}", (long long)kept->wall_us);
}

int yw_api_checkpoint_list(struct yw_exchange *exchange, struct yw_err *err)
{
    const struct yw_view *view = yw_conductor_view(
        exchange->net->conductor, exchange->parts[0], YW_AUDIENCE_CONTROL, -1);
    if (!view)
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", exchange->parts[0]);
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_buf_puts(&out, "{\"checkpoints\":[");
    bool first = true;
    for (size_t i = 0; i < view->state.checkpoints.count; i++) {
        const struct yw_checkpoint_fold *kept = yw_vec_at(&view->state.checkpoints, i);
        if (kept->state != YW_CHECKPOINT_KEPT)
            continue;
        yw_buf_puts(&out, first ? "" : ",");
        put_checkpoint(&out, &view->state, kept);
        first = false;
    }
    yw_buf_puts(&out, "]}");
    yw_exchange_json(exchange, 200, &out);
    return 0;
}
