/* Random expressions: what the compiled program gives is what a plain evaluator of the
 * same tree gives, written apart from the compiler. */
#include "guest_st_seat.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 4000
#define TEXT_MAX 4000

static struct st_seat seat;

struct tree {
    char text[TEXT_MAX];
    size_t size;
    unsigned seed;
    bool fault; /* it divides by zero or leaves the finite numbers */
};

static unsigned roll(struct tree *tree, unsigned below)
{
    return (unsigned)rand_r(&tree->seed) % below;
}

static void put(struct tree *tree, const char *text)
{
    size_t size = strlen(text);
    if (size < sizeof(tree->text) - tree->size) {
        memcpy(tree->text + tree->size, text, size + 1);
        tree->size += size;
    }
}

static int32_t narrow(long long value)
{
    return (int32_t)(uint32_t)((unsigned long long)value & 0xffffffffu);
}

static bool logic(struct tree *tree, int deep);
static float real(struct tree *tree, int deep);

/* DINT, 32 bits. */
static int32_t whole(struct tree *tree, int deep)
{
    static const int32_t values[] = {0,    1,     -1,         7,
                                     -300, 65536, 2147483647, -2147483647 - 1};
    char text[32];
    int32_t a = 0;
    int32_t b = 0;
    switch (deep == 0 ? roll(tree, 2) : roll(tree, 10)) {
    case 0:
        a = (int32_t)roll(tree, 8);
        (void)snprintf(text, sizeof(text), "v[%d]", (int)a);
        put(tree, text);
        return values[a];
    case 1:
        a = (int32_t)roll(tree, 100000);
        (void)snprintf(text, sizeof(text), "DINT#%d", (int)a);
        put(tree, text);
        return a;
    case 2:
    case 3:
    case 4: {
        unsigned op = roll(tree, 5);
        static const char *const signs[] = {" + ", " - ", " * ", " / ", " MOD "};
        put(tree, "(");
        a = whole(tree, deep - 1);
        put(tree, signs[op]);
        b = whole(tree, deep - 1);
        put(tree, ")");
        if (op == 0)
            return narrow((long long)a + b);
        if (op == 1)
            return narrow((long long)a - b);
        if (op == 2)
            return narrow((long long)a * b);
        if (b == 0) {
            tree->fault = true;
            return 0;
        }
        return narrow(op == 3 ? (long long)a / b : (long long)a % b);
    }
    case 5:
        put(tree, "(-");
        a = whole(tree, deep - 1);
        put(tree, ")");
        return narrow(-(long long)a);
    case 6: {
        bool high = roll(tree, 2) != 0;
        put(tree, high ? "MAX(" : "MIN(");
        a = whole(tree, deep - 1);
        put(tree, ", ");
        b = whole(tree, deep - 1);
        put(tree, ")");
        return (a > b) == high ? a : b;
    }
    case 7: {
        put(tree, "SEL(");
        bool chosen = logic(tree, deep - 1);
        put(tree, ", ");
        a = whole(tree, deep - 1);
        put(tree, ", ");
        b = whole(tree, deep - 1);
        put(tree, ")");
        return chosen ? b : a;
    }
    case 8: {
        put(tree, "TRUNC(");
        double value = trunc((double)real(tree, deep - 1));
        put(tree, ")");
        if (value < -2147483648.0)
            return -2147483647 - 1;
        return value > 2147483647.0 ? 2147483647 : (int32_t)value;
    }
    default:
        put(tree, "(");
        a = whole(tree, deep - 1);
        put(tree, " XOR ");
        b = whole(tree, deep - 1);
        put(tree, ")");
        return a ^ b;
    }
}

static float finite_real(struct tree *tree, float value)
{
    if (!isfinite(value))
        tree->fault = true;
    return value;
}

static float real(struct tree *tree, int deep)
{
    static const float values[] = {0, 1, -2.5f, 1e30f, -1e-10f, 0.1f};
    char text[32];
    float a = 0;
    float b = 0;
    unsigned op = 0;
    switch (deep == 0 ? 0 : roll(tree, 6)) {
    case 0:
        op = roll(tree, 6);
        (void)snprintf(text, sizeof(text), "r[%u]", op);
        put(tree, text);
        return values[op];
    case 1:
    case 2: {
        static const char *const signs[] = {" + ", " - ", " * ", " / "};
        op = roll(tree, 4);
        put(tree, "(");
        a = real(tree, deep - 1);
        put(tree, signs[op]);
        b = real(tree, deep - 1);
        put(tree, ")");
        if (op == 3 && b == 0) {
            tree->fault = true;
            return 0;
        }
        return finite_real(tree, op == 0   ? a + b
                                 : op == 1 ? a - b
                                 : op == 2 ? a * b
                                           : a / b);
    }
    case 3:
        put(tree, "(");
        a = (float)whole(tree, deep - 1);
        put(tree, " - ");
        b = real(tree, deep - 1);
        put(tree, ")");
        return finite_real(tree, a - b);
    case 4:
        put(tree, "SQRT(ABS(");
        a = real(tree, deep - 1);
        put(tree, "))");
        return finite_real(tree, sqrtf(fabsf(a)));
    default:
        put(tree, "LIMIT(-1.0, ");
        a = real(tree, deep - 1);
        put(tree, ", 1.0)");
        return !(a >= -1) ? -1 : a > 1 ? 1 : a;
    }
}

static bool logic(struct tree *tree, int deep)
{
    static const char *const signs[] = {" AND ", " OR ", " XOR "};
    static const char *const orders[] = {" < ", " >= ", " = ", " <> "};
    unsigned op = 0;
    switch (deep == 0 ? 0 : roll(tree, 5)) {
    case 0: {
        bool value = roll(tree, 2) != 0;
        put(tree, value ? "TRUE" : "FALSE");
        return value;
    }
    case 1: {
        op = roll(tree, 3);
        put(tree, "(");
        bool a = logic(tree, deep - 1);
        put(tree, signs[op]);
        bool b = logic(tree, deep - 1);
        put(tree, ")");
        return op == 0 ? a && b : op == 1 ? a || b : a != b;
    }
    case 2: {
        put(tree, "(NOT ");
        bool a = logic(tree, deep - 1);
        put(tree, ")");
        return !a;
    }
    case 3: {
        op = roll(tree, 4);
        put(tree, "(");
        int32_t a = whole(tree, deep - 1);
        put(tree, orders[op]);
        int32_t b = whole(tree, deep - 1);
        put(tree, ")");
        return op == 0 ? a < b : op == 1 ? a >= b : op == 2 ? a == b : a != b;
    }
    default: {
        op = roll(tree, 2);
        put(tree, "(");
        float a = real(tree, deep - 1);
        put(tree, orders[op]);
        float b = real(tree, deep - 1);
        put(tree, ")");
        return op == 0 ? a < b : a >= b;
    }
    }
}

/* 0: it ran; the cells of w, x and b then. */
static int run(const char *which, const char *expression)
{
    static char source[TEXT_MAX + 600];
    (void)snprintf(
        source, sizeof(source),
        "PROGRAM p VAR w : DINT; x : REAL; b : BOOL; v : ARRAY[0..7] OF DINT := "
        "[0, 1, -1, 7, -300, 65536, 2147483647, -2147483648]; r : ARRAY[0..5] OF "
        "REAL := [0.0, 1.0, -2.5, 1.0E30, -1.0E-10, 0.1]; END_VAR %s := %s; "
        "END_PROGRAM",
        which, expression);
    if (st_seat_compile(&seat, source) != 0)
        fail_msg("%s: trouble %d column %d", source, (int)seat.problem.trouble,
                 seat.problem.column);
    return st_seat_scan(&seat, 0);
}

static uint32_t cell(const char *name)
{
    struct yw_st_spot spot;
    assert_int_equal(yw_st_find(&seat.program, name, &spot), 0);
    return yw_st_get(&seat.image, &spot);
}

static void random_expressions_agree(void **state)
{
    (void)state;
    int faults = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        static struct tree tree;
        memset(&tree, 0, sizeof(tree));
        tree.seed = round;
        int deep = (int)(round % 5) + 1;
        int32_t w = 0;
        float x = 0;
        bool b = false;
        if (round % 3 == 0)
            w = whole(&tree, deep);
        else if (round % 3 == 1)
            x = real(&tree, deep);
        else
            b = logic(&tree, deep);
        int status = run(round % 3 == 0 ? "w" : round % 3 == 1 ? "x" : "b", tree.text);
        faults += tree.fault;
        if ((status != 0) != tree.fault)
            fail_msg("round %u: %s: status %d", round, tree.text, status);
        if (tree.fault)
            continue;
        float found = 0;
        uint32_t bits = cell("x");
        memcpy(&found, &bits, sizeof(found));
        if ((int32_t)cell("w") != w || found != x || (cell("b") != 0) != b)
            fail_msg("round %u: %s: %d %g %d, expected %d %g %d", round, tree.text,
                     (int)cell("w"), (double)found, (int)cell("b"), (int)w, (double)x,
                     (int)b);
    }
    assert_in_range(faults, ROUNDS / 50, ROUNDS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_expressions_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
