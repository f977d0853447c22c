#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/map.h"

#include <stdio.h>

static void test_put_get_remove(void **state)
{
    (void)state;
    struct yw_map map;
    yw_map_init(&map, sizeof(int), 1000);
    char key[16];
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        int *value = yw_map_put(&map, key);
        assert_int_equal(*value, 0);
        *value = i;
    }
    assert_null(yw_map_put(&map, "one more"));
    int *first = yw_map_get(&map, "k0");
    assert_ptr_equal(yw_map_put(&map, "k0"), first);
    for (int i = 0; i < 1000; i += 2) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        assert_int_equal(yw_map_remove(&map, key), YW_OK);
        assert_int_equal(yw_map_remove(&map, key), YW_ENOTFOUND);
    }
    assert_int_equal(map.count, 500);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        int *value = yw_map_get(&map, key);
        if (i % 2 == 0)
            assert_null(value);
        else
            assert_int_equal(*value, i);
    }
    yw_map_fini(&map);
    yw_map_fini(NULL);
}

static void test_order_is_insertion_order(void **state)
{
    (void)state;
    struct yw_map map;
    yw_map_init(&map, 1, 10);
    (void)yw_map_put(&map, "zebra");
    (void)yw_map_put(&map, "ant");
    (void)yw_map_put(&map, "mole");
    (void)yw_map_remove(&map, "zebra");
    (void)yw_map_put(&map, "zebra");
    assert_string_equal(yw_map_key_at(&map, 0), "ant");
    assert_string_equal(yw_map_key_at(&map, 1), "mole");
    assert_string_equal(yw_map_key_at(&map, 2), "zebra");
    yw_map_fini(&map);
}

static void test_values_stay_where_they_are(void **state)
{
    (void)state;
    struct yw_map map;
    yw_map_init(&map, sizeof(double), 500);
    double *first = yw_map_put(&map, "first");
    *first = 4.5;
    char key[16];
    for (int i = 0; i < 400; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        (void)yw_map_put(&map, key);
    }
    assert_ptr_equal(yw_map_get(&map, "first"), first);
    assert_ptr_equal(yw_map_at(&map, 0), first);
    yw_map_fini(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_get_remove),
        cmocka_unit_test(test_order_is_insertion_order),
        cmocka_unit_test(test_values_stay_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
