#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Sweeps over copies of an exported file: every cut, every byte, every line. */
#include "base/mem.h"

#define RECORDS 46 /* every kind of event, and one more */

struct lines {
    struct yw_buf text;
    size_t start[RECORDS + 1]; /* of line i; the last is the end */
    char path[FIXTURE_PATH + 16];
};

static void make(struct fixture *fixture, struct lines *lines)
{
    struct yw_err err = {0};
    assert_int_equal(fixture_open(fixture, NULL, &err), 0);
    assert_int_equal(fixture_append(fixture, RECORDS), 0);
    fixture_wait(fixture, RECORDS);
    fixture_export(fixture->journal, &lines->text);
    (void)snprintf(lines->path, sizeof(lines->path), "%s/export", fixture->dir);
    size_t line = 1;
    lines->start[0] = 0;
    for (size_t i = 0; i < lines->text.size; i++) {
        if (lines->text.data[i] == '\n')
            lines->start[line++] = i + 1;
    }
    assert_int_equal(line, RECORDS + 1);
}

static size_t line_of(const struct lines *lines, size_t at)
{
    size_t line = 0;
    while (lines->start[line + 1] <= at)
        line++;
    return line;
}

static int verify(const struct lines *lines, const void *bytes, size_t size,
                  struct yw_verify *ret, struct yw_err *err)
{
    fixture_write_file(lines->path, bytes, size);
    return yw_verify_file(lines->path, ret, err);
}

static void expect_bad(const struct lines *lines, const void *bytes, size_t size,
                       size_t line, size_t at)
{
    struct yw_verify found;
    struct yw_err err = {0};
    char want[64];
    int code = verify(lines, bytes, size, &found, &err);
    if (code != YW_ECORRUPT || found.bad_line != (int64_t)line + 1 ||
        found.bad_seq != (int64_t)line + 1 || found.count != (int64_t)line)
        fail_msg("byte %zu: code %d, line %lld, record %lld, count %lld: %s", at, code,
                 (long long)found.bad_line, (long long)found.bad_seq,
                 (long long)found.count, found.detail);
    (void)snprintf(want, sizeof(want), "line %zu, record %zu: ", line + 1, line + 1);
    assert_non_null(strstr(err.text, want));
    assert_true(found.detail[0] != '\0');
}

static void test_a_whole_file_is_good(void **state)
{
    struct lines lines;
    struct yw_verify found;
    struct yw_hash head;
    int64_t seq = 0;
    make(*state, &lines);
    assert_int_equal(verify(&lines, lines.text.data, lines.text.size, &found, NULL), 0);
    yw_journal_head(((struct fixture *)*state)->journal, &seq, &head);
    assert_int_equal(found.count, RECORDS);
    assert_int_equal(found.bad_seq, 0);
    assert_true(yw_hash_equal(&found.head, &head));
    assert_int_equal(verify(&lines, "", 0, &found, NULL), 0);
    assert_int_equal(found.count, 0);
    assert_int_equal(yw_verify_file("/nonexistent", &found, NULL), YW_ENOTFOUND);
    yw_buf_fini(&lines.text);
}

static void test_every_cut_is_seen(void **state)
{
    struct lines lines;
    make(*state, &lines);
    for (size_t size = lines.start[RECORDS - 3]; size < lines.text.size; size++) {
        size_t line = line_of(&lines, size);
        struct yw_verify found;
        if (size == lines.start[line]) {
            assert_int_equal(verify(&lines, lines.text.data, size, &found, NULL), 0);
            assert_int_equal(found.count, line);
        } else {
            expect_bad(&lines, lines.text.data, size, line, size);
        }
    }
    yw_buf_fini(&lines.text);
}

static void test_every_flipped_byte_is_seen(void **state)
{
    struct lines lines;
    make(*state, &lines);
    for (size_t at = 0; at < lines.text.size; at += at < 3000 ? 1 : 7) {
        unsigned char *byte = (unsigned char *)lines.text.data + at;
        unsigned char before = *byte;
        *byte = (unsigned char)(before ^ (1U << (at % 8)));
        expect_bad(&lines, lines.text.data, lines.text.size, line_of(&lines, at), at);
        *byte = before;
    }
    yw_buf_fini(&lines.text);
}

static void test_missing_doubled_and_swapped_lines(void **state)
{
    struct lines lines;
    make(*state, &lines);
    for (size_t i = 0; i < RECORDS; i++) {
        size_t from = lines.start[i];
        size_t to = lines.start[i + 1];
        struct yw_buf text;
        yw_buf_init(&text, 1 << 24);
        yw_buf_put(&text, lines.text.data, from);
        yw_buf_put(&text, lines.text.data + to, lines.text.size - to);
        if (i + 1 < RECORDS)
            expect_bad(&lines, text.data, text.size, i, from);
        yw_buf_clear(&text);
        yw_buf_put(&text, lines.text.data, to);
        yw_buf_put(&text, lines.text.data + from, lines.text.size - from);
        expect_bad(&lines, text.data, text.size, i + 1, to);
        yw_buf_fini(&text);
    }
    yw_buf_fini(&lines.text);
}

static void test_zeros_and_long_lines(void **state)
{
    struct lines lines;
    make(*state, &lines);
    size_t from = lines.start[RECORDS - 1];
    memset(lines.text.data + from, 0, lines.text.size - from);
    expect_bad(&lines, lines.text.data, lines.text.size, RECORDS - 1, from);
    struct yw_buf text;
    yw_buf_init(&text, 1 << 24);
    yw_buf_put(&text, lines.text.data, from);
    for (int i = 0; i < 2 * YW_JOURNAL_RECORD_MAX; i++)
        yw_buf_put(&text, "x", 1);
    expect_bad(&lines, text.data, text.size, RECORDS - 1, from);
    yw_buf_fini(&text);
    yw_buf_fini(&lines.text);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_whole_file_is_good),       T(test_every_cut_is_seen),
        T(test_every_flipped_byte_is_seen), T(test_missing_doubled_and_swapped_lines),
        T(test_zeros_and_long_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
