/* Images on their way to another host: all that is missing, once, going on after a cut,
 * and nothing that is not what was promised. This test is the core; the broker's side runs
 * in a thread. */
#include "base/hash.h"
#include "base/mem.h"
#include "loop/stream.h"
#include "virt/broker_wire.h"
#include "virt/image_give.h"
#include "virt/serve/image_take.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define BIG_SIZE (1200 * 1024 + 7)

struct bench {
    char dir[64], from[96], to[96];
    struct yw_loop *loop;
    struct yw_stream *stream;
    struct yw_image_give *give;
    int fd; /* the broker's end */
    int pieces;
    int spoil; /* the n-th piece is sent damaged; 0: none */
    bool ended;
    int code;
    struct yw_err err;
};

static void write_file(const char *dir, const char *name, const char *bytes, size_t size)
{
    char path[300];

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    (void)fclose(file);
}

static bool same_file(const struct bench *bench, const char *name)
{
    char command[400];

    (void)snprintf(command, sizeof(command), "cmp -s %s/%s %s/%s", bench->from, name,
                   bench->to, name);
    return system(command) == 0;
}

static void on_message(void *owner, const void *bytes, size_t size)
{
    struct bench *bench = owner;
    struct yw_unpack in;
    struct yw_buf out;

    yw_buf_init(&out, YW_BROKER_MESSAGE_MAX);
    yw_unpack_init(&in, bytes, size);
    uint8_t type = yw_unpack_u8(&in);

    if (type == YW_BROKER_HELLO) {
        assert_int_equal(yw_broker_unpack_build(&in, NULL), 0);
        yw_image_give_offer(bench->give, &out);
    } else {
        assert_int_equal(type, YW_BROKER_IMAGE_WANT);
        assert_int_equal(yw_image_give_piece(bench->give, &in, &out, NULL), 0);
        if (++bench->pieces == bench->spoil)
            out.data[out.size - 1] ^= 1;
    }
    assert_int_equal(yw_stream_send(bench->stream, out.data, out.size, NULL), 0);
    yw_buf_fini(&out);
}

static void on_end(void *owner, const struct yw_err *why)
{
    (void)why;
    ((struct bench *)owner)->ended = true;
}

static void *run_take(void *arg)
{
    struct bench *bench = arg;

    bench->code = yw_image_take(bench->fd, bench->to, &bench->err);
    (void)close(bench->fd);
    return NULL;
}

static int transfer(struct bench *bench)
{
    struct yw_stream_events events = {
        .on_message = on_message, .on_end = on_end, .owner = bench};
    pthread_t thread;
    int pair[2], status;

    bench->ended = false;
    bench->pieces = 0;
    assert_int_equal(yw_image_give_open(&bench->give, bench->from, NULL), 0);
    while ((status = yw_image_give_step(bench->give, NULL)) == 0)
        continue;
    assert_int_equal(status, 1);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    bench->fd = pair[1];
    assert_int_equal(yw_stream_open(&bench->stream, bench->loop, pair[0],
                                    YW_BROKER_MESSAGE_MAX, YW_BROKER_QUEUE_MAX, &events,
                                    NULL),
                     0);
    assert_int_equal(pthread_create(&thread, NULL, run_take, bench), 0);
    while (!bench->ended)
        yw_loop_turn(bench->loop, 20);
    (void)pthread_join(thread, NULL);
    yw_stream_close(bench->stream);
    yw_image_give_close(bench->give);
    return bench->code;
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    char *big = yw_new(BIG_SIZE);
    char path[300];

    YW_COPY(bench->dir, "/tmp/yw-image-XXXXXX");
    assert_non_null(mkdtemp(bench->dir));
    (void)snprintf(bench->from, sizeof(bench->from), "%s/from", bench->dir);
    (void)snprintf(bench->to, sizeof(bench->to), "%s/there/to", bench->dir);
    assert_int_equal(mkdir(bench->from, 0755), 0);
    (void)snprintf(path, sizeof(path), "%s/cache", bench->from);
    assert_int_equal(mkdir(path, 0755), 0);
    for (size_t i = 0; i < BIG_SIZE; i++)
        big[i] = (char)(i * 7 + i / 1000);
    write_file(bench->from, "vmlinux", big, BIG_SIZE);
    write_file(bench->from, "micro.cpio.gz", big, 100);
    write_file(bench->from, ".hidden", big, 100);
    write_file(bench->from, "empty", big, 0);
    write_file(bench->from, "deb-base.qcow2", big, 100);
    free(big);
    assert_int_equal(yw_loop_open(&bench->loop, NULL), 0);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    char command[200];

    yw_loop_turn(bench->loop, 0);
    yw_loop_close(bench->loop);
    (void)snprintf(command, sizeof(command), "rm -rf %s", bench->dir);
    assert_int_equal(system(command), 0);
    free(bench);
    return 0;
}

static void test_once(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(transfer(bench), 0);
    assert_int_equal(bench->pieces, 5 + 1);
    assert_true(same_file(bench, "vmlinux"));
    assert_true(same_file(bench, "micro.cpio.gz"));
    assert_true(same_file(bench, "empty"));
    assert_false(same_file(bench, ".hidden"));
    assert_false(same_file(bench, "deb-base.qcow2"));
    assert_int_equal(transfer(bench), 0);
    assert_int_equal(bench->pieces, 0);

    /* One of them is new: it takes the old one's place, whose bytes go. */
    write_file(bench->from, "micro.cpio.gz", "other", 5);
    assert_int_equal(transfer(bench), 0);
    assert_int_equal(bench->pieces, 1);
    assert_true(same_file(bench, "micro.cpio.gz"));
    char command[300];

    (void)snprintf(command, sizeof(command), "test $(ls -A %s | wc -l) = 6", bench->to);
    assert_int_equal(system(command), 0);
}

static void test_damage_is_seen(void **state)
{
    struct bench *bench = *state;

    bench->spoil = 3;
    assert_int_equal(transfer(bench), YW_EIO);
    assert_non_null(strstr(bench->err.text, "another hash"));
    assert_false(same_file(bench, "vmlinux"));
    bench->spoil = 0;
    assert_int_equal(transfer(bench), 0);
    assert_true(same_file(bench, "vmlinux"));
}

/* What came before a cut is not sent again. */
static void test_goes_on(void **state)
{
    struct bench *bench = *state;
    char command[700];

    assert_int_equal(transfer(bench), 0);
    (void)snprintf(
        command, sizeof(command),
        "cd %s && for f in $(find . -size +1000k -links 2 -name '[0-9a-f]*'); do "
        "head -c 600000 $f > $f.part && rm $f; done && test -s *.part",
        bench->to);
    assert_int_equal(system(command), 0);
    assert_int_equal(transfer(bench), 0);
    assert_int_equal(bench->pieces, 3);
    assert_true(same_file(bench, "vmlinux"));
}

static void test_names(void **state)
{
    char longest[YW_IMAGE_NAME_MAX + 1];

    (void)state;
    memset(longest, 'a', sizeof(longest));
    longest[YW_IMAGE_NAME_MAX] = '\0';
    assert_false(yw_image_name_valid(longest));
    longest[YW_IMAGE_NAME_MAX - 1] = '\0';
    assert_true(yw_image_name_valid(longest));
    assert_false(yw_image_name_valid(""));
    assert_false(yw_image_name_valid(".."));
    assert_false(yw_image_name_valid("a/b"));
    assert_true(yw_image_name_valid("debian-12.qcow2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damage_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_goes_on, setup, teardown),
        cmocka_unit_test(test_names),
    };

    assert_int_equal(yw_hash_setup(), 0);
    return cmocka_run_group_tests_name("virt_image", tests, NULL, NULL);
}
