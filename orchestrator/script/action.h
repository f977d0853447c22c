/* What the actions share: each reads the body at index 1 of the Lua stack and makes an argument
 * vector. All raise, with the line; `what` begins messages: "modbus.write". Another table of
 * actions: a file action_NAME.c, its list here and in action.c, its rows in model/kit.def. */
#ifndef YW_SCRIPT_ACTION_H
#define YW_SCRIPT_ACTION_H

#include "script/value.h"

#include <lauxlib.h>

#define YW_ACTION_WORDS_MAX 10
#define YW_ACTION_WORD_MAX 32 /* with the NUL */
#define YW_ACTION_OVER_MAX_MS (30 * 60 * 1000)

struct yw_action_value *l_yw_action_new(lua_State *L);
/* One that goes on by itself after it began, until its end or its undoing: its vector begins
 * with "background" and the attack's name. */
struct yw_action_value *l_yw_action_lasting(lua_State *L);
void yw_action_add_target(struct yw_action_value *action); /* the address of `to` */
void yw_action_add(struct yw_action_value *action, const char *text);
void yw_action_add_number(struct yw_action_value *action, int number);
/* Refuses every field that is not in the NULL-terminated list. */
void l_yw_action_only(lua_State *L, const char *what, const char *const *names);
/* A whole number from 0 to max; `fallback` when it is absent, -2: it is needed. */
int l_yw_action_number(lua_State *L, const char *what, const char *name, int fallback,
                       int max);
/* A time in milliseconds, such as "30s"; `fallback_ms` when it is absent, -1: it is needed. */
int64_t l_yw_action_span(lua_State *L, const char *what, const char *name,
                         int64_t fallback_ms, int64_t low_ms, int64_t high_ms);
/* Adds a text of the body, at most what an argument holds; `fallback` NULL: it is needed. */
void l_yw_action_text(lua_State *L, const char *what, const char *name,
                      const char *fallback, struct yw_action_value *action);

/* Adds each word of a list; how many. */
size_t l_yw_action_words(lua_State *L, const char *what, const char *name,
                         struct yw_action_value *action);

/* Ending in NULLs. */
extern const luaL_Reg yw_actions_modbus[];
extern const luaL_Reg yw_actions_iec104[];
extern const luaL_Reg yw_actions_engineering[];
extern const luaL_Reg yw_actions_station[];
extern const luaL_Reg yw_actions_safety[];
extern const luaL_Reg yw_actions_aitm[];
extern const luaL_Reg yw_actions_mqtt[];

#endif
