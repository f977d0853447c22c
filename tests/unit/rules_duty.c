/* The clocks of the law at their edges: one second either side, levels that come later, two
 * regimes side by side, relays, working days. */
#include "rules_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static struct rules_fixture f;

static int set_up(void **state)
{
    (void)state;
    rules_set_up(&f);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rules_tear_down(&f);
    return 0;
}

static const struct yw_duty_clock *must(const char *duty, const char *to)
{
    const struct yw_duty_clock *clock = rules_clock(&f, duty, to);

    if (clock == NULL)
        fail_msg("no clock of %s to %s", duty, to);
    return clock;
}

static void test_hour_to_the_second(void **state)
{
    static const struct {
        int64_t filed_ms;
        enum yw_duty_state state;
    } cases[] = {
        {HOUR - 1000, YW_DUTY_MET}, {HOUR, YW_DUTY_MET}, {HOUR + 1000, YW_DUTY_MET_LATE}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rules_tear_down(&f);
        rules_set_up(&f);
        rules_class(&f, "cii");
        rules_measure(&f, 0, "cii_total_outage_s", "600");
        yw_incident_anchor(&f.incident, YW_ANCHOR_DISCOVERED, 0);
        rules_file(&f, cases[i].filed_ms, "cii_operator", "public_security", "cac_art7",
                   3, "");
        rules_clocks(&f, 2 * HOUR);
        const struct yw_duty_clock *police = must("CAC.CII.FIRST", "public_security");
        const struct yw_duty_clock *department =
            must("CAC.CII.FIRST", "cii_protection_dept");

        assert_int_equal(police->due_ms, HOUR);
        assert_int_equal(police->state, cases[i].state);
        assert_int_equal(department->state, YW_DUTY_OVERDUE);
        assert_null(rules_clock(&f, "CAC.OTHER.FIRST", ""));
    }
}

/* An ordinary operator has four hours; a grade below 较大 starts nothing. */
static void test_crossing_starts_the_duty(void **state)
{
    (void)state;
    rules_measure(&f, 0, "people_affected", "99999");
    yw_incident_anchor(&f.incident, YW_ANCHOR_DISCOVERED, 5 * MINUTE);
    rules_clocks(&f, HOUR);
    assert_null(rules_clock(&f, "CAC.OTHER.FIRST", ""));
    rules_measure(&f, 90 * MINUTE, "people_affected", "100000");
    rules_clocks(&f, 2 * HOUR);
    const struct yw_duty_clock *clock = must("CAC.OTHER.FIRST", "cac_provincial");

    assert_int_equal(clock->started_ms, 90 * MINUTE);
    assert_int_equal(clock->due_ms, 90 * MINUTE + 4 * HOUR);
    assert_int_equal(clock->state, YW_DUTY_RUNNING);
}

/* Reported before it had to be: the later crossing does not undo it, and asks a supplement. */
static void test_met_stays_met(void **state)
{
    (void)state;
    rules_measure(&f, 0, "people_affected", "100000");
    yw_incident_anchor(&f.incident, YW_ANCHOR_DISCOVERED, 0);
    rules_file(&f, HOUR, "other_operator", "cac_provincial", "cac_art7", 0xff, "");
    rules_clocks(&f, 2 * HOUR);
    assert_null(rules_clock(&f, "CAC.SUPPLEMENT", ""));
    rules_measure(&f, 3 * HOUR, "people_affected", "1000000");
    rules_clocks(&f, 10 * HOUR);
    assert_int_equal(must("CAC.OTHER.FIRST", "cac_provincial")->state, YW_DUTY_MET);
    assert_int_equal(must("CAC.SUPPLEMENT", "")->started_ms, 3 * HOUR);
    rules_file(&f, 4 * HOUR, "other_operator", "cac_provincial", "cac_art7_delta", 0xff,
               "");
    rules_clocks(&f, 10 * HOUR);
    assert_int_equal(must("CAC.SUPPLEMENT", "")->state, YW_DUTY_MET);
    assert_int_equal(must("CAC.OTHER.RELAY", "cac_national")->started_ms, 3 * HOUR);
    assert_int_equal(must("CAC.OTHER.RELAY", "cac_national")->due_ms, 4 * HOUR);
}

/* Items 1 and 2 may go first (第7条); without them nothing was reported. */
static void test_first_report_has_two_items(void **state)
{
    (void)state;
    rules_measure(&f, 0, "people_affected", "100000");
    yw_incident_anchor(&f.incident, YW_ANCHOR_DISCOVERED, 0);
    rules_file(&f, HOUR, "other_operator", "cac_provincial", "cac_art7", 1, "");
    rules_clocks(&f, 2 * HOUR);
    assert_int_equal(must("CAC.OTHER.FIRST", "cac_provincial")->state, YW_DUTY_RUNNING);
    rules_file(&f, 2 * HOUR, "other_operator", "cac_provincial", "cac_art7", 3, "");
    rules_clocks(&f, 2 * HOUR);
    assert_int_equal(must("CAC.OTHER.FIRST", "cac_provincial")->state, YW_DUTY_MET);
    assert_int_equal(must("CAC.SUPPLEMENT", "")->started_ms, HOUR);
}

/* An attack that injures people runs both clocks, with the grade of each. */
static void test_two_regimes(void **state)
{
    (void)state;
    rules_measure(&f, 0, "people_affected", "100000");
    rules_measure(&f, 0, "deaths", "3");
    yw_incident_anchor(&f.incident, YW_ANCHOR_OCCURRED, 0);
    yw_incident_anchor(&f.incident, YW_ANCHOR_DISCOVERED, 0);
    rules_file(&f, MINUTE, "on_site_person", "unit_head", "", 0, "");
    rules_file(&f, 30 * MINUTE, "enterprise", "county_em_dept", "safety_art12", 0x3f, "");
    rules_clocks(&f, 40 * MINUTE);
    assert_int_equal(must("SAFE.SITE", "unit_head")->state, YW_DUTY_MET);
    assert_int_equal(must("SAFE.UNIT", "county_em_dept")->state, YW_DUTY_MET);
    assert_int_equal(must("SAFE.UNIT", "county_safety_duty_dept")->due_ms, MINUTE + HOUR);
    assert_int_equal(must("SAFE.RELAY", "city_em")->due_ms, 30 * MINUTE + 2 * HOUR);
    assert_int_equal(must("CAC.OTHER.FIRST", "cac_provincial")->state, YW_DUTY_RUNNING);
    /* 较大 goes up to the province and no further (第11条). */
    rules_file(&f, HOUR, "county_em_dept", "city_em", "", 0, "");
    rules_file(&f, 2 * HOUR, "city_em", "prov_em_dept", "", 0, "");
    rules_clocks(&f, 9 * HOUR);
    assert_int_equal(must("SAFE.RELAY", "prov_em_dept")->state, YW_DUTY_MET);
    assert_null(rules_clock(&f, "SAFE.RELAY", "state_council_dept"));
}

/* Casualties that change within 30 days call for a supplement; a second later they do not. */
static void test_window(void **state)
{
    const int64_t window_ms = INT64_C(2592000) * 1000;

    (void)state;
    rules_measure(&f, 0, "deaths", "1");
    yw_incident_anchor(&f.incident, YW_ANCHOR_OCCURRED, 0);
    rules_file(&f, MINUTE, "enterprise", "county_em_dept", "safety_art12", 0x3f, "");
    rules_measure(&f, window_ms + 1000, "deaths", "2");
    rules_clocks(&f, window_ms + HOUR);
    assert_null(rules_clock(&f, "SAFE.SUPPLEMENT", ""));
    f.incident.measured[f.incident.measured_count - 1].at_ms = window_ms;
    rules_clocks(&f, window_ms + HOUR);
    assert_int_equal(must("SAFE.SUPPLEMENT", "")->started_ms, window_ms);
}

/* Ten working days after National Day's eve jump the holiday and count the Saturday that is
 * worked (2026-10-10). */
static void test_working_days(void **state)
{
    bool house;
    const struct yw_rule_duty *duty = yw_rules_duty(f.rules, "PUBNET.FINAL", NULL);
    int64_t eve_s = yw_calendar_day((struct yw_rule_date){2026, 9, 30}) * 86400;
    int64_t end_s = yw_calendar_day((struct yw_rule_date){2026, 10, 20}) * 86400;

    (void)state;
    f.exercise.start_local_s = eve_s + 8 * 3600;
    /* 10-08, 10-09, 10-10 (Saturday, worked), 10-12…10-16, 10-19 and 10-20 make ten. */
    assert_int_equal(yw_duty_due(&f.exercise, duty, 0, &house),
                     (end_s + 86400 - f.exercise.start_local_s) * 1000);
    assert_false(house);
}

/* Over the leap day, which is a Tuesday, and the ends of two months. */
static void test_working_days_over_a_leap_day(void **state)
{
    static const struct {
        struct yw_rule_date from, last;
    } cases[] = {{{2028, 2, 15}, {2028, 2, 29}},  /* 16-18, 21-25, 28, 29 */
                 {{2028, 2, 22}, {2028, 3, 7}},   /* 23-25, 28, 29, 1-3, 6, 7 */
                 {{2027, 2, 15}, {2027, 3, 1}},   /* no leap day: the 1st is a Monday */
                 {{2028, 3, 31}, {2028, 4, 14}},  /* a Friday, the month's last day */
                 {{2027, 12, 24}, {2028, 1, 7}}}; /* the year's end */
    const struct yw_rule_duty *duty = yw_rules_duty(f.rules, "PUBNET.FINAL", NULL);
    struct yw_calendar weekends = {0};
    bool house;

    (void)state;
    f.exercise.calendar = &weekends;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t from_s = yw_calendar_day(cases[i].from) * 86400 + 86399;
        int64_t end_s = (yw_calendar_day(cases[i].last) + 1) * 86400;

        f.exercise.start_local_s = from_s; /* a second before midnight */
        assert_int_equal(yw_duty_due(&f.exercise, duty, 0, &house),
                         (end_s - from_s) * 1000);
        assert_int_equal(yw_duty_due(&f.exercise, duty, -86399000, &house),
                         (end_s - from_s) * 1000); /* and from its first */
    }
}

/* One office that is named tells others that are named, within a time. */
static bool is_plain(const struct yw_rule_duty *duty)
{
    const struct yw_rule_name *parties = f.rules->names[YW_RULE_PARTY].rows;
    bool named = parties[duty->actor].tier < YW_TIER_EACH;

    for (size_t i = 0; i < duty->notify.count; i++)
        named = named && parties[duty->notify.items[i]].tier < YW_TIER_EACH;
    return named && duty->limit_s > 0 && duty->anchor != YW_ANCHOR_NONE &&
           duty->every_months == 0 && duty->notify.count > 0;
}

static void begin_duty(const struct yw_rule_pack *pack, const struct yw_rule_duty *duty)
{
    const struct yw_rule_name *actor = &f.rules->names[YW_RULE_PARTY].rows[duty->actor];
    int grade = duty->max_grade > 0 ? duty->max_grade : YW_RULES_GRADES;
    struct yw_happened happened = {0, duty->when};

    f.exercise.start_local_s = pack->from.year > 0
                                   ? yw_calendar_day(pack->from) * 86400 + 86400
                                   : f.exercise.start_local_s;
    if (pack->region_count > 0)
        memcpy(f.org.region, pack->regions[0], sizeof f.org.region);
    if (pack->classes.count > 0)
        f.org.classes[pack->classes.items[0]] = true;
    if (actor->only_class >= 0)
        f.org.classes[actor->only_class] = true;
    (void)yw_incident_rule(&f.incident, &(struct yw_manual_grade){0, pack, grade, false});
    if (duty->when >= 0)
        (void)yw_incident_happen(&f.incident, &happened);
    if (duty->anchor == YW_ANCHOR_REPORT_RECEIVED)
        rules_file(&f, 0, "enterprise", actor->id, "", 0, "");
    else
        yw_incident_anchor(&f.incident, duty->anchor, 0);
}

static void file_at(const struct yw_rule_duty *duty, int64_t at_ms)
{
    const struct yw_rule_name *parties = f.rules->names[YW_RULE_PARTY].rows;
    const char *form =
        duty->form >= 0 ? f.rules->names[YW_RULE_FORM].rows[duty->form].id : "";

    for (size_t i = 0; i < duty->notify.count; i++)
        rules_file(&f, at_ms, parties[duty->actor].id, parties[duty->notify.items[i]].id,
                   form, 0xffff, "");
}

/* Every limit in seconds that a party has towards others, in every pack: a second before it, at it, a second
 * after. */
static void test_every_limit_to_the_second(void **state)
{
    size_t checked = 0;

    (void)state;
    for (size_t p = 0; p < f.rules->pack_count; p++) {
        for (size_t d = 0; d < f.rules->packs[p]->duty_count; d++) {
            for (int64_t off_ms = -1000; off_ms <= 1000; off_ms += 1000) {
                rules_tear_down(&f);
                rules_set_up(&f);
                const struct yw_rule_duty *duty = &f.rules->packs[p]->duties[d];
                int64_t limit_ms = duty->limit_s * 1000;

                if (!is_plain(duty))
                    continue;
                begin_duty(f.rules->packs[p], duty);
                file_at(duty, limit_ms + off_ms);
                rules_clocks(&f, limit_ms + HOUR);
                const struct yw_duty_clock *clock = rules_clock(&f, duty->id, "");

                if (clock == NULL)
                    fail_msg("%s does not begin", duty->id);
                if (clock->due_ms != limit_ms ||
                    clock->state != (off_ms <= 0 ? YW_DUTY_MET : YW_DUTY_MET_LATE))
                    fail_msg("%s at %+lld ms: %s, due %lld", duty->id, (long long)off_ms,
                             yw_duty_state_name(clock->state), (long long)clock->due_ms);
                checked++;
            }
        }
    }
    assert_true(checked >= 3 * 8);
}

static void test_house_limit_is_not_law(void **state)
{
    const struct yw_house_limit house = {"CQ.LADDER.1", 1800};

    (void)state;
    memcpy(f.org.region, "CN-CQ", 6);
    yw_incident_anchor(&f.incident, YW_ANCHOR_DISCOVERED, 0);
    rules_clocks(&f, HOUR);
    assert_int_equal(must("CQ.LADDER.1", "county_jingxin")->due_ms, YW_DUTY_NEVER);
    assert_int_equal(must("CQ.LADDER.1", "county_jingxin")->state, YW_DUTY_RUNNING);
    f.exercise.house_limits = &house;
    f.exercise.house_limit_count = 1;
    rules_clocks(&f, HOUR);
    assert_int_equal(must("CQ.LADDER.1", "county_jingxin")->due_ms, 1800 * 1000);
    assert_true(must("CQ.LADDER.1", "county_jingxin")->house);
    assert_int_equal(must("CQ.LADDER.1", "county_jingxin")->state, YW_DUTY_OVERDUE);
}

/* The support body tells three at the same time: one duty, met by the last receipt. */
static void test_simultaneous(void **state)
{
    struct yw_happened found = {
        0, yw_rule_name(f.rules, YW_RULE_EVENT,
                        "major_incident_hazard_highrisk_vuln_threat")};

    (void)state;
    memcpy(f.org.region, "CN-HN", 6);
    rules_class(&f, "support_body");
    f.exercise.start_local_s = yw_calendar_day((struct yw_rule_date){2025, 6, 3}) * 86400;
    yw_incident_anchor(&f.incident, YW_ANCHOR_DISCOVERED, 0);
    assert_true(yw_incident_happen(&f.incident, &found));
    rules_file(&f, MINUTE, "support_body", "enterprise", "", 0, "");
    rules_file(&f, 2 * MINUTE, "support_body", "city_gxj", "", 0, "");
    rules_clocks(&f, HOUR);
    assert_int_equal(must("HN.SUPPORT.DUAL", "")->met_ms, -1);
    rules_file(&f, 9 * MINUTE, "support_body", "prov_gxt", "", 0, "");
    rules_clocks(&f, HOUR);
    assert_int_equal(must("HN.SUPPORT.DUAL", "")->met_ms, 9 * MINUTE);
    assert_int_equal(must("HN.SUPPORT.DUAL", "")->spread_ms, 8 * MINUTE);
}

static void test_pack_of_the_day(void **state)
{
    (void)state;
    memcpy(f.org.region, "CN-HN", 6);
    const struct yw_rule_pack *pack = yw_rules_pack(f.rules, "HN-142-2024");

    assert_true(yw_rule_pack_applies(pack, &f.org, (struct yw_rule_date){2026, 4, 24}));
    assert_false(yw_rule_pack_applies(pack, &f.org, (struct yw_rule_date){2026, 4, 25}));
    assert_false(yw_rule_pack_applies(pack, &f.org, (struct yw_rule_date){2024, 4, 23}));
}

/* What control rules goes before the figures, from then on. */
static void test_ruling(void **state)
{
    struct yw_manual_grade ruling = {HOUR, yw_rules_pack(f.rules, "CAC-REPORT-2025"), 3,
                                     false};
    const int bounds[2] = {3, 0};

    (void)state;
    rules_measure(&f, 0, "people_affected", "100000");
    assert_true(yw_incident_rule(&f.incident, &ruling));
    assert_int_equal(
        yw_incident_grade(&f.incident, f.rules, ruling.pack, &f.org, HOUR - 1), 2);
    assert_int_equal(yw_incident_grade(&f.incident, f.rules, ruling.pack, &f.org, HOUR),
                     3);
    assert_int_equal(
        yw_incident_graded_since(&f.incident, f.rules, ruling.pack, &f.org, bounds),
        HOUR);
}

static void test_rows_have_a_limit(void **state)
{
    struct yw_measured row = {.metric = 0};

    (void)state;
    for (size_t i = 0; i < YW_INCIDENT_ROWS_MAX; i++)
        assert_true(yw_incident_measure(&f.incident, &row));
    assert_false(yw_incident_measure(&f.incident, &row));
    assert_int_equal(f.incident.measured_count, YW_INCIDENT_ROWS_MAX);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(test_hour_to_the_second),
                                       CASE(test_crossing_starts_the_duty),
                                       CASE(test_met_stays_met),
                                       CASE(test_first_report_has_two_items),
                                       CASE(test_two_regimes),
                                       CASE(test_window),
                                       CASE(test_working_days),
                                       CASE(test_working_days_over_a_leap_day),
                                       CASE(test_every_limit_to_the_second),
                                       CASE(test_house_limit_is_not_law),
                                       CASE(test_simultaneous),
                                       CASE(test_pack_of_the_day),
                                       CASE(test_ruling),
                                       CASE(test_rows_have_a_limit)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
