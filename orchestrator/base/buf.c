#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

void yw_buf_init(struct yw_buf *buf, size_t max)
{
    *buf = (struct yw_buf){.max = max};
    buf->room = FIRST_ROOM;
    buf->data = yw_new(buf->room);
}

void yw_buf_fini(struct yw_buf *buf)
{
    if (buf == NULL)
        return;
    free(buf->data);
    *buf = (struct yw_buf){0};
}

void yw_buf_clear(struct yw_buf *buf)
{
    buf->size = 0;
    buf->overflow = false;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

/* Room for `size` more bytes and the NUL; false, and overflow set, beyond the limit. */
static bool reserve(struct yw_buf *buf, size_t size)
{
    if (buf->overflow || size > buf->max - buf->size) {
        buf->overflow = true;
        return false;
    }
    size_t need = buf->size + size + 1;
    if (need <= buf->room)
        return true;
    size_t room = buf->room < FIRST_ROOM ? FIRST_ROOM : buf->room;
    while (room < need)
        room += room / 2;
    buf->data = yw_resize(buf->data, room, 1);
    buf->room = room;
    return true;
}

void yw_buf_put(struct yw_buf *buf, const void *bytes, size_t size)
{
    if (!reserve(buf, size))
        return;
    if (size > 0)
        memcpy(buf->data + buf->size, bytes, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
}

void yw_buf_puts(struct yw_buf *buf, const char *text)
{
    yw_buf_put(buf, text, strlen(text));
}

void yw_buf_vprintf(struct yw_buf *buf, const char *fmt, __builtin_va_list args)
{
    va_list again;
    va_copy(again, args);
    int count = vsnprintf(NULL, 0, fmt, args);
    if (count < 0)
        buf->overflow = true;
    else if (reserve(buf, (size_t)count)) {
        (void)vsnprintf(buf->data + buf->size, (size_t)count + 1, fmt, again);
        buf->size += (size_t)count;
    }
    va_end(again);
}

void yw_buf_printf(struct yw_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    yw_buf_vprintf(buf, fmt, args);
    va_end(args);
}

void yw_buf_drop(struct yw_buf *buf, size_t size)
{
    if (size >= buf->size) {
        buf->size = 0;
    } else {
        buf->size -= size;
        memmove(buf->data, buf->data + size, buf->size);
    }
    if (buf->data != NULL)
        buf->data[buf->size] = '\0';
}

char *yw_buf_steal(struct yw_buf *buf)
{
    char *data = buf->data == NULL ? yw_strdup("") : buf->data;
    size_t max = buf->max;
    *buf = (struct yw_buf){.max = max};
    return data;
}
