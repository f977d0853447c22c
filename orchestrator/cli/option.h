/* A verb's own words: options by a table, and the rest in order. "--name VALUE" and
 * "--name=VALUE" are the same; "--" ends the options; an unknown one is refused with the
 * nearest known. */
#ifndef YW_CLI_OPTION_H
#define YW_CLI_OPTION_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define YW_OPTION_WORDS_MAX 64

struct yw_option {    /* exactly one place is set */
    const char *name; /* "--seed" */
    const char **text;
    bool *flag;
    int64_t *number; /* 0 .. 2^53 - 1 */
    double *speed;   /* above 0, at most YW_CLOCK_SPEED_MAX */
};

struct yw_words {
    const char *items[YW_OPTION_WORDS_MAX];
    int count;
};

/* The count of words must be from `least` to `most`; `usage` is shown when it is not. */
int yw_options_read(const struct yw_option *options, int count, int argc, char **argv,
                    struct yw_words *ret, struct yw_err *err);
int yw_words_expect(const struct yw_words *words, int least, int most, const char *usage,
                    struct yw_err *err);

#endif
