/* Reads the lists of fields: words, addresses, teams, variables, points, masters; and actions. */
#include "model/pairs.h"
#include "script/reading.h"

#include <lauxlib.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

void l_yw_words(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    struct yw_spec *spec = at;
    if (lua_type(r->L, -1) != LUA_TTABLE)
        l_yw_expected(r, field, "a list of words");
    size_t count = lua_rawlen(r->L, -1);
    if (count > YW_SPEC_RULES_MAX)
        l_yw_bad(r, field, "at most 16 rule packs");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(r->L, -1, (lua_Integer)i + 1);
        l_yw_word(r, field, spec->rules[i], sizeof(spec->rules[i]));
        lua_pop(r->L, 1);
    }
    spec->rule_count = count;
}

void l_yw_joined(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    char *dst = at;
    size_t size = row->size;
    char word[YW_NAME_MAX];
    size_t used = 0;
    if (lua_type(r->L, -1) != LUA_TTABLE)
        l_yw_expected(r, field, "a list of words");
    dst[0] = '\0';
    for (size_t i = 0; i < lua_rawlen(r->L, -1); i++) {
        lua_rawgeti(r->L, -1, (lua_Integer)i + 1);
        l_yw_word(r, field, word, sizeof(word));
        lua_pop(r->L, 1);
        if (used + strlen(word) + 2 > size)
            l_yw_bad(r, field, "the list is too long");
        yw_copyf(dst + used, size - used, "%s%s", used > 0 ? " " : "", word);
        used += strlen(dst + used);
    }
}

void l_yw_addresses(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    struct yw_spec_machine *machine = at;
    if (lua_type(r->L, -1) != LUA_TTABLE)
        l_yw_expected(r, field, "a list of addresses such as { control \".11\" }");
    size_t count = lua_rawlen(r->L, -1);
    if (count == 0 || count > YW_SPEC_NICS_MAX)
        l_yw_bad(r, field, "a machine has 1 to 8 addresses");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(r->L, -1, (lua_Integer)i + 1);
        const struct yw_handle *handle = yw_script_handle(r->L, -1, YW_HANDLE_ADDRESS);
        if (handle == NULL) {
            l_yw_expected(r, field, "an address such as control \".11\"");
            return;
        }
        machine->nics[i].network = handle->index;
        machine->nics[i].address = handle->address;
        lua_pop(r->L, 1);
    }
    machine->nic_count = count;
}

static bool is_on(const struct yw_spec *spec, int machine, int network)
{
    const struct yw_spec_machine *m = &spec->machines[machine];
    for (size_t i = 0; i < m->nic_count; i++)
        if (m->nics[i].network == network)
            return true;
    return false;
}

/* Frames go between two machines of one network: the third must be on it, and may say that it
 * is somebody else. */
static void l_ends(const struct yw_reading *r, const char *field,
                   const struct yw_action_value *action, struct yw_spec_attack *attack)
{
    const struct yw_spec *spec = yw_script_state_of(r->L)->spec;
    int network = 0;
    char address[16] = "";
    while (network < (int)spec->network_count &&
           !(is_on(spec, attack->from, network) &&
             is_on(spec, action->ends[0], network) &&
             is_on(spec, action->ends[1], network)))
        network++;
    if (network == (int)spec->network_count)
        l_yw_bad(r, field, "from and the two machines are on no network together");
    if (!spec->machines[attack->from].spoof)
        l_yw_bad(r, field, "from sends under addresses of others: it needs spoof = true");
    for (int i = 0; i < 2; i++) {
        const struct yw_spec_machine *end = &spec->machines[action->ends[i]];
        for (size_t n = 0; n < end->nic_count; n++)
            if (end->nics[n].network == network)
                yw_spec_address_text(end->nics[n].address, address);
        YW_COPY(attack->argv[action->ends_at + i], address);
    }
}

/* Comes after `from` and `to` in the registry, so both are known. */
void l_yw_action(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    struct yw_spec_attack *attack = at;
    const struct yw_spec *spec = yw_script_state_of(r->L)->spec;
    if (yw_script_kind(r->L, -1) != YW_HANDLE_ACTION) {
        l_yw_expected(r, field, "an action such as modbus.write { … }");
        return;
    }
    const struct yw_action_value *action = lua_touserdata(r->L, -1);
    memcpy(attack->argv, action->argv, sizeof(attack->argv));
    attack->argc = action->argc;
    char address[16] = "";
    if (action->host_at >= 0) {
        if (attack->to < 0)
            l_yw_bad(r, field, "this action needs a target: add to = …");
        uint32_t way = attack->to < 0 ? 0 : yw_spec_way(spec, attack->from, attack->to);
        if (way == 0)
            l_yw_bad(
                r, field,
                "from and to are on no network together, and no firewall is between");
        yw_spec_address_text(way, address);
        YW_COPY(attack->argv[action->host_at], address);
    }
    if (action->network >= 0 && !is_on(spec, attack->from, action->network))
        l_yw_bad(r, field, "from is not on the network that this action works on");
    if (action->name_at >= 0)
        YW_COPY(attack->argv[action->name_at], attack->name);
    if (action->ends[0] >= 0)
        l_ends(r, field, action, attack);
}

void l_yw_teams(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    (void)at;
    struct yw_script_state *state = yw_script_state_of(r->L);
    lua_State *L = r->L;
    bool offices = strcmp(field, "offices") == 0;
    if (lua_type(L, -1) != LUA_TTABLE)
        l_yw_expected(r, field,
                      offices ? "{ county = \"player\" }"
                              : "{ [\"team\"] = \"player\" }");
    lua_getglobal(L, "pairs"); /* sorted, and refuses odd keys */
    lua_pushvalue(L, -2);
    lua_call(L, 1, 1);
    for (;;) {
        lua_pushvalue(L, -1);
        lua_call(L, 0, 2);
        if (lua_isnil(L, -2))
            break;
        if (state->player_count == YW_SCRIPT_PLAYERS_MAX)
            l_yw_bad(r, field, "at most 16 players");
        struct yw_script_player *player = &state->players[state->player_count++];
        l_yw_name(r, field, player->player, sizeof(player->player));
        lua_pop(L, 1);
        l_yw_name(r, field, player->team, sizeof(player->team));
        lua_pop(L, 1);
        player->tier = offices ? yw_spec_tier(player->team) : 0;
        if (offices && player->tier <= 0)
            l_yw_bad(r, field, "expected county, city, province or ministry");
    }
    lua_pop(L, 3);
    if (state->player_count == 0)
        l_yw_bad(r, field, "at least one team");
}

static void l_var_value(const struct yw_reading *r, const char *field,
                        struct yw_ev_var *var)
{
    lua_State *L = r->L;
    if (lua_type(L, -1) == LUA_TBOOLEAN)
        YW_COPY(var->value, lua_toboolean(L, -1) ? "true" : "false");
    else if (lua_type(L, -1) == LUA_TNUMBER)
        YW_COPY(var->value, luaL_tolstring(L, -1, NULL)), lua_pop(L, 1);
    else
        l_yw_copy_text(r, field, var->value, sizeof(var->value));
}

/* The { name = value } on top of the stack: `take` says where the next one goes. */
static void l_each_var(const struct yw_reading *r, const char *field,
                       struct yw_ev_var *(*l_take)(const struct yw_reading *r,
                                                   const char *field, void *arg),
                       void *arg)
{
    lua_State *L = r->L;
    if (lua_type(L, -1) != LUA_TTABLE)
        l_yw_expected(r, field, "variables, { name = value }");
    lua_getglobal(L, "pairs");
    lua_pushvalue(L, -2);
    lua_call(L, 1, 1);
    for (;;) {
        lua_pushvalue(L, -1);
        lua_call(L, 0, 2);
        if (lua_isnil(L, -2))
            break;
        struct yw_ev_var *var = l_take(r, field, arg);
        l_var_value(r, field, var);
        lua_pop(L, 1);
        l_yw_word(r, field, var->name, sizeof(var->name));
        lua_pop(L, 1);
    }
    lua_pop(L, 3);
}

static struct yw_ev_var *l_take_of_verb(const struct yw_reading *r, const char *field,
                                        void *arg)
{
    struct yw_script_verb *verb = arg;
    if (verb->var_count == YW_EVENT_VARS_MAX && verb->kind != YW_VERB_ENTER)
        l_yw_bad(r, field, "at most 8 variables");
    if (verb->var_count == YW_SCRIPT_VARS_MAX)
        l_yw_bad(r, field, "at most 24 values");
    return &verb->vars[verb->var_count++];
}

void l_yw_verb_vars(const struct yw_reading *r, const char *field,
                    struct yw_script_verb *verb)
{
    l_each_var(r, field, l_take_of_verb, verb);
}

struct given {
    struct yw_ev_var vars[YW_SPEC_GIVEN_MAX];
    size_t count;
};

static struct yw_ev_var *l_take_given(const struct yw_reading *r, const char *field,
                                      void *arg)
{
    struct given *given = arg;
    if (given->count == YW_SPEC_GIVEN_MAX)
        l_yw_bad(r, field, "at most 6 variables");
    return &given->vars[given->count++];
}

void l_yw_given(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    struct given given = {.count = 0};
    l_each_var(r, row->name, l_take_given, &given);
    for (size_t i = 0; i < given.count; i++)
        if (!yw_pairs_put(at, YW_SPEC_GIVEN_SIZE, given.vars[i].name,
                          given.vars[i].value))
            l_yw_bad(r, row->name, "a variable needs a name, and all together fit 2 KiB");
}

void l_yw_read_vars(lua_State *L, int index, const char *title, int line,
                    struct yw_script_verb *verb)
{
    const struct yw_reading r = {L, title, line};
    lua_pushvalue(L, index);
    l_yw_verb_vars(&r, "values", verb);
    lua_pop(L, 1);
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

static void l_list(const struct yw_reading *r, const char *field, const struct list *list)
{
    lua_State *L = r->L;
    int first = yw_script_field_line(yw_script_state_of(L), r->line, field);
    char title[192];
    if (lua_type(L, -1) != LUA_TTABLE)
        l_yw_expected(r, field, "a list of { … }");
    size_t count = lua_rawlen(L, -1);
    if (count == 0)
        l_yw_bad(r, field, "the list is empty");
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
void l_yw_points(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    (void)at;
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

void l_yw_controls(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    (void)at;
    struct yw_spec *spec = yw_script_state_of(r->L)->spec;
    const struct yw_spec_control initial = {.machine = (int)spec->machine_count,
                                            .holding = -1,
                                            .coil = -1,
                                            .scale = 1};
    const struct list list = {"control",
                              (char *)spec->controls,
                              &spec->control_count,
                              YW_SPEC_CONTROLS_MAX,
                              sizeof(initial),
                              offsetof(struct yw_spec_control, line),
                              &initial};
    l_list(r, row->name, &list);
}

void l_yw_masters(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    const char *field = row->name;
    struct yw_spec_machine *machine = at;
    if (lua_type(r->L, -1) != LUA_TTABLE)
        l_yw_expected(r, field, yw_field_type_name(YW_FIELD_MASTERS, false));
    size_t count = lua_rawlen(r->L, -1);
    if (count == 0 || count > YW_SPEC_MASTERS_MAX)
        l_yw_bad(r, field, "1 to 8 machines");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(r->L, -1, (lua_Integer)i + 1);
        machine->masters[i] = l_yw_handle_index(r, field, YW_FIELD_MACHINE);
        lua_pop(r->L, 1);
    }
    machine->master_count = count;
}

/* The network that carries the copies: "mirror-control". */
static int l_mirror_of(const struct yw_reading *r, const char *field, int network)
{
    struct yw_spec *spec = yw_script_state_of(r->L)->spec;
    int known = yw_spec_mirror_of(spec, network);
    if (known >= 0)
        return known;
    if (spec->network_count == YW_SPEC_NETWORKS_MAX)
        l_yw_bad(r, field, "the scenario has too many networks to add their copies");
    struct yw_spec_network *mirror = &spec->networks[spec->network_count];
    *mirror = (struct yw_spec_network){
        .mirror = true, .mirrored = network, .line = spec->networks[network].line};
    (void)yw_copyf(mirror->name, sizeof(mirror->name), "mirror-%s",
                   spec->networks[network].name);
    return (int)spec->network_count++;
}

/* Behind the cards that have addresses: the registry reads `at` before. */
void l_yw_mirrors(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    struct yw_spec_machine *machine = at;
    if (lua_type(r->L, -1) != LUA_TTABLE)
        l_yw_expected(r, row->name, "a list of networks, { control }");
    size_t count = lua_rawlen(r->L, -1);
    if (count == 0 || machine->nic_count + count > YW_SPEC_NICS_MAX)
        l_yw_bad(r, row->name, "1 to 8 networks, and at most 8 cards with those of at");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(r->L, -1, (lua_Integer)i + 1);
        int network = l_yw_handle_index(r, row->name, YW_FIELD_NETWORK);
        machine->nics[machine->nic_count++].network = l_mirror_of(r, row->name, network);
        lua_pop(r->L, 1);
    }
}

void l_yw_statements(const struct yw_reading *r, const struct yw_field *row, void *at)
{
    struct yw_spec *spec = yw_script_state_of(r->L)->spec;
    (void)at;
    if (lua_type(r->L, -1) != LUA_TTABLE)
        l_yw_expected(r, row->name, "a list of texts, { \"…\", \"…\" }");
    size_t count = lua_rawlen(r->L, -1);
    if (count == 0 || spec->statement_count + count > YW_SPEC_STATEMENTS_MAX)
        l_yw_bad(r, row->name, "at least one, and at most 512 in a scenario");
    for (size_t i = 0; i < count; i++) {
        struct yw_spec_statement *to = &spec->statements[spec->statement_count++];
        to->machine = (int)spec->machine_count; /* the one that is being declared */
        to->kind = (enum yw_spec_statement_kind)row->low;
        to->line = yw_script_field_line(yw_script_state_of(r->L), r->line, row->name);
        lua_rawgeti(r->L, -1, (lua_Integer)i + 1);
        l_yw_copy_text(r, row->name, to->text, sizeof(to->text));
        lua_pop(r->L, 1);
    }
}
