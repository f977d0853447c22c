#include "cli/playbook_text.h"

#include "base/clock.h"
#include "base/mem.h"
#include "response/chart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDENT_MAX 256

struct text {
    const struct yw_cli *cli;
    const struct yw_playbook *playbook;
    bool *seen; /* by step */
};

/* Until the end, or this step. `branch`: an end is not said. */
static void print_steps(struct text *t, int index, int until, const char *indent,
                        bool branch);

static const char *said(const struct text *t, const struct yw_text *text)
{
    return t->cli->english || text->zh[0] == '\0' ? text->en : text->zh;
}

static const char *name_of(const struct text *t, const struct yw_pb_step *step)
{
    const char *name = said(t, &step->name);

    return name[0] != '\0' ? name : step->id;
}

static const char *glyph_of(enum yw_pb_type type)
{
    switch (type) {
    case YW_PB_START:
        return "○";
    case YW_PB_END:
        return "●";
    case YW_PB_ACTION:
        return "□";
    case YW_PB_PLAYBOOK:
        return "▣";
    case YW_PB_PARALLEL:
        return "∥";
    case YW_PB_IF:
    case YW_PB_SWITCH:
        return "◇";
    case YW_PB_WHILE:
        return "↻";
    case YW_PB_TYPES:
        break;
    }
    return "?";
}

static const char *machine_of(const struct yw_pb_step *step)
{
    if (step->command_count == 0)
        return "";
    return step->commands[0].machine[0] != '\0' ? step->commands[0].machine
           : step->target_count > 0             ? step->targets[0]
                                                : "";
}

/* "  〔shift_lead · 05:00〕" */
static void print_marks(const struct yw_pb_step *step)
{
    char deadline[32] = "";
    const char *marks[4] = {step->role, deadline, "", ""};
    const char *before = "  〔";

    if (step->deadline_ms > 0)
        yw_clock_format_drill(step->deadline_ms, deadline);
    if (step->command_count > 0) {
        marks[2] = yw_pb_does(step->commands[0].kind);
        marks[3] = machine_of(step);
    }
    for (size_t i = 0; i < 4; i++) {
        if (marks[i][0] == '\0')
            continue;
        printf("%s%s", before, marks[i]);
        before = " · ";
    }
    if (before[1] == '\xc2')
        printf("〕");
}

static void print_step(const struct text *t, const struct yw_pb_step *step,
                       const char *indent)
{
    printf("%s%s %s", indent, glyph_of(step->type), name_of(t, step));
    print_marks(step);
    if (step->condition[0] != '\0')
        printf("  %s", step->condition);
    if (step->type == YW_PB_PLAYBOOK)
        printf("  %s", step->playbook);
    puts("");
}

static void print_branch(struct text *t, int first, int until, const char *label,
                         bool last, const char *indent)
{
    char inner[INDENT_MAX];

    printf("%s%s %s\n", indent, last ? "└" : "├", label);
    (void)yw_copyf(inner, sizeof inner, "%s%s   ", indent, last ? " " : "│");
    print_steps(t, first, until, inner, true);
}

static void print_branches(struct text *t, const struct yw_pb_step *step,
                           const char *indent)
{
    bool english = t->cli->english;
    bool fails = step->on_failure >= 0;
    char number[24];

    if (step->on_true >= 0)
        print_branch(t, step->on_true, -1,
                     step->type == YW_PB_WHILE ? english ? "each time" : "每次"
                     : english                 ? "yes"
                                               : "是",
                     step->on_false < 0 && !fails, indent);
    if (step->on_false >= 0)
        print_branch(t, step->on_false, -1, english ? "no" : "否", !fails, indent);
    for (size_t i = 0; i < step->branch_count; i++) {
        const struct yw_pb_case *one = &step->branches[i];

        (void)snprintf(number, sizeof number, "%zu", i + 1);
        print_branch(t, one->step, -1,
                     step->type == YW_PB_PARALLEL ? number
                     : one->is_default            ? english ? "else" : "其他"
                                                  : one->value,
                     i + 1 == step->branch_count && !fails, indent);
    }
    if (fails)
        print_branch(t, step->on_failure, yw_chart_next(step),
                     english ? "on failure" : "失败时", true, indent);
}

/* One after the other; what stands elsewhere already is only named. */
static void print_steps(struct text *t, int index, int until, const char *indent,
                        bool branch)
{
    while (index >= 0) {
        const struct yw_pb_step *step = &t->playbook->steps[index];

        if (step->type == YW_PB_END && branch)
            return;
        if (t->seen[index] || index == until) {
            printf("%s→ %s\n", indent, name_of(t, step));
            return;
        }
        t->seen[index] = true;
        print_step(t, step, indent);
        print_branches(t, step, indent);
        index = yw_chart_next(step);
    }
}

void yw_playbook_print(const struct yw_cli *cli, const struct yw_playbook *playbook)
{
    struct text t = {.cli = cli, .playbook = playbook};

    t.seen = yw_new_array(playbook->step_count + 1, sizeof *t.seen);
    printf("%s\n%s  %zu %s, %zu %s, %s\n\n", said(&t, &playbook->name), playbook->id,
           playbook->step_count, yw_cli_text(cli, "个步骤", "steps"), playbook->var_count,
           yw_cli_text(cli, "个变量", "variables"), yw_tlp_name(playbook->marking));
    print_steps(&t, playbook->start, -1, "", false);
    if (playbook->exception >= 0) {
        printf("\n%s\n",
               yw_cli_text(cli, "无人处理的失败：", "failures that nothing handles:"));
        print_steps(&t, playbook->exception, -1, "", false);
    }
    free(t.seen);
}
