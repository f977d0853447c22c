/* Variables: how they are declared, and where they are used. */
#include "codec/playbook/lint_inside.h"

#include "base/mem.h"
#include "response/playbook.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 250

static const struct yw_lint_member members[] = {
    {"type", YW_LINT_STRING, true, NULL},    {"description", YW_LINT_STRING, false, NULL},
    {"value", YW_LINT_ANY, false, NULL},     {"constant", YW_LINT_BOOL, false, NULL},
    {"external", YW_LINT_BOOL, false, NULL}, {0}};
static const struct yw_lint_shape variable = {members, "P09", NULL};

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-';
}

/* "__name__", the first character a letter. */
static bool name_valid(const char *name)
{
    size_t length = strlen(name);

    if (length < 5 || length > NAME_MAX_BYTES || strncmp(name, "__", 2) != 0 ||
        strcmp(name + length - 2, "__") != 0 || !isalpha((unsigned char)name[2]))
        return false;
    for (size_t i = 2; i < length - 2; i++) {
        if (!name_char(name[i]))
            return false;
    }
    return true;
}

static void check_value(struct yw_lint *lint, const json_t *declared, const char *path)
{
    const json_t *value = json_object_get(declared, "value");
    const char *type = yw_lint_text(declared, "type");
    const char *text = json_string_value(value);
    char at[YW_FINDING_PATH_MAX];

    if (value == NULL || json_is_null(value) || json_is_object(value) || type == NULL)
        return;
    yw_lint_path(at, path, "value");
    if (text == NULL) {
        yw_findings_add(
            lint->findings, "V03", at,
            "expected text (also for numbers and booleans), null or an object");
        return;
    }
    const char *flaw = text[0] != '\0' ? yw_pb_value_flaw(type, text) : NULL;

    if (flaw != NULL)
        yw_findings_add(lint->findings, "V03", at, "expected %s; got '%.80s'", flaw,
                        text);
}

void yw_lint_variables(struct yw_lint *lint, json_t *object, const char *key,
                       const char *path, bool playbook)
{
    json_t *all = json_object_get(object, key), *declared;
    char list[YW_FINDING_PATH_MAX];
    const char *name;

    yw_lint_path(list, path, key);
    json_object_foreach(all, name, declared)
    {
        char at[YW_FINDING_PATH_MAX], member[YW_FINDING_PATH_MAX];

        yw_lint_path(at, list, name);
        if (!name_valid(name))
            yw_findings_add(lint->findings, "V01", at,
                            "expected a name as __name__ of at most %d bytes that begins "
                            "with a letter",
                            NAME_MAX_BYTES);
        if (!json_is_object(declared)) {
            yw_findings_add(lint->findings, "P01", at, "expected an object");
            continue;
        }
        yw_lint_object(lint, declared, at, &variable, NULL);
        check_value(lint, declared, at);
        yw_lint_path(member, at, "external");
        if (!playbook && json_object_get(declared, "external") != NULL)
            yw_findings_add(lint->findings, "V05", member,
                            "only variables of the playbook can be external");
    }
}

json_t *yw_lint_variable(const struct yw_lint *lint, const json_t *step, const char *name)
{
    json_t *found = json_object_get(json_object_get(step, "step_variables"), name);

    return found != NULL
               ? found
               : json_object_get(json_object_get(lint->root, "playbook_variables"), name);
}

static bool declared_anywhere(const struct yw_lint *lint, const char *name)
{
    const char *id;
    json_t *step;

    if (yw_lint_variable(lint, NULL, name) != NULL)
        return true;
    json_object_foreach(lint->workflow, id, step)
    {
        if (yw_lint_variable(lint, step, name) != NULL)
            return true;
    }
    return false;
}

/* Each "__name__:value" in the text. */
static void check_text(struct yw_lint *lint, const char *text, const char *path,
                       const json_t *step)
{
    const char *at = text;

    while ((at = strstr(at, "__:value")) != NULL) {
        const char *end = at + 2, *start = at;
        char name[NAME_MAX_BYTES + 1];

        while (start > text && name_char(start[-1]))
            start--;
        at += strlen("__:value");
        if ((size_t)(end - start) > NAME_MAX_BYTES)
            continue;
        (void)yw_copyf(name, sizeof name, "%.*s", (int)(end - start), start);
        bool known = step != NULL ? yw_lint_variable(lint, step, name) != NULL
                                  : declared_anywhere(lint, name);

        if (!known)
            yw_findings_add(lint->findings, "V02", path, "'%s' is not declared", name);
    }
}

void yw_lint_uses(struct yw_lint *lint, json_t *json, const char *path,
                  const json_t *step)
{
    char at[YW_FINDING_PATH_MAX], number[24];
    const char *key;
    size_t index;
    json_t *value;

    if (json_is_string(json))
        check_text(lint, json_string_value(json), path, step);
    json_object_foreach(json, key, value)
    {
        yw_lint_path(at, path, key);
        yw_lint_uses(lint, value, at, step);
    }
    if (!json_is_array(json))
        return;
    json_array_foreach(json, index, value)
    {
        (void)snprintf(number, sizeof number, "%zu", index);
        yw_lint_path(at, path, number);
        yw_lint_uses(lint, value, at, step);
    }
}
