/* A power system with one substation: frequency, network, protection, and a generator
 * that can be closed out of phase.
 *
 * Frequency: single-area load-frequency model, H 5 s, D 0.8, R 0.05, Tg 0.2 s, Tt 0.5 s
 * (H. Saadat, Power System Analysis; PCMP 2020, s41601-020-00169-5, table 8):
 *   dω/dt = (Pm − PL − D·ω)/(2H)   dPm/dt = (Pg − Pm)/Tt
 *   dPg/dt = (Pref − ω/R − Pg)/Tg, 0 ≤ Pg ≤ Pmax        f = 50·(1 + ω), base 50 MVA
 *
 *   110 kV ─Q1─ T1 ─Q3─ bus A ─Q5─ bus B ─Q4─ T2 ─Q2─ 110 kV     T: 25 MVA, 110/10 kV
 *                 Q6 Q8 Q10 Q12      Q7 Q9 Q11
 *                 F1 F3 F5  G1       F2 F4 F6       F1 hospital, F2 water works
 *
 * Network: I = S/(√3·U), ΔU ≈ (R·P + X·Q)/U, transformers share while both feed, one
 * takes over when the other opens. Top oil (textbook): τ·dθ/dt =
 * θrated·((K²·R0 + 1)/(R0 + 1))^0.8 − θ, τ 180 min, R0 6, θrated 55 K.
 *
 * Protection: over-current relays (relay.h) on feeders, transformers and coupler; UFLS at
 * 49.0/48.8/48.6/48.4 Hz, a tenth of the load each (F3 to F6), 150 ms. A tripped breaker
 * stays locked until its command has gone to open. Below 47.5 Hz the area blacks out;
 * black start needs almost everything open.
 *
 * G1 (Aurora): open, dω/dt = Pm/(2H) and dδ/dt = 2π·f0·ω; closing beyond ±10° or
 * ±0.067 Hz (IEEE C50.12/13) strikes with P = (E·V/X)·sin δ, damage index
 * += max(0, |δ| − 10°)/60. The sync check refuses that, while it is on.
 *
 * Design choices: the loads (0.6 pu, cos φ 0.95), the impedances, G1's size, all relay
 * settings, the outage marks. */
#include "plant/grid.h"
#include "plant/number.h"
#include "plant/relay.h"

#define F0 50.0
#define INERTIA_H 5.0
#define DAMPING 0.8
#define DROOP 0.05
#define GOVERNOR_S 0.2
#define TURBINE_S 0.5
#define BASE_MVA 50.0
#define UFLS_DELAY_S 0.15
#define G1_PM 0.5   /* pu of G1 */
#define G1_PART 0.1 /* G1 over the area's base */
#define G1_OVERSPEED 0.1
#define SYNC_DEG 10.0
#define SYNC_HZ 0.067
#define X_G1 0.3
#define TRANSFORMER_MVA 25.0
#define RATED_K 55.0
#define LOSS_RATIO 6.0
#define OIL_S (180 * 60.0)
#define COS_PHI 0.95
#define TAN_PHI 0.32868
#define BUS_KV 10.5
#define ROOT3 1.73205080756887729353
#define R_TRANSFORMER 0.0185
#define X_TRANSFORMER 0.463
#define R_FEEDER 0.3
#define X_FEEDER 0.3
#define BLACK_START_MAX_PU 0.35
#define SLOW_STEPS 10

static const double share[FEEDERS] = {0.3, 0.3, 0.1, 0.1, 0.1, 0.1};

static bool closed(const double *state, int breaker)
{
    return state[CLOSED + breaker] > 0;
}

static int bus_of(int feeder) /* 0 A, 1 B: odd numbers on A */
{
    return feeder % 2;
}

/* Flows from breakers and demand: the load that is served, and the currents. */
static void flow(double *state, const double *in)
{
    bool t1 = closed(state, Q1) && closed(state, Q3);
    bool t2 = closed(state, Q2) && closed(state, Q4);
    bool joined = closed(state, Q5), alive = state[ALIVE] > 0;
    bool live[2] = {alive && (t1 || (joined && t2)), alive && (t2 || (joined && t1))};
    double bus[2] = {0, 0}, amps[2] = {0, 0}, into1 = 0, into1_amps = 0;
    double kv = BUS_KV;

    state[LOAD] = 0;
    for (int i = 0; i < FEEDERS; i++) {
        bool on = live[bus_of(i)] && closed(state, Q_FEEDER + i);
        double pu = on ? share[i] * in[IN_DEMAND] : 0;
        double strikes = on && (int)in[IN_FAULT] == i + 1 ? 1000 * in[IN_FAULT_KA] : 0;

        state[LOAD] += pu;
        state[AMPS + i] = pu * BASE_MVA / COS_PHI / (ROOT3 * kv) * 1000 + strikes;
        bus[bus_of(i)] += pu;
        amps[bus_of(i)] += state[AMPS + i];
    }
    if (t1 && t2 && joined) {
        into1 = (bus[0] + bus[1]) / 2;
        into1_amps = (amps[0] + amps[1]) / 2;
    } else if (t1) {
        into1 = bus[0] + (t2 ? 0 : bus[1]);
        into1_amps = amps[0] + (t2 ? 0 : amps[1]);
    }
    state[AMPS + RELAY_T1] = into1_amps;
    state[AMPS + RELAY_T1 + 1] = amps[0] + amps[1] - into1_amps;
    state[AMPS + RELAY_COUPLER] = joined ? yw_magnitude(into1_amps - amps[0]) : 0;
    for (int i = 0; i < 2; i++) {
        double mw = BASE_MVA * (joined && t1 && t2 ? into1
                                : t1 && t2         ? bus[i]
                                                   : bus[0] + bus[1]);

        state[BUS_A + i] =
            live[i] ? kv - (R_TRANSFORMER * mw + X_TRANSFORMER * mw * TAN_PHI) / kv : 0;
    }
}

static void trip(double *state, const double *in, int breaker)
{
    state[CLOSED + breaker] = 0;
    state[LOCKED + breaker] = 1;
    flow(state, in);
}

void yw_grid_start(double *state)
{
    double in[INPUTS];

    for (int i = 0; i < STATES; i++)
        state[i] = 0;
    for (int i = 0; i < INPUTS; i++)
        in[i] = yw_grid_inputs[i].initial;
    for (int i = 0; i < BREAKERS; i++)
        state[CLOSED + i] = 1;
    state[PM] = state[PG] = 0.55;
    state[ALIVE] = 1;
    flow(state, in);
    for (int i = 0; i < 2; i++) {
        double k = 0.3 * BASE_MVA / COS_PHI / TRANSFORMER_MVA;

        state[OIL1 + i] =
            RATED_K * yw_pow((k * k * LOSS_RATIO + 1) / (LOSS_RATIO + 1), 0.8);
    }
}

static double degrees(double radians)
{
    return yw_turn(radians) * 180 / YW_PI;
}

static double slip_hz(const double *state)
{
    return (state[WG] - state[W]) * F0;
}

static bool close_g1(double *state, const double *in)
{
    double angle = yw_magnitude(degrees(state[DELTA]));
    bool in_step = angle <= SYNC_DEG && yw_magnitude(slip_hz(state)) <= SYNC_HZ;

    if (state[ALIVE] <= 0 || (yw_is_on(in[IN_SYNC]) && !in_step))
        return false;
    if (!in_step) {
        state[STRUCK] = yw_magnitude(yw_sin(state[DELTA])) / X_G1;
        if (angle > SYNC_DEG)
            state[DAMAGE] += (angle - SYNC_DEG) / 60;
    }
    state[G1_FREE] = state[DELTA] = 0;
    state[WG] = state[W];
    return true;
}

static void operate(double *state, const double *in)
{
    for (int i = 0; i < BREAKERS; i++) {
        bool wanted = yw_is_on(in[IN_Q + i]);

        if (!wanted) {
            state[LOCKED + i] = 0;
            state[CLOSED + i] = 0;
        } else if (!closed(state, i) && state[LOCKED + i] <= 0) {
            state[CLOSED + i] = i != Q_G1 || close_g1(state, in);
        }
    }
}

static void start_black(double *state, const double *in)
{
    double waiting = 0;

    for (int i = 0; i < FEEDERS; i++)
        waiting += closed(state, Q_FEEDER + i) ? share[i] * in[IN_DEMAND] : 0;
    if (state[ALIVE] > 0 || !yw_is_on(in[IN_BLACK_START]) || waiting > BLACK_START_MAX_PU)
        return;
    state[ALIVE] = 1;
    state[W] = 0;
    state[PM] = state[PG] = waiting;
    flow(state, in);
}

static void warm(double *oil, double amps, double kv, double s)
{
    double k = ROOT3 * kv * amps / 1000 / TRANSFORMER_MVA;

    *oil += s / OIL_S *
            (RATED_K * yw_pow((k * k * LOSS_RATIO + 1) / (LOSS_RATIO + 1), 0.8) - *oil);
}

/* What need not run every millisecond. */
static void run_slowly(double *state, const double *in, double s)
{
    bool hospital = closed(state, Q_FEEDER) && state[BUS_A] > 0;
    bool water = closed(state, Q_FEEDER + 1) && state[BUS_B] > 0;

    start_black(state, in);
    for (int i = 0; i < 2; i++)
        warm(&state[OIL1 + i], state[AMPS + RELAY_T1 + i], BUS_KV, s);
    state[HOSPITAL_OUT] = hospital ? 0 : yw_clamp(state[HOSPITAL_OUT] + s, 0, 1e9);
    state[WATER_OUT] = water ? 0 : yw_clamp(state[WATER_OUT] + s, 0, 1e9);
    state[STRUCK] -= state[STRUCK] * s / 0.5;
    state[DAMAGE] = yw_clamp(state[DAMAGE], 0, 1000);
}

static void relay_step(double *state, const double *in, int relay, double s)
{
    int setting = relay < RELAY_T1        ? IN_F_AMPS
                  : relay < RELAY_COUPLER ? IN_T_AMPS
                                          : IN_C_AMPS;
    int breaker = relay < RELAY_T1        ? Q_FEEDER + relay
                  : relay < RELAY_COUPLER ? Q3 + relay - RELAY_T1
                                          : Q5;
    double multiple = state[AMPS + relay] / in[setting];

    if (multiple <= 1) {
        state[RELAY + relay] = 0;
        return;
    }
    state[RELAY + relay] += s / yw_relay_seconds((enum yw_relay_curve)in[IN_CURVE],
                                                 in[setting + 1], multiple);
    if (state[RELAY + relay] >= 1 && closed(state, breaker)) {
        state[RELAY + relay] = 0;
        trip(state, in, breaker);
    }
}

static void shed(double *state, const double *in, double s)
{
    double hz = F0 * (1 + state[W]);

    for (int i = 0; i < STAGES; i++) {
        if (!yw_is_on(in[IN_UFLS]) || state[ALIVE] <= 0 || hz >= in[IN_UFLS_HZ + i]) {
            state[UFLS + i] = 0;
            continue;
        }
        state[UFLS + i] += s;
        if (state[UFLS + i] >= UFLS_DELAY_S - s / 2 && closed(state, Q_FEEDER + 2 + i))
            trip(state, in, Q_FEEDER + 2 + i);
    }
}

static void swing(double *state, const double *in, double s)
{
    double g1 = closed(state, Q_G1) ? G1_PART * G1_PM : 0;
    double w = state[W];

    state[W] =
        yw_clamp(w + s * (state[PM] + g1 - state[LOAD] - DAMPING * w) / (2 * INERTIA_H),
                 -0.5, 0.4);
    state[PM] += s * (state[PG] - state[PM]) / TURBINE_S;
    state[PG] =
        yw_clamp(state[PG] + s * (in[IN_PREF] - w / DROOP - state[PG]) / GOVERNOR_S, 0,
                 in[IN_PMAX]);
    if (F0 * (1 + state[W]) < COLLAPSE_HZ) {
        state[ALIVE] = state[W] = state[PM] = state[PG] = 0;
        flow(state, in);
    }
}

/* Beyond its overspeed G1 is braked and held near the grid's speed, so that it turns
 * slowly past the angles at which it may be closed. */
static void swing_g1(double *state, double s)
{
    if (closed(state, Q_G1)) {
        state[WG] = state[W];
        state[DELTA] = 0;
        return;
    }
    if (state[WG] > G1_OVERSPEED)
        state[G1_FREE] = 1;
    if (state[G1_FREE] > 0)
        state[WG] += s * (state[W] + 0.0005 - state[WG]) / 10;
    else
        state[WG] += s * G1_PM / (2 * INERTIA_H);
    state[DELTA] = yw_turn(state[DELTA] + s * 2 * YW_PI * F0 * (state[WG] - state[W]));
}

void yw_grid_step(double *state, const double *in, double s)
{
    int struck = (int)in[IN_FAULT];

    operate(state, in);
    if (++state[SLOW] >= SLOW_STEPS) {
        state[SLOW] = 0;
        run_slowly(state, in, s * SLOW_STEPS);
    }
    flow(state, in);
    if (state[ALIVE] > 0)
        swing(state, in, s);
    swing_g1(state, s);
    shed(state, in, s);
    if (struck > 0 && state[AMPS + struck - 1] > 0)
        state[ENERGY] =
            yw_clamp(state[ENERGY] + s * in[IN_FAULT_KA] * in[IN_FAULT_KA], 0, 1e6);
    for (int i = 0; i < RELAYS; i++)
        relay_step(state, in, i, s);
}

void yw_grid_tags_of(const double *state, const double *in, double *truth)
{
    bool alive = state[ALIVE] > 0;
    double demand = in[IN_DEMAND], served = 0;

    for (int i = 0; i < BREAKERS; i++)
        truth[BRK + i] = state[CLOSED + i];
    truth[FREQ] = alive ? F0 * (1 + state[W]) : 0;
    truth[U_A] = state[BUS_A];
    truth[U_B] = state[BUS_B];
    truth[P_LOAD] = 0;
    for (int i = 0; i < FEEDERS; i++) {
        bool on = closed(state, Q_FEEDER + i) && state[BUS_A + bus_of(i)] > 0;

        truth[I_F + i] = state[AMPS + i];
        truth[P_F + i] = on ? share[i] * demand * BASE_MVA : 0;
        truth[P_LOAD] += truth[P_F + i];
        served += on ? 100 * share[i] : 0;
    }
    truth[U_HOSPITAL] =
        truth[P_F] > 0 || (closed(state, Q_FEEDER) && state[BUS_A] > 0)
            ? state[BUS_A] - (R_FEEDER + X_FEEDER * TAN_PHI) * truth[P_F] / BUS_KV
            : 0;
    for (int i = 0; i < 2; i++) {
        double mva = ROOT3 * BUS_KV * state[AMPS + RELAY_T1 + i] / 1000;

        truth[I_T1 + i] = state[AMPS + RELAY_T1 + i];
        truth[P_T1 + i] = yw_clamp(mva * COS_PHI, 0, 100);
        truth[Q_T1 + i] = yw_clamp(mva * COS_PHI * TAN_PHI, 0, 100);
        truth[TH1 + i] = in[IN_AMBIENT] + state[OIL1 + i];
    }
    truth[I_C] = state[AMPS + RELAY_COUPLER];
    truth[P_MECH] =
        BASE_MVA * (state[PM] + (alive && closed(state, Q_G1) ? G1_PART * G1_PM : 0));
    truth[DELTA_DEG] = degrees(state[DELTA]);
    truth[SLIP] = yw_clamp(slip_hz(state), -30, 30);
    truth[STRIKE] = yw_clamp(state[STRUCK], 0, 10);
    truth[DAMAGED] = state[DAMAGE];
    truth[I2T] = state[ENERGY];
    truth[SERVED] = demand > 0 ? yw_clamp(served, 0, 100) : 100 * alive;
    truth[HOSP_S] = state[HOSPITAL_OUT];
    truth[WATER_S] = state[WATER_OUT];
    truth[LIVE] = alive;
}

bool yw_grid_put(double *state, const double *in, size_t tag, double value)
{
    if (tag == FREQ)
        state[W] = value / F0 - 1;
    else if (tag == TH1 || tag == TH2)
        state[OIL1 + tag - TH1] = value - in[IN_AMBIENT];
    else
        return false;
    return true;
}

/* Secondary control: the load reference brings the frequency back to 50 Hz. */
void yw_grid_control(double *state, const double *sensed, double *in, double scan_s)
{
    (void)state;
    if (sensed[FREQ] > COLLAPSE_HZ)
        in[IN_PREF] =
            yw_clamp(in[IN_PREF] - 0.3 * (sensed[FREQ] / F0 - 1) * scan_s, 0, 1);
}
