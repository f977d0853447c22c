/* The core's end of the keeper's socket pair. */
#include "cli/keeper.h"
#include "cli/keeper_word.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_S 5
#define STALE_MAX 8 /* answers to questions given up before */

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

int yw_keeper_word_send(int link, const struct yw_keeper_word *word, int fd)
{
    struct yw_keeper_word copy = *word;
    struct iovec part = {.iov_base = &copy, .iov_len = sizeof copy};
    union control control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    }
    /* Never waits: a keeper must not hang on a core, nor a core on a keeper. */
    return sendmsg(link, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* *ret_fd is -1 when the word came without one. */
static int receive(int link, struct yw_keeper_word *ret, int *ret_fd, struct yw_err *err)
{
    struct iovec part = {.iov_base = ret, .iov_len = sizeof *ret};
    union control control;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t size = recvmsg(link, &message, MSG_CMSG_CLOEXEC);

    *ret_fd = -1;
    if (size < 0)
        return yw_err_errno(err, YW_EIO, errno, "keeper");
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    if (header != NULL && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof *ret_fd))
        memcpy(ret_fd, CMSG_DATA(header), sizeof *ret_fd);
    return size == (ssize_t)sizeof *ret ? 0
                                        : yw_err_set(err, YW_EIO, "keeper: it has gone");
}

int yw_keeper_ready(const struct yw_keeper_link *link, int port, struct yw_err *err)
{
    struct yw_keeper_word word = {.kind = YW_KEEPER_READY, .number = (uint32_t)port};
    int code = yw_keeper_word_send(link->fd, &word, -1);

    return code < 0 ? yw_err_errno(err, YW_EIO, -code, "keeper") : 0;
}

int yw_keeper_spawn(void *arg, int *ret_fd, struct yw_err *err)
{
    struct yw_keeper_seat first = {.link = arg};

    return yw_keeper_spawn_seat(&first, ret_fd, err);
}

int yw_keeper_spawn_seat(void *arg, int *ret_fd, struct yw_err *err)
{
    const struct yw_keeper_seat *seat = arg;
    struct yw_keeper_link *link = seat->link;
    struct yw_keeper_word asked = {
        .kind = YW_KEEPER_BROKER, .number = ++link->asked, .broker = seat->broker};
    struct timeval span = {.tv_sec = ANSWER_S};
    int code = setsockopt(link->fd, SOL_SOCKET, SO_RCVTIMEO, &span, sizeof span) < 0
                   ? -errno
                   : yw_keeper_word_send(link->fd, &asked, -1);

    if (code < 0)
        return yw_err_errno(err, YW_EIO, -code, "keeper");
    for (int i = 0; i < STALE_MAX; i++) {
        struct yw_keeper_word word;

        code = receive(link->fd, &word, ret_fd, err);
        if (code == 0 && word.number == asked.number)
            return *ret_fd >= 0 ? 0 : yw_err_set(err, YW_EIO, "the keeper has no broker");
        if (*ret_fd >= 0)
            (void)close(*ret_fd);
        if (code < 0)
            return code;
    }
    return yw_err_set(err, YW_EIO, "the keeper does not answer");
}

int yw_keeper_follow(const struct yw_keeper_link *link, struct yw_err *err)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return yw_err_errno(err, YW_EIO, errno, "prctl");
    return getppid() == link->keeper ? 0 : yw_err_set(err, YW_EIO, "the keeper has gone");
}
