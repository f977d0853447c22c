/* A descriptor is shown to one user, for as long as its holder is kept, and to no other. */
#include "virt/machine/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define FIRST 0x70000001u
#define OTHER 0x70000002u
#define SKIP 77

/* What opening the path for reading and writing gives a process of that user: 0 or errno.
 */
static int opens(const char *path, unsigned uid)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        if (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
            _exit(255);
        int fd = open(path, O_RDWR | O_CLOEXEC);

        _exit(fd < 0 ? errno : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_one_user_and_no_other(void **state)
{
    int fd = memfd_create("holder-test", MFD_CLOEXEC);
    struct yw_holder holder;
    struct yw_err err;
    char path[64], file[96];

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(yw_holder_start(&holder, fd, FIRST, path, sizeof(path), &err), 0);
    assert_int_equal(opens(path, FIRST), 0);
    assert_int_equal(opens(path, OTHER), EACCES);
    /* nothing else of ours came along; the pipe on which it said so goes at once */
    (void)snprintf(file, sizeof(file), "/proc/%d/fd/4", (int)holder.pid);
    for (int tries = 0; tries < 500 && faccessat(AT_FDCWD, file, F_OK, 0) == 0; tries++)
        (void)usleep(10000);
    for (int other = 0; other < 64; other++) {
        (void)snprintf(file, sizeof(file), "/proc/%d/fd/%d", (int)holder.pid, other);
        assert_true((faccessat(AT_FDCWD, file, F_OK, 0) == 0) == (other == 3));
    }
    yw_holder_end(&holder);
    assert_int_equal(opens(path, FIRST), ENOENT);
    yw_holder_end(&holder);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_user_and_no_other)};

    if (geteuid() != 0) {
        print_message("needs root\n");
        return SKIP;
    }
    return cmocka_run_group_tests_name("virt_holder", tests, NULL, NULL);
}
