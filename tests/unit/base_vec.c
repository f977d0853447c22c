#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/vec.h"

static void test_push_until_the_limit(void **state)
{
    (void)state;
    struct yw_vec vec;
    yw_vec_init(&vec, sizeof(int), 20);
    for (int i = 0; i < 20; i++)
        assert_non_null(yw_vec_push(&vec, &i));
    int beyond = 20;
    assert_null(yw_vec_push(&vec, &beyond));
    assert_int_equal(vec.count, 20);
    for (int i = 0; i < 20; i++)
        assert_int_equal(*(int *)yw_vec_at(&vec, (size_t)i), i);
    assert_null(yw_vec_at(&vec, 20));
    yw_vec_fini(&vec);
    yw_vec_fini(NULL);
}

static void test_remove_keeps_the_order(void **state)
{
    (void)state;
    struct yw_vec vec;
    yw_vec_init(&vec, sizeof(int), 10);
    for (int i = 0; i < 5; i++)
        (void)yw_vec_push(&vec, &i);
    yw_vec_remove(&vec, 1);
    yw_vec_remove(&vec, 3);
    const int left[] = {0, 2, 3};
    assert_int_equal(vec.count, 3);
    assert_memory_equal(vec.items, left, sizeof(left));
    int *zeroed = yw_vec_push(&vec, NULL);
    assert_int_equal(*zeroed, 0);
    yw_vec_clear(&vec);
    assert_int_equal(vec.count, 0);
    yw_vec_fini(&vec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_push_until_the_limit),
        cmocka_unit_test(test_remove_keeps_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
