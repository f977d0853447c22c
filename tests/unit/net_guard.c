#include "net/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ORIGINS "https://board.example:8443 http://wall.example"

static void test_host(void **state)
{
    (void)state;
    static const char *const good[] = {
        "localhost",     "LOCALHOST:80",      "127.0.0.1",  "10.1.2.3:8080",
        "[::1]",         "[fe80::1]:443",     "range-host", "RANGE-host:1",
        "board.example", "wall.example:65535"};
    static const char *const bad[] = {"",
                                      "evil.example",
                                      "localhost.evil",
                                      "evil:localhost",
                                      "[::1",
                                      "[127.0.0.1]",
                                      "[::1]x",
                                      "localhost:",
                                      "localhost:x",
                                      "localhost:123456",
                                      "board.example.evil",
                                      "board",
                                      "::1",
                                      "127.1",
                                      "0x7f.0.0.1",
                                      "[]"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (!yw_guard_host_allowed(good[i], "range-host", ORIGINS))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (yw_guard_host_allowed(bad[i], "range-host", ORIGINS))
            fail_msg("allowed: %s", bad[i]);
    assert_false(yw_guard_host_allowed("", "", ""));
    char longer[600];
    memset(longer, '1', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_false(yw_guard_host_allowed(longer, "range-host", ORIGINS));
}

static void test_origin(void **state)
{
    (void)state;
    assert_true(
        yw_guard_origin_allowed("http://localhost:80", "localhost:80", false, ""));
    assert_false(
        yw_guard_origin_allowed("https://localhost:80", "localhost:80", false, ""));
    assert_true(
        yw_guard_origin_allowed("https://localhost:80", "localhost:80", true, ""));
    assert_false(
        yw_guard_origin_allowed("http://localhost:8", "localhost:80", false, ""));
    assert_false(
        yw_guard_origin_allowed("http://localhost:801", "localhost:80", false, ""));
    assert_true(yw_guard_origin_allowed("http://wall.example", "x", false, ORIGINS));
    assert_false(
        yw_guard_origin_allowed("http://wall.example.evil", "x", false, ORIGINS));
    assert_false(yw_guard_origin_allowed("http://wall", "x", false, ORIGINS));
    assert_false(yw_guard_origin_allowed("", "x", false, ORIGINS));
    assert_false(yw_guard_origin_allowed("null", "x", false, ORIGINS));
    assert_false(yw_guard_origin_allowed(ORIGINS, "x", false, ORIGINS));
}

static void test_key(void **state)
{
    (void)state;
    assert_true(yw_guard_key_valid("dGhlIHNhbXBsZSBub25jZQ=="));
    assert_false(yw_guard_key_valid("dGhlIHNhbXBsZSBub25jZQ="));
    assert_false(yw_guard_key_valid("dGhlIHNhbXBsZSBub25jZQ==="));
    assert_false(yw_guard_key_valid("dGhlIHNhbXBsZSBub25jZQAA"));
    assert_false(yw_guard_key_valid("dGhl HNhbXBsZSBub25jZQ=="));
    assert_false(yw_guard_key_valid(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_host),
                                       cmocka_unit_test(test_origin),
                                       cmocka_unit_test(test_key)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
