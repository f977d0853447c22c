#include "plant/plant.h"

#include "base/mem.h"
#include "plant/models.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct yw_plant {
    const struct yw_plant_model *model;
    uint64_t seed;
    int64_t steps;
    double state[YW_PLANT_STATE_MAX];
    double inputs[YW_PLANT_INPUTS_MAX];
    double truth[YW_PLANT_TAGS_MAX];
};

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

static void update_truth(struct yw_plant *plant)
{
    plant->model->tags_of(plant->state, plant->inputs, plant->truth);
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

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

int yw_plant_set_input(struct yw_plant *plant, size_t input, double value)
{
    if (input >= plant->model->input_count || !isfinite(value))
        return YW_EINVAL;
    const struct yw_plant_input *of = &plant->model->inputs[input];

    plant->inputs[input] = clamp(value, of->low, of->high);
    return 0;
}

void yw_plant_run_to(struct yw_plant *plant, int64_t steps,
                     bool (*on_step)(void *arg, struct yw_plant *plant), void *arg)
{
    while (plant->steps < steps) {
        plant->model->step(plant->state, plant->inputs, plant->model->step_s);
        plant->steps++;
        update_truth(plant);
        if (on_step && on_step(arg, plant))
            return;
    }
}

int64_t yw_plant_steps(const struct yw_plant *plant)
{
    return plant->steps;
}

int64_t yw_plant_steps_at(const struct yw_plant_model *model, double time_scale,
                          int64_t drill_ms)
{
    /* the small part added keeps 1000 ms / 0.2 s at 5 where a division gives 4.999… */
    return (int64_t)floor((double)drill_ms * time_scale / (model->step_s * 1000) + 1e-6);
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
    struct yw_random random;

    yw_random_init(&random, plant->seed + (uint64_t)plant->steps * 0x9e3779b97f4a7c15U,
                   of->name);
    return clamp(plant->truth[tag] + of->noise * yw_random_gauss(&random), of->low,
                 of->high);
}

static bool crossed(const struct yw_plant *plant, const struct yw_plant_limit *limit)
{
    double truth = plant->truth[limit->tag];

    return limit->above ? truth > limit->value : truth < limit->value;
}

int yw_plant_level(const struct yw_plant *plant, int *ret_tag)
{
    int level = 0;

    *ret_tag = -1;
    for (size_t i = 0; i < plant->model->limit_count; i++) {
        const struct yw_plant_limit *limit = &plant->model->limits[i];

        if (limit->level > level && crossed(plant, limit)) {
            level = limit->level;
            *ret_tag = limit->tag;
        }
    }
    return level;
}

void yw_plant_sample(const struct yw_plant *plant, struct yw_ev_plant_sample *ret)
{
    const struct yw_plant_model *model = plant->model;

    memset(ret, 0, sizeof *ret); /* the caller names the plant */
    ret->steps = plant->steps;
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
        !all_finite(sample->state, model->state_count))
        return yw_err_set(err, YW_ECORRUPT,
                          "plant '%s': the sample holds a number that is not finite",
                          model->name);
    plant->steps = sample->steps;
    memcpy(plant->inputs, sample->inputs, model->input_count * sizeof *plant->inputs);
    memcpy(plant->state, sample->state, model->state_count * sizeof *plant->state);
    update_truth(plant);
    return 0;
}
