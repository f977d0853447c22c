/* When a silent agent counts as lost: by what the kernel says of its threads, and not at
 * all while it is just greeting. This test is the guest, on the other end of the socket. */
#include "base/mem.h"
#include "base/pack.h"
#include "loop/loop.h"
#include "virt/serve/patience.h"
#include "virt/serve/served.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define SPAN_MS 15000

static void test_calm_host(void **state)
{
    struct yw_patience patience = {0};

    (void)state;
    assert_false(yw_patience_missed(&patience, SPAN_MS, 4000));
    assert_true(yw_patience_missed(&patience, SPAN_MS, 4000 + SPAN_MS / 10 - 1));
    assert_true(yw_patience_missed(&patience, SPAN_MS, 4000 + SPAN_MS / 10));
    yw_patience_heard(&patience);
    assert_false(yw_patience_missed(&patience, SPAN_MS, 6000));
}

static void test_starved_machine(void **state)
{
    struct yw_patience patience = {0};

    (void)state;
    for (int i = 0; i < 20; i++)
        assert_false(yw_patience_missed(&patience, SPAN_MS, i * (SPAN_MS / 10)));
    assert_true(yw_patience_missed(&patience, SPAN_MS, 19 * (SPAN_MS / 10) + 10));
}

static void test_nothing_to_read(void **state)
{
    struct yw_patience patience = {0};

    (void)state;
    for (int i = 1; i < YW_PATIENCE_BLIND; i++)
        assert_false(yw_patience_missed(&patience, SPAN_MS, -1));
    assert_true(yw_patience_missed(&patience, SPAN_MS, -1));
}

static void test_reads_the_kernel(void **state)
{
    struct stat info;
    int self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int root = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    assert_true(self >= 0 && root >= 0);
    if (fstatat(self, "schedstat", &info, 0) == 0)
        assert_true(yw_patience_read(self) >= 0);
    assert_true(yw_patience_read(root) == -1);
    (void)close(self);
    (void)close(root);
}

/* ---- a machine set back, whose agent greets ---- */

struct bench {
    struct yw_loop *loop;
    struct yw_embed_root root;
    struct yw_served served;
    int listener, guest;
    int hellos, lost;
};

static void on_hello(void *owner, struct yw_served *served)
{
    (void)served;
    ((struct bench *)owner)->hellos++;
}

static void on_cut(void *owner, struct yw_served *served)
{
    (void)owner;
    (void)served;
}

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    ((struct bench *)owner)->lost += notice->kind == YW_VIRT_GUEST_LOST;
}

/* Turns enough for what is under way, also when a busy machine makes each a long one. */
static void turn_for(struct bench *bench, int64_t span_ms)
{
    int64_t until = yw_clock_mono_ms(yw_loop_clock(bench->loop)) + span_ms;

    for (int i = 0; i < 10 || yw_clock_mono_ms(yw_loop_clock(bench->loop)) < until; i++)
        yw_loop_turn(bench->loop, 5);
}

static void greet(const struct bench *bench)
{
    struct yw_buf out, body;

    yw_buf_init(&body, 4096);
    yw_buf_init(&out, 4096);
    yw_pack_u8(&body, YW_CHANNEL_HELLO);
    yw_pack_u32(&body, 0);
    yw_pack_u32(&body, YW_CHANNEL_VERSION);
    yw_pack_str(&body, "micro");
    yw_pack_str(&body, "boot");
    yw_pack_u32(&out, (uint32_t)body.size);
    assert_int_equal(send(bench->guest, out.data, out.size, 0), out.size);
    assert_int_equal(send(bench->guest, body.data, body.size, 0), body.size);
    yw_buf_fini(&out);
    yw_buf_fini(&body);
}

static void open_bench(struct bench *bench, char dir[])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct yw_served_events events = {
        .on_hello = on_hello, .on_cut = on_cut, .on_notice = on_notice, .owner = bench};
    struct yw_err err;

    assert_non_null(mkdtemp(dir));
    bench->root.local = true;
    YW_COPY(bench->root.sockets, dir);
    YW_COPY(bench->served.uuid, "11111111-2222-4333-8444-555555555555");
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s.agent", dir,
                   bench->served.uuid);
    bench->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(
        bind(bench->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(bench->listener, 4), 0);
    assert_int_equal(yw_loop_open(&bench->loop, &err), 0);
    yw_served_init(&bench->served, bench->loop, &bench->root, &events);
}

static void close_bench(struct bench *bench, const char *dir)
{
    char path[160];

    yw_served_fini(&bench->served);
    turn_for(bench, 5);
    yw_loop_close(bench->loop);
    (void)close(bench->guest);
    (void)close(bench->listener);
    (void)snprintf(path, sizeof(path), "%s/%s.agent", dir, bench->served.uuid);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

/* It is asked the moment it is connected, with a short deadline; it greets instead, and
 * that question is never answered. */
static void test_greeting_is_enough(void **state)
{
    struct bench bench = {.guest = -1};
    char dir[] = "/tmp/yw-patience-XXXXXX", asked[64];

    (void)state;
    open_bench(&bench, dir);
    yw_served_revive(&bench.served);
    turn_for(&bench, 20);
    bench.guest = accept(bench.listener, NULL, NULL);
    assert_true(bench.guest >= 0);
    turn_for(&bench, 20);
    assert_true(recv(bench.guest, asked, sizeof(asked), MSG_DONTWAIT) > 0);
    greet(&bench);
    turn_for(&bench, 700);
    assert_int_equal(bench.hellos, 1);
    assert_int_equal(bench.lost, 0);
    assert_true(recv(bench.guest, asked, sizeof(asked), MSG_DONTWAIT) > 0);
    close_bench(&bench, dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calm_host),
        cmocka_unit_test(test_starved_machine),
        cmocka_unit_test(test_nothing_to_read),
        cmocka_unit_test(test_reads_the_kernel),
        cmocka_unit_test(test_greeting_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
