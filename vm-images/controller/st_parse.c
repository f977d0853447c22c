/* Declarations and the frame of a program. */
#include "controller/st_inner.h"

#include <string.h>

int fail(struct compiler *c, enum yw_st_trouble trouble, const char *word)
{
    c->problem->trouble = trouble;
    c->problem->line = c->lex.token_line;
    size_t length = strnlen(word, YW_ST_NAME_MAX - 1);
    memmove(c->problem->word, word, length);
    c->problem->word[length] = '\0';
    return -1;
}

int enter(struct compiler *c)
{
    if (++c->depth > YW_ST_DEPTH_MAX)
        return fail(c, YW_ST_TOO_LONG, "nesting");
    return 0;
}

int emit(struct compiler *c, enum op code, uint32_t target, double value)
{
    struct yw_st_program *program = c->program;
    if (program->code_count == YW_ST_CODE_MAX)
        return fail(c, YW_ST_TOO_LONG, "program");
    program->code[program->code_count++] = (struct yw_st_op){
        .code = (uint16_t)code,
        .line = (uint16_t)(c->lex.token_line & 0xffff),
        .target = target,
        .value = value,
    };
    return 0;
}

bool at_word(const struct compiler *c, const char *word)
{
    return (c->lex.token == TOKEN_NAME || c->lex.token == TOKEN_SIGN) &&
           strcmp(c->lex.text, word) == 0;
}

int expect(struct compiler *c, const char *word)
{
    if (!at_word(c, word))
        return fail(c, YW_ST_EXPECTED, word);
    return lex_next(c);
}

int find_var(const struct compiler *c, const char *name)
{
    for (uint32_t i = 0; i < c->program->var_count; i++) {
        if (strcmp(c->program->vars[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

static bool is_reserved(const char *name)
{
    static const char *const words[] = {
        "program", "end_program", "var",     "end_var", "at",    "if",         "then",
        "elsif",   "else",        "end_if",  "while",   "do",    "end_while",  "for",
        "to",      "by",          "end_for", "repeat",  "until", "end_repeat", "case",
        "of",      "end_case",    "exit",    "and",     "or",    "xor",        "not",
        "mod",     "true",        "false",   "bool",    "int",   "real",
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(name, words[i]) == 0)
            return true;
    }
    return false;
}

int new_name(struct compiler *c, char ret[YW_ST_NAME_MAX])
{
    if (c->lex.token != TOKEN_NAME || is_reserved(c->lex.text))
        return fail(c, YW_ST_EXPECTED, "name");
    memcpy(ret, c->lex.text, YW_ST_NAME_MAX);
    return lex_next(c);
}

static int declare_place(struct compiler *c, struct yw_st_var *var)
{
    if (!at_word(c, "at"))
        return 0;
    if (lex_next(c) != 0)
        return -1;
    if (c->lex.token != TOKEN_ADDRESS)
        return fail(c, YW_ST_EXPECTED, "%");
    bool bit = c->lex.text[1] == 'x';
    uint32_t limit = YW_ST_WORDS;
    if (c->lex.text[0] == 'i') {
        var->place = bit ? YW_ST_INPUT_BIT : YW_ST_INPUT_WORD;
    } else if (c->lex.text[0] == 'm') {
        var->place = bit ? YW_ST_MEMORY_BIT : YW_ST_MEMORY_WORD;
    } else {
        var->place = bit ? YW_ST_OUTPUT_BIT : YW_ST_OUTPUT_WORD;
        limit = YW_ST_OUTPUTS;
    }
    if (c->lex.index >= limit)
        return fail(c, YW_ST_BAD_ADDRESS, c->lex.text);
    var->index = (uint16_t)c->lex.index;
    return lex_next(c);
}

static int declare_type(struct compiler *c, struct yw_st_var *var)
{
    if (at_word(c, "bool"))
        var->type = YW_ST_BOOL;
    else if (at_word(c, "int"))
        var->type = YW_ST_INT;
    else if (at_word(c, "real"))
        var->type = YW_ST_REAL;
    else
        return fail(c, YW_ST_EXPECTED, "BOOL, INT, REAL");
    bool fits = true;
    switch (var->place) {
    case YW_ST_LOCAL:
        break;
    case YW_ST_INPUT_BIT:
    case YW_ST_MEMORY_BIT:
    case YW_ST_OUTPUT_BIT:
        fits = var->type == YW_ST_BOOL;
        break;
    case YW_ST_INPUT_WORD:
    case YW_ST_MEMORY_WORD:
        fits = var->type == YW_ST_INT;
        break;
    case YW_ST_OUTPUT_WORD:
        fits = var->type != YW_ST_BOOL;
        break;
    }
    if (!fits)
        return fail(c, YW_ST_WRONG_TYPE, var->name);
    return lex_next(c);
}

static int declare_initial(struct compiler *c, struct yw_st_var *var)
{
    if (!at_word(c, ":="))
        return 0;
    if (lex_next(c) != 0)
        return -1;
    if (var->place == YW_ST_INPUT_WORD || var->place == YW_ST_INPUT_BIT)
        return fail(c, YW_ST_READ_ONLY, var->name);
    var->has_initial = true;
    if (var->type == YW_ST_BOOL) {
        if (!at_word(c, "true") && !at_word(c, "false"))
            return fail(c, YW_ST_WRONG_TYPE, var->name);
        var->initial = at_word(c, "true");
        return lex_next(c);
    }
    bool negative = at_word(c, "-");
    if (negative && lex_next(c) != 0)
        return -1;
    if (c->lex.token != TOKEN_INT && c->lex.token != TOKEN_REAL)
        return fail(c, YW_ST_EXPECTED, "number");
    if (c->lex.token == TOKEN_REAL && var->type == YW_ST_INT)
        return fail(c, YW_ST_WRONG_TYPE, var->name);
    var->initial = negative ? -c->lex.number : c->lex.number;
    return lex_next(c);
}

static int declare_var(struct compiler *c)
{
    struct yw_st_program *program = c->program;
    struct yw_st_var var = {.place = YW_ST_LOCAL};
    int line = c->lex.token_line;
    if (new_name(c, var.name) != 0)
        return -1;
    if (find_var(c, var.name) >= 0) {
        c->lex.token_line = line;
        return fail(c, YW_ST_DOUBLE_NAME, var.name);
    }
    if (program->var_count == YW_ST_VARS_MAX)
        return fail(c, YW_ST_TOO_LONG, "VAR");
    if (declare_place(c, &var) != 0 || expect(c, ":") != 0 ||
        declare_type(c, &var) != 0 || declare_initial(c, &var) != 0 ||
        expect(c, ";") != 0)
        return -1;
    program->vars[program->var_count++] = var;
    return 0;
}

static int compile_program(struct compiler *c)
{
    if (lex_next(c) != 0 || expect(c, "program") != 0 ||
        new_name(c, c->program->name) != 0)
        return -1;
    while (at_word(c, "var")) {
        if (lex_next(c) != 0)
            return -1;
        while (!at_word(c, "end_var")) {
            if (declare_var(c) != 0)
                return -1;
        }
        if (lex_next(c) != 0)
            return -1;
    }
    if (compile_statements(c) != 0 || expect(c, "end_program") != 0)
        return -1;
    if (c->lex.token != TOKEN_END)
        return fail(c, YW_ST_EXPECTED, "end of file");
    return emit(c, OP_END, 0, 0);
}

int yw_st_compile(struct yw_st_program *program, const char *source, size_t size,
                  struct yw_st_problem *ret_problem)
{
    struct compiler c = {
        .lex = {.at = source, .end = source + size, .line = 1, .token_line = 1},
        .program = program,
        .problem = ret_problem,
        .exits = NO_JUMP,
    };
    memset(program, 0, sizeof(*program));
    *ret_problem = (struct yw_st_problem){.trouble = YW_ST_OK};
    if (size > YW_ST_SOURCE_MAX)
        return fail(&c, YW_ST_TOO_LONG, "file");
    program->crc = yw_st_crc(source, size);
    return compile_program(&c);
}
