#include "base/mem.h"
#include "cli/bench/bench.h"
#include "codec/event.h"
#include "loop/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define WAITING_MAX ((size_t)64 * 1024 * 1024)

struct flat {
    struct yw_journal journal; /* first: the handle */
    struct yw_pool *pool;
    struct yw_buf waiting;
    int64_t seq;
    int fd;
    bool writing;
};

struct group {
    int fd;
    struct yw_event last;
    struct yw_buf text;
};

static int write_group(void *arg, struct yw_err *err)
{
    const struct group *group = arg;

    for (size_t done = 0; done < group->text.size;) {
        ssize_t put = write(group->fd, group->text.data + done, group->text.size - done);

        if (put < 0)
            return yw_err_errno(err, YW_EIO, errno, "write");
        done += (size_t)put;
    }
    return fdatasync(group->fd) == 0 ? 0 : yw_err_errno(err, YW_EIO, errno, "fdatasync");
}

static void free_group(void *arg)
{
    struct group *group = arg;

    yw_buf_fini(&group->text);
    free(group);
}

static void start_group(struct flat *flat);

static void on_group(void *owner, void *arg, int code, const struct yw_err *err)
{
    struct flat *flat = owner;
    const struct group *group = arg;

    flat->writing = false;
    if (code == YW_ECANCELED)
        return;
    if (code < 0) {
        flat->journal.on_broken(flat->journal.owner, err);
        return;
    }
    flat->journal.on_durable(flat->journal.owner, &group->last);
    if (flat->waiting.size > 0)
        start_group(flat);
}

static void start_group(struct flat *flat)
{
    struct group *group = yw_new(sizeof *group);
    struct yw_err err;
    struct yw_job job = {.key = "flat",
                         .work = write_group,
                         .done = on_group,
                         .free_arg = free_group,
                         .arg = group,
                         .owner = flat};

    *group =
        (struct group){.fd = flat->fd, .last = {.seq = flat->seq}, .text = flat->waiting};
    yw_buf_init(&flat->waiting, WAITING_MAX);
    flat->writing = yw_pool_submit(flat->pool, &job, &err) > 0;
    if (!flat->writing) {
        free_group(group);
        flat->journal.on_broken(flat->journal.owner, &err);
    }
}

static int append(struct yw_journal *journal, struct yw_event *event,
                  int64_t *ret_seq_before, struct yw_err *err)
{
    struct flat *flat = (struct flat *)(void *)journal;

    (void)ret_seq_before;
    event->seq = ++flat->seq;
    yw_event_encode(&flat->waiting, event);
    yw_buf_puts(&flat->waiting, "\n");
    if (flat->waiting.overflow)
        return yw_err_set(err, YW_ELIMIT, "more than %zu bytes wait", WAITING_MAX);
    if (!flat->writing)
        start_group(flat);
    return 0;
}

static void close_flat(struct yw_journal *journal)
{
    struct flat *flat = (struct flat *)(void *)journal;

    yw_pool_close(flat->pool);
    yw_buf_fini(&flat->waiting);
    (void)close(flat->fd);
    free(flat);
}

int yw_bench_flat_open(struct yw_journal **ret, struct yw_loop *loop, const char *path,
                       struct yw_err *err)
{
    static const struct yw_journal_ops ops = {.append = append, .close = close_flat};
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);

    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    struct flat *flat = yw_new(sizeof *flat);
    int code = yw_pool_open(&flat->pool, loop, 1, err);

    if (code < 0) {
        (void)close(fd);
        free(flat);
        return code;
    }
    flat->fd = fd;
    flat->journal.ops = &ops;
    yw_buf_init(&flat->waiting, WAITING_MAX);
    *ret = &flat->journal;
    return 0;
}
