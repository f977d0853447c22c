/* Merge patches, RFC 7396. Our documents hold no null, so a patch can say every change.
 */
#include "codec/field.h"
#include "codec/state/state.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void dump(struct yw_writer *writer, const char *key, json_t *json);

static void dump_object(struct yw_writer *writer, json_t *json)
{
    size_t count = json_object_size(json);
    const char **keys = yw_new_array(count + 1, sizeof *keys);
    const char *key = NULL;
    json_t *value = NULL;
    size_t filled = 0;

    json_object_foreach(json, key, value) keys[filled++] = key;
    qsort(keys, filled, sizeof *keys, compare);
    for (size_t i = 0; i < filled; i++)
        dump(writer, keys[i], json_object_get(json, keys[i]));
    free(keys);
}

static void dump(struct yw_writer *writer, const char *key, json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        yw_write_object(writer, key);
        dump_object(writer, json);
        yw_write_end(writer, '}');
        return;
    case JSON_ARRAY:
        yw_write_array(writer, key);
        for (size_t i = 0; i < json_array_size(json); i++)
            dump(writer, NULL, json_array_get(json, i));
        yw_write_end(writer, ']');
        return;
    case JSON_STRING:
        yw_write_string(writer, key, json_string_value(json));
        return;
    case JSON_INTEGER:
        yw_write_int(writer, key, json_integer_value(json));
        return;
    case JSON_REAL:
        yw_write_double(writer, key, json_real_value(json));
        return;
    case JSON_TRUE:
    case JSON_FALSE:
        yw_write_bool(writer, key, json_is_true(json));
        return;
    case JSON_NULL:
        yw_write_null(writer, key);
        return;
    }
}

static bool too_deep(json_t *json, int left)
{
    const char *key = NULL;
    json_t *value = NULL;
    size_t index = 0;

    if (left == 0)
        return json_is_object(json) || json_is_array(json);
    if (json_is_object(json)) {
        json_object_foreach(json, key, value)
        {
            if (too_deep(value, left - 1))
                return true;
        }
    }
    json_array_foreach(json, index, value)
    {
        if (too_deep(value, left - 1))
            return true;
    }
    return false;
}

static int load(json_t **ret, const char *text, const char *what, struct yw_err *err)
{
    int status = yw_json_load(ret, text, strlen(text), err);

    if (status < 0) {
        yw_err_prefix(err, "%s", what);
        return status;
    }
    if (too_deep(*ret, YW_JSON_DEPTH_MAX)) {
        json_decref(*ret);
        *ret = NULL;
        return yw_err_set(err, YW_ELIMIT, "%s: deeper than %d", what, YW_JSON_DEPTH_MAX);
    }
    return 0;
}

/* Equal as texts: json_equal holds 0 and -0 for the same. */
static bool same(json_t *a, json_t *b)
{
    const char *key = NULL;
    json_t *value = NULL;

    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_real(a))
        return json_real_value(a) == json_real_value(b) &&
               signbit(json_real_value(a)) == signbit(json_real_value(b));
    if (json_is_array(a)) {
        size_t count = json_array_size(a);

        for (size_t i = 0; count == json_array_size(b) && i < count; i++) {
            if (!same(json_array_get(a, i), json_array_get(b, i)))
                return false;
        }
        return count == json_array_size(b);
    }
    if (!json_is_object(a))
        return json_equal(a, b) != 0;
    json_object_foreach(a, key, value)
    {
        if (json_object_get(b, key) == NULL || !same(value, json_object_get(b, key)))
            return false;
    }
    return json_object_size(a) == json_object_size(b);
}

/* The patch from one object to another, *new*; NULL when they are equal. */
static json_t *difference(json_t *before, json_t *after)
{
    json_t *patch = json_object();
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach(before, key, value)
    {
        if (json_object_get(after, key) == NULL)
            json_object_set_new_nocheck(patch, key, json_null());
    }
    json_object_foreach(after, key, value)
    {
        json_t *old = json_object_get(before, key);

        if (old != NULL && json_is_object(old) && json_is_object(value)) {
            json_t *inner = difference(old, value);

            if (inner != NULL)
                json_object_set_new_nocheck(patch, key, inner);
        } else if (old == NULL || !same(old, value)) {
            json_object_set_nocheck(patch, key, value);
        }
    }
    if (json_object_size(patch) > 0)
        return patch;
    json_decref(patch);
    return NULL;
}

int yw_state_diff(struct yw_buf *out, const char *before, const char *after,
                  struct yw_err *err)
{
    struct yw_writer writer;
    json_t *old = NULL;
    json_t *new = NULL;
    int status = load(&old, before, "before", err);

    if (status == 0)
        status = load(&new, after, "after", err);
    if (status == 0) {
        json_t *patch = difference(old, new);

        yw_writer_init(&writer, out);
        if (patch == NULL)
            yw_buf_puts(out, "{}");
        else
            dump(&writer, NULL, patch);
        json_decref(patch);
    }
    json_decref(old);
    json_decref(new);
    return status;
}

/* RFC 7396 section 2, MergePatch: `target` may be NULL; the result is *new*. */
static json_t *merged(json_t *target, json_t *patch)
{
    const char *key = NULL;
    json_t *value = NULL;

    if (!json_is_object(patch))
        return json_incref(patch);
    json_t *result = json_is_object(target) ? json_copy(target) : json_object();

    json_object_foreach(patch, key, value)
    {
        if (json_is_null(value))
            json_object_del(result, key);
        else
            json_object_set_new_nocheck(result, key,
                                        merged(json_object_get(result, key), value));
    }
    return result;
}

int yw_state_merge(struct yw_buf *out, const char *before, const char *patch,
                   struct yw_err *err)
{
    struct yw_writer writer;
    json_t *target = NULL;
    json_t *change = NULL;
    int status = load(&target, before, "before", err);

    if (status == 0)
        status = load(&change, patch, "patch", err);
    if (status == 0) {
        json_t *result = merged(target, change);

        yw_writer_init(&writer, out);
        dump(&writer, NULL, result);
        json_decref(result);
    }
    json_decref(target);
    json_decref(change);
    return status;
}
