/* The linter, by mutation: a sound playbook with one thing changed gives the code for that thing,
 * at its place, and nothing else. */
#include "codec/playbook/lint.h"

#include "base/file.h"
#include "base/mem.h"
#include "codec/playbook/playbook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *sound; /* every_step.json */
static size_t sound_size;

static int load(void **state)
{
    const char *root = getenv("YW_SOURCE");
    char *path =
        yw_strf("%s/tests/unit/playbooks/every_step.json", root != NULL ? root : ".");
    struct yw_err err = {0};

    (void)state;
    if (yw_file_read(path, YW_PLAYBOOK_BYTES_MAX, &sound, &sound_size, &err) < 0)
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

/* The text with the first `from` made `to`. *new* */
static char *changed(const char *from, const char *to)
{
    char *at = strstr(sound, from);

    if (at == NULL)
        fail_msg("'%s' is not in the playbook", from);
    return yw_strf("%.*s%s%s", (int)(at - sound), sound, to, at + strlen(from));
}

static void lint(struct yw_findings *findings, const char *text,
                 enum yw_lint_profile profile)
{
    struct yw_err err = {0};

    if (yw_playbook_lint(findings, text, strlen(text), profile, &err) < 0)
        fail_msg("%s", err.text);
}

#define ID(n) "11111111-1111-4111-8111-1111111111" n

static const struct {
    const char *from, *to;
    const char *codes; /* all that is found, in order */
    const char *path;  /* part of the first one's pointer */
} mutations[] = {
    {"\"name\": \"Every kind of step\",", "", "P01", "/name"},
    {"\"priority\": 10", "\"priority\": 101", "P01", "/priority"},
    {"cacao-2.0", "cacao-1.1", "P02", "/spec_version"},
    {"\"playbook--0d4f6b0a-6e3d-4c55-9a55-0f6c1a1d2b01\"", "\"playbook--1\"", "P03",
     "/id"},
    {"\"created\": \"2026-11-21T00:00:00.000Z\"", "\"created\": \"2026-11-21T00:00:00Z\"",
     "P05", "/created"},
    {"\"modified\": \"2026", "\"modified\": \"2025", "P06", "/modified"},
    {"\"valid_until\": \"2027", "\"valid_until\": \"2025", "P07", "/valid_until"},
    {"\"playbook_activities\": [\"disconnect-system\"],", "", "P08", "/playbook_types"},
    {"\"priority\"", "\"prioritty\"", "P09", "/prioritty"},
    {"\"playbook_activities\": [\"disconnect-system\"]",
     "\"playbook_activities\": [\"disconnect-system\", \"scan-system\"]", "P10",
     "/playbook_activities/1"},
    {"\"workflow_start\": \"start--" ID("01"), "\"workflow_start\": \"end--" ID("10"),
     "W01", "/workflow_start"},
    {"\"on_failure\": \"end--" ID("11"), "\"on_failure\": \"end--" ID("99"), "W03 W04",
     "/on_failure"},
    {"\"on_success\": \"parallel--" ID("04"), "\"on_completion\": \"parallel--" ID("04"),
     "W05", "/workflow/action--" ID("03")},
    {"\"timeout\": 600000,", "", "W12", "/workflow/while-condition"},
    {"\"switch-condition--" ID("07") "\": {", "\"switch--" ID("07") "\": {",
     "W03 W04 W07 W04 W04 W04 W04", "/workflow/parallel"},
    {"\"on_completion\": \"end--" ID("12"), "\"on_completion\": \"end--" ID("13"),
     "W04 W08", "/workflow/end--" ID("12")},
    {"\"on_completion\": \"end--" ID("18"), "\"on_completion\": \"action--" ID("03"),
     "W08 W09 W08 W04", "/workflow/end--" ID("11")},
    {"\"type\": \"playbook-action\"", "\"type\": \"playbook-call\"", "W07 W11 W10",
     "/workflow/playbook-action"},
    {"\"timeout\": 60000,", "\"timeoutt\": 60000,", "W11", "/timeoutt"},
    {"\"timeout\": 60000,", "\"timeout\": -1,", "P01", "/timeout"},
    {"{\"type\": \"manual\", \"command\": \"Take over\"}", "{\"type\": \"manual\"}",
     "C01", "/commands/0"},
    {"\"aWQ=\"", "\"a*Q=\"", "C02", "/commands/0/command_b64"},
    {"POST /cut/__zone__:value HTTP/1.1", "POST /cut/__zone__:value", "C03",
     "/commands/0/command"},
    {"{\"Accept\": [\"application/json\"]}", "{\"Accept\": \"application/json\"}", "P01",
     "/headers/Accept"},
    {"{\"type\": \"manual\", \"command\": \"Take over\"}",
     "{\"type\": \"openc2-http\", \"command\": \"GET / HTTP/1.1\", \"content_b64\": "
     "\"e30=\"}",
     "C04", "/commands/0/command"},
    {"{\"type\": \"manual\", \"command\": \"Take over\"}",
     "{\"type\": \"plc-write\", \"command\": \"x\"}", "C05", "/commands/0"},
    {"\"agent\": \"group--22222222-2222-4222-8222-222222222201\"",
     "\"agent\": \"group--22222222-2222-4222-8222-222222222299\"", "A01", "/agent"},
    {"[\"net-address--22222222-2222-4222-8222-222222222203\"]",
     "[\"net-address--22222222-2222-4222-8222-222222222299\"]", "A02", "/targets"},
    {"\"authentication_info\": \"user-auth--44444444-4444-4444-8444-444444444401\"",
     "\"authentication_info\": \"user-auth--44444444-4444-4444-8444-444444444499\"",
     "A03", "/authentication_info"},
    {"[\"10.0.0.2\"]", "[\"__zone__:value\"]", "A04", "/address/ipv4"},
    {"{\"type\": \"group\", \"name\": \"Control\"}",
     "{\"type\": \"team\", \"name\": \"Control\"}", "A05 W07", "/agent_definitions"},
    {"\"address\": {\"ipv4\": [\"10.0.0.0\"]}",
     "\"address\": {\"ipv4\": [\"10.0.0.0\"]}, \"port\": \"1\"", "A06", "/port"},
    {"\"__secret__:value\"", "\"letmein\"", "A06", "/password"},
    {"\"port\": \"8630\"", "\"port\": 8630", "A07", "/port"},
    {"\"port\": \"8630\"", "\"port\": \"65536\"", "A07", "/port"},
    {"\"__secret__\": {", "\"__1secret__\": {", "V01 V02", "/__1secret__"},
    {"/cut/__zone__:value", "/cut/__zonee__:value", "V02", "/commands/0/command"},
    {"\"in_args\": [\"__zone__\"]", "\"in_args\": [\"__none__\"]", "V02", "/in_args"},
    {"{\"type\": \"integer\", \"value\": \"0\"}", "{\"type\": \"integer\", \"value\": 0}",
     "V03", "/__level__/value"},
    {"{\"type\": \"integer\", \"value\": \"0\"}",
     "{\"type\": \"integer\", \"value\": \"low\"}", "V03", "/__level__/value"},
    {"\"out_args\": [\"__level__\"]", "\"out_args\": [\"__zone__\"]", "V04", "/out_args"},
    {"{\"type\": \"integer\", \"value\": \"1\"}",
     "{\"type\": \"integer\", \"value\": \"1\", \"external\": false}", "V05",
     "/__try__/external"},
    {"\"extension-definition--33333333-3333-4333-8333-333333333301\": {\"type\": "
     "\"drill-step\"",
     "\"extension-definition--33333333-3333-4333-8333-333333333399\": {\"type\": "
     "\"drill-step\"",
     "X01", "/step_extensions/"},
    {"\"role\": \"lead\"", "\"to\": \"lead\"", "X02", "/to"},
    {"marking-tlp--bab4a63c", "marking-tlp--aab4a63c", "M01", "/markings/0"},
    {"TLP:GREEN", "TLP:RED", "M01", "/tlpv2_level"},
    {"\"tlpv2_level\": ", "\"level\": ", "P01 P09", "/tlpv2_level"},
    {"\"created\": \"2026-11-21T", "\"created\": \"2026-02-30T", "P05", "/created"},
    {"\"created\": \"2026-11-21T00", "\"created\": \"2026-11-21T24", "P05", "/created"},
    {"\"priority\": 10", "\"playbook_processing_summary\": {\"if_logic\": \"yes\"}",
     "P01", "/playbook_processing_summary/if_logic"},
    {"[__level__:value > 2]", "wait until the manager agrees", "P01", "/condition"},
    {"[__level__:value > 2]", "__level__:value > 2 AND NOT __level__:value = 3", "P01",
     "/condition"},
    {"[\"10.0.0.2\"]", "[\"10.0.0.256\"]", "P01", "/address/ipv4"},
    {"\"address\": {\"dname\"", "\"address\": {\"dnames\"", "A06", "/address/dnames"},
    {"\"name\": \"Control\"", "\"name\": \"Control\", \"location\": {\"region\": \"x\"}",
     "P01", "/location/region"},
    {"\"name\": \"Control\"",
     "\"name\": \"Control\", \"location\": {\"latitude\": \"1.5\"}", "P01", "/location"},
    {"\"type\": \"user-auth\",", "\"type\": \"user-auth\", \"kms\": true,", "P01 A06",
     "/kms_key_identifier"},
    {"\"version\": \"1.0.0\"", "\"version\": \"1.0\"", "P01", "/version"},
    {"\"on_success\": \"parallel--" ID("04") "\", ", "",
     "W06 W04 W04 W04 W04 W04 W04 W04 W04 W04 W04 W04 W04 W04",
     "/workflow/action--" ID("03")},
};

static void expect(const char *text, const char *from, const char *codes,
                   const char *path)
{
    struct yw_findings findings;
    char found[256] = "";

    lint(&findings, text, YW_LINT_STRICT);
    for (size_t i = 0; i < findings.count; i++) {
        size_t used = strlen(found);

        (void)yw_copyf(found + used, sizeof found - used, "%s%s", i > 0 ? " " : "",
                       findings.items[i].code);
    }
    if (strcmp(found, codes) != 0) {
        for (size_t i = 0; i < findings.count; i++)
            print_message("%d %s %s %s\n", findings.items[i].line, findings.items[i].code,
                          findings.items[i].path, findings.items[i].message);
        fail_msg("%s: expected %s; got %s", from, codes, found);
    }
    if (path != NULL && strstr(findings.items[0].path, path) == NULL)
        fail_msg("%s: expected %s; got %s", from, path, findings.items[0].path);
    for (size_t i = 0; i < findings.count; i++) {
        if (findings.items[i].line == 0)
            fail_msg("%s: no line for %s", from, findings.items[i].path);
    }
    yw_findings_fini(&findings);
}

static void test_sound(void **state)
{
    (void)state;
    expect(sound, "", "", NULL);
}

static void test_mutations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mutations / sizeof mutations[0]; i++) {
        char *text = changed(mutations[i].from, mutations[i].to);

        expect(text, mutations[i].from, mutations[i].codes, mutations[i].path);
        free(text);
    }
}

/* What is only warned of runs: the reader takes it from elsewhere. */
static void loads(const char *text, const char *from)
{
    struct yw_playbook *playbook = NULL;
    struct yw_err err = {0};

    if (yw_playbook_decode_lenient(&playbook, text, strlen(text), &err) < 0)
        fail_msg("%s: %s", from, err.text);
    assert_int_equal(playbook->steps[playbook->start].type, YW_PB_START);
    assert_non_null(strstr(playbook->id, "playbook--"));
    yw_playbook_free(playbook);
}

/* Each mutation is a warning when lenient, but for a run that would have no end. */
static void test_lenient_warns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mutations / sizeof mutations[0]; i++) {
        char *text = changed(mutations[i].from, mutations[i].to);
        struct yw_findings findings;

        lint(&findings, text, YW_LINT_LENIENT);
        bool endless = strstr(mutations[i].codes, "W09") != NULL;

        assert_true(findings.count > 0);
        if ((yw_findings_errors(&findings) > 0) != endless)
            fail_msg("%s: an error", mutations[i].from);
        if (!endless)
            loads(text, mutations[i].from);
        yw_findings_fini(&findings);
        free(text);
    }
}

/* What a run makes of the worst: nothing is lost that a person could do. */
static void test_put_right(void **state)
{
    static const char text[] =
        "{\"created\":\"2023-05-01T08:00:00.123456+08:00\",\"name\":\"n\","
        "\"markings\":[\"marking-tlp--e828b379-4e03-4974-9ac4-e53a884c97c1\"],"
        "\"playbook_variables\":{\"__n__\":{\"type\":\"integer\",\"value\":5},"
        "\"bad\":{\"type\":\"string\"},\"__b__\":{\"type\":\"bool\",\"value\":\"yes\"}},"
        "\"workflow\":{\"start--1\":{\"type\":\"start\",\"on_success\":\"step--2\"},"
        "\"step--2\":{\"type\":\"action\",\"commands\":[{\"type\":\"http-api\","
        "\"command\":\"GET /\"}],\"timeout\":-5,\"out_args\":[\"__new__\",\"__new__\"],"
        "\"on_completion\":\"dance--3\",\"on_failure\":\"gone--9\"},"
        "\"dance--3\":{\"type\":\"dance\",\"name\":\"Waltz\","
        "\"on_completion\":\"if--4\"},"
        "\"if--4\":{\"type\":\"if-condition\",\"condition\":\"is it calm?\"},"
        "\"lost--5\":{\"type\":\"end\"}}}";
    struct yw_playbook *playbook = NULL;
    struct yw_err err = {0};

    (void)state;
    if (yw_playbook_decode_lenient(&playbook, text, strlen(text), &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(playbook->modified, "2023-05-01T00:00:00.123Z");
    assert_int_equal(playbook->marking, YW_TLP_RED);
    assert_int_equal(playbook->var_count, 3);
    assert_string_equal(playbook->vars[yw_playbook_var(playbook, "n")].value, "5");
    assert_string_equal(playbook->vars[yw_playbook_var(playbook, "b")].type, "string");
    const struct yw_pb_step *get =
        &playbook->steps[yw_playbook_step(playbook, "step--2")];
    const struct yw_pb_step *dance =
        &playbook->steps[yw_playbook_step(playbook, "dance--3")];

    assert_true(get->foreign && strstr(get->asks.en, "http-api: GET /") != NULL);
    assert_int_equal(get->timeout_ms, 0);
    assert_int_equal(get->out_count, 1);
    assert_int_equal(get->on_completion, yw_playbook_step(playbook, "dance--3"));
    assert_true(dance->foreign && strstr(dance->asks.en, "dance: Waltz") != NULL);
    assert_int_equal(dance->type, YW_PB_ACTION);
    assert_int_equal(yw_playbook_step(playbook, "lost--5"), -1);
    yw_playbook_free(playbook);
    assert_int_equal(yw_playbook_decode(&playbook, text, strlen(text), &err), YW_EINVAL);
}

static void test_nobody_could_start(void **state)
{
    char *text = changed("\"workflow\": {", "\"workflows\": {");
    struct yw_findings findings;

    (void)state;
    lint(&findings, text, YW_LINT_LENIENT);
    assert_true(yw_findings_errors(&findings) > 0);
    yw_findings_fini(&findings);
    free(text);
}

static void test_line(void **state)
{
    char *text = changed("\"priority\": 10", "\"priority\": 101");
    struct yw_findings findings;

    (void)state;
    lint(&findings, text, YW_LINT_STRICT);
    assert_int_equal(findings.items[0].line, 13);
    yw_findings_fini(&findings);
    free(text);
}

static void unreadable(const char *text, size_t size, int code, const char *part)
{
    struct yw_findings findings;
    struct yw_err err = {0};

    assert_int_equal(yw_playbook_lint(&findings, text, size, YW_LINT_LENIENT, &err),
                     code);
    if (strstr(err.text, part) == NULL)
        fail_msg("'%s' is not in: %s", part, err.text);
    yw_findings_fini(&findings);
}

static void test_unreadable(void **state)
{
    char deep[400];

    (void)state;
    unreadable("{", 1, YW_EINVAL, "line 1");
    unreadable("[]", 2, YW_EINVAL, "an object");
    unreadable("{\"a\":1,\n\"a\":2}", 14, YW_EINVAL, "line 2");
    memset(deep, '[', sizeof deep);
    deep[10] = '\n';
    unreadable(deep, sizeof deep, YW_EINVAL, "line 2: nested deeper than 64");
    char *big = yw_new(YW_PLAYBOOK_BYTES_MAX + 1);

    memset(big, ' ', YW_PLAYBOOK_BYTES_MAX + 1);
    unreadable(big, YW_PLAYBOOK_BYTES_MAX + 1, YW_ELIMIT, "above");
    unreadable(big, YW_PLAYBOOK_BYTES_MAX, YW_EINVAL, "line 1");
    free(big);
}

/* `count` steps in a chain that ends where it began. *new* */
static char *ring(int count)
{
    size_t room = (size_t)count * 220 + 1000, used = 0;
    char *text = yw_new(room);

    used += (size_t)snprintf(text, room,
                             "{\"workflow_start\":\"start--%08x-0000-4000-8000-"
                             "000000000000\",\"workflow\":{",
                             0U);
    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(
            text + used, room - used,
            "%s\"%s--%08x-0000-4000-8000-000000000000\":{\"type\":\"%s\","
            "\"on_completion\":\"%s--%08x-0000-4000-8000-000000000000\"}",
            i > 0 ? "," : "", i > 0 ? "action" : "start", (unsigned)i,
            i > 0 ? "action" : "start", i + 1 < count ? "action" : "start",
            (unsigned)((i + 1) % count));
    (void)snprintf(text + used, room - used, "}}");
    return text;
}

static bool found(const struct yw_findings *findings, const char *code, const char *part)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (strcmp(findings->items[i].code, code) == 0 &&
            strstr(findings->items[i].message, part) != NULL)
            return true;
    }
    return false;
}

static void test_too_many_steps(void **state)
{
    char *most = ring(2048), *more = ring(2049);
    struct yw_findings findings;

    (void)state;
    lint(&findings, most, YW_LINT_LENIENT);
    assert_true(found(&findings, "W09", "goes back") || findings.overrun);
    assert_false(found(&findings, "P01", "at most 2048 steps"));
    yw_findings_fini(&findings);
    lint(&findings, more, YW_LINT_LENIENT);
    assert_true(found(&findings, "P01", "at most 2048 steps; got 2049"));
    assert_true(yw_findings_errors(&findings) > 0);
    yw_findings_fini(&findings);
    free(most);
    free(more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sound),
                                       cmocka_unit_test(test_mutations),
                                       cmocka_unit_test(test_lenient_warns),
                                       cmocka_unit_test(test_put_right),
                                       cmocka_unit_test(test_nobody_could_start),
                                       cmocka_unit_test(test_line),
                                       cmocka_unit_test(test_unreadable),
                                       cmocka_unit_test(test_too_many_steps)};

    return cmocka_run_group_tests(tests, load, unload);
}
