/* The profile of the published schemas, by mutation: what they accept although the prose does not,
 * what they refuse although it may stand there, and what both refuse. */
#include "codec/playbook/lint.h"
#include "codec/playbook/playbook.h"

#include "base/file.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *sound;

static int load(void **state)
{
    const char *root = getenv("YW_SOURCE");
    char *path =
        yw_strf("%s/tests/unit/playbooks/schema.json", root != NULL ? root : ".");
    struct yw_err err = {0};
    size_t size;

    (void)state;
    if (yw_file_read(path, YW_PLAYBOOK_BYTES_MAX, &sound, &size, &err) < 0)
        fail_msg("%s", err.text);
    free(path);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    free(sound);
    return 0;
}

static void expect(const char *from, const char *to, const char *code, const char *path)
{
    const char *at = strstr(sound, from);
    struct yw_findings findings;
    struct yw_err err = {0};

    if (at == NULL)
        fail_msg("'%s' is not in the playbook", from);
    char *text = yw_strf("%.*s%s%s", (int)(at - sound), sound, to, at + strlen(from));

    if (yw_playbook_lint(&findings, text, strlen(text), YW_LINT_SCHEMA, &err) < 0)
        fail_msg("%s: %s", to, err.text);
    free(text);
    for (size_t i = 0; i < findings.count; i++)
        print_message("%s: %s %s %s\n", to, findings.items[i].code,
                      findings.items[i].path, findings.items[i].message);
    if (findings.count != (code[0] != '\0'))
        fail_msg("%s → %s: expected '%s'; got %zu findings", from, to, code,
                 findings.count);
    if (findings.count == 1) {
        assert_string_equal(findings.items[0].code, code);
        if (strstr(findings.items[0].path, path) == NULL)
            fail_msg("%s: expected %s; got %s", to, path, findings.items[0].path);
        assert_false(findings.items[0].warning);
    }
    yw_findings_fini(&findings);
}

struct change {
    const char *from, *to;
    const char *code, *path; /* "": accepted */
};

static void expect_all(const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(changes[i].from, changes[i].to, changes[i].code, changes[i].path);
}

#define EXPECT(table) expect_all(table, sizeof(table) / sizeof(table)[0])
#define STEP(n) "11111111-1111-4111-8111-1111111111" n
#define END_2 "\"end--" STEP("02") "\": {\"type\": \"end\"}"

/* The prose forbids all of it. */
static void test_accepts_more_than_the_prose(void **state)
{
    static const struct change changes[] = {
        {"\"priority\": 10", "\"priority\": 10.0, \"unknown\": 1", "", NULL},
        {"\"modified\": \"2026-11-21T00:00:00.000Z\"",
         "\"modified\": \"2025-01-31T23:59:60Z\"", "", NULL},
        {"\"playbook_activities\": [\"disconnect-system\"],", "", "", NULL},
        {"\"playbook_types\": [\"mitigation\"]", "\"playbook_types\": []", "", NULL},
        {"\"on_completion\": \"end--" STEP("02") "\"", "\"name\": \"nowhere\"", "", NULL},
        {"\"on_completion\": \"end--" STEP("03") "\"",
         "\"on_completion\": \"end--" STEP("03") "\", \"on_success\": \"end--" STEP(
             "99") "\"",
         "", NULL},
        {"\"timeout\": 60000", "\"timeout\": -5", "", NULL},
        {"{\"type\": \"manual\", \"command\": \"Look\"}", "{\"type\": \"manual\"}", "",
         NULL},
        {"\"command\": \"POST /cut HTTP/1.1\"", "\"command\": 7", "", NULL},
        {END_2, "\"ende--" STEP("02") "\": {\"type\": 7}", "", NULL},
        {END_2, "\"end--" STEP("0") "\": 7", "", NULL},
        {"\"__level__\": {\"type\": \"integer\"", "\"level\": {\"typ\": 1", "", NULL},
        {"\"__level__\": {", "\"_____\": {", "", NULL},
        {"\"switch-condition--" STEP("06") "\"",
         "\"switch-condition--11111111-1111-5111-b111-111111111106\"", "", NULL},
        {"\"default\": \"end--", "\"default\": \"playbook-action--", "", NULL},
        {"\"default\": \"end--", "\"default\": \"any prefix end--", "", NULL},
        {"\"10.0.0.2\"", "\"host 10.0.0.2\", \"099.1.2.3\"", "", NULL},
        {"\"fe80::1\"", "\"see ::\", \"1:2:3:4:5:6:7:8\", \"::ffff:10.0.0.1\"", "", NULL},
        {"\"https://a.test/x\"", "\"not a url but aa.bc\"", "", NULL},
        {"\"vlan\": [10]", "\"vlan\": [10.5]", "", NULL},
        {"\"schema\": \"a step\"", "\"schema\": \"\"", "", NULL},
        {"\"step_extensions\": {\"extension-definition",
         "\"step_extensions\": {\"extension", "", NULL},
        {"\"password\": \"__secret__:value\"", "\"password\": \"letmein\"", "", NULL},
        {"\"related_version\": \"2026", "\"related_version\": \"2020", "", NULL},
        {"\"agent\": \"group--2222", "\"agent\": \"any-thing--2222", "", NULL},
    };

    (void)state;
    EXPECT(changes);
}

/* The prose allows all of it. */
static void test_refuses_more_than_the_prose(void **state)
{
    static const struct change changes[] = {
        {"\"delay\": 1,", "\"delay\": 0,", "P01", "/delay"},
        {"\"value\": \"0\"", "\"value\": {\"a\": 1}", "V03", "/__level__/value"},
        {"\"10.0.0.2\"", "\"__zone__:value\"", "P01", "/address/ipv4/0"},
        {"\"vlan\": [7]", "\"vlan\": [\"7\"]", "P01", "/address/vlan/0"},
        {"\"name\": \"Drill step\",", "", "P01", "/name"},
    };

    (void)state;
    EXPECT(changes);
}

static void test_refuses_kinds_and_bounds(void **state)
{
    static const struct change changes[] = {
        {"\"type\": \"playbook\"", "\"type\": \"playbooks\"", "P01", "/type"},
        {"cacao-2.0", "cacao-2.1", "P02", "/spec_version"},
        {"\"priority\": 10", "\"priority\": 101", "P01", "/priority"},
        {"\"priority\": 10", "\"priority\": 100", "", NULL},
        {"\"priority\": 10", "\"priority\": -1", "P01", "/priority"},
        {"\"priority\": 10", "\"priority\": 1.5", "P01", "/priority"},
        {"\"priority\": 10", "\"priority\": 10, \"severity\": \"1\"", "P01", "/severity"},
        {"\"playbook_types\": [\"mitigation\"]", "\"playbook_types\": [7]", "P01",
         "/playbook_types/0"},
        {"\"playbook_activities\": [\"disconnect-system\"]",
         "\"playbook_activities\": []", "P01", "/playbook_activities"},
        {"\"created_by\": \"identity--", "\"created_by\": \"Identity--", "P03",
         "/created_by"},
        {"\"created_by\": \"identity--", "\"created_by\": \"id--", "P03", "/created_by"},
        {"\"created_by\": \"identity--", "\"created_by\": \"i-d--", "", NULL},
        {"2b01\"", "2b0\"", "P03", "/id"},
        {"-4c55-9a55-0f6c1a1d2b01", "-6c55-9a55-0f6c1a1d2b01", "P03", "/id"},
        {"-4c55-9a55-0f6c1a1d2b01", "-4c55-7a55-0f6c1a1d2b01", "P03", "/id"},
        {"\"created\": \"2026-11-21T00:00:00.000Z\"",
         "\"created\": \"2026-13-21T00:00:00Z\"", "P05", "/created"},
        {"\"created\": \"2026-11-21T00:00:00.000Z\"",
         "\"created\": \"2026-11-21T24:00:00Z\"", "P05", "/created"},
        {"\"created\": \"2026-11-21T00:00:00.000Z\"",
         "\"created\": \"2026-11-21T00:00:00.Z\"", "P05", "/created"},
        {"\"created\": \"2026-11-21T00:00:00.000Z\"",
         "\"created\": \"2026-11-21T00:00:00+08:00\"", "P05", "/created"},
        {"\"created\": \"2026-11-21T00:00:00.000Z\"",
         "\"created\": \"2026-11-21T00:00:61Z\"", "P05", "/created"},
        {"\"if_logic\": true", "\"if_logic\": \"true\"", "P01",
         "/playbook_processing_summary/if_logic"},
        {"\"value\": \"0\"", "\"value\": 0", "V03", "/__level__/value"},
        {"\"value\": \"0\"", "\"value\": null", "", NULL},
        {"\"name\": \"A page\"", "\"title\": \"A page\"", "P01",
         "/external_references/0/name"},
        {"\"port\": \"8630\"", "\"port\": 8630", "A07", "/port"},
        {"\"region\": \"eastern-asia\"", "\"region\": \"east-asia\"", "P01", "/region"},
        {"\"work\": \"1\"", "\"work\": 1", "P01", "/contact/phone/work"},
        {"\"tlpv2_level\": \"TLP:GREEN\"", "\"tlpv2_level\": \"TLP:WHITE\"", "M01",
         "/tlpv2_level"},
    };

    (void)state;
    EXPECT(changes);
}

static void test_refuses_steps(void **state)
{
    static const struct change changes[] = {
        {END_2,
         "\"end--" STEP("02") "\": {\"type\": \"end\", \"on_completion\": \"end--" STEP(
             "03") "\"}",
         "W11", "/on_completion"},
        {"{\"type\": \"start\",",
         "{\"type\": \"start\", \"on_failure\": \"end--" STEP("02") "\",", "W11",
         "/on_failure"},
        {"{\"type\": \"parallel\",", "{\"type\": \"action\",", "W07", "/type"},
        {"\"next_steps\": [\"end--" STEP("02") "\", ", "\"next_steps\": [", "W10",
         "/next_steps"},
        {"\"commands\": [{\"type\": \"manual\", \"command\": \"Look\"}],", "", "P01",
         "/commands"},
        {"[{\"type\": \"manual\", \"command\": \"Look\"}]", "[]", "P01", "/commands"},
        {"[{\"type\": \"manual\", \"command\": \"Look\"}]", "[{\"command\": \"Look\"}]",
         "P01", "/commands/0/type"},
        {"\"in_args\": [\"__level__\"]", "\"in_args\": []", "P01", "/in_args"},
        {"\"timeout\": 60000", "\"timeout\": 0.5", "P01", "/timeout"},
        {"\"timeout\": 60000", "\"timeout\": 60000.0", "", NULL},
        {"\"condition\": \"[__level__:value > 3]\", ", "", "P01", "/condition"},
        {"\"playbook_version\": \"2026-11-21T00:00:00.000Z\"",
         "\"playbook_version\": \"1.0\"", "P05", "/playbook_version"},
        {"\"default\": \"end--", "\"default\": \"end-", "P03", "/cases/default"},
        {"\"step_extensions\": "
         "{\"extension-definition--33333333-3333-4333-8333-333333333301\": "
         "{\"type\": \"drill-step\"}}",
         "\"step_extensions\": {}", "P01", "/step_extensions"},
    };

    (void)state;
    EXPECT(changes);
}

static void test_refuses_definitions(void **state)
{
    static const struct change changes[] = {
        {"{\"type\": \"group\", \"name\": \"Control\"",
         "{\"type\": \"group\", \"title\": \"Control\"", "P01", "/name"},
        {"{\"type\": \"group\", \"name\": \"Control\"",
         "{\"type\": \"team\", \"name\": \"Control\"", "P03", "/type"},
        {"\"10.0.0.2\"", "\"10.0.0.256\"", "P01", "/ipv4/0"},
        {"\"10.0.0.2\"", "\"10.0.0.2/24\"", "P01", "/ipv4/0"},
        {"\"10.0.0.2\"", "\"a10.0.0.2\"", "P01", "/ipv4/0"},
        {"\"fe80::1\"", "\"fe80::g\"", "P01", "/ipv6/0"},
        {"\"fe80::1\"", "\"::256.1.1.1\"", "P01", "/ipv6/0"},
        {"\"02:00:00:00:00:01\"", "\"02:00:00:00:00\"", "P01", "/l2mac/0"},
        {"\"https://a.test/x\"", "\"__url__:value\"", "P01", "/url/0"},
        {"\"https://a.test/x\"", "\"a.example\"", "P01", "/url/0"},
        {"\"vlan\": [7]", "\"vlan\": [4096]", "P01", "/vlan/0"},
        {"\"vlan\": [7]", "\"vlan\": [7.5]", "P01", "/vlan/0"},
        {"\"vlan\": [10]", "\"vlan\": [-1]", "P01", "/vlan/0"},
        {"\"category\": [\"plc\"]", "\"category\": []", "P01", "/category"},
        {"\"sector\": \"water\"", "\"sectors\": \"water\"", "P01", "/sector"},
        {"\"oauth_header\": \"h\", ", "", "P01", "/oauth_header"},
        {"\"authentication_info_definitions\": {",
         "\"authentication_info_definitions\": {}, \"rest\": {", "P01",
         "/authentication_info_definitions"},
        {"\"data_marking_definitions\": {",
         "\"data_marking_definitions\": {}, \"rest\": {", "", NULL},
        {"\"statement\": \"internal\"", "\"statements\": \"internal\"", "P01",
         "/statement"},
        {"\"public_key\": \"MA\"", "\"public_key\": \"MA\", \"cert_url\": \"x\"", "S02",
         "/signatures/0"},
        {"\"public_key\": \"MA\", ", "", "S02", "/signatures/0"},
        {"\"type\": \"jss\"", "\"type\": \"jws\"", "P01", "/type"},
    };

    (void)state;
    EXPECT(changes);
}

/* A countersignature is a signature: everything that one needs is missing. */
static void test_countersignature(void **state)
{
    const char *from = "\"value\": \"AA\"";
    const char *at = strstr(sound, from);
    struct yw_findings findings;
    struct yw_err err = {0};

    (void)state;
    char *text = yw_strf("%.*s%s, \"signature\": {}%s", (int)(at - sound), sound, from,
                         at + strlen(from));

    assert_int_equal(
        yw_playbook_lint(&findings, text, strlen(text), YW_LINT_SCHEMA, &err), 0);
    assert_int_equal(findings.count, 11);
    assert_non_null(strstr(findings.items[10].path, "/signatures/0/signature"));
    yw_findings_fini(&findings);
    free(text);
}

/* The references of this marking are texts by one rule and objects by the other. */
static void test_no_iep_marking_is_possible(void **state)
{
    const char *rest =
        "\"id\": \"marking-iep--94868c89-83c2-464b-929b-a1a8aa3c8487\", \"created_by\": "
        "\"identity--5abe695c-7bd5-4c31-8824-2528696cdbf1\", \"created\": "
        "\"2022-10-01T00:00:00Z\", \"name\": \"n\", \"description\": \"d\", \"tlp\": "
        "\"green\", "
        "\"iep_version\": 2, \"start_date\": \"2022-10-01T00:00:00Z\", \"end_date\": "
        "null, "
        "\"encrypt_in_transit\": \"must\", \"permitted_actions\": \"none\", "
        "\"affected_party_notifications\": \"may\", \"attribution\": \"must\", "
        "\"unmodified_resale\": \"no\"";
    static const char *const lists[] = {"[\"a page\"]", "[{\"name\": \"a page\"}]", "[]"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char *text =
            yw_strf("\"data_marking_definitions\": {\"marking-iep--94868c89-83c2-464b-"
                    "929b-a1a8aa3c8487\": {\"type\": \"marking-iep\", %s, "
                    "\"external_references\": %s}, ",
                    rest, lists[i]);

        expect("\"data_marking_definitions\": {", text, "P01", "/external_references");
        free(text);
    }
}

static void test_sound(void **state)
{
    (void)state;
    expect("\"playbook\"", "\"playbook\"", "", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_accepts_more_than_the_prose),
        cmocka_unit_test(test_refuses_more_than_the_prose),
        cmocka_unit_test(test_refuses_kinds_and_bounds),
        cmocka_unit_test(test_refuses_steps),
        cmocka_unit_test(test_refuses_definitions),
        cmocka_unit_test(test_countersignature),
        cmocka_unit_test(test_no_iep_marking_is_possible),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
