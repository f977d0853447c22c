/* The standard function blocks against the timing diagrams of IEC 61131-3, as tables. */
#include "guest_st_seat.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct st_seat seat;

static void place(const char *type)
{
    char source[128];
    (void)snprintf(source, sizeof(source),
                   "PROGRAM p VAR f : %s; END_VAR f(); END_PROGRAM", type);
    assert_int_equal(st_seat_compile(&seat, source), 0);
}

struct moment {
    uint32_t at_ms;
    bool in;
    bool q;
    int et;
};

static void follow(const char *type, const struct moment *moments, size_t count,
                   uint32_t from_ms)
{
    place(type);
    st_seat_set(&seat, "f.pt", "T#300ms");
    for (size_t i = 0; i < count; i++) {
        char et[32];
        (void)snprintf(et, sizeof(et), "T#%dms", moments[i].et);
        st_seat_set(&seat, "f.in", moments[i].in ? "TRUE" : "FALSE");
        assert_int_equal(st_seat_scan(&seat, from_ms + moments[i].at_ms), 0);
        if (strcmp(st_seat_value(&seat, "f.q"), moments[i].q ? "TRUE" : "FALSE") != 0 ||
            strcmp(st_seat_value(&seat, "f.et"), et) != 0)
            fail_msg("%s at %u: Q %s ET %s", type, moments[i].at_ms,
                     st_seat_value(&seat, "f.q"), st_seat_value(&seat, "f.et"));
    }
}

#define FOLLOW(type, moments)                                                            \
    follow(type, moments, sizeof(moments) / sizeof((moments)[0]), 0);                    \
    follow(type, moments, sizeof(moments) / sizeof((moments)[0]), UINT32_MAX - 350)

static void ton_follows_its_diagram(void **state)
{
    (void)state;
    static const struct moment moments[] = {
        {0, false, false, 0},    {100, true, false, 0},   {200, true, false, 100},
        {399, true, false, 299}, {400, true, true, 300},  {900, true, true, 300},
        {1000, false, false, 0}, {1100, true, false, 0},  {1300, true, false, 200},
        {1310, false, false, 0}, {1400, false, false, 0},
    };
    FOLLOW("TON", moments);
}

static void tof_follows_its_diagram(void **state)
{
    (void)state;
    static const struct moment moments[] = {
        {0, false, false, 0},      {100, true, true, 0},    {200, true, true, 0},
        {300, false, true, 0},     {500, false, true, 200}, {600, false, false, 300},
        {900, false, false, 300},  {1000, true, true, 0},   {1100, false, true, 0},
        {1200, true, true, 0},     {1300, false, true, 0},  {1599, false, true, 299},
        {1600, false, false, 300},
    };
    FOLLOW("TOF", moments);
}

static void tp_follows_its_diagram(void **state)
{
    (void)state;
    static const struct moment moments[] = {
        {0, false, false, 0},    {100, true, true, 0},   {150, false, true, 50},
        {200, true, true, 100},  {399, true, true, 299}, {400, true, false, 300},
        {800, true, false, 300}, {900, false, false, 0}, {1000, true, true, 0},
        {1300, false, false, 0}, {1400, true, true, 0},  {1500, true, true, 100},
    };
    FOLLOW("TP", moments);
}

/* A TON that stood for longer than half of the clock does not fall. */
static void timers_outlive_the_clock(void **state)
{
    (void)state;
    place("TON");
    st_seat_set(&seat, "f.pt", "T#300ms");
    st_seat_set(&seat, "f.in", "TRUE");
    for (uint32_t i = 0; i < 12; i++) {
        assert_int_equal(st_seat_scan(&seat, i * 1000000000u), 0);
        assert_string_equal(st_seat_value(&seat, "f.q"), i > 0 ? "TRUE" : "FALSE");
    }
}

struct step {
    const char *a, *b; /* inputs */
    const char *q, *value;
};

static void steps(const char *type, const char *const names[4], const struct step *rows,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        st_seat_set(&seat, names[0], rows[i].a);
        if (names[1] != NULL)
            st_seat_set(&seat, names[1], rows[i].b);
        assert_int_equal(st_seat_scan(&seat, 0), 0);
        if (strcmp(st_seat_value(&seat, names[2]), rows[i].q) != 0 ||
            (names[3] != NULL &&
             strcmp(st_seat_value(&seat, names[3]), rows[i].value) != 0))
            fail_msg("%s, row %zu: %s %s", type, i, st_seat_value(&seat, names[2]),
                     names[3] != NULL ? st_seat_value(&seat, names[3]) : "");
    }
}

static void counters_count_edges(void **state)
{
    (void)state;
    static const char *const up[] = {"f.cu", "f.r", "f.q", "f.cv"};
    static const struct step ups[] = {
        {"FALSE", "FALSE", "FALSE", "0"}, {"TRUE", "FALSE", "FALSE", "1"},
        {"TRUE", "FALSE", "FALSE", "1"},  {"FALSE", "FALSE", "FALSE", "1"},
        {"TRUE", "FALSE", "TRUE", "2"},   {"FALSE", "FALSE", "TRUE", "2"},
        {"TRUE", "FALSE", "TRUE", "3"},   {"TRUE", "TRUE", "FALSE", "0"},
        {"TRUE", "FALSE", "FALSE", "0"},  {"FALSE", "FALSE", "FALSE", "0"},
        {"TRUE", "FALSE", "FALSE", "1"},
    };
    place("CTU");
    st_seat_set(&seat, "f.pv", "2");
    steps("CTU", up, ups, sizeof(ups) / sizeof(ups[0]));
    st_seat_set(&seat, "f.cv", "32767");
    st_seat_set(&seat, "f.cu", "FALSE");
    assert_int_equal(st_seat_scan(&seat, 0), 0);
    st_seat_set(&seat, "f.cu", "TRUE");
    assert_int_equal(st_seat_scan(&seat, 0), 0);
    assert_string_equal(st_seat_value(&seat, "f.cv"), "32767");
    static const char *const down[] = {"f.cd", "f.ld", "f.q", "f.cv"};
    static const struct step downs[] = {
        {"FALSE", "TRUE", "FALSE", "2"},  {"TRUE", "FALSE", "FALSE", "1"},
        {"FALSE", "FALSE", "FALSE", "1"}, {"TRUE", "FALSE", "TRUE", "0"},
        {"TRUE", "FALSE", "TRUE", "0"},   {"FALSE", "FALSE", "TRUE", "0"},
        {"TRUE", "FALSE", "TRUE", "-1"},  {"TRUE", "TRUE", "FALSE", "2"},
    };
    place("CTD");
    st_seat_set(&seat, "f.pv", "2");
    steps("CTD", down, downs, sizeof(downs) / sizeof(downs[0]));
}

static void edges_last_one_scan(void **state)
{
    (void)state;
    static const char *const names[] = {"f.clk", NULL, "f.q", NULL};
    static const struct step rising[] = {{"FALSE", "", "FALSE", ""},
                                         {"TRUE", "", "TRUE", ""},
                                         {"TRUE", "", "FALSE", ""},
                                         {"FALSE", "", "FALSE", ""},
                                         {"TRUE", "", "TRUE", ""}};
    static const struct step falling[] = {
        {"FALSE", "", "FALSE", ""}, {"TRUE", "", "FALSE", ""}, {"FALSE", "", "TRUE", ""},
        {"FALSE", "", "FALSE", ""}, {"TRUE", "", "FALSE", ""}, {"FALSE", "", "TRUE", ""}};
    place("R_TRIG");
    steps("R_TRIG", names, rising, 5);
    place("F_TRIG");
    steps("F_TRIG", names, falling, 6);
}

static void latches_prefer_their_one(void **state)
{
    (void)state;
    static const char *const sr[] = {"f.s1", "f.r", "f.q1", NULL};
    static const char *const rs[] = {"f.s", "f.r1", "f.q1", NULL};
    static const struct step both_set[] = {
        {"FALSE", "FALSE", "FALSE", ""}, {"TRUE", "FALSE", "TRUE", ""},
        {"FALSE", "FALSE", "TRUE", ""},  {"FALSE", "TRUE", "FALSE", ""},
        {"FALSE", "FALSE", "FALSE", ""}, {"TRUE", "TRUE", "TRUE", ""}};
    static const struct step both_reset[] = {
        {"FALSE", "FALSE", "FALSE", ""}, {"TRUE", "FALSE", "TRUE", ""},
        {"FALSE", "FALSE", "TRUE", ""},  {"FALSE", "TRUE", "FALSE", ""},
        {"TRUE", "TRUE", "FALSE", ""},   {"TRUE", "FALSE", "TRUE", ""}};
    place("SR");
    steps("SR", sr, both_set, 6);
    place("RS");
    steps("RS", rs, both_reset, 6);
}

static void votes_are_two_of_three(void **state)
{
    (void)state;
    static const char *const inputs[] = {"f.a",    "f.b",    "f.c",
                                         "f.by_a", "f.by_b", "f.by_c"};
    place("VOTE_2OO3");
    for (unsigned bits = 0; bits < 64; bits++) {
        int channels = 0;
        int votes = 0;
        for (unsigned i = 0; i < 6; i++)
            st_seat_set(&seat, inputs[i], bits >> i & 1 ? "TRUE" : "FALSE");
        for (unsigned i = 0; i < 3; i++) {
            bool in_service = (bits >> (3 + i) & 1) == 0;
            channels += in_service;
            votes += in_service && (bits >> i & 1) != 0;
        }
        assert_int_equal(st_seat_scan(&seat, 0), 0);
        bool trip = channels == 0 || (channels == 1 ? votes >= 1 : votes >= 2);
        assert_string_equal(st_seat_value(&seat, "f.q"), trip ? "TRUE" : "FALSE");
        assert_string_equal(st_seat_value(&seat, "f.differs"),
                            votes != 0 && votes != channels ? "TRUE" : "FALSE");
    }
}

static double number(const char *name)
{
    return atof(st_seat_value(&seat, name));
}

/* A first-order process under PI control settles at the set-point without bias. */
static void pid_settles(void **state)
{
    (void)state;
    static const char source[] =
        "PROGRAM p VAR c : PID; x : REAL; sp : REAL := 40.0; on : BOOL := TRUE; END_VAR\n"
        "c(AUTO := on, PV := x, SP := sp, X0 := 30.0, KP := 2.0, TR := 5.0, XMAX := "
        "100.0);\n"
        "x := x + (c.XOUT * 0.8 - x) * 0.02;\nEND_PROGRAM";
    assert_int_equal(st_seat_compile(&seat, source), 0);
    for (uint32_t i = 0; i < 3000; i++)
        assert_int_equal(st_seat_scan(&seat, i * 100), 0);
    assert_true(fabs(number("x") - 40) < 0.05);
    assert_true(fabs(number("c.xout") - 50) < 0.1);
    /* Out of reach: the output stands at its limit, and the integral with it … */
    st_seat_set(&seat, "sp", "95.0");
    for (uint32_t i = 3000; i < 9000; i++)
        assert_int_equal(st_seat_scan(&seat, i * 100), 0);
    assert_string_equal(st_seat_value(&seat, "c.xout"), "100.0");
    /* … so that it leaves the limit at once. */
    st_seat_set(&seat, "sp", "70.0");
    for (uint32_t i = 9000; i < 9010; i++)
        assert_int_equal(st_seat_scan(&seat, i * 100), 0);
    assert_true(number("c.xout") < 99);
    /* By hand, and back without a bump. */
    st_seat_set(&seat, "on", "FALSE");
    assert_int_equal(st_seat_scan(&seat, 901000), 0);
    assert_string_equal(st_seat_value(&seat, "c.xout"), "30.0");
    st_seat_set(&seat, "on", "TRUE");
    assert_int_equal(st_seat_scan(&seat, 901100), 0);
    assert_true(fabs(number("c.xout") - 30) < 5);
}

static void pid_takes_any_parameters(void **state)
{
    (void)state;
    static const char *const values[] = {"0.0", "-1.0", "3.4E38", "-3.4E38", "1.0E-30"};
    place("PID");
    st_seat_set(&seat, "f.auto", "TRUE");
    for (unsigned i = 0; i < 3125; i++) {
        st_seat_set(&seat, "f.pv", values[i % 5]);
        st_seat_set(&seat, "f.sp", values[i / 5 % 5]);
        st_seat_set(&seat, "f.kp", values[i / 25 % 5]);
        st_seat_set(&seat, "f.tr", values[i / 125 % 5]);
        st_seat_set(&seat, "f.td", values[i / 625]);
        assert_int_equal(st_seat_scan(&seat, i * 7), 0);
        assert_in_range((long)number("f.xout"), 0, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ton_follows_its_diagram),
        cmocka_unit_test(tof_follows_its_diagram),
        cmocka_unit_test(tp_follows_its_diagram),
        cmocka_unit_test(timers_outlive_the_clock),
        cmocka_unit_test(counters_count_edges),
        cmocka_unit_test(edges_last_one_scan),
        cmocka_unit_test(latches_prefer_their_one),
        cmocka_unit_test(votes_are_two_of_three),
        cmocka_unit_test(pid_settles),
        cmocka_unit_test(pid_takes_any_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
