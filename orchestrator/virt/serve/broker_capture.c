/* Captures of networks: a child per bridge, dumpcap of Wireshark, that keeps a ring of pcap
 * files. It never runs as root: it starts as a user of its own with the one capability that
 * opens the packet socket, gives that up as well once it is open, gains none, has ceilings as
 * a machine has, and dies with the broker. All that is read back from /proc before the start
 * is answered. Nothing here reads a packet.
 *
 *   starting ──its first file is there──▶ running ──SIGINT──▶ ending ──▶ gone
 *      └─it ended, took too long, or      │ it ended: LOST     │ KILL_MS: SIGKILL
 *        is not confined──▶ gone          └──▶ gone
 */
#include "virt/serve/broker_serve.h"

#include "base/log.h"
#include "base/mem.h"
#include "loop/process.h"
#include "virt/confine/proof.h"
#include "virt/machine/domain_xml.h"
#include "virt/point/evidence.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS 20
#define LINGER_MS 600 /* at its end it drops what the kernel has not handed over yet */
#define KILL_MS 3000
#define START_MS 8000
#define FILE_SECONDS "900" /* a file of the ring covers at most so much time */
#define CAPTURE_UID                                                                      \
    (YW_DOMAIN_UID_FIRST + YW_DOMAIN_UID_COUNT) /* next to the machines' */
/* All captures of a drill share the processor as one team does. */
#define LIMITS_TEAM "captures"

enum step { STARTING, RUNNING, ENDING };

struct yw_capture {
    struct yw_capture *next;
    struct yw_serve *serve;
    enum step step;
    char drill[YW_NAME_MAX];
    char bridge[YW_PLAN_BRIDGE_MAX];
    char path[YW_VIRT_PATH_MAX]; /* of its files, without what is counted; relative */
    int folder;                  /* owned */
    struct yw_process *process;  /* owned */
    int64_t task;                /* who waits: the start's, then the stop's; 0 nobody */
    int64_t since_ms;            /* of the step */
    bool told;                   /* ENDING: it was sent the signal */
    struct yw_due_entry look;
};

static const char *name_of(const char *path)
{
    return strrchr(path, '/') + 1;
}

static void place_of(const struct yw_capture *capture, struct yw_limits_place *ret)
{
    memset(ret, 0, sizeof(*ret));
    YW_COPY(ret->drill, capture->drill);
    YW_COPY(ret->team, LIMITS_TEAM);
    YW_COPY(ret->uuid, capture->bridge);
}

/* Files of this capture, and their bytes. */
static int count_files(const struct yw_capture *capture, int64_t *ret_bytes)
{
    const char *name = name_of(capture->path);
    int fd = openat(capture->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct stat facts;
    int count = 0;

    *ret_bytes = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strncmp(entry->d_name, name, strlen(name)) != 0 ||
            entry->d_name[strlen(name)] != '_' ||
            fstatat(capture->folder, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) < 0 ||
            !S_ISREG(facts.st_mode))
            continue;
        count++;
        *ret_bytes += facts.st_size;
    }
    if (dir)
        (void)closedir(dir);
    else if (fd >= 0)
        (void)close(fd);
    return count;
}

static void forget(struct yw_capture *capture)
{
    struct yw_capture **link = &capture->serve->captures;
    struct yw_limits_place place;

    while (*link != capture)
        link = &(*link)->next;
    *link = capture->next;
    yw_due_cancel(yw_loop_due(capture->serve->loop), &capture->look);
    yw_process_close(capture->process);
    place_of(capture, &place);
    yw_limits_remove(&capture->serve->limits, &place);
    (void)close(capture->folder);
    free(capture);
}

static struct yw_task *waiting(const struct yw_capture *capture)
{
    return capture->task ? yw_task_of(capture->serve, capture->task) : NULL;
}

/* Before it runs its start fails; a running one is lost, which the core is told. */
static void fail(struct yw_capture *capture, int code, const char *why)
{
    struct yw_task *task = waiting(capture);
    struct yw_virt_notice notice = {.kind = YW_VIRT_CAPTURE_LOST};
    struct yw_serve *serve = capture->serve;
    bool ran = capture->step == RUNNING;

    yw_warn("virt", "capture of '%s': %s", capture->bridge, why);
    YW_COPY(notice.bridge, capture->bridge);
    YW_COPY(notice.text, why);
    forget(capture);
    if (task)
        yw_task_fail(task, code, why);
    else if (ran)
        yw_serve_notice(serve, &notice);
}

static void on_child_end(void *owner, int status, int term_signal)
{
    struct yw_capture *capture = owner;
    struct yw_task *task = waiting(capture);
    char why[128];

    if (capture->step != ENDING) {
        (void)snprintf(why, sizeof(why), "dumpcap ended with status %d, signal %d%s",
                       status, term_signal,
                       status == 127 ? ": is wireshark-common installed?" : "");
        fail(capture, YW_EIO, why);
        return;
    }
    if (task)
        task->job->call.files = count_files(capture, &task->job->call.bytes);
    forget(capture);
    if (task)
        yw_task_answer(task, 0, NULL);
}

static void look_again(struct yw_capture *capture)
{
    yw_due_add(yw_loop_due(capture->serve->loop), &capture->look,
               yw_serve_now_ms(capture->serve) + LOOK_MS);
}

/* Its first file is there, so what it needed rights for is behind it. */
static void started(struct yw_capture *capture)
{
    char link[64], folder[YW_CONFINE_LINK_MAX] = "";
    struct yw_confine_want want = {
        .uid = CAPTURE_UID, .no_filter = true, .shared = {folder}};
    struct yw_task *task = waiting(capture);
    struct yw_err err;

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", capture->folder);
    ssize_t size = readlink(link, folder, sizeof(folder) - 1);

    folder[size > 0 ? size : 0] = '\0';
    int code = yw_proof_child((int)yw_process_pid(capture->process), &want, &err);

    if (code < 0) {
        fail(capture, code, err.text);
        return;
    }
    capture->step = RUNNING;
    capture->task = 0;
    if (task)
        yw_task_answer(task, 0, NULL);
}

static void on_look(struct yw_due_entry *entry)
{
    struct yw_capture *capture = entry->arg;
    int64_t span_ms = yw_serve_now_ms(capture->serve) - capture->since_ms, bytes = 0;

    if (capture->step == STARTING && count_files(capture, &bytes) > 0) {
        started(capture);
    } else if (capture->step == STARTING && span_ms > START_MS) {
        fail(capture, YW_EIO, "dumpcap has not begun");
    } else if (capture->step == ENDING && !capture->told && span_ms > LINGER_MS) {
        yw_process_kill(capture->process, SIGINT);
        capture->told = true;
        look_again(capture);
    } else if (capture->step == ENDING && span_ms > KILL_MS) {
        yw_process_kill(capture->process, SIGKILL);
    } else {
        look_again(capture);
    }
}

/* Without a process of root between it and us: what is started is setpriv, in place. The
 * folder is named by our descriptor, whatever becomes of its path. When we die it is asked
 * to end, so that what it has yet to write is written. */
static int spawn(struct yw_capture *capture, const struct yw_virt_call *call,
                 struct yw_err *err)
{
    char folder[64], user[16], size[32], files[32], name[YW_VIRT_PATH_MAX + 8];

    (void)snprintf(folder, sizeof(folder), "/proc/%ld/fd/%d", (long)getpid(),
                   capture->folder);
    (void)snprintf(user, sizeof(user), "%u", CAPTURE_UID);
    (void)snprintf(size, sizeof(size), "filesize:%d", call->size_mib * 1024);
    (void)snprintf(files, sizeof(files), "files:%d", call->files);
    (void)snprintf(name, sizeof(name), "%s.pcap", name_of(capture->path));
    const char *argv[] = {"/usr/bin/env",
                          "-i",
                          "-C",
                          folder,
                          "PATH=/usr/bin:/bin",
                          "TZ=UTC0",
                          "HOME=/nonexistent",
                          "setpriv",
                          "--reuid",
                          user,
                          "--regid",
                          user,
                          "--clear-groups",
                          "--no-new-privs",
                          "--inh-caps=-all,+net_raw",
                          "--ambient-caps=-all,+net_raw",
                          "--bounding-set=-all,+net_raw",
                          "--pdeathsig",
                          "TERM",
                          "dumpcap",
                          "-q",
                          "-P",
                          "-g",
                          "-i",
                          capture->bridge,
                          "-b",
                          size,
                          "-b",
                          files,
                          "-b",
                          "duration:" FILE_SECONDS,
                          "-w",
                          name,
                          NULL};
    const struct yw_process_spec spec = {.argv = argv,
                                         .control_fd = -1,
                                         .output_fd = -1,
                                         .on_exit = on_child_end,
                                         .owner = capture};

    return yw_process_start(&capture->process, capture->serve->loop, &spec, err);
}

/* The files are the child's, readable for the group of the data directory's owner. */
static int open_folder(const struct yw_serve *serve, const char *path, struct yw_err *err)
{
    char folder[YW_VIRT_PATH_MAX];
    struct stat facts;
    const char *name = strrchr(path, '/');

    if (!name || name == path || !name[1] ||
        yw_copyf(folder, sizeof(folder), "%s/%.*s", serve->root.data, (int)(name - path),
                 path) < 0)
        return yw_err_set(err, YW_EINVAL, "path '%s': expected a folder and a name",
                          path);
    int fd = yw_evidence_folder(serve->root.data, folder, err);

    if (fd < 0)
        return fd;
    if (fstat(fd, &facts) == 0 && fchown(fd, CAPTURE_UID, facts.st_gid) == 0 &&
        fchmod(fd, 02770) == 0)
        return fd;
    (void)yw_err_errno(err, YW_EIO, errno, folder);
    (void)close(fd);
    return YW_EIO;
}

/* Like a machine's, one that cannot be set is said and no failure. */
static void limit(const struct yw_capture *capture)
{
    struct yw_limits_place place;
    struct yw_err err;

    place_of(capture, &place);
    if (yw_limits_apply(&capture->serve->limits, &place,
                        (int)yw_process_pid(capture->process), &err) < 0)
        yw_warn("virt", "capture of '%s': a ceiling is not set: %s", capture->bridge,
                err.text);
}

static int begin(struct yw_task *task, struct yw_err *err)
{
    struct yw_serve *serve = task->serve;
    const struct yw_virt_call *call = &task->job->call;

    if (!task->job->network.bridge[0] || call->size_mib < 1 || call->files < 1)
        return yw_err_set(err, YW_EINVAL, "expected a network, a size and files");
    int folder = open_folder(serve, call->path, err);

    if (folder < 0)
        return folder;
    struct yw_capture *capture = yw_new(sizeof(*capture));

    capture->serve = serve;
    capture->folder = folder;
    capture->task = task->job->id;
    capture->since_ms = yw_serve_now_ms(serve);
    capture->look.run = on_look;
    capture->look.arg = capture;
    YW_COPY(capture->drill, call->drill);
    YW_COPY(capture->bridge, task->job->network.bridge);
    YW_COPY(capture->path, call->path);
    capture->next = serve->captures;
    serve->captures = capture;
    int code = spawn(capture, call, err);

    if (code < 0) {
        forget(capture);
        return code;
    }
    limit(capture);
    look_again(capture);
    return 0;
}

static struct yw_capture *of_bridge(const struct yw_serve *serve, const char *bridge)
{
    struct yw_capture *capture = serve->captures;

    while (capture && (capture->step == ENDING || strcmp(capture->bridge, bridge) != 0))
        capture = capture->next;
    return capture;
}

static void end(struct yw_capture *capture, int64_t task)
{
    struct yw_task *before = waiting(capture);

    capture->step = ENDING;
    capture->task = task;
    capture->since_ms = yw_serve_now_ms(capture->serve);
    if (!task) {
        yw_process_kill(capture->process, SIGINT);
        capture->told = true;
    }
    yw_due_cancel(yw_loop_due(capture->serve->loop), &capture->look);
    look_again(capture);
    if (before)
        yw_task_fail(before, YW_ECANCELED, "called off: it is ended");
}

static void start(struct yw_task *task)
{
    struct yw_capture *capture = of_bridge(task->serve, task->job->network.bridge);
    struct yw_err err;

    if (task->serve->root.far) {
        yw_task_fail(task, YW_ESTATE,
                     "this host is reached by a libvirt connection alone, which keeps no "
                     "packets; a broker there does (`run` in the hosts file)");
        return;
    }
    task->step = YW_TASK_WORKING;
    if (capture && capture->step == RUNNING &&
        strcmp(capture->path, task->job->call.path) == 0) {
        yw_task_answer(task, 0, NULL);
        return;
    }
    if (capture)
        end(capture, 0);
    int code = begin(task, &err);

    if (code < 0)
        yw_task_answer(task, code, &err);
}

static void stop(struct yw_task *task)
{
    struct yw_capture *capture = of_bridge(task->serve, task->job->network.bridge);

    task->step = YW_TASK_WORKING;
    if (capture)
        end(capture, task->job->id);
    else
        yw_task_answer(task, 0, NULL);
}

static void end_of(struct yw_serve *serve, const char *drill, const char *bridge)
{
    for (struct yw_capture *capture = serve->captures, *next; capture; capture = next) {
        next = capture->next;
        if (capture->step != ENDING && strcmp(capture->drill, drill) == 0 &&
            (!bridge[0] || strcmp(capture->bridge, bridge) == 0))
            end(capture, 0);
    }
}

bool yw_capture_takes(struct yw_task *task)
{
    const struct yw_broker_job *job = task->job;
    enum yw_virt_op op = job->call.op;

    if (op == YW_VIRT_NETWORK_DOWN)
        end_of(task->serve, job->call.drill, job->network.bridge);
    else if (op == YW_VIRT_SWEEP)
        end_of(task->serve, job->call.drill, "");
    else if (op == YW_VIRT_CAPTURE_START)
        start(task);
    else if (op == YW_VIRT_CAPTURE_STOP)
        stop(task);
    return op == YW_VIRT_CAPTURE_START || op == YW_VIRT_CAPTURE_STOP;
}

bool yw_capture_writes(const struct yw_serve *serve, const char *folder, const char *name)
{
    size_t size = strlen(folder);

    for (const struct yw_capture *at = serve->captures; at; at = at->next) {
        size_t length = strlen(name_of(at->path));

        if (strncmp(at->path, folder, size) == 0 &&
            at->path + size + 1 == name_of(at->path) &&
            strncmp(name, name_of(at->path), length) == 0 && name[length] == '_')
            return true;
    }
    return false;
}

void yw_capture_close(struct yw_serve *serve)
{
    while (serve->captures)
        forget(serve->captures);
}
