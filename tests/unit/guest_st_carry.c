/* What outlives a program: retained values, online edits, compiled programs; and what
 * differs between two texts. */
#include "controller/st_diff.h"
#include "guest_st_seat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct st_seat seat;
static struct st_seat other;
static struct yw_st_program unpacked;
static uint8_t bytes[YW_ST_PACK_MAX];

static const char first[] =
    "FUNCTION_BLOCK sum VAR_INPUT x : INT; END_VAR VAR_OUTPUT all : DINT; END_VAR\n"
    "VAR last : INT; END_VAR all := all + x; last := x; END_FUNCTION_BLOCK\n"
    "PROGRAM p VAR a : INT := 1; k : ARRAY[1..3] OF REAL; s : sum; t : TON; gone : INT "
    ":= 9;"
    "END_VAR VAR RETAIN hours : DINT := 5; log : ARRAY[0..1] OF INT; kept : sum; "
    "END_VAR\n"
    "a := a + 1; k[2] := 2.5; s(x := 3); kept(x := 4); hours := hours + 10; log[1] := "
    "a;\n"
    "t(IN := TRUE, PT := T#1s);\n"
    "END_PROGRAM";

/* Changed: gone goes, k grows, a is found elsewhere, the block has one more variable. */
static const char second[] =
    "FUNCTION_BLOCK sum VAR count : INT := 7; END_VAR VAR_INPUT x : INT; END_VAR\n"
    "VAR_OUTPUT all : DINT; END_VAR VAR last : INT; END_VAR\n"
    "all := all + x; END_FUNCTION_BLOCK\n"
    "PROGRAM p VAR fresh : INT := 3; k : ARRAY[1..4] OF REAL; t : TON; s : sum; a : INT "
    ":= "
    "1; END_VAR VAR RETAIN log : ARRAY[0..1] OF INT; hours : DINT := 5; kept : sum; "
    "END_VAR\n"
    "fresh := fresh + 1;\n"
    "END_PROGRAM";

static void run_first(void **state)
{
    (void)state;
    assert_int_equal(st_seat_compile(&seat, first), 0);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(st_seat_scan(&seat, i * 700), 0);
}

static int prepare(void **state)
{
    run_first(state);
    return st_seat_compile(&other, second);
}

static void edits_carry_what_is_the_same(void **state)
{
    (void)state;
    yw_st_carry(&seat.program, &seat.image, &other.program, &other.image, false);
    assert_string_equal(st_seat_value(&other, "a"), "4");
    assert_string_equal(st_seat_value(&other, "fresh"), "3");
    assert_string_equal(st_seat_value(&other, "k[2]"), "0.0"); /* another size */
    assert_string_equal(st_seat_value(&other, "s.all"), "9");
    assert_string_equal(st_seat_value(&other, "s.count"), "7");
    assert_string_equal(st_seat_value(&other, "t.q"), "TRUE");
    assert_string_equal(st_seat_value(&other, "hours"), "35");
    assert_string_equal(st_seat_value(&other, "kept.all"), "12");
}

static void downloads_carry_what_is_retained(void **state)
{
    (void)state;
    yw_st_carry(&seat.program, &seat.image, &other.program, &other.image, true);
    assert_string_equal(st_seat_value(&other, "a"), "1");
    assert_string_equal(st_seat_value(&other, "s.all"), "0");
    assert_string_equal(st_seat_value(&other, "hours"), "35");
    assert_string_equal(st_seat_value(&other, "log[1]"), "4");
    assert_string_equal(st_seat_value(&other, "kept.all"), "12");
}

static void retained_values_come_back(void **state)
{
    (void)state;
    static struct st_seat again;
    size_t size = yw_st_retain_save(&seat.program, &seat.image, bytes, sizeof(bytes));
    assert_true(size > 40);
    assert_int_equal(st_seat_compile(&again, first), 0);
    assert_true(yw_st_retain_load(&again.program, &again.image, bytes, size));
    assert_string_equal(st_seat_value(&again, "hours"), "35");
    assert_string_equal(st_seat_value(&again, "log[1]"), "4");
    assert_string_equal(st_seat_value(&again, "kept.last"), "4");
    assert_string_equal(st_seat_value(&again, "a"), "1");
    /* Another program takes what it still has, in any order. */
    assert_true(yw_st_retain_load(&other.program, &other.image, bytes, size));
    assert_string_equal(st_seat_value(&other, "hours"), "35");
    assert_string_equal(st_seat_value(&other, "kept.all"), "0"); /* another block */
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 0x40;
        assert_false(yw_st_retain_load(&again.program, &again.image, bytes, size));
        bytes[i] ^= 0x40;
        assert_false(yw_st_retain_load(&again.program, &again.image, bytes, i));
    }
    assert_int_equal(yw_st_retain_save(&seat.program, &seat.image, bytes, size - 1), 0);
    assert_int_equal(st_seat_compile(&again, "PROGRAM p END_PROGRAM"), 0);
    assert_int_equal(
        yw_st_retain_save(&again.program, &again.image, bytes, sizeof(bytes)), 0);
}

static void a_packed_program_is_the_same(void **state)
{
    (void)state;
    struct yw_st_problem problem;
    size_t size = yw_st_pack(&seat.program, bytes, sizeof(bytes));
    assert_true(size > 100);
    assert_int_equal(yw_st_unpack(&unpacked, bytes, size, &problem), 0);
    assert_int_equal(unpacked.crc, seat.program.crc);
    seat.program = unpacked;
    yw_st_reset(&seat.program, &seat.image, true);
    assert_int_equal(st_seat_scan(&seat, 0), 0);
    assert_string_equal(st_seat_value(&seat, "hours"), "15");
    assert_int_equal(yw_st_pack(&seat.program, bytes, size - 1), 0);
}

/* Each byte of a packed program changed: refused by its checksum or the verifier, or it
 * runs without harm. */
static void a_damaged_program_does_no_harm(void **state)
{
    (void)state;
    struct yw_st_problem problem;
    size_t size = yw_st_pack(&seat.program, bytes, sizeof(bytes));
    int taken = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t was = bytes[i];
        bytes[i] = (uint8_t)(was ^ (1u << (i % 8)));
        if (yw_st_unpack(&unpacked, bytes, size, &problem) == 0) {
            taken++; /* a name, a line: not what runs */
            yw_st_reset(&unpacked, &seat.image, true);
            (void)yw_st_run(&unpacked, &seat.image, &problem);
        } else {
            assert_int_equal(problem.trouble, YW_ST_BAD_CODE);
        }
        bytes[i] = was;
        assert_int_not_equal(yw_st_unpack(&unpacked, bytes, i, &problem), 0);
    }
    assert_in_range(taken, 10, (int)size / 2);
}

/* The same without the checksum: whatever the verifier lets pass runs. */
static void the_verifier_stands_alone(void **state)
{
    (void)state;
    struct yw_st_problem problem;
    unsigned seed = 3;
    int taken = 0;
    for (int round = 0; round < 20000; round++) {
        unpacked = seat.program;
        for (int i = 0; i <= round % 3; i++) {
            struct yw_st_op *op =
                &unpacked.code[(unsigned)rand_r(&seed) % unpacked.code_count];
            if (rand_r(&seed) % 2 == 0)
                op->code = (uint16_t)(rand_r(&seed) % 70);
            else
                op->arg ^= 1u << (rand_r(&seed) % 32);
        }
        if (yw_st_verify(&unpacked, &problem) != 0)
            continue;
        taken++;
        yw_st_reset(&unpacked, &seat.image, true);
        (void)yw_st_run(&unpacked, &seat.image, &problem);
    }
    assert_in_range(taken, 500, 19000);
}

static void check_diff(const char *a, const char *b, size_t lines, const char *expected)
{
    char text[200];
    size_t found = yw_st_diff(a, strlen(a), b, strlen(b), text, sizeof(text));
    assert_string_equal(text, expected);
    assert_int_equal(found, lines);
}

static void texts_differ_line_by_line(void **state)
{
    (void)state;
    check_diff("a\nb\nc\n", "a\nb\nc\n", 0, "");
    check_diff("a\r\nb  \nc", "a\nb\nc\n", 0, "");
    check_diff("a\nb\nc\n", "a\nx\nc\n", 2, "-2 b\n+2 x\n");
    check_diff("a\nb\nc\n", "b\nc\n", 1, "-1 a\n");
    check_diff("a\nc\n", "a\nb\nb\nc\n", 2, "+2 b\n+3 b\n");
    check_diff("", "a\n", 1, "+1 a\n");
    check_diff("a\nb\n", "", 2, "-1 a\n-2 b\n");
    char small[8];
    assert_int_equal(yw_st_diff("aaaa\nb\n", 7, "c\n", 2, small, sizeof(small)), 3);
    assert_string_equal(small, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(edits_carry_what_is_the_same, prepare),
        cmocka_unit_test_setup(downloads_carry_what_is_retained, prepare),
        cmocka_unit_test_setup(retained_values_come_back, prepare),
        cmocka_unit_test_setup(a_packed_program_is_the_same, prepare),
        cmocka_unit_test_setup(a_damaged_program_does_no_harm, prepare),
        cmocka_unit_test_setup(the_verifier_stands_alone, prepare),
        cmocka_unit_test(texts_differ_line_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
