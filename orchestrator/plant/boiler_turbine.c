/* Drum boiler and turbine of a 160 MW unit: R. D. Bell and K. J. Åström, "Dynamic models
 * for boiler-turbine-alternator units", report TFRT-3192, Lund 1987. It has six published
 * operating points; the middle one is the start.
 *
 *   fuel u1 ─▶ [ furnace ]      steam valve u2 ─▶ [ turbine ] ─▶ E, MW
 *   feedwater u3 ─▶ [ drum: P, ρ ] ─────┘
 *
 *   dP/dt = −0.0018·u2·P^(9/8) + 0.9·u1 − 0.15·u3            kg/cm²
 *   dE/dt = (0.073·u2 − 0.016)·P^(9/8) − 0.1·E               MW
 *   dρ/dt = (141·u3 − (1.1·u2 − 0.19)·P)/85                  kg/m³
 *   X = 0.05·(0.13073·ρ + 100·αcs + qe/9 − 67.975)           m, drum level deviation
 *
 * Actuators are rate-limited as published. Limits of the model: with u3 = 0 the level
 * rises again and diverges near ρ → 0, and E goes negative for u2 = 0; so ρ stays above
 * 200 and E above 0. Design choices: the safety valve lifts at 130 kg/cm² and passes what
 * full fuel makes, so that only a valve that does not open lets the drum reach 145 and
 * burst; a burst drum blows down. P^(9/8) is taken by three square roots. */
#include "plant/models.h"
#include "plant/number.h"

#define FUEL_RATE 0.007
#define STEAM_OPEN_RATE 0.02
#define STEAM_CLOSE_RATE 2.0
#define WATER_RATE 0.05
#define SAFETY_LIFTS 130.0
#define SAFETY_SEATS 126.0
#define SAFETY_AS_STEAM_VALVE 2.1 /* 0.9 / (0.0018 · 130^(9/8)) */
#define BURST 145.0
#define BURST_AS_STEAM_VALVE 40.0
#define DENSITY_LOW 200.0
#define DENSITY_HIGH 1000.0
#define LEVEL_SPAN_M 1.0

enum {
    P,
    E,
    RHO,
    FUEL,
    STEAM,
    WATER,
    LIFTED,
    BROKEN,
    FUEL_INTEGRAL,
    STEAM_INTEGRAL,
    WATER_INTEGRAL,
    TRIPPED, /* built-in control */
    STATES
};
enum {
    IN_FUEL,
    IN_STEAM,
    IN_WATER,
    IN_SP_P,
    IN_SP_LEVEL,
    IN_SP_E,
    IN_LOW_TRIP,
    IN_HIGH_TRIP,
    IN_RESET,
    IN_SAFETY,
    IN_LEAK,
    INPUTS
};
enum { PRESSURE, POWER, LEVEL, U1, U2, U3, FLAME, SAFETY, DENSITY, BURST_TAG, TAGS };

static const struct yw_plant_tag tags[TAGS] = {
    [PRESSURE] = {"pressure_kg_cm2",
                  "kg/cm²",
                  {"汽包压力", "Drum pressure"},
                  0,
                  160,
                  0.05,
                  YW_IR(0, 0.01),
                  1 + P,
                  0},
    [POWER] =
        {"power_mw", "MW", {"发电功率", "Power"}, 0, 250, 0.1, YW_IR(1, 0.01), 1 + E, 0},
    [LEVEL] = {"level_mm",
               "mm",
               {"汽包水位偏差", "Drum level deviation"},
               -1000,
               1000,
               1,
               YW_IR_FROM(2, 1, 1000),
               0,
               1 + IN_LEAK},
    [U1] =
        {"fuel", "", {"燃料阀位", "Fuel valve"}, 0, 1, 0, YW_IR(3, 0.001), 1 + FUEL, 0},
    [U2] = {"steam_valve",
            "",
            {"主汽门开度", "Steam valve"},
            0,
            1,
            0,
            YW_IR(4, 0.001),
            1 + STEAM,
            0},
    [U3] = {"feedwater",
            "",
            {"给水阀位", "Feedwater valve"},
            0,
            1,
            0,
            YW_IR(5, 0.001),
            1 + WATER,
            0},
    [FLAME] = {"flame", "", {"火焰检测", "Flame"}, 0, 1, 0, YW_DI(0), 0, 0},
    [SAFETY] = {"safety_valve",
                "",
                {"安全阀动作", "Safety valve lifted"},
                0,
                1,
                0,
                YW_DI(2),
                0,
                0},
    [DENSITY] = {"density_kg_m3",
                 "kg/m³",
                 {"汽水密度", "Fluid density"},
                 0,
                 1000,
                 0.2,
                 YW_NO_POINT,
                 1 + RHO,
                 0},
    [BURST_TAG] = {"burst", "", {"汽包爆破", "Drum burst"}, 0, 1, 0, YW_NO_POINT, 0, 0},
};

static const struct yw_plant_input inputs[INPUTS] = {
    [IN_FUEL] = {"u1_fuel",
                 "",
                 {"燃料指令", "Fuel command"},
                 0,
                 1,
                 0.34,
                 YW_PLANT_WIRED,
                 0,
                 YW_NO_POINT},
    [IN_STEAM] = {"u2_steam",
                  "",
                  {"主汽门指令", "Steam valve command"},
                  0,
                  1,
                  0.69,
                  YW_PLANT_WIRED,
                  0,
                  YW_NO_POINT},
    [IN_WATER] = {"u3_feedwater",
                  "",
                  {"给水指令", "Feedwater command"},
                  0,
                  1,
                  0.436,
                  YW_PLANT_WIRED,
                  0,
                  YW_NO_POINT},
    [IN_SP_P] = {"sp_pressure",
                 "kg/cm²",
                 {"压力设定", "Pressure set-point"},
                 0,
                 160,
                 108,
                 YW_PLANT_SETTING,
                 0,
                 YW_HR(0, 0.01)},
    [IN_SP_LEVEL] = {"sp_level",
                     "mm",
                     {"水位设定", "Level set-point"},
                     -250,
                     250,
                     0,
                     YW_PLANT_SETTING,
                     0,
                     {YW_PLANT_HOLDING_REGISTER, 1, 1, 1000, 0}},
    [IN_SP_E] = {"sp_power",
                 "MW",
                 {"功率设定", "Power set-point"},
                 0,
                 160,
                 66.65,
                 YW_PLANT_SETTING,
                 0,
                 YW_HR(2, 0.01)},
    [IN_LOW_TRIP] = {"low_trip",
                     "mm",
                     {"水位低低跳闸值", "Low-low level trip"},
                     -1000,
                     0,
                     -250,
                     YW_PLANT_SETTING,
                     0,
                     {YW_PLANT_HOLDING_REGISTER, 3, 1, 1000, 0}},
    [IN_HIGH_TRIP] = {"high_trip",
                      "mm",
                      {"水位高高跳闸值", "High-high level trip"},
                      0,
                      1000,
                      250,
                      YW_PLANT_SETTING,
                      0,
                      YW_NO_POINT},
    [IN_RESET] = {"mft_reset",
                  "",
                  {"主燃料跳闸复位", "Master fuel trip reset"},
                  0,
                  1,
                  0,
                  YW_PLANT_SETTING,
                  0,
                  YW_COIL(0)},
    [IN_SAFETY] = {"safety_valve_works",
                   "",
                   {"安全阀完好", "Safety valve works"},
                   0,
                   1,
                   1,
                   YW_PLANT_WORLD,
                   0,
                   YW_NO_POINT},
    [IN_LEAK] = {"leak",
                 "",
                 {"水冷壁泄漏（占给水）", "Tube leak, as feedwater"},
                 0,
                 0.5,
                 0,
                 YW_PLANT_WORLD,
                 0,
                 YW_NO_POINT},
};

static const struct yw_plant_limit limits[] = {
    {LEVEL, true, 100, 1, {"水位高报警", "level high"}},
    {LEVEL, false, -100, 1, {"水位低报警", "level low"}},
    {LEVEL, true, 250, 4, {"汽轮机带水", "water carried into the turbine"}},
    {LEVEL, false, -250, 4, {"炉管烧坏", "tubes burn out"}},
    {PRESSURE, true, 125, 1, {"压力高报警", "pressure alarm"}},
    {PRESSURE, true, 130, 2, {"安全阀动作", "safety valve lifts"}},
    {BURST_TAG, true, 0.5, 5, {"爆破（145 kg/cm²）", "burst (145 kg/cm²)"}},
    {FLAME, false, 0.5, 3, {"灭火停炉", "furnace out"}},
};

static double level_m(const double *state)
{
    double p = state[P], rho = state[RHO];
    double steam =
        (1 - 0.001538 * rho) * (0.8 * p - 25.6) / (rho * (1.0394 - 0.0012304 * p));
    double evaporation = (0.854 * state[STEAM] - 0.147) * p + 45.59 * state[FUEL] -
                         2.514 * state[WATER] - 2.096;

    return yw_clamp(
        0.05 * (0.13073 * rho + 100 * yw_clamp(steam, 0, 1) + evaporation / 9 - 67.975),
        -LEVEL_SPAN_M, LEVEL_SPAN_M);
}

static void start(double *state)
{
    for (int i = 0; i < STATES; i++)
        state[i] = 0;
    state[P] = 108;
    state[E] = 66.65;
    state[RHO] = 428;
    state[FUEL] = 0.34;
    state[STEAM] = 0.69;
    state[WATER] = 0.436;
}

static double moved(double from, double to, double down, double up)
{
    return from + yw_clamp(to - from, -down, up);
}

static void move(double *state, const double *in, double s)
{
    state[FUEL] = moved(state[FUEL], in[IN_FUEL], FUEL_RATE * s, FUEL_RATE * s);
    state[STEAM] =
        moved(state[STEAM], in[IN_STEAM], STEAM_CLOSE_RATE * s, STEAM_OPEN_RATE * s);
    state[WATER] = moved(state[WATER], in[IN_WATER], WATER_RATE * s, WATER_RATE * s);
}

static double relief(double *state, const double *in)
{
    if (!yw_is_on(in[IN_SAFETY]) || state[P] < SAFETY_SEATS)
        state[LIFTED] = 0;
    else if (state[P] > SAFETY_LIFTS)
        state[LIFTED] = 1;
    if (state[P] >= BURST)
        state[BROKEN] = 1;
    return state[BROKEN] > 0 ? BURST_AS_STEAM_VALVE
                             : state[LIFTED] * SAFETY_AS_STEAM_VALVE;
}

static void step(double *state, const double *in, double s)
{
    double p = state[P];
    double p98, vent, dp, de, drho;

    move(state, in, s);
    p98 = p * yw_root(yw_root(yw_root(p)));
    vent = relief(state, in);
    dp = -0.0018 * (state[STEAM] + vent) * p98 + 0.9 * state[FUEL] - 0.15 * state[WATER];
    de = (0.073 * state[STEAM] - 0.016) * p98 - 0.1 * state[E];
    drho =
        (141 * (state[WATER] - in[IN_LEAK]) - (1.1 * (state[STEAM] + vent) - 0.19) * p) /
        85;
    state[P] = yw_clamp(p + s * dp, 1, 160);
    state[E] = yw_clamp(state[E] + s * de, 0, 250);
    state[RHO] = yw_clamp(state[RHO] + s * drho, DENSITY_LOW, DENSITY_HIGH);
}

static void tags_of(const double *state, const double *in, double *truth)
{
    (void)in;
    truth[PRESSURE] = state[P];
    truth[POWER] = state[E];
    truth[LEVEL] = 1000 * level_m(state);
    truth[U1] = state[FUEL];
    truth[U2] = state[STEAM];
    truth[U3] = state[WATER];
    truth[FLAME] = state[FUEL] > 0.01;
    truth[SAFETY] = state[LIFTED];
    truth[DENSITY] = state[RHO];
    truth[BURST_TAG] = state[BROKEN];
}

static double regulate(double *integral, double miss, double gain, double per_s,
                       double low, double high)
{
    *integral = yw_clamp(*integral + miss * per_s, low, high);
    return gain * miss + *integral;
}

/* Pressure by fuel, power by the steam valve, level by feedwater that follows the load
 * (three loops of our own); the master fuel trip at the level limits. */
static void control(double *state, const double *sensed, double *in, double scan_s)
{
    double fuel = 0.34 + regulate(&state[FUEL_INTEGRAL], in[IN_SP_P] - sensed[PRESSURE],
                                  0.03, 0.0002 * scan_s, -0.34, 0.66);
    double steam = 0.69 + regulate(&state[STEAM_INTEGRAL], in[IN_SP_E] - sensed[POWER],
                                   0.002, 0.0002 * scan_s, -0.69, 0.31);
    double load = (1.1 * sensed[U2] - 0.19) * sensed[PRESSURE] / 141;
    double water =
        load + regulate(&state[WATER_INTEGRAL], in[IN_SP_LEVEL] - sensed[LEVEL], 0.001,
                        0.000002 * scan_s, -0.2, 0.2);

    if (yw_is_on(in[IN_RESET]))
        state[TRIPPED] = 0;
    else if (sensed[LEVEL] <= in[IN_LOW_TRIP] || sensed[LEVEL] >= in[IN_HIGH_TRIP])
        state[TRIPPED] = 1;
    in[IN_FUEL] = state[TRIPPED] > 0 ? 0 : fuel;
    in[IN_STEAM] = state[TRIPPED] > 0 ? 0 : steam;
    in[IN_WATER] = water;
}

const struct yw_plant_model yw_plant_boiler_turbine = {
    .name = "boiler-turbine",
    .title = {"汽包锅炉汽轮机", "Drum boiler and turbine"},
    .sector = "power",
    .step_s = 0.05,
    .tags = tags,
    .tag_count = TAGS,
    .inputs = inputs,
    .input_count = INPUTS,
    .limits = limits,
    .limit_count = sizeof limits / sizeof limits[0],
    .state_count = STATES,
    .product_tag = POWER,
    .product_nominal = 66.65,
    .start = start,
    .step = step,
    .tags_of = tags_of,
    .control = control,
};
