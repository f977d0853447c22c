#include "drill/exercise/table.h"

#include "base/mem.h"
#include "model/kit.h"

#include <string.h>

static const struct yw_kit_family *family_of(const struct yw_spec_attack *attack)
{
    char action[YW_NAME_MAX];
    yw_kit_action(attack->argv, attack->argc, action);
    return yw_kit_family_of(action);
}

/* Behind a machine are the plant that it drives and those of machines that obey it. */
static bool is_behind(const struct yw_spec *spec, int target, int plant)
{
    for (size_t m = 0; m < spec->machine_count; m++) {
        const struct yw_spec_machine *machine = &spec->machines[m];
        if (machine->plant == plant && ((int)m == target || machine->serves == target)) {
            return true;
        }
    }
    return false;
}

static bool touches(const struct yw_spec *spec, const struct yw_spec_attack *attack,
                    int plant)
{
    const struct yw_kit_family *family = family_of(attack);
    return family != NULL && strcmp(family->process.en, "none") != 0 && attack->to >= 0 &&
           is_behind(spec, attack->to, plant);
}

static void put(struct yw_text *text, const char *zh, const char *en)
{
    size_t used_zh = strlen(text->zh);
    size_t used_en = strlen(text->en);
    (void)yw_copy(text->zh + used_zh, sizeof text->zh - used_zh, zh);
    (void)yw_copy(text->en + used_en, sizeof text->en - used_en, en);
}

static void put_trace(struct yw_text *text, const char *zh, const char *en,
                      const char *trace_zh, const char *trace_en)
{
    if (strcmp(trace_en, "none") != 0) {
        put(text, zh, en);
        put(text, trace_zh, trace_en);
    }
}

/* What people would find of it; not who does it, nor what it is called. */
static void tell(struct yw_drill *drill, int team, const struct yw_spec_attack *attack)
{
    const struct yw_team_fold *fold = yw_drill_team(yw_drill_state(drill), team);
    const struct yw_kit_family *family = family_of(attack);
    struct yw_event event;
    if (family == NULL || fold->story.said_for == fold->story.step_seq) {
        return;
    }
    yw_drill_event(&event, YW_EVENT_SAID, team, "table");
    put(&event.said.text, "可见迹象", "To be seen");
    if (attack->to >= 0) {
        const char *target = drill->spec->machines[attack->to].name;
        put(&event.said.text, "（", " at ");
        put(&event.said.text, target, target);
        put(&event.said.text, "）", "");
    }
    put(&event.said.text, "：网络上，", ": on the network, ");
    put(&event.said.text, family->network.zh, family->network.en);
    put_trace(&event.said.text, "；主机或控制器上，", "; on host or controller, ",
              family->host.zh, family->host.en);
    put_trace(&event.said.text, "；过程中，", "; in the process, ", family->process.zh,
              family->process.en);
    event.causes[0] = fold->story.step_seq;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void begin(struct yw_drill *drill, int team, const struct yw_spec_attack *attack,
                  int64_t cause)
{
    tell(drill, team, attack);
    for (size_t p = 0; p < drill->spec->plant_count; p++) {
        if (touches(drill->spec, attack, (int)p)) {
            yw_sense_tell(drill, team, (int)p, YW_TABLE_LEVEL, cause);
        }
    }
}

void yw_table_attack(struct yw_drill *drill, int team,
                     const struct yw_attack_fold *attack)
{
    const struct yw_machine_fold *from =
        yw_drill_machine(yw_drill_state(drill), team, attack->from);
    bool undo = attack->state == YW_ATTACK_UNDOING;
    int index = yw_spec_attack(drill->spec, attack->name);
    struct yw_event event;
    if (index < 0) {
        return;
    }
    bool ok = from != NULL && from->link_up;
    if (ok && !undo) {
        begin(drill, team, &drill->spec->attacks[index], attack->started_seq);
    }
    yw_drill_event(&event, undo ? YW_EVENT_UNDO_ENDED : YW_EVENT_ATTACK_ENDED, team,
                   "core");
    YW_COPY(event.attack_ended.attack, attack->name);
    event.attack_ended.ok = ok;
    YW_COPY(event.attack_ended.output, ok ? "told" : "its machine is cut off");
    event.causes[0] = undo ? attack->undo_seq : attack->started_seq;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

void yw_table_link(struct yw_drill *drill, int team, const char *machine, bool up)
{
    const struct yw_machine_fold *fold =
        yw_drill_machine(yw_drill_state(drill), team, machine);
    struct yw_event event;
    if (fold == NULL) {
        return;
    }
    yw_drill_event(&event, YW_EVENT_LINK_CHANGED, team, "core");
    YW_COPY(event.link_changed.machine, machine);
    event.link_changed.up = up;
    event.causes[0] = fold->link_ordered_seq;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static bool is_touched(const struct yw_drill *drill, int team, int plant)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    for (size_t i = 0; i < drill->spec->attack_count; i++) {
        const struct yw_spec_attack *attack = &drill->spec->attacks[i];
        const struct yw_attack_fold *fold = yw_drill_attack(state, team, attack->name);
        if (fold == NULL || fold->effect_seq == 0 ||
            !touches(drill->spec, attack, plant)) {
            continue;
        }
        const struct yw_machine_fold *from = yw_drill_machine(state, team, fold->from);
        if (from != NULL && from->link_up) {
            return true;
        }
    }
    return false;
}

void yw_table_settle(struct yw_drill *drill, int team)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    for (size_t p = 0; p < drill->spec->plant_count; p++) {
        const struct yw_plant_fold *plant =
            yw_drill_plant(state, team, drill->spec->plants[p].name);
        if (yw_spec_driven(drill->spec, (int)p) && plant != NULL && plant->level > 0 &&
            !is_touched(drill, team, (int)p)) {
            yw_sense_tell(drill, team, (int)p, 0, state->seq);
        }
    }
}

void yw_table_resume(struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    for (size_t t = 0; t < state->teams.count; t++) {
        for (size_t m = 0; m < drill->spec->machine_count; m++) {
            const char *name = drill->spec->machines[m].name;
            const struct yw_machine_fold *fold = yw_drill_machine(state, (int)t, name);
            if (fold != NULL && fold->link_wanted != fold->link_up) {
                yw_table_link(drill, (int)t, name, fold->link_wanted);
            }
        }
        yw_table_settle(drill, (int)t);
    }
}
