/* Continuous caster: mould level, tundish, growth of the shell, cooling water. First
 * principles and the square-root law of solidification (textbook: some 20 mm after a
 * minute).
 *
 *   ladle ─▶ [ tundish H ] ─gate s─▶ [ mould h ] ─▶ strand at v ─▶ shell at mould exit
 *                                     water Qw
 *
 *   A·dh/dt = q − A·vc             A 0.22 × 1.5 m², vc in m/s
 *   q = Cd·amax·s·sqrt(2·g·H)      Cd 0.65, amax 5.126e−3 m², H 0.8 m
 *   At·dH/dt = qladle − q          At 6 m²
 *   shell = K·sqrt(Leff/v)·(Qw/Qw0)^0.8    Leff 0.8 m, v in m/min, K 20 mm/√min
 *   ΔT = Q/(Qw·cp)                 Q = 1.5 MW/m² · 2·(1.5 + 0.22)·0.8, Qw0 8000 l/min
 *
 * h is the deviation from the normal level: +100 mm overflows, −120 mm is an empty mould.
 * Limits are design choices. A breakout is final: the shell tore, the mould runs empty. */
#include "plant/models.h"
#include "plant/number.h"

#define MOULD_M2 (0.22 * 1.5)
#define TUNDISH_M2 6.0
#define DISCHARGE 0.65
#define GATE_M2 5.126e-3
#define GRAVITY 9.81
#define STEEL_T_M3 7.0
#define SHELL_MM_ROOT_MIN 20.0
#define COOLED_M 0.8
#define WATER_NORMAL_L_MIN 8000.0
#define HEAT_W (1.5e6 * 2 * (1.5 + 0.22) * 0.8)
#define WATER_J_L_K 4186.0
#define SHELL_SOLID_MM 110.0 /* half the strand: solid through */
#define SHELL_TEARS_MM 10.0
#define OVERFLOW_M 0.100
#define EMPTY_M -0.120
#define TUNDISH_FULL_M 1.2
#define TEAR_M_S 0.02
#define SECONDS_PER_MINUTE 60.0

enum { LEVEL_M, TUNDISH_M, TORN, SPILT_M3, INTEGRAL, GATE_SHUT, STATES };
enum {
    IN_GATE,
    IN_SPEED,
    IN_WATER,
    IN_EMERGENCY,
    IN_STOP,
    IN_SP_LEVEL,
    IN_SP_SPEED,
    IN_SP_WATER,
    IN_THRESHOLD,
    IN_LADLE,
    IN_LEAK,
    INPUTS
};
enum {
    LEVEL,
    SPEED,
    GATE,
    TUNDISH,
    WATER,
    RISE,
    SHELL,
    SHUT,
    BREAKOUT,
    CAST,
    SPILT,
    TAGS
};

static const struct yw_plant_tag tags[TAGS] = {
    [LEVEL] = {"level_mm",
               "mm",
               {"结晶器液位偏差", "Mould level deviation"},
               -120,
               100,
               0.2,
               YW_IR_FROM(0, 0.1, 10000),
               YW_PLANT_PUT,
               0},
    [SPEED] = {"speed_m_min",
               "m/min",
               {"拉速", "Casting speed"},
               0,
               5,
               0.001,
               YW_IR(1, 0.001),
               0,
               0},
    [GATE] = {"gate_pct",
              "%",
              {"滑动水口开度", "Slide gate"},
              0,
              100,
              0.05,
              YW_IR(2, 0.01),
              0,
              0},
    [TUNDISH] = {"tundish_t",
                 "t",
                 {"中间包重量", "Tundish weight"},
                 0,
                 60,
                 0.02,
                 YW_IR(3, 0.01),
                 YW_PLANT_PUT,
                 0},
    [WATER] = {"water_l_min",
               "l/min",
               {"冷却水流量", "Cooling water"},
               0,
               12000,
               10,
               YW_IR(4, 1),
               0,
               1 + IN_LEAK},
    [RISE] = {"water_rise_k",
              "K",
              {"冷却水温升", "Water temperature rise"},
              0,
              100,
              0.03,
              YW_IR(5, 0.01),
              0,
              0},
    [SHELL] = {"shell_mm",
               "mm",
               {"出口坯壳厚度（计算）", "Exit shell, computed"},
               0,
               SHELL_SOLID_MM,
               0.02,
               YW_IR(6, 0.01),
               0,
               0},
    [SHUT] = {"gate_closed", "", {"水口已关", "Gate closed"}, 0, 1, 0, YW_DI(0), 0, 0},
    [BREAKOUT] = {"breakout", "", {"漏钢", "Breakout"}, 0, 1, 0, YW_NO_POINT, 0, 0},
    [CAST] =
        {"cast_t_min", "t/min", {"浇铸产量", "Steel cast"}, 0, 20, 0, YW_NO_POINT, 0, 0},
    [SPILT] = {"spilt_t", "t", {"溢出钢水", "Steel spilt"}, 0, 1e6, 0, YW_NO_POINT, 0, 0},
};

static const struct yw_plant_input inputs[INPUTS] = {
    [IN_GATE] = {"gate",
                 "",
                 {"滑动水口", "Slide gate"},
                 0,
                 1,
                 0.4999855833735412,
                 YW_PLANT_WIRED,
                 0,
                 YW_NO_POINT},
    [IN_SPEED] = {"speed",
                  "m/min",
                  {"拉速", "Casting speed"},
                  0,
                  5,
                  1.2,
                  YW_PLANT_WIRED,
                  0,
                  YW_HR(1, 0.001)},
    [IN_WATER] = {"water",
                  "l/min",
                  {"冷却水量", "Cooling water"},
                  0,
                  12000,
                  8000,
                  YW_PLANT_WIRED,
                  0,
                  YW_HR(2, 1)},
    [IN_EMERGENCY] = {"emergency_gate",
                      "",
                      {"事故闸板", "Emergency gate"},
                      0,
                      1,
                      0,
                      YW_PLANT_WIRED,
                      1,
                      YW_COIL(0)},
    [IN_STOP] =
        {"cast_stop", "", {"停浇", "Cast stop"}, 0, 1, 0, YW_PLANT_WIRED, 1, YW_COIL(1)},
    [IN_SP_LEVEL] = {"sp_level",
                     "mm",
                     {"液位设定", "Level set-point"},
                     -50,
                     50,
                     0,
                     YW_PLANT_SETTING,
                     0,
                     {YW_PLANT_HOLDING_REGISTER, 0, 0.1, 10000, 0}},
    [IN_SP_SPEED] = {"sp_speed",
                     "m/min",
                     {"拉速设定", "Speed set-point"},
                     0,
                     5,
                     1.2,
                     YW_PLANT_SETTING,
                     0,
                     YW_NO_POINT},
    [IN_SP_WATER] = {"sp_water",
                     "l/min",
                     {"水量设定", "Water set-point"},
                     0,
                     12000,
                     8000,
                     YW_PLANT_SETTING,
                     0,
                     YW_NO_POINT},
    [IN_THRESHOLD] = {"breakout_threshold",
                      "mm",
                      {"漏钢预报阈值", "Breakout threshold"},
                      0,
                      50,
                      12,
                      YW_PLANT_SETTING,
                      0,
                      YW_HR(3, 0.01)},
    [IN_LADLE] = {"ladle_m3_s",
                  "m³/s",
                  {"钢包注流", "Ladle stream"},
                  0,
                  0.02,
                  0.0066,
                  YW_PLANT_WORLD,
                  0,
                  YW_NO_POINT},
    [IN_LEAK] = {"water_leak",
                 "l/min",
                 {"冷却水泄漏", "Cooling water leak"},
                 0,
                 8000,
                 0,
                 YW_PLANT_WORLD,
                 0,
                 YW_NO_POINT},
};

static const struct yw_plant_limit limits[] = {
    {LEVEL, true, 5, 2, {"液位波动影响质量", "level off quality, high"}},
    {LEVEL, false, -5, 2, {"液位波动影响质量", "level off quality, low"}},
    {LEVEL, true, 10, 1, {"液位高报警", "level high"}},
    {LEVEL, false, -10, 1, {"液位低报警", "level low"}},
    {LEVEL, true, 99.999, 5, {"溢钢", "overflow"}},
    {LEVEL, false, -119.999, 4, {"结晶器排空", "mould empty"}},
    {SHELL, false, 12, 1, {"坯壳薄报警", "thin shell"}},
    {SHELL, false, SHELL_TEARS_MM, 5, {"漏钢", "breakout"}},
    {BREAKOUT, true, 0.5, 5, {"漏钢", "breakout"}},
    {RISE, true, 12, 1, {"水温升报警", "water rise alarm"}},
    {RISE, true, 15, 3, {"水温升联锁", "water rise trip"}},
    {CAST, false, 1.5, 2, {"产量损失", "production loss"}},
};

static double gate_of(const double *in)
{
    return yw_is_on(in[IN_EMERGENCY]) ? 0 : in[IN_GATE];
}

static double speed_of(const double *in)
{
    return yw_is_on(in[IN_STOP]) ? 0 : in[IN_SPEED];
}

static double poured_m3_s(const double *state, const double *in)
{
    return DISCHARGE * GATE_M2 * gate_of(in) * yw_root(2 * GRAVITY * state[TUNDISH_M]);
}

static double water_of(const double *in)
{
    return yw_clamp(in[IN_WATER] - in[IN_LEAK], 0, 12000);
}

static double shell_mm(const double *in)
{
    double speed = yw_clamp(speed_of(in), 0.02, 5);

    return yw_clamp(SHELL_MM_ROOT_MIN * yw_root(COOLED_M / speed) *
                        yw_pow(water_of(in) / WATER_NORMAL_L_MIN, 0.8),
                    0, SHELL_SOLID_MM);
}

static void start(double *state)
{
    for (int i = 0; i < STATES; i++)
        state[i] = 0;
    state[TUNDISH_M] = 0.8;
}

/* No shell forms in a mould that holds no steel, and none tears where none moves. */
static void tear(double *state, const double *in)
{
    if (state[LEVEL_M] > EMPTY_M && speed_of(in) > 0.02 && shell_mm(in) < SHELL_TEARS_MM)
        state[TORN] = 1;
}

static void step(double *state, const double *in, double s)
{
    double q = poured_m3_s(state, in);
    double lost = state[TORN] * TEAR_M_S;
    double h =
        state[LEVEL_M] + s * (q / MOULD_M2 - speed_of(in) / SECONDS_PER_MINUTE - lost);
    double tundish = state[TUNDISH_M] + s * (in[IN_LADLE] - q) / TUNDISH_M2;

    if (state[TORN] <= 0)
        tear(state, in);
    if (h > OVERFLOW_M)
        state[SPILT_M3] += (h - OVERFLOW_M) * MOULD_M2;
    if (tundish > TUNDISH_FULL_M)
        state[SPILT_M3] += (tundish - TUNDISH_FULL_M) * TUNDISH_M2;
    state[LEVEL_M] = yw_clamp(h, EMPTY_M, OVERFLOW_M);
    state[TUNDISH_M] = yw_clamp(tundish, 0, TUNDISH_FULL_M);
}

static void tags_of(const double *state, const double *in, double *truth)
{
    double water = water_of(in);

    truth[LEVEL] = 1000 * state[LEVEL_M];
    truth[SPEED] = speed_of(in);
    truth[GATE] = 100 * gate_of(in);
    truth[TUNDISH] = STEEL_T_M3 * TUNDISH_M2 * state[TUNDISH_M];
    truth[WATER] = water;
    truth[RISE] =
        water > 0 ? yw_clamp(HEAT_W / (water / SECONDS_PER_MINUTE * WATER_J_L_K), 0, 100)
                  : 100;
    truth[SHELL] = shell_mm(in);
    truth[SHUT] = gate_of(in) <= 0;
    truth[BREAKOUT] = state[TORN];
    truth[CAST] = state[TORN] > 0 || state[LEVEL_M] <= EMPTY_M
                      ? 0
                      : STEEL_T_M3 * MOULD_M2 * speed_of(in);
    truth[SPILT] = yw_clamp(STEEL_T_M3 * state[SPILT_M3], 0, 1e6);
}

static bool put(double *state, const double *in, size_t tag, double value)
{
    (void)in;
    if (tag == LEVEL)
        state[LEVEL_M] = value / 1000;
    else if (tag == TUNDISH)
        state[TUNDISH_M] = yw_clamp(value / (STEEL_T_M3 * TUNDISH_M2), 0, TUNDISH_FULL_M);
    else
        return false;
    return true;
}

/* Level by the gate over the balance of the speed (our own loop); too warm or too little
 * water, or a shell below the threshold of the breakout detection, shut the emergency
 * gate and stop the strand. */
static void control(double *state, const double *sensed, double *in, double s)
{
    double miss = (in[IN_SP_LEVEL] - sensed[LEVEL]) / 1000;
    double head = yw_clamp(sensed[TUNDISH] / (STEEL_T_M3 * TUNDISH_M2), 0.05, 2);
    double full = DISCHARGE * GATE_M2 * yw_root(2 * GRAVITY * head);
    double balance = MOULD_M2 * sensed[SPEED] / SECONDS_PER_MINUTE / full;

    state[INTEGRAL] = yw_clamp(state[INTEGRAL] + 0.5 * miss * s, -0.3, 0.3);
    if (sensed[RISE] > 15 || sensed[WATER] < 0.6 * WATER_NORMAL_L_MIN ||
        sensed[SHELL] < in[IN_THRESHOLD] * (SHELL_TEARS_MM / 12))
        state[GATE_SHUT] = 1;
    in[IN_SPEED] = in[IN_SP_SPEED];
    in[IN_WATER] = in[IN_SP_WATER];
    in[IN_GATE] = balance + 5 * miss + state[INTEGRAL];
    in[IN_EMERGENCY] = in[IN_STOP] = state[GATE_SHUT];
}

const struct yw_plant_model yw_plant_caster = {
    .name = "caster",
    .title = {"连铸机", "Continuous caster"},
    .sector = "steel",
    .step_s = 0.01,
    .scan_steps = 10,
    .tags = tags,
    .tag_count = TAGS,
    .inputs = inputs,
    .input_count = INPUTS,
    .limits = limits,
    .limit_count = sizeof limits / sizeof limits[0],
    .state_count = STATES,
    .product_tag = CAST,
    .product_nominal = STEEL_T_M3 * MOULD_M2 * 1.2,
    .start = start,
    .step = step,
    .tags_of = tags_of,
    .put = put,
    .control = control,
};
