#include "guest_st_seat.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct st_seat seat;

/* The value that `expression` leaves in a variable of that type; "!" and why not. */
static const char *value_of(const char *type, const char *expression)
{
    static char why[300];
    char source[1024];
    (void)snprintf(
        source, sizeof(source),
        "PROGRAM p VAR q : %s; x : REAL := 2.5; i : INT := 7; d : DINT := "
        "100000; u : UINT := 65535; b : BOOL := TRUE; t : TIME := T#3s; END_VAR "
        "q := %s; END_PROGRAM",
        type, expression);
    why[0] = '!';
    if (st_seat_compile(&seat, source) == 0 && st_seat_scan(&seat, 0) == 0)
        return st_seat_value(&seat, "q");
    yw_st_explain_bare(&seat.problem, false, why + 1, sizeof(why) - 1);
    return why;
}

static void expressions_follow_priority(void **state)
{
    (void)state;
    static const struct {
        const char *type, *expression, *value;
    } cases[] = {
        {"INT", "2 + 3 * 4", "14"},
        {"INT", "(2 + 3) * 4", "20"},
        {"INT", "20 - 5 - 3", "12"},
        {"INT", "-7 / 2", "-3"},
        {"INT", "-i / 2", "-3"},
        {"INT", "-7 MOD 4", "-3"},
        {"REAL", "7 / 2.0", "3.5"},
        {"REAL", "i * x", "17.5"},
        {"BOOL", "1 < 2 = TRUE AND NOT FALSE", "TRUE"},
        {"BOOL", "TRUE OR FALSE AND FALSE", "TRUE"},
        {"BOOL", "TRUE XOR b & TRUE", "FALSE"},
        {"BOOL", "i > 6 AND x <= 2.5", "TRUE"},
        {"INT", "1_000", "1000"},
        {"INT", "16#7F + 2#101 + 8#17", "147"},
        {"DINT", "i + d", "100007"},
        {"DINT", "u + i", "65542"},
        {"REAL", "d + 0.5", "100000.5"},
        {"REAL", "1.5E3 + 2", "1502.0"},
        {"UINT", "u AND 16#F0F0", "61680"},
        {"UINT", "NOT u", "0"},
        {"INT", "NOT i", "-8"},
        {"TIME", "t + T#1m30s", "T#93000ms"},
        {"TIME", "t * 2 - T#500ms", "T#5500ms"},
        {"TIME", "T#1d2h3m4s5ms / 2", "T#46892002ms"},
        {"TIME", "TIME#1.5s", "T#1500ms"},
        {"BOOL", "t >= T#3s", "TRUE"},
        {"INT", "INT#5", "5"},
        {"UINT", "UINT#16#FFFF", "65535"},
        {"DINT", "-2147483648", "-2147483648"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(value_of(cases[i].type, cases[i].expression), cases[i].value);
}

static void arithmetic_wraps_and_conversions_saturate(void **state)
{
    (void)state;
    assert_string_equal(value_of("INT", "i * 10000"), "4464"); /* 70000 - 65536 */
    assert_string_equal(value_of("UINT", "u + 2"), "1");
    assert_string_equal(value_of("UINT", "UINT#0 - u"), "1");
    assert_string_equal(value_of("DINT", "d * d"), "1410065408");
    assert_string_equal(value_of("DINT", "(0 - 2147483647 - 1) / (0 - INT_TO_DINT(1))"),
                        "-2147483648");
    assert_string_equal(value_of("INT", "REAL_TO_INT(x) * 10 + REAL_TO_INT(x + 1)"),
                        "24");
    assert_string_equal(value_of("INT", "REAL_TO_INT(1.0E9)"), "32767");
    assert_string_equal(value_of("UINT", "REAL_TO_UINT(-3.0)"), "0");
    assert_string_equal(value_of("INT", "DINT_TO_INT(d)"), "32767");
    assert_string_equal(value_of("INT", "UINT_TO_INT(u)"), "32767");
    assert_string_equal(value_of("DINT", "TIME_TO_DINT(t)"), "3000");
    assert_string_equal(value_of("TIME", "REAL_TO_TIME(x)"), "T#2ms");
    assert_string_equal(value_of("BOOL", "INT_TO_BOOL(i)"), "TRUE");
    assert_string_equal(value_of("BOOL", "REAL_TO_BOOL(0.2)"), "TRUE");
    assert_string_equal(value_of("INT", "BOOL_TO_INT(b)"), "1");
    assert_string_equal(value_of("REAL", "UINT_TO_REAL(u)"), "65535.0");
}

static void functions_calculate(void **state)
{
    (void)state;
    assert_string_equal(value_of("INT", "limit(0, 25000, 20000)"), "20000");
    assert_string_equal(value_of("INT", "LIMIT(5, 1, 20)"), "5");
    assert_string_equal(value_of("INT", "MIN(3, MAX(1, 2), i, 9)"), "2");
    assert_string_equal(value_of("REAL", "MAX(i, x, 0.5)"), "7.0");
    assert_string_equal(value_of("REAL", "ABS(-2.5)"), "2.5");
    assert_string_equal(value_of("INT", "ABS(-7)"), "7");
    assert_string_equal(value_of("INT", "SEL(b, 1, 2)"), "2");
    assert_string_equal(value_of("REAL", "SEL(FALSE, x, 2)"), "2.5");
    assert_string_equal(value_of("INT", "MUX(2, 10, 20, 30)"), "30");
    assert_string_equal(value_of("INT", "MUX(9, 10, 20, 30)"), "30"); /* the last */
    assert_string_equal(value_of("INT", "MUX(-1, 10, 20, 30)"), "30");
    assert_string_equal(value_of("REAL", "SQRT(x + 0.06)"), "1.6");
    assert_string_equal(value_of("DINT", "TRUNC(-2.9)"), "-2");
    assert_string_equal(value_of("UINT", "SHL(UINT#1, 15)"), "32768");
    assert_string_equal(value_of("UINT", "SHL(u, 1)"), "65534");
    assert_string_equal(value_of("UINT", "SHR(u, 12)"), "15");
    assert_string_equal(value_of("UINT", "SHR(u, 40)"), "0");
    assert_string_equal(value_of("TIME", "MIN(t, T#1s)"), "T#1000ms");
    assert_true(value_of("REAL", "SQRT(-1.0)")[0] == '!');
    assert_int_equal(seat.problem.trouble, YW_ST_OVERFLOW);
}

/* What %QW0 holds after one scan of these statements. */
static double result_of(const char *statements)
{
    char source[1024];
    (void)snprintf(
        source, sizeof(source),
        "PROGRAM p VAR q AT %%QW0 : DINT; i : INT; k : INT; u : UINT; m AT %%MW1 "
        ": INT; END_VAR VAR CONSTANT two : INT := 2; END_VAR %s END_PROGRAM",
        statements);
    if (st_seat_compile(&seat, source) != 0 || st_seat_scan(&seat, 0) != 0)
        return NAN;
    return seat.output[0];
}

static void check(const char *statements, double expected)
{
    double found = result_of(statements);
    if (found != expected)
        fail_msg("%s: %g, expected %g (%d)", statements, found, expected,
                 (int)seat.problem.trouble);
}

static void control_flow_branches(void **state)
{
    (void)state;
    static const char source[] =
        "PROGRAM p VAR a AT %MW1 : INT; r AT %QW0 : INT; n : INT; END_VAR\n"
        "IF a > 10 THEN r := 1; ELSIF a > 5 THEN r := 2; ELSE r := 3; END_IF;\n"
        "n := 0; WHILE n < 5 DO n := n + 1; IF n = 3 THEN r := r + 100; END_IF; "
        "END_WHILE;\n"
        "END_PROGRAM";
    static const struct {
        uint16_t a;
        double r;
    } cases[] = {{11, 101}, {6, 102}, {5, 103}};
    assert_int_equal(st_seat_compile(&seat, source), 0);
    for (size_t i = 0; i < 3; i++) {
        seat.holding[1] = cases[i].a;
        assert_int_equal(st_seat_scan(&seat, 0), 0);
        assert_true(seat.output[0] == cases[i].r);
    }
    check("q := 1; RETURN; q := 2;", 1);
    check("IF q = 0 THEN RETURN; END_IF; q := 2;", 0);
}

static void loops_count(void **state)
{
    (void)state;
    check("FOR i := 1 TO 4 DO q := q + i; END_FOR;", 10);
    check("FOR i := 10 TO 1 BY -3 DO q := q * 100 + i; END_FOR;", 10070401);
    check("FOR i := 5 TO 4 DO q := 9; END_FOR;", 0);
    check("k := 3; FOR i := 1 TO k DO k := 100; q := q + 1; END_FOR;", 3);
    check("FOR i := 32766 TO 32767 DO q := q + 1; END_FOR;", 2);
    check("FOR u := 2 TO 0 BY -1 DO q := q + 1; END_FOR;", 3);
    check("REPEAT i := i + 1; q := q + 10; UNTIL i >= 3 END_REPEAT;", 30);
    check("WHILE TRUE DO i := i + 1; IF i > 6 THEN EXIT; END_IF; END_WHILE; q := i;", 7);
    check("FOR i := 1 TO 3 DO FOR k := 1 TO 9 DO IF k > i THEN EXIT; END_IF;"
          " q := q + 1; END_FOR; END_FOR;",
          6);
    /* An inner loop after the EXIT does not lose it. */
    check("WHILE TRUE DO i := i + 1; IF i > 6 THEN EXIT; END_IF;"
          "FOR k := 1 TO 2 DO ; END_FOR; END_WHILE; q := i;",
          7);
    check("REPEAT EXIT; q := 5; UNTIL TRUE END_REPEAT; q := q + 1;", 1);
    assert_true(isnan(result_of("FOR i := 1 TO 2 BY 0 DO END_FOR;")));
    assert_int_equal(seat.problem.trouble, YW_ST_BAD_NUMBER);
    assert_true(isnan(result_of("EXIT;")));
    assert_int_equal(seat.problem.trouble, YW_ST_EXPECTED);
    assert_true(isnan(result_of("WHILE FALSE DO END_WHILE; EXIT;")));
    assert_true(isnan(result_of("FOR m := 1 TO 2 DO END_FOR;")));
    assert_int_equal(seat.problem.trouble, YW_ST_WRONG_TYPE);
    assert_true(isnan(result_of("FOR i := 1 TO 2 BY k DO END_FOR;")));
    assert_int_equal(seat.problem.trouble, YW_ST_NOT_CONSTANT);
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
        (void)snprintf(
            text, sizeof(text),
            "i := %d; CASE i OF 1: q := 10; two: k := 1; q := 20; two + 1..5, 8: "
            "q := 30;\n-4..-2: q := 40; ELSE q := 99; END_CASE;",
            cases[i].value);
        check(text, cases[i].result);
    }
    check("q := 7; CASE 5 OF 1: q := 1; END_CASE;", 7);
    assert_true(isnan(result_of("CASE TRUE OF 1: q := 1; END_CASE;")));
    assert_true(isnan(result_of("CASE 1 OF END_CASE;")));
    assert_true(isnan(result_of("CASE 1 OF k: q := 1; END_CASE;")));
}

static void places_are_mapped(void **state)
{
    (void)state;
    assert_int_equal(
        st_seat_compile(
            &seat,
            "PROGRAM p VAR a AT %IW3 : INT; b AT %ix1.2 : BOOL; c AT %MW255 : UINT := "
            "70;\n"
            "d AT %MX9 : BOOL; e AT %QX2 : BOOL := TRUE; f AT %QW15 : REAL; keep : "
            "REAL;\n"
            "long AT %MD20 : REAL := 1.5; whole AT %MD22 : DINT; g AT %QW3 : INT; "
            "END_VAR\n"
            "c := c + 1; d := b; e := NOT e; keep := keep + 0.5; f := keep; whole := "
            "-2;\n"
            "long := long * 2; g := a; %MW30 := %IW3; %MX40 := %MW30 > 3; g := g - 1;\n"
            "END_PROGRAM"),
        0);
    assert_int_equal(seat.holding[255], 70);
    assert_int_equal(seat.holding[20], 0x3fc0);
    assert_true(seat.output[2] == 1);
    seat.input[3] = 65530;
    seat.discrete[10] = 1;
    assert_int_equal(st_seat_scan(&seat, 0), 0);
    assert_int_equal(seat.holding[255], 71);
    assert_int_equal(seat.coil[9], 1);
    assert_true(seat.output[2] == 0);
    assert_true(seat.output[3] == -7); /* an INT sees the sign */
    assert_int_equal(seat.holding[30], 65530);
    assert_int_equal(seat.coil[40], 1);
    assert_int_equal(seat.holding[20], 0x4040); /* 3.0 */
    assert_int_equal(seat.holding[22], 0xffff);
    assert_int_equal(seat.holding[23], 0xfffe);
    assert_int_equal(st_seat_scan(&seat, 0), 0);
    assert_true(seat.output[15] == 1.0);
}

static void arrays_have_elements(void **state)
{
    (void)state;
    assert_int_equal(
        st_seat_compile(
            &seat,
            "PROGRAM p VAR a : ARRAY[1..3, 0..1] OF INT := [1, 2, 3(7), 9]; i, k : INT;\n"
            "r : ARRAY[-2..2] OF REAL; sum : DINT; at AT %MW1 : INT := 1; END_VAR\n"
            "sum := 0; FOR i := 1 TO 3 DO FOR k := 0 TO 1 DO sum := sum + a[i, k];\n"
            "END_FOR; END_FOR; r[-2] := 1.5; r[i - 1] := r[-2] * 2; a[at, 1] := 4;\n"
            "END_PROGRAM"),
        -1); /* `at` is a keyword */
    assert_int_equal(seat.problem.trouble, YW_ST_EXPECTED);
    assert_int_equal(
        st_seat_compile(
            &seat,
            "PROGRAM p VAR a : ARRAY[1..3, 0..1] OF INT := [1, 2, 3(7), 9]; i, k : INT;\n"
            "r : ARRAY[-2..2] OF REAL; sum : DINT; m AT %MW1 : INT := 1; END_VAR\n"
            "sum := 0; FOR i := 1 TO 3 DO FOR k := 0 TO 1 DO sum := sum + a[i, k];\n"
            "END_FOR; END_FOR; r[-2] := 1.5; r[i - 1] := r[-2] * 2; a[m, 1] := 4;\n"
            "END_PROGRAM"),
        0);
    assert_int_equal(st_seat_scan(&seat, 0), 0);
    assert_string_equal(st_seat_value(&seat, "sum"), "33");
    assert_string_equal(st_seat_value(&seat, "r[2]"), "3.0");
    assert_string_equal(st_seat_value(&seat, "a[1,1]"), "4");
    assert_string_equal(st_seat_value(&seat, "a[3,1]"), "9");
    assert_string_equal(st_seat_value(&seat, "a[4,1]"), "?");
    for (int bad = 0; bad < 3; bad++) {
        static const uint16_t outside[] = {0, 4, 65535};
        seat.holding[1] = outside[bad];
        assert_int_equal(st_seat_scan(&seat, 0), -1);
        assert_int_equal(seat.problem.trouble, YW_ST_OUT_OF_RANGE);
        assert_int_equal(seat.problem.line, 4);
    }
}

static void units_call_each_other(void **state)
{
    (void)state;
    static const char source[] =
        "FUNCTION clip : REAL VAR_INPUT x : REAL; high : REAL; END_VAR\n"
        "VAR CONSTANT low : REAL := 0.5; END_VAR VAR seen : INT; END_VAR\n"
        "  seen := seen + 1; clip := LIMIT(low, x, high) + INT_TO_REAL(seen);\n"
        "END_FUNCTION\n"
        "FUNCTION_BLOCK ramp VAR_INPUT step : INT := 2; END_VAR VAR_OUTPUT out : INT; "
        "END_VAR\n"
        "VAR late : TON; END_VAR\n"
        "  out := out + step; late(IN := TRUE, PT := T#150ms);\n"
        "END_FUNCTION_BLOCK\n"
        "FUNCTION_BLOCK pair VAR a, b : ramp; END_VAR VAR_OUTPUT sum : INT; END_VAR\n"
        "  a(step := 1); b(step := 10); sum := a.out + b.out;\n"
        "END_FUNCTION_BLOCK\n"
        "PROGRAM p VAR k, m : ramp; two : pair; d : DINT; r : REAL; END_VAR\n"
        "  k(step := 3, out => d); m(); two(); r := clip(clip(d, 5.0), 4.0);\n"
        "END_PROGRAM";
    assert_int_equal(st_seat_compile(&seat, source), 0);
    assert_int_equal(st_seat_scan(&seat, 0), 0);
    assert_string_equal(st_seat_value(&seat, "r"),
                        "5.0"); /* locals of a function forget */
    assert_int_equal(st_seat_scan(&seat, 100), 0);
    assert_int_equal(st_seat_scan(&seat, 200), 0);
    assert_string_equal(st_seat_value(&seat, "d"), "9");
    assert_string_equal(st_seat_value(&seat, "m.out"), "6");
    assert_string_equal(st_seat_value(&seat, "m.late.q"), "TRUE");
    assert_string_equal(st_seat_value(&seat, "TWO.A.OUT"), "3");
    assert_string_equal(st_seat_value(&seat, "two.sum"), "33");
    assert_string_equal(st_seat_value(&seat, "two.sum.x"), "?");
}

static void mistakes_name_place_word_and_remedy(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        enum yw_st_trouble trouble;
        int line, column;
        const char *word, *want;
    } cases[] = {
        {"", YW_ST_EXPECTED, 1, 1, "", "PROGRAM"},
        {"PROGRAM p\nx := 1;\nEND_PROGRAM", YW_ST_UNKNOWN_NAME, 2, 1, "x", ""},
        {"PROGRAM p VAR dose : INT; END_VAR\n  doze := 1;\nEND_PROGRAM",
         YW_ST_UNKNOWN_NAME, 2, 3, "doze", "dose"},
        {"PROGRAM p\nVAR a : INT;\na : INT; END_VAR END_PROGRAM", YW_ST_DOUBLE_NAME, 3, 1,
         "a", ""},
        {"PROGRAM p VAR a : INT; END_VAR\n\na := TRUE; END_PROGRAM", YW_ST_WRONG_TYPE, 3,
         10, "a", "INT, BOOL_TO_INT"},
        {"PROGRAM p VAR a : INT; END_VAR\na := 1.5; END_PROGRAM", YW_ST_WRONG_TYPE, 2, 9,
         "a", "INT, REAL_TO_INT"},
        {"PROGRAM p VAR a : INT; END_VAR\n(* \xe5\x8a\xa0\xe8\x8d\xaf *) a := 1.5; "
         "END_PROGRAM",
         YW_ST_WRONG_TYPE, 2, 18, "a", "INT, REAL_TO_INT"},
        {"PROGRAM p VAR a : INT; END_VAR\nIF a THEN END_IF; END_PROGRAM",
         YW_ST_WRONG_TYPE, 2, 6, "then", "BOOL, INT_TO_BOOL"},
        {"PROGRAM p VAR a AT %IW0 : INT; END_VAR\na := 1; END_PROGRAM", YW_ST_READ_ONLY,
         2, 3, "a", ""},
        {"PROGRAM p VAR a AT %IW256 : INT; END_VAR END_PROGRAM", YW_ST_BAD_ADDRESS, 1, 20,
         "iw", "%IW0..255 %MW0..255 %MD0..254 %IX0..255 %MX0..255 %QW0..63 %QX0..63"},
        {"PROGRAM p VAR a AT %QW64 : INT; END_VAR END_PROGRAM", YW_ST_BAD_ADDRESS, 1, 20,
         "qw", "%IW0..255 %MW0..255 %MD0..254 %IX0..255 %MX0..255 %QW0..63 %QX0..63"},
        {"PROGRAM p VAR a AT %MW1 : BOOL; END_VAR END_PROGRAM", YW_ST_WRONG_TYPE, 1, 27,
         "a", "INT, UINT"},
        {"PROGRAM p (* never\nends", YW_ST_OPEN_COMMENT, 1, 11, "", "*)"},
        {"PROGRAM p VAR if : INT; END_VAR", YW_ST_EXPECTED, 1, 15, "if",
         "a name of your own"},
        {"PROGRAM p\n@", YW_ST_BAD_CHARACTER, 2, 1, "@", ""},
        {"PROGRAM p VAR a : INT; END_VAR a := 1", YW_ST_EXPECTED, 1, 38, "", ";"},
        {"PROGRAM p VAR a : INT; END_VAR a := ; END_PROGRAM", YW_ST_EXPECTED, 1, 37, ";",
         "a value"},
        {"PROGRAM p VAR b : BOOL; END_VAR b := 1 AND TRUE; END_PROGRAM", YW_ST_WRONG_TYPE,
         1, 48, "and", "BOOL, INT_TO_BOOL"},
        {"PROGRAM p VAR a : INT; END_VAR a := MIN(1); END_PROGRAM", YW_ST_EXPECTED, 1, 42,
         "min", ","},
        {"PROGRAM p VAR a : INT; END_VAR IF TRUE THEN a := 1; END_PROGRAM",
         YW_ST_EXPECTED, 1, 53, "end_program", "END_IF"},
        {"PROGRAM p END_PROGRAM more", YW_ST_EXPECTED, 1, 23, "more", "end of file"},
        {"PROGRAM p VAR t : TOM; END_VAR END_PROGRAM", YW_ST_EXPECTED, 1, 19, "tom",
         "BOOL, INT, DINT, UINT, REAL, TIME, ARRAY, a FUNCTION_BLOCK above"},
        {"PROGRAM p VAR t : TON; END_VAR t.q := TRUE; END_PROGRAM", YW_ST_READ_ONLY, 1,
         36, "q", ""},
        {"PROGRAM p VAR t : TON; END_VAR t(IM := TRUE); END_PROGRAM", YW_ST_UNKNOWN_NAME,
         1, 34, "im", "ton"},
        {"PROGRAM p VAR a : INT; END_VAR a[1] := 2; END_PROGRAM", YW_ST_NO_ARRAY, 1, 33,
         "a", ""},
        {"PROGRAM p VAR a : ARRAY[1..3] OF INT; END_VAR a[4] := 1; END_PROGRAM",
         YW_ST_OUT_OF_RANGE, 1, 50, "a", "1..3"},
        {"PROGRAM p VAR a : ARRAY[1..3] OF INT; END_VAR a[0] := 1; END_PROGRAM",
         YW_ST_OUT_OF_RANGE, 1, 50, "a", "1..3"},
        {"PROGRAM p VAR a : ARRAY[3..1] OF INT; END_VAR END_PROGRAM", YW_ST_OUT_OF_RANGE,
         1, 29, "ARRAY", "1..4096"},
        {"FUNCTION f : INT f := f(); END_FUNCTION", YW_ST_EXPECTED, 1, 24, "(", ";"},
        {"PROGRAM p VAR CONSTANT c : INT := 3; END_VAR c := 4; END_PROGRAM",
         YW_ST_READ_ONLY, 1, 48, "c", ""},
        {"{SCAN T#5ms} PROGRAM p END_PROGRAM", YW_ST_EXPECTED, 1, 7, "SCAN",
         "T#10ms..T#1s"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct yw_st_problem *problem = &seat.problem;
        bool failed = st_seat_compile(&seat, cases[i].source) != 0;
        if (!failed || problem->trouble != cases[i].trouble ||
            problem->line != cases[i].line || problem->column != cases[i].column ||
            strcmp(problem->word, cases[i].word) != 0 ||
            strcmp(problem->want, cases[i].want) != 0)
            fail_msg("%s: trouble %d at %d:%d '%s' want '%s'", cases[i].source,
                     (int)problem->trouble, problem->line, problem->column, problem->word,
                     problem->want);
    }
}

static void numbers_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "99999999999", "12x",    "16#",         "3#12",   "INT#40000", "UINT#-1",
        "T#5",         "T#1s2m", "T#99999999d", "1.0E99", "BOOL#1",    "2147483648",
        "1.",          "T#1x",   "INT#1.5",     "0.0e",   "16#G",      "40000"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (value_of("INT", bad[i])[0] != '!')
            fail_msg("%s was taken", bad[i]);
    }
}

static void hostile_programs_end(void **state)
{
    (void)state;
    char text[200];
    assert_int_equal(
        st_seat_compile(&seat, "PROGRAM p\nWHILE TRUE DO END_WHILE;\nEND_PROGRAM"), 0);
    assert_int_equal(st_seat_scan(&seat, 0), -1);
    assert_int_equal(seat.problem.trouble, YW_ST_BUDGET_SPENT);
    assert_int_equal(seat.problem.line, 2);
    assert_int_equal(seat.image.spent, YW_ST_BUDGET);
    yw_st_explain(&seat.problem, false, text, sizeof(text));
    assert_string_equal(text, "line 2: scan takes too long");
    yw_st_explain(&seat.problem, true, text, sizeof(text));
    assert_string_equal(text, "第 2 行：扫描周期超时");
    assert_true(value_of("INT", "1 / (i - 7)")[0] == '!');
    assert_int_equal(seat.problem.trouble, YW_ST_DIVIDE_BY_ZERO);
    assert_true(value_of("INT", "1 MOD (i - 7)")[0] == '!');
    assert_true(value_of("REAL", "1.0 / (x - x)")[0] == '!');
    assert_int_equal(seat.problem.trouble, YW_ST_DIVIDE_BY_ZERO);
    assert_int_equal(st_seat_compile(&seat, "PROGRAM p VAR x : REAL := 10.0; END_VAR\n"
                                            "WHILE TRUE DO x := x * x; END_WHILE; "
                                            "END_PROGRAM"),
                     0);
    assert_int_equal(st_seat_scan(&seat, 0), -1);
    assert_int_equal(seat.problem.trouble, YW_ST_OVERFLOW);
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
    int outcome = st_seat_compile(&seat, source);
    free(source);
    return outcome;
}

static void limits_hold_at_one_more(void **state)
{
    (void)state;
    const char *head = "PROGRAM p VAR a : INT; END_VAR a := ";
    /* The program's statements and the assignment's expression are two levels. */
    assert_int_equal(compile_repeated(head, "-", YW_ST_DEPTH_MAX - 2, "1; END_PROGRAM"),
                     0);
    assert_int_equal(compile_repeated(head, "-", YW_ST_DEPTH_MAX - 1, "1; END_PROGRAM"),
                     -1);
    assert_string_equal(seat.problem.word, "nesting");
    assert_int_equal(compile_repeated(head, "(", 60000, ""), -1);
    assert_string_equal(seat.problem.word, "nesting");
    assert_int_equal(compile_repeated(head, "1 + ABS(", 7000, ""), -1);
    assert_string_equal(seat.problem.word, "nesting");
    assert_int_equal(compile_repeated("PROGRAM p ", "IF TRUE THEN ", 5000, ""), -1);
    assert_string_equal(seat.problem.word, "nesting");
    /* Each statement is two instructions; RETURN is one. */
    head = "PROGRAM p VAR a : INT; END_VAR ";
    assert_int_equal(
        compile_repeated(head, "a:=1;", YW_ST_CODE_MAX / 2 - 1, "END_PROGRAM"), 0);
    assert_int_equal(compile_repeated(head, "a:=1;", YW_ST_CODE_MAX / 2, "END_PROGRAM"),
                     -1);
    assert_string_equal(seat.problem.word, "program");
    assert_int_equal(compile_repeated("", " ", YW_ST_SOURCE_MAX + 1, ""), -1);
    assert_string_equal(seat.problem.word, "file");
    assert_int_equal(compile_repeated("PROGRAM p ", "(* ten megabytes *)", 552000, ""),
                     -1);
    assert_string_equal(seat.problem.word, "file");
    assert_int_equal(
        st_seat_compile(&seat, "PROGRAM a234567890123456789012345678901 END_PROGRAM"), 0);
    assert_int_equal(
        st_seat_compile(&seat, "PROGRAM a2345678901234567890123456789012 END_PROGRAM"),
        -1);
    assert_int_equal(st_seat_compile(&seat,
                                     "PROGRAM p VAR a : ARRAY[1..4096] OF INT; END_VAR "
                                     "END_PROGRAM"),
                     0);
    assert_int_equal(
        st_seat_compile(&seat,
                        "PROGRAM p VAR a : ARRAY[1..4096] OF INT; b : BOOL; END_VAR "
                        "END_PROGRAM"),
        -1);
    assert_string_equal(seat.problem.want, "4096");
}

static void variables_and_units_have_a_limit(void **state)
{
    (void)state;
    static char source[65536];
    for (int count = YW_ST_VARS_MAX; count <= YW_ST_VARS_MAX + 1; count++) {
        char *at = stpcpy(source, "PROGRAM p VAR ");
        for (int i = 0; i < count; i++)
            at += sprintf(at, "v%d : INT; ", i);
        strcpy(at, "END_VAR END_PROGRAM");
        assert_int_equal(st_seat_compile(&seat, source), count > YW_ST_VARS_MAX ? -1 : 0);
    }
    assert_string_equal(seat.problem.want, "512");
    for (int count = YW_ST_UNITS_MAX - 1; count <= YW_ST_UNITS_MAX; count++) {
        char *at = source;
        for (int i = 0; i < count; i++)
            at += sprintf(at, "FUNCTION f%d : INT f%d := %s; END_FUNCTION ", i, i,
                          i == 0 ? "1" : "f0() + 1");
        strcpy(at, "PROGRAM p END_PROGRAM");
        assert_int_equal(st_seat_compile(&seat, source),
                         count < YW_ST_UNITS_MAX ? 0 : -1);
    }
    assert_string_equal(seat.problem.want, "64");
}

/* The deepest expression that compiles does not outgrow the stack. */
static void deepest_expression_runs(void **state)
{
    (void)state;
    static char source[8192];
    /* As many rounds as compile: each pends a value at every priority. */
    int rounds = 0;
    for (rounds = YW_ST_DEPTH_MAX; rounds > 0; rounds--) {
        char *at = stpcpy(source, "PROGRAM p VAR b AT %QX0 : BOOL; END_VAR b := ");
        for (int i = 0; i < rounds; i++)
            at = stpcpy(at, "TRUE OR TRUE XOR TRUE AND TRUE = (1 < 1 + 1 * LIMIT(1, 2, "
                            "BOOL_TO_INT(");
        at = stpcpy(at, "TRUE");
        for (int i = 0; i < rounds; i++)
            at = stpcpy(at, ")))");
        strcpy(at, "; END_PROGRAM");
        if (st_seat_compile(&seat, source) == 0)
            break;
    }
    assert_true(rounds >= 4);
    assert_int_equal(st_seat_scan(&seat, 0), 0);
}

static void mutated_programs_are_survived(void **state)
{
    (void)state;
    static const char good[] =
        "PROGRAM dosing VAR a AT %IW0 : INT; s AT %MW40 : INT := 100; c AT %QW0 : INT;\n"
        "p AT %QX1 : BOOL; r : REAL; k : ARRAY[1..4] OF INT; t : TON; END_VAR (* x *) IF "
        "a "
        "> 3 AND NOT p THEN c := LIMIT(0, s,"
        " 20000); ELSIF a MOD 2 = 1 THEN r := r / 3.0; ELSE WHILE c > 0 DO c := c - 1;\n"
        "k[c] := 3; t(IN := p, PT := T#1s); END_WHILE; END_IF; p := c > 0; END_PROGRAM";
    unsigned seed = 7;
    int compiled = 0;
    for (int round = 0; round < 8000; round++) {
        char text[sizeof(good)];
        memcpy(text, good, sizeof(good));
        for (int i = 0; i <= round % 4; i++)
            text[(size_t)rand_r(&seed) % (sizeof(good) - 1)] =
                good[(size_t)rand_r(&seed) % (sizeof(good) - 1)];
        text[sizeof(good) - 1] = '\0';
        if (st_seat_compile(&seat, text) != 0)
            continue;
        compiled++;
        (void)st_seat_scan(&seat, 0);
    }
    assert_in_range(compiled, 100, 7000);
}

static void crc_is_of_what_runs(void **state)
{
    (void)state;
    assert_int_equal(yw_st_crc("123456789", 9), 0xcbf43926);
    assert_int_equal(st_seat_compile(&seat, "PROGRAM p VAR a : INT := 1; END_VAR a := 2; "
                                            "END_PROGRAM"),
                     0);
    uint32_t crc = seat.program.crc;
    assert_int_equal(st_seat_compile(&seat, "(* said *)\nprogram q var b : int := 1; "
                                            "end_var\nb := 2; end_program"),
                     0);
    assert_int_equal(seat.program.crc, crc);
    assert_int_equal(st_seat_compile(&seat, "PROGRAM p VAR a : INT := 1; END_VAR a := 3; "
                                            "END_PROGRAM"),
                     0);
    assert_int_not_equal(seat.program.crc, crc);
    assert_int_equal(st_seat_compile(&seat, "PROGRAM p VAR a : INT := 5; END_VAR a := 2; "
                                            "END_PROGRAM"),
                     0);
    assert_int_not_equal(seat.program.crc, crc);
    assert_int_equal(st_seat_compile(&seat,
                                     "{SCAN T#1s} PROGRAM p VAR a : INT := 1; END_VAR "
                                     "a := 2; END_PROGRAM"),
                     0);
    assert_int_equal(seat.program.scan_ms, 1000);
    assert_int_not_equal(seat.program.crc, crc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_follow_priority),
        cmocka_unit_test(arithmetic_wraps_and_conversions_saturate),
        cmocka_unit_test(functions_calculate),
        cmocka_unit_test(control_flow_branches),
        cmocka_unit_test(loops_count),
        cmocka_unit_test(cases_choose),
        cmocka_unit_test(places_are_mapped),
        cmocka_unit_test(arrays_have_elements),
        cmocka_unit_test(units_call_each_other),
        cmocka_unit_test(mistakes_name_place_word_and_remedy),
        cmocka_unit_test(numbers_are_checked),
        cmocka_unit_test(hostile_programs_end),
        cmocka_unit_test(limits_hold_at_one_more),
        cmocka_unit_test(variables_and_units_have_a_limit),
        cmocka_unit_test(deepest_expression_runs),
        cmocka_unit_test(mutated_programs_are_survived),
        cmocka_unit_test(crc_is_of_what_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
