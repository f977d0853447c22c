/* The frame of a program: units one after the other, and what happens between them. */
#include "controller/st_inner.h"

#include <string.h>

static int column_of(const struct lexer *lex)
{
    int column = 1;
    for (const char *at = lex->token_line_at; at < lex->token_at; at++)
        column += (*at & 0xc0) != 0x80; /* a character of UTF-8 counts once */
    return column;
}

static void copy_text(char *ret, size_t ret_size, const char *text)
{
    size_t length = strnlen(text, ret_size - 1);
    memmove(ret, text, length);
    ret[length] = '\0';
}

int fail(struct compiler *c, enum yw_st_trouble trouble, const char *word,
         const char *want)
{
    struct yw_st_problem *problem = c->problem;
    problem->trouble = trouble;
    problem->line = c->lex.token_line;
    problem->column = column_of(&c->lex);
    copy_text(problem->word, sizeof(problem->word), word);
    copy_text(problem->want, sizeof(problem->want), want);
    return -1;
}

/* "REAL_TO_INT" when that would do. */
int fail_type(struct compiler *c, const char *word, enum yw_st_type found,
              enum yw_st_type wanted)
{
    char want[YW_ST_WANT_MAX];
    copy_text(want, sizeof(want), yw_st_type_name(wanted));
    if (found != YW_ST_BLOCK && wanted != YW_ST_BLOCK && found != wanted) {
        strcat(want, ", ");
        strcat(want, yw_st_type_name(found));
        strcat(want, "_TO_");
        strcat(want, yw_st_type_name(wanted));
    }
    return fail(c, YW_ST_WRONG_TYPE, word, want);
}

int enter(struct compiler *c)
{
    if (++c->depth > YW_ST_DEPTH_MAX)
        return fail(c, YW_ST_TOO_LONG, "nesting", "32");
    return 0;
}

int emit(struct compiler *c, enum op code, uint32_t arg)
{
    struct yw_st_program *program = c->program;
    if (program->code_count == YW_ST_CODE_MAX)
        return fail(c, YW_ST_TOO_LONG, "program", "8192");
    int line = c->lex.token_line > UINT16_MAX ? UINT16_MAX : c->lex.token_line;
    program->code[program->code_count++] = (struct yw_st_op){
        .code = (uint16_t)code,
        .line = (uint16_t)line,
        .arg = arg,
    };
    return 0;
}

int emit_pair(struct compiler *c, enum op code, uint32_t low, uint32_t high)
{
    return emit(c, code, (low & UINT16_MAX) | high << 16);
}

bool at_word(const struct compiler *c, const char *word)
{
    return (c->lex.token == TOKEN_NAME || c->lex.token == TOKEN_SIGN) &&
           strcmp(c->lex.text, word) == 0;
}

int expect(struct compiler *c, const char *word)
{
    char want[YW_ST_NAME_MAX];
    size_t i = 0;
    if (at_word(c, word))
        return lex_next(c);
    for (; word[i] != '\0' && i + 1 < sizeof(want); i++)
        want[i] =
            word[i] >= 'a' && word[i] <= 'z' ? (char)(word[i] - 'a' + 'A') : word[i];
    want[i] = '\0';
    bool number = c->lex.token == TOKEN_WHOLE || c->lex.token == TOKEN_REAL ||
                  c->lex.token == TOKEN_TIME;
    return fail(c, YW_ST_EXPECTED, number ? "number" : c->lex.text, want);
}

static bool is_reserved(const char *name)
{
    static const char *const words[] = {
        "program",
        "end_program",
        "function",
        "end_function",
        "end_var",
        "var",
        "var_input",
        "var_output",
        "var_in_out",
        "var_global",
        "var_temp",
        "var_external",
        "retain",
        "constant",
        "at",
        "array",
        "if",
        "then",
        "elsif",
        "else",
        "end_if",
        "while",
        "do",
        "end_while",
        "for",
        "to",
        "by",
        "end_for",
        "repeat",
        "until",
        "end_repeat",
        "case",
        "of",
        "end_case",
        "exit",
        "return",
        "and",
        "or",
        "xor",
        "not",
        "mod",
        "true",
        "false",
        "function_block",
        "end_function_block",
        "string",
        "type",
        "struct",
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(name, words[i]) == 0)
            return true;
    }
    return find_type(name) >= 0;
}

int new_name(struct compiler *c, char ret[YW_ST_NAME_MAX])
{
    if (c->lex.token != TOKEN_NAME)
        return fail(c, YW_ST_EXPECTED, c->lex.text, "a name");
    if (is_reserved(c->lex.text))
        return fail(c, YW_ST_EXPECTED, c->lex.text, "a name of your own");
    memcpy(ret, c->lex.text, YW_ST_NAME_MAX);
    return 0;
}

int find_unit(const struct yw_st_program *program, const char *name)
{
    for (uint32_t i = 0; i < program->unit_count; i++) {
        if (strcmp(program->units[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

const struct yw_st_unit *yw_st_main(const struct yw_st_program *program)
{
    return &program->units[program->unit_count - 1];
}

/* The unit's name, and of a function its result: a variable of the same name in the first
 * cell. */
static int open_unit(struct compiler *c, enum yw_st_kind kind)
{
    struct yw_st_program *program = c->program;
    struct yw_st_unit unit = {.kind = (uint8_t)kind,
                              .var_at = (uint16_t)program->var_count,
                              .frame_at = (uint16_t)program->cell_count};
    if (lex_next(c) != 0 || new_name(c, unit.name) != 0)
        return -1;
    if (find_unit(program, unit.name) >= 0 || is_function(unit.name) ||
        block_find(unit.name) >= 0)
        return fail(c, YW_ST_DOUBLE_NAME, unit.name, "");
    if (program->unit_count == YW_ST_UNITS_MAX)
        return fail(c, YW_ST_TOO_LONG, "FUNCTION", "64");
    c->unit = &program->units[program->unit_count++];
    *c->unit = unit;
    if (lex_next(c) != 0 || kind != YW_ST_FUNCTION)
        return c->problem->trouble == YW_ST_OK ? 0 : -1;
    if (expect(c, ":") != 0)
        return -1;
    struct ref result;
    int type = c->lex.token == TOKEN_NAME ? find_type(c->lex.text) : -1;
    if (type < 0)
        return fail(c, YW_ST_EXPECTED, c->lex.text, "BOOL, INT, DINT, UINT, REAL, TIME");
    if (hidden_var(c, (enum yw_st_type)type, &result) != 0)
        return -1;
    memcpy(program->vars[unit.var_at].name, unit.name, sizeof(unit.name));
    return lex_next(c);
}

static int compile_unit(struct compiler *c, enum yw_st_kind kind, const char *end)
{
    if (open_unit(c, kind) != 0 || compile_declarations(c) != 0)
        return -1;
    c->unit->code_at = (uint16_t)c->program->code_count;
    if (compile_statements(c) != 0)
        return -1;
    if (!at_word(c, end) || emit(c, OP_RETURN, 0) != 0)
        return expect(c, end) == 0 ? fail(c, YW_ST_TOO_LONG, "program", "8192") : -1;
    c->unit->code_count = (uint16_t)(c->program->code_count - c->unit->code_at);
    return lex_next(c);
}

/* `{SCAN T#50ms}` */
static int compile_pragma(struct compiler *c)
{
    if (lex_next(c) != 0 || expect(c, "scan") != 0)
        return -1;
    int64_t ms = c->lex.whole;
    if (c->lex.token != TOKEN_TIME || ms < YW_ST_SCAN_MIN_MS || ms > YW_ST_SCAN_MAX_MS)
        return fail(c, YW_ST_EXPECTED, "SCAN", "T#10ms..T#1s");
    c->program->scan_ms = (uint32_t)ms;
    return lex_next(c) != 0 ? -1 : expect(c, "}");
}

static int compile_units(struct compiler *c)
{
    if (lex_next(c) != 0)
        return -1;
    for (;;) {
        int status = 0;
        if (at_word(c, "{"))
            status = compile_pragma(c);
        else if (at_word(c, "function"))
            status = compile_unit(c, YW_ST_FUNCTION, "end_function");
        else if (at_word(c, "function_block"))
            status = compile_unit(c, YW_ST_FUNCTION_BLOCK, "end_function_block");
        else
            break;
        if (status != 0)
            return -1;
    }
    if (!at_word(c, "program"))
        return expect(c, "program");
    if (compile_unit(c, YW_ST_PROGRAM, "end_program") != 0)
        return -1;
    if (c->lex.token != TOKEN_END)
        return fail(c, YW_ST_EXPECTED, c->lex.text, "end of file");
    return 0;
}

int yw_st_compile(struct yw_st_program *program, const char *source, size_t size,
                  struct yw_st_problem *ret_problem)
{
    struct compiler c = {
        .lex = {.at = source,
                .end = source + size,
                .line_at = source,
                .line = 1,
                .token_line = 1,
                .token_at = source,
                .token_line_at = source},
        .program = program,
        .problem = ret_problem,
        .exits = NO_JUMP,
    };
    memset(program, 0, sizeof(*program));
    program->scan_ms = YW_ST_SCAN_MS;
    *ret_problem = (struct yw_st_problem){.trouble = YW_ST_OK};
    if (size > YW_ST_SOURCE_MAX)
        return fail(&c, YW_ST_TOO_LONG, "file", "64 KiB");
    if (compile_units(&c) != 0)
        return -1;
    program->crc = crc_of(program);
    return yw_st_verify(program, ret_problem);
}
