/* The engineering port: engineering.status, .login, .mode, .patch */
#include "script/action.h"

#define FACTORY_PASSWORD "1111" /* vm-images/controller/plc.h */

static struct yw_action_value *l_begin_engineering(lua_State *L, const char *verb)
{
    struct yw_action_value *action = l_yw_action_new(L);
    yw_action_add(action, "engineering");
    yw_action_add(action, verb);
    action->host_at = (int)action->argc;
    yw_action_add(action, "");
    return action;
}

static int l_status(lua_State *L)
{
    static const char *const names[] = {NULL};
    l_yw_action_only(L, "engineering.status", names);
    (void)l_begin_engineering(L, "status");
    return 1;
}

static int l_login(lua_State *L)
{
    static const char *const names[] = {"password", NULL};
    l_yw_action_only(L, "engineering.login", names);
    l_yw_action_text(L, "engineering.login", "password", FACTORY_PASSWORD,
                     l_begin_engineering(L, "login"));
    return 1;
}

static int l_mode(lua_State *L)
{
    static const char *const names[] = {"password", "mode", NULL};
    l_yw_action_only(L, "engineering.mode", names);
    struct yw_action_value *action = l_begin_engineering(L, "mode");
    l_yw_action_text(L, "engineering.mode", "password", FACTORY_PASSWORD, action);
    l_yw_action_text(L, "engineering.mode", "mode", NULL, action);
    return 1;
}

static int l_patch(lua_State *L)
{
    static const char *const names[] = {"password", "find", "replace", NULL};
    l_yw_action_only(L, "engineering.patch", names);
    struct yw_action_value *action = l_begin_engineering(L, "patch");
    l_yw_action_text(L, "engineering.patch", "password", FACTORY_PASSWORD, action);
    l_yw_action_text(L, "engineering.patch", "find", NULL, action);
    l_yw_action_text(L, "engineering.patch", "replace", NULL, action);
    return 1;
}

const luaL_Reg yw_actions_engineering[] = {{"status", l_status},
                                           {"login", l_login},
                                           {"mode", l_mode},
                                           {"patch", l_patch},
                                           {NULL, NULL}};
