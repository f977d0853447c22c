#include "guest/guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool has_name(const char *device, const char *name)
{
    char path[320];
    char found[64] = "";
    (void)snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", device);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t size = read(fd, found, sizeof(found) - 1);
    (void)close(fd);
    if (size <= 0)
        return false;
    found[strcspn(found, "\n")] = '\0';
    return strcmp(found, name) == 0;
}

static int open_device(const char *name)
{
    DIR *dir = opendir("/sys/class/virtio-ports");
    int fd = -1;
    if (dir == NULL)
        return -1;
    for (struct dirent *entry = readdir(dir); entry != NULL && fd < 0;
         entry = readdir(dir)) {
        char path[320];
        if (entry->d_name[0] == '.' || !has_name(entry->d_name, name))
            continue;
        (void)snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
        fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    }
    (void)closedir(dir);
    return fd;
}

/* The driver names its ports some time after the module is loaded. */
void port_open(struct port *port, const char *name)
{
    port->slot = -1;
    port->connected = false;
    port->stirs = 0; /* of no turn: it looks in the first */
    port->fd = open_device(name);
    for (int tries = 0; port->fd < 0 && tries < 20; tries++) {
        (void)usleep(10 * 1000);
        port->fd = open_device(name);
    }
    if (port->fd < 0)
        return;
    (void)fcntl(port->fd, F_SETOWN, getpid());
    (void)fcntl(port->fd, F_SETFL, O_NONBLOCK | O_ASYNC);
}

bool port_check(struct port *port, const struct turn *turn)
{
    port->ready = turn_events(turn, port->slot) != 0;
    if (port->fd < 0 || port->connected || port->stirs == turn->stirs)
        return false;
    port->stirs = turn->stirs;
    struct pollfd fd = {.fd = port->fd, .events = POLLIN | POLLOUT};
    if (poll(&fd, 1, 0) < 0 || (fd.revents & POLLHUP) != 0)
        return false;
    port->connected = true;
    port->ready = true;
    return true;
}

void port_watch(struct port *port, struct turn *turn, bool wants_write)
{
    port->slot = -1;
    if (port->fd >= 0 && port->connected)
        port->slot =
            turn_hold(turn, port->fd, (short)(wants_write ? POLLIN | POLLOUT : POLLIN));
}

size_t port_read(struct port *port, void *bytes, size_t size)
{
    if (port->fd < 0 || !port->connected || !port->ready)
        return 0;
    ssize_t got = read(port->fd, bytes, size);
    if (got > 0)
        return (size_t)got;
    port->ready = false;
    if (got == 0 || (errno != EAGAIN && errno != EINTR))
        port->connected = false;
    return 0;
}

size_t port_write(struct port *port, const void *bytes, size_t size)
{
    if (port->fd < 0 || !port->connected)
        return 0;
    ssize_t done = write(port->fd, bytes, size);
    return done > 0 ? (size_t)done : 0;
}
