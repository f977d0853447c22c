#include "response/member.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* After the string, or NULL. */
static const char *skip_string(const char *at)
{
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\' && *++at == '\0')
            return NULL;
    }
    return *at == '"' ? at + 1 : NULL;
}

/* After the value, or NULL. */
static const char *skip_value(const char *at, int depth)
{
    at = skip_blanks(at);
    if (*at == '"')
        return skip_string(at);
    if (*at != '{' && *at != '[') {
        size_t size = strcspn(at, ",]} \t\r\n");

        return size > 0 ? at + size : NULL;
    }
    if (depth == YW_MEMBER_DEPTH_MAX)
        return NULL;
    char open = *at, close = open == '{' ? '}' : ']';

    at = skip_blanks(at + 1);
    while (at && *at && *at != close) {
        if (open == '{') {
            at = *at == '"' ? skip_string(at) : NULL;
            at = at ? skip_blanks(at) : NULL;
            at = at && *at == ':' ? at + 1 : NULL;
        }
        at = at ? skip_value(at, depth + 1) : NULL;
        at = at ? skip_blanks(at) : NULL;
        if (at && *at == ',')
            at = skip_blanks(at + 1);
    }
    return at && *at == close ? at + 1 : NULL;
}

static void take_string(const char *at, char *dst, size_t size)
{
    size_t used = 0;

    for (at++; *at != '"' && used + 1 < size; at++) {
        if (*at == '\\')
            at++;
        dst[used++] = *at;
    }
    dst[used] = '\0';
}

static bool take(const char *at, const char *end, struct yw_member *ret)
{
    at = skip_blanks(at);
    size_t size = (size_t)(end - at);

    if (size >= sizeof ret->value)
        return false;
    if (*at == '"') {
        YW_COPY(ret->type, "string");
        take_string(at, ret->value, sizeof ret->value);
        return true;
    }
    memcpy(ret->value, at, size);
    ret->value[size] = '\0';
    YW_COPY(ret->type, strcmp(ret->value, "true") == 0 || strcmp(ret->value, "false") == 0
                           ? "bool"
                       : strchr("-0123456789", ret->value[0]) ? "float"
                                                              : "string");
    return strcmp(ret->value, "null") != 0;
}

static bool walk(const char *at, const char *path, size_t *left, struct yw_member *ret,
                 int depth);

/* Each value of the object or list that the path's first part names. */
static bool walk_inside(const char *at, const char *path, size_t *left,
                        struct yw_member *ret, int depth)
{
    bool object = *path == '.';
    size_t size = strcspn(path + 1, ".[");
    const char *rest = path + 1 + size;
    long wanted = object || path[1] == '*' ? -1 : strtol(path + 1, NULL, 10);
    long index = 0;

    if (*at != (object ? '{' : '['))
        return false;
    at = skip_blanks(at + 1);
    for (; at && *at && *at != '}' && *at != ']'; index++) {
        bool fits = object ? *at == '"' : wanted < 0 || wanted == index;
        const char *end = object ? skip_string(at) : at;

        if (object && end) {
            fits = (size_t)(end - at) == size + 2 && strncmp(at + 1, path + 1, size) == 0;
            at = skip_blanks(end);
            at = *at == ':' ? skip_blanks(at + 1) : NULL;
        }
        if (fits && at && walk(at, rest, left, ret, depth + 1))
            return true;
        at = at ? skip_value(at, depth) : NULL;
        at = at ? skip_blanks(at) : NULL;
        if (at && *at == ',')
            at = skip_blanks(at + 1);
    }
    return false;
}

static bool walk(const char *at, const char *path, size_t *left, struct yw_member *ret,
                 int depth)
{
    at = skip_blanks(at);
    if (depth > YW_MEMBER_DEPTH_MAX)
        return false;
    if (*path != '\0')
        return walk_inside(at, path, left, ret, depth);
    const char *end = skip_value(at, depth);

    return end && take(at, end, ret) && (*left)-- == 0;
}

bool yw_member_at(const char *value, const char *type, const char *path, size_t index,
                  struct yw_member *ret)
{
    memset(ret, 0, sizeof *ret);
    if (!value)
        return false;
    if (path[0] != '\0')
        return walk(value, path, &index, ret, 0);
    YW_COPY(ret->type, type);
    YW_COPY(ret->value, value);
    return index == 0;
}
