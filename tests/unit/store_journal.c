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

#include "base/mem.h"
#include "codec/event.h"

static void test_durable_once_in_order_never_from_inside(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    char report[256];
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_string_equal(report, "");
    assert_int_equal(fixture_append(fixture, 200), 0);
    assert_int_equal(fixture->durable, 0);
    fixture_wait(fixture, 200);
    assert_int_equal(fixture->durable, 200);
    int64_t seq = 0;
    struct yw_hash hash;
    yw_journal_head(fixture->journal, &seq, &hash);
    assert_int_equal(seq, 200);
}

static int compare_event(void *arg, const struct yw_event *event)
{
    int64_t *next = arg;
    struct yw_event want;
    fixture_event(*next, &want);
    want.seq = *next;
    assert_memory_equal(event, &want, sizeof(want));
    ++*next;
    return 0;
}

static int stop_at_three(void *arg, const struct yw_event *event)
{
    ++*(int *)arg;
    return event->seq == 3 ? 77 : 0;
}

static void test_reads_what_was_written_also_after_reopening(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    char report[256];
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_int_equal(fixture_append(fixture, 100), 0);
    fixture_wait(fixture, 100);
    for (int i = 0; i < 2; i++) {
        int64_t next = 1;
        assert_int_equal(yw_journal_read(fixture->journal, 1, compare_event, &next, &err),
                         0);
        assert_int_equal(next, 101);
        fixture_close(fixture);
        assert_int_equal(fixture_open(fixture, report, &err), 0);
        assert_string_equal(report, "");
        assert_int_equal(fixture->durable, 100);
    }
    int64_t next = 91;
    assert_int_equal(yw_journal_read(fixture->journal, 91, compare_event, &next, &err),
                     0);
    assert_int_equal(next, 101);
    int count = 0;
    assert_int_equal(yw_journal_read(fixture->journal, 1, stop_at_three, &count, &err),
                     77);
    assert_int_equal(count, 3);
}

static void test_close_makes_the_queue_durable_and_is_silent(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    char report[256];
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_int_equal(fixture_append(fixture, 50), 0);
    fixture_close(fixture);
    assert_int_equal(fixture->durable, 0);
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_string_equal(report, "");
    assert_int_equal(fixture->durable, 50);
}

static int append_key(struct fixture *fixture, const char *key, int64_t *ret_before)
{
    struct yw_event event;
    fixture_event(1, &event);
    (void)YW_COPY(event.key, key);
    return yw_journal_append(fixture->journal, &event, ret_before, NULL);
}

static void test_a_key_is_used_once(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    char report[256];
    int64_t before = 0;
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_int_equal(append_key(fixture, "a", &before), 0);
    assert_int_equal(append_key(fixture, "b", &before), 0);
    assert_int_equal(append_key(fixture, "a", &before), YW_EEXIST); /* queued */
    assert_int_equal(before, 1);
    fixture_wait(fixture, 2);
    assert_int_equal(append_key(fixture, "b", &before), YW_EEXIST); /* durable */
    assert_int_equal(before, 2);
    assert_int_equal(append_key(fixture, "b", NULL), YW_EEXIST);
    fixture_close(fixture);
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_int_equal(append_key(fixture, "a", &before), YW_EEXIST); /* after a restart */
    assert_int_equal(before, 1);
    assert_int_equal(append_key(fixture, "c", &before), 0);
    fixture_wait(fixture, 3);
    assert_int_equal(fixture->durable, 3);
}

static void fill(char *text, size_t size)
{
    memset(text, '\1', size - 1); /* six bytes each in JSON */
    text[size - 1] = '\0';
}

static void test_a_record_above_the_limit_uses_no_number(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    char report[256];
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    struct yw_event event;
    memset(&event, 0, sizeof(event));
    event.kind = YW_EVENT_STEP_ASKED;
    event.step_asked.field_count = YW_EVENT_VARS_MAX;
    event.step_asked.choice_count = YW_EVENT_VARS_MAX;
    for (size_t i = 0; i < YW_EVENT_VARS_MAX; i++) {
        (void)snprintf(event.step_asked.fields[i].name, YW_NAME_MAX, "field%zu", i);
        fill(event.step_asked.fields[i].value, YW_EVENT_VALUE_MAX);
        event.step_asked.choices[i] = event.step_asked.fields[i];
    }
    fill(event.step_asked.asks.zh, sizeof(event.step_asked.asks.zh));
    fill(event.step_asked.asks.en, sizeof(event.step_asked.asks.en));
    assert_int_equal(yw_journal_append(fixture->journal, &event, NULL, &err), YW_ELIMIT);
    assert_int_equal(event.seq, 0);
    assert_int_equal(fixture_append(fixture, 1), 0);
    fixture_wait(fixture, 1);
    assert_int_equal(fixture->durable, 1);
}

static void test_the_queue_has_a_limit(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    char report[256];
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_int_equal(fixture_append(fixture, YW_JOURNAL_QUEUE_MAX), 0);
    assert_int_equal(fixture_append(fixture, 1), YW_ELIMIT);
    fixture_wait(fixture, YW_JOURNAL_QUEUE_MAX);
    assert_int_equal(fixture->durable, YW_JOURNAL_QUEUE_MAX);
    assert_int_equal(fixture_append(fixture, 1), 0);
    fixture_wait(fixture, YW_JOURNAL_QUEUE_MAX + 1);
    assert_int_equal(fixture->durable, YW_JOURNAL_QUEUE_MAX + 1);
}

static void test_reading_while_a_daemon_writes(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    char report[256];
    struct yw_journal *reader = NULL;
    struct yw_verify verify;
    assert_int_equal(yw_journal_open_read(&reader, fixture->path, &err), YW_ENOTFOUND);
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_int_equal(fixture_append(fixture, 20), 0);
    fixture_wait(fixture, 20);
    assert_int_equal(yw_journal_open_read(&reader, fixture->path, &err), 0);
    int64_t seq = 0;
    struct yw_hash hash;
    yw_journal_head(reader, &seq, &hash);
    assert_int_equal(seq, 20);
    assert_int_equal(fixture_append(fixture, 20), 0);
    fixture_wait(fixture, 40);
    yw_journal_head(reader, &seq, &hash);
    assert_int_equal(seq, 40);
    int64_t next = 1;
    assert_int_equal(yw_journal_read(reader, 1, compare_event, &next, &err), 0);
    assert_int_equal(next, 41);
    struct yw_event event;
    fixture_event(1, &event);
    assert_int_equal(yw_journal_append(reader, &event, NULL, &err), YW_ESTATE);
    assert_int_equal(yw_verify_database(fixture->path, &verify, &err), 0);
    assert_int_equal(verify.count, 40);
    assert_true(yw_hash_equal(&verify.head, &hash));
    yw_journal_close(reader);
    yw_journal_close(NULL);
}

static void test_export_from_the_middle_continues_the_chain(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    char report[256];
    struct yw_buf all;
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_int_equal(fixture_append(fixture, 10), 0);
    fixture_wait(fixture, 10);
    fixture_export(fixture->journal, &all);
    struct yw_hash previous = {{0}};
    const char *line = all.data;
    for (int64_t seq = 1; seq <= 10; seq++) {
        struct yw_event event;
        struct yw_hash prev;
        struct yw_hash hash;
        struct yw_hash want;
        struct yw_buf canonical;
        const char *end = strchr(line, '\n');
        yw_buf_init(&canonical, YW_JOURNAL_RECORD_MAX);
        assert_int_equal(yw_event_decode_line(&event, &prev, &hash, &canonical, line,
                                              (size_t)(end - line), &err),
                         0);
        assert_int_equal(event.seq, seq);
        assert_true(yw_hash_equal(&prev, &previous));
        yw_hash_chain(&prev, canonical.data, canonical.size, &want);
        assert_true(yw_hash_equal(&hash, &want));
        yw_buf_fini(&canonical);
        previous = hash;
        line = end + 1;
    }
    assert_string_equal(line, "");
    yw_buf_fini(&all);
}

static void test_backup_while_running(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    char report[256];
    char path[FIXTURE_PATH + 16];
    struct yw_verify verify;
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_int_equal(fixture_append(fixture, 30), 0);
    fixture_wait(fixture, 30);
    (void)snprintf(path, sizeof(path), "%s/copy.db", fixture->dir);
    assert_int_equal(fixture_append(fixture, 30), 0); /* under way */
    assert_int_equal(yw_journal_backup(fixture->journal, path, &err), 0);
    assert_int_equal(yw_verify_database(path, &verify, &err), 0);
    assert_in_range(verify.count, 30, 60);
    assert_int_equal(yw_journal_backup(fixture->journal, path, &err), YW_EEXIST);
    assert_int_equal(yw_journal_backup(fixture->journal, "/nonexistent/copy.db", &err),
                     YW_EIO);
    fixture_wait(fixture, 60);
    fixture_close(fixture);
    /* A backup is a journal: it opens and goes on. */
    (void)YW_COPY(fixture->path, path);
    assert_int_equal(fixture_open(fixture, report, &err), 0);
    assert_int_equal(fixture_append(fixture, 1), 0);
    fixture_wait(fixture, verify.count + 1);
    assert_int_equal(fixture->durable, verify.count + 1);
}

static void test_a_path_that_cannot_be(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    (void)snprintf(fixture->path, sizeof(fixture->path), "/nonexistent/journal.db");
    assert_int_equal(fixture_open(fixture, NULL, &err), YW_ENOTFOUND);
    assert_non_null(strstr(err.text, "/nonexistent/journal.db"));
    (void)snprintf(fixture->path, sizeof(fixture->path), "%s", fixture->dir);
    assert_int_not_equal(fixture_open(fixture, NULL, &err), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_durable_once_in_order_never_from_inside),
        T(test_reads_what_was_written_also_after_reopening),
        T(test_close_makes_the_queue_durable_and_is_silent),
        T(test_a_key_is_used_once),
        T(test_a_record_above_the_limit_uses_no_number),
        T(test_the_queue_has_a_limit),
        T(test_reading_while_a_daemon_writes),
        T(test_export_from_the_middle_continues_the_chain),
        T(test_backup_while_running),
        T(test_a_path_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
