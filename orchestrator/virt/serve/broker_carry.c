/* Machines that leave this host, and files that travel to it and from it: pieces by offset,
 * written beside their place and put there when their hash is right. */
#include "virt/serve/broker_serve.h"

#include "base/hash.h"
#include "base/mem.h"
#include "virt/machine/leftover.h"
#include "virt/point/lift.h"
#include "virt/point/point.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_DEADLINE_MS 1000 /* the work ends by itself at the call's deadline */
#define MIB (1024 * 1024)
#define SUFFIX_MAX 16
#define HASH_FILE "/hash" /* beside the disk of an image that came from elsewhere */

struct carry_work {
    struct yw_serve *serve;
    int64_t task_id;
    enum yw_virt_op op;
    char name[YW_VIRT_PATH_MAX];
    char hash[YW_HASH_TEXT_SIZE];
    char drill[YW_NAME_MAX];
    int64_t offset;
    char *bytes; /* owned: PUT in, GET out */
    size_t size;
    char uuid[YW_UUID_SIZE]; /* LIFT */
    char domain[YW_PLAN_DOMAIN_MAX];
    int ram_mib;
    bool has_disk;
    /* found */
    char list[YW_VIRT_OUTPUT_MAX];
    int64_t have;
    bool whole;
};

/* ---- files ---- */

static bool is_image(const struct carry_work *work)
{
    return strncmp(work->name, "image/", strlen("image/")) == 0;
}

static void beside(const char *path, const char *suffix, char ret[YW_LIFT_PATH_MAX])
{
    (void)snprintf(ret, YW_LIFT_PATH_MAX, "%.480s%s", path, suffix);
}

/* The file `leaf` in the folder that `path` stands in. */
static void in_folder(const char *path, const char *leaf, char ret[YW_LIFT_PATH_MAX])
{
    (void)snprintf(ret, YW_LIFT_PATH_MAX, "%.450s", path);
    char *slash = strrchr(ret, '/');
    size_t used = slash ? (size_t)(slash - ret) : 0;

    (void)snprintf(ret + used, YW_LIFT_PATH_MAX - used, "%s", leaf);
}

static int64_t size_of(const char *path)
{
    struct stat seen;

    return stat(path, &seen) == 0 ? (int64_t)seen.st_size : -1;
}

static bool has_hash(const char *path, const char *hash)
{
    char text[YW_HASH_TEXT_SIZE] = "";
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    bool same = fscanf(file, "%64s", text) == 1 && strcmp(text, hash) == 0;

    (void)fclose(file);
    return same;
}

/* What is named by its hash is whole when it is there. Of an image a note says so; one that
 * was registered here is this host's own. Points and disks travel anew each time. */
static bool is_whole(const struct carry_work *work, const char *path)
{
    char note[YW_LIFT_PATH_MAX];

    if (size_of(path) < 0)
        return false;
    if (!is_image(work))
        return strncmp(work->name, "base/", strlen("base/")) == 0;
    in_folder(path, "/manifest.json", note);
    if (access(note, F_OK) == 0)
        return true;
    in_folder(path, HASH_FILE, note);
    return has_hash(note, work->hash);
}

/* Bytes that came for another hash are of no use. */
static int ask(struct carry_work *work, const char *path, struct yw_err *err)
{
    char part[YW_LIFT_PATH_MAX], of[YW_LIFT_PATH_MAX], folder[YW_LIFT_PATH_MAX];

    work->whole = is_whole(work, path);
    if (work->whole)
        return 0;
    beside(path, YW_POINT_PART, part);
    in_folder(path, "", folder);
    if (mkdir(folder, is_image(work) ? 0755 : 0711) < 0 && errno != EEXIST)
        return yw_err_errno(err, YW_EIO, errno, folder);
    if (!is_image(work)) {
        (void)unlink(part);
        return strncmp(work->name, "base/", strlen("base/")) == 0
                   ? 0
                   : yw_leftover_note(&work->serve->root, strchr(work->name, '/') + 1,
                                      work->drill, strchr(work->name, '/') + 1, err);
    }
    in_folder(path, HASH_FILE YW_POINT_PART, of);
    if (!has_hash(of, work->hash)) {
        (void)unlink(part);
        FILE *file = fopen(of, "we");
        bool good = file && fprintf(file, "%s\n", work->hash) > 0;

        good = file && fclose(file) == 0 && good;
        if (!good)
            return yw_err_errno(err, YW_EIO, errno, of);
    }
    work->have =
        size_of(part) > 0 ? size_of(part) / YW_VIRT_PIECE_MAX * YW_VIRT_PIECE_MAX : 0;
    return 0;
}

static int get(struct carry_work *work, const char *path, struct yw_err *err)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, path);
    work->bytes = yw_new(YW_VIRT_PIECE_MAX);
    ssize_t got = pread(fd, work->bytes, YW_VIRT_PIECE_MAX, work->offset);
    int code = got < 0 ? yw_err_errno(err, YW_EIO, errno, path) : 0;

    work->size = got < 0 ? 0 : (size_t)got;
    (void)close(fd);
    return code;
}

static int put(struct carry_work *work, const char *path, struct yw_err *err)
{
    char part[YW_LIFT_PATH_MAX], folder[YW_LIFT_PATH_MAX];

    beside(path, YW_POINT_PART, part);
    in_folder(path, "", folder);
    int code = work->offset % (64 * MIB) == 0 ? yw_point_room(folder, 64, err) : 0;
    int fd =
        code < 0 ? -1 : open(part, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (code == 0 && fd < 0)
        code = yw_err_errno(err, YW_EIO, errno, part);
    if (code == 0 &&
        pwrite(fd, work->bytes, work->size, work->offset) != (ssize_t)work->size)
        code = yw_err_errno(err, YW_EIO, errno, part);
    if (fd >= 0)
        (void)close(fd);
    return code;
}

static int check_hash(const char *path, const struct carry_work *work, struct yw_err *err)
{
    struct yw_hasher hasher;
    struct yw_hash hash;
    char text[YW_HASH_TEXT_SIZE], *piece = yw_new(MIB);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int64_t size = 0;
    ssize_t got = fd < 0 ? -1 : 0;

    yw_hasher_init(&hasher);
    while (fd >= 0 && (got = read(fd, piece, MIB)) > 0) {
        yw_hasher_add(&hasher, piece, (size_t)got);
        size += got;
    }
    int code = got < 0 ? yw_err_errno(err, YW_EIO, errno, path) : 0;

    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, text);
    if (code == 0 && (size != work->offset || strcmp(text, work->hash) != 0)) {
        (void)unlink(path);
        code = yw_err_set(err, YW_ECORRUPT, "'%.80s' came with another hash", work->name);
    }
    if (code == 0 && fsync(fd) < 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (fd >= 0)
        (void)close(fd);
    free(piece);
    return code;
}

/* Machines of any user read an image and what disks stand on. */
static int end(struct carry_work *work, const char *path, struct yw_err *err)
{
    char part[YW_LIFT_PATH_MAX], from[YW_LIFT_PATH_MAX], to[YW_LIFT_PATH_MAX];
    bool shared = is_image(work) || strncmp(work->name, "base/", strlen("base/")) == 0;

    if (is_whole(work, path))
        return 0;
    beside(path, YW_POINT_PART, part);
    int code = check_hash(part, work, err);

    if (code < 0)
        return code;
    if ((shared && chmod(part, 0444) < 0) || rename(part, path) < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    if (!is_image(work))
        return 0;
    in_folder(path, HASH_FILE YW_POINT_PART, from);
    in_folder(path, HASH_FILE, to);
    return rename(from, to) < 0 ? yw_err_errno(err, YW_EIO, errno, to) : 0;
}

static int lift(struct carry_work *work, struct yw_err *err)
{
    struct yw_lift machine = {.host = work->serve->host,
                              .root = &work->serve->root,
                              .uuid = work->uuid,
                              .domain = work->domain,
                              .drill = work->drill,
                              .ram_mib = work->ram_mib,
                              .has_disk = work->has_disk};

    return yw_lift_run(&machine, work->list, sizeof(work->list), &work->have, err);
}

static int on_work(void *arg, struct yw_err *err)
{
    struct carry_work *work = arg;
    char path[YW_LIFT_PATH_MAX];

    if (work->op == YW_VIRT_LIFT)
        return lift(work, err);
    int code = yw_lift_path(&work->serve->root, work->name, path, err);

    if (code < 0)
        return code;
    if (work->op == YW_VIRT_CARRIED_ASK)
        return ask(work, path, err);
    if (work->op == YW_VIRT_CARRIED_GET)
        return get(work, path, err);
    return work->op == YW_VIRT_CARRIED_PUT ? put(work, path, err) : end(work, path, err);
}

/* ---- tasks ---- */

/* One that could not be saved goes on here. */
static void connect_again(struct yw_serve *serve, const char *uuid)
{
    struct yw_served *served = yw_map_get(&serve->machines, uuid);

    if (served) {
        yw_served_connect(served);
        yw_task_look(serve, uuid);
    }
}

static void on_done(void *owner, void *arg, int code, const struct yw_err *err)
{
    struct yw_serve *serve = owner;
    struct carry_work *work = arg;
    struct yw_task *task = yw_task_of(serve, work->task_id);

    if (work->op == YW_VIRT_LIFT && code < 0 && code != YW_ENOTFOUND)
        connect_again(serve, work->uuid);
    if (!task)
        return;
    struct yw_virt_call *call = &task->job->call;

    if (code == 0) { /* at its deadline the worker still writes to it */
        YW_COPY(call->output, work->list);
        call->bytes = work->have;
        call->exit_code = work->whole;
    }
    if (code == 0 && work->op == YW_VIRT_CARRIED_GET) {
        call->ret_bytes = work->bytes;
        call->ret_size = work->size;
        work->bytes = NULL;
    }
    yw_task_answer(task, code, err);
}

static void on_free(void *arg)
{
    struct carry_work *work = arg;

    free(work->bytes);
    free(work);
}

static struct carry_work *work_new(struct yw_task *task)
{
    const struct yw_virt_call *call = &task->job->call;
    struct carry_work *work = yw_new(sizeof(*work));

    work->serve = task->serve;
    work->task_id = task->job->id;
    work->op = call->op;
    YW_COPY(work->name, call->path);
    YW_COPY(work->hash, call->hash);
    YW_COPY(work->drill, call->drill);
    work->offset = call->offset;
    if (call->op == YW_VIRT_CARRIED_PUT) {
        work->bytes = task->job->file;
        work->size = call->file.size;
        task->job->file = NULL;
    }
    YW_COPY(work->uuid, task->job->machine.uuid);
    YW_COPY(work->domain, task->job->machine.domain);
    work->ram_mib = task->job->machine.ram_mib;
    work->has_disk = task->job->machine.has_disk;
    return work;
}

static void submit(struct yw_task *task)
{
    const struct yw_virt_call *call = &task->job->call;
    struct carry_work *work = work_new(task);
    struct yw_job job = {.deadline_ms = call->deadline_ms + OWN_DEADLINE_MS,
                         .work = on_work,
                         .done = on_done,
                         .free_arg = on_free,
                         .arg = work,
                         .owner = task->serve};
    struct yw_err err;

    (void)snprintf(job.key, sizeof(job.key), "%.*s", YW_POOL_KEY_MAX - 1,
                   call->op == YW_VIRT_LIFT ? call->drill : call->path);
    task->step = YW_TASK_WORKING;
    if (yw_pool_submit(task->serve->points, &job, &err) >= 0)
        return;
    on_free(work);
    yw_task_answer(task, YW_ELIMIT, &err);
}

bool yw_carry_takes(struct yw_task *task)
{
    enum yw_virt_op op = task->job->call.op;
    struct yw_served *served = op == YW_VIRT_LIFT ? yw_task_served(task) : NULL;

    if (op < YW_VIRT_CARRY || op > YW_VIRT_CARRIED_END)
        return false;
    if (op == YW_VIRT_CARRY) {
        yw_task_fail(task, YW_EINVAL, "one host alone carries nothing");
    } else if (!task->serve->root.embedded) {
        yw_task_fail(task, YW_ESTATE,
                     "this host is reached by a libvirt connection alone: a broker there "
                     "(`run` in the hosts file) is needed");
    } else if (served && served->frozen) {
        yw_task_fail(task, YW_EIO, "it stands by order, and is not moved");
    } else {
        if (served) /* its end here is no loss */
            yw_served_disconnect(served);
        submit(task);
    }
    return true;
}
