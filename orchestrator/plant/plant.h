/* Physical processes. Pure: fixed-step integrators with seeded noise; the same inputs
 * give the same trace, bit for bit, on every machine. Each tag has three values: truth
 * (physics), field (what the wire carries: bias, noise, stuck) and view (what registers
 * show; it comes back from the controller and is not kept here). Sources: the equations
 * and oracles cited in each model. */
#ifndef YW_PLANT_PLANT_H
#define YW_PLANT_PLANT_H

#include "base/err.h"
#include "base/id.h"
#include "base/random.h"
#include "model/event.h"
#include "model/text.h"

#define YW_PLANT_TAGS_MAX 16
#define YW_PLANT_INPUTS_MAX 16
#define YW_PLANT_STATE_MAX 12 /* + 4 for the noise stream = YW_EVENT_TAGS_MAX */

struct yw_plant;

struct yw_plant_limit {
    int tag;
    bool above; /* crossed when truth > value, else when truth < value */
    double value;
    int level; /* 1..5 */
};

struct yw_plant_tag {
    const char *name; /* "naoh_mg_l" */
    const char *unit; /* "mg/l" */
    struct yw_text title;
    double low, high; /* range of the instrument */
    double noise;     /* standard deviation of field noise */
};

struct yw_plant_input {
    const char *name;
    const char *unit;
    struct yw_text title;
    double low, high, initial; /* clamped to low..high */
};

struct yw_plant_model {
    const char *name; /* "water-dosing" */
    struct yw_text title;
    const char *sector;
    double step_s;
    const struct yw_plant_tag *tags;
    size_t tag_count;
    const struct yw_plant_input *inputs;
    size_t input_count;
    const struct yw_plant_limit *limits;
    size_t limit_count;
    size_t state_count;
    void (*start)(double *state);
    /* One step of step_s plant seconds. */
    void (*step)(double *state, const double *inputs, double step_s);
    void (*tags_of)(const double *state, const double *inputs, double *truth);
};

const struct yw_plant_model *yw_plant_model_find(const char *name); /* or NULL. Static */
const struct yw_plant_model *yw_plant_model_at(size_t index); /* NULL beyond the end */

/* A running plant of one team. seed: noise. */
struct yw_plant *yw_plant_new(const struct yw_plant_model *model, uint64_t seed);
void yw_plant_free(struct yw_plant *plant); /* NULL-safe */
const struct yw_plant_model *yw_plant_model(const struct yw_plant *plant);
/* Clamps to the input's range; refuses NaN and infinity (YW_EINVAL, nothing set). */
int yw_plant_set_input(struct yw_plant *plant, size_t input, double value);
/* Runs up to `steps` whole steps since the plant's start. `on_step` (may be NULL) is
 * called after each step and stops the run when it returns true. */
void yw_plant_run_to(struct yw_plant *plant, int64_t steps,
                     bool (*on_step)(void *arg, struct yw_plant *plant), void *arg);
int64_t yw_plant_steps(const struct yw_plant *plant);
/* Steps that plant time `drill_ms × time_scale` makes. */
int64_t yw_plant_steps_at(const struct yw_plant_model *model, double time_scale,
                          int64_t drill_ms);
double yw_plant_truth(const struct yw_plant *plant, size_t tag);
double yw_plant_field(const struct yw_plant *plant, size_t tag);
/* The consequence level now, and the tag that decides it (-1 at level 0). */
int yw_plant_level(const struct yw_plant *plant, int *ret_tag);
/* Out of and into a journal sample: restoring and running on gives the same trace. */
void yw_plant_sample(const struct yw_plant *plant, struct yw_ev_plant_sample *ret);
int yw_plant_restore(struct yw_plant *plant, const struct yw_ev_plant_sample *sample,
                     struct yw_err *err);

#endif
