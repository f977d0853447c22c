#include "cli/bench/bench_range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int pid_of(const struct yw_bench_range *range, size_t index)
{
    char path[512];
    int pid = 0;

    (void)snprintf(path, sizeof(path), "%s/libvirt/run/qemu/%s.pid",
                   range->config.data_dir, range->plan.machines[index].domain);
    FILE *file = fopen(path, "re");

    if (!file)
        return 0;
    if (fscanf(file, "%d", &pid) != 1)
        pid = 0;
    (void)fclose(file);
    return pid;
}

/* utime and stime: the 14th and 15th words, counted behind the name in brackets. */
static int64_t cpu_ms_of(int pid)
{
    char path[64], text[1024] = "";
    unsigned long long user = 0, kernel = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");

    if (!file)
        return -1;
    size_t size = fread(text, 1, sizeof(text) - 1, file);

    (void)fclose(file);
    text[size] = '\0';
    const char *at = strrchr(text, ')');

    if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
                      &user, &kernel) != 2)
        return -1;
    return (int64_t)((user + kernel) * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
}

static int64_t pss_kib_of(int pid)
{
    char path[64], line[256];
    long long kib = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "re");

    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "Pss: %lld kB", &kib) == 1)
            break;
    }
    if (file)
        (void)fclose(file);
    return kib;
}

void yw_bench_cost_read(const struct yw_bench_range *range, size_t first, size_t count,
                        struct yw_bench_cost *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = first; i < first + count; i++) {
        int pid = pid_of(range, i);
        int64_t cpu_ms = pid > 0 ? cpu_ms_of(pid) : -1;

        if (cpu_ms < 0)
            continue;
        ret->alive++;
        ret->cpu_ms += cpu_ms;
        ret->pss_kib += pss_kib_of(pid);
    }
}
