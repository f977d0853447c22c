/* Bringing files of a far host here: whole, changed on the way, gone, of a ring that turns, and
 * with any one call failing. The host is a table of calls over files in memory. */
#include "drill/order/fetch.h"

#include "base/clock.h"
#include "base/due.h"
#include "base/hash.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define FILES 4
#define TAIL "_00001_20260101000000.pcap"

struct there {
    char name[64];
    size_t size;
    bool open, is, liar; /* it says another hash */
};

static struct {
    struct yw_virt virt; /* first: what a call gets */
    struct yw_clock clock;
    struct yw_due due;
    struct there files[FILES];
    struct yw_virt_call *call; /* under way */
    int code;
    struct yw_due_entry answer;
    int calls, fail_at, pieces;
    bool more, full, canceled;
    char folder[64];
    struct yw_fetch *fetch;
} far;

static char byte_at(const struct there *file, size_t at)
{
    return (char)(at * 31 + at / 977 + (size_t)file->name[0]);
}

static struct there *named(const char *path)
{
    const char *name = strrchr(path, '/') + 1;

    for (int i = 0; i < FILES; i++) {
        if (far.files[i].is && strcmp(far.files[i].name, name) == 0)
            return &far.files[i];
    }
    return NULL;
}

static int list(struct yw_virt_call *call)
{
    char text[FILES * 128] = "";

    for (int i = 0; i < FILES; i++) {
        const struct there *file = &far.files[i];

        if (file->is)
            (void)snprintf(text + strlen(text), sizeof text - strlen(text),
                           "%zu 1767225600123456 %d %s\n", file->size, file->open,
                           file->name);
    }
    call->ret_bytes = yw_strdup(text);
    call->ret_size = strlen(text);
    return 0;
}

static int piece(struct yw_virt_call *call)
{
    const struct there *file = named(call->path);
    size_t at = (size_t)call->offset;

    if (!file)
        return YW_ENOTFOUND;
    size_t left = at < file->size ? file->size - at : 0;

    far.pieces++;
    call->ret_size = left < 1000 ? left : 1000;
    call->ret_bytes = yw_new(call->ret_size + 1);
    for (size_t i = 0; i < call->ret_size; i++)
        call->ret_bytes[i] = byte_at(file, at + i);
    if (left == 0) {
        struct yw_hasher hasher;
        struct yw_hash hash;

        yw_hasher_init(&hasher);
        for (size_t i = 0; i < file->size; i++) {
            char byte = (char)(byte_at(file, i) + file->liar);

            yw_hasher_add(&hasher, &byte, 1);
        }
        yw_hasher_end(&hasher, &hash);
        yw_hash_text(&hash, call->output);
    }
    return 0;
}

static void on_answer(struct yw_due_entry *entry)
{
    struct yw_virt_call *call = far.call;
    struct yw_err err = {0};

    (void)entry;
    far.call = NULL;
    if (far.code != 0)
        (void)yw_err_set(&err, far.code, "as ordered");
    call->done(call, far.code, &err);
}

static int act(struct yw_virt_call *call)
{
    struct there *file;

    assert_string_equal(call->host, "east");
    assert_int_equal(strncmp(call->path, "drills/d/captures", 17), 0);
    if (++far.calls == far.fail_at)
        return YW_EIO;
    if (call->op == YW_VIRT_FILES)
        return list(call);
    if (call->op == YW_VIRT_FILE)
        return piece(call);
    assert_int_equal(call->op, YW_VIRT_FILE_DROP);
    file = named(call->path);
    if (file) {
        assert_false(file->open);
        file->is = false;
    }
    return 0;
}

static int start(struct yw_virt *virt, struct yw_virt_call *call, struct yw_err *err)
{
    (void)virt;
    (void)err;
    assert_null(far.call);
    far.call = call;
    far.code = act(call);
    far.answer.run = on_answer;
    yw_due_add(&far.due, &far.answer, yw_clock_mono_ms(&far.clock) + 1);
    return 0;
}

static void cancel(struct yw_virt *virt, struct yw_virt_call *call)
{
    (void)virt;
    assert_ptr_equal(call, far.call);
    far.canceled = true;
}

static bool more(void *owner)
{
    (void)owner;
    return far.more;
}

static bool room(void *owner)
{
    (void)owner;
    return !far.full;
}

static int set_up(void **state)
{
    static const struct yw_virt_ops ops = {.call = start, .cancel = cancel};

    (void)state;
    memset(&far, 0, sizeof far);
    far.virt.ops = &ops;
    yw_clock_init_virtual(&far.clock, 1767225600000000);
    yw_due_init(&far.due);
    strcpy(far.folder, "/tmp/yw-fetch-XXXXXX");
    assert_non_null(mkdtemp(far.folder));
    return 0;
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    yw_fetch_free(far.fetch);
    yw_due_fini(&far.due);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", far.folder);
    return system(command);
}

static void begin(void)
{
    struct yw_fetch_config config = {.virt = &far.virt,
                                     .clock = &far.clock,
                                     .due = &far.due,
                                     .host = "east",
                                     .from = "drills/d/captures",
                                     .more = more,
                                     .room = room};

    YW_COPY(config.to, far.folder);
    far.fetch = yw_fetch_new(&config);
}

static void turn(void)
{
    int64_t at = yw_due_next(&far.due);

    assert_true(at < INT64_MAX);
    if (at > yw_clock_mono_ms(&far.clock))
        yw_clock_advance_to(&far.clock, at);
    (void)yw_due_run(&far.due, yw_clock_mono_ms(&far.clock));
}

static void play(int turns)
{
    for (int i = 0; i < turns && !yw_fetch_rests(far.fetch); i++)
        turn();
}

static struct there *put(int at, const char *name, size_t size, bool open)
{
    struct there *file = &far.files[at];

    (void)snprintf(file->name, sizeof file->name, "%s", name);
    file->size = size;
    file->open = open;
    file->is = true;
    return file;
}

/* How long it is here, -1 not there; its bytes are the host's. */
static long here(const struct there *file, mode_t *ret_mode)
{
    char name[YW_FETCH_NAME_MAX], path[64 + YW_FETCH_NAME_MAX + 1];
    struct stat facts;

    assert_int_equal(yw_fetch_name(name, "east", file->name), 0);
    (void)snprintf(path, sizeof path, "%s/%s", far.folder, name);
    FILE *stream = fopen(path, "r");

    if (!stream)
        return -1;
    assert_int_equal(fstat(fileno(stream), &facts), 0);
    if (ret_mode)
        *ret_mode = facts.st_mode & 0777;
    assert_int_equal(facts.st_mtim.tv_sec, 1767225600);
    for (size_t i = 0; i < (size_t)facts.st_size; i++)
        assert_int_equal((char)fgetc(stream), byte_at(file, i));
    (void)fclose(stream);
    return (long)facts.st_size;
}

static void names_tell_the_host(void **state)
{
    char name[YW_FETCH_NAME_MAX];

    (void)state;
    assert_int_equal(yw_fetch_name(name, "east", "b_1.control.12" TAIL), 0);
    assert_string_equal(name, "b_1.control.12.east" TAIL);
    assert_int_equal(yw_fetch_name(name, "east", "nothing.pcap"), YW_EINVAL);
    assert_int_equal(yw_fetch_name(name, "east", ".hidden_1_2"), YW_EINVAL);
    assert_int_equal(yw_fetch_name(name, "east", "../a_1_2"), YW_EINVAL);
}

static void a_file_comes_whole_and_leaves_the_host(void **state)
{
    struct there *file = put(0, "blue.control.1" TAIL, 12345, false);
    mode_t mode = 0;

    (void)state;
    begin();
    play(500);
    assert_true(yw_fetch_rests(far.fetch));
    assert_int_equal(here(file, &mode), 12345);
    assert_int_equal(mode, 0440);
    assert_false(file->is);
    yw_fetch_look(far.fetch);
    assert_false(yw_fetch_rests(far.fetch));
    play(10);
    assert_true(yw_fetch_rests(far.fetch));
}

static void a_growing_file_follows_and_stays(void **state)
{
    struct there *file = put(0, "blue.control.1" TAIL, 1500, true);
    mode_t mode = 0;

    (void)state;
    far.more = true;
    begin();
    play(20);
    assert_int_equal(here(file, NULL), 1500);
    int pieces = far.pieces;

    file->size = 2700;
    play(20);
    assert_int_equal(here(file, &mode), 2700);
    assert_int_equal(mode, 0640);
    assert_int_equal(far.pieces, pieces + 2); /* the rest, and nothing again */
    assert_true(file->is);
    file->open = far.more = false;
    play(100);
    assert_true(yw_fetch_rests(far.fetch) && !file->is);
    assert_int_equal(here(file, &mode), 2700);
    assert_int_equal(mode, 0440);
}

static void a_ring_turns_here_too(void **state)
{
    struct there *first = put(0, "blue.control.1" TAIL, 300, true);
    struct there *other = put(1, "blue.control.2" TAIL, 300, false);

    (void)state;
    far.more = true;
    begin();
    play(60);
    assert_int_equal(here(first, NULL), 300);
    assert_int_equal(here(other, NULL), 300); /* ended: kept, though not listed now */
    assert_false(other->is);
    first->is = false;
    put(2, "blue.control.1_00002_20260101000100.pcap", 200, true);
    play(20);
    assert_int_equal(here(first, NULL), -1);
    assert_int_equal(here(other, NULL), 300);
    assert_int_equal(here(&far.files[2], NULL), 200);
}

static void another_hash_is_never_taken_for_whole(void **state)
{
    struct there *file = put(0, "blue.control.1" TAIL, 2500, false);

    (void)state;
    file->liar = true;
    begin();
    play(60);
    assert_true(file->is); /* the host keeps what is not proved here */
    file->liar = false;
    play(200);
    assert_false(file->is);
    assert_int_equal(here(file, NULL), 2500);
}

static void what_went_on_the_way_costs_nothing_else(void **state)
{
    struct there *file = put(0, "blue.control.1" TAIL, 3500, false);
    struct there *next = put(1, "blue.it.2" TAIL, 700, false);

    (void)state;
    begin();
    play(4);
    file->is = false;
    play(100);
    assert_false(next->is);
    assert_int_equal(here(next, NULL), 700);
}

static void a_full_disk_waits(void **state)
{
    struct there *file = put(0, "blue.control.1" TAIL, 2500, false);

    (void)state;
    far.full = true;
    begin();
    play(30);
    assert_int_equal(here(file, NULL), -1);
    assert_true(file->is);
    far.full = false;
    play(100);
    assert_int_equal(here(file, NULL), 2500);
    assert_false(file->is);
}

static void every_call_may_fail(void **state)
{
    struct there *file = NULL;
    int last = 0;

    for (int at = 1; last == 0; at++) {
        (void)set_up(state);
        far.fail_at = at;
        file = put(0, "blue.control.1" TAIL, 2500, false);
        begin();
        play(200);
        assert_true(yw_fetch_rests(far.fetch));
        assert_int_equal(here(file, NULL), 2500);
        assert_false(file->is);
        last = far.calls < at;
        (void)tear_down(state);
    }
    far.fetch = NULL;
}

/* It goes on where another ended, in the middle of a call too. */
static void who_comes_later_goes_on(void **state)
{
    struct there *file = put(0, "blue.control.1" TAIL, 5500, false);

    (void)state;
    begin();
    play(4);
    yw_fetch_free(far.fetch);
    if (far.call) {
        assert_true(far.canceled);
        turn(); /* the answer, which frees it */
    }
    assert_true(far.pieces > 0);
    begin();
    play(100);
    assert_int_equal(here(file, NULL), 5500);
    assert_int_equal(far.pieces, 6 + 1 + 1); /* the hash; one was under way */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_the_host),
        cmocka_unit_test_setup_teardown(a_file_comes_whole_and_leaves_the_host, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_growing_file_follows_and_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_ring_turns_here_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_hash_is_never_taken_for_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_went_on_the_way_costs_nothing_else, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_waits, set_up, tear_down),
        cmocka_unit_test(every_call_may_fail),
        cmocka_unit_test_setup_teardown(who_comes_later_goes_on, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("drill_fetch", tests, NULL, NULL);
}
