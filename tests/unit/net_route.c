#include "net/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char parts[YW_HTTP_PARTS_MAX][YW_HTTP_PART_MAX];
static const char *allow;

static const struct yw_route *find(enum yw_method method, const char *path)
{
    allow = NULL;
    return yw_route_find(method, path, parts, &allow);
}

static void test_parts(void **state)
{
    (void)state;
    const struct yw_route *route =
        find(YW_METHOD_POST, "/api/v1/drills/d-1/questions/3/answer");
    assert_non_null(route);
    assert_ptr_equal(route->handle, yw_api_question_answer);
    assert_string_equal(parts[0], "d-1");
    assert_string_equal(parts[1], "3");
    assert_int_equal(route->role, YW_ROLE_DUTY); /* offices have plans of their own */
    assert_int_equal(find(YW_METHOD_POST, "/api/v1/drills/d-1/actions")->role,
                     YW_ROLE_TEAM);
    assert_int_equal(
        find(YW_METHOD_POST, "/api/v1/drills/d-1/playbooks/3/control")->role,
        YW_ROLE_CONTROL);
}

static void test_methods(void **state)
{
    (void)state;
    assert_ptr_equal(find(YW_METHOD_GET, "/api/v1/drills")->handle, yw_api_drill_list);
    assert_ptr_equal(find(YW_METHOD_HEAD, "/api/v1/drills")->handle, yw_api_drill_list);
    assert_ptr_equal(find(YW_METHOD_POST, "/api/v1/drills")->handle, yw_api_drill_create);
    assert_null(find(YW_METHOD_GET, "/api/v1/drills/x/up"));
    assert_string_equal(allow, "POST");
    assert_null(find(YW_METHOD_POST, "/api/v1/drills/x"));
    assert_string_equal(allow, "GET, HEAD");
}

static void test_misses(void **state)
{
    (void)state;
    char path[YW_HTTP_PART_MAX + 32] = "/api/v1/drills/";
    static const char *const paths[] = {"/",
                                        "",
                                        "/api/v1/status/",
                                        "/api/v1/statu",
                                        "/api/v2/status",
                                        "/api/v1/drills/",
                                        "/api/v1/drills/x/",
                                        "/api/v1/drills//up",
                                        "/api/v1/drills/x/up/more",
                                        "/api/v1/drills/x/questions//answer"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (find(YW_METHOD_GET, paths[i]) || find(YW_METHOD_POST, paths[i]) || allow)
            fail_msg("found: %s", paths[i]);
    }
    size_t base = strlen(path);
    memset(path + base, 'a', YW_HTTP_PART_MAX - 1);
    path[base + YW_HTTP_PART_MAX - 1] = '\0';
    assert_non_null(find(YW_METHOD_GET, path));
    memset(path + base, 'a', YW_HTTP_PART_MAX);
    path[base + YW_HTTP_PART_MAX] = '\0';
    assert_null(find(YW_METHOD_GET, path));
}

/* What changes something is never open to everybody; what control reads is not either. */
static void test_roles(void **state)
{
    (void)state;
    static const struct {
        enum yw_method method;
        const char *path;
        enum yw_role role;
    } cases[] = {
        {YW_METHOD_POST, "/api/v1/drills", YW_ROLE_CONTROL},
        {YW_METHOD_POST, "/api/v1/drills/x/up", YW_ROLE_CONTROL},
        {YW_METHOD_POST, "/api/v1/drills/x/start", YW_ROLE_CONTROL},
        {YW_METHOD_POST, "/api/v1/drills/x/pause", YW_ROLE_CONTROL},
        {YW_METHOD_POST, "/api/v1/drills/x/resume", YW_ROLE_CONTROL},
        {YW_METHOD_POST, "/api/v1/drills/x/end", YW_ROLE_CONTROL},
        {YW_METHOD_POST, "/api/v1/drills/x/down", YW_ROLE_CONTROL},
        {YW_METHOD_POST, "/api/v1/drills/x/clock", YW_ROLE_CONTROL},
        {YW_METHOD_POST, "/api/v1/drills/x/rulings", YW_ROLE_CONTROL},
        {YW_METHOD_GET, "/api/v1/drills/x/plan", YW_ROLE_CONTROL},
        {YW_METHOD_GET, "/api/v1/drills/x/journal", YW_ROLE_CONTROL},
        {YW_METHOD_GET, "/api/v1/drills/x/report", YW_ROLE_CONTROL},
        {YW_METHOD_POST, "/api/v1/drills/x/actions", YW_ROLE_TEAM},
        {YW_METHOD_POST, "/api/v1/drills/x/reports", YW_ROLE_TEAM},
        {YW_METHOD_GET, "/api/v1/drills/x/why", YW_ROLE_PUBLIC},
        {YW_METHOD_GET, "/api/v1/drills/x", YW_ROLE_PUBLIC},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct yw_route *route = find(cases[i].method, cases[i].path);
        assert_non_null(route);
        assert_int_equal(route->role, cases[i].role);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts), cmocka_unit_test(test_methods),
        cmocka_unit_test(test_misses), cmocka_unit_test(test_roles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
