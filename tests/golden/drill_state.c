/* The board's document of each audience, from the canned journal. What the control room
 * alone knows must not stand in the others. */
#include "base/hash.h"
#include "base/mem.h"
#include "codec/state/state.h"
#include "drill/exercise/plant_facts.h"
#include "store/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct board {
    struct yw_view view;
    struct yw_score score;
};

static int fold(void *arg, const struct yw_event *event)
{
    struct board *board = arg;

    (void)yw_view_apply(&board->view, event);
    yw_score_apply(&board->score, event);
    return 0;
}

static void encode(struct yw_buf *out, enum yw_audience audience, int team)
{
    struct board *board = yw_new(sizeof *board);
    struct yw_journal *journal = NULL;
    struct yw_err err = {0};
    char path[256];

    (void)snprintf(path, sizeof path, "%s/tests/golden/report/journal.ndjson",
                   getenv("YW_SOURCE"));
    yw_view_init(&board->view, audience, team);
    yw_score_init(&board->score);
    if (yw_journal_open_exported(&journal, path, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(yw_journal_read(journal, 1, fold, board, &err), 0);
    yw_journal_close(journal);
    struct yw_state_now now = {.drill = "water-dosing-1",
                               .head = "",
                               .wall_us = 1767226500550000,
                               .drill_ms = 900000,
                               .plant_facts = yw_plant_facts};

    yw_buf_init(out, YW_STATE_MAX);
    yw_state_encode(out, &board->view, &board->score, &now);
    assert_false(out->overflow);
    yw_view_fini(&board->view);
    yw_score_fini(&board->score);
    free(board);
}

static void compare(const char *name, const struct yw_buf *text)
{
    bool update = getenv("YW_GOLDEN_UPDATE") != NULL;
    char *want = yw_new(YW_STATE_MAX);
    char path[256];

    (void)snprintf(path, sizeof path, "%s/tests/golden/state/%s", getenv("YW_SOURCE"),
                   name);
    FILE *file = fopen(path, update ? "w+" : "r");

    if (file == NULL)
        fail_msg("no golden file %s", path);
    if (update) {
        assert_true(fprintf(file, "%s\n", text->data) > 0);
        rewind(file);
    }
    size_t size = fread(want, 1, YW_STATE_MAX - 1, file);

    (void)fclose(file);
    assert_true(size > 0 && want[size - 1] == '\n');
    want[size - 1] = '\0';
    assert_string_equal(text->data, want);
    free(want);
}

static void each_audience_has_its_document(void **state)
{
    (void)state;
    const struct {
        const char *name;
        enum yw_audience audience;
        int team;
    } cases[] = {{"control.json", YW_AUDIENCE_CONTROL, -1},
                 {"public.json", YW_AUDIENCE_PUBLIC, -1},
                 {"team.json", YW_AUDIENCE_TEAM, 0}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct yw_buf out;

        encode(&out, cases[i].audience, cases[i].team);
        compare(cases[i].name, &out);
        yw_buf_fini(&out);
    }
}

static void ranks_are_the_same_for_all(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct yw_buf out;

        encode(&out, (enum yw_audience)i, i == YW_AUDIENCE_TEAM ? 0 : -1);
        assert_non_null(
            strstr(out.data, "\"name\":\"blue-quick\",\"points\":477,\"rank\":1"));
        assert_non_null(
            strstr(out.data, "\"name\":\"blue-slow\",\"points\":44,\"rank\":2"));
        yw_buf_fini(&out);
    }
}

static void hidden_machines_stay_hidden(void **state)
{
    (void)state;
    struct yw_buf out;

    encode(&out, YW_AUDIENCE_TEAM, 0);
    assert_null(strstr(out.data, "10.20.4.66"));
    assert_null(strstr(out.data, "modbus write"));
    assert_null(strstr(out.data, "T0836"));
    yw_buf_fini(&out);
    encode(&out, YW_AUDIENCE_PUBLIC, -1);
    assert_null(strstr(out.data, "10.20."));
    assert_null(strstr(out.data, "T0836"));
    yw_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_audience_has_its_document),
        cmocka_unit_test(ranks_are_the_same_for_all),
        cmocka_unit_test(hidden_machines_stay_hidden),
    };

    if (yw_hash_setup() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
