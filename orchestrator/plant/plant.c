#include "plant/plant.h"

#include "base/mem.h"
#include "plant/models.h"
#include "plant/number.h"
#include "plant/running.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct yw_plant_model *const models[] = {
#define YW_PLANT(symbol) &symbol,
#include "plant/plants.def"
#undef YW_PLANT
};

const struct yw_plant_model *yw_plant_model_at(size_t index)
{
    return index < sizeof models / sizeof models[0] ? models[index] : NULL;
}

const struct yw_plant_model *yw_plant_model_find(const char *name)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        if (strcmp(models[i]->name, name) == 0)
            return models[i];
    }
    return NULL;
}

size_t yw_plant_wired(const struct yw_plant_model *model)
{
    size_t count = 0;

    while (count < model->input_count && model->inputs[count].role == YW_PLANT_WIRED)
        count++;
    return count;
}

static void update_truth(struct yw_plant *plant)
{
    plant->model->tags_of(plant->state, plant->acting, plant->truth);
}

static int scan_steps(const struct yw_plant_model *model)
{
    return model->scan_steps > 1 ? model->scan_steps : 1;
}

struct yw_plant *yw_plant_new(const struct yw_plant_model *model, uint64_t seed)
{
    assert(model->tag_count <= YW_PLANT_TAGS_MAX &&
           model->input_count <= YW_PLANT_INPUTS_MAX &&
           model->state_count <= YW_PLANT_STATE_MAX);
    struct yw_plant *plant = yw_new(sizeof *plant);

    plant->model = model;
    plant->seed = seed;
    for (size_t i = 0; i < model->input_count; i++)
        plant->inputs[i] = model->inputs[i].initial;
    model->start(plant->state);
    yw_plant_actuate(plant);
    update_truth(plant);
    return plant;
}

void yw_plant_free(struct yw_plant *plant)
{
    free(plant);
}

const struct yw_plant_model *yw_plant_model(const struct yw_plant *plant)
{
    return plant->model;
}

void yw_plant_control(struct yw_plant *plant, bool on)
{
    plant->control = on && plant->model->control != NULL;
}

int yw_plant_set_input(struct yw_plant *plant, size_t input, double value)
{
    if (input >= plant->model->input_count || !isfinite(value))
        return YW_EINVAL;
    const struct yw_plant_input *of = &plant->model->inputs[input];

    plant->inputs[input] = yw_clamp(value, of->low, of->high);
    plant->hand |= (int64_t)1 << input;
    yw_plant_actuate(plant);
    update_truth(plant);
    return 0;
}

double yw_plant_input(const struct yw_plant *plant, size_t input)
{
    assert(input < plant->model->input_count);
    return plant->acting[input];
}

int yw_plant_set_tag(struct yw_plant *plant, size_t tag, double value)
{
    if (tag >= plant->model->tag_count || !isfinite(value) ||
        plant->model->tags[tag].state == 0)
        return YW_EINVAL;
    const struct yw_plant_tag *of = &plant->model->tags[tag];

    double at = yw_clamp(value, of->low, of->high);

    if (of->state != YW_PLANT_PUT)
        plant->state[of->state - 1] = at;
    else if (!plant->model->put(plant->state, plant->acting, tag, at))
        return YW_EINVAL;
    update_truth(plant);
    return 0;
}

static void run_control(struct yw_plant *plant, double scan_s)
{
    const struct yw_plant_model *model = plant->model;
    double sensed[YW_PLANT_TAGS_MAX], commands[YW_PLANT_INPUTS_MAX];

    for (size_t i = 0; i < model->tag_count; i++)
        sensed[i] = yw_plant_sensed(plant, i);
    memcpy(commands, plant->inputs, model->input_count * sizeof commands[0]);
    model->control(plant->state, sensed, commands, scan_s);
    for (size_t i = 0; i < model->input_count; i++) {
        const struct yw_plant_input *of = &model->inputs[i];

        if (of->role == YW_PLANT_WIRED && !(plant->hand >> i & 1))
            plant->inputs[i] = yw_clamp(commands[i], of->low, of->high);
    }
}

static void scan(struct yw_plant *plant)
{
    const struct yw_plant_model *model = plant->model;
    double scan_s = scan_steps(model) * model->step_s;
    int tag = 0;

    update_truth(plant);
    if (plant->trouble_count > 0)
        yw_plant_befall(plant);
    if (plant->control)
        run_control(plant, scan_s);
    if (plant->control || plant->trouble_count > 0)
        yw_plant_actuate(plant);
    plant->level_s += yw_plant_level(plant, &tag) * scan_s;
    plant->lost_s +=
        (1 - yw_clamp(plant->truth[model->product_tag] / model->product_nominal, 0, 1)) *
        scan_s;
}

void yw_plant_run_to(struct yw_plant *plant, int64_t steps,
                     bool (*on_scan)(void *arg, struct yw_plant *plant), void *arg)
{
    const struct yw_plant_model *model = plant->model;
    int64_t every = scan_steps(model);

    while (plant->steps < steps) {
        int64_t until = plant->steps - plant->steps % every + every;
        int64_t count = (until < steps ? until : steps) - plant->steps;

        for (int64_t i = 0; i < count; i++)
            model->step(plant->state, plant->acting, model->step_s);
        plant->steps += count;
        if (plant->steps < until)
            break;
        scan(plant);
        if (on_scan && on_scan(arg, plant))
            return;
    }
    update_truth(plant);
}

int64_t yw_plant_steps(const struct yw_plant *plant)
{
    return plant->steps;
}

int64_t yw_plant_steps_at(const struct yw_plant_model *model, double time_scale,
                          int64_t drill_ms)
{
    /* the small part added keeps 1000 ms / 0.2 s at 5 where a division gives 4.999… */
    return (int64_t)((double)drill_ms * time_scale / (model->step_s * 1000) + 1e-6);
}

double yw_plant_truth(const struct yw_plant *plant, size_t tag)
{
    assert(tag < plant->model->tag_count);
    return plant->truth[tag];
}

/* Noise is a function of seed, step and tag, not a stream that is drawn from: reading a
 * field value twice, or never, changes nothing, and a sample needs no generator state. */
double yw_plant_field(const struct yw_plant *plant, size_t tag)
{
    assert(tag < plant->model->tag_count);
    const struct yw_plant_tag *of = &plant->model->tags[tag];
    double value = yw_plant_sensed(plant, tag);
    struct yw_random random;

    if (of->noise <= 0 || yw_plant_stuck(plant, tag) != NULL)
        return value;
    yw_random_init(&random, plant->seed + (uint64_t)plant->steps * 0x9e3779b97f4a7c15U,
                   of->name);
    return yw_clamp(value + of->noise * yw_random_gauss(&random), of->low, of->high);
}

double yw_plant_value(const struct yw_plant *plant, int process_tag)
{
    return process_tag == YW_PROCESS_LEVEL_SECONDS ? plant->level_s
           : process_tag == YW_PROCESS_PRODUCTION_LOST
               ? plant->lost_s
               : yw_plant_truth(plant, (size_t)process_tag);
}

bool yw_plant_crossed(const struct yw_plant *plant, size_t limit)
{
    assert(limit < plant->model->limit_count);
    const struct yw_plant_limit *of = &plant->model->limits[limit];
    double truth = plant->truth[of->tag];

    return of->above ? truth > of->value : truth < of->value;
}

int yw_plant_level(const struct yw_plant *plant, int *ret_tag)
{
    int level = 0;

    *ret_tag = -1;
    for (size_t i = 0; i < plant->model->limit_count; i++) {
        const struct yw_plant_limit *limit = &plant->model->limits[i];

        if (limit->level > level && yw_plant_crossed(plant, i)) {
            level = limit->level;
            *ret_tag = limit->tag;
        }
    }
    return level;
}

double yw_plant_level_seconds(const struct yw_plant *plant)
{
    return plant->level_s;
}

double yw_plant_production_lost(const struct yw_plant *plant)
{
    return plant->lost_s;
}

void yw_plant_sample(const struct yw_plant *plant, struct yw_ev_plant_sample *ret)
{
    const struct yw_plant_model *model = plant->model;

    memset(ret, 0, sizeof *ret); /* the caller names the plant */
    ret->steps = plant->steps;
    ret->hand = plant->hand;
    ret->level_s = plant->level_s;
    ret->lost_s = plant->lost_s;
    ret->fault_count = yw_plant_faults_pack(plant, ret->faults);
    ret->count = (int64_t)model->tag_count;
    for (size_t i = 0; i < model->tag_count; i++) {
        ret->truth[i] = plant->truth[i];
        ret->field[i] = yw_plant_field(plant, i);
    }
    ret->input_count = (int64_t)model->input_count;
    memcpy(ret->inputs, plant->inputs, model->input_count * sizeof *plant->inputs);
    ret->state_count = (int64_t)model->state_count;
    memcpy(ret->state, plant->state, model->state_count * sizeof *plant->state);
}

static bool all_finite(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            return false;
    }
    return true;
}

int yw_plant_restore(struct yw_plant *plant, const struct yw_ev_plant_sample *sample,
                     struct yw_err *err)
{
    const struct yw_plant_model *model = plant->model;

    if (sample->steps < 0 || sample->input_count != (int64_t)model->input_count ||
        sample->state_count != (int64_t)model->state_count ||
        sample->count != (int64_t)model->tag_count)
        return yw_err_set(err, YW_ECORRUPT, "plant '%s': the sample is of another model",
                          model->name);
    if (!all_finite(sample->inputs, model->input_count) ||
        !all_finite(sample->state, model->state_count) || !isfinite(sample->level_s) ||
        !isfinite(sample->lost_s))
        return yw_err_set(err, YW_ECORRUPT,
                          "plant '%s': the sample holds a number that is not finite",
                          model->name);
    if (yw_plant_faults_unpack(plant, sample->faults, sample->fault_count) < 0)
        return yw_err_set(err, YW_ECORRUPT,
                          "plant '%s': the sample holds a fault of another model",
                          model->name);
    plant->steps = sample->steps;
    plant->hand = sample->hand;
    plant->level_s = sample->level_s;
    plant->lost_s = sample->lost_s;
    memcpy(plant->inputs, sample->inputs, model->input_count * sizeof *plant->inputs);
    memcpy(plant->state, sample->state, model->state_count * sizeof *plant->state);
    yw_plant_actuate(plant);
    update_truth(plant);
    return 0;
}
