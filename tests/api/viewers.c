/* 500 viewers on loopback, 50 of them never read, 50 trickle: the others get every
 * message, in order, and wait for nobody; the memory of the process stays flat. */
#include "house.h"
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef __SANITIZE_THREAD__
#define VIEWERS 100 /* each access is watched: a tenth of the speed */
#else
#define VIEWERS 500
#endif
#define PATCHES 120
#define BYTES (32 * 1024)
#define TURN 20 /* patches at once: a reader that is late does not fall off the ring */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FLAT_KIB (96 * 1024) /* freed memory stays in quarantine, shadow memory grows */
#else
#define FLAT_KIB (8 * 1024)
#endif

static struct house house;
static struct answer answer;

/* Of ten viewers one never reads, and one reads a little now and then. */
enum habit { STEADY, TRICKLE, NEVER };

struct viewer {
    int fd;
    enum habit habit;
    long long seq; /* of the state it has */
    int patches, snapshots;
    bool broken;
    char *bytes;
    size_t have;
};

static int set_up(void **state)
{
    (void)state;
    struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    house_start(&house);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_stop(&house);
    return 0;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One whole text of the stream, against what this viewer knows. */
static void take(struct viewer *viewer, const char *text)
{
    const char *tail = strstr(text, "\"prev\"");
    if (strstr(text, "\"type\":\"snapshot\"")) {
        long long seq = peer_number(text, "seq");
        viewer->broken |= seq < viewer->seq;
        viewer->seq = seq;
        viewer->snapshots++;
    } else if (tail && strstr(tail, "\"type\":\"patch\"")) {
        viewer->broken |= peer_number(tail, "prev") != viewer->seq;
        viewer->seq = peer_number(tail, "seq");
        viewer->broken |= viewer->seq != peer_number(text, "n");
        viewer->patches++;
    } else {
        viewer->broken |=
            !strstr(text, "\"type\":\"ping\"") && !strstr(text, "\"hello\"");
    }
}

/* The frames that have come whole. */
static void parse(struct viewer *viewer)
{
    size_t at = 0;
    while (viewer->have - at >= 2) {
        const unsigned char *head = (const unsigned char *)viewer->bytes + at;
        size_t size = head[1], skip = 2;
        if (size == 126) {
            if (viewer->have - at < 4)
                break;
            size = (size_t)head[2] << 8 | head[3];
            skip = 4;
        } else if (size == 127) {
            if (viewer->have - at < 10)
                break;
            size = 0;
            for (int i = 2; i < 10; i++)
                size = size << 8 | head[i];
            skip = 10;
        }
        if (viewer->have - at < skip + size)
            break;
        char *text = viewer->bytes + at + skip;
        char after = text[size];
        text[size] = '\0';
        if ((head[0] & 0x0f) == 1)
            take(viewer, text);
        text[size] = after;
        at += skip + size;
    }
    viewer->have -= at;
    memmove(viewer->bytes, viewer->bytes + at, viewer->have);
}

static void read_some(struct viewer *viewer, size_t most)
{
    size_t room = 128 * 1024 - viewer->have - 1;
    ssize_t got = recv(viewer->fd, viewer->bytes + viewer->have,
                       most < room ? most : room, MSG_DONTWAIT);
    if (got > 0)
        viewer->have += (size_t)got;
    else if (got == 0 || errno != EAGAIN)
        viewer->broken = true;
    parse(viewer);
}

static void open_viewer(struct viewer *viewer, enum habit habit)
{
    *viewer = (struct viewer){.habit = habit, .seq = -1};
    viewer->bytes = malloc(128 * 1024);
    assert_non_null(viewer->bytes);
    viewer->fd = peer_watch(house.port, "/ws/v1/drills/drill-one", NULL);
    assert_true(viewer->fd >= 0);
    if (habit != STEADY) { /* or the client's own kernel memory hides the stall */
        /* less than a segment of the loopback comes only when TCP's persist timer runs out */
        int bytes = habit == NEVER ? 8 * 1024 : 128 * 1024;
        (void)setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    }
}

static void start_burst(const char *key, int count)
{
    char body[256];
    snprintf(body, sizeof(body),
             "{\"team\":\"blue-quick\",\"points\":0,\"reason\":\"burst %d %d 1\"}", count,
             BYTES);
    peer_request(house.port, "POST", "/api/v1/drills/drill-one/rulings", house.control,
                 key, body, &answer);
    assert_int_equal(answer.status, 200);
}

/* Reads as each viewer's habit has it until all steady ones have `seq`. */
static void watch(struct viewer *viewers, long long seq, bool wake)
{
    struct pollfd fds[VIEWERS];
    int64_t trickle_ms = 0, until_ms = now_ms() + PEER_PATIENCE_MS;
    for (size_t waiting = 1; waiting > 0 && now_ms() < until_ms;) {
        bool drip = now_ms() - trickle_ms > 100;
        if (drip)
            trickle_ms = now_ms();
        waiting = 0;
        for (size_t i = 0; i < VIEWERS; i++) {
            struct viewer *viewer = &viewers[i];
            bool reads = viewer->habit == STEADY || (wake && viewer->habit == TRICKLE);
            if (viewer->habit == TRICKLE && drip && !wake)
                read_some(viewer, 8 * 1024);
            fds[i] = (struct pollfd){.fd = reads ? viewer->fd : -1, .events = POLLIN};
            waiting += reads && viewer->seq < seq && !viewer->broken;
        }
        if (poll(fds, VIEWERS, 20) <= 0)
            continue;
        for (size_t i = 0; i < VIEWERS; i++)
            if (fds[i].revents)
                read_some(&viewers[i], 128 * 1024);
    }
}

/* From `seq` on, a turn at a time: each begins when the steady ones have the last. */
static void play(struct viewer *viewers, long long seq, int count)
{
    for (int done = 0; done < count; done += TURN) {
        char key[32];
        snprintf(key, sizeof(key), "turn-%lld", seq + done);
        start_burst(key, TURN);
        watch(viewers, seq + done + TURN, false);
    }
}

static void test_viewers(void **state)
{
    (void)state;
    static struct viewer viewers[VIEWERS];
    int64_t start_ms = now_ms();
    for (size_t i = 0; i < VIEWERS; i++)
        open_viewer(&viewers[i], i % 10 == 3 ? NEVER : i % 10 == 7 ? TRICKLE : STEADY);
    watch(viewers, 1, false);
    printf("# connected in %lld ms\n", (long long)(now_ms() - start_ms));
    /* The warm-up fills ring and buffers: what comes after must not need more. */
    play(viewers, 1, 60);
    long before_kib = house_rss_kib(&house);
    int64_t burst_ms = now_ms();
    play(viewers, 61, PATCHES);
    int64_t took_ms = now_ms() - burst_ms;
    long after_kib = house_rss_kib(&house);
    printf("# %d patches to %d viewers in %lld ms; RSS %ld -> %ld KiB\n", PATCHES,
           VIEWERS, (long long)took_ms, before_kib, after_kib);
    for (size_t i = 0; i < VIEWERS; i++) {
        const struct viewer *viewer = &viewers[i];
        assert_false(viewer->broken);
        if (viewer->habit != STEADY)
            continue;
        assert_int_equal(viewer->seq, 61 + PATCHES);
        assert_int_equal(viewer->patches, 60 + PATCHES); /* none lost, none twice */
        assert_int_equal(viewer->snapshots, 1);
    }
    assert_true(after_kib - before_kib < FLAT_KIB);
    /* Those that only trickled wake: what was under way, then the present. */
    watch(viewers, 61 + PATCHES, true);
    for (size_t i = 0; i < VIEWERS; i++) {
        if (viewers[i].habit == TRICKLE)
            assert_int_equal(viewers[i].seq, 61 + PATCHES);
        assert_false(viewers[i].broken);
        close(viewers[i].fd);
        free(viewers[i].bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_viewers)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
