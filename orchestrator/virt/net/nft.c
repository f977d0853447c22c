#include "virt/net/nft.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "/usr/sbin/nft"

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The script as a file without a name, so that writing it never waits for the child. */
static int script_file(const char *script, size_t size)
{
    int fd = memfd_create("nft", MFD_CLOEXEC);

    for (size_t at = 0; fd >= 0 && at < size;) {
        ssize_t done = write(fd, script + at, size - at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            (void)close(fd);
            return -1;
        }
        at += (size_t)done;
    }
    if (fd >= 0)
        (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

/* 0 and the child, or an errno. */
static int start(int script, int output, pid_t *ret)
{
    char name[] = "nft", option[] = "-f", from[] = "-";
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
    char *const argv[] = {name, option, from, NULL};
    char *const environment[] = {path, locale, NULL};
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);

    if (failed)
        return failed;
    failed = posix_spawn_file_actions_adddup2(&actions, script, 0);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, output, 2);
    if (!failed)
        failed = posix_spawn(ret, PROGRAM, &actions, NULL, argv, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Reads until the child closes its side; false: the deadline passed. What does not fit is
 * read and dropped. */
static bool drain(int fd, char *output, size_t size)
{
    int64_t until_ms = now_ms() + YW_NFT_DEADLINE_MS;
    size_t used = 0;

    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        int64_t left_ms = until_ms - now_ms();
        char bytes[4096];

        if (left_ms <= 0)
            return false;
        if (poll(&poll_fd, 1, (int)left_ms) <= 0)
            continue;
        ssize_t got = read(fd, bytes, sizeof(bytes));

        if (got <= 0)
            return true;
        size_t room = size - 1 - used;
        size_t taken = (size_t)got < room ? (size_t)got : room;

        memcpy(output + used, bytes, taken);
        used += taken;
        output[used] = '\0';
    }
}

static int finish(pid_t pid, bool in_time, const char *output, struct yw_err *err)
{
    int status = 0;

    if (!in_time)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!in_time)
        return yw_err_set(err, YW_ETIMEOUT, "nft: no end in %d ms", YW_NFT_DEADLINE_MS);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return yw_err_set(err, YW_EIO, "nft: %.*s", (int)strcspn(output, "\n"), output);
    return 0;
}

int yw_nft_run(const char *script, size_t script_size, char *output, size_t size,
               struct yw_err *err)
{
    char own[512] = "";
    int ends[2];
    pid_t pid = 0;

    if (access(PROGRAM, X_OK) < 0)
        return yw_err_set(err, YW_ENOTFOUND, PROGRAM ": %s", strerror(errno));
    int script_fd = script_file(script, script_size);

    if (script_fd < 0)
        return yw_err_errno(err, YW_EIO, errno, "nft: script");
    if (pipe2(ends, O_CLOEXEC) < 0) {
        (void)close(script_fd);
        return yw_err_errno(err, YW_EIO, errno, "nft: pipe");
    }
    int failed = start(script_fd, ends[1], &pid);

    (void)close(script_fd);
    (void)close(ends[1]);
    if (failed) {
        (void)close(ends[0]);
        return yw_err_errno(err, YW_EIO, failed, "nft");
    }
    char *text = output ? output : own;

    text[0] = '\0';
    bool in_time = drain(ends[0], text, output ? size : sizeof(own));

    (void)close(ends[0]);
    return finish(pid, in_time, text, err);
}
