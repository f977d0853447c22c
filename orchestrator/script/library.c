/* Strings, tables and numbers, with a cap on what C does outside the instruction hook. */
#include "script/state.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#define BYTES_A_STEP 8
#define MATCH_STEPS_A_STEP 4

/* Every function of the string library that takes a subject: upvalue is the original. */
static int l_sized(lua_State *L)
{
    size_t size = 0;
    luaL_checklstring(L, 1, &size);
    if (size > YW_SCRIPT_SUBJECT_MAX)
        return luaL_error(L, "a text of %d bytes is too long here (at most %d)",
                          (int)size, YW_SCRIPT_SUBJECT_MAX);
    l_yw_charge(L, (int64_t)size / BYTES_A_STEP);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int l_rep(lua_State *L)
{
    size_t size = 0;
    size_t gap = 0;
    luaL_checklstring(L, 1, &size);
    lua_Integer times = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &gap);
    if (times <= 0 || size + gap == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if ((lua_Unsigned)times > YW_SCRIPT_SUBJECT_MAX / (size + gap))
        return luaL_error(L, "rep would make a text over %d bytes",
                          YW_SCRIPT_SUBJECT_MAX);
    l_yw_charge(L, (int64_t)((size + gap) * (size_t)times) / BYTES_A_STEP);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* %p prints an address, and %s of a table does. */
static int l_format(lua_State *L)
{
    size_t size = 0;
    const char *format = luaL_checklstring(L, 1, &size);
    if (size > YW_SCRIPT_SUBJECT_MAX)
        return luaL_error(L, "format: the text is too long");
    for (size_t i = 0; i + 1 < size; i++) {
        if (format[i] != '%')
            continue;
        i++;
        while (i < size && strchr("-+ #0123456789.", format[i]) != NULL &&
               format[i] != '\0')
            i++;
        if (i < size && format[i] == 'p')
            return luaL_error(L, "format: %%p is not allowed in a scenario");
    }
    for (int i = 2; i <= lua_gettop(L); i++) {
        int type = lua_type(L, i);
        if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER ||
            type == LUA_TSTRING)
            continue;
        l_yw_push_text(L, i);
        lua_replace(L, i);
    }
    l_yw_charge(L, (int64_t)size);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* The matcher backtracks: each quantifier may try every length at every start. %b and %f
 * and back references scan as far as a quantifier does. */
double yw_script_pattern_steps(const char *pattern, size_t size, size_t subject_size,
                               const char **ret_reason)
{
    int quantifiers = 0;
    bool anchored = size > 0 && pattern[0] == '^';
    if (size > YW_SCRIPT_PATTERN_MAX) {
        *ret_reason = "the pattern is longer than 256 bytes";
        return -1;
    }
    for (size_t i = 0; i < size; i++) {
        if (pattern[i] == '%' && i + 1 < size) {
            i++;
            if (pattern[i] == 'b' || (pattern[i] >= '0' && pattern[i] <= '9'))
                quantifiers++;
        } else if (strchr("*+-?", pattern[i]) != NULL && pattern[i] != '\0') {
            quantifiers++;
        }
    }
    if (quantifiers > YW_SCRIPT_QUANTIFIERS_MAX) {
        *ret_reason = "the pattern has more than 4 of * + - ? %b %1";
        return -1;
    }
    double steps = (double)(size + 1);
    for (int i = 0; i < quantifiers + (anchored ? 0 : 1); i++)
        steps *= (double)(subject_size + 1);
    return steps;
}

static int l_match(lua_State *L)
{
    size_t size = 0;
    size_t pattern_size = 0;
    luaL_checklstring(L, 1, &size);
    const char *pattern = luaL_checklstring(L, 2, &pattern_size);
    if (size > YW_SCRIPT_SUBJECT_MAX)
        return luaL_error(L, "a text of %d bytes is too long to search (at most %d)",
                          (int)size, YW_SCRIPT_SUBJECT_MAX);
    const char *reason = NULL;
    double steps = yw_script_pattern_steps(pattern, pattern_size, size, &reason);
    if (steps < 0)
        return luaL_error(L, "%s", reason);
    if (steps > YW_SCRIPT_MATCH_STEPS_MAX)
        return luaL_error(L, "this pattern could run too long over %d bytes", (int)size);
    l_yw_charge(L, (int64_t)(steps / MATCH_STEPS_A_STEP));
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* Raw length: a metatable cannot claim a length that is not there. */
static lua_Integer l_length(lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TTABLE);
    lua_Unsigned size = lua_rawlen(L, index);
    if (size > YW_SCRIPT_ITEMS_MAX)
        luaL_error(L, "a list of more than %d items", YW_SCRIPT_ITEMS_MAX);
    return (lua_Integer)size;
}

static int l_insert(lua_State *L)
{
    lua_Integer size = l_length(L, 1);
    if (lua_gettop(L) == 2) {
        lua_rawseti(L, 1, size + 1);
        return 0;
    }
    if (lua_gettop(L) != 3)
        return luaL_error(L, "insert takes a list, a position and a value");
    lua_Integer at = luaL_checkinteger(L, 2);
    luaL_argcheck(L, at >= 1 && at <= size + 1, 2, "position out of bounds");
    l_yw_charge(L, size - at);
    for (lua_Integer i = size; i >= at; i--) {
        lua_rawgeti(L, 1, i);
        lua_rawseti(L, 1, i + 1);
    }
    lua_rawseti(L, 1, at);
    return 0;
}

static int l_remove(lua_State *L)
{
    lua_Integer size = l_length(L, 1);
    lua_Integer at = luaL_optinteger(L, 2, size);
    if (size == 0)
        return 0;
    luaL_argcheck(L, at >= 1 && at <= size, 2, "position out of bounds");
    l_yw_charge(L, size - at);
    lua_rawgeti(L, 1, at);
    for (lua_Integer i = at; i < size; i++) {
        lua_rawgeti(L, 1, i + 1);
        lua_rawseti(L, 1, i);
    }
    lua_pushnil(L);
    lua_rawseti(L, 1, size);
    return 1;
}

static int l_move(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer from = luaL_checkinteger(L, 2);
    lua_Integer last = luaL_checkinteger(L, 3);
    lua_Integer to = luaL_checkinteger(L, 4);
    int into = lua_isnoneornil(L, 5) ? 1 : 5;
    luaL_checktype(L, into, LUA_TTABLE);
    if (last >= from && (lua_Unsigned)last - (lua_Unsigned)from >= YW_SCRIPT_ITEMS_MAX)
        return luaL_error(L, "move of more than %d items", YW_SCRIPT_ITEMS_MAX);
    if (to > LUA_MAXINTEGER - YW_SCRIPT_ITEMS_MAX)
        return luaL_error(L, "move: the position is too far");
    lua_Integer count = last < from ? 0 : last - from + 1;
    l_yw_charge(L, count);
    bool forward = to > last || to <= from || into != 1;
    for (lua_Integer i = 0; i < count; i++) {
        lua_Integer step = forward ? i : count - 1 - i;
        lua_rawgeti(L, 1, from + step);
        lua_rawseti(L, into, to + step);
    }
    lua_settop(L, into);
    return 1;
}

static int l_concat(lua_State *L)
{
    lua_Integer size = l_length(L, 1);
    size_t gap_size = 0;
    const char *gap = luaL_optlstring(L, 2, "", &gap_size);
    lua_Integer from = luaL_optinteger(L, 3, 1);
    lua_Integer last = luaL_optinteger(L, 4, size);
    if (last >= from && (lua_Unsigned)last - (lua_Unsigned)from >= YW_SCRIPT_ITEMS_MAX)
        return luaL_error(L, "concat of more than %d items", YW_SCRIPT_ITEMS_MAX);
    lua_Integer count = last < from ? 0 : last - from + 1;
    l_yw_charge(L, count);
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (lua_Integer i = 0; i < count; i++) {
        if (i > 0)
            luaL_addlstring(&buffer, gap, gap_size);
        int type = lua_rawgeti(L, 1, from + i);
        if (type != LUA_TSTRING && type != LUA_TNUMBER)
            return luaL_error(L, "concat: item %d is not a text", (int)(from + i));
        luaL_addvalue(&buffer);
        if (luaL_bufflen(&buffer) > YW_SCRIPT_SUBJECT_MAX)
            return luaL_error(L, "concat would make a text over %d bytes",
                              YW_SCRIPT_SUBJECT_MAX);
    }
    luaL_pushresult(&buffer);
    return 1;
}

static int l_unpack(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer from = luaL_optinteger(L, 2, 1);
    lua_Integer last =
        lua_isnoneornil(L, 3) ? (lua_Integer)lua_rawlen(L, 1) : luaL_checkinteger(L, 3);
    if (last < from)
        return 0;
    if ((lua_Unsigned)last - (lua_Unsigned)from >= 256)
        return luaL_error(L, "unpack of more than 256 items");
    int count = (int)(last - from) + 1;
    luaL_checkstack(L, count, "unpack");
    for (int i = 0; i < count; i++)
        lua_rawgeti(L, 1, from + i);
    return count;
}

static int l_pack(lua_State *L)
{
    int count = lua_gettop(L);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

/* One merge of from[low..middle) and from[middle..high), 0-based, into the list `into`.
 */
static void l_merge(lua_State *L, const int lists[2], const lua_Integer bounds[3],
                    bool (*l_less)(lua_State *L))
{
    lua_Integer a = bounds[0];
    lua_Integer b = bounds[1];
    for (lua_Integer out = bounds[0]; out < bounds[2]; out++) {
        bool second = a >= bounds[1];
        if (!second && b < bounds[2]) {
            lua_rawgeti(L, lists[0], b + 1);
            lua_rawgeti(L, lists[0], a + 1);
            second = l_less(L);
            lua_pop(L, 2);
        }
        lua_rawgeti(L, lists[0], second ? ++b : ++a);
        lua_rawseti(L, lists[1], out + 1);
    }
}

/* Bottom-up merge sort: stable, no recursion, and unlike Lua's own it never asks a clock.
 */
void l_yw_sort(lua_State *L, int index, lua_Integer count, bool (*l_less)(lua_State *L))
{
    index = lua_absindex(L, index);
    lua_createtable(L, (int)count, 0);
    int lists[2] = {index, lua_gettop(L)};
    for (lua_Integer width = 1; width < count; width *= 2) {
        l_yw_charge(L, count * 4);
        for (lua_Integer low = 0; low < count; low += 2 * width) {
            lua_Integer middle = low + width < count ? low + width : count;
            lua_Integer high = low + 2 * width < count ? low + 2 * width : count;
            const lua_Integer bounds[3] = {low, middle, high};
            l_merge(L, lists, bounds, l_less);
        }
        int swap = lists[0];
        lists[0] = lists[1];
        lists[1] = swap;
    }
    for (lua_Integer i = 1; lists[0] != index && i <= count; i++) {
        lua_rawgeti(L, lists[0], i);
        lua_rawseti(L, index, i);
    }
    lua_settop(L, lua_gettop(L) - 1);
}

static bool l_less_plain(lua_State *L)
{
    return lua_compare(L, -2, -1, LUA_OPLT);
}

static bool l_less_called(lua_State *L)
{
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
    bool less = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return less;
}

static int l_sort(lua_State *L)
{
    lua_Integer size = l_length(L, 1);
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    l_yw_sort(L, 1, size, lua_isnil(L, 2) ? l_less_plain : l_less_called);
    return 0;
}

/* random(), random(m), random(m, n): the scenario's seeded stream. */
static int l_random(lua_State *L)
{
    struct yw_script_state *state = yw_script_state_of(L);
    if (lua_gettop(L) == 0) {
        lua_pushnumber(L, yw_random_unit(&state->random));
        return 1;
    }
    lua_Integer low = lua_gettop(L) == 1 ? 1 : luaL_checkinteger(L, 1);
    lua_Integer high = luaL_checkinteger(L, lua_gettop(L) == 1 ? 1 : 2);
    luaL_argcheck(L, low <= high, lua_gettop(L) == 1 ? 1 : 2, "interval is empty");
    uint64_t span = (uint64_t)high - (uint64_t)low + 1;
    uint64_t drawn =
        span == 0 ? yw_random_u64(&state->random) : yw_random_below(&state->random, span);
    lua_pushinteger(L, (lua_Integer)((uint64_t)low + drawn));
    return 1;
}

/* Table on top ← the named functions of the library `l_opener` makes, wrapped when
 * l_wrap. */
static void l_take(lua_State *L, lua_CFunction l_opener, const char *const *names,
                   lua_CFunction l_wrap)
{
    lua_pushcfunction(L, l_opener);
    lua_call(L, 0, 1);
    for (size_t i = 0; names[i] != NULL; i++) {
        lua_getfield(L, -1, names[i]);
        if (l_wrap != NULL)
            lua_pushcclosure(L, l_wrap, 1);
        lua_setfield(L, -3, names[i]);
    }
    lua_pop(L, 1);
}

static void l_open_strings(lua_State *L)
{
    static const char *const sized[] = {"byte", "len",   "lower", "reverse",
                                        "sub",  "upper", NULL};
    static const char *const matched[] = {"find", "gmatch", "gsub", "match", NULL};
    static const char *const plain[] = {"char", NULL};
    static const char *const repeated[] = {"rep", NULL};
    static const char *const formatted[] = {"format", NULL};
    lua_newtable(L);
    l_take(L, luaopen_string, sized, l_sized);
    l_take(L, luaopen_string, matched, l_match);
    l_take(L, luaopen_string, plain, NULL);
    l_take(L, luaopen_string, repeated, l_rep);
    l_take(L, luaopen_string, formatted, l_format);
    /* All strings of a state share one metatable: make it ours and lock it. */
    lua_pushliteral(L, "");
    lua_newtable(L);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    lua_setglobal(L, "string");
}

void l_yw_open_library(lua_State *L)
{
    /* Only what IEEE 754 gives the same everywhere: no exp, log, sin. */
    static const char *const numbers[] = {
        "abs",        "ceil", "floor", "fmod", "huge",      "max",  "maxinteger", "min",
        "mininteger", "modf", "pi",    "sqrt", "tointeger", "type", "ult",        NULL};
    static const luaL_Reg tables[] = {{"concat", l_concat}, {"insert", l_insert},
                                      {"move", l_move},     {"pack", l_pack},
                                      {"remove", l_remove}, {"sort", l_sort},
                                      {"unpack", l_unpack}, {NULL, NULL}};
    l_open_strings(L);
    luaL_newlib(L, tables);
    lua_setglobal(L, "table");
    lua_newtable(L);
    l_take(L, luaopen_math, numbers, NULL);
    lua_pushcfunction(L, l_random);
    lua_setfield(L, -2, "random");
    lua_setglobal(L, "math");
}
