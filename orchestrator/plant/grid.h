/* The inside of grid-feeder: the names that its tables (grid_feeder.c) and its physics
 * (grid_physics.c) share. */
#ifndef YW_PLANT_GRID_H
#define YW_PLANT_GRID_H

#include "plant/models.h"

#define COLLAPSE_HZ 47.5

enum { Q1, Q2, Q3, Q4, Q5, Q_FEEDER, Q_G1 = 11, BREAKERS };
enum { FEEDERS = 6, RELAYS = 9, RELAY_T1 = 6, RELAY_COUPLER = 8, STAGES = 4 };

enum {
    W,
    PM,
    PG,
    OIL1,
    OIL2,
    WG,
    DELTA,
    G1_FREE,
    STRUCK,
    DAMAGE,
    ALIVE,
    LOAD,
    SLOW,
    ENERGY,
    HOSPITAL_OUT,
    WATER_OUT,
    UFLS,
    RELAY = UFLS + STAGES,
    AMPS = RELAY + RELAYS,
    CLOSED = AMPS + RELAYS,
    LOCKED = CLOSED + BREAKERS,
    BUS_A = LOCKED + BREAKERS,
    BUS_B,
    STATES
};
enum {
    IN_Q,
    IN_UFLS_HZ = BREAKERS,
    IN_F_AMPS = IN_UFLS_HZ + STAGES,
    IN_F_TMS,
    IN_T_AMPS,
    IN_T_TMS,
    IN_C_AMPS,
    IN_C_TMS,
    IN_CURVE,
    IN_UFLS,
    IN_SYNC,
    IN_BLACK_START,
    IN_PREF,
    IN_DEMAND,
    IN_PMAX,
    IN_FAULT,
    IN_FAULT_KA,
    IN_AMBIENT,
    INPUTS
};
enum {
    BRK,
    FREQ = BREAKERS,
    U_A,
    U_B,
    U_HOSPITAL,
    I_F,
    I_T1 = I_F + FEEDERS,
    I_T2,
    I_C,
    P_F,
    P_T1 = P_F + FEEDERS,
    P_T2,
    Q_T1,
    Q_T2,
    TH1,
    TH2,
    P_LOAD,
    P_MECH,
    DELTA_DEG,
    SLIP,
    STRIKE,
    DAMAGED,
    I2T,
    SERVED,
    HOSP_S,
    WATER_S,
    LIVE,
    TAGS
};

/* Members of the model. */
void yw_grid_start(double *state);
void yw_grid_step(double *state, const double *inputs, double step_s);
void yw_grid_tags_of(const double *state, const double *inputs, double *truth);
bool yw_grid_put(double *state, const double *inputs, size_t tag, double value);
void yw_grid_control(double *state, const double *sensed, double *inputs, double scan_s);

extern const struct yw_plant_input yw_grid_inputs[INPUTS];

#endif
