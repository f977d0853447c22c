#include "script/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* The one wide permission, for sanitizer builds only: their runtime maps terabytes and
 * reads files of its own when it reports. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static int keep_only(int fd, struct yw_err *err)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return yw_err_errno(err, YW_EIO, errno, "open /dev/null");
    int last = SANITIZED ? 1 : 2;
    if (fd <= 2) {
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 4);
        if (fd < 0)
            return yw_err_errno(err, YW_EIO, errno, "duplicate the channel");
    }
    for (int i = 0; i <= last; i++)
        if (dup2(null, i) < 0)
            return yw_err_errno(err, YW_EIO, errno, "dup2");
    if (fd != 3 && dup2(fd, 3) < 0)
        return yw_err_errno(err, YW_EIO, errno, "dup2");
    if (close_range(4, ~0U, 0) != 0)
        return yw_err_errno(err, YW_EIO, errno, "close_range");
    return 0;
}

static int drop_root(struct yw_err *err)
{
    if (geteuid() != 0)
        return 0;
    /* Containers may refuse new namespaces; the filter below refuses sockets in any case.
     */
    (void)unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
    if (setgroups(0, NULL) != 0 ||
        setresgid(YW_SCRIPT_UID, YW_SCRIPT_UID, YW_SCRIPT_UID) != 0 ||
        setresuid(YW_SCRIPT_UID, YW_SCRIPT_UID, YW_SCRIPT_UID) != 0)
        return yw_err_errno(err, YW_EIO, errno, "give up root");
    return 0;
}

/* What the program has mapped already: it links many libraries. */
static rlim_t mapped_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL) {
        if (fscanf(file, "%lu", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static int limit(struct yw_err *err)
{
    const struct {
        __rlimit_resource_t what;
        rlim_t most;
    } limits[] = {
        {RLIMIT_AS, SANITIZED ? RLIM_INFINITY : mapped_bytes() + YW_SCRIPT_ADDRESS_SPACE},
        {RLIMIT_CPU, YW_SCRIPT_CPU_S},
        {RLIMIT_NOFILE, 8},
        {RLIMIT_NPROC, 0},
        {RLIMIT_FSIZE, 0},
        {RLIMIT_CORE, 0},
        {RLIMIT_MEMLOCK, 0},
    };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        const struct rlimit both = {limits[i].most, limits[i].most};
        if (setrlimit(limits[i].what, &both) != 0)
            return yw_err_errno(err, YW_EIO, errno, "setrlimit");
    }
    return 0;
}

static int add_rules(scmp_filter_ctx filter)
{
    static const int allowed[] = {
        SCMP_SYS(read),
        SCMP_SYS(write),
        SCMP_SYS(brk),
        SCMP_SYS(munmap),
        SCMP_SYS(mremap),
        SCMP_SYS(madvise),
        SCMP_SYS(futex),
        SCMP_SYS(exit),
        SCMP_SYS(exit_group),
        SCMP_SYS(rt_sigreturn),
        SCMP_SYS(clock_gettime),
        SCMP_SYS(gettimeofday),
        SCMP_SYS(restart_syscall),
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
        failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    /* New memory, but never executable. */
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    return failed;
}

static int filter_calls(struct yw_err *err)
{
    if (SANITIZED)
        return 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        return yw_err_set(err, YW_EIO, "seccomp: no filter");
    int failed = add_rules(filter);
    if (failed == 0)
        failed = seccomp_load(filter);
    seccomp_release(filter);
    return failed == 0
               ? 0
               : yw_err_set(err, YW_EIO, "seccomp: the kernel refuses the filter");
}

int yw_script_jail(int fd, struct yw_err *err)
{
    int code = keep_only(fd, err);
    if (code == 0)
        code = limit(err);
    if (code == 0)
        code = drop_root(err);
    if (code == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
                      prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0))
        code = yw_err_errno(err, YW_EIO, errno, "prctl");
    if (code == 0)
        code = filter_calls(err);
    return code == 0 ? 0 : yw_err_prefix(err, "script host: jail");
}
