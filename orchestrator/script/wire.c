/* Requests and replies as packed bytes. Both sides read with the same suspicion. */
#include "script/wire.h"

#include "base/mem.h"
#include "base/pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPEED_MAX 120.0

void yw_script_request_pack(struct yw_buf *out, const struct yw_script_request *request)
{
    yw_pack_u8(out, (uint8_t)request->ask);
    switch (request->ask) {
    case YW_SCRIPT_LOAD:
        yw_pack_str(out, request->scenario_name);
        yw_pack_bytes(out, request->scenario, request->scenario_size);
        yw_pack_u8(out, request->rehearsal != NULL);
        if (request->rehearsal != NULL)
            yw_pack_bytes(out, request->rehearsal, request->rehearsal_size);
        yw_pack_i64(out, (int64_t)request->seed);
        return;
    case YW_SCRIPT_START:
        yw_pack_u32(out, (uint32_t)request->co);
        yw_pack_u8(out, request->is_player);
        yw_pack_u32(out, (uint32_t)request->team);
        yw_pack_str(out, request->team_name);
        yw_pack_str(out, request->player);
        return;
    case YW_SCRIPT_RESUME:
        yw_pack_u32(out, (uint32_t)request->co);
        yw_pack_u8(out, request->holds);
        return;
    }
}

/* A source may hold any byte; Lua's parser says what is wrong with it. */
static char *take_source(struct yw_unpack *in, size_t *ret_size)
{
    const void *bytes = yw_unpack_bytes(in, YW_SCRIPT_SOURCE_MAX, ret_size);
    char *copy = NULL;
    if (bytes != NULL) {
        copy = yw_new(*ret_size + 1);
        memcpy(copy, bytes, *ret_size);
    }
    return copy;
}

static bool take_flag(struct yw_unpack *in)
{
    uint8_t flag = yw_unpack_u8(in);
    if (flag > 1)
        in->failed = true;
    return flag == 1;
}

static int take_co(struct yw_unpack *in)
{
    return (int)yw_unpack_count(in, YW_SCRIPT_CO_MAX - 1);
}

int yw_script_request_unpack(struct yw_script_request *ret, const void *bytes,
                             size_t size, struct yw_err *err)
{
    struct yw_unpack in;
    memset(ret, 0, sizeof(*ret));
    yw_unpack_init(&in, bytes, size);
    uint8_t ask = yw_unpack_u8(&in);
    if (ask == YW_SCRIPT_LOAD) {
        yw_unpack_str(&in, ret->scenario_name, sizeof(ret->scenario_name));
        ret->scenario = take_source(&in, &ret->scenario_size);
        if (take_flag(&in))
            ret->rehearsal = take_source(&in, &ret->rehearsal_size);
        ret->seed = (uint64_t)yw_unpack_i64(&in);
    } else if (ask == YW_SCRIPT_START) {
        ret->co = take_co(&in);
        ret->is_player = take_flag(&in);
        ret->team = (int)yw_unpack_count(&in, YW_SPEC_TEAMS_MAX);
        yw_unpack_str(&in, ret->team_name, sizeof(ret->team_name));
        yw_unpack_str(&in, ret->player, sizeof(ret->player));
    } else if (ask == YW_SCRIPT_RESUME) {
        ret->co = take_co(&in);
        ret->holds = take_flag(&in);
    } else {
        in.failed = true;
    }
    if (!yw_unpack_done(&in)) {
        yw_script_request_fini(ret);
        return yw_err_set(err, YW_EINVAL, "script host: a malformed request");
    }
    ret->ask = (enum yw_script_ask)ask;
    return 0;
}

void yw_script_request_fini(struct yw_script_request *request)
{
    if (request == NULL)
        return;
    /* Unpacked sources are ours, though the struct shows them as borrowed. */
    free((void *)(uintptr_t)request->scenario);
    free((void *)(uintptr_t)request->rehearsal);
    request->scenario = NULL;
    request->rehearsal = NULL;
}

static void pack_verb(struct yw_buf *out, const struct yw_script_verb *verb)
{
    yw_pack_u32(out, (uint32_t)verb->kind);
    yw_pack_str(out, verb->subject);
    yw_pack_str(out, verb->role);
    yw_pack_str(out, verb->text.zh);
    yw_pack_str(out, verb->text.en);
    yw_pack_i64(out, verb->span_ms);
    yw_cond_pack(out, &verb->cond);
    yw_pack_u32(out, (uint32_t)verb->argc);
    for (size_t i = 0; i < verb->argc; i++)
        yw_pack_str(out, verb->argv[i]);
    yw_pack_u32(out, (uint32_t)verb->var_count);
    for (size_t i = 0; i < verb->var_count; i++) {
        yw_pack_str(out, verb->vars[i].name);
        yw_pack_str(out, verb->vars[i].value);
    }
    yw_pack_str(out, verb->evidence);
    yw_pack_str(out, verb->second);
    yw_pack_str(out, verb->tag);
    yw_pack_str(out, verb->input);
    yw_pack_f64(out, verb->size);
    yw_pack_u32(out, (uint32_t)verb->line);
}

static void unpack_verb(struct yw_unpack *in, struct yw_script_verb *ret)
{
    ret->kind = (enum yw_script_verb_kind)yw_unpack_count(in, YW_VERB_KINDS - 1);
    yw_unpack_str(in, ret->subject, sizeof(ret->subject));
    yw_unpack_str(in, ret->role, sizeof(ret->role));
    yw_unpack_str(in, ret->text.zh, sizeof(ret->text.zh));
    yw_unpack_str(in, ret->text.en, sizeof(ret->text.en));
    ret->span_ms = yw_unpack_i64(in);
    if (ret->span_ms < 0 || yw_cond_unpack(in, &ret->cond) != 0)
        in->failed = true;
    ret->argc = yw_unpack_count(in, YW_SPEC_ARGS_MAX);
    for (size_t i = 0; i < ret->argc; i++)
        yw_unpack_str(in, ret->argv[i], sizeof(ret->argv[i]));
    ret->var_count = yw_unpack_count(
        in, ret->kind == YW_VERB_ENTER ? YW_SCRIPT_VARS_MAX : YW_EVENT_VARS_MAX);
    for (size_t i = 0; i < ret->var_count; i++) {
        yw_unpack_str(in, ret->vars[i].name, sizeof(ret->vars[i].name));
        yw_unpack_str(in, ret->vars[i].value, sizeof(ret->vars[i].value));
    }
    yw_unpack_str(in, ret->evidence, sizeof(ret->evidence));
    yw_unpack_str(in, ret->second, sizeof(ret->second));
    yw_unpack_str(in, ret->tag, sizeof(ret->tag));
    yw_unpack_str(in, ret->input, sizeof(ret->input));
    ret->size = yw_unpack_f64(in);
    if (!isfinite(ret->size))
        in->failed = true;
    ret->line = (int)yw_unpack_count(in, YW_SCRIPT_SOURCE_MAX);
}

static void pack_loaded(struct yw_buf *out, const struct yw_script_reply *reply)
{
    struct yw_buf spec;
    yw_buf_init(&spec, YW_SCRIPT_MESSAGE_MAX);
    yw_spec_pack(&spec, reply->spec);
    yw_pack_bytes(out, spec.data, spec.size);
    out->overflow = out->overflow || spec.overflow;
    yw_buf_fini(&spec);
    yw_pack_u8(out, reply->has_story);
    yw_pack_u32(out, (uint32_t)reply->player_count);
    for (size_t i = 0; i < reply->player_count; i++) {
        yw_pack_str(out, reply->players[i].team);
        yw_pack_u8(out, (uint8_t)reply->players[i].tier);
        yw_pack_str(out, reply->players[i].player);
    }
    yw_pack_f64(out, reply->rehearsal_speed);
}

static void unpack_loaded(struct yw_unpack *in, struct yw_script_reply *ret)
{
    size_t size = 0;
    const void *spec = yw_unpack_bytes(in, YW_SCRIPT_MESSAGE_MAX, &size);
    ret->spec = yw_spec_new();
    if (spec == NULL || yw_spec_unpack(ret->spec, spec, size, NULL) != 0 ||
        yw_spec_check(ret->spec, NULL) != 0)
        in->failed = true;
    ret->has_story = take_flag(in);
    ret->player_count = yw_unpack_count(in, YW_SCRIPT_PLAYERS_MAX);
    for (size_t i = 0; i < ret->player_count; i++) {
        yw_unpack_str(in, ret->players[i].team, sizeof(ret->players[i].team));
        ret->players[i].tier = yw_unpack_u8(in);
        if (ret->players[i].tier >= YW_EVENT_TIERS)
            in->failed = true;
        yw_unpack_str(in, ret->players[i].player, sizeof(ret->players[i].player));
    }
    ret->rehearsal_speed = yw_unpack_f64(in);
    if (!(ret->rehearsal_speed >= 1 && ret->rehearsal_speed <= SPEED_MAX))
        in->failed = true;
}

void yw_script_reply_pack(struct yw_buf *out, const struct yw_script_reply *reply)
{
    yw_pack_u8(out, (uint8_t)reply->answer);
    switch (reply->answer) {
    case YW_SCRIPT_LOADED:
        pack_loaded(out, reply);
        return;
    case YW_SCRIPT_VERB:
        pack_verb(out, &reply->verb);
        return;
    case YW_SCRIPT_FINISHED:
        return;
    case YW_SCRIPT_FAULT:
        yw_pack_u8(out, (uint8_t)-reply->fault.code);
        yw_pack_str(out, reply->fault.text);
        return;
    }
}

static void unpack_fault(struct yw_unpack *in, struct yw_err *ret)
{
    int code = -(int)yw_unpack_u8(in);
    yw_unpack_str(in, ret->text, sizeof(ret->text));
    if (code >= 0 || code < YW_ECORRUPT)
        in->failed = true;
    ret->code = code;
}

int yw_script_reply_unpack(struct yw_script_reply *ret, const void *bytes, size_t size,
                           struct yw_err *err)
{
    struct yw_unpack in;
    memset(ret, 0, sizeof(*ret));
    yw_unpack_init(&in, bytes, size);
    uint8_t answer = yw_unpack_u8(&in);
    if (answer == YW_SCRIPT_LOADED)
        unpack_loaded(&in, ret);
    else if (answer == YW_SCRIPT_VERB)
        unpack_verb(&in, &ret->verb);
    else if (answer == YW_SCRIPT_FAULT)
        unpack_fault(&in, &ret->fault);
    else if (answer != YW_SCRIPT_FINISHED)
        in.failed = true;
    if (!yw_unpack_done(&in)) {
        yw_script_reply_fini(ret);
        return yw_err_set(err, YW_ECORRUPT, "script host: a malformed reply");
    }
    ret->answer = (enum yw_script_answer)answer;
    return 0;
}

void yw_script_reply_fini(struct yw_script_reply *reply)
{
    if (reply == NULL)
        return;
    yw_spec_free(reply->spec);
    reply->spec = NULL;
}
