/* What a browser, a proxy or an attacker could say and must not get away with. */
#include "house.h"
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define STREAM "/ws/v1/drills/drill-one"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define PROTOCOL "Sec-WebSocket-Protocol: yanwu.v1\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"

static struct house house;
static struct answer answer;
static int descriptors;

static int set_up(void **state)
{
    (void)state;
    house_start(&house);
    descriptors = house_descriptors(&house);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_stop(&house);
    return 0;
}

static void raw(const char *text)
{
    peer_raw(house.port, text, &answer, NULL);
}

static void expect_refused(const char *text)
{
    raw(text);
    if (answer.status == 101 || answer.status == 200)
        print_error("not refused: %s\n%s\n", text, answer.head);
    assert_int_not_equal(answer.status, 101);
    assert_int_not_equal(answer.status, 200);
}

static void expect_upgraded(const char *text)
{
    raw(text);
    if (answer.status != 101)
        print_error("refused: %s\n%s\n", text, answer.head);
    assert_int_equal(answer.status, 101);
}

static void test_handshake(void **state)
{
    (void)state;
    expect_upgraded("GET " STREAM
                    " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION PROTOCOL
                    "\r\n");
    /* no subprotocol, another one */
    expect_refused("GET " STREAM " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION
                   "\r\n");
    expect_refused("GET " STREAM " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION
                   "Sec-WebSocket-Protocol: http\r\n\r\n");
    /* version */
    raw("GET " STREAM " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY PROTOCOL
        "Sec-WebSocket-Version: 8\r\n\r\n");
    assert_int_equal(answer.status, 426);
    assert_true(answer_has(&answer, "sec-websocket-version: 13"));
    expect_refused("GET " STREAM " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY PROTOCOL
                   "\r\n");
    /* key: missing, short, repeated */
    expect_refused("GET " STREAM
                   " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE VERSION PROTOCOL "\r\n");
    expect_refused("GET " STREAM
                   " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE VERSION PROTOCOL
                   "Sec-WebSocket-Key: c2hvcnQ=\r\n\r\n");
    expect_refused("GET " STREAM
                   " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE VERSION PROTOCOL KEY KEY
                   "\r\n");
    /* method, protocol version, body */
    expect_refused("POST " STREAM
                   " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION PROTOCOL
                   "Content-Length: 0\r\n\r\n");
    expect_refused("GET " STREAM
                   " HTTP/1.0\r\nHost: localhost\r\n" UPGRADE KEY VERSION PROTOCOL
                   "\r\n");
    expect_refused("GET " STREAM
                   " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION PROTOCOL
                   "Content-Length: 4\r\n\r\nbody");
    /* targets */
    expect_refused(
        "GET /ws/v1/drills/ HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION PROTOCOL
        "\r\n");
    expect_refused(
        "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION PROTOCOL
        "\r\n");
    expect_refused("GET " STREAM
                   "?since=x HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION PROTOCOL
                   "\r\n");
    expect_refused("GET " STREAM
                   "/more HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION PROTOCOL
                   "\r\n");
}

static void test_origin(void **state)
{
    (void)state;
    char text[1024];
    static const struct {
        const char *origin;
        bool allowed;
    } cases[] = {
        {"https://board.example", true},
        {"http://other.example:81", true},
        {"https://evil.example", false},
        {"null", false},
        {"http://board.example", false},
        {"https://board.example.evil.example", false},
        {"https://board.example:8443", false},
        {"http://127.0.0.1:1", false},
        {"http://other.example", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text),
                 "GET " STREAM
                 " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION PROTOCOL
                 "Origin: %s\r\n\r\n",
                 cases[i].origin);
        (cases[i].allowed ? expect_upgraded : expect_refused)(text);
        snprintf(text, sizeof(text),
                 "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nOrigin: %s\r\n\r\n",
                 cases[i].origin);
        raw(text);
        assert_int_equal(answer.status, cases[i].allowed ? 200 : 403);
    }
    snprintf(text, sizeof(text),
             "GET " STREAM
             " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" UPGRADE KEY VERSION PROTOCOL
             "Origin: http://127.0.0.1:%d\r\n\r\n",
             house.port, house.port);
    expect_upgraded(text);
    expect_refused("GET " STREAM
                   " HTTP/1.1\r\nHost: localhost\r\n" UPGRADE KEY VERSION PROTOCOL
                   "Origin: http://localhost\r\nOrigin: https://evil.example\r\n\r\n");
}

static void test_host(void **state)
{
    (void)state;
    char text[512];
    static const struct {
        const char *host;
        int status;
    } cases[] = {
        {"Host: localhost\r\n", 200},
        {"Host: 127.0.0.1:80\r\n", 200},
        {"Host: [::1]:8080\r\n", 200},
        {"Host: 192.0.2.7\r\n", 200},
        {"Host: board.example\r\n", 200},
        {"Host: evil.example\r\n", 421},
        {"Host: localhost.evil.example\r\n", 421},
        {"", 400},
        {"Host: localhost\r\nHost: evil.example\r\n", 400},
        {"Host: localhost:80x\r\n", 421},
        {"Host: [::1\r\n", 421},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text), "GET /api/v1/status HTTP/1.1\r\n%s\r\n",
                 cases[i].host);
        raw(text);
        if (answer.status != cases[i].status)
            print_error("%s: %d\n", cases[i].host, answer.status);
        assert_int_equal(answer.status, cases[i].status);
    }
}

/* Neither may leave the HTTP/1.1 parser, nor keep its connection. */
static void test_h2c_and_connect(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, "
        "HTTP2-Settings\r\n"
        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "CONNECT / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int fd = peer_connect(house.port);
        peer_text(fd, texts[i]);
        bool answered = peer_answer(fd, &answer, PEER_PATIENCE_MS);
        if (answered)
            assert_int_not_equal(answer.status, 101);
        if (answered)
            assert_int_not_equal(answer.status, 200);
        assert_true(peer_ended(fd, PEER_PATIENCE_MS));
        close(fd);
    }
}

static void test_sizes(void **state)
{
    (void)state;
    char *text = malloc(4 * 1024 * 1024);
    assert_non_null(text);
    /* A report of 64 KiB is the largest body; one byte more is refused by its length
     * alone. */
    for (int over = 0; over < 2; over++) {
        int head = snprintf(
            text, 1024,
            "POST /api/v1/drills/drill-one/reports HTTP/1.1\r\nHost: localhost\r\n"
            "Authorization: Bearer %s\r\nIdempotency-Key: size%d\r\n"
            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n",
            house.quick, over, 64 * 1024 + over);
        memset(text + head, ' ', 64 * 1024 + (size_t)over);
        memcpy(text + head, "{\"text\":\"x\"}", 12);
        text[head + 64 * 1024 + over] = '\0';
        raw(text);
        assert_int_equal(answer.status, over ? 413 : 200);
    }
    /* Far beyond: refused before the body is read, and the connection ends. */
    snprintf(text, 1024,
             "POST /api/v1/drills/drill-one/reports HTTP/1.1\r\nHost: localhost\r\n"
             "Authorization: Bearer %s\r\nIdempotency-Key: huge\r\n"
             "Content-Type: application/json\r\nContent-Length: 999999999\r\n\r\n{",
             house.quick);
    int fd;
    peer_raw(house.port, text, &answer, &fd);
    assert_int_equal(answer.status, 413);
    assert_true(peer_ended(fd, PEER_PATIENCE_MS));
    close(fd);
    static const char *const bad[] = {"-1", "0x10", "1 2", "9999999999", "1, 1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, 1024,
                 "POST /api/v1/drills HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                 "%s\r\n\r\n",
                 bad[i]);
        expect_refused(text);
    }
    expect_refused(
        "POST /api/v1/drills HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
        "Content-Length: 3\r\n\r\n{}");
    expect_refused(
        "POST /api/v1/drills HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked"
        "\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
    /* A head that never ends, a target that is too long. */
    int head = snprintf(text, 1024, "GET /");
    memset(text + head, 'a', 300);
    strcpy(text + head + 300, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect_refused(text);
    head = snprintf(text, 1024, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ");
    memset(text + head, 'a', 20000);
    strcpy(text + head + 20000, "\r\n\r\n");
    expect_refused(text);
    free(text);
    raw("GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_int_equal(answer.status, 200);
}

static void test_targets(void **state)
{
    (void)state;
    expect_refused("GET /api/v1/status%00x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect_refused("GET /%0d%0aSet-Cookie:x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect_refused("GET /%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect_refused("GET /%c0%af HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_false(answer_has(&answer, "set-cookie"));
}

/* Text that is not UTF-8 fails the connection (1007), also split over fragments. */
static void test_utf8(void **state)
{
    (void)state;
    static const unsigned char bad[] = {'{', '"', 0xc0, 0xaf, '"', '}'};
    int fd = peer_upgrade(house.port, STREAM);
    assert_true(fd >= 0);
    peer_frame(fd, 1, bad, sizeof(bad));
    int code = peer_close_code(fd, PEER_PATIENCE_MS);
    assert_int_equal(code, 1007);
    assert_true(peer_ended(fd, PEER_PATIENCE_MS));
    close(fd);
}

static void test_first_message(void **state)
{
    (void)state;
    char text[600];
    static const struct {
        const char *text;
        int opcode;
        int code;
    } cases[] = {
        {"{\"token\":\"no-such-token\"}", 1, 4401},
        {"not json", 1, 1008},
        {"[]", 1, 1008},
        {"{}", 2, 1003},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int fd = peer_upgrade(house.port, STREAM);
        peer_frame(fd, cases[i].opcode, cases[i].text, strlen(cases[i].text));
        int code = peer_close_code(fd, PEER_PATIENCE_MS);
        if (code != cases[i].code)
            print_error("%s: %d\n", cases[i].text, code);
        assert_int_equal(code, cases[i].code);
        close(fd);
    }
    memset(text, ' ', sizeof(text));
    for (size_t size = 512; size <= 513; size++) {
        int fd = peer_upgrade(house.port, STREAM);
        memcpy(text, "{}", 2);
        peer_frame(fd, 1, text, size);
        if (size == 513)
            assert_int_equal(peer_close_code(fd, PEER_PATIENCE_MS), 1009);
        else {
            size_t got;
            char hello[512];
            assert_int_equal(
                peer_message(fd, hello, sizeof(hello), &got, PEER_PATIENCE_MS), 1);
        }
        close(fd);
    }
    int fd = peer_watch(house.port, "/ws/v1/drills/drill-nine", NULL);
    assert_int_equal(peer_close_code(fd, PEER_PATIENCE_MS), 4404);
    close(fd);
    fd = peer_watch(house.port, "/ws/v1/drills/drill-two", house.quick);
    assert_int_equal(peer_close_code(fd, PEER_PATIENCE_MS), 4401);
    close(fd);
    /* One direction: a second message ends it. */
    fd = peer_watch(house.port, STREAM, NULL);
    peer_frame(fd, 1, "{}", 2);
    assert_int_equal(peer_close_code(fd, PEER_PATIENCE_MS), 1008);
    close(fd);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Silent, half a head, a dripping head, half a body, an upgraded one without its message:
 * all gone by their deadline, and the descriptors with them. */
static void test_slow(void **state)
{
    (void)state;
    int fd[6];
    for (size_t i = 0; i < 4; i++)
        fd[i] = peer_connect(house.port);
    peer_text(fd[1], "GET /api/v1/status HTTP/1.1\r\nHost: loc");
    peer_text(fd[3], "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
    fd[4] = peer_upgrade(house.port, STREAM);
    fd[5] = peer_upgrade(house.port, STREAM);
    peer_frame(fd[5], 9, "ping", 4); /* a ping is no message */
    static const char drip[] =
        "GET /api/v1/status HTTP/1.1\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaa";
    int64_t start_ms = now_ms();
    for (size_t i = 0; i < sizeof(drip) - 1 && now_ms() - start_ms < 11000; i++) {
        peer_send(fd[2], &drip[i], 1);
        usleep(200000);
    }
    for (size_t i = 0; i < 6; i++)
        if (i < 4)
            assert_true(peer_ended(fd[i], PEER_PATIENCE_MS));
    assert_int_equal(peer_close_code(fd[4], PEER_PATIENCE_MS), 4408);
    assert_int_equal(peer_close_code(fd[5], PEER_PATIENCE_MS), 4408);
    for (size_t i = 0; i < 6; i++)
        close(fd[i]);
    for (int64_t until_ms = now_ms() + PEER_PATIENCE_MS;
         house_descriptors(&house) != descriptors && now_ms() < until_ms;)
        usleep(20000);
    assert_int_equal(house_descriptors(&house), descriptors);
}

/* Wrong tokens: after the twentieth at once nobody from this address is looked at for a
 * while; who asks slowly is looked at once more every two seconds. */
static void test_guessing(void **state)
{
    (void)state;
    int refused = 0, limited = 0;
    for (int i = 0; i < 200 && limited < 10; i++) {
        peer_request(house.port, "GET", "/api/v1/drills/drill-one", "guess", NULL, NULL,
                     &answer);
        refused += answer.status == 401;
        limited += answer.status == 429;
    }
    assert_true(refused >= 15);
    assert_int_equal(limited, 10);
    assert_int_equal(answer.status, 429);
    assert_true(answer_has(&answer, "retry-after"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake), cmocka_unit_test(test_origin),
        cmocka_unit_test(test_host),      cmocka_unit_test(test_h2c_and_connect),
        cmocka_unit_test(test_sizes),     cmocka_unit_test(test_targets),
        cmocka_unit_test(test_utf8),      cmocka_unit_test(test_first_message),
        cmocka_unit_test(test_slow),      cmocka_unit_test(test_guessing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
