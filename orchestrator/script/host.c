/* The script host: reads a request, does it, writes one reply. Nothing else. */
#include "base/hash.h"
#include "base/mem.h"
#include "script/jail.h"
#include "script/state.h"
#include "script/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST_FD 3
#define REHEARSAL_NAME "rehearsal.lua"

struct host {
    bool loaded;
    struct yw_script_request source; /* of LOAD; its texts are ours */
    struct yw_spec *spec;
    bool has_story;
    size_t all_bytes;
    struct yw_script_state *states[YW_SCRIPT_CO_MAX]; /* coroutines that wait in a verb */
};

/* The declare stage in a fresh state. On failure *ret is NULL. */
static int declare(struct host *host, struct yw_script_state **ret, struct yw_err *err)
{
    struct yw_script_state *state =
        yw_script_state_new(&host->all_bytes, host->source.scenario_name,
                            host->source.scenario, host->source.scenario_size);
    state->phase = YW_SCRIPT_IN_DECLARE;
    state->spec = yw_spec_new();
    state->owns_spec = true;
    *ret = state;
    int code = yw_script_state_run(state, host->source.seed, "declare", err);
    if (code != 0) {
        yw_script_state_free(state);
        *ret = NULL;
    }
    return code;
}

static int rehearse(struct host *host, struct yw_script_state **ret, struct yw_err *err)
{
    struct yw_script_state *state =
        yw_script_state_new(&host->all_bytes, REHEARSAL_NAME, host->source.rehearsal,
                            host->source.rehearsal_size);
    state->phase = YW_SCRIPT_IN_REHEARSAL;
    state->known = host->spec;
    *ret = state;
    int code = yw_script_state_run(state, host->source.seed, "rehearsal", err);
    if (code != 0) {
        yw_script_state_free(state);
        *ret = NULL;
    }
    return code;
}

static int check_players(struct yw_script_state *state, struct yw_err *err)
{
    if (state->rehearsal_line == 0)
        return yw_err_set(err, YW_EINVAL,
                          "%s:1: no rehearsal: write rehearsal { teams = { … } }",
                          state->file);
    for (size_t i = 0; i < state->player_count; i++)
        if (!l_yw_has_player(state->lua, state->players[i].player))
            return yw_err_set(err, YW_EINVAL, "%s:%d: %s '%s': no player '%s'",
                              state->file, state->rehearsal_line,
                              state->players[i].tier > 0 ? "office" : "team",
                              state->players[i].team, state->players[i].player);
    return 0;
}

static int load_rehearsal(struct host *host, struct yw_script_reply *reply,
                          struct yw_err *err)
{
    reply->rehearsal_speed = 1;
    if (host->source.rehearsal == NULL)
        return 0;
    struct yw_script_state *state;
    int code = rehearse(host, &state, err);
    if (code != 0)
        return code;
    code = check_players(state, err);
    if (code == 0) {
        memcpy(reply->players, state->players, sizeof(reply->players));
        reply->player_count = state->player_count;
        reply->rehearsal_speed = state->rehearsal_speed;
    }
    yw_script_state_free(state);
    return code;
}

static int load_scenario(struct host *host, struct yw_err *err)
{
    struct yw_script_state *state;
    int code = declare(host, &state, err);
    if (code != 0)
        return code;
    code = yw_spec_check(state->spec, err);
    if (code == 0) {
        host->spec = state->spec;
        host->has_story = state->story_line != 0;
        state->owns_spec = false;
    }
    yw_script_state_free(state);
    return code;
}

/* Takes the request's sources over. */
static int load(struct host *host, struct yw_script_request *request,
                struct yw_script_reply *reply, struct yw_err *err)
{
    if (host->source.scenario != NULL)
        return yw_err_set(err, YW_ESTATE, "a scenario is loaded already");
    host->source = *request;
    request->scenario = NULL;
    request->rehearsal = NULL;
    if (host->source.scenario_name[0] == '\0')
        YW_COPY(host->source.scenario_name, "scenario.lua");
    int code = load_scenario(host, err);
    if (code == 0)
        code = load_rehearsal(host, reply, err);
    if (code != 0)
        return code;
    host->loaded = true;
    reply->answer = YW_SCRIPT_LOADED;
    reply->spec = host->spec; /* borrowed while it is packed */
    reply->has_story = host->has_story;
    return 0;
}

/* What a coroutine's turn came to; a coroutine that ended or failed is gone. */
static int settle(struct host *host, int co, int turn, struct yw_script_reply *reply)
{
    struct yw_script_state *state = host->states[co];
    if (turn == 1) {
        reply->answer = YW_SCRIPT_VERB;
        reply->verb = state->verb;
        return 0;
    }
    host->states[co] = NULL;
    yw_script_state_free(state);
    reply->answer = YW_SCRIPT_FINISHED;
    return turn;
}

/* Each coroutine declares anew in a state of its own: see state.h. */
static int start(struct host *host, const struct yw_script_request *request,
                 struct yw_script_reply *reply, struct yw_err *err)
{
    if (!host->loaded)
        return yw_err_set(err, YW_ESTATE, "no scenario is loaded");
    if (host->states[request->co] != NULL)
        return yw_err_set(err, YW_ESTATE, "coroutine %d is in use", request->co);
    if (request->is_player && host->source.rehearsal == NULL)
        return yw_err_set(err, YW_ENOTFOUND, "no " REHEARSAL_NAME);
    struct yw_script_state *state;
    char stream[YW_NAME_MAX * 2 + 16];
    int code;
    if (request->is_player) {
        snprintf(stream, sizeof(stream), "player/%s/%s", request->team_name,
                 request->player);
        code = rehearse(host, &state, err);
    } else {
        snprintf(stream, sizeof(stream), "story/%s", request->team_name);
        code = declare(host, &state, err);
    }
    if (code != 0)
        return code;
    if (state->owns_spec) { /* equal to the host's: let 64 teams share one */
        yw_spec_free(state->spec);
        state->spec = host->spec;
        state->owns_spec = false;
    }
    host->states[request->co] = state;
    yw_random_init(&state->random, host->source.seed, stream);
    code = yw_script_state_begin(state, request->is_player ? request->player : NULL, err);
    if (code == 0)
        code = yw_script_call(state, NULL, YW_SCRIPT_TURN_BUDGET, err);
    return settle(host, request->co, code, reply);
}

static int resume(struct host *host, const struct yw_script_request *request,
                  struct yw_script_reply *reply, struct yw_err *err)
{
    struct yw_script_state *state = host->states[request->co];
    if (state == NULL)
        return yw_err_set(err, YW_ESTATE, "coroutine %d does not wait", request->co);
    int code = yw_script_call(state, &request->holds, YW_SCRIPT_TURN_BUDGET, err);
    return settle(host, request->co, code, reply);
}

static void answer(struct host *host, const void *bytes, size_t size,
                   struct yw_script_reply *reply)
{
    struct yw_script_request request;
    struct yw_err *err = &reply->fault;
    int code = yw_script_request_unpack(&request, bytes, size, err);
    if (code == 0) {
        switch (request.ask) {
        case YW_SCRIPT_LOAD:
            code = load(host, &request, reply, err);
            break;
        case YW_SCRIPT_START:
            code = start(host, &request, reply, err);
            break;
        case YW_SCRIPT_RESUME:
            code = resume(host, &request, reply, err);
            break;
        }
        yw_script_request_fini(&request);
    }
    if (code < 0)
        reply->answer = YW_SCRIPT_FAULT;
}

static int serve_one(struct host *host)
{
    char *bytes = NULL;
    size_t size = 0;
    int code = yw_script_receive(HOST_FD, &bytes, &size, -1, NULL);
    if (code != 0)
        return code;
    struct yw_script_reply *reply = yw_new(sizeof(*reply));
    struct yw_buf out;
    answer(host, bytes, size, reply);
    yw_buf_init(&out, YW_SCRIPT_MESSAGE_MAX);
    yw_script_reply_pack(&out, reply);
    if (out.overflow) {
        yw_buf_clear(&out);
        reply->answer = YW_SCRIPT_FAULT;
        yw_err_set(&reply->fault, YW_ELIMIT, "%s: the scenario is too large",
                   host->source.scenario_name);
        out.overflow = false;
        yw_script_reply_pack(&out, reply);
    }
    code = yw_script_send(HOST_FD, out.data, out.size, -1, NULL);
    yw_buf_fini(&out);
    free(reply);
    free(bytes);
    return code;
}

int yw_script_host_main(int fd)
{
    struct yw_err err = {0};
    /* The hash library asks for random bytes once: before the walls stand. */
    if (yw_hash_setup() != 0 || yw_script_jail(fd, &err) != 0) {
        fprintf(stderr, "%s\n",
                err.code == 0 ? "script host: no hash library" : err.text);
        return 1;
    }
    struct host *host = yw_new(sizeof(*host));
    int code = 0;
    while (code == 0)
        code = serve_one(host);
    /* No lua_close: the process's end frees everything, whatever the scripts left behind.
     */
    return code == 1 ? 0 : 1;
}
