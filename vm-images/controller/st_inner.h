/* Shared by the st_*.c files and nobody else. */
#ifndef YW_CONTROLLER_ST_INNER_H
#define YW_CONTROLLER_ST_INNER_H

#include "controller/st.h"

/* Instructions work on a stack of 32-bit cells: whole numbers as int32_t, REAL as float.
 * One table: name, cells popped, cells pushed. */
#define ST_OPS(X)                                                                        \
    X(RETURN, 0, 0)                                                                      \
    X(PUSH, 0, 1)                                                                        \
    X(LOAD, 0, 1) /* cell of the frame */                                                \
    X(STORE, 1, 0)                                                                       \
    X(LOAD_AT, 1, 1)  /* low half first cell, high half cells; index popped */           \
    X(STORE_AT, 2, 0) /* index below the value */                                        \
    X(READ, 0, 1)     /* low half index, high half place */                              \
    X(WRITE, 1, 0)                                                                       \
    X(INDEX, 2, 1) /* combined * count + next; refuses next >= count */                  \
    X(JUMP, 0, 0)                                                                        \
    X(JUMP_FALSE, 1, 0)                                                                  \
    X(ENTER, 0, 0) /* function: its frame takes its initial values */                    \
    X(CALL, 0, 0)  /* function */                                                        \
    X(PEEK, 0, 1)  /* cell of the image: what a function gave */                         \
    X(POKE, 1, 0)                                                                        \
    X(BLOCK, 0, 0)    /* low half cell of the instance, high half unit */                \
    X(STANDARD, 0, 0) /* the same, high half standard block */                           \
    X(ADD, 2, 1)                                                                         \
    X(SUB, 2, 1)                                                                         \
    X(MUL, 2, 1)                                                                         \
    X(DIV, 2, 1)                                                                         \
    X(MOD, 2, 1)                                                                         \
    X(NEG, 1, 1)                                                                         \
    X(ABS, 1, 1)                                                                         \
    X(MIN, 2, 1)                                                                         \
    X(MAX, 2, 1)                                                                         \
    X(LIMIT, 3, 1) /* least, in, most */                                                 \
    X(AND, 2, 1)                                                                         \
    X(OR, 2, 1)                                                                          \
    X(XOR, 2, 1)                                                                         \
    X(SHL, 2, 1)                                                                         \
    X(SHR, 2, 1)                                                                         \
    X(EQ, 2, 1)                                                                          \
    X(NE, 2, 1)                                                                          \
    X(LT, 2, 1)                                                                          \
    X(LE, 2, 1)                                                                          \
    X(GT, 2, 1)                                                                          \
    X(GE, 2, 1)                                                                          \
    X(REAL_ADD, 2, 1)                                                                    \
    X(REAL_SUB, 2, 1)                                                                    \
    X(REAL_MUL, 2, 1)                                                                    \
    X(REAL_DIV, 2, 1)                                                                    \
    X(REAL_NEG, 1, 1)                                                                    \
    X(REAL_ABS, 1, 1)                                                                    \
    X(REAL_MIN, 2, 1)                                                                    \
    X(REAL_MAX, 2, 1)                                                                    \
    X(REAL_LIMIT, 3, 1)                                                                  \
    X(REAL_SQRT, 1, 1)                                                                   \
    X(REAL_EQ, 2, 1)                                                                     \
    X(REAL_NE, 2, 1)                                                                     \
    X(REAL_LT, 2, 1)                                                                     \
    X(REAL_LE, 2, 1)                                                                     \
    X(REAL_GT, 2, 1)                                                                     \
    X(REAL_GE, 2, 1)                                                                     \
    X(TO_REAL, 0, 0) /* the cell that lies arg deep */                                   \
    X(ROUND, 1, 1)   /* REAL to DINT, saturating */                                      \
    X(TRUNC, 1, 1)                                                                       \
    X(FIT, 1, 1)  /* saturate to the type arg */                                         \
    X(WRAP, 1, 1) /* keep the bits of the type arg */                                    \
    X(SEL, 3, 1)  /* which, when false, when true */                                     \
    X(MUX, 0, 0)  /* which, arg values: pops arg + 1, pushes one */

enum op {
#define ST_OP(name, pops, pushes) OP_##name,
    ST_OPS(ST_OP)
#undef ST_OP
        OP_COUNT
};

enum token {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_WHOLE,
    TOKEN_REAL,
    TOKEN_TIME,
    TOKEN_ADDRESS, /* %MW40: text holds "mw", index the number */
    TOKEN_SIGN /* text holds it: := => ; : ( ) [ ] , . .. + - * / = <> < <= > >= & { } */
};

struct lexer {
    const char *at;
    const char *end;
    const char *line_at; /* where the line begins */
    int line;
    enum token token;
    int token_line;
    const char *token_at;
    const char *token_line_at;
    char text[YW_ST_NAME_MAX]; /* names in lower case */
    int64_t whole;             /* also TIME, in ms */
    double real;
    bool typed; /* INT#7: type says which */
    enum yw_st_type type;
    uint32_t index;
};

#define NO_JUMP UINT32_MAX

struct compiler {
    struct lexer lex;
    struct yw_st_program *program;
    struct yw_st_problem *problem;
    struct yw_st_unit *unit; /* being compiled */
    int depth;
    int loops; /* around the statement */
    int cases;
    uint32_t exits; /* chain of EXIT jumps of the innermost loop */
};

/* What an expression left on the stack. */
struct value {
    enum yw_st_type type;
    bool known;   /* a constant, whose PUSH is `push` */
    bool untyped; /* a number that takes the type that is asked */
    int64_t whole;
    double real;
    uint32_t push;
};

/* A variable named in the source. */
struct ref {
    enum yw_st_type type;
    enum yw_st_place place;
    uint16_t at; /* cell of the frame, or index of the place */
    uint16_t cells;
    uint16_t unit; /* of a block */
    bool indexed;  /* an index lies on the stack */
    bool whole;    /* an array without its index */
    bool constant;
    bool read_only;
    uint32_t initial; /* of a constant */
    char name[YW_ST_NAME_MAX];
};

/* One variable of a standard block; a cell each, in their order. */
struct block_var {
    const char *name; /* NULL: hidden */
    enum yw_st_type type;
    enum yw_st_section section;
    float initial;
};

struct block {
    const char *name;
    uint16_t cells;
    uint16_t var_count;
    struct block_var vars[16];
    void (*run)(uint32_t *cell, uint32_t now_ms);
};

const struct block *block_at(uint32_t index); /* NULL beyond the end */
int block_find(const char *name);             /* or -1 */
void block_reset(const struct block *block, uint32_t *cell);

/* All return 0 or -1 with the problem set. */
int lex_next(struct compiler *c);
int compile_statements(struct compiler *c); /* up to what ends the block */
int compile_expression(struct compiler *c, struct value *ret);
/* An expression that must fit the type. */
int compile_as(struct compiler *c, enum yw_st_type type, const char *what);
/* A constant of that type, as a cell; leaves no code. */
int compile_constant(struct compiler *c, enum yw_st_type type, uint32_t *ret);
int compile_whole_constant(struct compiler *c, int64_t *ret);
int compile_ref(struct compiler *c, struct ref *ret);
int compile_load(struct compiler *c, const struct ref *ref, struct value *ret);
int compile_store(struct compiler *c, const struct ref *ref); /* value on the stack */
int compile_function(struct compiler *c, const char *name, struct value *ret);
int compile_block_call(struct compiler *c, const struct ref *ref);
int compile_declarations(struct compiler *c);
/* Makes *value, which lies `deep` on the stack, one of the type; `what` is named if not. */
int coerce(struct compiler *c, struct value *value, enum yw_st_type type, uint32_t deep,
           const char *what);
/* The type that all of them fit, every one made so. */
int coerce_all(struct compiler *c, struct value *values, uint32_t count, const char *what,
               enum yw_st_type *ret_type);
int emit(struct compiler *c, enum op code, uint32_t arg);
int emit_pair(struct compiler *c, enum op code, uint32_t low, uint32_t high);
int fail(struct compiler *c, enum yw_st_trouble trouble, const char *word,
         const char *want);
int fail_type(struct compiler *c, const char *word, enum yw_st_type found,
              enum yw_st_type wanted);
int enter(struct compiler *c); /* one level deeper; leave with c->depth-- */

bool at_word(const struct compiler *c, const char *word); /* keyword or sign */
int expect(struct compiler *c, const char *word);
int new_name(struct compiler *c, char ret[YW_ST_NAME_MAX]); /* no keyword */
bool is_function(const char *name);                         /* of the language */
int find_var(const struct compiler *c, const struct yw_st_unit *unit, const char *name);
int find_unit(const struct yw_st_program *program, const char *name); /* or -1 */
int find_type(const char *name);                                      /* or -1 */
/* A hidden variable of the unit, for what the compiler itself has to keep. */
int hidden_var(struct compiler *c, enum yw_st_type type, struct ref *ret);
bool is_whole(enum yw_st_type type);
uint32_t bits_of(float value);
float float_of(uint32_t bits);
int32_t fit(enum yw_st_type type, int64_t value);
int32_t wrap(enum yw_st_type type, int64_t value);
uint32_t round_real(float value); /* saturates to DINT, halves to even */
uint32_t crc_of(const struct yw_st_program *program);

#endif
