/* The shipped scenario: what its declare stage gives, and both ways through its story. */
#include "script_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static int load_shipped(struct harness *harness)
{
    char *scenario = harness_read("tests/drills/dosing-line/scenario.lua");
    char *rehearsal = harness_read("tests/drills/dosing-line/rehearsal.lua");
    int code = harness_load(harness, scenario, rehearsal);
    free(scenario);
    free(rehearsal);
    if (code != 0)
        fail_msg("%s", harness->err.text);
    if (harness->reply.answer == YW_SCRIPT_FAULT)
        fail_msg("%s", harness->reply.fault.text);
    return code;
}

static void gives_a_spec(void **arg)
{
    (void)arg;
    struct harness harness;
    harness_open(&harness);
    load_shipped(&harness);
    assert_int_equal(harness.reply.answer, YW_SCRIPT_LOADED);
    const struct yw_spec *spec = harness.reply.spec;
    assert_string_equal(spec->id, "dosing-line");
    assert_int_equal(spec->length_ms, 15 * 60 * 1000);
    assert_int_equal(spec->rule_count, 2);
    assert_int_equal(spec->network_count, 2);
    assert_int_equal(spec->machine_count, 3);
    const struct yw_spec_machine *plc = &spec->machines[yw_spec_machine(spec, "plc1")];
    assert_int_equal(plc->nics[0].address, 0x0a14020b); /* 10.20.2.11 */
    assert_int_equal(plc->plant, yw_spec_plant(spec, "works"));
    assert_int_equal(spec->machines[yw_spec_machine(spec, "hmi1")].serves,
                     yw_spec_machine(spec, "plc1"));
    assert_true(spec->machines[yw_spec_machine(spec, "jump")].hidden);
    const struct yw_spec_attack *raise =
        &spec->attacks[yw_spec_attack(spec, "raise-dose")];
    static const char *const argv[] = {"modbus",  "write", "10.20.2.11", "1",
                                       "holding", "40",    "11100"};
    assert_int_equal(raise->argc, 7);
    for (size_t i = 0; i < raise->argc; i++)
        assert_string_equal(raise->argv[i], argv[i]);
    const struct yw_spec_attack *sweep = &spec->attacks[yw_spec_attack(spec, "sweep")];
    assert_int_equal(sweep->argc, 3);
    assert_string_equal(sweep->argv[2], "10.20.2.0/24");
    const struct yw_spec_objective *contained =
        &spec->objectives[yw_spec_objective(spec, "contained")];
    assert_int_equal(contained->points, 150);
    assert_int_equal(contained->fades_to, 40);
    assert_int_equal(contained->over_ms, 360000);
    assert_int_equal(contained->since, yw_spec_attack(spec, "raise-dose"));
    assert_int_equal(contained->met_by.nodes[contained->met_by.count - 1].kind,
                     YW_COND_ANY);
    harness_close(&harness);
}

static void names_the_players(void **arg)
{
    (void)arg;
    struct harness harness;
    harness_open(&harness);
    load_shipped(&harness);
    assert_true(harness.reply.has_story);
    assert_int_equal(harness.reply.player_count, 2);
    assert_string_equal(harness.reply.players[0].team, "blue-quick");
    assert_string_equal(harness.reply.players[0].player, "quick");
    assert_string_equal(harness.reply.players[1].team, "blue-slow");
    assert_true(harness.reply.rehearsal_speed == 10);
    harness_close(&harness);
}

/* Resumes with `holds` and expects this verb. */
static void expect_verb(struct harness *harness, int co, bool holds,
                        enum yw_script_verb_kind kind)
{
    assert_int_equal(harness_resume(harness, co, holds), 0);
    if (harness->reply.answer == YW_SCRIPT_FAULT)
        fail_msg("%s", harness->reply.fault.text);
    assert_int_equal(harness->reply.answer, YW_SCRIPT_VERB);
    assert_int_equal(harness->reply.verb.kind, kind);
}

static void story_goes_both_ways(void **arg)
{
    (void)arg;
    struct harness harness;
    harness_open(&harness);
    load_shipped(&harness);
    for (int slow = 0; slow < 2; slow++) {
        int co = slow;
        assert_int_equal(
            harness_start_story(&harness, co, slow ? "blue-slow" : "blue-quick"), 0);
        assert_int_equal(harness.reply.answer, YW_SCRIPT_VERB);
        assert_int_equal(harness.reply.verb.kind, YW_VERB_SAY);
        assert_string_equal(harness.reply.verb.text.en, "Shift handover. All quiet.");
        expect_verb(&harness, co, true, YW_VERB_WAIT);
        assert_int_equal(harness.reply.verb.span_ms, 60000);
        expect_verb(&harness, co, true, YW_VERB_ATTACK);
        assert_string_equal(harness.reply.verb.subject, "sweep");
        expect_verb(&harness, co, true, YW_VERB_WAIT);
        expect_verb(&harness, co, true, YW_VERB_ATTACK);
        assert_string_equal(harness.reply.verb.subject, "raise-dose");
        expect_verb(&harness, co, true, YW_VERB_WAIT_FOR);
        assert_int_equal(harness.reply.verb.span_ms, 300000);
        assert_int_equal(harness.reply.verb.cond.nodes[0].kind, YW_COND_MET);
        assert_string_equal(harness.reply.verb.cond.nodes[0].subject, "contained");
        if (slow)
            expect_verb(&harness, co, false, YW_VERB_HINT);
        expect_verb(&harness, co, true, YW_VERB_WAIT_UNTIL);
        assert_int_equal(harness.reply.verb.cond.nodes[0].kind, YW_COND_LEVEL_AT_MOST);
        if (slow) { /* the call centre, and what it tells is a fact */
            expect_verb(&harness, co, false, YW_VERB_SAY);
            expect_verb(&harness, co, true, YW_VERB_ENTER);
            assert_string_equal(harness.reply.verb.subject, "fact");
        }
        expect_verb(&harness, co, true, YW_VERB_WAIT_UNTIL);
        expect_verb(&harness, co, !slow, YW_VERB_SAY);
        assert_true((strstr(harness.reply.verb.text.en, "reserve") != NULL) == slow);
        assert_int_equal(harness_resume(&harness, co, true), 0);
        assert_int_equal(harness.reply.answer, YW_SCRIPT_FINISHED);
    }
    harness_close(&harness);
}

static void quick_player_acts(void **arg)
{
    (void)arg;
    struct harness harness;
    harness_open(&harness);
    load_shipped(&harness);
    assert_int_equal(harness_start_player(&harness, 5, "blue-quick", "quick"), 0);
    assert_int_equal(harness.reply.answer, YW_SCRIPT_VERB);
    assert_int_equal(harness.reply.verb.kind, YW_VERB_WAIT_QUESTION);
    assert_string_equal(harness.reply.verb.subject, "Assess the alarm");
    assert_int_equal(harness.reply.verb.span_ms, 600000);
    expect_verb(&harness, 5, true, YW_VERB_ENTER);
    assert_string_equal(harness.reply.verb.subject, "incident");
    expect_verb(&harness, 5, true, YW_VERB_WAIT);
    expect_verb(&harness, 5, true, YW_VERB_OPERATE);
    assert_string_equal(harness.reply.verb.subject, "hmi1");
    assert_int_equal(harness.reply.verb.argc, 3);
    assert_string_equal(harness.reply.verb.argv[0], "operate");
    assert_string_equal(harness.reply.verb.argv[1], "set-point");
    assert_string_equal(harness.reply.verb.argv[2], "100");
    expect_verb(&harness, 5, true, YW_VERB_ANSWER);
    assert_string_equal(harness.reply.verb.role, "ir_lead");
    assert_int_equal(harness.reply.verb.var_count, 2);
    assert_string_equal(harness.reply.verb.vars[0].name, "source");
    assert_string_equal(harness.reply.verb.vars[0].value, "10.20.2.66");
    assert_string_equal(harness.reply.verb.vars[1].name, "tampered");
    assert_string_equal(harness.reply.verb.vars[1].value, "true");
    expect_verb(&harness, 5, true, YW_VERB_WAIT);
    expect_verb(&harness, 5, true, YW_VERB_REPORT);
    expect_verb(&harness, 5, true, YW_VERB_ENTER);
    assert_string_equal(harness.reply.verb.subject, "act");
    expect_verb(&harness, 5, true, YW_VERB_ENTER);
    assert_string_equal(harness.reply.verb.subject, "report");
    assert_int_equal(harness_resume(&harness, 5, true), 0);
    assert_int_equal(harness.reply.answer, YW_SCRIPT_FINISHED);
    /* Its number is free again; a question that never came ends the player. */
    assert_int_equal(harness_start_player(&harness, 5, "blue-slow", "slow"), 0);
    assert_int_equal(harness_resume(&harness, 5, false), 0);
    assert_int_equal(harness.reply.answer, YW_SCRIPT_FINISHED);
    harness_close(&harness);
}

static void turns_are_kept_apart(void **arg)
{
    (void)arg;
    struct harness harness;
    harness_open(&harness);
    assert_int_equal(harness_start_story(&harness, 0, "blue"), 0);
    assert_int_equal(harness.reply.fault.code, YW_ESTATE);
    load_shipped(&harness);
    assert_int_equal(harness_resume(&harness, 3, true), 0);
    assert_int_equal(harness.reply.fault.code, YW_ESTATE);
    assert_int_equal(harness_start_story(&harness, 0, "blue"), 0);
    assert_int_equal(harness.reply.answer, YW_SCRIPT_VERB);
    assert_int_equal(harness_start_story(&harness, 0, "blue"), 0);
    assert_int_equal(harness.reply.fault.code, YW_ESTATE);
    assert_int_equal(harness_start_player(&harness, 1, "blue", "nobody"), 0);
    assert_int_equal(harness.reply.fault.code, YW_ENOTFOUND);
    harness_close(&harness);
}

/* Every constructor, condition, action and library the language has, in one file. */
static void everything_loads(void **arg)
{
    (void)arg;
    struct harness harness;
    harness_open(&harness);
    char *source = harness_read("tests/fuzz/corpus/script_load/everything.lua");
    assert_int_equal(harness_load(&harness, source, NULL), 0);
    free(source);
    if (harness.reply.answer == YW_SCRIPT_FAULT)
        fail_msg("%s", harness.reply.fault.text);
    const struct yw_spec *spec = harness.reply.spec;
    assert_int_equal(spec->networks[0].address, 0x0a010000);
    assert_int_equal(spec->machines[0].nics[0].address, 0x0a010001); /* ".0.1" of a /16 */
    assert_int_equal(spec->machines[1].nics[0].address, 0x0a010203);
    assert_string_equal(spec->attacks[0].argv[4], "coil");
    assert_string_equal(spec->attacks[1].argv[1], "read");
    assert_string_equal(spec->attacks[1].argv[6], "9");
    assert_int_equal(spec->length_ms, 90 * 60 * 1000);
    const struct yw_cond *cond = &spec->objectives[0].met_by;
    assert_int_equal(cond->nodes[cond->count - 1].kind, YW_COND_ALL);
    assert_int_equal(cond->nodes[cond->count - 1].child_count, 5);
    struct yw_buf text;
    yw_buf_init(&text, 4096);
    yw_cond_describe(cond, &text);
    assert_non_null(strstr(text.data, "isolated(b)"));
    yw_buf_clear(&text);
    yw_cond_describe(&spec->objectives[spec->objective_count - 1].met_by, &text);
    assert_string_equal(text.data, "all of: reported_in_time(CQ.LADDER.1); "
                                   "graded_right(CAC-REPORT-2025); merit(detect) at most "
                                   "300; merit(accuracy) at least 0.8");
    assert_int_equal(spec->measure_count, 2);
    assert_true(yw_spec_measured(&spec->measures[0], 200) == 0);
    assert_true(yw_spec_measured(&spec->measures[0], 200.5) == 5);
    assert_true(yw_spec_measured(&spec->measures[1], 3) == 6);
    yw_buf_fini(&text);
    harness_close(&harness);
}

int main(int argc, char **argv)
{
    int status = harness_main(argc, argv);
    if (status >= 0)
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_a_spec),         cmocka_unit_test(names_the_players),
        cmocka_unit_test(story_goes_both_ways), cmocka_unit_test(quick_player_acts),
        cmocka_unit_test(turns_are_kept_apart), cmocka_unit_test(everything_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
