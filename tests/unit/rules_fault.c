/* Integrity faults: the right ones, and only those. */
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
    rules_measure(&f, 0, "people_affected", "100000");
    yw_incident_anchor(&f.incident, YW_ANCHOR_DISCOVERED, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rules_tear_down(&f);
    return 0;
}

/* The whole list, as codes in order of time. */
static void expect(const char *codes)
{
    char found[512] = "";

    for (size_t i = 0; i < f.faults.count; i++) {
        strcat(found, i > 0 ? " " : "");
        strcat(found, yw_fault_code_name(f.faults.items[i].code));
    }
    assert_string_equal(found, codes);
}

static void only_cac(void)
{
    static const char *const packs[] = {"CAC-REPORT-2025"};

    f.exercise.packs = packs;
    f.exercise.pack_count = 1;
}

static void report_to_sector(int64_t at_ms)
{
    rules_file(&f, at_ms, "other_operator", "sector_regulator", "cac_art7", 0xff, "");
}

static void test_clean(void **state)
{
    (void)state;
    only_cac();
    report_to_sector(HOUR);
    rules_file(&f, 2 * HOUR, "other_operator", "cac_provincial", "cac_art7", 0xff,
               "people_affected=105000");
    f.incident.ended_ms = 5 * HOUR;
    rules_clocks(&f, 5 * HOUR);
    expect("");
}

static void test_late_and_never(void **state)
{
    (void)state;
    only_cac();
    rules_file(&f, 4 * HOUR + 1000, "other_operator", "cac_provincial", "cac_art7", 0xff,
               "");
    f.incident.ended_ms = 5 * HOUR;
    rules_clocks(&f, 5 * HOUR);
    expect("LATE OMIT");
    assert_string_equal(f.faults.items[1].duty->id, "CAC.SECTOR");
}

/* Ten in a hundred is the usual tolerance: at it is true, beyond it is not. */
static void test_false_value(void **state)
{
    (void)state;
    only_cac();
    report_to_sector(HOUR);
    rules_file(&f, HOUR, "other_operator", "cac_provincial", "cac_art7", 0xff,
               "people_affected=90000");
    rules_clocks(&f, 2 * HOUR);
    expect("");
    rules_file(&f, 2 * HOUR, "other_operator", "cac_provincial", "cac_art7", 0xff,
               "people_affected=89999");
    rules_clocks(&f, 3 * HOUR);
    expect("FALSE");
    assert_true(f.faults.items[0].truth.number == 100000);
    assert_int_equal(f.faults.items[0].seq, f.seq);
}

/* They opened the evidence of a leak, and said nothing of it. Not knowing is no lie. */
static void test_concealed(void **state)
{
    int leaked = yw_rule_name(f.rules, YW_RULE_METRIC, "citizens_pi_leaked");
    struct yw_incident_fact known = {30 * MINUTE, leaked};

    (void)state;
    only_cac();
    rules_measure(&f, 0, "citizens_pi_leaked", "2000000");
    report_to_sector(HOUR);
    rules_clocks(&f, 2 * HOUR);
    expect("");
    assert_true(yw_incident_know(&f.incident, &known));
    rules_clocks(&f, 2 * HOUR);
    expect("CONCEAL");
    f.incident.filings[0].claims[0] =
        (struct yw_claim){leaked, {.known = true, .number = 2000000}};
    f.incident.filings[0].claim_count = 1;
    rules_clocks(&f, 2 * HOUR);
    expect("");
}

/* Chongqing: county, then city. Straight to the city is a bypass; to the province, which the
 * national measures ask for, is none. */
static void test_bypass(void **state)
{
    static const char *const packs[] = {"CAC-REPORT-2025", "CQ-DRAFT-2020"};

    (void)state;
    f.exercise.packs = packs;
    f.exercise.pack_count = 2;
    memcpy(f.org.region, "CN-CQ", 6);
    rules_file(&f, HOUR, "other_operator", "cac_provincial", "cac_art7", 0xff, "");
    rules_clocks(&f, 2 * HOUR);
    expect("");
    rules_file(&f, 2 * HOUR, "enterprise", "city_jingxin", "", 0, "");
    rules_clocks(&f, 3 * HOUR);
    expect("BYPASS");
    assert_int_equal(f.faults.items[0].skipped, rules_party(&f, "county_jingxin"));
    rules_tear_down(&f);
    set_up(NULL);
    f.exercise.packs = packs;
    f.exercise.pack_count = 2;
    memcpy(f.org.region, "CN-CQ", 6);
    rules_file(&f, HOUR, "enterprise", "county_jingxin", "", 0, "");
    rules_file(&f, 2 * HOUR, "enterprise", "city_jingxin", "", 0, "");
    rules_clocks(&f, 3 * HOUR);
    expect("");
}

static void test_alert(void **state)
{
    static const struct yw_period periods[] = {{0, -1, 24 * HOUR, true}};
    static const int64_t zeros[] = {23 * HOUR};
    static const struct yw_change changes[] = {{30 * HOUR, 41}};
    static const struct yw_watch_check checks[] = {
        {HOUR, 5 * MINUTE, HOUR + 5 * MINUTE, 1}, {2 * HOUR, 5 * MINUTE, -1, 2}};
    struct yw_alert alert = {periods, zeros, changes, checks, 1, 1, 1, 2};

    (void)state;
    f.faults.count = 0;
    yw_faults_alert(&alert, 48 * HOUR, &f.faults);
    expect("MISSED_WATCH FROZEN_CHANGE MISSED_ZERO");
    assert_int_equal(f.faults.items[2].at_ms, 48 * HOUR);
    f.faults.count = 0;
    yw_faults_alert(&alert, 48 * HOUR - 1, &f.faults);
    expect("MISSED_WATCH FROZEN_CHANGE");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(test_clean),       CASE(test_late_and_never),
                                       CASE(test_false_value), CASE(test_concealed),
                                       CASE(test_bypass),      CASE(test_alert)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
