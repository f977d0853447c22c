/* One file of script_hostile/ for each way out of a sandbox that is known. Each is tried
 * in the declare stage and in a story; each ends with a fault and hurts nobody.
 */
#include "script_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char header[] =
    "scenario \"hostile\" { title = { zh = \"试\", en = \"Try\" }, "
    "sector = \"water\", length = \"5m\" }";

/* "-- expect: text" in the first line. */
static void expected_text(const char *source, char *ret, size_t size)
{
    static const char mark[] = "-- expect: ";
    assert_memory_equal(source, mark, sizeof(mark) - 1);
    const char *start = source + sizeof(mark) - 1;
    snprintf(ret, size, "%.*s", (int)strcspn(start, "\n"), start);
}

static int try_source(const char *body, bool in_story, char text[YW_ERR_TEXT_MAX])
{
    struct harness harness;
    size_t size = strlen(body) + sizeof(header) + 100;
    char *source = calloc(1, size);
    assert_non_null(source);
    snprintf(source, size, in_story ? "%s story(function (s) %s\nend)" : "%s %s\n",
             header, strchr(body, '\n'));
    harness_open(&harness);
    int code = harness_load(&harness, source, NULL);
    if (code == 0 && in_story && harness.reply.answer == YW_SCRIPT_LOADED)
        code = harness_start_story(&harness, 0, "blue");
    if (code == 0 && harness.reply.answer == YW_SCRIPT_FAULT) {
        code = harness.reply.fault.code;
        strcpy(text, harness.reply.fault.text);
    } else {
        strcpy(text, code == 0 ? "no fault" : harness.err.text);
    }
    harness_close(&harness);
    free(source);
    return code;
}

static void try_file(const char *path, bool in_story)
{
    char wanted[256];
    char text[YW_ERR_TEXT_MAX];
    char *body = harness_read(path);
    expected_text(body, wanted, sizeof(wanted));
    int code = try_source(body, in_story, text);
    free(body);
    if (getenv("YW_SHOW") != NULL)
        print_message("%s %s: %s\n", in_story ? "story  " : "declare", path, text);
    /* A turn has less to spend than the declare stage: it may run out of instructions
     * first. */
    bool spent = in_story && code == YW_ELIMIT && strstr(text, "still running") != NULL;
    if (code == 0 || (strstr(text, wanted) == NULL && !spent))
        fail_msg("%s: %s instead of %s", path, text, wanted);
    if (strncmp(text, "scenario.lua:", 13) != 0)
        fail_msg("%s: no file in: %s", path, text);
}

static void all_end(bool in_story)
{
    glob_t found;
    assert_int_equal(glob("tests/unit/script_hostile/*.lua", 0, NULL, &found), 0);
    assert_true(found.gl_pathc > 40);
    for (size_t i = 0; i < found.gl_pathc; i++)
        try_file(found.gl_pathv[i], in_story);
    globfree(&found);
}

static void all_end_in_declare(void **arg)
{
    (void)arg;
    all_end(false);
}

static void all_end_in_story(void **arg)
{
    (void)arg;
    all_end(true);
}

int main(int argc, char **argv)
{
    int status = harness_main(argc, argv);
    if (status >= 0)
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_end_in_declare),
        cmocka_unit_test(all_end_in_story),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
