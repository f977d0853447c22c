#include "virt/point/memory_room.h"

#include "model/admit.h"
#include "virt/broker_wire.h"
#include "virt/confine/proof.h"
#include "virt/serve/capacity.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_MAX 8192

int64_t yw_memory_growth_mib(int ram_mib, int64_t own_kib)
{
    int64_t own_mib = own_kib < 0 ? 0 : own_kib / 1024;

    return own_mib < ram_mib ? ram_mib - own_mib : 0;
}

int64_t yw_memory_own_kib(const char *status)
{
    const char *at = strstr(status, "\nRssAnon:");

    return at ? strtoll(at + strlen("\nRssAnon:"), NULL, 10) : -1;
}

/* -1: it does not run, or cannot be read. */
static int64_t read_own(const struct yw_embed_root *root,
                        const struct yw_broker_member *member)
{
    struct yw_confine_want want = {.uuid = member->uuid, .domain = member->domain};
    char status[STATUS_MAX];
    int pid = 0, dir = -1;

    if (yw_proof_find(root, &want, &pid, &dir, NULL) < 0)
        return -1;
    int fd = openat(dir, "status", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? 0 : read(fd, status, sizeof(status) - 1);

    if (fd >= 0)
        (void)close(fd);
    (void)close(dir);
    status[size > 0 ? size : 0] = '\0';
    return yw_memory_own_kib(status);
}

int yw_memory_room(const struct yw_embed_root *root,
                   const struct yw_broker_member *members, size_t count,
                   struct yw_err *err)
{
    struct yw_capacity now;
    int64_t most_mib = 0, need_mib = 0;

    yw_capacity_read(&now, root->points);
    int64_t room_mib = now.memory_mib - YW_ADMIT_MEMORY_KEPT_MIB;

    for (size_t i = 0; i < count; i++)
        most_mib += members[i].ram_mib;
    if (most_mib <= room_mib)
        return 0; /* whatever they hold already */
    for (size_t i = 0; i < count; i++)
        need_mib += yw_memory_growth_mib(members[i].ram_mib, read_own(root, &members[i]));
    if (need_mib == 0 || need_mib <= room_mib)
        return 0;
    return yw_err_set(err, YW_ELIMIT,
                      "memory: %lld MiB are free, up to %lld MiB are needed to set %zu "
                      "machines back, and %d MiB stay free",
                      (long long)now.memory_mib, (long long)need_mib, count,
                      YW_ADMIT_MEMORY_KEPT_MIB);
}
