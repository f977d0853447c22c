#include "base/mem.h"
#include "codec/request/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILES "\"files\":{\"scenario.lua\":\"x\"}"

static void create_refused(const char *text, const char *message)
{
    struct yw_request_create create;
    struct yw_err err = {0};

    assert_true(yw_request_create_decode(&create, text, strlen(text), &err) < 0);
    assert_null(create.package);
    if (strstr(err.text, message) == NULL)
        fail_msg("expected '%s' in '%s'", message, err.text);
}

static void a_package_comes_back(void **state)
{
    (void)state;
    const char *text =
        "{\"files\":{\"files/dosing.st\":\"\xe6\xbc\x94\",\"scenario.lua\":\"x\\n\"},"
        "\"name\":\"water-dosing\",\"seed\":7,\"speed\":10,\"teams\":[\"a\",\"b\"]}";
    struct yw_request_create create;
    struct yw_buf again;

    assert_int_equal(yw_request_create_decode(&create, text, strlen(text), NULL), 0);
    assert_int_equal(create.package->file_count, 2);
    assert_string_equal(yw_package_file(create.package, "scenario.lua")->bytes, "x\n");
    assert_null(yw_package_file(create.package, "nothing"));
    assert_int_equal(create.team_count, 2);
    yw_buf_init(&again, YW_REQUEST_PACKAGE_MAX);
    yw_request_create_encode(&again, &create);
    assert_string_equal(again.data, text);
    yw_buf_fini(&again);
    yw_package_free(create.package);
}

/* Read for the table: said only when it is so. */
static void the_table_is_asked_for(void **state)
{
    (void)state;
    const char *text = "{\"files\":{\"scenario.lua\":\"x\"},\"name\":\"w\",\"seed\":7,"
                       "\"speed\":10,\"tabletop\":true,\"teams\":[\"a\"]}";
    struct yw_request_create create;
    struct yw_buf again;

    assert_int_equal(yw_request_create_decode(&create, text, strlen(text), NULL), 0);
    assert_true(create.tabletop);
    yw_buf_init(&again, YW_REQUEST_PACKAGE_MAX);
    yw_request_create_encode(&again, &create);
    assert_string_equal(again.data, text);
    yw_buf_fini(&again);
    yw_package_free(create.package);
}

static void wrong_packages_are_named(void **state)
{
    (void)state;
    create_refused("{\"name\":\"w\",\"teams\":[\"a\"],\"tabletop\":1," FILES "}",
                   "/tabletop: expected true or false");
    create_refused("{\"name\":\"w\",\"teams\":[\"a\"],\"files\":{}}",
                   "/files/scenario.lua: missing");
    create_refused("{\"name\":\"w\",\"teams\":[\"a\"]}",
                   "/files: missing; expected an object");
    create_refused("{\"name\":\"w\",\"teams\":[]," FILES "}",
                   "/teams: expected 1 to 64 names; got 0");
    create_refused("{\"name\":\"w\",\"teams\":[\"a\",\"a\"]," FILES "}",
                   "/teams/1: 'a' stands there twice");
    create_refused("{\"name\":\"W!\",\"teams\":[\"a\"]," FILES "}",
                   "/name: expected a name");
    create_refused("{\"name\":\"w\",\"teams\":[\"a\"],\"sed\":1," FILES "}",
                   "/sed: unknown member");
    create_refused("{\"name\":\"w\",\"teams\":[\"a\"],\"seed\":-1," FILES "}",
                   "/seed: expected");
    create_refused("{\"name\":\"w\",\"teams\":[\"a\"],\"speed\":0," FILES "}",
                   "/speed: expected");
    create_refused("{\"name\":\"w\",\"teams\":[\"a\"],\"speed\":1001," FILES "}",
                   "/speed: expected");
    create_refused("{\"name\":\"w\",\"name\":\"w\"}", "duplicate");
    const char *paths[] = {"../x",   "/etc/passwd", "a/../b", "a//b", ".hidden",
                           "a\\\\b", "a b",         "",       "a/"};

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char text[256];

        (void)snprintf(text, sizeof text,
                       "{\"name\":\"w\",\"teams\":[\"a\"],\"files\":{\"scenario.lua\":"
                       "\"\",\"%s\":\"\"}}",
                       paths[i]);
        create_refused(text, "not a plain relative path");
    }
}

static char *package_with(size_t files, size_t file_bytes)
{
    struct yw_buf text;

    yw_buf_init(&text, 8 * 1024 * 1024);
    yw_buf_puts(&text,
                "{\"name\":\"w\",\"teams\":[\"a\"],\"files\":{\"scenario.lua\":\"");
    for (size_t i = 0; i < file_bytes; i++)
        yw_buf_puts(&text, "a");
    yw_buf_puts(&text, "\"");
    for (size_t i = 1; i < files; i++)
        yw_buf_printf(&text, ",\"f%zu\":\"\"", i);
    yw_buf_puts(&text, "}}");
    return yw_buf_steal(&text);
}

static void a_package_ends_at_its_limits(void **state)
{
    (void)state;
    struct yw_request_create create;
    char *text = package_with(YW_REQUEST_FILES_MAX, YW_REQUEST_FILE_MAX);

    assert_int_equal(yw_request_create_decode(&create, text, strlen(text), NULL), 0);
    yw_package_free(create.package);
    free(text);
    text = package_with(YW_REQUEST_FILES_MAX + 1, 1);
    create_refused(text, "/files: at most 64 files; got 65");
    free(text);
    text = package_with(1, YW_REQUEST_FILE_MAX + 1);
    create_refused(text, "/files/scenario.lua: at most 262144 bytes; got 262145");
    free(text);
    text = package_with(1, YW_REQUEST_PACKAGE_MAX);
    create_refused(text, "/: at most 1048576 bytes");
    free(text);
}

static void answers_and_actions(void **state)
{
    (void)state;
    const char *good =
        "{\"role\":\"ir_lead\",\"step\":\"s\",\"vars\":{\"tampered\":\"true\"}}";
    const char *bad = "{\"role\":\"ir_lead\",\"step\":\"s\",\"vars\":{\"tampered\":3}}";
    const char *many =
        "{\"role\":\"r\",\"step\":\"s\",\"vars\":{\"1\":\"\",\"2\":\"\",\"3\":\"\","
        "\"4\":\"\",\"5\":\"\",\"6\":\"\",\"7\":\"\",\"8\":\"\",\"9\":\"\"}}";
    const char *act = "{\"argv\":[\"set-point\",\"100\"],\"machine\":\"hmi1\"}";
    struct yw_request_answer answer;
    struct yw_request_action action;
    struct yw_buf again;
    struct yw_err err = {0};

    yw_buf_init(&again, 4096);
    assert_int_equal(yw_request_answer_decode(&answer, good, strlen(good), &err), 0);
    yw_request_answer_encode(&again, &answer);
    assert_string_equal(again.data, good);
    assert_int_equal(yw_request_answer_decode(&answer, bad, strlen(bad), &err),
                     YW_EINVAL);
    assert_string_equal(err.text, "/vars/tampered: expected a string; got 3");
    assert_int_equal(yw_request_answer_decode(&answer, many, strlen(many), &err),
                     YW_EINVAL);
    assert_string_equal(err.text, "/vars: at most 8 variables; got 9");
    yw_buf_clear(&again);
    assert_int_equal(yw_request_action_decode(&action, act, strlen(act), &err), 0);
    yw_request_action_encode(&again, &action);
    assert_string_equal(again.data, act);
    assert_int_equal(
        yw_request_action_decode(&action, "{\"argv\":[],\"machine\":\"h\"}", 25, &err),
        YW_EINVAL);
    assert_string_equal(err.text, "/argv: expected 1 to 16 arguments; got 0");
    yw_buf_fini(&again);
}

static void texts_and_rulings(void **state)
{
    (void)state;
    struct yw_request_text text;
    struct yw_request_ruling ruling;
    struct yw_err err = {0};
    const char *points = "{\"points\":1000001,\"reason\":\"r\",\"team\":\"a\"}";

    assert_int_equal(yw_request_text_decode(&text, "reason", "", 0, &err), 0);
    assert_int_equal(yw_request_text_decode(&text, "reason", "{\"speed\":10}", 12, &err),
                     0);
    assert_true(text.speed == 10);
    assert_int_equal(
        yw_request_text_decode(&text, "reason", "{\"how\":\"shared!\"}", 17, &err), 0);
    assert_string_equal(text.how, "shared!");
    assert_int_equal(
        yw_request_text_decode(&text, "reason", "{\"how\":\"shared!!\"}", 18, &err),
        YW_EINVAL);
    assert_non_null(strstr(err.text, "/how"));
    assert_int_equal(yw_request_text_decode(&text, "text", "", 0, &err), YW_EINVAL);
    assert_int_equal(yw_request_text_decode(&text, "text", "{\"text\":\"\"}", 11, &err),
                     YW_EINVAL);
    assert_string_equal(err.text, "/text: empty");
    assert_int_equal(yw_request_text_decode(&text, "text", "{\"speed\":1}", 11, &err),
                     YW_EINVAL);
    assert_int_equal(yw_request_ruling_decode(&ruling, points, strlen(points), &err),
                     YW_EINVAL);
    assert_non_null(
        strstr(err.text, "/points: expected an integer from -1000000 to 1000000"));
}

static void errors_and_pointers(void **state)
{
    (void)state;
    struct yw_err err = {.code = YW_EINVAL, .text = "/vars/x: expected \"a\""};
    struct yw_buf out;
    char value[16];
    const char *text =
        "{\"a\":{\"b/c\":[10,{\"d\":\"x\"}]},\"t\":true,\"n\":1.5,\"o\":{}}";

    yw_buf_init(&out, 4096);
    yw_error_encode(&out, &err);
    assert_string_equal(
        out.data, "{\"error\":{\"code\":\"invalid\",\"message\":\"expected \\\"a\\\"\","
                  "\"path\":\"/vars/x\"}}");
    yw_buf_clear(&out);
    err = (struct yw_err){.code = YW_ENOTFOUND, .text = "no drill 'x': gone"};
    yw_error_encode(&out, &err);
    assert_non_null(strstr(out.data, "\"message\":\"no drill 'x': gone\",\"path\":\"\""));
    yw_buf_fini(&out);
    assert_int_equal(yw_json_get(text, strlen(text), "/a/b~1c/1/d", value, sizeof value),
                     0);
    assert_string_equal(value, "x");
    assert_int_equal(yw_json_get(text, strlen(text), "/a/b~1c/0", value, sizeof value),
                     0);
    assert_string_equal(value, "10");
    assert_int_equal(yw_json_get(text, strlen(text), "/t", value, sizeof value), 0);
    assert_string_equal(value, "true");
    assert_int_equal(yw_json_get(text, strlen(text), "/a/x", value, sizeof value),
                     YW_ENOTFOUND);
    assert_int_equal(yw_json_get(text, strlen(text), "/o", value, sizeof value),
                     YW_EINVAL);
    assert_int_equal(yw_json_get("{", 1, "/o", value, sizeof value), YW_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_package_comes_back),
        cmocka_unit_test(the_table_is_asked_for),
        cmocka_unit_test(wrong_packages_are_named),
        cmocka_unit_test(a_package_ends_at_its_limits),
        cmocka_unit_test(answers_and_actions),
        cmocka_unit_test(texts_and_rulings),
        cmocka_unit_test(errors_and_pointers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
