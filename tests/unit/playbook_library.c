/* The library as it is shipped: each playbook is clean by the prose and by the published schemas,
 * speaks both languages, and names only playbooks, duties and variables that there are. */
#include "codec/playbook/lint.h"
#include "codec/playbook/playbook.h"
#include "rules_fixture.h"

#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOOKS_MAX 64
#define LEAST 17 /* twelve kinds of incident and what they share */

struct book {
    char *file, *text;
    size_t size;
};

static struct book books[BOOKS_MAX];
static size_t book_count;

static int load(void **state)
{
    const char *root = getenv("YW_SOURCE");
    char *folder = yw_strf("%s/playbooks", root != NULL ? root : ".");
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    struct yw_err err = {0};

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');
        char *path = yw_strf("%s/%s", folder, entry->d_name);

        if (dot != NULL && strcmp(dot, ".json") == 0) {
            struct book *book = &books[book_count++];

            assert_true(book_count < BOOKS_MAX);
            book->file = yw_strdup(entry->d_name);
            if (yw_file_read(path, YW_PLAYBOOK_BYTES_MAX, &book->text, &book->size,
                             &err) < 0)
                fail_msg("%s", err.text);
        }
        free(path);
    }
    (void)closedir(dir);
    free(folder);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    for (size_t i = 0; i < book_count; i++) {
        free(books[i].file);
        free(books[i].text);
    }
    return 0;
}

static void expect_clean(const struct book *book, enum yw_lint_profile profile)
{
    struct yw_findings findings;
    struct yw_err err = {0};

    if (yw_playbook_lint(&findings, book->text, book->size, profile, &err) < 0)
        fail_msg("%s: %s", book->file, err.text);
    for (size_t i = 0; i < findings.count; i++)
        print_message("%s:%d: %s %s: %s\n", book->file, findings.items[i].line,
                      findings.items[i].code, findings.items[i].path,
                      findings.items[i].message);
    if (findings.count > 0)
        fail_msg("%s: %zu findings (%s)", book->file, findings.count,
                 yw_lint_profile_name(profile));
    yw_findings_fini(&findings);
}

static void test_clean(void **state)
{
    (void)state;
    assert_true(book_count >= LEAST);
    for (size_t i = 0; i < book_count; i++) {
        expect_clean(&books[i], YW_LINT_STRICT);
        expect_clean(&books[i], YW_LINT_SCHEMA);
    }
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;

    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        count++;
    return count;
}

/* Calls `each` with every value of "key": "value" in the text. */
static void each_value(const struct book *book, const char *key,
                       void (*each)(const struct book *book, const char *value,
                                    void *context),
                       void *context)
{
    char *what = yw_strf("\"%s\": \"", key);

    for (const char *at = strstr(book->text, what); at != NULL; at = strstr(at, what)) {
        char value[256];

        at += strlen(what);
        (void)yw_copyf(value, sizeof value, "%.*s", (int)strcspn(at, "\""), at);
        each(book, value, context);
    }
    free(what);
}

/* What a person is asked and how a step is called stand there in both. */
static void test_both_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < book_count; i++) {
        const char *text = books[i].text;

        assert_int_equal(count_of(text, "\"type\": \"manual\""),
                         count_of(text, "\"asks_zh\": \""));
        assert_int_equal(count_of(text, "\"type\": \"drill-playbook\""), 1);
        assert_true(count_of(text, "\"name_zh\": \"") >
                    count_of(text, "\"type\": \"drill-step\""));
    }
}

static void known_playbook(const struct book *book, const char *id, void *context)
{
    char *line = yw_strf("\n \"id\": \"%s\"", id);

    (void)context;
    for (size_t i = 0; i < book_count; i++) {
        if (strstr(books[i].text, line) != NULL) {
            free(line);
            return;
        }
    }
    fail_msg("%s: no playbook %s", book->file, id);
}

static void test_called_playbooks(void **state)
{
    size_t calls = 0;

    (void)state;
    for (size_t i = 0; i < book_count; i++) {
        each_value(&books[i], "playbook_id", known_playbook, NULL);
        calls += count_of(books[i].text, "\"playbook_id\": \"");
    }
    assert_true(calls > LEAST);
}

static void known_duty(const struct book *book, const char *id, void *context)
{
    const struct rules_fixture *f = context;

    if (yw_rules_duty(f->rules, id, NULL) == NULL)
        fail_msg("%s: no duty %s", book->file, id);
}

static void test_duties(void **state)
{
    struct rules_fixture f;
    size_t named = 0;

    (void)state;
    rules_set_up(&f);
    for (size_t i = 0; i < book_count; i++) {
        each_value(&books[i], "rule", known_duty, &f);
        named += count_of(books[i].text, "\"rule\": \"");
    }
    rules_tear_down(&f);
    assert_true(named >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_both_languages),
        cmocka_unit_test(test_called_playbooks),
        cmocka_unit_test(test_duties),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
