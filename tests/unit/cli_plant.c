/* `yanwu plant` as a person or a program meets it: what it prints stands in
 * tests/golden/plant (YW_GOLDEN_UPDATE=1 writes it anew). */
#include "base/buf.h"
#include "codec/request/request.h"

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

#define OUTPUT_MAX (8 * 1024 * 1024)
#define BURST                                                                            \
    "run te-reactor --seconds 200 --control off --set x1=100 --set x2=100 --set x3=0 "   \
    "--set x4=0 "
#define STORY                                                                            \
    "run quad-tank --seconds 400 --step 20 --init h1_cm=10 --set v1=6@100 --set "        \
    "v2=6@100 --fault stuck:h2_cm@50 --fault leak:h1_cm=2@300 "

static const char *program; /* argv[1] of this test */

static int run(struct yw_buf *out, const char *lang, const char *words)
{
    char command[2048], chunk[4096];
    size_t size = 0;

    (void)snprintf(command, sizeof command, "YW_LANG=%s '%s' plant %s", lang, program,
                   words);
    yw_buf_init(out, OUTPUT_MAX);
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    while ((size = fread(chunk, 1, sizeof chunk, pipe)) > 0)
        yw_buf_put(out, chunk, size);
    int status = pclose(pipe);

    assert_true(WIFEXITED(status));
    assert_false(out->overflow);
    return WEXITSTATUS(status);
}

static void read_all(const char *path, struct yw_buf *out)
{
    char chunk[4096];
    size_t size = 0;
    FILE *file = fopen(path, "r");

    if (file == NULL)
        fail_msg("%s: not there", path);
    yw_buf_init(out, OUTPUT_MAX);
    while ((size = fread(chunk, 1, sizeof chunk, file)) > 0)
        yw_buf_put(out, chunk, size);
    (void)fclose(file);
}

static void compare(const struct yw_buf *got, const char *name)
{
    char path[256];
    struct yw_buf wanted;

    (void)snprintf(path, sizeof path, "tests/golden/plant/%s", name);
    if (getenv("YW_GOLDEN_UPDATE") != NULL) {
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        assert_int_equal(fwrite(got->data, 1, got->size, file), got->size);
        assert_int_equal(fclose(file), 0);
    }
    read_all(path, &wanted);
    if (got->size != wanted.size || memcmp(got->data, wanted.data, got->size) != 0)
        fail_msg("%s differs; got: %s", path, got->data);
    yw_buf_fini(&wanted);
}

static void golden(const char *lang, const char *words, const char *name)
{
    struct yw_buf out;

    assert_int_equal(run(&out, lang, words), 0);
    compare(&out, name);
    yw_buf_fini(&out);
}

static void expect(const char *words, int status, const char *part)
{
    struct yw_buf out;
    int got = run(&out, "en", words);

    if (got != status)
        fail_msg("plant %s: status %d, expected %d: %s", words, got, status, out.data);
    if (strstr(out.data, part) == NULL)
        fail_msg("plant %s: no '%s' in: %s", words, part, out.data);
    yw_buf_fini(&out);
}

static void formats_stay(void **state)
{
    (void)state;
    golden("en", "list --json", "list.json");
    golden("zh", "list", "list.zh.txt");
    golden("en", "show quad-tank --json", "show.json");
    golden("zh", "show grid-feeder", "show.zh.txt");
    golden("en", "show cstr", "show.en.txt");
    golden("en", STORY "--csv", "run.csv");
    golden("en", STORY "--json", "run.json");
    golden("en", STORY, "run.en.txt");
    golden("zh", STORY, "run.zh.txt");
}

static void a_plot_stays(void **state)
{
    (void)state;
    char path[] = "/tmp/yw-plot-XXXXXX", words[512];
    struct yw_buf out, plot;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    (void)close(fd);
    (void)snprintf(words, sizeof words, BURST "--step 5 --plot %s", path);
    assert_int_equal(run(&out, "en", words), 0);
    assert_non_null(strstr(out.data, "level 5  ruptured > 0.5"));
    read_all(path, &plot);
    compare(&plot, "burst.svg");
    yw_buf_fini(&plot);
    yw_buf_fini(&out);
    assert_int_equal(unlink(path), 0);
}

/* What `plant run` says is what the oracles say: 3000 kPa after 80 s, rupture after 137. */
static void crossings_meet_the_oracle(void **state)
{
    (void)state;
    struct yw_buf out;
    char value[64];
    double at_s;

    assert_int_equal(run(&out, "en", BURST "--json"), 0);
    for (int i = 0; i < 5; i++) {
        char where[64];

        (void)snprintf(where, sizeof where, "/crossed/%d/level", i);
        assert_int_equal(yw_json_get(out.data, out.size, where, value, sizeof value), 0);
        if (strcmp(value, "4") != 0 && strcmp(value, "5") != 0)
            continue;
        int level = value[0] - '0';

        (void)snprintf(where, sizeof where, "/crossed/%d/at_s", i);
        assert_int_equal(yw_json_get(out.data, out.size, where, value, sizeof value), 0);
        at_s = strtod(value, NULL);
        assert_true(level == 4 ? at_s > 79.2 && at_s < 80.8
                               : at_s > 135.6 && at_s < 138.4);
    }
    yw_buf_fini(&out);
}

/* A drill's report adds up what happened in its plants, and tells the faults. */
static void a_report_adds_up(void **state)
{
    (void)state;
    char path[] = "/tmp/yw-journal-XXXXXX", words[512];
    struct yw_buf out;

    assert_non_null(mkdtemp(path));
    (void)snprintf(
        words, sizeof words,
        "list > /dev/null; '%s' rehearse tests/rehearsal/faults --journal "
        "%s/j.ndjson > /dev/null; '%s' report --format md --lang en %s/j.ndjson; rm "
        "-r %s",
        program, path, program, path, path);
    assert_int_equal(run(&out, "en", words), 0);
    assert_non_null(strstr(out.data, "works: level over time "));
    assert_non_null(strstr(out.data, "p101 of works trips from 00:08:00 (fault)"));
    yw_buf_fini(&out);
}

static void wrong_use_is_named(void **state)
{
    (void)state;
    expect("2>&1", 2, "plant list | plant show MODEL | plant run MODEL");
    expect("lst 2>&1", 2, "did you mean 'list'");
    expect("show 2>&1", 2, "usage: yanwu plant show MODEL");
    expect("show cst 2>&1", 2, "did you mean 'cstr'");
    expect("run cstr 2>&1", 2, "needs --seconds");
    expect("run cstr --seconds 0 2>&1", 2,
           "--seconds: expected seconds above 0; got '0'");
    expect("run cstr --seconds 1e9 2>&1", 2,
           "--seconds: expected above 0, at most 60000000");
    expect("run cstr --seconds 9 --step 0.01 2>&1", 2, "runs at 0.03 s a step; got 0.01");
    expect("run cstr --seconds 100001 --step 1 2>&1", 2, "at most 100000 samples");
    expect("run cstr --seconds 9 --control of 2>&1", 2, "expected on or off; got 'of'");
    expect("run cstr --seconds 9 --set tc=3 2>&1", 2, "--set: no input 'tc'");
    expect("run cstr --seconds 9 --set tc_colant=3 2>&1", 2, "did you mean 'tc_coolant'");
    expect("run cstr --seconds 9 --set tc_coolant 2>&1", 2,
           "expected NAME=VALUE[@SECONDS]");
    expect("run cstr --seconds 9 --set tc_coolant=x 2>&1", 2,
           "expected a number; got 'x'");
    expect("run cstr --seconds 9 --set tc_coolant=1 2>&1", 2, "1 is outside 250..350");
    expect("run cstr --seconds 9 --set tc_coolant=300@-1 2>&1", 2,
           "expected seconds from 0");
    expect("run cstr --seconds 9 --set 2>&1", 2, "--set needs a value");
    expect("run cstr --seconds 9 --init temp_k=1 2>&1", 2, "is no tag that can be set");
    expect("run te-reactor --seconds 9 --init cost=1 2>&1", 2,
           "is no tag that can be set");
    expect("run cstr --seconds 9 --fault boas:temperature_k=1 2>&1", 2,
           "no kind 'boas'; did you mean 'bias'");
    expect("run cstr --seconds 9 --fault leak:temperature_k=1 2>&1", 2,
           "leak cannot befall 'temperature_k'");
    expect("run cstr --seconds 9 --fault bias 2>&1", 2, "expected KIND:TARGET");
    expect("run te-reactor --seconds 9 --fault leak:e_stop=1 2>&1", 2,
           "leak cannot befall 'e_stop'; it can 'pressure_kpa'");
    expect("run cstr --seconds 9 --csv --json 2>&1", 2, "--csv or --json, not both");
    expect("run grid-feeder --seconds 1 --control off", 0, "production lost 0 s");
    expect("run cstr --seconds 9 --plot /nowhere/x.svg 2>&1", 1, "/nowhere/x.svg");
}

/* A value that lasts one step: the safety valve lifts, and the pressure is back below. */
static void a_limit_crossed_for_a_step_is_told(void **state)
{
    (void)state;
    expect("run boiler-turbine --seconds 100 --control off --set u1_fuel=1", 0,
           "86.65 s  level 2  pressure_kg_cm2 > 130  safety valve lifts");
}

static void orders_end_at_their_limit(void **state)
{
    (void)state;
    expect("run quad-tank --seconds 1 `yes -- --set=v1=3 | head -256` 2>&1", 0,
           "Quadruple tank");
    expect("run quad-tank --seconds 1 `yes -- --set=v1=3 | head -257` 2>&1", 2,
           "at most 256 of --init, --set and --fault");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_stay),
        cmocka_unit_test(a_plot_stays),
        cmocka_unit_test(crossings_meet_the_oracle),
        cmocka_unit_test(a_report_adds_up),
        cmocka_unit_test(wrong_use_is_named),
        cmocka_unit_test(a_limit_crossed_for_a_step_is_told),
        cmocka_unit_test(orders_end_at_their_limit),
    };

    if (argc != 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
