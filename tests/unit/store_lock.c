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

#include <sys/wait.h>

static void test_a_second_daemon_is_refused_and_told_who(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    char path[FIXTURE_PATH + 16];
    char pid[32];
    int fd = -1;
    int second = -1;
    assert_int_equal(yw_store_lock(fixture->dir, &fd, &err), 0);
    assert_int_equal(yw_store_lock(fixture->dir, &second, &err), YW_EEXIST);
    (void)snprintf(pid, sizeof(pid), "process %ld ", (long)getpid());
    assert_non_null(strstr(err.text, pid));
    assert_non_null(strstr(err.text, fixture->dir));
    struct yw_buf text;
    (void)snprintf(path, sizeof(path), "%s/lock", fixture->dir);
    fixture_read_file(path, &text);
    assert_memory_equal(text.data, "boot ", 5);
    yw_buf_fini(&text);
    (void)close(fd);
    assert_int_equal(yw_store_lock(fixture->dir, &fd, &err), 0);
    (void)close(fd);
}

static void test_a_dead_holder_lets_go(void **state)
{
    struct fixture *fixture = *state;
    int fd = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(yw_store_lock(fixture->dir, &fd, NULL) == 0 ? 0 : 1);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(yw_store_lock(fixture->dir, &fd, NULL), 0);
    (void)close(fd);
    assert_int_equal(yw_store_lock("/nonexistent", &fd, NULL), YW_ENOTFOUND);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_second_daemon_is_refused_and_told_who),
        T(test_a_dead_holder_lets_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
