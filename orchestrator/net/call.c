#include "net/call.h"

#include "base/mem.h"
#include "net/door.h"

#include <stdlib.h>
#include <string.h>

static void digest_of(const struct yw_exchange *exchange, struct yw_hash *ret)
{
    struct yw_hasher hasher;
    yw_hasher_init(&hasher);
    yw_hasher_add(&hasher, exchange->path, strlen(exchange->path) + 1);
    yw_hasher_add(&hasher, exchange->body.data, exchange->body.size);
    yw_hasher_end(&hasher, ret);
}

static void actor_of(const struct yw_exchange *exchange, char actor[YW_EVENT_ACTOR_MAX])
{
    if (exchange->caller.role == YW_ROLE_TIER)
        (void)yw_copyf(actor, YW_EVENT_ACTOR_MAX, "office:%s%s%s", exchange->caller.team,
                       exchange->caller.person[0] ? "/" : "", exchange->caller.person);
    else if (exchange->caller.role == YW_ROLE_TEAM)
        (void)yw_copyf(actor, YW_EVENT_ACTOR_MAX, "team:%s%s%s", exchange->caller.team,
                       exchange->caller.person[0] ? "/" : "", exchange->caller.person);
    else
        snprintf(actor, YW_EVENT_ACTOR_MAX, "control");
}

/* "<actor>:<key>": two teams may choose the same key. Too long for an event: its hash. */
static void key_of(const struct yw_exchange *exchange, char key[YW_EVENT_KEY_MAX])
{
    char actor[YW_EVENT_ACTOR_MAX];
    char whole[YW_EVENT_ACTOR_MAX + YW_NAME_MAX + YW_HTTP_KEY_MAX + 4];
    actor_of(exchange, actor);
    int size = snprintf(whole, sizeof(whole), "%s:%s", actor, exchange->key);
    if (size < YW_EVENT_KEY_MAX) {
        memcpy(key, whole, (size_t)size + 1);
        return;
    }
    struct yw_hash hash;
    yw_hash_of(whole, (size_t)size, &hash);
    yw_hash_text(&hash, key);
}

static void on_done(struct yw_command *command, int code, const struct yw_err *err);

struct yw_call *yw_call_new(struct yw_exchange *exchange, enum yw_command_kind kind)
{
    struct yw_call *call = yw_new(sizeof(*call));
    call->net = exchange->net;
    call->success = 200;
    call->encode = yw_call_encode_ok;
    yw_buf_init(&call->body, YW_HTTP_BODY_MAX);
    key_of(exchange, call->key);
    digest_of(exchange, &call->digest);
    struct yw_command *command = yw_new(sizeof(*command));
    bool office = exchange->caller.role == YW_ROLE_TIER;
    command->kind = kind;
    command->team = office ? -1 : exchange->team;
    command->tier = office ? exchange->team : 0;
    command->done = on_done;
    command->owner = call;
    (void)YW_COPY(command->drill, kind == YW_COMMAND_CREATE ? "" : exchange->parts[0]);
    (void)YW_COPY(command->key, call->key);
    actor_of(exchange, command->actor);
    call->command = command;
    return call;
}

void yw_call_free(struct yw_call *call)
{
    if (!call)
        return;
    yw_package_free(call->create.package); /* NULL once the conductor took it */
    yw_request_file_fini(&call->file);
    free(call->duty);
    yw_request_task_fini(&call->task);
    if (call->command)
        yw_buf_fini(&call->command->ret_bytes);
    free(call->command);
    yw_buf_fini(&call->body);
    free(call);
}

static void unlink_call(struct yw_call *call)
{
    for (struct yw_call **at = &call->net->calls; *at; at = &(*at)->next)
        if (*at == call) {
            *at = call->next;
            return;
        }
}

/* Keeps the newest YW_CALLS_KEPT finished calls. */
static void forget_old(struct yw_net *net)
{
    size_t kept = 0;
    for (struct yw_call **at = &net->calls; *at;) {
        struct yw_call *call = *at;
        if (call->done && ++kept > YW_CALLS_KEPT) {
            *at = call->next;
            yw_call_free(call);
        } else {
            at = &call->next;
        }
    }
}

static void answer_from(struct yw_exchange *exchange, const struct yw_call *call)
{
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_buf_put(&out, call->body.data, call->body.size);
    yw_exchange_json(exchange, call->status, &out);
}

static void finish(struct yw_call *call, int code, const struct yw_err *err)
{
    struct yw_err why = {0};
    if (code)
        why = *err;
    else
        code = call->encode(call, &call->body, &why);
    call->status = code ? yw_http_status(code) : call->success;
    if (code) {
        yw_buf_clear(&call->body);
        yw_error_encode(&call->body, &why);
    }
}

static void on_done(struct yw_command *command, int code, const struct yw_err *err)
{
    struct yw_call *call = command->owner;
    call->done = true;
    if (!call->net) {
        yw_call_free(call);
        return;
    }
    finish(call, code, err);
    yw_package_free(call->create.package);
    call->create.package = NULL;
    yw_request_file_fini(&call->file);
    yw_buf_fini(&call->command->ret_bytes);
    free(call->command);
    call->command = NULL;
    for (size_t i = 0; i < YW_CALL_WAITERS; i++) {
        struct yw_exchange *waiter = call->waiters[i];
        call->waiters[i] = NULL;
        if (!waiter)
            continue;
        waiter->call = NULL;
        answer_from(waiter, call);
    }
    /* A failure that may pass is not remembered: the same key may try again. */
    if (call->status >= 500) {
        unlink_call(call);
        yw_call_free(call);
        return;
    }
    forget_old(call->net);
}

int yw_call_start(struct yw_exchange *exchange, struct yw_call *call, struct yw_err *err)
{
    struct yw_net *net = exchange->net;
    size_t pending = 0;
    for (const struct yw_call *at = net->calls; at; at = at->next)
        pending += !at->done;
    int code = 0;
    if (pending >= YW_CALLS_PENDING)
        code = yw_err_set(err, YW_ELIMIT, "more than %d commands under way",
                          YW_CALLS_PENDING);
    else
        code = yw_conductor_command(net->conductor, call->command, err);
    if (code) {
        yw_call_free(call);
        return code;
    }
    call->waiters[0] = exchange;
    exchange->call = call;
    call->next = net->calls;
    net->calls = call;
    return 0;
}

bool yw_call_repeat(struct yw_exchange *exchange, int *ret_code, struct yw_err *err)
{
    char key[YW_EVENT_KEY_MAX];
    struct yw_hash digest;
    key_of(exchange, key);
    struct yw_call *call = exchange->net->calls;
    while (call && strcmp(call->key, key) != 0)
        call = call->next;
    if (!call)
        return false;
    digest_of(exchange, &digest);
    *ret_code = 0;
    if (!yw_hash_equal(&digest, &call->digest)) {
        *ret_code = yw_err_set(err, YW_EEXIST,
                               "Idempotency-Key: it was used for another request");
        return true;
    }
    if (call->done) {
        answer_from(exchange, call);
        return true;
    }
    for (size_t i = 0; i < YW_CALL_WAITERS; i++)
        if (!call->waiters[i]) {
            call->waiters[i] = exchange;
            exchange->call = call;
            lws_set_timeout(exchange->wsi, NO_PENDING_TIMEOUT, 0);
            return true;
        }
    *ret_code = yw_err_set(err, YW_ESTATE, "%d requests wait for this command already",
                           YW_CALL_WAITERS);
    return true;
}

void yw_call_forget(struct yw_call *call, struct yw_exchange *exchange)
{
    for (size_t i = 0; i < YW_CALL_WAITERS; i++)
        if (call->waiters[i] == exchange)
            call->waiters[i] = NULL;
}

void yw_call_close_all(struct yw_net *net)
{
    while (net->calls) {
        struct yw_call *call = net->calls;
        net->calls = call->next;
        call->net = NULL;
        if (call->done)
            yw_call_free(call); /* else its command is the conductor's until done */
    }
}

int yw_call_encode_ran(struct yw_call *call, struct yw_buf *out, struct yw_err *err)
{
    (void)err;
    const struct yw_command *command = call->command;
    yw_buf_printf(out, "{\"exit\":%d,\"ok\":%s,\"output\":", command->ret_exit,
                  command->ret_exit == 0 ? "true" : "false");
    yw_json_string(out, command->ret_output);
    yw_buf_printf(out, ",\"seq\":%lld}", (long long)command->ret_seq);
    return 0;
}

int yw_call_encode_ok(struct yw_call *call, struct yw_buf *out, struct yw_err *err)
{
    (void)err;
    const struct yw_command *command = call->command;
    const struct yw_view *view =
        yw_conductor_view(call->net->conductor, command->drill, YW_AUDIENCE_CONTROL, -1);
    yw_buf_puts(out, "{\"ok\":true,\"phase\":");
    yw_json_string(out, view ? yw_phase_name(view->state.phase) : "archived");
    yw_buf_printf(out, ",\"seq\":%lld}", (long long)command->ret_seq);
    return 0;
}
