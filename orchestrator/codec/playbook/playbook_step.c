/* Workflow steps of a CACAO playbook: their graph. What an action does stands in
 * playbook_action.c, what our extension says in playbook_extension.c. */
#include "codec/playbook/cacao.h"
#include "codec/playbook/playbook_read.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

struct step_type {
    const char *name; /* on the wire, and in ids */
    enum yw_pb_type type;
    struct yw_text title; /* of steps without a name */
};

static const struct step_type types[] = {
    {"start", YW_PB_START, {"开始", "Start"}},
    {"end", YW_PB_END, {"结束", "End"}},
    {"action", YW_PB_ACTION, {"动作", "Action"}},
    {"if-condition", YW_PB_IF, {"判断", "Decision"}},
    {"while-condition", YW_PB_WHILE, {"循环", "Loop"}},
    {"switch-condition", YW_PB_SWITCH, {"分支", "Switch"}},
    {"parallel", YW_PB_PARALLEL, {"并行", "Parallel"}},
    {"playbook-action", YW_PB_PLAYBOOK, {"子预案", "Playbook"}},
};

static const struct step_type *find_type(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    }
    return NULL;
}

/* First turn: id, type, name, so that references find their steps. */
static int read_identity(struct yw_playbook_reader *in, const char *id, json_t *from)
{
    struct yw_pb_step *step = &in->playbook->steps[in->playbook->step_count];
    char path[128], type[24];

    if (!json_is_object(from))
        return yw_playbook_refuse(in, "/workflow", id, "expected an object");
    if (strlen(id) >= sizeof step->id)
        return yw_playbook_refuse(in, "/workflow", id, "the id is too long");
    snprintf(path, sizeof path, "/workflow/%s", id);
    int status = yw_playbook_text(in, from, path, "type", type, sizeof type, true);

    if (status < 0)
        return status;
    const struct step_type *known = find_type(type);

    if (!known)
        return yw_playbook_refuse(in, path, "type", "no such type of step: '%s'", type);
    if (!in->lenient && !yw_cacao_id_valid(id, type, true))
        return yw_playbook_refuse(in, "/workflow", id,
                                  "expected %s--<UUID of version 4> as the id", type);
    YW_COPY(step->id, id);
    step->type = known->type;
    status = yw_playbook_text(in, from, path, "name", step->name.en, sizeof step->name.en,
                              false);
    if (step->name.en[0] == '\0')
        step->name = known->title;
    in->playbook->step_count++;
    return status;
}

static int read_next(struct yw_playbook_reader *in, json_t *from, const char *path,
                     const char *key, int *ret)
{
    char id[80];
    int status = yw_playbook_text(in, from, path, key, id, sizeof id, false);

    *ret = -1;
    if (status < 0 || !json_object_get(from, key))
        return status;
    *ret = yw_playbook_step(in->playbook, id);
    if (*ret < 0)
        return yw_playbook_refuse(in, path, key, "no such step '%s'", id);
    if (in->playbook->steps[*ret].type == YW_PB_START)
        return yw_playbook_refuse(in, path, key, "nothing may lead back to a start");
    return 0;
}

static int add_branch(struct yw_playbook_reader *in, const char *path, const char *key,
                      json_t *to, struct yw_pb_step *step)
{
    const char *id = json_string_value(to);
    struct yw_pb_case *branch = &step->branches[step->branch_count];

    branch->step = id ? yw_playbook_step(in->playbook, id) : -1;
    if (branch->step < 0)
        return yw_playbook_refuse(in, path, key, "no such step '%s'", id ? id : "?");
    step->branch_count++;
    return 0;
}

/* The list of a parallel, the dictionary of a switch. */
static int read_branches(struct yw_playbook_reader *in, json_t *from, const char *path,
                         struct yw_pb_step *step)
{
    bool list = step->type == YW_PB_PARALLEL;
    const char *key = list ? "next_steps" : "cases";
    json_t *branches = json_object_get(from, key), *to;
    size_t count = list ? json_array_size(branches) : json_object_size(branches), i;
    size_t least = list ? 2 : 1;
    const char *value;
    int status = 0;

    if (count < least || count > YW_PLAYBOOK_BRANCHES_MAX)
        return yw_playbook_refuse(in, path, key, "expected %zu to %d steps", least,
                                  YW_PLAYBOOK_BRANCHES_MAX);
    json_array_foreach(branches, i, to)
    {
        if (status == 0)
            status = add_branch(in, path, key, to, step);
    }
    json_object_foreach(branches, value, to)
    {
        struct yw_pb_case *branch = &step->branches[step->branch_count];

        if (status < 0)
            break;
        if (strlen(value) >= sizeof branch->value)
            return yw_playbook_refuse(in, path, key, "'%s' is too long", value);
        YW_COPY(branch->value, value);
        branch->is_default = strcmp(value, "default") == 0;
        status = add_branch(in, path, key, to, step);
    }
    if (status == 0 && !list)
        status = yw_playbook_text(in, from, path, "switch", step->condition,
                                  sizeof step->condition, true);
    return status;
}

/* W05: which continuations a type may have. One that is missing (W06) is as an end. */
static int check_continuation(struct yw_playbook_reader *in,
                              const struct yw_pb_step *step, const char *path)
{
    bool whole = step->on_completion >= 0;
    bool split = step->on_success >= 0 || step->on_failure >= 0;

    if (whole && split)
        return yw_playbook_refuse(in, path, "on_completion",
                                  "not together with on_success or on_failure");
    if (step->type == YW_PB_END && (whole || split))
        return yw_playbook_refuse(in, path, "type", "an end has no continuation");
    if (step->type == YW_PB_START && split)
        return yw_playbook_refuse(in, path, "type", "a start has on_completion only");
    return 0;
}

static int read_condition(struct yw_playbook_reader *in, json_t *from, const char *path,
                          struct yw_pb_step *step)
{
    int follows = step->on_success >= 0 ? step->on_success : step->on_completion;
    int status = yw_playbook_text(in, from, path, "condition", step->condition,
                                  sizeof step->condition, true);

    if (status == 0)
        status = read_next(in, from, path, "on_true", &step->on_true);
    if (status == 0 && step->on_true < 0)
        return yw_playbook_refuse(in, path, "on_true", "missing");
    if (status == 0)
        status = read_next(in, from, path, "on_false", &step->on_false);
    if (status == 0 && follows >= 0 &&
        (step->on_true == follows || step->on_false == follows))
        return yw_playbook_refuse(in, path,
                                  step->on_true == follows ? "on_true" : "on_false",
                                  "the branch is the step's own continuation");
    return status;
}

static int read_own(struct yw_playbook_reader *in, json_t *from, const char *path,
                    struct yw_pb_step *step)
{
    switch (step->type) {
    case YW_PB_IF:
    case YW_PB_WHILE:
        return read_condition(in, from, path, step);
    case YW_PB_PARALLEL:
    case YW_PB_SWITCH:
        return read_branches(in, from, path, step);
    case YW_PB_ACTION:
        return yw_playbook_read_action(in, from, path, step);
    case YW_PB_PLAYBOOK:
        return yw_playbook_read_call(in, from, path, step);
    case YW_PB_START:
    case YW_PB_END:
    case YW_PB_TYPES:
        break;
    }
    return 0;
}

/* Second turn: everything else. */
static int read_step(struct yw_playbook_reader *in, json_t *from, struct yw_pb_step *step)
{
    char path[128];
    int status;

    snprintf(path, sizeof path, "/workflow/%s", step->id);
    step->on_true = step->on_false = -1;
    status = yw_playbook_span(in, from, path, "delay", &step->delay_ms);
    if (status == 0)
        status = yw_playbook_span(in, from, path, "timeout", &step->timeout_ms);
    if (status == 0)
        status = read_next(in, from, path, "on_completion", &step->on_completion);
    if (status == 0)
        status = read_next(in, from, path, "on_success", &step->on_success);
    if (status == 0)
        status = read_next(in, from, path, "on_failure", &step->on_failure);
    if (status == 0)
        status = check_continuation(in, step, path);
    if (status == 0)
        status = yw_playbook_read_vars(in, from, path, "step_variables",
                                       YW_EVENT_VARS_MAX, &step->vars, &step->var_count);
    if (status == 0)
        status = read_own(in, from, path, step);
    if (status == 0)
        status = yw_playbook_read_extensions(in, from, path, step);
    if (step->name.zh[0] == '\0')
        YW_COPY(step->name.zh, step->name.en);
    if (step->asks.en[0] == '\0' || step->asks.zh[0] == '\0')
        YW_COPY(step->asks.zh, step->asks.en);
    return status;
}

int yw_playbook_read_steps(struct yw_playbook_reader *in)
{
    json_t *workflow, *from;
    const char *id;
    int status = yw_playbook_object(in, in->root, "", "workflow", &workflow);

    if (status < 0)
        return status;
    if (json_object_size(workflow) == 0 ||
        json_object_size(workflow) > YW_PLAYBOOK_STEPS_MAX)
        return yw_playbook_refuse(in, "", "workflow", "expected 1 to %d steps",
                                  YW_PLAYBOOK_STEPS_MAX);
    in->playbook->steps =
        yw_new_array(json_object_size(workflow), sizeof *in->playbook->steps);
    json_object_foreach(workflow, id, from)
    {
        status = read_identity(in, id, from);
        if (status < 0)
            return status;
    }
    size_t index = 0;

    json_object_foreach(workflow, id, from)
    {
        status = read_step(in, from, &in->playbook->steps[index++]);
        if (status < 0)
            return status;
    }
    return 0;
}
