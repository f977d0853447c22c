/* What an attack does: argument vectors for the programs of the attacker's image
 * (vm-images/controller/applet.h), never a shell line. Here is what all actions share, and the
 * list of their tables; action_NAME.c has a table's actions each.
 */
#include "script/action.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX 32 /* actions of one table */
#define METATABLE "yw.handle"

struct yw_action_value *l_yw_action_new(lua_State *L)
{
    struct yw_action_value *action = lua_newuserdatauv(L, sizeof(*action), 0);
    memset(action, 0, sizeof(*action));
    action->kind = YW_HANDLE_ACTION;
    action->line = yw_script_line(L);
    action->host_at = -1;
    action->name_at = -1;
    action->network = -1;
    action->ends[0] = -1;
    action->ends[1] = -1;
    luaL_setmetatable(L, METATABLE);
    return action;
}

struct yw_action_value *l_yw_action_lasting(lua_State *L)
{
    struct yw_action_value *action = l_yw_action_new(L);
    yw_action_add(action, "background");
    action->name_at = (int)action->argc;
    yw_action_add(action, "");
    return action;
}

void yw_action_add_target(struct yw_action_value *action)
{
    action->host_at = (int)action->argc;
    yw_action_add(action, "");
}

void yw_action_add(struct yw_action_value *action, const char *text)
{
    YW_COPY(action->argv[action->argc++], text);
}

void yw_action_add_number(struct yw_action_value *action, int number)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    yw_action_add(action, text);
}

void l_yw_action_only(lua_State *L, const char *what, const char *const *names)
{
    char got[128];
    if (lua_type(L, 1) != LUA_TTABLE)
        l_yw_fail(L, 0, "%s: expected a body { … }, got %s", what,
                  yw_script_what(L, 1, got));
    size_t count = 0;
    while (names[count] != NULL)
        count++;
    char worst[YW_NAME_MAX] = "";
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        lua_pop(L, 1);
        const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "1";
        bool known = false;
        for (size_t i = 0; i < count; i++)
            known = known || strcmp(name, names[i]) == 0;
        if (!known && (worst[0] == '\0' || strcmp(name, worst) < 0))
            YW_COPY(worst, name);
    }
    const char *near = worst[0] == '\0' ? NULL : yw_name_nearest(worst, names, count);
    if (near != NULL)
        l_yw_fail(L, 0, "%s: unknown field '%s'; did you mean '%s'?", what, worst, near);
    if (worst[0] != '\0')
        l_yw_fail(L, 0, "%s: unknown field '%s'", what, worst);
}

int l_yw_action_number(lua_State *L, const char *what, const char *name, int fallback,
                       int max)
{
    char got[128];
    lua_pushstring(L, name);
    int type = lua_rawget(L, 1);
    if (type == LUA_TNIL && fallback >= -1) {
        lua_pop(L, 1);
        return fallback;
    }
    int whole = 0;
    lua_Integer value = type == LUA_TNUMBER ? lua_tointegerx(L, -1, &whole) : 0;
    if (!whole || value < 0 || value > max)
        return l_yw_fail(L, 0, "%s: %s: a whole number from 0 to %d is needed, got %s",
                         what, name, max, yw_script_what(L, -1, got));
    lua_pop(L, 1);
    return (int)value;
}

int64_t l_yw_action_span(lua_State *L, const char *what, const char *name,
                         int64_t fallback_ms, int64_t low_ms, int64_t high_ms)
{
    char title[64];
    snprintf(title, sizeof(title), "%s: %s", what, name);
    lua_pushstring(L, name);
    if (lua_rawget(L, 1) == LUA_TNIL && fallback_ms >= 0) {
        lua_pop(L, 1);
        return fallback_ms;
    }
    int64_t span_ms = l_yw_read_span(L, -1, title, yw_script_line(L));
    lua_pop(L, 1);
    if (span_ms < low_ms || span_ms > high_ms)
        l_yw_fail(L, 0, "%s: from %d ms to %d s", title, (int)low_ms,
                  (int)(high_ms / 1000));
    return span_ms;
}

void l_yw_action_text(lua_State *L, const char *what, const char *name,
                      const char *fallback, struct yw_action_value *action)
{
    char got[128];
    size_t size = 0;
    lua_pushstring(L, name);
    int type = lua_rawget(L, 1);
    const char *text = type == LUA_TSTRING ? lua_tolstring(L, -1, &size)
                       : type == LUA_TNIL  ? fallback
                                           : NULL;
    if (text == NULL || strlen(text) >= YW_SPEC_ARG_MAX ||
        (type == LUA_TSTRING && strlen(text) != size)) {
        l_yw_fail(L, 0, "%s: %s: a text of at most %d bytes is needed, got %s", what,
                  name, YW_SPEC_ARG_MAX - 1, yw_script_what(L, -1, got));
        return;
    }
    yw_action_add(action, text);
    lua_pop(L, 1);
}

size_t l_yw_action_words(lua_State *L, const char *what, const char *name,
                         struct yw_action_value *action)
{
    char got[128];
    lua_pushstring(L, name);
    size_t count = lua_rawget(L, 1) == LUA_TTABLE ? lua_rawlen(L, -1) : 0;
    if (count == 0 || count > YW_ACTION_WORDS_MAX)
        l_yw_fail(L, 0, "%s: %s: a list of 1 to %d words is needed, got %s", what, name,
                  YW_ACTION_WORDS_MAX, yw_script_what(L, -1, got));
    for (size_t i = 0; i < count; i++) {
        size_t size = 0;
        bool text = lua_rawgeti(L, -1, (lua_Integer)i + 1) == LUA_TSTRING;
        const char *word = text ? lua_tolstring(L, -1, &size) : "";
        if (size == 0 || size >= YW_ACTION_WORD_MAX || strlen(word) != size ||
            strcspn(word, " \"\\\t\r\n") != size)
            l_yw_fail(L, 0, "%s: %s: word %d: 1 to %d letters without blanks, got %s",
                      what, name, (int)i + 1, YW_ACTION_WORD_MAX - 1,
                      yw_script_what(L, -1, got));
        yw_action_add(action, word);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return count;
}

static const struct {
    const char *name;
    const luaL_Reg *calls;
} tables[] = {{"modbus", yw_actions_modbus},
              {"iec104", yw_actions_iec104},
              {"engineering", yw_actions_engineering},
              {"station", yw_actions_station},
              {"safety", yw_actions_safety},
              {"aitm", yw_actions_aitm},
              {"mqtt", yw_actions_mqtt}};

/* An action that the table does not have. Upvalue: the table's place in `tables`. */
static int l_unknown_action(lua_State *L)
{
    size_t place = (size_t)lua_tointeger(L, lua_upvalueindex(1));
    const luaL_Reg *calls = tables[place].calls;
    const char *known[NAMES_MAX], *name = luaL_tolstring(L, 2, NULL);
    char meant[YW_MEANT_MAX];
    size_t count = 0;
    while (calls[count].name != NULL && count < NAMES_MAX) {
        known[count] = calls[count].name;
        count++;
    }
    return l_yw_fail(L, 0, "%s has no action '%s'%s", tables[place].name, name,
                     yw_meant(meant, yw_name_nearest(name, known, count)));
}

void l_yw_open_actions(lua_State *L)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        lua_newtable(L);
        luaL_setfuncs(L, tables[i].calls, 0);
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushcclosure(L, l_unknown_action, 1);
        lua_setfield(L, -2, "__index");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_setmetatable(L, -2);
        lua_setglobal(L, tables[i].name);
    }
}
