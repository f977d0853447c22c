/* The end of a bench: whatever it was in the middle of, what it made goes, and what one that
 * was killed could not take down goes with the next. */
#include "cli/bench/bench_range.h"

#include "base/folder.h"
#include "base/mem.h"
#include "virt/confine/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALLS_MS 30000 /* what is called off still answers */
#define PREFIX "bench-"

bool yw_bench_range_stopped(const struct yw_bench_range *range)
{
    return !range->ending && *yw_interrupt_count() > 0;
}

int yw_bench_range_check(const struct yw_bench_range *range, struct yw_err *err)
{
    return yw_bench_range_stopped(range)
               ? yw_err_set(err, YW_ECANCELED, "interrupted; the range is down")
               : 0;
}

/* The folder is the bench's as long as its lock is held, and named as its drill: whoever
 * finds one that nobody holds knows what to sweep. */
static int hold_folder(struct yw_bench_range *range, struct yw_err *err)
{
    range->lock_fd = open(range->config.data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (range->lock_fd < 0 || flock(range->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return yw_err_errno(err, YW_EIO, errno, range->config.data_dir);
    return 0;
}

static int name_folder(struct yw_bench_range *range, struct yw_err *err)
{
    YW_COPY(range->config.images_dir, range->cli->images_dir);
    YW_COPY(range->config.program, range->cli->program);
    if (yw_copyf(range->config.data_dir, sizeof(range->config.data_dir), "%s/%s",
                 range->cli->data_dir, range->plan.drill) < 0)
        return yw_err_set(err, YW_ELIMIT, "%s: path too long", range->cli->data_dir);
    return 0;
}

static void prepare_leave(struct yw_bench_range *range)
{
    (void)yw_copyf(range->leave, sizeof(range->leave),
                   yw_cli_text(range->cli,
                               "yanwu: 立即离开：%s 的机器、网桥与过滤规则可能还在；"
                               "下一次“yanwu bench range --data %s”会拆除\n",
                               "yanwu: left at once: machines, bridges and filters of %s "
                               "may stay; the next 'yanwu bench range --data %s' takes "
                               "them down\n"),
                   range->plan.drill, range->cli->data_dir);
    yw_interrupt_leave(range->leave);
}

int yw_bench_range_begin(struct yw_bench_range *range, struct yw_err *err)
{
    int code = name_folder(range, err);

    if (code < 0)
        return code;
    if (mkdir(range->config.data_dir, 0700) < 0) {
        code = yw_err_errno(err, YW_EIO, errno, range->config.data_dir);
        range->config.data_dir[0] = '\0';
        return code;
    }
    code = hold_folder(range, err);
    if (code == 0)
        prepare_leave(range);
    return code < 0 ? code : yw_bench_range_connect(range, err);
}

static size_t under_way(const struct yw_bench_range *range)
{
    size_t count = range->reads;

    for (size_t i = 0; i < range->plan.machine_count; i++)
        count += range->machines[i].call != NULL;
    return count;
}

static int sweep(struct yw_bench_range *range, struct yw_err *err)
{
    double until_ms = yw_bench_now_ms() + CALLS_MS;
    int code = yw_bench_range_op(range, YW_VIRT_SWEEP, NULL, err);

    while (under_way(range) > 0 && yw_bench_now_ms() < until_ms)
        yw_loop_turn(range->loop, 50);
    return code;
}

static void disconnect(struct yw_bench_range *range)
{
    yw_virt_close(range->virt);
    yw_loop_close(range->loop); /* the broker's process ends before it */
    range->virt = NULL;
    range->loop = NULL;
}

/* A broker begins with the end of what one before it had begun for itself, which is no
 * part of the range: a golden machine, the proof of the accelerator. */
static int sweep_anew(struct yw_bench_range *range, struct yw_err *err)
{
    int code = yw_bench_range_connect(range, err);

    if (code == 0)
        code = sweep(range, err);
    disconnect(range);
    return code;
}

/* And what a broker that is killed leaves with it. */
static void remove_folder(const struct yw_bench_range *range)
{
    struct yw_limits *limits = yw_new(sizeof(*limits));

    yw_limits_open(limits, range->config.data_dir);
    yw_limits_tidy(limits);
    free(limits);
    yw_folder_remove(range->config.data_dir);
}

static void drop(struct yw_bench_range *range)
{
    if (range->lock_fd >= 0)
        (void)close(range->lock_fd);
    free(range->plan.machines);
    free(range->machines);
}

int yw_bench_range_close(struct yw_bench_range *range, bool whole, struct yw_err *err)
{
    bool stopped = yw_bench_range_stopped(range), began = range->virt != NULL;
    struct yw_err why;
    int code = 0;

    range->ending = true;
    if (stopped)
        yw_cli_say("%s",
                   yw_cli_text(range->cli, "已中断：拆除靶场；再按一次 Ctrl-C 立即离开",
                               "interrupted: taking the range down; Ctrl-C again leaves "
                               "at once"));
    if (began && sweep(range, &why) < 0) {
        whole = false;
        yw_cli_say("%s", why.text);
    }
    disconnect(range);
    if (began && !whole)
        code = sweep_anew(range, err);
    if (code < 0)
        (void)yw_err_prefix(err, "%s stays", range->config.data_dir);
    else if (range->config.data_dir[0])
        remove_folder(range);
    yw_interrupt_leave(NULL);
    drop(range);
    return code;
}

/* One folder of a bench before this one; in use: left alone. */
static int take_down(const struct yw_cli *cli, const char *drill, struct yw_err *err)
{
    struct yw_bench_range range = {.cli = cli, .lock_fd = -1, .ending = true};
    struct yw_err used;

    YW_COPY(range.plan.drill, drill);
    int code = name_folder(&range, err);

    if (code < 0 || hold_folder(&range, &used) < 0) {
        drop(&range);
        return code;
    }
    code = sweep_anew(&range, err);
    if (code == 0) {
        remove_folder(&range);
        yw_cli_say(yw_cli_text(cli, "已拆除上次中断的 %s 的残留",
                               "taken down what the interrupted %s had left"),
                   drill);
    }
    drop(&range);
    return code < 0 ? yw_err_prefix(err, "%s", drill) : 0;
}

int yw_bench_range_tidy(const struct yw_cli *cli, struct yw_err *err)
{
    DIR *dir = opendir(cli->data_dir);
    int code = 0;

    for (struct dirent *entry; dir && code == 0 && (entry = readdir(dir));) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
            strlen(entry->d_name) < YW_NAME_MAX)
            code = take_down(cli, entry->d_name, err);
    }
    if (dir)
        (void)closedir(dir);
    return code;
}
