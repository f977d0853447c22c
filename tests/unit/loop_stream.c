#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "loop/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE_MAX 200000
#define QUEUE_MAX 1000000

struct end {
    struct yw_stream *stream;
    struct yw_buf log; /* sizes of messages, or raw bytes */
    int messages;
    int ended;
    int end_code;
    int hold_after; /* hold when that many messages have come */
    bool close_on_message;
};

struct world {
    struct yw_loop *loop;
    struct end a;
    struct end b;
};

static void on_message(void *owner, const void *bytes, size_t size)
{
    struct end *end = owner;
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        assert_int_equal(at[i], (unsigned char)size);
    yw_buf_printf(&end->log, "%zu ", size);
    end->messages++;
    if (end->messages == end->hold_after)
        yw_stream_hold(end->stream, true);
    if (end->close_on_message) {
        yw_stream_close(end->stream);
        end->stream = NULL;
    }
}

static void on_bytes(void *owner, const void *bytes, size_t size)
{
    struct end *end = owner;
    yw_buf_put(&end->log, bytes, size);
}

static void on_end(void *owner, const struct yw_err *why)
{
    struct end *end = owner;
    end->ended++;
    end->end_code = why->code;
}

static void open_end(struct world *world, struct end *end, int fd)
{
    struct yw_stream_events events = {
        .on_message = on_message, .on_end = on_end, .owner = end};
    struct yw_err err;
    yw_buf_init(&end->log, 1 << 20);
    assert_int_equal(yw_stream_open(&end->stream, world->loop, fd, MESSAGE_MAX, QUEUE_MAX,
                                    &events, &err),
                     0);
}

static int set_up(void **state)
{
    struct world *world = yw_new(sizeof(*world));
    struct yw_err err;
    int fds[2];
    if (yw_loop_open(&world->loop, &err) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return -1;
    open_end(world, &world->a, fds[0]);
    open_end(world, &world->b, fds[1]);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    yw_stream_close(world->a.stream);
    yw_stream_close(world->b.stream);
    yw_loop_close(world->loop);
    yw_buf_fini(&world->a.log);
    yw_buf_fini(&world->b.log);
    free(world);
    return 0;
}

static int send_filled(struct yw_stream *stream, size_t size)
{
    unsigned char *bytes = yw_new(size);
    memset(bytes, (unsigned char)size, size);
    struct yw_err err;
    int code = yw_stream_send(stream, bytes, size, &err);
    free(bytes);
    return code;
}

static void turn_until(struct world *world, const int *counter, int count)
{
    int64_t end_ms = yw_clock_mono_ms(yw_loop_clock(world->loop)) + 60000;
    while (*counter < count && yw_clock_mono_ms(yw_loop_clock(world->loop)) < end_ms)
        yw_loop_turn(world->loop, 20);
    assert_int_equal(*counter, count);
}

static void test_messages_keep_their_bounds(void **state)
{
    struct world *world = *state;
    const size_t sizes[] = {0, 1, 255, 256, 65536, MESSAGE_MAX, 3};
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(send_filled(world->a.stream, sizes[i]), 0);
    assert_int_equal(world->b.messages, 0);
    turn_until(world, &world->b.messages, 7);
    assert_string_equal(world->b.log.data, "0 1 255 256 65536 200000 3 ");
}

static void test_bytes_one_by_one(void **state)
{
    struct world *world = *state;
    int fds[2];
    struct end end = {0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    open_end(world, &end, fds[0]);
    const char wire[] = "\2\0\0\0\2\2\0\0\0\0\1\0\0\0\1";
    for (size_t i = 0; i < sizeof(wire) - 1; i++) {
        assert_int_equal(write(fds[1], wire + i, 1), 1);
        yw_loop_turn(world->loop, 5);
    }
    turn_until(world, &end.messages, 3);
    assert_string_equal(end.log.data, "2 0 1 ");
    (void)close(fds[1]);
    turn_until(world, &end.ended, 1);
    yw_stream_close(end.stream);
    yw_buf_fini(&end.log);
}

static void test_limits(void **state)
{
    struct world *world = *state;
    assert_int_equal(send_filled(world->a.stream, MESSAGE_MAX + 1), YW_ELIMIT);
    yw_stream_hold(world->b.stream, true);
    int sent = 0;
    while (send_filled(world->a.stream, MESSAGE_MAX) == 0)
        sent++;
    assert_in_range(sent, QUEUE_MAX / MESSAGE_MAX - 1, QUEUE_MAX / MESSAGE_MAX + 10);
    yw_loop_turn(world->loop, 10);
    assert_int_equal(world->b.messages, 0);
    yw_stream_hold(world->b.stream, false);
    turn_until(world, &world->b.messages, sent);
    assert_int_equal(send_filled(world->a.stream, 10), 0);
    turn_until(world, &world->b.messages, sent + 1);
}

static void test_an_oversized_prefix_ends_the_stream(void **state)
{
    struct world *world = *state;
    struct end end = {0};
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    open_end(world, &end, fds[0]);
    uint32_t size = MESSAGE_MAX + 1;
    unsigned char prefix[] = {(unsigned char)size, (unsigned char)(size >> 8),
                              (unsigned char)(size >> 16), (unsigned char)(size >> 24)};
    assert_int_equal(write(fds[1], prefix, 4), 4);
    turn_until(world, &end.ended, 1);
    assert_int_equal(end.end_code, YW_ELIMIT);
    assert_int_equal(send_filled(end.stream, 1), YW_ESTATE);
    yw_stream_close(end.stream);
    yw_buf_fini(&end.log);
    (void)close(fds[1]);
}

static void test_hold_inside_a_delivery_keeps_the_rest(void **state)
{
    struct world *world = *state;
    world->b.hold_after = 2;
    for (size_t i = 1; i <= 5; i++)
        assert_int_equal(send_filled(world->a.stream, i), 0);
    turn_until(world, &world->b.messages, 2);
    yw_loop_turn(world->loop, 10);
    assert_int_equal(world->b.messages, 2);
    yw_stream_hold(world->b.stream, false);
    assert_int_equal(world->b.messages, 2); /* never from inside the call */
    turn_until(world, &world->b.messages, 5);
    assert_string_equal(world->b.log.data, "1 2 3 4 5 ");
}

static void test_close_inside_a_delivery(void **state)
{
    struct world *world = *state;
    world->b.close_on_message = true;
    for (size_t i = 1; i <= 5; i++)
        assert_int_equal(send_filled(world->a.stream, i), 0);
    turn_until(world, &world->a.ended, 1);
    assert_int_equal(world->b.messages, 1);
    assert_int_equal(world->b.ended, 0);
}

static void test_the_peer_ends(void **state)
{
    struct world *world = *state;
    assert_int_equal(send_filled(world->a.stream, 9), 0);
    yw_stream_close(world->a.stream);
    world->a.stream = NULL;
    turn_until(world, &world->b.ended, 1);
    assert_int_equal(world->b.messages, 1);
    assert_int_equal(world->b.end_code, YW_EIO);
    assert_int_equal(world->a.ended, 0);
    yw_stream_hold(world->b.stream, true);
    yw_stream_hold(world->b.stream, false);
    yw_loop_turn(world->loop, 5);
    assert_int_equal(world->b.ended, 1);
}

static void test_raw_pipes(void **state)
{
    struct world *world = *state;
    struct end end = {0};
    int fds[2];
    struct yw_err err;
    struct yw_stream_events events = {
        .on_bytes = on_bytes, .on_end = on_end, .owner = &end};
    assert_int_equal(pipe(fds), 0);
    yw_buf_init(&end.log, 1000);
    assert_int_equal(
        yw_stream_open_raw(&end.stream, world->loop, fds[0], 1000, &events, &err), 0);
    assert_int_equal(write(fds[1], "hello", 5), 5);
    yw_loop_turn(world->loop, 1000);
    assert_int_equal(write(fds[1], " world", 6), 6);
    (void)close(fds[1]);
    turn_until(world, &end.ended, 1);
    assert_string_equal(end.log.data, "hello world");
    yw_stream_close(end.stream);
    yw_buf_fini(&end.log);
    assert_int_not_equal(
        yw_stream_open_raw(&end.stream, world->loop, -1, 1000, &events, &err), 0);
}

static void test_connect(void **state)
{
    struct world *world = *state;
    (void)world;
    struct yw_err err;
    int fd = -1;
    char path[] = "/tmp/yw-stream-XXXXXX";
    assert_non_null(mkdtemp(path));
    char *socket_path = yw_strf("%s/s", path);
    assert_int_equal(yw_stream_connect(socket_path, &fd, &err), YW_ENOTFOUND);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)YW_COPY(address.sun_path, socket_path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)),
                     0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(yw_stream_connect(socket_path, &fd, &err), 0);
    (void)close(fd);
    (void)close(listener);
    (void)unlink(socket_path);
    (void)rmdir(path);
    free(socket_path);
    char much[200];
    memset(much, 'p', sizeof(much) - 1);
    much[sizeof(much) - 1] = '\0';
    assert_int_equal(yw_stream_connect(much, &fd, &err), YW_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_messages_keep_their_bounds, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_bytes_one_by_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_oversized_prefix_ends_the_stream, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_hold_inside_a_delivery_keeps_the_rest,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_close_inside_a_delivery, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_peer_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_raw_pipes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_connect, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
