#include "controller/st_inner.h"

#include <string.h>

struct binary {
    const char *word;
    enum op code;
};

/* Operators of one priority, and what they need and give. */
struct level {
    struct binary ops[5];
    enum { LOGIC, EQUALITY, ORDER, ARITHMETIC } kind;
};

static const struct level levels[] = {
    {{{"or", OP_OR}}, LOGIC},
    {{{"xor", OP_XOR}}, LOGIC},
    {{{"and", OP_AND}, {"&", OP_AND}}, LOGIC},
    {{{"=", OP_EQ}, {"<>", OP_NE}}, EQUALITY},
    {{{"<", OP_LT}, {"<=", OP_LE}, {">", OP_GT}, {">=", OP_GE}}, ORDER},
    {{{"+", OP_ADD}, {"-", OP_SUB}}, ARITHMETIC},
    {{{"*", OP_MUL}, {"/", OP_DIV}, {"mod", OP_MOD}}, ARITHMETIC},
};

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

struct function {
    const char *name;
    int args;
    enum op code;
};

static const struct function functions[] = {
    {"abs", 1, OP_ABS},           {"min", 2, OP_MIN},         {"max", 2, OP_MAX},
    {"limit", 3, OP_LIMIT},       {"sel", 3, OP_SEL},         {"int_to_real", 1, OP_END},
    {"real_to_int", 1, OP_ROUND}, {"bool_to_int", 1, OP_END},
};

static int compile_level(struct compiler *c, size_t level, enum yw_st_type *ret_type);

static enum yw_st_type wider(enum yw_st_type a, enum yw_st_type b)
{
    return a > b ? a : b;
}

/* The type that results, after the types that a function takes were checked. */
static int function_type(struct compiler *c, const struct function *function,
                         const enum yw_st_type *types, enum yw_st_type *ret_type)
{
    bool to_int = strcmp(function->name, "bool_to_int") == 0;
    int first = function->code == OP_SEL ? 1 : 0;
    if (first == 1 && types[0] != YW_ST_BOOL)
        return fail(c, YW_ST_WRONG_TYPE, function->name);
    *ret_type = types[first];
    for (int i = first; i < function->args; i++) {
        if ((types[i] == YW_ST_BOOL) !=
            (to_int || (first == 1 && types[1] == YW_ST_BOOL)))
            return fail(c, YW_ST_WRONG_TYPE, function->name);
        *ret_type = wider(*ret_type, types[i]);
    }
    if (to_int || function->code == OP_ROUND)
        *ret_type = YW_ST_INT;
    else if (function->code == OP_END)
        *ret_type = YW_ST_REAL;
    return 0;
}

static int compile_call(struct compiler *c, const struct function *function,
                        enum yw_st_type *ret_type)
{
    enum yw_st_type types[3] = {YW_ST_BOOL, YW_ST_BOOL, YW_ST_BOOL};
    if (expect(c, "(") != 0)
        return -1;
    for (int i = 0; i < function->args; i++) {
        if (i > 0 && expect(c, ",") != 0)
            return -1;
        if (compile_expression(c, &types[i]) != 0)
            return -1;
    }
    if (expect(c, ")") != 0 || function_type(c, function, types, ret_type) != 0)
        return -1;
    if (function->code == OP_END)
        return 0;
    if (emit(c, function->code, 0, 0) != 0)
        return -1;
    return *ret_type == YW_ST_INT ? emit(c, OP_SATURATE, 0, 0) : 0;
}

static int compile_name(struct compiler *c, enum yw_st_type *ret_type)
{
    char name[YW_ST_NAME_MAX];
    memcpy(name, c->lex.text, sizeof(name));
    if (lex_next(c) != 0)
        return -1;
    if (strcmp(name, "true") == 0 || strcmp(name, "false") == 0) {
        *ret_type = YW_ST_BOOL;
        return emit(c, OP_PUSH, 0, strcmp(name, "true") == 0);
    }
    if (at_word(c, "(")) {
        for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
            if (strcmp(name, functions[i].name) == 0)
                return compile_call(c, &functions[i], ret_type);
        }
    }
    int var = find_var(c, name);
    if (var < 0)
        return fail(c, YW_ST_UNKNOWN_NAME, name);
    *ret_type = c->program->vars[var].type;
    return emit(c, OP_LOAD, (uint32_t)var, 0);
}

static int compile_primary(struct compiler *c, enum yw_st_type *ret_type)
{
    switch (c->lex.token) {
    case TOKEN_INT:
    case TOKEN_REAL:
        *ret_type = c->lex.token == TOKEN_INT ? YW_ST_INT : YW_ST_REAL;
        if (emit(c, OP_PUSH, 0, c->lex.number) != 0)
            return -1;
        return lex_next(c);
    case TOKEN_NAME:
        return compile_name(c, ret_type);
    case TOKEN_END:
    case TOKEN_ADDRESS:
    case TOKEN_SIGN:
        break;
    }
    if (!at_word(c, "("))
        return fail(c, YW_ST_EXPECTED, "value");
    if (lex_next(c) != 0 || compile_expression(c, ret_type) != 0)
        return -1;
    return expect(c, ")");
}

static int compile_unary(struct compiler *c, enum yw_st_type *ret_type)
{
    bool negate = at_word(c, "-");
    bool invert = at_word(c, "not");
    if (!negate && !invert)
        return compile_primary(c, ret_type);
    if (enter(c) != 0 || lex_next(c) != 0 || compile_unary(c, ret_type) != 0)
        return -1;
    c->depth--;
    if ((*ret_type == YW_ST_BOOL) != invert)
        return fail(c, YW_ST_WRONG_TYPE, invert ? "not" : "-");
    return emit(c, negate ? OP_NEG : OP_NOT, 0, 0);
}

/* What `a op b` gives; checks that it may be. */
static int binary_type(struct compiler *c, const struct level *level,
                       const struct binary *op, const enum yw_st_type types[2],
                       enum yw_st_type *ret_type)
{
    bool bools = types[0] == YW_ST_BOOL && types[1] == YW_ST_BOOL;
    bool numbers = types[0] != YW_ST_BOOL && types[1] != YW_ST_BOOL;
    bool fits = level->kind == LOGIC      ? bools
                : level->kind == EQUALITY ? bools || numbers
                                          : numbers;
    enum yw_st_type both = wider(types[0], types[1]);
    if (!fits || (op->code == OP_MOD && both == YW_ST_REAL))
        return fail(c, YW_ST_WRONG_TYPE, op->word);
    *ret_type = level->kind == ARITHMETIC ? both : YW_ST_BOOL;
    return 0;
}

static const struct binary *at_operator(const struct compiler *c,
                                        const struct level *level)
{
    for (size_t i = 0; i < sizeof(level->ops) / sizeof(level->ops[0]); i++) {
        if (level->ops[i].word != NULL && at_word(c, level->ops[i].word))
            return &level->ops[i];
    }
    return NULL;
}

static int compile_level(struct compiler *c, size_t level, enum yw_st_type *ret_type)
{
    if (level == LEVELS)
        return compile_unary(c, ret_type);
    if (compile_level(c, level + 1, ret_type) != 0)
        return -1;
    const struct binary *op = at_operator(c, &levels[level]);
    while (op != NULL) {
        enum yw_st_type types[2] = {*ret_type, YW_ST_BOOL};
        if (lex_next(c) != 0 || compile_level(c, level + 1, &types[1]) != 0 ||
            binary_type(c, &levels[level], op, types, ret_type) != 0)
            return -1;
        bool whole = *ret_type == YW_ST_INT;
        enum op code = op->code == OP_DIV && whole ? OP_DIV_INT : op->code;
        if (emit(c, code, 0, 0) != 0 || (whole && emit(c, OP_SATURATE, 0, 0) != 0))
            return -1;
        op = at_operator(c, &levels[level]);
    }
    return 0;
}

int compile_expression(struct compiler *c, enum yw_st_type *ret_type)
{
    if (enter(c) != 0 || compile_level(c, 0, ret_type) != 0)
        return -1;
    c->depth--;
    return 0;
}
