/* Requests in: the JSON bodies of the HTTP API and the few messages of the stream,
 * decoded by field tables. Unknown and duplicate members, wrong types and excess sizes
 * are refused with a path: "/vars/tampered: expected a string; got 3". */
#ifndef YW_CODEC_REQUEST_H
#define YW_CODEC_REQUEST_H

#include "base/buf.h"
#include "base/err.h"
#include "codec/write.h"
#include "model/event.h"
#include "model/spec.h"

#define YW_REQUEST_BYTES_MAX (64 * 1024)
#define YW_REQUEST_PACKAGE_MAX (1024 * 1024)
#define YW_REQUEST_FILES_MAX 64
#define YW_REQUEST_FILE_MAX (256 * 1024)

struct yw_package_file {
    char path[YW_SPEC_PATH_MAX]; /* "scenario.lua", "files/dosing.st": no "..", no leading
                                    "/" */
    char *bytes;                 /* *new*, NUL-terminated */
    size_t size;
};

/* A scenario folder in memory. */
struct yw_package {
    char name[YW_NAME_MAX]; /* of the folder */
    struct yw_package_file files[YW_REQUEST_FILES_MAX];
    size_t file_count;
};
void yw_package_free(struct yw_package *package); /* NULL-safe; heap object */
const struct yw_package_file *yw_package_file(const struct yw_package *package,
                                              const char *path); /* or NULL */

struct yw_request_create {
    struct yw_package *package; /* *new*, the receiver's */
    char teams[YW_SPEC_TEAMS_MAX][YW_NAME_MAX];
    size_t team_count;
    int64_t seed;
    double speed;
    bool tabletop; /* read as if its mode said so; false: as its mode says */
};
int yw_request_create_decode(struct yw_request_create *ret, const char *text, size_t size,
                             struct yw_err *err);
/* The same out, for clients. */
void yw_request_create_encode(struct yw_buf *out,
                              const struct yw_request_create *request);

/* {"step":"…","role":"…","vars":{"tampered":"true"}}, and besides "exec", "person", and
 * "outcome": "success" or "failure" (it could not be done) */
struct yw_request_answer {
    char step[80];
    int64_t exec; /* the execution of the step; 0 whichever is open */
    char role[YW_NAME_MAX];
    char person[YW_NAME_MAX]; /* who of that role answers; "" nobody says */
    bool failed;
    struct yw_ev_var vars[YW_EVENT_VARS_MAX];
    size_t var_count;
};
int yw_request_answer_decode(struct yw_request_answer *ret, const char *text, size_t size,
                             struct yw_err *err);
void yw_request_answer_encode(struct yw_buf *out,
                              const struct yw_request_answer *request);

struct yw_request_action { /* {"machine":"hmi1","argv":["operate","set-point","100"]} */
    char machine[YW_NAME_MAX];
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    size_t argc;
};
int yw_request_action_decode(struct yw_request_action *ret, const char *text, size_t size,
                             struct yw_err *err);
void yw_request_action_encode(struct yw_buf *out,
                              const struct yw_request_action *request);

struct yw_request_text { /* {"text":"…"} or {"reason":"…"}: reports, control verbs */
    char text[YW_EVENT_OUTPUT_MAX];
    double speed;                     /* clock verb only; 0 absent */
    char override[YW_EVENT_NOTE_MAX]; /* up only; "" absent */
    char how[8];                      /* up only: "cold" …; "" absent */
};
int yw_request_text_decode(struct yw_request_text *ret, const char *member,
                           const char *text, size_t size, struct yw_err *err);

struct yw_request_ruling { /* {"team":"…","points":-20,"reason":"…"} */
    char team[YW_NAME_MAX];
    int64_t points;
    char reason[YW_EVENT_NOTE_MAX];
};
int yw_request_ruling_decode(struct yw_request_ruling *ret, const char *text, size_t size,
                             struct yw_err *err);

/* {"error":{"code":"invalid","path":"/vars/x","message":"…"}} */
void yw_error_encode(struct yw_buf *out, const struct yw_err *err);
/* One string, number or boolean member of a JSON document by JSON pointer, as text into
 * `ret`. 0 or YW_ENOTFOUND / YW_EINVAL. For command-line clients and small local files.
 */
int yw_json_get(const char *text, size_t size, const char *pointer, char *ret,
                size_t ret_size);

/* Every member of the object at `pointer` (plain keys, "" the whole), in order, with its value as
 * JSON text, borrowed for the call. Stops at the first non-zero fn, which is returned. */
int yw_json_each(const char *text, size_t size, const char *pointer,
                 int (*fn)(void *arg, const char *key, const char *value,
                           size_t value_size),
                 void *arg);

#endif
