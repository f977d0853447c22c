/* Statements. Jumps whose aim is not known yet are chained through their targets. */
#include "controller/st_inner.h"

#include <string.h>

static int compile_assignment(struct compiler *c)
{
    char name[YW_ST_NAME_MAX];
    int line = c->lex.token_line;
    if (new_name(c, name) != 0)
        return -1;
    int index = find_var(c, name);
    if (index < 0) {
        c->lex.token_line = line;
        return fail(c, YW_ST_UNKNOWN_NAME, name);
    }
    const struct yw_st_var *var = &c->program->vars[index];
    if (var->place == YW_ST_INPUT_WORD || var->place == YW_ST_INPUT_BIT)
        return fail(c, YW_ST_READ_ONLY, name);
    enum yw_st_type type = YW_ST_BOOL;
    if (expect(c, ":=") != 0 || compile_expression(c, &type) != 0)
        return -1;
    if (type != var->type && (type != YW_ST_INT || var->type != YW_ST_REAL))
        return fail(c, YW_ST_WRONG_TYPE, name);
    if (emit(c, OP_STORE, (uint32_t)index, 0) != 0)
        return -1;
    return expect(c, ";");
}

/* An unaimed jump at the head of the chain. */
static int chain_jump(struct compiler *c, uint32_t *chain)
{
    uint32_t jump = c->program->code_count;
    if (emit(c, OP_JUMP, *chain, 0) != 0)
        return -1;
    *chain = jump;
    return 0;
}

/* All jumps of the chain go to the next instruction. */
static void aim_chain(struct compiler *c, uint32_t chain)
{
    struct yw_st_op *code = c->program->code;
    while (chain != NO_JUMP) {
        uint32_t before = code[chain].target;
        code[chain].target = c->program->code_count;
        chain = before;
    }
}

/* A jump taken when the value on the stack is false, to be aimed with aim_jump. */
static int jump_false(struct compiler *c, uint32_t *ret_jump)
{
    *ret_jump = c->program->code_count;
    return emit(c, OP_JUMP_FALSE, 0, 0);
}

static void aim_jump(struct compiler *c, uint32_t jump)
{
    c->program->code[jump].target = c->program->code_count;
}

static int compile_bool(struct compiler *c, const char *after)
{
    enum yw_st_type type = YW_ST_BOOL;
    if (lex_next(c) != 0 || compile_expression(c, &type) != 0)
        return -1;
    return type == YW_ST_BOOL ? 0 : fail(c, YW_ST_WRONG_TYPE, after);
}

/* `word` condition `then`, and the jump taken when it is false. */
static int compile_condition(struct compiler *c, const char *then, uint32_t *ret_jump)
{
    if (compile_bool(c, then) != 0 || jump_false(c, ret_jump) != 0)
        return -1;
    return expect(c, then);
}

static int compile_else(struct compiler *c)
{
    if (!at_word(c, "else"))
        return 0;
    return lex_next(c) != 0 ? -1 : compile_statements(c);
}

static int compile_if(struct compiler *c)
{
    uint32_t ends = NO_JUMP;
    do {
        uint32_t skip = 0;
        if (compile_condition(c, "then", &skip) != 0 || compile_statements(c) != 0 ||
            chain_jump(c, &ends) != 0)
            return -1;
        aim_jump(c, skip);
    } while (at_word(c, "elsif"));
    if (compile_else(c) != 0)
        return -1;
    aim_chain(c, ends);
    return expect(c, "end_if");
}

/* The body of a loop; EXIT inside it goes to *ret_exits. */
static int compile_body(struct compiler *c, uint32_t *ret_exits)
{
    uint32_t outer = c->exits;
    c->exits = NO_JUMP;
    c->loops++;
    if (compile_statements(c) != 0)
        return -1;
    c->loops--;
    *ret_exits = c->exits;
    c->exits = outer;
    return 0;
}

static int compile_while(struct compiler *c)
{
    uint32_t start = c->program->code_count;
    uint32_t skip = 0;
    uint32_t exits = NO_JUMP;
    if (compile_condition(c, "do", &skip) != 0 || compile_body(c, &exits) != 0 ||
        emit(c, OP_JUMP, start, 0) != 0)
        return -1;
    aim_jump(c, skip);
    aim_chain(c, exits);
    return expect(c, "end_while");
}

static int compile_repeat(struct compiler *c)
{
    uint32_t start = c->program->code_count;
    uint32_t exits = NO_JUMP;
    if (lex_next(c) != 0 || compile_body(c, &exits) != 0)
        return -1;
    if (!at_word(c, "until"))
        return fail(c, YW_ST_EXPECTED, "until");
    if (compile_bool(c, "until") != 0 || emit(c, OP_JUMP_FALSE, start, 0) != 0)
        return -1;
    aim_chain(c, exits);
    return expect(c, "end_repeat");
}

/* A variable without a name, for what the compiler itself has to keep. */
static int hidden_var(struct compiler *c, uint32_t *ret_index)
{
    struct yw_st_program *program = c->program;
    if (program->var_count == YW_ST_VARS_MAX)
        return fail(c, YW_ST_TOO_LONG, "VAR");
    *ret_index = program->var_count;
    program->vars[program->var_count++] =
        (struct yw_st_var){.type = YW_ST_INT, .place = YW_ST_LOCAL};
    return 0;
}

/* A whole number, with or without a minus. */
static int take_constant(struct compiler *c, double *ret)
{
    bool negative = at_word(c, "-");
    if (negative && lex_next(c) != 0)
        return -1;
    if (c->lex.token != TOKEN_INT)
        return fail(c, YW_ST_EXPECTED, "number");
    *ret = negative ? -c->lex.number : c->lex.number;
    return lex_next(c);
}

static int compile_int(struct compiler *c, const char *word)
{
    enum yw_st_type type = YW_ST_INT;
    if (compile_expression(c, &type) != 0)
        return -1;
    return type == YW_ST_INT ? 0 : fail(c, YW_ST_WRONG_TYPE, word);
}

/* `var := first TO last [BY step] DO`: leaves first in var and last in the hidden
 * variable. */
static int for_head(struct compiler *c, uint32_t *ret_var, uint32_t *ret_last,
                    double *ret_step)
{
    char name[YW_ST_NAME_MAX];
    if (lex_next(c) != 0 || new_name(c, name) != 0)
        return -1;
    int var = find_var(c, name);
    if (var < 0)
        return fail(c, YW_ST_UNKNOWN_NAME, name);
    if (c->program->vars[var].type != YW_ST_INT ||
        c->program->vars[var].place != YW_ST_LOCAL)
        return fail(c, YW_ST_WRONG_TYPE, name);
    *ret_var = (uint32_t)var;
    *ret_step = 1;
    if (hidden_var(c, ret_last) != 0 || expect(c, ":=") != 0 ||
        compile_int(c, "for") != 0 || emit(c, OP_STORE, *ret_var, 0) != 0 ||
        expect(c, "to") != 0 || compile_int(c, "to") != 0 ||
        emit(c, OP_STORE, *ret_last, 0) != 0)
        return -1;
    if (at_word(c, "by") && (lex_next(c) != 0 || take_constant(c, ret_step) != 0))
        return -1;
    return expect(c, "do");
}

static int compile_for(struct compiler *c)
{
    uint32_t var = 0;
    uint32_t last = 0;
    uint32_t skip = 0;
    uint32_t exits = NO_JUMP;
    double step = 1;
    if (for_head(c, &var, &last, &step) != 0)
        return -1;
    uint32_t start = c->program->code_count;
    if (emit(c, OP_LOAD, var, 0) != 0 || emit(c, OP_LOAD, last, 0) != 0 ||
        emit(c, step < 0 ? OP_GE : OP_LE, 0, 0) != 0 || jump_false(c, &skip) != 0 ||
        compile_body(c, &exits) != 0 || emit(c, OP_LOAD, var, 0) != 0 ||
        emit(c, OP_PUSH, 0, step) != 0 || emit(c, OP_ADD, 0, 0) != 0 ||
        emit(c, OP_SATURATE, 0, 0) != 0 || emit(c, OP_STORE, var, 0) != 0 ||
        emit(c, OP_JUMP, start, 0) != 0)
        return -1;
    aim_jump(c, skip);
    aim_chain(c, exits);
    return expect(c, "end_for");
}

/* One label: `5` or `3..5`; leaves whether the value fits on the stack. */
static int case_label(struct compiler *c, uint32_t value)
{
    double least = 0;
    double most = 0;
    if (take_constant(c, &least) != 0)
        return -1;
    if (!at_word(c, ".."))
        return emit(c, OP_LOAD, value, 0) != 0 || emit(c, OP_PUSH, 0, least) != 0
                   ? -1
                   : emit(c, OP_EQ, 0, 0);
    if (lex_next(c) != 0 || take_constant(c, &most) != 0 ||
        emit(c, OP_LOAD, value, 0) != 0 || emit(c, OP_PUSH, 0, least) != 0 ||
        emit(c, OP_GE, 0, 0) != 0 || emit(c, OP_LOAD, value, 0) != 0 ||
        emit(c, OP_PUSH, 0, most) != 0 || emit(c, OP_LE, 0, 0) != 0)
        return -1;
    return emit(c, OP_AND, 0, 0);
}

static int case_branch(struct compiler *c, uint32_t value, uint32_t *ends)
{
    uint32_t skip = 0;
    if (case_label(c, value) != 0)
        return -1;
    while (at_word(c, ",")) {
        if (lex_next(c) != 0 || case_label(c, value) != 0 || emit(c, OP_OR, 0, 0) != 0)
            return -1;
    }
    if (expect(c, ":") != 0 || jump_false(c, &skip) != 0 || compile_statements(c) != 0 ||
        chain_jump(c, ends) != 0)
        return -1;
    aim_jump(c, skip);
    return 0;
}

static int compile_case(struct compiler *c)
{
    uint32_t value = 0;
    uint32_t ends = NO_JUMP;
    if (lex_next(c) != 0 || hidden_var(c, &value) != 0 || compile_int(c, "case") != 0 ||
        emit(c, OP_STORE, value, 0) != 0 || expect(c, "of") != 0)
        return -1;
    do {
        if (case_branch(c, value, &ends) != 0)
            return -1;
    } while (!at_word(c, "else") && !at_word(c, "end_case"));
    if (compile_else(c) != 0)
        return -1;
    aim_chain(c, ends);
    return expect(c, "end_case");
}

static int compile_exit(struct compiler *c)
{
    if (c->loops == 0)
        return fail(c, YW_ST_EXPECTED, "for, while, repeat");
    return chain_jump(c, &c->exits) != 0 ? -1 : lex_next(c);
}

static int compile_statement(struct compiler *c)
{
    static const struct {
        const char *word;
        int (*compile)(struct compiler *c);
    } statements[] = {
        {"if", compile_if},   {"while", compile_while}, {"repeat", compile_repeat},
        {"for", compile_for}, {"case", compile_case},   {"exit", compile_exit},
    };
    if (at_word(c, ";"))
        return lex_next(c);
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        if (at_word(c, statements[i].word))
            return statements[i].compile(c) != 0 ? -1 : expect(c, ";");
    }
    return compile_assignment(c);
}

static bool at_block_end(const struct compiler *c)
{
    static const char *const words[] = {"end_program", "end_if",  "else",  "elsif",
                                        "end_while",   "end_for", "until", "end_repeat",
                                        "end_case",    "-"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (at_word(c, words[i]))
            return true;
    }
    /* A number begins the next branch of a CASE. */
    return c->lex.token == TOKEN_END || c->lex.token == TOKEN_INT;
}

int compile_statements(struct compiler *c)
{
    if (enter(c) != 0)
        return -1;
    while (!at_block_end(c)) {
        if (compile_statement(c) != 0)
            return -1;
    }
    c->depth--;
    return 0;
}
