/* One scan of a verified program: fixed stacks, no allocation; what the verifier proved is
 * not asked again. */
#include "controller/st_inner.h"

#include <math.h>
#include <string.h>

struct call {
    uint32_t back;
    uint32_t base;
};

struct machine {
    const struct yw_st_program *program;
    struct yw_st_image *image;
    uint32_t *top; /* first free cell of the stack */
    uint32_t base; /* first cell of the frame */
    uint32_t depth;
    enum yw_st_trouble trouble;
    struct call calls[YW_ST_UNITS_MAX];
    uint32_t stack[YW_ST_STACK_MAX];
};

static int32_t whole(uint32_t cell)
{
    int32_t value = 0;
    memcpy(&value, &cell, sizeof(value));
    return value;
}

static uint32_t read_place(const struct yw_st_image *image, uint32_t place,
                           uint32_t index)
{
    switch ((enum yw_st_place)place) {
    case YW_ST_INPUT_WORD:
        return image->input[index];
    case YW_ST_INPUT_BIT:
        return image->discrete[index] != 0;
    case YW_ST_MEMORY_WORD:
        return image->holding[index];
    case YW_ST_MEMORY_BIT:
        return image->coil[index] != 0;
    case YW_ST_MEMORY_DOUBLE:
        return (uint32_t)image->holding[index] << 16 | image->holding[index + 1];
    case YW_ST_OUTPUT_WORD:
        return bits_of((float)image->output[index]);
    case YW_ST_OUTPUT_BIT:
        return image->output[index] != 0;
    case YW_ST_CELL:
        break;
    }
    return 0;
}

static void write_place(struct yw_st_image *image, uint32_t place, uint32_t index,
                        uint32_t cell)
{
    switch ((enum yw_st_place)place) {
    case YW_ST_MEMORY_WORD:
        image->holding[index] = (uint16_t)(cell & UINT16_MAX);
        break;
    case YW_ST_MEMORY_BIT:
        image->coil[index] = cell != 0;
        break;
    case YW_ST_MEMORY_DOUBLE:
        image->holding[index] = (uint16_t)(cell >> 16);
        image->holding[index + 1] = (uint16_t)(cell & UINT16_MAX);
        break;
    case YW_ST_OUTPUT_WORD:
        /* a compiled program may say what it likes: the wiring takes finite numbers */
        image->output[index] = isfinite(float_of(cell)) ? (double)float_of(cell) : 0;
        break;
    case YW_ST_OUTPUT_BIT:
        image->output[index] = cell != 0;
        break;
    case YW_ST_INPUT_WORD:
    case YW_ST_INPUT_BIT:
    case YW_ST_CELL:
        break; /* the verifier refuses them */
    }
}

uint32_t yw_st_get(const struct yw_st_image *image, const struct yw_st_spot *spot)
{
    if (spot->place == YW_ST_CELL)
        return image->cell[spot->at];
    uint32_t cell = read_place(image, spot->place, spot->at);
    if (spot->place == YW_ST_OUTPUT_WORD && spot->type != YW_ST_REAL)
        return (uint32_t)fit(spot->type, whole(round_real(float_of(cell))));
    return spot->type == YW_ST_INT ? (uint32_t)wrap(YW_ST_INT, cell) : cell;
}

void yw_st_put(struct yw_st_image *image, const struct yw_st_spot *spot, uint32_t value)
{
    if (spot->place == YW_ST_OUTPUT_WORD && spot->type != YW_ST_REAL)
        value = bits_of((float)whole(value));
    if (spot->place == YW_ST_CELL)
        image->cell[spot->at] = value;
    else
        write_place(image, spot->place, spot->at, value);
}

static uint32_t divide(struct machine *m, enum op op, int32_t a, int32_t b)
{
    if (b == 0) {
        m->trouble = YW_ST_DIVIDE_BY_ZERO;
        return 0;
    }
    if (b == -1) /* INT32_MIN / -1 */
        return op == OP_MOD ? 0 : 0u - (uint32_t)a;
    return (uint32_t)(op == OP_MOD ? a % b : a / b);
}

static uint32_t shift(enum op op, uint32_t arg, uint32_t a, int32_t by)
{
    uint32_t bits = arg == YW_ST_DINT ? a : a & UINT16_MAX;
    if (by < 0 || by > 31)
        return 0;
    return op == OP_SHL ? bits << by : bits >> by;
}

static uint32_t order(enum op op, int sign)
{
    switch ((int)op) {
    case OP_EQ:
    case OP_REAL_EQ:
        return sign == 0;
    case OP_NE:
    case OP_REAL_NE:
        return sign != 0;
    case OP_LT:
    case OP_REAL_LT:
        return sign < 0;
    case OP_LE:
    case OP_REAL_LE:
        return sign <= 0;
    case OP_GT:
    case OP_REAL_GT:
        return sign > 0;
    default:
        return sign >= 0;
    }
}

static uint32_t whole_binary(struct machine *m, const struct yw_st_op *op, uint32_t a,
                             uint32_t b)
{
    switch ((int)op->code) {
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_AND:
        return a & b;
    case OP_OR:
        return a | b;
    case OP_XOR:
        return a ^ b;
    case OP_MIN:
        return whole(a) < whole(b) ? a : b;
    case OP_MAX:
        return whole(a) > whole(b) ? a : b;
    case OP_SHL:
    case OP_SHR:
        return shift((enum op)op->code, op->arg, a, whole(b));
    case OP_DIV:
    case OP_MOD:
        return divide(m, (enum op)op->code, whole(a), whole(b));
    default:
        return order((enum op)op->code, (whole(a) > whole(b)) - (whole(a) < whole(b)));
    }
}

/* A REAL that is no finite number stops the program where it arises. */
static uint32_t checked(struct machine *m, float value)
{
    if (!isfinite(value))
        m->trouble = YW_ST_OVERFLOW;
    return bits_of(value);
}

static uint32_t real_binary(struct machine *m, enum op op, float a, float b)
{
    switch ((int)op) {
    case OP_REAL_ADD:
        return checked(m, a + b);
    case OP_REAL_SUB:
        return checked(m, a - b);
    case OP_REAL_MUL:
        return checked(m, a * b);
    case OP_REAL_DIV:
        if (b == 0) {
            m->trouble = YW_ST_DIVIDE_BY_ZERO;
            return 0;
        }
        return checked(m, a / b);
    case OP_REAL_MIN:
        return bits_of(a < b ? a : b);
    case OP_REAL_MAX:
        return bits_of(a > b ? a : b);
    default:
        return order(op, (a > b) - (a < b));
    }
}

static uint32_t unary(struct machine *m, const struct yw_st_op *op, uint32_t a)
{
    switch ((int)op->code) {
    case OP_NEG:
        return 0u - a;
    case OP_ABS:
        return whole(a) < 0 ? 0u - a : a;
    case OP_REAL_NEG:
        return bits_of(-float_of(a));
    case OP_REAL_ABS:
        return bits_of(fabsf(float_of(a)));
    case OP_REAL_SQRT:
        return checked(m, sqrtf(float_of(a)));
    case OP_ROUND:
        return round_real(float_of(a));
    case OP_TRUNC:
        return round_real(truncf(float_of(a)));
    case OP_FIT:
        return (uint32_t)fit((enum yw_st_type)op->arg, whole(a));
    default: /* OP_WRAP */
        return (uint32_t)wrap((enum yw_st_type)op->arg, whole(a));
    }
}

static uint32_t ternary(enum op op, uint32_t a, uint32_t b, uint32_t c)
{
    if (op == OP_SEL)
        return a != 0 ? c : b;
    if (op == OP_LIMIT) {
        if (whole(b) < whole(a))
            return a;
        return whole(b) > whole(c) ? c : b;
    }
    if (!(float_of(b) >= float_of(a)))
        return a;
    return float_of(b) > float_of(c) ? c : b;
}

/* K of MUX outside its values takes the last: it cannot be left without one. */
static void mux(struct machine *m, uint32_t count)
{
    uint32_t *first = m->top - count;
    uint32_t which = first[-1];
    first[-1] = first[which < count ? which : count - 1];
    m->top = first;
}

static uint32_t index_of(struct machine *m, uint32_t count, uint32_t so_far,
                         uint32_t next)
{
    if (next >= count)
        m->trouble = YW_ST_OUT_OF_RANGE;
    return so_far * count + next;
}

/* Cell of an array; the index is asked again, for a compiled program may push any. */
static uint32_t *element(struct machine *m, uint32_t arg, uint32_t index)
{
    if (index >= arg >> 16) {
        m->trouble = YW_ST_OUT_OF_RANGE;
        index = 0;
    }
    return &m->image->cell[m->base + (arg & UINT16_MAX) + index];
}

static uint32_t enter_unit(struct machine *m, uint32_t at, uint32_t unit, uint32_t base)
{
    m->calls[m->depth++] = (struct call){.back = at + 1, .base = m->base};
    m->base = base;
    return m->program->units[unit].code_at;
}

static void arithmetic(struct machine *m, const struct yw_st_op *op)
{
    uint32_t *top = m->top;
    switch ((int)op->code) {
    case OP_LIMIT:
    case OP_REAL_LIMIT:
    case OP_SEL:
        top[-3] = ternary((enum op)op->code, top[-3], top[-2], top[-1]);
        m->top = top - 2;
        return;
    case OP_INDEX:
        top[-2] = index_of(m, op->arg, top[-2], top[-1]);
        m->top = top - 1;
        return;
    case OP_TO_REAL:
        top[-1 - (int)op->arg] = bits_of((float)whole(top[-1 - (int)op->arg]));
        return;
    case OP_MUX:
        mux(m, op->arg);
        return;
    case OP_NEG:
    case OP_ABS:
    case OP_REAL_NEG:
    case OP_REAL_ABS:
    case OP_REAL_SQRT:
    case OP_ROUND:
    case OP_TRUNC:
    case OP_FIT:
    case OP_WRAP:
        top[-1] = unary(m, op, top[-1]);
        return;
    default:
        break;
    }
    m->top = top - 1;
    if (op->code >= OP_REAL_ADD && op->code <= OP_REAL_GE)
        top[-2] = real_binary(m, (enum op)op->code, float_of(top[-2]), float_of(top[-1]));
    else
        top[-2] = whole_binary(m, op, top[-2], top[-1]);
}

static void function_frame(struct machine *m, uint32_t index)
{
    const struct yw_st_unit *unit = &m->program->units[index];
    memcpy(m->image->cell + unit->frame_at, m->program->initial + unit->frame_at,
           unit->frame_size * sizeof(uint32_t));
}

/* Does one instruction; returns the next. */
static uint32_t step(struct machine *m, uint32_t at)
{
    const struct yw_st_op *op = &m->program->code[at];
    uint32_t *cell = m->image->cell;
    uint32_t low = op->arg & UINT16_MAX;
    uint32_t high = op->arg >> 16;
    switch ((int)op->code) {
    case OP_PUSH:
        *m->top++ = op->arg;
        break;
    case OP_LOAD:
        *m->top++ = cell[m->base + op->arg];
        break;
    case OP_STORE:
        cell[m->base + op->arg] = *--m->top;
        break;
    case OP_LOAD_AT:
        m->top[-1] = *element(m, op->arg, m->top[-1]);
        break;
    case OP_STORE_AT:
        m->top -= 2;
        *element(m, op->arg, m->top[0]) = m->top[1];
        break;
    case OP_READ:
        *m->top++ = read_place(m->image, high, low);
        break;
    case OP_WRITE:
        write_place(m->image, high, low, *--m->top);
        break;
    case OP_JUMP:
        return op->arg;
    case OP_JUMP_FALSE:
        return *--m->top == 0 ? op->arg : at + 1;
    case OP_ENTER:
        function_frame(m, op->arg);
        break;
    case OP_CALL:
        return enter_unit(m, at, op->arg, m->program->units[op->arg].frame_at);
    case OP_PEEK:
        *m->top++ = cell[op->arg];
        break;
    case OP_POKE:
        cell[op->arg] = *--m->top;
        break;
    case OP_BLOCK:
        return enter_unit(m, at, high, m->base + low);
    case OP_STANDARD:
        block_at(high)->run(cell + m->base + low, m->image->now_ms);
        break;
    default:
        arithmetic(m, op);
    }
    return at + 1;
}

int yw_st_run(const struct yw_st_program *program, struct yw_st_image *image,
              struct yw_st_problem *ret_problem)
{
    const struct yw_st_unit *unit = yw_st_main(program);
    struct machine m = {.program = program, .image = image, .base = unit->frame_at};
    uint32_t at = unit->code_at;
    uint32_t left = YW_ST_BUDGET;
    m.top = m.stack;
    while (m.trouble == YW_ST_OK) {
        uint16_t line = program->code[at].line;
        if (program->code[at].code == OP_RETURN) {
            if (m.depth == 0)
                break;
            m.depth--;
            m.base = m.calls[m.depth].base;
            at = m.calls[m.depth].back;
        } else {
            at = step(&m, at);
        }
        if (--left == 0)
            m.trouble = YW_ST_BUDGET_SPENT;
        if (m.trouble != YW_ST_OK)
            *ret_problem = (struct yw_st_problem){.trouble = m.trouble, .line = line};
    }
    image->spent = YW_ST_BUDGET - left;
    return m.trouble == YW_ST_OK ? 0 : -1;
}

void yw_st_reset(const struct yw_st_program *program, struct yw_st_image *image,
                 bool located)
{
    memcpy(image->cell, program->initial, sizeof(image->cell));
    for (uint32_t i = 0; located && i < program->var_count; i++) {
        const struct yw_st_var *var = &program->vars[i];
        const struct yw_st_spot spot = {.type = (enum yw_st_type)var->type,
                                        .place = (enum yw_st_place)var->place,
                                        .at = var->at};
        if (var->has_initial)
            yw_st_put(image, &spot, var->initial);
    }
}
