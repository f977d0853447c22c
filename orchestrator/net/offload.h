/* The answer to a request made on a worker, for work that is too long for a turn of the loop. */
#ifndef YW_NET_OFFLOAD_H
#define YW_NET_OFFLOAD_H

#include "net/http.h"

#define YW_OFFLOAD_THREADS 2
#define YW_OFFLOAD_DEADLINE_MS 10000

struct yw_offload;

/* On a worker: reads `body` (NUL-terminated), appends a JSON document to `out`. `word`: what the
 * handler gave. 0 or a negative code with err. */
typedef int yw_offload_fn(const struct yw_buf *body, const char *word, struct yw_buf *out,
                          struct yw_err *err);

/* Takes the exchange's body. The exchange is answered when the work is done. */
int yw_offload_start(struct yw_exchange *exchange, yw_offload_fn *work, const char *word,
                     struct yw_err *err);
void yw_offload_forget(struct yw_offload *offload); /* its exchange has gone */

#endif
