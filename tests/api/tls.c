/* The same door under TLS, where every message goes the documented way, from WRITEABLE.
 */
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
#include <unistd.h>

#include <cmocka.h>

static struct house house;
static char message[256 * 1024];

static int set_up(void **state)
{
    (void)state;
    return house_start_tls(&house) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    house_stop(&house);
    return 0;
}

static void burst(int count, int bytes, int gap_ms)
{
    char body[256];
    struct yw_client *client;
    struct yw_err err = {0};
    if (yw_client_open_local(&client, house.data_dir, &err))
        fail_msg("%s", err.text);
    snprintf(body, sizeof(body),
             "{\"team\":\"blue-quick\",\"points\":0,\"reason\":\"burst %d %d %d\"}",
             count, bytes, gap_ms);
    if (yw_client_call(client, "POST", "/api/v1/drills/drill-one/rulings", NULL, NULL,
                       body, NULL, &err))
        fail_msg("%s", err.text);
    yw_client_close(client);
}

static const char *next(int fd)
{
    size_t size;
    int opcode;
    do {
        opcode = peer_message(fd, message, sizeof(message), &size, PEER_PATIENCE_MS);
    } while (opcode == 9 || (opcode == 1 && strstr(message, "\"type\":\"ping\"")));
    return opcode == 1 ? message : "";
}

static int open_board(long long *ret_seq)
{
    int fd = peer_connect_tls(house.port);
    assert_true(peer_upgrade_on(fd, house.port, "/ws/v1/drills/drill-one"));
    peer_frame(fd, 1, "{}", 2);
    assert_non_null(strstr(next(fd), "\"type\":\"hello\""));
    assert_non_null(strstr(next(fd), "\"type\":\"snapshot\""));
    *ret_seq = peer_number(message, "seq");
    return fd;
}

static void test_client(void **state)
{
    (void)state;
    struct yw_client *client;
    struct yw_err err = {0};
    char *body = NULL;
    if (yw_client_open_local(&client, house.data_dir, &err))
        fail_msg("%s", err.text);
    if (yw_client_call(client, "GET", "/api/v1/drills/drill-one", NULL, NULL, NULL, &body,
                       &err))
        fail_msg("%s", err.text);
    assert_non_null(strstr(body, "orchid-only-for-control"));
    free(body);
    yw_client_close(client);
}

/* Somebody else's self-signed certificate is nobody's. */
static void test_stranger(void **state)
{
    (void)state;
    char url[64];
    struct yw_client *client;
    struct yw_err err = {0};
    snprintf(url, sizeof(url), "https://127.0.0.1:%d", house.port);
    assert_int_equal(yw_client_open(&client, url, house.control, &err), 0);
    assert_int_equal(
        yw_client_call(client, "GET", "/api/v1/status", NULL, NULL, NULL, NULL, &err),
        YW_EIO);
    yw_client_close(client);
}

static void test_stream(void **state)
{
    (void)state;
    long long seq;
    int fd = open_board(&seq);
    burst(40, 20000, 20);
    for (int i = 0; i < 40; i++) {
        const char *tail = strstr(next(fd), "\"prev\"");
        assert_non_null(tail);
        assert_int_equal(peer_number(tail, "prev"), seq);
        seq = peer_number(tail, "seq");
    }
    close(fd);
}

static void test_ping(void **state)
{
    (void)state;
    size_t size;
    int opcode;
    int fd = peer_connect_tls(house.port);
    assert_true(peer_upgrade_on(fd, house.port, "/ws/v1/drills/drill-one"));
    peer_frame(fd, 1, "{}", 2);
    (void)next(fd);
    (void)next(fd);
    do {
        opcode = peer_message(fd, message, sizeof(message), &size, PEER_PATIENCE_MS);
    } while (opcode == 9);
    assert_int_equal(opcode, 1);
    assert_non_null(strstr(message, "\"type\":\"ping\""));
    close(fd);
}

/* Reads from the state `seq` until it has `last`; the snapshots on the way. */
static int catch_up(int fd, long long seq, long long last)
{
    int snapshots = 0;
    while (seq < last) {
        const char *text = next(fd);
        const char *tail = strstr(text, "\"prev\"");
        if (tail) {
            assert_int_equal(peer_number(tail, "prev"), seq);
            seq = peer_number(tail, "seq");
        } else {
            assert_non_null(strstr(text, "\"type\":\"snapshot\""));
            snapshots++;
            seq = peer_number(text, "seq");
        }
    }
    return snapshots;
}

/* One that stalls falls off the ring and wakes to the present. */
static void test_stalled(void **state)
{
    (void)state;
    long long seq, from;
    int stalled = open_board(&seq), steady = open_board(&from);
    assert_int_equal(from, seq);
    burst(200, 32 * 1024, 5);
    (void)catch_up(steady, seq, seq + 200);
    close(steady);
    assert_true(catch_up(stalled, seq, seq + 200) > 0);
    close(stalled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client),  cmocka_unit_test(test_stranger),
        cmocka_unit_test(test_stream),  cmocka_unit_test(test_ping),
        cmocka_unit_test(test_stalled),
    };
    if (system("openssl version >/dev/null 2>&1") != 0)
        return 77;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
