/* New scenarios from templates, by the built binary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static const char *program;
static char folder[] = "/tmp/yw-new-XXXXXX";

/* Status of "yanwu <words>", F standing for the folder; the output is in `ret`. */
static int run(char ret[4096], const char *words)
{
    char command[1024], rest[4096];

    (void)snprintf(command, sizeof command, "F=%s; YW_LANG=en '%s' %s 2>&1", folder,
                   program, words);
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    ret[fread(ret, 1, 4095, pipe)] = '\0';
    while (fread(rest, 1, sizeof rest, pipe) > 0)
        ;
    int status = pclose(pipe);

    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect(const char *words, int status, const char *part)
{
    char out[4096];
    int got = run(out, words);

    if (got != status || strstr(out, part) == NULL)
        fail_msg("yanwu %s: status %d (expected %d), '%s' expected in: %s", words, got,
                 status, part, out);
}

static void test_a_new_one_is_sound(void **state)
{
    (void)state;
    expect("scenario list", 0, "Dosing set-point tampering");
    expect("scenario list --json", 0, "\"name\":\"water-dosing\"");
    expect("scenario new our-works --to $F", 0,
           "/our-works is there (from water-dosing)");
    expect("check $F/our-works", 0, "our-works  Dosing");
    expect("rehearse --json $F/our-works", 0, "\"scenario\":\"our-works\"");
    expect("scenario new second --to $F --from $F/our-works --json", 0,
           "\"name\":\"second\"");
    expect("check --json $F/second", 0, "\"id\":\"second\"");
    expect("version >/dev/null; cmp $F/second/README.md scenarios/water-dosing/README.md",
           0, "");
}

static void test_nothing_is_overwritten(void **state)
{
    (void)state;
    expect("scenario new once --to $F", 0, "once");
    expect("version >/dev/null; echo mine > $F/once/scenario.lua", 0, "");
    expect("scenario new once --to $F", 1, "is there already; nothing was changed");
    expect("version >/dev/null; cat $F/once/scenario.lua", 0, "mine");
    expect("scenario new Bad_Name --to $F", 2, "expected a name of a-z");
    expect("scenario new x --from nosuch --to $F", 2,
           "no scenario 'nosuch'; 'yanwu scenario");
    expect("scenario new x --from water-dosng --to $F", 2,
           "did you mean 'water-dosing'?");
    expect("scenario new x --from $F/once --to $F", 2, "scenario.lua");
    expect("version >/dev/null; ls $F | grep -c '^x'; true", 0, "0");
}

/* Writes the examples of a guide, each of which says in its first line which file it is. Returns
 * how many there are. */
static int write_examples(const char *guide, const char *to)
{
    char line[1024], name[64], path[256];
    FILE *in = fopen(guide, "re"), *out = NULL;
    int count = 0;

    assert_non_null(in);
    while (fgets(line, sizeof line, in) != NULL) {
        if (strcmp(line, "```lua\n") == 0) {
            if (fgets(line, sizeof line, in) == NULL ||
                sscanf(line, "-- %63[a-z.]", name) != 1)
                fail_msg("%s: an example names its file first: %s", guide, line);
            (void)snprintf(path, sizeof path, "%s/%s", to, name);
            out = fopen(path, "wex");
            assert_non_null(out);
            count++;
        } else if (out != NULL && strcmp(line, "```\n") == 0) {
            assert_int_equal(fclose(out), 0);
            out = NULL;
        } else if (out != NULL) {
            assert_true(fputs(line, out) >= 0);
        }
    }
    assert_null(out);
    assert_int_equal(fclose(in), 0);
    return count;
}

/* The guide's examples together are a scenario: without a warning, and with its players. */
static void test_the_guides_examples_play(void **state)
{
    static const char *const guides[] = {"scenarios/README.md",
                                         "scenarios/README.zh-CN.md"};

    (void)state;
    for (size_t i = 0; i < sizeof guides / sizeof guides[0]; i++) {
        char to[64], words[128];

        (void)snprintf(to, sizeof to, "%s/guide%zu", folder, i);
        assert_int_equal(mkdir(to, 0700), 0);
        assert_int_equal(write_examples(guides[i], to), 2);
        (void)snprintf(words, sizeof words, "check --json %s | tail -c 100", to);
        expect(words, 0, "\"warnings\":[]");
        (void)snprintf(words, sizeof words,
                       "rehearse --json %s | grep -o '\"findings\":.....'", to);
        expect(words, 0, "\"findings\":[],");
        (void)snprintf(words, sizeof words, "rehearse %s", to);
        expect(words, 0, "blue-quick: 1"); /* it has points */
    }
}

static int make(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int clear(void **state)
{
    char command[64];
    (void)state;

    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_one_is_sound),
        cmocka_unit_test(test_nothing_is_overwritten),
        cmocka_unit_test(test_the_guides_examples_play),
    };

    assert_true(argc == 2);
    program = argv[1];
    return cmocka_run_group_tests_name("cli_scenario", tests, make, clear);
}
