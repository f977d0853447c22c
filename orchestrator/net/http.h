/* One HTTP request and its answer on one connection. Lives from LWS_CALLBACK_HTTP to the
 * end of the answer or of the connection. Loop thread only. */
#ifndef YW_NET_HTTP_H
#define YW_NET_HTTP_H

#include "base/buf.h"
#include "base/due.h"
#include "base/err.h"
#include "net/auth.h"
#include "net/net.h"
#include "net/static.h"

#define YW_HTTP_PATH_MAX 256
#define YW_HTTP_PARTS_MAX 2
#define YW_HTTP_PART_MAX 288
#define YW_HTTP_KEY_MAX 64           /* Idempotency-Key */
#define YW_HTTP_BODY_MAX (64 * 1024) /* every POST but the next */
#define YW_HTTP_CREATE_MAX YW_REQUEST_PACKAGE_MAX
#define YW_HTTP_PLAYBOOK_MAX (1024 * 1024)
#define YW_HTTP_ANSWER_MAX (8 * 1024 * 1024)
#define YW_HTTP_BODY_DEADLINE_MS 30000 /* for the whole body to arrive */
#define YW_HTTP_WRITE_DEADLINE_S 15    /* without progress */
#define YW_HTTP_CHUNK (32 * 1024)

struct lws;
struct yw_call;
struct yw_offload;
struct yw_route;

enum yw_method { YW_METHOD_GET, YW_METHOD_HEAD, YW_METHOD_POST };

struct yw_exchange {
    struct yw_net *net;
    struct lws *wsi;
    enum yw_method method;
    char path[YW_HTTP_PATH_MAX];
    const struct yw_route *route; /* static */
    char parts[YW_HTTP_PARTS_MAX]
              [YW_HTTP_PART_MAX]; /* what stood for the * of the route */
    struct yw_caller caller;
    int team; /* index of the caller's team in the drill; of an office its tier; -1 */
    char key[YW_HTTP_KEY_MAX + 1];
    struct yw_buf body;
    size_t expected; /* Content-Length */
    struct yw_due_entry deadline;
    struct yw_call *call; /* waits for this command; borrowed */
    struct yw_offload *offload; /* … or for this work; borrowed */

    bool answered; /* the answer stands; what follows is its way out */
    bool head_sent;
    bool close_after;
    int status;
    const char *type;  /* static */
    const char *cache; /* static; NULL: no-store */
    char etag[40];     /* "" none */
    const char *allow; /* 405; static */
    struct yw_buf out;
    struct yw_frame *frame;            /* a shared body instead of out */
    const struct yw_static_file *file; /* likewise. Borrowed */
    /* A body made piece by piece: appends to out; 1 more follows, 0 that was all, or
     * negative. */
    int (*produce)(struct yw_exchange *exchange, struct yw_err *err);
    int64_t produce_at;
    size_t sent;
};

/* LWS_CALLBACK_HTTP. NULL: close the connection. */
struct yw_exchange *yw_exchange_new(struct yw_net *net, struct lws *wsi, const char *uri);
void yw_exchange_free(struct yw_exchange *exchange); /* NULL-safe */
/* More of the body, all of the body, room to write. 0, or -1: close the connection. */
int yw_exchange_body(struct yw_exchange *exchange, const void *bytes, size_t size);
int yw_exchange_complete(struct yw_exchange *exchange);
/* 1: the answer is out, the exchange ends. */
int yw_exchange_write(struct yw_exchange *exchange);

/* The answer. Exactly one of these, once. `json` and `out` are taken over. */
void yw_exchange_json(struct yw_exchange *exchange, int status, struct yw_buf *out);
void yw_exchange_text(struct yw_exchange *exchange, const char *type, struct yw_buf *out);
void yw_exchange_frame(struct yw_exchange *exchange, struct yw_frame *frame); /* stolen */
void yw_exchange_error(struct yw_exchange *exchange, int status,
                       const struct yw_err *err);
/* The HTTP status of an error code. */
int yw_http_status(int code);
/* A query argument, decoded; "" when absent. */
void yw_exchange_arg(const struct yw_exchange *exchange, const char *name, char *ret,
                     size_t size);

/* route.c: finds the route, checks the role, calls the handler. */
typedef int yw_handler_fn(struct yw_exchange *exchange, struct yw_err *err);

struct yw_route {
    enum yw_method method;
    const char *pattern; /* "/api/v1/drills/" + '*' + "/up": a * is one name */
    enum yw_role role;   /* the least that may; TEAM means a team, not control */
    size_t body_max;
    yw_handler_fn *handle;
};
/* The route of a path, or NULL; *ret_allow: the methods that would do, when only the
 * method is wrong. Fills parts. */
const struct yw_route *yw_route_find(enum yw_method method, const char *path,
                                     char parts[YW_HTTP_PARTS_MAX][YW_HTTP_PART_MAX],
                                     const char **ret_allow);
/* 0, or an HTTP status with err filled. */
int yw_route_authorize(struct yw_exchange *exchange, const char *token,
                       struct yw_err *err);

yw_handler_fn yw_api_status;
yw_handler_fn yw_api_host_list, yw_api_host_order;
yw_handler_fn yw_api_drill_list, yw_api_drill_create, yw_api_drill_state,
    yw_api_drill_verb, yw_api_drill_clock, yw_api_drill_plan;
yw_handler_fn yw_api_question_answer;
yw_handler_fn yw_api_question_task;
yw_handler_fn yw_api_token_issue;
yw_handler_fn yw_api_action;
yw_handler_fn yw_api_operations;
yw_handler_fn yw_api_duty_enter;
yw_handler_fn yw_api_report_file, yw_api_report_read;
yw_handler_fn yw_api_score_rule, yw_api_score_why;
yw_handler_fn yw_api_journal;
yw_handler_fn yw_api_playbook_validate, yw_api_run_chart, yw_api_run_export;
yw_handler_fn yw_api_playbook_conduct;
yw_handler_fn yw_api_reset, yw_api_checkpoint_list, yw_api_checkpoint_create,
    yw_api_checkpoint_use, yw_api_evidence;
yw_handler_fn yw_api_capture, yw_api_capture_list, yw_api_capture_read;
yw_handler_fn yw_api_exec, yw_api_file;
yw_handler_fn yw_api_recording_list, yw_api_recording_read;

#endif
