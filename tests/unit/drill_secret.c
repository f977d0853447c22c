/* Secrets: from the file into words, and out of what comes back. */
#include "drill/secret.h"

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

static char dir[64], path[128];

static void put_file(const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/yw-secret-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/" YW_SECRETS_FILE, dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(dir);
}

static int resolve(struct yw_secrets *secrets, char argv[2][YW_SPEC_ARG_MAX],
                   const char *word)
{
    strcpy(argv[0], "login");
    snprintf(argv[1], YW_SPEC_ARG_MAX, "%s", word);
    return yw_secrets_resolve(secrets, dir, argv, 2, NULL);
}

static void test_words(void **state)
{
    (void)state;
    char argv[2][YW_SPEC_ARG_MAX];
    struct yw_secrets secrets;

    assert_int_equal(resolve(&secrets, argv, "plain"), 0);
    assert_int_equal(secrets.count, 0);
    assert_int_equal(resolve(&secrets, argv, "{{secret:db}}"), YW_ENOTFOUND);
    put_file("{\"db\":\"hunter2hunter2\",\"a\":\"{{secret:db}}\",\"no\":\"\"}", 0640);
    assert_int_equal(resolve(&secrets, argv, "{{secret:db}}"), YW_EDENIED);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(resolve(&secrets, argv, "-p{{secret:db}}:x"), 0);
    assert_string_equal(argv[0], "login");
    assert_string_equal(argv[1], "-phunter2hunter2:x");
    assert_int_equal(secrets.count, 1);
    assert_int_equal(resolve(&secrets, argv, "{{secret:db}}{{secret:db}}"), 0);
    assert_string_equal(argv[1], "hunter2hunter2hunter2hunter2");
    assert_int_equal(resolve(&secrets, argv, "{{secret:a}}"), 0);
    assert_string_equal(argv[1], "{{secret:db}}"); /* a value is not looked through */
    assert_int_equal(resolve(&secrets, argv, "{{secret:none}}"), YW_ENOTFOUND);
    assert_int_equal(resolve(&secrets, argv, "{{secret:no}}"), YW_ENOTFOUND);
    assert_int_equal(resolve(&secrets, argv, "{{secret:db"), YW_EINVAL);
    char five[5 * 16] = "";

    for (int i = 0; i <= YW_SECRETS_MAX; i++)
        strcat(five, "{{secret:db}}");
    assert_int_equal(resolve(&secrets, argv, five), YW_ELIMIT);
    char full[YW_SPEC_ARG_MAX];

    memset(full, 'x', sizeof full);
    strcpy(full + sizeof full - 14,
           "{{secret:db}}"); /* one byte too many with its value */
    assert_int_equal(resolve(&secrets, argv, full), YW_ELIMIT);
    assert_int_equal(resolve(&secrets, argv, full + 1), 0);
    assert_int_equal(strlen(argv[1]), YW_SPEC_ARG_MAX - 1);
}

static void test_what_comes_back(void **state)
{
    (void)state;
    struct yw_secrets secrets = {.count = 1, .items = {{"db", "hunter2"}}};
    static const struct {
        const char *said, *kept;
    } rows[] = {{"nothing of it", "nothing of it"},
                {"hunter2", "[secret:db]"},
                {"a hunter2, hunter2!", "a [secret:db], [secret:db]!"},
                {"cut at hunter", "cut at "},
                {"cut at hunt", "cut at "},
                {"at hun", "at hun"}};
    char text[64], small[8];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        strcpy(text, rows[i].said);
        yw_secrets_redact(&secrets, text, sizeof text);
        assert_string_equal(text, rows[i].kept);
    }
    strcpy(small, "hunter2"); /* no room for its name */
    yw_secrets_redact(&secrets, small, sizeof small);
    assert_string_equal(small, "[secret");
    yw_secrets_forget(&secrets);
    assert_string_equal(secrets.items[0].value, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_words, set_up, tear_down),
        cmocka_unit_test(test_what_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
