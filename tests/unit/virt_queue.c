/* The request for a late link, byte by byte as tc of iproute2 6.1 sends it for
 * `tc qdisc add dev X root handle 5957: netem delay 40ms limit 10000`, recorded where the
 * kernel had no such queue. */
#include "virt/net/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define INDEX 7

static const uint8_t recorded[] = {
    /* tcmsg: family, index, handle, parent, info */
    0, 0, 0, 0, INDEX, 0, 0, 0, 0, 0, 0x57, 0x59, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
    /* kind */
    10, 0, 1, 0, 'n', 'e', 't', 'e', 'm', 0, 0, 0,
    /* options: latency in units of 64 ns, limit, loss, gap, duplicate, jitter */
    28, 0, 2, 0, 0x68, 0x89, 0x09, 0, 0x10, 0x27, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0};

static void test_delay(void **state)
{
    struct yw_rtnl_request request;

    (void)state;
    yw_shape_delay_request(&request, INDEX, 40);
    assert_int_equal(request.header.nlmsg_type, RTM_NEWQDISC);
    assert_int_equal(request.header.nlmsg_flags & ~NLM_F_ACK,
                     NLM_F_REQUEST | NLM_F_EXCL | NLM_F_CREATE);
    assert_int_equal(request.header.nlmsg_len, sizeof(request.header) + sizeof(recorded));
    assert_memory_equal(request.bytes, recorded, sizeof(recorded));
}

static void test_words(void **state)
{
    struct yw_shape_queues some = {.tbf = true, .htb = true}, none = {0};
    char text[32];

    (void)state;
    yw_shape_queues_text(&some, false, text);
    assert_string_equal(text, "tbf htb");
    yw_shape_queues_text(&some, true, text);
    assert_string_equal(text, "netem");
    yw_shape_queues_text(&none, false, text);
    assert_string_equal(text, "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests_name("virt_queue", tests, NULL, NULL);
}
