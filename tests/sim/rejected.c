/* Scenarios that are refused: file and line, exit 2, and nothing is created. Each is a small drill with one change. */
#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define OUTPUT_MAX 65536
#define PATTERN "string.find(string.rep(\"a\", 30000), \".-.-.-.-b\")"

/* A change: what sed makes of a file, the verb that finds it, and what must be said. */
struct change {
    const char *file;
    const char *sed;
    const char *verb;
    const char *says;
};

static const struct change changes[] = {
    {"scenario.lua", "s/sector = /sectro = /", "check",
     "scenario.lua:3: scenario 'dosing-line': unknown field 'sectro'"},
    {"scenario.lua", "s/{ control \".21\" }/{ contrl \".21\" }/", "check",
     "scenario.lua:12: unknown name 'contrl'"},
    {"scenario.lua", "s/{ control \".21\" }/{ control \"10.9.9.9\" }/", "check",
     "scenario.lua:12: machine 'hmi1': address 10.9.9.9 is outside network 'control'"},
    {"scenario.lua", "s/{ control \".21\" }/{ control \".11\" }/", "check",
     "scenario.lua:12: machine 'hmi1': address 10.20.2.11 is used by machine 'plc1'"},
    {"scenario.lua", "7i while true do end", "check", "scenario.lua:7: still running"},
    {"scenario.lua", "7i " PATTERN, "check", "scenario.lua:7: "},
    {"scenario.lua", "s/s:wait \"1m\"/while true do end/", "rehearse",
     "scenario.lua:60: still running"},
    {"scenario.lua", "s/s:wait \"1m\"/" PATTERN "/", "rehearse", "scenario.lua:60: "},
    {"rehearsal.lua", "s/p:wait \"8s\"/while true do end/", "rehearse",
     "rehearsal.lua:17: still running"},
};

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void shell(const char *fmt, ...)
{
    char line[2048];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    assert_int_equal(system(line), 0);
}

static int run(struct yw_buf *out, const char *words, const char *folder)
{
    char chunk[4096];
    size_t size = 0;
    char *line =
        yw_strf("YW_LANG=en '%s/orchestrator/cli/yanwu' %s '%s/s' --data '%s/data' "
                "--connect fake: 2>&1",
                getenv("YW_BUILD"), words, folder, folder);
    FILE *pipe = popen(line, "r");

    free(line);
    assert_non_null(pipe);
    yw_buf_init(out, OUTPUT_MAX);
    while ((size = fread(chunk, 1, sizeof chunk, pipe)) > 0)
        yw_buf_put(out, chunk, size);
    int status = pclose(pipe);

    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect(const struct change *change, const char *verb, const char *folder)
{
    struct yw_buf out;
    int status = run(&out, verb, folder);

    if (status != 2 || strstr(out.data, change->says) == NULL)
        fail_msg("%s after '%s': status %d: %s", verb, change->sed, status, out.data);
    char *data = yw_strf("%s/data", folder);

    if (access(data, F_OK) == 0)
        fail_msg("%s after '%s': something was created", verb, change->sed);
    free(data);
    yw_buf_fini(&out);
}

static void refused(const struct change *change)
{
    char folder[] = "/tmp/yw-rejected-XXXXXX";

    assert_non_null(mkdtemp(folder));
    shell("cp -r '%s/tests/drills/dosing-line' %s/s && sed -i '%s' %s/s/%s",
          getenv("YW_SOURCE"), folder, change->sed, folder, change->file);
    /* a change that changes nothing would prove nothing */
    shell("! cmp -s '%s/tests/drills/dosing-line/%s' %s/s/%s", getenv("YW_SOURCE"),
          change->file, folder, change->file);
    expect(change, change->verb, folder);
    if (strcmp(change->verb, "check") == 0) {
        expect(change, "plan", folder);
        expect(change, "rehearse", folder);
        expect(change, "run --auto", folder);
    }
    shell("rm -r %s", folder);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        refused(&changes[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
