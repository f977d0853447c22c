/* A growing byte buffer with a hard upper limit. Always NUL-terminated, so `data` is also a C
 * string. Exceeding the limit sets `overflow` and drops the bytes: check once at the end.
 * Owner: whoever called init; fini releases. Thread: one at a time. */
#ifndef YW_BASE_BUF_H
#define YW_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct yw_buf {
    char *data;
    size_t size;
    size_t room;
    size_t max; /* bytes, the NUL not counted */
    bool overflow;
};

void yw_buf_init(struct yw_buf *buf, size_t max);
void yw_buf_fini(struct yw_buf *buf); /* NULL-safe */
void yw_buf_clear(struct yw_buf *buf);
void yw_buf_put(struct yw_buf *buf, const void *bytes, size_t size);
void yw_buf_puts(struct yw_buf *buf, const char *text);
void yw_buf_printf(struct yw_buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void yw_buf_vprintf(struct yw_buf *buf, const char *fmt, __builtin_va_list args)
    __attribute__((format(printf, 2, 0)));
/* Drops the first `size` bytes. */
void yw_buf_drop(struct yw_buf *buf, size_t size);
/* Gives the bytes away (*new*, NUL-terminated) and leaves the buffer empty. */
char *yw_buf_steal(struct yw_buf *buf);

#endif
