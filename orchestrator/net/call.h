/* A command under way for one or more requests, and the answers of the last ones by
 * idempotency key: a repeated key waits for, or gets, the first one's answer byte for
 * byte. Loop thread. */
#ifndef YW_NET_CALL_H
#define YW_NET_CALL_H

#include "net/http.h"

#define YW_CALLS_KEPT 256    /* finished ones whose answers are remembered */
#define YW_CALLS_PENDING 128 /* commands under way */
#define YW_CALL_WAITERS 4    /* requests that wait for one command */

struct yw_call {
    struct yw_net *net; /* NULL: the door has closed; the call only waits for its end */
    char key[YW_EVENT_KEY_MAX];
    struct yw_hash digest;      /* of method, path and body */
    struct yw_command *command; /* until done */
    struct yw_request_create create;
    struct yw_request_file file;
    struct yw_request_duty *duty; /* owned; NULL none */
    struct yw_request_task task;
    struct yw_exchange *waiters[YW_CALL_WAITERS];
    /* The answer of success. */
    int (*encode)(struct yw_call *call, struct yw_buf *out, struct yw_err *err);
    int success; /* HTTP status of it */
    bool done;
    int status;
    struct yw_buf body;
    struct yw_call *next; /* newest first */
};

/* A command of this request: drill, actor, key and team are filled in. *new*; given away
 * by yw_call_start, or dropped with yw_call_free. */
struct yw_call *yw_call_new(struct yw_exchange *exchange, enum yw_command_kind kind);
void yw_call_free(struct yw_call *call); /* NULL-safe; not one that was started */
/* Steals the call. The exchange is answered when the command is done. */
int yw_call_start(struct yw_exchange *exchange, struct yw_call *call, struct yw_err *err);
/* True when the key of this request is known: it is answered or waits, or conflicts
 * (*ret_code). */
bool yw_call_repeat(struct yw_exchange *exchange, int *ret_code, struct yw_err *err);
void yw_call_forget(struct yw_call *call, struct yw_exchange *exchange); /* it has gone */
void yw_call_close_all(struct yw_net *net);
/* {"id":"…","teams":{"a":{"token":"…"}}}: of `create.teams` in `ret_drill` */
int yw_call_encode_created(struct yw_call *call, struct yw_buf *out, struct yw_err *err);
/* {"exit":n,"ok":…,"output":"…","seq":n} of a program that ran on a machine */
int yw_call_encode_ran(struct yw_call *call, struct yw_buf *out, struct yw_err *err);
/* {"ok":true,"phase":"…","seq":n} */
int yw_call_encode_ok(struct yw_call *call, struct yw_buf *out, struct yw_err *err);

#endif
