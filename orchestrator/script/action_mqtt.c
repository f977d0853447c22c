/* Message brokers, for who has an account: mqtt.publish, .listen, .replay */
#include "script/action.h"

#include <string.h>

#define SPAN_MAX_MS 120000 /* vm-images/controller/applet_mqtt.c */

static struct yw_action_value *l_begin(lua_State *L, const char *what, const char *verb)
{
    struct yw_action_value *action = l_yw_action_new(L);
    yw_action_add(action, "mqtt");
    yw_action_add(action, verb);
    action->host_at = (int)action->argc;
    yw_action_add(action, "");
    l_yw_action_text(L, what, "user", NULL, action);
    l_yw_action_text(L, what, "password", NULL, action);
    l_yw_action_text(L, what, "topic", NULL, action);
    return action;
}

static int l_publish(lua_State *L)
{
    static const char *const names[] = {"user", "password", "topic", "text", NULL};
    l_yw_action_only(L, "mqtt.publish", names);
    struct yw_action_value *action = l_begin(L, "mqtt.publish", "publish");
    if (strpbrk(action->argv[5], "+#") != NULL)
        return l_yw_fail(L, 0, "mqtt.publish: topic: + and # are for listening");
    l_yw_action_text(L, "mqtt.publish", "text", NULL, action);
    return 1;
}

static int l_hear(lua_State *L, const char *what, const char *verb)
{
    static const char *const names[] = {"user", "password", "topic",
                                        "span", "having",   NULL};
    l_yw_action_only(L, what, names);
    struct yw_action_value *action = l_begin(L, what, verb);
    int64_t span_ms = l_yw_action_span(L, what, "span", -1, 1, SPAN_MAX_MS);
    yw_action_add_number(action, (int)span_ms);
    l_yw_action_text(L, what, "having", "", action);
    return 1;
}

static int l_listen(lua_State *L)
{
    return l_hear(L, "mqtt.listen", "listen");
}

static int l_replay(lua_State *L)
{
    return l_hear(L, "mqtt.replay", "replay");
}

const luaL_Reg yw_actions_mqtt[] = {
    {"publish", l_publish}, {"listen", l_listen}, {"replay", l_replay}, {NULL, NULL}};
