/* What is read out of a monitor's answers, hostile ones among them. */
#include "virt/machine/qmp.h"
#include "virt/point/point.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

static const char nodes[] =
    "{\"return\": [{\"iops_rd\": 0, \"image\": {\"snapshots\": [{\"name\": \"start\", "
    "\"id\": \"1\"}], \"format\": \"qcow2\"}, \"ro\": false, \"node-name\": "
    "\"yw-points\", \"drv\": \"qcow2\", \"file\": \"a}\\\"{\"}, {\"ro\": false, "
    "\"node-name\": \"#block1\", \"drv\": \"file\"}, {\"ro\": true, \"node-name\": "
    "\"base\", \"drv\": \"qcow2\"}, {\"ro\": false, \"node-name\": \"disk\", "
    "\"drv\": \"qcow2\"}], \"id\": \"libvirt-9\"}";

static void test_a_list_has_objects(void **state)
{
    const char *at = nodes;
    int count = 0;
    char *node;

    (void)state;
    while ((node = yw_qmp_next(&at)) != NULL) {
        assert_true(yw_qmp_is(node, "ro", "true") || yw_qmp_is(node, "ro", "false"));
        count++;
        free(node);
    }
    assert_int_equal(count, 4);
    at = "{\"return\": []}";
    assert_null(yw_qmp_next(&at));
    at = "{\"return\": {\"a\": 1}}";
    assert_null(yw_qmp_next(&at));
    at = "{\"return\": [{\"cut\": \"off";
    node = yw_qmp_next(&at);
    assert_string_equal(node, "{\"cut\": \"off");
    free(node);
    assert_null(yw_qmp_next(&at));
    assert_false(yw_qmp_is("{\"ro\": trueish}", "ro", "true"));
}

static void test_points_are_read_from_nodes(void **state)
{
    char list[64];

    (void)state;
    assert_int_equal(yw_point_devices(nodes, list, sizeof(list)), 0);
    assert_string_equal(list, "\"yw-points\",\"disk\"");
    assert_int_equal(yw_point_devices(nodes, list, 12), YW_ELIMIT);
    assert_int_equal(yw_point_devices("{\"return\": []}", list, sizeof(list)),
                     YW_ENOTFOUND);
    assert_true(yw_point_listed(nodes, "start"));
    assert_false(yw_point_listed(nodes, "star"));
    assert_false(yw_point_listed(nodes, "base"));
    assert_false(yw_point_listed("{\"name\"", "start"));
}

static void test_too_many_disks(void **state)
{
    char list[512], answer[2048] = "{\"return\": [";

    (void)state;
    for (int i = 0; i <= YW_POINT_DEVICES_MAX; i++) {
        size_t used = strlen(answer);

        (void)snprintf(answer + used, sizeof(answer) - used,
                       "%s{\"drv\":\"qcow2\",\"ro\":false,\"node-name\":\"d%d\"}",
                       i ? "," : "", i);
        if (i == YW_POINT_DEVICES_MAX - 1)
            assert_int_equal(yw_point_devices(answer, list, sizeof(list)), 0);
    }
    assert_int_equal(yw_point_devices(answer, list, sizeof(list)), YW_ELIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_refusal_has_its_sentence),
        cmocka_unit_test(test_a_result_is_no_refusal),
        cmocka_unit_test(test_a_word_is_found),
        cmocka_unit_test(test_a_list_has_objects),
        cmocka_unit_test(test_points_are_read_from_nodes),
        cmocka_unit_test(test_too_many_disks),
    };

    return cmocka_run_group_tests_name("virt_qmp", tests, NULL, NULL);
}
