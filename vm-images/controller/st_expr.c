/* Expressions, by descending priority. */
#include "controller/st_inner.h"

#include <string.h>

struct binary {
    const char *word;
    enum op whole, real; /* real OP_COUNT: not for REAL */
};

/* Operators of one priority, and what they need and give. */
struct level {
    struct binary ops[5];
    enum { LOGIC, EQUALITY, ORDER, SUM, PRODUCT } kind;
};

static const struct level levels[] = {
    {{{"or", OP_OR, OP_COUNT}}, LOGIC},
    {{{"xor", OP_XOR, OP_COUNT}}, LOGIC},
    {{{"and", OP_AND, OP_COUNT}, {"&", OP_AND, OP_COUNT}}, LOGIC},
    {{{"=", OP_EQ, OP_REAL_EQ}, {"<>", OP_NE, OP_REAL_NE}}, EQUALITY},
    {{{"<", OP_LT, OP_REAL_LT},
      {"<=", OP_LE, OP_REAL_LE},
      {">", OP_GT, OP_REAL_GT},
      {">=", OP_GE, OP_REAL_GE}},
     ORDER},
    {{{"+", OP_ADD, OP_REAL_ADD}, {"-", OP_SUB, OP_REAL_SUB}}, SUM},
    {{{"*", OP_MUL, OP_REAL_MUL}, {"/", OP_DIV, OP_REAL_DIV}, {"mod", OP_MOD, OP_COUNT}},
     PRODUCT},
};

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

static int compile_level(struct compiler *c, size_t level, struct value *ret);

static int push_known(struct compiler *c, struct value *value, uint32_t cell)
{
    value->known = true;
    value->push = c->program->code_count;
    return emit(c, OP_PUSH, cell);
}

static int compile_literal(struct compiler *c, struct value *ret)
{
    const struct lexer *lex = &c->lex;
    *ret = (struct value){.whole = lex->whole, .untyped = !lex->typed};
    uint32_t cell = (uint32_t)(lex->whole & UINT32_MAX);
    switch (lex->token) {
    case TOKEN_WHOLE:
        ret->type = lex->whole <= INT32_MAX ? YW_ST_INT : YW_ST_DINT;
        if (lex->typed)
            ret->type = lex->type;
        else if (fit(YW_ST_INT, lex->whole) != lex->whole)
            ret->type = YW_ST_DINT;
        break;
    case TOKEN_REAL:
        ret->type = YW_ST_REAL;
        ret->untyped = false;
        ret->real = lex->real;
        cell = bits_of((float)lex->real);
        break;
    case TOKEN_TIME:
    case TOKEN_END:
    case TOKEN_NAME:
    case TOKEN_ADDRESS:
    case TOKEN_SIGN:
        ret->type = YW_ST_TIME;
        ret->untyped = false;
        break;
    }
    if (push_known(c, ret, cell) != 0)
        return -1;
    return lex_next(c);
}

static int compile_truth(struct compiler *c, struct value *ret)
{
    *ret = (struct value){.type = YW_ST_BOOL, .whole = at_word(c, "true")};
    if (push_known(c, ret, (uint32_t)ret->whole) != 0)
        return -1;
    return lex_next(c);
}

static int compile_name(struct compiler *c, struct value *ret)
{
    struct ref ref;
    char name[YW_ST_NAME_MAX];
    if (at_word(c, "true") || at_word(c, "false"))
        return compile_truth(c, ret);
    memcpy(name, c->lex.text, sizeof(name));
    int unit = find_unit(c->program, name);
    bool user = unit >= 0 && c->program->units[unit].kind == YW_ST_FUNCTION &&
                &c->program->units[unit] != c->unit;
    bool variable = find_var(c, c->unit, name) >= 0; /* may be called as a function is */
    if (!variable && (user || is_function(name))) {
        if (lex_next(c) != 0)
            return -1;
        return compile_function(c, name, ret);
    }
    if (compile_ref(c, &ref) != 0)
        return -1;
    return compile_load(c, &ref, ret);
}

static int compile_primary(struct compiler *c, struct value *ret)
{
    struct ref ref;
    switch (c->lex.token) {
    case TOKEN_WHOLE:
    case TOKEN_REAL:
    case TOKEN_TIME:
        return compile_literal(c, ret);
    case TOKEN_NAME:
        return compile_name(c, ret);
    case TOKEN_ADDRESS:
        if (compile_ref(c, &ref) != 0)
            return -1;
        return compile_load(c, &ref, ret);
    case TOKEN_END:
    case TOKEN_SIGN:
        break;
    }
    if (!at_word(c, "("))
        return fail(c, YW_ST_EXPECTED, c->lex.text, "a value");
    if (lex_next(c) != 0 || compile_expression(c, ret) != 0)
        return -1;
    return expect(c, ")");
}

static int negate(struct compiler *c, struct value *value)
{
    if (value->known && value->type != YW_ST_BOOL) {
        value->whole = value->untyped ? -value->whole : wrap(value->type, -value->whole);
        value->real = -value->real;
        if (value->untyped && value->type == YW_ST_DINT &&
            fit(YW_ST_INT, value->whole) == value->whole)
            value->type = YW_ST_INT;
        c->program->code[value->push].arg = value->type == YW_ST_REAL
                                                ? bits_of((float)value->real)
                                                : (uint32_t)(value->whole & UINT32_MAX);
        return 0;
    }
    if (value->type == YW_ST_REAL)
        return emit(c, OP_REAL_NEG, 0);
    if (!is_whole(value->type) && value->type != YW_ST_TIME)
        return fail_type(c, "-", value->type, YW_ST_DINT);
    if (emit(c, OP_NEG, 0) != 0)
        return -1;
    return emit(c, OP_WRAP, value->type);
}

static int invert(struct compiler *c, struct value *value)
{
    if (value->type != YW_ST_BOOL && !is_whole(value->type))
        return fail_type(c, "NOT", value->type, YW_ST_BOOL);
    uint32_t all = value->type == YW_ST_BOOL ? 1 : UINT32_MAX;
    value->known = false;
    value->untyped = false;
    if (emit(c, OP_PUSH, all) != 0 || emit(c, OP_XOR, 0) != 0)
        return -1;
    return emit(c, OP_WRAP, value->type);
}

static int compile_unary(struct compiler *c, struct value *ret)
{
    bool minus = at_word(c, "-");
    bool not = at_word(c, "not");
    if (!minus && !not )
        return compile_primary(c, ret);
    if (enter(c) != 0 || lex_next(c) != 0 || compile_unary(c, ret) != 0)
        return -1;
    c->depth--;
    return minus ? negate(c, ret) : invert(c, ret);
}

/* Two whole constants one after the other become one. */
static bool fold(struct compiler *c, enum op op, const struct value *a, struct value *b)
{
    uint32_t count = c->program->code_count;
    if (!a->known || !b->known || !is_whole(a->type) || !is_whole(b->type) ||
        b->push != a->push + 1 || b->push + 1 != count)
        return false;
    int64_t result = 0;
    if (op == OP_ADD)
        result = a->whole + b->whole;
    else if (op == OP_SUB)
        result = a->whole - b->whole;
    else if (op == OP_MUL)
        result = a->whole * b->whole;
    else
        return false;
    enum yw_st_type type = a->untyped ? b->type : a->type;
    const struct value *other = a->untyped ? a : b;
    if (other->untyped ? fit(type, other->whole) != other->whole : other->type != type)
        return false;
    b->untyped = a->untyped && b->untyped;
    if (b->untyped)
        type = fit(YW_ST_INT, result) == result ? YW_ST_INT : YW_ST_DINT;
    b->type = type;
    b->whole = b->untyped ? result : wrap(type, result);
    if (fit(YW_ST_DINT, b->whole) != b->whole)
        return false;
    b->push = a->push;
    c->program->code_count = count - 1;
    c->program->code[b->push].arg = (uint32_t)(b->whole & UINT32_MAX);
    return true;
}

/* TIME * n, n * TIME, TIME / n. */
static bool scales_time(const struct level *level, const struct binary *op,
                        const struct value sides[2])
{
    if (level->kind != PRODUCT || op->whole == OP_MOD)
        return false;
    bool left = sides[0].type == YW_ST_TIME && is_whole(sides[1].type);
    bool right = is_whole(sides[0].type) && sides[1].type == YW_ST_TIME;
    return left || (right && op->whole == OP_MUL);
}

static bool allowed(const struct level *level, const struct binary *op,
                    enum yw_st_type type)
{
    switch (level->kind) {
    case LOGIC:
        return type == YW_ST_BOOL || is_whole(type);
    case EQUALITY:
        return true;
    case ORDER:
        return type != YW_ST_BOOL;
    case SUM:
        return type != YW_ST_BOOL;
    case PRODUCT:
        return is_whole(type) || (type == YW_ST_REAL && op->real != OP_COUNT);
    }
    return false;
}

static int emit_binary(struct compiler *c, const struct level *level,
                       const struct binary *op, struct value sides[2], struct value *ret)
{
    enum yw_st_type type = YW_ST_TIME;
    if (level->kind >= SUM && fold(c, op->whole, &sides[0], &sides[1])) {
        *ret = sides[1];
        return 0;
    }
    if (!scales_time(level, op, sides) && coerce_all(c, sides, 2, op->word, &type) != 0)
        return -1;
    if (!scales_time(level, op, sides) && !allowed(level, op, type))
        return fail_type(c, op->word, type,
                         level->kind == LOGIC ? YW_ST_BOOL : YW_ST_DINT);
    bool compares = level->kind == EQUALITY || level->kind == ORDER;
    *ret = (struct value){.type = compares ? YW_ST_BOOL : type};
    if (emit(c, type == YW_ST_REAL ? op->real : op->whole, 0) != 0)
        return -1;
    bool narrow = level->kind >= SUM && (type == YW_ST_INT || type == YW_ST_UINT);
    return narrow ? emit(c, OP_WRAP, type) : 0;
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

static int compile_level(struct compiler *c, size_t level, struct value *ret)
{
    if (level == LEVELS)
        return compile_unary(c, ret);
    if (compile_level(c, level + 1, ret) != 0)
        return -1;
    const struct binary *op = at_operator(c, &levels[level]);
    while (op != NULL) {
        struct value sides[2] = {*ret};
        if (lex_next(c) != 0 || compile_level(c, level + 1, &sides[1]) != 0 ||
            emit_binary(c, &levels[level], op, sides, ret) != 0)
            return -1;
        op = at_operator(c, &levels[level]);
    }
    return 0;
}

int compile_expression(struct compiler *c, struct value *ret)
{
    if (enter(c) != 0 || compile_level(c, 0, ret) != 0)
        return -1;
    c->depth--;
    return 0;
}

int compile_as(struct compiler *c, enum yw_st_type type, const char *what)
{
    struct value value;
    if (compile_expression(c, &value) != 0)
        return -1;
    return coerce(c, &value, type, 0, what);
}
