/* What an attack does: argument vectors for the programs of the attacker's image
 * (vm-images/guest), never a shell line. One table a program: modbus.write, .read, .scan;
 * iec104.interrogate, .sweep, .command, .operate, .setpoint, .reset, .flood, .block;
 * engineering.status, .login, .mode, .patch.
 */
#include "script/value.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define METATABLE "yw.handle"
#define UNIT_MAX 247
#define ADDRESS_MAX 65535
#define VALUE_MAX 65535
#define READ_MAX 125
#define FACTORY_PASSWORD "1111" /* vm-images/controller/plc.h */

static struct yw_action_value *l_new_action(lua_State *L)
{
    struct yw_action_value *action = lua_newuserdatauv(L, sizeof(*action), 0);
    memset(action, 0, sizeof(*action));
    action->kind = YW_HANDLE_ACTION;
    action->line = yw_script_line(L);
    action->host_at = -1;
    action->network = -1;
    luaL_setmetatable(L, METATABLE);
    return action;
}

static void add_arg(struct yw_action_value *action, const char *text)
{
    YW_COPY(action->argv[action->argc++], text);
}

static void add_number(struct yw_action_value *action, int number)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    add_arg(action, text);
}

/* Refuses every field that is not in the NULL-terminated list. */
static void l_only(lua_State *L, const char *what, const char *const *names)
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
        l_yw_fail(L, 0, "%s: unknown field '%s' (did you mean '%s'?)", what, worst, near);
    if (worst[0] != '\0')
        l_yw_fail(L, 0, "%s: unknown field '%s'", what, worst);
}

/* A whole number within the body; -1 when it is absent and `fallback` is -1. */
static int l_number(lua_State *L, const char *what, const char *name, int fallback,
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

/* Exactly one of the tables: adds "holding", "40" to the vector. */
static void l_table(lua_State *L, const char *what, struct yw_action_value *action,
                    const char *const *tables)
{
    const char *chosen = NULL;
    int address = 0;
    for (size_t i = 0; tables[i] != NULL; i++) {
        int found = l_number(L, what, tables[i], -1, ADDRESS_MAX);
        if (found < 0)
            continue;
        if (chosen != NULL)
            l_yw_fail(L, 0, "%s: both %s and %s: one of them is needed", what, chosen,
                      tables[i]);
        chosen = tables[i];
        address = found;
    }
    if (chosen == NULL) {
        l_yw_fail(L, 0, "%s: which register? add %s = address", what, tables[0]);
        return;
    }
    add_arg(action, chosen);
    add_number(action, address);
}

static void l_begin(lua_State *L, struct yw_action_value *action, const char *what,
                    const char *verb)
{
    add_arg(action, "modbus");
    add_arg(action, verb);
    action->host_at = (int)action->argc;
    add_arg(action, "");
    add_number(action, l_number(L, what, "unit", 1, UNIT_MAX));
}

static int l_write(lua_State *L)
{
    static const char *const names[] = {"unit", "holding", "coil", "value", NULL};
    static const char *const tables[] = {"holding", "coil", NULL};
    l_only(L, "modbus.write", names);
    struct yw_action_value *action = l_new_action(L);
    l_begin(L, action, "modbus.write", "write");
    l_table(L, "modbus.write", action, tables);
    bool coil = strcmp(action->argv[4], "coil") == 0;
    add_number(action, l_number(L, "modbus.write", "value", -2, coil ? 1 : VALUE_MAX));
    return 1;
}

static int l_read(lua_State *L)
{
    static const char *const names[] = {"unit",     "holding", "input", "coil",
                                        "discrete", "count",   NULL};
    static const char *const tables[] = {"holding", "input", "coil", "discrete", NULL};
    l_only(L, "modbus.read", names);
    struct yw_action_value *action = l_new_action(L);
    l_begin(L, action, "modbus.read", "read");
    l_table(L, "modbus.read", action, tables);
    add_number(action, l_number(L, "modbus.read", "count", 1, READ_MAX));
    return 1;
}

static int l_scan(lua_State *L)
{
    static const char *const names[] = {"network", NULL};
    char got[128];
    l_only(L, "modbus.scan", names);
    lua_pushliteral(L, "network");
    lua_rawget(L, 1);
    const struct yw_handle *handle = yw_script_handle(L, -1, YW_HANDLE_NETWORK);
    if (handle == NULL)
        return l_yw_fail(L, 0, "modbus.scan: network: expected a network, got %s",
                         yw_script_what(L, -1, got));
    const struct yw_spec_network *network =
        &yw_script_state_of(L)->spec->networks[handle->index];
    struct yw_action_value *action = l_new_action(L);
    char address[16];
    char cidr[32];
    yw_spec_address_text(network->address, address);
    snprintf(cidr, sizeof(cidr), "%s/%d", address, network->prefix);
    action->network = handle->index;
    add_arg(action, "modbus");
    add_arg(action, "scan");
    add_arg(action, cidr);
    return 1;
}

/* ---- IEC 60870-5-104 ---- */

#define STATION_MAX 65534
#define OBJECT_MAX 16777215
#define SWEEP_MAX 512
#define FLOOD_MAX 100000
#define BLOCK_MAX_MS 120000

static struct yw_action_value *l_begin_iec104(lua_State *L, const char *what,
                                              const char *verb)
{
    struct yw_action_value *action = l_new_action(L);
    add_arg(action, "iec104");
    add_arg(action, verb);
    action->host_at = (int)action->argc;
    add_arg(action, "");
    add_number(action, l_number(L, what, "station", 1, STATION_MAX));
    return action;
}

static int l_interrogate(lua_State *L)
{
    static const char *const names[] = {"station", NULL};
    l_only(L, "iec104.interrogate", names);
    (void)l_begin_iec104(L, "iec104.interrogate", "interrogate");
    return 1;
}

static int l_iec104_reset(lua_State *L)
{
    static const char *const names[] = {"station", NULL};
    l_only(L, "iec104.reset", names);
    (void)l_begin_iec104(L, "iec104.reset", "reset");
    return 1;
}

static int l_sweep(lua_State *L)
{
    static const char *const names[] = {"station", "first", "last", NULL};
    l_only(L, "iec104.sweep", names);
    struct yw_action_value *action = l_begin_iec104(L, "iec104.sweep", "sweep");
    int first = l_number(L, "iec104.sweep", "first", -2, OBJECT_MAX);
    int last = l_number(L, "iec104.sweep", "last", -2, OBJECT_MAX);
    if (last < first || last - first >= SWEEP_MAX)
        l_yw_fail(L, 0, "iec104.sweep: last: from first on, at most %d addresses",
                  SWEEP_MAX);
    add_number(action, first);
    add_number(action, last);
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
    add_arg(action, text);
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
            add_arg(action, type);
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
    l_only(L, what, names);
    struct yw_action_value *action = l_begin_iec104(L, what, verb);
    l_add_type(L, what, action);
    add_number(action, l_number(L, what, "ioa", -2, OBJECT_MAX));
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
    l_only(L, "iec104.setpoint", names);
    struct yw_action_value *action = l_begin_iec104(L, "iec104.setpoint", "setpoint");
    add_number(action, l_number(L, "iec104.setpoint", "ioa", -2, OBJECT_MAX));
    l_add_value(L, "iec104.setpoint", action);
    return 1;
}

static int l_flood(lua_State *L)
{
    static const char *const names[] = {"station", "count", NULL};
    l_only(L, "iec104.flood", names);
    struct yw_action_value *action = l_begin_iec104(L, "iec104.flood", "flood");
    add_number(action, l_number(L, "iec104.flood", "count", 1000, FLOOD_MAX));
    return 1;
}

static int l_block(lua_State *L)
{
    static const char *const names[] = {"span", NULL};
    l_only(L, "iec104.block", names);
    struct yw_action_value *action = l_new_action(L);
    lua_pushliteral(L, "span");
    lua_rawget(L, 1);
    int64_t span_ms = l_yw_read_span(L, -1, "iec104.block: span", yw_script_line(L));
    lua_pop(L, 1);
    if (span_ms < 1 || span_ms > BLOCK_MAX_MS)
        l_yw_fail(L, 0, "iec104.block: span: at most 2m");
    add_arg(action, "iec104");
    add_arg(action, "block");
    action->host_at = (int)action->argc;
    add_arg(action, "");
    add_number(action, (int)span_ms);
    return 1;
}

/* ---- the engineering port ---- */

/* A text of the body, at most what an argument holds; `fallback` may be NULL: it is needed. */
static void l_add_text(lua_State *L, const char *what, const char *name,
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
    add_arg(action, text);
    lua_pop(L, 1);
}

static struct yw_action_value *l_begin_engineering(lua_State *L, const char *verb)
{
    struct yw_action_value *action = l_new_action(L);
    add_arg(action, "engineering");
    add_arg(action, verb);
    action->host_at = (int)action->argc;
    add_arg(action, "");
    return action;
}

static int l_status(lua_State *L)
{
    static const char *const names[] = {NULL};
    l_only(L, "engineering.status", names);
    (void)l_begin_engineering(L, "status");
    return 1;
}

static int l_login(lua_State *L)
{
    static const char *const names[] = {"password", NULL};
    l_only(L, "engineering.login", names);
    l_add_text(L, "engineering.login", "password", FACTORY_PASSWORD,
               l_begin_engineering(L, "login"));
    return 1;
}

static int l_mode(lua_State *L)
{
    static const char *const names[] = {"password", "mode", NULL};
    l_only(L, "engineering.mode", names);
    struct yw_action_value *action = l_begin_engineering(L, "mode");
    l_add_text(L, "engineering.mode", "password", FACTORY_PASSWORD, action);
    l_add_text(L, "engineering.mode", "mode", NULL, action);
    return 1;
}

static int l_patch(lua_State *L)
{
    static const char *const names[] = {"password", "find", "replace", NULL};
    l_only(L, "engineering.patch", names);
    struct yw_action_value *action = l_begin_engineering(L, "patch");
    l_add_text(L, "engineering.patch", "password", FACTORY_PASSWORD, action);
    l_add_text(L, "engineering.patch", "find", NULL, action);
    l_add_text(L, "engineering.patch", "replace", NULL, action);
    return 1;
}

void l_yw_open_actions(lua_State *L)
{
    static const luaL_Reg engineering[] = {{"status", l_status},
                                           {"login", l_login},
                                           {"mode", l_mode},
                                           {"patch", l_patch},
                                           {NULL, NULL}};
    static const luaL_Reg iec104[] = {{"interrogate", l_interrogate},
                                      {"sweep", l_sweep},
                                      {"command", l_command},
                                      {"operate", l_operate},
                                      {"setpoint", l_setpoint},
                                      {"reset", l_iec104_reset},
                                      {"flood", l_flood},
                                      {"block", l_block},
                                      {NULL, NULL}};
    static const luaL_Reg modbus[] = {
        {"write", l_write}, {"read", l_read}, {"scan", l_scan}, {NULL, NULL}};
    luaL_newlib(L, modbus);
    lua_setglobal(L, "modbus");
    luaL_newlib(L, engineering);
    lua_setglobal(L, "engineering");
    luaL_newlib(L, iec104);
    lua_setglobal(L, "iec104");
}
