/* Types and constants: what fits where, and how it is made to fit. */
#include "controller/st_inner.h"

#include <math.h>
#include <string.h>

static const char *const names[] = {
    [YW_ST_BOOL] = "BOOL",           [YW_ST_INT] = "INT",   [YW_ST_DINT] = "DINT",
    [YW_ST_UINT] = "UINT",           [YW_ST_REAL] = "REAL", [YW_ST_TIME] = "TIME",
    [YW_ST_BLOCK] = "FUNCTION_BLOCK"};

const char *yw_st_type_name(enum yw_st_type type)
{
    return names[type];
}

int find_type(const char *name)
{
    static const char *const lower[] = {"bool", "int", "dint", "uint", "real", "time"};
    for (int i = 0; i < (int)(sizeof(lower) / sizeof(lower[0])); i++) {
        if (strcmp(name, lower[i]) == 0)
            return i;
    }
    return -1;
}

bool is_whole(enum yw_st_type type)
{
    return type == YW_ST_INT || type == YW_ST_DINT || type == YW_ST_UINT;
}

uint32_t bits_of(float value)
{
    uint32_t bits = 0;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

float float_of(uint32_t bits)
{
    float value = 0;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

int32_t fit(enum yw_st_type type, int64_t value)
{
    int64_t least = INT32_MIN;
    int64_t most = INT32_MAX;
    if (type == YW_ST_INT) {
        least = INT16_MIN;
        most = INT16_MAX;
    } else if (type == YW_ST_UINT) {
        least = 0;
        most = UINT16_MAX;
    } else if (type == YW_ST_BOOL) {
        return value != 0;
    }
    if (value < least)
        return (int32_t)least;
    return (int32_t)(value > most ? most : value);
}

int32_t wrap(enum yw_st_type type, int64_t value)
{
    uint32_t bits = (uint32_t)((uint64_t)value & UINT32_MAX);
    if (type == YW_ST_UINT)
        return (int32_t)(bits & UINT16_MAX);
    if (type == YW_ST_INT)
        return (int32_t)((bits & UINT16_MAX) ^ 0x8000u) - 0x8000;
    if (type == YW_ST_BOOL)
        return (int32_t)(bits & 1);
    return (int32_t)bits;
}

uint32_t round_real(float value)
{
    double whole = rint((double)value);
    if (!(whole >= INT32_MIN)) /* also when not a number */
        return (uint32_t)INT32_MIN;
    return whole > INT32_MAX ? (uint32_t)INT32_MAX : (uint32_t)(int32_t)whole;
}

/* A constant changes where it was pushed; everything else by an instruction. */
static int to_real(struct compiler *c, struct value *value, uint32_t deep)
{
    value->type = YW_ST_REAL;
    value->untyped = false;
    if (!value->known)
        return emit(c, OP_TO_REAL, deep);
    value->real = (double)value->whole;
    c->program->code[value->push].arg = bits_of((float)value->real);
    return 0;
}

int coerce(struct compiler *c, struct value *value, enum yw_st_type type, uint32_t deep,
           const char *what)
{
    if (value->type == type) {
        if (value->untyped && fit(type, value->whole) != value->whole)
            return fail(c, YW_ST_BAD_NUMBER, "", "-2147483648..2147483647");
        value->untyped = false;
        return 0;
    }
    if (is_whole(value->type) && type == YW_ST_REAL)
        return to_real(c, value, deep);
    bool fits = is_whole(value->type) && is_whole(type) &&
                (type == YW_ST_DINT ||
                 (value->untyped && fit(type, value->whole) == value->whole));
    if (!fits)
        return fail_type(c, what, value->type, type);
    value->type = type;
    value->untyped = false;
    return 0;
}

/* The type that both fit, or -1. */
static int wider(enum yw_st_type a, enum yw_st_type b)
{
    if (a == b)
        return (int)a;
    if (is_whole(a) && is_whole(b))
        return YW_ST_DINT;
    bool numbers = (is_whole(a) || a == YW_ST_REAL) && (is_whole(b) || b == YW_ST_REAL);
    return numbers ? (int)YW_ST_REAL : -1;
}

int coerce_all(struct compiler *c, struct value *values, uint32_t count, const char *what,
               enum yw_st_type *ret_type)
{
    int type = -1;
    bool seen = false;
    for (uint32_t i = 0; i < count; i++) {
        if (values[i].untyped && values[i].type != YW_ST_REAL)
            continue;
        int both =
            seen ? wider((enum yw_st_type)type, values[i].type) : (int)values[i].type;
        if (both < 0)
            return fail_type(c, what, values[i].type, (enum yw_st_type)type);
        type = both;
        seen = true;
    }
    if (!seen)
        type = YW_ST_INT;
    for (uint32_t i = 0; i < count; i++) {
        bool outside = values[i].untyped && is_whole((enum yw_st_type)type) &&
                       fit((enum yw_st_type)type, values[i].whole) != values[i].whole;
        if (outside)
            type = YW_ST_DINT;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (coerce(c, &values[i], (enum yw_st_type)type, count - 1 - i, what) != 0)
            return -1;
    }
    *ret_type = (enum yw_st_type)type;
    return 0;
}

static uint32_t cell_of(const struct value *value)
{
    if (value->type == YW_ST_REAL)
        return bits_of((float)value->real);
    return (uint32_t)(value->whole & UINT32_MAX);
}

/* Takes the code of a constant expression back. */
static int known_value(struct compiler *c, struct value *ret)
{
    uint32_t start = c->program->code_count;
    if (compile_expression(c, ret) != 0)
        return -1;
    if (!ret->known || c->program->code_count != start + 1)
        return fail(c, YW_ST_NOT_CONSTANT, "", "VAR CONSTANT");
    return 0;
}

int compile_constant(struct compiler *c, enum yw_st_type type, uint32_t *ret)
{
    struct value value;
    uint32_t start = c->program->code_count;
    if (known_value(c, &value) != 0 || coerce(c, &value, type, 0, ":=") != 0)
        return -1;
    c->program->code_count = start;
    *ret = cell_of(&value);
    return 0;
}

int compile_whole_constant(struct compiler *c, int64_t *ret)
{
    struct value value;
    uint32_t start = c->program->code_count;
    if (known_value(c, &value) != 0)
        return -1;
    if (!is_whole(value.type))
        return fail_type(c, "", value.type, YW_ST_DINT);
    c->program->code_count = start;
    *ret = value.whole;
    return 0;
}
