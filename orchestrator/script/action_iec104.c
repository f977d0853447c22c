/* IEC 60870-5-104: iec104.interrogate, .sweep, .command, .operate, .setpoint, .reset, .flood,
 * .block */
#include "script/action.h"

#include <stdio.h>
#include <string.h>

#define STATION_MAX 65534
#define OBJECT_MAX 16777215
#define SWEEP_MAX 512
#define FLOOD_MAX 100000
#define BLOCK_MAX_MS 120000

static struct yw_action_value *l_begin_iec104(lua_State *L, const char *what,
                                              const char *verb)
{
    struct yw_action_value *action = l_yw_action_new(L);
    yw_action_add(action, "iec104");
    yw_action_add(action, verb);
    yw_action_add_target(action);
    yw_action_add_number(action, l_yw_action_number(L, what, "station", 1, STATION_MAX));
    return action;
}

static int l_interrogate(lua_State *L)
{
    static const char *const names[] = {"station", NULL};
    l_yw_action_only(L, "iec104.interrogate", names);
    (void)l_begin_iec104(L, "iec104.interrogate", "interrogate");
    return 1;
}

static int l_iec104_reset(lua_State *L)
{
    static const char *const names[] = {"station", NULL};
    l_yw_action_only(L, "iec104.reset", names);
    (void)l_begin_iec104(L, "iec104.reset", "reset");
    return 1;
}

static int l_sweep(lua_State *L)
{
    static const char *const names[] = {"station", "first", "last", NULL};
    l_yw_action_only(L, "iec104.sweep", names);
    struct yw_action_value *action = l_begin_iec104(L, "iec104.sweep", "sweep");
    int first = l_yw_action_number(L, "iec104.sweep", "first", -2, OBJECT_MAX);
    int last = l_yw_action_number(L, "iec104.sweep", "last", -2, OBJECT_MAX);
    if (last < first || last - first >= SWEEP_MAX)
        l_yw_fail(L, 0, "iec104.sweep: last: from first on, at most %d addresses",
                  SWEEP_MAX);
    yw_action_add_number(action, first);
    yw_action_add_number(action, last);
    return 1;
}

/* The value of a command, which may have a fraction. */
static void l_add_value(lua_State *L, const char *what, struct yw_action_value *action)
{
    char text[32];
    char got[128];
    lua_pushliteral(L, "value");
    if (lua_rawget(L, 1) != LUA_TNUMBER)
        l_yw_fail(L, 0, "%s: value: a number is needed, got %s", what,
                  yw_script_what(L, -1, got));
    snprintf(text, sizeof(text), "%.9g", lua_tonumber(L, -1));
    lua_pop(L, 1);
    yw_action_add(action, text);
}

static void l_add_type(lua_State *L, const char *what, struct yw_action_value *action)
{
    static const char *const types[] = {
        "C_SC_NA_1", "C_DC_NA_1", "C_SE_NA_1", "C_SE_NB_1", "C_SE_NC_1",
        "C_SC_TA_1", "C_DC_TA_1", "C_SE_TA_1", "C_SE_TB_1", "C_SE_TC_1"};
    char got[128];
    lua_pushliteral(L, "type");
    const char *type = lua_rawget(L, 1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i], type) == 0) {
            yw_action_add(action, type);
            lua_pop(L, 1);
            return;
        }
    }
    l_yw_fail(L, 0, "%s: type: a command such as \"C_DC_NA_1\" is needed, got %s", what,
              yw_script_what(L, -1, got));
}

static int l_command_as(lua_State *L, const char *what, const char *verb)
{
    static const char *const names[] = {"station", "type", "ioa", "value", NULL};
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_begin_iec104(L, what, verb);
    l_add_type(L, what, action);
    yw_action_add_number(action, l_yw_action_number(L, what, "ioa", -2, OBJECT_MAX));
    l_add_value(L, what, action);
    return 1;
}

static int l_command(lua_State *L)
{
    return l_command_as(L, "iec104.command", "command");
}

static int l_operate(lua_State *L)
{
    return l_command_as(L, "iec104.operate", "operate");
}

static int l_setpoint(lua_State *L)
{
    static const char *const names[] = {"station", "ioa", "value", NULL};
    l_yw_action_only(L, "iec104.setpoint", names);
    struct yw_action_value *action = l_begin_iec104(L, "iec104.setpoint", "setpoint");
    yw_action_add_number(action,
                         l_yw_action_number(L, "iec104.setpoint", "ioa", -2, OBJECT_MAX));
    l_add_value(L, "iec104.setpoint", action);
    return 1;
}

static int l_flood(lua_State *L)
{
    static const char *const names[] = {"station", "count", NULL};
    l_yw_action_only(L, "iec104.flood", names);
    struct yw_action_value *action = l_begin_iec104(L, "iec104.flood", "flood");
    yw_action_add_number(action,
                         l_yw_action_number(L, "iec104.flood", "count", 1000, FLOOD_MAX));
    return 1;
}

static int l_block(lua_State *L)
{
    static const char *const names[] = {"span", NULL};
    l_yw_action_only(L, "iec104.block", names);
    struct yw_action_value *action = l_yw_action_new(L);
    int64_t span_ms = l_yw_action_span(L, "iec104.block", "span", -1, 1, BLOCK_MAX_MS);
    yw_action_add(action, "iec104");
    yw_action_add(action, "block");
    yw_action_add_target(action);
    yw_action_add_number(action, (int)span_ms);
    return 1;
}

const luaL_Reg yw_actions_iec104[] = {{"interrogate", l_interrogate},
                                      {"sweep", l_sweep},
                                      {"command", l_command},
                                      {"operate", l_operate},
                                      {"setpoint", l_setpoint},
                                      {"reset", l_iec104_reset},
                                      {"flood", l_flood},
                                      {"block", l_block},
                                      {NULL, NULL}};
