/* The parent's side: starting the host, and blocking exchanges for check, plan and
 * rehearse. */
#include "base/mem.h"
#include "script/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PREFIX_SIZE 4

extern char **environ;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Processor time of a process so far; -1 when it cannot be told. */
static int64_t spent_ms(pid_t pid)
{
    struct timespec spent;
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0)
        return -1;
    return (int64_t)spent.tv_sec * 1000 + spent.tv_nsec / 1000000;
}

void yw_script_patience_start(struct yw_script_patience *patience, pid_t pid,
                              int64_t span_ms)
{
    *patience = (struct yw_script_patience){.pid = pid,
                                            .span_ms = span_ms,
                                            .spent_ms = spent_ms(pid),
                                            .until_ms = now_ms() +
                                                        span_ms * YW_SCRIPT_STARVED_MAX};
}

int64_t yw_script_patience_left_ms(const struct yw_script_patience *patience)
{
    int64_t spent = spent_ms(patience->pid);
    int64_t wall_left_ms = patience->until_ms - now_ms();
    int64_t left_ms = patience->span_ms - (spent - patience->spent_ms);
    if (spent < 0 || patience->spent_ms < 0 || left_ms <= 0 || wall_left_ms <= 0)
        return 0;
    return left_ms < wall_left_ms ? left_ms : wall_left_ms;
}

/* Waits until fd is ready for `events`. */
static int wait_ready(int fd, short events, int64_t deadline_ms, struct yw_err *err)
{
    for (;;) {
        int64_t left_ms = deadline_ms < 0 ? -1 : deadline_ms - now_ms();
        if (deadline_ms >= 0 && left_ms <= 0)
            return yw_err_set(err, YW_ETIMEOUT, "no answer in time");
        struct pollfd wanted = {fd, events, 0};
        int found = poll(&wanted, 1, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
        if (found > 0)
            return 0;
        if (found < 0 && errno != EINTR)
            return yw_err_errno(err, YW_EIO, errno, "poll");
    }
}

int yw_script_send(int fd, const void *bytes, size_t size, int64_t deadline_ms,
                   struct yw_err *err)
{
    if (size > YW_SCRIPT_MESSAGE_MAX)
        return yw_err_set(err, YW_ELIMIT, "a message of more than %d bytes",
                          YW_SCRIPT_MESSAGE_MAX);
    char *whole = yw_new(size + PREFIX_SIZE);
    for (size_t i = 0; i < PREFIX_SIZE; i++)
        whole[i] = (char)(size >> (8 * i));
    if (size > 0)
        memcpy(whole + PREFIX_SIZE, bytes, size);
    size_t sent = 0;
    int code = 0;
    while (code == 0 && sent < size + PREFIX_SIZE) {
        if (deadline_ms >= 0)
            code = wait_ready(fd, POLLOUT, deadline_ms, err);
        if (code != 0)
            break;
        /* The host may only write(); a parent must outlive a host that died (no SIGPIPE).
         */
        size_t left = size + PREFIX_SIZE - sent;
        ssize_t count = deadline_ms < 0 ? write(fd, whole + sent, left)
                                        : send(fd, whole + sent, left, MSG_NOSIGNAL);
        if (count >= 0)
            sent += (size_t)count;
        else if (errno != EINTR && errno != EAGAIN)
            code = yw_err_errno(err, YW_EIO, errno, "write to the script host");
    }
    free(whole);
    return code;
}

/* 0, or 1 at the end of file before the first byte. */
static int read_whole(int fd, char *into, size_t size, int64_t deadline_ms,
                      struct yw_err *err)
{
    size_t have = 0;
    while (have < size) {
        int code = deadline_ms < 0 ? 0 : wait_ready(fd, POLLIN, deadline_ms, err);
        if (code != 0)
            return code;
        ssize_t count = read(fd, into + have, size - have);
        if (count > 0)
            have += (size_t)count;
        else if (count == 0 && have == 0)
            return 1;
        else if (count == 0)
            return yw_err_set(err, YW_EIO, "the message ends early");
        else if (errno != EINTR && errno != EAGAIN)
            return yw_err_errno(err, YW_EIO, errno, "read from the script host");
    }
    return 0;
}

int yw_script_receive(int fd, char **ret, size_t *ret_size, int64_t deadline_ms,
                      struct yw_err *err)
{
    unsigned char prefix[PREFIX_SIZE];
    int code = read_whole(fd, (char *)prefix, sizeof(prefix), deadline_ms, err);
    if (code != 0)
        return code;
    size_t size = 0;
    for (size_t i = 0; i < PREFIX_SIZE; i++)
        size |= (size_t)prefix[i] << (8 * i);
    if (size == 0 || size > YW_SCRIPT_MESSAGE_MAX)
        return yw_err_set(err, YW_ECORRUPT, "script host: a message of %zu bytes", size);
    char *bytes = yw_new(size);
    code = read_whole(fd, bytes, size, deadline_ms, err);
    if (code != 0) {
        free(bytes);
        return code < 0 ? code : yw_err_set(err, YW_EIO, "the message ends early");
    }
    *ret = bytes;
    *ret_size = size;
    return 0;
}

/* The child gets descriptor 3 and nothing else of ours: all others are close-on-exec. */
static int spawn_with(const char *program, int child_fd, pid_t *ret_pid,
                      struct yw_err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    char path[PATH_MAX];
    char verb[] = "script-host";
    char *const argv[] = {path, verb, NULL};
    if (yw_copy(path, sizeof(path), program) != 0)
        return yw_err_set(err, YW_EINVAL, "the program's path is too long");
    if (posix_spawn_file_actions_init(&actions) != 0)
        return yw_err_set(err, YW_EIO, "start the script host: out of memory");
    /* a worker thread has all signals blocked, its child must not */
    (void)sigemptyset(&none);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int failed = posix_spawn_file_actions_adddup2(&actions, child_fd, 3);
    if (failed == 0)
        failed = posix_spawn(ret_pid, path, &actions, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed == 0 ? 0 : yw_err_errno(err, YW_EIO, failed, "start the script host");
}

int yw_script_spawn(const char *program, pid_t *ret_pid, int *ret_fd, struct yw_err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return yw_err_errno(err, YW_EIO, errno, "socketpair");
    /* dup2 onto itself would leave close-on-exec set. */
    int child_fd = fcntl(pair[1], F_DUPFD_CLOEXEC, 4);
    close(pair[1]);
    if (child_fd < 0) {
        close(pair[0]);
        return yw_err_errno(err, YW_EIO, errno, "duplicate the channel");
    }
    int code = spawn_with(program, child_fd, ret_pid, err);
    close(child_fd);
    if (code != 0) {
        close(pair[0]);
        return code;
    }
    *ret_fd = pair[0];
    return 0;
}

/* Until the answer begins to come, which the host writes in one go. */
static int wait_answer(pid_t pid, int fd, int64_t deadline_ms, struct yw_err *err)
{
    struct yw_script_patience patience;
    int code = YW_ETIMEOUT;
    yw_script_patience_start(&patience, pid, deadline_ms);
    for (int64_t left_ms = deadline_ms; code == YW_ETIMEOUT && left_ms > 0;
         left_ms = yw_script_patience_left_ms(&patience))
        code = wait_ready(fd, POLLIN, now_ms() + left_ms, err);
    return code;
}

static const char *stage_of(enum yw_script_ask ask)
{
    return ask == YW_SCRIPT_LOAD ? "declare" : "story";
}

/* Why the host does not answer: it was killed by its walls, or ended. It stays to be
 * reaped. */
static int ended(pid_t pid, struct yw_err *err)
{
    siginfo_t info;
    memset(&info, 0, sizeof(info));
    kill(pid, SIGKILL);
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0 &&
        info.si_status == SIGSYS)
        return yw_err_set(err, YW_EDENIED,
                          "the script host made a forbidden system call");
    return yw_err_set(err, YW_EIO, "the script host ended");
}

int yw_script_exchange_packed(pid_t pid, int fd, const void *bytes, size_t size,
                              struct yw_script_reply *ret, int64_t deadline_ms,
                              struct yw_err *err)
{
    char *answer = NULL;
    size_t answer_size = 0;
    memset(ret, 0, sizeof(*ret));
    int code = yw_script_send(fd, bytes, size, now_ms() + deadline_ms, err);
    if (code == 0)
        code = wait_answer(pid, fd, deadline_ms, err);
    if (code == 0)
        code = yw_script_receive(fd, &answer, &answer_size, now_ms() + deadline_ms, err);
    if (code == 0)
        code = yw_script_reply_unpack(ret, answer, answer_size, err);
    free(answer);
    if (code == YW_ETIMEOUT) {
        kill(pid, SIGKILL);
        return yw_err_set(err, YW_ETIMEOUT, "still running after %lld ms",
                          (long long)deadline_ms);
    }
    return code == 1 || code == YW_EIO ? ended(pid, err) : code;
}

int yw_script_exchange(pid_t pid, int fd, const struct yw_script_request *request,
                       struct yw_script_reply *ret, int64_t deadline_ms,
                       struct yw_err *err)
{
    struct yw_buf out;
    memset(ret, 0, sizeof(*ret));
    yw_buf_init(&out, YW_SCRIPT_MESSAGE_MAX);
    yw_script_request_pack(&out, request);
    int code = out.overflow
                   ? yw_err_set(err, YW_ELIMIT, "the scenario is larger than %d bytes",
                                YW_SCRIPT_SOURCE_MAX)
                   : yw_script_exchange_packed(pid, fd, out.data, out.size, ret,
                                               deadline_ms, err);
    yw_buf_fini(&out);
    if (code == YW_ETIMEOUT) {
        const char *name =
            request->scenario_name[0] == '\0' ? "scenario.lua" : request->scenario_name;
        return yw_err_set(err, YW_ETIMEOUT, "%s: still running after %lld ms (in %s)",
                          name, (long long)deadline_ms, stage_of(request->ask));
    }
    return code;
}

void yw_script_end(pid_t pid, int fd)
{
    if (fd >= 0)
        close(fd);
    if (pid <= 0)
        return;
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}
