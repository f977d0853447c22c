/* Variables as they are named in code: members, elements, addresses. */
#include "controller/st_inner.h"

#include <stdio.h>
#include <string.h>

static void copy_name(char ret[YW_ST_NAME_MAX], const char *name)
{
    memmove(ret, name, YW_ST_NAME_MAX);
}

int find_var(const struct compiler *c, const struct yw_st_unit *unit, const char *name)
{
    for (uint32_t i = unit->var_at; i < (uint32_t)unit->var_at + unit->var_count; i++) {
        if (name[0] != '\0' && strcmp(c->program->vars[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

/* Letters that one name has in the place of the other, or more; small when alike. */
static size_t distance(const char *a, const char *b)
{
    size_t row[YW_ST_NAME_MAX + 1];
    size_t size = strlen(b);
    for (size_t j = 0; j <= size; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < size; j++) {
            size_t best = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j + 1] + 1 < best)
                best = row[j + 1] + 1;
            row[j + 1] = best;
        }
    }
    return row[size];
}

static int fail_unknown(struct compiler *c, const char *name)
{
    const struct yw_st_unit *unit = c->unit;
    const char *near = "";
    size_t least = 1 + strlen(name) / 3;
    for (uint32_t i = unit->var_at; i < (uint32_t)unit->var_at + unit->var_count; i++) {
        const char *known = c->program->vars[i].name;
        size_t apart = distance(name, known);
        if (known[0] != '\0' && apart <= least) {
            near = known;
            least = apart;
        }
    }
    return fail(c, YW_ST_UNKNOWN_NAME, name, near);
}

static const struct {
    char text[3];
    enum yw_st_place place;
    enum yw_st_type type;
} places[] = {
    {"iw", YW_ST_INPUT_WORD, YW_ST_UINT},    {"ix", YW_ST_INPUT_BIT, YW_ST_BOOL},
    {"mw", YW_ST_MEMORY_WORD, YW_ST_UINT},   {"mx", YW_ST_MEMORY_BIT, YW_ST_BOOL},
    {"md", YW_ST_MEMORY_DOUBLE, YW_ST_DINT}, {"qw", YW_ST_OUTPUT_WORD, YW_ST_REAL},
    {"qx", YW_ST_OUTPUT_BIT, YW_ST_BOOL},
};

static int address_ref(struct compiler *c, struct ref *ret)
{
    *ret = (struct ref){.at = (uint16_t)c->lex.index};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (strcmp(c->lex.text, places[i].text) == 0) {
            ret->place = places[i].place;
            ret->type = places[i].type;
        }
    }
    ret->read_only = ret->place == YW_ST_INPUT_WORD || ret->place == YW_ST_INPUT_BIT;
    copy_name(ret->name, c->lex.text);
    return lex_next(c);
}

/* An index that is known here and outside would stop the controller in its first scan. */
static int check_index(struct compiler *c, const struct yw_st_var *var, uint8_t dim,
                       uint32_t code_at)
{
    const struct yw_st_program *program = c->program;
    char want[YW_ST_NAME_MAX];
    if (program->code_count != code_at + 1 || program->code[code_at].code != OP_PUSH)
        return 0;
    int64_t index = (int32_t)program->code[code_at].arg;
    int64_t high = (int64_t)var->low[dim] + var->count[dim] - 1;
    if (index >= var->low[dim] && index <= high)
        return 0;
    (void)snprintf(want, sizeof(want), "%d..%lld", var->low[dim], (long long)high);
    return fail(c, YW_ST_OUT_OF_RANGE, var->name, want);
}

/* `[i, k]`: leaves the number of the element on the stack. */
static int compile_index(struct compiler *c, const struct yw_st_var *var)
{
    if (lex_next(c) != 0)
        return -1;
    for (uint8_t i = 0; i < var->dims; i++) {
        if (i > 0 && expect(c, ",") != 0)
            return -1;
        if (i == 0 && emit(c, OP_PUSH, 0) != 0)
            return -1;
        uint32_t code_at = c->program->code_count;
        if (compile_as(c, YW_ST_DINT, "[ ]") != 0 ||
            check_index(c, var, i, code_at) != 0 ||
            emit(c, OP_PUSH, (uint32_t)var->low[i]) != 0 || emit(c, OP_SUB, 0) != 0 ||
            emit(c, OP_INDEX, var->count[i]) != 0)
            return -1;
    }
    return expect(c, "]");
}

/* What follows the name of a variable whose frame begins at cell `base` of ours. */
static int variable_ref(struct compiler *c, const struct yw_st_var *var, uint32_t base,
                        struct ref *ret)
{
    ret->type = (enum yw_st_type)var->type;
    ret->place = (enum yw_st_place)var->place;
    ret->at = (uint16_t)(base + var->at);
    ret->cells = var->cells;
    ret->unit = var->unit;
    ret->constant = var->constant;
    ret->initial = var->initial;
    ret->read_only =
        var->constant || var->place == YW_ST_INPUT_WORD || var->place == YW_ST_INPUT_BIT;
    copy_name(ret->name, var->name);
    ret->whole = var->dims > 0;
    if (var->dims == 0 && at_word(c, "["))
        return fail(c, YW_ST_NO_ARRAY, var->name, "");
    if (var->dims == 0 || !at_word(c, "["))
        return 0;
    ret->whole = false;
    ret->indexed = true;
    return compile_index(c, var);
}

static int standard_member(struct compiler *c, struct ref *ret)
{
    const struct block *block = block_at((uint32_t)ret->unit - YW_ST_UNITS_MAX);
    for (uint16_t i = 0; i < block->var_count; i++) {
        const struct block_var *var = &block->vars[i];
        if (var->name == NULL || strcmp(var->name, c->lex.text) != 0)
            continue;
        ret->type = var->type;
        ret->at = (uint16_t)(ret->at + i);
        ret->cells = 1;
        ret->read_only = var->section != YW_ST_VAR_INPUT;
        copy_name(ret->name, c->lex.text);
        return lex_next(c);
    }
    return fail(c, YW_ST_UNKNOWN_NAME, c->lex.text, block->name);
}

/* After `name.`: a member of the instance. */
static int member_ref(struct compiler *c, struct ref *ret)
{
    if (c->lex.token != TOKEN_NAME)
        return fail(c, YW_ST_EXPECTED, c->lex.text, "a name");
    if (ret->unit >= YW_ST_UNITS_MAX)
        return standard_member(c, ret);
    const struct yw_st_unit *unit = &c->program->units[ret->unit];
    int index = find_var(c, unit, c->lex.text);
    if (index < 0)
        return fail(c, YW_ST_UNKNOWN_NAME, c->lex.text, unit->name);
    const struct yw_st_var *var = &c->program->vars[index];
    if (lex_next(c) != 0 || variable_ref(c, var, ret->at, ret) != 0)
        return -1;
    ret->read_only = ret->read_only || var->section != YW_ST_VAR_INPUT;
    return 0;
}

int compile_ref(struct compiler *c, struct ref *ret)
{
    if (c->lex.token == TOKEN_ADDRESS)
        return address_ref(c, ret);
    if (c->lex.token != TOKEN_NAME)
        return fail(c, YW_ST_EXPECTED, c->lex.text, "a name");
    *ret = (struct ref){.place = YW_ST_CELL};
    int index = find_var(c, c->unit, c->lex.text);
    if (index < 0)
        return fail_unknown(c, c->lex.text);
    if (lex_next(c) != 0 || variable_ref(c, &c->program->vars[index], 0, ret) != 0)
        return -1;
    while (ret->type == YW_ST_BLOCK && at_word(c, ".")) {
        if (lex_next(c) != 0 || member_ref(c, ret) != 0)
            return -1;
    }
    return 0;
}

/* A variable of a simple type, once its index is there. */
static int check_simple(struct compiler *c, const struct ref *ref)
{
    if (ref->whole)
        return fail(c, YW_ST_EXPECTED, ref->name, "[");
    if (ref->type == YW_ST_BLOCK)
        return fail(c, YW_ST_EXPECTED, ref->name, ".");
    return 0;
}

int compile_load(struct compiler *c, const struct ref *ref, struct value *ret)
{
    *ret = (struct value){.type = ref->type};
    if (check_simple(c, ref) != 0)
        return -1;
    if (ref->constant && !ref->indexed) {
        ret->known = true;
        ret->whole = (int32_t)ref->initial;
        ret->real = (double)float_of(ref->initial);
        ret->push = c->program->code_count;
        return emit(c, OP_PUSH, ref->initial);
    }
    if (ref->indexed)
        return emit_pair(c, OP_LOAD_AT, ref->at, ref->cells);
    if (ref->place == YW_ST_CELL)
        return emit(c, OP_LOAD, ref->at);
    if (emit_pair(c, OP_READ, ref->at, ref->place) != 0)
        return -1;
    if (ref->place == YW_ST_OUTPUT_WORD && ref->type != YW_ST_REAL) {
        if (emit(c, OP_ROUND, 0) != 0)
            return -1;
        return emit(c, OP_FIT, ref->type);
    }
    return ref->type == YW_ST_INT ? emit(c, OP_WRAP, YW_ST_INT) : 0;
}

int compile_store(struct compiler *c, const struct ref *ref)
{
    if (check_simple(c, ref) != 0)
        return -1;
    if (ref->read_only)
        return fail(c, YW_ST_READ_ONLY, ref->name, "");
    if (ref->indexed)
        return emit_pair(c, OP_STORE_AT, ref->at, ref->cells);
    if (ref->place == YW_ST_CELL)
        return emit(c, OP_STORE, ref->at);
    if (ref->place == YW_ST_OUTPUT_WORD && ref->type != YW_ST_REAL &&
        emit(c, OP_TO_REAL, 0) != 0)
        return -1;
    return emit_pair(c, OP_WRITE, ref->at, ref->place);
}
