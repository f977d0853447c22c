/* The truth of an incident, measured: the scenario says which tag of a plant gives which metric of
 * the law. A figure is told when it begins, when it reaches one that a grade of the exercise's packs
 * begins at, before a report is compared with it, and when the drill ends. Figures never fall, and a
 * value that control enters stands until the plant exceeds it. */
#include "drill/exercise/duty.h"

#include "base/mem.h"
#include "model/process.h"
#include "plant/plant.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct measuring {
    struct yw_drill *drill;
    const struct yw_drill_plant *plant;
    struct yw_duty_seat *seat;
    size_t index; /* of the measure */
    int metric;
    double value;
};

static const struct yw_spec_measure *measure_of(const struct measuring *m)
{
    return &m->drill->spec->measures[m->index];
}

/* What the journal says last, by whomever. */
static double known_value(const struct measuring *m)
{
    const struct yw_drill_state *state = yw_drill_state(m->drill);
    const struct yw_rules *rules = yw_conductor_law(m->drill->conductor)->rules;

    for (size_t i = state->duties.count; i-- > 0;) {
        const struct yw_event *event = *(struct yw_event **)yw_vec_at(&state->duties, i);
        struct yw_rule_value value;

        if (event->kind == YW_EVENT_METRIC_MEASURED &&
            (event->team < 0 || event->team == m->plant->team) &&
            strcmp(event->metric_measured.metric, measure_of(m)->metric) == 0 &&
            yw_rule_value_read(&value, rules, m->metric, event->metric_measured.value,
                               NULL) == 0)
            return value.number;
    }
    return 0;
}

/* As told: in the journal, or on the way there. */
static double told(const struct measuring *m)
{
    struct yw_duty_seat *seat = m->seat;

    if (seat->told_seq[m->index] > yw_drill_state(m->drill)->seq)
        return seat->told[m->index];
    return known_value(m);
}

static void tell(const struct measuring *m)
{
    const struct yw_rules *rules = yw_conductor_law(m->drill->conductor)->rules;
    struct yw_rule_value value = {.known = true, .number = m->value};
    struct yw_event event;

    yw_drill_event(&event, YW_EVENT_METRIC_MEASURED, m->plant->team, "core");
    YW_COPY(event.metric_measured.metric, measure_of(m)->metric);
    yw_rule_value_write(&value, rules, m->metric, event.metric_measured.value);
    (void)yw_copyf(event.metric_measured.reason, sizeof event.metric_measured.reason,
                   "measured: %s.%s", m->drill->spec->plants[m->plant->plant].name,
                   measure_of(m)->from.tag);
    yw_duty_say_metric(rules, &event.metric_measured);
    m->seat->told[m->index] = m->value;
    (void)yw_drill_emit(m->drill, &event, &m->seat->told_seq[m->index], NULL);
}

static double reading(const struct measuring *m)
{
    const struct yw_spec_plant *plant = &m->drill->spec->plants[m->plant->plant];
    const char *tag = measure_of(m)->from.tag;
    const struct yw_plant_fold *fold =
        yw_drill_plant(yw_drill_state(m->drill), m->plant->team, plant->name);

    if (strcmp(tag, YW_SPEC_OUTAGE) != 0)
        return yw_plant_value(m->plant->model, yw_process_tag(plant->model, tag));
    int64_t out_ms = fold->out_ms;

    if (fold->out)
        out_ms += yw_drill_now(m->drill) - fold->out_since_ms;
    return (double)out_ms / 1000 * plant->time_scale;
}

/* Two measures may give one metric: the greater one stands. */
static bool begin(struct measuring *m)
{
    const struct yw_spec_measure *measure = measure_of(m);

    if (measure->from.plant != m->plant->plant)
        return false;
    m->metric = yw_rule_name(yw_conductor_law(m->drill->conductor)->rules, YW_RULE_METRIC,
                             measure->metric);
    /* whole units: people, seconds, yuan */
    m->value = floor(yw_spec_measured(measure, reading(m)));
    return m->metric >= 0 && m->value > 0;
}

/* From which value on it is told by itself. */
static double next_value(const struct measuring *m, double value)
{
    struct yw_scheme *scheme = yw_new(sizeof *scheme);
    double next = 1;

    (void)yw_scheme_read(scheme, yw_conductor_law(m->drill->conductor),
                         yw_drill_state(m->drill));
    if (value > 0)
        next = yw_exercise_next_figure(&scheme->exercise, m->metric, value);
    free(scheme);
    return next;
}

static void look(struct yw_drill *drill, const struct yw_drill_plant *plant, bool all)
{
    struct measuring m = {
        .drill = drill, .plant = plant, .seat = &drill->duties->seats[plant->team]};

    for (m.index = 0; m.index < drill->spec->measure_count; m.index++) {
        double *next = &m.seat->next[m.index];

        if (!begin(&m))
            continue;
        if (*next == 0)
            *next = next_value(&m, told(&m));
        if (all ? m.value > told(&m) : m.value >= *next) {
            tell(&m);
            *next = next_value(&m, m.value);
        }
    }
}

void yw_duty_measure(struct yw_drill *drill, const struct yw_drill_plant *plant)
{
    if (drill->duties != NULL && yw_drill_state(drill)->phase == YW_PHASE_RUNNING)
        look(drill, plant, false);
}

void yw_duty_measure_all(struct yw_drill *drill, int team)
{
    for (size_t i = 0; drill->duties != NULL && i < drill->plant_count; i++) {
        if (team < 0 || drill->plants[i].team == team)
            look(drill, &drill->plants[i], true);
    }
}
