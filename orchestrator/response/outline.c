#include "response/outline.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char *const types[] = {
    "start",    "end",          "action",          "playbook-action",
    "parallel", "if-condition", "while-condition", "switch-condition"};

enum yw_outline_type yw_outline_type(const char *name)
{
    for (int i = 0; i < YW_OUTLINE_UNKNOWN; i++) {
        if (strcmp(types[i], name) == 0)
            return (enum yw_outline_type)i;
    }
    return YW_OUTLINE_UNKNOWN;
}

const char *yw_outline_type_name(enum yw_outline_type type)
{
    return type == YW_OUTLINE_UNKNOWN ? NULL : types[type];
}

static void say(const struct yw_outline *outline, struct yw_findings *findings,
                const char *code, int step, const char *text)
{
    char path[YW_FINDING_PATH_MAX];

    (void)yw_copyf(path, sizeof path, "/workflow/%s", outline->steps[step].id);
    yw_findings_add(findings, code, path, "%s", text);
}

static void check_edges(const struct yw_outline *outline, struct yw_findings *findings)
{
    for (size_t i = 0; i < outline->edge_count; i++) {
        const struct yw_outline_edge *edge = &outline->edges[i];
        char path[YW_FINDING_PATH_MAX];

        if (edge->to >= 0)
            continue;
        (void)yw_copyf(path, sizeof path, "/workflow/%s/%s",
                       outline->steps[edge->from].id, edge->name);
        yw_findings_add(findings, "W03", path, "no such step '%s'", edge->said);
    }
}

/* A step that is no end goes on somewhere. */
static void check_continuations(const struct yw_outline *outline,
                                struct yw_findings *findings)
{
    bool *goes_on = yw_new_array(outline->step_count + 1, sizeof *goes_on);

    for (size_t i = 0; i < outline->edge_count; i++) {
        if (!outline->edges[i].branch &&
            strcmp(outline->edges[i].name, "on_failure") != 0)
            goes_on[outline->edges[i].from] = true;
    }
    for (size_t i = 0; i < outline->step_count; i++) {
        if (outline->steps[i].type != YW_OUTLINE_END && !goes_on[i])
            say(outline, findings, "W06", (int)i,
                "no continuation: expected on_completion, or on_success and on_failure");
        if (outline->steps[i].type == YW_OUTLINE_WHILE && !outline->steps[i].bounded)
            say(outline, findings, "W12w", (int)i,
                "a loop without a timeout of its own; the engine's ceiling holds");
    }
    free(goes_on);
}

/* First edge of each step; one more at the end. *new* */
static size_t *first_edges(const struct yw_outline *outline)
{
    size_t *first = yw_new_array(outline->step_count + 1, sizeof *first);
    size_t at = 0;

    for (size_t i = 0; i <= outline->step_count; i++) {
        while (at < outline->edge_count && (size_t)outline->edges[at].from < i)
            at++;
        first[i] = at;
    }
    return first;
}

/* Depth first without recursion: a file may chain as many steps as the limit lets it. A step that
 * is met again while it is still open closes a cycle. */
struct walk {
    const struct yw_outline *outline;
    struct yw_findings *findings;
    size_t *first; /* edges of a step */
    size_t *next;  /* the edge to look at next, by step */
    char *colour;  /* 0 not seen, 1 open, 2 done */
    int *open;     /* steps on the way */
};

static void walk_from(struct walk *w, int root)
{
    size_t depth = 0;

    if (root < 0 || w->colour[root] != 0)
        return;
    w->open[depth++] = root;
    w->colour[root] = 1;
    while (depth > 0) {
        int step = w->open[depth - 1];

        if (w->next[step] == w->first[step + 1]) {
            w->colour[step] = 2;
            depth--;
            continue;
        }
        const struct yw_outline_edge *edge = &w->outline->edges[w->next[step]++];

        if (edge->to < 0)
            continue;
        if (w->colour[edge->to] == 1)
            say(w->outline, w->findings, "W09!", step,
                "goes back to a step that leads here; use a while-condition");
        else if (w->colour[edge->to] == 0) {
            w->colour[edge->to] = 1;
            w->open[depth++] = edge->to;
        }
    }
}

static void check_reach(const struct yw_outline *outline, struct yw_findings *findings)
{
    struct walk w = {.outline = outline, .findings = findings};

    w.first = first_edges(outline);
    w.next = yw_new_array(outline->step_count + 1, sizeof *w.next);
    memcpy(w.next, w.first, (outline->step_count + 1) * sizeof *w.next);
    w.colour = yw_new(outline->step_count + 1);
    w.open = yw_new_array(outline->step_count + 1, sizeof *w.open);
    walk_from(&w, outline->start);
    walk_from(&w, outline->exception);
    for (size_t i = 0; i < outline->step_count && outline->start >= 0; i++) {
        if (w.colour[i] == 0)
            say(outline, findings, "W04", (int)i, "no step leads here");
    }
    for (size_t i = 0; i < outline->step_count; i++)
        walk_from(&w, (int)i);
    free(w.first);
    free(w.next);
    free(w.colour);
    free(w.open);
}

struct branches {
    const struct yw_outline *outline;
    struct yw_findings *findings;
    const size_t *first; /* edges of a step */
    int *owner;          /* of an end: the branch that came first; 0 none yet, -1 said */
    int *stamp;          /* the branch that met the step last */
    int *queue;
};

static void meet_end(struct branches *b, int step, int branch)
{
    if (b->owner[step] > 0 && b->owner[step] != branch) {
        say(b->outline, b->findings, "W08w", step, "an end shared by two branches");
        b->owner[step] = -1;
    } else if (b->owner[step] == 0) {
        b->owner[step] = branch;
    }
}

/* Follows continuations only: what a branch opens is another branch. */
static void follow(struct branches *b, int root, int branch)
{
    size_t head = 0, tail = 0;

    b->queue[tail++] = root;
    b->stamp[root] = branch;
    while (head < tail) {
        int step = b->queue[head++];

        if (b->outline->steps[step].type == YW_OUTLINE_END)
            meet_end(b, step, branch);
        for (size_t i = b->first[step]; i < b->first[step + 1]; i++) {
            int to = b->outline->edges[i].to;

            if (to < 0 || b->outline->edges[i].branch || b->stamp[to] == branch)
                continue;
            b->stamp[to] = branch;
            b->queue[tail++] = to;
        }
    }
}

/* An end belongs to one branch: the engine returns from it to the step that opened it. */
static void check_ends(const struct yw_outline *outline, struct yw_findings *findings)
{
    size_t *first = first_edges(outline);
    int *room = yw_new_array(3 * outline->step_count + 3, sizeof *room);
    struct branches b = {.outline = outline,
                         .findings = findings,
                         .first = first,
                         .owner = room,
                         .stamp = room + outline->step_count + 1,
                         .queue = room + 2 * (outline->step_count + 1)};
    int branch = 1;

    if (outline->start >= 0)
        follow(&b, outline->start, branch++);
    for (size_t i = 0; i < outline->edge_count; i++) {
        if (outline->edges[i].branch && outline->edges[i].to >= 0)
            follow(&b, outline->edges[i].to, branch++);
    }
    free(room);
    free(first);
}

void yw_outline_check(const struct yw_outline *outline, struct yw_findings *findings)
{
    bool acts = false, ends = false;

    for (size_t i = 0; i < outline->step_count; i++) {
        enum yw_outline_type type = outline->steps[i].type;

        ends = ends || type == YW_OUTLINE_END;
        acts = acts || type == YW_OUTLINE_ACTION || type == YW_OUTLINE_PLAYBOOK_ACTION;
    }
    if (!ends)
        yw_findings_add(findings, "W02", "/workflow", "no end step");
    if (!acts)
        yw_findings_add(findings, "W02", "/workflow",
                        "expected at least one action or playbook-action");
    check_edges(outline, findings);
    check_continuations(outline, findings);
    check_reach(outline, findings);
    check_ends(outline, findings);
}
