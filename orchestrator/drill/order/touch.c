/* What control does to machines by hand: programs and files. */
#include "drill/order/order.h"

#include "base/mem.h"
#include "model/argv.h"

#include <stdlib.h>
#include <string.h>

#define MOVE_MS 20000

static int may_touch(const struct yw_drill *drill, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    if (state->stopped) {
        return yw_err_set(err, YW_ESTATE,
                          "drill '%s' is stopped: its machines stand still", drill->id);
    }
    if (state->phase < YW_PHASE_READY || state->phase > YW_PHASE_ENDED ||
        state->range_pending) {
        return yw_err_set(err, YW_ESTATE, "drill '%s' is %s: no machine serves",
                          drill->id, yw_phase_name(state->phase));
    }
    return 0;
}

int yw_touch_exec(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_request_action *action = &command->action;
    struct yw_event event;
    int64_t seq = 0;
    int team = -1;
    int code = yw_order_machine(drill, &command->point, &team, err);
    if (code == 0) {
        code = may_touch(drill, err);
    }
    if (code != 0) {
        return code;
    }
    yw_drill_event(&event, YW_EVENT_EXEC_ORDERED, team, command->actor);
    YW_COPY(event.key, command->key);
    code = yw_argv_join(event.exec_ordered.argv, sizeof event.exec_ordered.argv,
                        action->argv, action->argc, err);
    if (code != 0) {
        return code;
    }
    YW_COPY(event.exec_ordered.machine, command->point.machine);
    event.exec_ordered.action = yw_drill_number(&drill->next_action, state->last_action);
    event.exec_ordered.request = yw_range_request(drill, team, command->point.machine);
    code = yw_drill_emit(drill, &event, &seq, err);
    return code != 0 ? code : yw_pending_order(drill, command, seq);
}

/* ---- files ---- */

int yw_touch_file(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_request_file *file = command->file;
    struct yw_event event;
    int64_t seq = 0;
    int team = -1;
    int code = yw_order_machine(drill, &command->point, &team, err);
    if (code == 0) {
        code = may_touch(drill, err);
    }
    if (code == 0 && (file->path[0] != '/' || strstr(file->path, "/../") != NULL)) {
        code = yw_err_set(err, YW_EINVAL, "/path: expected an absolute path; got '%s'",
                          file->path);
    }
    if (code != 0) {
        return code;
    }
    yw_drill_event(&event, YW_EVENT_FILE_ORDERED, team, command->actor);
    YW_COPY(event.key, command->key);
    event.file_ordered.file = yw_drill_number(&drill->next_file, state->last_file);
    YW_COPY(event.file_ordered.machine, command->point.machine);
    YW_COPY(event.file_ordered.path, file->path);
    event.file_ordered.put = file->put;
    if (file->put) {
        struct yw_hash hash;
        yw_hash_of(file->bytes, file->size, &hash);
        yw_hash_text(&hash, event.file_ordered.hash);
        event.file_ordered.bytes = (int64_t)file->size;
    }
    code = yw_drill_emit(drill, &event, &seq, err);
    return code != 0 ? code : yw_pending_order(drill, command, seq);
}

/* Whoever asked still waits: the bytes are theirs, before and after. */
static struct yw_command *command_of(const struct yw_drill *drill, int64_t order)
{
    for (size_t i = 0; i < drill->pending.count; i++) {
        const struct yw_drill_pending *pending = yw_vec_at(&drill->pending, i);
        if (pending->order == order && pending->command->kind == YW_COMMAND_FILE) {
            return pending->command;
        }
    }
    return NULL;
}

static void end_file(struct yw_range_call *call, const struct yw_buf *bytes,
                     const char *problem)
{
    const struct yw_order_fold *order = yw_order_of(call);
    struct yw_event event;
    struct yw_hash hash;
    if (order == NULL) {
        return;
    }
    yw_order_event(call, &event, YW_EVENT_FILE_MOVED);
    event.file_moved.file = order->number;
    YW_COPY(event.file_moved.machine, order->machine);
    event.file_moved.put = order->put;
    YW_COPY(event.file_moved.path, order->path);
    event.file_moved.ok = problem == NULL;
    if (bytes != NULL) {
        yw_hash_of(bytes->data != NULL ? bytes->data : "", bytes->size, &hash);
        yw_hash_text(&hash, event.file_moved.hash);
        event.file_moved.bytes = (int64_t)bytes->size;
    }
    YW_COPY(event.file_moved.detail, problem != NULL ? problem : "");
    (void)yw_drill_emit(call->drill, &event, NULL, NULL);
}

static void next_piece(struct yw_drill *drill, const struct yw_order_fold *order,
                       int64_t offset);

static void on_got(struct yw_range_call *call, struct yw_command *command)
{
    const struct yw_order_fold *order = yw_order_of(call);
    struct yw_buf *out = &command->ret_bytes;
    if (call->call.ret_size > 0) {
        yw_buf_put(out, call->call.ret_bytes, call->call.ret_size);
    }
    if (out->overflow) {
        char problem[96];
        (void)yw_copyf(problem, sizeof problem, "the file is above %d bytes",
                       YW_REQUEST_MOVE_MAX);
        end_file(call, NULL, problem);
    } else if (call->call.ret_size == 0) {
        end_file(call, out, NULL);
    } else if (order != NULL) {
        next_piece(call->drill, order, (int64_t)out->size);
    }
}

static void on_piece(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_command *command = command_of(call->drill, call->cause);
    const struct yw_order_fold *order = yw_order_of(call);
    if (code != 0) {
        end_file(call, NULL, err->text);
    } else if (command == NULL || order == NULL) {
        end_file(call, NULL, "nobody waits for it any more");
    } else if (!order->put) {
        on_got(call, command);
    } else if (call->call.offset + (int64_t)call->call.file.size <
               (int64_t)command->file->size) {
        next_piece(call->drill, order, call->call.offset + (int64_t)call->call.file.size);
    } else {
        struct yw_buf whole = {.data = command->file->bytes, .size = command->file->size};
        end_file(call, &whole, NULL);
    }
    free(call->call.ret_bytes);
    call->call.ret_bytes = NULL;
}

static void next_piece(struct yw_drill *drill, const struct yw_order_fold *order,
                       int64_t offset)
{
    const struct yw_command *command = command_of(drill, order->seq);
    struct yw_range_call *call = yw_order_call(
        drill, order, order->put ? YW_VIRT_PUT : YW_VIRT_GET, MOVE_MS, on_piece);
    YW_COPY(call->call.path, order->path);
    call->call.offset = offset;
    if (order->put && command != NULL) {
        size_t rest = command->file->size - (size_t)offset;
        call->call.file.bytes = command->file->bytes + offset;
        call->call.file.size = rest < YW_VIRT_FILE_MAX ? rest : YW_VIRT_FILE_MAX;
    }
    yw_range_call_start(call);
}

void yw_touch_begin(struct yw_drill *drill, const struct yw_order_fold *order)
{
    if (command_of(drill, order->seq) == NULL) {
        /* the bytes went with the core that had them */
        struct yw_range_call call = {
            .drill = drill, .team = order->team, .cause = order->seq};
        end_file(&call, NULL,
                 order->put ? "the platform restarted; a part may stand in the machine"
                            : "the platform restarted");
        return;
    }
    next_piece(drill, order, 0);
}
