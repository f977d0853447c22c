/* Four enterprises, the county and the city play one incident: the right faults are found, and
 * only those, and a crash at any event changes none of it. */
#include "outcome.h"

#include "base/mem.h"
#include "drill/package.h"
#include "response/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MAX 4096
#define CRASH_EVERY 5 /* of the events of duties, so many apart */

static const struct yw_view *control(struct yw_rehearsal *rehearsal)
{
    return yw_conductor_view(yw_rehearsal_conductor(rehearsal),
                             yw_rehearsal_drill(rehearsal), YW_AUDIENCE_CONTROL, -1);
}

static const char *party(const struct yw_rules *rules, int index)
{
    return index < 0 ? "-" : rules->names[YW_RULE_PARTY].rows[index].id;
}

/* The faults of one team as the eyes of that audience see them, a line each, without numbers of
 * events: "LATE CQ.LADDER.1 enterprise>county_jingxin". */
static char *faults_of(struct yw_rehearsal *rehearsal, enum yw_audience audience,
                       int number, int team)
{
    const struct yw_law *law = yw_conductor_law(yw_rehearsal_conductor(rehearsal));
    const struct yw_view *view =
        yw_conductor_view(yw_rehearsal_conductor(rehearsal),
                          yw_rehearsal_drill(rehearsal), audience, number);
    struct yw_scheme *scheme = yw_new(sizeof *scheme);
    struct yw_judged *judged = yw_new(sizeof *judged);
    struct yw_record record;
    struct yw_buf text;

    yw_buf_init(&text, TEXT_MAX);
    assert_true(yw_scheme_read(scheme, law, &view->state));
    yw_record_read(&record, scheme, view, team);
    yw_record_judge(&record, scheme, record.incident.ended_ms, judged);
    assert_false(judged->clocks.overrun || judged->faults.overrun);
    for (size_t i = 0; i < judged->faults.count; i++) {
        const struct yw_fault *fault = &judged->faults.items[i];

        yw_buf_printf(&text, "%s %s %s>%s", yw_fault_code_name(fault->code),
                      fault->duty != NULL ? fault->duty->id : "-",
                      party(law->rules, fault->from), party(law->rules, fault->to));
        if (fault->skipped >= 0)
            yw_buf_printf(&text, " past %s", party(law->rules, fault->skipped));
        if (fault->metric >= 0)
            yw_buf_printf(&text, " %s",
                          law->rules->names[YW_RULE_METRIC].rows[fault->metric].id);
        yw_buf_puts(&text, "\n");
        /* every fault has its evidence, or is that nothing came */
        assert_true(fault->seq > 0 || fault->code == YW_FAULT_OMIT ||
                    fault->code == YW_FAULT_MISSED_ZERO);
    }
    yw_record_fini(&record);
    free(judged);
    free(scheme);
    return yw_buf_steal(&text);
}

static int team_of(struct yw_rehearsal *rehearsal, const char *name)
{
    return yw_conductor_team(yw_rehearsal_conductor(rehearsal),
                             yw_rehearsal_drill(rehearsal), name);
}

struct finding {
    const char *team, *faults;
    int64_t points;
};

static const struct finding expected[] = {
    {"good", "", 11111},
    {"late",
     "LATE CQ.LADDER.1 enterprise>county_jingxin\n"
     "LATE CAC.CII.FIRST cii_operator>cii_protection_dept\n"
     "LATE CAC.CII.FIRST cii_operator>public_security\n",
     1100},
    {"bypass", "BYPASS - enterprise>city_jingxin past county_jingxin\n", 1111},
    {"conceal", "CONCEAL - enterprise>county_jingxin people_affected\n", 111},
};

/* Of the shipped scenario, where the exercise's own limit is five minutes. */
static const struct finding ladder[] = {
    {"good", "", 50},
    {"late", "LATE CQ.LADDER.1 enterprise>county_jingxin\n", 0},
    {"bypass", "BYPASS - enterprise>city_jingxin past county_jingxin\n", 50},
    {"conceal", "CONCEAL - enterprise>county_jingxin people_affected\n", 50},
};

/* Three tiers of people, without objectives. */
static const struct finding offices[] = {
    {"good", "", 0},
    {"late",
     "LATE CQ.LADDER.1 enterprise>county_jingxin\n"
     "LATE CAC.CII.FIRST cii_operator>cii_protection_dept\n"
     "LATE CAC.CII.FIRST cii_operator>public_security\n",
     0},
    {"bypass", "BYPASS - enterprise>city_jingxin past county_jingxin\n", 0},
    {"conceal", "CONCEAL - enterprise>county_jingxin people_affected\n", 0},
};

static void expect_points(struct yw_rehearsal *rehearsal, const struct finding *finding,
                          int team)
{
    const struct yw_score *score =
        yw_conductor_score(yw_rehearsal_conductor(rehearsal),
                           yw_rehearsal_drill(rehearsal), YW_AUDIENCE_CONTROL, -1);
    const struct yw_score_team *points = yw_vec_at(&score->teams, (size_t)team);

    if (points->points != finding->points)
        fail_msg("%s: %lld points instead of %lld", finding->team,
                 (long long)points->points, (long long)finding->points);
}

static void expect_findings(struct yw_rehearsal *rehearsal,
                            const struct finding findings[4], const char *what)
{
    for (size_t i = 0; i < 4; i++) {
        const struct finding *finding = &findings[i];
        int team = team_of(rehearsal, finding->team);
        char *faults = faults_of(rehearsal, YW_AUDIENCE_CONTROL, -1, team);

        if (strcmp(faults != NULL ? faults : "", finding->faults) != 0)
            fail_msg("%s: %s: expected\n%sgot\n%s", what, finding->team, finding->faults,
                     faults);
        free(faults);
        expect_points(rehearsal, finding, team);
    }
}

static void expect_faults(struct yw_rehearsal *rehearsal, const char *what)
{
    expect_findings(rehearsal, expected, what);
}

static struct yw_rehearsal *run(const struct yw_rehearsal_config *config)
{
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    assert_int_equal(yw_rehearsal_open(&rehearsal, config, &err), 0);
    if (yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("%s", err.text);
    return rehearsal;
}

static int64_t count(struct yw_rehearsal *rehearsal, enum yw_event_kind kind,
                     const char *actor)
{
    const struct yw_drill_state *state = &control(rehearsal)->state;
    int64_t found = 0;

    for (size_t i = 0; i < state->duties.count; i++) {
        const struct yw_event *event = *(struct yw_event **)yw_vec_at(&state->duties, i);

        found += event->kind == kind && strcmp(event->actor, actor) == 0;
    }
    return found;
}

static void expect_report(struct yw_rehearsal *rehearsal)
{
    struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsal);
    struct yw_buf text;
    struct yw_err err = {0};

    yw_buf_init(&text, 1 << 22);
    assert_int_equal(
        yw_report_write(&text,
                        yw_conductor_journal(conductor, yw_rehearsal_drill(rehearsal)),
                        yw_conductor_law(conductor), "en", YW_REPORT_MARKDOWN, &err),
        0);
    assert_non_null(strstr(text.data, "Legal clocks and faults"));
    assert_non_null(strstr(text.data, "reported late: CQ.LADDER.1"));
    assert_non_null(strstr(text.data, "fact concealed: people affected was not told"));
    assert_non_null(
        strstr(text.data, "a level of the ladder skipped, past county economy"));
    assert_non_null(strstr(text.data, "time to first report: 00:05:00"));
    assert_non_null(strstr(text.data, "time to first report: 01:30:00"));
    assert_non_null(strstr(text.data, "time to relay: 00:10:00"));
    assert_non_null(strstr(text.data, "Items of reports filled 8/8, figures right 2/2"));
    assert_non_null(strstr(text.data, "figures right 1/2"));
    assert_non_null(strstr(text.data, "The grade was off by +0"));
    yw_buf_fini(&text);
}

static void the_right_faults_and_only_those(void **state)
{
    (void)state;
    struct yw_package *package = sim_package("tests/rehearsal/duties");
    struct yw_rehearsal_config config;

    sim_config(&config, package);
    struct yw_rehearsal *rehearsal = run(&config);

    expect_faults(rehearsal, "uncut");
    expect_report(rehearsal);
    /* the desks: five reports came to the county's tier (the bypasser's first went there too,
     * for the police), six to the city's */
    assert_int_equal(count(rehearsal, YW_EVENT_REPORT_RECEIVED, "desk:county"), 5);
    assert_true(count(rehearsal, YW_EVENT_REPORT_RECEIVED, "desk:city") >= 5);
    assert_int_equal(count(rehearsal, YW_EVENT_REPORT_SENT, "desk:county"), 4);
    yw_rehearsal_close(rehearsal);
    yw_package_free(package);
}

/* The run of an office's own playbook that this team's report started; NULL: none. */
static const struct yw_view_run *office_run(const struct yw_view *view, int tier,
                                            int team, int64_t *ret_questions)
{
    const char *name =
        ((struct yw_team_fold *)yw_vec_at(&view->state.teams, (size_t)team))->name;
    const struct yw_view_run *found = NULL;

    *ret_questions = 0;
    for (size_t i = 0; i < view->runs.count; i++) {
        const struct yw_view_run *run = yw_vec_at(&view->runs, i);
        bool about = false;

        for (size_t k = 0; k < view->questions.count; k++) {
            const struct yw_view_question *question = yw_vec_at(&view->questions, k);

            if (question->asked.run != run->run)
                continue;
            about = about || strstr(question->asked.asks.en, name) != NULL;
        }
        if (!about || run->team != YW_TEAM_OFFICE(tier))
            continue;
        assert_null(found); /* one report, or two: one run */
        found = run;
        for (size_t k = 0; k < view->questions.count; k++) {
            const struct yw_view_question *question = yw_vec_at(&view->questions, k);

            *ret_questions += question->asked.run == run->run;
        }
    }
    return found;
}

/* Each office worked off its own plan, once for every enterprise; the leader who confirmed is the
 * role that the scenario names; and nobody else saw any of it. */
static void expect_offices(struct yw_rehearsal *rehearsal, const char *what)
{
    static const char *const leaders[] = {"", "director", "deputy_mayor"};

    for (int tier = 1; tier <= 2; tier++) {
        const struct yw_view *view =
            yw_conductor_view(yw_rehearsal_conductor(rehearsal),
                              yw_rehearsal_drill(rehearsal), YW_AUDIENCE_TIER, tier);

        assert_int_equal(view->runs.count, 4);
        for (int team = 0; team < 4; team++) {
            int64_t questions = 0;
            const struct yw_view_run *run = office_run(view, tier, team, &questions);

            if (run == NULL || run->active || !run->ok || questions != 5)
                fail_msg("%s: tier %d about team %d: %s, %lld questions", what, tier,
                         team, run == NULL ? "no run" : run->detail,
                         (long long)questions);
        }
        for (size_t i = 0; i < view->questions.count; i++) {
            const struct yw_view_question *question = yw_vec_at(&view->questions, i);

            assert_int_equal(question->team, YW_TEAM_OFFICE(tier));
            assert_int_equal(question->state, YW_QUESTION_ANSWERED);
            if (strcmp(question->asked.ack, "tier_leader") != 0)
                continue;
            assert_string_equal(question->asked.confirms, leaders[tier]);
            assert_non_null(strstr(question->confirmed_by, leaders[tier]));
        }
    }
}

static void three_tiers_of_people(void **state)
{
    (void)state;
    struct yw_package *package = sim_package("tests/rehearsal/offices");
    struct yw_rehearsal_config config;

    sim_config(&config, package);
    struct yw_rehearsal *rehearsal = run(&config);

    expect_findings(rehearsal, offices, "three tiers");
    expect_offices(rehearsal, "three tiers");
    /* who sits there is no desk */
    assert_int_equal(count(rehearsal, YW_EVENT_REPORT_RECEIVED, "desk:county"), 0);
    assert_int_equal(count(rehearsal, YW_EVENT_REPORT_SENT, "office:county/player"), 4);
    assert_int_equal(count(rehearsal, YW_EVENT_REPORT_RECEIVED, "office:county/player"),
                     5);
    for (int team = 0; team < 4; team++) {
        char *board = sim_board(rehearsal, YW_AUDIENCE_TEAM, team);

        assert_null(strstr(board, "county-intake"));
        assert_null(strstr(board, "Give instructions"));
        free(board);
    }
    char *county = sim_board(rehearsal, YW_AUDIENCE_TIER, 1);
    char *public = sim_board(rehearsal, YW_AUDIENCE_PUBLIC, -1);

    char *whole = sim_board(rehearsal, YW_AUDIENCE_CONTROL, -1);

    /* one late report to two: a fault each, to be disputed by itself */
    assert_non_null(strstr(whole, ":cii_protection_dept\":{\"at_ms\""));
    assert_non_null(strstr(whole, ":public_security\":{\"at_ms\""));
    free(whole);
    assert_non_null(strstr(county, "Give instructions"));
    assert_null(strstr(county, "city-intake"));
    assert_null(strstr(public, "intake"));
    free(county);
    free(public);
    yw_rehearsal_close(rehearsal);
    yw_package_free(package);
}

/* The shipped scenario with players of its own. */
static struct yw_package *ladder_package(void)
{
    char folder[] = "/tmp/yw-ladder-XXXXXX";
    struct yw_package *package = NULL;
    struct yw_err err = {0};

    assert_non_null(mkdtemp(folder));
    char *copy = yw_strf("cp -r '%s/scenarios/water-dosing/.' '%s' && cp "
                         "'%s/tests/rehearsal/ladder/rehearsal.lua' '%s'",
                         getenv("YW_SOURCE"), folder, getenv("YW_SOURCE"), folder);
    char *clear = yw_strf("rm -r '%s'", folder);

    assert_int_equal(system(copy), 0);
    if (yw_package_load(&package, folder, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(system(clear), 0);
    free(copy);
    free(clear);
    return package;
}

/* What the drill itself measured of one team: how often, and the last value. */
static int64_t measured(struct yw_rehearsal *rehearsal, int team, const char *metric,
                        double *ret_last)
{
    const struct yw_drill_state *state = &control(rehearsal)->state;
    int64_t found = 0;
    double last = 0;

    for (size_t i = 0; i < state->duties.count; i++) {
        const struct yw_event *event = *(struct yw_event **)yw_vec_at(&state->duties, i);
        const struct yw_ev_metric_measured *p = &event->metric_measured;

        if (event->kind != YW_EVENT_METRIC_MEASURED || event->team != team ||
            strcmp(event->actor, "core") != 0 || strcmp(p->metric, metric) != 0)
            continue;
        found++;
        *ret_last = strtod(p->value, NULL);
        assert_true(*ret_last > last); /* it never falls, and nothing is told twice */
        last = *ret_last;
    }
    return found;
}

/* Machines, a plant that hurts people, the county, the city: nothing that the offices judge by
 * was entered by hand but what the players themselves said. */
static void the_shipped_scenario_finds_them_too(void **state)
{
    (void)state;
    struct yw_package *package = ladder_package();
    struct yw_rehearsal_config config;

    sim_config(&config, package);
    struct yw_rehearsal *rehearsal = run(&config);
    const struct yw_plant_fold *plant;
    double last = 0;

    expect_findings(rehearsal, ladder, "water-dosing");
    for (int team = 0; team < 4; team++) {
        assert_int_equal(measured(rehearsal, team, "people_affected", &last), 1);
        assert_true(last == 120000);
        assert_true(measured(rehearsal, team, "cii_main_function_outage_s", &last) >= 2);
        plant = yw_drill_plant(&control(rehearsal)->state, team, "works");
        /* nobody mends it: it lasts to the end */
        assert_true(plant->out);
        assert_int_equal((int64_t)last,
                         (control(rehearsal)->state.ended_ms - plant->out_since_ms) /
                             1000);
    }
    assert_true(count(rehearsal, YW_EVENT_REPORT_SENT, "desk:county") >= 4);
    assert_true(count(rehearsal, YW_EVENT_REPORT_RECEIVED, "desk:city") >= 4);
    yw_rehearsal_close(rehearsal);
    yw_package_free(package);
}

/* What a team may see has no truth in it: it cannot find out there that it conceals. */
static void truth_is_controls_own(void **state)
{
    (void)state;
    struct yw_package *package = sim_package("tests/rehearsal/duties");
    struct yw_rehearsal_config config;

    sim_config(&config, package);
    struct yw_rehearsal *rehearsal = run(&config);
    int conceal = team_of(rehearsal, "conceal"), late = team_of(rehearsal, "late");
    char *own = faults_of(rehearsal, YW_AUDIENCE_TEAM, conceal, conceal);
    char *lates = faults_of(rehearsal, YW_AUDIENCE_TEAM, late, late);
    char *board = sim_board(rehearsal, YW_AUDIENCE_TEAM, conceal);
    char *county = sim_board(rehearsal, YW_AUDIENCE_TIER, 1);

    assert_string_equal(own != NULL ? own : "", "");
    assert_string_equal(lates, expected[1].faults);
    assert_null(strstr(board, "pressure zones"));
    /* an office sees what was reported to it, and not what a team marks for itself */
    assert_non_null(strstr(county, "10.20.2.66"));
    assert_null(strstr(county, "加药浓度异常"));
    free(own);
    free(lates);
    free(board);
    free(county);
    yw_rehearsal_close(rehearsal);
    yw_package_free(package);
}

static void a_crash_changes_no_fault(void **state)
{
    (void)state;
    struct yw_package *package = sim_package("tests/rehearsal/duties");
    struct outcome whole;

    sim_run_whole(&whole, package);
    for (int64_t n = 2; n < whole.events; n++) {
        enum yw_event_kind kind = whole.kinds[n - 1];
        struct yw_rehearsal_config config;
        struct yw_rehearsal *rehearsal = NULL;
        struct yw_err err = {0};

        if (kind < YW_EVENT_DUTY_PLANNED || kind > YW_EVENT_CHANGE_FROZEN ||
            n % CRASH_EVERY != 0)
            continue;
        char *what = yw_strf("stopped after event %lld", (long long)n);

        sim_config(&config, package);
        config.stop_after = (uint64_t)n;
        config.stop_deaf = n % 2 == 0;
        assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
        assert_int_equal(yw_rehearsal_run(rehearsal, &err), YW_ECANCELED);
        if (yw_rehearsal_restart(rehearsal, &err) != 0 ||
            yw_rehearsal_run(rehearsal, &err) != 0)
            fail_msg("%s: %s", what, err.text);
        expect_faults(rehearsal, what);
        assert_int_equal(count(rehearsal, YW_EVENT_REPORT_SENT, "desk:county"), 4);
        assert_int_equal(count(rehearsal, YW_EVENT_METRIC_MEASURED, "story"), 8);
        yw_rehearsal_close(rehearsal);
        free(what);
    }
    outcome_free(&whole);
    yw_package_free(package);
}

/* Within an office's own plan: what began is gone on with, and begun once. */
static void a_crash_changes_no_office(void **state)
{
    (void)state;
    struct yw_package *package = sim_package("tests/rehearsal/offices");
    struct outcome whole;

    sim_run_whole(&whole, package);
    for (int64_t n = 2; n < whole.events; n += 53) {
        struct yw_rehearsal_config config;
        struct yw_rehearsal *rehearsal = NULL;
        struct yw_err err = {0};
        char *what = yw_strf("stopped after event %lld", (long long)n);

        sim_config(&config, package);
        config.stop_after = (uint64_t)n;
        config.stop_deaf = n % 2 == 0;
        assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
        assert_int_equal(yw_rehearsal_run(rehearsal, &err), YW_ECANCELED);
        if (yw_rehearsal_restart(rehearsal, &err) != 0 ||
            yw_rehearsal_run(rehearsal, &err) != 0)
            fail_msg("%s: %s", what, err.text);
        expect_findings(rehearsal, offices, what);
        expect_offices(rehearsal, what);
        yw_rehearsal_close(rehearsal);
        free(what);
    }
    outcome_free(&whole);
    yw_package_free(package);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_faults_and_only_those),
        cmocka_unit_test(the_shipped_scenario_finds_them_too),
        cmocka_unit_test(truth_is_controls_own),
        cmocka_unit_test(a_crash_changes_no_fault),
        cmocka_unit_test(three_tiers_of_people),
        cmocka_unit_test(a_crash_changes_no_office),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
