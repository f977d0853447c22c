#include "../golden/event_sample.h"

#include "base/mem.h"
#include "base/random.h"
#include "codec/state/state.h"
#include "model/words/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECRET "secret-of-the-control-room"

static bool facts(const char *model, struct yw_plant_facts *ret)
{
    if (strcmp(model, "water-dosing") != 0)
        return false;
    memset(ret, 0, sizeof *ret);
    ret->title = (struct yw_fact_words){"加药", "Dosing"};
    ret->tag_count = 2;
    ret->tags[0] = (struct yw_tag_facts){"naoh_mg_l", "mg/l", {"浓度", "Dose"}, 0, 2000};
    ret->tags[1] = (struct yw_tag_facts){"flow_m3_h", "m3/h", {"流量", "Flow"}, 0, 5};
    ret->limit_count = 1;
    ret->limits[0] = (struct yw_limit_facts){0, true, 120, 1, {"高", "high"}};
    return true;
}

struct board {
    struct yw_view views[4]; /* control, public, team 0, team 1 */
    int64_t seq;
};

static void board_init(struct board *board)
{
    memset(board, 0, sizeof *board);
    yw_view_init(&board->views[0], YW_AUDIENCE_CONTROL, -1);
    yw_view_init(&board->views[1], YW_AUDIENCE_PUBLIC, -1);
    yw_view_init(&board->views[2], YW_AUDIENCE_TEAM, 0);
    yw_view_init(&board->views[3], YW_AUDIENCE_TEAM, 1);
}

static void board_fini(struct board *board)
{
    for (size_t i = 0; i < 4; i++)
        yw_view_fini(&board->views[i]);
}

static void apply(struct board *board, struct yw_event *event, int team)
{
    event->seq = ++board->seq;
    event->team = team;
    event->drill_ms = board->seq * 1000;
    for (size_t i = 0; i < 4; i++) {
        bool applied = yw_view_apply(&board->views[i], event);
        int viewer = i < 2 ? -1 : (int)i - 2;
        enum yw_audience audience = i == 0   ? YW_AUDIENCE_CONTROL
                                    : i == 1 ? YW_AUDIENCE_PUBLIC
                                             : YW_AUDIENCE_TEAM;

        assert_int_equal(applied, yw_event_visible(event, audience, viewer));
    }
}

static void apply_sample(struct board *board, enum yw_event_kind kind, int team)
{
    struct yw_event event;

    event_sample(kind, &event);
    apply(board, &event, team);
}

/* Two teams with all their parts. */
static void declare(struct board *board)
{
    struct yw_event event;

    apply_sample(board, YW_EVENT_DRILL_CREATED, -1);
    apply_sample(board, YW_EVENT_TEAM_ADDED, 0);
    event_sample(YW_EVENT_TEAM_ADDED, &event);
    YW_COPY(event.team_added.name, "blue-slow");
    apply(board, &event, 1);
    for (int team = 0; team < 2; team++) {
        apply_sample(board, YW_EVENT_MACHINE_PLANNED, team);
        event_sample(YW_EVENT_MACHINE_PLANNED, &event);
        YW_COPY(event.machine_planned.machine, "jump");
        YW_COPY(event.machine_planned.addresses, SECRET);
        event.machine_planned.hidden = true;
        apply(board, &event, team);
        apply_sample(board, YW_EVENT_PLANT_PLANNED, team);
        event_sample(YW_EVENT_ATTACK_PLANNED, &event);
        YW_COPY(event.attack_planned.to, SECRET);
        apply(board, &event, team);
        apply_sample(board, YW_EVENT_OBJECTIVE_SET, team);
    }
}

static void play(struct board *board, int team)
{
    struct yw_event event;

    event_sample(YW_EVENT_STORY_STEP, &event);
    event.story_step.index = 1;
    YW_COPY(event.story_step.subject, SECRET);
    apply(board, &event, team);
    event_sample(YW_EVENT_ATTACK_STARTED, &event);
    YW_COPY(event.attack_started.argv, SECRET);
    apply(board, &event, team);
    event_sample(YW_EVENT_ATTACK_ENDED, &event);
    YW_COPY(event.attack_ended.output, SECRET);
    apply(board, &event, team);
    event_sample(YW_EVENT_PLANT_SAMPLE, &event);
    event.plant_sample.truth[0] = 777.125;
    apply(board, &event, team);
    apply_sample(board, YW_EVENT_PLANT_VIEW, team);
    apply_sample(board, YW_EVENT_PLANT_LEVEL, team);
    apply_sample(board, YW_EVENT_PLAYBOOK_STARTED, team);
    apply_sample(board, YW_EVENT_STEP_STARTED, team);
    apply_sample(board, YW_EVENT_STEP_ASKED, team);
}

static void encode(const struct board *board, size_t view, struct yw_buf *out)
{
    struct yw_state_now now = {
        .drill = "d1", .head = "", .wall_us = 5, .drill_ms = 6, .plant_facts = facts};
    struct yw_score score;

    yw_score_init(&score);
    yw_buf_init(out, YW_STATE_MAX);
    yw_state_encode(out, &board->views[view], &score, &now);
    assert_false(out->overflow);
    yw_score_fini(&score);
}

static bool has(const struct board *board, size_t view, const char *text)
{
    struct yw_buf out;

    encode(board, view, &out);
    bool found = strstr(out.data, text) != NULL;

    yw_buf_fini(&out);
    return found;
}

static void nothing_leaks_on_the_bytes(void **state)
{
    (void)state;
    struct board board;

    board_init(&board);
    declare(&board);
    play(&board, 0);
    play(&board, 1);
    assert_true(has(&board, 0, SECRET));
    assert_true(has(&board, 0, "777.125"));
    for (size_t view = 1; view < 4; view++) {
        assert_false(has(&board, view, SECRET));
        assert_false(has(&board, view, "777.125"));
        assert_false(has(&board, view, "\"attacks\""));
        assert_false(has(&board, view, "\"story\""));
        assert_false(has(&board, view, "jump"));
    }
    assert_false(has(&board, 1, "plc1"));
    assert_false(has(&board, 1, "naoh_mg_l\":{"));
    assert_false(has(&board, 1, "Assess"));
    assert_true(has(&board, 2, "100.25")); /* a team's own view values */
    assert_true(has(&board, 2, "Assess"));
    board_fini(&board);
}

static void a_team_sees_its_own_only(void **state)
{
    (void)state;
    struct board board;

    board_init(&board);
    declare(&board);
    play(&board, 0);
    assert_true(has(&board, 2, "\"questions\":{\"3:"));
    assert_true(has(&board, 3, "\"questions\":{}"));
    assert_true(has(&board, 3, "\"playbooks\":{}"));
    assert_false(has(&board, 3, "100.25"));
    assert_true(has(&board, 3, "\"machines\":{\"blue-slow\":"));
    board_fini(&board);
}

static void a_question_lives_and_closes(void **state)
{
    (void)state;
    struct board board;
    struct yw_event late;

    board_init(&board);
    declare(&board);
    play(&board, 0);
    assert_true(has(&board, 2, "\"state\":\"open\",\"step\":\"action--"));
    event_sample(YW_EVENT_STEP_LATE, &late);
    apply(&board, &late, 0);
    assert_true(has(&board, 2, "\"late\":true"));
    apply_sample(&board, YW_EVENT_STEP_ANSWERED, 0);
    assert_true(
        has(&board, 2, "\"answer\":{\"source\":\"10.20.2.66\",\"tampered\":\"true\"}"));
    assert_true(has(&board, 2, "\"state\":\"confirming\""));
    apply_sample(&board, YW_EVENT_STEP_CONFIRMED, 0);
    assert_true(has(&board, 2, "\"state\":\"answered\""));
    apply_sample(&board, YW_EVENT_STEP_ENDED, 0);
    assert_true(has(&board, 2, "\"state\":\"answered\""));
    assert_true(has(&board, 2, "\"status\":\"timeout_error\""));
    apply_sample(&board, YW_EVENT_PLAYBOOK_ENDED, 0);
    assert_true(has(&board, 2, "\"active\":false"));
    board_fini(&board);
}

/* Whatever happens next, the patch from before brings any viewer to the same bytes. */
static void patches_meet_the_snapshot(void **state)
{
    (void)state;
    struct board board;
    struct yw_random random;
    struct yw_buf before[4];
    struct yw_err err = {0};

    board_init(&board);
    declare(&board);
    play(&board, 0);
    play(&board, 1);
    for (size_t view = 0; view < 4; view++)
        encode(&board, view, &before[view]);
    yw_random_init(&random, 3, "patches");
    for (int round = 0; round < 120; round++) {
        const enum yw_event_kind kinds[] = {
            YW_EVENT_SAID,          YW_EVENT_PLANT_VIEW,    YW_EVENT_PLANT_LEVEL,
            YW_EVENT_REPORT_FILED,  YW_EVENT_LINK_CHANGED,  YW_EVENT_STEP_STARTED,
            YW_EVENT_STEP_ANSWERED, YW_EVENT_OBJECTIVE_MET, YW_EVENT_PLAYBOOK_STARTED};
        size_t pick = yw_random_below(&random, sizeof kinds / sizeof kinds[0]);

        apply_sample(&board, kinds[pick], (int)yw_random_below(&random, 2));
        for (size_t view = 0; view < 4; view++) {
            struct yw_buf after;
            struct yw_buf patch;
            struct yw_buf merged;

            encode(&board, view, &after);
            yw_buf_init(&patch, YW_STATE_MAX);
            yw_buf_init(&merged, YW_STATE_MAX);
            assert_int_equal(yw_state_diff(&patch, before[view].data, after.data, &err),
                             0);
            assert_int_equal(yw_state_merge(&merged, before[view].data, patch.data, &err),
                             0);
            assert_string_equal(merged.data, after.data);
            assert_true(patch.size <= after.size);
            yw_buf_fini(&before[view]);
            yw_buf_fini(&patch);
            yw_buf_fini(&merged);
            before[view] = after;
        }
    }
    for (size_t view = 0; view < 4; view++)
        yw_buf_fini(&before[view]);
    board_fini(&board);
}

static void diff_gives(const char *before, const char *after, const char *want)
{
    struct yw_buf out;
    struct yw_err err = {0};

    yw_buf_init(&out, 4096);
    if (yw_state_diff(&out, before, after, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(out.data, want);
    yw_buf_fini(&out);
}

static void merge_gives(const char *before, const char *patch, const char *want)
{
    struct yw_buf out;

    yw_buf_init(&out, 4096);
    assert_int_equal(yw_state_merge(&out, before, patch, NULL), 0);
    assert_string_equal(out.data, want);
    yw_buf_fini(&out);
}

static void patches_follow_rfc_7396(void **state)
{
    (void)state;
    struct yw_buf out;

    diff_gives("{\"a\":1,\"b\":{\"c\":[1,2]}}", "{\"b\":{\"c\":[1,2]},\"a\":1}", "{}");
    diff_gives("{\"b\":1,\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"x\":1.5}}",
               "{\"a\":{\"x\":1.5,\"y\":null},\"b\":null}");
    diff_gives("{\"a\":{\"x\":1}}", "{\"a\":[1]}", "{\"a\":[1]}");
    diff_gives("{\"a\":[0.0,{\"b\":1}]}", "{\"a\":[-0.0,{\"b\":1}]}",
               "{\"a\":[-0.0,{\"b\":1}]}");
    diff_gives("{\"a\":[{\"b\":1}]}", "{\"a\":[{\"b\":1}]}", "{}");
    diff_gives("{\"a\":[{\"b\":1}]}", "{\"a\":[{\"b\":1,\"c\":2}]}",
               "{\"a\":[{\"b\":1,\"c\":2}]}");
    /* the examples of the RFC's appendix A that have an object at the root */
    merge_gives("{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}");
    merge_gives("{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}");
    merge_gives("{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}");
    merge_gives("{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
                "{\"a\":{\"b\":\"d\"}}");
    merge_gives("{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}");
    merge_gives("{\"e\":null}", "{\"a\":1}", "{\"a\":1,\"e\":null}");
    yw_buf_init(&out, 4096);
    assert_int_equal(yw_state_diff(&out, "[", "{}", NULL), YW_EINVAL);
    assert_int_equal(
        yw_state_merge(&out, "{}", "{\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", NULL),
        YW_ELIMIT);
    yw_buf_fini(&out);
}

static void every_kind_has_its_sentence(void **state)
{
    (void)state;
    struct board board;

    board_init(&board);
    declare(&board);
    play(&board, 0);
    for (int kind = 0; kind < YW_EVENT_KINDS; kind++) {
        struct yw_event event;
        struct yw_text words = {0};

        event_sample((enum yw_event_kind)kind, &event);
        yw_event_words(&event, &board.views[0].state, &words);
        assert_true(words.zh[0] != '\0' && words.en[0] != '\0');
        assert_true(strcmp(words.zh, words.en) != 0);
        assert_true(yw_utf8_valid(words.zh, strlen(words.zh)));
        assert_true(yw_utf8_valid(words.en, strlen(words.en)));
    }
    board_fini(&board);
}

static void words_name_what_happened(void **state)
{
    (void)state;
    struct board board;
    struct yw_event event;
    struct yw_text words;

    board_init(&board);
    declare(&board);
    play(&board, 0);
    event_sample(YW_EVENT_STEP_ANSWERED, &event);
    yw_event_words(&event, &board.views[0].state, &words);
    assert_string_equal(words.zh,
                        "blue-quick 的 ir_lead 答复“研判告警”：tampered = true; "
                        "source = 10.20.2.66");
    event_sample(YW_EVENT_OBJECTIVE_MET, &event);
    yw_event_words(&event, &board.views[0].state, &words);
    assert_string_equal(words.en,
                        "blue-quick meets the objective: Dosing set-point tampering");
    yw_event_words(&event, &board.views[1].state, &words); /* the public reads the same */
    assert_string_equal(words.en,
                        "blue-quick meets the objective: Dosing set-point tampering");
    event_sample(YW_EVENT_REPORT_FILED, &event);
    memset(event.report_filed.text, 'x', sizeof event.report_filed.text - 1);
    memcpy(event.report_filed.text + 480, "演演演演演演演演演演演", 33);
    yw_event_words(&event, &board.views[0].state, &words);
    assert_true(yw_utf8_valid(words.zh, strlen(words.zh)));
    assert_true(yw_utf8_valid(words.en, strlen(words.en)));
    board_fini(&board);
}

/* The board keeps the last 50 and forgets the oldest. */
static void recent_events_are_a_ring(void **state)
{
    (void)state;
    struct board board;

    board_init(&board);
    declare(&board);
    for (int i = 0; i < YW_VIEW_RECENT + 5; i++)
        apply_sample(&board, YW_EVENT_SAID, 0);
    assert_null(yw_view_recent(&board.views[0], YW_VIEW_RECENT));
    assert_int_equal(yw_view_recent(&board.views[0], 0)->seq, board.seq);
    assert_int_equal(yw_view_recent(&board.views[0], YW_VIEW_RECENT - 1)->seq,
                     board.seq - YW_VIEW_RECENT + 1);
    board_fini(&board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaks_on_the_bytes),
        cmocka_unit_test(a_team_sees_its_own_only),
        cmocka_unit_test(a_question_lives_and_closes),
        cmocka_unit_test(patches_meet_the_snapshot),
        cmocka_unit_test(patches_follow_rfc_7396),
        cmocka_unit_test(every_kind_has_its_sentence),
        cmocka_unit_test(words_name_what_happened),
        cmocka_unit_test(recent_events_are_a_ring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
