/* Members of an object against a table of kinds. */
#include "codec/playbook/lint_inside.h"

#include "base/base64.h"
#include "base/id.h"
#include "base/mem.h"
#include "codec/field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHAPE_MEMBERS_MAX 64

void yw_lint_path(char ret[YW_FINDING_PATH_MAX], const char *path, const char *key)
{
    char whole[YW_FIELD_PATH_MAX];

    yw_json_path(whole, path, key);
    (void)yw_copy(ret, YW_FINDING_PATH_MAX, whole);
}

const char *yw_lint_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool base64_valid(const char *text)
{
    char *bytes = NULL;
    size_t size;
    bool valid = yw_base64_read(text, strlen(text), &bytes, &size) == 0;

    free(bytes);
    return valid;
}

struct place { /* a member under check */
    struct yw_lint *lint;
    const char *path;
    const struct yw_lint_member *member;
};

static void refuse(const struct place *at, const char *code, const char *what)
{
    yw_findings_add(at->lint->findings, code, at->path, "expected %s", what);
}

static void check_id(const struct place *at, const json_t *json, const char *path)
{
    const char *id = json_string_value(json);
    const char *type = at->member->arg;

    if (id == NULL || !yw_cacao_id_valid(id, type, false))
        yw_findings_add(at->lint->findings, "P03", path, "expected %s--<UUID>; got '%s'",
                        type != NULL ? type : "<type>", id != NULL ? id : "no text");
}

/* Each element of a list that must not be empty. */
static void check_list(const struct place *at, json_t *json, const char *what,
                       void (*each)(const struct place *at, const json_t *json,
                                    const char *path))
{
    size_t index;
    json_t *item;

    if (!json_is_array(json) || json_array_size(json) == 0) {
        refuse(at, "P01", what);
        return;
    }
    json_array_foreach(json, index, item)
    {
        char path[YW_FINDING_PATH_MAX], number[24];

        (void)snprintf(number, sizeof number, "%zu", index);
        yw_lint_path(path, at->path, number);
        each(at, item, path);
    }
}

static void check_word(const struct place *at, const json_t *json, const char *path)
{
    if (!json_is_string(json))
        yw_findings_add(at->lint->findings, "P01", path, "expected text");
}

static void check_arg(const struct place *at, const json_t *json, const char *path)
{
    const char *name = json_string_value(json);

    if (name == NULL)
        yw_findings_add(at->lint->findings, "P01", path,
                        "expected the name of a variable as __name__");
}

static void check_object(const struct place *at, const json_t *json, const char *path)
{
    if (!json_is_object(json))
        yw_findings_add(at->lint->findings, "P01", path, "expected an object");
}

static void check_reference(const struct place *at, const json_t *json, const char *path)
{
    static const char *const others[] = {"description", "external_id", "reference_id",
                                         "source", "url"};
    bool found = false;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        found = found || json_object_get(json, others[i]) != NULL;
    if (yw_lint_text(json, "name") == NULL || !found)
        yw_findings_add(at->lint->findings, "P01", path,
                        "expected name and one of description, source, url, external_id, "
                        "reference_id");
}

static void check_map(const struct place *at, json_t *json, bool lists)
{
    const char *key;
    json_t *value;

    if (!json_is_object(json) || json_object_size(json) == 0) {
        refuse(at, lists ? "C03" : "P01", "an object with at least one member");
        return;
    }
    json_object_foreach(json, key, value)
    {
        struct place inner = *at;
        char path[YW_FINDING_PATH_MAX];

        yw_lint_path(path, at->path, key);
        inner.path = path;
        if (lists)
            check_list(&inner, value, "one or more texts in a list", check_word);
        else
            check_word(&inner, value, path);
    }
}

static bool digits(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static void check_port(const struct place *at, const json_t *json)
{
    const char *text = json_string_value(json);

    if (text == NULL || (!digits(text) && strstr(text, "__:value") == NULL) ||
        (digits(text) && (strlen(text) > 5 || atoi(text) > 65535)))
        refuse(at, "A07", "a port from 0 to 65535 as text, as \"502\"");
}

static void check_number(const struct place *at, const json_t *json)
{
    json_int_t value = json_integer_value(json);

    if (at->member->kind == YW_LINT_SPAN && (!json_is_integer(json) || value < 0))
        refuse(at, "P01", "whole milliseconds of at least 0");
    else if (at->member->kind == YW_LINT_PERCENT &&
             (!json_is_integer(json) || value < 0 || value > 100))
        refuse(at, "P01", "a whole number from 0 to 100");
    else if (at->member->kind == YW_LINT_NUMBER && !json_is_number(json))
        refuse(at, "P01", "a number");
}

static void check_text(const struct place *at, const json_t *json)
{
    const char *text = json_string_value(json);

    if (text == NULL)
        refuse(at, at->member->kind == YW_LINT_TIME ? "P05" : "P01", "text");
    else if (at->member->kind == YW_LINT_TIME && !yw_cacao_time_valid(text))
        refuse(at, "P05", "a time as 2026-11-21T08:00:00.000Z, with three digits");
    else if (at->member->kind == YW_LINT_BASE64 && !base64_valid(text))
        refuse(at, "C02", "base64 (RFC 4648)");
}

static void check_member(const struct place *at, json_t *json)
{
    switch (at->member->kind) {
    case YW_LINT_STRING:
    case YW_LINT_TIME:
    case YW_LINT_BASE64:
        check_text(at, json);
        return;
    case YW_LINT_BOOL:
        if (!json_is_boolean(json))
            refuse(at, "P01", "true or false");
        return;
    case YW_LINT_SPAN:
    case YW_LINT_PERCENT:
    case YW_LINT_NUMBER:
        check_number(at, json);
        return;
    case YW_LINT_ID:
        check_id(at, json, at->path);
        return;
    case YW_LINT_IDS:
        check_list(at, json, "one or more ids", check_id);
        return;
    case YW_LINT_WORDS:
        check_list(at, json, "one or more texts", check_word);
        return;
    case YW_LINT_WORD_LISTS:
        check_map(at, json, true);
        return;
    case YW_LINT_STRINGS_BY:
        check_map(at, json, false);
        return;
    case YW_LINT_ARGS:
        check_list(at, json, "one or more names of variables", check_arg);
        return;
    case YW_LINT_PORT:
        check_port(at, json);
        return;
    case YW_LINT_REFERENCES:
        check_list(at, json, "one or more references", check_reference);
        return;
    case YW_LINT_OBJECT:
        if (!json_is_object(json) || json_object_size(json) == 0)
            refuse(at, "P01", "an object with at least one member");
        return;
    case YW_LINT_LIST:
        check_list(at, json, "one or more objects", check_object);
        return;
    case YW_LINT_ANY:
        return;
    }
}

static const struct yw_lint_member *find(const struct yw_lint_shape *shape,
                                         const char *name)
{
    for (size_t i = 0; shape != NULL && shape->members[i].name != NULL; i++) {
        if (strcmp(shape->members[i].name, name) == 0)
            return &shape->members[i];
    }
    return NULL;
}

static const char *nearest(const struct yw_lint_shape *shape,
                           const struct yw_lint_shape *more, const char *name)
{
    const char *all[SHAPE_MEMBERS_MAX];
    size_t count = 0;

    for (size_t i = 0; shape->members[i].name != NULL && count < SHAPE_MEMBERS_MAX; i++)
        all[count++] = shape->members[i].name;
    for (size_t i = 0;
         more != NULL && more->members[i].name != NULL && count < SHAPE_MEMBERS_MAX; i++)
        all[count++] = more->members[i].name;
    return yw_name_nearest(name, all, count);
}

static void check_missing(struct yw_lint *lint, json_t *object, const char *path,
                          const struct yw_lint_shape *shape)
{
    for (size_t i = 0; shape != NULL && shape->members[i].name != NULL; i++) {
        const struct yw_lint_member *member = &shape->members[i];
        char at[YW_FINDING_PATH_MAX];

        if (!member->required || json_object_get(object, member->name) != NULL)
            continue;
        yw_lint_path(at, path, member->name);
        yw_findings_add(lint->findings, shape->missing != NULL ? shape->missing : "P01",
                        at, "missing");
    }
}

void yw_lint_object(struct yw_lint *lint, json_t *object, const char *path,
                    const struct yw_lint_shape *shape, const struct yw_lint_shape *more)
{
    const char *key;
    json_t *value;

    check_missing(lint, object, path, shape);
    check_missing(lint, object, path, more);
    json_object_foreach(object, key, value)
    {
        const struct yw_lint_member *member = find(shape, key);
        char at[YW_FINDING_PATH_MAX];
        struct place place = {.lint = lint, .path = at};

        yw_lint_path(at, path, key);
        place.member = member != NULL ? member : find(more, key);
        if (place.member != NULL) {
            check_member(&place, value);
            continue;
        }
        char meant[YW_MEANT_MAX];
        const char *near = nearest(shape, more, key);

        yw_findings_add(lint->findings, shape->unknown, at, "no such property here%s",
                        yw_meant(meant, near));
    }
}
