#include "codec/recipe.h"

#include "codec/field.h"
#include "model/spec.h"

#include <stdio.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define VERSION 1

static const char *const members[] = {"build_mib", "check",    "disk_mib", "masked",
                                      "native",    "packages", "ram_mib",  "services",
                                      "setup",     "title",    "version"};

/* Debian policy 5.6.7: lower case, digits, + - . ; two characters or more. */
static bool is_package(const char *word)
{
    return strspn(word, LOWER DIGITS "+-.") == strlen(word) && strlen(word) >= 2 &&
           strchr("+-.", word[0]) == NULL;
}

static bool is_unit(const char *word)
{
    const char *dot = strrchr(word, '.');

    return dot != NULL && dot != word &&
           (strcmp(dot, ".service") == 0 || strcmp(dot, ".timer") == 0 ||
            strcmp(dot, ".socket") == 0) &&
           strspn(word, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "@_.-") == strlen(word);
}

static bool is_line(const char *word)
{
    return word[0] != '\0' && strchr(word, '\n') == NULL;
}

static const struct list {
    const char *name;
    bool (*good)(const char *word);
    const char *what;
    bool once; /* an entry may stand there once */
} lists[] = {
    {"packages", is_package, "the name of a Debian package", true},
    {"services", is_unit, "the name of a unit", true},
    {"masked", is_unit, "the name of a unit", true},
    {"setup", is_line, "a line", false},
    {"check", is_line, "a word", false},
};

static int read_entry(const struct list *list, const json_t *array, size_t index,
                      struct yw_err *err)
{
    char at[YW_FIELD_PATH_MAX], word[YW_RECIPE_WORD_MAX];
    const json_t *json = json_array_get(array, index);

    (void)snprintf(at, sizeof at, "/%s/%zu", list->name, index);
    int code = yw_json_read_string(json, at, word, sizeof word, err);

    if (code == 0 && !list->good(word))
        return yw_json_expected(err, at, list->what, json);
    for (size_t i = 0; code == 0 && list->once && i < index; i++) {
        if (json_equal(json, json_array_get(array, i)))
            code = yw_err_set(err, YW_EINVAL, "%s: '%s' stands there twice", at, word);
    }
    return code;
}

static int read_list(const struct list *list, json_t *root, size_t *ret_count,
                     struct yw_err *err)
{
    const json_t *array = json_object_get(root, list->name);
    char at[YW_FIELD_PATH_MAX];

    *ret_count = json_array_size(array);
    yw_json_path(at, "", list->name);
    if (array != NULL && (!json_is_array(array) || *ret_count > YW_RECIPE_LIST_MAX))
        return yw_json_expected(err, at, "an array of at most 64 entries", array);
    for (size_t i = 0; i < *ret_count; i++) {
        int code = read_entry(list, array, i, err);

        if (code < 0)
            return code;
    }
    return 0;
}

static int read_lists(struct yw_recipe *ret, json_t *root, struct yw_err *err)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        size_t count = 0;
        int code = read_list(&lists[i], root, &count, err);

        if (code < 0)
            return code;
        if (strcmp(lists[i].name, "packages") == 0)
            ret->package_count = count;
        else if (strcmp(lists[i].name, "check") == 0)
            ret->check_count = count;
    }
    if (ret->check_count == 0)
        return yw_err_set(err, YW_EINVAL,
                          "/check: missing: a program that tells whether all works");
    return 0;
}

static int read_native(json_t *root, struct yw_err *err)
{
    json_t *native = json_object_get(root, "native"), *value = NULL;
    const char *name = NULL;

    if (native == NULL)
        return 0;
    if (!json_is_object(native))
        return yw_json_expected(err, "/native", "an object", native);
    json_object_foreach(native, name, value)
    {
        const char *place = json_string_value(value);

        if (place == NULL || strncmp(place, "/usr/", 5) != 0 || strstr(place, "..") ||
            strpbrk(place, " \n") != NULL || strpbrk(name, " \n") != NULL)
            return yw_json_expected(err, "/native", "a folder below /usr", value);
    }
    return 0;
}

static int read_title(struct yw_text *ret, json_t *root, struct yw_err *err)
{
    static const char *const languages[] = {"en", "zh"};
    json_t *title = json_object_get(root, "title");

    if (!json_is_object(title))
        return yw_json_expected(err, "/title", "an object", title);
    int code = yw_json_only(title, "/title", languages, 2, err);

    if (code == 0)
        code = yw_json_read_string(json_object_get(title, "zh"), "/title/zh", ret->zh,
                                   sizeof ret->zh, err);
    if (code == 0)
        code = yw_json_read_string(json_object_get(title, "en"), "/title/en", ret->en,
                                   sizeof ret->en, err);
    if (code == 0 && (!yw_title_valid(ret->zh) || !yw_title_valid(ret->en)))
        code = yw_json_expected(err, "/title", "1 to 64 bytes in each language", title);
    return code;
}

static int read_sizes(struct yw_recipe *ret, json_t *root, struct yw_err *err)
{
    int64_t version = 0;
    int code = yw_json_read_int(json_object_get(root, "version"), "/version", VERSION,
                                VERSION, &version, err);

    if (code == 0)
        code = yw_json_read_int(json_object_get(root, "ram_mib"), "/ram_mib",
                                YW_SPEC_RAM_MIN_MIB, YW_SPEC_RAM_MAX_MIB, &ret->ram_mib,
                                err);
    if (code == 0)
        code = yw_json_read_int(json_object_get(root, "disk_mib"), "/disk_mib",
                                YW_RECIPE_DISK_MIN_MIB, YW_RECIPE_DISK_MAX_MIB,
                                &ret->disk_mib, err);
    if (code == 0)
        code = yw_json_read_int(json_object_get(root, "build_mib"), "/build_mib",
                                YW_RECIPE_DISK_MIN_MIB, 4 * YW_RECIPE_DISK_MAX_MIB,
                                &ret->build_mib, err);
    return code;
}

int yw_recipe_decode(struct yw_recipe *ret, const char *text, size_t size,
                     struct yw_err *err)
{
    json_t *root = NULL;

    memset(ret, 0, sizeof *ret);
    if (size > YW_RECIPE_BYTES_MAX)
        return yw_err_set(err, YW_ELIMIT, "/: above %d bytes", YW_RECIPE_BYTES_MAX);
    int code = yw_json_load(&root, text, size, err);

    if (code == 0)
        code = yw_json_only(root, "", members, sizeof members / sizeof members[0], err);
    if (code == 0)
        code = read_sizes(ret, root, err);
    if (code == 0)
        code = read_title(&ret->title, root, err);
    if (code == 0)
        code = read_lists(ret, root, err);
    if (code == 0)
        code = read_native(root, err);
    json_decref(root);
    return code;
}
