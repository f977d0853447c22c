#include "response/criterion.h"

#include "base/id.h"

#include <string.h>

static bool in_time(const struct yw_criterion_ground *ground,
                    const struct yw_cond_node *node, int64_t causes[YW_COND_CAUSES_MAX])
{
    const struct yw_duty_clocks *clocks = &ground->judged->clocks;
    size_t count = 0;

    for (size_t i = 0; i < clocks->count; i++) {
        const struct yw_duty_clock *clock = &clocks->items[i];

        if (strcmp(clock->duty->id, node->subject) != 0)
            continue;
        if (clock->state != YW_DUTY_MET)
            return false;
        if (count < YW_COND_CAUSES_MAX)
            causes[count] = clock->seq;
        count++;
    }
    return count > 0;
}

static bool graded_right(const struct yw_criterion_ground *ground,
                         const struct yw_cond_node *node,
                         int64_t causes[YW_COND_CAUSES_MAX])
{
    const struct yw_rule_pack *pack =
        yw_rules_pack(ground->scheme->exercise.rules, node->subject);
    struct yw_merit_graded graded;

    if (pack == NULL || !yw_merit_grade(ground->scheme, ground->view, ground->record,
                                        ground->team, pack, &graded))
        return false;
    causes[0] = graded.seq;
    return graded.distance == 0;
}

static bool measured(const struct yw_criterion_ground *ground,
                     const struct yw_cond_node *node, int64_t causes[YW_COND_CAUSES_MAX])
{
    int merit = yw_merit_find(node->subject);
    double value = 0;

    if (merit < 0 || (merit >= YW_MERIT_SPANS && !ground->ended) ||
        !yw_merit_value(ground->merits, merit, &value))
        return false;
    if (merit < YW_MERIT_SPANS) {
        causes[0] = ground->merits->spans[merit].to_seq;
        causes[1] = ground->merits->spans[merit].from_seq;
    } else if (merit == YW_MERIT_GRADE_DISTANCE) {
        causes[0] = ground->merits->grade_seq;
    } else if (merit == YW_MERIT_ACCURACY || merit == YW_MERIT_COMPLETENESS) {
        causes[0] = ground->merits->first_seq;
    } else {
        causes[0] = ground->scheme->state->phase_seq;
    }
    return node->kind == YW_COND_MERIT_AT_MOST ? value <= node->number
                                               : value >= node->number;
}

bool yw_criterion_holds(const struct yw_criterion_ground *ground,
                        const struct yw_cond_node *node,
                        int64_t causes[YW_COND_CAUSES_MAX])
{
    int64_t found[YW_COND_CAUSES_MAX] = {0};
    bool holds = false;

    if (node->kind == YW_COND_IN_TIME)
        holds = in_time(ground, node, found);
    else if (node->kind == YW_COND_GRADED_RIGHT)
        holds = ground->ended && graded_right(ground, node, found);
    else
        holds = measured(ground, node, found);
    if (holds)
        memcpy(causes, found, sizeof found);
    return holds;
}

static int unknown(struct yw_err *err, const char *what, const char *subject,
                   const char *near)
{
    char meant[YW_MEANT_MAX];

    return yw_err_set(err, YW_EINVAL, "%s '%s': the rules have none%s", what, subject,
                      yw_meant(meant, near));
}

static int check_pack(const struct yw_rules *rules, const char *subject,
                      struct yw_err *err)
{
    const char *ids[YW_RULES_PACKS_MAX];

    for (size_t i = 0; i < rules->pack_count; i++)
        ids[i] = rules->packs[i]->id;
    return yw_rules_pack(rules, subject) != NULL
               ? 0
               : unknown(err, "graded_right", subject,
                         yw_name_nearest(subject, ids, rules->pack_count));
}

static int check_node(const struct yw_rules *rules, const struct yw_cond_node *node,
                      struct yw_err *err)
{
    const char *subject = node->subject;

    if (node->kind == YW_COND_IN_TIME)
        return yw_rules_duty(rules, subject, NULL) != NULL
                   ? 0
                   : unknown(err, "reported_in_time", subject, NULL);
    if (node->kind == YW_COND_GRADED_RIGHT)
        return check_pack(rules, subject, err);
    if (yw_cond_is_of_law(node->kind) && yw_merit_find(subject) < 0)
        return yw_err_set(err, YW_EINVAL, "merit '%s': expected one of %s", subject,
                          yw_merit_all());
    return 0;
}

int yw_criterion_check(const struct yw_rules *rules, const struct yw_cond *cond,
                       struct yw_err *err)
{
    int code = 0;

    for (size_t i = 0; i < cond->count && code == 0; i++)
        code = check_node(rules, &cond->nodes[i], err);
    return code;
}
