/* modbus.write, .read, .scan, .restart; and those that go on for a while: .toggle (brute-force
 * I/O), .fuzz, .ramp (slow drift), .hold (an alarm that is kept from coming), .flood. safety.bypass
 * is a write. */
#include "script/action.h"

#include <stdio.h>
#include <string.h>

#define UNIT_MAX 247
#define ADDRESS_MAX 65535
#define VALUE_MAX 65535
#define READ_MAX 125
#define FUZZ_MAX 100
#define STEPS_MAX 1000
#define RATE_MAX 1000
#define BYPASS_WORD 80 /* vm-images/controller/plc.h */

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
    yw_action_add_target(action);
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

static int l_restart(lua_State *L)
{
    static const char *const names[] = {"unit", NULL};
    l_yw_action_only(L, "modbus.restart", names);
    l_begin(L, l_yw_action_new(L), "modbus.restart", "restart");
    return 1;
}

/* ---- what goes on by itself ---- */

static void l_add_span(lua_State *L, const char *what, const char *name,
                       int64_t fallback_ms, int64_t low_ms, int64_t high_ms,
                       struct yw_action_value *action)
{
    yw_action_add_number(
        action, (int)l_yw_action_span(L, what, name, fallback_ms, low_ms, high_ms));
}

static void l_add_every(lua_State *L, const char *what, struct yw_action_value *action)
{
    l_add_span(L, what, "every", 500, 50, 60000, action);
    l_add_span(L, what, "over", 60000, 1000, YW_ACTION_OVER_MAX_MS, action);
}

/* unit, and a table with its address: the highest value that fits there. */
static int l_begin_lasting(lua_State *L, struct yw_action_value *action, const char *what,
                           const char *verb)
{
    static const char *const tables[] = {"holding", "coil", NULL};
    l_begin(L, action, what, verb);
    l_table(L, what, action, tables);
    return strcmp(action->argv[action->argc - 2], "coil") == 0 ? 1 : VALUE_MAX;
}

static int l_toggle(lua_State *L)
{
    static const char *const names[] = {"unit", "holding", "coil", "low",
                                        "high", "every",   "over", NULL};
    const char *what = "modbus.toggle";
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_yw_action_lasting(L);
    int most = l_begin_lasting(L, action, what, "toggle");
    int fallback = most == 1 ? 1 : -2;
    yw_action_add_number(action, l_yw_action_number(L, what, "low", 0, most));
    yw_action_add_number(action, l_yw_action_number(L, what, "high", fallback, most));
    l_add_every(L, what, action);
    return 1;
}

static int l_fuzz(lua_State *L)
{
    static const char *const names[] = {"unit",  "holding", "coil", "count",
                                        "every", "over",    NULL};
    const char *what = "modbus.fuzz";
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_yw_action_lasting(L);
    (void)l_begin_lasting(L, action, what, "fuzz");
    int count = l_yw_action_number(L, what, "count", 8, FUZZ_MAX);
    if (count == 0)
        l_yw_fail(L, 0, "%s: count: from 1 to %d registers", what, FUZZ_MAX);
    yw_action_add_number(action, count);
    l_add_every(L, what, action);
    return 1;
}

static int l_hold(lua_State *L)
{
    static const char *const names[] = {"unit",  "holding", "coil", "value",
                                        "every", "over",    NULL};
    const char *what = "modbus.hold";
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_yw_action_lasting(L);
    int most = l_begin_lasting(L, action, what, "hold");
    yw_action_add_number(action, l_yw_action_number(L, what, "value", -2, most));
    l_add_every(L, what, action);
    return 1;
}

static int l_ramp(lua_State *L)
{
    static const char *const names[] = {"unit", "holding", "from", "to",
                                        "over", "steps",   NULL};
    const char *what = "modbus.ramp";
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_yw_action_lasting(L);
    (void)l_begin_lasting(L, action, what, "ramp");
    int from = l_yw_action_number(L, what, "from", -1, VALUE_MAX);
    if (from < 0)
        yw_action_add(action, "now"); /* where the register stands then */
    else
        yw_action_add_number(action, from);
    yw_action_add_number(action, l_yw_action_number(L, what, "to", -2, VALUE_MAX));
    int steps = l_yw_action_number(L, what, "steps", 20, STEPS_MAX);
    int64_t over_ms = l_yw_action_span(L, what, "over", -1, 1000, YW_ACTION_OVER_MAX_MS);
    if (steps == 0 || over_ms / steps < 50)
        l_yw_fail(L, 0, "%s: steps: from 1 on, at most one in 50 ms", what);
    yw_action_add_number(action, steps);
    yw_action_add_number(action, (int)over_ms);
    return 1;
}

static int l_flood(lua_State *L)
{
    static const char *const names[] = {"rate", "over", NULL};
    const char *what = "modbus.flood";
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_yw_action_lasting(L);
    yw_action_add(action, "modbus");
    yw_action_add(action, "flood");
    yw_action_add_target(action);
    int rate = l_yw_action_number(L, what, "rate", 200, RATE_MAX);
    if (rate == 0)
        l_yw_fail(L, 0, "%s: rate: from 1 to %d connections a second", what, RATE_MAX);
    yw_action_add_number(action, rate);
    l_add_span(L, what, "over", 60000, 1000, YW_ACTION_OVER_MAX_MS, action);
    return 1;
}

static int l_bypass(lua_State *L)
{
    static const char *const names[] = {"unit", "word", "value", NULL};
    const char *what = "safety.bypass";
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_yw_action_new(L);
    l_begin(L, action, what, "write");
    yw_action_add(action, "holding");
    yw_action_add_number(action,
                         l_yw_action_number(L, what, "word", BYPASS_WORD, ADDRESS_MAX));
    yw_action_add_number(action, l_yw_action_number(L, what, "value", 1, VALUE_MAX));
    return 1;
}

const luaL_Reg yw_actions_safety[] = {{"bypass", l_bypass}, {NULL, NULL}};

const luaL_Reg yw_actions_modbus[] = {
    {"write", l_write},   {"read", l_read}, {"scan", l_scan}, {"restart", l_restart},
    {"toggle", l_toggle}, {"fuzz", l_fuzz}, {"hold", l_hold}, {"ramp", l_ramp},
    {"flood", l_flood},   {NULL, NULL}};
