#include "virt/point/freeze.h"

#include "base/log.h"
#include "virt/confine/proof.h"
#include "virt/machine/domain_xml.h"
#include "virt/net/cut.h"
#include "virt/point/point.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STOPPED_MS 100 /* for a process to stand after its signal */
#define DEAD_MS 1000
#define STEP_MS 2
#define THAW_MS 5000
#define STATUS_MAX 2048

/* ---- one process ---- */

static int read_status(int dir, char text[STATUS_MAX + 1])
{
    int fd = openat(dir, "status", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, STATUS_MAX);

    if (fd >= 0)
        (void)close(fd);
    text[size > 0 ? size : 0] = '\0';
    return size > 0 ? 0 : YW_ENOTFOUND;
}

static bool has_uid(const char *status, unsigned uid)
{
    char line[32];

    (void)snprintf(line, sizeof(line), "\nUid:\t%u\t", uid);
    return strstr(status, line) != NULL;
}

static char state_of(const char *status)
{
    const char *at = strstr(status, "\nState:\t");

    return at ? at[strlen("\nState:\t")] : '?';
}

struct process {
    int dir;    /* its directory in /proc */
    int handle; /* pidfd */
};

static void process_close(struct process *process)
{
    (void)close(process->handle);
    (void)close(process->dir);
}

/* The handle is opened before the process is looked at for the last time: so the number
 * cannot have been given to another in between. */
static int process_open(struct process *ret, const struct yw_embed_root *root,
                        const char *uuid, const char *domain, struct yw_err *err)
{
    struct yw_confine_want want = {
        .uuid = uuid, .domain = domain, .uid = yw_domain_uid(uuid)};
    char status[STATUS_MAX + 1];
    int pid = 0, code = yw_proof_find(root, &want, &pid, &ret->dir, err);

    if (code < 0)
        return code;
    ret->handle = (int)syscall(SYS_pidfd_open, pid, 0);
    if (ret->handle < 0 || read_status(ret->dir, status) < 0) {
        code = yw_err_set(err, YW_ENOTFOUND, "the process has ended");
    } else if (!has_uid(status, want.uid)) {
        code = yw_err_set(err, YW_EINVAL, "process %d is not the machine's user", pid);
    }
    if (code == 0)
        return 0;
    if (ret->handle >= 0)
        (void)close(ret->handle);
    (void)close(ret->dir);
    return code;
}

static int process_signal(const struct process *process, int signum, struct yw_err *err)
{
    if (syscall(SYS_pidfd_send_signal, process->handle, signum, NULL, 0) == 0)
        return 0;
    return yw_err_errno(err, errno == ESRCH ? YW_ENOTFOUND : YW_EIO, errno, "signal");
}

static bool stands(const struct process *process)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    char status[STATUS_MAX + 1];

    for (int i = 0; i < STOPPED_MS / STEP_MS; i++) {
        if (read_status(process->dir, status) < 0 || strchr("TtZX", state_of(status)))
            return true;
        (void)nanosleep(&step, NULL);
    }
    return false;
}

int yw_freeze_signal(const struct yw_embed_root *root, const char *uuid,
                     const char *domain, int signum, struct yw_err *err)
{
    struct process process;
    int code = process_open(&process, root, uuid, domain, err);

    if (code < 0)
        return code;
    code = process_signal(&process, signum, err);
    if (code == 0 && signum == SIGSTOP && !stands(&process))
        code = yw_err_set(err, YW_EIO, "the process does not stop");
    process_close(&process);
    return code;
}

void yw_freeze_kill(const struct yw_embed_root *root, const char *uuid,
                    const char *domain)
{
    struct process process;

    if (process_open(&process, root, uuid, domain, NULL) < 0)
        return;
    if (process_signal(&process, SIGKILL, NULL) == 0) {
        struct pollfd ended = {.fd = process.handle, .events = POLLIN};

        (void)poll(&ended, 1, DEAD_MS);
    }
    process_close(&process);
}

/* ---- many ---- */

static struct yw_point_machine machine_of(const struct yw_group *group, size_t at)
{
    return (struct yw_point_machine){.host = group->host,
                                     .folder = group->root->points,
                                     .uuid = group->members[at].uuid};
}

static int stop(void *arg, size_t at, struct yw_err *err)
{
    struct yw_point_machine machine = machine_of(arg, at);
    int code = yw_point_stop(&machine, err);

    return code == YW_ENOTFOUND ? 0 : code;
}

static int stop_by_signal(struct yw_group *group, size_t at, struct yw_err *err)
{
    const struct yw_broker_member *member = &group->members[at];
    int code = yw_freeze_signal(group->root, member->uuid, member->domain, SIGSTOP, err);

    if (code == 0)
        group->forced++;
    return code == YW_ENOTFOUND ? 0 : code;
}

int yw_freeze_group(struct yw_group *group, struct yw_err *err)
{
    struct yw_gang_spec spec = {.house = group->house,
                                .count = group->count,
                                .work = stop,
                                .shared = group,
                                .release = yw_group_release};
    int64_t begun_ms = yw_group_now_ms();
    struct yw_err each;
    size_t ports = 0;
    int code =
        group->cut ? yw_cut_set(group->members, group->count, true, &ports, err) : 0;

    atomic_fetch_add(&group->holds, 1);
    struct yw_gang *gang = yw_gang_start(&spec);

    (void)yw_gang_wait(gang, YW_FREEZE_ANSWER_MS);
    for (size_t i = 0; i < group->count; i++) {
        if (yw_gang_result(gang, i, NULL) == 0 || stop_by_signal(group, i, &each) == 0)
            continue;
        (void)yw_err_prefix(&each, "machine '%s'", group->members[i].domain);
        yw_error("virt", "freeze: %s", each.text);
        if (code == 0 && err)
            *err = each;
        code = code < 0 ? code : each.code;
    }
    yw_gang_leave(gang);
    group->frozen_ms = yw_group_now_ms() - begun_ms;
    return code;
}

static int thaw(void *arg, size_t at, struct yw_err *err)
{
    const struct yw_group *group = arg;
    const struct yw_broker_member *member = &group->members[at];
    struct yw_point_machine machine = machine_of(group, at);

    (void)yw_freeze_signal(group->root, member->uuid, member->domain, SIGCONT, NULL);
    int code = yw_point_cont(&machine, err);

    return code == YW_ENOTFOUND ? 0 : code;
}

/* The links come back last, and also when a machine does not run again. */
int yw_thaw_group(struct yw_group *group, struct yw_err *err)
{
    int64_t span_ms = group->deadline_ms < THAW_MS ? group->deadline_ms : THAW_MS;
    int code = yw_group_each(group, span_ms, thaw, err);
    struct yw_err second;
    size_t ports = 0;
    int linked = group->cut ? yw_cut_set(group->members, group->count, false, &ports,
                                         code < 0 ? &second : err)
                            : 0;

    return code < 0 ? code : linked;
}
