/* Jacketed stirred tank with the exothermic reaction A → B: the standard benchmark in the
 * parameters of APMonitor (D. E. Seborg et al., Process Dynamics and Control). Minutes,
 * litres, kelvin, mol/l; q = V = 100.
 *
 *   r = 7.2e10·exp(−8750/T)·CA
 *   dCA/dt = (q/V)·(1 − CA) − r
 *   dT/dt = (q/V)·(350 − T) + 5e4/(1000·0.239)·r + 5e4/(V·1000·0.239)·(Tc − T)
 *
 * At 300 K of coolant it rests; a few kelvin more and it runs away, the more tempting as
 * the change is small. Limits are design choices; the relief and the burst are marks on
 * the temperature, the model has no vapour space. */
#include "plant/models.h"
#include "plant/number.h"

#define VOLUME_L 100.0
#define FEED_K 350.0
#define FEED_MOL_L 1.0
#define RATE_PER_MIN 7.2e10
#define ACTIVATION_K 8750.0
#define HEAT_K_L_MOL (5e4 / (1000 * 0.239))
#define COOLING_PER_MIN (5e4 / (VOLUME_L * 1000 * 0.239))
#define QUENCH_COOLANT_K 280.0
#define SECONDS_PER_MINUTE 60.0
#define T_LOW 250.0
#define T_HIGH 700.0

enum { CA, T, INTEGRAL, QUENCHED, STATES };
enum { IN_Q, IN_COOLANT, IN_SP, IN_QUENCH, IN_RESET, IN_FEED, IN_FOULING, INPUTS };
enum { TEMPERATURE, CONCENTRATION, FEED, COOLANT, RATE, HEAT, PRODUCT, TAGS };

static const struct yw_plant_tag tags[TAGS] = {
    [TEMPERATURE] = {"temperature_k",
                     "K",
                     {"反应温度", "Reactor temperature"},
                     T_LOW,
                     T_HIGH,
                     0.05,
                     YW_IR(0, 0.1),
                     1 + T,
                     0},
    [CONCENTRATION] = {"ca_mol_l",
                       "mol/l",
                       {"A 浓度", "Concentration of A"},
                       0,
                       2,
                       0.0005,
                       YW_IR(1, 0.0001),
                       1 + CA,
                       0},
    [FEED] = {"feed_l_min",
              "l/min",
              {"进料流量", "Feed flow"},
              0,
              200,
              0.1,
              YW_IR(3, 0.01),
              0,
              0},
    [COOLANT] = {"coolant_k",
                 "K",
                 {"冷却水温度", "Coolant temperature"},
                 250,
                 350,
                 0.05,
                 YW_IR(4, 0.1),
                 0,
                 0},
    [RATE] = {"rate_mol_l_min",
              "mol/(l·min)",
              {"反应速率", "Reaction rate"},
              0,
              1e6,
              0,
              YW_NO_POINT,
              0,
              0},
    [HEAT] = {"heat_k_min",
              "K/min",
              {"热平衡残差", "Heat balance residual"},
              -1e5,
              1e9,
              0,
              YW_NO_POINT,
              0,
              0},
    [PRODUCT] = {"product_mol_min",
                 "mol/min",
                 {"产品 B", "Product B"},
                 0,
                 200,
                 0,
                 YW_IR(5, 0.01),
                 0,
                 0},
};

static const struct yw_plant_input inputs[INPUTS] = {
    [IN_Q] = {"q_feed",
              "l/min",
              {"进料指令", "Feed command"},
              0,
              200,
              100,
              YW_PLANT_WIRED,
              0,
              YW_NO_POINT},
    [IN_COOLANT] = {"tc_coolant",
                    "K",
                    {"冷却水温度设定", "Coolant set-point"},
                    250,
                    350,
                    300,
                    YW_PLANT_WIRED,
                    300,
                    YW_HR(4, 0.1)},
    [IN_SP] = {"sp_temperature",
               "K",
               {"温度设定", "Temperature set-point"},
               250,
               700,
               324.475,
               YW_PLANT_SETTING,
               0,
               YW_HR(0, 0.1)},
    [IN_QUENCH] = {"quench_trip",
                   "K",
                   {"急冷联锁值", "Quench trip"},
                   250,
                   700,
                   350,
                   YW_PLANT_SETTING,
                   0,
                   YW_HR(3, 0.1)},
    [IN_RESET] = {"trip_reset",
                  "",
                  {"联锁复位", "Trip reset"},
                  0,
                  1,
                  0,
                  YW_PLANT_SETTING,
                  0,
                  YW_COIL(0)},
    [IN_FEED] = {"feed_temperature",
                 "K",
                 {"进料温度", "Feed temperature"},
                 280,
                 400,
                 FEED_K,
                 YW_PLANT_WORLD,
                 0,
                 YW_NO_POINT},
    [IN_FOULING] = {"fouling",
                    "",
                    {"夹套结垢（传热损失）", "Jacket fouling"},
                    0,
                    1,
                    0,
                    YW_PLANT_WORLD,
                    0,
                    YW_NO_POINT},
};

static const struct yw_plant_limit limits[] = {
    {TEMPERATURE, true, 335, 1, {"温度报警", "temperature alarm"}},
    {TEMPERATURE, true, 350, 3, {"急冷联锁", "quench"}},
    {TEMPERATURE, true, 400, 4, {"泄放", "relief"}},
    {TEMPERATURE, true, 450, 5, {"爆破", "burst"}},
    {PRODUCT, false, 8, 2, {"产量损失", "production loss"}},
};

static double rate(const double *state)
{
    return RATE_PER_MIN * yw_exp(-ACTIVATION_K / state[T]) * state[CA];
}

static double heating(const double *state, const double *in, double r)
{
    return in[IN_Q] / VOLUME_L * (in[IN_FEED] - state[T]) + HEAT_K_L_MOL * r +
           COOLING_PER_MIN * (1 - in[IN_FOULING]) * (in[IN_COOLANT] - state[T]);
}

static void start(double *state)
{
    state[CA] = 0.8772529460813077;
    state[T] = 324.47544343155005;
    state[INTEGRAL] = 0;
    state[QUENCHED] = 0;
}

static void step(double *state, const double *in, double step_s)
{
    double min = step_s / SECONDS_PER_MINUTE;
    double r = rate(state);
    double warmer;

    /* no step makes more of B than there is of A */
    if (r * min > state[CA])
        r = state[CA] / min;
    warmer = heating(state, in, r);
    state[CA] += min * (in[IN_Q] / VOLUME_L * (FEED_MOL_L - state[CA]) - r);
    state[CA] = yw_clamp(state[CA], 0, 2);
    state[T] = yw_clamp(state[T] + min * warmer, T_LOW, T_HIGH);
}

static void tags_of(const double *state, const double *in, double *truth)
{
    double r = rate(state);

    truth[TEMPERATURE] = state[T];
    truth[CONCENTRATION] = state[CA];
    truth[FEED] = in[IN_Q];
    truth[COOLANT] = in[IN_COOLANT];
    truth[RATE] = yw_clamp(r, 0, 1e6);
    truth[HEAT] = yw_clamp(heating(state, in, r), -1e5, 1e9);
    truth[PRODUCT] = in[IN_Q] * yw_clamp(FEED_MOL_L - state[CA], 0, FEED_MOL_L);
}

/* Temperature by the coolant (a loop of our own); the SIS quenches at its limit: coolant
 * to 280 K, feed cut. */
static void control(double *state, const double *sensed, double *in, double scan_s)
{
    double miss = in[IN_SP] - sensed[TEMPERATURE];

    if (yw_is_on(in[IN_RESET]))
        state[QUENCHED] = 0;
    else if (sensed[TEMPERATURE] > in[IN_QUENCH])
        state[QUENCHED] = 1;
    state[INTEGRAL] =
        yw_clamp(state[INTEGRAL] + miss * scan_s / SECONDS_PER_MINUTE, -20, 20);
    in[IN_COOLANT] = state[QUENCHED] > 0 ? QUENCH_COOLANT_K
                                         : yw_clamp(300 + 2 * miss + state[INTEGRAL],
                                                    QUENCH_COOLANT_K, 320);
    in[IN_Q] = state[QUENCHED] > 0 ? 0 : 100;
}

const struct yw_plant_model yw_plant_cstr = {
    .name = "cstr",
    .title = {"夹套反应釜（煤化工）", "Jacketed reactor (coal chemistry)"},
    .sector = "coal-chemistry",
    .step_s = 0.03, /* 0.0005 min */
    .scan_steps = 10,
    .tags = tags,
    .tag_count = TAGS,
    .inputs = inputs,
    .input_count = INPUTS,
    .limits = limits,
    .limit_count = sizeof limits / sizeof limits[0],
    .state_count = STATES,
    .product_tag = PRODUCT,
    .product_nominal = 12.2,
    .start = start,
    .step = step,
    .tags_of = tags_of,
    .control = control,
};
