#include "codec/field.h"

#include "base/id.h"
#include "base/mem.h"
#include "model/event.h"
#include "model/pairs.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define GOT_MAX 48

static int64_t load_count(const void *value, const struct yw_field *field)
{
    int64_t count = 0;

    memcpy(&count, (const char *)value + field->count_offset, sizeof count);
    return count;
}

static size_t element_size(const struct yw_field *field)
{
    return field->type == YW_FIELD_VARS ? sizeof(struct yw_ev_var) : sizeof(double);
}

static void write_list(struct yw_writer *writer, const struct yw_field *field,
                       const void *value)
{
    int64_t count = load_count(value, field);
    const void *items = (const char *)value + field->offset;

    if (count < 0 || (size_t)count > field->size / element_size(field)) {
        writer->out->overflow = true;
        return;
    }
    yw_write_array(writer, field->name);
    for (int64_t i = 0; i < count; i++) {
        if (field->type == YW_FIELD_DOUBLES) {
            yw_write_double(writer, NULL, ((const double *)items)[i]);
            continue;
        }
        const struct yw_ev_var *var = (const struct yw_ev_var *)items + i;

        yw_write_object(writer, NULL);
        yw_write_string(writer, "name", var->name);
        yw_write_string(writer, "value", var->value);
        yw_write_end(writer, '}');
    }
    yw_write_end(writer, ']');
}

static void write_pairs(struct yw_writer *writer, const char *name, const char *pairs)
{
    const char *at = NULL, *value;

    yw_write_object(writer, name);
    while (yw_pairs_next(pairs, &at, &value))
        yw_write_string(writer, at, value);
    yw_write_end(writer, '}');
}

static void write_field(struct yw_writer *writer, const struct yw_field *field,
                        const void *value)
{
    const void *at = (const char *)value + field->offset;

    switch (field->type) {
    case YW_FIELD_STRING:
        yw_write_string(writer, field->name, at);
        return;
    case YW_FIELD_TEXT:
        yw_write_text(writer, field->name, at);
        return;
    case YW_FIELD_BOOL:
        yw_write_bool(writer, field->name, *(const bool *)at);
        return;
    case YW_FIELD_INT:
        yw_write_int(writer, field->name,
                     field->size == sizeof(int) ? *(const int *)at
                                                : *(const int64_t *)at);
        return;
    case YW_FIELD_DOUBLE:
        yw_write_double(writer, field->name, *(const double *)at);
        return;
    case YW_FIELD_DOUBLES:
    case YW_FIELD_VARS:
        write_list(writer, field, value);
        return;
    case YW_FIELD_PAIRS:
        write_pairs(writer, field->name, at);
        return;
    case YW_FIELD_PHASE:
        yw_write_string(writer, field->name, yw_phase_name(*(const enum yw_phase *)at));
        return;
    case YW_FIELD_MACHINE_STATE:
        yw_write_string(writer, field->name,
                        yw_machine_state_name(*(const enum yw_machine_state *)at));
        return;
    case YW_FIELD_STEP_STATUS:
        yw_write_string(writer, field->name,
                        yw_step_status_name(*(const enum yw_step_status *)at));
        return;
    }
}

void yw_fields_write(struct yw_writer *writer, struct yw_fields fields, const void *value)
{
    for (size_t i = 0; i < fields.count; i++)
        write_field(writer, &fields.rows[i], value);
}

static void describe(const json_t *got, char text[GOT_MAX])
{
    char cut[GOT_MAX - 8];

    switch (json_typeof(got)) {
    case JSON_STRING:
        (void)yw_copy(cut, sizeof cut, json_string_value(got));
        (void)snprintf(text, GOT_MAX, "'%s'", cut);
        return;
    case JSON_INTEGER:
        (void)snprintf(text, GOT_MAX, "%lld", (long long)json_integer_value(got));
        return;
    case JSON_REAL:
        (void)snprintf(text, GOT_MAX, "%.15g", json_real_value(got));
        return;
    case JSON_TRUE:
        (void)yw_copy(text, GOT_MAX, "true");
        return;
    case JSON_FALSE:
        (void)yw_copy(text, GOT_MAX, "false");
        return;
    case JSON_NULL:
        (void)yw_copy(text, GOT_MAX, "null");
        return;
    case JSON_ARRAY:
        (void)yw_copy(text, GOT_MAX, "an array");
        return;
    case JSON_OBJECT:
        (void)yw_copy(text, GOT_MAX, "an object");
        return;
    }
}

int yw_json_expected(struct yw_err *err, const char *path, const char *what,
                     const json_t *got)
{
    char text[GOT_MAX];

    if (got == NULL)
        return yw_err_set(err, YW_EINVAL, "%s: missing; expected %s", path, what);
    describe(got, text);
    return yw_err_set(err, YW_EINVAL, "%s: expected %s; got %s", path, what, text);
}

void yw_json_path(char ret[YW_FIELD_PATH_MAX], const char *path, const char *key)
{
    struct yw_buf text;

    yw_buf_init(&text, 4 * YW_FIELD_PATH_MAX);
    yw_buf_puts(&text, path);
    yw_buf_puts(&text, "/");
    for (; *key != '\0'; key++) {
        if (*key == '~' || *key == '/')
            yw_buf_puts(&text, *key == '~' ? "~0" : "~1");
        else
            yw_buf_put(&text, key, 1);
    }
    (void)yw_copy(ret, YW_FIELD_PATH_MAX, text.data);
    yw_buf_fini(&text);
}

int yw_json_read_string(const json_t *json, const char *path, char *ret, size_t size,
                        struct yw_err *err)
{
    if (!json_is_string(json))
        return yw_json_expected(err, path, "a string", json);
    if (json_string_length(json) >= size)
        return yw_err_set(err, YW_EINVAL, "%s: at most %zu bytes; got %zu", path,
                          size - 1, json_string_length(json));
    (void)yw_copy(ret, size, json_string_value(json));
    return 0;
}

int yw_json_read_int(const json_t *json, const char *path, int64_t low, int64_t high,
                     int64_t *ret, struct yw_err *err)
{
    char what[80];

    if (!json_is_integer(json))
        return yw_json_expected(err, path, "an integer", json);
    if (json_integer_value(json) < low || json_integer_value(json) > high) {
        (void)snprintf(what, sizeof what, "an integer from %lld to %lld", (long long)low,
                       (long long)high);
        return yw_json_expected(err, path, what, json);
    }
    *ret = json_integer_value(json);
    return 0;
}

int yw_json_read_double(const json_t *json, const char *path, double *ret,
                        struct yw_err *err)
{
    if (!json_is_number(json))
        return yw_json_expected(err, path, "a number", json);
    *ret = json_number_value(json);
    return isfinite(*ret) ? 0 : yw_json_expected(err, path, "a finite number", json);
}

static int read_text(json_t *json, const char *path, struct yw_text *ret,
                     struct yw_err *err)
{
    static const struct yw_field rows[] = {
        YW_FIELD(STRING, yw_text, en, "en"),
        YW_FIELD(STRING, yw_text, zh, "zh"),
    };

    return yw_fields_read(ret, (struct yw_fields){rows, 2}, json, path, err);
}

static int read_var(json_t *json, const char *path, struct yw_ev_var *ret,
                    struct yw_err *err)
{
    static const struct yw_field rows[] = {
        YW_FIELD(STRING, yw_ev_var, name, "name"),
        YW_FIELD(STRING, yw_ev_var, value, "value"),
    };

    return yw_fields_read(ret, (struct yw_fields){rows, 2}, json, path, err);
}

/* Two lists may share one count (truth and field of a sample): their lengths must agree,
 * so the count starts at -1 and the first list sets it. */
static int read_list(json_t *json, const char *path, const struct yw_field *field,
                     char *value, struct yw_err *err)
{
    char item_path[YW_FIELD_PATH_MAX];
    char number[24];
    char what[64];
    size_t max = field->size / element_size(field);
    int64_t count = load_count(value, field);

    if (!json_is_array(json))
        return yw_json_expected(err, path, "an array", json);
    size_t size = json_array_size(json);

    if (size > max || (count >= 0 && (size_t)count != size)) {
        (void)snprintf(what, sizeof what, count >= 0 ? "exactly %lld" : "at most %lld",
                       count >= 0 ? (long long)count : (long long)max);
        return yw_err_set(err, YW_EINVAL, "%s: expected %s elements; got %zu", path, what,
                          size);
    }
    count = (int64_t)size;
    memcpy(value + field->count_offset, &count, sizeof count);
    for (size_t i = 0; i < size; i++) {
        json_t *item = json_array_get(json, i);
        int status = 0;

        yw_json_path(item_path, path, yw_write_key(number, (int64_t)i));
        if (field->type == YW_FIELD_DOUBLES)
            status = yw_json_read_double(
                item, item_path, (double *)(void *)(value + field->offset) + i, err);
        else
            status =
                read_var(item, item_path,
                         (struct yw_ev_var *)(void *)(value + field->offset) + i, err);
        if (status < 0)
            return status;
    }
    return 0;
}

static int read_pairs(json_t *json, const char *path, char *ret, size_t size,
                      struct yw_err *err)
{
    const char *key = NULL;
    json_t *value = NULL;
    char full[YW_FIELD_PATH_MAX];

    if (!json_is_object(json))
        return yw_json_expected(err, path, "an object of strings", json);
    memset(ret, 0, size);
    json_object_foreach(json, key, value)
    {
        yw_json_path(full, path, key);
        if (!json_is_string(value))
            return yw_json_expected(err, full, "a string", value);
        if (strlen(json_string_value(value)) != json_string_length(value) ||
            !yw_pairs_put(ret, size, key, json_string_value(value)))
            return yw_err_set(err, YW_ELIMIT, "%s: at most %zu bytes in all", full, size);
    }
    return 0;
}

static int read_word(const json_t *json, const char *path, enum yw_field_type type,
                     void *ret, struct yw_err *err)
{
    if (!json_is_string(json))
        return yw_json_expected(err, path, "a string", json);
    const char *word = json_string_value(json);
    int value = -1;

    if (type == YW_FIELD_PHASE)
        value = yw_phase_of(word);
    else if (type == YW_FIELD_MACHINE_STATE)
        value = yw_machine_state_of(word);
    else
        value = yw_step_status_of(word);
    if (value < 0)
        return yw_json_expected(err, path,
                                type == YW_FIELD_PHASE           ? "a phase"
                                : type == YW_FIELD_MACHINE_STATE ? "a machine state"
                                                                 : "a step status",
                                json);
    memcpy(ret, &value, sizeof value); /* the enums are as wide as int: asserted below */
    return 0;
}

_Static_assert(sizeof(enum yw_phase) == sizeof(int), "read_word copies an int");
_Static_assert(sizeof(enum yw_machine_state) == sizeof(int), "read_word copies an int");
_Static_assert(sizeof(enum yw_step_status) == sizeof(int), "read_word copies an int");

static int read_integer(const json_t *json, const char *path,
                        const struct yw_field *field, void *ret, struct yw_err *err)
{
    bool narrow = field->size == sizeof(int);
    int64_t max = narrow ? INT32_MAX : YW_JSON_INT_MAX;
    int64_t value = 0;
    int status = yw_json_read_int(json, path, -max, max, &value, err);

    if (status < 0)
        return status;
    if (narrow)
        *(int *)ret = (int)value;
    else
        *(int64_t *)ret = value;
    return 0;
}

static int read_field(json_t *json, const char *path, const struct yw_field *field,
                      char *value, struct yw_err *err)
{
    void *at = value + field->offset;

    switch (field->type) {
    case YW_FIELD_STRING:
        return yw_json_read_string(json, path, at, field->size, err);
    case YW_FIELD_TEXT:
        return read_text(json, path, at, err);
    case YW_FIELD_BOOL:
        if (!json_is_boolean(json))
            return yw_json_expected(err, path, "true or false", json);
        *(bool *)at = json_is_true(json);
        return 0;
    case YW_FIELD_INT:
        return read_integer(json, path, field, at, err);
    case YW_FIELD_DOUBLE:
        return yw_json_read_double(json, path, at, err);
    case YW_FIELD_DOUBLES:
    case YW_FIELD_VARS:
        return read_list(json, path, field, value, err);
    case YW_FIELD_PAIRS:
        return read_pairs(json, path, at, field->size, err);
    case YW_FIELD_PHASE:
    case YW_FIELD_MACHINE_STATE:
    case YW_FIELD_STEP_STATUS:
        return read_word(json, path, field->type, at, err);
    }
    return 0;
}

int yw_json_only(json_t *object, const char *path, const char *const *names, size_t count,
                 struct yw_err *err)
{
    const char *key = NULL;
    json_t *value = NULL;
    char full[YW_FIELD_PATH_MAX];

    json_object_foreach(object, key, value)
    {
        size_t i = 0;

        while (i < count && strcmp(names[i], key) != 0)
            i++;
        if (i < count)
            continue;
        const char *nearest = yw_name_nearest(key, names, count);

        yw_json_path(full, path, key);
        if (nearest != NULL)
            return yw_err_set(err, YW_EINVAL, "%s: unknown member; did you mean '%s'?",
                              full, nearest);
        return yw_err_set(err, YW_EINVAL, "%s: unknown member", full);
    }
    return 0;
}

#define ROWS_MAX 32

int yw_fields_read(void *ret, struct yw_fields fields, json_t *object, const char *path,
                   struct yw_err *err)
{
    const char *names[ROWS_MAX] = {NULL};
    char full[YW_FIELD_PATH_MAX];
    int64_t unset = -1;

    if (!json_is_object(object))
        return yw_json_expected(err, path[0] == '\0' ? "/" : path, "an object", object);
    assert(fields.count <= ROWS_MAX);
    for (size_t i = 0; i < fields.count; i++) {
        const struct yw_field *field = &fields.rows[i];

        names[i] = field->name;
        if (field->type == YW_FIELD_DOUBLES || field->type == YW_FIELD_VARS)
            memcpy((char *)ret + field->count_offset, &unset, sizeof unset);
    }
    int status = yw_json_only(object, path, names, fields.count, err);

    for (size_t i = 0; i < fields.count && status == 0; i++) {
        yw_json_path(full, path, names[i]);
        status = read_field(json_object_get(object, names[i]), full, &fields.rows[i], ret,
                            err);
    }
    return status;
}

int yw_json_load(json_t **ret, const char *text, size_t size, struct yw_err *err)
{
    json_error_t error;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);

    if (json == NULL)
        return yw_err_set(err, YW_EINVAL, "/: line %d column %d: %s", error.line,
                          error.column, error.text);
    if (!json_is_object(json)) {
        json_decref(json);
        return yw_err_set(err, YW_EINVAL, "/: expected an object; got an array");
    }
    *ret = json;
    return 0;
}
