#include "base/hash.h"
#include "net/static.h"

#include <ftw.h>
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

static char dir[64];

static void put(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(yw_hash_setup(), 0);
    strcpy(dir, "/tmp/yw-static-XXXXXX");
    assert_non_null(mkdtemp(dir));
    return 0;
}

static int drop(const char *path, const struct stat *facts, int type, struct FTW *place)
{
    (void)facts;
    (void)type;
    (void)place;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static void test_files(void **state)
{
    (void)state;
    struct yw_static *files;
    struct yw_err err = {0};
    char path[512];
    snprintf(path, sizeof(path), "%s/parts", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    put("index.html", "<p>");
    put("parts/a.0123456789ab.js", "1");
    put("parts/b.1234567.js", "2");
    put(".secret", "no");
    snprintf(path, sizeof(path), "%s/link.txt", dir);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    snprintf(path, sizeof(path), "%s/up", dir);
    assert_int_equal(symlink("/etc", path), 0);
    snprintf(path, sizeof(path), "%s/pipe", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(yw_static_open(&files, dir, &err), 0);
    const struct yw_static_file *file = yw_static_find(files, "/");
    assert_non_null(file);
    assert_ptr_equal(file, yw_static_find(files, "/index.html"));
    assert_string_equal(file->type, "text/html; charset=utf-8");
    assert_int_equal(file->size, 3);
    assert_int_equal(strlen(file->etag), 34);
    assert_false(file->immutable);
    assert_true(yw_static_find(files, "/parts/a.0123456789ab.js")->immutable);
    assert_false(yw_static_find(files, "/parts/b.1234567.js")->immutable);
    static const char *const none[] = {"/.secret",   "/link.txt",      "/up/passwd",
                                       "/pipe",      "/parts",         "/parts/",
                                       "index.html", "/../index.html", ""};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_null(yw_static_find(files, none[i]));
    yw_static_close(files);
}

static void test_limits(void **state)
{
    (void)state;
    struct yw_static *files;
    struct yw_err err = {0};
    char name[128];
    assert_int_equal(yw_static_open(&files, "/nonexistent", &err), YW_ENOTFOUND);
    assert_int_equal(yw_static_open(&files, "", &err), 0);
    assert_null(yw_static_find(files, "/"));
    yw_static_close(files);
    for (int i = 0; i < YW_STATIC_FILES_MAX - 3; i++) { /* three are there */
        snprintf(name, sizeof(name), "f%d.txt", i);
        put(name, "");
    }
    assert_int_equal(yw_static_open(&files, dir, &err), 0);
    yw_static_close(files);
    put("one-more.txt", "");
    assert_int_equal(yw_static_open(&files, dir, &err), YW_ELIMIT);
    snprintf(name, sizeof(name), "%s/one-more.txt", dir);
    assert_int_equal(remove(name), 0);
    snprintf(name, sizeof(name), "%s/f0.txt", dir);
    assert_int_equal(truncate(name, YW_STATIC_FILE_MAX), 0);
    assert_int_equal(yw_static_open(&files, dir, &err), 0);
    yw_static_close(files);
    assert_int_equal(truncate(name, YW_STATIC_FILE_MAX + 1), 0);
    assert_int_equal(yw_static_open(&files, dir, &err), YW_ELIMIT);
    assert_non_null(strstr(err.text, "f0.txt"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files),
                                       cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
