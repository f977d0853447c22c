#include "net/offload.h"

#include "base/mem.h"
#include "loop/pool.h"
#include "net/door.h"

#include <stdlib.h>
#include <string.h>

struct yw_offload {
    struct yw_exchange *exchange; /* borrowed; NULL: it has gone */
    yw_offload_fn *work;
    char word[64];
    struct yw_buf body, out; /* the worker's until done */
};

static int run(void *arg, struct yw_err *err)
{
    struct yw_offload *offload = arg;

    return offload->work(&offload->body, offload->word, &offload->out, err);
}

static void finished(void *owner, void *arg, int code, const struct yw_err *err)
{
    struct yw_offload *offload = arg;
    struct yw_exchange *exchange = offload->exchange;

    (void)owner;
    if (exchange == NULL)
        return;
    exchange->offload = NULL;
    offload->exchange = NULL;
    if (code < 0) {
        yw_exchange_error(exchange, yw_http_status(code), err);
        return;
    }
    yw_exchange_json(exchange, 200, &offload->out);
    yw_buf_init(&offload->out, 0);
}

static void drop(void *arg)
{
    struct yw_offload *offload = arg;

    yw_buf_fini(&offload->body);
    yw_buf_fini(&offload->out);
    free(offload);
}

int yw_offload_start(struct yw_exchange *exchange, yw_offload_fn *work, const char *word,
                     struct yw_err *err)
{
    struct yw_offload *offload = yw_new(sizeof *offload);
    struct yw_job job = {.deadline_ms = YW_OFFLOAD_DEADLINE_MS,
                         .work = run,
                         .done = finished,
                         .free_arg = drop,
                         .arg = offload};

    offload->exchange = exchange;
    offload->work = work;
    (void)YW_COPY(offload->word, word);
    offload->body = exchange->body;
    yw_buf_init(&exchange->body, 0);
    yw_buf_init(&offload->out, YW_HTTP_ANSWER_MAX);
    (void)yw_copyf(job.key, sizeof job.key, "%p", (void *)offload);
    int64_t ticket = yw_pool_submit(exchange->net->pool, &job, err);

    if (ticket < 0) {
        drop(offload);
        return (int)ticket;
    }
    exchange->offload = offload;
    return 0;
}

void yw_offload_forget(struct yw_offload *offload)
{
    offload->exchange = NULL;
}
