/* Workflow steps of a CACAO playbook. Types that the executor does not run are carried as
 * unsupported; what is wrong in those that it runs is refused. */
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
    {"while-condition", YW_PB_UNSUPPORTED, {"循环", "Loop"}},
    {"switch-condition", YW_PB_UNSUPPORTED, {"分支", "Switch"}},
    {"parallel", YW_PB_UNSUPPORTED, {"并行", "Parallel"}},
    {"playbook-action", YW_PB_UNSUPPORTED, {"子预案", "Playbook"}},
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
    if (!yw_cacao_id_valid(id, type, true))
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

/* The steps named by a list or dictionary of an unsupported type exist. */
static int check_branches(struct yw_playbook_reader *in, json_t *from, const char *path,
                          const char *key)
{
    json_t *branches = json_object_get(from, key), *branch;
    const char *name;
    size_t i;

    json_array_foreach(branches, i, branch)
    {
        const char *id = json_string_value(branch);

        if (!id || yw_playbook_step(in->playbook, id) < 0)
            return yw_playbook_refuse(in, path, key, "no such step '%s'", id ? id : "?");
    }
    json_object_foreach(branches, name, branch)
    {
        const char *id = json_string_value(branch);

        if (!id || yw_playbook_step(in->playbook, id) < 0)
            return yw_playbook_refuse(in, path, key, "no such step '%s'", id ? id : "?");
    }
    return 0;
}

/* W05, W06: which continuations a type may and must have. */
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
    if (step->type != YW_PB_END && !whole && !split)
        return yw_playbook_refuse(in, path, "on_completion", "missing");
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
    if (status == 0 && (step->on_true == follows || step->on_false == follows))
        return yw_playbook_refuse(in, path,
                                  step->on_true == follows ? "on_true" : "on_false",
                                  "the branch is the step's own continuation");
    return status;
}

static int read_extension(struct yw_playbook_reader *in, json_t *from, const char *path,
                          struct yw_pb_step *step)
{
    struct yw_text name = {.en = ""};
    char anchor[32];
    int status =
        yw_playbook_text(in, from, path, "role", step->role, sizeof step->role, false);

    if (status == 0)
        status =
            yw_playbook_text(in, from, path, "name_zh", name.zh, sizeof name.zh, false);
    if (status == 0)
        status = yw_playbook_text(in, from, path, "asks_zh", step->asks.zh,
                                  sizeof step->asks.zh, false);
    if (status == 0)
        status = yw_playbook_span(in, from, path, "deadline_ms", &step->deadline_ms);
    if (status == 0)
        status = yw_playbook_text(in, from, path, "anchor", anchor, sizeof anchor, false);
    if (status < 0)
        return status;
    if (name.zh[0] != '\0')
        YW_COPY(step->name.zh, name.zh);
    if (anchor[0] != '\0' && strcmp(anchor, "step_start") != 0)
        return yw_playbook_refuse(in, path, "anchor", "expected 'step_start'; got '%s'",
                                  anchor);
    return 0;
}

static int read_extensions(struct yw_playbook_reader *in, json_t *from, const char *path,
                           struct yw_pb_step *step)
{
    json_t *known = json_object_get(in->root, "extension_definitions");
    json_t *extensions, *extension;
    const char *id;
    int status = yw_playbook_object(in, from, path, "step_extensions", &extensions);

    json_object_foreach(extensions, id, extension)
    {
        const char *type = json_string_value(json_object_get(extension, "type"));

        if (status < 0)
            return status;
        if (!json_object_get(known, id))
            return yw_playbook_refuse(in, path, "step_extensions",
                                      "'%s' is not in extension_definitions", id);
        if (type &&
            strcmp(type, "drill-step") == 0) /* others are kept by their authors */
            status = read_extension(in, extension, path, step);
    }
    return status;
}

static int check_defined(struct yw_playbook_reader *in, json_t *from, const char *path)
{
    json_t *agents = json_object_get(in->root, "agent_definitions");
    json_t *defined = json_object_get(in->root, "target_definitions");
    json_t *targets = json_object_get(from, "targets"), *target;
    char agent[96];
    size_t i;
    int status = yw_playbook_text(in, from, path, "agent", agent, sizeof agent, true);

    if (status < 0)
        return status;
    if (!json_object_get(agents, agent))
        return yw_playbook_refuse(in, path, "agent", "'%s' is not in agent_definitions",
                                  agent);
    json_array_foreach(targets, i, target)
    {
        const char *id = json_string_value(target);

        if (!id || (!json_object_get(defined, id) && !json_object_get(agents, id)))
            return yw_playbook_refuse(in, path, "targets",
                                      "'%s' is not in target_definitions", id ? id : "?");
    }
    return 0;
}

static int read_out_args(struct yw_playbook_reader *in, json_t *from, const char *path,
                         struct yw_pb_step *step)
{
    json_t *args = json_object_get(from, "out_args"), *arg;
    size_t i;

    if (json_array_size(args) > YW_EVENT_VARS_MAX)
        return yw_playbook_refuse(in, path, "out_args", "more than %d",
                                  YW_EVENT_VARS_MAX);
    json_array_foreach(args, i, arg)
    {
        const char *name = json_string_value(arg);
        int var = name ? yw_playbook_var_of(in->playbook, name) : -1;

        if (var < 0)
            return yw_playbook_refuse(in, path, "out_args", "'%s' is not declared",
                                      name ? name : "?");
        if (in->playbook->vars[var].constant)
            return yw_playbook_refuse(in, path, "out_args", "'%s' is a constant", name);
        for (size_t k = 0; k < step->out_count; k++) {
            if (step->out_vars[k] == var)
                return yw_playbook_refuse(in, path, "out_args", "'%s' twice", name);
        }
        step->out_vars[step->out_count++] = var;
    }
    if (step->out_count > 0 &&
        (step->command == YW_PB_ISOLATE || step->command == YW_PB_REJOIN))
        return yw_playbook_refuse(in, path, "out_args",
                                  "only a manual command returns variables");
    return 0;
}

/* `name` or `__name__:value` of a declared variable. */
static bool machine_valid(const struct yw_playbook *playbook, const char *machine)
{
    char name[YW_NAME_MAX];
    const char *colon = strchr(machine, ':');

    if (!colon)
        return yw_name_valid(machine);
    snprintf(name, sizeof name, "%.*s", (int)(colon - machine), machine);
    return strcmp(colon, ":value") == 0 && yw_playbook_var_of(playbook, name) >= 0;
}

/* POST /api/v1/drills/__drill__:value/machines/NAME/isolate HTTP/1.1 */
static int read_http(struct yw_playbook_reader *in, const char *line, const char *path,
                     struct yw_pb_step *step)
{
    static const char prefix[] = "/api/v1/drills/__drill__:value/machines/";
    char method[16], target[384], version[16], rest[2];
    char verb[16] = "";

    if (sscanf(line, "%15s %383s %15s%1s", method, target, version, rest) != 3 ||
        strncmp(version, "HTTP/", 5) != 0 || target[0] != '/')
        return yw_playbook_refuse(in, path, "commands",
                                  "expected a start line like POST /path HTTP/1.1");
    step->command = YW_PB_COMMAND_UNSUPPORTED;
    if (strcmp(method, "POST") != 0 || strncmp(target, prefix, sizeof prefix - 1) != 0 ||
        sscanf(target + sizeof prefix - 1, "%63[^/]/%15s", step->machine, verb) != 2)
        return 0;
    if (strcmp(verb, "isolate") == 0)
        step->command = YW_PB_ISOLATE;
    else if (strcmp(verb, "rejoin") == 0)
        step->command = YW_PB_REJOIN;
    else
        return 0;
    if (yw_playbook_var_of(in->playbook, "__drill__") < 0)
        return yw_playbook_refuse(in, path, "commands", "__drill__ is not declared");
    if (!machine_valid(in->playbook, step->machine))
        return yw_playbook_refuse(in, path, "commands",
                                  "'%s' is not the name of a machine", step->machine);
    return 0;
}

static int read_command(struct yw_playbook_reader *in, json_t *from, const char *path,
                        struct yw_pb_step *step)
{
    json_t *commands = json_object_get(from, "commands");
    json_t *command = json_array_get(commands, 0);
    char type[32], text[YW_TEXT_MAX];

    if (!json_is_array(commands) || json_array_size(commands) == 0)
        return yw_playbook_refuse(in, path, "commands", "expected a list with members");
    if (json_array_size(commands) > YW_PLAYBOOK_COMMANDS_MAX)
        return yw_playbook_refuse(in, path, "commands", "more than %d",
                                  YW_PLAYBOOK_COMMANDS_MAX);
    int status = yw_playbook_text(in, command, path, "type", type, sizeof type, true);

    step->command = YW_PB_COMMAND_UNSUPPORTED;
    if (status < 0 || json_array_size(commands) > 1)
        return status;
    bool manual = strcmp(type, "manual") == 0;

    if ((!manual && strcmp(type, "http-api") != 0) ||
        (manual && json_object_get(command, "command_b64")))
        return 0;
    status = yw_playbook_text(in, command, path, "command", text, sizeof text, true);
    if (status < 0)
        return status;
    if (!manual)
        return read_http(in, text, path, step);
    step->command = YW_PB_MANUAL;
    YW_COPY(step->asks.en, text);
    return 0;
}

static int read_action(struct yw_playbook_reader *in, json_t *from, const char *path,
                       struct yw_pb_step *step)
{
    int status = read_command(in, from, path, step);

    if (status == 0)
        status = check_defined(in, from, path);
    if (status == 0)
        status = read_out_args(in, from, path, step);
    if (step->command != YW_PB_MANUAL)
        step->asks.zh[0] = '\0';
    else if (step->asks.zh[0] == '\0')
        YW_COPY(step->asks.zh, step->asks.en);
    return status;
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
        status = read_extensions(in, from, path, step);
    if (status == 0 && step->name.zh[0] == '\0')
        YW_COPY(step->name.zh, step->name.en);
    if (status == 0 && step->type == YW_PB_IF)
        status = read_condition(in, from, path, step);
    if (status == 0 && step->type == YW_PB_ACTION)
        status = read_action(in, from, path, step);
    if (status == 0 && step->type == YW_PB_UNSUPPORTED)
        status = check_branches(in, from, path, "next_steps");
    if (status == 0 && step->type == YW_PB_UNSUPPORTED)
        status = check_branches(in, from, path, "cases");
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
