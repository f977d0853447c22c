#include "plant_rig.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct yw_plant *rig_new(const char *model, bool control)
{
    const struct yw_plant_model *found = yw_plant_model_find(model);

    if (found == NULL)
        fail_msg("no model '%s'", model);
    struct yw_plant *plant = yw_plant_new(found, 1);

    yw_plant_control(plant, control);
    return plant;
}

int rig_tag(const struct yw_plant *plant, const char *name)
{
    int tag = yw_process_tag(yw_plant_model(plant)->name, name);

    if (tag < 0)
        fail_msg("%s: no tag '%s'", yw_plant_model(plant)->name, name);
    return tag;
}

size_t rig_input(const struct yw_plant *plant, const char *name)
{
    int input = yw_process_input(yw_plant_model(plant)->name, name);

    if (input < 0)
        fail_msg("%s: no input '%s'", yw_plant_model(plant)->name, name);
    return (size_t)input;
}

void rig_set(struct yw_plant *plant, const char *input, double value)
{
    assert_int_equal(yw_plant_set_input(plant, rig_input(plant, input), value), 0);
}

void rig_init(struct yw_plant *plant, const char *tag, double value)
{
    assert_int_equal(yw_plant_set_tag(plant, (size_t)rig_tag(plant, tag), value), 0);
}

double rig_truth(const struct yw_plant *plant, const char *tag)
{
    return yw_plant_value(plant, rig_tag(plant, tag));
}

double rig_seconds(const struct yw_plant *plant)
{
    return (double)yw_plant_steps(plant) * yw_plant_model(plant)->step_s;
}

void rig_run(struct yw_plant *plant, double seconds)
{
    int64_t steps = llround(seconds / yw_plant_model(plant)->step_s);

    yw_plant_run_to(plant, yw_plant_steps(plant) + steps, NULL, NULL);
}

double rig_until(struct yw_plant *plant, const char *tag, bool above, double value,
                 double most)
{
    double start = rig_seconds(plant);
    int64_t limit = yw_plant_steps(plant) + llround(most / yw_plant_model(plant)->step_s);
    size_t number = (size_t)rig_tag(plant, tag);

    while (above ? yw_plant_truth(plant, number) <= value
                 : yw_plant_truth(plant, number) >= value) {
        if (yw_plant_steps(plant) >= limit)
            fail_msg("%s: %s stands at %g after %g s", yw_plant_model(plant)->name, tag,
                     yw_plant_truth(plant, number), most);
        yw_plant_run_to(plant, yw_plant_steps(plant) + 1, NULL, NULL);
    }
    return rig_seconds(plant) - start;
}

void rig_fault(struct yw_plant *plant, const char *kind, const char *target, double size)
{
    struct yw_plant_fault fault;
    int number = yw_fault_kind_of(kind);
    struct yw_err err = {0};

    assert_true(number >= 0);
    if (yw_plant_find_fault(yw_plant_model(plant), (enum yw_fault_kind)number, target,
                            &fault, &err) != 0)
        fail_msg("%s", err.text);
    fault.size = size;
    fault.at_step = yw_plant_steps(plant);
    assert_int_equal(yw_plant_set_fault(plant, &fault, NULL), 0);
}

int rig_level(const struct yw_plant *plant)
{
    int tag = -1;

    return yw_plant_level(plant, &tag);
}

void rig_near(const char *what, double got, double expected, double part,
              const char *file, int line)
{
    if (!(fabs(got - expected) <= part * fabs(expected)))
        fail_msg("%s:%d: %s is %.6g, expected %.6g within %g %%", file, line, what, got,
                 expected, part * 100);
}
