#include "base/hash.h"
#include "net/auth.h"

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

static char dir[64], path[128], text[65536];

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(yw_hash_setup(), 0);
    strcpy(dir, "/tmp/yw-auth-XXXXXX");
    assert_non_null(mkdtemp(dir));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"tokens.jsonl", "api.json"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    return rmdir(dir);
}

static struct yw_auth *open_auth(void)
{
    struct yw_auth *auth;
    struct yw_err err = {0};
    if (yw_auth_open(&auth, dir, &err))
        fail_msg("%s", err.text);
    return auth;
}

static size_t slurp(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[size] = '\0';
    return size;
}

static void test_tokens(void **state)
{
    (void)state;
    struct yw_auth *auth = open_auth();
    struct yw_err err = {0};
    struct yw_caller caller;
    char first[YW_ID_SIZE], second[YW_ID_SIZE], again[YW_ID_SIZE], control[YW_ID_SIZE];
    assert_int_equal(yw_auth_issue(auth, "d-1", "blue", first, &err), 0);
    assert_int_equal(yw_auth_issue(auth, "d-1", "green", second, &err), 0);
    assert_string_not_equal(first, second);
    assert_int_equal(yw_auth_keep(auth, &err), 0);
    assert_int_equal(yw_auth_publish(auth, "http://127.0.0.1:1", 7, &err), 0);
    strcpy(control, yw_auth_control(auth));
    yw_auth_close(auth);
    /* At rest nobody can read a team's token. */
    slurp("tokens.jsonl");
    assert_null(strstr(text, first));
    assert_null(strstr(text, control));
    slurp("api.json");
    assert_non_null(strstr(text, control));
    auth = open_auth();
    assert_string_equal(yw_auth_control(auth), control);
    assert_true(yw_auth_check(auth, second, &caller));
    assert_int_equal(caller.role, YW_ROLE_TEAM);
    assert_string_equal(caller.drill, "d-1");
    assert_string_equal(caller.team, "green");
    assert_true(yw_auth_check(auth, control, &caller));
    assert_int_equal(caller.role, YW_ROLE_CONTROL);
    assert_string_equal(caller.team, "");
    assert_false(yw_auth_check(auth, "", &caller));
    assert_false(yw_auth_check(auth, "x", &caller));
    first[0] = first[0] == 'a' ? 'b' : 'a';
    assert_false(yw_auth_check(auth, first, &caller));
    assert_int_equal(caller.role, YW_ROLE_PUBLIC);
    first[0] = '\0';
    /* A new token ends the old one, also after a restart. */
    assert_int_equal(yw_auth_issue(auth, "d-1", "green", again, &err), 0);
    assert_int_equal(yw_auth_keep(auth, &err), 0);
    yw_auth_close(auth);
    auth = open_auth();
    assert_false(yw_auth_check(auth, second, &caller));
    assert_true(yw_auth_check(auth, again, &caller));
    yw_auth_close(auth);
}

/* Beside the team's own token, and as lasting. */
static void test_people(void **state)
{
    (void)state;
    struct yw_auth *auth = open_auth();
    struct yw_err err = {0};
    struct yw_caller caller;
    char team[YW_ID_SIZE], li[YW_ID_SIZE], wang[YW_ID_SIZE], again[YW_ID_SIZE];
    assert_int_equal(yw_auth_issue(auth, "d-3", "blue", team, &err), 0);
    assert_false(yw_auth_named(auth, "d-3", "blue"));
    assert_int_equal(yw_auth_issue_person(auth, "d-3", "blue", "李伟", li, &err), 0);
    assert_int_equal(yw_auth_issue_person(auth, "d-3", "blue", "Wang", wang, &err), 0);
    assert_int_equal(yw_auth_issue_person(auth, "d-3", "blue", "Wang", again, &err), 0);
    assert_int_equal(yw_auth_keep(auth, &err), 0);
    yw_auth_close(auth);
    slurp("tokens.jsonl");
    assert_null(strstr(text, li));
    auth = open_auth();
    assert_true(yw_auth_check(auth, team, &caller));
    assert_string_equal(caller.team, "blue");
    assert_string_equal(caller.person, "");
    assert_true(yw_auth_check(auth, li, &caller));
    assert_int_equal(caller.role, YW_ROLE_TEAM);
    assert_string_equal(caller.team, "blue");
    assert_string_equal(caller.person, "李伟");
    assert_false(yw_auth_check(auth, wang, &caller));
    assert_true(yw_auth_check(auth, again, &caller));
    assert_string_equal(caller.person, "Wang");
    assert_true(yw_auth_named(auth, "d-3", "blue"));
    assert_false(yw_auth_named(auth, "d-3", "blu"));
    assert_false(yw_auth_named(auth, "d-4", "blue"));
    yw_auth_close(auth);
}

/* A crash in the middle of a line: what was whole stays, and the next token is readable.
 */
static void test_torn(void **state)
{
    (void)state;
    struct yw_auth *auth = open_auth();
    struct yw_err err = {0};
    struct yw_caller caller;
    char kept[YW_ID_SIZE], lost[YW_ID_SIZE], next[YW_ID_SIZE];
    assert_int_equal(yw_auth_issue(auth, "d-2", "blue", kept, &err), 0);
    assert_int_equal(yw_auth_keep(auth, &err), 0);
    size_t whole = slurp("tokens.jsonl");
    assert_int_equal(yw_auth_issue(auth, "d-2", "green", lost, &err), 0);
    assert_int_equal(yw_auth_keep(auth, &err), 0);
    size_t all = slurp("tokens.jsonl");
    yw_auth_close(auth);
    for (size_t cut = all - 1; cut > whole; cut -= 9) {
        assert_int_equal(truncate(path, (off_t)cut), 0);
        auth = open_auth();
        assert_true(yw_auth_check(auth, kept, &caller));
        assert_false(yw_auth_check(auth, lost, &caller));
        assert_int_equal(yw_auth_issue(auth, "d-2", "green", next, &err), 0);
        assert_int_equal(yw_auth_keep(auth, &err), 0);
        yw_auth_close(auth);
        auth = open_auth();
        assert_true(yw_auth_check(auth, next, &caller));
        yw_auth_close(auth);
        if (cut < whole + 9)
            break;
    }
}

static void test_damaged(void **state)
{
    (void)state;
    struct yw_auth *auth = open_auth();
    struct yw_err err = {0};
    yw_auth_close(auth);
    size_t size = slurp("tokens.jsonl");
    text[10] = '!';
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fwrite(text, 1, size, file);
    fclose(file);
    assert_int_equal(yw_auth_open(&auth, dir, &err), YW_ECORRUPT);
    assert_non_null(strstr(err.text, "damaged line"));
}

static void test_limit(void **state)
{
    (void)state;
    struct yw_auth *auth;
    struct yw_err err = {0};
    char token[YW_ID_SIZE], team[YW_NAME_MAX];
    assert_int_equal(yw_auth_open(&auth, "", &err), 0);
    for (int i = 0; i < YW_AUTH_TOKENS_MAX; i++) {
        snprintf(team, sizeof(team), "t%d", i);
        assert_int_equal(yw_auth_issue(auth, "d", team, token, &err), 0);
        if (i % 1000 == 0)
            assert_int_equal(yw_auth_keep(auth, &err), 0);
    }
    assert_int_equal(yw_auth_issue(auth, "d", "one-more", token, &err), YW_ELIMIT);
    assert_int_equal(yw_auth_issue(auth, "d", "t7", token, &err), 0);
    yw_auth_close(auth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),  cmocka_unit_test(test_people),
        cmocka_unit_test(test_torn),    cmocka_unit_test(test_limit),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
