/* Faults that are not attacks: what happens to sensors and actuators by themselves. They
 * stand between the commands and the physics, and between the physics and the wire, so a
 * model knows nothing of them; a leak is an outflow that the model has as a world input. */
#include "plant/running.h"

#include "base/id.h"
#include "plant/number.h"

#include <math.h>
#include <string.h>

#define SECONDS_PER_HOUR 3600.0

static bool in_force(const struct yw_plant *plant, const struct yw_plant_trouble *trouble)
{
    return trouble->taken || plant->steps >= trouble->fault.at_step;
}

static double clamp_input(const struct yw_plant_model *model, size_t input, double value)
{
    return yw_clamp(value, model->inputs[input].low, model->inputs[input].high);
}

void yw_plant_actuate(struct yw_plant *plant)
{
    const struct yw_plant_model *model = plant->model;

    memcpy(plant->acting, plant->inputs, model->input_count * sizeof *plant->inputs);
    for (size_t i = 0; i < plant->trouble_count; i++) {
        const struct yw_plant_trouble *trouble = &plant->troubles[i];
        const struct yw_plant_fault *fault = &trouble->fault;
        size_t input = fault->target;

        if (!in_force(plant, trouble))
            continue;
        if (fault->kind == YW_FAULT_LEAK)
            input = (size_t)model->tags[fault->target].leak - 1;
        else if (!fault->on_input)
            continue;
        double value = fault->kind == YW_FAULT_STUCK  ? trouble->held
                       : fault->kind == YW_FAULT_TRIP ? model->inputs[input].rest
                                                      : fault->size;

        plant->acting[input] = clamp_input(model, input, value);
    }
}

static const struct yw_plant_trouble *of_tag(const struct yw_plant *plant, size_t tag)
{
    for (size_t i = 0; i < plant->trouble_count; i++) {
        const struct yw_plant_trouble *trouble = &plant->troubles[i];

        if (!trouble->fault.on_input && trouble->fault.target == tag &&
            in_force(plant, trouble))
            return trouble;
    }
    return NULL;
}

const struct yw_plant_trouble *yw_plant_stuck(const struct yw_plant *plant, size_t tag)
{
    const struct yw_plant_trouble *trouble = of_tag(plant, tag);

    return trouble && trouble->fault.kind == YW_FAULT_STUCK && trouble->taken ? trouble
                                                                              : NULL;
}

double yw_plant_sensed(const struct yw_plant *plant, size_t tag)
{
    const struct yw_plant_tag *of = &plant->model->tags[tag];
    const struct yw_plant_trouble *trouble = of_tag(plant, tag);
    double value = plant->truth[tag];

    if (trouble && trouble->fault.kind == YW_FAULT_BIAS)
        value += trouble->fault.size;
    else if (trouble && trouble->fault.kind == YW_FAULT_DRIFT)
        value += trouble->fault.size * (double)(plant->steps - trouble->fault.at_step) *
                 plant->model->step_s / SECONDS_PER_HOUR;
    else if (trouble && trouble->fault.kind == YW_FAULT_STUCK && trouble->taken)
        value = trouble->held;
    return yw_clamp(value, of->low, of->high);
}

void yw_plant_befall(struct yw_plant *plant)
{
    for (size_t i = 0; i < plant->trouble_count; i++) {
        struct yw_plant_trouble *trouble = &plant->troubles[i];

        if (trouble->taken || plant->steps < trouble->fault.at_step)
            continue;
        if (trouble->fault.kind == YW_FAULT_STUCK)
            trouble->held = trouble->fault.on_input
                                ? plant->acting[trouble->fault.target]
                                : yw_plant_field(plant, trouble->fault.target);
        trouble->taken = true;
    }
}

static bool fits(const struct yw_plant_model *model, const struct yw_plant_fault *fault)
{
    if (!isfinite(fault->size) || fault->at_step < 0 || fault->kind >= YW_FAULT_KINDS)
        return false;
    if (fault->on_input)
        return fault->target < model->input_count && yw_fault_on_input(fault->kind) &&
               (fault->kind != YW_FAULT_LOAD ||
                model->inputs[fault->target].role == YW_PLANT_WORLD);
    return fault->target < model->tag_count && yw_fault_on_tag(fault->kind) &&
           (fault->kind != YW_FAULT_LEAK || model->tags[fault->target].leak > 0);
}

static void repair(struct yw_plant *plant, const struct yw_plant_fault *fault)
{
    size_t kept = 0;

    for (size_t i = 0; i < plant->trouble_count; i++) {
        const struct yw_plant_fault *other = &plant->troubles[i].fault;

        if (other->on_input != fault->on_input || other->target != fault->target)
            plant->troubles[kept++] = plant->troubles[i];
    }
    plant->trouble_count = kept;
}

int yw_plant_set_fault(struct yw_plant *plant, const struct yw_plant_fault *fault,
                       struct yw_err *err)
{
    if (!fits(plant->model, fault))
        return yw_err_set(err, YW_EINVAL, "plant '%s': no such fault of this part",
                          plant->model->name);
    repair(plant, fault);
    if (fault->kind != YW_FAULT_REPAIR) {
        if (plant->trouble_count == YW_PLANT_FAULTS_MAX)
            return yw_err_set(err, YW_ELIMIT, "plant '%s': at most %d faults at once",
                              plant->model->name, YW_PLANT_FAULTS_MAX);
        plant->troubles[plant->trouble_count++] =
            (struct yw_plant_trouble){.fault = *fault};
        yw_plant_befall(plant);
    }
    yw_plant_actuate(plant);
    return 0;
}

static int find_part(const struct yw_plant_model *model, const char *target,
                     bool on_input)
{
    size_t count = on_input ? model->input_count : model->tag_count;

    for (size_t i = 0; i < count; i++) {
        const char *name = on_input ? model->inputs[i].name : model->tags[i].name;

        if (strcmp(name, target) == 0)
            return (int)i;
    }
    return -1;
}

/* All parts that this kind may befall; how many. */
static size_t parts_of(const struct yw_plant_model *model, enum yw_fault_kind kind,
                       const char *names[YW_PLANT_TAGS_MAX + YW_PLANT_INPUTS_MAX])
{
    size_t count = 0;

    for (int on_input = 0; on_input < 2; on_input++) {
        size_t parts = on_input ? model->input_count : model->tag_count;

        for (size_t i = 0; i < parts; i++) {
            struct yw_plant_fault fault = {
                .kind = kind, .on_input = on_input, .target = i};

            if (fits(model, &fault))
                names[count++] = on_input ? model->inputs[i].name : model->tags[i].name;
        }
    }
    return count;
}

static int refuse_part(const struct yw_plant_model *model, enum yw_fault_kind kind,
                       const char *target, struct yw_err *err)
{
    const char *names[YW_PLANT_TAGS_MAX + YW_PLANT_INPUTS_MAX];
    size_t count = parts_of(model, kind, names);
    const char *word = yw_fault_kind_name(kind);
    const char *near = yw_name_nearest(target, names, count);
    char meant[YW_MEANT_MAX];

    if (near != NULL || count == 0)
        return yw_err_set(err, YW_EINVAL, "plant '%s': %s cannot befall '%s'%s",
                          model->name, word, target,
                          count == 0 ? ", nor any part" : yw_meant(meant, near));
    return yw_err_set(err, YW_EINVAL, "plant '%s': %s cannot befall '%s'; it can '%s'%s",
                      model->name, word, target, names[0],
                      count > 1 ? " and others" : "");
}

int yw_plant_find_fault(const struct yw_plant_model *model, enum yw_fault_kind kind,
                        const char *target, struct yw_plant_fault *ret,
                        struct yw_err *err)
{
    *ret = (struct yw_plant_fault){.kind = kind};
    for (int on_input = 0; on_input < 2; on_input++) {
        int part = find_part(model, target, on_input);

        ret->on_input = on_input;
        ret->target = (size_t)(part < 0 ? 0 : part);
        if (part >= 0 && fits(model, ret))
            return 0;
    }
    return refuse_part(model, kind, target, err);
}

enum { KIND, ON_INPUT, TARGET, SIZE, AT_STEP, TAKEN, HELD, NUMBERS };

_Static_assert(YW_EVENT_FAULTS_MAX == YW_PLANT_FAULTS_MAX * NUMBERS,
               "a sample has room for all faults");

int64_t yw_plant_faults_pack(const struct yw_plant *plant, double *values)
{
    for (size_t i = 0; i < plant->trouble_count; i++) {
        const struct yw_plant_trouble *trouble = &plant->troubles[i];
        double *row = values + i * NUMBERS;

        row[KIND] = trouble->fault.kind;
        row[ON_INPUT] = trouble->fault.on_input;
        row[TARGET] = (double)trouble->fault.target;
        row[SIZE] = trouble->fault.size;
        row[AT_STEP] = (double)trouble->fault.at_step;
        row[TAKEN] = trouble->taken;
        row[HELD] = trouble->held;
    }
    return (int64_t)plant->trouble_count * NUMBERS;
}

static bool is_count(double value, double below)
{
    return value >= 0 && value < below && value == (double)(int64_t)value;
}

int yw_plant_faults_unpack(struct yw_plant *plant, const double *values, int64_t count)
{
    if (count < 0 || count > YW_EVENT_FAULTS_MAX || count % NUMBERS != 0)
        return YW_ECORRUPT;
    plant->trouble_count = 0;
    for (int64_t i = 0; i < count; i += NUMBERS) {
        const double *row = values + i;
        struct yw_plant_trouble trouble = {.taken = row[TAKEN] > 0, .held = row[HELD]};

        if (!is_count(row[KIND], YW_FAULT_KINDS) || !is_count(row[TARGET], 1000) ||
            !is_count(row[AT_STEP], 9e15) || !isfinite(row[HELD]))
            return YW_ECORRUPT;
        trouble.fault = (struct yw_plant_fault){.kind = (enum yw_fault_kind)row[KIND],
                                                .on_input = row[ON_INPUT] > 0,
                                                .target = (size_t)row[TARGET],
                                                .size = row[SIZE],
                                                .at_step = (int64_t)row[AT_STEP]};
        if (!fits(plant->model, &trouble.fault) || trouble.fault.kind == YW_FAULT_REPAIR)
            return YW_ECORRUPT;
        plant->troubles[plant->trouble_count++] = trouble;
    }
    return 0;
}
