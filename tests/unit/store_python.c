/* A second opinion: a verifier in another language agrees on good files and on bad ones.
 */
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PYTHON "/usr/bin/python3"
#define RECORDS 100

static void ask(const char *file, char *answer, size_t size)
{
    char command[1024];
    const char *source = getenv("YW_SOURCE");
    (void)snprintf(command, sizeof(command),
                   PYTHON " '%s/tests/unit/store_verify.py' '%s'",
                   source == NULL ? "." : source, file);
    FILE *pipe = popen(command, "re");
    assert_non_null(pipe);
    if (fgets(answer, (int)size, pipe) == NULL)
        answer[0] = '\0';
    answer[strcspn(answer, "\n")] = '\0';
    (void)pclose(pipe);
}

static void test_both_agree(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    struct yw_buf text;
    struct yw_verify verify;
    char file[FIXTURE_PATH + 16];
    char answer[256];
    char want[256];
    char hash[YW_HASH_TEXT_SIZE];
    (void)snprintf(file, sizeof(file), "%s/export", fixture->dir);
    assert_int_equal(fixture_open(fixture, NULL, &err), 0);
    assert_int_equal(fixture_append(fixture, RECORDS), 0);
    fixture_wait(fixture, RECORDS);
    fixture_export(fixture->journal, &text);
    fixture_write_file(file, text.data, text.size);
    assert_int_equal(yw_verify_file(file, &verify, &err), 0);
    yw_hash_text(&verify.head, hash);
    (void)snprintf(want, sizeof(want), "ok %d %s", RECORDS, hash);
    ask(file, answer, sizeof(answer));
    assert_string_equal(answer, want);
    for (size_t i = 1; i <= 8; i++) {
        char *byte = text.data + text.size * i / 9;
        *byte = (char)((unsigned char)*byte ^ 4U);
        fixture_write_file(file, text.data, text.size);
        assert_int_equal(yw_verify_file(file, &verify, &err), YW_ECORRUPT);
        (void)snprintf(want, sizeof(want), "bad %lld ", (long long)verify.bad_line);
        ask(file, answer, sizeof(answer));
        assert_memory_equal(answer, want, strlen(want));
        *byte = (char)((unsigned char)*byte ^ 4U);
    }
    yw_buf_fini(&text);
}

int main(void)
{
    if (access(PYTHON, X_OK) != 0)
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_both_agree, fixture_set_up,
                                        fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
