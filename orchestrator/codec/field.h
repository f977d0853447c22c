/* Field tables: one row a member says its name, type, place and limit, and gives both
 * directions: canonical JSON out, checked values in. Rows stand in sorted order of their
 * names, because the text that they make is hashed. In: missing, unknown and wrong
 * members are refused with a path. Only this room includes this header. Thread: any. */
#ifndef YW_CODEC_FIELD_H
#define YW_CODEC_FIELD_H

#include "base/err.h"
#include "codec/write.h"

#include <jansson.h>
#include <stddef.h>

#define YW_FIELD_PATH_MAX 256

enum yw_field_type {
    YW_FIELD_STRING,        /* char[size] */
    YW_FIELD_TEXT,          /* struct yw_text */
    YW_FIELD_BOOL,          /* bool */
    YW_FIELD_INT,           /* int or int64_t, by size */
    YW_FIELD_DOUBLE,        /* double */
    YW_FIELD_DOUBLES,       /* double[], int64_t count at count_offset */
    YW_FIELD_VARS,          /* struct yw_ev_var[], int64_t count at count_offset */
    YW_FIELD_PAIRS,         /* char[size], model/pairs.h: an object of strings */
    YW_FIELD_PHASE,         /* enum yw_phase */
    YW_FIELD_MACHINE_STATE, /* enum yw_machine_state */
    YW_FIELD_STEP_STATUS,   /* enum yw_step_status */
};

struct yw_field {
    const char *name;
    enum yw_field_type type;
    size_t offset;
    size_t size;         /* of the member in bytes */
    size_t count_offset; /* DOUBLES, VARS */
};

struct yw_fields {
    const struct yw_field *rows;
    size_t count;
};

#define YW_FIELD(type_, holder, member, name_)                                           \
    {                                                                                    \
        .name = (name_), .type = YW_FIELD_##type_,                                       \
        .offset = offsetof(struct holder, member),                                       \
        .size = sizeof(((struct holder *)0)->member)                                     \
    }
#define YW_FIELD_LIST(type_, holder, member, count_, name_)                              \
    {                                                                                    \
        .name = (name_), .type = YW_FIELD_##type_,                                       \
        .offset = offsetof(struct holder, member),                                       \
        .size = sizeof(((struct holder *)0)->member),                                    \
        .count_offset = offsetof(struct holder, count_)                                  \
    }

/* The members of the object that is open in the writer. */
void yw_fields_write(struct yw_writer *writer, struct yw_fields fields,
                     const void *value);
/* All rows are required, nothing else may stand there. `path`: of the object, "" the
 * document. */
int yw_fields_read(void *ret, struct yw_fields fields, json_t *object, const char *path,
                   struct yw_err *err);

/* The document's root object, *new* (json_decref). Duplicate members, NUL and bad UTF-8
 * are refused. */
int yw_json_load(json_t **ret, const char *text, size_t size, struct yw_err *err);
/* YW_EINVAL "<path>: expected <what>; got <value>". */
int yw_json_expected(struct yw_err *err, const char *path, const char *what,
                     const json_t *got);
/* Unknown members are refused; the message names the nearest known one. */
int yw_json_only(json_t *object, const char *path, const char *const *names, size_t count,
                 struct yw_err *err);
/* "<path>/<key>" with the escapes of RFC 6901. */
void yw_json_path(char ret[YW_FIELD_PATH_MAX], const char *path, const char *key);
/* Single values. NULL json: refused as missing. */
int yw_json_read_string(const json_t *json, const char *path, char *ret, size_t size,
                        struct yw_err *err);
int yw_json_read_int(const json_t *json, const char *path, int64_t low, int64_t high,
                     int64_t *ret, struct yw_err *err);
int yw_json_read_double(const json_t *json, const char *path, double *ret,
                        struct yw_err *err);

#endif
