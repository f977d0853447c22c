/* Dosing of caustic soda at a water works, and the clear-water tank that feeds it.
 *
 *   inlet valve ─▶ [ clear-water tank ] ─▶ Q ─▶ [ dosing vessel ] ─▶ to the town
 *                     level_m                        ▲   naoh_mg_l
 *                                         dosing pump┘ dose_cmd_mg_l
 *
 * Vessel: V·dC/dt = Q·(Cin − C) + mdose − k·V·C with V 1.2 m³, Q 2.45 m³/h, Cin 0, k 0.
 * The dosing pump is paced by the flow: mdose = Q · (its output in mg/l), so that C
 * settles at the output. Oracle (reported change at Oldsmar, 100 → 11 100): 200 mg/l
 * after 0.27 min, 1000 mg/l after 2.5 min, for a pump that delivers 11 100 at once.
 *
 * Design choice: the pump starts softly. Its output rises towards the command by at most
 * 2200 mg/l in a minute of plant time and falls at once, so that a team has time to act
 * between a tampered set-point and toxic water: undone in time, nothing leaves its
 * limits.
 *
 * Tank (raw-water tank of MiniCPS / SWaT stage 1): A·dh/dt = Qin − Qout, section 1.5 m²,
 * height 1.6 m (more spills), in 2.55 m³/h with the valve open, out 2.45 m³/h while there
 * is water.
 *
 * Limits are design choices. No hysteresis: truth carries no noise, so it crosses a limit
 * once. */
#include "plant/models.h"
#include "plant/number.h"

#define VESSEL_M3 1.2
#define DELIVERY_M3_H 2.45
#define INLET_M3_H 2.55
#define TANK_M2 1.5
#define TANK_HEIGHT_M 1.6
#define SOFT_START_MG_L_PER_S (2200.0 / 60.0)
#define SECONDS_PER_HOUR 3600.0

enum { CONCENTRATION, PUMP_OUTPUT, LEVEL, STATES };
enum { IN_DOSE, IN_PUMP, IN_VALVE, IN_LEAK, INPUTS };
enum { TAG_NAOH, TAG_FLOW, TAG_LEVEL, TAG_DOSE, TAGS };

static const struct yw_plant_tag tags[TAGS] = {
    [TAG_NAOH] = {"naoh_mg_l",
                  "mg/l",
                  {"出水氢氧化钠浓度", "Sodium hydroxide at the outlet"},
                  0,
                  20000,
                  0.5,
                  YW_IR(0, 0.1),
                  1 + CONCENTRATION,
                  0},
    [TAG_FLOW] = {"flow_m3_h",
                  "m³/h",
                  {"供水流量", "Delivery flow"},
                  0,
                  5,
                  0.01,
                  YW_IR(1, 0.01),
                  0,
                  0},
    [TAG_LEVEL] = {"level_m",
                   "m",
                   {"清水池液位", "Clear-water tank level"},
                   0,
                   1.6,
                   0.002,
                   YW_IR(2, 0.001),
                   1 + LEVEL,
                   1 + IN_LEAK},
    [TAG_DOSE] = {"dose_cmd_mg_l",
                  "mg/l",
                  {"加药泵实际投加量", "Dosing pump output"},
                  0,
                  20000,
                  0.5,
                  YW_IR(3, 1),
                  1 + PUMP_OUTPUT,
                  0},
};

static const struct yw_plant_input inputs[INPUTS] = {
    [IN_DOSE] = {"dose_mg_l",
                 "mg/l",
                 {"加药设定值", "Dose set-point"},
                 0,
                 20000,
                 100,
                 YW_PLANT_WIRED,
                 0,
                 YW_HR(40, 1)},
    [IN_PUMP] = {"dosing_pump",
                 "",
                 {"加药泵运行", "Dosing pump runs"},
                 0,
                 1,
                 1,
                 YW_PLANT_WIRED,
                 0,
                 YW_NO_POINT},
    [IN_VALVE] = {"inlet_valve",
                  "",
                  {"进水阀开", "Inlet valve open"},
                  0,
                  1,
                  1,
                  YW_PLANT_WIRED,
                  0,
                  YW_NO_POINT},
    [IN_LEAK] = {"leak_m3_h",
                 "m³/h",
                 {"清水池泄漏", "Leak of the clear-water tank"},
                 0,
                 20,
                 0,
                 YW_PLANT_WORLD,
                 0,
                 YW_NO_POINT},
};

static const struct yw_plant_limit limits[] = {
    {TAG_NAOH, true, 120, 1, {"浓度高报警", "high alarm"}},
    {TAG_NAOH, true, 200, 2, {"水质不合格", "off specification"}},
    {TAG_NAOH, true, 1000, 5, {"有毒剂量", "toxic dose"}},
    {TAG_LEVEL, true, 1.2, 1, {"液位高高", "HH"}},
    {TAG_LEVEL, false, 0.25, 3, {"液位低低：供水泵跳闸", "LL: delivery pump trips"}},
};

static void start(double *state)
{
    state[CONCENTRATION] = 100;
    state[PUMP_OUTPUT] = 100;
    state[LEVEL] = 0.6;
}

static double flow_m3_h(const double *state)
{
    return state[LEVEL] > 0 ? DELIVERY_M3_H : 0;
}

static void step(double *state, const double *in, double step_s)
{
    double step_h = step_s / SECONDS_PER_HOUR;
    double flow = flow_m3_h(state);
    double command = yw_is_on(in[IN_PUMP]) ? in[IN_DOSE] : 0;
    double output = state[PUMP_OUTPUT] + SOFT_START_MG_L_PER_S * step_s;
    double inlet = yw_is_on(in[IN_VALVE]) ? INLET_M3_H : 0;
    double level;

    state[PUMP_OUTPUT] = command < output ? command : output;
    state[CONCENTRATION] +=
        step_h * flow / VESSEL_M3 * (state[PUMP_OUTPUT] - state[CONCENTRATION]);
    level = state[LEVEL] + step_h * (inlet - flow - in[IN_LEAK]) / TANK_M2;
    state[LEVEL] = yw_clamp(level, 0, TANK_HEIGHT_M);
}

static void tags_of(const double *state, const double *in, double *truth)
{
    (void)in;
    truth[TAG_NAOH] = state[CONCENTRATION];
    truth[TAG_FLOW] = flow_m3_h(state);
    truth[TAG_LEVEL] = state[LEVEL];
    truth[TAG_DOSE] = state[PUMP_OUTPUT];
}

/* The dose stays where the operator put it; the valve keeps the tank between its marks
 * (0.8 and 1.0 m, as the sample scenario's programme). */
static void control(double *state, const double *sensed, double *in, double scan_s)
{
    (void)state;
    (void)scan_s;
    in[IN_PUMP] = in[IN_DOSE] > 0;
    if (sensed[TAG_LEVEL] >= 1.0)
        in[IN_VALVE] = 0;
    else if (sensed[TAG_LEVEL] <= 0.8)
        in[IN_VALVE] = 1;
}

const struct yw_plant_model yw_plant_water_dosing = {
    .name = "water-dosing",
    .title = {"自来水厂加药", "Dosing at a water works"},
    .sector = "water",
    .step_s = 0.2,
    .tags = tags,
    .tag_count = TAGS,
    .inputs = inputs,
    .input_count = INPUTS,
    .limits = limits,
    .limit_count = sizeof limits / sizeof limits[0],
    .state_count = STATES,
    .product_tag = TAG_FLOW,
    .product_nominal = DELIVERY_M3_H,
    .start = start,
    .step = step,
    .tags_of = tags_of,
    .control = control,
};
