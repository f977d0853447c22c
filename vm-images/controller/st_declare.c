/* Declarations: VAR … END_VAR of every kind. */
#include "controller/st_inner.h"

#include <string.h>

struct section {
    enum yw_st_section kind;
    bool retain;
    bool constant;
};

/* Room in the unit's frame. */
static int take_cells(struct compiler *c, uint32_t cells, uint16_t *ret_at)
{
    struct yw_st_program *program = c->program;
    if (program->cell_count + cells > YW_ST_CELLS_MAX)
        return fail(c, YW_ST_TOO_LONG, "VAR", "4096");
    *ret_at = c->unit->frame_size;
    program->cell_count += cells;
    c->unit->frame_size = (uint16_t)(c->unit->frame_size + cells);
    return 0;
}

static int add_var(struct compiler *c, const struct yw_st_var *var)
{
    if (c->program->var_count == YW_ST_VARS_MAX)
        return fail(c, YW_ST_TOO_LONG, "VAR", "512");
    c->program->vars[c->program->var_count++] = *var;
    c->unit->var_count++;
    return 0;
}

int hidden_var(struct compiler *c, enum yw_st_type type, struct ref *ret)
{
    struct yw_st_var var = {.type = (uint8_t)type, .cells = 1};
    if (take_cells(c, 1, &var.at) != 0)
        return -1;
    *ret = (struct ref){.type = type, .place = YW_ST_CELL, .at = var.at, .cells = 1};
    return add_var(c, &var);
}

static int declare_place(struct compiler *c, const struct section *section,
                         struct yw_st_var *var)
{
    struct ref ref;
    if (!at_word(c, "at"))
        return 0;
    if (c->unit->kind != YW_ST_PROGRAM || section->retain || section->constant)
        return fail(c, YW_ST_EXPECTED, "AT", "VAR of a PROGRAM");
    if (lex_next(c) != 0)
        return -1;
    if (c->lex.token != TOKEN_ADDRESS)
        return fail(c, YW_ST_EXPECTED, c->lex.text, "%");
    if (compile_ref(c, &ref) != 0)
        return -1;
    var->place = (uint8_t)ref.place;
    var->at = ref.at;
    return 0;
}

/* `1..8, 0..3]`, after ARRAY[. */
static int declare_dims(struct compiler *c, struct yw_st_var *var)
{
    uint32_t cells = 1;
    do {
        int64_t low = 0;
        int64_t high = 0;
        if (var->dims == YW_ST_DIMS_MAX)
            return fail(c, YW_ST_TOO_LONG, "ARRAY", "3");
        if (lex_next(c) != 0 || compile_whole_constant(c, &low) != 0 ||
            expect(c, "..") != 0 || compile_whole_constant(c, &high) != 0)
            return -1;
        if (high < low || high - low >= YW_ST_CELLS_MAX ||
            cells * (uint64_t)(high - low + 1) > YW_ST_CELLS_MAX)
            return fail(c, YW_ST_OUT_OF_RANGE, "ARRAY", "1..4096");
        var->low[var->dims] = (int32_t)low;
        var->count[var->dims++] = (uint16_t)(high - low + 1);
        cells *= (uint32_t)(high - low + 1);
    } while (at_word(c, ","));
    var->cells = (uint16_t)cells;
    return expect(c, "]");
}

static bool fits_place(const struct yw_st_var *var)
{
    enum yw_st_type type = (enum yw_st_type)var->type;
    switch ((enum yw_st_place)var->place) {
    case YW_ST_CELL:
        return true;
    case YW_ST_INPUT_BIT:
    case YW_ST_MEMORY_BIT:
    case YW_ST_OUTPUT_BIT:
        return type == YW_ST_BOOL;
    case YW_ST_INPUT_WORD:
    case YW_ST_MEMORY_WORD:
        return type == YW_ST_INT || type == YW_ST_UINT;
    case YW_ST_MEMORY_DOUBLE:
        return type == YW_ST_DINT || type == YW_ST_REAL || type == YW_ST_TIME;
    case YW_ST_OUTPUT_WORD:
        return is_whole(type) || type == YW_ST_REAL;
    }
    return false;
}

static const char *place_types(const struct yw_st_var *var)
{
    static const char *const types[] = {
        [YW_ST_CELL] = "",
        [YW_ST_INPUT_WORD] = "INT, UINT",
        [YW_ST_INPUT_BIT] = "BOOL",
        [YW_ST_MEMORY_WORD] = "INT, UINT",
        [YW_ST_MEMORY_BIT] = "BOOL",
        [YW_ST_MEMORY_DOUBLE] = "DINT, REAL, TIME",
        [YW_ST_OUTPUT_WORD] = "INT, UINT, DINT, REAL",
        [YW_ST_OUTPUT_BIT] = "BOOL",
    };
    return types[var->place];
}

/* A function block as a type: one that is complete. */
static int declare_block(struct compiler *c, struct yw_st_var *var)
{
    int standard = block_find(c->lex.text);
    int unit = find_unit(c->program, c->lex.text);
    bool own = unit >= 0 && c->program->units[unit].kind == YW_ST_FUNCTION_BLOCK &&
               &c->program->units[unit] != c->unit;
    if (standard < 0 && !own)
        return fail(c, YW_ST_EXPECTED, c->lex.text,
                    "BOOL, INT, DINT, UINT, REAL, TIME, ARRAY, a FUNCTION_BLOCK above");
    if (c->unit->kind == YW_ST_FUNCTION || var->dims > 0 || var->place != YW_ST_CELL)
        return fail(c, YW_ST_WRONG_TYPE, c->lex.text,
                    "BOOL, INT, DINT, UINT, REAL, TIME");
    var->type = YW_ST_BLOCK;
    var->unit = (uint16_t)(standard >= 0 ? YW_ST_UNITS_MAX + standard : unit);
    var->cells = standard >= 0 ? block_at((uint32_t)standard)->cells
                               : c->program->units[unit].frame_size;
    return 0;
}

static int declare_type(struct compiler *c, struct yw_st_var *var)
{
    var->cells = 1;
    if (at_word(c, "array")) {
        if (var->place != YW_ST_CELL)
            return fail(c, YW_ST_WRONG_TYPE, var->name, place_types(var));
        if (lex_next(c) != 0)
            return -1;
        if (!at_word(c, "["))
            return expect(c, "[");
        if (declare_dims(c, var) != 0 || expect(c, "of") != 0)
            return -1;
    }
    if (c->lex.token != TOKEN_NAME)
        return fail(c, YW_ST_EXPECTED, c->lex.text, "BOOL, INT, DINT, UINT, REAL, TIME");
    int type = find_type(c->lex.text);
    if (type < 0) {
        if (declare_block(c, var) != 0)
            return -1;
    } else {
        var->type = (uint8_t)type;
    }
    if (!fits_place(var))
        return fail(c, YW_ST_WRONG_TYPE, var->name, place_types(var));
    return lex_next(c);
}

/* `3(0.0)` or `1.5`: how many times what. */
static int array_item(struct compiler *c, enum yw_st_type type, int64_t *ret_times,
                      uint32_t *ret_cell)
{
    struct lexer before = c->lex;
    *ret_times = 1;
    if (c->lex.token == TOKEN_WHOLE) {
        int64_t times = c->lex.whole;
        if (lex_next(c) != 0)
            return -1;
        if (at_word(c, "(")) {
            *ret_times = times;
            if (lex_next(c) != 0 || compile_constant(c, type, ret_cell) != 0)
                return -1;
            return expect(c, ")");
        }
        c->lex = before;
    }
    return compile_constant(c, type, ret_cell);
}

static int initial_array(struct compiler *c, const struct yw_st_var *var, uint32_t *cells)
{
    uint32_t filled = 0;
    if (!at_word(c, "["))
        return expect(c, "[");
    do {
        int64_t times = 0;
        uint32_t cell = 0;
        if (lex_next(c) != 0 ||
            array_item(c, (enum yw_st_type)var->type, &times, &cell) != 0)
            return -1;
        if (times > var->cells - filled)
            return fail(c, YW_ST_OUT_OF_RANGE, var->name, "");
        for (int64_t i = 0; i < times; i++)
            cells[filled++] = cell;
    } while (at_word(c, ","));
    return expect(c, "]");
}

static void initial_block(struct compiler *c, const struct yw_st_var *var,
                          uint32_t *cells)
{
    if (var->unit >= YW_ST_UNITS_MAX) {
        block_reset(block_at((uint32_t)var->unit - YW_ST_UNITS_MAX), cells);
        return;
    }
    const struct yw_st_unit *unit = &c->program->units[var->unit];
    memcpy(cells, c->program->initial + unit->frame_at, var->cells * sizeof(*cells));
}

/* Every name of one declaration gets its own cells with the same initial values. */
static int place_var(struct compiler *c, struct yw_st_var *var, const struct lexer *value)
{
    struct yw_st_program *program = c->program;
    if (var->place == YW_ST_CELL && take_cells(c, var->cells, &var->at) != 0)
        return -1;
    uint32_t *cells = program->initial + c->unit->frame_at + var->at;
    if (var->type == YW_ST_BLOCK)
        initial_block(c, var, cells);
    if (value != NULL) {
        c->lex = *value;
        if (var->type == YW_ST_BLOCK)
            return fail(c, YW_ST_EXPECTED, ":=", ";");
        if (var->place == YW_ST_INPUT_WORD || var->place == YW_ST_INPUT_BIT)
            return fail(c, YW_ST_READ_ONLY, var->name, ";");
        if (var->dims > 0) {
            if (initial_array(c, var, cells) != 0)
                return -1;
        } else if (compile_constant(c, (enum yw_st_type)var->type, &var->initial) != 0) {
            return -1;
        } else if (var->place == YW_ST_CELL) {
            cells[0] = var->initial;
        } else {
            var->has_initial = true;
        }
    }
    return add_var(c, var);
}

#define NAMES_MAX 16

static int take_names(struct compiler *c, char names[NAMES_MAX][YW_ST_NAME_MAX],
                      uint32_t *ret_count)
{
    *ret_count = 0;
    for (;;) {
        if (*ret_count == NAMES_MAX)
            return fail(c, YW_ST_TOO_LONG, "VAR", "16");
        if (new_name(c, names[*ret_count]) != 0)
            return -1;
        bool twice = find_var(c, c->unit, names[*ret_count]) >= 0 ||
                     find_unit(c->program, names[*ret_count]) >= 0;
        for (uint32_t i = 0; i < *ret_count; i++)
            twice = twice || strcmp(names[i], names[*ret_count]) == 0;
        if (twice)
            return fail(c, YW_ST_DOUBLE_NAME, names[*ret_count], "");
        (*ret_count)++;
        if (lex_next(c) != 0)
            return -1;
        if (!at_word(c, ","))
            return 0;
        if (lex_next(c) != 0)
            return -1;
    }
}

static int declare_vars(struct compiler *c, const struct section *section)
{
    char names[NAMES_MAX][YW_ST_NAME_MAX];
    uint32_t count = 0;
    struct yw_st_var var = {.section = (uint8_t)section->kind,
                            .retain = section->retain,
                            .constant = section->constant};
    struct lexer value;
    if (take_names(c, names, &count) != 0)
        return -1;
    memcpy(var.name, names[0], sizeof(var.name));
    if (declare_place(c, section, &var) != 0 || expect(c, ":") != 0 ||
        declare_type(c, &var) != 0)
        return -1;
    bool has_value = at_word(c, ":=");
    if (has_value && lex_next(c) != 0)
        return -1;
    value = c->lex;
    if (section->constant && (!has_value || var.dims > 0))
        return fail(c, YW_ST_EXPECTED, var.name, ":= of a simple type");
    if (section->kind == YW_ST_VAR_INPUT && c->unit->kind == YW_ST_FUNCTION &&
        var.dims > 0)
        return fail(c, YW_ST_WRONG_TYPE, var.name, "BOOL, INT, DINT, UINT, REAL, TIME");
    for (uint32_t i = 0; i < count; i++) {
        memcpy(var.name, names[i], sizeof(var.name));
        if (place_var(c, &var, has_value ? &value : NULL) != 0)
            return -1;
    }
    return expect(c, ";");
}

/* VAR, VAR_INPUT, VAR_OUTPUT, VAR RETAIN, VAR CONSTANT. */
static int open_section(struct compiler *c, struct section *ret)
{
    *ret = (struct section){.kind = YW_ST_VAR};
    if (at_word(c, "var_input"))
        ret->kind = YW_ST_VAR_INPUT;
    else if (at_word(c, "var_output"))
        ret->kind = YW_ST_VAR_OUTPUT;
    bool right = ret->kind == YW_ST_VAR || c->unit->kind == YW_ST_FUNCTION_BLOCK ||
                 (ret->kind == YW_ST_VAR_INPUT && c->unit->kind == YW_ST_FUNCTION);
    if (!right)
        return fail(c, YW_ST_EXPECTED, c->lex.text, "VAR");
    if (lex_next(c) != 0)
        return -1;
    ret->retain = at_word(c, "retain");
    ret->constant = at_word(c, "constant");
    if (!ret->retain && !ret->constant)
        return 0;
    if (ret->kind != YW_ST_VAR || (ret->retain && c->unit->kind != YW_ST_PROGRAM))
        return fail(c, YW_ST_EXPECTED, c->lex.text, "VAR of a PROGRAM");
    return lex_next(c);
}

int compile_declarations(struct compiler *c)
{
    while (at_word(c, "var") || at_word(c, "var_input") || at_word(c, "var_output")) {
        struct section section;
        if (open_section(c, &section) != 0)
            return -1;
        while (!at_word(c, "end_var")) {
            if (declare_vars(c, &section) != 0)
                return -1;
        }
        if (lex_next(c) != 0)
            return -1;
    }
    return 0;
}
