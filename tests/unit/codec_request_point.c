/* Requests about machines: what is taken, what is refused and why. */
#include "codec/request/request_point.h"

#include "base/base64.h"
#include "base/mem.h"
#include "codec/request/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const reset[] = {"machine", "team", "to"};

static void refused(const char *text, const char *why)
{
    struct yw_request_point point;
    struct yw_err err = {0};

    assert_true(yw_request_point_decode(&point, reset, 3, text, strlen(text), &err) < 0);
    if (strstr(err.text, why) == NULL)
        fail_msg("%s: %s", text, err.text);
}

static void test_names(void **state)
{
    static const char text[] = "{\"machine\":\"plc1\",\"to\":\"start\"}";
    struct yw_request_point point;

    (void)state;
    assert_int_equal(yw_request_point_decode(&point, reset, 3, text, strlen(text), NULL),
                     0);
    assert_string_equal(point.machine, "plc1");
    assert_string_equal(point.to, "start");
    assert_string_equal(point.team, "");
    assert_int_equal(yw_request_point_decode(&point, reset, 3, "", 0, NULL), 0);
    refused("{\"machine\":\"../x\"}", "/machine: expected a name");
    refused("{\"reason\":\"x\"}", "reason");
    refused("{\"to\":3}", "/to: expected a string");
    refused("[]", "expected");
}

static void test_files(void **state)
{
    struct yw_request_point point = {.machine = "plc1"};
    struct yw_request_file file = {.put = true, .path = "/tmp/x", .size = 4};
    struct yw_request_file again;
    struct yw_buf text;
    struct yw_err err = {0};

    (void)state;
    file.bytes = yw_new(YW_REQUEST_MOVE_MAX + 1);
    memcpy(file.bytes, "a\0b\xff", 4);
    yw_buf_init(&text, (size_t)4 * YW_REQUEST_MOVE_MAX);
    yw_request_file_encode(&text, &point, &file);
    memset(&point, 0, sizeof point);
    assert_int_equal(yw_request_file_decode(&again, &point, text.data, text.size, &err),
                     0);
    assert_true(again.put);
    assert_int_equal(again.size, 4);
    assert_memory_equal(again.bytes, "a\0b\xff", 4);
    assert_string_equal(point.machine, "plc1");
    yw_request_file_fini(&again);
    file.size = YW_REQUEST_MOVE_MAX;
    yw_buf_clear(&text);
    yw_request_file_encode(&text, &point, &file);
    assert_int_equal(yw_request_file_decode(&again, &point, text.data, text.size, &err),
                     0);
    yw_request_file_fini(&again);
    file.size = YW_REQUEST_MOVE_MAX + 1;
    yw_buf_clear(&text);
    yw_request_file_encode(&text, &point, &file);
    assert_int_equal(yw_request_file_decode(&again, &point, text.data, text.size, &err),
                     YW_ELIMIT);
    assert_non_null(strstr(err.text, "/data: at most"));
    static const char bad[] = "{\"data\":\"%%\",\"machine\":\"plc1\",\"path\":\"/x\"}";

    assert_int_equal(yw_request_file_decode(&again, &point, bad, strlen(bad), &err),
                     YW_EINVAL);
    yw_buf_fini(&text);
    yw_request_file_fini(&file);
}

static void test_programs(void **state)
{
    static const char text[] =
        "{\"argv\":[\"echo\",\"a b\"],\"machine\":\"plc1\",\"team\":\"blue\"}";
    static const char none[] = "{\"argv\":[],\"machine\":\"plc1\"}";
    struct yw_request_action *action = yw_new(sizeof *action);
    struct yw_request_point point;
    struct yw_err err = {0};

    (void)state;
    assert_int_equal(yw_request_exec_decode(action, &point, text, strlen(text), &err), 0);
    assert_int_equal(action->argc, 2);
    assert_string_equal(action->argv[1], "a b");
    assert_string_equal(point.team, "blue");
    assert_int_equal(yw_request_exec_decode(action, &point, none, strlen(none), &err),
                     YW_EINVAL);
    free(action);
}

static void refuse_capture(const char *text, const char *why)
{
    struct yw_request_capture capture;
    struct yw_err err;

    assert_true(yw_request_capture_decode(&capture, text, strlen(text), &err) < 0);
    assert_non_null(strstr(err.text, why));
}

static void test_a_capture_has_limits(void **state)
{
    const char *most = "{\"action\":\"start\",\"files\":64,\"network\":\"control\","
                       "\"size_mib\":200,\"team\":\"blue\"}";
    struct yw_request_capture capture, again;
    struct yw_buf out;

    (void)state;
    assert_int_equal(yw_request_capture_decode(&capture, most, strlen(most), NULL), 0);
    assert_true(capture.on && capture.files == 64 && capture.size_mib == 200);
    yw_buf_init(&out, 4096);
    yw_request_capture_encode(&out, &capture);
    assert_string_equal(out.data, most);
    assert_int_equal(yw_request_capture_decode(&again, out.data, out.size, NULL), 0);
    assert_memory_equal(&again, &capture, sizeof capture);
    yw_buf_fini(&out);
    refuse_capture("{\"action\":\"start\",\"network\":\"a\",\"size_mib\":201}",
                   "/size_mib");
    refuse_capture("{\"action\":\"start\",\"network\":\"a\",\"size_mib\":0}",
                   "/size_mib");
    refuse_capture("{\"action\":\"start\",\"network\":\"a\",\"files\":65}", "/files");
    refuse_capture("{\"action\":\"start\",\"network\":\"a\",\"files\":1}", "/files");
    refuse_capture("{\"action\":\"pause\",\"network\":\"a\"}", "/action");
    refuse_capture("{\"action\":\"start\",\"network\":\"../a\"}", "/network");
    refuse_capture("{\"action\":\"start\"}", "/network");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_capture_has_limits), cmocka_unit_test(test_names),
        cmocka_unit_test(test_files), cmocka_unit_test(test_programs)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
