#include "base/mem.h"

#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *ptr)
{
    if (ptr == NULL) {
        (void)fputs("yanwu: out of memory\n", stderr);
        abort();
    }
    return ptr;
}

void *yw_new(size_t size)
{
    return checked(calloc(1, size == 0 ? 1 : size));
}

void *yw_new_array(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        return yw_new(1);
    return checked(calloc(count, size)); /* calloc refuses an overflowing product */
}

void *yw_resize(void *ptr, size_t count, size_t size)
{
    if (count == 0 || size == 0) {
        count = 1;
        size = 1;
    }
    return checked(reallocarray(ptr, count, size));
}

char *yw_strdup(const char *text)
{
    return text == NULL ? NULL : checked(strdup(text));
}

char *yw_strndup(const char *text, size_t size)
{
    return checked(strndup(text, size));
}

char *yw_strf(const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int count = vasprintf(&text, fmt, args);
    va_end(args);
    return checked(count < 0 ? NULL : text);
}

int yw_copy(char *dst, size_t dst_size, const char *src)
{
    assert(dst_size > 0);
    size_t size = strlen(src);
    if (size < dst_size) {
        memmove(dst, src, size + 1);
        return YW_OK;
    }
    size = dst_size - 1;
    while (size > 0 && ((unsigned char)src[size] & 0xC0U) == 0x80U)
        size--;
    memmove(dst, src, size);
    dst[size] = '\0';
    return YW_ELIMIT;
}

int yw_copyf(char *dst, size_t dst_size, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, fmt);
    int size = vasprintf(&text, fmt, args);
    va_end(args);
    if (size < 0)
        abort();
    int code = yw_copy(dst, dst_size, text);

    free(text);
    return code;
}
