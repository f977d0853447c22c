/* The plants of a drill: physics steps with drill time, sensor values go out to the controllers,
 * their outputs come in, and what matters becomes events: a sample at least every second and at
 * every change of input and every crossing of a watched limit, the level when it changes. */
#include "drill/drill.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

static const char *plant_name(const struct yw_drill *drill,
                              const struct yw_drill_plant *plant)
{
    return drill->spec->plants[plant->plant].name;
}

static int64_t emit_sample(struct yw_drill *drill, struct yw_drill_plant *plant)
{
    struct yw_event event;
    int64_t seq = 0;
    yw_drill_event(&event, YW_EVENT_PLANT_SAMPLE, plant->team, "plant");
    yw_plant_sample(plant->model, &event.plant_sample);
    YW_COPY(event.plant_sample.plant, plant_name(drill, plant));
    (void)yw_drill_emit(drill, &event, &seq, NULL);
    plant->sampled_ms = yw_clock_mono_ms(drill->stage->clock);
    for (size_t i = 0; i < drill->limit_count; i++) {
        const struct yw_drill_limit *limit = &drill->limits[i];
        if (strcmp(limit->plant, plant_name(drill, plant)) == 0) {
            plant->over[i] = yw_plant_value(plant->model, limit->tag) > limit->number;
        }
    }
    if (plant->view_count > 0) {
        yw_drill_event(&event, YW_EVENT_PLANT_VIEW, plant->team, "plant");
        YW_COPY(event.plant_view.plant, plant_name(drill, plant));
        event.plant_view.count = (int64_t)plant->view_count;
        memcpy(event.plant_view.view, plant->views,
               plant->view_count * sizeof plant->views[0]);
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
    return seq;
}

static bool limit_crossed(const struct yw_drill *drill,
                          const struct yw_drill_plant *plant)
{
    for (size_t i = 0; i < drill->limit_count; i++) {
        const struct yw_drill_limit *limit = &drill->limits[i];
        if (strcmp(limit->plant, plant_name(drill, plant)) == 0 &&
            plant->over[i] !=
                (yw_plant_value(plant->model, limit->tag) > limit->number)) {
            return true;
        }
    }
    return false;
}

bool yw_sense_wire(const struct yw_drill *drill, struct yw_drill_plant *plant)
{
    const struct yw_spec *spec = drill->spec;
    bool led = false;
    plant->wire_count = 0;
    for (size_t m = 0; m < drill->plan->machine_count; m++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[m];
        const struct yw_spec_machine *declared = &spec->machines[machine->machine];
        if (machine->team != plant->team || !machine->has_field ||
            declared->plant != plant->plant || plant->wire_count == YW_SPEC_WIRES_MAX) {
            continue;
        }
        struct yw_drill_wire *wire = &plant->wires[plant->wire_count++];
        wire->machine = machine;
        wire->leads = yw_spec_leads(declared);
        yw_wiring_ends(spec, machine->machine, &wire->ends);
        led = led || wire->leads;
    }
    return led;
}

/* What the wires say: an input follows the machine that drives it, and has no power while one
 * that may trip it says 0. Who has said nothing yet changes nothing. */
static void read_wires(const struct yw_drill_plant *plant, double *wanted)
{
    const struct yw_plant_model *model = yw_plant_model(plant->model);
    for (int permits = 0; permits <= 1; permits++) {
        for (size_t w = 0; w < plant->wire_count; w++) {
            const struct yw_drill_wire *wire = &plant->wires[w];
            for (size_t k = 0; k < wire->ends.output_count && k < wire->output_count;
                 k++) {
                const struct yw_wire_output *end = &wire->ends.outputs[k];
                if (end->input < 0 || end->permits != (permits == 1)) {
                    continue;
                }
                if (!end->permits) {
                    wanted[end->input] = wire->outputs[k];
                } else if (wire->outputs[k] < 0.5) {
                    wanted[end->input] = model->inputs[end->input].rest;
                }
            }
        }
    }
}

/* Outputs are taken over at ticks only, so a chattering controller costs ten samples a second. */
static bool take_inputs(struct yw_drill_plant *plant)
{
    size_t wired = yw_plant_wired(yw_plant_model(plant->model));
    double wanted[YW_PLANT_INPUTS_MAX];
    bool changed = false;
    memcpy(wanted, plant->inputs, sizeof wanted);
    read_wires(plant, wanted);
    for (size_t i = 0; i < wired; i++) {
        if (wanted[i] != plant->inputs[i] &&
            yw_plant_set_input(plant->model, i, wanted[i]) == 0) {
            plant->inputs[i] = wanted[i];
            changed = true;
        }
    }
    return changed;
}

static void emit_level(struct yw_drill *drill, struct yw_drill_plant *plant, int level,
                       int tag, int64_t cause)
{
    const struct yw_plant_model *model = yw_plant_model(plant->model);
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_PLANT_LEVEL, plant->team, "plant");
    YW_COPY(event.plant_level.plant, plant_name(drill, plant));
    event.plant_level.level = level;
    event.plant_level.previous = plant->level;
    if (tag >= 0) {
        YW_COPY(event.plant_level.tag, model->tags[tag].name);
        event.plant_level.value = yw_plant_truth(plant->model, (size_t)tag);
    }
    event.causes[0] = cause;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
    plant->level = level;
}

static void send_sensors(struct yw_drill *drill, const struct yw_drill_plant *plant)
{
    double values[YW_VIRT_FIELD_MAX];
    for (size_t w = 0; w < plant->wire_count && drill->stage->virt != NULL; w++) {
        const struct yw_wire_ends *ends = &plant->wires[w].ends;
        for (size_t i = 0; i < ends->tag_count; i++) {
            values[i] = yw_plant_field(plant->model, (size_t)ends->tags[i]);
        }
        yw_virt_field(drill->stage->virt, plant->wires[w].machine->uuid, values,
                      ends->tag_count);
    }
}

/* At the table nobody knows what a plant does that machines would drive, until it was touched
 * and is safe again. */
static bool is_unknown(const struct yw_drill *drill, const struct yw_drill_plant *plant)
{
    const struct yw_plant_fold *fold =
        yw_drill_plant(yw_drill_state(drill), plant->team, plant_name(drill, plant));
    return drill->spec->tabletop && yw_spec_driven(drill->spec, plant->plant) &&
           (fold == NULL || fold->level > 0 || fold->worst_level == 0);
}

void yw_sense_tell(struct yw_drill *drill, int team, int plant, int level, int64_t cause)
{
    for (size_t i = 0; i < drill->plant_count; i++) {
        struct yw_drill_plant *one = &drill->plants[i];
        if (one->team == team && one->plant == plant && one->level != level) {
            emit_level(drill, one, level, -1, cause);
        }
    }
}

static void tick_plant(struct yw_drill *drill, struct yw_drill_plant *plant,
                       int64_t drill_ms, int64_t mono_ms)
{
    const struct yw_plant_model *model = yw_plant_model(plant->model);
    double scale = drill->spec->plants[plant->plant].time_scale;
    if (plant->held || is_unknown(drill, plant)) {
        return;
    }
    yw_plant_run_to(plant->model,
                    yw_plant_steps_at(model, scale, drill_ms - plant->back_ms), NULL,
                    NULL);
    bool changed = take_inputs(plant);
    int tag = -1;
    int level = yw_plant_level(plant->model, &tag);
    yw_duty_measure(drill, plant);
    if (changed || level != plant->level || limit_crossed(drill, plant) ||
        mono_ms - plant->sampled_ms >= YW_DRILL_SAMPLE_MS) {
        int64_t cause = emit_sample(drill, plant);
        if (level != plant->level) {
            emit_level(drill, plant, level, tag, cause);
        }
    }
    send_sensors(drill, plant);
}

void yw_sense_tick(struct yw_drill *drill)
{
    int64_t drill_ms = yw_drill_now(drill);
    int64_t mono_ms = yw_clock_mono_ms(drill->stage->clock);
    for (size_t i = 0; i < drill->plant_count; i++) {
        tick_plant(drill, &drill->plants[i], drill_ms, mono_ms);
    }
}

/* Controllers see their sensors as soon as they serve, before the clock runs. */
void yw_sense_start(struct yw_drill *drill)
{
    for (size_t i = 0; i < drill->plant_count; i++) {
        send_sensors(drill, &drill->plants[i]);
    }
}

static void take_notice(struct yw_drill_plant *plant, struct yw_drill_wire *wire,
                        const struct yw_virt_notice *notice)
{
    const struct yw_plant_model *model = yw_plant_model(plant->model);
    for (size_t k = 0; k < notice->output_count; k++) {
        if (!isfinite(notice->outputs[k])) {
            return;
        }
    }
    memcpy(wire->outputs, notice->outputs, sizeof wire->outputs);
    wire->output_count = notice->output_count;
    if (!wire->leads) {
        return;
    }
    plant->view_count = 0;
    for (size_t k = 0; k < notice->view_count && k < model->tag_count; k++) {
        if (isfinite(notice->views[k])) {
            plant->views[k] = notice->views[k];
            plant->view_count = k + 1;
        }
    }
}

void yw_sense_notice(struct yw_drill *drill, const struct yw_virt_notice *notice)
{
    for (size_t i = 0; i < drill->plant_count; i++) {
        struct yw_drill_plant *plant = &drill->plants[i];
        for (size_t w = 0; w < plant->wire_count; w++) {
            if (strcmp(plant->wires[w].machine->uuid, notice->uuid) == 0) {
                take_notice(plant, &plant->wires[w], notice);
                return;
            }
        }
    }
}

static void befall(struct yw_drill *drill, struct yw_drill_plant *plant,
                   const struct yw_ev_fault_ordered *order)
{
    const struct yw_plant_model *model = yw_plant_model(plant->model);
    double scale = drill->spec->plants[plant->plant].time_scale;
    int64_t at_ms = order->at_ms - plant->back_ms;
    struct yw_plant_fault fault = {0};
    struct yw_err err = {0};
    int kind = yw_fault_kind_of(order->fault);
    int code =
        yw_plant_find_fault(model, (enum yw_fault_kind)kind, order->part, &fault, &err);
    fault.size = order->size;
    fault.at_step = yw_plant_steps_at(model, scale, at_ms > 0 ? at_ms : 0);
    if (code == 0) {
        code = yw_plant_set_fault(plant->model, &fault, &err);
    }
    if (code != 0) {
        yw_drill_fault(drill, "plant '%s': %s", order->plant, err.text);
    }
}

int yw_sense_fault_check(const struct yw_drill *drill,
                         const struct yw_ev_fault_ordered *order, struct yw_err *err)
{
    int index = yw_spec_plant(drill->spec, order->plant);
    const struct yw_plant_model *model =
        index < 0 ? NULL : yw_plant_model_find(drill->spec->plants[index].model);
    int kind = yw_fault_kind_of(order->fault);
    struct yw_plant_fault fault;
    if (model == NULL || kind < 0) {
        return yw_err_set(err, YW_EINVAL, "fault: no plant '%s' or kind '%s'",
                          order->plant, order->fault);
    }
    return yw_plant_find_fault(model, (enum yw_fault_kind)kind, order->part, &fault, err);
}

void yw_sense_fault(struct yw_drill *drill, int team,
                    const struct yw_ev_fault_ordered *order)
{
    int64_t drill_ms = yw_drill_now(drill);
    for (size_t i = 0; i < drill->plant_count; i++) {
        struct yw_drill_plant *plant = &drill->plants[i];
        if (plant->team != team || strcmp(plant_name(drill, plant), order->plant) != 0) {
            continue;
        }
        if (!plant->held) {
            double scale = drill->spec->plants[plant->plant].time_scale;
            yw_plant_run_to(plant->model,
                            yw_plant_steps_at(yw_plant_model(plant->model), scale,
                                              drill_ms - plant->back_ms),
                            NULL, NULL);
        }
        befall(drill, plant, order);
        if (!is_unknown(drill, plant)) {
            (void)emit_sample(drill, plant);
        }
    }
}

/* From the last sample, run on with its inputs to where drill time stands: inputs change only
 * with a sample, so this is what the plant had done. */
static void take_up(struct yw_drill *drill, struct yw_drill_plant *plant)
{
    const struct yw_plant_fold *fold =
        yw_drill_plant(yw_drill_state(drill), plant->team, plant_name(drill, plant));
    struct yw_err err = {0};
    if (fold == NULL) {
        return;
    }
    plant->level = (int)fold->level;
    if (!fold->sampled) {
        return;
    }
    if (yw_plant_restore(plant->model, &fold->sample, &err) != 0) {
        yw_drill_fault(drill, "plant '%s': %s", fold->name, err.text);
    }
    plant->back_ms = fold->back_ms;
    for (size_t k = 0; k < fold->fault_count; k++) {
        befall(drill, plant, &fold->faults[k]);
    }
    memcpy(plant->inputs, fold->sample.inputs, sizeof plant->inputs);
    for (size_t k = 0; k < drill->limit_count; k++) {
        const struct yw_drill_limit *limit = &drill->limits[k];
        if (strcmp(limit->plant, fold->name) == 0) {
            plant->over[k] = yw_plant_value(plant->model, limit->tag) > limit->number;
        }
    }
}

void yw_sense_resume(struct yw_drill *drill)
{
    for (size_t i = 0; i < drill->plant_count; i++) {
        take_up(drill, &drill->plants[i]);
    }
}

void yw_sense_mark(struct yw_drill *drill, int team)
{
    int64_t drill_ms = yw_drill_now(drill);
    for (size_t i = 0; i < drill->plant_count; i++) {
        struct yw_drill_plant *plant = &drill->plants[i];
        const struct yw_plant_model *model = yw_plant_model(plant->model);
        double scale = drill->spec->plants[plant->plant].time_scale;
        if ((team >= 0 && plant->team != team) || is_unknown(drill, plant)) {
            continue;
        }
        yw_plant_run_to(plant->model,
                        yw_plant_steps_at(model, scale, drill_ms - plant->back_ms), NULL,
                        NULL);
        (void)emit_sample(drill, plant);
    }
}

void yw_sense_back(struct yw_drill *drill, int team)
{
    for (size_t i = 0; i < drill->plant_count; i++) {
        struct yw_drill_plant *plant = &drill->plants[i];
        if (team >= 0 && plant->team != team) {
            continue;
        }
        for (size_t w = 0; w < plant->wire_count; w++) {
            plant->wires[w].output_count = 0; /* what it said since is undone */
        }
        take_up(drill, plant);
    }
}
