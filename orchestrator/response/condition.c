/* Conditions: a STIX 2.1 comparison expression over playbook variables, brackets
 * optional, no observation operators. Evaluated while it is read; every term is read, so
 * that a syntax error shows whatever the values are.
 *
 *   condition = "[" or "]" | or
 *   or        = and { "OR" and }
 *   and       = term { "AND" term }
 *   term      = "(" or ")" | "EXISTS" path | path [ "NOT" ] test
 *   path      = "__name__:value" { "." key | "[" ( integer | "*" ) "]" }
 *
 * What real files write besides is read when it is not strict: brackets around parts, double
 * quotes, bare words, the variable on the right or in quotes, NOT before a term, a bool
 * without a test. */
#include "response/condition.h"

#include "base/mem.h"
#include "response/member.h"
#include "response/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 16

struct reader {
    const char *text;
    const char *at;
    int depth;
    const struct yw_run *run; /* NULL: the grammar alone */
    const struct yw_run_exec *exec;
    bool strict;
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

struct path {
    char name[YW_NAME_MAX];
    char members[128]; /* as they are written; "" the value itself */
};

static bool read_members(struct reader *in, struct path *ret)
{
    const char *start = in->at;

    for (;;) {
        if (*in->at == '.' && is_word_byte(in->at[1])) {
            in->at++;
            while (is_word_byte(*in->at) || *in->at == '-')
                in->at++;
        } else if (*in->at == '[') {
            size_t digits = strspn(in->at + 1, "0123456789");

            digits += digits == 0 && in->at[1] == '*';
            if (digits == 0 || in->at[1 + digits] != ']')
                return fail(in, "expected [0] or [*]");
            in->at += digits + 2;
        } else {
            break;
        }
    }
    size_t size = (size_t)(in->at - start);

    if (size >= sizeof ret->members)
        return fail(in, "the path is too long");
    memcpy(ret->members, start, size);
    ret->members[size] = '\0';
    return true;
}

static const char *var_type(const struct reader *in, const char *name)
{
    return in->run ? yw_run_var_type(in->run, in->exec, name) : "bool";
}

/* `__name__:value`, and the way into a dictionary. */
static bool read_path(struct reader *in, struct path *ret)
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
    snprintf(ret->name, YW_NAME_MAX, "%.*s", (int)(end - start), start);
    const char *type = var_type(in, ret->name);

    if (!type)
        return fail(in, "no variable of this name is declared");
    in->at = end + strlen("__:value");
    if (!read_members(in, ret))
        return false;
    if (in->run && ret->members[0] != '\0' && strcmp(type, "dictionary") != 0)
        return fail(in, "only a dictionary has members");
    return true;
}

static bool read_string(struct reader *in, char *dst, size_t dst_size)
{
    size_t used = 0;

    skip_blanks(in);
    char quote = *in->at;

    if (quote != '\'' && (in->strict || quote != '"'))
        return fail(in, "expected text in single quotes");
    for (in->at++; *in->at != quote; in->at++) {
        if (*in->at == '\\' && (in->at[1] == quote || in->at[1] == '\\'))
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

/* `= open` */
static bool read_bare(struct reader *in, struct yw_literal *ret)
{
    static const char *const keywords[] = {
        "AND", "OR", "NOT", "IN", "LIKE", "MATCHES", "EXISTS", "ISSUBSET", "ISSUPERSET"};
    size_t size = 0;

    while (is_word_byte(in->at[size]) || in->at[size] == '-' ||
           (unsigned char)in->at[size] >= 0x80)
        size++;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (strlen(keywords[i]) == size && strncmp(in->at, keywords[i], size) == 0)
            return fail(in, "expected a value");
    }
    if (size == 0 || size >= sizeof ret->text)
        return fail(in, "expected text in single quotes, a number, true or false");
    ret->kind = YW_LITERAL_STRING;
    memcpy(ret->text, in->at, size);
    ret->text[size] = '\0';
    in->at += size;
    return true;
}

static bool read_literal(struct reader *in, struct yw_literal *ret)
{
    memset(ret, 0, sizeof *ret);
    skip_blanks(in);
    if (*in->at == '\'' || (*in->at == '"' && !in->strict)) {
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
    if (!in->strict && *in->at && !strchr("+-.0123456789", *in->at))
        return read_bare(in, ret);
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

static bool read_symbol(struct reader *in, enum yw_test_kind *ret)
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

    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (take(in, symbols[i].symbol)) {
            *ret = symbols[i].kind;
            return true;
        }
    }
    return false;
}

static bool read_test(struct reader *in, struct yw_test *test)
{
    static const struct {
        const char *word;
        enum yw_test_kind kind;
    } words[] = {
        {"LIKE", YW_TEST_LIKE},
        {"MATCHES", YW_TEST_MATCHES},
        {"ISSUBSET", YW_TEST_SUBSET},
        {"ISSUPERSET", YW_TEST_SUPERSET},
    };

    memset(test, 0, sizeof *test);
    if (take_word(in, "IN")) {
        test->kind = YW_TEST_IN;
        return read_list(in, test);
    }
    test->count = 1;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (take_word(in, words[i].word)) {
            test->kind = words[i].kind;
            return read_string(in, test->literals[0].text, sizeof test->literals[0].text);
        }
    }
    if (read_symbol(in, &test->kind))
        return read_literal(in, &test->literals[0]);
    return fail(in, "expected a comparison, like = or IN");
}

/* The test of a value of the path; a path with [*] holds when it does for one of them. */
static bool test_values(struct reader *in, const struct path *path,
                        const struct yw_test *test, bool negated, const char *said,
                        int said_size)
{
    if (!in->run)
        return true;
    const char *type = yw_run_var_type(in->run, in->exec, path->name);
    const char *whole = yw_run_var(in->run, in->exec, path->name);
    bool any = false, known = false, holds = false;
    struct yw_member member;

    if (whole && yw_pb_value_flaw(type, whole))
        return fail(in, "the variable's value does not fit its type");
    for (size_t i = 0; !any && yw_member_at(whole, type, path->members, i, &member);
         i++) {
        known = true;
        if (yw_test_eval(test, member.type, member.value, &holds, in->err) < 0) {
            if (!in->failed)
                yw_err_prefix(in->err, "condition: %s (%s)", path->name, member.type);
            in->failed = true;
            return false;
        }
        any = holds != negated;
    }
    if (!known &&
        yw_test_eval(test, path->members[0] ? "string" : type, "", &holds, in->err) < 0) {
        in->failed = true;
        return false;
    }
    /* an unknown value meets no test, and no negated one either */
    note(in, "%s%s %s%s%s%s %.*s: %s", path->name, path->members, known ? "'" : "",
         known ? member.value : "unknown", known ? "'" : "", negated ? " NOT" : "",
         said_size, said, any ? "true" : "false");
    return any;
}

/* A bool without a test. */
static bool is_bare_bool(struct reader *in, const struct path *path)
{
    const char *type = var_type(in, path->name);

    skip_blanks(in);
    return !in->strict && strcmp(type, "bool") == 0 &&
           (*in->at == '\0' || *in->at == ')' || *in->at == ']' ||
            strncmp(in->at, "AND", 3) == 0 || strncmp(in->at, "OR", 2) == 0);
}

static bool read_path_test(struct reader *in, const struct path *path)
{
    static const struct yw_test is_true = {
        .kind = YW_TEST_EQUAL,
        .literals = {{.kind = YW_LITERAL_BOOL, .text = "true"}},
        .count = 1};
    struct yw_test test;

    if (is_bare_bool(in, path))
        return test_values(in, path, &is_true, false, "= true", 6);
    bool negated = take_word(in, "NOT");
    const char *start = in->at + strspn(in->at, " ");

    if (!read_test(in, &test))
        return false;
    return test_values(in, path, &test, negated, start, (int)(in->at - start));
}

/* `3 < __count__:value` and `'__name__:value' = 3`. */
static bool read_turned(struct reader *in)
{
    static const enum yw_test_kind turned[] = {
        [YW_TEST_EQUAL] = YW_TEST_EQUAL, [YW_TEST_UNEQUAL] = YW_TEST_UNEQUAL,
        [YW_TEST_LESS] = YW_TEST_MORE,   [YW_TEST_AT_MOST] = YW_TEST_AT_LEAST,
        [YW_TEST_MORE] = YW_TEST_LESS,   [YW_TEST_AT_LEAST] = YW_TEST_AT_MOST,
    };
    struct yw_literal literal;
    struct yw_test test = {.count = 1};
    struct path path;
    const char *start = in->at + strspn(in->at, " ");

    if (!read_literal(in, &literal))
        return false;
    size_t size = strlen(literal.text);

    if (size > 10 && strcmp(literal.text + size - 8, "__:value") == 0) {
        struct reader quoted = *in;

        quoted.at = quoted.text = literal.text;
        if (!read_path(&quoted, &path) || *quoted.at != '\0')
            return fail(in, "expected a variable, like __name__:value");
        return read_path_test(in, &path);
    }
    if (!read_symbol(in, &test.kind) || !read_path(in, &path))
        return fail(in, "expected a comparison with a variable");
    test.kind = turned[test.kind];
    test.literals[0] = literal;
    return test_values(in, &path, &test, false, start, (int)(in->at - start));
}

static bool read_or(struct reader *in);

static bool read_inside(struct reader *in, const char *closing, const char *what)
{
    if (++in->depth > DEPTH_MAX)
        return fail(in, "too many parentheses");
    bool holds = read_or(in);

    in->depth--;
    if (!in->failed && !take(in, closing))
        return fail(in, what);
    return holds;
}

static bool read_term(struct reader *in)
{
    struct path path;

    if (take(in, "("))
        return read_inside(in, ")", "expected ')'");
    if (!in->strict && take(in, "["))
        return read_inside(in, "]", "expected ']'");
    if (!in->strict && take_word(in, "NOT")) {
        if (++in->depth > DEPTH_MAX)
            return fail(in, "too many NOT");
        bool holds = !read_term(in);

        in->depth--;
        return holds;
    }
    if (take_word(in, "EXISTS")) {
        struct yw_member member;

        if (!read_path(in, &path))
            return false;
        if (!in->run)
            return true;
        bool holds = yw_member_at(yw_run_var(in->run, in->exec, path.name),
                                  yw_run_var_type(in->run, in->exec, path.name),
                                  path.members, 0, &member);

        note(in, "EXISTS %s%s: %s", path.name, path.members, holds ? "true" : "false");
        return holds;
    }
    skip_blanks(in);
    if (!in->strict && strncmp(in->at, "__", 2) != 0)
        return read_turned(in);
    return read_path(in, &path) && read_path_test(in, &path);
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

static int evaluate(struct reader *in, bool *ret_holds, struct yw_err *err)
{
    const char *text = in->text;

    in->explain[0] = '\0';
    if (strlen(text) >= YW_PLAYBOOK_CONDITION_MAX)
        return yw_err_set(err, YW_EINVAL, "condition: longer than %d bytes",
                          YW_PLAYBOOK_CONDITION_MAX - 1);
    if (!yw_utf8_valid(text, strlen(text)))
        return yw_err_set(err, YW_EINVAL, "condition: not valid UTF-8");
    bool bracket = in->strict && take(in, "[");
    bool holds = read_or(in);

    if (!in->failed && bracket && !take(in, "]"))
        fail(in, "expected ']'");
    skip_blanks(in);
    if (!in->failed && *in->at != '\0')
        fail(in, "nothing may follow here");
    if (in->failed)
        return YW_EINVAL;
    *ret_holds = holds;
    return 0;
}

int yw_run_condition(const struct yw_run *run, const struct yw_run_exec *exec,
                     const char *text, bool *ret_holds, char explain[256],
                     struct yw_err *err)
{
    struct yw_err own = {0};
    struct reader in = {.text = text,
                        .at = text,
                        .run = run,
                        .exec = exec,
                        .explain = explain,
                        .err = err ? err : &own};

    return evaluate(&in, ret_holds, in.err);
}

int yw_run_condition_strict(const struct yw_run *run, const char *text, bool *ret_holds,
                            char explain[256], struct yw_err *err)
{
    struct yw_err own = {0};
    struct reader in = {.text = text,
                        .at = text,
                        .run = run,
                        .strict = true,
                        .explain = explain,
                        .err = err ? err : &own};

    return evaluate(&in, ret_holds, in.err);
}

int yw_run_condition_check(const char *text, bool strict, struct yw_err *err)
{
    char explain[256];
    bool holds;
    struct reader in = {
        .text = text, .at = text, .strict = strict, .explain = explain, .err = err};

    return evaluate(&in, &holds, err);
}
