/* A document against the table of the published schemas. */
#include "codec/playbook/lint_schema.h"

#include "base/mem.h"
#include "response/playbook.h"

#include <assert.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#define PATTERNS_MAX 8
#define VARIABLE_NAME_MAX 204

struct pattern {
    const char *text; /* of the table: it is known by its address */
    regex_t compiled;
};

struct schema { /* a check under way */
    struct yw_findings *findings;
    struct pattern patterns[PATTERNS_MAX];
    size_t pattern_count;
};

struct at { /* a value under check */
    struct schema *schema;
    const struct yw_schema_type *type;
    const char *path;
};

static void check(const struct at *at, json_t *json);

static void refuse(const struct at *at, const char *what)
{
    yw_findings_add(at->schema->findings, at->type->code != NULL ? at->type->code : "P01",
                    at->path, "expected %s", what);
}

static bool in_set(char c, const char *more)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(more, c) != NULL);
}

static bool all_in_set(const char *text, size_t size, const char *more)
{
    for (size_t i = 0; i < size; i++) {
        if (!in_set(text[i], more))
            return false;
    }
    return true;
}

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define UUID_SIZE 36

/* The UUID at the end, behind "--": of version 1 to 5 and of the common variant. NULL: none. */
static const char *uuid_of(const char *id)
{
    size_t size = strlen(id);
    const char *uuid = id + size - UUID_SIZE;

    if (size < UUID_SIZE + 3 || uuid[-1] != '-' || uuid[-2] != '-')
        return NULL;
    bool known = uuid[14] >= '1' && uuid[14] <= '5' && uuid[19] != '\0' &&
                 strchr("89abAB", uuid[19]) != NULL;

    return known && yw_pb_value_flaw("uuid", uuid) == NULL ? uuid : NULL;
}

static bool id_valid(const char *id)
{
    const char *uuid = uuid_of(id);
    size_t size = uuid != NULL ? (size_t)(uuid - id) - 2 : 0;

    return size >= 3 && id[0] >= 'a' && id[0] <= 'z' && id[size - 1] != '-' &&
           all_in_set(id, size, "-");
}

static bool id_is_of(const char *id, const char *type)
{
    const char *uuid = uuid_of(id);
    size_t size = strlen(type);

    return uuid != NULL && (size_t)(uuid - id) == size + 2 &&
           strncmp(id, type, size) == 0;
}

/* Two digits within these bounds. */
static bool pair_within(const char *text, int low, int high)
{
    int value = (text[0] - '0') * 10 + text[1] - '0';

    return value >= low && value <= high;
}

static bool time_valid(const char *text)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    size_t size = strlen(text), digits;

    if (size < sizeof shape)
        return false;
    for (size_t i = 0; shape[i] != '\0'; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';

        if (shape[i] == 'd' ? !digit : text[i] != shape[i])
            return false;
    }
    const char *rest = text + sizeof shape - 1;

    if (rest[0] == '.') {
        digits = strspn(rest + 1, "0123456789");
        if (digits == 0)
            return false;
        rest += 1 + digits;
    }
    return strcmp(rest, "Z") == 0 && pair_within(text + 5, 1, 12) &&
           pair_within(text + 8, 1, 31) && pair_within(text + 11, 0, 23) &&
           pair_within(text + 14, 0, 59) && pair_within(text + 17, 0, 60);
}

static bool variable_name_valid(const char *name)
{
    size_t size = strlen(name);

    return size >= 5 && size <= VARIABLE_NAME_MAX && strncmp(name, "__", 2) == 0 &&
           strcmp(name + size - 2, "__") == 0 && in_set(name[2], UPPER "_") &&
           !(name[2] >= '0' && name[2] <= '9') &&
           all_in_set(name + 3, size - 5, UPPER "_-");
}

static bool word_known(const char *word, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0)
            return true;
    }
    return false;
}

/* Its end is the id of one of these types; what stands before is free. */
static bool case_valid(const char *id, const char *const *types)
{
    const char *uuid = uuid_of(id);

    for (size_t i = 0; uuid != NULL && types[i] != NULL; i++) {
        size_t size = strlen(types[i]);

        if ((size_t)(uuid - id) >= size + 2 &&
            strncmp(uuid - 2 - size, types[i], size) == 0)
            return true;
    }
    return false;
}

static bool matches(struct schema *schema, const char *pattern, const char *text)
{
    struct pattern *found = NULL;

    for (size_t i = 0; i < schema->pattern_count && found == NULL; i++) {
        if (schema->patterns[i].text == pattern)
            found = &schema->patterns[i];
    }
    if (found == NULL) {
        assert(schema->pattern_count < PATTERNS_MAX);
        found = &schema->patterns[schema->pattern_count++];
        found->text = pattern;
        int code = regcomp(&found->compiled, pattern, REG_EXTENDED | REG_NOSUB);

        assert(code == 0);
        (void)code;
    }
    return regexec(&found->compiled, text, 0, NULL, 0) == 0;
}

static void check_text(const struct at *at, const char *text)
{
    const struct yw_schema_type *type = at->type;

    if (type->kind == YW_SCHEMA_ID && !id_valid(text))
        refuse(at, "<type>--<UUID>");
    else if ((type->kind == YW_SCHEMA_TIME || type->kind == YW_SCHEMA_TIME_OR_NULL) &&
             !time_valid(text))
        refuse(at, "a time as 2026-11-21T08:00:00.000Z");
    else if (type->kind == YW_SCHEMA_WORD && !word_known(text, type->words))
        refuse(at, type->words[1] == NULL ? type->words[0] : "a word of the closed list");
    else if (type->kind == YW_SCHEMA_CASE && !case_valid(text, type->words))
        refuse(at, "the id of a step");
    else if (type->kind == YW_SCHEMA_ADDRESS && !matches(at->schema, type->pattern, text))
        refuse(at, "an address of this type");
}

static void check_number(const struct at *at, const json_t *json)
{
    const struct yw_schema_type *type = at->type;
    double value = json_number_value(json);
    bool whole = json_is_integer(json) || (json_is_real(json) && floor(value) == value);

    if (!json_is_number(json) || (type->kind == YW_SCHEMA_WHOLE && !whole))
        refuse(at, type->kind == YW_SCHEMA_WHOLE ? "a whole number" : "a number");
    else if (value < type->min || (type->max != 0 && value > type->max))
        refuse(at, "a number within the bounds");
}

static void check_list(const struct at *at, json_t *json)
{
    char what[48];
    size_t index;
    json_t *item;

    (void)yw_copyf(what, sizeof what, "a list of at least %d", at->type->min);
    if (!json_is_array(json) || json_array_size(json) < (size_t)at->type->min) {
        refuse(at, what);
        return;
    }
    json_array_foreach(json, index, item)
    {
        char path[YW_FINDING_PATH_MAX], number[24];

        (void)snprintf(number, sizeof number, "%zu", index);
        yw_lint_path(path, at->path, number);
        check(&(struct at){at->schema, at->type->of, path}, item);
    }
}

static bool key_fits(const struct yw_schema_key *rule, const char *key)
{
    switch (rule->kind) {
    case YW_SCHEMA_KEY_ID:
        return id_is_of(key, rule->name);
    case YW_SCHEMA_KEY_EXACT:
        return strcmp(key, rule->name) == 0;
    case YW_SCHEMA_KEY_VARIABLE:
        return variable_name_valid(key);
    case YW_SCHEMA_KEY_WORD:
        return strlen(key) <= 250 && all_in_set(key, strlen(key), UPPER "_-");
    case YW_SCHEMA_KEY_ANY:
        return true;
    }
    return false;
}

/* Members whose keys no rule knows are not looked at: as published. */
static void check_map(const struct at *at, json_t *json)
{
    const char *key;
    json_t *value;

    if (!json_is_object(json) || json_object_size(json) < (size_t)at->type->min) {
        refuse(at, at->type->min > 0 ? "an object with a member" : "an object");
        return;
    }
    json_object_foreach(json, key, value)
    {
        const struct yw_schema_key *rule = at->type->keys;
        char path[YW_FINDING_PATH_MAX];

        while (rule->type != NULL && !key_fits(rule, key))
            rule++;
        yw_lint_path(path, at->path, key);
        if (rule->type != NULL)
            check(&(struct at){at->schema, rule->type, path}, value);
    }
}

static void check_named(const struct at *at, const json_t *json,
                        const struct yw_schema_shape *shape)
{
    size_t found = 0;

    for (size_t i = 0; shape->forbidden != NULL && shape->forbidden[i] != NULL; i++) {
        char path[YW_FINDING_PATH_MAX];

        yw_lint_path(path, at->path, shape->forbidden[i]);
        if (json_object_get(json, shape->forbidden[i]) != NULL)
            yw_findings_add(at->schema->findings, "W11", path, "not in this step");
    }
    for (size_t i = 0; shape->one_of != NULL && shape->one_of[i] != NULL; i++)
        found += json_object_get(json, shape->one_of[i]) != NULL;
    if (shape->one_of != NULL && found != 1)
        yw_findings_add(at->schema->findings, "S02", at->path,
                        "expected one way to the key; got %zu", found);
}

static void check_shape(const struct at *at, json_t *json,
                        const struct yw_schema_shape *shape)
{
    if (shape->base != NULL)
        check_shape(at, json, shape->base);
    for (size_t i = 0; shape->members[i].name != NULL; i++) {
        const struct yw_schema_member *member = &shape->members[i];
        json_t *value = json_object_get(json, member->name);
        char path[YW_FINDING_PATH_MAX];

        yw_lint_path(path, at->path, member->name);
        if (value != NULL)
            check(&(struct at){at->schema, member->type, path}, value);
        else if (member->required)
            yw_findings_add(at->schema->findings, "P01", path, "missing");
    }
    check_named(at, json, shape);
}

static void check(const struct at *at, json_t *json)
{
    bool nothing = json_is_null(json);

    switch (at->type->kind) {
    case YW_SCHEMA_TEXT:
    case YW_SCHEMA_ID:
    case YW_SCHEMA_TIME:
    case YW_SCHEMA_WORD:
    case YW_SCHEMA_ADDRESS:
    case YW_SCHEMA_CASE:
        if (json_is_string(json))
            check_text(at, json_string_value(json));
        else
            refuse(at, "text");
        return;
    case YW_SCHEMA_TEXT_OR_NULL:
    case YW_SCHEMA_TIME_OR_NULL:
        if (json_is_string(json))
            check_text(at, json_string_value(json));
        else if (!nothing)
            refuse(at, "text or null");
        return;
    case YW_SCHEMA_BOOL:
        if (!json_is_boolean(json))
            refuse(at, "true or false");
        return;
    case YW_SCHEMA_WHOLE:
    case YW_SCHEMA_NUMBER:
        check_number(at, json);
        return;
    case YW_SCHEMA_LIST:
        check_list(at, json);
        return;
    case YW_SCHEMA_MAP:
        check_map(at, json);
        return;
    case YW_SCHEMA_OBJECT:
    case YW_SCHEMA_ANY_OBJECT:
        if (!json_is_object(json))
            refuse(at, "an object");
        else if (at->type->shape != NULL)
            check_shape(at, json, at->type->shape);
        return;
    }
}

void yw_lint_schema(struct yw_lint *lint)
{
    struct schema schema = {.findings = lint->findings};

    check(&(struct at){&schema, &yw_schema_playbook, ""}, lint->root);
    for (size_t i = 0; i < schema.pattern_count; i++)
        regfree(&schema.patterns[i].compiled);
}
