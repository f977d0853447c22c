/* Shared by the st_*.c files and nobody else. */
#ifndef YW_CONTROLLER_ST_INNER_H
#define YW_CONTROLLER_ST_INNER_H

#include "controller/st.h"

enum op {
    OP_END,
    OP_PUSH,
    OP_LOAD,
    OP_STORE,
    OP_JUMP,
    OP_JUMP_FALSE,
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_DIV_INT, /* towards zero */
    OP_MOD,
    OP_NEG,
    OP_SATURATE, /* to the range of INT */
    OP_ROUND,    /* REAL to INT, halves to even */
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_AND,
    OP_OR,
    OP_XOR,
    OP_NOT,
    OP_ABS,
    OP_MIN,
    OP_MAX,
    OP_LIMIT, /* (least, in, most) */
    OP_SEL    /* (which, when false, when true) */
};

enum token {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_INT,
    TOKEN_REAL,
    TOKEN_ADDRESS, /* %MW40: text holds "mw", index the number */
    TOKEN_SIGN     /* text holds it: := ; : ( ) , + - * / = <> < <= > >= & */
};

struct lexer {
    const char *at;
    const char *end;
    int line;
    enum token token;
    int token_line;
    char text[YW_ST_NAME_MAX]; /* names in lower case */
    double number;
    uint32_t index;
};

struct compiler {
    struct lexer lex;
    struct yw_st_program *program;
    struct yw_st_problem *problem;
    int depth;
    int loops;      /* around the statement */
    uint32_t exits; /* chain of EXIT jumps of the innermost loop */
};

#define NO_JUMP UINT32_MAX

/* All return 0 or -1 with the problem set. */
int lex_next(struct compiler *c);
int compile_statements(struct compiler *c); /* up to what ends the block */
int compile_expression(struct compiler *c, enum yw_st_type *ret_type);
int emit(struct compiler *c, enum op code, uint32_t target, double value);
int fail(struct compiler *c, enum yw_st_trouble trouble, const char *word);
int enter(struct compiler *c); /* one level deeper; leave with c->depth-- */

bool at_word(const struct compiler *c, const char *word); /* keyword or sign */
int expect(struct compiler *c, const char *word);
int new_name(struct compiler *c, char ret[YW_ST_NAME_MAX]); /* no keyword */
int find_var(const struct compiler *c, const char *name);   /* index or -1 */

#endif
