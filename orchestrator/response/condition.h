/* One test of a condition: a variable's value against literals. Inside this room. */
#ifndef YW_RESPONSE_CONDITION_H
#define YW_RESPONSE_CONDITION_H

#include "base/err.h"
#include "response/playbook.h"

#include <stdbool.h>

#define YW_CONDITION_LITERALS_MAX 32

enum yw_literal_kind {
    YW_LITERAL_STRING,
    YW_LITERAL_INTEGER,
    YW_LITERAL_FLOAT,
    YW_LITERAL_BOOL,
    YW_LITERAL_TIMESTAMP,
};

struct yw_literal {
    enum yw_literal_kind kind;
    char text[YW_EVENT_VALUE_MAX]; /* unescaped */
};

enum yw_test_kind {
    YW_TEST_EQUAL,
    YW_TEST_UNEQUAL,
    YW_TEST_LESS,
    YW_TEST_AT_MOST,
    YW_TEST_MORE,
    YW_TEST_AT_LEAST,
    YW_TEST_IN,
    YW_TEST_LIKE,
    YW_TEST_MATCHES,  /* response/pattern.h */
    YW_TEST_SUBSET,   /* the variable's addresses are inside the literal's network */
    YW_TEST_SUPERSET, /* the other way round */
};

struct yw_test {
    enum yw_test_kind kind;
    struct yw_literal literals[YW_CONDITION_LITERALS_MAX];
    size_t count;
};

/* `value` fits `type`. YW_EINVAL: a literal does not fit the type, or the test makes no
 * sense for it. */
int yw_test_eval(const struct yw_test *test, const char *type, const char *value,
                 bool *ret_holds, struct yw_err *err);

#endif
