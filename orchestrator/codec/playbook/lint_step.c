/* Steps of the workflow: members by type, what they name, and their skeleton. */
#include "codec/playbook/lint_inside.h"

#include "base/mem.h"
#include "response/outline.h"
#include "response/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct yw_lint_member common_members[] = {
    {"type", YW_LINT_STRING, true, NULL},
    {"name", YW_LINT_STRING, false, NULL},
    {"description", YW_LINT_STRING, false, NULL},
    {"external_references", YW_LINT_REFERENCES, false, NULL},
    {"delay", YW_LINT_SPAN, false, NULL},
    {"timeout", YW_LINT_SPAN, false, NULL},
    {"step_variables", YW_LINT_OBJECT, false, NULL},
    {"owner", YW_LINT_ID, false, "identity"},
    {"on_completion", YW_LINT_ID, false, NULL},
    {"step_extensions", YW_LINT_OBJECT, false, NULL},
    {0}};
static const struct yw_lint_member outcome[] = {{"on_success", YW_LINT_ID, false, NULL},
                                                {"on_failure", YW_LINT_ID, false, NULL},
                                                {0}};
static const struct yw_lint_member action[] = {
    {"on_success", YW_LINT_ID, false, NULL}, {"on_failure", YW_LINT_ID, false, NULL},
    {"commands", YW_LINT_LIST, true, NULL},  {"agent", YW_LINT_ID, true, NULL},
    {"targets", YW_LINT_IDS, false, NULL},   {"in_args", YW_LINT_ARGS, false, NULL},
    {"out_args", YW_LINT_ARGS, false, NULL}, {0}};
static const struct yw_lint_member playbook_action[] = {
    {"on_success", YW_LINT_ID, false, NULL},
    {"on_failure", YW_LINT_ID, false, NULL},
    {"playbook_id", YW_LINT_ID, true, "playbook"},
    {"playbook_version", YW_LINT_TIME, false, NULL},
    {"in_args", YW_LINT_ARGS, false, NULL},
    {"out_args", YW_LINT_ARGS, false, NULL},
    {0}};
static const struct yw_lint_member parallel[] = {{"on_success", YW_LINT_ID, false, NULL},
                                                 {"on_failure", YW_LINT_ID, false, NULL},
                                                 {"next_steps", YW_LINT_IDS, true, NULL},
                                                 {0}};
static const struct yw_lint_member if_condition[] = {
    {"on_success", YW_LINT_ID, false, NULL},   {"on_failure", YW_LINT_ID, false, NULL},
    {"condition", YW_LINT_STRING, true, NULL}, {"on_true", YW_LINT_ID, true, NULL},
    {"on_false", YW_LINT_ID, false, NULL},     {0}};
static const struct yw_lint_member while_condition[] = {
    {"on_success", YW_LINT_ID, false, NULL},
    {"on_failure", YW_LINT_ID, false, NULL},
    {"condition", YW_LINT_STRING, true, NULL},
    {"on_true", YW_LINT_ID, true, NULL},
    {0}};
static const struct yw_lint_member switch_condition[] = {
    {"on_success", YW_LINT_ID, false, NULL},
    {"on_failure", YW_LINT_ID, false, NULL},
    {"switch", YW_LINT_STRING, true, NULL},
    {"cases", YW_LINT_STRINGS_BY, true, NULL},
    {0}};
static const struct yw_lint_member none[] = {{0}};

static const struct yw_lint_shape common = {common_members, "W11", NULL};
static const struct yw_lint_shape by_type[] = {
    [YW_OUTLINE_START] = {none, "W11", NULL},
    [YW_OUTLINE_END] = {none, "W11", NULL},
    [YW_OUTLINE_ACTION] = {action, "W11", NULL},
    [YW_OUTLINE_PLAYBOOK_ACTION] = {playbook_action, "W11", NULL},
    [YW_OUTLINE_PARALLEL] = {parallel, "W11", NULL},
    [YW_OUTLINE_IF] = {if_condition, "W11", NULL},
    [YW_OUTLINE_WHILE] = {while_condition, "W11", NULL},
    [YW_OUTLINE_SWITCH] = {switch_condition, "W11", NULL},
    [YW_OUTLINE_UNKNOWN] = {outcome, "W11", NULL}};

struct making { /* the skeleton under way */
    struct yw_lint *lint;
    struct yw_outline outline;
    size_t edge_room;
    bool too_many; /* edges */
};

static int compare_steps(const void *left, const void *right)
{
    const struct yw_outline_step *a = left, *b = right;

    return strcmp(a->id, b->id);
}

static int find_step(const struct making *making, const char *id)
{
    struct yw_outline_step key = {.id = id};
    const struct yw_outline_step *found =
        bsearch(&key, making->outline.steps, making->outline.step_count, sizeof key,
                compare_steps);

    return found != NULL ? (int)(found - making->outline.steps) : -1;
}

static void add_edge(struct making *making, int from, const json_t *to, bool branch,
                     const char *name)
{
    const char *id = json_string_value(to);
    struct yw_outline *outline = &making->outline;

    if (id == NULL)
        return;
    if (outline->edge_count == YW_OUTLINE_EDGES_MAX) {
        making->too_many = true;
        return;
    }
    outline->edges[outline->edge_count++] =
        (struct yw_outline_edge){from, find_step(making, id), branch, name, id};
}

static void add_edges(struct making *making, int from, json_t *step)
{
    static const struct {
        const char *name;
        bool branch;
    } single[] = {{"on_completion", false},
                  {"on_success", false},
                  {"on_failure", false},
                  {"on_true", true},
                  {"on_false", true}};
    const char *key;
    size_t index;
    json_t *to, *list = json_object_get(step, "next_steps");

    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        add_edge(making, from, json_object_get(step, single[i].name), single[i].branch,
                 single[i].name);
    if (json_is_array(list)) {
        json_array_foreach(list, index, to)
            add_edge(making, from, to, true, "next_steps");
    }
    json_object_foreach(json_object_get(step, "cases"), key, to)
        add_edge(making, from, to, true, "cases");
}

static void check_names(struct yw_lint *lint, const json_t *step, const char *path)
{
    const char *agent = yw_lint_text(step, "agent");
    json_t *agents = json_object_get(lint->root, "agent_definitions");
    json_t *targets = json_object_get(lint->root, "target_definitions");
    json_t *list = json_object_get(step, "targets"), *item;
    char at[YW_FINDING_PATH_MAX];
    size_t index;

    yw_lint_path(at, path, "agent");
    if (agent != NULL && json_object_get(agents, agent) == NULL)
        yw_findings_add(lint->findings, "A01", at, "no such agent '%s'", agent);
    yw_lint_path(at, path, "targets");
    if (!json_is_array(list))
        return;
    json_array_foreach(list, index, item)
    {
        const char *target = json_string_value(item);

        if (target != NULL && json_object_get(targets, target) == NULL)
            yw_findings_add(lint->findings, "A02", at, "no such target '%s'", target);
    }
}

static void check_args(struct yw_lint *lint, const json_t *step, const char *path,
                       const char *key, bool out)
{
    json_t *list = json_object_get(step, key), *item;
    char at[YW_FINDING_PATH_MAX];
    size_t index;

    yw_lint_path(at, path, key);
    if (!json_is_array(list))
        return;
    json_array_foreach(list, index, item)
    {
        const char *name = json_string_value(item);
        const json_t *declared = name != NULL ? yw_lint_variable(lint, step, name) : NULL;

        if (name != NULL && declared == NULL)
            yw_findings_add(lint->findings, "V02", at, "'%s' is not declared", name);
        if (out && json_is_true(json_object_get(declared, "constant")))
            yw_findings_add(lint->findings, "V04", at, "'%s' is constant", name);
    }
}

static void check_type(struct yw_lint *lint, json_t *step, const char *id,
                       const char *path, enum yw_outline_type type)
{
    const char *name = yw_lint_text(step, "type");
    bool both = json_object_get(step, "on_completion") != NULL &&
                (json_object_get(step, "on_success") != NULL ||
                 json_object_get(step, "on_failure") != NULL);
    char at[YW_FINDING_PATH_MAX];

    yw_lint_path(at, path, "type");
    if (type == YW_OUTLINE_UNKNOWN && name != NULL)
        yw_findings_add(lint->findings, "W10", at, "no step type '%s'", name);
    if (name != NULL && (strncmp(id, name, strlen(name)) != 0 ||
                         strncmp(id + strlen(name), "--", 2) != 0))
        yw_findings_add(lint->findings, "W07", path,
                        "expected a key that begins with %s--", name);
    if (!yw_cacao_id_valid(id, NULL, true))
        yw_findings_add(lint->findings, "P04", path,
                        "expected <type>--<UUID of version 4>");
    if (both)
        yw_findings_add(lint->findings, "W05", path,
                        "expected on_completion, or on_success and on_failure; not both");
    if (type == YW_OUTLINE_PARALLEL &&
        json_array_size(json_object_get(step, "next_steps")) < 2)
        yw_findings_add(lint->findings, "W10", path, "expected two or more branches");
    if (type == YW_OUTLINE_END && json_object_get(step, "on_completion") != NULL)
        yw_findings_add(lint->findings, "W11", path, "an end goes nowhere");
}

/* Whatever does not parse is a person's to decide; strict knows the STIX grammar alone. */
static void check_condition(struct yw_lint *lint, const json_t *step, const char *path)
{
    const char *text = yw_lint_text(step, "condition");
    struct yw_err err = {0};
    char at[YW_FINDING_PATH_MAX];

    if (text == NULL || yw_run_condition_check(text, true, &err) == 0)
        return;
    yw_lint_path(at, path, "condition");
    yw_findings_add(
        lint->findings, "P01", at,
        "expected a comparison of STIX 2.1, as [__level__:value >= 3]; %s%s", err.text,
        yw_run_condition_check(text, false, NULL) < 0 ? "; a person decides" : "");
}

static void check_step(struct yw_lint *lint, const char *id, json_t *step,
                       enum yw_outline_type type)
{
    char path[YW_FINDING_PATH_MAX];

    yw_lint_path(path, "/workflow", id);
    if (!json_is_object(step)) {
        yw_findings_add(lint->findings, "P01", path, "expected an object");
        return;
    }
    yw_lint_object(lint, step, path, &common, &by_type[type]);
    check_type(lint, step, id, path, type);
    yw_lint_variables(lint, step, "step_variables", path, false);
    yw_lint_commands(lint, step, path);
    check_condition(lint, step, path);
    check_names(lint, step, path);
    check_args(lint, step, path, "in_args", false);
    check_args(lint, step, path, "out_args", true);
    yw_lint_uses(lint, step, path, step);
    yw_lint_extensions(lint, step, "step_extensions", path);
}

/* The one that a file without a valid /workflow_start can only mean, or -1. */
static int only_start(const struct making *making)
{
    int found = -1;

    for (size_t i = 0; i < making->outline.step_count; i++) {
        if (making->outline.steps[i].type != YW_OUTLINE_START)
            continue;
        if (found >= 0)
            return -1;
        found = (int)i;
    }
    return found;
}

static void set_entries(struct making *making)
{
    struct yw_lint *lint = making->lint;
    const char *start = yw_lint_text(lint->root, "workflow_start");
    const char *exception = yw_lint_text(lint->root, "workflow_exception");
    int at = start != NULL ? find_step(making, start) : -1;
    int only = only_start(making);

    making->outline.exception = exception != NULL ? find_step(making, exception) : -1;
    if (at < 0 || making->outline.steps[at].type != YW_OUTLINE_START) {
        yw_findings_add(lint->findings, only < 0 ? "W01!" : "W01", "/workflow_start",
                        "expected the id of a start step that is in /workflow%s%s",
                        only < 0 ? "" : ", as ",
                        only < 0 ? "" : making->outline.steps[only].id);
        at = only;
    }
    making->outline.start = at;
    if (exception != NULL && making->outline.exception < 0)
        yw_findings_add(lint->findings, "W03", "/workflow_exception", "no such step '%s'",
                        exception);
}

void yw_lint_workflow(struct yw_lint *lint)
{
    size_t count = json_object_size(lint->workflow);
    struct making making = {.lint = lint};
    const char *id;
    json_t *step;

    if (count > YW_OUTLINE_STEPS_MAX) {
        yw_findings_add(lint->findings, "P01!", "/workflow", "at most %d steps; got %zu",
                        YW_OUTLINE_STEPS_MAX, count);
        return;
    }
    making.outline.steps = yw_new_array(count + 1, sizeof *making.outline.steps);
    making.outline.edges =
        yw_new_array(YW_OUTLINE_EDGES_MAX, sizeof *making.outline.edges);
    json_object_foreach(lint->workflow, id, step)
    {
        const char *type = yw_lint_text(step, "type");

        making.outline.steps[making.outline.step_count++] = (struct yw_outline_step){
            id, type != NULL ? yw_outline_type(type) : YW_OUTLINE_UNKNOWN,
            json_object_get(step, "timeout") != NULL};
    }
    qsort(making.outline.steps, count, sizeof *making.outline.steps, compare_steps);
    for (size_t i = 0; i < count; i++) {
        step = json_object_get(lint->workflow, making.outline.steps[i].id);
        check_step(lint, making.outline.steps[i].id, step, making.outline.steps[i].type);
        add_edges(&making, (int)i, step);
    }
    set_entries(&making);
    if (making.too_many)
        yw_findings_add(lint->findings, "P01!", "/workflow", "at most %d continuations",
                        YW_OUTLINE_EDGES_MAX);
    else
        yw_outline_check(&making.outline, lint->findings);
    free(making.outline.steps);
    free(making.outline.edges);
}
