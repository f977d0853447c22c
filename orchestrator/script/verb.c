/* The verbs of a story (s:…) and of a player (p:…). A verb fills the state's verb and
 * yields; the parent does it and resumes with what came of it. The script reads straight
 * down. */
#include "base/id.h"
#include "model/kit.h"
#include "model/process.h"
#include "script/value.h"

#include <lauxlib.h>
#include <string.h>

const char *yw_script_verb_name(enum yw_script_verb_kind kind)
{
    static const char *const names[YW_VERB_KINDS] = {
        [YW_VERB_WAIT] = "wait",
        [YW_VERB_SAY] = "say",
        [YW_VERB_HINT] = "hint",
        [YW_VERB_WAIT_FOR] = "wait_for",
        [YW_VERB_WAIT_UNTIL] = "wait_until",
        [YW_VERB_ATTACK] = "attack",
        [YW_VERB_UNDO] = "undo",
        [YW_VERB_ENTER] = "enter",
        [YW_VERB_FAULT] = "fault",
        [YW_VERB_WAIT_QUESTION] = "wait_question",
        [YW_VERB_ANSWER] = "answer",
        [YW_VERB_OPERATE] = "operate",
        [YW_VERB_REPORT] = "report",
        [YW_VERB_EVIDENCE] = "evidence",
        [YW_VERB_CONFIRM] = "confirm",
    };
    return kind < YW_VERB_KINDS ? names[kind] : "";
}

static struct yw_script_verb *l_begin(lua_State *L, enum yw_script_verb_kind kind,
                                      enum yw_handle_kind who)
{
    struct yw_script_state *state = yw_script_state_of(L);
    if (yw_script_handle(L, 1, who) == NULL)
        l_yw_fail(L, 0, "%s: write it with a colon, :%s", yw_script_verb_name(kind),
                  yw_script_verb_name(kind));
    if (L != state->turn)
        l_yw_fail(L, 0, "%s: not inside a coroutine of the script's own",
                  yw_script_verb_name(kind));
    struct yw_script_verb *verb = &state->verb;
    memset(verb, 0, sizeof(*verb));
    verb->kind = kind;
    verb->line = yw_script_line(L);
    return verb;
}

static int l_stop(lua_State *L)
{
    yw_script_state_of(L)->verb_set = true;
    return lua_yield(L, 0); /* the resume's value is what the verb returns */
}

static int l_wait_of(lua_State *L, enum yw_handle_kind who)
{
    struct yw_script_verb *verb = l_begin(L, YW_VERB_WAIT, who);
    verb->span_ms = l_yw_read_span(L, 2, "wait", 0);
    return l_stop(L);
}

static int l_wait(lua_State *L)
{
    return l_wait_of(L, YW_HANDLE_STORY);
}

static int l_player_wait(lua_State *L)
{
    return l_wait_of(L, YW_HANDLE_PLAYER);
}

static int l_text_of(lua_State *L, enum yw_script_verb_kind kind, enum yw_handle_kind who)
{
    struct yw_script_verb *verb = l_begin(L, kind, who);
    l_yw_read_text(L, 2, yw_script_verb_name(kind), 0, kind != YW_VERB_REPORT,
                   &verb->text);
    return l_stop(L);
}

static int l_say(lua_State *L)
{
    return l_text_of(L, YW_VERB_SAY, YW_HANDLE_STORY);
}

static int l_hint(lua_State *L)
{
    return l_text_of(L, YW_VERB_HINT, YW_HANDLE_STORY);
}

static int l_report(lua_State *L)
{
    return l_text_of(L, YW_VERB_REPORT, YW_HANDLE_PLAYER);
}

static int l_wait_cond(lua_State *L, enum yw_script_verb_kind kind)
{
    char got[128];
    struct yw_script_verb *verb = l_begin(L, kind, YW_HANDLE_STORY);
    if (!l_yw_cond_at(L, 2, &verb->cond))
        return l_yw_fail(L, 0, "%s: expected a condition or an objective, got %s",
                         yw_script_verb_name(kind), yw_script_what(L, 2, got));
    verb->span_ms = l_yw_read_span(L, 3, yw_script_verb_name(kind), 0);
    return l_stop(L);
}

static int l_wait_for(lua_State *L)
{
    return l_wait_cond(L, YW_VERB_WAIT_FOR);
}

static int l_wait_until(lua_State *L)
{
    return l_wait_cond(L, YW_VERB_WAIT_UNTIL);
}

/* s:pace("20s", "2m"): some time between the two, drawn anew for each team and each drill, so
 * that nobody tells the script from a person by its rhythm. */
static int l_pace(lua_State *L)
{
    struct yw_script_verb *verb = l_begin(L, YW_VERB_WAIT, YW_HANDLE_STORY);
    int64_t low_ms = l_yw_read_span(L, 2, "pace", 0);
    int64_t high_ms = l_yw_read_span(L, 3, "pace", 0);
    if (low_ms > high_ms)
        return l_yw_fail(L, 0, "pace: the shorter time comes first");
    verb->span_ms = low_ms + (int64_t)yw_random_below(&yw_script_state_of(L)->random,
                                                      (uint64_t)(high_ms - low_ms) + 1);
    return l_stop(L);
}

static const struct yw_spec_attack *l_attack_at(lua_State *L, const char *verb)
{
    char got[128];
    const struct yw_handle *attack = yw_script_handle(L, 2, YW_HANDLE_ATTACK);
    if (attack == NULL)
        l_yw_fail(L, 0, "%s: expected an attack, got %s", verb,
                  yw_script_what(L, 2, got));
    return &yw_script_state_of(L)->spec->attacks[attack == NULL ? 0 : attack->index];
}

static int l_attack(lua_State *L)
{
    struct yw_script_verb *verb = l_begin(L, YW_VERB_ATTACK, YW_HANDLE_STORY);
    YW_COPY(verb->subject, l_attack_at(L, "attack")->name);
    return l_stop(L);
}

static int l_undo(lua_State *L)
{
    char action[YW_NAME_MAX];
    struct yw_script_verb *verb = l_begin(L, YW_VERB_UNDO, YW_HANDLE_STORY);
    const struct yw_spec_attack *attack = l_attack_at(L, "undo");
    yw_kit_action(attack->argv, attack->argc, action);
    if (!yw_kit_undoable(attack->argv, attack->argc))
        return l_yw_fail(L, 0, "undo: '%s' (%s) leaves nothing that can be taken back",
                         attack->name, action);
    YW_COPY(verb->subject, attack->name);
    return l_stop(L);
}

static void l_known_fault(lua_State *L, const struct yw_script_verb *verb)
{
    int kind = yw_fault_kind_of(verb->role);
    char meant[YW_MEANT_MAX];
    const char *near = kind < 0 ? yw_fault_kind_nearest(verb->role) : NULL;
    if (kind < 0)
        l_yw_fail(L, 0, "fault: kind: no '%s'%s", verb->role, yw_meant(meant, near));
    if ((verb->tag[0] == '\0') == (verb->input[0] == '\0'))
        l_yw_fail(L, 0, "fault: expected either a tag or an input");
    if (!(verb->tag[0] != '\0' ? yw_fault_on_tag((enum yw_fault_kind)kind)
                               : yw_fault_on_input((enum yw_fault_kind)kind)))
        l_yw_fail(L, 0, "fault: %s cannot befall %s", verb->role,
                  verb->tag[0] != '\0' ? "a tag" : "an input");
}

static void l_known_part(lua_State *L, const char *model,
                         const struct yw_script_verb *verb)
{
    bool tag = verb->tag[0] != '\0';
    const char *name = tag ? verb->tag : verb->input;
    int number = tag ? yw_process_tag(model, name) : yw_process_input(model, name);
    if (number >= 0 && !yw_process_integral(number))
        return;
    char meant[YW_MEANT_MAX];
    const char *near =
        tag ? yw_process_nearest_tag(model, name) : yw_process_nearest_input(model, name);
    l_yw_fail(L, 0, "fault: %s has no %s '%s'%s", model, tag ? "tag" : "input", name,
              yw_meant(meant, near));
}

/* s:fault(works, { tag = "level_m", kind = "bias", size = 0.3, at = "10m" }) */
static int l_fault(lua_State *L)
{
    char got[128];
    struct yw_script_verb *verb = l_begin(L, YW_VERB_FAULT, YW_HANDLE_STORY);
    const struct yw_handle *plant = yw_script_handle(L, 2, YW_HANDLE_PLANT);
    if (plant == NULL)
        return l_yw_fail(L, 0, "fault: expected a plant, got %s",
                         yw_script_what(L, 2, got));
    const struct yw_spec_plant *spec = &yw_script_state_of(L)->spec->plants[plant->index];
    l_yw_read_fields(L, 3, "fault", "fault", verb->line, verb);
    YW_COPY(verb->subject, spec->name);
    l_known_fault(L, verb);
    l_known_part(L, spec->model, verb);
    return l_stop(L);
}

/* A non-empty text argument that fits into dst. */
static void l_argument(lua_State *L, int index, const char *verb, char *dst,
                       size_t dst_size)
{
    char got[128];
    size_t size = 0;
    const char *text =
        lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &size) : NULL;
    if (text == NULL || size == 0 || size >= dst_size || !yw_utf8_valid(text, size))
        l_yw_fail(L, 0, "%s: argument %d: expected a text of 1 to %d bytes, got %s", verb,
                  index - 1, (int)dst_size - 1, yw_script_what(L, index, got));
    else
        yw_copy(dst, dst_size, text);
}

static int l_wait_question(lua_State *L)
{
    struct yw_script_verb *verb = l_begin(L, YW_VERB_WAIT_QUESTION, YW_HANDLE_PLAYER);
    l_argument(L, 2, "wait_question", verb->subject, sizeof(verb->subject));
    verb->span_ms = l_yw_read_span(L, 3, "wait_question", 0);
    return l_stop(L);
}

static int l_answer(lua_State *L)
{
    struct yw_script_verb *verb = l_begin(L, YW_VERB_ANSWER, YW_HANDLE_PLAYER);
    l_yw_read_fields(L, 2, "answer", "answer", verb->line, verb);
    return l_stop(L);
}

static void l_known_machine(lua_State *L, const char *name)
{
    const struct yw_spec *spec = yw_script_state_of(L)->known;
    if (spec == NULL || yw_spec_machine(spec, name) >= 0)
        return;
    const char *names[YW_SPEC_MACHINES_MAX];
    for (size_t i = 0; i < spec->machine_count; i++)
        names[i] = spec->machines[i].name;
    const char *near = yw_name_nearest(name, names, spec->machine_count);
    if (near != NULL)
        l_yw_fail(L, 0, "operate: no machine '%s'; did you mean '%s'?", name, near);
    l_yw_fail(L, 0, "operate: no machine '%s'", name);
}

static int l_operate(lua_State *L)
{
    struct yw_script_verb *verb = l_begin(L, YW_VERB_OPERATE, YW_HANDLE_PLAYER);
    l_argument(L, 2, "operate", verb->subject, sizeof(verb->subject));
    l_known_machine(L, verb->subject);
    /* The program is always "operate": a player has an operator's hands, nothing more. */
    YW_COPY(verb->argv[0], "operate");
    int count = lua_gettop(L) - 2;
    if (count < 1 || count > YW_SPEC_ARGS_MAX - 1)
        return l_yw_fail(L, 0, "operate: 1 to %d arguments follow the machine, got %d",
                         YW_SPEC_ARGS_MAX - 1, count);
    for (int i = 1; i <= count; i++)
        l_argument(L, i + 2, "operate", verb->argv[i], sizeof(verb->argv[i]));
    verb->argc = (size_t)count + 1;
    return l_stop(L);
}

/* s:enter("metric", { metric = "people_affected", value = 120000 }) */
static int l_enter_of(lua_State *L, enum yw_handle_kind who)
{
    struct yw_script_verb *verb = l_begin(L, YW_VERB_ENTER, who);
    l_argument(L, 2, "enter", verb->subject, sizeof(verb->subject));
    l_yw_read_vars(L, 3, "enter", verb->line, verb);
    return l_stop(L);
}

static int l_enter(lua_State *L)
{
    return l_enter_of(L, YW_HANDLE_STORY);
}

static int l_player_enter(lua_State *L)
{
    return l_enter_of(L, YW_HANDLE_PLAYER);
}

static const struct {
    enum yw_handle_kind kind;
    const char *name;
    lua_CFunction l_call;
} verbs[] = {
    {YW_HANDLE_STORY, "wait", l_wait},
    {YW_HANDLE_STORY, "say", l_say},
    {YW_HANDLE_STORY, "hint", l_hint},
    {YW_HANDLE_STORY, "wait_for", l_wait_for},
    {YW_HANDLE_STORY, "wait_until", l_wait_until},
    {YW_HANDLE_STORY, "attack", l_attack},
    {YW_HANDLE_STORY, "undo", l_undo},
    {YW_HANDLE_STORY, "pace", l_pace},
    {YW_HANDLE_STORY, "fault", l_fault},
    {YW_HANDLE_STORY, "enter", l_enter},
    {YW_HANDLE_PLAYER, "wait", l_player_wait},
    {YW_HANDLE_PLAYER, "wait_question", l_wait_question},
    {YW_HANDLE_PLAYER, "answer", l_answer},
    {YW_HANDLE_PLAYER, "operate", l_operate},
    {YW_HANDLE_PLAYER, "report", l_report},
    {YW_HANDLE_PLAYER, "enter", l_player_enter},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

lua_CFunction yw_script_verb_find(enum yw_handle_kind kind, const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (verbs[i].kind == kind && strcmp(verbs[i].name, name) == 0)
            return verbs[i].l_call;
    return NULL;
}

const char *yw_script_verb_nearest(enum yw_handle_kind kind, const char *name)
{
    const char *names[VERBS];
    size_t count = 0;
    for (size_t i = 0; i < VERBS; i++)
        if (verbs[i].kind == kind)
            names[count++] = verbs[i].name;
    return yw_name_nearest(name, names, count);
}
