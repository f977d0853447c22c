#include "virt/serve/patience.h"

#include "virt/confine/proof.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STARVED_PART 10 /* a machine on a calm host waits for less than this part */

void yw_patience_heard(struct yw_patience *patience)
{
    patience->unanswered = 0;
}

bool yw_patience_missed(struct yw_patience *patience, int64_t span_ms, int64_t waited_ms)
{
    int64_t more_ms = waited_ms - patience->waited_ms;

    patience->waited_ms = waited_ms;
    if (++patience->unanswered == 1)
        return false;
    if (waited_ms < 0)
        return patience->unanswered >= YW_PATIENCE_BLIND;
    return more_ms < span_ms / STARVED_PART;
}

/* "on-cpu-ns waited-ns times", of one thread. */
static int64_t waited_ns(int tasks, const char *thread)
{
    char path[64], text[96] = "";
    unsigned long long ran = 0, waited = 0;

    (void)snprintf(path, sizeof(path), "%.20s/schedstat", thread);
    int fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (fd >= 0)
        (void)close(fd);
    if (size <= 0 || sscanf(text, "%llu %llu", &ran, &waited) != 2)
        return -1;
    return (int64_t)(waited > INT64_MAX / YW_PATIENCE_TASKS_MAX ? 0 : waited);
}

int64_t yw_patience_read(int proc_dir)
{
    int fd = openat(proc_dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *tasks = fd < 0 ? NULL : fdopendir(fd);
    int64_t sum_ns = -1;
    int seen = 0;

    if (!tasks && fd >= 0)
        (void)close(fd);
    while (tasks && seen < YW_PATIENCE_TASKS_MAX) {
        const struct dirent *entry = readdir(tasks);

        if (!entry)
            break;
        int64_t ns = entry->d_name[0] == '.' ? -1 : waited_ns(fd, entry->d_name);

        if (ns < 0)
            continue;
        sum_ns = sum_ns < 0 ? ns : sum_ns + ns;
        seen++;
    }
    if (tasks)
        (void)closedir(tasks);
    return sum_ns < 0 ? -1 : sum_ns / 1000000;
}

int64_t yw_patience_waited_ms(const struct yw_embed_root *root, const char *uuid,
                              const char *domain)
{
    struct yw_confine_want want = {.uuid = uuid, .domain = domain};
    int pid = 0, dir = -1;

    if (!root->local || yw_proof_find(root, &want, &pid, &dir, NULL) < 0)
        return -1;
    int64_t waited_ms = yw_patience_read(dir);

    (void)close(dir);
    return waited_ms;
}
