/* Calls: functions of the language, conversions, the program's own functions and blocks. */
#include "controller/st_inner.h"

#include <stdio.h>
#include <string.h>

enum shape { NUMBERS, LIMITED, CHOICE, CHOICES, REAL_ONLY, TRUNCATE, SHIFT, MAGNITUDE };

static const struct function {
    const char *name;
    uint32_t least, most; /* arguments */
    enum shape shape;
    enum op whole, real;
} functions[] = {
    {"abs", 1, 1, MAGNITUDE, OP_ABS, OP_REAL_ABS},
    {"min", 2, YW_ST_ARGS_MAX, NUMBERS, OP_MIN, OP_REAL_MIN},
    {"max", 2, YW_ST_ARGS_MAX, NUMBERS, OP_MAX, OP_REAL_MAX},
    {"limit", 3, 3, LIMITED, OP_LIMIT, OP_REAL_LIMIT},
    {"sel", 3, 3, CHOICE, OP_SEL, OP_SEL},
    {"mux", 3, YW_ST_ARGS_MAX, CHOICES, OP_MUX, OP_MUX},
    {"sqrt", 1, 1, REAL_ONLY, OP_REAL_SQRT, OP_REAL_SQRT},
    {"trunc", 1, 1, TRUNCATE, OP_TRUNC, OP_TRUNC},
    {"shl", 2, 2, SHIFT, OP_SHL, OP_SHL},
    {"shr", 2, 2, SHIFT, OP_SHR, OP_SHR},
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

/* "int_to_real": the two types, or false. */
static bool conversion(const char *name, enum yw_st_type *ret_from,
                       enum yw_st_type *ret_to)
{
    char from[YW_ST_NAME_MAX];
    const char *middle = strstr(name, "_to_");
    if (middle == NULL)
        return false;
    size_t length = (size_t)(middle - name);
    memcpy(from, name, length);
    from[length] = '\0';
    int a = find_type(from);
    int b = find_type(middle + 4);
    if (a < 0 || b < 0 || a == b)
        return false;
    *ret_from = (enum yw_st_type)a;
    *ret_to = (enum yw_st_type)b;
    return true;
}

bool is_function(const char *name)
{
    enum yw_st_type from = YW_ST_BOOL;
    enum yw_st_type to = YW_ST_BOOL;
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (strcmp(name, functions[i].name) == 0)
            return true;
    }
    return conversion(name, &from, &to);
}

/* `( a, b, … )` onto the stack. */
static int compile_args(struct compiler *c, const char *name, uint32_t least,
                        uint32_t most, struct value *ret, uint32_t *ret_count)
{
    char want[YW_ST_WANT_MAX];
    uint32_t count = 0;
    (void)snprintf(want, sizeof(want), least == most ? "%u" : "%u..%u", least, most);
    if (expect(c, "(") != 0)
        return -1;
    while (!at_word(c, ")")) {
        if (count == most)
            return fail(c, YW_ST_TOO_LONG, name, want);
        if (count > 0 && expect(c, ",") != 0)
            return -1;
        if (compile_expression(c, &ret[count++]) != 0)
            return -1;
    }
    if (count < least)
        return fail(c, YW_ST_EXPECTED, name, count == 0 ? "a value" : ",");
    *ret_count = count;
    return lex_next(c);
}

static int convert(struct compiler *c, enum yw_st_type from, enum yw_st_type to,
                   const char *name, struct value *ret)
{
    uint32_t count = 0;
    struct value value;
    if (compile_args(c, name, 1, 1, &value, &count) != 0 ||
        coerce(c, &value, from, 0, name) != 0)
        return -1;
    *ret = (struct value){.type = to};
    if (to == YW_ST_REAL)
        return emit(c, OP_TO_REAL, 0);
    if (to == YW_ST_BOOL && from == YW_ST_REAL) {
        if (emit(c, OP_PUSH, 0) != 0)
            return -1;
        return emit(c, OP_REAL_NE, 0);
    }
    if (from == YW_ST_REAL && emit(c, OP_ROUND, 0) != 0)
        return -1;
    return emit(c, OP_FIT, to);
}

/* SEL and MUX: the choice itself is not one of the values. */
static int emit_choice(struct compiler *c, const struct function *function,
                       struct value *values, uint32_t count, struct value *ret)
{
    enum yw_st_type type = YW_ST_INT;
    enum yw_st_type by = function->shape == CHOICE ? YW_ST_BOOL : YW_ST_DINT;
    if (coerce(c, &values[0], by, count - 1, function->name) != 0 ||
        coerce_all(c, values + 1, count - 1, function->name, &type) != 0)
        return -1;
    *ret = (struct value){.type = type};
    return emit(c, function->whole, count - 1);
}

static int emit_shift(struct compiler *c, const struct function *function,
                      struct value *values, struct value *ret)
{
    values[0].untyped = false;
    if (!is_whole(values[0].type))
        return fail_type(c, function->name, values[0].type, YW_ST_UINT);
    if (coerce(c, &values[1], YW_ST_DINT, 0, function->name) != 0 ||
        emit(c, function->whole, values[0].type) != 0)
        return -1;
    *ret = (struct value){.type = values[0].type};
    return emit(c, OP_WRAP, values[0].type);
}

static int emit_numbers(struct compiler *c, const struct function *function,
                        struct value *values, uint32_t count, struct value *ret)
{
    enum yw_st_type type = YW_ST_INT;
    bool real = function->shape == REAL_ONLY || function->shape == TRUNCATE;
    if (real && coerce(c, &values[0], YW_ST_REAL, 0, function->name) != 0)
        return -1;
    if (coerce_all(c, values, count, function->name, &type) != 0)
        return -1;
    if (type == YW_ST_BOOL)
        return fail_type(c, function->name, type, YW_ST_DINT);
    uint32_t times = function->shape == NUMBERS ? count - 1 : 1;
    for (uint32_t i = 0; i < times; i++) {
        if (emit(c, type == YW_ST_REAL ? function->real : function->whole, 0) != 0)
            return -1;
    }
    *ret = (struct value){.type = function->shape == TRUNCATE ? YW_ST_DINT : type};
    return ret->type == YW_ST_INT ? emit(c, OP_WRAP, YW_ST_INT) : 0; /* ABS(-32768) */
}

static int compile_standard(struct compiler *c, const struct function *function,
                            struct value *ret)
{
    struct value values[YW_ST_ARGS_MAX];
    uint32_t count = 0;
    if (compile_args(c, function->name, function->least, function->most, values,
                     &count) != 0)
        return -1;
    switch (function->shape) {
    case CHOICE:
    case CHOICES:
        return emit_choice(c, function, values, count, ret);
    case SHIFT:
        return emit_shift(c, function, values, ret);
    case NUMBERS:
    case LIMITED:
    case REAL_ONLY:
    case TRUNCATE:
    case MAGNITUDE:
        break;
    }
    return emit_numbers(c, function, values, count, ret);
}

/* The inputs of a unit, in their order; their number. */
static uint32_t inputs_of(const struct yw_st_program *program,
                          const struct yw_st_unit *unit, uint16_t *ret)
{
    uint32_t count = 0;
    for (uint32_t i = unit->var_at; i < (uint32_t)unit->var_at + unit->var_count; i++) {
        if (program->vars[i].section == YW_ST_VAR_INPUT && count < YW_ST_ARGS_MAX)
            ret[count++] = (uint16_t)i;
    }
    return count;
}

/* Its own function: arguments on the stack, then into its frame, so that an argument may
 * call the same function. The result is its first cell. */
static int compile_own(struct compiler *c, uint32_t index, struct value *ret)
{
    const struct yw_st_unit *unit = &c->program->units[index];
    const struct yw_st_var *vars = c->program->vars;
    uint16_t inputs[YW_ST_ARGS_MAX];
    uint32_t count = inputs_of(c->program, unit, inputs);
    if (expect(c, "(") != 0)
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && expect(c, ",") != 0)
            return -1;
        if (compile_as(c, (enum yw_st_type)vars[inputs[i]].type, vars[inputs[i]].name) !=
            0)
            return -1;
    }
    if (expect(c, ")") != 0 || emit(c, OP_ENTER, index) != 0)
        return -1;
    for (uint32_t i = count; i > 0; i--) {
        uint32_t cell = (uint32_t)unit->frame_at + vars[inputs[i - 1]].at;
        if (emit(c, OP_POKE, cell) != 0)
            return -1;
    }
    *ret = (struct value){.type = (enum yw_st_type)vars[unit->var_at].type};
    if (emit(c, OP_CALL, index) != 0)
        return -1;
    return emit(c, OP_PEEK, unit->frame_at);
}

int compile_function(struct compiler *c, const char *name, struct value *ret)
{
    enum yw_st_type from = YW_ST_BOOL;
    enum yw_st_type to = YW_ST_BOOL;
    int status = -1;
    if (enter(c) != 0)
        return -1;
    int unit = find_unit(c->program, name);
    if (unit >= 0) {
        status = compile_own(c, (uint32_t)unit, ret);
    } else if (conversion(name, &from, &to)) {
        status = convert(c, from, to, name, ret);
    } else {
        for (size_t i = 0; i < FUNCTIONS; i++) {
            if (strcmp(name, functions[i].name) == 0)
                status = compile_standard(c, &functions[i], ret);
        }
    }
    c->depth--;
    return status;
}

/* A parameter of the block by its name, as a variable of ours. */
static int parameter(struct compiler *c, const struct ref *block, struct ref *ret,
                     enum yw_st_section *ret_section)
{
    char name[YW_ST_NAME_MAX];
    memcpy(name, c->lex.text, sizeof(name));
    *ret = (struct ref){.place = YW_ST_CELL};
    memcpy(ret->name, name, sizeof(name));
    if (c->lex.token != TOKEN_NAME)
        return fail(c, YW_ST_EXPECTED, c->lex.text, "a name");
    if (block->unit >= YW_ST_UNITS_MAX) {
        const struct block *standard = block_at((uint32_t)block->unit - YW_ST_UNITS_MAX);
        for (uint16_t i = 0; i < standard->var_count; i++) {
            const struct block_var *var = &standard->vars[i];
            if (var->name == NULL || strcmp(var->name, name) != 0)
                continue;
            ret->type = var->type;
            ret->at = (uint16_t)(block->at + i);
            *ret_section = var->section;
            return lex_next(c);
        }
        return fail(c, YW_ST_UNKNOWN_NAME, name, standard->name);
    }
    const struct yw_st_unit *unit = &c->program->units[block->unit];
    int index = find_var(c, unit, name);
    if (index < 0 || c->program->vars[index].section == YW_ST_VAR)
        return fail(c, YW_ST_UNKNOWN_NAME, name, unit->name);
    const struct yw_st_var *var = &c->program->vars[index];
    ret->type = (enum yw_st_type)var->type;
    ret->at = (uint16_t)(block->at + var->at);
    *ret_section = (enum yw_st_section)var->section;
    ret->whole = var->dims > 0;
    return lex_next(c);
}

#define OUTPUTS_MAX 8

struct taken {
    struct ref from, to;
};

/* `IN := value` or `Q => variable`; what is taken out waits for the call. */
static int compile_parameter(struct compiler *c, const struct ref *block,
                             struct taken *outputs, uint32_t *count)
{
    struct ref ref;
    enum yw_st_section section = YW_ST_VAR;
    if (parameter(c, block, &ref, &section) != 0)
        return -1;
    if (section == YW_ST_VAR_INPUT) {
        if (expect(c, ":=") != 0 || compile_as(c, ref.type, ref.name) != 0)
            return -1;
        return compile_store(c, &ref);
    }
    if (*count == OUTPUTS_MAX)
        return fail(c, YW_ST_TOO_LONG, "=>", "8");
    struct taken *taken = &outputs[(*count)++];
    taken->from = ref;
    if (expect(c, "=>") != 0 || compile_ref(c, &taken->to) != 0)
        return -1;
    if (taken->to.indexed)
        return fail(c, YW_ST_EXPECTED, taken->to.name, "a variable without index");
    return 0;
}

int compile_block_call(struct compiler *c, const struct ref *ref)
{
    struct taken outputs[OUTPUTS_MAX];
    uint32_t count = 0;
    if (expect(c, "(") != 0)
        return -1;
    for (bool first = true; !at_word(c, ")"); first = false) {
        if ((!first && expect(c, ",") != 0) ||
            compile_parameter(c, ref, outputs, &count) != 0)
            return -1;
    }
    bool own = ref->unit < YW_ST_UNITS_MAX;
    if (lex_next(c) != 0 ||
        emit_pair(c, own ? OP_BLOCK : OP_STANDARD, ref->at,
                  own ? ref->unit : (uint32_t)ref->unit - YW_ST_UNITS_MAX) != 0)
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        struct value value;
        if (compile_load(c, &outputs[i].from, &value) != 0 ||
            coerce(c, &value, outputs[i].to.type, 0, outputs[i].to.name) != 0 ||
            compile_store(c, &outputs[i].to) != 0)
            return -1;
    }
    return 0;
}
