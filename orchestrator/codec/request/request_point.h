/* Requests about machines: points in time, programs, files. JSON bodies of the HTTP API,
 * with the rules of codec/request.h. */
#ifndef YW_CODEC_REQUEST_POINT_H
#define YW_CODEC_REQUEST_POINT_H

#include "base/buf.h"
#include "base/err.h"
#include "model/event.h"

#define YW_REQUEST_MOVE_MAX (512 * 1024) /* bytes of a file to or from a machine */

struct yw_request_point { /* names; "" absent */
    char team[YW_NAME_MAX];
    char machine[YW_NAME_MAX];
    char to[YW_NAME_MAX]; /* a point */
    char label[YW_NAME_MAX];
    char reason[YW_EVENT_NOTE_MAX];
};
/* Only the members in `names` may stand there, none must. An empty text has none. */
int yw_request_point_decode(struct yw_request_point *ret, const char *const *names,
                            size_t count, const char *text, size_t size,
                            struct yw_err *err);

#define YW_REQUEST_CAPTURE_MIB 16 /* of a file, unless said */
#define YW_REQUEST_CAPTURE_FILES 8

struct yw_request_capture { /* {"team","network","action","size_mib","files"} */
    char team[YW_NAME_MAX]; /* "" the only one */
    char network[YW_NAME_MAX];
    bool on; /* "start"; else "stop" */
    int64_t size_mib;
    int64_t files;
};
int yw_request_capture_decode(struct yw_request_capture *ret, const char *text,
                              size_t size, struct yw_err *err);
void yw_request_capture_encode(struct yw_buf *out,
                               const struct yw_request_capture *request);

struct yw_request_file { /* {"team","machine","path"} and, into the machine, "data" */
    bool put;
    char path[YW_EVENT_VALUE_MAX];
    char *bytes; /* *new* */
    size_t size;
};
/* `data` is base64. *ret_point: team and machine. */
int yw_request_file_decode(struct yw_request_file *ret,
                           struct yw_request_point *ret_point, const char *text,
                           size_t size, struct yw_err *err);
void yw_request_file_fini(struct yw_request_file *file);

struct yw_request_action;
/* {"team","machine","argv"} */
int yw_request_exec_decode(struct yw_request_action *ret,
                           struct yw_request_point *ret_point, const char *text,
                           size_t size, struct yw_err *err);

/* For clients: {"argv":[…],"machine":"…","team":"…"}; names that are "" are left out. */
void yw_request_point_encode(struct yw_buf *out, const struct yw_request_point *request);
void yw_request_exec_encode(struct yw_buf *out, const struct yw_request_point *point,
                            const struct yw_request_action *request);
void yw_request_file_encode(struct yw_buf *out, const struct yw_request_point *point,
                            const struct yw_request_file *file);

#endif
