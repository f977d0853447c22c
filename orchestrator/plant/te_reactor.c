/* Two-phase exothermic reactor, the simplified Tennessee-Eastman process (N. L. Ricker,
 * "Model predictive control of a continuous, nonlinear, two-phase reactor", J. Process
 * Control 3, 1993; the constants as GRFICS implements it). A + C → D, B inert.
 *
 *   feed 1 (A B C) ─X1─▶ ┌─────────┐ ─X3─▶ purge  F3
 *   feed 2 (A)     ─X2─▶ │ gas     │        AI-101 A, B, C
 *                        │ liquid D│ ─X4─▶ product F4
 *                        └─────────┘
 *
 * Holdups in kmol, time in hours, valves in %, pressure in kPa:
 *   VL = ND/8.3   VV = 122 − VL   P = NV·8.314·373/VV   level = 100·VL/30
 *   F1 = 6.4046·X1   F2 = 0.4246·X2   F3, F4 ~ sqrt(P − 100)
 *   RR = 0.00117·(yA·P)^1.2·(yC·P)^0.4
 *
 * The analysers take a sample every 0.1 h and say what it held 0.1 h later, as the purge
 * gas analysis of Downs & Vogel (1993) does. Design choices: at 3200 kPa the vessel
 * ruptures and vents to the air; liquid above 100 % leaves with the purge. */
#include "plant/models.h"
#include "plant/number.h"

#define LIQUID_KMOL_M3 8.3
#define VESSEL_M3 122.0
#define LIQUID_FULL_M3 30.0
#define GAS_KPA_M3_KMOL (8.314 * 373.0)
#define FEED1_PER_PERCENT 6.4046
#define FEED2_PER_PERCENT 0.4246
#define PURGE_PER_PERCENT 0.352
#define PRODUCT_PER_PERCENT 0.0417
#define DOWNSTREAM_KPA 100.0
#define RATE 0.00117
#define ANALYSER_H 0.1
#define RUPTURE_KPA 3200.0
#define RUPTURE_PER_ROOT_KPA 352.0 /* ten purge valves wide open */
#define LIQUID_FULL_KMOL (LIQUID_FULL_M3 * LIQUID_KMOL_M3)
#define SECONDS_PER_HOUR 3600.0
/* Valves of the steady state: P 2700, F4 100, yA 0.47, ND 110, solved from the
 * equations. */
#define X1_STEADY 31.45023676754218
#define X2_STEADY 13.236018823394257
#define X3_STEADY 0.3925777017606443
#define X4_STEADY 47.03024823457651

enum {
    NA,
    NB,
    NC,
    ND,
    TAKEN_A,
    TAKEN_B,
    TAKEN_C, /* the sample on its way through the analyser */
    SAID_A,
    SAID_B,
    SAID_C,
    SINCE_H, /* since the last sample was taken */
    RUPTURED,
    FLOW_INTEGRAL,
    SIS_TRIPPED, /* built-in control */
    STATES
};
enum {
    IN_X1,
    IN_X2,
    IN_X3,
    IN_X4,
    IN_ESTOP,
    IN_SP_FLOW,
    IN_SP_A,
    IN_SP_PRESSURE,
    IN_SP_OVERRIDE,
    IN_SP_LEVEL,
    IN_SIS,
    IN_BYPASS,
    IN_LEAK,
    INPUTS
};
enum {
    F1,
    F2,
    F3,
    F4,
    PRESSURE,
    LEVEL,
    AI_A,
    AI_B,
    AI_C,
    X1,
    X2,
    X3,
    X4,
    Y_A,
    Y_B,
    Y_C,
    COST,
    BROKEN,
    PT_A, /* the safety system's own three, each with its noise and its faults */
    PT_B,
    PT_C,
    TAGS
};

static const struct yw_plant_tag tags[TAGS] = {
    [F1] = {"f1_kmol_h",
            "kmol/h",
            {"进料 1 流量", "Feed 1 flow"},
            0,
            700,
            0.5,
            YW_IR(0, 0.01),
            0,
            0},
    [F2] = {"f2_kmol_h",
            "kmol/h",
            {"进料 2 流量", "Feed 2 flow"},
            0,
            50,
            0.05,
            YW_IR(1, 0.01),
            0,
            0},
    [F3] = {"f3_kmol_h",
            "kmol/h",
            {"放空流量", "Purge flow"},
            0,
            2000,
            0.05,
            YW_IR(2, 0.01),
            0,
            0},
    [F4] = {"f4_kmol_h",
            "kmol/h",
            {"产品流量", "Product flow"},
            0,
            300,
            0.2,
            YW_IR(3, 0.01),
            0,
            0},
    [PRESSURE] = {"pressure_kpa",
                  "kPa",
                  {"PT-101 反应器压力", "PT-101 reactor pressure"},
                  0,
                  3500,
                  1.5,
                  YW_IR(4, 0.1),
                  YW_PLANT_PUT,
                  1 + IN_LEAK},
    [LEVEL] = {"level_pct",
               "%",
               {"LT-101 反应器液位", "LT-101 reactor level"},
               0,
               100,
               0.05,
               YW_IR(5, 0.01),
               YW_PLANT_PUT,
               0},
    [AI_A] = {"ai_101_a",
              "",
              {"AI-101 放空气中 A", "AI-101 A in purge"},
              0,
              1,
              0.0005,
              YW_IR(6, 0.001),
              0,
              0},
    [AI_B] = {"ai_101_b",
              "",
              {"AI-101 放空气中 B", "AI-101 B in purge"},
              0,
              1,
              0.0005,
              YW_IR(7, 0.001),
              0,
              0},
    [AI_C] = {"ai_101_c",
              "",
              {"AI-101 放空气中 C", "AI-101 C in purge"},
              0,
              1,
              0.0005,
              YW_IR(8, 0.001),
              0,
              0},
    [X1] =
        {"x1_pct", "%", {"进料 1 阀位", "Feed 1 valve"}, 0, 100, 0, YW_IR(9, 0.01), 0, 0},
    [X2] = {"x2_pct",
            "%",
            {"进料 2 阀位", "Feed 2 valve"},
            0,
            100,
            0,
            YW_IR(10, 0.01),
            0,
            0},
    [X3] = {"x3_pct", "%", {"放空阀位", "Purge valve"}, 0, 100, 0, YW_IR(11, 0.01), 0, 0},
    [X4] =
        {"x4_pct", "%", {"产品阀位", "Product valve"}, 0, 100, 0, YW_IR(12, 0.01), 0, 0},
    [Y_A] = {"y_a", "", {"气相 A（真实）", "A in the gas"}, 0, 1, 0, YW_NO_POINT, 0, 0},
    [Y_B] = {"y_b", "", {"气相 B（真实）", "B in the gas"}, 0, 1, 0, YW_NO_POINT, 0, 0},
    [Y_C] = {"y_c", "", {"气相 C（真实）", "C in the gas"}, 0, 1, 0, YW_NO_POINT, 0, 0},
    [COST] = {"cost",
              "",
              {"单位产品放空损失", "Purge loss per product"},
              0,
              1000,
              0,
              YW_NO_POINT,
              0,
              0},
    [BROKEN] =
        {"ruptured", "", {"容器破裂", "Vessel ruptured"}, 0, 1, 0, YW_NO_POINT, 0, 0},
#define X(i, n, letter)                                                                  \
    [i] = {"pt_101_" n,                                                                  \
           "kPa",                                                                        \
           {"PT-101" letter " 安全仪表压力", "PT-101" letter " pressure (safety)"},      \
           0,                                                                            \
           3500,                                                                         \
           1.5,                                                                          \
           YW_IR(13 + (i)-PT_A, 0.1),                                                    \
           0,                                                                            \
           0},
    X(PT_A, "a", "A") X(PT_B, "b", "B") X(PT_C, "c", "C")
#undef X
};

static const struct yw_plant_input inputs[INPUTS] = {
    [IN_X1] = {"x1",
               "%",
               {"进料 1 阀", "Feed 1 valve"},
               0,
               100,
               X1_STEADY,
               YW_PLANT_WIRED,
               0,
               YW_HR(10, 0.01)},
    [IN_X2] = {"x2",
               "%",
               {"进料 2 阀", "Feed 2 valve"},
               0,
               100,
               X2_STEADY,
               YW_PLANT_WIRED,
               0,
               YW_HR(11, 0.01)},
    [IN_X3] = {"x3",
               "%",
               {"放空阀", "Purge valve"},
               0,
               100,
               X3_STEADY,
               YW_PLANT_WIRED,
               100,
               YW_HR(12, 0.01)},
    [IN_X4] = {"x4",
               "%",
               {"产品阀", "Product valve"},
               0,
               100,
               X4_STEADY,
               YW_PLANT_WIRED,
               100,
               YW_HR(13, 0.01)},
    [IN_ESTOP] = {"e_stop",
                  "",
                  {"紧急停车", "Emergency stop"},
                  0,
                  1,
                  0,
                  YW_PLANT_WIRED,
                  1,
                  YW_COIL(1)},
    [IN_SP_FLOW] = {"sp_flow",
                    "kmol/h",
                    {"产品流量设定", "Product flow set-point"},
                    0,
                    300,
                    100,
                    YW_PLANT_SETTING,
                    0,
                    YW_HR(0, 0.01)},
    [IN_SP_A] = {"sp_a",
                 "",
                 {"放空 A 含量设定", "A in purge set-point"},
                 0,
                 1,
                 0.47,
                 YW_PLANT_SETTING,
                 0,
                 YW_HR(1, 0.001)},
    [IN_SP_PRESSURE] = {"sp_pressure",
                        "kPa",
                        {"压力设定", "Pressure set-point"},
                        0,
                        6553.5,
                        2700,
                        YW_PLANT_SETTING,
                        0,
                        YW_HR(2, 0.1)},
    [IN_SP_OVERRIDE] = {"sp_override",
                        "kPa",
                        {"高压限产设定", "High-pressure override"},
                        0,
                        6553.5,
                        2900,
                        YW_PLANT_SETTING,
                        0,
                        YW_HR(3, 0.1)},
    [IN_SP_LEVEL] = {"sp_level",
                     "%",
                     {"液位设定", "Level set-point"},
                     0,
                     100,
                     44.18,
                     YW_PLANT_SETTING,
                     0,
                     YW_HR(4, 0.01)},
    [IN_SIS] = {"sis_trip",
                "kPa",
                {"安全仪表联锁值", "SIS trip pressure"},
                0,
                6553.5,
                2950,
                YW_PLANT_SETTING,
                0,
                YW_NO_POINT},
    [IN_BYPASS] = {"sis_bypass",
                   "",
                   {"安全仪表旁路", "SIS bypassed"},
                   0,
                   1,
                   0,
                   YW_PLANT_SETTING,
                   0,
                   YW_NO_POINT},
    [IN_LEAK] = {"leak_kmol_h",
                 "kmol/h",
                 {"气相泄漏", "Gas leak"},
                 0,
                 500,
                 0,
                 YW_PLANT_WORLD,
                 0,
                 YW_NO_POINT},
};

static const struct yw_plant_limit limits[] = {
    {PRESSURE, true, 2895, 1, {"压力高报警", "pressure alarm"}},
    {PRESSURE, true, 2950, 3, {"安全仪表联锁", "SIS trip"}},
    {PRESSURE, true, 3000, 4, {"TE 停车压力", "TE shutdown pressure"}},
    {BROKEN, true, 0.5, 5, {"破裂（3200 kPa）", "rupture (3200 kPa)"}},
    {LEVEL, false, 5, 2, {"液位低低", "level LL"}},
    {LEVEL, true, 80, 1, {"液位高", "level H"}},
    {LEVEL, true, 95, 3, {"液位高高", "level HH"}},
    {F4, false, 80, 2, {"产量损失", "production loss"}},
};

struct now { /* what follows from the holdups and the valves */
    double pressure, level, y[3], f[4], rate;
};

static void look(const double *state, const double *in, struct now *ret)
{
    double gas = state[NA] + state[NB] + state[NC];
    double liquid_m3 = state[ND] / LIQUID_KMOL_M3;
    bool stop = yw_is_on(in[IN_ESTOP]);
    double over;

    ret->pressure = gas * GAS_KPA_M3_KMOL / (VESSEL_M3 - liquid_m3);
    ret->level = 100 * liquid_m3 / LIQUID_FULL_M3;
    for (int i = 0; i < 3; i++)
        ret->y[i] = gas > 1e-9 ? state[NA + i] / gas : 0;
    over = yw_root(ret->pressure - DOWNSTREAM_KPA);
    ret->f[0] = FEED1_PER_PERCENT * (stop ? 0 : in[IN_X1]);
    ret->f[1] = FEED2_PER_PERCENT * (stop ? 0 : in[IN_X2]);
    ret->f[2] = PURGE_PER_PERCENT * (stop ? 100 : in[IN_X3]) * over;
    ret->f[3] = state[ND] > 0 ? PRODUCT_PER_PERCENT * (stop ? 100 : in[IN_X4]) * over : 0;
    ret->rate = RATE * yw_pow(ret->y[0] * ret->pressure, 1.2) *
                yw_pow(ret->y[2] * ret->pressure, 0.4);
}

static void start(double *state)
{
    static const double steady[4] = {44.499999584293484, 13.532969965095946,
                                     36.647880629958415, 110};

    for (int i = 0; i < STATES; i++)
        state[i] = i < 4 ? steady[i] : 0;
    for (int i = 0; i < 3; i++)
        state[TAKEN_A + i] = state[SAID_A + i] =
            steady[i] / (steady[0] + steady[1] + steady[2]);
}

static void analyse(double *state, const struct now *now, double step_h)
{
    state[SINCE_H] += step_h;
    if (state[SINCE_H] < ANALYSER_H - step_h / 2)
        return;
    state[SINCE_H] = 0;
    for (int i = 0; i < 3; i++) {
        state[SAID_A + i] = state[TAKEN_A + i];
        state[TAKEN_A + i] = now->y[i];
    }
}

static void step(double *state, const double *in, double step_s)
{
    double h = step_s / SECONDS_PER_HOUR;
    struct now now;
    double out, d[4];

    look(state, in, &now);
    if (now.pressure >= RUPTURE_KPA)
        state[RUPTURED] = 1;
    out = now.f[2] + in[IN_LEAK] * (now.pressure > DOWNSTREAM_KPA);
    if (state[RUPTURED] > 0)
        out += RUPTURE_PER_ROOT_KPA * yw_root(now.pressure - DOWNSTREAM_KPA);
    d[0] = 0.485 * now.f[0] + now.f[1] - now.y[0] * out - now.rate;
    d[1] = 0.005 * now.f[0] - now.y[1] * out;
    d[2] = 0.510 * now.f[0] - now.y[2] * out - now.rate;
    d[3] = now.rate - now.f[3];
    for (int i = 0; i < 4; i++)
        state[NA + i] =
            yw_clamp(state[NA + i] + h * d[i], 0, i < 3 ? 1e6 : LIQUID_FULL_KMOL);
    analyse(state, &now, h);
}

static void tags_of(const double *state, const double *in, double *truth)
{
    bool stop = yw_is_on(in[IN_ESTOP]);
    struct now now;

    look(state, in, &now);
    for (int i = 0; i < 4; i++) {
        truth[F1 + i] = now.f[i];
        truth[X1 + i] = !stop ? in[IN_X1 + i] : i < 2 ? 0 : 100;
    }
    truth[PRESSURE] = now.pressure;
    truth[LEVEL] = now.level;
    for (int i = 0; i < 3; i++) {
        truth[AI_A + i] = state[SAID_A + i];
        truth[Y_A + i] = now.y[i];
    }
    truth[COST] =
        now.f[3] > 0
            ? yw_clamp(now.f[2] * (2.206 * now.y[0] + 6.177 * now.y[2]) / now.f[3], 0,
                       1000)
            : 0;
    truth[BROKEN] = state[RUPTURED];
    for (int i = PT_A; i <= PT_C; i++)
        truth[i] = now.pressure;
}

/* The pressure at the gas's own composition; the level at its pressure. */
static bool put(double *state, const double *in, size_t tag, double value)
{
    struct now now;
    double gas_times;

    look(state, in, &now);
    if (tag == LEVEL) {
        state[ND] = value / 100 * LIQUID_FULL_KMOL;
        gas_times = (VESSEL_M3 - value / 100 * LIQUID_FULL_M3) /
                    (VESSEL_M3 - now.level / 100 * LIQUID_FULL_M3);
    } else if (tag == PRESSURE && now.pressure > 0) {
        gas_times = value / now.pressure;
    } else {
        return false;
    }
    for (int i = NA; i <= NC; i++)
        state[i] *= gas_times;
    return true;
}

/* The loops of the GRFICS ladder, each by its gain on the span of its transmitter; the
 * slow integral of the flow loop is ours. */
static void control(double *state, const double *sensed, double *in, double scan_s)
{
    double over = sensed[PRESSURE] - in[IN_SP_OVERRIDE];
    double flow_sp = yw_clamp(in[IN_SP_FLOW] - (over > 0 ? over : 0), 50, 150);
    double miss = (flow_sp - sensed[F4]) / 500 * 100;

    state[FLOW_INTEGRAL] =
        yw_clamp(state[FLOW_INTEGRAL] + miss * scan_s / SECONDS_PER_HOUR, -30, 70);
    in[IN_X1] = X1_STEADY + miss + state[FLOW_INTEGRAL];
    in[IN_X2] = X2_STEADY + 100 * (in[IN_SP_A] - sensed[AI_A]);
    in[IN_X3] = X3_STEADY + 20 * (sensed[PRESSURE] - in[IN_SP_PRESSURE]) / 3200 * 100;
    in[IN_X4] = X4_STEADY + 10 * (sensed[LEVEL] - in[IN_SP_LEVEL]);
    if (sensed[PRESSURE] > in[IN_SIS] && !yw_is_on(in[IN_BYPASS]))
        state[SIS_TRIPPED] = 1;
    in[IN_ESTOP] = state[SIS_TRIPPED];
}

const struct yw_plant_model yw_plant_te_reactor = {
    .name = "te-reactor",
    .title = {"石化反应器", "Petrochemical reactor"},
    .sector = "petrochemical",
    .step_s = 0.2,
    .tags = tags,
    .tag_count = TAGS,
    .inputs = inputs,
    .input_count = INPUTS,
    .limits = limits,
    .limit_count = sizeof limits / sizeof limits[0],
    .state_count = STATES,
    .product_tag = F4,
    .product_nominal = 100,
    .start = start,
    .step = step,
    .tags_of = tags_of,
    .put = put,
    .control = control,
};
