#include "virt/machine/settle.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/vec.h"
#include "loop/stream.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STATUS_MAX (64 * 1024) /* what is looked for stands in its first lines */
#define SUFFIX ".xml"
#define PATH_SIZE 512
#define KEEP 32 /* of what was read: the word may come in two pieces */
#define WORD "\"yw-settle\""

static const char question[] = "{\"execute\":\"qmp_capabilities\",\"id\":" WORD "}\n";

struct monitor {
    int fd; /* -1: it is done */
    size_t kept;
    char text[KEEP + 4096];
};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The value of the attribute after `from`; false: none that fits. */
static bool attribute(const char *from, const char *name, char *ret, size_t size)
{
    const char *at = from ? strstr(from, name) : NULL;

    if (!at)
        return false;
    at += strlen(name);
    size_t length = strcspn(at, "'");

    if (length == 0 || length >= size || at[length] != '\'')
        return false;
    memcpy(ret, at, length);
    ret[length] = '\0';
    return true;
}

static bool is_stopped(const char *pid)
{
    char path[64], text[256];

    (void)snprintf(path, sizeof(path), "/proc/%.12s/stat", pid);
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void)fclose(file);
    const char *end = strrchr(text, ')');

    return end && strchr("Tt", end[1] == ' ' ? end[2] : '?');
}

/* "<domstatus … pid='1'>" and "<monitor path='…' type='unix'/>" of the driver's own file. */
static int open_monitor(const char *path)
{
    char *text = yw_new(STATUS_MAX + 1);
    char pid[16], monitor[PATH_SIZE];
    FILE *file = fopen(path, "re");
    int fd = -1;

    if (file) {
        text[fread(text, 1, STATUS_MAX, file)] = '\0';
        (void)fclose(file);
    }
    if (attribute(strstr(text, "<domstatus "), " pid='", pid, sizeof(pid)) &&
        attribute(strstr(text, "<monitor "), "path='", monitor, sizeof(monitor)) &&
        !is_stopped(pid) && yw_stream_connect(monitor, &fd, NULL) < 0)
        fd = -1;
    free(text);
    return fd;
}

static void ask_all(const struct yw_embed_root *root, struct yw_vec *monitors)
{
    char folder[PATH_SIZE], path[PATH_SIZE + 300];

    (void)snprintf(folder, sizeof(folder), "%s/run/qemu", root->state);
    DIR *dir = opendir(folder);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        struct monitor monitor = {.fd = -1};
        size_t size = strlen(entry->d_name);

        if (size <= strlen(SUFFIX) ||
            strcmp(entry->d_name + size - strlen(SUFFIX), SUFFIX) != 0)
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        monitor.fd = open_monitor(path);
        if (monitor.fd >= 0 && (send(monitor.fd, question, strlen(question),
                                     MSG_NOSIGNAL) != (ssize_t)strlen(question) ||
                                !yw_vec_push(monitors, &monitor)))
            (void)close(monitor.fd);
    }
    if (dir)
        (void)closedir(dir);
}

/* What it reads ends with its answer, or with the connection. */
static void hear(struct monitor *monitor)
{
    ssize_t got = recv(monitor->fd, monitor->text + monitor->kept,
                       sizeof(monitor->text) - monitor->kept, MSG_DONTWAIT);
    size_t size = monitor->kept + (got > 0 ? (size_t)got : 0);

    if (got <= 0 || memmem(monitor->text, size, WORD, strlen(WORD))) {
        (void)close(monitor->fd);
        monitor->fd = -1;
        return;
    }
    monitor->kept = size < KEEP ? size : KEEP;
    memmove(monitor->text, monitor->text + size - monitor->kept, monitor->kept);
}

/* Those that are not done, in `ret`; how many. */
static nfds_t waiting(struct yw_vec *monitors, struct pollfd *ret)
{
    nfds_t count = 0;

    for (size_t i = 0; i < monitors->count; i++) {
        struct monitor *monitor = yw_vec_at(monitors, i);

        ret[i] = (struct pollfd){.fd = monitor->fd, .events = POLLIN};
        count += monitor->fd >= 0;
    }
    return count;
}

void yw_settle(const struct yw_embed_root *root)
{
    int64_t until_ms = now_ms() + YW_SETTLE_DEADLINE_MS;
    struct yw_vec monitors;

    yw_vec_init(&monitors, sizeof(struct monitor), YW_VIRT_LIST_MAX);
    ask_all(root, &monitors);
    struct pollfd *fds = yw_new_array(monitors.count + 1, sizeof(*fds));

    for (int64_t left = YW_SETTLE_DEADLINE_MS; waiting(&monitors, fds) > 0 && left > 0;
         left = until_ms - now_ms()) {
        (void)poll(fds, (nfds_t)monitors.count, (int)left);
        for (size_t i = 0; i < monitors.count; i++) {
            if (fds[i].revents)
                hear(yw_vec_at(&monitors, i));
        }
    }
    nfds_t silent = waiting(&monitors, fds);

    if (silent > 0)
        yw_warn("virt", "%u machines' monitors do not answer", (unsigned)silent);
    for (size_t i = 0; i < monitors.count; i++) {
        if (fds[i].fd >= 0)
            (void)close(fds[i].fd);
    }
    free(fds);
    yw_vec_fini(&monitors);
}
