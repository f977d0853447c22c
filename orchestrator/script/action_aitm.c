/* The adversary in the middle: aitm.stand { between = { plc, hmi }, replay, drop, over } */
#include "script/action.h"

#include <string.h>

#define REPLAY_MAX_MS 120000

/* The two machines of `between`: the controller first. */
static void l_between(lua_State *L, struct yw_action_value *action)
{
    char got[128];
    lua_pushliteral(L, "between");
    if (lua_rawget(L, 1) != LUA_TTABLE || lua_rawlen(L, -1) != 2)
        l_yw_fail(L, 0,
                  "aitm.stand: between: two machines are needed, { plc, hmi }, got %s",
                  yw_script_what(L, -1, got));
    action->ends_at = (int)action->argc;
    for (int i = 0; i < 2; i++) {
        lua_rawgeti(L, -1, i + 1);
        const struct yw_handle *machine = yw_script_handle(L, -1, YW_HANDLE_MACHINE);
        if (machine == NULL)
            l_yw_fail(L, 0, "aitm.stand: between: expected a machine, got %s",
                      yw_script_what(L, -1, got));
        else
            action->ends[i] = machine->index;
        lua_pop(L, 1);
        yw_action_add(action, "");
    }
    lua_pop(L, 1);
    if (action->ends[0] == action->ends[1])
        l_yw_fail(L, 0, "aitm.stand: between: two different machines are needed");
}

static void l_drop(lua_State *L, struct yw_action_value *action)
{
    static const char *const which[] = {"nothing", "commands", "reports", "all"};
    char got[128];
    lua_pushliteral(L, "drop");
    int type = lua_rawget(L, 1);
    const char *drop = type == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (type == LUA_TNIL)
        drop = which[0];
    for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++) {
        if (strcmp(which[i], drop) == 0) {
            yw_action_add(action, drop);
            lua_pop(L, 1);
            return;
        }
    }
    l_yw_fail(
        L, 0,
        "aitm.stand: drop: \"nothing\", \"commands\", \"reports\" or \"all\", got %s",
        yw_script_what(L, -1, got));
}

static int l_stand(lua_State *L)
{
    static const char *const names[] = {"between", "replay", "drop", "over", NULL};
    const char *what = "aitm.stand";
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_yw_action_lasting(L);
    yw_action_add(action, "aitm");
    yw_action_add(action, "stand");
    l_between(L, action);
    yw_action_add_number(action,
                         (int)l_yw_action_span(L, what, "replay", 0, 0, REPLAY_MAX_MS));
    l_drop(L, action);
    yw_action_add_number(action, (int)l_yw_action_span(L, what, "over", 300000, 1000,
                                                       YW_ACTION_OVER_MAX_MS));
    return 1;
}

const luaL_Reg yw_actions_aitm[] = {{"stand", l_stand}, {NULL, NULL}};
