/* Handles, and the conditions that scripts build from them. C evaluates conditions
 * (model/cond.h); here they are only put together, as values. */
#include "script/value.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define METATABLE "yw.handle"

const char *yw_handle_kind_name(enum yw_handle_kind kind)
{
    static const char *const names[YW_HANDLE_KINDS] = {
        [YW_HANDLE_SCENARIO] = "scenario", [YW_HANDLE_NETWORK] = "network",
        [YW_HANDLE_PLANT] = "plant",       [YW_HANDLE_MACHINE] = "machine",
        [YW_HANDLE_ATTACK] = "attack",     [YW_HANDLE_OBJECTIVE] = "objective",
        [YW_HANDLE_PLAYBOOK] = "playbook", [YW_HANDLE_TIER] = "tier",
        [YW_HANDLE_LIMIT] = "limit",       [YW_HANDLE_PERIOD] = "period",
        [YW_HANDLE_MEASURE] = "measure",   [YW_HANDLE_ADDRESS] = "address",
        [YW_HANDLE_TAG] = "tag",           [YW_HANDLE_LEVEL] = "level",
        [YW_HANDLE_MERIT] = "merit",       [YW_HANDLE_COND] = "condition",
        [YW_HANDLE_ACTION] = "action",     [YW_HANDLE_STORY] = "story",
        [YW_HANDLE_PLAYER] = "player",
    };
    return names[kind];
}

static struct yw_handle *l_new_handle(lua_State *L, enum yw_handle_kind kind, int index)
{
    struct yw_handle *handle = lua_newuserdatauv(L, sizeof(*handle), 0);
    memset(handle, 0, sizeof(*handle));
    handle->kind = kind;
    handle->index = index;
    luaL_setmetatable(L, METATABLE);
    return handle;
}

void l_yw_push_handle(lua_State *L, enum yw_handle_kind kind, int index)
{
    l_new_handle(L, kind, index);
}

int yw_script_kind(lua_State *L, int index)
{
    const enum yw_handle_kind *kind = luaL_testudata(L, index, METATABLE);
    return kind == NULL ? -1 : (int)*kind;
}

const struct yw_handle *yw_script_handle(lua_State *L, int index,
                                         enum yw_handle_kind kind)
{
    return yw_script_kind(L, index) == (int)kind ? lua_touserdata(L, index) : NULL;
}

static const char *name_of(const struct yw_spec *spec, const struct yw_handle *handle)
{
    switch (handle->kind) {
    case YW_HANDLE_NETWORK:
        return spec->networks[handle->index].name;
    case YW_HANDLE_PLANT:
    case YW_HANDLE_TAG:
    case YW_HANDLE_LEVEL:
        return spec->plants[handle->index].name;
    case YW_HANDLE_MACHINE:
        return spec->machines[handle->index].name;
    case YW_HANDLE_ATTACK:
        return spec->attacks[handle->index].name;
    case YW_HANDLE_OBJECTIVE:
        return spec->objectives[handle->index].name;
    case YW_HANDLE_PLAYBOOK:
        return spec->playbooks[handle->index].name;
    case YW_HANDLE_TIER:
        return spec->tiers[handle->index].name;
    case YW_HANDLE_LIMIT:
        return spec->limits[handle->index].name;
    case YW_HANDLE_PERIOD:
        return spec->periods[handle->index].name;
    case YW_HANDLE_MEASURE:
        return spec->measures[handle->index].name;
    case YW_HANDLE_SCENARIO:
    case YW_HANDLE_ADDRESS:
    case YW_HANDLE_MERIT:
    case YW_HANDLE_COND:
    case YW_HANDLE_ACTION:
    case YW_HANDLE_STORY:
    case YW_HANDLE_PLAYER:
    case YW_HANDLE_KINDS:
        break;
    }
    return NULL;
}

const char *yw_script_what(lua_State *L, int index, char text[128])
{
    int kind = yw_script_kind(L, index);
    if (kind >= 0) {
        const char *name = name_of(yw_script_state_of(L)->spec, lua_touserdata(L, index));
        snprintf(text, 128, name == NULL ? "%s" : "%s '%s'",
                 yw_handle_kind_name((enum yw_handle_kind)kind), name);
        return text;
    }
    switch (lua_type(L, index)) {
    case LUA_TSTRING: {
        char cut[64];
        yw_copy(cut, sizeof(cut), lua_tostring(L, index));
        snprintf(text, 128, "\"%s\"", cut);
        return text;
    }
    case LUA_TNUMBER:
        snprintf(text, 128, "%.14g", lua_tonumber(L, index));
        return text;
    case LUA_TNIL:
    case LUA_TNONE:
        return "nothing";
    default:
        return luaL_typename(L, index);
    }
}

/* ---- conditions ---- */

static struct yw_cond *l_new_cond(lua_State *L)
{
    struct yw_cond_value *value = lua_newuserdatauv(L, sizeof(*value), 0);
    memset(value, 0, sizeof(*value));
    value->kind = YW_HANDLE_COND;
    luaL_setmetatable(L, METATABLE);
    return &value->cond;
}

static struct yw_cond_node *l_add_node(lua_State *L, struct yw_cond *cond,
                                       enum yw_cond_kind kind)
{
    if (cond->count == YW_COND_NODES_MAX)
        l_yw_fail(L, 0, "a condition has at most %d parts", YW_COND_NODES_MAX);
    struct yw_cond_node *node = &cond->nodes[cond->count++];
    memset(node, 0, sizeof(*node));
    node->kind = kind;
    return node;
}

/* A condition with one node about a declared thing; it is pushed. */
static struct yw_cond_node *l_leaf(lua_State *L, enum yw_cond_kind kind,
                                   const char *subject)
{
    struct yw_cond *cond = l_new_cond(L);
    struct yw_cond_node *node = l_add_node(L, cond, kind);
    YW_COPY(node->subject, subject);
    return node;
}

bool l_yw_cond_at(lua_State *L, int index, struct yw_cond *ret)
{
    const struct yw_handle *objective = yw_script_handle(L, index, YW_HANDLE_OBJECTIVE);
    if (objective != NULL) {
        memset(ret, 0, sizeof(*ret));
        ret->nodes[0].kind = YW_COND_MET;
        YW_COPY(ret->nodes[0].subject, name_of(yw_script_state_of(L)->spec, objective));
        ret->count = 1;
        return true;
    }
    if (yw_script_kind(L, index) != YW_HANDLE_COND)
        return false;
    *ret = ((const struct yw_cond_value *)lua_touserdata(L, index))->cond;
    return true;
}

/* Appends `part` to `cond`; returns the index of its root. */
static int l_append(lua_State *L, struct yw_cond *cond, const struct yw_cond *part)
{
    if (cond->count + part->count > YW_COND_NODES_MAX)
        l_yw_fail(L, 0, "a condition has at most %d parts", YW_COND_NODES_MAX);
    int base = (int)cond->count;
    for (size_t i = 0; i < part->count; i++) {
        struct yw_cond_node *node = &cond->nodes[cond->count++];
        *node = part->nodes[i];
        for (size_t j = 0; j < node->child_count; j++)
            node->children[j] += base;
    }
    return (int)cond->count - 1;
}

static int l_group(lua_State *L, const char *name, enum yw_cond_kind kind)
{
    char got[128];
    if (lua_type(L, 1) != LUA_TTABLE)
        return l_yw_fail(L, 0, "%s: expected { condition, … }, got %s", name,
                         yw_script_what(L, 1, got));
    size_t count = lua_rawlen(L, 1);
    if (count == 0 || count > YW_COND_CHILDREN_MAX)
        return l_yw_fail(L, 0, "%s takes 1 to %d conditions, got %d", name,
                         YW_COND_CHILDREN_MAX, (int)count);
    struct yw_cond *cond = l_new_cond(L);
    int children[YW_COND_CHILDREN_MAX];
    for (size_t i = 0; i < count; i++) {
        struct yw_cond part;
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        if (!l_yw_cond_at(L, -1, &part))
            return l_yw_fail(L, 0, "%s: item %d: expected a condition, got %s", name,
                             (int)i + 1, yw_script_what(L, -1, got));
        children[i] = l_append(L, cond, &part);
        lua_pop(L, 1);
    }
    struct yw_cond_node *node = l_add_node(L, cond, kind);
    memcpy(node->children, children, count * sizeof(children[0]));
    node->child_count = count;
    return 1;
}

static int l_any(lua_State *L)
{
    return l_group(L, "any", YW_COND_ANY);
}

static int l_all(lua_State *L)
{
    return l_group(L, "all", YW_COND_ALL);
}

/* Wraps the condition at 1 and pushes the new one. */
static struct yw_cond_node *l_wrap(lua_State *L, const char *name, enum yw_cond_kind kind)
{
    struct yw_cond part;
    char got[128];
    if (!l_yw_cond_at(L, 1, &part))
        l_yw_fail(L, 0, "%s: expected a condition, got %s", name,
                  yw_script_what(L, 1, got));
    struct yw_cond *cond = l_new_cond(L);
    int child = l_append(L, cond, &part);
    struct yw_cond_node *node = l_add_node(L, cond, kind);
    node->children[0] = child;
    node->child_count = 1;
    return node;
}

static int l_never(lua_State *L)
{
    l_wrap(L, "never", YW_COND_NEVER);
    return 1;
}

static int l_not(lua_State *L)
{
    l_wrap(L, "not_", YW_COND_NOT);
    return 1;
}

static int l_for(lua_State *L)
{
    int64_t span_ms = l_yw_read_span(L, 2, "for_", 0);
    l_wrap(L, "for_", YW_COND_FOR)->span_ms = span_ms;
    return 1;
}

static int l_about(lua_State *L, const char *name, enum yw_handle_kind kind,
                   enum yw_cond_kind cond)
{
    char got[128];
    const struct yw_handle *handle = yw_script_handle(L, 1, kind);
    if (handle == NULL)
        return l_yw_fail(L, 0, "%s: expected a value made by %s \"…\" { … }, got %s",
                         name, yw_handle_kind_name(kind), yw_script_what(L, 1, got));
    l_leaf(L, cond, name_of(yw_script_state_of(L)->spec, handle));
    return 1;
}

static int l_isolated(lua_State *L)
{
    return l_about(L, "isolated", YW_HANDLE_MACHINE, YW_COND_ISOLATED);
}

static int l_alarm(lua_State *L)
{
    return l_about(L, "alarm", YW_HANDLE_PLANT, YW_COND_ALARM);
}

static int l_reported(lua_State *L)
{
    return l_about(L, "reported", YW_HANDLE_ATTACK, YW_COND_REPORTED);
}

static int l_met(lua_State *L)
{
    return l_about(L, "met", YW_HANDLE_OBJECTIVE, YW_COND_MET);
}

static int l_answered(lua_State *L)
{
    char got[128];
    size_t size = 0;
    const char *step = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &size) : NULL;
    if (step == NULL || size == 0 || size >= YW_NAME_MAX || !yw_utf8_valid(step, size))
        return l_yw_fail(L, 0, "answered: expected the English name of a step, got %s",
                         yw_script_what(L, 1, got));
    l_leaf(L, YW_COND_ANSWERED, step);
    return 1;
}

/* ---- what the law makes of it; names are the rule packs', checked by those who read them ---- */

static const char *l_law_name(lua_State *L, const char *name, const char *what)
{
    char got[128];
    size_t size = 0;
    const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &size) : NULL;
    if (text == NULL || size == 0 || size >= YW_NAME_MAX || !yw_utf8_valid(text, size))
        l_yw_fail(L, 0, "%s: expected %s, got %s", name, what, yw_script_what(L, 1, got));
    return text;
}

static int l_in_time(lua_State *L)
{
    l_leaf(L, YW_COND_IN_TIME,
           l_law_name(L, "reported_in_time", "the id of a duty, \"CQ.LADDER.1\""));
    return 1;
}

static int l_graded_right(lua_State *L)
{
    l_leaf(L, YW_COND_GRADED_RIGHT,
           l_law_name(L, "graded_right", "the id of a rule pack"));
    return 1;
}

/* merit "detect" :at_most "5m", merit "accuracy" :at_least(0.8) */
static int l_merit(lua_State *L)
{
    const char *name = l_law_name(L, "merit", "a name such as \"detect\"");
    struct yw_handle *merit = l_new_handle(L, YW_HANDLE_MERIT, 0);
    YW_COPY(merit->tag, name);
    return 1;
}

/* ---- plant values ---- */

static double l_limit(lua_State *L, const char *name)
{
    char got[128];
    double number = lua_type(L, 2) == LUA_TNUMBER ? lua_tonumber(L, 2) : NAN;
    if (!isfinite(number))
        l_yw_fail(L, 0, "%s: expected a number, got %s", name, yw_script_what(L, 2, got));
    return number;
}

static int l_compare(lua_State *L, const char *name, enum yw_handle_kind kind,
                     enum yw_cond_kind cond)
{
    const struct yw_handle *handle = yw_script_handle(L, 1, kind);
    if (handle == NULL)
        return l_yw_fail(L, 0, "%s: write it with a colon, :%s(…)", name, name);
    double number = l_limit(L, name);
    struct yw_cond_node *node =
        l_leaf(L, cond, name_of(yw_script_state_of(L)->spec, handle));
    YW_COPY(node->tag, handle->tag);
    node->number = number;
    return 1;
}

static int l_above(lua_State *L)
{
    return l_compare(L, "above", YW_HANDLE_TAG, YW_COND_TAG_ABOVE);
}

static int l_below(lua_State *L)
{
    return l_compare(L, "below", YW_HANDLE_TAG, YW_COND_TAG_BELOW);
}

/* A span counts in seconds. */
static int l_weigh(lua_State *L, const char *name, enum yw_cond_kind kind)
{
    const struct yw_handle *merit = yw_script_handle(L, 1, YW_HANDLE_MERIT);
    double number = lua_type(L, 2) == LUA_TSTRING
                        ? (double)l_yw_read_span(L, 2, name, 0) / 1000
                        : l_limit(L, name);
    l_leaf(L, kind, merit->tag)->number = number;
    return 1;
}

static int l_at_most(lua_State *L)
{
    if (yw_script_kind(L, 1) == YW_HANDLE_MERIT)
        return l_weigh(L, "at_most", YW_COND_MERIT_AT_MOST);
    return l_compare(L, "at_most", YW_HANDLE_LEVEL, YW_COND_LEVEL_AT_MOST);
}

static int l_at_least(lua_State *L)
{
    if (yw_script_kind(L, 1) == YW_HANDLE_MERIT)
        return l_weigh(L, "at_least", YW_COND_MERIT_AT_LEAST);
    return l_compare(L, "at_least", YW_HANDLE_LEVEL, YW_COND_LEVEL_AT_LEAST);
}

static int l_level(lua_State *L)
{
    const struct yw_handle *plant = yw_script_handle(L, 1, YW_HANDLE_PLANT);
    if (plant == NULL)
        return l_yw_fail(L, 0, "level: write it with a colon, :level()");
    l_new_handle(L, YW_HANDLE_LEVEL, plant->index);
    return 1;
}

static const struct {
    enum yw_handle_kind kind;
    const char *name;
    lua_CFunction l_call;
} methods[] = {
    {YW_HANDLE_PLANT, "level", l_level},       {YW_HANDLE_TAG, "above", l_above},
    {YW_HANDLE_TAG, "below", l_below},         {YW_HANDLE_LEVEL, "at_most", l_at_most},
    {YW_HANDLE_LEVEL, "at_least", l_at_least}, {YW_HANDLE_COND, "for_", l_for},
    {YW_HANDLE_MERIT, "at_most", l_at_most},   {YW_HANDLE_MERIT, "at_least", l_at_least},
};

/* works.naoh_mg_l */
static int l_tag(lua_State *L, int plant, const char *name)
{
    if (name[0] == '\0' || strlen(name) >= YW_NAME_MAX ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name))
        return l_yw_fail(L, 0, "tag '%.63s': a tag has lower-case letters, digits and _",
                         name);
    struct yw_handle *tag = l_new_handle(L, YW_HANDLE_TAG, plant);
    YW_COPY(tag->tag, name);
    return 1;
}

static int l_index(lua_State *L)
{
    int kind = yw_script_kind(L, 1);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
    if (kind < 0 || name == NULL)
        return luaL_error(L, "a name is needed after the dot");
    const char *near = NULL;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if ((int)methods[i].kind == kind) {
            if (strcmp(methods[i].name, name) == 0) {
                lua_pushcfunction(L, methods[i].l_call);
                return 1;
            }
            if (near == NULL)
                near = yw_name_nearest(name, &methods[i].name, 1);
        }
    if (kind == YW_HANDLE_PLANT)
        return l_tag(L, ((const struct yw_handle *)lua_touserdata(L, 1))->index, name);
    lua_CFunction l_verb = yw_script_verb_find((enum yw_handle_kind)kind, name);
    if (l_verb != NULL) {
        lua_pushcfunction(L, l_verb);
        return 1;
    }
    if (near == NULL)
        near = yw_script_verb_nearest((enum yw_handle_kind)kind, name);
    char what[128];
    yw_script_what(L, 1, what);
    if (near != NULL)
        return l_yw_fail(L, 0, "%s has no '%s'; did you mean '%s'?", what, name, near);
    return l_yw_fail(L, 0, "%s has no '%s'", what, name);
}

/* control ".11", or the whole address: the last parts replace those of the network. */
static int l_call(lua_State *L)
{
    char got[128];
    const struct yw_handle *handle = yw_script_handle(L, 1, YW_HANDLE_NETWORK);
    if (handle == NULL)
        return l_yw_fail(L, 0, "%s cannot be called", yw_script_what(L, 1, got));
    const char *text = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    const struct yw_spec_network *network =
        &yw_script_state_of(L)->spec->networks[handle->index];
    char whole[64];
    uint32_t address = 0;
    int parts = 0;
    for (const char *at = text; *at != '\0'; at++)
        parts += *at == '.';
    bool tail = text[0] == '.' && parts <= 3;
    snprintf(whole, sizeof(whole), "%s%.20s",
             !tail        ? ""
             : parts == 1 ? "0.0.0"
             : parts == 2 ? "0.0"
                          : "0",
             text);
    if (yw_spec_address_parse(whole, &address) != 0)
        return l_yw_fail(L, 0,
                         "network '%s': expected an address such as \".11\", got %s",
                         network->name, yw_script_what(L, 2, got));
    if (tail)
        address |= network->address & ~(UINT32_MAX >> (32 - 8 * parts));
    struct yw_handle *ret = l_new_handle(L, YW_HANDLE_ADDRESS, handle->index);
    ret->address = address;
    return 1;
}

void l_yw_open_values(lua_State *L)
{
    static const luaL_Reg metamethods[] = {
        {"__index", l_index}, {"__call", l_call}, {NULL, NULL}};
    luaL_newmetatable(L, METATABLE);
    luaL_setfuncs(L, metamethods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

void l_yw_open_builders(lua_State *L)
{
    static const luaL_Reg builders[] = {{"any", l_any},
                                        {"all", l_all},
                                        {"never", l_never},
                                        {"not_", l_not},
                                        {"isolated", l_isolated},
                                        {"alarm", l_alarm},
                                        {"reported", l_reported},
                                        {"met", l_met},
                                        {"answered", l_answered},
                                        {"merit", l_merit},
                                        {"reported_in_time", l_in_time},
                                        {"graded_right", l_graded_right},
                                        {NULL, NULL}};
    lua_pushglobaltable(L);
    luaL_setfuncs(L, builders, 0);
    lua_pop(L, 1);
}
