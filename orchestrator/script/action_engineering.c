/* The engineering port: engineering.status, .login, .mode, .stop, .boot (to take new firmware),
 * .patch, .guess, .lock (a password that its owner does not know) */
#include "script/action.h"

#define FACTORY_PASSWORD "1111" /* vm-images/controller/plc.h */

static struct yw_action_value *l_begin_engineering(lua_State *L, const char *verb)
{
    struct yw_action_value *action = l_yw_action_new(L);
    yw_action_add(action, "engineering");
    yw_action_add(action, verb);
    yw_action_add_target(action);
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

static int l_mode_of(lua_State *L, const char *what, const char *mode)
{
    static const char *const names[] = {"password", NULL};
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_begin_engineering(L, "mode");
    l_yw_action_text(L, what, "password", FACTORY_PASSWORD, action);
    yw_action_add(action, mode);
    return 1;
}

static int l_stop(lua_State *L)
{
    return l_mode_of(L, "engineering.stop", "stop");
}

static int l_boot(lua_State *L)
{
    return l_mode_of(L, "engineering.boot", "boot");
}

static int l_guess(lua_State *L)
{
    static const char *const names[] = {"words", "every", NULL};
    const char *what = "engineering.guess";
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_begin_engineering(L, "guess");
    yw_action_add_number(action, (int)l_yw_action_span(L, what, "every", 200, 0, 1000));
    (void)l_yw_action_words(L, what, "words", action);
    return 1;
}

static int l_lock(lua_State *L)
{
    static const char *const names[] = {"password", "new", NULL};
    const char *what = "engineering.lock";
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_begin_engineering(L, "lock");
    l_yw_action_text(L, what, "password", FACTORY_PASSWORD, action);
    l_yw_action_text(L, what, "new", NULL, action);
    return 1;
}

const luaL_Reg yw_actions_engineering[] = {
    {"status", l_status}, {"login", l_login}, {"mode", l_mode},
    {"stop", l_stop},     {"boot", l_boot},   {"patch", l_patch},
    {"guess", l_guess},   {"lock", l_lock},   {NULL, NULL}};
