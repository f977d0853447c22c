#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pack.h"

#include <stdlib.h>
#include <string.h>

static void pack_all(struct yw_buf *buf)
{
    yw_pack_u8(buf, 0xfe);
    yw_pack_u32(buf, UINT32_C(0xdeadbeef));
    yw_pack_i64(buf, INT64_MIN);
    yw_pack_f64(buf, -0.1);
    yw_pack_str(buf, "演武");
    yw_pack_str(buf, NULL);
    yw_pack_bytes(buf, "\0\1\2", 3);
}

static bool unpack_all(const void *bytes, size_t size)
{
    struct yw_unpack in;
    yw_unpack_init(&in, bytes, size);
    char text[8];
    size_t count = 0;
    (void)yw_unpack_u8(&in);
    (void)yw_unpack_u32(&in);
    (void)yw_unpack_i64(&in);
    (void)yw_unpack_f64(&in);
    yw_unpack_str(&in, text, sizeof(text));
    char *copy = yw_unpack_strdup(&in, 10);
    (void)yw_unpack_bytes(&in, 3, &count);
    assert_int_equal(copy == NULL && !in.failed, false);
    free(copy);
    return yw_unpack_done(&in);
}

static void test_there_and_back(void **state)
{
    (void)state;
    struct yw_buf buf;
    yw_buf_init(&buf, 1000);
    pack_all(&buf);
    struct yw_unpack in;
    yw_unpack_init(&in, buf.data, buf.size);
    assert_int_equal(yw_unpack_u8(&in), 0xfe);
    assert_int_equal(yw_unpack_u32(&in), UINT32_C(0xdeadbeef));
    assert_true(yw_unpack_i64(&in) == INT64_MIN);
    assert_true(yw_unpack_f64(&in) == -0.1);
    char text[7];
    yw_unpack_str(&in, text, sizeof(text));
    assert_string_equal(text, "演武");
    char *empty = yw_unpack_strdup(&in, 0);
    assert_string_equal(empty, "");
    free(empty);
    size_t size = 0;
    assert_memory_equal(yw_unpack_bytes(&in, 3, &size), "\0\1\2", 3);
    assert_int_equal(size, 3);
    assert_true(yw_unpack_done(&in));
    yw_buf_fini(&buf);
}

static void test_every_cut_fails(void **state)
{
    (void)state;
    struct yw_buf buf;
    yw_buf_init(&buf, 1000);
    pack_all(&buf);
    assert_true(unpack_all(buf.data, buf.size));
    for (size_t size = 0; size < buf.size; size++) {
        /* A copy of just that size, so that the sanitizer sees a read beyond it. */
        char *cut = malloc(size == 0 ? 1 : size);
        memcpy(cut, buf.data, size);
        assert_false(unpack_all(cut, size));
        free(cut);
    }
    yw_buf_put(&buf, "x", 1);
    assert_false(unpack_all(buf.data, buf.size));
    yw_buf_fini(&buf);
}

static void test_limits(void **state)
{
    (void)state;
    struct yw_buf buf;
    struct yw_unpack in;
    char text[4];
    yw_buf_init(&buf, 1000);
    yw_pack_str(&buf, "1234");
    yw_unpack_init(&in, buf.data, buf.size);
    yw_unpack_str(&in, text, sizeof(text));
    assert_true(in.failed);
    assert_string_equal(text, "");
    yw_unpack_init(&in, buf.data, buf.size);
    assert_null(yw_unpack_strdup(&in, 3));
    yw_buf_clear(&buf);
    yw_pack_u32(&buf, 11);
    yw_unpack_init(&in, buf.data, buf.size);
    assert_int_equal(yw_unpack_count(&in, 10), 0);
    assert_true(in.failed);
    yw_unpack_init(&in, buf.data, buf.size);
    assert_int_equal(yw_unpack_count(&in, 11), 11);
    yw_buf_clear(&buf);
    yw_pack_bytes(&buf, "a\0b", 3);
    yw_unpack_init(&in, buf.data, buf.size);
    yw_unpack_str(&in, text, sizeof(text));
    assert_true(in.failed);
    yw_buf_fini(&buf);
}

static void test_after_a_failure_everything_is_empty(void **state)
{
    (void)state;
    struct yw_unpack in;
    size_t size = 9;
    yw_unpack_init(&in, "\1", 1);
    assert_int_equal(yw_unpack_u32(&in), 0);
    assert_int_equal(yw_unpack_u8(&in), 0);
    assert_null(yw_unpack_bytes(&in, 10, &size));
    assert_int_equal(size, 0);
    assert_false(yw_unpack_done(&in));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_every_cut_fails),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_after_a_failure_everything_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
