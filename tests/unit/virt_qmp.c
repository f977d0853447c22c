/* What is read out of a monitor's answers, hostile ones among them. */
#include "virt/qmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_a_refusal_has_its_sentence(void **state)
{
    char text[32];

    (void)state;
    assert_true(
        yw_qmp_refused("{\"id\":\"libvirt-7\",\"error\":{\"class\":\"GenericError\","
                       "\"desc\":\"no \\\"such\\\" thing\"}}",
                       text, sizeof(text)));
    assert_string_equal(text, "no \"such\" thing");
    assert_true(yw_qmp_refused("{\"error\":{}}", text, sizeof(text)));
    assert_string_equal(text, "no reason given");
    assert_true(
        yw_qmp_refused("{\"error\": {\"desc\": \"0123456789abcdefghijklmnopqrstuvwx"
                       "yz\"}}",
                       text, sizeof(text)));
    assert_int_equal(strlen(text), sizeof(text) - 1);
    assert_true(yw_qmp_refused("{\"error\":{\"desc\":\"cut off\\", text, sizeof(text)));
    assert_string_equal(text, "cut off\\");
}

static void test_a_result_is_no_refusal(void **state)
{
    char text[32];

    (void)state;
    assert_false(yw_qmp_refused("", text, sizeof(text)));
    assert_false(yw_qmp_refused("{\"return\":{}}", text, sizeof(text)));
    assert_false(
        yw_qmp_refused("{\"return\":{\"error\":{\"desc\":\"of a job\"}}}", text, 32));
}

static void test_a_word_is_found(void **state)
{
    const char *answer = "{\"return\":{\"status\" : \"completed\",\"total\":1}}";

    (void)state;
    assert_true(yw_qmp_says(answer, "status", "completed"));
    assert_false(yw_qmp_says(answer, "status", "complete"));
    assert_false(yw_qmp_says(answer, "status", "failed"));
    assert_false(yw_qmp_says(answer, "total", "1"));
    assert_false(yw_qmp_says("{\"status\"", "status", "failed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_refusal_has_its_sentence),
        cmocka_unit_test(test_a_result_is_no_refusal),
        cmocka_unit_test(test_a_word_is_found),
    };

    return cmocka_run_group_tests_name("virt_qmp", tests, NULL, NULL);
}
