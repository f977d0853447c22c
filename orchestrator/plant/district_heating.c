/* District heating: a heat exchanger station and the buildings behind it. Hours, °C.
 *
 *   dTin/dt = (Tout − Tin)/τ + Q/C,  τ 70 h (design choice), start 20 °C
 *
 *   boiler ─Ts─▶ pump ─▶ valve 1 ─▶ dwellings Tin
 *                        valve 2 ─▶ hospital  Th
 *          ◀─Tr────────────────────┘
 *
 * The heat is design choice: Q/C = g·valve·pump·(Ts − Tin), g so that half-open valves
 * hold 20 °C at −10 °C outside with 80 °C of supply; the supply follows its set-point in
 * half an hour while the boiler has fuel, and falls to the outside without. Marks: 18 °C
 * is the indoor standard, water above 100 °C boils in the net, pipes freeze at 0 °C. */
#include "plant/models.h"
#include "plant/number.h"

#define TAU_H 70.0
#define START_C 20.0
#define OUTSIDE_C -10.0
#define SUPPLY_C 80.0
#define VALVE_HALF 0.5
#define GAIN_PER_H ((START_C - OUTSIDE_C) / TAU_H / (VALVE_HALF * (SUPPLY_C - START_C)))
#define SUPPLY_TAU_H 0.5
#define SUPPLY_LOSS_H 6.0
#define DROP_FULL 0.6 /* part of Ts − Tin that the water leaves at full valve */
#define SECONDS_PER_HOUR 3600.0

enum { TIN, HOSPITAL, SUPPLY, INTEGRAL1, INTEGRAL2, STATES };
enum { IN_VALVE, IN_HOSPITAL, IN_PUMP, IN_SUPPLY, IN_SP, IN_OUTSIDE, IN_BOILER, INPUTS };
enum { T_IN, T_HOSPITAL, T_SUPPLY, T_RETURN, VALVE, VALVE2, FLOW, T_OUT, HEAT, TAGS };

static const struct yw_plant_tag tags[TAGS] = {
    [T_IN] = {"tin_c",
              "°C",
              {"住宅室温", "Dwellings"},
              -60,
              120,
              0.05,
              YW_IR_FROM(0, 0.01, 10000),
              1 + TIN,
              0},
    [T_HOSPITAL] = {"hospital_c",
                    "°C",
                    {"医院室温", "Hospital"},
                    -60,
                    120,
                    0.05,
                    YW_IR_FROM(1, 0.01, 10000),
                    1 + HOSPITAL,
                    0},
    [T_SUPPLY] = {"supply_c",
                  "°C",
                  {"供水温度", "Supply temperature"},
                  -60,
                  130,
                  0.1,
                  YW_IR_FROM(2, 0.01, 10000),
                  1 + SUPPLY,
                  0},
    [T_RETURN] = {"return_c",
                  "°C",
                  {"回水温度", "Return temperature"},
                  -60,
                  130,
                  0.1,
                  YW_IR_FROM(3, 0.01, 10000),
                  0,
                  0},
    [VALVE] = {"valve",
               "",
               {"住宅阀位", "Valve of the dwellings"},
               0,
               1,
               0,
               YW_IR(4, 0.001),
               0,
               0},
    [VALVE2] = {"valve_hospital",
                "",
                {"医院阀位", "Valve of the hospital"},
                0,
                1,
                0,
                YW_IR(5, 0.001),
                0,
                0},
    [FLOW] =
        {"pump", "", {"循环泵转速", "Circulation pump"}, 0, 1, 0, YW_IR(6, 0.001), 0, 0},
    [T_OUT] = {"outside_c",
               "°C",
               {"室外温度", "Outside"},
               -50,
               45,
               0.05,
               YW_IR_FROM(7, 0.01, 10000),
               0,
               0},
    [HEAT] = {"heat_k_h",
              "K/h",
              {"供热量", "Heat to the dwellings"},
              0,
              5,
              0,
              YW_NO_POINT,
              0,
              0},
};

static const struct yw_plant_input inputs[INPUTS] = {
    [IN_VALVE] = {"valve_cmd",
                  "",
                  {"住宅阀指令", "Valve of the dwellings"},
                  0,
                  1,
                  VALVE_HALF,
                  YW_PLANT_WIRED,
                  VALVE_HALF,
                  YW_HR(10, 0.001)},
    [IN_HOSPITAL] = {"hospital_cmd",
                     "",
                     {"医院阀指令", "Valve of the hospital"},
                     0,
                     1,
                     VALVE_HALF,
                     YW_PLANT_WIRED,
                     VALVE_HALF,
                     YW_HR(11, 0.001)},
    [IN_PUMP] = {"pump_cmd",
                 "",
                 {"循环泵", "Circulation pump"},
                 0,
                 1,
                 1,
                 YW_PLANT_WIRED,
                 0,
                 YW_HR(12, 0.001)},
    [IN_SUPPLY] = {"sp_supply",
                   "°C",
                   {"供水温度设定", "Supply set-point"},
                   0,
                   130,
                   SUPPLY_C,
                   YW_PLANT_WIRED,
                   0,
                   YW_HR(0, 0.1)},
    [IN_SP] = {"sp_room",
               "°C",
               {"室温设定", "Room set-point"},
               5,
               30,
               START_C,
               YW_PLANT_SETTING,
               0,
               YW_HR(1, 0.1)},
    [IN_OUTSIDE] = {"outside",
                    "°C",
                    {"室外温度", "Outside temperature"},
                    -50,
                    45,
                    OUTSIDE_C,
                    YW_PLANT_WORLD,
                    0,
                    YW_NO_POINT},
    [IN_BOILER] = {"boiler_on",
                   "",
                   {"热源可用", "Boiler runs"},
                   0,
                   1,
                   1,
                   YW_PLANT_WORLD,
                   0,
                   YW_NO_POINT},
};

static const struct yw_plant_limit limits[] = {
    {T_IN, false, 18, 1, {"室温低于标准", "below the indoor standard"}},
    {T_IN, false, 16, 2, {"供热不合格", "supply out of contract"}},
    {T_IN, false, 12, 3, {"停热", "heating lost"}},
    {T_IN, false, 0, 4, {"管网冻裂", "pipes freeze"}},
    {T_HOSPITAL, false, 16, 5, {"医院失温", "hospital too cold"}},
    {T_IN, true, 28, 2, {"室温过高", "too warm"}},
    {T_SUPPLY, true, 95, 1, {"供水温度高", "supply high"}},
    {T_SUPPLY, true, 100, 4, {"管网汽化", "water boils in the net"}},
    {T_SUPPLY, false, 45, 2, {"供水温度低", "supply low"}},
};

static double heat(const double *state, const double *in, double valve, double room)
{
    double warmer = state[SUPPLY] - room;

    return warmer > 0 ? GAIN_PER_H * valve * in[IN_PUMP] * warmer : 0;
}

static void start(double *state)
{
    state[TIN] = state[HOSPITAL] = START_C;
    state[SUPPLY] = SUPPLY_C;
    state[INTEGRAL1] = state[INTEGRAL2] = 0;
}

static void step(double *state, const double *in, double step_s)
{
    double h = step_s / SECONDS_PER_HOUR;
    double q1 = heat(state, in, in[IN_VALVE], state[TIN]);
    double q2 = heat(state, in, in[IN_HOSPITAL], state[HOSPITAL]);
    double to = yw_is_on(in[IN_BOILER]) ? in[IN_SUPPLY] : in[IN_OUTSIDE];
    double tau = to < state[SUPPLY] ? SUPPLY_LOSS_H : SUPPLY_TAU_H;

    state[TIN] =
        yw_clamp(state[TIN] + h * ((in[IN_OUTSIDE] - state[TIN]) / TAU_H + q1), -60, 120);
    state[HOSPITAL] =
        yw_clamp(state[HOSPITAL] + h * ((in[IN_OUTSIDE] - state[HOSPITAL]) / TAU_H + q2),
                 -60, 120);
    state[SUPPLY] = yw_clamp(state[SUPPLY] + h * (to - state[SUPPLY]) / tau, -60, 130);
}

static void tags_of(const double *state, const double *in, double *truth)
{
    double warmer = state[SUPPLY] > state[TIN] ? state[SUPPLY] - state[TIN] : 0;

    truth[T_IN] = state[TIN];
    truth[T_HOSPITAL] = state[HOSPITAL];
    truth[T_SUPPLY] = state[SUPPLY];
    truth[T_RETURN] = state[SUPPLY] - DROP_FULL * in[IN_VALVE] * warmer;
    truth[VALVE] = in[IN_VALVE];
    truth[VALVE2] = in[IN_HOSPITAL];
    truth[FLOW] = in[IN_PUMP];
    truth[T_OUT] = in[IN_OUTSIDE];
    truth[HEAT] = heat(state, in, in[IN_VALVE], state[TIN]);
}

static double room_valve(double *integral, double miss, double weather, double hours)
{
    *integral = yw_clamp(*integral + 0.02 * miss * hours, -0.3, 0.3);
    return weather + 0.1 * miss + *integral;
}

/* Weather compensation over the room loops, as a station's controller does. */
static void control(double *state, const double *sensed, double *in, double s)
{
    double hours = s / SECONDS_PER_HOUR;
    double above = yw_clamp(sensed[T_SUPPLY] - in[IN_SP], 5, 130);
    double weather = (in[IN_SP] - sensed[T_OUT]) / TAU_H / (GAIN_PER_H * above);

    in[IN_VALVE] =
        room_valve(&state[INTEGRAL1], in[IN_SP] - sensed[T_IN], weather, hours);
    in[IN_HOSPITAL] =
        room_valve(&state[INTEGRAL2], in[IN_SP] - sensed[T_HOSPITAL], weather, hours);
    in[IN_PUMP] = 1;
    in[IN_SUPPLY] = yw_clamp(SUPPLY_C + 1.2 * (OUTSIDE_C - sensed[T_OUT]), 50, 95);
}

const struct yw_plant_model yw_plant_district_heating = {
    .name = "district-heating",
    .title = {"集中供热", "District heating"},
    .sector = "heating",
    .step_s = 60,
    .tags = tags,
    .tag_count = TAGS,
    .inputs = inputs,
    .input_count = INPUTS,
    .limits = limits,
    .limit_count = sizeof limits / sizeof limits[0],
    .state_count = STATES,
    .product_tag = T_IN,
    .product_nominal = 18,
    .start = start,
    .step = step,
    .tags_of = tags_of,
    .control = control,
};
