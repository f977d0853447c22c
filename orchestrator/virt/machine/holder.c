#include "virt/machine/holder.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FD 3

/* Between fork and the end only what is safe after a fork of a process with threads: so
 * the system calls themselves, as libc's would tell every thread of the new user. */
static void hold(int fd, int ready, unsigned uid)
{
    if (fd != FD && dup2(fd, FD) < 0)
        _exit(1);
    if (dup2(ready, FD + 1) < 0 || syscall(SYS_close_range, FD + 2, ~0u, 0) < 0 ||
        syscall(SYS_close_range, 0, 2, 0) < 0)
        _exit(1);
    if (syscall(SYS_setgroups, 0, NULL) < 0 ||
        syscall(SYS_setresgid, uid, uid, uid) < 0 ||
        syscall(SYS_setresuid, uid, uid, uid) < 0)
        _exit(1);
    /* A change of user clears both. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        _exit(1);
    if (write(FD + 1, "", 1) != 1)
        _exit(1);
    (void)close(FD + 1);
    for (;;)
        (void)pause();
}

int yw_holder_start(struct yw_holder *ret, int fd, unsigned uid, char *ret_path,
                    size_t path_size, struct yw_err *err)
{
    int ends[2];
    char byte;

    ret->pid = 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return yw_err_errno(err, YW_EIO, errno, "holder");
    /* dup2 below must not meet these */
    int fd_high = fcntl(fd, F_DUPFD_CLOEXEC, 16);
    int ready = fcntl(ends[1], F_DUPFD_CLOEXEC, 16);
    pid_t pid = fd_high < 0 || ready < 0 ? -1 : fork();

    if (pid == 0)
        hold(fd_high, ready, uid);
    int saved = errno;

    (void)close(ends[1]);
    if (ready >= 0)
        (void)close(ready);
    if (fd_high >= 0)
        (void)close(fd_high);
    ret->pid = pid > 0 ? pid : 0;
    ssize_t got = pid > 0 ? read(ends[0], &byte, 1) : -1;

    (void)close(ends[0]);
    if (got != 1) {
        yw_holder_end(ret);
        return pid > 0 ? yw_err_set(err, YW_EIO, "holder: it did not start")
                       : yw_err_errno(err, YW_EIO, saved, "holder");
    }
    (void)snprintf(ret_path, path_size, "/proc/%d/fd/%d", (int)pid, FD);
    return 0;
}

void yw_holder_end(struct yw_holder *holder)
{
    if (holder->pid == 0)
        return;
    (void)kill(holder->pid, SIGKILL);
    while (waitpid(holder->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    holder->pid = 0;
}
