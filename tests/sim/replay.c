/* Replay: a journal folded again says the same, byte for byte, and a rehearsal in another
 * process writes the same journal. What was written can be checked by a stranger: one
 * byte changed and the record is named. */
#include "outcome.h"

#include "base/mem.h"
#include "codec/state/state_duty.h"
#include "drill/exercise/plant_facts.h"

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

#define FILE_MAX ((size_t)16 * 1024 * 1024)

struct replay {
    char dir[64];
    struct yw_package *package;
};

static int set_up(void **state)
{
    struct replay *replay = yw_new(sizeof *replay);

    *state = replay;
    (void)snprintf(replay->dir, sizeof replay->dir, "/tmp/yw-replay-XXXXXX");
    assert_non_null(mkdtemp(replay->dir));
    replay->package = sim_package("tests/drills/dosing-line");
    return 0;
}

static void path_in(const struct replay *replay, const char *name, char path[128])
{
    (void)snprintf(path, 128, "%s/%s", replay->dir, name);
}

static int tear_down(void **state)
{
    struct replay *replay = *state;
    static const char *const names[] = {"a", "b", "flipped", "output"};
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path_in(replay, names[i], path);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(replay->dir), 0);
    yw_package_free(replay->package);
    free(replay);
    return 0;
}

/* Exit status of the binary; what it says goes to `output`. */
static int yanwu(const struct replay *replay, const char *words)
{
    char output[128];

    path_in(replay, "output", output);
    char *line = yw_strf("'%s/orchestrator/cli/yanwu' %s > '%s' 2>&1", getenv("YW_BUILD"),
                         words, output);
    int status = system(line);

    free(line);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char *slurp(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "re");
    char *bytes = yw_new(FILE_MAX + 1);

    assert_non_null(file);
    *ret_size = fread(bytes, 1, FILE_MAX, file);
    assert_true(*ret_size < FILE_MAX);
    assert_int_equal(fclose(file), 0);
    return bytes;
}

static void spill(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void rehearse(const struct replay *replay, const char *name)
{
    char path[128];

    path_in(replay, name, path);
    char *words = yw_strf("rehearse '%s/tests/drills/dosing-line' --seed 7 --journal '%s'",
                          getenv("YW_SOURCE"), path);

    assert_int_equal(yanwu(replay, words), 0);
    free(words);
}

static void two_processes_write_one_journal(void **state)
{
    const struct replay *replay = *state;
    char path[128];
    size_t a_size = 0;
    size_t b_size = 0;

    rehearse(replay, "a");
    rehearse(replay, "b");
    path_in(replay, "a", path);
    char *a = slurp(path, &a_size);

    path_in(replay, "b", path);
    char *b = slurp(path, &b_size);

    assert_true(a_size > 100000);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a, b, a_size);
    free(a);
    free(b);
}

static int verify(const struct replay *replay, const char *name)
{
    char path[128];

    path_in(replay, name, path);
    char *words = yw_strf("verify '%s'", path);
    int status = yanwu(replay, words);

    free(words);
    return status;
}

/* The number of the line that holds byte `at`: records are lines, from 1. */
static int line_of(const char *bytes, size_t at)
{
    int line = 1;

    for (size_t i = 0; i < at; i++)
        line += bytes[i] == '\n';
    return line;
}

static void a_flipped_byte_is_found(void **state)
{
    const struct replay *replay = *state;
    char path[128];
    size_t size = 0;

    rehearse(replay, "a");
    assert_int_equal(verify(replay, "a"), 0);
    path_in(replay, "a", path);
    char *bytes = slurp(path, &size);

    for (size_t i = 1; i <= 6; i++) {
        size_t said_size = 0;
        char expected[32];
        size_t at = size / 7 * i;

        bytes[at] ^= 1;
        path_in(replay, "flipped", path);
        spill(path, bytes, size);
        assert_int_equal(verify(replay, "flipped"), 1);
        bytes[at] ^= 1;
        path_in(replay, "output", path);
        char *said = slurp(path, &said_size);

        (void)snprintf(expected, sizeof expected, "%d", line_of(bytes, at));
        if (strstr(said, expected) == NULL)
            fail_msg("a byte of record %s: %s", expected, said);
        free(said);
    }
    free(bytes);
}

struct fold {
    struct yw_view view;
    struct yw_score score;
};

static int on_event(void *arg, const struct yw_event *event)
{
    struct fold *fold = arg;

    if (yw_view_apply(&fold->view, event))
        yw_score_apply(&fold->score, event);
    return 0;
}

/* The board of one audience from nothing but the journal. */
static char *fold_again(struct yw_rehearsal *rehearsal, enum yw_audience audience,
                        int team)
{
    const char *drill = yw_rehearsal_drill(rehearsal);
    struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsal);
    struct yw_journal *journal = yw_conductor_journal(conductor, drill);
    struct fold *fold = yw_new(sizeof *fold);
    char head[YW_HASH_TEXT_SIZE];
    struct yw_hash hash;
    int64_t seq = 0;
    struct yw_err err = {0};
    struct yw_buf out;

    yw_view_init(&fold->view, audience, team);
    yw_score_init(&fold->score);
    assert_int_equal(yw_journal_read(journal, 1, on_event, fold, &err), 0);
    yw_journal_head(journal, &seq, &hash);
    yw_hash_text(&hash, head);
    struct yw_state_now now = {.drill = drill,
                               .head = head,
                               .wall_us = yw_rehearsal_wall_us(rehearsal),
                               .drill_ms = yw_conductor_drill_ms(conductor, drill),
                               .plant_facts = yw_plant_facts,
                               .duty = yw_state_write_duty,
                               .law = yw_conductor_law(conductor)};

    yw_buf_init(&out, YW_STATE_MAX);
    yw_state_encode(&out, &fold->view, &fold->score, &now);
    assert_false(out.overflow);
    yw_view_fini(&fold->view);
    yw_score_fini(&fold->score);
    free(fold);
    return yw_buf_steal(&out);
}

static void expect_refold(struct yw_rehearsal *rehearsal, enum yw_audience audience,
                          int team)
{
    char *live = sim_board(rehearsal, audience, team);
    char *once = fold_again(rehearsal, audience, team);
    char *twice = fold_again(rehearsal, audience, team);

    assert_string_equal(live, once);
    assert_string_equal(once, twice);
    free(live);
    free(once);
    free(twice);
}

static void every_board_is_the_fold_of_the_journal(void **state)
{
    const struct replay *replay = *state;
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    sim_config(&config, replay->package);
    config.stop_after = 1000;
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    assert_int_equal(yw_rehearsal_run(rehearsal, &err), YW_ECANCELED);
    assert_int_equal(yw_rehearsal_restart(rehearsal, &err), 0);
    expect_refold(rehearsal, YW_AUDIENCE_CONTROL, -1);
    expect_refold(rehearsal, YW_AUDIENCE_PUBLIC, -1);
    assert_int_equal(yw_rehearsal_run(rehearsal, &err), 0);
    expect_refold(rehearsal, YW_AUDIENCE_CONTROL, -1);
    expect_refold(rehearsal, YW_AUDIENCE_PUBLIC, -1);
    expect_refold(rehearsal, YW_AUDIENCE_TEAM, 0);
    expect_refold(rehearsal, YW_AUDIENCE_TEAM, 1);
    yw_rehearsal_close(rehearsal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_processes_write_one_journal),
        cmocka_unit_test(a_flipped_byte_is_found),
        cmocka_unit_test(every_board_is_the_fold_of_the_journal),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
