/* virt/machine/libvirt.c against test:///default: tags, idempotence, events, errors. */
#include "base/mem.h"
#include "virt/machine/domain_xml.h"
#include "virt/machine/libvirt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define UUID "11111111-2222-4333-8444-555555555555"

struct bench {
    struct yw_host *host;
    atomic_int stops;
};

/* On libvirt's event thread. */
static void on_stopped(void *arg, const char *uuid, const char *why)
{
    struct bench *bench = arg;

    if (strcmp(uuid, UUID) == 0 && why[0])
        atomic_fetch_add(&bench->stops, 1);
}

static const char xml[] =
    "<domain type='test'><name>yw-test</name><uuid>" UUID "</uuid><metadata>"
    "<yw:range xmlns:yw='urn:yanwu:range:1' drill='first' plan='p'/></metadata>"
    "<memory unit='MiB'>96</memory><os><type>hvm</type></os></domain>";

static size_t count(struct bench *bench, const char *drill)
{
    struct yw_vec list;
    struct yw_err err;

    yw_vec_init(&list, sizeof(struct yw_virt_found), YW_VIRT_LIST_MAX);
    assert_int_equal(yw_host_list(bench->host, drill, &list, &err), 0);
    size_t found = list.count;

    if (found > 0) {
        const struct yw_virt_found *first = yw_vec_at(&list, 0);

        assert_string_equal(first->name, "yw-test");
        assert_string_equal(first->uuid, UUID);
        assert_string_equal(first->drill, "first");
        assert_true(first->running);
    }
    yw_vec_fini(&list);
    return found;
}

static void test_life(void **state)
{
    struct bench *bench = *state;
    struct timespec step = {.tv_nsec = 20 * 1000000L};
    char libvirt[32], qemu[32];
    bool running = true;
    struct yw_err err;

    assert_int_equal(yw_host_versions(bench->host, libvirt, qemu, &err), 0);
    assert_true(libvirt[0] >= '1' && libvirt[0] <= '9');
    /* The test driver has a machine of its own; it is not ours and never listed. */
    assert_int_equal(count(bench, ""), 0);
    assert_int_equal(yw_host_running(bench->host, UUID, &running, &err), 0);
    assert_false(running);
    assert_int_equal(yw_host_create(bench->host, UUID, xml, &err), 0);
    assert_int_equal(yw_host_create(bench->host, UUID, xml, &err), 0);
    assert_int_equal(yw_host_running(bench->host, UUID, &running, &err), 0);
    assert_true(running);
    assert_int_equal(count(bench, ""), 1);
    assert_int_equal(count(bench, "first"), 1);
    assert_int_equal(count(bench, "second"), 0);
    assert_int_equal(yw_host_destroy(bench->host, UUID, &err), 0);
    assert_int_equal(yw_host_destroy(bench->host, UUID, &err), 0);
    assert_int_equal(count(bench, ""), 0);
    for (int i = 0; i < 100 && atomic_load(&bench->stops) == 0; i++)
        (void)nanosleep(&step, NULL);
    assert_int_equal(atomic_load(&bench->stops), 1);
}

static void test_errors_carry_the_text(void **state)
{
    struct bench *bench = *state;
    struct yw_err err;

    assert_int_equal(yw_host_create(bench->host, UUID, "<domain", &err), YW_EIO);
    assert_non_null(strstr(err.text, "create: "));
    assert_int_equal(yw_host_update(bench->host, UUID, "<interface/>", &err),
                     YW_ENOTFOUND);
    assert_non_null(strstr(err.text, "link: "));
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    struct yw_host_events events = {.on_stopped = on_stopped};
    struct yw_err err;

    assert_int_equal(yw_host_open(&bench->host, "test:///default", &events, bench, &err),
                     0);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    yw_host_close(bench->host);
    free(bench);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_errors_carry_the_text),
    };

    return cmocka_run_group_tests_name("libvirt_host", tests, setup, teardown);
}
