/* A plant on the bench: everything by name, time in plant seconds. A name that does not
 * exist fails the test. */
#ifndef YW_TESTS_PLANT_RIG_H
#define YW_TESTS_PLANT_RIG_H

#include "plant/plant.h"

struct yw_plant *rig_new(const char *model, bool control);
int rig_tag(const struct yw_plant *plant, const char *name);
size_t rig_input(const struct yw_plant *plant, const char *name);
void rig_set(struct yw_plant *plant, const char *input, double value);
void rig_init(struct yw_plant *plant, const char *tag, double value);
double rig_truth(const struct yw_plant *plant, const char *tag);
double rig_seconds(const struct yw_plant *plant);
void rig_run(struct yw_plant *plant, double seconds);
/* Plant seconds from now until the tag is above (below) the value; fails after `most`. */
double rig_until(struct yw_plant *plant, const char *tag, bool above, double value,
                 double most);
void rig_fault(struct yw_plant *plant, const char *kind, const char *target, double size);
int rig_level(const struct yw_plant *plant);

/* Within `part` of the expected value (1 % is 0.01). */
#define assert_near(got, expected, part)                                                 \
    rig_near(#got, (got), (expected), (part), __FILE__, __LINE__)
void rig_near(const char *what, double got, double expected, double part,
              const char *file, int line);

#endif
