/* What a script can reach: a counting allocator, one budget for all its coroutines, and
 * base functions from which nothing escapes (the hazards are listed with their tests in
 * tests/unit/script_hostile). */
#include "script/value.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#define CHARGE_REFUSAL 500000 /* each refusal made Lua collect all its garbage */
#define CHARGE_COROUTINE 1000 /* a fresh coroutine starts with a full count */
#define CHARGE_RESUME 200
#define CHARGE_CATCH 2000 /* a caught failure walks the whole stack */
#define CHARGE_NEAREST 5000
#define BYTES_A_STEP 64
#define NAMES_MAX 256 /* among which the nearest is sought */

static const char strangers_key = 's'; /* its address */

/* Lua tells the kind of a new object in old_size when ptr is NULL. */
static bool may_grow(struct yw_script_state *state, const void *ptr, size_t old_size,
                     size_t more, size_t new_size)
{
    if (state->budget < 0) {
        state->refused = YW_REFUSED_NOTHING;
        return false;
    }
    if (ptr == NULL && old_size == LUA_TSTRING && new_size > YW_SCRIPT_STRING_MAX + 64) {
        state->refused = YW_REFUSED_STRING;
        state->budget -= CHARGE_REFUSAL;
        return false;
    }
    bool over = state->bytes + more > YW_SCRIPT_MEMORY_MAX;
    if (over || *state->all_bytes + more > YW_SCRIPT_MEMORY_ALL_MAX) {
        state->refused = over ? YW_REFUSED_MEMORY : YW_REFUSED_ALL;
        state->budget -= CHARGE_REFUSAL;
        return false;
    }
    state->budget -= (int64_t)(more / BYTES_A_STEP);
    return true;
}

void *yw_script_allocate(void *arg, void *ptr, size_t old_size, size_t new_size)
{
    struct yw_script_state *state = arg;
    size_t held = ptr == NULL ? 0 : old_size;
    if (new_size == 0) {
        free(ptr);
        state->bytes -= held;
        *state->all_bytes -= held;
        return NULL;
    }
    if (new_size > held && !may_grow(state, ptr, old_size, new_size - held, new_size))
        return NULL;
    void *ret = realloc(ptr, new_size);
    if (ret == NULL)
        return new_size <= held ? ptr : NULL;
    state->bytes = state->bytes - held + new_size;
    *state->all_bytes = *state->all_bytes - held + new_size;
    return ret;
}

static void l_hook(lua_State *L, lua_Debug *frame)
{
    (void)frame;
    struct yw_script_state *state = yw_script_state_of(L);
    state->budget -= YW_SCRIPT_HOOK_STEP;
    if (state->budget >= 0 && !state->spent)
        return;
    /* Whatever catches this error gets it again at its next instruction. */
    lua_sethook(L, l_hook, LUA_MASKCOUNT, 1);
    l_yw_spend(L);
}

void yw_script_arm(lua_State *L)
{
    lua_sethook(L, l_hook, LUA_MASKCOUNT, YW_SCRIPT_HOOK_STEP);
}

void l_yw_charge(lua_State *L, int64_t work)
{
    struct yw_script_state *state = yw_script_state_of(L);
    state->budget -= work;
    if (state->budget < 0)
        l_yw_spend(L);
}

/* After a caught failure: what must never be caught is raised again. */
static void l_pass_on(lua_State *L, int status)
{
    const struct yw_script_state *state = yw_script_state_of(L);
    if (state->spent || status == LUA_ERRMEM || state->budget < 0)
        l_yw_spend(L);
}

static int l_pcall_end(lua_State *L, int status, lua_KContext spare)
{
    (void)spare;
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L);
    l_pass_on(L, status);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int l_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    l_yw_charge(L, CHARGE_CATCH);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, l_pcall_end);
    return l_pcall_end(L, status, 0);
}

static int l_handler_end(lua_State *L, int status, lua_KContext spare)
{
    (void)status;
    (void)spare;
    lua_pushboolean(L, 0);
    lua_replace(L, 2);
    return lua_gettop(L) - 1;
}

/* Stack: handler, true, results. */
static int l_xpcall_end(lua_State *L, int status, lua_KContext spare)
{
    (void)spare;
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L) - 1;
    l_pass_on(L, status);
    lua_pushvalue(L, 1);
    lua_insert(L, -2); /* handler, true, handler, error */
    lua_callk(L, 1, LUA_MULTRET, 0, l_handler_end);
    return l_handler_end(L, LUA_OK, 0);
}

/* The handler runs after the failed call, with hooks on: inside it, hooks would be off.
 */
static int l_xpcall(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    l_yw_charge(L, CHARGE_CATCH);
    int count = lua_gettop(L) - 2;
    lua_pushvalue(L, 2);
    lua_insert(L, 1); /* handler, function, handler, arguments */
    lua_pushboolean(L, 1);
    lua_replace(L, 3); /* handler, function, true, arguments */
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 2);
    lua_replace(L, 3);
    lua_replace(L, 2); /* handler, true, function, arguments */
    int status = lua_pcallk(L, count, LUA_MULTRET, 0, 0, l_xpcall_end);
    return l_xpcall_end(L, status, 0);
}

static int l_error(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING && luaL_optinteger(L, 2, 1) > 0) {
        luaL_where(L, 1);
        lua_pushvalue(L, 1);
        lua_concat(L, 2);
        return lua_error(L);
    }
    lua_settop(L, 1);
    return lua_error(L);
}

static int l_setmetatable(lua_State *L)
{
    static const char *const refused[] = {"__gc", "__mode", "__close"};
    luaL_checktype(L, 1, LUA_TTABLE);
    int type = lua_type(L, 2);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    for (size_t i = 0; type == LUA_TTABLE && i < sizeof(refused) / sizeof(refused[0]);
         i++) {
        lua_pushstring(L, refused[i]);
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "setmetatable: %s is not allowed in a scenario",
                              refused[i]);
        lua_pop(L, 1);
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

void l_yw_push_text(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        lua_pushvalue(L, index);
        return;
    case LUA_TNUMBER:
        lua_pushvalue(L, index);
        lua_tostring(L, -1);
        return;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        return;
    case LUA_TTABLE:
        if (luaL_callmeta(L, index, "__tostring")) {
            if (lua_type(L, -1) != LUA_TSTRING)
                luaL_error(L, "'__tostring' must return a text");
            return;
        }
        break;
    case LUA_TUSERDATA: {
        char text[128];
        lua_pushstring(L, yw_script_what(L, index, text));
        return;
    }
    default:
        break;
    }
    lua_pushstring(L, luaL_typename(L, index));
}

static int l_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    l_yw_push_text(L, 1);
    return 1;
}

static int key_rank(int type)
{
    return type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : 2;
}

static bool l_key_less(lua_State *L)
{
    int a = lua_type(L, -2);
    int b = lua_type(L, -1);
    if (a != b)
        return key_rank(a) < key_rank(b);
    if (a == LUA_TBOOLEAN)
        return !lua_toboolean(L, -2) && lua_toboolean(L, -1);
    return lua_compare(L, -2, -1, LUA_OPLT);
}

/* Upvalues: table, sorted keys, position. */
static int l_pairs_next(lua_State *L)
{
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
    for (;;) {
        at++;
        if (lua_rawgeti(L, lua_upvalueindex(2), at) == LUA_TNIL)
            return 1;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
            break; /* removed meanwhile: not visited */
        lua_pop(L, 2);
    }
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
}

/* Lua's own order follows addresses. */
static int l_pairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_newtable(L);
    lua_Integer count = 0;
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        lua_pop(L, 1);
        int type = lua_type(L, -1);
        if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN)
            return luaL_error(L, "pairs: keys must be texts, numbers or booleans");
        if (++count > YW_SCRIPT_KEYS_MAX)
            return luaL_error(L, "pairs: more than %d keys", YW_SCRIPT_KEYS_MAX);
        lua_pushvalue(L, -1);
        lua_rawseti(L, 2, count);
    }
    l_yw_charge(L, count * 16);
    l_yw_sort(L, 2, count, l_key_less);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, l_pairs_next, 3);
    return 1;
}

static int l_co_create(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    l_yw_charge(L, CHARGE_COROUTINE);
    lua_State *co = lua_newthread(L);
    yw_script_arm(co);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

/* Moves `count` arguments in and the results out; -1: failed, the error value is on top.
 */
static int l_resume(lua_State *L, lua_State *co, int count)
{
    l_yw_charge(L, CHARGE_RESUME);
    if (!lua_checkstack(co, count) || (lua_status(co) == LUA_OK && lua_gettop(co) == 0)) {
        lua_pop(L, count);
        lua_pushstring(L, "cannot resume a coroutine that has ended");
        return -1;
    }
    lua_xmove(L, co, count);
    int results = 0;
    int status = lua_resume(co, L, count, &results);
    if (status != LUA_OK && status != LUA_YIELD) {
        l_pass_on(L, status);
        lua_xmove(co, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, results + 1))
        return luaL_error(L, "too many results to resume");
    lua_xmove(co, L, results);
    return results;
}

static lua_State *l_thread_at(lua_State *L, int index)
{
    lua_State *co = lua_tothread(L, index);
    if (co == NULL)
        luaL_typeerror(L, index, "coroutine");
    return co;
}

static int l_co_resume(lua_State *L)
{
    lua_State *co = l_thread_at(L, 1);
    int count = l_resume(L, co, lua_gettop(L) - 1);
    lua_pushboolean(L, count >= 0);
    if (count < 0)
        count = 1;
    lua_insert(L, -(count + 1));
    return count + 1;
}

static int l_co_call(lua_State *L)
{
    lua_State *co = l_thread_at(L, lua_upvalueindex(1));
    int count = l_resume(L, co, lua_gettop(L));
    return count < 0 ? lua_error(L) : count;
}

static int l_co_wrap(lua_State *L)
{
    l_co_create(L);
    lua_pushcclosure(L, l_co_call, 1);
    return 1;
}

static int l_co_yield(lua_State *L)
{
    if (L == yw_script_state_of(L)->turn)
        return l_yw_fail(L, 0, "coroutine.yield outside a coroutine of the script");
    return lua_yield(L, lua_gettop(L));
}

static int l_co_status(lua_State *L)
{
    lua_State *co = l_thread_at(L, 1);
    lua_Debug frame;
    const char *status = "dead";
    if (co == L)
        status = "running";
    else if (lua_status(co) == LUA_YIELD)
        status = "suspended";
    else if (lua_status(co) == LUA_OK && lua_getstack(co, 0, &frame))
        status = "normal";
    else if (lua_status(co) == LUA_OK && lua_gettop(co) > 0)
        status = "suspended";
    lua_pushstring(L, status);
    return 1;
}

/* Adds names of the table on top, which are borrowed from it; a script that makes a great many
 * hides some. */
static size_t l_take_names(lua_State *L, const char **names, size_t count)
{
    lua_pushnil(L);
    for (int i = 0; i < NAMES_MAX && lua_next(L, -2) != 0; i++) {
        if (lua_type(L, -2) == LUA_TSTRING)
            names[count++] = lua_tostring(L, -2);
        lua_pop(L, 1);
    }
    return count;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A name that nothing defined: say so, with the nearest of those that there are, be it one of
 * the other kind of file. */
static int l_unknown_name(lua_State *L)
{
    const char *known[2 * NAMES_MAX];
    if (lua_type(L, 2) != LUA_TSTRING)
        return 0;
    const char *name = lua_tostring(L, 2);
    if (yw_script_verb_find(YW_HANDLE_STORY, name) != NULL)
        return l_yw_fail(
            L, 0,
            "'%s' is a verb of the story: write s:%s inside story(function (s) … end)",
            name, name);
    l_yw_charge(L, CHARGE_NEAREST);
    lua_pushglobaltable(L);
    size_t count = l_take_names(L, known, 0);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &strangers_key);
    count = l_take_names(L, known, count);
    qsort(known, count, sizeof(known[0]), compare_names);
    const char *near = yw_name_nearest(name, known, count);
    if (near != NULL && strcmp(near, name) == 0)
        return l_yw_fail(L, 0, "'%s' does not belong in this file", name);
    if (near != NULL)
        return l_yw_fail(L, 0, "unknown name '%s'; did you mean '%s'?", name, near);
    return l_yw_fail(L, 0, "unknown name '%s'", name);
}

static void l_set_functions(lua_State *L, const char *library, const luaL_Reg *functions)
{
    if (library == NULL)
        lua_pushglobaltable(L);
    else
        lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    if (library == NULL)
        lua_pop(L, 1);
    else
        lua_setglobal(L, library);
}

void l_yw_open_strangers(lua_State *L, void (*l_open)(lua_State *L))
{
    lua_pushglobaltable(L);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    l_open(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &strangers_key);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}

void l_yw_open_sandbox(lua_State *L)
{
    static const char *const taken[] = {"assert", "ipairs",      "rawequal", "rawget",
                                        "rawlen", "rawset",      "select",   "tonumber",
                                        "type",   "getmetatable"};
    static const luaL_Reg own[] = {{"pcall", l_pcall},
                                   {"xpcall", l_xpcall},
                                   {"error", l_error},
                                   {"setmetatable", l_setmetatable},
                                   {"tostring", l_tostring},
                                   {"pairs", l_pairs},
                                   {NULL, NULL}};
    static const luaL_Reg coroutines[] = {{"create", l_co_create}, {"wrap", l_co_wrap},
                                          {"resume", l_co_resume}, {"yield", l_co_yield},
                                          {"status", l_co_status}, {NULL, NULL}};
    /* The base library fills a table that no script sees; what is harmless is taken over.
     */
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1);
    lua_newtable(L);
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        lua_getfield(L, -2, taken[i]);
        lua_setfield(L, -2, taken[i]);
    }
    lua_newtable(L);
    lua_pushcfunction(L, l_unknown_name);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_settop(L, 0);
    l_set_functions(L, NULL, own);
    l_set_functions(L, "coroutine", coroutines);
}
