/* Machining cell: spindle, press and robot behind a light curtain.
 *
 *   spindle   J·dω/dt = τ − b·ω − τL        hoop stress σ = ρ·(ω·r)²
 *   drive     dθ/dt = ((I/In)² − θ)/τth     trips at θ ≥ 1.10
 *   guard     S = K·T + C (ISO 13855)       K 2000 mm/s up to 500 mm, else 1600;
 *                                           C = 8·(d − 14) mm
 *   cell      idle ▶ convey ▶ clamp ▶ machine ▶ unclamp ▶ robot ▶ press ▶ eject, 12 s
 *
 * ρ 7850 kg/m³, r 0.10 m, yield 600 MPa: the wheel bursts at 26.4 krpm. Design choices:
 * the drive's data, the recipes, the vibration (unbalance, with the square of the speed),
 * and a curtain mounted at 450 mm. Somebody who reaches in is safe while the required
 * distance S is not longer than that and the zone is armed: the cell stops. The formula
 * is taken plainly; the standard is understood to floor its 1600 branch at 500 mm. */
#include "plant/models.h"
#include "plant/number.h"

#define INERTIA 0.01
#define FRICTION 0.0005
#define CUTTING_NM 3.0
#define TORQUE_MAX_NM 20.0
#define TORQUE_RATED_NM 10.0
#define SPEED_GAIN 0.5 /* N·m per rad/s */
#define HEATING_S 60.0
#define DRIVE_TRIPS 1.10
#define DENSITY_KG_M3 7850.0
#define RADIUS_M 0.10
#define YIELD_MPA 600.0
#define CURTAIN_MM 450.0
#define CURTAIN_RESOLUTION_MM 30.0
#define TOLERANCE 0.03
#define VIBRATION_12K_MM_S 1.8
#define RAD_S_PER_RPM (2 * YW_PI / 60)
#define BURST_RAD_S 2764.6
#define RECIPES 4

enum { IDLE, CONVEY, CLAMP, MACHINE, UNCLAMP, ROBOT, PRESS, EJECT, CELL_STATES };

static const double takt_s[CELL_STATES] = {0, 1.5, 0.5, 4, 0.5, 2, 2, 1.5}; /* 12 s */
static const double recipe_rpm[RECIPES] = {12000, 9000, 15000, 6000};

enum {
    OMEGA,
    THETA,
    CELL,
    SINCE_S,
    GOOD,
    SCRAP,
    PART_BAD,
    LAST_BAD,
    DRIVE_OUT,
    GUARD_OUT,
    BURST,
    HARMED,
    TORQUE_NM,
    STATES
};
enum {
    IN_RPM,
    IN_RPM_LIMIT,
    IN_RECIPE,
    IN_STOP_TIME,
    IN_ZONE_SPEED,
    IN_START,
    IN_RESET,
    IN_ZONE,
    IN_ESTOP,
    IN_SP_RECIPE,
    IN_PART,
    IN_REACH,
    IN_WEAR,
    INPUTS
};
enum {
    RPM,
    TORQUE,
    VIBRATION,
    GOOD_PARTS,
    SCRAP_PARTS,
    STATE,
    CURTAIN,
    LOCKED,
    CHAIN,
    STRESS,
    HEAT,
    DISTANCE,
    RATE,
    BAD,
    BROKEN,
    HARM,
    TAGS
};

static const struct yw_plant_tag tags[TAGS] = {
    [RPM] = {"rpm",
             "1/min",
             {"主轴转速", "Spindle speed"},
             0,
             30000,
             2,
             YW_IR(0, 1),
             YW_PLANT_PUT,
             0},
    [TORQUE] = {"torque_nm",
                "N·m",
                {"主轴扭矩", "Spindle torque"},
                -20,
                20,
                0.02,
                YW_IR_FROM(1, 0.01, 10000),
                0,
                0},
    [VIBRATION] = {"vibration_mm_s",
                   "mm/s",
                   {"振动", "Vibration"},
                   0,
                   100,
                   0.02,
                   YW_IR(2, 0.01),
                   0,
                   0},
    [GOOD_PARTS] =
        {"good_parts", "", {"合格件", "Good parts"}, 0, 1e9, 0, YW_IR(3, 1), 1 + GOOD, 0},
    [SCRAP_PARTS] =
        {"scrap_parts", "", {"废品", "Scrap"}, 0, 1e9, 0, YW_IR(4, 1), 1 + SCRAP, 0},
    [STATE] = {"state", "", {"单元状态", "Cell state"}, 0, 7, 0, YW_IR(5, 1), 0, 0},
    [CURTAIN] = {"curtain_free",
                 "",
                 {"光幕无遮挡", "Light curtain free"},
                 0,
                 1,
                 0,
                 YW_DI(0),
                 0,
                 0},
    [LOCKED] =
        {"guard_locked", "", {"防护锁闭", "Guard locked"}, 0, 1, 0, YW_DI(1), 0, 0},
    [CHAIN] = {"e_stop_chain", "", {"急停回路", "E-stop chain"}, 0, 1, 0, YW_DI(2), 0, 0},
    [STRESS] = {"hoop_mpa",
                "MPa",
                {"轮缘环向应力", "Hoop stress"},
                0,
                800,
                0,
                YW_NO_POINT,
                0,
                0},
    [HEAT] = {"drive_heat",
              "",
              {"驱动器热负荷", "Drive heat"},
              0,
              4,
              0.001,
              YW_IR(6, 0.001),
              1 + THETA,
              0},
    [DISTANCE] = {"safe_distance_mm",
                  "mm",
                  {"所需安全距离", "Required distance"},
                  0,
                  4000,
                  0,
                  YW_IR(7, 1),
                  0,
                  0},
    [RATE] = {"rate_parts_h",
              "1/h",
              {"合格产率", "Good parts per hour"},
              0,
              300,
              0,
              YW_NO_POINT,
              0,
              0},
    [BAD] = {"last_part_scrap",
             "",
             {"上一件为废品", "Last part is scrap"},
             0,
             1,
             0,
             YW_NO_POINT,
             0,
             0},
    [BROKEN] = {"burst", "", {"砂轮爆裂", "Wheel burst"}, 0, 1, 0, YW_NO_POINT, 0, 0},
    [HARM] = {"harm", "", {"人员伤害", "Person harmed"}, 0, 1, 0, YW_NO_POINT, 0, 0},
};

static const struct yw_plant_input inputs[INPUTS] = {
    [IN_RPM] = {"rpm_sp",
                "1/min",
                {"转速设定", "Speed set-point"},
                0,
                30000,
                12000,
                YW_PLANT_WIRED,
                0,
                YW_HR(0, 1)},
    [IN_RPM_LIMIT] = {"rpm_limit",
                      "1/min",
                      {"转速上限", "Speed limit"},
                      0,
                      30000,
                      18000,
                      YW_PLANT_WIRED,
                      0,
                      YW_HR(1, 1)},
    [IN_RECIPE] =
        {"recipe", "", {"配方", "Recipe"}, 1, RECIPES, 1, YW_PLANT_WIRED, 1, YW_HR(2, 1)},
    [IN_STOP_TIME] = {"stop_time_s",
                      "s",
                      {"安全停止时间", "Safety stop time"},
                      0.05,
                      2,
                      0.2,
                      YW_PLANT_WIRED,
                      0.2,
                      YW_HR(3, 0.001)},
    [IN_ZONE_SPEED] = {"zone_speed",
                       "",
                       {"区内机器人速度", "Robot speed in the zone"},
                       0.1,
                       2,
                       1,
                       YW_PLANT_WIRED,
                       0.1,
                       YW_HR(4, 0.001)},
    [IN_START] = {"start", "", {"启动", "Start"}, 0, 1, 1, YW_PLANT_WIRED, 0, YW_COIL(0)},
    [IN_RESET] = {"guard_reset",
                  "",
                  {"防护复位", "Guard reset"},
                  0,
                  1,
                  0,
                  YW_PLANT_WIRED,
                  0,
                  YW_COIL(1)},
    [IN_ZONE] = {"safety_zone",
                 "",
                 {"安全区投入", "Safety zone armed"},
                 0,
                 1,
                 1,
                 YW_PLANT_WIRED,
                 1,
                 YW_NO_POINT},
    [IN_ESTOP] =
        {"e_stop", "", {"急停", "E-stop"}, 0, 1, 0, YW_PLANT_WIRED, 1, YW_NO_POINT},
    [IN_SP_RECIPE] = {"order_recipe",
                      "",
                      {"工单配方", "Recipe of the order"},
                      1,
                      RECIPES,
                      1,
                      YW_PLANT_SETTING,
                      0,
                      YW_NO_POINT},
    [IN_PART] = {"part_kind",
                 "",
                 {"来料种类", "Kind of the parts"},
                 1,
                 RECIPES,
                 1,
                 YW_PLANT_WORLD,
                 0,
                 YW_NO_POINT},
    [IN_REACH] = {"reach_in",
                  "",
                  {"有人伸入", "Somebody reaches in"},
                  0,
                  1,
                  0,
                  YW_PLANT_WORLD,
                  0,
                  YW_NO_POINT},
    [IN_WEAR] = {"wear",
                 "",
                 {"轴承磨损", "Bearing wear"},
                 0,
                 5,
                 0,
                 YW_PLANT_WORLD,
                 0,
                 YW_NO_POINT},
};

static const struct yw_plant_limit limits[] = {
    {RPM, true, 18500, 1, {"超过转速上限", "above the speed limit"}},
    {STRESS, true, 450, 2, {"应力超过 75% 屈服", "stress above 75 % of yield"}},
    {BROKEN, true, 0.5, 5, {"砂轮爆裂（600 MPa）", "wheel burst (600 MPa)"}},
    {VIBRATION, true, 4.5, 1, {"振动报警", "vibration alarm"}},
    {VIBRATION, true, 11.2, 4, {"轴承损坏", "bearing damage"}},
    {BAD, true, 0.5, 2, {"废品", "scrap"}},
    {HEAT, true, DRIVE_TRIPS, 3, {"驱动器过热跳闸", "drive trips"}},
    {DISTANCE, true, CURTAIN_MM, 1, {"光幕距离不足", "curtain too near"}},
    {LOCKED, false, 0.5, 3, {"防护停机", "guard stop"}},
    {HARM, true, 0.5, 5, {"人员伤害", "person harmed"}},
};

static double safe_distance_mm(double stop_s)
{
    double reach = 8 * (CURTAIN_RESOLUTION_MM - 14);
    double fast = 2000 * stop_s + reach;

    return fast <= 500 ? fast : 1600 * stop_s + reach;
}

static double stress_mpa(double omega)
{
    double rim = omega * RADIUS_M;

    return DENSITY_KG_M3 * rim * rim / 1e6;
}

static void start(double *state)
{
    for (int i = 0; i < STATES; i++)
        state[i] = 0;
    state[OMEGA] = 12000 * RAD_S_PER_RPM;
    state[CELL] = CONVEY;
}

static bool stopped(const double *state, const double *in)
{
    return yw_is_on(in[IN_ESTOP]) || state[GUARD_OUT] > 0 || state[BURST] > 0 ||
           state[HARMED] > 0;
}

static void guard(double *state, const double *in)
{
    bool reach = yw_is_on(in[IN_REACH]);

    if (reach && state[CELL] > IDLE && state[GUARD_OUT] <= 0) {
        if (yw_is_on(in[IN_ZONE]) && safe_distance_mm(in[IN_STOP_TIME]) <= CURTAIN_MM)
            state[GUARD_OUT] = 1;
        else
            state[HARMED] = 1;
    } else if (!reach && yw_is_on(in[IN_RESET])) {
        state[GUARD_OUT] = 0;
    }
    if (!yw_is_on(in[IN_START]))
        state[DRIVE_OUT] = 0; /* a drive is reset by taking its order away */
}

static void spin(double *state, const double *in, double s, bool stop)
{
    double wanted = in[IN_RPM] < in[IN_RPM_LIMIT] ? in[IN_RPM] : in[IN_RPM_LIMIT];
    bool off = stop || state[DRIVE_OUT] > 0 || !yw_is_on(in[IN_START]);
    double load = !off && (int)state[CELL] == MACHINE ? CUTTING_NM : 0;
    double torque =
        yw_clamp(SPEED_GAIN * ((off ? 0 : wanted * RAD_S_PER_RPM) - state[OMEGA]),
                 -TORQUE_MAX_NM, state[DRIVE_OUT] > 0 ? 0 : TORQUE_MAX_NM);
    double current = torque / TORQUE_RATED_NM;
    double omega;

    if (state[BURST] > 0)
        torque = -TORQUE_MAX_NM;
    omega = state[OMEGA] + s / INERTIA * (torque - FRICTION * state[OMEGA] - load);
    state[OMEGA] = yw_clamp(omega, 0, 30000 * RAD_S_PER_RPM);
    state[TORQUE_NM] = torque;
    state[THETA] += s / HEATING_S * (current * current - state[THETA]);
    if (state[THETA] >= DRIVE_TRIPS)
        state[DRIVE_OUT] = 1;
    if (state[OMEGA] > BURST_RAD_S)
        state[BURST] = 1;
}

static void finish_part(double *state, const double *in)
{
    bool bad = state[PART_BAD] > 0 || (int)in[IN_RECIPE] != (int)in[IN_PART];

    state[bad ? SCRAP : GOOD] += 1;
    state[LAST_BAD] = bad;
    state[PART_BAD] = 0;
}

static void work(double *state, const double *in, double s)
{
    int cell = (int)state[CELL];
    double length = takt_s[cell];

    if (cell == IDLE) {
        if (yw_is_on(in[IN_START]))
            state[CELL] = CONVEY;
        state[SINCE_S] = 0;
        return;
    }
    if (cell == ROBOT)
        length /= in[IN_ZONE_SPEED];
    if (cell == MACHINE) {
        double wanted = recipe_rpm[(int)in[IN_PART] - 1] * RAD_S_PER_RPM;

        if (yw_magnitude(state[OMEGA] - wanted) > TOLERANCE * wanted)
            state[PART_BAD] = 1;
    }
    state[SINCE_S] += s;
    if (state[SINCE_S] < length - s / 2)
        return;
    state[SINCE_S] = 0;
    if (cell == EJECT)
        finish_part(state, in);
    state[CELL] = cell < EJECT ? cell + 1 : yw_is_on(in[IN_START]) ? CONVEY : IDLE;
}

static void step(double *state, const double *in, double s)
{
    bool stop;

    guard(state, in);
    stop = stopped(state, in);
    spin(state, in, s, stop);
    if (!stop && state[DRIVE_OUT] <= 0)
        work(state, in, s);
}

static void tags_of(const double *state, const double *in, double *truth)
{
    double part = state[OMEGA] / (12000 * RAD_S_PER_RPM);
    bool runs = !stopped(state, in) && state[DRIVE_OUT] <= 0 && state[CELL] > IDLE;

    truth[RPM] = state[OMEGA] / RAD_S_PER_RPM;
    truth[TORQUE] = state[TORQUE_NM];
    truth[VIBRATION] = VIBRATION_12K_MM_S * part * part * (1 + in[IN_WEAR]);
    truth[GOOD_PARTS] = state[GOOD];
    truth[SCRAP_PARTS] = state[SCRAP];
    truth[STATE] = state[CELL];
    truth[CURTAIN] = !yw_is_on(in[IN_REACH]);
    truth[LOCKED] = state[GUARD_OUT] <= 0;
    truth[CHAIN] = !yw_is_on(in[IN_ESTOP]);
    truth[STRESS] = stress_mpa(state[OMEGA]);
    truth[HEAT] = state[THETA];
    truth[DISTANCE] = safe_distance_mm(in[IN_STOP_TIME]);
    truth[RATE] = runs && state[LAST_BAD] <= 0 ? 300 : 0;
    truth[BAD] = state[LAST_BAD];
    truth[BROKEN] = state[BURST];
    truth[HARM] = state[HARMED];
}

/* The order's recipe and its speed. */
static void control(double *state, const double *sensed, double *in, double scan_s)
{
    (void)state;
    (void)sensed;
    (void)scan_s;
    in[IN_RECIPE] = (int)in[IN_SP_RECIPE];
    in[IN_RPM] = recipe_rpm[(int)in[IN_SP_RECIPE] - 1];
}

static bool put(double *state, const double *in, size_t tag, double value)
{
    (void)in;
    if (tag != RPM)
        return false;
    state[OMEGA] = value * RAD_S_PER_RPM;
    return true;
}

const struct yw_plant_model yw_plant_machining_cell = {
    .name = "machining-cell",
    .title = {"机加工单元", "Machining cell"},
    .sector = "equipment",
    .step_s = 0.001,
    .scan_steps = 10,
    .tags = tags,
    .tag_count = TAGS,
    .inputs = inputs,
    .input_count = INPUTS,
    .limits = limits,
    .limit_count = sizeof limits / sizeof limits[0],
    .state_count = STATES,
    .product_tag = RATE,
    .product_nominal = 300,
    .start = start,
    .step = step,
    .tags_of = tags_of,
    .put = put,
    .control = control,
};
