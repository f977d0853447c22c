#include "codec/playbook/playbook_read.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int yw_playbook_refuse(struct yw_playbook_reader *in, const char *path, const char *key,
                       const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return yw_err_set(in->err, YW_EINVAL, "%s/%s: %s", path, key, text);
}

static bool is_plain(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];

        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

int yw_playbook_text(struct yw_playbook_reader *in, json_t *object, const char *path,
                     const char *key, char *dst, size_t size, bool required)
{
    json_t *value = json_object_get(object, key);

    dst[0] = '\0';
    if (!value)
        return required ? yw_playbook_refuse(in, path, key, "missing") : 0;
    if (!json_is_string(value))
        return yw_playbook_refuse(in, path, key, "expected text");
    size_t length = json_string_length(value);

    if (length >= size)
        return yw_playbook_refuse(in, path, key, "longer than %zu bytes", size - 1);
    if (required && length == 0)
        return yw_playbook_refuse(in, path, key, "is empty");
    if (!is_plain(json_string_value(value), length))
        return yw_playbook_refuse(in, path, key, "holds control characters");
    yw_copy(dst, size, json_string_value(value));
    return 0;
}

int yw_playbook_span(struct yw_playbook_reader *in, json_t *object, const char *path,
                     const char *key, int64_t *ret)
{
    json_t *value = json_object_get(object, key);

    *ret = 0;
    if (!value)
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > YW_PLAYBOOK_SPAN_MAX_MS)
        return yw_playbook_refuse(in, path, key,
                                  "expected milliseconds from 0 to %lld (31 days)",
                                  YW_PLAYBOOK_SPAN_MAX_MS);
    *ret = json_integer_value(value);
    return 0;
}

int yw_playbook_object(struct yw_playbook_reader *in, json_t *object, const char *path,
                       const char *key, json_t **ret)
{
    *ret = json_object_get(object, key);
    if (*ret && !json_is_object(*ret))
        return yw_playbook_refuse(in, path, key, "expected an object");
    return 0;
}

int yw_playbook_flag(struct yw_playbook_reader *in, json_t *from, const char *path,
                     const char *key, bool *ret)
{
    json_t *flag = json_object_get(from, key);

    if (flag && !json_is_boolean(flag))
        return yw_playbook_refuse(in, path, key, "expected true or false");
    *ret = json_is_true(flag);
    return 0;
}

int yw_playbook_var_of(const struct yw_playbook *playbook, const char *underscored)
{
    char name[YW_NAME_MAX];
    size_t size = strlen(underscored);

    if (size < 5 || size - 4 >= sizeof name || strncmp(underscored, "__", 2) != 0 ||
        strcmp(underscored + size - 2, "__") != 0)
        return -1;
    snprintf(name, sizeof name, "%.*s", (int)(size - 4), underscored + 2);
    return yw_playbook_var(playbook, name);
}
