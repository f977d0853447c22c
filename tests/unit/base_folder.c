#include "base/folder.h"

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

static void makes_what_is_missing(void **state)
{
    (void)state;
    char root[] = "/tmp/yw-folder-XXXXXX";
    char path[64];
    struct stat info;

    assert_non_null(mkdtemp(root));
    (void)snprintf(path, sizeof path, "%s/a/b", root);
    assert_int_equal(yw_folder_make(path, 0750, NULL), 0);
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISDIR(info.st_mode));
    assert_int_equal(yw_folder_make(path, 0750, NULL), 0);
    assert_int_equal(rmdir(path), 0);
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(root), 0);
}

static void says_which_one_it_cannot_make(void **state)
{
    (void)state;
    struct yw_err err = {0};

    assert_int_equal(yw_folder_make("/proc/none/such", 0750, &err), YW_EIO);
    assert_non_null(strstr(err.text, "/proc/none/such"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_what_is_missing),
        cmocka_unit_test(says_which_one_it_cannot_make),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
