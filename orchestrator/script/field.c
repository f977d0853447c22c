/* Reads a body, { name = value, … }, by the rows of the registry. */
#include "script/reading.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define FIELDS_OF_ONE_MAX 40

const char *yw_field_type_name(enum yw_field_type type, bool zh)
{
    static const char *const names[YW_FIELD_TYPES][2] = {
        [YW_FIELD_TEXT] = {"text { zh =, en = }", "文本 { zh =, en = }"},
        [YW_FIELD_NAME] = {"name", "名称"},
        [YW_FIELD_WORD] = {"word", "代号"},
        [YW_FIELD_STRING] = {"text", "文本"},
        [YW_FIELD_PATH] = {"path in the scenario's folder", "情景目录内的路径"},
        [YW_FIELD_SPAN] = {"time span, \"5m\"", "时长，\"5m\""},
        [YW_FIELD_INTEGER] = {"whole number", "整数"},
        [YW_FIELD_NUMBER] = {"number", "数"},
        [YW_FIELD_FLAG] = {"true or false", "true 或 false"},
        [YW_FIELD_MODE] = {"\"drill\" or \"tabletop\"", "\"drill\" 或 \"tabletop\""},
        [YW_FIELD_RATE] = {"rate, \"2mbit\"", "速率，\"2mbit\""},
        [YW_FIELD_CIDR] = {"network, \"10.20.2.0/24\"", "网段，\"10.20.2.0/24\""},
        [YW_FIELD_WORDS] = {"list of words", "代号列表"},
        [YW_FIELD_LIST] = {"list of words", "代号列表"},
        [YW_FIELD_NETWORK] = {"network", "网络"},
        [YW_FIELD_PLANT] = {"plant", "工艺过程"},
        [YW_FIELD_MACHINE] = {"machine", "机器"},
        [YW_FIELD_ATTACK] = {"attack", "攻击"},
        [YW_FIELD_ADDRESSES] = {"list of addresses, { net \".11\" }",
                                "地址列表，{ net \".11\" }"},
        [YW_FIELD_COND] = {"condition", "条件"},
        [YW_FIELD_ACTION] = {"action, modbus.write { … }", "动作，modbus.write { … }"},
        [YW_FIELD_TEAMS] = {"teams, { [\"blue\"] = \"quick\" }",
                            "队伍，{ [\"blue\"] = \"quick\" }"},
        [YW_FIELD_TAG] = {"plant.tag or a name", "plant.tag 或名称"},
        [YW_FIELD_READING] = {"plant.tag", "plant.tag"},
        [YW_FIELD_POINTS] = {"list of points, { { ioa =, type =, tag = }, … }",
                             "点表，{ { ioa =, type =, tag = }, … }"},
        [YW_FIELD_CONTROLS] = {"list of controls, { { holding =, says = { zh =, en = } }, … }",
                               "操作项表，{ { holding =, says = { zh =, en = } }, … }"},
        [YW_FIELD_MASTERS] = {"list of machines", "机器列表"},
        [YW_FIELD_MIRRORS] = {"list of networks", "网络列表"},
        [YW_FIELD_LINES] = {"list of texts", "文本列表"},
        [YW_FIELD_VARS] = {"variables, { name = value }", "变量，{ name = value }"},
        [YW_FIELD_GIVEN] = {"variables, { name = value }", "变量，{ name = value }"},
    };
    return names[type][zh ? 1 : 0];
}

static size_t fields_of(const char *of, const struct yw_field *rows[FIELDS_OF_ONE_MAX],
                        const char *names[FIELDS_OF_ONE_MAX])
{
    size_t count = 0;
    const struct yw_field *row;
    for (size_t i = 0; (row = yw_script_field_at(i)) != NULL; i++)
        if (strcmp(row->of, of) == 0 && count < FIELDS_OF_ONE_MAX) {
            rows[count] = row;
            names[count++] = row->name;
        }
    return count;
}

/* Of several unknown fields the first by name is reported: Lua's own order is no order.
 */
static void l_check_known(const struct yw_reading *r, int index, const char *const *names,
                          size_t count)
{
    lua_State *L = r->L;
    char worst[YW_NAME_MAX] = "";
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            l_yw_fail(L, r->line, "%s: write every value as name = value", r->title);
        const char *name = lua_tostring(L, -1);
        bool known = false;
        for (size_t i = 0; i < count; i++)
            known = known || strcmp(names[i], name) == 0;
        if (!known && (worst[0] == '\0' || strcmp(name, worst) < 0))
            YW_COPY(worst, name);
    }
    if (worst[0] == '\0')
        return;
    int line = yw_script_field_line(yw_script_state_of(L), r->line, worst);
    const char *near = yw_name_nearest(worst, names, count);
    if (near != NULL)
        l_yw_fail(L, line, "%s: unknown field '%s'; did you mean '%s'?", r->title, worst,
                  near);
    l_yw_fail(L, line, "%s: unknown field '%s'", r->title, worst);
}

void l_yw_read_fields(lua_State *L, int index, const char *of, const char *title,
                      int line, void *target)
{
    index = lua_absindex(L, index);
    const struct yw_field *rows[FIELDS_OF_ONE_MAX];
    const char *names[FIELDS_OF_ONE_MAX];
    size_t count = fields_of(of, rows, names);
    const struct yw_reading r = {L, title, line};
    char got[128];
    if (lua_type(L, index) != LUA_TTABLE)
        l_yw_fail(L, line, "%s: expected a body { … }, got %s", title,
                  yw_script_what(L, index, got));
    luaL_checkstack(L, 16, "fields");
    l_check_known(&r, index, names, count);
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, names[i]);
        if (lua_rawget(L, index) != LUA_TNIL)
            l_yw_set(&r, rows[i], (char *)target + rows[i]->at);
        else if (rows[i]->required)
            l_yw_fail(L, line, "%s: field '%s' is missing (%s)", title, names[i],
                      yw_field_type_name(rows[i]->type, false));
        lua_pop(L, 1);
    }
}
