/* What a viewer says to a screen: whole, in pieces, and what a watcher's words become. */
#include "net/rfb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OUT_MAX 4096

/* The conversation of a browser, message by message; `input` marks what a watcher may not
 * say. */
static const struct said {
    uint8_t bytes[40];
    size_t size;
    int input;
} said[] = {
    {"RFB 003.008\n", 12, 0},
    {{1}, 1, 0},
    {{0}, 1, 0}, /* alone: becomes shared */
    {{0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255}, 20, 0}, /* pixel format */
    {{2, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 5}, 12, 0},               /* encodings */
    {{3, 1, 0, 0, 0, 0, 4, 0, 3, 0}, 10, 0},                     /* update */
    {{4, 1, 0, 0, 0, 0, 0, 'a'}, 8, 1},                          /* key */
    {{5, 1, 0, 10, 0, 20}, 6, 1},                                /* pointer */
    {{6, 0, 0, 0, 0, 0, 0, 3, 4, 5, 6}, 11, 1},                  /* clipboard */
    {{6, 0, 0, 0, 0xff, 0xff, 0xff, 0xfc, 9, 9, 9, 9}, 12, 1},   /* the extended one */
    {{255, 0, 0, 1, 0, 0, 0, 'a', 0, 0, 0, 30}, 12, 1},          /* QEMU's key */
    {{251, 0, 4, 0, 3, 0, 1, 0, 0, 0, 0, 1}, 24, 1},             /* desktop size */
    {{248, 0, 0, 0, 0, 0, 0, 1, 2, 4, 5}, 11, 0},                /* fence */
    {{150, 1, 0, 0, 0, 0, 4, 0, 3, 0}, 10, 0},                   /* updates go on */
    {{3, 1, 0, 0, 0, 0, 4, 0, 3, 0}, 10, 0},
};
#define SAID (sizeof(said) / sizeof(said[0]))

/* Everything, or what a watcher's part of it is. */
static size_t join(uint8_t ret[OUT_MAX], int watcher)
{
    size_t size = 0;

    for (size_t i = 0; i < SAID; i++) {
        if (watcher && said[i].input)
            continue;
        memcpy(ret + size, said[i].bytes, said[i].size);
        size += said[i].size;
    }
    return size;
}

/* Sends `size` bytes in pieces of up to `most`; the result's size, or -1. */
static long filter(const uint8_t *bytes, size_t size, size_t most, bool view_only,
                   uint8_t ret[OUT_MAX])
{
    struct yw_rfb rfb = {0};
    size_t out = 0;
    unsigned seed = (unsigned)most;

    for (size_t at = 0; at < size;) {
        size_t part = 1 + (size_t)rand_r(&seed) % most;
        uint8_t room[OUT_MAX];

        part = part < size - at ? part : size - at;
        long got = yw_rfb_filter(&rfb, view_only, bytes + at, part, room,
                                 part + YW_RFB_HEAD_MAX);
        if (got < 0)
            return -1;
        assert_true((size_t)got <= part + YW_RFB_HEAD_MAX);
        memcpy(ret + out, room, (size_t)got);
        out += (size_t)got;
        at += part;
    }
    return (long)out;
}

static void check(bool view_only)
{
    uint8_t all[OUT_MAX], wanted[OUT_MAX], out[OUT_MAX];
    size_t size = join(all, 0), want = join(wanted, view_only);

    wanted[13] = 1; /* shared */
    for (size_t most = 1; most < 64; most++) {
        assert_int_equal(filter(all, size, most, view_only, out), want);
        assert_memory_equal(out, wanted, want);
    }
}

static void test_a_typist_says_all(void **state)
{
    (void)state;
    check(false);
}

static void test_a_watcher_says_no_key(void **state)
{
    (void)state;
    check(true);
}

/* The keys may go in the middle of a message: it stays what it was when it began. */
static void test_a_change_in_the_middle(void **state)
{
    static const uint8_t key[] = {4, 1, 0, 0, 0, 0, 0, 'a'};
    struct yw_rfb rfb = {0};
    uint8_t out[OUT_MAX];

    (void)state;
    (void)yw_rfb_filter(&rfb, false, said[0].bytes, 12, out, sizeof(out));
    (void)yw_rfb_filter(&rfb, false, (const uint8_t *)"\1\1", 2, out, sizeof(out));
    assert_int_equal(yw_rfb_filter(&rfb, true, said[8].bytes, 9, out, sizeof(out)), 0);
    assert_int_equal(yw_rfb_filter(&rfb, false, said[8].bytes + 9, 2, out, sizeof(out)),
                     0);
    assert_int_equal(yw_rfb_filter(&rfb, false, key, 8, out, sizeof(out)), 8);
    assert_int_equal(yw_rfb_filter(&rfb, true, key, 8, out, sizeof(out)), 0);
}

static long after_greeting(const void *bytes, size_t size)
{
    uint8_t all[OUT_MAX], out[OUT_MAX];

    memcpy(all, "RFB 003.008\n\1\1", 14);
    memcpy(all + 14, bytes, size);
    return filter(all, 14 + size, OUT_MAX / 2, false, out);
}

static void test_what_is_not_understood(void **state)
{
    static const uint8_t types[] = {1, 7, 100, 249, 252, 254};
    uint8_t out[OUT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(types); i++)
        assert_int_equal(after_greeting(&types[i], 1), -1);
    assert_int_equal(filter((const uint8_t *)"RFB 004.000\n", 12, 12, false, out), -1);
    assert_int_equal(filter((const uint8_t *)"GET / HTTP/1", 12, 12, false, out), -1);
    /* a password is asked for by nobody: no other security passes */
    assert_int_equal(filter((const uint8_t *)"RFB 003.008\n\2", 13, 13, false, out), -1);
    assert_int_equal(after_greeting("\xff\1\0\1\0\0\0\0\0\0\0\0", 12), -1); /* audio */
}

static void test_lengths_end_at_their_limit(void **state)
{
    uint8_t text[8] = {6, 0, 0, 0, 0, 1, 0, 0};

    (void)state;
    assert_int_equal(after_greeting(text, 8), 14 + 8); /* YW_RFB_TEXT_MAX */
    text[7] = 1;
    assert_int_equal(after_greeting(text, 8), -1);
    assert_int_equal(after_greeting("\6\0\0\0\x80\0\0\0", 8), -1);
    assert_int_equal(after_greeting("\xf8\0\0\0\0\0\0\0\x41", 9), -1); /* fence of 65 */
}

static void test_old_protocol(void **state)
{
    uint8_t out[OUT_MAX];

    (void)state;
    assert_int_equal(
        filter((const uint8_t *)"RFB 003.003\n\0\5\0\0\0\0\0", 19, 5, true, out), 13);
    assert_int_equal(out[12], 1);
}

/* Whatever comes: a watcher's bytes never hold an input message, by a second reading. */
static void test_noise(void **state)
{
    uint32_t seed = 7;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        uint8_t all[OUT_MAX], first[OUT_MAX], second[OUT_MAX];
        size_t size = 14;

        memcpy(all, "RFB 003.008\n\1\1", 14);
        for (int i = 0; i < 20; i++) {
            seed = seed * 1664525u + 1013904223u;
            const struct said *one = &said[3 + (seed >> 16) % (SAID - 3)];
            memcpy(all + size, one->bytes, one->size);
            if ((seed >> 8) % 7 == 0)
                all[size + one->size / 2] ^= (uint8_t)(1u << (seed >> 29));
            size += one->size;
        }
        long got = filter(all, size, 1 + seed % 60, true, first);
        if (got < 0)
            continue;
        assert_int_equal(filter(first, (size_t)got, 31, true, second), got);
        assert_memory_equal(first, second, (size_t)got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_typist_says_all),
        cmocka_unit_test(test_a_watcher_says_no_key),
        cmocka_unit_test(test_a_change_in_the_middle),
        cmocka_unit_test(test_what_is_not_understood),
        cmocka_unit_test(test_lengths_end_at_their_limit),
        cmocka_unit_test(test_old_protocol),
        cmocka_unit_test(test_noise),
    };

    return cmocka_run_group_tests_name("net_rfb", tests, NULL, NULL);
}
