/* Rule packs from files: what is refused, and how it is said. */
#include "codec/rules/rules.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char names[] =
    "{\"schema\":\"drill-names/1\","
    "\"parties\":{\"plant\":{\"zh\":\"厂\",\"en\":\"plant\",\"tier\":\"enterprise\"},"
    "\"county\":{\"zh\":\"县\",\"en\":\"county\",\"tier\":\"county\"}},"
    "\"metrics\":{\"deaths\":{\"zh\":\"死亡\",\"en\":\"deaths\",\"type\":\"number\"},"
    "\"spread\":{\"zh\":\"范围\",\"en\":\"spread\",\"type\":\"word\",\"values\":["
    "{\"value\":\"wide\",\"zh\":\"广\",\"en\":\"wide\"}]}},"
    "\"forms\":{\"note\":{\"zh\":\"单\",\"en\":\"note\",\"items\":["
    "{\"zh\":\"一\",\"en\":\"one\"}]}}}";

/* A pack with `duty` and `grades` put in. *new* */
static char *pack_with(const char *duty, const char *test)
{
    return yw_strf(
        "{\"schema\":\"drill-rules/1\",\"pack\":\"P\",\"title\":{\"zh\":\"规\","
        "\"en\":\"rule\"},\"docno\":\"1\",\"source\":\"s\",\"status\":\"x\","
        "\"confidence\":\"high\",\"from\":\"2026-01-01\",\"to\":null,"
        "\"applies\":{},\"grades\":[{\"grade\":2,\"any\":[%s]}],"
        "\"duties\":[{\"id\":\"D\",\"actor\":\"plant\",\"anchor\":\"graded\"%s}]}",
        test, duty);
}

static const char sound[] = "{\"metric\":\"deaths\",\"at_least\":3}";

static int decode(const char *text, struct yw_err *err)
{
    struct yw_rules *rules = NULL;
    int code = yw_rules_decode_names(&rules, names, strlen(names), err);

    assert_int_equal(code, 0);
    code = yw_rules_decode_pack(rules, "", text, strlen(text), err);
    yw_rules_free(rules);
    return code;
}

static void refused(const char *duty, const char *test, const char *part)
{
    char *text = pack_with(duty, test);
    struct yw_err err = {0};

    assert_int_equal(decode(text, &err), YW_EINVAL);
    if (strstr(err.text, part) == NULL)
        fail_msg("'%s' is not in: %s", part, err.text);
    free(text);
}

static void test_sound(void **state)
{
    char *text = pack_with(",\"notify\":[\"county\"],\"limit_s\":60,\"form\":\"note\","
                           "\"min_items\":[1]",
                           sound);
    struct yw_err err = {0};

    (void)state;
    if (decode(text, &err) < 0)
        fail_msg("%s", err.text);
    free(text);
}

static void test_refused(void **state)
{
    (void)state;
    refused(",\"notify\":[\"countty\"]", sound,
            "/duties/0/notify: no party 'countty'; did you mean 'county'?");
    refused(",\"limit\":1", sound, "/duties/0");
    refused(",\"limit_s\":1,\"limit_workdays\":1", sound, "one of the two");
    refused(",\"limit_s\":-1", sound, "/duties/0/limit_s");
    refused(",\"min_grade\":5", sound, "/duties/0/min_grade");
    refused(",\"form\":\"note\",\"min_items\":[2]", sound, "items 1 to 1");
    refused(",\"min_items\":[1]", sound, "items 1 to 0");
    refused(",\"every_months\":3", sound, "an anchor, or comes every_months");
    refused(",\"ceiling\":[\"county\"]", sound, "four parties");
    refused("", "{\"metric\":\"deaths\",\"equals\":true}", "tested by \"at_least\"");
    refused("", "{\"metric\":\"spread\",\"at_least\":1}", "tested by \"equals\"");
    refused("", "{\"metric\":\"spread\",\"equals\":\"huge\"}", "/grades/0/any/0/equals");
    refused("", "{\"metric\":\"deaths\",\"at_least\":0}", "above 0");
    refused("", "{\"metric\":\"deats\",\"at_least\":1}", "did you mean 'deaths'?");
    refused("", "", "/grades/0/any: missing");
}

static void test_twice(void **state)
{
    char *text = pack_with("", sound), *other;
    struct yw_rules *rules = NULL;
    struct yw_err err = {0};

    (void)state;
    assert_int_equal(yw_rules_decode_names(&rules, names, strlen(names), &err), 0);
    assert_int_equal(yw_rules_decode_pack(rules, "Q", text, strlen(text), &err),
                     YW_EINVAL);
    assert_non_null(strstr(err.text, "the file is called 'Q'"));
    assert_int_equal(yw_rules_decode_pack(rules, "P", text, strlen(text), &err), 0);
    assert_int_equal(yw_rules_decode_pack(rules, "P", text, strlen(text), &err),
                     YW_EINVAL);
    assert_non_null(strstr(err.text, "another pack has the duty 'D'"));
    other = strstr(text, "\"D\"");
    other[1] = 'E';
    assert_int_equal(yw_rules_decode_pack(rules, "P", text, strlen(text), &err),
                     YW_EEXIST);
    yw_rules_free(rules);
    free(text);
}

/* Adding a regulation is adding a file: its own names come with it. */
static void test_own_names(void **state)
{
    static const char text[] =
        "{\"schema\":\"drill-rules/1\",\"pack\":\"P\",\"title\":{\"zh\":\"规\",\"en\":"
        "\"r\"},\"docno\":\"1\",\"source\":\"s\",\"status\":\"x\",\"from\":null,\"to\":"
        "null,"
        "\"applies\":{},\"names\":{\"parties\":{\"harbour\":{\"zh\":\"港\",\"en\":\"h\","
        "\"tier\":\"city\"}}},\"duties\":[{\"id\":\"D\",\"actor\":\"plant\",\"anchor\":"
        "\"graded\",\"notify\":[\"harbour\"]}]}";
    struct yw_err err = {0};

    (void)state;
    if (decode(text, &err) < 0)
        fail_msg("%s", err.text);
}

static void test_too_many(void **state)
{
    static char big[1 << 16];
    size_t used = 0;
    struct yw_err err = {0};

    (void)state;
    for (int i = 0; i <= YW_RULES_TESTS_MAX; i++)
        used += (size_t)snprintf(big + used, sizeof big - used, "%s%s", i > 0 ? "," : "",
                                 sound);
    char *text = pack_with("", big);

    assert_int_equal(decode(text, &err), YW_ELIMIT);
    free(text);
    text = pack_with("", big + strlen(sound) + 1);
    assert_int_equal(decode(text, &err), 0);
    free(text);
}

static void test_calendar(void **state)
{
    static const char good[] =
        "{\"schema\":\"drill-calendar/1\",\"years\":[{\"year\":2026,"
        "\"rest\":[\"2026-01-01\"],\"work\":[\"2026-01-04\"]}]}";
    static const char bad[] =
        "{\"schema\":\"drill-calendar/1\",\"years\":[{\"year\":2026,"
        "\"rest\":[\"2025-01-01\"]}]}";
    static struct yw_calendar calendar;
    struct yw_err err = {0};

    (void)state;
    assert_int_equal(yw_rules_decode_calendar(&calendar, good, strlen(good), &err), 0);
    assert_int_equal(calendar.count, 2);
    assert_true(yw_calendar_knows(&calendar, 2026));
    assert_false(yw_calendar_knows(&calendar, 2025));
    assert_int_equal(yw_rules_decode_calendar(&calendar, bad, strlen(bad), &err),
                     YW_EINVAL);
    assert_non_null(strstr(err.text, "/years/0/rest"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_twice),    cmocka_unit_test(test_own_names),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_calendar)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
