/* The client of our own verbs against the real door. */
#include "base/err.h"
#include "house.h"
#include "net/net.h"
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct house house;

static int set_up(void **state)
{
    (void)state;
    house_start(&house);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_stop(&house);
    return 0;
}

static struct yw_client *open_local(void)
{
    struct yw_client *client;
    struct yw_err err = {0};
    if (yw_client_open_local(&client, house.data_dir, &err))
        fail_msg("%s", err.text);
    return client;
}

static void test_local(void **state)
{
    (void)state;
    struct yw_err err = {0};
    char *body = NULL;
    struct yw_client *client = open_local();
    for (int i = 0; i < 5; i++) {
        if (yw_client_call(client, "GET", "/api/v1/drills/drill-one", NULL, NULL, NULL,
                           &body, &err))
            fail_msg("%s", err.text);
        assert_non_null(strstr(body, "orchid-only-for-control"));
        free(body);
    }
    assert_int_equal(yw_client_call(client, "GET", "/api/v1/drills/drill-one", house.slow,
                                    NULL, NULL, &body, &err),
                     0);
    assert_non_null(strstr(body, "tulip-only-for-team-1"));
    free(body);
    assert_int_equal(yw_client_call(client, "GET", "/api/v1/drills/drill-one", "", NULL,
                                    NULL, &body, &err),
                     0);
    assert_null(strstr(body, "only-for"));
    free(body);
    yw_client_close(client);
}

static void test_post(void **state)
{
    (void)state;
    struct yw_err err = {0};
    char *body = NULL, *again = NULL;
    struct yw_client *client = open_local();
    const char *action = "{\"machine\":\"hmi1\",\"argv\":[\"look\"]}";
    const char *path = "/api/v1/drills/drill-one/actions";
    if (yw_client_call(client, "POST", path, house.quick, "mine", action, &body, &err))
        fail_msg("%s", err.text);
    assert_non_null(strstr(body, "team:blue-quick:mine"));
    assert_int_equal(
        yw_client_call(client, "POST", path, house.quick, "mine", action, &again, &err),
        0);
    assert_string_equal(body, again);
    free(again);
    /* Without a key each call is its own. */
    assert_int_equal(
        yw_client_call(client, "POST", path, house.quick, NULL, action, &again, &err), 0);
    assert_string_not_equal(body, again);
    free(again);
    free(body);
    assert_int_equal(yw_client_call(client, "POST", "/api/v1/drills/drill-one/start",
                                    NULL, NULL, NULL, NULL, &err),
                     0);
    yw_client_close(client);
}

/* A body of more than one chunk. */
static void test_large_post(void **state)
{
    (void)state;
    struct yw_err err = {0};
    char *body = NULL;
    size_t room = 220 * 1024;
    char *request = malloc(room);
    assert_non_null(request);
    int at = snprintf(request, room,
                      "{\"name\":\"water\",\"teams\":[\"a\"],\"files\":{"
                      "\"scenario.lua\":\"");
    memset(request + at, 'x', 200 * 1024);
    strcpy(request + at + 200 * 1024, "\"}}");
    struct yw_client *client = open_local();
    if (yw_client_call(client, "POST", "/api/v1/drills", NULL, NULL, request, &body,
                       &err))
        fail_msg("%s", err.text);
    assert_non_null(strstr(body, "drill-new"));
    free(body);
    free(request);
    yw_client_close(client);
}

static void test_errors(void **state)
{
    (void)state;
    struct yw_err err = {0};
    struct yw_client *client = open_local();
    assert_int_equal(yw_client_call(client, "GET", "/api/v1/drills/none", NULL, NULL,
                                    NULL, NULL, &err),
                     YW_ENOTFOUND);
    assert_string_equal(err.text, "no drill 'none'");
    assert_int_equal(yw_client_call(client, "POST", "/api/v1/drills/drill-one/pause",
                                    NULL, NULL, NULL, NULL, &err),
                     YW_ESTATE);
    assert_int_equal(yw_client_call(client, "POST", "/api/v1/drills/drill-one/clock",
                                    NULL, NULL, "{\"speed\":\"x\"}", NULL, &err),
                     YW_EINVAL);
    assert_non_null(strstr(err.text, "/speed"));
    assert_int_equal(yw_client_call(client, "POST", "/api/v1/drills/drill-one/pause",
                                    "wrong", NULL, NULL, NULL, &err),
                     YW_EDENIED);
    yw_client_close(client);
    assert_int_equal(yw_client_open_local(&client, "/nonexistent", &err), YW_ENOTFOUND);
    assert_int_equal(yw_client_open(&client, "ftp://x", NULL, &err), YW_EINVAL);
    assert_int_equal(yw_client_open(&client, "http://x:99999", NULL, &err), YW_EINVAL);
    assert_int_equal(yw_client_open(&client, "http://127.0.0.1:1", NULL, &err), 0);
    assert_int_equal(
        yw_client_call(client, "GET", "/api/v1/status", NULL, NULL, NULL, NULL, &err),
        YW_EIO);
    assert_non_null(strstr(err.text, "127.0.0.1:1"));
    yw_client_close(client);
}

static void test_journal(void **state)
{
    (void)state;
    struct yw_err err = {0};
    char *body = NULL;
    struct yw_client *client = open_local();
    if (yw_client_call(client, "GET", "/api/v1/drills/drill-one/journal", NULL, NULL,
                       NULL, &body, &err))
        fail_msg("%s", err.text);
    size_t lines = 0;
    for (const char *at = body; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 1000);
    free(body);
    yw_client_close(client);
}

/* Longer than the timeouts of both ends. */
static void test_patience(void **state)
{
    (void)state;
    struct yw_err err = {0};
    struct yw_client *client = open_local();
    if (yw_client_call(client, "POST", "/api/v1/drills/drill-one/up", NULL, NULL, NULL,
                       NULL, &err))
        fail_msg("%s", err.text);
    yw_client_close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local),      cmocka_unit_test(test_post),
        cmocka_unit_test(test_large_post), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_journal),    cmocka_unit_test(test_patience),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
