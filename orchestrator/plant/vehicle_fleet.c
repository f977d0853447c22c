/* Connected vehicles: sixteen battery cars and what their back-end may order. Design
 * choice throughout.
 *
 *   m·dv/dt = F − ½·ρ·CdA·v² − Crr·m·g     m 1500 kg, CdA 0.66 m², Crr 0.015
 *   SOC: 60 kWh; driving F·v/0.9, braking gives 60 % back; standing, 150 kW of charge
 *
 * Each car drives the same ten minutes (town, road, motorway, then the charger), shifted
 * against the next, and no faster than its back-end lets it; held at a limit of nothing it is
 * lost to the fleet. An immobiliser cuts the torque: at a stand it is theft protection, in
 * motion an unsafe command, as is a door unlocked in motion. */
#include "plant/models.h"
#include "plant/number.h"

#define CARS 16
#define MASS_KG 1500.0
#define DRAG (0.5 * 1.2 * 0.66)
#define ROLLING_N (0.015 * MASS_KG * 9.81)
#define FORCE_MAX_N 4500.0
#define BRAKE_MAX_N 6000.0
#define DRIVER_PER_S 0.5
#define BATTERY_J (60 * 3.6e6)
#define DRIVE_EFFICIENCY 0.9
#define RECUPERATION 0.6
#define CHARGER_W 150e3
#define CHARGED 0.9
#define EMPTY 0.005
#define CYCLE_S 600.0
#define SHIFT_S 37.0
#define MOVING_M_S 1.0
#define LIMIT_MAX_M_S 60 /* none */

/* clang-format off */
#define EACH_CAR(X) X(0, "01") X(1, "02") X(2, "03") X(3, "04") X(4, "05") X(5, "06")    \
    X(6, "07") X(7, "08") X(8, "09") X(9, "10") X(10, "11") X(11, "12") X(12, "13")      \
    X(13, "14") X(14, "15") X(15, "16")
/* clang-format on */

enum { SPEED, SOC = CARS, TIME_S = 2 * CARS, STATES };
enum {
    IN_IMMOBILISE,
    IN_UNLOCK = CARS,
    IN_LIMIT = 2 * CARS,
    IN_RECORDS = 3 * CARS,
    IN_TRAFFIC,
    INPUTS
};
enum {
    V,
    CHARGE = CARS,
    IMMOBILISED = 2 * CARS,
    UNSAFE,
    AVAILABLE,
    MEAN_SOC,
    RECORDS,
    TAGS
};

static const struct yw_plant_tag tags[TAGS] = {
#define X(i, n)                                                                          \
    [V + (i)] = {"speed_" n,                                                             \
                 "m/s",                                                                  \
                 {"车辆 " n " 车速", "Speed of car " n},                                 \
                 0,                                                                      \
                 60,                                                                     \
                 0.05,                                                                   \
                 YW_IR(i, 0.01),                                                         \
                 1 + SPEED + (i),                                                        \
                 0},
    EACH_CAR(X)
#undef X
#define X(i, n)                                                                          \
    [CHARGE + (i)] = {"soc_" n,                                                          \
                      "",                                                                \
                      {"车辆 " n " 电量", "Charge of car " n},                           \
                      0,                                                                 \
                      1,                                                                 \
                      0.001,                                                             \
                      YW_IR(CARS + (i), 0.0001),                                         \
                      1 + SOC + (i),                                                     \
                      0},
        EACH_CAR(X)
#undef X
            [IMMOBILISED] = {"immobilised_pct",
                             "%",
                             {"被锁车辆比例", "Share immobilised"},
                             0,
                             100,
                             0,
                             YW_IR(32, 0.01),
                             0,
                             0},
    [UNSAFE] = {"unsafe_cars",
                "",
                {"行驶中受危险指令的车辆", "Cars ordered unsafely"},
                0,
                CARS,
                0,
                YW_IR(33, 1),
                0,
                0},
    [AVAILABLE] = {"available_pct",
                   "%",
                   {"可用率", "Availability"},
                   0,
                   100,
                   0,
                   YW_IR(34, 0.01),
                   0,
                   0},
    [MEAN_SOC] = {"mean_soc",
                  "",
                  {"平均电量", "Mean charge"},
                  0,
                  1,
                  0.0005,
                  YW_IR(35, 0.0001),
                  0,
                  0},
    [RECORDS] = {"records_out",
                 "",
                 {"外泄记录数", "Records leaked"},
                 0,
                 1e7,
                 0,
                 YW_NO_POINT,
                 0,
                 0},
};

static const struct yw_plant_input inputs[INPUTS] = {
#define X(i, n)                                                                          \
    [IN_IMMOBILISE + (i)] = {"immobilise_" n,                                            \
                             "",                                                         \
                             {"锁止车辆 " n, "Immobilise car " n},                       \
                             0,                                                          \
                             1,                                                          \
                             0,                                                          \
                             YW_PLANT_WIRED,                                             \
                             0,                                                          \
                             YW_COIL(i)},
    EACH_CAR(X)
#undef X
#define X(i, n)                                                                          \
    [IN_UNLOCK + (i)] = {"unlock_" n,                                                    \
                         "",                                                             \
                         {"解锁车门 " n, "Unlock car " n},                               \
                         0,                                                              \
                         1,                                                              \
                         0,                                                              \
                         YW_PLANT_WIRED,                                                 \
                         0,                                                              \
                         YW_COIL(CARS + (i))},
        EACH_CAR(X)
#undef X
#define X(i, n)                                                                          \
    [IN_LIMIT + (i)] = {"limit_" n,                                                      \
                        "m/s",                                                           \
                        {"车辆 " n " 限速", "Speed limit of car " n},                    \
                        0,                                                               \
                        LIMIT_MAX_M_S,                                                   \
                        LIMIT_MAX_M_S,                                                   \
                        YW_PLANT_WIRED,                                                  \
                        0,                                                               \
                        YW_HR(i, 0.01)},
            EACH_CAR(X)
#undef X
                [IN_RECORDS] = {"records",
                                "",
                                {"外发记录数", "Records sent out"},
                                0,
                                1e7,
                                0,
                                YW_PLANT_WIRED,
                                0,
                                YW_NO_POINT},
    [IN_TRAFFIC] = {"traffic",
                    "",
                    {"通行速度系数", "Speed of traffic"},
                    0,
                    1.2,
                    1,
                    YW_PLANT_WORLD,
                    0,
                    YW_NO_POINT},
};

static const struct yw_plant_limit limits[] = {
    {IMMOBILISED, true, 1, 1, {"有车辆被锁", "a car is immobilised"}},
    {IMMOBILISED, true, 20, 2, {"五分之一车辆被锁", "a fifth immobilised"}},
    {AVAILABLE, false, 50, 3, {"一半车队停运", "half the fleet lost"}},
    {RECORDS, true, 0.5, 2, {"隐私泄露", "privacy leak"}},
    {MEAN_SOC, false, 0.15, 2, {"车队亏电", "fleet runs flat"}},
    {UNSAFE, true, 0.5, 5, {"行驶中危险指令", "unsafe command in motion"}},
};

static double wanted_m_s(double time_s, int car)
{
    double at = time_s + car * SHIFT_S;

    at -= CYCLE_S * (double)(int64_t)(at / CYCLE_S);
    return at < 120   ? 13.9
           : at < 150 ? 0
           : at < 330 ? 22.2
           : at < 360 ? 0
           : at < 540 ? 33.3
                      : 0;
}

static void start(double *state)
{
    for (int i = 0; i < CARS; i++) {
        state[SPEED + i] = wanted_m_s(0, i);
        state[SOC + i] = 0.5 + 0.02 * i;
    }
    state[TIME_S] = 0;
}

static void drive(double *speed, double *soc, double wanted, bool cut, double s)
{
    double v = *speed;
    double force = yw_clamp(MASS_KG * DRIVER_PER_S * (wanted - v), -BRAKE_MAX_N,
                            *soc > EMPTY ? FORCE_MAX_N : 0);
    double watts;

    if (cut)
        force = 0;
    if (v <= 0 && force <= 0) {
        watts = wanted <= 0 && *soc < CHARGED ? -CHARGER_W : 0;
    } else {
        *speed = yw_clamp(v + s / MASS_KG * (force - DRAG * v * v - ROLLING_N), 0, 60);
        watts = force > 0 ? force * v / DRIVE_EFFICIENCY : force * v * RECUPERATION;
    }
    *soc = yw_clamp(*soc - watts * s / BATTERY_J, 0, 1);
}

static void step(double *state, const double *in, double s)
{
    for (int i = 0; i < CARS; i++) {
        double wanted =
            yw_clamp(in[IN_TRAFFIC] * wanted_m_s(state[TIME_S], i), 0, in[IN_LIMIT + i]);

        drive(&state[SPEED + i], &state[SOC + i], wanted < 0.1 ? 0 : wanted,
              yw_is_on(in[IN_IMMOBILISE + i]), s);
    }
    state[TIME_S] += s;
    if (state[TIME_S] >= 1e6 * CYCLE_S)
        state[TIME_S] -= 1e6 * CYCLE_S;
}

static void tags_of(const double *state, const double *in, double *truth)
{
    int locked = 0, unsafe = 0, available = 0;
    double charge = 0;

    for (int i = 0; i < CARS; i++) {
        bool cut = yw_is_on(in[IN_IMMOBILISE + i]);
        bool moves = state[SPEED + i] > MOVING_M_S;

        truth[V + i] = state[SPEED + i];
        truth[CHARGE + i] = state[SOC + i];
        locked += cut;
        unsafe += moves && (cut || yw_is_on(in[IN_UNLOCK + i]));
        available += !cut && state[SOC + i] > 0.02 && in[IN_LIMIT + i] > MOVING_M_S;
        charge += state[SOC + i];
    }
    truth[IMMOBILISED] = 100.0 * locked / CARS;
    truth[UNSAFE] = unsafe;
    truth[AVAILABLE] = 100.0 * available / CARS;
    truth[MEAN_SOC] = yw_clamp(charge / CARS, 0, 1);
    truth[RECORDS] = in[IN_RECORDS];
}

const struct yw_plant_model yw_plant_vehicle_fleet = {
    .name = "vehicle-fleet",
    .title = {"车联网车队", "Connected vehicles"},
    .sector = "vehicles",
    .step_s = 0.1,
    .scan_steps = 10,
    .tags = tags,
    .tag_count = TAGS,
    .inputs = inputs,
    .input_count = INPUTS,
    .limits = limits,
    .limit_count = sizeof limits / sizeof limits[0],
    .state_count = STATES,
    .product_tag = AVAILABLE,
    .product_nominal = 100,
    .start = start,
    .step = step,
    .tags_of = tags_of,
};
