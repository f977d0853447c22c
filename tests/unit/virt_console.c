/* Consoles between core and broker, over real sockets: bytes both ways, credit both ways,
 * and the end of either side. */
#include "loop/loop.h"
#include "loop/stream.h"
#include "virt/console.h"
#include "virt/serve/broker_console.h"

#include "base/mem.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define UUID "4ad1b6f8-0000-8000-8000-00000000000a"
#define TURNS 200

struct desk {
    struct yw_loop *loop;
    struct yw_stream *core, *broker;
    struct yw_broker_consoles consoles;
    struct yw_consoles *served;
    struct yw_embed_root root;
    struct yw_virt_console console;
    int listener, machine;
    size_t shown, rooms, ends;
    char last[256];
    char why[256];
};

static void on_core(void *owner, const void *bytes, size_t size)
{
    struct desk *desk = owner;
    struct yw_unpack in;

    yw_unpack_init(&in, bytes, size);
    uint8_t type = yw_unpack_u8(&in);
    assert_int_equal(
        yw_broker_console_message(&desk->consoles, (enum yw_broker_message)type, &in), 0);
}

static void on_broker(void *owner, const void *bytes, size_t size)
{
    struct desk *desk = owner;
    struct yw_unpack in;

    yw_unpack_init(&in, bytes, size);
    uint8_t type = yw_unpack_u8(&in);
    yw_consoles_message(desk->served, (enum yw_broker_message)type, &in);
}

static void on_stream_end(void *owner, const struct yw_err *why)
{
    (void)owner;
    fail_msg("%s", why->text);
}

static void on_bytes(struct yw_virt_console *console, const void *bytes, size_t size)
{
    struct desk *desk = console->owner;

    desk->shown += size;
    size_t kept = size < sizeof(desk->last) - 1 ? size : sizeof(desk->last) - 1;
    memcpy(desk->last, bytes, kept);
    desk->last[kept] = '\0';
}

static void on_room(struct yw_virt_console *console)
{
    ((struct desk *)console->owner)->rooms++;
}

static void on_end(struct yw_virt_console *console, const struct yw_err *why)
{
    struct desk *desk = console->owner;

    assert_int_equal(console->id, 0);
    desk->ends++;
    YW_COPY(desk->why, why->text);
}

static void turn(struct desk *desk)
{
    for (int i = 0; i < TURNS; i++)
        yw_loop_turn(desk->loop, 0);
}

static int listen_at(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    YW_COPY(at.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static int open_desk(void **state)
{
    struct desk *desk = yw_new(sizeof(*desk));
    struct yw_stream_events core = {
        .on_message = on_core, .on_end = on_stream_end, .owner = desk};
    struct yw_stream_events broker = {
        .on_message = on_broker, .on_end = on_stream_end, .owner = desk};
    struct yw_err err;
    char path[128];
    int pair[2];

    strcpy(desk->root.sockets, "/tmp/yw-cons-XXXXXX");
    assert_non_null(mkdtemp(desk->root.sockets));
    assert_int_equal(yw_loop_open(&desk->loop, &err), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(yw_stream_open(&desk->core, desk->loop, pair[0],
                                    YW_BROKER_MESSAGE_MAX, YW_BROKER_QUEUE_MAX, &core,
                                    &err),
                     0);
    assert_int_equal(yw_stream_open(&desk->broker, desk->loop, pair[1],
                                    YW_BROKER_MESSAGE_MAX, YW_BROKER_QUEUE_MAX, &broker,
                                    &err),
                     0);
    desk->served = yw_consoles_new(desk->loop, desk->broker, &desk->root);
    snprintf(path, sizeof(path), "%s/" UUID ".serial", desk->root.sockets);
    desk->listener = listen_at(path);
    desk->machine = -1;
    YW_COPY(desk->console.uuid, UUID);
    desk->console.on_bytes = on_bytes;
    desk->console.on_room = on_room;
    desk->console.on_end = on_end;
    desk->console.owner = desk;
    *state = desk;
    return 0;
}

static void sit(struct desk *desk)
{
    struct yw_err err;

    assert_int_equal(
        yw_broker_console_open(&desk->consoles, desk->core, &desk->console, &err), 0);
    turn(desk);
    desk->machine = accept4(desk->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert_true(desk->machine >= 0);
}

static int close_desk(void **state)
{
    struct desk *desk = *state;
    char path[128];

    yw_broker_consoles_drop(&desk->consoles);
    yw_consoles_free(desk->served);
    yw_stream_close(desk->core);
    yw_stream_close(desk->broker);
    turn(desk);
    yw_loop_close(desk->loop);
    close(desk->listener);
    if (desk->machine >= 0)
        close(desk->machine);
    snprintf(path, sizeof(path), "%s/" UUID ".serial", desk->root.sockets);
    (void)unlink(path);
    assert_int_equal(rmdir(desk->root.sockets), 0);
    free(desk);
    return 0;
}

static void type(struct desk *desk, const char *bytes, size_t size)
{
    assert_true(size <= desk->console.room);
    desk->console.room -= size;
    yw_broker_console_send(desk->core, &desk->console, bytes, size);
}

static void test_both_ways(void **state)
{
    struct desk *desk = *state;
    char seen[64] = "";

    sit(desk);
    assert_int_equal(write(desk->machine, "plc1> ", 6), 6);
    turn(desk);
    assert_string_equal(desk->last, "plc1> ");
    type(desk, "help\r", 5);
    turn(desk);
    assert_int_equal(read(desk->machine, seen, sizeof(seen)), 5);
    assert_string_equal(seen, "help\r");
    assert_int_equal(desk->console.room, YW_VIRT_CONSOLE_WINDOW);
    assert_int_equal(desk->rooms, 1);
}

/* A machine that shows without end waits for the owner; it goes on when he is done. */
static void test_a_flood_waits(void **state)
{
    struct desk *desk = *state;
    char chunk[65536];
    size_t written = 0;

    sit(desk);
    memset(chunk, 'x', sizeof(chunk));
    for (int i = 0; i < 500; i++) {
        ssize_t put = write(desk->machine, chunk, sizeof(chunk));

        written += put > 0 ? (size_t)put : 0;
        yw_loop_turn(desk->loop, 0);
    }
    turn(desk);
    assert_true(desk->shown >= YW_VIRT_CONSOLE_WINDOW);
    assert_true(desk->shown < YW_VIRT_CONSOLE_WINDOW + 65536);
    assert_true(written < 1024 * 1024); /* the rest is the kernel's */
    for (size_t taken = 0; taken < written;) {
        size_t now = desk->shown - taken;

        assert_true(now > 0);
        yw_broker_console_took(desk->core, &desk->console, now);
        taken += now;
        turn(desk);
        if (taken == desk->shown)
            break;
    }
    assert_int_equal(desk->shown, written);
}

/* A machine that reads nothing: the owner's room goes down and does not come back. */
static void test_typing_waits(void **state)
{
    struct desk *desk = *state;
    char chunk[4096];
    size_t typed = 0, read_back = 0;

    sit(desk);
    memset(chunk, 'k', sizeof(chunk));
    for (int i = 0; i < 400; i++) {
        if (desk->console.room >= sizeof(chunk)) {
            type(desk, chunk, sizeof(chunk));
            typed += sizeof(chunk);
        }
        yw_loop_turn(desk->loop, 0);
    }
    turn(desk);
    assert_true(desk->console.room < YW_VIRT_CONSOLE_WINDOW);
    assert_true(typed < 1024 * 1024);
    for (;;) {
        ssize_t got = read(desk->machine, chunk, sizeof(chunk));

        if (got <= 0)
            break;
        read_back += (size_t)got;
        turn(desk);
    }
    assert_int_equal(read_back, typed);
    assert_int_equal(desk->console.room, YW_VIRT_CONSOLE_WINDOW);
}

static void test_ends(void **state)
{
    struct desk *desk = *state;
    struct yw_err err;

    sit(desk);
    close(desk->machine);
    desk->machine = -1;
    turn(desk);
    assert_int_equal(desk->ends, 1);
    sit(desk);
    yw_broker_consoles_end(&desk->consoles, "the broker ended");
    assert_int_equal(desk->ends, 2);
    assert_string_equal(desk->why, "console: the broker ended");
    assert_int_equal(yw_broker_console_open(&desk->consoles, NULL, &desk->console, &err),
                     YW_ESTATE);
    strcpy(desk->console.uuid, "4ad1b6f8-0000-8000-8000-00000000000b");
    assert_int_equal(
        yw_broker_console_open(&desk->consoles, desk->core, &desk->console, &err), 0);
    turn(desk);
    assert_int_equal(desk->ends, 3);
    assert_non_null(strstr(desk->why, ".serial"));
}

static void test_no_more_than_the_limit(void **state)
{
    struct desk *desk = *state;
    struct yw_virt_console *many = yw_new_array(YW_VIRT_CONSOLES_MAX + 1, sizeof(*many));
    struct yw_err err;

    for (size_t i = 0; i <= YW_VIRT_CONSOLES_MAX; i++) {
        many[i] = desk->console;
        strcpy(many[i].uuid, "4ad1b6f8-0000-8000-8000-00000000000c");
        assert_int_equal(
            yw_broker_console_open(&desk->consoles, desk->core, &many[i], &err),
            i < YW_VIRT_CONSOLES_MAX ? 0 : YW_ELIMIT);
    }
    turn(desk);
    assert_int_equal(desk->ends, YW_VIRT_CONSOLES_MAX);
    free(many);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(test_both_ways), ROW(test_a_flood_waits),          ROW(test_typing_waits),
        ROW(test_ends),      ROW(test_no_more_than_the_limit),
    };

    return cmocka_run_group_tests_name("virt_console", tests, NULL, NULL);
}
