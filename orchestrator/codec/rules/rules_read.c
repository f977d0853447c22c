#include "codec/rules/rules_read.h"

#include "base/id.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void begin(struct yw_rules_in *in, const struct yw_rules_in *parent, json_t *json)
{
    in->rules = parent->rules;
    in->object = json;
    in->code = parent->code;
    in->err = parent->err;
    if (in->code == 0 && !json_is_object(json))
        in->code = yw_json_expected(in->err, in->path, "an object", json);
}

void yw_rules_enter(struct yw_rules_in *in, struct yw_rules_in *parent, const char *key,
                    json_t *json)
{
    yw_json_path(in->path, parent->path, key);
    begin(in, parent, json);
}

void yw_rules_enter_row(struct yw_rules_in *in, struct yw_rules_in *parent,
                        const char *key, size_t index, json_t *array)
{
    char path[YW_FIELD_PATH_MAX], number[24];

    yw_json_path(path, parent->path, key);
    yw_json_path(in->path, path, yw_write_key(number, (int64_t)index));
    begin(in, parent, json_array_get(array, index));
}

void yw_rules_leave(struct yw_rules_in *in, struct yw_rules_in *parent)
{
    if (parent->code == 0)
        parent->code = in->code;
}

void yw_rules_refuse(struct yw_rules_in *in, const char *key, const char *fmt, ...)
{
    char path[YW_FIELD_PATH_MAX], text[512];
    va_list args;

    if (in->code < 0)
        return;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    yw_json_path(path, in->path, key);
    in->code = yw_err_set(in->err, YW_EINVAL, "%s: %s", path, text);
}

void yw_rules_only(struct yw_rules_in *in, const char *const *names, size_t count)
{
    if (in->code == 0)
        in->code = yw_json_only(in->object, in->path, names, count, in->err);
}

/* The member, or NULL when there is none to read. */
static json_t *member(struct yw_rules_in *in, const char *key, bool required,
                      char path[YW_FIELD_PATH_MAX])
{
    json_t *json = in->code == 0 ? json_object_get(in->object, key) : NULL;

    yw_json_path(path, in->path, key);
    if (in->code == 0 && json == NULL && required)
        in->code = yw_err_set(in->err, YW_EINVAL, "%s: missing", path);
    return json;
}

void yw_rules_text(struct yw_rules_in *in, const char *key, bool required, char *ret,
                   size_t size)
{
    char path[YW_FIELD_PATH_MAX];
    json_t *json = member(in, key, required, path);

    if (json != NULL)
        in->code = yw_json_read_string(json, path, ret, size, in->err);
}

void yw_rules_words(struct yw_rules_in *in, const char *key, bool required,
                    struct yw_text *ret)
{
    static const char *const names[] = {"en", "zh"};
    char path[YW_FIELD_PATH_MAX];
    json_t *json = member(in, key, required, path);
    struct yw_rules_in words;

    if (json == NULL)
        return;
    yw_rules_enter(&words, in, key, json);
    yw_rules_only(&words, names, 2);
    yw_rules_text(&words, "zh", true, ret->zh, sizeof ret->zh);
    yw_rules_text(&words, "en", true, ret->en, sizeof ret->en);
    yw_rules_leave(&words, in);
}

void yw_rules_int(struct yw_rules_in *in, const char *key, int64_t low, int64_t high,
                  int64_t *ret)
{
    char path[YW_FIELD_PATH_MAX];
    json_t *json = member(in, key, false, path);

    if (json != NULL)
        in->code = yw_json_read_int(json, path, low, high, ret, in->err);
}

void yw_rules_bool(struct yw_rules_in *in, const char *key, bool *ret)
{
    char path[YW_FIELD_PATH_MAX];
    json_t *json = member(in, key, false, path);

    if (json == NULL)
        return;
    if (!json_is_boolean(json))
        in->code = yw_json_expected(in->err, path, "true or false", json);
    *ret = json_is_true(json);
}

static int name_at(struct yw_rules_in *in, const char *key, enum yw_rule_kind kind,
                   const char *id)
{
    static const char *const ones[] = {"party", "metric", "class",   "event",
                                       "form",  "effect", "activity"};
    int index = yw_rule_name(in->rules, kind, id);

    if (index >= 0)
        return index;
    char meant[YW_MEANT_MAX];
    const char *near = yw_rule_name_near(in->rules, kind, id);

    yw_rules_refuse(in, key, "no %s '%s'%s", ones[kind], id, yw_meant(meant, near));
    return -1;
}

void yw_rules_name(struct yw_rules_in *in, const char *key, bool required,
                   enum yw_rule_kind kind, int *ret)
{
    char id[YW_RULES_ID_MAX] = "";

    *ret = -1;
    yw_rules_text(in, key, required, id, sizeof id);
    if (in->code == 0 && id[0] != '\0')
        *ret = name_at(in, key, kind, id);
}

void yw_rules_list(struct yw_rules_in *in, const char *key, enum yw_rule_kind kind,
                   struct yw_rule_list *ret)
{
    json_t *array = yw_rules_array(in, key, YW_RULES_LIST_MAX);

    for (size_t i = 0; array != NULL && i < json_array_size(array) && in->code == 0;
         i++) {
        char path[YW_FIELD_PATH_MAX], id[YW_RULES_ID_MAX];

        yw_json_path(path, in->path, key);
        in->code =
            yw_json_read_string(json_array_get(array, i), path, id, sizeof id, in->err);
        if (in->code == 0)
            ret->items[ret->count++] = name_at(in, key, kind, id);
    }
}

int yw_rules_one_of(struct yw_rules_in *in, const char *key, bool required,
                    const char *(*name_of)(int index))
{
    char word[YW_RULES_ID_MAX] = "", list[256] = "";

    yw_rules_text(in, key, required, word, sizeof word);
    if (in->code < 0 || word[0] == '\0')
        return -1;
    for (int i = 0; name_of(i) != NULL; i++) {
        size_t used = strlen(list);

        if (strcmp(name_of(i), word) == 0)
            return i;
        (void)yw_copyf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                       name_of(i));
    }
    yw_rules_refuse(in, key, "expected one of %s; got '%s'", list, word);
    return -1;
}

json_t *yw_rules_array(struct yw_rules_in *in, const char *key, size_t most)
{
    char path[YW_FIELD_PATH_MAX];
    json_t *json = member(in, key, false, path);

    if (json == NULL)
        return NULL;
    if (!json_is_array(json))
        in->code = yw_json_expected(in->err, path, "an array", json);
    else if (json_array_size(json) > most)
        in->code = yw_err_set(in->err, YW_ELIMIT, "%s: at most %zu; got %zu", path, most,
                              json_array_size(json));
    return in->code == 0 ? json : NULL;
}
