#include "virt/point/point.h"

#include "base/mem.h"
#include "virt/machine/domain_xml.h"
#include "virt/machine/libvirt.h"
#include "virt/machine/qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define NODE "yw-points"
#define FILE_NODE NODE "-file"
#define CLUSTER_BYTES 65536
#define POLL_MS 2
#define JOB_MS 60000 /* the caller's own deadline comes first */
#define COMMAND_MAX 2048
#define ANSWER_MAX (256 * 1024)

static const char query_nodes[] =
    "{\"execute\":\"query-named-block-nodes\",\"arguments\":{\"flat\":true}}";

void yw_point_path(const char *folder, const char *uuid, char path[YW_POINT_PATH_MAX])
{
    (void)snprintf(path, YW_POINT_PATH_MAX, "%s/%s.qcow2", folder, uuid);
}

void yw_point_remove(const char *folder, const char *uuid)
{
    static const char *const suffixes[] = {".qcow2", ".qcow2" YW_POINT_PART,
                                           YW_POINT_HALF, YW_POINT_LIFTED};
    char path[YW_POINT_PATH_MAX];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s%s", folder, uuid, suffixes[i]);
        (void)unlink(path);
    }
}

int64_t yw_point_bytes(const char *folder, const char *uuid)
{
    char path[YW_POINT_PATH_MAX];
    struct stat seen;

    yw_point_path(folder, uuid, path);
    return stat(path, &seen) < 0 ? 0 : (int64_t)seen.st_blocks * 512;
}

int yw_point_room(const char *folder, int64_t need_mib, struct yw_err *err)
{
    struct statvfs seen;

    if (statvfs(folder, &seen) < 0)
        return yw_err_errno(err, YW_EIO, errno, folder);
    int64_t free_mib =
        (int64_t)((uint64_t)seen.f_bavail * (uint64_t)seen.f_frsize / (1024 * 1024));

    if (free_mib >= need_mib + YW_POINT_DISK_FLOOR_MIB)
        return 0;
    return yw_err_set(err, YW_ELIMIT,
                      "disk: %lld MiB are free, up to %lld MiB are needed and %d MiB "
                      "stay free",
                      (long long)free_mib, (long long)need_mib, YW_POINT_DISK_FLOOR_MIB);
}

/* ---- what the monitor says ---- */

bool yw_point_listed(const char *answer, const char *point)
{
    const char *at = answer;
    char word[YW_NAME_MAX + 2];

    (void)snprintf(word, sizeof(word), "\"%s\"", point);
    while ((at = strstr(at, "\"name\"")) != NULL) {
        at += strlen("\"name\"");
        at += strspn(at, " :");
        if (strncmp(at, word, strlen(word)) == 0)
            return true;
    }
    return false;
}

int yw_point_devices(const char *answer, char *ret_list, size_t ret_size)
{
    size_t used = 0;
    int count = 0;
    char *node;

    while ((node = yw_qmp_next(&answer)) != NULL) {
        char name[64];
        bool takes_part =
            yw_qmp_says(node, "drv", "qcow2") && yw_qmp_is(node, "ro", "false");

        yw_qmp_text(node, "node-name", name, sizeof(name));
        free(node);
        if (!takes_part || !name[0] || strpbrk(name, "\"\\"))
            continue;
        int size = snprintf(ret_list + used, ret_size - used, "%s\"%s\"",
                            count > 0 ? "," : "", name);

        if (size < 0 || (size_t)size >= ret_size - used || ++count > YW_POINT_DEVICES_MAX)
            return YW_ELIMIT;
        used += (size_t)size;
    }
    return count > 0 ? 0 : YW_ENOTFOUND;
}

static int query(const struct yw_point_machine *machine, const char *command,
                 char **ret_answer, struct yw_err *err)
{
    int code = yw_qmp_run(machine->host, machine->uuid, command, ret_answer, err);

    if (code == 0 && strnlen(*ret_answer, ANSWER_MAX) == ANSWER_MAX) {
        free(*ret_answer);
        return yw_err_set(err, YW_ELIMIT, "monitor: an answer above %d bytes",
                          ANSWER_MAX);
    }
    return code;
}

static int tell(const struct yw_point_machine *machine, const char *command,
                struct yw_err *err)
{
    return yw_qmp_run(machine->host, machine->uuid, command, NULL, err);
}

static void dismiss(const struct yw_point_machine *machine, const char *id)
{
    char command[128];

    (void)snprintf(command, sizeof(command),
                   "{\"execute\":\"job-dismiss\",\"arguments\":{\"id\":\"%s\"}}", id);
    (void)tell(machine, command, NULL);
}

/* 1: still under way; else its outcome. */
static int job_outcome(const char *answer, const char *id, struct yw_err *err)
{
    char text[300];
    char *job;

    while ((job = yw_qmp_next(&answer)) != NULL) {
        bool ours = yw_qmp_says(job, "id", id);
        bool ended = yw_qmp_says(job, "status", "concluded");

        yw_qmp_text(job, "error", text, sizeof(text));
        free(job);
        if (!ours)
            continue;
        if (!ended)
            return 1;
        return text[0] ? yw_err_set(err, YW_EIO, "monitor: %s", text) : 0;
    }
    return yw_err_set(err, YW_EIO, "monitor: the job '%s' is gone", id);
}

static int wait_job(const struct yw_point_machine *machine, const char *id,
                    struct yw_err *err)
{
    const struct timespec step = {.tv_nsec = POLL_MS * 1000000L};
    int code = 1;

    for (int waited_ms = 0; code == 1 && waited_ms < JOB_MS; waited_ms += POLL_MS) {
        char *answer = NULL;

        code = query(machine, "{\"execute\":\"query-jobs\"}", &answer, err);
        if (code < 0)
            return code;
        code = job_outcome(answer, id, err);
        free(answer);
        if (code == 1)
            (void)nanosleep(&step, NULL);
    }
    if (code == 1)
        return yw_err_set(err, YW_ETIMEOUT, "monitor: the job '%s' does not end", id);
    dismiss(machine, id);
    return code;
}

/* A job of this name may be left of a process that died while it waited. */
static int run_job(const struct yw_point_machine *machine, const char *id,
                   const char *command, struct yw_err *err)
{
    struct yw_err first;
    int code = tell(machine, command, &first);

    if (code < 0 && strstr(first.text, "already in use")) {
        dismiss(machine, id);
        code = tell(machine, command, &first);
    }
    if (code < 0) {
        if (err)
            *err = first;
        return code;
    }
    return wait_job(machine, id, err);
}

/* ---- the file ---- */

static int make_file(const struct yw_point_machine *machine, const char *path,
                     struct yw_err *err)
{
    unsigned uid = yw_domain_uid(machine->uuid);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    int code = fchown(fd, uid, uid) < 0 ? yw_err_errno(err, YW_EIO, errno, path) : 0;

    (void)close(fd);
    return code;
}

static int add_node_with(const struct yw_point_machine *machine, const char *path,
                         const char *aio, struct yw_err *err)
{
    char command[COMMAND_MAX];

    /* Points need not survive the host, so nothing is forced to the disk. */
    (void)snprintf(
        command, sizeof(command),
        "{\"execute\":\"blockdev-add\",\"arguments\":{\"node-name\":\"" NODE
        "\",\"driver\":\"qcow2\",\"discard\":\"unmap\",\"cache\":{\"no-flush\":true},"
        "\"file\":{\"driver\":\"file\",\"filename\":\"%s\",\"aio\":\"%s\","
        "\"discard\":\"unmap\",\"cache\":{\"no-flush\":true}}}}",
        path, aio);
    return tell(machine, command, err);
}

static bool is_there(const struct yw_err *err)
{
    return strstr(err->text, "uplicate node") != NULL;
}

/* A load reads thousands of small pieces; on a busy host each costs a change of threads
 * without io_uring, and the whole twice as long. Not every kernel allows it. */
static int add_node(const struct yw_point_machine *machine, const char *path,
                    struct yw_err *err)
{
    struct yw_err first;
    int code = add_node_with(machine, path, "io_uring", &first);

    if (code == 0 || is_there(&first))
        return 0;
    return add_node_with(machine, path, "threads", err);
}

/* What a process that died in the middle of format_file left in the machine's. */
static void forget_format(const struct yw_point_machine *machine)
{
    dismiss(machine, "yw-make");
    (void)tell(machine,
               "{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"" FILE_NODE
               "\"}}",
               NULL);
}

/* An empty qcow2 in the file, written by the machine's own process. */
static int format_file(const struct yw_point_machine *machine, const char *path,
                       struct yw_err *err)
{
    char command[COMMAND_MAX];

    (void)snprintf(
        command, sizeof(command),
        "{\"execute\":\"blockdev-add\",\"arguments\":{\"node-name\":\"" FILE_NODE
        "\",\"driver\":\"file\",\"filename\":\"%s\"}}",
        path);
    forget_format(machine);
    int code = tell(machine, command, err);

    if (code < 0)
        return code;
    (void)snprintf(
        command, sizeof(command),
        "{\"execute\":\"blockdev-create\",\"arguments\":{\"job-id\":\"yw-make\","
        "\"options\":{\"driver\":\"qcow2\",\"file\":\"" FILE_NODE
        "\",\"size\":%d,\"cluster-size\":%d}}}",
        CLUSTER_BYTES, CLUSTER_BYTES);
    code = run_job(machine, "yw-make", command, err);
    forget_format(machine);
    return code;
}

int yw_point_prepare(const struct yw_point_machine *machine, struct yw_err *err)
{
    char path[YW_POINT_PATH_MAX];
    struct yw_err first = {0};
    struct stat seen;

    yw_point_path(machine->folder, machine->uuid, path);
    bool made = stat(path, &seen) == 0 && seen.st_size > 0;
    int code = made ? add_node(machine, path, &first) : YW_ENOTFOUND;

    if (code == 0)
        return 0;
    /* Only a file whose making was cut short is made anew: another holds points. */
    if (made && !strstr(first.text, "not in qcow2 format")) {
        if (err)
            *err = first;
        return first.code;
    }
    code = make_file(machine, path, err);
    if (code == 0)
        code = format_file(machine, path, err);
    if (code == 0)
        code = add_node(machine, path, err);
    return code < 0 ? yw_err_prefix(err, "file of its points") : 0;
}

/* ---- points ---- */

static int devices_of(const struct yw_point_machine *machine, char *ret_list, size_t size,
                      struct yw_err *err)
{
    char *answer = NULL;
    int code = query(machine, query_nodes, &answer, err);

    if (code < 0)
        return code;
    code = yw_point_devices(answer, ret_list, size);
    free(answer);
    return code < 0 ? yw_err_set(err, code, "it has no file for points") : 0;
}

/* "snapshot-save", "-load" or "-delete" of all that can hold a part of a point. */
static int snapshot(const struct yw_point_machine *machine, const char *verb,
                    const char *point, struct yw_err *err)
{
    char command[COMMAND_MAX], devices[512], state[64] = "";
    char id[32];
    int code = devices_of(machine, devices, sizeof(devices), err);

    if (code < 0)
        return code;
    (void)snprintf(id, sizeof(id), "yw-%s", verb);
    if (strcmp(verb, "delete") != 0)
        (void)snprintf(state, sizeof(state), "\"vmstate\":\"" NODE "\",");
    (void)snprintf(
        command, sizeof(command),
        "{\"execute\":\"snapshot-%s\",\"arguments\":{\"job-id\":\"%s\",\"tag\":"
        "\"%s\",%s\"devices\":[%s]}}",
        verb, id, point, state, devices);
    return run_job(machine, id, command, err);
}

int yw_point_save(const struct yw_point_machine *machine, const char *point,
                  struct yw_err *err)
{
    return snapshot(machine, "save", point, err);
}

static int look_for(const struct yw_point_machine *machine, const char *point,
                    bool *ret_listed, struct yw_err *err)
{
    char *answer = NULL;
    int code = query(machine, query_nodes, &answer, err);

    if (code == 0)
        *ret_listed = yw_point_listed(answer, point);
    free(answer);
    return code;
}

int yw_point_check(const struct yw_point_machine *machine, const char *point,
                   struct yw_err *err)
{
    bool listed = true;
    int code = look_for(machine, point, &listed, err);

    return listed ? code : yw_err_set(err, YW_ENOTFOUND, "it has no point '%s'", point);
}

int yw_point_drop(const struct yw_point_machine *machine, const char *point,
                  struct yw_err *err)
{
    bool listed = false;
    int code = look_for(machine, point, &listed, err);

    return listed ? snapshot(machine, "delete", point, err) : code;
}

/* A load brings back the links that the device remembers; the cables are as they are. */
static int set_links(const struct yw_point_machine *machine, const bool *up, size_t count,
                     struct yw_err *err)
{
    int code = 0;

    for (size_t i = 0; i < count && code == 0; i++) {
        char command[128];

        (void)snprintf(
            command, sizeof(command),
            "{\"execute\":\"set_link\",\"arguments\":{\"name\":\"net%zu\",\"up\":"
            "%s}}",
            i, up[i] ? "true" : "false");
        code = tell(machine, command, err);
    }
    return code;
}

int yw_point_load(const struct yw_point_machine *machine, const char *point,
                  struct yw_err *err)
{
    bool up[YW_SPEC_NICS_MAX];
    size_t count = 0;
    int code = yw_host_links(machine->host, machine->uuid, up, &count, err);

    if (code == 0)
        code = snapshot(machine, "load", point, err);
    return code == 0 ? set_links(machine, up, count, err) : code;
}

/* ---- standing and running ---- */

int yw_point_running(const struct yw_point_machine *machine, bool *ret_running,
                     struct yw_err *err)
{
    char *answer = NULL;
    int code = query(machine, "{\"execute\":\"query-status\"}", &answer, err);

    if (code < 0)
        return code;
    *ret_running = yw_qmp_is(answer, "running", "true");
    free(answer);
    return 0;
}

int yw_point_stop(const struct yw_point_machine *machine, struct yw_err *err)
{
    return tell(machine, "{\"execute\":\"stop\"}", err);
}

int yw_point_cont(const struct yw_point_machine *machine, struct yw_err *err)
{
    return tell(machine, "{\"execute\":\"cont\"}", err);
}
