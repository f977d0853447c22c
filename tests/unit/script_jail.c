/* The walls of the script host, each tried from the inside in a process of its own. */
#include "script/jail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* Exit status, or minus the signal that ended it. */
static int inside(void (*probe)(void))
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (yw_script_jail(pair[1], NULL) != 0)
            _exit(99);
        probe();
        _exit(0);
    }
    close(pair[1]);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(pair[0]);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void probe_nothing(void)
{
}

static void probe_work(void)
{
    for (size_t size = 1000; size < 8 * 1024 * 1024; size *= 2) {
        char *block = malloc(size);
        if (block == NULL)
            _exit(1);
        memset(block, 1, size);
        free(block);
    }
    if (write(3, "x", 1) != 1)
        _exit(2);
}

static void probe_socket(void)
{
    (void)socket(AF_INET, SOCK_STREAM, 0);
}

static void probe_open(void)
{
    (void)open("/etc/passwd", O_RDONLY);
}

static void probe_fork(void)
{
    (void)fork();
}

static void probe_exec(void)
{
    char *const argv[] = {NULL};
    execve("/bin/true", argv, argv);
}

static void probe_kill(void)
{
    kill(getppid(), 0);
}

static void probe_ptrace(void)
{
    syscall(SYS_ptrace, 0, 0, 0, 0);
}

static void probe_executable_memory(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void probe_memory(void)
{
    for (int i = 0; i < 1024; i++)
        if (malloc(1024 * 1024) == NULL)
            _exit(7);
}

static void probe_other_files(void)
{
    char byte = 0;
    for (int fd = 4; fd < 64; fd++)
        if (read(fd, &byte, 0) == 0)
            _exit(8);
}

static void work_goes_on(void **arg)
{
    (void)arg;
    assert_int_equal(inside(probe_nothing), 0);
    assert_int_equal(inside(probe_work), 0);
    assert_int_equal(inside(probe_other_files), 0);
}

static void forbidden_calls_kill(void **arg)
{
    (void)arg;
    static void (*const probes[])(void) = {
        probe_socket,
        probe_open,
        probe_fork,
        probe_exec,
        probe_kill,
        probe_ptrace,
        probe_executable_memory,
    };
    if (SANITIZED)
        skip();
    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
        assert_int_equal(inside(probes[i]), -SIGSYS);
}

static void memory_is_bounded(void **arg)
{
    (void)arg;
    if (SANITIZED)
        skip();
    assert_int_equal(inside(probe_memory), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_goes_on),
        cmocka_unit_test(forbidden_calls_kill),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
