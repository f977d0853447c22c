/* Conditions: every kind turning true and false, their memory, their causes, and trees
 * that a hostile host may send. */
#include "model/cond.h"

#include "base/mem.h"
#include "model/drill.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A state put together by hand: one team with a machine, a plant, an attack, an
 * objective. */
struct ground {
    struct yw_drill_state state;
    struct yw_team_fold *team;
    struct yw_machine_fold *jump;
    struct yw_plant_fold *works;
    struct yw_attack_fold *raise;
    struct yw_objective_fold *contained;
    bool (*judge)(void *arg, const struct yw_cond_node *node,
                  int64_t causes[YW_COND_CAUSES_MAX]);
};

static void begin(struct ground *g)
{
    struct yw_event event = {.seq = 1, .kind = YW_EVENT_DRILL_CREATED, .team = -1};

    g->judge = NULL;
    yw_drill_state_init(&g->state);
    assert_int_equal(yw_drill_apply(&g->state, &event, NULL), 0);
    event = (struct yw_event){.seq = 2, .kind = YW_EVENT_TEAM_ADDED};
    assert_int_equal(yw_drill_apply(&g->state, &event, NULL), 0);
    event = (struct yw_event){.seq = 3, .kind = YW_EVENT_MACHINE_PLANNED};
    YW_COPY(event.machine_planned.machine, "jump");
    assert_int_equal(yw_drill_apply(&g->state, &event, NULL), 0);
    event = (struct yw_event){.seq = 4, .kind = YW_EVENT_PLANT_PLANNED};
    YW_COPY(event.plant_planned.plant, "works");
    YW_COPY(event.plant_planned.model, "water-dosing");
    assert_int_equal(yw_drill_apply(&g->state, &event, NULL), 0);
    event = (struct yw_event){.seq = 5, .kind = YW_EVENT_ATTACK_PLANNED};
    YW_COPY(event.attack_planned.attack, "raise");
    assert_int_equal(yw_drill_apply(&g->state, &event, NULL), 0);
    event = (struct yw_event){.seq = 6, .kind = YW_EVENT_OBJECTIVE_SET};
    YW_COPY(event.objective_set.objective, "contained");
    assert_int_equal(yw_drill_apply(&g->state, &event, NULL), 0);
    g->team = yw_drill_team(&g->state, 0);
    g->jump = yw_drill_machine(&g->state, 0, "jump");
    g->works = yw_drill_plant(&g->state, 0, "works");
    g->raise = yw_drill_attack(&g->state, 0, "raise");
    g->contained = yw_drill_objective(&g->state, 0, "contained");
}

static int leaf(struct yw_cond *cond, enum yw_cond_kind kind, const char *subject,
                double number)
{
    struct yw_cond_node *node = &cond->nodes[cond->count];

    node->kind = kind;
    YW_COPY(node->subject, subject);
    YW_COPY(node->tag, kind >= YW_COND_TAG_ABOVE ? "naoh_mg_l" : "");
    node->number = number;
    return (int)cond->count++;
}

static int over(struct yw_cond *cond, enum yw_cond_kind kind, int child, int other)
{
    struct yw_cond_node *node = &cond->nodes[cond->count];

    node->kind = kind;
    node->children[node->child_count++] = child;
    if (other >= 0)
        node->children[node->child_count++] = other;
    return (int)cond->count++;
}

static struct yw_cond_result eval(const struct yw_cond *cond, struct yw_cond_watch *watch,
                                  const struct ground *g, int64_t drill_ms, bool ended)
{
    struct yw_cond_watch fresh;
    struct yw_cond_result result;

    yw_cond_watch_init(&fresh);
    assert_null(yw_cond_flaw(cond));
    yw_cond_eval(cond, watch ? watch : &fresh,
                 &(struct yw_cond_scene){.state = &g->state,
                                         .drill_ms = drill_ms,
                                         .ended = ended,
                                         .judge = g->judge,
                                         .arg = (void *)(uintptr_t)g},
                 &result);
    return result;
}

static bool holds(enum yw_cond_kind kind, const char *subject, double number,
                  const struct ground *g, int64_t *ret_cause)
{
    struct yw_cond cond = {.count = 0};

    leaf(&cond, kind, subject, number);
    struct yw_cond_result result = eval(&cond, NULL, g, 0, false);

    *ret_cause = result.causes[0];
    return result.holds;
}

static void test_facts(void **state)
{
    (void)state;
    struct ground g;
    int64_t cause;

    begin(&g);
    assert_false(holds(YW_COND_ISOLATED, "jump", 0, &g, &cause));
    g.jump->link_up = false;
    g.jump->link_seq = 40;
    assert_true(holds(YW_COND_ISOLATED, "jump", 0, &g, &cause));
    assert_int_equal(cause, 40);
    assert_false(holds(YW_COND_ISOLATED, "nobody", 0, &g, &cause));

    assert_false(holds(YW_COND_ALARM, "works", 0, &g, &cause));
    assert_true(holds(YW_COND_LEVEL_AT_MOST, "works", 0, &g, &cause));
    g.works->level = 2;
    g.works->level_seq = 41;
    assert_true(holds(YW_COND_ALARM, "works", 0, &g, &cause));
    assert_int_equal(cause, 41);
    assert_false(holds(YW_COND_LEVEL_AT_MOST, "works", 1, &g, &cause));
    assert_true(holds(YW_COND_LEVEL_AT_MOST, "works", 2, &g, &cause));
    assert_true(holds(YW_COND_LEVEL_AT_LEAST, "works", 2, &g, &cause));
    assert_false(holds(YW_COND_LEVEL_AT_LEAST, "works", 3, &g, &cause));

    assert_false(holds(YW_COND_MET, "contained", 0, &g, &cause));
    g.contained->state = YW_OBJECTIVE_LOST;
    assert_false(holds(YW_COND_MET, "contained", 0, &g, &cause));
    g.contained->state = YW_OBJECTIVE_MET;
    assert_true(holds(YW_COND_MET, "contained", 0, &g, &cause));
    yw_drill_state_fini(&g.state);
}

static void test_tags(void **state)
{
    (void)state;
    struct ground g;
    int64_t cause;

    begin(&g);
    assert_false(
        holds(YW_COND_TAG_BELOW, "works", 200, &g, &cause)); /* nothing is known */
    g.works->sampled = true;
    g.works->sample.count = 4;
    g.works->sample.truth[0] = 200;
    g.works->sample_seq = 42;
    assert_false(holds(YW_COND_TAG_ABOVE, "works", 200, &g, &cause));
    assert_false(holds(YW_COND_TAG_BELOW, "works", 200, &g, &cause));
    g.works->sample.truth[0] = 200.01;
    assert_true(holds(YW_COND_TAG_ABOVE, "works", 200, &g, &cause));
    assert_int_equal(cause, 42);
    g.works->sample.count = 0;
    assert_false(holds(YW_COND_TAG_ABOVE, "works", 200, &g, &cause));
    yw_drill_state_fini(&g.state);
}

static void test_reported(void **state)
{
    (void)state;
    struct ground g;
    int64_t cause;
    struct yw_report_fold early = {.seq = 49}, late = {.seq = 51};

    begin(&g);
    yw_vec_push(&g.team->reports, &early);
    assert_false(holds(YW_COND_REPORTED, "raise", 0, &g, &cause));
    g.raise->effect_seq = 50; /* the report came before */
    assert_false(holds(YW_COND_REPORTED, "raise", 0, &g, &cause));
    yw_vec_push(&g.team->reports, &late);
    assert_true(holds(YW_COND_REPORTED, "raise", 0, &g, &cause));
    assert_int_equal(cause, 51);
    yw_drill_state_fini(&g.state);
}

static void test_answered(void **state)
{
    (void)state;
    struct ground g;
    int64_t cause;
    struct yw_answer_fold answer = {.name_en = "Assess the alarm", .seq = 60};

    begin(&g);
    assert_false(holds(YW_COND_ANSWERED, "Assess the alarm", 0, &g, &cause));
    yw_vec_push(&g.team->answered, &answer);
    assert_true(holds(YW_COND_ANSWERED, "Assess the alarm", 0, &g, &cause));
    assert_int_equal(cause, 60);
    assert_false(holds(YW_COND_ANSWERED, "Assess", 0, &g, &cause));
    yw_drill_state_fini(&g.state);
}

static bool says_yes(void *arg, const struct yw_cond_node *node,
                     int64_t causes[YW_COND_CAUSES_MAX])
{
    (void)arg;
    causes[0] = 77;
    return strcmp(node->subject, "CQ.LADDER.1") == 0 || node->number == 300;
}

/* What the law says is asked of who knows it; of nobody, none of it holds. */
static void test_law(void **state)
{
    (void)state;
    struct ground g;
    int64_t cause;

    begin(&g);
    for (int kind = YW_COND_IN_TIME; kind < YW_COND_KINDS; kind++) {
        assert_true(yw_cond_is_of_law((enum yw_cond_kind)kind));
        assert_false(holds((enum yw_cond_kind)kind, "CQ.LADDER.1", 0, &g, &cause));
    }
    assert_false(yw_cond_is_of_law(YW_COND_TAG_BELOW));
    g.judge = says_yes;
    assert_true(holds(YW_COND_IN_TIME, "CQ.LADDER.1", 0, &g, &cause));
    assert_int_equal(cause, 77);
    assert_false(holds(YW_COND_IN_TIME, "CQ.LADDER.2", 0, &g, &cause));
    assert_true(holds(YW_COND_MERIT_AT_MOST, "detect", 300, &g, &cause));
    yw_drill_state_fini(&g.state);
}

static void test_operators(void **state)
{
    (void)state;
    struct ground g;
    struct yw_cond any = {.count = 0}, all = {.count = 0}, none = {.count = 0};

    begin(&g);
    over(&any, YW_COND_ANY, leaf(&any, YW_COND_ISOLATED, "jump", 0),
         leaf(&any, YW_COND_ALARM, "works", 0));
    over(&all, YW_COND_ALL, leaf(&all, YW_COND_ISOLATED, "jump", 0),
         leaf(&all, YW_COND_ALARM, "works", 0));
    over(&none, YW_COND_NOT, leaf(&none, YW_COND_ALARM, "works", 0), -1);
    assert_false(eval(&any, NULL, &g, 0, false).holds);
    assert_true(eval(&none, NULL, &g, 0, false).holds);
    g.works->level = 1;
    g.works->level_seq = 70;
    assert_true(eval(&any, NULL, &g, 0, false).holds);
    assert_int_equal(eval(&any, NULL, &g, 0, false).causes[0], 70);
    assert_false(eval(&all, NULL, &g, 0, false).holds);
    assert_false(eval(&none, NULL, &g, 0, false).holds);
    g.jump->link_up = false;
    g.jump->link_seq = 71;
    struct yw_cond_result result = eval(&all, NULL, &g, 0, false);

    assert_true(result.holds);
    assert_true(result.causes[0] + result.causes[1] == 141);
    struct yw_cond empty = {.count = 0};

    assert_false(eval(&empty, NULL, &g, 0, true).holds);
    yw_drill_state_fini(&g.state);
}

/* `for_`: without a break, and when to look again. */
static void test_for(void **state)
{
    (void)state;
    struct ground g;
    struct yw_cond cond = {.count = 0};
    struct yw_cond_watch watch;

    begin(&g);
    yw_cond_watch_init(&watch);
    over(&cond, YW_COND_FOR, leaf(&cond, YW_COND_ALARM, "works", 0), -1);
    cond.nodes[1].span_ms = 120000;
    assert_true(eval(&cond, &watch, &g, 1000, false).recheck_ms == INT64_MAX);
    g.works->level = 1;
    struct yw_cond_result result = eval(&cond, &watch, &g, 2000, false);

    assert_false(result.holds);
    assert_int_equal(result.recheck_ms, 122000);
    assert_false(eval(&cond, &watch, &g, 121999, false).holds);
    g.works->level = 0; /* a break: it begins anew */
    eval(&cond, &watch, &g, 121999, false);
    g.works->level = 1;
    assert_int_equal(eval(&cond, &watch, &g, 122000, false).recheck_ms, 242000);
    assert_false(eval(&cond, &watch, &g, 241999, false).holds);
    result = eval(&cond, &watch, &g, 242000, false);
    assert_true(result.holds);
    assert_true(result.recheck_ms == INT64_MAX);
    yw_drill_state_fini(&g.state);
}

/* never(works.naoh :above(200) :for_ "2m") */
static void test_never(void **state)
{
    (void)state;
    struct ground g;
    struct yw_cond cond = {.count = 0};
    struct yw_cond_watch watch;

    begin(&g);
    g.works->sampled = true;
    g.works->sample.count = 4;
    g.works->sample_seq = 80;
    g.state.phase_seq = 90;
    over(&cond, YW_COND_FOR, leaf(&cond, YW_COND_TAG_ABOVE, "works", 200), -1);
    cond.nodes[1].span_ms = 120000;
    over(&cond, YW_COND_NEVER, 1, -1);
    yw_cond_watch_init(&watch);
    assert_false(eval(&cond, &watch, &g, 0, false).holds); /* not before the end */
    struct yw_cond_result result = eval(&cond, &watch, &g, 1000, true);

    assert_true(result.holds);
    assert_int_equal(result.causes[0], 90);
    yw_cond_watch_init(&watch);
    g.works->sample.truth[0] = 300;
    result = eval(&cond, &watch, &g, 5000, false);
    assert_false(result.lost);
    assert_int_equal(result.recheck_ms, 125000);
    result = eval(&cond, &watch, &g, 125000, false);
    assert_true(result.lost);
    assert_int_equal(result.causes[0], 80);
    g.works->sample.truth[0] = 100; /* too late */
    result = eval(&cond, &watch, &g, 200000, true);
    assert_true(result.lost && !result.holds);
    yw_drill_state_fini(&g.state);
}

static void note_limit(void *arg, const char *plant, const char *tag, double number)
{
    assert_string_equal(plant, "works");
    assert_string_equal(tag, "naoh_mg_l");
    *(double *)arg += number;
}

static void test_words_and_limits(void **state)
{
    (void)state;
    struct yw_cond cond = {.count = 0};
    struct yw_buf out;
    double sum = 0;

    over(&cond, YW_COND_FOR, leaf(&cond, YW_COND_TAG_ABOVE, "works", 200), -1);
    cond.nodes[1].span_ms = 120000;
    over(&cond, YW_COND_NEVER, 1, -1);
    over(&cond, YW_COND_ANY, 2, leaf(&cond, YW_COND_ISOLATED, "jump", 0));
    /* the leaf was numbered before its parent */
    assert_null(yw_cond_flaw(&cond));
    yw_buf_init(&out, 4096);
    yw_cond_describe(&cond, &out);
    assert_string_equal(out.data, "any of: never(works.naoh_mg_l above 200 for 2 min); "
                                  "isolated(jump)");
    yw_buf_fini(&out);
    yw_cond_each_limit(&cond, note_limit, &sum);
    assert_true(sum == 200);
}

static void test_flaws(void **state)
{
    (void)state;
    struct yw_cond cond = {.count = 0};

    over(&cond, YW_COND_NOT, leaf(&cond, YW_COND_ALARM, "works", 0), -1);
    assert_null(yw_cond_flaw(&cond));
    struct yw_cond bad = cond;

    bad.nodes[1].children[0] = 1; /* its own child */
    assert_non_null(yw_cond_flaw(&bad));
    bad.nodes[1].children[0] = -1;
    assert_non_null(yw_cond_flaw(&bad));
    bad = cond;
    bad.nodes[1].child_count = 2; /* the same child twice: a tree no more */
    bad.nodes[1].kind = YW_COND_ALL;
    assert_non_null(yw_cond_flaw(&bad));
    bad = cond;
    bad.nodes[0].child_count = 1; /* a fact with a child */
    assert_non_null(yw_cond_flaw(&bad));
    bad = cond;
    bad.nodes[1].child_count = 0;
    assert_non_null(yw_cond_flaw(&bad));
    bad = cond;
    bad.nodes[0].number = (double)NAN;
    assert_non_null(yw_cond_flaw(&bad));
    bad = cond;
    bad.nodes[0].span_ms = YW_COND_SPAN_MAX_MS + 1;
    assert_non_null(yw_cond_flaw(&bad));
    bad = cond;
    bad.count = YW_COND_NODES_MAX + 1;
    assert_non_null(yw_cond_flaw(&bad));
    bad = cond;
    leaf(&bad, YW_COND_ALARM, "works", 0); /* two roots */
    assert_non_null(yw_cond_flaw(&bad));
    bad = cond;
    bad.nodes[0].kind = (enum yw_cond_kind)(YW_COND_KINDS);
    assert_non_null(yw_cond_flaw(&bad));
}

static void test_pack(void **state)
{
    (void)state;
    struct yw_cond cond = {.count = 0}, back;
    struct yw_buf out;
    struct yw_unpack in;

    over(&cond, YW_COND_FOR, leaf(&cond, YW_COND_TAG_ABOVE, "works", 200.5), -1);
    cond.nodes[1].span_ms = 120000;
    yw_buf_init(&out, 4096);
    yw_cond_pack(&out, &cond);
    yw_unpack_init(&in, out.data, out.size);
    assert_int_equal(yw_cond_unpack(&in, &back), 0);
    assert_true(yw_unpack_done(&in));
    assert_memory_equal(&cond, &back, sizeof cond);
    for (size_t i = 0; i < out.size; i++) {
        yw_unpack_init(&in, out.data, i);
        assert_int_equal(yw_cond_unpack(&in, &back), YW_EINVAL);
        assert_int_equal(back.count, 0);
    }
    for (size_t i = 0; i < out.size; i++) {
        char kept = out.data[i];

        out.data[i] = (char)0xff;
        yw_unpack_init(&in, out.data, out.size);
        if (yw_cond_unpack(&in, &back) == 0)
            assert_null(yw_cond_flaw(&back));
        out.data[i] = kept;
    }
    yw_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),     cmocka_unit_test(test_tags),
        cmocka_unit_test(test_reported),  cmocka_unit_test(test_answered),
        cmocka_unit_test(test_law),
        cmocka_unit_test(test_operators), cmocka_unit_test(test_for),
        cmocka_unit_test(test_never),     cmocka_unit_test(test_words_and_limits),
        cmocka_unit_test(test_flaws),     cmocka_unit_test(test_pack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
