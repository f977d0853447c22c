#include "net/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void test_sockets(void **state)
{
    (void)state;
    struct yw_clock clock;
    struct yw_rate rate;
    yw_clock_init_virtual(&clock, 0);
    yw_rate_init(&rate, &clock);
    struct yw_rate_entry *entry = NULL;
    for (int i = 0; i < YW_RATE_ADDRESS_SOCKETS_MAX; i++) {
        entry = yw_rate_connect(&rate, "192.0.2.1");
        assert_non_null(entry);
    }
    assert_null(yw_rate_connect(&rate, "192.0.2.1"));
    assert_non_null(yw_rate_connect(&rate, "192.0.2.2"));
    yw_rate_disconnect(&rate, entry);
    assert_non_null(yw_rate_connect(&rate, "192.0.2.1"));
    yw_rate_fini(&rate);
}

static void test_all_sockets(void **state)
{
    (void)state;
    struct yw_clock clock;
    struct yw_rate rate;
    char address[64];
    yw_clock_init_virtual(&clock, 0);
    yw_rate_init(&rate, &clock);
    for (int i = 0; i < YW_RATE_SOCKETS_MAX; i++) {
        snprintf(address, sizeof(address), "host-%d", i / YW_RATE_ADDRESS_SOCKETS_MAX);
        assert_non_null(yw_rate_connect(&rate, address));
    }
    assert_null(yw_rate_connect(&rate, "one-more"));
    yw_rate_fini(&rate);
}

/* A full table forgets those who have gone and whose buckets have filled again. */
static void test_addresses(void **state)
{
    (void)state;
    struct yw_clock clock;
    struct yw_rate rate;
    char address[64];
    yw_clock_init_virtual(&clock, 0);
    yw_rate_init(&rate, &clock);
    for (int i = 0; i < YW_RATE_ADDRESSES_MAX; i++) {
        snprintf(address, sizeof(address), "host-%d", i);
        struct yw_rate_entry *entry = yw_rate_connect(&rate, address);
        assert_non_null(entry);
        assert_true(yw_rate_request(&rate, entry));
        if (i > 0)
            yw_rate_disconnect(&rate, entry);
    }
    assert_null(yw_rate_connect(&rate, "one-more")); /* the buckets are not full yet */
    yw_clock_advance_to(&clock, 1000);
    assert_non_null(yw_rate_connect(&rate, "one-more"));
    assert_non_null(yw_map_get(&rate.addresses, "host-0")); /* it is still here */
    assert_null(yw_map_get(&rate.addresses, "host-1"));
    yw_rate_fini(&rate);
}

static void test_requests(void **state)
{
    (void)state;
    struct yw_clock clock;
    struct yw_rate rate;
    yw_clock_init_virtual(&clock, 0);
    yw_rate_init(&rate, &clock);
    struct yw_rate_entry *entry = yw_rate_connect(&rate, "192.0.2.1");
    for (int i = 0; i < YW_RATE_REQUESTS_BURST; i++)
        assert_true(yw_rate_request(&rate, entry));
    assert_false(yw_rate_request(&rate, entry));
    yw_clock_advance_to(&clock, 10);
    for (int i = 0; i < YW_RATE_REQUESTS_PER_S / 100; i++)
        assert_true(yw_rate_request(&rate, entry));
    assert_false(yw_rate_request(&rate, entry));
    yw_rate_fini(&rate);
}

static void test_refusals(void **state)
{
    (void)state;
    struct yw_clock clock;
    struct yw_rate rate;
    yw_clock_init_virtual(&clock, 0);
    yw_rate_init(&rate, &clock);
    struct yw_rate_entry *entry = yw_rate_connect(&rate, "192.0.2.1");
    for (int i = 0; i < YW_RATE_REFUSALS_BURST; i++) {
        assert_true(yw_rate_may_try(&rate, entry));
        yw_rate_refused(&rate, entry);
    }
    assert_false(yw_rate_may_try(&rate, entry));
    yw_clock_advance_to(&clock, 1999);
    assert_false(yw_rate_may_try(&rate, entry));
    yw_clock_advance_to(&clock, 2001);
    assert_true(yw_rate_may_try(&rate, entry));
    /* It does not help to come again on another connection. */
    yw_rate_refused(&rate, entry);
    yw_rate_disconnect(&rate, entry);
    assert_false(yw_rate_may_try(&rate, yw_rate_connect(&rate, "192.0.2.1")));
    yw_rate_fini(&rate);
}

/* A proxy on this machine speaks for many; guessing stays limited. */
static void test_local(void **state)
{
    (void)state;
    static const char *const addresses[] = {"127.0.0.1", "::/64"};
    struct yw_clock clock;
    struct yw_rate rate;
    yw_clock_init_virtual(&clock, 0);
    yw_rate_init(&rate, &clock);
    for (size_t i = 0; i < 2; i++) {
        struct yw_rate_entry *entry = NULL;
        for (int k = 0; k <= YW_RATE_ADDRESS_SOCKETS_MAX; k++)
            assert_non_null(entry = yw_rate_connect(&rate, addresses[i]));
        for (int k = 0; k <= YW_RATE_REQUESTS_BURST; k++)
            assert_true(yw_rate_request(&rate, entry));
        for (int k = 0; k < YW_RATE_REFUSALS_BURST; k++)
            yw_rate_refused(&rate, entry);
        assert_false(yw_rate_may_try(&rate, entry));
    }
    yw_rate_fini(&rate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sockets),   cmocka_unit_test(test_all_sockets),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_requests),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_local),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
