/* clang-format off */
/* Structured Text (IEC 61131-3), the subset that the controllers run, compiled to bytecode.
 *
 *   FUNCTION clip : REAL  VAR_INPUT x : REAL; END_VAR  clip := LIMIT(0.0, x, 1.0);  END_FUNCTION
 *   FUNCTION_BLOCK ramp  VAR_INPUT … VAR_OUTPUT … VAR … END_VAR  …  END_FUNCTION_BLOCK
 *   {SCAN T#50ms}                              (* before PROGRAM; 10 ms to 1 s, else 100 ms *)
 *   PROGRAM name
 *   VAR
 *       dose_set AT %MW40 : UINT := 100;       (* located in the controller's memory *)
 *       delay    : TON;                        // a function block
 *       samples  : ARRAY[1..8, 0..3] OF REAL := [1.0, 2.0, 6(0.0)];
 *   END_VAR
 *   VAR RETAIN   hours : DINT;        END_VAR  (* outlives a restart *)
 *   VAR CONSTANT limit : REAL := 2.5; END_VAR
 *       IF dose_set > 200 THEN … ELSIF … ELSE … END_IF;
 *       CASE mode OF 1: … 2, 5..9: … ELSE … END_CASE;
 *       FOR i := 1 TO 8 BY 2 DO … EXIT; … END_FOR;  WHILE … DO … END_WHILE;
 *       REPEAT … UNTIL … END_REPEAT;  RETURN;
 *       delay(IN := level > 3.0, PT := T#1m30s, Q => late);  IF delay.ET > T#5s THEN …
 *   END_PROGRAM
 *
 * Types: BOOL; INT (16 bits), DINT (32), UINT (16, unsigned); REAL (IEEE single); TIME (ms, 32
 * bits); arrays of them, up to three dimensions. INT and UINT go where DINT is asked, all three
 * where REAL is asked; the other way needs a conversion. Arithmetic wraps as the two's
 * complement does, conversions (REAL_TO_INT, … of every pair) saturate and round halves to
 * even. Whole numbers without a type (7, 16#FF, 2#101) take the type that is asked; INT#7 and
 * UINT#16#FF have one. AND OR XOR NOT also work bit by bit on whole numbers.
 * Operators by rising priority: OR; XOR; AND &; = <>; < <= > >=; + -; * / MOD; unary - NOT.
 * Functions: ABS MIN MAX LIMIT SEL MUX SQRT TRUNC SHL SHR and the conversions.
 * Function blocks: TON TOF TP CTU CTD R_TRIG F_TRIG SR RS PID VOTE_2OO3 (st_block.c tells).
 * Functions and blocks stand before who calls them, so nothing calls itself.
 *
 * Where a located variable lives; `%MW40` may also stand for itself in any expression:
 *   %IWn  input register n     INT, UINT, read only: raw measurement, engineering value / scale
 *   %IXn  discrete input n     BOOL, read only
 *   %MWn  holding register n   INT, UINT: set-points and parameters
 *   %MDn  holding registers n, n+1 (high word first)  DINT, REAL, TIME
 *   %MXn  coil n               BOOL: commands of the operator
 *   %QWn  actuator output n    INT, UINT, DINT, REAL, engineering units, to the field wiring
 *   %QXn  actuator output n    BOOL: 0 or 1 on the same output
 * A bit may be written byte.bit (%MX1.2 is %MX10). Initial values of located variables are
 * written once, when the program is loaded.
 *
 * Pure, no allocation, no recursion deeper than YW_ST_DEPTH_MAX. The source is untrusted, and
 * so is a compiled program (st_pack.c) until yw_st_verify passed it. */
/* clang-format on */
#ifndef YW_CONTROLLER_ST_H
#define YW_CONTROLLER_ST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_ST_SOURCE_MAX (64 * 1024)
#define YW_ST_NAME_MAX 32 /* with the NUL */
#define YW_ST_UNITS_MAX 64
#define YW_ST_VARS_MAX 512
#define YW_ST_CELLS_MAX 4096
#define YW_ST_CODE_MAX 8192
#define YW_ST_DEPTH_MAX 32 /* of blocks and parentheses in the source */
#define YW_ST_STACK_MAX 320
#define YW_ST_DIMS_MAX 3
#define YW_ST_ARGS_MAX 16
#define YW_ST_BUDGET 50000 /* instructions a scan */
#define YW_ST_WORDS 256    /* %IW, %MW, %IX, %MX */
#define YW_ST_OUTPUTS 64   /* %QW, %QX */
#define YW_ST_SCAN_MIN_MS 10
#define YW_ST_SCAN_MAX_MS 1000
#define YW_ST_SCAN_MS 100
#define YW_ST_WANT_MAX 96

enum yw_st_type {
    YW_ST_BOOL,
    YW_ST_INT,
    YW_ST_DINT,
    YW_ST_UINT,
    YW_ST_REAL,
    YW_ST_TIME,
    YW_ST_BLOCK /* an instance of a function block */
};

enum yw_st_place {
    YW_ST_CELL,
    YW_ST_INPUT_WORD,
    YW_ST_INPUT_BIT,
    YW_ST_MEMORY_WORD,
    YW_ST_MEMORY_BIT,
    YW_ST_MEMORY_DOUBLE,
    YW_ST_OUTPUT_WORD,
    YW_ST_OUTPUT_BIT
};

enum yw_st_section { YW_ST_VAR, YW_ST_VAR_INPUT, YW_ST_VAR_OUTPUT };

struct yw_st_var {
    char name[YW_ST_NAME_MAX]; /* lower case */
    uint8_t type;              /* enum yw_st_type, of one element */
    uint8_t section;
    uint8_t place;
    bool retain;
    bool constant;
    bool has_initial; /* of a located variable */
    uint8_t dims;     /* 0: no array */
    uint16_t at;      /* cell in its unit's frame, or index of the place */
    uint16_t cells;   /* of all elements */
    uint16_t unit;    /* of a block: its unit, or YW_ST_UNITS_MAX + standard block */
    uint32_t initial; /* of a located variable, or the value of a constant */
    int32_t low[YW_ST_DIMS_MAX];
    uint16_t count[YW_ST_DIMS_MAX];
};

enum yw_st_kind { YW_ST_FUNCTION, YW_ST_FUNCTION_BLOCK, YW_ST_PROGRAM };

/* What has code: a function, a function block, and last the program. */
struct yw_st_unit {
    char name[YW_ST_NAME_MAX];
    uint8_t kind;
    uint16_t var_at, var_count;
    uint16_t frame_at, frame_size; /* cells; of a block only the initial values */
    uint16_t code_at, code_count;
};

struct yw_st_op {
    uint16_t code; /* enum op of st_inner.h */
    uint16_t line;
    uint32_t arg; /* a number, or two of 16 bits */
};

struct yw_st_program {
    struct yw_st_unit units[YW_ST_UNITS_MAX];
    struct yw_st_var vars[YW_ST_VARS_MAX];
    struct yw_st_op code[YW_ST_CODE_MAX];
    uint32_t initial[YW_ST_CELLS_MAX];
    uint32_t unit_count;
    uint32_t var_count;
    uint32_t code_count;
    uint32_t cell_count;
    uint32_t scan_ms;
    uint32_t crc; /* CRC-32 (IEEE 802.3) of what is executed; comments do not count */
};

/* What the program reads and writes; all arrays borrowed. */
struct yw_st_image {
    const uint16_t *input; /* YW_ST_WORDS each */
    const uint8_t *discrete;
    uint16_t *holding;
    uint8_t *coil;
    double *output;  /* YW_ST_OUTPUTS */
    uint32_t now_ms; /* of the scan; wraps */
    uint32_t spent;  /* instructions of the last scan */
    uint32_t cell[YW_ST_CELLS_MAX];
};

enum yw_st_trouble {
    YW_ST_OK,
    YW_ST_TOO_LONG, /* source, variables, code, nesting: `word` names it */
    YW_ST_BAD_CHARACTER,
    YW_ST_BAD_NUMBER,
    YW_ST_OPEN_COMMENT,
    YW_ST_EXPECTED, /* `want` is what was expected */
    YW_ST_UNKNOWN_NAME,
    YW_ST_DOUBLE_NAME,
    YW_ST_BAD_ADDRESS,
    YW_ST_WRONG_TYPE,
    YW_ST_READ_ONLY,
    YW_ST_DIVIDE_BY_ZERO, /* while running */
    YW_ST_OVERFLOW,
    YW_ST_BUDGET_SPENT,
    YW_ST_OUT_OF_RANGE, /* index of an array, while running or constant */
    YW_ST_NOT_CONSTANT,
    YW_ST_NO_ARRAY,
    YW_ST_BAD_CODE, /* a compiled program that must not run */
    YW_ST_TROUBLES
};

struct yw_st_problem {
    enum yw_st_trouble trouble;
    int line;   /* from 1 */
    int column; /* from 1, in characters; 0: of the whole line, as while running */
    char word[YW_ST_NAME_MAX];
    char want[YW_ST_WANT_MAX]; /* what would be right; "" not known */
};

/* 0, or -1 with *ret_problem filled and the program unusable. `source` need not end in
 * NUL. What compiled has been verified. */
int yw_st_compile(struct yw_st_program *program, const char *source, size_t size,
                  struct yw_st_problem *ret_problem);
/* May it run? Every jump stays in its unit, every access in its frame, the stack has one
 * depth at each instruction and fits, nothing calls itself. -1 with *ret_problem. */
int yw_st_verify(const struct yw_st_program *program, struct yw_st_problem *ret_problem);
/* Variables take their initial values, located ones too when `located`. */
void yw_st_reset(const struct yw_st_program *program, struct yw_st_image *image,
                 bool located);
/* One scan. 0, or -1 with *ret_problem; what was written until then stays written. */
int yw_st_run(const struct yw_st_program *program, struct yw_st_image *image,
              struct yw_st_problem *ret_problem);
/* "line 12, column 5: unknown name 'dosse': right would be dose", or the same in Chinese;
 * without_place leaves the line and column out. */
void yw_st_explain(const struct yw_st_problem *problem, bool chinese, char *ret,
                   size_t ret_size);
void yw_st_explain_bare(const struct yw_st_problem *problem, bool chinese, char *ret,
                        size_t ret_size);
uint32_t yw_st_crc(const void *bytes, size_t size);
const char *yw_st_type_name(enum yw_st_type type);
const struct yw_st_unit *yw_st_main(const struct yw_st_program *program);

/* st_name.c: variables by name. */

/* One value of the program: a variable, an element "samples[2,1]", a member "delay.et",
 * or an address "%MW40". */
struct yw_st_spot {
    enum yw_st_type type;
    enum yw_st_place place;
    uint16_t at; /* cell from the start of the image, or index of the place */
    bool constant;
};

/* 0, or -1 when there is none. Names in any case. */
int yw_st_find(const struct yw_st_program *program, const char *path,
               struct yw_st_spot *ret);
/* The value as its source would have it: TRUE, -7, 2.5, T#1500ms. */
void yw_st_show(const struct yw_st_image *image, const struct yw_st_spot *spot, char *ret,
                size_t ret_size);
void yw_st_text(enum yw_st_type type, uint32_t cell, char *ret, size_t ret_size);
/* The cell that such a text means for the type; false: none. */
bool yw_st_take(enum yw_st_type type, const char *text, uint32_t *ret);
/* Reading and writing past the program: no check that it may. */
uint32_t yw_st_get(const struct yw_st_image *image, const struct yw_st_spot *spot);
void yw_st_put(struct yw_st_image *image, const struct yw_st_spot *spot, uint32_t value);

/* Variables that both programs have, with the same type and size, keep their values
 * (from `old_image` into `image`); only those declared RETAIN when `only_retain`. */
void yw_st_carry(const struct yw_st_program *old, const struct yw_st_image *old_image,
                 const struct yw_st_program *program, struct yw_st_image *image,
                 bool only_retain);
/* Retained values as bytes, and back: unknown or changed names are left out. Size, or 0
 * when they do not fit / are none. */
#define YW_ST_RETAIN_MAX (4 * YW_ST_CELLS_MAX + 48 * 64)
size_t yw_st_retain_save(const struct yw_st_program *program,
                         const struct yw_st_image *image, uint8_t *ret, size_t ret_size);
bool yw_st_retain_load(const struct yw_st_program *program, struct yw_st_image *image,
                       const uint8_t *bytes, size_t size);

/* st_pack.c: a compiled program as bytes, for download. Size, or 0: no room. */
#define YW_ST_PACK_MAGIC "YWST1\r\n"
#define YW_ST_PACK_MAX (64 * 1024)
size_t yw_st_pack(const struct yw_st_program *program, uint8_t *ret, size_t ret_size);
/* 0 and verified, or -1. */
int yw_st_unpack(struct yw_st_program *program, const uint8_t *bytes, size_t size,
                 struct yw_st_problem *ret_problem);

#endif
