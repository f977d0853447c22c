#include "response/chart.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define EDGES_A_STEP (3 + 3 + YW_PLAYBOOK_BRANCHES_MAX)

struct making {
    struct yw_chart *chart;
    const struct yw_playbook *playbook;
    int *opener; /* by step: whose branch it stands in, -1 the run's own */
    bool *seen;
};

static bool is_end(const struct making *m, int step)
{
    return m->playbook->steps[step].type == YW_PB_END;
}

int yw_chart_next(const struct yw_pb_step *step)
{
    return step->on_completion >= 0 ? step->on_completion : step->on_success;
}

/* Where the run really goes that is sent to `step` from within a branch of `opener`. */
static int resolve(const struct making *m, int step, int opener)
{
    while (opener >= 0 && is_end(m, step)) {
        const struct yw_pb_step *from = &m->playbook->steps[opener];
        int next = yw_chart_next(from);

        if (from->type == YW_PB_WHILE)
            return opener;
        step = next >= 0 ? next : step;
        opener = m->opener[opener];
    }
    return step;
}

static void draw(struct yw_chart *chart, int step)
{
    if (chart->node[step] >= 0)
        return;
    chart->step[chart->node_count] = step;
    chart->node[step] = (int)chart->node_count++;
}

static void add(struct making *m, int from, int to, enum yw_chart_by by,
                const char *value)
{
    struct yw_chart *chart = m->chart;

    if (from == to) /* a loop that only waits */
        return;
    draw(chart, to);
    chart->edges[chart->edge_count++] = (struct yw_chart_edge){from, to, by, value};
}

static void walk(struct making *m, int step, int opener);

/* A line to a step of the same thread. */
static void add_next(struct making *m, int from, int to, enum yw_chart_by by)
{
    int opener = m->opener[from];

    if (to < 0)
        return;
    add(m, from, resolve(m, to, opener), by, "");
    walk(m, to, opener);
}

static void add_branch(struct making *m, int from, int to, enum yw_chart_by by,
                       const char *value)
{
    if (to < 0)
        return;
    add(m, from, resolve(m, to, from), by, value);
    walk(m, to, from);
}

/* By which line an opener goes on that opens nothing; false: it always opens something. */
static bool passes(const struct yw_pb_step *step, enum yw_chart_by *ret)
{
    bool has_default = false;

    for (size_t i = 0; i < step->branch_count; i++)
        has_default = has_default || step->branches[i].is_default;
    *ret = step->type == YW_PB_WHILE    ? YW_CHART_DONE
           : step->type == YW_PB_SWITCH ? YW_CHART_DEFAULT
                                        : YW_CHART_FALSE;
    return step->type == YW_PB_WHILE || (step->type == YW_PB_IF && step->on_false < 0) ||
           (step->type == YW_PB_SWITCH && !has_default);
}

static void walk_opener(struct making *m, int index)
{
    const struct yw_pb_step *step = &m->playbook->steps[index];
    enum yw_chart_by by;

    add_branch(m, index, step->on_true, YW_CHART_TRUE, "");
    add_branch(m, index, step->on_false, YW_CHART_FALSE, "");
    for (size_t i = 0; i < step->branch_count; i++)
        add_branch(m, index, step->branches[i].step,
                   step->type == YW_PB_PARALLEL   ? YW_CHART_BRANCH
                   : step->branches[i].is_default ? YW_CHART_DEFAULT
                                                  : YW_CHART_CASE,
                   step->branches[i].value);
    if (passes(step, &by))
        add_next(m, index, yw_chart_next(step), by);
    else if (yw_chart_next(step) >= 0)
        walk(m, yw_chart_next(step), m->opener[index]);
}

static void walk(struct making *m, int index, int opener)
{
    const struct yw_pb_step *step = &m->playbook->steps[index];

    if (m->seen[index])
        return;
    m->seen[index] = true;
    m->opener[index] = opener;
    if (step->type == YW_PB_IF || step->type == YW_PB_WHILE ||
        step->type == YW_PB_SWITCH || step->type == YW_PB_PARALLEL) {
        walk_opener(m, index);
    } else {
        add_next(m, index, step->on_completion, YW_CHART_NEXT);
        add_next(m, index, step->on_success, YW_CHART_SUCCESS);
    }
    add_next(m, index, step->on_failure, YW_CHART_FAILURE);
}

void yw_chart_make(struct yw_chart *ret, const struct yw_playbook *playbook)
{
    struct making m = {.chart = ret, .playbook = playbook};
    size_t count = playbook->step_count;

    memset(ret, 0, sizeof *ret);
    ret->playbook = playbook;
    ret->node = yw_new_array(count + 1, sizeof *ret->node);
    ret->step = yw_new_array(count + 1, sizeof *ret->step);
    for (size_t i = 0; i < count; i++)
        ret->node[i] = -1;
    ret->edges = yw_new_array(count * EDGES_A_STEP + 1, sizeof *ret->edges);
    m.opener = yw_new_array(count + 1, sizeof *m.opener);
    m.seen = yw_new_array(count + 1, sizeof *m.seen);
    draw(ret, playbook->start);
    walk(&m, playbook->start, -1);
    if (playbook->exception >= 0) {
        draw(ret, playbook->exception);
        walk(&m, playbook->exception, -1);
    }
    struct yw_layout_edge *edges = yw_new_array(ret->edge_count + 1, sizeof *edges);

    for (size_t i = 0; i < ret->edge_count; i++)
        edges[i] = (struct yw_layout_edge){ret->node[ret->edges[i].from],
                                           ret->node[ret->edges[i].to]};
    yw_layout_make(&ret->layout, ret->node_count, edges, ret->edge_count);
    free(edges);
    free(m.opener);
    free(m.seen);
}

void yw_chart_fini(struct yw_chart *chart)
{
    if (chart == NULL)
        return;
    free(chart->node);
    free(chart->step);
    free(chart->edges);
    yw_layout_fini(&chart->layout);
}

const char *yw_chart_by_name(enum yw_chart_by by)
{
    static const char *const names[] = {
        [YW_CHART_NEXT] = "on_completion", [YW_CHART_SUCCESS] = "on_success",
        [YW_CHART_FAILURE] = "on_failure", [YW_CHART_TRUE] = "on_true",
        [YW_CHART_FALSE] = "on_false",     [YW_CHART_CASE] = "case",
        [YW_CHART_DEFAULT] = "default",    [YW_CHART_BRANCH] = "branch",
        [YW_CHART_DONE] = "done"};

    return names[by];
}
