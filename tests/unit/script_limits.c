/* Every limit of the language at its last good value and one beyond, and a host that
 * holds as many coroutines as it may. */
#include "base/mem.h"
#include "script_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIO                                                                         \
    "scenario \"limits\" { title = { zh = \"限\", en = \"Limits\" }, sector = "         \
    "\"water\", "                                                                        \
    "length = \"5m\" }\n"
#define NET "local net = network \"net\" { cidr = \"10.0.0.0/8\" }\n"
#define MANY                                                                             \
    "local function many(n, make) local all = {} for i = 1, n do all[i] = make(i) end "  \
    "return all end\n"

struct limit {
    const char *source; /* with one %d */
    int max;
    const char *says; /* at max + 1 */
};

static const struct limit limits[] = {
    {SCENARIO
     "for i = 1, %d do network(\"n\" .. i) { cidr = \"10.\" .. i .. \".0.0/16\" } end",
     YW_SPEC_NETWORKS_MAX, "at most 32 of them"},
    {SCENARIO "for i = 1, %d do plant(\"p\" .. i) { model = \"water-dosing\" } end",
     YW_SPEC_PLANTS_MAX, "at most 16 of them"},
    {SCENARIO NET
     "for i = 1, %d do machine(\"m\" .. i) { image = \"plc\", at = { net(\".\" .. i) } } "
     "end",
     YW_SPEC_MACHINES_MAX, "at most 64 of them"},
    {SCENARIO NET MANY
     "machine \"m\" { image = \"plc\", at = many(%d, function (i) "
     "return network(\"n\" .. i) { cidr = \"11.\" .. i .. \".0.0/16\" } \".0.1\" "
     "end) }",
     YW_SPEC_NICS_MAX, "a machine has 1 to 8 addresses"},
    {SCENARIO NET
     "local m = machine \"m\" { image = \"attacker\", at = { net \".1\" } }\n"
     "for i = 1, %d do attack(\"a\" .. i) { technique = \"T0846\", from = m, "
     "action = modbus.scan { network = net } } end",
     YW_SPEC_ATTACKS_MAX, "at most 128 of them"},
    {SCENARIO
     "for i = 1, %d do objective(\"o\" .. i) { says = { zh = \"一\", en = \"One\" }, "
     "points = 1, met_by = answered \"x\" } end",
     YW_SPEC_OBJECTIVES_MAX, "at most 128 of them"},
    {SCENARIO "for i = 1, %d do playbook(\"k\" .. i) { file = \"k.json\", "
              "starts_on = answered \"x\" } end",
     YW_SPEC_PLAYBOOKS_MAX, "at most 32 of them"},
    {MANY "scenario \"limits\" { title = { zh = \"限\", en = \"Limits\" }, sector = "
          "\"water\", "
          "length = \"5m\", rules = many(%d, function (i) return \"R\" .. i end) }",
     YW_SPEC_RULES_MAX, "at most 16 rule packs"},
    {SCENARIO MANY "any(many(%d, function () return answered \"x\" end))",
     YW_COND_CHILDREN_MAX, "any takes 1 to 8 conditions, got 9"},
    {SCENARIO "local c = answered \"x\" for i = 2, %d do c = never(c) end",
     YW_COND_NODES_MAX, "a condition has at most 32 parts"},
    {"scenario \"limits\" { title = { zh = \"限\", en = string.rep(\"x\", %d) }, "
     "sector = \"water\", length = \"5m\" }",
     YW_TEXT_MAX - 1, "the text has 512 bytes, at most 511 fit"},
    {SCENARIO "network(string.rep(\"n\", %d)) { cidr = \"10.0.0.0/8\" }", YW_NAME_MAX - 1,
     "a name has lower-case letters"},
    {SCENARIO "answered(string.rep(\"x\", %d))", YW_NAME_MAX - 1,
     "answered: expected the English name of a step"},
    {SCENARIO "string.rep(\"x\", %d)", 64 * 1024,
     "rep would make a text over 65536 bytes"},
    {SCENARIO "string.find(\"x\", string.rep(\"x\", %d))", 256,
     "the pattern is longer than 256 bytes"},
    {SCENARIO "string.find(\"x\", string.rep(\"a-\", %d))", 4,
     "the pattern has more than 4"},
    {SCENARIO "table.unpack({ }, 1, %d)", 256, "unpack of more than 256 items"},
    {SCENARIO "table.move({ }, 1, %d, 2)", 65536, "move of more than 65536 items"},
    {SCENARIO "local t = { } for i = 1, %d do t[i] = i end for k in pairs(t) do end",
     10000, "pairs: more than 10000 keys"},
    {SCENARIO "modbus.read { holding = 1, count = %d }", 125,
     "from 0 to 125 is needed, got 126"},
};

static void limits_hold(void **arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        for (int over = 0; over < 2; over++) {
            /* The table's own literals are the only formats here. */
            const char *mark = strstr(limits[i].source, "%d");
            assert_non_null(mark);
            char *source = yw_strf("%.*s%d%s", (int)(mark - limits[i].source),
                                   limits[i].source, limits[i].max + over, mark + 2);
            struct harness harness;
            harness_open(&harness);
            int code = harness_load(&harness, source, NULL);
            if (code != 0)
                fail_msg("%s: %s", source, harness.err.text);
            if (over == 0 && harness.reply.answer == YW_SCRIPT_FAULT)
                fail_msg("%s: %s", source, harness.reply.fault.text);
            if (over == 1 && (harness.reply.answer != YW_SCRIPT_FAULT ||
                              strstr(harness.reply.fault.text, limits[i].says) == NULL))
                fail_msg("%s: '%s' instead of '%s'", source, harness.reply.fault.text,
                         limits[i].says);
            harness_close(&harness);
            free(source);
        }
}

static void teams_are_bounded(void **arg)
{
    (void)arg;
    for (int over = 0; over < 2; over++) {
        char *source =
            yw_strf("local teams = { } for i = 1, %d do teams[\"t\" .. i] = \"x\" end "
                    "rehearsal { teams = teams } player \"x\" (function (p) end)",
                    YW_SCRIPT_PLAYERS_MAX + over);
        struct harness harness;
        harness_open(&harness);
        assert_int_equal(harness_load(&harness, SCENARIO, source), 0);
        assert_int_equal(harness.reply.answer,
                         over == 0 ? YW_SCRIPT_LOADED : YW_SCRIPT_FAULT);
        harness_close(&harness);
        free(source);
    }
}

static void all_coroutines_fit(void **arg)
{
    (void)arg;
    struct harness harness;
    char *scenario = harness_read("tests/drills/dosing-line/scenario.lua");
    harness_open(&harness);
    assert_int_equal(harness_load(&harness, scenario, NULL), 0);
    free(scenario);
    for (int turn = 0; turn < 3; turn++)
        for (int co = 0; co < YW_SCRIPT_CO_MAX; co++) {
            char team[YW_NAME_MAX];
            snprintf(team, sizeof(team), "team-%d", co);
            int code = turn == 0 ? harness_start_story(&harness, co, team)
                                 : harness_resume(&harness, co, true);
            if (code != 0)
                fail_msg("%s", harness.err.text);
            assert_int_equal(harness.reply.answer, YW_SCRIPT_VERB);
        }
    harness_close(&harness);
}

/* Greedy teams end alone: what they held is free again and the host goes on. */
static void greed_ends_alone(void **arg)
{
    (void)arg;
    static const char source[] =
        SCENARIO "story(function (s) local all = { }\n"
                 "for i = 1, 100000 do all[i] = { } end\n" /* about 8 MiB */
                 "s:wait \"1s\"\nreturn all end)";
    struct harness harness;
    int faults = 0;
    harness_open(&harness);
    assert_int_equal(harness_load(&harness, source, NULL), 0);
    for (int co = 0; co < YW_SCRIPT_CO_MAX; co++) {
        assert_int_equal(harness_start_story(&harness, co, "greedy"), 0);
        if (harness.reply.answer == YW_SCRIPT_FAULT) {
            assert_int_equal(harness.reply.fault.code, YW_ELIMIT);
            assert_non_null(strstr(harness.reply.fault.text, "all stories together"));
            faults++;
        }
    }
    assert_in_range(faults, 1, YW_SCRIPT_CO_MAX - 10);
    assert_int_equal(harness_resume(&harness, 0, true), 0);
    assert_int_equal(harness.reply.answer, YW_SCRIPT_FINISHED);
    assert_int_equal(harness_start_story(&harness, 0, "next"), 0);
    assert_int_equal(harness.reply.answer, YW_SCRIPT_VERB);
    harness_close(&harness);
}

static void a_dead_host_is_said(void **arg)
{
    (void)arg;
    struct harness harness;
    harness_open(&harness);
    assert_int_equal(harness_load(&harness, SCENARIO, NULL), 0);
    kill(harness.pid, SIGKILL);
    assert_int_equal(harness_start_story(&harness, 0, "blue"), YW_EIO);
    assert_non_null(strstr(harness.err.text, "script host"));
    harness_close(&harness);
    assert_int_equal(
        yw_script_spawn("/no/such/program", &harness.pid, &harness.fd, &harness.err),
        YW_EIO);
}

int main(int argc, char **argv)
{
    int status = harness_main(argc, argv);
    if (status >= 0)
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_hold),         cmocka_unit_test(teams_are_bounded),
        cmocka_unit_test(all_coroutines_fit),  cmocka_unit_test(greed_ends_alone),
        cmocka_unit_test(a_dead_host_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
