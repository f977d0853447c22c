/* Physical processes. Pure: fixed-step integrators with seeded noise; the same inputs
 * give the same trace, bit for bit, on every machine. Each tag has three values: truth
 * (physics), field (what the wire carries: noise, and the faults of instruments) and view
 * (what registers show; it comes back from the controller and is not kept here).
 *
 *   inputs ─▶ faults of actuators ─▶ step ─▶ truth ─▶ faults of sensors ─▶ field
 *      ▲                                       │
 *      └── built-in control, when it is on ◀───┴─▶ level, ∫ level·dt, production lost
 *
 * Steps run one by one; once a scan (model->scan_steps) the truth is read, the built-in
 * control acts and the integrals grow. How a run is cut into calls changes nothing.
 * Sources: the equations and oracles cited in each model. */
#ifndef YW_PLANT_PLANT_H
#define YW_PLANT_PLANT_H

#include "base/err.h"
#include "base/id.h"
#include "base/random.h"
#include "model/event.h"
#include "model/process.h"

#define YW_PLANT_TAGS_MAX YW_EVENT_TAGS_MAX
#define YW_PLANT_INPUTS_MAX YW_EVENT_INPUTS_MAX
#define YW_PLANT_STATE_MAX YW_EVENT_STATE_MAX
#define YW_PLANT_FAULTS_MAX 8 /* at once, those to come included */

struct yw_plant;

struct yw_plant_words { /* static */
    const char *zh, *en;
};

/* Where a controller shows a value: Modbus, raw = value / scale + offset, 16 bits. */
enum yw_plant_table {
    YW_PLANT_UNMAPPED,
    YW_PLANT_INPUT_REGISTER,
    YW_PLANT_HOLDING_REGISTER,
    YW_PLANT_COIL,
    YW_PLANT_DISCRETE
};

struct yw_plant_point {
    enum yw_plant_table table;
    int address;
    double scale, offset; /* of registers */
    int ioa;              /* IEC 60870-5-104 information object; 0 none */
};

#define YW_PLANT_PUT (-1)

struct yw_plant_limit {
    int tag;
    bool above; /* crossed when truth > value, else when truth < value */
    double value;
    int level; /* 1..5 */
    struct yw_plant_words says;
};

struct yw_plant_tag {
    const char *name; /* "naoh_mg_l" */
    const char *unit; /* "mg/l" */
    struct yw_plant_words title;
    double low, high; /* range of the instrument; truth stays inside */
    double noise;     /* standard deviation of field noise */
    struct yw_plant_point at;
    /* 1 + the state variable that this tag shows as it is; 0: derived; YW_PLANT_PUT: derived,
     * and model->put finds the state that makes it so */
    int state;
    int leak; /* 1 + the world input that a leak of this inventory feeds; 0: no leak */
};

enum yw_plant_role {
    YW_PLANT_WIRED,   /* an output of the controller */
    YW_PLANT_SETTING, /* of the built-in control; a controller keeps its own */
    YW_PLANT_WORLD    /* what nobody in the plant decides: weather, load, leaks */
};

struct yw_plant_input { /* wired ones first: the order of the field wiring */
    const char *name;
    const char *unit;
    struct yw_plant_words title;
    double low, high, initial; /* clamped to low..high */
    enum yw_plant_role role;
    double rest; /* where it goes without power */
    struct yw_plant_point at;
};

struct yw_plant_model {
    const char *name; /* "water-dosing" */
    struct yw_plant_words title;
    const char *sector;
    double step_s;
    int scan_steps; /* steps from scan to scan; 0 counts as 1 */
    const struct yw_plant_tag *tags;
    size_t tag_count;
    const struct yw_plant_input *inputs;
    size_t input_count;
    const struct yw_plant_limit *limits;
    size_t limit_count;
    size_t state_count;
    int product_tag; /* output of the plant, and its nominal value */
    double product_nominal;
    void (*start)(double *state);
    /* One step of step_s plant seconds. */
    void (*step)(double *state, const double *inputs, double step_s);
    void (*tags_of)(const double *state, const double *inputs, double *truth);
    /* Puts the state where the tag shows that value; false: nowhere. NULL: no such tag. */
    bool (*put)(double *state, const double *inputs, size_t tag, double value);
    /* One scan of the regulation that a controller's programme would do, trips included:
     * reads what the sensors say (without noise), writes wired inputs. NULL: none. */
    void (*control)(double *state, const double *sensed, double *inputs, double scan_s);
};

const struct yw_plant_model *yw_plant_model_find(const char *name); /* or NULL. Static */
const struct yw_plant_model *yw_plant_model_at(size_t index); /* NULL beyond the end */
size_t yw_plant_wired(const struct yw_plant_model *model);    /* count of wired inputs */

/* A running plant of one team. seed: noise. Built-in control is off. */
struct yw_plant *yw_plant_new(const struct yw_plant_model *model, uint64_t seed);
void yw_plant_free(struct yw_plant *plant); /* NULL-safe */
const struct yw_plant_model *yw_plant_model(const struct yw_plant *plant);
void yw_plant_control(struct yw_plant *plant, bool on);
/* Clamps to the input's range; refuses NaN and infinity (YW_EINVAL, nothing set). The
 * built-in control leaves an input alone that was set by hand. */
int yw_plant_set_input(struct yw_plant *plant, size_t input, double value);
double yw_plant_input(const struct yw_plant *plant, size_t input);
/* Sets the state behind a tag; YW_EINVAL: the tag is only derived, or not a number. */
int yw_plant_set_tag(struct yw_plant *plant, size_t tag, double value);
/* Runs up to `steps` whole steps since the plant's start. `on_scan` (may be NULL) is
 * called after each scan and stops the run when it returns true. */
void yw_plant_run_to(struct yw_plant *plant, int64_t steps,
                     bool (*on_scan)(void *arg, struct yw_plant *plant), void *arg);
int64_t yw_plant_steps(const struct yw_plant *plant);
/* Steps that plant time `drill_ms × time_scale` makes. */
int64_t yw_plant_steps_at(const struct yw_plant_model *model, double time_scale,
                          int64_t drill_ms);
double yw_plant_truth(const struct yw_plant *plant, size_t tag);
double yw_plant_field(const struct yw_plant *plant, size_t tag);
/* The truth behind a number of yw_process_tag: a tag, or one of the two integrals. */
double yw_plant_value(const struct yw_plant *plant, int process_tag);
/* The consequence level now, and the tag that decides it (-1 at level 0). */
int yw_plant_level(const struct yw_plant *plant, int *ret_tag);
bool yw_plant_crossed(const struct yw_plant *plant, size_t limit);
/* ∫ level·dt in plant seconds, and the plant seconds of full production lost. */
double yw_plant_level_seconds(const struct yw_plant *plant);
double yw_plant_production_lost(const struct yw_plant *plant);

/* Faults that are nobody's attack (kinds: model/process.h). */
struct yw_plant_fault {
    enum yw_fault_kind kind;
    bool on_input; /* else on a tag */
    size_t target;
    double size;     /* bias: of the tag; drift: the same in a plant hour; leak, load:
                        value of the world input */
    int64_t at_step; /* takes effect once so many steps are done */
};

/* Takes the place of an earlier fault of its target; YW_FAULT_REPAIR ends that one.
 * Refuses what the model has no such part for (YW_EINVAL), or too many (YW_ELIMIT). */
int yw_plant_set_fault(struct yw_plant *plant, const struct yw_plant_fault *fault,
                       struct yw_err *err);
/* Finds the target by name; nearest name in the error. */
int yw_plant_find_fault(const struct yw_plant_model *model, enum yw_fault_kind kind,
                        const char *target, struct yw_plant_fault *ret,
                        struct yw_err *err);

/* Out of and into a journal sample: restoring and running on gives the same trace. */
void yw_plant_sample(const struct yw_plant *plant, struct yw_ev_plant_sample *ret);
int yw_plant_restore(struct yw_plant *plant, const struct yw_ev_plant_sample *sample,
                     struct yw_err *err);

#endif
