/* The quadruple tank: K. H. Johansson, "The quadruple-tank process", IEEE Trans. Control
 * Systems Technology 8 (2000), in its minimum-phase setting. cm, s, V.
 *
 *   [ 3 ]   [ 4 ]      pump 1 feeds 1 and 4, pump 2 feeds 2 and 3
 *     ▼       ▼
 *   [ 1 ]   [ 2 ]      A1·h1' = −a1·√(2g·h1) + a3·√(2g·h3) + γ1·k1·v1   (2 alike)
 *     ▼       ▼        A3·h3' = −a3·√(2g·h3) + (1 − γ2)·k2·v2           (4 alike)
 *
 * The published rest 12.4, 12.7, 1.8, 1.4 cm is measured; the rounded parameters rest at
 * 12.26, 12.78, 1.63, 1.41, where this starts. A tank holds 20 cm, more spills. The loops
 * are the paper's decentralised PI controllers (0.5 V per cm). Marks are design
 * choices. */
#include "plant/models.h"
#include "plant/number.h"

#define GRAVITY 981.0
#define FULL_CM 20.0
#define K1 3.33
#define K2 3.35
#define GAMMA1 0.70
#define GAMMA2 0.60
#define VOLT_PER_CM 0.5

static const double area[4] = {28, 32, 28, 32};
static const double hole[4] = {0.071, 0.057, 0.071, 0.057};

enum { H1, H2, H3, H4, SPILT, INTEGRAL1, INTEGRAL2, STATES };
enum { IN_V1, IN_V2, IN_SP1, IN_SP2, IN_LEAK, INPUTS };
enum { L1, L2, L3, L4, V1, V2, OUT, SPILT_TAG, TAGS };

static const struct yw_plant_tag tags[TAGS] = {
    [L1] = {"h1_cm",
            "cm",
            {"1 号水箱液位", "Tank 1 level"},
            0,
            FULL_CM,
            0.02,
            YW_IR(0, 0.01),
            1 + H1,
            1 + IN_LEAK},
    [L2] = {"h2_cm",
            "cm",
            {"2 号水箱液位", "Tank 2 level"},
            0,
            FULL_CM,
            0.02,
            YW_IR(1, 0.01),
            1 + H2,
            0},
    [L3] = {"h3_cm",
            "cm",
            {"3 号水箱液位", "Tank 3 level"},
            0,
            FULL_CM,
            0.02,
            YW_IR(2, 0.01),
            1 + H3,
            0},
    [L4] = {"h4_cm",
            "cm",
            {"4 号水箱液位", "Tank 4 level"},
            0,
            FULL_CM,
            0.02,
            YW_IR(3, 0.01),
            1 + H4,
            0},
    [V1] = {"v1_v", "V", {"1 号泵电压", "Pump 1"}, 0, 10, 0, YW_IR(4, 0.001), 0, 0},
    [V2] = {"v2_v", "V", {"2 号泵电压", "Pump 2"}, 0, 10, 0, YW_IR(5, 0.001), 0, 0},
    [OUT] =
        {"out_cm3_s", "cm³/s", {"总出流", "Outflow"}, 0, 100, 0.05, YW_IR(6, 0.01), 0, 0},
    [SPILT_TAG] =
        {"spilt_l", "l", {"溢流量", "Water spilt"}, 0, 1e6, 0, YW_NO_POINT, 0, 0},
};

static const struct yw_plant_input inputs[INPUTS] = {
    [IN_V1] =
        {"v1", "V", {"1 号泵", "Pump 1"}, 0, 10, 3, YW_PLANT_WIRED, 0, YW_HR(10, 0.001)},
    [IN_V2] =
        {"v2", "V", {"2 号泵", "Pump 2"}, 0, 10, 3, YW_PLANT_WIRED, 0, YW_HR(11, 0.001)},
    [IN_SP1] = {"sp_h1",
                "cm",
                {"1 号液位设定", "Tank 1 set-point"},
                0,
                20,
                12.26,
                YW_PLANT_SETTING,
                0,
                YW_HR(0, 0.01)},
    [IN_SP2] = {"sp_h2",
                "cm",
                {"2 号液位设定", "Tank 2 set-point"},
                0,
                20,
                12.78,
                YW_PLANT_SETTING,
                0,
                YW_HR(1, 0.01)},
    [IN_LEAK] = {"leak_cm3_s",
                 "cm³/s",
                 {"1 号水箱泄漏", "Leak of tank 1"},
                 0,
                 50,
                 0,
                 YW_PLANT_WORLD,
                 0,
                 YW_NO_POINT},
};

static const struct yw_plant_limit limits[] = {
    {L1, true, 16, 1, {"1 号高", "tank 1 high"}},
    {L2, true, 16, 1, {"2 号高", "tank 2 high"}},
    {L1, false, 5, 2, {"1 号低：断供", "tank 1 low: supply fails"}},
    {L2, false, 5, 2, {"2 号低：断供", "tank 2 low: supply fails"}},
    {L1, true, 19.999, 4, {"1 号溢流", "tank 1 overflows"}},
    {L2, true, 19.999, 4, {"2 号溢流", "tank 2 overflows"}},
    {L3, true, 19.999, 4, {"3 号溢流", "tank 3 overflows"}},
    {L4, true, 19.999, 4, {"4 号溢流", "tank 4 overflows"}},
};

static void outflows(const double *state, double out[4])
{
    for (int i = 0; i < 4; i++)
        out[i] = hole[i] * yw_root(2 * GRAVITY * state[H1 + i]);
}

static void start(double *state)
{
    double flow3 = (1 - GAMMA2) * K2 * 3, flow4 = (1 - GAMMA1) * K1 * 3;
    double flow[4] = {GAMMA1 * K1 * 3 + flow3, GAMMA2 * K2 * 3 + flow4, flow3, flow4};

    for (int i = 0; i < 4; i++)
        state[H1 + i] = flow[i] / hole[i] * (flow[i] / hole[i]) / (2 * GRAVITY);
    state[SPILT] = state[INTEGRAL1] = state[INTEGRAL2] = 0;
}

static void step(double *state, const double *in, double s)
{
    double out[4], into[4];

    outflows(state, out);
    into[0] = out[2] + GAMMA1 * K1 * in[IN_V1] - in[IN_LEAK];
    into[1] = out[3] + GAMMA2 * K2 * in[IN_V2];
    into[2] = (1 - GAMMA2) * K2 * in[IN_V2];
    into[3] = (1 - GAMMA1) * K1 * in[IN_V1];
    for (int i = 0; i < 4; i++) {
        double h = state[H1 + i] + s * (into[i] - out[i]) / area[i];

        if (h > FULL_CM)
            state[SPILT] += (h - FULL_CM) * area[i];
        state[H1 + i] = yw_clamp(h, 0, FULL_CM);
    }
}

static void tags_of(const double *state, const double *in, double *truth)
{
    double out[4];

    outflows(state, out);
    for (int i = 0; i < 4; i++)
        truth[L1 + i] = state[H1 + i];
    truth[V1] = in[IN_V1];
    truth[V2] = in[IN_V2];
    truth[OUT] = out[0] + out[1];
    truth[SPILT_TAG] = yw_clamp(state[SPILT] / 1000, 0, 1e6);
}

static double loop(double *integral, double miss_v, double gain, double seconds, double s)
{
    *integral = yw_clamp(*integral + gain * miss_v * s / seconds, -5, 7);
    return 3 + gain * miss_v + *integral;
}

static void control(double *state, const double *sensed, double *in, double s)
{
    in[IN_V1] =
        loop(&state[INTEGRAL1], VOLT_PER_CM * (in[IN_SP1] - sensed[L1]), 3.0, 30, s);
    in[IN_V2] =
        loop(&state[INTEGRAL2], VOLT_PER_CM * (in[IN_SP2] - sensed[L2]), 2.7, 40, s);
}

const struct yw_plant_model yw_plant_quad_tank = {
    .name = "quad-tank",
    .title = {"四容水箱", "Quadruple tank"},
    .sector = "water",
    .step_s = 0.2,
    .tags = tags,
    .tag_count = TAGS,
    .inputs = inputs,
    .input_count = INPUTS,
    .limits = limits,
    .limit_count = sizeof limits / sizeof limits[0],
    .state_count = STATES,
    .product_tag = OUT,
    .product_nominal = 20.04,
    .start = start,
    .step = step,
    .tags_of = tags_of,
    .control = control,
};
