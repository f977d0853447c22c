#include "virt/serve/capacity.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static int64_t available_mib(void)
{
    FILE *file = fopen("/proc/meminfo", "re");
    char line[128];
    int64_t kib = 0;

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "MemAvailable:", 13) == 0)
            kib = strtoll(line + 13, NULL, 10);
    }
    if (file)
        (void)fclose(file);
    return kib / 1024;
}

/* -1: not there, or "max". */
static int64_t read_number(const char *path)
{
    FILE *file = fopen(path, "re");
    int64_t value = -1;

    if (!file)
        return -1;
    if (fscanf(file, "%" SCNd64, &value) != 1)
        value = -1;
    (void)fclose(file);
    return value;
}

static int64_t free_mib(const char *folder)
{
    char path[256];
    struct statvfs info;

    (void)YW_COPY(path, folder);
    while (statvfs(path, &info) != 0) {
        char *slash = strrchr(path, '/');

        if (!slash)
            return 0;
        if (slash == path)
            slash++;
        if (*slash == '\0')
            return 0;
        *slash = '\0';
    }
    return (int64_t)((unsigned long long)info.f_bavail * info.f_frsize / MIB);
}

void yw_capacity_read(struct yw_capacity *ret, const char *folder)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t most = read_number("/sys/fs/cgroup/memory.max");
    int64_t current = read_number("/sys/fs/cgroup/memory.current");

    ret->cores = cores > 0 ? cores : 1;
    ret->memory_mib = available_mib();
    if (most >= 0 && current >= 0 && (most - current) / MIB < ret->memory_mib)
        ret->memory_mib = most > current ? (most - current) / MIB : 0;
    ret->disk_mib = free_mib(folder);
}
