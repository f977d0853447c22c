/* Conditions: a STIX 2.1 comparison expression over playbook variables, brackets
 * optional, no observation operators. Evaluated while it is read; every term is read, so
 * that a syntax error shows whatever the values are.
 *
 *   condition = "[" or "]" | or
 *   or        = and { "OR" and }
 *   and       = term { "AND" term }
 *   term      = "(" or ")" | "EXISTS" path | path [ "NOT" ] test */
#include "response/condition.h"

#include "base/mem.h"
#include "response/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 16

struct reader {
    const char *text;
    const char *at;
    int depth;
    const struct yw_run *run;
    const struct yw_playbook *playbook;
    char *explain; /* 256 bytes */
    struct yw_err *err;
    bool failed;
};

static bool fail(struct reader *in, const char *what)
{
    if (!in->failed)
        yw_err_set(in->err, YW_EINVAL, "condition: at %d: %s",
                   (int)(in->at - in->text) + 1, what);
    in->failed = true;
    return false;
}

static void skip_blanks(struct reader *in)
{
    in->at += strspn(in->at, " \t\r\n");
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_';
}

static bool take(struct reader *in, const char *symbol)
{
    skip_blanks(in);
    if (strncmp(in->at, symbol, strlen(symbol)) != 0)
        return false;
    in->at += strlen(symbol);
    return true;
}

static bool take_word(struct reader *in, const char *word)
{
    skip_blanks(in);
    size_t size = strlen(word);

    if (strncmp(in->at, word, size) != 0 || is_word_byte(in->at[size]))
        return false;
    in->at += size;
    return true;
}

static void note(struct reader *in, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct reader *in, const char *fmt, ...)
{
    char text[512], whole[768];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    snprintf(whole, sizeof whole, "%s%s%s", in->explain, in->explain[0] ? "; " : "",
             text);
    yw_copy(in->explain, 256, whole);
}

/* `__name__:value`. A path into a dictionary is legal STIX, but values here have no
 * members. */
static bool read_path(struct reader *in, char name[YW_NAME_MAX])
{
    skip_blanks(in);
    if (strncmp(in->at, "__", 2) != 0)
        return fail(in, "expected a variable, like __name__:value");
    const char *start = in->at + 2;
    const char *end = strstr(start, "__:value");

    if (!end || end == start || (size_t)(end - start) >= YW_NAME_MAX)
        return fail(in, "expected a variable, like __name__:value");
    for (const char *c = start; c < end; c++) {
        if (!is_word_byte(*c) && *c != '-')
            return fail(in, "a variable's name has letters, digits, '_' and '-'");
    }
    snprintf(name, YW_NAME_MAX, "%.*s", (int)(end - start), start);
    if (yw_playbook_var(in->playbook, name) < 0)
        return fail(in, "no variable of this name is declared");
    in->at = end + strlen("__:value");
    if (*in->at == '.' || *in->at == '[')
        return fail(in, "values have no members here");
    return true;
}

static bool read_string(struct reader *in, char *dst, size_t dst_size)
{
    size_t used = 0;

    skip_blanks(in);
    if (*in->at != '\'')
        return fail(in, "expected text in single quotes");
    for (in->at++; *in->at != '\''; in->at++) {
        if (*in->at == '\\' && (in->at[1] == '\'' || in->at[1] == '\\'))
            in->at++;
        else if (*in->at == '\\')
            return fail(in, "only \\' and \\\\ are escapes");
        if (*in->at == '\0')
            return fail(in, "the text has no closing quote");
        if (used + 1 >= dst_size)
            return fail(in, "the text is too long");
        dst[used++] = *in->at;
    }
    in->at++;
    dst[used] = '\0';
    return true;
}

static bool read_number(struct reader *in, struct yw_literal *ret)
{
    const char *start = in->at;
    const char *at = start + (*start == '-' || *start == '+');
    size_t whole = strspn(at, "0123456789"), part = 0;

    at += whole;
    ret->kind = YW_LITERAL_INTEGER;
    if (*at == '.') {
        part = strspn(at + 1, "0123456789");
        at += 1 + part;
        ret->kind = YW_LITERAL_FLOAT;
    }
    if (whole == 0 || (ret->kind == YW_LITERAL_FLOAT && part == 0) || is_word_byte(*at) ||
        (size_t)(at - start) >= sizeof ret->text)
        return fail(in, "expected text in single quotes, a number, true or false");
    snprintf(ret->text, sizeof ret->text, "%.*s", (int)(at - start), start);
    in->at = at;
    return true;
}

static bool read_literal(struct reader *in, struct yw_literal *ret)
{
    memset(ret, 0, sizeof *ret);
    skip_blanks(in);
    if (*in->at == '\'') {
        ret->kind = YW_LITERAL_STRING;
        return read_string(in, ret->text, sizeof ret->text);
    }
    if (in->at[0] == 't' && in->at[1] == '\'') {
        in->at++;
        ret->kind = YW_LITERAL_TIMESTAMP;
        return read_string(in, ret->text, sizeof ret->text);
    }
    if (take_word(in, "true") || take_word(in, "false")) {
        ret->kind = YW_LITERAL_BOOL;
        YW_COPY(ret->text, in->at[-2] == 'u' ? "true" : "false");
        return true;
    }
    return read_number(in, ret);
}

static bool read_list(struct reader *in, struct yw_test *test)
{
    if (!take(in, "("))
        return fail(in, "expected '(' after IN");
    do {
        if (test->count == YW_CONDITION_LITERALS_MAX)
            return fail(in, "too many values in the list");
        if (!read_literal(in, &test->literals[test->count]))
            return false;
        test->count++;
    } while (take(in, ","));
    return take(in, ")") || fail(in, "expected ',' or ')'");
}

static bool read_test(struct reader *in, struct yw_test *test)
{
    static const struct {
        const char *symbol;
        enum yw_test_kind kind;
    } symbols[] = {
        /* longer ones first */
        {"==", YW_TEST_EQUAL},    {"=", YW_TEST_EQUAL},    {"!=", YW_TEST_UNEQUAL},
        {"<>", YW_TEST_UNEQUAL},  {"<=", YW_TEST_AT_MOST}, {"<", YW_TEST_LESS},
        {">=", YW_TEST_AT_LEAST}, {">", YW_TEST_MORE},
    };
    static const struct {
        const char *word;
        enum yw_test_kind kind;
    } words[] = {
        {"LIKE", YW_TEST_LIKE},
        {"ISSUBSET", YW_TEST_SUBSET},
        {"ISSUPERSET", YW_TEST_SUPERSET},
    };

    memset(test, 0, sizeof *test);
    if (take_word(in, "IN")) {
        test->kind = YW_TEST_IN;
        return read_list(in, test);
    }
    if (take_word(in, "MATCHES"))
        return fail(in, "MATCHES is not carried out here; LIKE knows % and _");
    test->count = 1;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (take_word(in, words[i].word)) {
            test->kind = words[i].kind;
            return read_string(in, test->literals[0].text, sizeof test->literals[0].text);
        }
    }
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (take(in, symbols[i].symbol)) {
            test->kind = symbols[i].kind;
            return read_literal(in, &test->literals[0]);
        }
    }
    return fail(in, "expected a comparison, like = or IN");
}

static bool read_comparison(struct reader *in)
{
    char name[YW_NAME_MAX];
    struct yw_test test;
    bool holds = false;

    if (!read_path(in, name))
        return false;
    bool negated = take_word(in, "NOT");
    const char *start = in->at + strspn(in->at, " ");

    if (!read_test(in, &test))
        return false;
    const struct yw_pb_var *var =
        &in->playbook->vars[yw_playbook_var(in->playbook, name)];
    const char *value = yw_run_var(in->run, in->playbook, name);
    int size = (int)(in->at - start);

    if (value && yw_pb_value_flaw(var->type, value))
        return fail(in, "the variable's value does not fit its type");
    if (yw_test_eval(&test, var->type, value ? value : "", &holds, in->err) < 0) {
        if (!in->failed)
            yw_err_prefix(in->err, "condition: %s (%s)", name, var->type);
        in->failed = true;
        return false;
    }
    /* an unknown value meets no test, and no negated one either */
    holds = value && holds != negated;
    note(in, "%s %s%s%s%s %.*s: %s", name, value ? "'" : "", value ? value : "unknown",
         value ? "'" : "", negated ? " NOT" : "", size, start, holds ? "true" : "false");
    return holds;
}

static bool read_or(struct reader *in);

static bool read_term(struct reader *in)
{
    char name[YW_NAME_MAX];

    if (take(in, "(")) {
        if (++in->depth > DEPTH_MAX)
            return fail(in, "too many parentheses");
        bool holds = read_or(in);

        in->depth--;
        if (!in->failed && !take(in, ")"))
            return fail(in, "expected ')'");
        return holds;
    }
    if (take_word(in, "EXISTS")) {
        if (!read_path(in, name))
            return false;
        bool holds = yw_run_var(in->run, in->playbook, name) != NULL;

        note(in, "EXISTS %s: %s", name, holds ? "true" : "false");
        return holds;
    }
    return read_comparison(in);
}

static bool read_and(struct reader *in)
{
    bool holds = read_term(in);

    while (!in->failed && take_word(in, "AND"))
        holds = read_term(in) && holds;
    return holds;
}

static bool read_or(struct reader *in)
{
    bool holds = read_and(in);

    while (!in->failed && take_word(in, "OR"))
        holds = read_and(in) || holds;
    return holds;
}

int yw_run_condition(const struct yw_run *run, const struct yw_playbook *playbook,
                     const char *text, bool *ret_holds, char explain[256],
                     struct yw_err *err)
{
    struct yw_err own = {0};
    struct reader in = {.text = text,
                        .at = text,
                        .run = run,
                        .playbook = playbook,
                        .explain = explain,
                        .err = err ? err : &own};

    explain[0] = '\0';
    if (strlen(text) >= YW_PLAYBOOK_CONDITION_MAX)
        return yw_err_set(err, YW_EINVAL, "condition: longer than %d bytes",
                          YW_PLAYBOOK_CONDITION_MAX - 1);
    if (!yw_utf8_valid(text, strlen(text)))
        return yw_err_set(err, YW_EINVAL, "condition: not valid UTF-8");
    bool bracket = take(&in, "[");
    bool holds = read_or(&in);

    if (!in.failed && bracket && !take(&in, "]"))
        fail(&in, "expected ']'");
    skip_blanks(&in);
    if (!in.failed && *in.at != '\0')
        fail(&in, "nothing may follow here");
    if (in.failed)
        return YW_EINVAL;
    *ret_holds = holds;
    return 0;
}
