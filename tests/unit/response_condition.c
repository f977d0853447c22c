/* Conditions: every form of the grammar with its verdict, and what is refused, with its
 * place. */
#include "response/run.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct yw_pb_var vars[] = {
    {.name = "tampered", .type = "bool", .value = "true", .has_value = true},
    {.name = "grade", .type = "string", .value = "较大", .has_value = true},
    {.name = "count", .type = "integer", .value = "12", .has_value = true},
    {.name = "dose", .type = "float", .value = "110.5", .has_value = true},
    {.name = "source", .type = "ipv4-addr", .value = "10.20.2.66", .has_value = true},
    {.name = "mac", .type = "mac-addr", .value = "52:54:00:AA:bb:01", .has_value = true},
    {.name = "unknown", .type = "string"},
    {.name = "empty", .type = "string", .value = "", .has_value = true},
    {.name = "asset",
     .type = "dictionary",
     .value = "{\"name\":\"plc1\",\"ports\":[502,22],\"up\":true,\"in\":{\"zone\":"
              "\"L2\"}}",
     .has_value = true},
    {.name = "quote", .type = "string", .value = "it's \\", .has_value = true},
};

static const struct yw_playbook playbook = {.vars = vars,
                                            .var_count = sizeof vars / sizeof vars[0]};

static const struct yw_run fresh = {.playbook = &playbook};

static int eval(const char *text, bool *ret, struct yw_err *err)
{
    char explain[256];

    return yw_run_condition_strict(&fresh, text, ret, explain, err);
}

static int eval_lenient(const char *text, bool *ret, struct yw_err *err)
{
    char explain[256];

    return yw_run_condition(&fresh, NULL, text, ret, explain, err);
}

static void test_verdicts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool want;
    } rows[] = {
        {"[__tampered__:value = true]", true},
        {"__tampered__:value = true", true},
        {"[__tampered__:value = 'true']", true}, /* a string that fits the type */
        {"[__tampered__:value = false]", false},
        {"[__tampered__:value != false]", true},
        {"[__grade__:value = '较大']", true},
        {"[__grade__:value IN ('较大','重大','特别重大')]", true},
        {"[__grade__:value NOT IN ('重大')]", true},
        {"[__grade__:value IN ('一般')]", false},
        {"[__grade__:value LIKE '较_']", true},
        {"[__grade__:value LIKE '较__']", false},
        {"[__grade__:value LIKE '%大']", true},
        {"[__grade__:value LIKE '%小']", false},
        {"[__count__:value == 12]", true},
        {"[__count__:value > 9]", true}, /* by number, not by text */
        {"[__count__:value <= 11.5]", false},
        {"[__count__:value <> 12]", false},
        {"[__dose__:value >= 110.5 AND __dose__:value < 111]", true},
        {"[__source__:value ISSUBSET '10.20.2.0/24']", true},
        {"[__source__:value ISSUBSET '10.20.4.0/24']", false},
        {"[__source__:value ISSUPERSET '10.20.2.66/32']", true},
        {"[__source__:value = '10.20.2.66']", true},
        {"[__mac__:value = '52:54:00:aa:BB:01']", true},
        {"[EXISTS __grade__:value]", true},
        {"[EXISTS __empty__:value]", true},
        {"[EXISTS __unknown__:value]", false},
        {"[__unknown__:value = 'x']", false},
        {"[__unknown__:value != 'x']", false},
        {"[__unknown__:value NOT = 'x']", false},
        {"[__empty__:value = '']", true},
        {"[__quote__:value = 'it\\'s \\\\']", true},
        {"[__grade__:value = t'2026-11-21T00:00:00Z']", false},
        {"[__grade__:value MATCHES '^较']", true},
        {"[__grade__:value MATCHES '^大']", false},
        {"[__grade__:value NOT MATCHES '小']", true},
        {"[__asset__:value.name = 'plc1']", true},
        {"[__asset__:value.ports[0] = 502]", true},
        {"[__asset__:value.ports[1] = 502]", false},
        {"[__asset__:value.ports[*] = 22]", true},
        {"[__asset__:value.ports[*] = 23]", false},
        {"[__asset__:value.up = true]", true},
        {"[__asset__:value.in.zone LIKE 'L_']", true},
        {"[EXISTS __asset__:value.in.zone]", true},
        {"[EXISTS __asset__:value.owner]", false},
        {"[__asset__:value.owner = 'x']", false},
        /* AND binds tighter than OR */
        {"[__tampered__:value = true OR __count__:value = 1 AND __count__:value = 2]",
         true},
        {"[(__tampered__:value = true OR __count__:value = 1) AND __count__:value = 2]",
         false},
        {"[__count__:value = 1 AND __count__:value = 2 OR __tampered__:value = true]",
         true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct yw_err err = {0};
        bool holds = !rows[i].want;

        if (eval(rows[i].text, &holds, &err) < 0 || holds != rows[i].want)
            fail_msg("%s: %s", rows[i].text, err.code ? err.text : "wrong verdict");
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "[]",
        "[__tampered__:value]",            /* bare boolean */
        "[__tampered__:value = open]",     /* bare word */
        "[__tampered__:value = \"true\"]", /* double quotes */
        "[true = __tampered__:value]",     /* variable on the right */
        "[NOT __tampered__:value = true]", /* prefix NOT */
        "['tampered' = true]",             /* quoted name */
        "[__tampered__:value = true] AND [__count__:value = 1]", /* observation operator
                                                                  */
        "[__tampered__:value = true",
        "__tampered__:value = true]",
        "[__tampered__:value = 1]",    /* a number is no bool */
        "[__tampered__:value > true]", /* no order */
        "[__grade__:value = true]",
        "[__count__:value = 'many']",
        "[__source__:value = 'here']",
        "[__source__:value ISSUBSET '10.20.2.0/33']",
        "[__nobody__:value = 1]", /* not declared */
        "[__grade__:value.key = 'x']",
        "[__grade__:value MATCHES '(a']",
        "[__grade__:value MATCHES '(a)\\\\1']",
        "[__grade__:value = 'x\\n']",
        "[__grade__:value = 'x]",
        "[__count__:value IN ()]",
        "[__count__:value IN (1,)]",
        "[__count__:value = 1.]",
        "[__count__:value = 0x10]",
        "[__count__:value = 1 AND]",
        "wait until the plant manager agrees",
        /* the first part is true: the syntax of the rest is still looked at */
        "[__tampered__:value = true OR oops]",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct yw_err err = {0};
        bool holds = false;

        if (eval(rows[i], &holds, &err) != YW_EINVAL)
            fail_msg("accepted: %s", rows[i]);
        assert_true(strncmp(err.text, "condition:", 10) == 0);
    }
}

/* What real files write. */
static void test_lenient(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool want;
    } rows[] = {
        {"[__tampered__:value]", true},
        {"__tampered__:value AND __count__:value = 12", true},
        {"NOT __tampered__:value", false},
        {"[NOT __count__:value = 1]", true},
        {"[__grade__:value = 较大]", true},
        {"[__grade__:value = open]", false},
        {"[__grade__:value = \"较大\"]", true},
        {"[true = __tampered__:value]", true},
        {"[9 < __count__:value]", true},
        {"[12 <= __count__:value AND 12 >= __count__:value]", true},
        {"[9 > __count__:value]", false},
        {"['__count__:value' = 12]", true},
        {"[__tampered__:value = true] AND [__count__:value = 1]", false},
        {"[__tampered__:value = true] OR [__count__:value = 1]", true},
        {"[__count__:value = 12]", true},
    };
    static const char *const sentences[] = {
        "", "wait until the plant manager agrees", "厂长同意后", "__nobody__:value = 1",
        "[__tampered__:value = true] FOLLOWEDBY [__count__:value = 1]"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct yw_err err = {0};
        bool holds = !rows[i].want;

        if (eval_lenient(rows[i].text, &holds, &err) < 0 || holds != rows[i].want)
            fail_msg("%s: %s", rows[i].text, err.code ? err.text : "wrong verdict");
        if (i < 14)
            assert_int_equal(eval(rows[i].text, &holds, NULL), YW_EINVAL);
    }
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        bool holds;

        assert_int_equal(eval_lenient(sentences[i], &holds, NULL), YW_EINVAL);
    }
}

static void test_position(void **state)
{
    (void)state;
    struct yw_err err = {0};
    bool holds;

    assert_int_equal(eval("[__count__:value = x]", &holds, &err), YW_EINVAL);
    assert_string_equal(err.text, "condition: at 20: expected text in single quotes, a "
                                  "number, true or false");
}

static void test_limits(void **state)
{
    (void)state;
    char text[1200] = "";
    bool holds;

    for (int i = 0; i < 17; i++)
        strcat(text, "(");
    strcat(text, "__count__:value = 12");
    for (int i = 0; i < 17; i++)
        strcat(text, ")");
    assert_int_equal(eval(text, &holds, NULL), YW_EINVAL);
    assert_int_equal(eval(text + 1, &holds, NULL), YW_EINVAL); /* one ) too many */
    text[strlen(text) - 1] = '\0';
    assert_int_equal(eval(text + 1, &holds, NULL), 0);

    strcpy(text, "__count__:value IN (");
    for (int i = 0; i < 33; i++)
        strcat(text, i ? ",1" : "1");
    strcat(text, ")");
    assert_int_equal(eval(text, &holds, NULL), YW_EINVAL);

    memset(text, ' ', YW_PLAYBOOK_CONDITION_MAX);
    memcpy(text, "__count__:value = 12", 20);
    text[YW_PLAYBOOK_CONDITION_MAX] = '\0';
    assert_int_equal(eval(text, &holds, NULL), YW_EINVAL);
    text[YW_PLAYBOOK_CONDITION_MAX - 1] = '\0';
    assert_int_equal(eval(text, &holds, NULL), 0);
    assert_true(holds);
}

static void test_explains(void **state)
{
    (void)state;
    char explain[256];
    bool holds;

    assert_int_equal(
        yw_run_condition_strict(&fresh, "[__count__:value > 9 AND __unknown__:value = 'x']",
                                &holds, explain, NULL),
        0);
    assert_string_equal(explain, "count '12' > 9: true; unknown unknown = 'x': false");
}

static void test_like_is_bounded(void **state)
{
    (void)state;
    char text[400] = "[__grade__:value LIKE '";
    bool holds;

    for (int i = 0; i < 100; i++)
        strcat(text, "%a");
    strcat(text, "']");
    assert_int_equal(eval(text, &holds, NULL), 0);
    assert_false(holds);
}

static void test_value_flaws(void **state)
{
    (void)state;
    static const struct {
        const char *type, *good, *bad;
    } rows[] = {
        {"bool", "true", "True"},
        {"integer", "-12", "12.0"},
        {"long", "9223372036854775807", "9223372036854775808"},
        {"float", "1e3", "0x10"},
        {"float", ".5", "nan"},
        {"ipv4-addr", "10.0.0.1", "10.0.0.256"},
        {"ipv6-addr", "fe80::1", "10.0.0.1"},
        {"mac-addr", "52:54:00:12:34:56", "52-54-00-12-34-56"},
        {"uuid", "cdeb13e8-5d2e-4d42-ad86-990b667f5d4b", "cdeb13e8"},
        {"md5-hash", "0123456789abcdef0123456789ABCDEF", "0123"},
        {"string", "任何文字", "bell\a"},
        {"string", "a\nb", "\xc3\x28"},
        {"of-another-vendor", "anything", "\x01"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(yw_pb_value_flaw(rows[i].type, rows[i].good));
        if (!yw_pb_value_flaw(rows[i].type, rows[i].bad))
            fail_msg("%s accepted '%s'", rows[i].type, rows[i].bad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_lenient),         cmocka_unit_test(test_position),
        cmocka_unit_test(test_limits),          cmocka_unit_test(test_explains),
        cmocka_unit_test(test_like_is_bounded), cmocka_unit_test(test_value_flaws),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
