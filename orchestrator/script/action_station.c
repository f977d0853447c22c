/* The pages of operator stations and historians (port 80), by their weak account of the upkeep:
 * station.fetch (what the historian holds, taken out), .guess, .stop, .wipe */
#include "script/action.h"

#define FACTORY_PASSWORD "admin" /* vm-images/controller/upkeep.h */

static struct yw_action_value *l_begin(lua_State *L, const char *verb)
{
    struct yw_action_value *action = l_yw_action_new(L);
    yw_action_add(action, "station");
    yw_action_add(action, verb);
    yw_action_add_target(action);
    return action;
}

static int l_fetch(lua_State *L)
{
    static const char *const names[] = {"tag", NULL};
    l_yw_action_only(L, "station.fetch", names);
    l_yw_action_text(L, "station.fetch", "tag", "*", l_begin(L, "fetch"));
    return 1;
}

static int l_guess(lua_State *L)
{
    static const char *const names[] = {"words", "every", NULL};
    const char *what = "station.guess";
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_begin(L, "guess");
    yw_action_add_number(action, (int)l_yw_action_span(L, what, "every", 200, 0, 1000));
    (void)l_yw_action_words(L, what, "words", action);
    return 1;
}

static int l_order(lua_State *L, const char *what, const char *verb)
{
    static const char *const names[] = {"password", NULL};
    l_yw_action_only(L, what, names);
    l_yw_action_text(L, what, "password", FACTORY_PASSWORD, l_begin(L, verb));
    return 1;
}

static int l_stop(lua_State *L)
{
    return l_order(L, "station.stop", "stop");
}

static int l_wipe(lua_State *L)
{
    return l_order(L, "station.wipe", "wipe");
}

const luaL_Reg yw_actions_station[] = {{"fetch", l_fetch},
                                       {"guess", l_guess},
                                       {"stop", l_stop},
                                       {"wipe", l_wipe},
                                       {NULL, NULL}};
