/* One comparison, by the declared type of the variable. */
#include "response/condition.h"

#include "base/mem.h"
#include "response/pattern.h"
#include "response/value.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* -1, 0, 1 */
static int compare_numbers(const char *a, const char *b)
{
    int64_t x, y;
    double p = 0, q = 0;

    if (yw_value_integer(a, &x) == 0 && yw_value_integer(b, &y) == 0)
        return x < y ? -1 : x > y;
    yw_value_float(a, &p);
    yw_value_float(b, &q);
    return p < q ? -1 : p > q;
}

/* An address or network: family, bytes, prefix. */
struct range {
    int family;
    unsigned char bytes[16];
    int prefix;
};

static int read_range(const char *text, struct range *ret)
{
    char address[64];
    const char *slash = strchr(text, '/');
    size_t size = slash ? (size_t)(slash - text) : strlen(text);
    int64_t prefix;

    memset(ret, 0, sizeof *ret);
    if (size >= sizeof address)
        return YW_EINVAL;
    snprintf(address, sizeof address, "%.*s", (int)size, text);
    ret->family = strchr(address, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(ret->family, address, ret->bytes) != 1)
        return YW_EINVAL;
    ret->prefix = ret->family == AF_INET6 ? 128 : 32;
    if (!slash)
        return 0;
    if (yw_value_integer(slash + 1, &prefix) < 0 || prefix < 0 || prefix > ret->prefix)
        return YW_EINVAL;
    ret->prefix = (int)prefix;
    return 0;
}

static bool is_inside(const struct range *inner, const struct range *outer)
{
    if (inner->family != outer->family || inner->prefix < outer->prefix)
        return false;
    for (int bit = 0; bit < outer->prefix; bit++) {
        unsigned mask = 0x80U >> (bit % 8);

        if ((inner->bytes[bit / 8] & mask) != (outer->bytes[bit / 8] & mask))
            return false;
    }
    return true;
}

static int eval_ranges(const struct yw_test *test, const char *value, bool *ret_holds,
                       struct yw_err *err)
{
    struct range own, other;

    if (read_range(test->literals[0].text, &other) < 0)
        return yw_err_set(err, YW_EINVAL, "'%s' is not an address or network",
                          test->literals[0].text);
    *ret_holds = read_range(value, &own) == 0 &&
                 (test->kind == YW_TEST_SUBSET ? is_inside(&own, &other)
                                               : is_inside(&other, &own));
    return 0;
}

static size_t char_size(const char *text)
{
    size_t size = 1;

    while (((unsigned char)text[size] & 0xc0) == 0x80)
        size++;
    return size;
}

/* % any run, _ one character. Goes back to the last % only: the steps are bounded by the
 * product of the lengths. */
static bool is_like(const char *text, const char *pattern)
{
    const char *star = NULL, *resume = NULL;

    while (*text) {
        if (*pattern == '%') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == '_') {
            pattern++;
            text += char_size(text);
        } else if (*pattern != '\0' && *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            resume += char_size(resume);
            text = resume;
            pattern = star;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "%")] == '\0';
}

static const char *literal_flaw(const struct yw_literal *literal, const char *type)
{
    enum yw_value_kind kind = yw_value_kind(type);
    double number;

    if (literal->kind == YW_LITERAL_BOOL && kind != YW_VALUE_BOOL)
        return "true and false stand for bool variables only";
    if ((literal->kind == YW_LITERAL_INTEGER || literal->kind == YW_LITERAL_FLOAT) &&
        kind != YW_VALUE_NUMBER)
        return "numbers stand for number variables only";
    if (literal->kind == YW_LITERAL_TIMESTAMP && kind != YW_VALUE_STRING)
        return "timestamps stand for string variables only";
    if (kind == YW_VALUE_NUMBER)
        return yw_value_float(literal->text, &number) == 0 ? NULL : "not a number";
    return yw_pb_value_flaw(type, literal->text);
}

static int compare(const char *type, const char *value, const char *literal)
{
    struct range a, b;

    switch (yw_value_kind(type)) {
    case YW_VALUE_NUMBER:
        return compare_numbers(value, literal);
    case YW_VALUE_CASELESS:
        return strcasecmp(value, literal);
    case YW_VALUE_ADDRESS:
        if (read_range(value, &a) == 0 && read_range(literal, &b) == 0)
            return memcmp(&a, &b, sizeof a);
        return strcmp(value, literal);
    case YW_VALUE_STRING:
    case YW_VALUE_BOOL:
        break;
    }
    return strcmp(value, literal);
}

static bool has_order(const char *type)
{
    enum yw_value_kind kind = yw_value_kind(type);

    return kind == YW_VALUE_NUMBER || kind == YW_VALUE_STRING;
}

static bool by_order(enum yw_test_kind kind, int order)
{
    switch (kind) {
    case YW_TEST_EQUAL:
    case YW_TEST_IN:
        return order == 0;
    case YW_TEST_UNEQUAL:
        return order != 0;
    case YW_TEST_LESS:
        return order < 0;
    case YW_TEST_AT_MOST:
        return order <= 0;
    case YW_TEST_MORE:
        return order > 0;
    case YW_TEST_AT_LEAST:
        return order >= 0;
    case YW_TEST_LIKE:
    case YW_TEST_MATCHES:
    case YW_TEST_SUBSET:
    case YW_TEST_SUPERSET:
        break;
    }
    return false;
}

int yw_test_eval(const struct yw_test *test, const char *type, const char *value,
                 bool *ret_holds, struct yw_err *err)
{
    *ret_holds = false;
    if (test->kind == YW_TEST_LIKE) {
        *ret_holds = is_like(value, test->literals[0].text);
        return 0;
    }
    if (test->kind == YW_TEST_MATCHES)
        return yw_pattern_matches(test->literals[0].text, value, ret_holds, err);
    if (test->kind == YW_TEST_SUBSET || test->kind == YW_TEST_SUPERSET)
        return eval_ranges(test, value, ret_holds, err);
    if (test->kind >= YW_TEST_LESS && test->kind <= YW_TEST_AT_LEAST && !has_order(type))
        return yw_err_set(err, YW_EINVAL, "values of this type have no order");
    for (size_t i = 0; i < test->count; i++) {
        const char *flaw = literal_flaw(&test->literals[i], type);

        if (flaw)
            return yw_err_set(err, YW_EINVAL, "'%s': %s", test->literals[i].text, flaw);
        *ret_holds = *ret_holds ||
                     by_order(test->kind, compare(type, value, test->literals[i].text));
    }
    return 0;
}
