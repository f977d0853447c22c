/* The inside of a running plant: shared by the files of this room that run it. */
#ifndef YW_PLANT_RUNNING_H
#define YW_PLANT_RUNNING_H

#include "plant/plant.h"

struct yw_plant_trouble { /* a fault in place */
    struct yw_plant_fault fault;
    bool taken;  /* it has taken effect */
    double held; /* stuck: the value that it took effect with */
};

struct yw_plant {
    const struct yw_plant_model *model;
    uint64_t seed;
    int64_t steps;
    bool control;
    int64_t hand; /* bit i: input i was set by hand */
    double level_s, lost_s;
    double state[YW_PLANT_STATE_MAX];
    double inputs[YW_PLANT_INPUTS_MAX]; /* as commanded */
    double acting[YW_PLANT_INPUTS_MAX]; /* as the actuators stand */
    double truth[YW_PLANT_TAGS_MAX];
    struct yw_plant_trouble troubles[YW_PLANT_FAULTS_MAX];
    size_t trouble_count;
};

/* acting from inputs and the faults of actuators. */
void yw_plant_actuate(struct yw_plant *plant);
/* What a sensor says, without noise. */
double yw_plant_sensed(const struct yw_plant *plant, size_t tag);
/* NULL: its sensor does not stick. */
const struct yw_plant_trouble *yw_plant_stuck(const struct yw_plant *plant, size_t tag);
/* Faults whose time has come take effect. */
void yw_plant_befall(struct yw_plant *plant);
/* Faults into and out of the numbers of a sample. Returns the count, negative: not a
 * list of faults of this model. */
int64_t yw_plant_faults_pack(const struct yw_plant *plant, double *values);
int yw_plant_faults_unpack(struct yw_plant *plant, const double *values, int64_t count);

#endif
