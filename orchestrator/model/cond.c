#include "model/cond.h"

#include "model/drill.h"
#include "model/process.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* What one node of the tree says now. */
struct verdict {
    bool holds;
    int64_t causes[YW_COND_CAUSES_MAX];
};

struct evaluation {
    struct yw_cond_watch *watch;
    const struct yw_cond_scene *scene;
    const struct yw_drill_state *state; /* of the scene, and its team */
    int team;
    struct verdict verdicts[YW_COND_NODES_MAX];
    int64_t recheck_ms;
};

static bool is_operator(enum yw_cond_kind kind)
{
    return kind <= YW_COND_FOR;
}

static const char *node_flaw(const struct yw_cond_node *node, size_t index)
{
    bool one = node->kind == YW_COND_NOT || node->kind == YW_COND_NEVER ||
               node->kind == YW_COND_FOR;

    if ((unsigned)node->kind >= YW_COND_KINDS)
        return "unknown kind of condition";
    if (node->child_count > YW_COND_CHILDREN_MAX)
        return "too many children";
    if (!is_operator(node->kind) && node->child_count != 0)
        return "a fact has no children";
    if (one && node->child_count != 1)
        return "this operator needs exactly one condition";
    if (is_operator(node->kind) && node->child_count == 0)
        return "this operator needs at least one condition";
    for (size_t i = 0; i < node->child_count; i++) {
        if (node->children[i] < 0 || (size_t)node->children[i] >= index)
            return "children must stand before their parent";
    }
    if (node->span_ms < 0 || node->span_ms > YW_COND_SPAN_MAX_MS)
        return "the span is out of range";
    if (!isfinite(node->number))
        return "the number is not finite";
    return NULL;
}

const char *yw_cond_flaw(const struct yw_cond *cond)
{
    int parents[YW_COND_NODES_MAX] = {0};

    if (cond->count > YW_COND_NODES_MAX)
        return "too many conditions";
    for (size_t i = 0; i < cond->count; i++) {
        const struct yw_cond_node *node = &cond->nodes[i];
        const char *flaw = node_flaw(node, i);

        if (flaw)
            return flaw;
        for (size_t c = 0; c < node->child_count; c++)
            parents[node->children[c]]++;
    }
    for (size_t i = 0; i < cond->count; i++) {
        if (parents[i] != (i + 1 < cond->count ? 1 : 0))
            return "every condition but the last must stand in exactly one other";
    }
    return NULL;
}

void yw_cond_watch_init(struct yw_cond_watch *watch)
{
    for (size_t i = 0; i < YW_COND_NODES_MAX; i++) {
        watch->since_ms[i] = -1;
        watch->spoiled[i] = false;
    }
}

static void add_cause(struct verdict *verdict, int64_t seq)
{
    if (seq <= 0)
        return;
    for (size_t i = 0; i < YW_COND_CAUSES_MAX; i++) {
        if (verdict->causes[i] == seq)
            return;
        if (verdict->causes[i] == 0) {
            verdict->causes[i] = seq;
            return;
        }
    }
}

static void add_causes(struct verdict *verdict, const struct verdict *from)
{
    for (size_t i = 0; i < YW_COND_CAUSES_MAX; i++)
        add_cause(verdict, from->causes[i]);
}

static void eval_isolated(const struct evaluation *e, const struct yw_cond_node *node,
                          struct verdict *ret)
{
    const struct yw_machine_fold *machine =
        yw_drill_machine(e->state, e->team, node->subject);

    if (!machine || machine->link_up)
        return;
    ret->holds = true;
    add_cause(ret, machine->link_seq);
}

static void eval_reported(const struct evaluation *e, const struct yw_cond_node *node,
                          struct verdict *ret)
{
    const struct yw_attack_fold *attack =
        yw_drill_attack(e->state, e->team, node->subject);
    const struct yw_team_fold *team = yw_drill_team(e->state, e->team);

    if (!attack || attack->effect_seq == 0)
        return;
    for (size_t i = 0; i < team->reports.count; i++) {
        const struct yw_report_fold *report = yw_vec_at(&team->reports, i);

        if (report->seq > attack->effect_seq) {
            ret->holds = true;
            add_cause(ret, report->seq);
            add_cause(ret, attack->effect_seq);
            return;
        }
    }
}

static void eval_met(const struct evaluation *e, const struct yw_cond_node *node,
                     struct verdict *ret)
{
    const struct yw_objective_fold *objective =
        yw_drill_objective(e->state, e->team, node->subject);

    if (!objective || objective->state != YW_OBJECTIVE_MET)
        return;
    ret->holds = true;
    add_cause(ret, objective->met_seq);
}

static void eval_answered(const struct evaluation *e, const struct yw_cond_node *node,
                          struct verdict *ret)
{
    const struct yw_team_fold *team = yw_drill_team(e->state, e->team);

    for (size_t i = 0; team && i < team->answered.count; i++) {
        const struct yw_answer_fold *answer = yw_vec_at(&team->answered, i);

        if (strcmp(answer->name_en, node->subject) == 0) {
            ret->holds = true;
            add_cause(ret, answer->seq);
            return;
        }
    }
}

static void eval_level(const struct evaluation *e, const struct yw_cond_node *node,
                       struct verdict *ret)
{
    const struct yw_plant_fold *plant = yw_drill_plant(e->state, e->team, node->subject);

    if (!plant)
        return;
    double level = (double)plant->level;

    if (node->kind == YW_COND_ALARM)
        ret->holds = plant->level >= 1;
    else if (node->kind == YW_COND_LEVEL_AT_MOST)
        ret->holds = level <= node->number;
    else
        ret->holds = level >= node->number;
    if (ret->holds)
        add_cause(ret, plant->level_seq);
}

static void eval_tag(const struct evaluation *e, const struct yw_cond_node *node,
                     struct verdict *ret)
{
    const struct yw_plant_fold *plant = yw_drill_plant(e->state, e->team, node->subject);

    if (!plant || !plant->sampled)
        return;
    int tag = yw_process_tag(plant->model, node->tag);

    if (!yw_process_integral(tag) && (tag < 0 || tag >= plant->sample.count))
        return;
    double truth = tag == YW_PROCESS_LEVEL_SECONDS     ? plant->sample.level_s
                   : tag == YW_PROCESS_PRODUCTION_LOST ? plant->sample.lost_s
                                                       : plant->sample.truth[tag];

    ret->holds =
        node->kind == YW_COND_TAG_ABOVE ? truth > node->number : truth < node->number;
    if (ret->holds)
        add_cause(ret, plant->sample_seq);
}

static void eval_any(const struct evaluation *e, const struct yw_cond_node *node,
                     struct verdict *ret)
{
    for (size_t i = 0; i < node->child_count && !ret->holds; i++) {
        const struct verdict *child = &e->verdicts[node->children[i]];

        if (child->holds)
            *ret = *child;
    }
}

static void eval_all(const struct evaluation *e, const struct yw_cond_node *node,
                     struct verdict *ret)
{
    ret->holds = true;
    for (size_t i = 0; i < node->child_count; i++) {
        const struct verdict *child = &e->verdicts[node->children[i]];

        ret->holds = ret->holds && child->holds;
        add_causes(ret, child);
    }
}

static void eval_never(const struct evaluation *e, const struct verdict *child,
                       size_t index, struct verdict *ret)
{
    if (child->holds && !e->watch->spoiled[index]) {
        e->watch->spoiled[index] = true;
        add_causes(ret, child);
    }
    ret->holds = e->scene->ended && !e->watch->spoiled[index];
    if (ret->holds)
        add_cause(ret, e->state->phase_seq);
}

static void eval_for(struct evaluation *e, const struct yw_cond_node *node,
                     const struct verdict *child, size_t index, struct verdict *ret)
{
    int64_t *since_ms = &e->watch->since_ms[index];

    if (!child->holds) {
        *since_ms = -1;
        return;
    }
    if (*since_ms < 0)
        *since_ms = e->scene->drill_ms;
    ret->holds = e->scene->drill_ms - *since_ms >= node->span_ms;
    add_causes(ret, child);
    if (!ret->holds && *since_ms + node->span_ms < e->recheck_ms)
        e->recheck_ms = *since_ms + node->span_ms;
}

bool yw_cond_is_of_law(enum yw_cond_kind kind)
{
    return kind >= YW_COND_IN_TIME && kind < YW_COND_KINDS;
}

static void eval_law(const struct evaluation *e, const struct yw_cond_node *node,
                     struct verdict *ret)
{
    if (e->scene->judge != NULL)
        ret->holds = e->scene->judge(e->scene->arg, node, ret->causes);
}

static void eval_node(struct evaluation *e, const struct yw_cond_node *node, size_t index)
{
    struct verdict *ret = &e->verdicts[index];
    const struct verdict *child =
        node->child_count > 0 ? &e->verdicts[node->children[0]] : ret;

    switch (node->kind) {
    case YW_COND_ANY:
        eval_any(e, node, ret);
        break;
    case YW_COND_ALL:
        eval_all(e, node, ret);
        break;
    case YW_COND_NOT:
        ret->holds = !child->holds;
        break;
    case YW_COND_NEVER:
        eval_never(e, child, index, ret);
        break;
    case YW_COND_FOR:
        eval_for(e, node, child, index, ret);
        break;
    case YW_COND_ISOLATED:
        eval_isolated(e, node, ret);
        break;
    case YW_COND_REPORTED:
        eval_reported(e, node, ret);
        break;
    case YW_COND_MET:
        eval_met(e, node, ret);
        break;
    case YW_COND_ANSWERED:
        eval_answered(e, node, ret);
        break;
    case YW_COND_ALARM:
    case YW_COND_LEVEL_AT_MOST:
    case YW_COND_LEVEL_AT_LEAST:
        eval_level(e, node, ret);
        break;
    case YW_COND_TAG_ABOVE:
    case YW_COND_TAG_BELOW:
        eval_tag(e, node, ret);
        break;
    case YW_COND_IN_TIME:
    case YW_COND_GRADED_RIGHT:
    case YW_COND_MERIT_AT_MOST:
    case YW_COND_MERIT_AT_LEAST:
        eval_law(e, node, ret);
        break;
    case YW_COND_KINDS:
        break;
    }
}

void yw_cond_eval(const struct yw_cond *cond, struct yw_cond_watch *watch,
                  const struct yw_cond_scene *scene, struct yw_cond_result *ret)
{
    struct evaluation e = {.watch = watch,
                           .scene = scene,
                           .state = scene->state,
                           .team = scene->team,
                           .recheck_ms = INT64_MAX};

    *ret = (struct yw_cond_result){.recheck_ms = INT64_MAX};
    if (cond->count == 0)
        return;
    assert(cond->count <= YW_COND_NODES_MAX);
    /* every node, also where the answer is known: the watches must see each moment */
    for (size_t i = 0; i < cond->count; i++)
        eval_node(&e, &cond->nodes[i], i);
    size_t root = cond->count - 1;

    ret->holds = e.verdicts[root].holds;
    ret->lost = cond->nodes[root].kind == YW_COND_NEVER && watch->spoiled[root];
    ret->recheck_ms = e.recheck_ms;
    memcpy(ret->causes, e.verdicts[root].causes, sizeof ret->causes);
}

void yw_cond_each_limit(const struct yw_cond *cond,
                        void (*fn)(void *arg, const char *plant, const char *tag,
                                   double number),
                        void *arg)
{
    for (size_t i = 0; i < cond->count; i++) {
        const struct yw_cond_node *node = &cond->nodes[i];

        if (node->kind == YW_COND_TAG_ABOVE || node->kind == YW_COND_TAG_BELOW)
            fn(arg, node->subject, node->tag, node->number);
    }
}
