/* clang-format off */
/* Structured Text (IEC 61131-3), the subset that the soft PLC runs, compiled to bytecode.
 *
 *   PROGRAM name
 *   VAR
 *       dose_set AT %MW40 : INT := 100;   (* located in the controller's memory *)
 *       filtered : REAL := 0.0;           // kept from scan to scan
 *   END_VAR
 *       IF dose_set > 200 THEN … ELSIF … ELSE … END_IF;
 *       WHILE … DO … END_WHILE;  REPEAT … UNTIL … END_REPEAT;
 *       FOR i := 1 TO 10 BY 2 DO … EXIT; … END_FOR;      (* i is local; BY a constant *)
 *       CASE mode OF 1: … 2, 5..9: … ELSE … END_CASE;
 *       filtered := LIMIT(0.0, filtered + 0.1, 10.0);
 *   END_PROGRAM
 *
 * Types BOOL, INT (32 bits, saturating), REAL (double). INT goes where REAL is asked; the other
 * way needs REAL_TO_INT. Operators by rising priority: OR; XOR; AND &; = <>; < <= > >=; + -;
 * * / MOD; unary - and NOT. Functions ABS MIN MAX LIMIT SEL INT_TO_REAL REAL_TO_INT BOOL_TO_INT.
 * Names and keywords in any case; comments (* *) and //.
 *
 * Where a located variable lives:
 *   %IWn  input register n     INT, read only: raw measurement, engineering value / scale
 *   %IXn  discrete input n     BOOL, read only
 *   %MWn  holding register n   INT, 0..65535, writes saturate: set-points and parameters
 *   %MXn  coil n               BOOL: commands of the operator
 *   %QWn  actuator output n    INT or REAL, engineering units, to the field wiring
 *   %QXn  actuator output n    BOOL: 0 or 1 on the same output
 * A bit may be written byte.bit (%MX1.2 is %MX10). Initial values of located variables are
 * written once, when the program is loaded.
 *
 * Pure, no allocation, no recursion deeper than YW_ST_DEPTH_MAX. The source is untrusted. */
/* clang-format on */
#ifndef YW_CONTROLLER_ST_H
#define YW_CONTROLLER_ST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_ST_SOURCE_MAX (64 * 1024)
#define YW_ST_VARS_MAX 128
#define YW_ST_NAME_MAX 32 /* with the NUL */
#define YW_ST_CODE_MAX 4096
#define YW_ST_DEPTH_MAX 32
#define YW_ST_STACK_MAX 320 /* 9 values for each level of nesting, and a little */
#define YW_ST_BUDGET 20000  /* instructions a scan */
#define YW_ST_WORDS 256     /* %IW, %MW, %IX, %MX */
#define YW_ST_OUTPUTS 16    /* %QW, %QX */

enum yw_st_type { YW_ST_BOOL, YW_ST_INT, YW_ST_REAL };

enum yw_st_place {
    YW_ST_LOCAL,
    YW_ST_INPUT_WORD,
    YW_ST_INPUT_BIT,
    YW_ST_MEMORY_WORD,
    YW_ST_MEMORY_BIT,
    YW_ST_OUTPUT_WORD,
    YW_ST_OUTPUT_BIT
};

struct yw_st_var {
    char name[YW_ST_NAME_MAX]; /* lower case */
    enum yw_st_type type;
    enum yw_st_place place;
    uint16_t index; /* of the place */
    bool has_initial;
    double initial;
};

struct yw_st_op {
    uint16_t code; /* enum op of st_inner.h */
    uint16_t line;
    uint32_t target; /* variable or instruction */
    double value;
};

struct yw_st_program {
    char name[YW_ST_NAME_MAX];
    struct yw_st_var vars[YW_ST_VARS_MAX];
    uint32_t var_count;
    struct yw_st_op code[YW_ST_CODE_MAX];
    uint32_t code_count;
    uint32_t crc; /* CRC-32 (IEEE 802.3) of the source bytes */
};

/* What the program reads and writes; all arrays borrowed. */
struct yw_st_image {
    const uint16_t *input; /* YW_ST_WORDS each */
    const uint8_t *discrete;
    uint16_t *holding;
    uint8_t *coil;
    double *output; /* YW_ST_OUTPUTS */
    double local[YW_ST_VARS_MAX];
};

enum yw_st_trouble {
    YW_ST_OK,
    YW_ST_TOO_LONG, /* source, variables, code, nesting: `word` names it */
    YW_ST_BAD_CHARACTER,
    YW_ST_BAD_NUMBER,
    YW_ST_OPEN_COMMENT,
    YW_ST_EXPECTED, /* `word` is what was expected */
    YW_ST_UNKNOWN_NAME,
    YW_ST_DOUBLE_NAME,
    YW_ST_BAD_ADDRESS,
    YW_ST_WRONG_TYPE,
    YW_ST_READ_ONLY,
    YW_ST_DIVIDE_BY_ZERO, /* the rest: while running */
    YW_ST_OVERFLOW,
    YW_ST_BUDGET_SPENT
};

struct yw_st_problem {
    enum yw_st_trouble trouble;
    int line; /* from 1 */
    char word[YW_ST_NAME_MAX];
};

/* 0, or -1 with *ret_problem filled and the program unusable. `source` need not end in
 * NUL. */
int yw_st_compile(struct yw_st_program *program, const char *source, size_t size,
                  struct yw_st_problem *ret_problem);
/* Locals and located variables take their initial values. */
void yw_st_reset(const struct yw_st_program *program, struct yw_st_image *image);
/* One scan. 0, or -1 with *ret_problem; what was written until then stays written. */
int yw_st_run(const struct yw_st_program *program, struct yw_st_image *image,
              struct yw_st_problem *ret_problem);
/* "line 12: unknown name 'dosse'", or the same in Chinese. */
void yw_st_explain(const struct yw_st_problem *problem, bool chinese, char *ret,
                   size_t ret_size);
uint32_t yw_st_crc(const void *bytes, size_t size);

#endif
