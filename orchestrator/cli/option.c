#include "cli/option.h"

#include "base/clock.h"
#include "base/id.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 16
#define NUMBER_MAX ((INT64_C(1) << 53) - 1)

static int read_number(const char *name, const char *value, int64_t *ret,
                       struct yw_err *err)
{
    char *end = NULL;

    errno = 0;
    long long number = strtoll(value, &end, 10);

    if (value[0] == '\0' || *end != '\0' || errno != 0 || number < 0 ||
        number > NUMBER_MAX)
        return yw_err_set(err, YW_EINVAL, "%s: expected a number from 0; got '%s'", name,
                          value);
    *ret = number;
    return 0;
}

static int read_speed(const char *name, const char *value, double *ret,
                      struct yw_err *err)
{
    char *end = NULL;
    double speed = strtod(value, &end);

    if (value[0] == '\0' || *end != '\0' || !(speed > 0.0) || speed > YW_CLOCK_SPEED_MAX)
        return yw_err_set(err, YW_EINVAL,
                          "%s: expected a number above 0, at most %.0f; got '%s'", name,
                          YW_CLOCK_SPEED_MAX, value);
    *ret = speed;
    return 0;
}

static int unknown(const struct yw_option *options, int count, const char *name,
                   struct yw_err *err)
{
    const char *names[OPTIONS_MAX + 4];
    int known = 0;

    for (; known < count; known++)
        names[known] = options[known].name;
    names[known++] = "--json";
    names[known++] = "--data";
    names[known++] = "--connect";
    names[known++] = "--help";
    const char *nearest = yw_name_nearest(name, names, (size_t)known);

    if (nearest != NULL)
        return yw_err_set(err, YW_EINVAL, "no such option: %s (did you mean %s?)", name,
                          nearest);
    return yw_err_set(err, YW_EINVAL, "no such option: %s", name);
}

static int read_option(const struct yw_option *options, int count, int argc, char **argv,
                       int *at, struct yw_err *err)
{
    char *word = argv[*at];
    char *equals = strchr(word, '=');
    size_t size = equals != NULL ? (size_t)(equals - word) : strlen(word);

    for (int i = 0; i < count; i++) {
        const struct yw_option *option = &options[i];

        if (strlen(option->name) != size || strncmp(option->name, word, size) != 0)
            continue;
        if (option->flag != NULL) {
            *option->flag = true;
            return equals == NULL
                       ? 0
                       : yw_err_set(err, YW_EINVAL, "%s takes no value", option->name);
        }
        if (equals == NULL && *at + 1 >= argc)
            return yw_err_set(err, YW_EINVAL, "%s needs a value", option->name);
        const char *value = equals != NULL ? equals + 1 : argv[++*at];

        if (option->number != NULL)
            return read_number(option->name, value, option->number, err);
        if (option->speed != NULL)
            return read_speed(option->name, value, option->speed, err);
        *option->text = value;
        return 0;
    }
    return unknown(options, count, word, err);
}

int yw_options_read(const struct yw_option *options, int count, int argc, char **argv,
                    struct yw_words *ret, struct yw_err *err)
{
    bool open = true;

    assert(count <= OPTIONS_MAX);
    ret->count = 0;
    for (int i = 1; i < argc; i++) {
        int status = 0;

        if (open && strcmp(argv[i], "--") == 0)
            open = false;
        else if (open && argv[i][0] == '-' && argv[i][1] != '\0')
            status = read_option(options, count, argc, argv, &i, err);
        else if (ret->count == YW_OPTION_WORDS_MAX)
            status = yw_err_set(err, YW_ELIMIT, "at most %d words", YW_OPTION_WORDS_MAX);
        else
            ret->items[ret->count++] = argv[i];
        if (status < 0)
            return status;
    }
    return 0;
}

int yw_words_expect(const struct yw_words *words, int least, int most, const char *usage,
                    struct yw_err *err)
{
    if (words->count >= least && words->count <= most)
        return 0;
    return yw_err_set(err, YW_EINVAL, "usage: yanwu %s", usage);
}
