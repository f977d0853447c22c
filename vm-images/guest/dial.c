#include "guest/guest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DIAL_DEADLINE_MS 2000
#define SWEEP_AT_ONCE 64
#define SWEEP_WAIT_MS 700

static int start(uint32_t address, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0 &&
        errno != EINPROGRESS) {
        int problem = errno;
        (void)close(fd);
        errno = problem;
        return -1;
    }
    return fd;
}

int dial_begin(const char *host, uint16_t port)
{
    uint32_t address = 0;
    if (!yw_applet_address(host, &address))
        return -1;
    return start(address, port);
}

int dial_start(const char *host)
{
    return dial_begin(host, YW_MODBUS_PORT);
}

static bool wait_for(int fd, short events, int64_t deadline_ms)
{
    struct pollfd wait = {.fd = fd, .events = events};
    int64_t left_ms = deadline_ms - guest_now_ms();
    return left_ms > 0 && poll(&wait, 1, (int)left_ms) == 1 &&
           (wait.revents & events) != 0;
}

static int socket_problem(int fd)
{
    int problem = 0;
    socklen_t size = sizeof(problem);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0)
        return errno;
    return problem;
}

/* Reads one ADU and returns the size of its PDU, or -1. */
static int receive(int fd, int64_t deadline_ms, uint8_t reply[YW_MODBUS_PDU_MAX])
{
    uint8_t bytes[YW_MODBUS_ADU_MAX];
    struct yw_modbus_adu adu;
    size_t size = 0;
    int framed = 0;
    while (framed == 0) {
        if (!wait_for(fd, POLLIN, deadline_ms))
            return -1;
        ssize_t got = recv(fd, bytes + size, sizeof(bytes) - size, 0);
        if (got <= 0)
            return -1;
        size += (size_t)got;
        framed = yw_modbus_frame(bytes, size, &adu);
    }
    if (framed < 0 || adu.foreign)
        return -1;
    memcpy(reply, adu.pdu, adu.pdu_size);
    return (int)adu.pdu_size;
}

static int exchange(int fd, uint8_t unit, const uint8_t *pdu, size_t size,
                    uint8_t reply[YW_MODBUS_PDU_MAX])
{
    uint8_t bytes[YW_MODBUS_ADU_MAX];
    int64_t deadline_ms = guest_now_ms() + DIAL_DEADLINE_MS;
    size_t length = yw_modbus_wrap(1, unit, pdu, size, bytes);
    if (!wait_for(fd, POLLOUT, deadline_ms) || socket_problem(fd) != 0 ||
        send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        return -1;
    return receive(fd, deadline_ms, reply);
}

int dial_transact(void *arg, const char *host, uint8_t unit, const uint8_t *pdu,
                  size_t size, uint8_t reply[YW_MODBUS_PDU_MAX])
{
    (void)arg;
    int fd = dial_start(host);
    if (fd < 0)
        return -1;
    int outcome = exchange(fd, unit, pdu, size, reply);
    (void)close(fd);
    return outcome;
}

/* Port 502 accepts, or refuses: both prove that the host is there. */
bool dial_reach(void *arg, const char *host)
{
    (void)arg;
    int fd = dial_start(host);
    if (fd < 0)
        return errno == ECONNREFUSED;
    bool answered = wait_for(fd, POLLOUT, guest_now_ms() + DIAL_DEADLINE_MS);
    int problem = answered ? socket_problem(fd) : ETIMEDOUT;
    (void)close(fd);
    return problem == 0 || problem == ECONNREFUSED;
}

static void settle(struct pollfd *fds, uint32_t count, bool *ret_open)
{
    int64_t deadline_ms = guest_now_ms() + SWEEP_WAIT_MS;
    uint32_t waiting = count;
    while (waiting > 0) {
        int64_t left_ms = deadline_ms - guest_now_ms();
        if (left_ms <= 0 || poll(fds, count, (int)left_ms) <= 0)
            break;
        for (uint32_t i = 0; i < count; i++) {
            if (fds[i].fd < 0 || fds[i].revents == 0)
                continue;
            ret_open[i] = socket_problem(fds[i].fd) == 0;
            (void)close(fds[i].fd);
            fds[i].fd = -1;
        }
        waiting = 0;
        for (uint32_t i = 0; i < count; i++)
            waiting += fds[i].fd >= 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (fds[i].fd >= 0)
            (void)close(fds[i].fd);
    }
}

void dial_sweep(void *arg, uint32_t first, uint32_t count, bool *ret_open)
{
    (void)arg;
    for (uint32_t done = 0; done < count; done += SWEEP_AT_ONCE) {
        struct pollfd fds[SWEEP_AT_ONCE];
        uint32_t batch = count - done < SWEEP_AT_ONCE ? count - done : SWEEP_AT_ONCE;
        for (uint32_t i = 0; i < batch; i++) {
            fds[i].fd = start(first + done + i, YW_MODBUS_PORT);
            fds[i].events = POLLOUT;
            fds[i].revents = 0;
        }
        settle(fds, batch, ret_open + done);
    }
}

int dial_open(void *arg, const char *host, uint16_t port)
{
    (void)arg;
    int fd = dial_begin(host, port);
    if (fd >= 0 && (!wait_for(fd, POLLOUT, guest_now_ms() + DIAL_DEADLINE_MS) ||
                    socket_problem(fd) != 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool dial_send(void *arg, int stream, const void *bytes, size_t size)
{
    const char *at = bytes;
    (void)arg;
    while (size > 0) {
        if (!wait_for(stream, POLLOUT, guest_now_ms() + DIAL_DEADLINE_MS))
            return false;
        ssize_t done = send(stream, at, size, MSG_NOSIGNAL);
        if (done <= 0)
            return false;
        at += done;
        size -= (size_t)done;
    }
    return true;
}

int dial_receive(void *arg, int stream, void *bytes, size_t size, int64_t wait_ms)
{
    (void)arg;
    if (!wait_for(stream, POLLIN, guest_now_ms() + wait_ms))
        return 0;
    ssize_t got = recv(stream, bytes, size, 0);
    return got > 0 ? (int)got : -1;
}

void dial_close(void *arg, int stream)
{
    (void)arg;
    (void)close(stream);
}

int64_t dial_now(void *arg)
{
    (void)arg;
    return guest_now_ms();
}
