/* Statements. Jumps whose aim is not known yet are chained through their argument. */
#include "controller/st_inner.h"

#include <string.h>

/* An assignment, or the call of a block. */
static int compile_assignment(struct compiler *c)
{
    struct ref ref;
    if (compile_ref(c, &ref) != 0)
        return -1;
    if (ref.type == YW_ST_BLOCK && !ref.whole && at_word(c, "(")) {
        if (compile_block_call(c, &ref) != 0)
            return -1;
        return expect(c, ";");
    }
    if (ref.read_only)
        return fail(c, YW_ST_READ_ONLY, ref.name, "");
    if (expect(c, ":=") != 0 || compile_as(c, ref.type, ref.name) != 0 ||
        compile_store(c, &ref) != 0)
        return -1;
    return expect(c, ";");
}

/* An unaimed jump at the head of the chain. */
static int chain_jump(struct compiler *c, enum op op, uint32_t *chain)
{
    uint32_t jump = c->program->code_count;
    if (emit(c, op, *chain) != 0)
        return -1;
    *chain = jump;
    return 0;
}

/* All jumps of the chain go to the next instruction. */
static void aim_chain(struct compiler *c, uint32_t chain)
{
    struct yw_st_op *code = c->program->code;
    while (chain != NO_JUMP) {
        uint32_t before = code[chain].arg;
        code[chain].arg = c->program->code_count;
        chain = before;
    }
}

/* A condition, and the jump taken when it is false, to be aimed with aim_chain. */
static int compile_condition(struct compiler *c, const char *then, uint32_t *ret_skip)
{
    *ret_skip = NO_JUMP;
    if (lex_next(c) != 0 || compile_as(c, YW_ST_BOOL, then) != 0 ||
        chain_jump(c, OP_JUMP_FALSE, ret_skip) != 0)
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
        uint32_t skip = NO_JUMP;
        if (compile_condition(c, "then", &skip) != 0 || compile_statements(c) != 0 ||
            chain_jump(c, OP_JUMP, &ends) != 0)
            return -1;
        aim_chain(c, skip);
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
    uint32_t skip = NO_JUMP;
    uint32_t exits = NO_JUMP;
    if (compile_condition(c, "do", &skip) != 0 || compile_body(c, &exits) != 0 ||
        emit(c, OP_JUMP, start) != 0)
        return -1;
    aim_chain(c, skip);
    aim_chain(c, exits);
    return expect(c, "end_while");
}

static int compile_repeat(struct compiler *c)
{
    uint32_t start = c->program->code_count;
    uint32_t exits = NO_JUMP;
    if (lex_next(c) != 0 || compile_body(c, &exits) != 0 || expect(c, "until") != 0 ||
        compile_as(c, YW_ST_BOOL, "until") != 0 || emit(c, OP_JUMP_FALSE, start) != 0)
        return -1;
    aim_chain(c, exits);
    return expect(c, "end_repeat");
}

/* `var := first TO last [BY step] DO`: leaves first in var and last in a hidden variable.
 */
static int for_head(struct compiler *c, struct ref *ret_var, struct ref *ret_last,
                    int64_t *ret_step)
{
    if (lex_next(c) != 0 || compile_ref(c, ret_var) != 0)
        return -1;
    if (!is_whole(ret_var->type) || ret_var->place != YW_ST_CELL || ret_var->indexed)
        return fail(c, YW_ST_WRONG_TYPE, ret_var->name, "INT, DINT, UINT");
    *ret_step = 1;
    if (hidden_var(c, YW_ST_DINT, ret_last) != 0 || expect(c, ":=") != 0 ||
        compile_as(c, ret_var->type, ret_var->name) != 0 ||
        compile_store(c, ret_var) != 0 || expect(c, "to") != 0 ||
        compile_as(c, ret_var->type, "to") != 0 || compile_store(c, ret_last) != 0)
        return -1;
    if (at_word(c, "by") &&
        (lex_next(c) != 0 || compile_whole_constant(c, ret_step) != 0))
        return -1;
    if (*ret_step == 0)
        return fail(c, YW_ST_BAD_NUMBER, "by", "<> 0");
    return expect(c, "do");
}

/* var + ahead <= last, or the other way round; else the jump. */
static int for_test(struct compiler *c, const struct ref *var, const struct ref *last,
                    int64_t step, uint32_t *skip)
{
    struct value ignored;
    if (compile_load(c, var, &ignored) != 0 || compile_load(c, last, &ignored) != 0 ||
        emit(c, step < 0 ? OP_GE : OP_LE, 0) != 0)
        return -1;
    return chain_jump(c, OP_JUMP_FALSE, skip);
}

/* The step is taken only while room for it is left before `last`, so that a variable that
 * ends at the rim of its type does not wrap for ever. */
static int for_step(struct compiler *c, const struct ref *var, const struct ref *last,
                    int64_t step, uint32_t *skip)
{
    struct value ignored;
    uint32_t by = (uint32_t)(step & UINT32_MAX);
    if (compile_load(c, last, &ignored) != 0 || compile_load(c, var, &ignored) != 0 ||
        emit(c, OP_SUB, 0) != 0 || emit(c, OP_PUSH, by) != 0 ||
        emit(c, step < 0 ? OP_LE : OP_GE, 0) != 0 ||
        chain_jump(c, OP_JUMP_FALSE, skip) != 0 || compile_load(c, var, &ignored) != 0 ||
        emit(c, OP_PUSH, by) != 0 || emit(c, OP_ADD, 0) != 0)
        return -1;
    return compile_store(c, var);
}

static int compile_for(struct compiler *c)
{
    struct ref var;
    struct ref last;
    uint32_t skip = NO_JUMP;
    uint32_t exits = NO_JUMP;
    int64_t step = 1;
    if (for_head(c, &var, &last, &step) != 0)
        return -1;
    uint32_t start = c->program->code_count;
    if (for_test(c, &var, &last, step, &skip) != 0 || compile_body(c, &exits) != 0 ||
        for_step(c, &var, &last, step, &skip) != 0 || emit(c, OP_JUMP, start) != 0)
        return -1;
    aim_chain(c, skip);
    aim_chain(c, exits);
    return expect(c, "end_for");
}

/* One label: `5` or `3..5`; leaves whether the value fits on the stack. */
static int case_label(struct compiler *c, const struct ref *chosen)
{
    int64_t least = 0;
    struct value ignored;
    if (compile_whole_constant(c, &least) != 0)
        return -1;
    int64_t most = least;
    if (at_word(c, "..") && (lex_next(c) != 0 || compile_whole_constant(c, &most) != 0))
        return -1;
    if (compile_load(c, chosen, &ignored) != 0 ||
        emit(c, OP_PUSH, (uint32_t)(least & UINT32_MAX)) != 0 || emit(c, OP_GE, 0) != 0 ||
        compile_load(c, chosen, &ignored) != 0 ||
        emit(c, OP_PUSH, (uint32_t)(most & UINT32_MAX)) != 0 || emit(c, OP_LE, 0) != 0)
        return -1;
    return emit(c, OP_AND, 0);
}

static int case_branch(struct compiler *c, const struct ref *chosen, uint32_t *ends)
{
    uint32_t skip = NO_JUMP;
    if (case_label(c, chosen) != 0)
        return -1;
    while (at_word(c, ",")) {
        if (lex_next(c) != 0 || case_label(c, chosen) != 0 || emit(c, OP_OR, 0) != 0)
            return -1;
    }
    if (expect(c, ":") != 0 || chain_jump(c, OP_JUMP_FALSE, &skip) != 0 ||
        compile_statements(c) != 0 || chain_jump(c, OP_JUMP, ends) != 0)
        return -1;
    aim_chain(c, skip);
    return 0;
}

static int compile_case(struct compiler *c)
{
    struct ref chosen;
    uint32_t ends = NO_JUMP;
    if (lex_next(c) != 0 || hidden_var(c, YW_ST_DINT, &chosen) != 0 ||
        compile_as(c, YW_ST_DINT, "case") != 0 || compile_store(c, &chosen) != 0 ||
        expect(c, "of") != 0)
        return -1;
    c->cases++;
    do {
        if (case_branch(c, &chosen, &ends) != 0)
            return -1;
    } while (!at_word(c, "else") && !at_word(c, "end_case"));
    c->cases--;
    if (compile_else(c) != 0)
        return -1;
    aim_chain(c, ends);
    return expect(c, "end_case");
}

static int compile_exit(struct compiler *c)
{
    if (c->loops == 0)
        return fail(c, YW_ST_EXPECTED, "exit", "FOR, WHILE, REPEAT");
    return chain_jump(c, OP_JUMP, &c->exits) != 0 ? -1 : lex_next(c);
}

static int compile_return(struct compiler *c)
{
    return emit(c, OP_RETURN, 0) != 0 ? -1 : lex_next(c);
}

static int compile_statement(struct compiler *c)
{
    static const struct {
        const char *word;
        int (*compile)(struct compiler *c);
    } statements[] = {
        {"if", compile_if},         {"while", compile_while}, {"repeat", compile_repeat},
        {"for", compile_for},       {"case", compile_case},   {"exit", compile_exit},
        {"return", compile_return},
    };
    if (at_word(c, ";"))
        return lex_next(c);
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        if (at_word(c, statements[i].word))
            return statements[i].compile(c) != 0 ? -1 : expect(c, ";");
    }
    return compile_assignment(c);
}

/* A constant begins the next branch of a CASE. */
static bool at_label(const struct compiler *c)
{
    if (c->cases == 0)
        return false;
    if (c->lex.token != TOKEN_NAME)
        return c->lex.token == TOKEN_WHOLE || at_word(c, "-");
    int index = find_var(c, c->unit, c->lex.text);
    return index >= 0 && c->program->vars[index].constant;
}

static bool at_block_end(const struct compiler *c)
{
    static const char *const words[] = {
        "end_program", "end_function", "end_function_block",
        "end_if",      "else",         "elsif",
        "end_while",   "end_for",      "until",
        "end_repeat",  "end_case"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (at_word(c, words[i]))
            return true;
    }
    return c->lex.token == TOKEN_END || at_label(c);
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
