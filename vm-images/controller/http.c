#include "controller/http.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Copies size bytes that are plain visible ASCII; false: too long, or others. */
static bool take(const char *from, size_t size, char *ret, size_t ret_size)
{
    if (size >= ret_size)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (from[i] <= ' ' || from[i] > '~')
            return false;
        ret[i] = from[i];
    }
    ret[size] = '\0';
    return true;
}

/* "GET /path?query HTTP/1.1" */
static bool take_first(const char *line, size_t size, struct yw_http *ret)
{
    size_t verb = size > 4 && memcmp(line, "GET ", 4) == 0    ? 4
                  : size > 5 && memcmp(line, "POST ", 5) == 0 ? 5
                                                              : 0;
    const char *path = line + verb;
    const char *end = memchr(path, ' ', size - verb);
    if (verb == 0 || end == NULL || *path != '/')
        return false;
    const char *mark = memchr(path, '?', (size_t)(end - path));
    const char *stop = mark != NULL ? mark : end;
    ret->post = verb == 5;
    return take(path, (size_t)(stop - path), ret->path, sizeof(ret->path)) &&
           (mark == NULL ||
            take(mark + 1, (size_t)(end - mark - 1), ret->query, sizeof(ret->query)));
}

/* -1: no number, or more than we take. */
static long body_size(const char *head, size_t size)
{
    static const char name[] = "content-length:";
    for (size_t i = 0; i + sizeof(name) < size; i++) {
        if (head[i] != '\n' || strncasecmp(head + i + 1, name, sizeof(name) - 1) != 0)
            continue;
        long value = 0;
        size_t at = i + sizeof(name);
        while (at < size && head[at] == ' ')
            at++;
        if (at == size || head[at] < '0' || head[at] > '9')
            return -1;
        for (; at < size && head[at] >= '0' && head[at] <= '9'; at++) {
            value = value * 10 + (head[at] - '0');
            if (value > YW_HTTP_BODY_MAX)
                return -1;
        }
        return value;
    }
    return 0;
}

enum yw_http_outcome yw_http_read(const void *bytes, size_t size, struct yw_http *ret)
{
    const char *text = bytes;
    memset(ret, 0, sizeof(*ret));
    const char *end = memmem(text, size, "\r\n\r\n", 4);
    if (end == NULL)
        return size < YW_HTTP_HEAD_MAX ? YW_HTTP_MORE : YW_HTTP_BAD;
    size_t head = (size_t)(end - text) + 2;
    const char *line = memmem(text, head, "\r\n", 2);
    long body = body_size(text, head);
    if (line == NULL || !take_first(text, (size_t)(line - text), ret) || body < 0)
        return YW_HTTP_BAD;
    if (size - head - 2 < (size_t)body)
        return YW_HTTP_MORE;
    memcpy(ret->body, end + 4, (size_t)body);
    return strlen(ret->body) == (size_t)body ? YW_HTTP_WHOLE : YW_HTTP_BAD;
}

static int hex(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if ((digit | 32) >= 'a' && (digit | 32) <= 'f')
        return (digit | 32) - 'a' + 10;
    return -1;
}

static bool decode(const char *from, size_t size, char *ret, size_t ret_size)
{
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        int byte = from[i] == '+' ? ' ' : from[i];
        if (from[i] == '%') {
            int high = i + 2 < size ? hex(from[i + 1]) : -1;
            int low = i + 2 < size ? hex(from[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0)
                return false;
            byte = high * 16 + low;
            i += 2;
        }
        if (used + 1 >= ret_size)
            return false;
        ret[used++] = (char)byte;
    }
    ret[used] = '\0';
    return true;
}

bool yw_http_field(const char *fields, const char *name, char *ret, size_t ret_size)
{
    size_t length = strlen(name);
    for (const char *at = fields; *at != '\0';) {
        size_t size = strcspn(at, "&");
        if (size > length && at[length] == '=' && memcmp(at, name, length) == 0)
            return decode(at + length + 1, size - length - 1, ret, ret_size);
        at += size + (at[size] == '&' ? 1 : 0);
    }
    return false;
}

void yw_out_printf(struct yw_text_out *out, const char *format, ...)
{
    va_list args;
    if (out->full)
        return;
    va_start(args, format);
    int size = vsnprintf(out->text + out->size, out->room - out->size, format, args);
    va_end(args);
    if (size < 0 || (size_t)size >= out->room - out->size) {
        out->full = true;
        out->text[out->size] = '\0';
        return;
    }
    out->size += (size_t)size;
}

void yw_out_escaped(struct yw_text_out *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("&<>\"'", *text) != NULL)
            yw_out_printf(out, "&#%d;", *text);
        else
            yw_out_printf(out, "%c", (unsigned char)*text < ' ' ? ' ' : *text);
    }
}
