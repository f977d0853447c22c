/* The one gate into Lua: everything that can raise runs below yw_script_call or inside()
 * here, and every failure comes out as "file:line: what". */
#include "base/mem.h"
#include "script/value.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char story_key = 's'; /* registry keys are these addresses */
static const char players_key = 'p';
static const char turn_key = 't';

struct yw_script_state *yw_script_state_of(lua_State *L)
{
    struct yw_script_state *state;
    memcpy(&state, lua_getextraspace(L), sizeof(void *));
    return state;
}

struct yw_script_state *yw_script_state_new(size_t *all_bytes, const char *file,
                                            const char *source, size_t source_size)
{
    struct yw_script_state *state = yw_new(sizeof(*state));
    state->all_bytes = all_bytes;
    state->file = file;
    state->source = source;
    state->source_size = source_size;
    state->rehearsal_speed = 1;
    state->budget = YW_SCRIPT_DECLARE_BUDGET;
    return state;
}

void yw_script_state_free(struct yw_script_state *state)
{
    if (state == NULL)
        return;
    if (state->lua != NULL)
        lua_close(state->lua); /* no script can set a finalizer, so this ends */
    if (state->owns_spec)
        yw_spec_free(state->spec);
    free(state);
}

int yw_script_line(lua_State *L)
{
    lua_Debug frame;
    for (int level = 0; lua_getstack(L, level, &frame) == 1; level++) {
        lua_getinfo(L, "l", &frame);
        if (frame.currentline > 0)
            return frame.currentline;
    }
    return 0;
}

int l_yw_fail(lua_State *L, int line, const char *fmt, ...)
{
    struct yw_script_state *state = yw_script_state_of(L);
    char text[YW_ERR_TEXT_MAX];
    int size = snprintf(text, sizeof(text), "%s:%d: ", state->file,
                        line > 0 ? line : yw_script_line(L));
    va_list args;
    va_start(args, fmt);
    if (size > 0 && (size_t)size < sizeof(text))
        vsnprintf(text + size, sizeof(text) - (size_t)size, fmt, args);
    va_end(args);
    lua_pushstring(L, text);
    return lua_error(L);
}

/* Messages quote the script: control bytes must not reach a terminal, nor half
 * characters. */
static void clean(char *text)
{
    for (char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = ' ';
    if (!yw_utf8_valid(text, strlen(text)))
        for (char *at = text; *at != '\0'; at++)
            if ((unsigned char)*at >= 0x80)
                *at = '?';
}

static bool has_position(const struct yw_script_state *state, const char *text)
{
    size_t size = strlen(state->file);
    return strncmp(text, state->file, size) == 0 && text[size] == ':';
}

static const char *stage_name(const struct yw_script_state *state)
{
    switch (state->phase) {
    case YW_SCRIPT_IN_DECLARE:
        return "declare";
    case YW_SCRIPT_IN_REHEARSAL:
        return "rehearsal";
    case YW_SCRIPT_IN_STORY:
        return "story";
    case YW_SCRIPT_IN_PLAYER:
        return "player";
    }
    return "";
}

/* Which of its limits the script reached. */
static int spent_fault(const struct yw_script_state *state, int line, struct yw_err *err)
{
    static const char *const limits[] = {
        [YW_REFUSED_STRING] = "a text over 128 KiB",
        [YW_REFUSED_MEMORY] = "16 MiB in all",
        [YW_REFUSED_ALL] = "all stories together 192 MiB",
    };
    if (state->refused == YW_REFUSED_NOTHING)
        return yw_err_set(err, YW_ELIMIT,
                          "%s:%d: still running after its budget of instructions (in %s)",
                          state->file, line, stage_name(state));
    return yw_err_set(err, YW_ELIMIT,
                      "%s:%d: needs more memory than a script may have (%s)", state->file,
                      line, limits[state->refused]);
}

/* The fault of a thread that ended with `status`; its stack is still there. */
static int fault_of(struct yw_script_state *state, lua_State *L, int status,
                    struct yw_err *err)
{
    if (state->spent && state->fault.code != 0) {
        if (err != NULL)
            *err = state->fault;
        return state->fault.code;
    }
    int line = yw_script_line(L);
    char where[YW_SPEC_PATH_MAX + 32];
    if (line > 0)
        snprintf(where, sizeof(where), "%s:%d", state->file, line);
    else
        snprintf(where, sizeof(where), "%s", state->file);
    if (status == LUA_ERRMEM)
        return spent_fault(state, line, err);
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    struct yw_err made = {0};
    if (text == NULL)
        yw_err_set(&made, YW_EINVAL, "%s: error with a value that is not text", where);
    else if (has_position(state, text))
        yw_err_set(&made, YW_EINVAL, "%s", text);
    else
        yw_err_set(&made, YW_EINVAL, "%s: %s", where, text);
    clean(made.text);
    if (err != NULL)
        *err = made;
    return made.code;
}

int l_yw_spend(lua_State *L)
{
    struct yw_script_state *state = yw_script_state_of(L);
    if (!state->spent) {
        state->spent = true;
        spent_fault(state, yw_script_line(L), &state->fault);
    }
    lua_pushlightuserdata(L, state);
    return lua_error(L);
}

static void l_open_scenario(lua_State *L)
{
    l_yw_open_builders(L);
    l_yw_open_declare(L);
    l_yw_open_actions(L);
}

static int l_open(lua_State *L)
{
    struct yw_script_state *state = yw_script_state_of(L);
    bool declares = state->phase == YW_SCRIPT_IN_DECLARE;
    l_yw_open_sandbox(L);
    l_yw_open_library(L);
    l_yw_open_values(L);
    l_yw_open_strangers(L, declares ? l_yw_open_rehearsal : l_open_scenario);
    if (declares)
        l_open_scenario(L);
    else
        l_yw_open_rehearsal(L);
    return 0;
}

static int l_load(lua_State *L)
{
    struct yw_script_state *state = yw_script_state_of(L);
    lua_State *turn = lua_newthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &turn_key);
    lua_pushfstring(L, "=%s", state->file);
    int status =
        luaL_loadbufferx(L, state->source, state->source_size, lua_tostring(L, -1), "t");
    if (status != LUA_OK)
        return lua_error(L);
    lua_xmove(L, turn, 1);
    state->turn = turn;
    return 0;
}

static int inside(struct yw_script_state *state, lua_CFunction l_work, struct yw_err *err)
{
    lua_State *L = state->lua;
    lua_settop(L, 0);
    lua_pushcfunction(L, l_work);
    int status = lua_pcall(L, 0, 0, 0);
    int code = status == LUA_OK ? 0 : fault_of(state, L, status, err);
    lua_settop(L, 0);
    return code;
}

static int check_pending(const struct yw_script_state *state, struct yw_err *err)
{
    if (state->pending_count > 0) {
        const struct yw_script_pending *open = &state->pending[0];
        return yw_err_set(
            err, YW_EINVAL,
            "%s:%d: %s '%s' has no body: write %s \"%s\" followed by its body",
            state->file, open->line, open->maker, open->name, open->maker, open->name);
    }
    if (state->phase == YW_SCRIPT_IN_DECLARE && state->scenario_line == 0)
        return yw_err_set(
            err, YW_EINVAL,
            "%s:1: no scenario: begin with scenario \"name\" { title = …, … }",
            state->file);
    return 0;
}

int yw_script_state_run(struct yw_script_state *state, uint64_t seed, const char *stream,
                        struct yw_err *err)
{
    yw_random_init(&state->random, seed, stream);
    state->lua = lua_newstate(yw_script_allocate, state);
    if (state->lua == NULL)
        return yw_err_set(err, YW_ELIMIT, "%s: all stories together need too much memory",
                          state->file);
    memcpy(lua_getextraspace(state->lua), &state, sizeof(void *));
    int code = inside(state, l_open, err);
    if (code == 0)
        code = inside(state, l_load, err);
    if (code != 0)
        return code;
    code = yw_script_call(state, NULL, YW_SCRIPT_DECLARE_BUDGET, err);
    if (code == 1)
        return yw_err_set(err, YW_EINVAL, "%s: stopped before its end", state->file);
    return code != 0 ? code : check_pending(state, err);
}

void l_yw_keep_story(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &story_key);
}

void l_yw_keep_player(lua_State *L, const char *name, int index)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &players_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &players_key);
    }
    lua_pushstring(L, name);
    lua_pushvalue(L, index);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

bool l_yw_has_player(lua_State *L, const char *name)
{
    bool found = false;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &players_key) == LUA_TTABLE) {
        lua_pushstring(L, name);
        found = lua_rawget(L, -2) == LUA_TFUNCTION;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return found;
}

static int l_begin_story(lua_State *L)
{
    struct yw_script_state *state = yw_script_state_of(L);
    lua_State *turn = lua_newthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &turn_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &story_key);
    l_yw_push_handle(L, YW_HANDLE_STORY, 0);
    lua_xmove(L, turn, 2);
    state->turn = turn;
    return 0;
}

static int l_begin_player(lua_State *L)
{
    struct yw_script_state *state = yw_script_state_of(L);
    lua_State *turn = lua_newthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &turn_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &players_key);
    lua_pushstring(L, state->verb.subject); /* the name, put there by begin */
    lua_rawget(L, -2);
    l_yw_push_handle(L, YW_HANDLE_PLAYER, 0);
    lua_xmove(L, turn, 2);
    state->turn = turn;
    return 0;
}

int yw_script_state_begin(struct yw_script_state *state, const char *player,
                          struct yw_err *err)
{
    state->budget = YW_SCRIPT_TURN_BUDGET;
    if (player == NULL) {
        if (state->story_line == 0)
            return yw_err_set(err, YW_ESTATE, "%s: has no story", state->file);
        state->phase = YW_SCRIPT_IN_STORY;
        return inside(state, l_begin_story, err);
    }
    if (!l_yw_has_player(state->lua, player))
        return yw_err_set(err, YW_ENOTFOUND, "%s: no player '%s'", state->file, player);
    state->phase = YW_SCRIPT_IN_PLAYER;
    YW_COPY(state->verb.subject, player);
    return inside(state, l_begin_player, err);
}

int yw_script_call(struct yw_script_state *state, const bool *holds, int64_t budget,
                   struct yw_err *err)
{
    lua_State *turn = state->turn;
    bool first = holds == NULL;
    state->budget = budget;
    state->spent = false;
    state->refused = YW_REFUSED_NOTHING;
    state->verb_set = false;
    int nargs = first ? lua_gettop(turn) - 1 : 1;
    if (!first)
        lua_pushboolean(turn, *holds);
    yw_script_arm(turn);
    int count = 0;
    int status = lua_resume(turn, state->lua, nargs, &count);
    if (status != LUA_OK && status != LUA_YIELD)
        return fault_of(state, turn, status, err);
    lua_pop(turn, count);
    if (status == LUA_OK)
        return 0;
    if (!state->verb_set)
        return yw_err_set(err, YW_EINVAL, "%s:%d: a yield that no verb made", state->file,
                          yw_script_line(turn));
    return 1;
}
