/* hello, snapshot, patches in order, resume, audiences apart, slow and stalled viewers.
 */
#include "house.h"
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define STREAM "/ws/v1/drills/drill-one"
#define MESSAGE_MAX (256 * 1024)

static struct house house;
static struct answer answer;
static char message[MESSAGE_MAX];
static int bursts;

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

static void burst(int count, int bytes, int gap_ms)
{
    char body[256], key[32];
    snprintf(key, sizeof(key), "burst-%d", bursts++);
    snprintf(body, sizeof(body),
             "{\"team\":\"blue-quick\",\"points\":0,\"reason\":\"burst %d %d %d\"}",
             count, bytes, gap_ms);
    peer_request(house.port, "POST", "/api/v1/drills/drill-one/rulings", house.control,
                 key, body, &answer);
    assert_int_equal(answer.status, 200);
}

/* The next text; pings of the library and our own are passed over. NULL: nothing in time,
 * or the end. */
static const char *next(int fd, int wait_ms)
{
    size_t size;
    int opcode;
    do {
        opcode = peer_message(fd, message, sizeof(message), &size, wait_ms);
    } while (opcode == 9 || (opcode == 1 && strstr(message, "\"type\":\"ping\"")));
    return opcode == 1 ? message : NULL;
}

static void expect_type(int fd, const char *type)
{
    char wanted[64];
    snprintf(wanted, sizeof(wanted), "\"type\":\"%s\"", type);
    assert_non_null(next(fd, PEER_PATIENCE_MS));
    if (!strstr(message, wanted))
        print_error("expected %s, got %.300s\n", type, message);
    assert_non_null(strstr(message, wanted));
}

/* Reads `count` patches that follow on state `seq`; returns the last one's seq. */
static long long expect_patches(int fd, long long seq, int count)
{
    for (int i = 0; i < count; i++) {
        expect_type(fd, "patch");
        assert_int_equal(peer_number(message, "prev"), seq);
        seq = peer_number(strstr(message, "\"prev\""), "seq");
        assert_int_equal(seq, peer_number(message, "n"));
    }
    return seq;
}

/* Bursts of 50 patches, each read before the next: less than a ring, so that a late reader
 * misses none. Returns the last one's seq. */
static long long read_bursts(int fd, long long seq, int count, int bytes)
{
    for (int i = 0; i < count; i++) {
        burst(50, bytes, 1);
        seq = expect_patches(fd, seq, 50);
    }
    return seq;
}

static long long open_board(int *ret_fd, const char *token)
{
    *ret_fd = peer_watch(house.port, STREAM, token);
    assert_true(*ret_fd >= 0);
    expect_type(*ret_fd, "hello");
    expect_type(*ret_fd, "snapshot");
    return peer_number(message, "seq");
}

static void test_order(void **state)
{
    (void)state;
    int fd = peer_watch(house.port, STREAM, house.quick);
    expect_type(fd, "hello");
    assert_non_null(strstr(message, "\"audience\":\"team\""));
    assert_non_null(strstr(message, "\"team\":\"blue-quick\""));
    assert_non_null(strstr(message, "\"drill\":\"drill-one\""));
    expect_type(fd, "snapshot");
    long long seq = peer_number(message, "seq");
    burst(50, 100, 2);
    expect_patches(fd, seq, 50);
    close(fd);
    fd = peer_watch(house.port, STREAM, NULL);
    expect_type(fd, "hello");
    assert_non_null(strstr(message, "\"audience\":\"public\""));
    assert_non_null(strstr(message, "\"team\":null"));
    close(fd);
}

/* A cut socket loses nothing: from the ring when it still reaches, else by a snapshot. */
static void test_resume(void **state)
{
    (void)state;
    int fd, other;
    char path[128];
    long long seq = open_board(&fd, NULL);
    burst(5, 10, 2);
    seq = expect_patches(fd, seq, 5);
    close(fd);
    assert_int_equal(open_board(&other, NULL), seq);
    burst(10, 10, 2);
    (void)expect_patches(other, seq, 10);
    close(other);
    snprintf(path, sizeof(path), STREAM "?since=%lld", seq);
    fd = peer_watch(house.port, path, NULL);
    expect_type(fd, "hello");
    seq = expect_patches(fd, seq, 10);
    close(fd);
    /* up to date: nothing to tell until something happens */
    snprintf(path, sizeof(path), STREAM "?since=%lld", seq);
    fd = peer_watch(house.port, path, NULL);
    expect_type(fd, "hello");
    assert_null(next(fd, 300));
    burst(1, 10, 1);
    expect_patches(fd, seq, 1);
    /* out of the ring, which this viewer sees pass */
    (void)read_bursts(fd, seq + 1, 2, 10);
    close(fd);
    fd = peer_watch(house.port, path, NULL);
    expect_type(fd, "hello");
    expect_type(fd, "snapshot");
    assert_int_equal(peer_number(message, "seq"), seq + 101);
    close(fd);
    /* from the future, or another life of this drill */
    fd = peer_watch(house.port, STREAM "?since=99999999", NULL);
    expect_type(fd, "hello");
    expect_type(fd, "snapshot");
    close(fd);
}

/* On the bytes: what only control or a team may read is in nobody else's stream. */
static void test_leak(void **state)
{
    (void)state;
    static const char *const words[] = {"orchid-only-for-control",
                                        "tulip-only-for-team-0", "tulip-only-for-team-1"};
    const char *tokens[] = {house.control, house.quick, house.slow, NULL};
    int fd[4];
    for (size_t i = 0; i < 4; i++)
        fd[i] = peer_watch(house.port, STREAM, tokens[i]);
    int last;
    long long seq = open_board(&last, NULL);
    burst(20, 64, 3);
    (void)expect_patches(last, seq, 20);
    close(last);
    for (size_t i = 0; i < 4; i++) {
        static char bytes[256 * 1024];
        size_t size = peer_read(fd[i], bytes, sizeof(bytes), 1000);
        assert_true(size > 20 * 64);
        for (size_t k = 0; k < 3; k++) {
            bool seen = memmem(bytes, size, words[k], strlen(words[k])) != NULL;
            assert_int_equal(seen, k == i);
        }
        close(fd[i]);
    }
}

/* A viewer that stops reading for a while: nobody waits for it, and when it wakes it gets
 * what the kernel still held, in order, and then the present: from the ring or as a
 * snapshot, no gap. */
static void test_stalled(void **state)
{
    (void)state;
    int stalled, steady;
    long long seq = open_board(&stalled, NULL);
    assert_int_equal(open_board(&steady, NULL), seq);
    int bytes = 8 * 1024; /* or the stalled one's own kernel memory holds megabytes */
    (void)setsockopt(stalled, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    long long last = read_bursts(steady, seq, 4, 32 * 1024);
    int patches = 0, snapshots = 0;
    while (seq < last) {
        assert_non_null(next(stalled, PEER_PATIENCE_MS));
        long long got = peer_number(message, "seq");
        if (strstr(message, "\"type\":\"snapshot\"")) {
            snapshots++;
        } else {
            const char *tail = strstr(message, "\"prev\"");
            assert_non_null(tail);
            assert_int_equal(peer_number(tail, "prev"), seq);
            got = peer_number(tail, "seq");
            patches++;
        }
        assert_true(got > seq);
        seq = got;
    }
    assert_true(snapshots == 1);
    assert_true(patches < 25); /* what our bounded send buffer held */
    burst(3, 10, 1);
    expect_patches(stalled, last, 3);
    expect_patches(steady, last, 3);
    close(stalled);
    close(steady);
}

/* The connection state that is shown must never lie: something comes at least every 5 s
 * or so. */
static void test_ping(void **state)
{
    (void)state;
    int fd, opcode;
    size_t size;
    (void)open_board(&fd, NULL);
    do {
        opcode = peer_message(fd, message, sizeof(message), &size, PEER_PATIENCE_MS);
    } while (opcode == 9);
    assert_int_equal(opcode, 1);
    assert_non_null(strstr(message, "\"type\":\"ping\""));
    assert_true(peer_number(message, "wall_us") > 1000000);
    close(fd);
}

/* A proper close is echoed; codes that RFC 6455 does not allow are not. */
static void test_close(void **state)
{
    (void)state;
    static const unsigned char codes[3][2] = {{0x03, 0xe8}, {0x13, 0x88}, {0x00, 0x05}};
    for (size_t i = 0; i < 3; i++) {
        int fd;
        (void)open_board(&fd, NULL);
        peer_frame(fd, 8, codes[i], 2);
        int code = peer_close_code(fd, PEER_PATIENCE_MS);
        if (i == 0)
            assert_int_equal(code, 1000);
        else
            assert_true(code == 1002 || code == -1);
        assert_true(peer_ended(fd, PEER_PATIENCE_MS));
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order), cmocka_unit_test(test_resume),
        cmocka_unit_test(test_leak),  cmocka_unit_test(test_stalled),
        cmocka_unit_test(test_ping),  cmocka_unit_test(test_close),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
