/* The keeper's process. */
#include "cli/keeper.h"

#include "base/log.h"
#include "cli/keeper_word.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CRASHES_MAX 10
#define CRASH_SPAN_MS 60000
#define BACKOFF_LEAST_MS 200
#define BACKOFF_MOST_MS 5000
#define STOP_MS                                                                          \
    20000 /* then the core is killed; whoever waits for the keeper waits longer */
#define REAP_MS 5000
#define CONTROL_FD 3

struct keeping {
    const struct yw_keeper *keeper;
    int signal_fd;
    sigset_t mask;                        /* as it was */
    pid_t core;                           /* 0: none runs */
    int link;                             /* to the core */
    pid_t brokers[YW_KEEPER_BROKERS_MAX]; /* 0: none that runs is known */
    size_t broker_count;
    bool was_ready;
    bool stopping, ended;
    int port;
    int status;
    int64_t start_ms; /* when the next core is due, while none runs */
    int64_t kill_ms;  /* when a core that should stop is killed */
    int64_t crashes_ms[CRASHES_MAX];
    size_t crash_count; /* ever */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void drop_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* ---- the core ---- */

static void be_core(struct keeping *keeping, int fd, pid_t parent)
{
    struct yw_keeper_link link = {.fd = fd, .port = keeping->port, .keeper = parent};
    struct yw_err err;

    drop_fd(&keeping->signal_fd);
    drop_fd(&keeping->link);
    (void)sigprocmask(SIG_SETMASK, &keeping->mask, NULL);
    if (yw_keeper_follow(&link, &err) < 0) {
        yw_error("cli", "%s", err.text);
        exit(1);
    }
    exit(keeping->keeper->core(keeping->keeper->arg, &link));
}

static int start_core(struct keeping *keeping, struct yw_err *err)
{
    pid_t parent = getpid();
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return yw_err_errno(err, YW_EIO, errno, "socket pair");
    keeping->link = pair[0];
    (void)fflush(NULL);
    keeping->core = fork();
    if (keeping->core == 0)
        be_core(keeping, pair[1], parent);
    (void)close(pair[1]);
    if (keeping->core < 0) {
        keeping->core = 0;
        drop_fd(&keeping->link);
        return yw_err_errno(err, YW_EIO, errno, "fork");
    }
    return 0;
}

/* ---- the broker ---- */

/* Its machines are in sessions of their own and stay. */
static void kill_broker(const struct keeping *keeping, size_t index)
{
    if (keeping->brokers[index] > 0)
        (void)kill(-keeping->brokers[index], SIGKILL);
}

static void kill_brokers(const struct keeping *keeping)
{
    for (size_t i = 0; i < keeping->broker_count; i++)
        kill_broker(keeping, i);
}

static bool has_broker(const struct keeping *keeping)
{
    for (size_t i = 0; i < keeping->broker_count; i++) {
        if (keeping->brokers[i] > 0)
            return true;
    }
    return false;
}

/* It ended. */
static void forget_broker(struct keeping *keeping, pid_t pid)
{
    for (size_t i = 0; pid > 0 && i < keeping->broker_count; i++) {
        if (pid == keeping->brokers[i])
            keeping->brokers[i] = 0;
    }
}

/* One on another host: yw_virt_broker_command made it. */
static bool speaks_on_stdio(char *const *argv)
{
    for (size_t i = 0; argv[i] != NULL; i++) {
        if (strcmp(argv[i], "--stdio") == 0)
            return true;
    }
    return false;
}

/* Between fork and exec. */
static void be_broker(const struct keeping *keeping, size_t index, int fd, pid_t parent)
{
    char *const *argv = keeping->keeper->brokers[index];

    (void)sigprocmask(SIG_SETMASK, &keeping->mask, NULL);
    (void)setsid(); /* Ctrl-C is for the keeper */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    if (fd == CONTROL_FD ? fcntl(fd, F_SETFD, 0) < 0 : dup2(fd, CONTROL_FD) < 0)
        _exit(127);
    if (speaks_on_stdio(argv) &&
        (dup2(CONTROL_FD, STDIN_FILENO) < 0 || dup2(CONTROL_FD, STDOUT_FILENO) < 0))
        _exit(127);
    execvp(argv[0], argv);
    _exit(127);
}

/* A new broker's descriptor, or -1. One core has one broker a host: the one before has been
 * given up, and may hang. */
static int start_broker(struct keeping *keeping, size_t index)
{
    pid_t parent = getpid();
    int pair[2];

    if (index >= keeping->broker_count)
        return -1;
    kill_broker(keeping, index);
    keeping->brokers[index] = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -1;
    pid_t pid = fork();

    if (pid == 0)
        be_broker(keeping, index, pair[1], parent);
    (void)close(pair[1]);
    if (pid < 0) {
        (void)close(pair[0]);
        return -1;
    }
    (void)setpgid(pid, pid); /* so that a kill before its setsid finds the group */
    keeping->brokers[index] = pid;
    return pair[0];
}

/* ---- words from the core ---- */

static void on_word(struct keeping *keeping)
{
    struct yw_keeper_word word;
    ssize_t size = recv(keeping->link, &word, sizeof word, MSG_DONTWAIT | MSG_TRUNC);

    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size != (ssize_t)sizeof word) { /* the end, or nonsense: nothing more is read */
        drop_fd(&keeping->link);
        return;
    }
    if (word.kind == YW_KEEPER_READY) {
        keeping->was_ready = true;
        keeping->port = word.number < 65536 ? (int)word.number : 0;
    } else if (word.kind == YW_KEEPER_BROKER && !keeping->stopping) {
        int fd = start_broker(keeping, word.broker);

        (void)yw_keeper_word_send(keeping->link, &word, fd);
        drop_fd(&fd);
    }
}

/* ---- ends ---- */

static void plan_again(struct keeping *keeping, struct yw_err *err)
{
    int64_t now = now_ms();
    size_t recent = 0;

    keeping->crashes_ms[keeping->crash_count++ % CRASHES_MAX] = now;
    for (size_t i = 0; i < CRASHES_MAX && i < keeping->crash_count; i++)
        recent += now - keeping->crashes_ms[i] < CRASH_SPAN_MS;
    if (recent == CRASHES_MAX) {
        keeping->ended = true;
        keeping->status = 1;
        (void)yw_err_set(err, YW_EIO, "the core crashed %d times in %d s; giving up",
                         CRASHES_MAX, CRASH_SPAN_MS / 1000);
        return;
    }
    int64_t wait = recent < 2 ? 0 : (int64_t)BACKOFF_LEAST_MS << (recent - 2);

    keeping->start_ms = now + (wait < BACKOFF_MOST_MS ? wait : BACKOFF_MOST_MS);
}

static void on_core_end(struct keeping *keeping, int status, struct yw_err *err)
{
    bool exited = WIFEXITED(status);

    keeping->core = 0;
    keeping->status = exited ? WEXITSTATUS(status) : 1;
    drop_fd(&keeping->link);
    /* Whatever it was doing for the core is void: the next core asks what exists. */
    kill_brokers(keeping);
    memset(keeping->brokers, 0, sizeof keeping->brokers);
    if (keeping->stopping || (exited && (keeping->status == 0 || !keeping->was_ready))) {
        keeping->ended = true;
        return;
    }
    yw_error("cli", "the core ended (%s %d); starting it again",
             exited ? "status" : "signal", exited ? keeping->status : WTERMSIG(status));
    plan_again(keeping, err);
}

static void reap(struct keeping *keeping, struct yw_err *err)
{
    int status = 0;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        forget_broker(keeping, pid);
        if (pid == keeping->core)
            on_core_end(keeping, status, err);
    }
}

static void on_stop(struct keeping *keeping)
{
    keeping->stopping = true;
    if (keeping->core == 0) {
        keeping->ended = true;
        return;
    }
    if (keeping->kill_ms == 0)
        keeping->kill_ms = now_ms() + STOP_MS;
    (void)kill(keeping->core, SIGTERM);
}

static void on_signal(struct keeping *keeping, struct yw_err *err)
{
    struct signalfd_siginfo info;

    while (read(keeping->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGCHLD)
            on_stop(keeping);
    }
    reap(keeping, err);
}

/* ---- the loop ---- */

static int until_ms(const struct keeping *keeping)
{
    int64_t at = keeping->core == 0 ? keeping->start_ms : keeping->kill_ms;

    if (keeping->core != 0 && at == 0)
        return -1;
    int64_t left = at - now_ms();

    return left < 0 ? 0 : left > STOP_MS ? STOP_MS : (int)left;
}

static int turn(struct keeping *keeping, struct yw_err *err)
{
    if (keeping->core == 0 && now_ms() >= keeping->start_ms &&
        start_core(keeping, err) < 0)
        return err->code;
    if (keeping->kill_ms != 0 && now_ms() >= keeping->kill_ms) {
        yw_error("cli", "the core does not stop; killing it");
        (void)kill(keeping->core, SIGKILL);
        keeping->kill_ms = now_ms() + STOP_MS;
    }
    struct pollfd wanted[] = {{keeping->signal_fd, POLLIN, 0},
                              {keeping->link, POLLIN, 0}};

    if (poll(wanted, 2, until_ms(keeping)) < 0 && errno != EINTR)
        return yw_err_errno(err, YW_EIO, errno, "poll");
    if (wanted[1].revents != 0)
        on_word(keeping);
    if (wanted[0].revents != 0)
        on_signal(keeping, err);
    return 0;
}

/* Nobody is left behind. */
static void end_children(struct keeping *keeping)
{
    int64_t end = now_ms() + REAP_MS;

    if (keeping->core > 0)
        (void)kill(keeping->core, SIGKILL);
    kill_brokers(keeping);
    /* Not until there is no child: machines of a broker that died outlive us. */
    while (now_ms() < end && (keeping->core > 0 || has_broker(keeping))) {
        struct timespec pause = {.tv_nsec = 5000000L};
        pid_t pid = waitpid(-1, NULL, WNOHANG);

        if (pid < 0 && errno == ECHILD)
            return;
        if (pid > 0 && pid == keeping->core)
            keeping->core = 0;
        forget_broker(keeping, pid);
        if (pid == 0)
            (void)nanosleep(&pause, NULL);
    }
}

int yw_keeper_run(const struct yw_keeper *keeper, struct yw_err *err)
{
    struct keeping keeping = {.keeper = keeper, .link = -1};
    sigset_t wanted;
    int code = 0;

    while (keeper->brokers != NULL && keeping.broker_count < YW_KEEPER_BROKERS_MAX &&
           keeper->brokers[keeping.broker_count] != NULL)
        keeping.broker_count++;
    memset(err, 0, sizeof *err);
    /* Machines of a broker that died are ours to collect: until somebody does, ending one
     * takes as long as process 1 likes. */
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)sigemptyset(&wanted);
    (void)sigaddset(&wanted, SIGTERM);
    (void)sigaddset(&wanted, SIGINT);
    (void)sigaddset(&wanted, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &wanted, &keeping.mask);
    keeping.signal_fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    if (keeping.signal_fd < 0) {
        (void)yw_err_errno(err, YW_EIO, errno, "signalfd");
        return 1;
    }
    keeping.start_ms = now_ms();
    while (code == 0 && !keeping.ended)
        code = turn(&keeping, err);
    end_children(&keeping);
    drop_fd(&keeping.link);
    drop_fd(&keeping.signal_fd);
    (void)sigprocmask(SIG_SETMASK, &keeping.mask, NULL);
    return code < 0 ? 1 : keeping.status;
}
