/* The header of libvirt's save images: what is patched reads back as what was put in, and
 * what is damaged is refused. */
#include "base/mem.h"
#include "base/random.h"
#include "virt/machine/save_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define GOLDEN "<domain><name>golden</name></domain>"
#define COOKIE "<cookie><cpu/></cookie>"
#define STREAM "QEVM migration stream"
#define RUNNING_AT 24
#define DATA_SIZE_AT 20
#define COOKIE_AT 32

/* As libvirt writes it. */
static void make(struct yw_buf *out, const char *xml, const char *cookie)
{
    uint32_t words[19] = {2, 0, 0, 0, 0};
    size_t cookie_size = cookie ? strlen(cookie) + 1 : 0;

    words[1] = (uint32_t)(strlen(xml) + 1 + cookie_size);
    words[4] = cookie ? (uint32_t)(strlen(xml) + 1) : 0;
    yw_buf_init(out, 1 << 22);
    yw_buf_put(out, "LibvirtQemudSave", 16);
    yw_buf_put(out, words, sizeof(words));
    yw_buf_put(out, xml, strlen(xml) + 1);
    yw_buf_put(out, cookie ? cookie : "", cookie_size);
    yw_buf_put(out, STREAM, sizeof(STREAM));
}

static void test_patched_reads_back(void **state)
{
    struct yw_random random;

    (void)state;
    yw_random_init(&random, 7, "images");
    for (int round = 0; round < 200; round++) {
        struct yw_buf golden, patched;
        struct yw_save_image image, again;
        char xml[2000];
        size_t size = yw_random_below(&random, sizeof(xml) - 1);

        for (size_t i = 0; i < size; i++)
            xml[i] = (char)(1 + yw_random_below(&random, 255));
        xml[size] = '\0';
        make(&golden, GOLDEN, round % 3 == 0 ? NULL : COOKIE);
        assert_int_equal(yw_save_image_parse(golden.data, golden.size, &image, NULL), 0);
        yw_buf_init(&patched, 1 << 22);
        assert_int_equal(yw_save_image_patch(&image, xml, &patched, NULL), 0);
        assert_int_equal(yw_save_image_parse(patched.data, patched.size, &again, NULL),
                         0);
        assert_string_equal(again.xml, xml);
        assert_string_equal(again.cookie, image.cookie);
        assert_int_equal(again.compressed, image.compressed);
        assert_int_equal(again.was_running, 1);
        assert_int_equal(again.stream_at, patched.size);
        yw_buf_fini(&golden);
        yw_buf_fini(&patched);
    }
}

static void refuse(const struct yw_buf *image, size_t size, int want)
{
    struct yw_save_image parsed;
    struct yw_err err;

    assert_int_equal(yw_save_image_parse(image->data, size, &parsed, &err), want);
}

static void set(struct yw_buf *image, size_t at, uint32_t value)
{
    memcpy(image->data + at, &value, sizeof(value));
}

static void test_damaged_ones_are_refused(void **state)
{
    uint32_t data_size = sizeof(GOLDEN) + sizeof(COOKIE);
    struct yw_buf image;

    (void)state;
    make(&image, GOLDEN, COOKIE);
    refuse(&image, YW_SAVE_IMAGE_HEADER - 1, YW_EINVAL);
    refuse(&image, YW_SAVE_IMAGE_HEADER + data_size - 1, YW_EINVAL);
    refuse(&image, YW_SAVE_IMAGE_HEADER + data_size, 0);
    set(&image, DATA_SIZE_AT, YW_SAVE_IMAGE_DATA_MAX + 1);
    refuse(&image, image.size, YW_ELIMIT);
    set(&image, DATA_SIZE_AT, 0);
    refuse(&image, image.size, YW_EINVAL);
    set(&image, DATA_SIZE_AT, data_size - 2); /* ends inside a word */
    refuse(&image, image.size, YW_EINVAL);
    set(&image, DATA_SIZE_AT, data_size);
    set(&image, COOKIE_AT, data_size);
    refuse(&image, image.size, YW_EINVAL);
    set(&image, COOKIE_AT, 3); /* inside the description */
    refuse(&image, image.size, YW_EINVAL);
    set(&image, COOKIE_AT, sizeof(GOLDEN));
    set(&image, 16, 3); /* another version */
    refuse(&image, image.size, YW_EINVAL);
    set(&image, 16, 2);
    refuse(&image, image.size, 0);
    memcpy(image.data, "LibvirtQemudPart", 16); /* as while it is being written */
    refuse(&image, image.size, YW_EINVAL);
    yw_buf_fini(&image);
}

static void test_a_description_has_a_limit(void **state)
{
    char *xml = yw_new(YW_SAVE_IMAGE_DATA_MAX + 1);
    struct yw_save_image image;
    struct yw_buf golden, patched;

    (void)state;
    make(&golden, GOLDEN, NULL);
    assert_int_equal(yw_save_image_parse(golden.data, golden.size, &image, NULL), 0);
    yw_buf_init(&patched, 1 << 22);
    memset(xml, 'x', YW_SAVE_IMAGE_DATA_MAX);
    assert_int_equal(yw_save_image_patch(&image, xml, &patched, NULL), YW_ELIMIT);
    xml[YW_SAVE_IMAGE_DATA_MAX - 1] = '\0';
    assert_int_equal(yw_save_image_patch(&image, xml, &patched, NULL), 0);
    yw_buf_fini(&golden);
    yw_buf_fini(&patched);
    free(xml);
}

static void test_a_file_keeps_its_stream(void **state)
{
    char from[] = "/tmp/yw-save-XXXXXX", to[64], bytes[512];
    int fd = mkstemp(from);
    struct yw_save_image image;
    struct yw_buf golden;
    struct yw_err err;

    (void)state;
    assert_true(fd >= 0);
    make(&golden, GOLDEN, COOKIE);
    assert_int_equal(write(fd, golden.data, golden.size), golden.size);
    (void)snprintf(to, sizeof(to), "%s.copy", from);
    assert_int_equal(yw_save_image_copy(fd, to, "<domain>clone</domain>", &err), 0);
    FILE *file = fopen(to, "re");

    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof(bytes), file);

    (void)fclose(file);
    assert_int_equal(yw_save_image_parse(bytes, size, &image, &err), 0);
    assert_string_equal(image.xml, "<domain>clone</domain>");
    assert_int_equal(size - image.stream_at, sizeof(STREAM));
    assert_memory_equal(bytes + image.stream_at, STREAM, sizeof(STREAM));
    assert_int_equal(unlink(to), 0);
    assert_int_equal(ftruncate(fd, 50), 0);
    assert_int_equal(yw_save_image_copy(fd, to, "<domain/>", &err), YW_EINVAL);
    assert_int_equal(access(to, F_OK), -1);
    (void)close(fd);
    (void)unlink(from);
    yw_buf_fini(&golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patched_reads_back),
        cmocka_unit_test(test_damaged_ones_are_refused),
        cmocka_unit_test(test_a_description_has_a_limit),
        cmocka_unit_test(test_a_file_keeps_its_stream),
    };

    return cmocka_run_group_tests_name("virt_save_image", tests, NULL, NULL);
}
