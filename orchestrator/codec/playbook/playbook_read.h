/* Reading a CACAO playbook: the document under way and typed members of its objects,
 * refused with a JSON pointer. Only codec/playbook*.c include this header. */
#ifndef YW_CODEC_PLAYBOOK_READ_H
#define YW_CODEC_PLAYBOOK_READ_H

#include "base/err.h"
#include "response/playbook.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_PLAYBOOK_SPAN_MAX_MS (31LL * 24 * 3600 * 1000)

struct yw_playbook_reader {
    json_t *root; /* borrowed */
    struct yw_playbook *playbook;
    struct yw_err *err;
};

/* "<path>/<key>: <text>"; YW_EINVAL. */
int yw_playbook_refuse(struct yw_playbook_reader *in, const char *path, const char *key,
                       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* A member that is text of at most size - 1 bytes of UTF-8 without control characters but
 * newline and tab. Absent: "" unless `required`. */
int yw_playbook_text(struct yw_playbook_reader *in, json_t *object, const char *path,
                     const char *key, char *dst, size_t size, bool required);
/* A span in ms, 0 when absent. */
int yw_playbook_span(struct yw_playbook_reader *in, json_t *object, const char *path,
                     const char *key, int64_t *ret);
/* The member when it is an object, NULL when absent; refuses anything else. */
int yw_playbook_object(struct yw_playbook_reader *in, json_t *object, const char *path,
                       const char *key, json_t **ret);
/* Index of `__name__` among the declared variables, or -1. */
int yw_playbook_var_of(const struct yw_playbook *playbook, const char *underscored);

/* Fills playbook->steps from /workflow; variables are there already. */
int yw_playbook_read_steps(struct yw_playbook_reader *in);

#endif
