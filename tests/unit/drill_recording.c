/* Recordings: asciicast lines, characters cut in two, the limit, the hash. */
#include "drill/seat/recording.h"

#include "base/mem.h"
#include "codec/request/request.h"

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

static char folder[64];
static struct yw_recording *recording;
static int64_t number;

static int open_one(void **state)
{
    struct yw_recording_head head = {.drill = "d",
                                     .team = "blue",
                                     .machine = "plc1",
                                     .wall_us = 1795248000000000,
                                     .drill_ms = 61234};
    struct yw_err err;

    (void)state;
    strcpy(folder, "/tmp/yw-cast-XXXXXX");
    assert_non_null(mkdtemp(folder));
    head.console = ++number;
    assert_int_equal(yw_recording_open(&recording, folder, &head, &err), 0);
    return 0;
}

static char *path_of(void)
{
    char name[32];

    (void)snprintf(name, sizeof(name), YW_RECORDING_NAME, (long long)number);
    return yw_recording_path(folder, name);
}

static int remove_one(void **state)
{
    char *path = path_of(), dir[96];

    (void)state;
    (void)unlink(path);
    free(path);
    (void)snprintf(dir, sizeof(dir), "%s/recordings", folder);
    assert_int_equal(rmdir(dir), 0);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

/* Closes and reads it all. *new*; the hash must be the file's. */
static char *finish(size_t *ret_size)
{
    struct yw_hash told, found;
    int64_t bytes = 0, size = 0;
    char name[32], *path = path_of();
    struct yw_err err;

    yw_recording_close(recording, &told, &bytes);
    (void)snprintf(name, sizeof(name), YW_RECORDING_NAME, (long long)number);
    assert_int_equal(yw_recording_look(folder, name, &found, &size, &err), 0);
    assert_int_equal(size, bytes);
    assert_true(yw_hash_equal(&told, &found));
    FILE *file = fopen(path, "re");
    char *text = yw_new((size_t)size + 1);

    assert_non_null(file);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    (void)fclose(file);
    free(path);
    *ret_size = (size_t)size;
    return text;
}

static void test_lines(void **state)
{
    char *text;
    size_t size;

    (void)state;
    yw_recording_add(recording, 5, 'o', "plc1> ", 6);
    yw_recording_add(recording, 1234, 'i', "he\r", 3);
    yw_recording_add(recording, 61000, 'o', "a\"\\\x1b[K\0z\x7f", 9);
    yw_recording_add(recording, 61001, 'm', "control leaves", 14);
    text = finish(&size);
    assert_string_equal(
        text, "{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":1795248000,"
              "\"title\":\"d blue/plc1\",\"yanwu\":{\"console\":1,\"drill\":\"d\","
              "\"drill_ms\":61234,\"machine\":\"plc1\",\"team\":\"blue\"}}\n"
              "[0.005,\"o\",\"plc1> \"]\n"
              "[1.234,\"i\",\"he\\u000d\"]\n"
              "[61.000,\"o\",\"a\\u0022\\u005c\\u001b[K\\u0000z\\u007f\"]\n"
              "[61.001,\"m\",\"control leaves\"]\n");
    free(text);
}

/* However a character is cut, it comes out whole; what is none is marked. */
static void test_characters(void **state)
{
    static const char bytes[] = "\xe6\xbc\x94\xf0\x9f\x98\x80\xc3\xa9";
    char *text;
    size_t size;

    (void)state;
    for (size_t i = 0; i < sizeof(bytes) - 1; i++)
        yw_recording_add(recording, 1, 'o', bytes + i, 1);
    yw_recording_add(recording, 2, 'o', "\xff\xc0\x80\xed\xa0\x80", 6);
    yw_recording_add(recording, 3, 'o', "\xe6\xbc", 2); /* never completed */
    yw_recording_add(recording, 3, 'i', "x", 1);        /* another stream */
    text = finish(&size);
    const char *first = strchr(text, '\n') + 1;
    assert_string_equal(
        first, "[0.001,\"o\",\"\xe6\xbc\x94\"]\n[0.001,\"o\",\"\xf0\x9f\x98\x80\"]\n"
               "[0.001,\"o\",\"\xc3\xa9\"]\n"
               "[0.002,\"o\",\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
               "\xef\xbf\xbd\xef\xbf\xbd\"]\n"
               "[0.003,\"i\",\"x\"]\n");
    free(text);
}

static void test_it_ends_at_its_limit(void **state)
{
    char *chunk = yw_new(65536), *text;
    size_t size;

    (void)state;
    memset(chunk, '\x01', 65536); /* six bytes each in the file */
    for (int i = 0; i < 40; i++)
        yw_recording_add(recording, i, 'o', chunk, 65536);
    yw_recording_add(recording, 99, 'i', "x", 1);
    text = finish(&size);
    assert_true(size <= YW_RECORDING_MAX);
    assert_true(size > YW_RECORDING_MAX - 65536);
    assert_string_equal(text + size - strlen("\"recording full\"]\n"),
                        "\"recording full\"]\n");
    assert_null(strstr(text, ",\"i\","));
    free(text);
    free(chunk);
}

/* A name that is no recording's has no path; a second one of the same number is refused. */
static void test_names(void **state)
{
    static const char *const names[] = {
        "console-", "console-1.cast", "../console-1", "console-1/..", "x", "console-1a"};
    struct yw_recording_head head = {
        .drill = "d", .team = "t", .machine = "m", .console = number};
    struct yw_recording *second = NULL;
    struct yw_hash hash;
    struct yw_err err;
    int64_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_null(yw_recording_path(folder, names[i]));
    assert_int_equal(yw_recording_open(&second, folder, &head, &err), YW_EIO);
    assert_int_equal(yw_recording_look(folder, "console-77", &hash, &bytes, &err),
                     YW_ENOTFOUND);
    yw_recording_close(recording, NULL, NULL);
    yw_recording_close(NULL, NULL, NULL);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, open_one, remove_one)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(test_lines),
        ROW(test_characters),
        ROW(test_it_ends_at_its_limit),
        ROW(test_names),
    };

    assert_int_equal(yw_hash_setup(), 0);
    return cmocka_run_group_tests_name("drill_recording", tests, NULL, NULL);
}
