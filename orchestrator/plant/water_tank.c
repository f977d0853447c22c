/* Raw-water stage of a water works (stage 1 of SWaT as MiniCPS simulates it), with the
 * feed tank that it fills and the blow that a closing valve sends through the main.
 *
 *   MV101 ─▶ [ T101 ] ─P101─▶ [ T301 ] ─▶ demand
 *            LIT101           LIT301
 *
 * A·dh/dt = Qin − Qout, section 1.5 m², height 1.6 m (more spills); in 2.55 m³/h with the
 * valve open, out 2.45 m³/h with the pump on while there is water. Marks: LIT101
 * 0.25/0.5/0.8/1.2, LIT301 0.25/0.8/1.0/1.2 m.
 *
 * Water hammer (Joukowsky, textbook): ΔP = ρ·a·Δv, about 1.2 MPa per m/s at a = 1200 m/s;
 * a valve that takes longer than the wave's return 2·L/a sends only the part of Δv that
 * falls into it. The main (DN 40, 200 m), the demand of 2 m³/h and the marks on the blow
 * are design choices. */
#include "plant/models.h"
#include "plant/number.h"

#define SECTION_M2 1.5
#define HEIGHT_M 1.6
#define IN_M3_H 2.55
#define OUT_M3_H 2.45
#define SECONDS_PER_HOUR 3600.0
#define MAIN_M2 1.2566e-3 /* DN 40 */
#define WATER_KG_M3 1000.0
#define SOUND_M_S 1200.0
#define MAIN_M 200.0
#define RETURN_S (2 * MAIN_M / SOUND_M_S)
#define BLOW_GONE_MPA 1e-6 /* else it fades into denormal numbers */
#define BLOW_FADES_S 2.0

enum { T101, T301, VALVE, BLOW, SPILT, STATES };
enum { IN_MV101, IN_P101, IN_STROKE, IN_DEMAND, IN_LEAK, INPUTS };
enum { LIT101, LIT301, FIT101, FIT201, VALVE_TAG, SURGE, DELIVERED, SPILT_TAG, TAGS };

static const struct yw_plant_tag tags[TAGS] = {
    [LIT101] = {"lit101_m",
                "m",
                {"原水池液位", "Raw-water tank level"},
                0,
                HEIGHT_M,
                0.002,
                YW_IR(0, 0.001),
                1 + T101,
                1 + IN_LEAK},
    [LIT301] = {"lit301_m",
                "m",
                {"超滤给水池液位", "Feed tank level"},
                0,
                HEIGHT_M,
                0.002,
                YW_IR(1, 0.001),
                1 + T301,
                0},
    [FIT101] = {"fit101_m3_h",
                "m³/h",
                {"进水流量", "Inlet flow"},
                0,
                5,
                0.01,
                YW_IR(2, 0.01),
                0,
                0},
    [FIT201] = {"fit201_m3_h",
                "m³/h",
                {"泵后流量", "Pump flow"},
                0,
                5,
                0.01,
                YW_IR(3, 0.01),
                0,
                0},
    [VALVE_TAG] = {"mv101_open",
                   "",
                   {"进水阀开度", "Inlet valve position"},
                   0,
                   1,
                   0,
                   YW_IR(4, 0.001),
                   1 + VALVE,
                   0},
    [SURGE] = {"surge_mpa",
               "MPa",
               {"水锤压力", "Water hammer"},
               0,
               3,
               0.002,
               YW_IR(5, 0.001),
               0,
               0},
    [DELIVERED] =
        {"delivered_m3_h", "m³/h", {"供水量", "Delivered"}, 0, 5, 0, YW_NO_POINT, 0, 0},
    [SPILT_TAG] =
        {"spilt_m3", "m³", {"溢流水量", "Water spilt"}, 0, 1e6, 0, YW_NO_POINT, 0, 0},
};

static const struct yw_plant_input inputs[INPUTS] = {
    [IN_MV101] = {"mv101",
                  "",
                  {"进水阀 MV101", "Inlet valve MV101"},
                  0,
                  1,
                  1,
                  YW_PLANT_WIRED,
                  0,
                  YW_COIL(0)},
    [IN_P101] = {"p101",
                 "",
                 {"提升泵 P101", "Pump P101"},
                 0,
                 1,
                 1,
                 YW_PLANT_WIRED,
                 0,
                 YW_COIL(1)},
    [IN_STROKE] = {"mv101_stroke_s",
                   "s",
                   {"阀门行程时间", "Valve stroke time"},
                   0.1,
                   60,
                   10,
                   YW_PLANT_WIRED,
                   10,
                   YW_HR(0, 0.1)},
    [IN_DEMAND] = {"demand_m3_h",
                   "m³/h",
                   {"用水需求", "Demand"},
                   0,
                   5,
                   2,
                   YW_PLANT_WORLD,
                   0,
                   YW_NO_POINT},
    [IN_LEAK] = {"leak_m3_h",
                 "m³/h",
                 {"原水池泄漏", "Leak of the raw-water tank"},
                 0,
                 20,
                 0,
                 YW_PLANT_WORLD,
                 0,
                 YW_NO_POINT},
};

static const struct yw_plant_limit limits[] = {
    {LIT101, true, 1.2, 1, {"原水池 HH", "T101 HH"}},
    {LIT101, true, 1.599, 2, {"原水池溢流", "T101 overflows"}},
    {LIT101, false, 0.25, 3, {"原水池 LL：停泵", "T101 LL: pump stops"}},
    {LIT101, false, 0.01, 4, {"泵干转", "pump runs dry"}},
    {LIT301, true, 1.2, 1, {"给水池 HH", "T301 HH"}},
    {LIT301, false, 0.25, 2, {"给水池 LL", "T301 LL"}},
    {SURGE, true, 0.3, 1, {"水锤报警", "water hammer"}},
    {SURGE, true, 0.5, 4, {"管道接头损坏", "joints break"}},
};

static double pumped_m3_h(const double *state, const double *in)
{
    return yw_is_on(in[IN_P101]) && state[T101] > 0 ? OUT_M3_H : 0;
}

static double delivered_m3_h(const double *state, const double *in)
{
    return state[T301] > 0 ? in[IN_DEMAND] : 0;
}

static void start(double *state)
{
    state[T101] = 0.6;
    state[T301] = 0.9;
    state[VALVE] = 1;
    state[BLOW] = 0;
    state[SPILT] = 0;
}

static void move_valve(double *state, const double *in, double s)
{
    double most = s / in[IN_STROKE];
    double before = state[VALVE];
    double velocity = IN_M3_H / SECONDS_PER_HOUR / MAIN_M2;
    double to = yw_is_on(in[IN_MV101]) ? 1 : 0;
    double closed, blow;

    state[VALVE] = before + yw_clamp(to - before, -most, most);
    closed = (before - state[VALVE]) / s * RETURN_S;
    blow = WATER_KG_M3 * SOUND_M_S * velocity * yw_clamp(closed, 0, before) / 1e6;
    state[BLOW] -= state[BLOW] * s / BLOW_FADES_S;
    if (state[BLOW] < BLOW_GONE_MPA)
        state[BLOW] = 0;
    if (blow > state[BLOW])
        state[BLOW] = blow;
}

static double fill(double *state, double level)
{
    if (level > HEIGHT_M)
        state[SPILT] += (level - HEIGHT_M) * SECTION_M2;
    return yw_clamp(level, 0, HEIGHT_M);
}

static void step(double *state, const double *in, double s)
{
    double h = s / SECONDS_PER_HOUR;
    double pumped = pumped_m3_h(state, in);
    double delivered = delivered_m3_h(state, in);
    double leak = state[T101] > 0 ? in[IN_LEAK] : 0;

    move_valve(state, in, s);
    state[T101] = fill(state, state[T101] + h / SECTION_M2 *
                                                (IN_M3_H * state[VALVE] - pumped - leak));
    state[T301] = fill(state, state[T301] + h / SECTION_M2 * (pumped - delivered));
}

static void tags_of(const double *state, const double *in, double *truth)
{
    truth[LIT101] = state[T101];
    truth[LIT301] = state[T301];
    truth[FIT101] = IN_M3_H * state[VALVE];
    truth[FIT201] = pumped_m3_h(state, in);
    truth[VALVE_TAG] = state[VALVE];
    truth[SURGE] = yw_clamp(state[BLOW], 0, 3);
    truth[DELIVERED] = delivered_m3_h(state, in);
    truth[SPILT_TAG] = yw_clamp(state[SPILT], 0, 1e6);
}

/* MiniCPS: at H close MV101, at L open it; at LL of T101 or H of T301 stop P101. */
static void control(double *state, const double *sensed, double *in, double scan_s)
{
    (void)state;
    (void)scan_s;
    if (sensed[LIT101] >= 0.8)
        in[IN_MV101] = 0;
    else if (sensed[LIT101] <= 0.5)
        in[IN_MV101] = 1;
    if (sensed[LIT101] <= 0.25 || sensed[LIT301] >= 1.0)
        in[IN_P101] = 0;
    else if (sensed[LIT301] <= 0.8)
        in[IN_P101] = 1;
}

const struct yw_plant_model yw_plant_water_tank = {
    .name = "water-tank",
    .title = {"原水池", "Raw-water tank"},
    .sector = "water",
    .step_s = 0.2,
    .scan_steps = 2,
    .tags = tags,
    .tag_count = TAGS,
    .inputs = inputs,
    .input_count = INPUTS,
    .limits = limits,
    .limit_count = sizeof limits / sizeof limits[0],
    .state_count = STATES,
    .product_tag = DELIVERED,
    .product_nominal = 2,
    .start = start,
    .step = step,
    .tags_of = tags_of,
    .control = control,
};
