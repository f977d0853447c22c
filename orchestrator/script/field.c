/* Reads a body, { name = value, … }, by the rows of the registry. */
#include "script/value.h"

#include "base/clock.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define FIELD_LINES_MAX 60 /* how far below its constructor a field is looked for */
#define FIELDS_OF_ONE_MAX 24

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
        [YW_FIELD_POINTS] = {"list of points, { { ioa =, type =, tag = }, … }",
                             "点表，{ { ioa =, type =, tag = }, … }"},
        [YW_FIELD_MASTERS] = {"list of machines", "机器列表"},
        [YW_FIELD_VARS] = {"variables, { name = value }", "变量，{ name = value }"},
    };
    return names[type][zh ? 1 : 0];
}

struct reading {
    lua_State *L;
    const char *title;
    int line; /* of the constructor */
};

static bool is_word_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

/* Is there "name =" (or the bare name) in this stretch of the source? */
static bool line_names(const char *at, const char *end, const char *name)
{
    size_t size = strlen(name);
    for (const char *p = at; p + size <= end; p++) {
        if (memcmp(p, name, size) != 0 || (p > at && is_word_byte(p[-1])) ||
            (p + size < end && is_word_byte(p[size])))
            continue;
        const char *after = p + size;
        while (after < end && (*after == ' ' || *after == '\t'))
            after++;
        if (after < end && *after == '=' && (after + 1 == end || after[1] != '='))
            return true;
    }
    return false;
}

/* Lua does not keep the lines of a table's fields; the source does. */
static int field_line(const struct yw_script_state *state, int line, const char *name)
{
    const char *at = state->source;
    const char *end = state->source + state->source_size;
    for (int now = 1; at < end && now < line + FIELD_LINES_MAX; now++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        if (now >= line && line_names(at, stop, name))
            return now;
        at = stop + 1;
    }
    return line;
}

static int l_bad(const struct reading *r, const char *field, const char *why)
{
    int line = field_line(yw_script_state_of(r->L), r->line, field);
    return l_yw_fail(r->L, line, "%s: %s: %s", r->title, field, why);
}

static int l_expected(const struct reading *r, const char *field, const char *what)
{
    char why[320];
    char got[128];
    snprintf(why, sizeof(why), "expected %s, got %s", what,
             yw_script_what(r->L, -1, got));
    return l_bad(r, field, why);
}

static void l_check_text(lua_State *L, int index, const char *title, int line, size_t max)
{
    size_t size = 0;
    const char *text = lua_tolstring(L, index, &size);
    if (size >= max)
        l_yw_fail(L, line, "%s: the text has %d bytes, at most %d fit", title, (int)size,
                  (int)max - 1);
    if (!yw_utf8_valid(text, size))
        l_yw_fail(L, line, "%s: the text is not valid UTF-8", title);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            l_yw_fail(L, line, "%s: the text has a control character", title);
}

static void l_copy_text(const struct reading *r, const char *field, char *dst,
                        size_t size)
{
    char title[256];
    if (lua_type(r->L, -1) != LUA_TSTRING)
        l_expected(r, field, "a text");
    snprintf(title, sizeof(title), "%s: %s", r->title, field);
    l_check_text(r->L, -1, title, field_line(yw_script_state_of(r->L), r->line, field),
                 size);
    yw_copy(dst, size, lua_tostring(r->L, -1));
}

void l_yw_read_text(lua_State *L, int index, const char *title, int line, bool both,
                    struct yw_text *ret)
{
    static const char *const known[] = {"zh", "en"};
    index = lua_absindex(L, index);
    memset(ret, 0, sizeof(*ret));
    char got[128];
    if (lua_type(L, index) != LUA_TTABLE)
        l_yw_fail(L, line, "%s: expected { zh = \"…\", en = \"…\" }, got %s", title,
                  yw_script_what(L, index, got));
    char *const into[2] = {ret->zh, ret->en};
    int found = 0;
    for (int i = 0; i < 2; i++) {
        lua_pushstring(L, known[i]);
        int type = lua_rawget(L, index);
        if (type == LUA_TSTRING) {
            l_check_text(L, -1, title, line, YW_TEXT_MAX);
            yw_copy(into[i], YW_TEXT_MAX, lua_tostring(L, -1));
            found++;
        } else if (type != LUA_TNIL || both) {
            l_yw_fail(L, line,
                      "%s: %s is missing: every text stands in Chinese and English",
                      title, known[i]);
        }
        lua_pop(L, 1);
    }
    int keys = 0;
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        keys++;
    }
    if (keys != found || found == 0)
        l_yw_fail(L, line, "%s: a text has the fields zh and en, nothing else", title);
}

int64_t l_yw_read_span(lua_State *L, int index, const char *title, int line)
{
    int64_t ret = 0;
    char got[128];
    if (lua_type(L, index) != LUA_TSTRING ||
        yw_clock_parse_span(lua_tostring(L, index), &ret) < 0 ||
        ret > YW_SCRIPT_SPAN_MAX_MS)
        l_yw_fail(L, line,
                  "%s: expected a time span such as \"90s\", \"5m\" or \"1h30m\" (at "
                  "most 30d), "
                  "got %s",
                  title, yw_script_what(L, index, got));
    return ret;
}

static double l_number(const struct reading *r, const struct yw_field *row)
{
    char why[128];
    bool whole = row->type == YW_FIELD_INTEGER;
    if (lua_type(r->L, -1) != LUA_TNUMBER)
        l_expected(r, row->name, yw_field_type_name(row->type, false));
    double value = lua_tonumber(r->L, -1);
    if (!(value >= row->low && value <= row->high) ||
        (whole && value != (double)(long long)value)) {
        snprintf(why, sizeof(why), "%s from %.14g to %.14g is needed, got %.14g",
                 whole ? "a whole number" : "a number", row->low, row->high, value);
        l_bad(r, row->name, why);
    }
    return value;
}

static int l_handle_index(const struct reading *r, const char *field,
                          enum yw_field_type type)
{
    enum yw_handle_kind kind = type == YW_FIELD_NETWORK   ? YW_HANDLE_NETWORK
                               : type == YW_FIELD_PLANT   ? YW_HANDLE_PLANT
                               : type == YW_FIELD_MACHINE ? YW_HANDLE_MACHINE
                                                          : YW_HANDLE_ATTACK;
    const struct yw_handle *handle = yw_script_handle(r->L, -1, kind);
    char what[64];
    snprintf(what, sizeof(what), "a value made by %s \"…\" { … }",
             yw_handle_kind_name(kind));
    if (handle == NULL)
        return l_expected(r, field, what);
    return handle->index;
}

static void l_name(const struct reading *r, const char *field, char *dst, size_t size)
{
    l_copy_text(r, field, dst, size);
    if (!yw_name_valid(dst))
        l_bad(r, field, "a name has lower-case letters, digits and -, at most 63");
}

static bool is_word(const char *text)
{
    return *text != '\0' &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789-._") == strlen(text);
}

static void l_word(const struct reading *r, const char *field, char *dst, size_t size)
{
    l_copy_text(r, field, dst, size);
    if (!is_word(dst))
        l_bad(r, field, "letters, digits, - . and _ only");
}

static void l_path(const struct reading *r, const char *field, char *dst, size_t size)
{
    l_copy_text(r, field, dst, size);
    if (dst[0] == '\0' || dst[0] == '/' || strstr(dst, "..") != NULL ||
        strchr(dst, '\\') != NULL)
        l_bad(r, field,
              "a path stays inside the scenario's folder: no leading /, no .., no \\");
}

static void l_cidr(const struct reading *r, const char *field,
                   struct yw_spec_network *ret)
{
    char text[YW_NAME_MAX];
    l_copy_text(r, field, text, sizeof(text));
    char *slash = strchr(text, '/');
    if (slash != NULL)
        *slash = '\0';
    const char *digits = slash == NULL ? "" : slash + 1;
    size_t count = strspn(digits, "0123456789");
    int prefix = 0;
    for (size_t i = 0; i < count && i < 3; i++)
        prefix = prefix * 10 + (digits[i] - '0');
    if (count == 0 || count > 2 || digits[count] != '\0' || prefix < 8 || prefix > 30 ||
        yw_spec_address_parse(text, &ret->address) != 0)
        l_bad(r, field,
              "expected an IPv4 network such as \"10.20.2.0/24\" (prefix 8 to 30)");
    ret->prefix = prefix;
    /* l_bad does not return: the prefix is from 8 to 30 here */
    if ((ret->address & (UINT32_MAX >> prefix)) != 0) // NOLINT(clang-analyzer-core.*)
        l_bad(r, field, "the address has bits set outside its prefix");
}

/* "512kbit", "2mbit", "1gbit": kbit/s. */
static int l_rate(const struct reading *r, const char *field)
{
    static const struct {
        const char *name;
        int kbit;
    } units[] = {{"kbit", 1}, {"mbit", 1000}, {"gbit", 1000000}};
    char text[YW_NAME_MAX];
    l_copy_text(r, field, text, sizeof(text));
    size_t count = strspn(text, "0123456789");
    long number = 0;
    for (size_t i = 0; i < count && number <= YW_SPEC_BANDWIDTH_MAX; i++)
        number = number * 10 + (text[i] - '0');
    for (size_t i = 0; count > 0 && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + count, units[i].name) == 0 &&
            number <= YW_SPEC_BANDWIDTH_MAX / units[i].kbit &&
            number * units[i].kbit >= YW_SPEC_BANDWIDTH_MIN)
            return (int)number * units[i].kbit;
    }
    l_bad(r, field, "expected a rate such as \"512kbit\" or \"2mbit\" (8kbit to 10gbit)");
    return 0;
}

static void l_words(const struct reading *r, const char *field, struct yw_spec *spec)
{
    if (lua_type(r->L, -1) != LUA_TTABLE)
        l_expected(r, field, "a list of words");
    size_t count = lua_rawlen(r->L, -1);
    if (count > YW_SPEC_RULES_MAX)
        l_bad(r, field, "at most 16 rule packs");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(r->L, -1, (lua_Integer)i + 1);
        l_word(r, field, spec->rules[i], sizeof(spec->rules[i]));
        lua_pop(r->L, 1);
    }
    spec->rule_count = count;
}

static void l_joined(const struct reading *r, const char *field, char *dst, size_t size)
{
    char word[YW_NAME_MAX];
    size_t used = 0;
    if (lua_type(r->L, -1) != LUA_TTABLE)
        l_expected(r, field, "a list of words");
    dst[0] = '\0';
    for (size_t i = 0; i < lua_rawlen(r->L, -1); i++) {
        lua_rawgeti(r->L, -1, (lua_Integer)i + 1);
        l_word(r, field, word, sizeof(word));
        lua_pop(r->L, 1);
        if (used + strlen(word) + 2 > size)
            l_bad(r, field, "the list is too long");
        yw_copyf(dst + used, size - used, "%s%s", used > 0 ? " " : "", word);
        used += strlen(dst + used);
    }
}

static void l_addresses(const struct reading *r, const char *field,
                        struct yw_spec_machine *machine)
{
    if (lua_type(r->L, -1) != LUA_TTABLE)
        l_expected(r, field, "a list of addresses such as { control \".11\" }");
    size_t count = lua_rawlen(r->L, -1);
    if (count == 0 || count > YW_SPEC_NICS_MAX)
        l_bad(r, field, "a machine has 1 to 8 addresses");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(r->L, -1, (lua_Integer)i + 1);
        const struct yw_handle *handle = yw_script_handle(r->L, -1, YW_HANDLE_ADDRESS);
        if (handle == NULL) {
            l_expected(r, field, "an address such as control \".11\"");
            return;
        }
        machine->nics[i].network = handle->index;
        machine->nics[i].address = handle->address;
        lua_pop(r->L, 1);
    }
    machine->nic_count = count;
}

/* The address of `to` on a network that `from` is on too. */
static bool shared_address(const struct yw_spec *spec, int from, int to, char text[16])
{
    const struct yw_spec_machine *a = &spec->machines[from];
    const struct yw_spec_machine *b = &spec->machines[to];
    for (size_t i = 0; i < a->nic_count; i++)
        for (size_t j = 0; j < b->nic_count; j++)
            if (a->nics[i].network == b->nics[j].network) {
                yw_spec_address_text(b->nics[j].address, text);
                return true;
            }
    return false;
}

static bool is_on(const struct yw_spec *spec, int machine, int network)
{
    const struct yw_spec_machine *m = &spec->machines[machine];
    for (size_t i = 0; i < m->nic_count; i++)
        if (m->nics[i].network == network)
            return true;
    return false;
}

/* Comes after `from` and `to` in the registry, so both are known. */
static void l_action(const struct reading *r, const char *field,
                     struct yw_spec_attack *attack)
{
    const struct yw_spec *spec = yw_script_state_of(r->L)->spec;
    if (yw_script_kind(r->L, -1) != YW_HANDLE_ACTION) {
        l_expected(r, field, "an action such as modbus.write { … }");
        return;
    }
    const struct yw_action_value *action = lua_touserdata(r->L, -1);
    memcpy(attack->argv, action->argv, sizeof(attack->argv));
    attack->argc = action->argc;
    char address[16] = "";
    if (action->host_at >= 0) {
        if (attack->to < 0)
            l_bad(r, field, "this action needs a target: add to = …");
        else if (!shared_address(spec, attack->from, attack->to, address))
            l_bad(r, field, "from and to are on no network together");
        YW_COPY(attack->argv[action->host_at], address);
    }
    if (action->network >= 0 && !is_on(spec, attack->from, action->network))
        l_bad(r, field, "from is not on the network that this action works on");
}

static void l_teams(const struct reading *r, const char *field)
{
    struct yw_script_state *state = yw_script_state_of(r->L);
    lua_State *L = r->L;
    if (lua_type(L, -1) != LUA_TTABLE)
        l_expected(r, field, "{ [\"team\"] = \"player\" }");
    lua_getglobal(L, "pairs"); /* sorted, and refuses odd keys */
    lua_pushvalue(L, -2);
    lua_call(L, 1, 1);
    for (;;) {
        lua_pushvalue(L, -1);
        lua_call(L, 0, 2);
        if (lua_isnil(L, -2))
            break;
        if (state->player_count == YW_SCRIPT_PLAYERS_MAX)
            l_bad(r, field, "at most 16 teams");
        struct yw_script_player *row = &state->players[state->player_count++];
        l_name(r, field, row->player, sizeof(row->player));
        lua_pop(L, 1);
        l_name(r, field, row->team, sizeof(row->team));
        lua_pop(L, 1);
    }
    lua_pop(L, 3);
    if (state->player_count == 0)
        l_bad(r, field, "at least one team");
}

static void l_var_value(const struct reading *r, const char *field, struct yw_ev_var *var)
{
    lua_State *L = r->L;
    if (lua_type(L, -1) == LUA_TBOOLEAN)
        YW_COPY(var->value, lua_toboolean(L, -1) ? "true" : "false");
    else if (lua_type(L, -1) == LUA_TNUMBER)
        YW_COPY(var->value, luaL_tolstring(L, -1, NULL)), lua_pop(L, 1);
    else
        l_copy_text(r, field, var->value, sizeof(var->value));
}

static void l_vars(const struct reading *r, const char *field,
                   struct yw_script_verb *verb)
{
    lua_State *L = r->L;
    if (lua_type(L, -1) != LUA_TTABLE)
        l_expected(r, field, "variables, { name = value }");
    lua_getglobal(L, "pairs");
    lua_pushvalue(L, -2);
    lua_call(L, 1, 1);
    for (;;) {
        lua_pushvalue(L, -1);
        lua_call(L, 0, 2);
        if (lua_isnil(L, -2))
            break;
        if (verb->var_count == YW_EVENT_VARS_MAX && verb->kind != YW_VERB_ENTER)
            l_bad(r, field, "at most 8 variables");
        if (verb->var_count == YW_SCRIPT_VARS_MAX)
            l_bad(r, field, "at most 24 values");
        struct yw_ev_var *var = &verb->vars[verb->var_count++];
        l_var_value(r, field, var);
        lua_pop(L, 1);
        l_word(r, field, var->name, sizeof(var->name));
        lua_pop(L, 1);
    }
    lua_pop(L, 3);
}

void l_yw_read_vars(lua_State *L, int index, const char *title, int line,
                    struct yw_script_verb *verb)
{
    const struct reading r = {L, title, line};
    lua_pushvalue(L, index);
    l_vars(&r, "values", verb);
    lua_pop(L, 1);
}

static void l_mode(const struct reading *r, const char *field, bool *tabletop)
{
    const char *mode = lua_type(r->L, -1) == LUA_TSTRING ? lua_tostring(r->L, -1) : "";
    if (strcmp(mode, "drill") != 0 && strcmp(mode, "tabletop") != 0)
        l_expected(r, field, "\"drill\" or \"tabletop\"");
    *tabletop = strcmp(mode, "tabletop") == 0;
}

static void l_flag(const struct reading *r, const char *field, bool *ret)
{
    if (lua_type(r->L, -1) != LUA_TBOOLEAN)
        l_expected(r, field, "true or false");
    *ret = lua_toboolean(r->L, -1);
}

static void l_title_of(const struct reading *r, const char *field, char title[256],
                       int *line)
{
    *line = field_line(yw_script_state_of(r->L), r->line, field);
    snprintf(title, 256, "%s: %s", r->title, field);
}

static void l_tag(const struct reading *r, const char *field, char *dst, size_t size)
{
    const struct yw_handle *handle = yw_script_handle(r->L, -1, YW_HANDLE_TAG);
    if (handle != NULL)
        yw_copy(dst, size, handle->tag);
    else
        l_word(r, field, dst, size);
}

/* The line of the index-th { … } within the list of `field`, which begins at `line`. */
static int item_line(const struct yw_script_state *state, int line, const char *field,
                     size_t index)
{
    const char *end = state->source + state->source_size;
    const char *at = state->source;
    int now = 1, depth = 0;
    size_t found = 0;
    for (; at < end && now < line; at++)
        now += *at == '\n';
    const char *name = memmem(at, (size_t)(end - at), field, strlen(field));
    for (at = name != NULL ? name : end; at < end; at++) {
        now += *at == '\n';
        depth += *at == '{' ? 1 : *at == '}' ? -1 : 0;
        if (*at == '{' && depth == 2 && found++ == index)
            return now;
    }
    return line;
}

/* A list of bodies, each read by the rows of `of` into the next of `items`. */
struct list {
    const char *of;
    char *items;
    size_t *count;
    size_t max;
    size_t size;
    size_t line;         /* offset of the item's int line */
    const void *initial; /* what an item is before its fields */
};

static void l_list(const struct reading *r, const char *field, const struct list *list)
{
    lua_State *L = r->L;
    int first = field_line(yw_script_state_of(L), r->line, field);
    char title[192];
    if (lua_type(L, -1) != LUA_TTABLE)
        l_expected(r, field, "a list of { … }");
    size_t count = lua_rawlen(L, -1);
    if (count == 0)
        l_bad(r, field, "the list is empty");
    for (size_t i = 0; i < count; i++) {
        int line = item_line(yw_script_state_of(L), first, field, i);
        if (*list->count == list->max)
            l_yw_fail(L, line, "%s: %s: a scenario has at most %d of them", r->title,
                      field, (int)list->max);
        char *item = list->items + *list->count * list->size;
        memcpy(item, list->initial, list->size);
        memcpy(item + list->line, &line, sizeof(line));
        snprintf(title, sizeof(title), "%s: %s %d", r->title, list->of, (int)i + 1);
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        l_yw_read_fields(L, -1, list->of, title, line, item);
        lua_pop(L, 1);
        (*list->count)++;
    }
}

/* `machine` is the next one of the spec: its number is the count. */
static void l_points(const struct reading *r, const char *field)
{
    struct yw_spec *spec = yw_script_state_of(r->L)->spec;
    const struct yw_spec_point initial = {.machine = (int)spec->machine_count,
                                          .deadband = -1};
    const struct list list = {"point",
                              (char *)spec->points,
                              &spec->point_count,
                              YW_SPEC_POINTS_MAX,
                              sizeof(initial),
                              offsetof(struct yw_spec_point, line),
                              &initial};
    l_list(r, field, &list);
}

static void l_masters(const struct reading *r, const char *field,
                      struct yw_spec_machine *machine)
{
    if (lua_type(r->L, -1) != LUA_TTABLE)
        l_expected(r, field, yw_field_type_name(YW_FIELD_MASTERS, false));
    size_t count = lua_rawlen(r->L, -1);
    if (count == 0 || count > YW_SPEC_MASTERS_MAX)
        l_bad(r, field, "1 to 8 machines");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(r->L, -1, (lua_Integer)i + 1);
        machine->masters[i] = l_handle_index(r, field, YW_FIELD_MACHINE);
        lua_pop(r->L, 1);
    }
    machine->master_count = count;
}

/* The value is on top of the stack and stays there. */
static void l_set(const struct reading *r, const struct yw_field *row, char *target)
{
    void *at = target + row->at;
    char title[256];
    int line = 0;
    switch (row->type) {
    case YW_FIELD_TEXT:
        l_title_of(r, row->name, title, &line);
        l_yw_read_text(r->L, -1, title, line, row->low == 0, at);
        return;
    case YW_FIELD_NAME:
        l_name(r, row->name, at, row->size);
        return;
    case YW_FIELD_WORD:
        l_word(r, row->name, at, row->size);
        return;
    case YW_FIELD_STRING:
        l_copy_text(r, row->name, at, row->size);
        return;
    case YW_FIELD_PATH:
        l_path(r, row->name, at, row->size);
        return;
    case YW_FIELD_SPAN:
        l_title_of(r, row->name, title, &line);
        *(int64_t *)at = l_yw_read_span(r->L, -1, title, line);
        return;
    case YW_FIELD_INTEGER:
        *(int *)at = (int)l_number(r, row);
        return;
    case YW_FIELD_NUMBER:
        *(double *)at = l_number(r, row);
        return;
    case YW_FIELD_FLAG:
        l_flag(r, row->name, at);
        return;
    case YW_FIELD_MODE:
        l_mode(r, row->name, at);
        return;
    case YW_FIELD_RATE:
        *(int *)at = l_rate(r, row->name);
        return;
    case YW_FIELD_CIDR:
        l_cidr(r, row->name, at);
        return;
    case YW_FIELD_WORDS:
        l_words(r, row->name, at);
        return;
    case YW_FIELD_LIST:
        l_joined(r, row->name, at, row->size);
        return;
    case YW_FIELD_NETWORK:
    case YW_FIELD_PLANT:
    case YW_FIELD_MACHINE:
    case YW_FIELD_ATTACK:
        *(int *)at = l_handle_index(r, row->name, row->type);
        return;
    case YW_FIELD_ADDRESSES:
        l_addresses(r, row->name, at);
        return;
    case YW_FIELD_COND:
        if (!l_yw_cond_at(r->L, -1, at))
            l_expected(r, row->name, "a condition such as any { alarm(works) }");
        return;
    case YW_FIELD_ACTION:
        l_action(r, row->name, at);
        return;
    case YW_FIELD_TEAMS:
        l_teams(r, row->name);
        return;
    case YW_FIELD_VARS:
        l_vars(r, row->name, at);
        return;
    case YW_FIELD_TAG:
        l_tag(r, row->name, at, row->size);
        return;
    case YW_FIELD_POINTS:
        l_points(r, row->name);
        return;
    case YW_FIELD_MASTERS:
        l_masters(r, row->name, at);
        return;
    case YW_FIELD_TYPES:
        return;
    }
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
static void l_check_known(const struct reading *r, int index, const char *const *names,
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
    int line = field_line(yw_script_state_of(L), r->line, worst);
    const char *near = yw_name_nearest(worst, names, count);
    if (near != NULL)
        l_yw_fail(L, line, "%s: unknown field '%s' (did you mean '%s'?)", r->title, worst,
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
    const struct reading r = {L, title, line};
    char got[128];
    if (lua_type(L, index) != LUA_TTABLE)
        l_yw_fail(L, line, "%s: expected a body { … }, got %s", title,
                  yw_script_what(L, index, got));
    luaL_checkstack(L, 16, "fields");
    l_check_known(&r, index, names, count);
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, names[i]);
        if (lua_rawget(L, index) != LUA_TNIL)
            l_set(&r, rows[i], target);
        else if (rows[i]->required)
            l_yw_fail(L, line, "%s: field '%s' is missing (%s)", title, names[i],
                      yw_field_type_name(rows[i]->type, false));
        lua_pop(L, 1);
    }
}
