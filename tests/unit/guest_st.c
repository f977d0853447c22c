#include "controller/st.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yw_st_program program;
static uint16_t input[YW_ST_WORDS];
static uint16_t holding[YW_ST_WORDS];
static uint8_t discrete[YW_ST_WORDS];
static uint8_t coil[YW_ST_WORDS];
static double output[YW_ST_OUTPUTS];
static struct yw_st_image image;
static struct yw_st_problem problem;

static int compile(const char *source)
{
    memset(holding, 0, sizeof(holding));
    memset(coil, 0, sizeof(coil));
    memset(output, 0, sizeof(output));
    image = (struct yw_st_image){.input = input,
                                 .discrete = discrete,
                                 .holding = holding,
                                 .coil = coil,
                                 .output = output};
    if (yw_st_compile(&program, source, strlen(source), &problem) != 0)
        return -1;
    yw_st_reset(&program, &image);
    return 0;
}

/* The value that `expression` of type INT or REAL leaves in %QW0. */
static double value_of(const char *type, const char *expression)
{
    char source[1024];
    (void)snprintf(
        source, sizeof(source),
        "PROGRAM t VAR q AT %%QW0 : %s; x : REAL := 2.5; i : INT := 7; b : BOOL "
        ":= TRUE; END_VAR q := %s; END_PROGRAM",
        type, expression);
    if (compile(source) != 0 || yw_st_run(&program, &image, &problem) != 0)
        return NAN;
    return output[0];
}

static void check_double(double found, double expected)
{
    assert_true(found == expected);
}

static void expressions_follow_priority(void **state)
{
    (void)state;
    check_double(value_of("INT", "2 + 3 * 4"), 14);
    check_double(value_of("INT", "(2 + 3) * 4"), 20);
    check_double(value_of("INT", "20 - 5 - 3"), 12);
    check_double(value_of("INT", "-7 / 2"), -3);
    check_double(value_of("INT", "-7 MOD 4"), -3);
    check_double(value_of("REAL", "7 / 2.0"), 3.5);
    check_double(value_of("REAL", "i * x"), 17.5);
    check_double(value_of("INT", "BOOL_TO_INT(1 < 2 = TRUE AND NOT FALSE)"), 1);
    check_double(value_of("INT", "BOOL_TO_INT(TRUE OR FALSE AND FALSE)"), 1);
    check_double(value_of("INT", "BOOL_TO_INT(TRUE XOR b & TRUE)"), 0);
    check_double(value_of("INT", "limit(0, 25000, 20000)"), 20000);
    check_double(value_of("INT", "LIMIT(5, 1, 20)"), 5);
    check_double(value_of("INT", "MIN(3, MAX(1, 2))"), 2);
    check_double(value_of("REAL", "ABS(-2.5)"), 2.5);
    check_double(value_of("INT", "REAL_TO_INT(2.5) * 10 + REAL_TO_INT(3.5)"), 24);
    check_double(value_of("INT", "SEL(b, 1, 2)"), 2);
    check_double(value_of("INT", "1_000"), 1000);
    check_double(value_of("INT", "2000000000 + 2000000000"), 2147483647);
    check_double(value_of("INT", "-2147483647 - 10"), -2147483648.0);
}

static void control_flow_branches(void **state)
{
    (void)state;
    static const char source[] =
        "PROGRAM t VAR a AT %MW1 : INT; r AT %QW0 : INT; n : INT; END_VAR\n"
        "IF a > 10 THEN r := 1; ELSIF a > 5 THEN r := 2; ELSE r := 3; END_IF;\n"
        "n := 0; WHILE n < 5 DO n := n + 1; IF n = 3 THEN r := r + 100; END_IF; "
        "END_WHILE;\n"
        "END_PROGRAM";
    static const struct {
        uint16_t a;
        double r;
    } cases[] = {{11, 101}, {6, 102}, {5, 103}};
    assert_int_equal(compile(source), 0);
    for (size_t i = 0; i < 3; i++) {
        holding[1] = cases[i].a;
        assert_int_equal(yw_st_run(&program, &image, &problem), 0);
        check_double(output[0], cases[i].r);
    }
}

/* What %QW0 holds after one scan of these statements. */
static double result_of(const char *statements)
{
    char source[1024];
    (void)snprintf(source, sizeof(source),
                   "PROGRAM t VAR q AT %%QW0 : INT; i : INT; k : INT; m AT %%MW1 : INT; "
                   "END_VAR %s END_PROGRAM",
                   statements);
    if (compile(source) != 0 || yw_st_run(&program, &image, &problem) != 0)
        return NAN;
    return output[0];
}

static void loops_count(void **state)
{
    (void)state;
    check_double(result_of("FOR i := 1 TO 4 DO q := q + i; END_FOR;"), 10);
    check_double(result_of("FOR i := 10 TO 1 BY -3 DO q := q * 100 + i; END_FOR;"),
                 10070401);
    check_double(result_of("FOR i := 5 TO 4 DO q := 9; END_FOR;"), 0);
    check_double(result_of("k := 3; FOR i := 1 TO k DO k := 100; q := q + 1; END_FOR;"),
                 3);
    check_double(result_of("REPEAT i := i + 1; q := q + 10; UNTIL i >= 3 END_REPEAT;"),
                 30);
    check_double(
        result_of("WHILE TRUE DO i := i + 1; IF i > 6 THEN EXIT; END_IF; END_WHILE;"
                  "q := i;"),
        7);
    check_double(
        result_of("FOR i := 1 TO 3 DO FOR k := 1 TO 9 DO IF k > i THEN EXIT; END_IF;"
                  " q := q + 1; END_FOR; END_FOR;"),
        6);
    /* An inner loop after the EXIT does not lose it. */
    check_double(result_of("WHILE TRUE DO i := i + 1; IF i > 6 THEN EXIT; END_IF;"
                           "FOR k := 1 TO 2 DO ; END_FOR; END_WHILE; q := i;"),
                 7);
    assert_true(isnan(result_of("FOR i := 1 TO 2 BY 0 DO END_FOR;")));
    assert_int_equal(problem.trouble, YW_ST_BUDGET_SPENT);
    assert_true(isnan(result_of("EXIT;")));
    assert_int_equal(problem.trouble, YW_ST_EXPECTED);
    assert_true(isnan(result_of("WHILE FALSE DO END_WHILE; EXIT;")));
    assert_true(isnan(result_of("FOR m := 1 TO 2 DO END_FOR;")));
    assert_int_equal(problem.trouble, YW_ST_WRONG_TYPE);
    assert_true(isnan(result_of("FOR i := 1 TO 2 BY k DO END_FOR;")));
    assert_true(isnan(result_of("5;")));
}

static void cases_choose(void **state)
{
    (void)state;
    static const struct {
        int value;
        double result;
    } cases[] = {{1, 10}, {2, 20},  {3, 30},  {5, 30}, {6, 99},
                 {8, 30}, {-4, 40}, {-2, 40}, {-1, 99}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];
        (void)snprintf(text, sizeof(text),
                       "CASE %d OF 1: q := 10; 2: k := 1; q := 20; 3..5, 8: q := 30;\n"
                       "-4..-2: q := 40; ELSE q := 99; END_CASE;",
                       cases[i].value);
        check_double(result_of(text), cases[i].result);
    }
    check_double(result_of("q := 7; CASE 5 OF 1: q := 1; END_CASE;"), 7);
    assert_true(isnan(result_of("CASE TRUE OF 1: q := 1; END_CASE;")));
    assert_true(isnan(result_of("CASE 1 OF END_CASE;")));
    assert_true(isnan(result_of("CASE 1 OF k: q := 1; END_CASE;")));
}

static void places_are_mapped(void **state)
{
    (void)state;
    assert_int_equal(
        compile(
            "PROGRAM t VAR a AT %IW3 : INT; b AT %ix1.2 : BOOL; c AT %MW255 : INT := "
            "70;\n"
            "d AT %MX9 : BOOL; e AT %QX2 : BOOL := TRUE; f AT %QW15 : REAL; keep : "
            "REAL;\n"
            "END_VAR c := a * 1000; d := b; e := NOT e; keep := keep + 0.5; f := keep;\n"
            "END_PROGRAM"),
        0);
    assert_int_equal(holding[255], 70);
    check_double(output[2], 1);
    input[3] = 66;
    discrete[10] = 1;
    assert_int_equal(yw_st_run(&program, &image, &problem), 0);
    assert_int_equal(holding[255], 65535); /* saturates */
    assert_int_equal(coil[9], 1);
    check_double(output[2], 0);
    assert_int_equal(yw_st_run(&program, &image, &problem), 0);
    check_double(output[15], 1.0);
    input[3] = 0;
    discrete[10] = 0;
}

static void mistakes_name_line_and_word(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        enum yw_st_trouble trouble;
        int line;
        const char *word;
    } cases[] = {
        {"", YW_ST_EXPECTED, 1, "program"},
        {"PROGRAM t\nx := 1;\nEND_PROGRAM", YW_ST_UNKNOWN_NAME, 2, "x"},
        {"PROGRAM t\nVAR a : INT;\na : INT; END_VAR END_PROGRAM", YW_ST_DOUBLE_NAME, 3,
         "a"},
        {"PROGRAM t VAR a : INT; END_VAR\n\na := TRUE; END_PROGRAM", YW_ST_WRONG_TYPE, 3,
         "a"},
        {"PROGRAM t VAR a : INT; END_VAR\na := 1.5; END_PROGRAM", YW_ST_WRONG_TYPE, 2,
         "a"},
        {"PROGRAM t VAR a : INT; END_VAR\nIF a THEN END_IF; END_PROGRAM",
         YW_ST_WRONG_TYPE, 2, "then"},
        {"PROGRAM t VAR a AT %IW0 : INT; END_VAR\na := 1; END_PROGRAM", YW_ST_READ_ONLY,
         2, "a"},
        {"PROGRAM t VAR a AT %IW256 : INT; END_VAR END_PROGRAM", YW_ST_BAD_ADDRESS, 1,
         "iw"},
        {"PROGRAM t VAR a AT %QW16 : INT; END_VAR END_PROGRAM", YW_ST_BAD_ADDRESS, 1,
         "qw"},
        {"PROGRAM t VAR a AT %MX31.8 : BOOL; END_VAR END_PROGRAM", YW_ST_BAD_ADDRESS, 1,
         "mx"},
        {"PROGRAM t VAR a AT %ZW1 : INT; END_VAR END_PROGRAM", YW_ST_BAD_ADDRESS, 1,
         "zw"},
        {"PROGRAM t VAR a AT %MW1 : BOOL; END_VAR END_PROGRAM", YW_ST_WRONG_TYPE, 1, "a"},
        {"PROGRAM t (* never\nends", YW_ST_OPEN_COMMENT, 1, ""},
        {"PROGRAM t VAR a : INT := 99999999999; END_VAR", YW_ST_BAD_NUMBER, 1, ""},
        {"PROGRAM t VAR a : INT := 12x; END_VAR", YW_ST_BAD_NUMBER, 1, ""},
        {"PROGRAM t VAR if : INT; END_VAR", YW_ST_EXPECTED, 1, "name"},
        {"PROGRAM t\n@", YW_ST_BAD_CHARACTER, 2, "@"},
        {"PROGRAM t VAR a : INT; END_VAR a := 1", YW_ST_EXPECTED, 1, ";"},
        {"PROGRAM t VAR a : INT; END_VAR a := ; END_PROGRAM", YW_ST_EXPECTED, 1, "value"},
        {"PROGRAM t VAR b : BOOL; END_VAR b := 1 AND TRUE; END_PROGRAM", YW_ST_WRONG_TYPE,
         1, "and"},
        {"PROGRAM t VAR a : INT; END_VAR a := MIN(1); END_PROGRAM", YW_ST_EXPECTED, 1,
         ","},
        {"PROGRAM t VAR a : INT; END_VAR IF TRUE THEN a := 1; END_PROGRAM",
         YW_ST_EXPECTED, 1, "end_if"},
        {"PROGRAM t END_PROGRAM more", YW_ST_EXPECTED, 1, "end of file"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(compile(cases[i].source), -1);
        assert_int_equal(problem.trouble, cases[i].trouble);
        assert_int_equal(problem.line, cases[i].line);
        assert_string_equal(problem.word, cases[i].word);
    }
}

static void hostile_programs_end(void **state)
{
    (void)state;
    char text[96];
    assert_int_equal(compile("PROGRAM t\nWHILE TRUE DO END_WHILE;\nEND_PROGRAM"), 0);
    assert_int_equal(yw_st_run(&program, &image, &problem), -1);
    assert_int_equal(problem.trouble, YW_ST_BUDGET_SPENT);
    assert_int_equal(problem.line, 2);
    yw_st_explain(&problem, false, text, sizeof(text));
    assert_string_equal(text, "line 2: scan takes too long");
    yw_st_explain(&problem, true, text, sizeof(text));
    assert_string_equal(text, "第 2 行：扫描周期超时");
    assert_true(isnan(value_of("INT", "1 / 0")));
    assert_int_equal(problem.trouble, YW_ST_DIVIDE_BY_ZERO);
    assert_true(isnan(value_of("INT", "1 MOD 0")));
    assert_true(isnan(value_of("REAL", "1.0 / 0.0")));
    assert_int_equal(compile("PROGRAM t VAR x : REAL := 10.0; END_VAR\n"
                             "WHILE TRUE DO x := x * x; END_WHILE; END_PROGRAM"),
                     0);
    assert_int_equal(yw_st_run(&program, &image, &problem), -1);
    assert_int_equal(problem.trouble, YW_ST_OVERFLOW);
}

static char *repeated(const char *head, const char *body, int times, const char *tail)
{
    size_t size = strlen(head) + strlen(body) * (size_t)times + strlen(tail) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    strcpy(text, head);
    char *at = text + strlen(head);
    for (int i = 0; i < times; i++)
        at = stpcpy(at, body);
    strcpy(at, tail);
    return text;
}

static int compile_repeated(const char *head, const char *body, int times,
                            const char *tail)
{
    char *source = repeated(head, body, times, tail);
    int outcome = compile(source);
    free(source);
    return outcome;
}

static void limits_hold_at_one_more(void **state)
{
    (void)state;
    const char *head = "PROGRAM t VAR a : INT; END_VAR a := ";
    /* The program's statements and the assignment's expression are two levels. */
    assert_int_equal(compile_repeated(head, "-", YW_ST_DEPTH_MAX - 2, "1; END_PROGRAM"),
                     0);
    assert_int_equal(compile_repeated(head, "-", YW_ST_DEPTH_MAX - 1, "1; END_PROGRAM"),
                     -1);
    assert_string_equal(problem.word, "nesting");
    assert_int_equal(compile_repeated(head, "(", 100000, ""), -1);
    /* Each statement is two instructions; END is one. */
    head = "PROGRAM t VAR a : INT; END_VAR ";
    assert_int_equal(
        compile_repeated(head, "a:=1;", YW_ST_CODE_MAX / 2 - 1, "END_PROGRAM"), 0);
    assert_int_equal(compile_repeated(head, "a:=1;", YW_ST_CODE_MAX / 2, "END_PROGRAM"),
                     -1);
    assert_string_equal(problem.word, "program");
    assert_int_equal(compile_repeated("", " ", YW_ST_SOURCE_MAX + 1, ""), -1);
    assert_string_equal(problem.word, "file");
    assert_int_equal(compile("PROGRAM a234567890123456789012345678901 END_PROGRAM"), 0);
    assert_int_equal(compile("PROGRAM a2345678901234567890123456789012 END_PROGRAM"), -1);
}

static void variables_have_a_limit(void **state)
{
    (void)state;
    static char source[8192];
    for (int count = YW_ST_VARS_MAX; count <= YW_ST_VARS_MAX + 1; count++) {
        char *at = stpcpy(source, "PROGRAM t VAR ");
        for (int i = 0; i < count; i++)
            at += sprintf(at, "v%d : INT; ", i);
        strcpy(at, "END_VAR END_PROGRAM");
        assert_int_equal(compile(source), count > YW_ST_VARS_MAX ? -1 : 0);
    }
    assert_string_equal(problem.word, "VAR");
}

/* The deepest expression that compiles does not outgrow the stack. */
static void deepest_expression_runs(void **state)
{
    (void)state;
    static char source[8192];
    /* As many rounds as compile: each pends a value at every priority. */
    int rounds = 0;
    for (rounds = YW_ST_DEPTH_MAX; rounds > 0; rounds--) {
        char *at = stpcpy(source, "PROGRAM t VAR b AT %QX0 : BOOL; END_VAR b := ");
        for (int i = 0; i < rounds; i++)
            at = stpcpy(at, "TRUE OR TRUE XOR TRUE AND TRUE = (1 < 1 + 1 * LIMIT(1, 2, "
                            "BOOL_TO_INT(");
        at = stpcpy(at, "TRUE");
        for (int i = 0; i < rounds; i++)
            at = stpcpy(at, ")))");
        strcpy(at, "; END_PROGRAM");
        if (compile(source) == 0)
            break;
    }
    assert_true(rounds >= 8);
    assert_int_equal(yw_st_run(&program, &image, &problem), 0);
}

static void mutated_programs_are_survived(void **state)
{
    (void)state;
    static const char good[] =
        "PROGRAM dosing VAR a AT %IW0 : INT; s AT %MW40 : INT := 100; c AT %QW0 : INT;\n"
        "p AT %QX1 : BOOL; r : REAL; END_VAR (* x *) IF a > 3 AND NOT p THEN c := "
        "LIMIT(0, s,"
        " 20000); ELSIF a MOD 2 = 1 THEN r := r / 3.0; ELSE WHILE c > 0 DO c := c - 1;\n"
        "END_WHILE; END_IF; p := c > 0; END_PROGRAM";
    unsigned seed = 7;
    int compiled = 0;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof(good)];
        memcpy(text, good, sizeof(good));
        for (int i = 0; i <= round % 4; i++)
            text[(size_t)rand_r(&seed) % (sizeof(good) - 1)] =
                good[(size_t)rand_r(&seed) % (sizeof(good) - 1)];
        text[sizeof(good) - 1] = '\0';
        if (compile(text) != 0)
            continue;
        compiled++;
        (void)yw_st_run(&program, &image, &problem);
    }
    assert_in_range(compiled, 100, 19000);
}

static void crc_is_the_standard_one(void **state)
{
    (void)state;
    assert_int_equal(yw_st_crc("123456789", 9), 0xcbf43926);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_follow_priority),
        cmocka_unit_test(control_flow_branches),
        cmocka_unit_test(loops_count),
        cmocka_unit_test(cases_choose),
        cmocka_unit_test(places_are_mapped),
        cmocka_unit_test(mistakes_name_line_and_word),
        cmocka_unit_test(hostile_programs_end),
        cmocka_unit_test(limits_hold_at_one_more),
        cmocka_unit_test(variables_have_a_limit),
        cmocka_unit_test(deepest_expression_runs),
        cmocka_unit_test(mutated_programs_are_survived),
        cmocka_unit_test(crc_is_the_standard_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
