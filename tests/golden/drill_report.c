/* A canned journal and the four reports that must come of it. */
#include "base/hash.h"
#include "codec/technique.h"
#include "drill/conductor.h"
#include "store/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REPORT_MAX (1024 * 1024)

static void path_of(char path[256], const char *name)
{
    (void)snprintf(path, 256, "%s/tests/golden/report/%s", getenv("YW_SOURCE"), name);
}

static void compare(const char *name, const struct yw_buf *text)
{
    static char want[REPORT_MAX];
    char path[256];

    path_of(path, name);
    FILE *file = fopen(path, getenv("YW_GOLDEN_UPDATE") != NULL ? "w+" : "r");

    if (file == NULL)
        fail_msg("no golden file %s", path);
    if (getenv("YW_GOLDEN_UPDATE") != NULL) {
        assert_int_equal(fwrite(text->data, 1, text->size, file), text->size);
        rewind(file);
    }
    size_t size = fread(want, 1, sizeof want - 1, file);

    (void)fclose(file);
    want[size] = '\0';
    assert_string_equal(text->data, want);
}

static void write_report(struct yw_buf *out, const char *lang,
                         enum yw_report_format format)
{
    struct yw_journal *journal = NULL;
    struct yw_err err = {0};
    char path[256];

    path_of(path, "journal.ndjson");
    if (yw_journal_open_exported(&journal, path, &err) < 0)
        fail_msg("%s", err.text);
    yw_buf_init(out, REPORT_MAX);
    if (yw_report_write(out, journal, NULL, lang, format, &err) < 0)
        fail_msg("%s", err.text);
    yw_journal_close(journal);
}

static void reports_are_as_agreed(void **state)
{
    (void)state;
    const struct {
        const char *name, *lang;
        enum yw_report_format format;
    } cases[] = {{"zh.md", "zh", YW_REPORT_MARKDOWN},
                 {"en.md", "en", YW_REPORT_MARKDOWN},
                 {"zh.html", "zh", YW_REPORT_HTML},
                 {"en.html", "en", YW_REPORT_HTML}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct yw_buf out;

        write_report(&out, cases[i].lang, cases[i].format);
        compare(cases[i].name, &out);
        yw_buf_fini(&out);
    }
}

static void a_layer_is_as_agreed(void **state)
{
    (void)state;
    struct yw_journal *journal = NULL;
    struct yw_techniques table;
    struct yw_err err = {0};
    struct yw_buf out;
    char path[256];

    (void)snprintf(path, sizeof path, "%s/scenarios/techniques.json",
                   getenv("YW_SOURCE"));
    assert_int_equal(yw_techniques_read(&table, path, &err), 0);
    path_of(path, "journal.ndjson");
    assert_int_equal(yw_journal_open_exported(&journal, path, &err), 0);
    yw_buf_init(&out, REPORT_MAX);
    assert_int_equal(yw_navigator_write(&out, journal, "zh", &table, &err), 0);
    compare("navigator.json", &out);
    yw_buf_fini(&out);
    yw_buf_init(&out, 100);
    assert_int_equal(yw_navigator_write(&out, journal, "zh", &table, &err), YW_ELIMIT);
    yw_buf_fini(&out);
    yw_journal_close(journal);
    yw_techniques_fini(&table);
}

/* The canned journal holds a ruling whose reason tries to be markup. */
static void nothing_becomes_markup(void **state)
{
    (void)state;
    struct yw_buf out;

    write_report(&out, "zh", YW_REPORT_HTML);
    assert_null(strstr(out.data, "<b>"));
    assert_non_null(strstr(out.data, "&lt;b&gt;*bold*&lt;/b&gt; &amp; `code` [x]"));
    assert_null(strstr(out.data, "<script"));
    yw_buf_fini(&out);
    write_report(&out, "zh", YW_REPORT_MARKDOWN);
    assert_non_null(
        strstr(out.data, "\\| \\<b\\>\\*bold\\*\\</b\\> \\& \\`code\\` \\[x\\]"));
    yw_buf_fini(&out);
}

/* A limit that is too small is an error, not a report that ends in the middle. */
static void a_report_is_whole_or_none(void **state)
{
    (void)state;
    struct yw_journal *journal = NULL;
    struct yw_err err = {0};
    struct yw_buf out;
    char path[256];

    path_of(path, "journal.ndjson");
    assert_int_equal(yw_journal_open_exported(&journal, path, &err), 0);
    yw_buf_init(&out, 1000);
    assert_int_equal(yw_report_write(&out, journal, NULL, "en", YW_REPORT_MARKDOWN, &err),
                     YW_ELIMIT);
    yw_buf_fini(&out);
    yw_journal_close(journal);
}

/* The policy lets in the one style by its SHA-256; sha256sum(1) is asked, not our own
 * code. */
static void the_policy_names_the_style(void **state)
{
    (void)state;
    struct yw_buf out;
    char template[] = "/tmp/yw-style-XXXXXX";
    char command[512];
    char digest[128] = "";
    char want[160];
    int fd = mkstemp(template);

    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");

    write_report(&out, "en", YW_REPORT_HTML);
    const char *begin = strstr(out.data, "<style>");
    const char *end = strstr(out.data, "</style>");

    assert_true(begin != NULL && end != NULL && file != NULL);
    begin += strlen("<style>");
    assert_int_equal(fwrite(begin, 1, (size_t)(end - begin), file), end - begin);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(command, sizeof command,
                   "sha256sum < %s | cut -c1-64 | tr a-f A-F | tr -d '\\n' | "
                   "basenc --base16 -d | base64 -w0",
                   template);
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    assert_non_null(fgets(digest, sizeof digest, pipe));
    (void)pclose(pipe);
    (void)remove(template);
    (void)snprintf(want, sizeof want, "style-src 'sha256-%s'", digest);
    assert_non_null(strstr(out.data, want));
    yw_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_are_as_agreed),
        cmocka_unit_test(a_layer_is_as_agreed),
        cmocka_unit_test(nothing_becomes_markup),
        cmocka_unit_test(a_report_is_whole_or_none),
        cmocka_unit_test(the_policy_names_the_style),
    };

    if (yw_hash_setup() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
