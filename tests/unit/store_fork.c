/* The beginning of a journal as another journal. */
#include "store_fixture.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ALL 40
#define FIRST 17

static void test_the_first_records_are_the_same(void **state)
{
    struct fixture *fixture = *state;
    struct yw_journal *fork = NULL;
    struct yw_buf whole, part;
    struct yw_verify verify;
    struct yw_err err = {0};
    char path[FIXTURE_PATH + 16];

    assert_int_equal(fixture_open(fixture, NULL, &err), 0);
    assert_int_equal(fixture_append(fixture, ALL), 0);
    fixture_wait(fixture, ALL);
    (void)snprintf(path, sizeof path, "%s.fork", fixture->path);
    assert_int_equal(yw_journal_fork(fixture->journal, path, FIRST, &err), 0);
    assert_int_equal(yw_journal_fork(fixture->journal, path, FIRST, &err), YW_EEXIST);
    assert_int_equal(yw_verify_database(path, &verify, &err), 0);
    assert_int_equal(verify.count, FIRST);
    assert_int_equal(yw_journal_open(&fork, fixture->loop, path, NULL, &err), 0);
    fixture_export(fixture->journal, &whole);
    fixture_export(fork, &part);
    assert_true(part.size > 0 && part.size < whole.size);
    assert_memory_equal(part.data, whole.data, part.size);
    /* and it goes on by itself */
    struct yw_event event;

    fixture_event(ALL + 1, &event);
    YW_COPY(event.key, "its-own");
    assert_int_equal(yw_journal_append(fork, &event, NULL, &err), 0);
    assert_int_equal(event.seq, FIRST + 1);
    yw_journal_close(fork);
    assert_int_equal(yw_verify_database(path, &verify, &err), 0);
    assert_int_equal(verify.count, FIRST + 1);
    yw_buf_fini(&whole);
    yw_buf_fini(&part);
    assert_int_equal(unlink(path), 0);
    (void)snprintf(path, sizeof path, "%s.fork-head", fixture->path);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
        test_the_first_records_are_the_same, fixture_set_up, fixture_tear_down)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
