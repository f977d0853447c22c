/* modbus.write, .read, .scan */
#include "script/action.h"

#include <stdio.h>
#include <string.h>

#define UNIT_MAX 247
#define ADDRESS_MAX 65535
#define VALUE_MAX 65535
#define READ_MAX 125

/* Exactly one of the tables: adds "holding", "40" to the vector. */
static void l_table(lua_State *L, const char *what, struct yw_action_value *action,
                    const char *const *tables)
{
    const char *chosen = NULL;
    int address = 0;
    for (size_t i = 0; tables[i] != NULL; i++) {
        int found = l_yw_action_number(L, what, tables[i], -1, ADDRESS_MAX);
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
    yw_action_add(action, chosen);
    yw_action_add_number(action, address);
}

static void l_begin(lua_State *L, struct yw_action_value *action, const char *what,
                    const char *verb)
{
    yw_action_add(action, "modbus");
    yw_action_add(action, verb);
    action->host_at = (int)action->argc;
    yw_action_add(action, "");
    yw_action_add_number(action, l_yw_action_number(L, what, "unit", 1, UNIT_MAX));
}

static int l_write(lua_State *L)
{
    static const char *const names[] = {"unit", "holding", "coil", "value", NULL};
    static const char *const tables[] = {"holding", "coil", NULL};
    l_yw_action_only(L, "modbus.write", names);
    struct yw_action_value *action = l_yw_action_new(L);
    l_begin(L, action, "modbus.write", "write");
    l_table(L, "modbus.write", action, tables);
    bool coil = strcmp(action->argv[4], "coil") == 0;
    yw_action_add_number(
        action, l_yw_action_number(L, "modbus.write", "value", -2, coil ? 1 : VALUE_MAX));
    return 1;
}

static int l_read(lua_State *L)
{
    static const char *const names[] = {"unit",     "holding", "input", "coil",
                                        "discrete", "count",   NULL};
    static const char *const tables[] = {"holding", "input", "coil", "discrete", NULL};
    l_yw_action_only(L, "modbus.read", names);
    struct yw_action_value *action = l_yw_action_new(L);
    l_begin(L, action, "modbus.read", "read");
    l_table(L, "modbus.read", action, tables);
    yw_action_add_number(action,
                         l_yw_action_number(L, "modbus.read", "count", 1, READ_MAX));
    return 1;
}

static int l_scan(lua_State *L)
{
    static const char *const names[] = {"network", NULL};
    char got[128];
    l_yw_action_only(L, "modbus.scan", names);
    lua_pushliteral(L, "network");
    lua_rawget(L, 1);
    const struct yw_handle *handle = yw_script_handle(L, -1, YW_HANDLE_NETWORK);
    if (handle == NULL)
        return l_yw_fail(L, 0, "modbus.scan: network: expected a network, got %s",
                         yw_script_what(L, -1, got));
    const struct yw_spec_network *network =
        &yw_script_state_of(L)->spec->networks[handle->index];
    struct yw_action_value *action = l_yw_action_new(L);
    char address[16];
    char cidr[32];
    yw_spec_address_text(network->address, address);
    snprintf(cidr, sizeof(cidr), "%s/%d", address, network->prefix);
    action->network = handle->index;
    yw_action_add(action, "modbus");
    yw_action_add(action, "scan");
    yw_action_add(action, cidr);
    return 1;
}

const luaL_Reg yw_actions_modbus[] = {
    {"write", l_write}, {"read", l_read}, {"scan", l_scan}, {NULL, NULL}};
