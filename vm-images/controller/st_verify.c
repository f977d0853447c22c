/* The proof that a program may run, one pass over its code: linear, so that a hostile
 * program costs no more than an honest one. An instruction that no earlier one reaches is
 * dead, and a jump back to a dead one is refused. */
#include "controller/st_inner.h"

#include <string.h>

#define DEAD (-1)

struct check {
    const struct yw_st_program *program;
    const struct yw_st_unit *unit;
    uint32_t index; /* of the unit */
    int16_t depth[YW_ST_CODE_MAX + 1];
    uint16_t needs[YW_ST_UNITS_MAX]; /* deepest stack, callees included */
    uint32_t line;
};

static const struct {
    uint8_t pops, pushes;
} effects[] = {
#define ST_OP(name, pops, pushes) [OP_##name] = {pops, pushes},
    ST_OPS(ST_OP)
#undef ST_OP
};

static bool is_place(uint32_t place, uint32_t index, bool writes)
{
    switch (place) {
    case YW_ST_INPUT_WORD:
    case YW_ST_INPUT_BIT:
        return index < YW_ST_WORDS && !writes;
    case YW_ST_MEMORY_WORD:
    case YW_ST_MEMORY_BIT:
        return index < YW_ST_WORDS;
    case YW_ST_MEMORY_DOUBLE:
        return index + 1 < YW_ST_WORDS;
    case YW_ST_OUTPUT_WORD:
    case YW_ST_OUTPUT_BIT:
        return index < YW_ST_OUTPUTS;
    default:
        return false;
    }
}

/* A callee stands before its caller, and its instance lies in the caller's frame. */
static bool is_callee(const struct check *check, uint32_t index, enum yw_st_kind kind,
                      uint32_t cell)
{
    if (index >= check->index)
        return false;
    const struct yw_st_unit *callee = &check->program->units[index];
    if (callee->kind != kind)
        return false;
    return kind == YW_ST_FUNCTION || cell + callee->frame_size <= check->unit->frame_size;
}

static bool is_standard(const struct check *check, uint32_t index, uint32_t cell)
{
    const struct block *block = block_at(index);
    return block != NULL && cell + block->cells <= check->unit->frame_size;
}

static bool argument_fits(const struct check *check, const struct yw_st_op *op)
{
    uint32_t low = op->arg & UINT16_MAX;
    uint32_t high = op->arg >> 16;
    uint32_t frame = check->unit->frame_size;
    uint32_t from = check->unit->code_at;
    switch ((int)op->code) {
    case OP_LOAD:
    case OP_STORE:
        return op->arg < frame;
    case OP_LOAD_AT:
    case OP_STORE_AT:
        return high > 0 && low + high <= frame;
    case OP_READ:
    case OP_WRITE:
        return is_place(high, low, op->code == OP_WRITE);
    case OP_JUMP:
    case OP_JUMP_FALSE:
        return op->arg >= from && op->arg < from + check->unit->code_count;
    case OP_ENTER:
    case OP_CALL:
        return is_callee(check, op->arg, YW_ST_FUNCTION, 0);
    case OP_BLOCK:
        return is_callee(check, high, YW_ST_FUNCTION_BLOCK, low);
    case OP_STANDARD:
        return is_standard(check, high, low);
    case OP_PEEK:
    case OP_POKE:
        return op->arg < check->program->cell_count;
    case OP_INDEX:
        return op->arg > 0 && op->arg <= YW_ST_CELLS_MAX;
    case OP_TO_REAL:
        return op->arg < YW_ST_ARGS_MAX;
    case OP_MUX:
        return op->arg > 0 && op->arg < YW_ST_ARGS_MAX;
    case OP_FIT:
    case OP_WRAP:
        return op->arg < YW_ST_BLOCK;
    default:
        return true;
    }
}

/* One way on: the depth there is this. */
static bool flows(struct check *check, uint32_t from, uint32_t to, int depth)
{
    uint32_t end = (uint32_t)check->unit->code_at + check->unit->code_count;
    if (to >= end)
        return false;
    if (to > from && check->depth[to] == DEAD)
        check->depth[to] = (int16_t)depth;
    return check->depth[to] == depth;
}

static bool check_op(struct check *check, uint32_t at)
{
    const struct yw_st_op *op = &check->program->code[at];
    int depth = check->depth[at];
    check->line = op->line;
    if (op->code >= OP_COUNT || !argument_fits(check, op))
        return false;
    int pops = effects[op->code].pops;
    int pushes = effects[op->code].pushes;
    int callee = 0;
    if (op->code == OP_MUX) {
        pops = (int)op->arg + 1;
        pushes = 1;
    } else if (op->code == OP_TO_REAL) {
        pops = pushes = (int)op->arg + 1;
    } else if (op->code == OP_CALL) {
        callee = check->needs[op->arg];
    } else if (op->code == OP_BLOCK) {
        callee = check->needs[op->arg >> 16];
    }
    int after = depth - pops + pushes;
    int most = after > depth + callee ? after : depth + callee;
    if (pops > depth || most > YW_ST_STACK_MAX)
        return false;
    if (most > check->needs[check->index])
        check->needs[check->index] = (uint16_t)most;
    if (op->code == OP_RETURN)
        return true;
    if ((op->code == OP_JUMP || op->code == OP_JUMP_FALSE) &&
        !flows(check, at, op->arg, after))
        return false;
    return op->code == OP_JUMP || flows(check, at, at + 1, after);
}

static bool check_unit(struct check *check)
{
    const struct yw_st_unit *unit = check->unit;
    uint32_t end = (uint32_t)unit->code_at + unit->code_count;
    bool last = check->index + 1 == check->program->unit_count;
    if (unit->code_count == 0 || end > check->program->code_count ||
        (uint32_t)unit->frame_at + unit->frame_size > check->program->cell_count ||
        (unit->kind == YW_ST_PROGRAM) != last || unit->kind > YW_ST_PROGRAM)
        return false;
    for (uint32_t at = unit->code_at; at < end; at++)
        check->depth[at] = DEAD;
    check->depth[unit->code_at] = 0;
    for (uint32_t at = unit->code_at; at < end; at++) {
        if (check->depth[at] != DEAD && !check_op(check, at))
            return false;
    }
    return true;
}

/* Names end, types and places are known, cells lie in their frame: what shows and carries
 * variables believes that. */
static bool check_var(const struct yw_st_program *program, const struct yw_st_unit *unit,
                      const struct yw_st_var *var, uint32_t unit_index)
{
    bool block = var->type == YW_ST_BLOCK;
    uint32_t elements = 1;
    if (memchr(var->name, '\0', sizeof(var->name)) == NULL || var->type > YW_ST_BLOCK ||
        var->dims > YW_ST_DIMS_MAX || var->section > YW_ST_VAR_OUTPUT ||
        (block && var->dims > 0))
        return false;
    for (uint8_t i = 0; i < var->dims; i++) {
        elements *= var->count[i];
        if (elements == 0 || elements > YW_ST_CELLS_MAX)
            return false;
    }
    if (var->place != YW_ST_CELL)
        return !block && var->dims == 0 && is_place(var->place, var->at, false);
    if (var->has_initial || (uint32_t)var->at + var->cells > unit->frame_size)
        return false;
    if (!block)
        return var->cells == elements;
    if (var->unit >= YW_ST_UNITS_MAX) {
        const struct block *standard = block_at((uint32_t)var->unit - YW_ST_UNITS_MAX);
        return standard != NULL && var->cells == standard->cells;
    }
    return var->unit < unit_index &&
           program->units[var->unit].kind == YW_ST_FUNCTION_BLOCK &&
           var->cells == program->units[var->unit].frame_size;
}

static bool check_names(const struct yw_st_program *program, uint32_t index)
{
    const struct yw_st_unit *unit = &program->units[index];
    if (memchr(unit->name, '\0', sizeof(unit->name)) == NULL ||
        (uint32_t)unit->var_at + unit->var_count > program->var_count)
        return false;
    for (uint32_t i = unit->var_at; i < (uint32_t)unit->var_at + unit->var_count; i++) {
        if (!check_var(program, unit, &program->vars[i], index))
            return false;
    }
    return true;
}

int yw_st_verify(const struct yw_st_program *program, struct yw_st_problem *ret_problem)
{
    struct check check = {.program = program};
    bool good =
        program->unit_count > 0 && program->unit_count <= YW_ST_UNITS_MAX &&
        program->var_count <= YW_ST_VARS_MAX && program->code_count <= YW_ST_CODE_MAX &&
        program->cell_count <= YW_ST_CELLS_MAX && program->scan_ms >= YW_ST_SCAN_MIN_MS &&
        program->scan_ms <= YW_ST_SCAN_MAX_MS;
    for (uint32_t i = 0; good && i < program->unit_count; i++) {
        check.index = i;
        check.unit = &program->units[i];
        good = check_names(program, i) && check_unit(&check);
    }
    if (good)
        return 0;
    *ret_problem = (struct yw_st_problem){
        .trouble = YW_ST_BAD_CODE,
        .line = (int)check.line,
    };
    if (check.unit != NULL)
        memcpy(ret_problem->word, check.unit->name, YW_ST_NAME_MAX - 1);
    return -1;
}
