/* The little of HTTP/1.1 that operator stations and historians serve: one request a
 * connection. Pure and bounded; clients are hostile. */
#ifndef YW_CONTROLLER_HTTP_H
#define YW_CONTROLLER_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#define YW_HTTP_HEAD_MAX 1536
#define YW_HTTP_BODY_MAX 400
#define YW_HTTP_PATH_MAX 64
#define YW_HTTP_QUERY_MAX 256

struct yw_http {
    bool post; /* else GET */
    char path[YW_HTTP_PATH_MAX];
    char query[YW_HTTP_QUERY_MAX];
    char body[YW_HTTP_BODY_MAX + 1];
};

enum yw_http_outcome { YW_HTTP_BAD = -1, YW_HTTP_MORE = 0, YW_HTTP_WHOLE = 1 };

/* The request at the front of the bytes; MORE: not all there yet. */
enum yw_http_outcome yw_http_read(const void *bytes, size_t size, struct yw_http *ret);
/* The field of a query or a form, %XX and + undone; false: none, or too long. */
bool yw_http_field(const char *fields, const char *name, char *ret, size_t ret_size);
/* A text being written; what finds no room sets `full` and is dropped. */
struct yw_text_out {
    char *text;
    size_t room; /* with the NUL */
    size_t size;
    bool full;
};
__attribute__((format(printf, 2, 3))) void yw_out_printf(struct yw_text_out *out,
                                                         const char *format, ...);
/* As text inside HTML: & < > " ' are replaced, control characters become blanks. */
void yw_out_escaped(struct yw_text_out *out, const char *text);

#endif
