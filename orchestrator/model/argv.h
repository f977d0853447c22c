/* A command line as one text and back: words with blanks, quotes or backslashes, and empty
 * ones, stand in single quotes, as shells read them. Pure. */
#ifndef YW_MODEL_ARGV_H
#define YW_MODEL_ARGV_H

#include "base/err.h"
#include "model/spec.h"

/* YW_ELIMIT when the text is above size - 1 bytes. */
int yw_argv_join(char *ret, size_t size, const char argv[][YW_SPEC_ARG_MAX], size_t argc,
                 struct yw_err *err);
/* How many words; at most YW_SPEC_ARGS_MAX, each at most YW_SPEC_ARG_MAX - 1 bytes. What
 * join made comes back as it was. */
size_t yw_argv_split(const char *text, char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX]);

#endif
