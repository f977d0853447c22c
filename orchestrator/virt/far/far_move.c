#include "virt/far/far_daemon.h"
#include "virt/machine/libvirt_inside.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#define STATS_MAX 16

/* The daemons speak with each other: memory travels inside their own connection, which is
 * as safe as the URI says. */
#define MOVE_FLAGS                                                                       \
    (VIR_MIGRATE_LIVE | VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_TUNNELLED |                  \
     VIR_MIGRATE_ABORT_ON_ERROR)

int yw_far_move(struct yw_host *host, const char *uuid, const char *target,
                struct yw_err *err)
{
    virDomainPtr domain = virDomainLookupByUUIDString(yw_host_conn(host), uuid);

    if (!domain)
        return yw_host_fail(err, "move");
    int status = virDomainMigrateToURI3(domain, target, NULL, 0, MOVE_FLAGS);
    int code = status < 0 ? yw_host_fail(err, "move") : 0;

    if (code < 0 && virDomainIsActive(domain) == 1)
        code = YW_ESTATE; /* it runs on here */
    if (code < 0 && err)
        err->code = code;
    (void)virDomainFree(domain);
    return code;
}

/* Free and what the kernel gives back when asked. 0: unknown. */
static int64_t available_mib(virConnectPtr conn)
{
    static const char *const fields[] = {VIR_NODE_MEMORY_STATS_FREE,
                                         VIR_NODE_MEMORY_STATS_BUFFERS,
                                         VIR_NODE_MEMORY_STATS_CACHED};
    virNodeMemoryStats stats[STATS_MAX];
    int count = 0;
    unsigned long long kib = 0;

    /* It wants to be told the number that it has. */
    if (virNodeGetMemoryStats(conn, VIR_NODE_MEMORY_STATS_ALL_CELLS, NULL, &count, 0) <
            0 ||
        count > STATS_MAX ||
        virNodeGetMemoryStats(conn, VIR_NODE_MEMORY_STATS_ALL_CELLS, stats, &count, 0) <
            0)
        return 0;
    for (int i = 0; i < count; i++) {
        for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++)
            kib += strcmp(stats[i].field, fields[k]) == 0 ? stats[i].value : 0;
    }
    return (int64_t)(kib >> 10);
}

int yw_far_capacity(struct yw_host *host, struct yw_capacity *ret, struct yw_err *err)
{
    virConnectPtr conn = yw_host_conn(host);
    virStoragePoolPtr *pools = NULL;
    virNodeInfo node;

    memset(ret, 0, sizeof(*ret));
    if (virNodeGetInfo(conn, &node) < 0)
        return yw_host_fail(err, "capacity");
    ret->cores = node.cpus;
    ret->memory_mib = available_mib(conn);
    int count = virConnectListAllStoragePools(conn, &pools,
                                              VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);

    for (int i = 0; i < count; i++) {
        virStoragePoolInfo info;

        if (strncmp(virStoragePoolGetName(pools[i]), "yanwu-", 6) == 0 &&
            virStoragePoolGetInfo(pools[i], &info) == 0)
            ret->disk_mib = (int64_t)(info.available >> 20);
        (void)virStoragePoolFree(pools[i]);
    }
    free(pools);
    return 0;
}
