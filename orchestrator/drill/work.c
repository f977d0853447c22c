#include "drill/work.h"

#include "base/mem.h"
#include "drill/conductor_inside.h"

#include <string.h>

#define THREADS 4

static int run(void *arg, struct yw_err *err)
{
    struct yw_work *work = arg;
    return work->run(work, err);
}

static void on_done(void *owner, void *arg, int code, const struct yw_err *err)
{
    struct yw_work *work = arg;
    (void)owner;
    work->done(work, code, err);
}

static void forget(struct yw_work *work)
{
    struct yw_vec *works = &work->conductor->works;
    for (size_t i = 0; i < works->count; i++) {
        if (*(struct yw_work **)yw_vec_at(works, i) == work) {
            yw_vec_remove(works, i);
            return;
        }
    }
}

static void on_turn(struct yw_due_entry *entry)
{
    struct yw_work *work = entry->arg;
    struct yw_err err = {0};
    forget(work);
    work->done(work, work->run(work, &err), &err);
}

int yw_work_start(struct yw_conductor *conductor, struct yw_work *work, const char *key,
                  struct yw_err *err)
{
    const struct yw_stage *stage = &conductor->stage;
    work->conductor = conductor;
    if (stage->loop == NULL) {
        if (yw_vec_push(&conductor->works, &work) == NULL) {
            return yw_err_set(err, YW_ELIMIT, "too much is under way");
        }
        work->turn.run = on_turn;
        work->turn.arg = work;
        yw_due_add(stage->due, &work->turn, yw_clock_mono_ms(stage->clock));
        return 0;
    }
    if (conductor->pool == NULL) {
        int code = yw_pool_open(&conductor->pool, stage->loop, THREADS, err);
        if (code != 0) {
            return code;
        }
    }
    struct yw_job job = {.work = run, .done = on_done, .arg = work};
    (void)yw_copy(job.key, sizeof job.key, key);
    int64_t ticket = yw_pool_submit(conductor->pool, &job, err);
    return ticket < 0 ? (int)ticket : 0;
}

void yw_work_close(struct yw_conductor *conductor)
{
    struct yw_err err = {0};
    (void)yw_err_set(&err, YW_ECANCELED, "the daemon is stopping");
    while (conductor->works.count > 0) {
        struct yw_work *work = *(struct yw_work **)yw_vec_at(&conductor->works, 0);
        yw_vec_remove(&conductor->works, 0);
        yw_due_cancel(conductor->stage.due, &work->turn);
        work->done(work, YW_ECANCELED, &err);
    }
    yw_pool_close(conductor->pool);
    conductor->pool = NULL;
}
