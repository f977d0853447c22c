/* Scores: the fading formula by hand-made rows, the fold by what it must not depend on.
 */
#include "score/score.h"

#include "base/mem.h"
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_fade(void **state)
{
    (void)state;
    static const struct {
        int64_t points, fades_to, over_ms, elapsed_ms, want;
    } rows[] = {
        {150, 40, 1200000, 0, 150},
        {150, 40, 1200000, -5, 150},     /* met before its start: no more than all */
        {150, 40, 1200000, 600000, 95},  /* half way */
        {150, 40, 1200000, 72000, 143},  /* 143.4 */
        {150, 40, 1200000, 1199999, 40}, /* 40.0001 */
        {150, 40, 1200000, 1200000, 40},
        {150, 40, 1200000, 999999999, 40},
        {150, 40, 0, 999999999, 150},
        {3, 0, 2, 1, 2},   /* 1.5: half up */
        {1, 0, 2, 1, 1},   /* 0.5: half up */
        {0, -3, 2, 1, -1}, /* −1.5: half up is −1 */
        {0, 0, 1000, 500, 0},
        {100, 100, 1000, 500, 100},
        {YW_SCORE_POINTS_MAX + 1, 0, 0, 0, YW_SCORE_POINTS_MAX},
        {INT64_MAX, INT64_MIN, INT64_MAX, INT64_MAX, -YW_SCORE_POINTS_MAX},
        {INT64_MIN, INT64_MAX, INT64_MAX, 1, -YW_SCORE_POINTS_MAX},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(yw_score_fade(rows[i].points, rows[i].fades_to, rows[i].over_ms,
                                       rows[i].elapsed_ms),
                         rows[i].want);
}

static void test_fade_never_rises(void **state)
{
    (void)state;
    int64_t before = yw_score_fade(150, 40, 1200000, 0);

    for (int64_t ms = 0; ms <= 1200000; ms += 777) {
        int64_t now = yw_score_fade(150, 40, 1200000, ms);

        assert_true(now <= before && now >= 40);
        before = now;
    }
}

static void test_ranks(void **state)
{
    (void)state;
    struct yw_score_team teams[] = {{5, 0}, {9, 0}, {0, 0}, {9, 0}, {-2, 0}};

    yw_score_rank(teams, 5);
    assert_int_equal(teams[0].rank, 3);
    assert_int_equal(teams[1].rank, 1);
    assert_int_equal(teams[2].rank, 4);
    assert_int_equal(teams[3].rank, 1);
    assert_int_equal(teams[4].rank, 5);
}

static struct yw_event make(enum yw_event_kind kind, int team, int64_t drill_ms)
{
    return (struct yw_event){
        .seq = drill_ms + 1, .kind = kind, .team = team, .drill_ms = drill_ms};
}

static void begin(struct yw_score *score, int teams)
{
    yw_score_init(score);
    for (int i = 0; i < teams; i++) {
        struct yw_event event = make(YW_EVENT_TEAM_ADDED, i, 0);

        yw_score_apply(score, &event);
    }
    struct yw_event event = make(YW_EVENT_OBJECTIVE_SET, -1, 0);

    YW_COPY(event.objective_set.objective, "contained");
    event.objective_set.points = 150;
    event.objective_set.fades_to = 40;
    event.objective_set.over_ms = 1200000;
    yw_score_apply(score, &event);
}

static struct yw_event met(int team, int64_t drill_ms, int64_t since_ms)
{
    struct yw_event event = make(YW_EVENT_OBJECTIVE_MET, team, drill_ms);

    YW_COPY(event.objective_ref.objective, "contained");
    event.objective_ref.since_ms = since_ms;
    event.causes[0] = 97;
    event.causes[1] = 60;
    return event;
}

static struct yw_event ruling(int team, int64_t points)
{
    struct yw_event event = make(YW_EVENT_RULING, team, 900000);

    event.ruling.points = points;
    YW_COPY(event.ruling.reason, "超出演练范围");
    return event;
}

static int64_t points_of(const struct yw_score *score, size_t team)
{
    const struct yw_score_team *fold = yw_vec_at(&score->teams, team);

    return fold->points;
}

static void test_no_time_where_none_counts(void **state)
{
    (void)state;
    struct yw_score score;
    struct yw_event event = make(YW_EVENT_OBJECTIVE_SET, -1, 0);

    begin(&score, 1);
    YW_COPY(event.objective_set.objective, "safe");
    event.objective_set.points = 200;
    yw_score_apply(&score, &event);
    event = met(0, 900000, 0);
    YW_COPY(event.objective_ref.objective, "safe");
    yw_score_apply(&score, &event);
    const struct yw_score_line *line = yw_vec_at(&score.lines, 0);

    assert_string_equal(line->reason.en, "met, 200 of 200");
    assert_string_equal(line->reason.zh, "达成，得 200 分（满分 200 分）");
    yw_score_fini(&score);
}

static void test_line_names_causes(void **state)
{
    (void)state;
    struct yw_score score;

    begin(&score, 2);
    struct yw_event event = met(1, 372000, 300000);

    yw_score_apply(&score, &event);
    assert_int_equal(score.lines.count, 1);
    const struct yw_score_line *line = yw_vec_at(&score.lines, 0);

    assert_int_equal(line->team, 1);
    assert_int_equal(line->points, 143);
    assert_string_equal(line->subject, "contained");
    assert_string_equal(line->reason.en, "met after 00:01:12, 143 of 150");
    assert_string_equal(line->reason.zh, "用时 00:01:12 达成，得 143 分（满分 150 分）");
    assert_int_equal(line->causes[0], event.seq);
    assert_int_equal(line->causes[1], 97);
    assert_int_equal(line->causes[2], 60);
    assert_int_equal(line->causes[3], 0);
    assert_int_equal(points_of(&score, 0), 0);
    assert_int_equal(points_of(&score, 1), 143);
    yw_score_fini(&score);
}

static void test_settled_once(void **state)
{
    (void)state;
    struct yw_score score;

    begin(&score, 1);
    struct yw_event event = met(0, 1000, 0);

    yw_score_apply(&score, &event);
    event.seq++;
    yw_score_apply(&score, &event);
    assert_int_equal(score.lines.count, 1);
    yw_score_fini(&score);
    begin(&score, 1);
    event.kind = YW_EVENT_OBJECTIVE_LOST;
    yw_score_apply(&score, &event);
    event.kind = YW_EVENT_OBJECTIVE_MET;
    yw_score_apply(&score, &event);
    assert_int_equal(score.lines.count, 1);
    assert_int_equal(points_of(&score, 0), 0);
    yw_score_fini(&score);
}

static void test_nonsense_changes_nothing(void **state)
{
    (void)state;
    struct yw_score score;

    begin(&score, 1);
    struct yw_event event = met(0, 1000, 0);

    YW_COPY(event.objective_ref.objective, "unknown");
    yw_score_apply(&score, &event);
    event = met(7, 1000, 0);
    yw_score_apply(&score, &event);
    event = ruling(-1, 5);
    yw_score_apply(&score, &event);
    event = ruling(1, 5);
    yw_score_apply(&score, &event);
    assert_int_equal(score.lines.count, 0);
    yw_score_fini(&score);
}

static void test_rulings(void **state)
{
    (void)state;
    struct yw_score score;

    begin(&score, 2);
    struct yw_event event = ruling(0, -30);

    yw_score_apply(&score, &event);
    assert_int_equal(points_of(&score, 0), -30);
    assert_int_equal(((struct yw_score_team *)yw_vec_at(&score.teams, 0))->rank, 2);
    event = ruling(0, INT64_MAX);
    yw_score_apply(&score, &event);
    assert_int_equal(points_of(&score, 0), YW_SCORE_POINTS_MAX - 30);
    assert_int_equal(((struct yw_score_team *)yw_vec_at(&score.teams, 0))->rank, 1);
    yw_score_fini(&score);
}

/* The totals do not depend on the order of what different teams did; and folding twice,
 * or stopping at a prefix and going on, gives the same. */
static void test_order_and_prefix(void **state)
{
    (void)state;
    struct yw_event events[12];
    struct yw_score first, other;
    struct yw_random random;

    begin(&first, 4);
    for (int i = 0; i < 4; i++) {
        events[i * 3] = met(i, 1000 + i * 100000, 500);
        events[i * 3 + 1] = ruling(i, i * 7 - 10);
        events[i * 3 + 2] = ruling(i, 3);
    }
    for (size_t i = 0; i < 12; i++)
        yw_score_apply(&first, &events[i]);
    yw_random_init(&random, 1, "shuffle");
    for (int round = 0; round < 20; round++) {
        begin(&other, 4);
        for (size_t i = 11; i > 0; i--) {
            size_t k = yw_random_below(&random, i + 1);
            struct yw_event held = events[i];

            events[i] = events[k];
            events[k] = held;
        }
        for (size_t i = 0; i < 12; i++)
            yw_score_apply(&other, &events[i]);
        assert_memory_equal(first.teams.items, other.teams.items,
                            4 * sizeof(struct yw_score_team));
        yw_score_fini(&other);
    }
    yw_score_fini(&first);
}

static void test_lines_limit(void **state)
{
    (void)state;
    struct yw_score score;

    begin(&score, 1);
    for (int i = 0; i < YW_SCORE_LINES_MAX + 1; i++) {
        struct yw_event event = ruling(0, 1);

        yw_score_apply(&score, &event);
    }
    assert_int_equal(score.lines.count, YW_SCORE_LINES_MAX);
    assert_int_equal(points_of(&score, 0), YW_SCORE_LINES_MAX); /* total = sum of lines */
    yw_score_fini(&score);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fade),
        cmocka_unit_test(test_fade_never_rises),
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_line_names_causes),
        cmocka_unit_test(test_no_time_where_none_counts),
        cmocka_unit_test(test_settled_once),
        cmocka_unit_test(test_nonsense_changes_nothing),
        cmocka_unit_test(test_rulings),
        cmocka_unit_test(test_order_and_prefix),
        cmocka_unit_test(test_lines_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
