/* What an action does, and the playbook that a playbook-action calls. */
#include "codec/playbook/playbook_read.h"

#include "base/base64.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

int yw_playbook_read_args(struct yw_playbook_reader *in, json_t *object, const char *path,
                          const char *key, bool out, int *ret, size_t *ret_count)
{
    json_t *args = json_object_get(object, key), *arg;
    size_t i;

    if (json_array_size(args) > YW_EVENT_VARS_MAX)
        return yw_playbook_refuse(in, path, key, "more than %d", YW_EVENT_VARS_MAX);
    json_array_foreach(args, i, arg)
    {
        const char *name = json_string_value(arg);
        int var = name ? yw_playbook_var_of(in->playbook, name) : -1;

        if (var < 0)
            return yw_playbook_refuse(in, path, key, "'%s' is not declared",
                                      name ? name : "?");
        if (out && in->playbook->vars[var].constant)
            return yw_playbook_refuse(in, path, key, "'%s' is a constant", name);
        for (size_t k = 0; k < *ret_count; k++) {
            if (ret[k] == var)
                return yw_playbook_refuse(in, path, key, "'%s' twice", name);
        }
        ret[(*ret_count)++] = var;
    }
    return 0;
}

static int read_out_args(struct yw_playbook_reader *in, json_t *from, const char *path,
                         struct yw_pb_step *step)
{
    int vars[YW_EVENT_VARS_MAX];
    int status =
        yw_playbook_read_args(in, from, path, "out_args", true, vars, &step->out_count);

    for (size_t i = 0; i < step->out_count; i++)
        step->fields[i].var = vars[i];
    return status;
}

/* command, or command_b64 decoded: before variables are put in (executor rule 8). *new*,
 * NULL when there is none. */
static int read_text(struct yw_playbook_reader *in, json_t *command, const char *path,
                     const char *key, const char *key_b64, char **ret)
{
    json_t *encoded = json_object_get(command, key_b64);
    char text[YW_PLAYBOOK_COMMAND_MAX];
    size_t size = 0;

    *ret = NULL;
    if (!encoded) {
        int status = yw_playbook_text(in, command, path, key, text, sizeof text, false);

        if (status == 0 && json_object_get(command, key))
            *ret = yw_strdup(text);
        return status;
    }
    if (!json_is_string(encoded) ||
        yw_base64_read(json_string_value(encoded), json_string_length(encoded), ret,
                       &size) < 0)
        return yw_playbook_refuse(in, path, key_b64, "not base64");
    if (size >= YW_PLAYBOOK_COMMAND_MAX || !yw_utf8_valid(*ret, size)) {
        free(*ret);
        *ret = NULL;
        return yw_playbook_refuse(in, path, key_b64, "not UTF-8 of at most %d bytes",
                                  YW_PLAYBOOK_COMMAND_MAX - 1);
    }
    char *text_end = yw_new(size + 1);

    memcpy(text_end, *ret, size);
    free(*ret);
    *ret = text_end;
    return 0;
}

/* What a person is to do besides. */
static void add_asks(struct yw_pb_step *step, const char *text)
{
    char before[YW_TEXT_MAX];

    YW_COPY(before, step->asks.en);
    (void)yw_copyf(step->asks.en, sizeof step->asks.en, "%s%s%s", before,
                   before[0] ? "\n" : "", text);
}

static void add_foreign(struct yw_pb_step *step, json_t *command, const char *type,
                        const char *text)
{
    const char *says = json_string_value(json_object_get(command, "description"));
    char line[YW_TEXT_MAX];

    (void)yw_copyf(line, sizeof line, "[%s] %s", type, says ? says : text ? text : "");
    step->foreign = step->asks.en[0] == '\0' || step->foreign;
    add_asks(step, line);
}

static enum yw_pb_command_kind kind_of(const char *type)
{
    static const struct {
        const char *type;
        enum yw_pb_command_kind kind;
    } rows[] = {{"manual", YW_PB_MANUAL},
                {"bash", YW_PB_SHELL},
                {"ssh", YW_PB_SHELL},
                {"caldera-cmd", YW_PB_SHELL},
                {"powershell", YW_PB_POWERSHELL}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].type, type) == 0)
            return rows[i].kind;
    }
    return YW_PB_FOREIGN;
}

static int read_wire(struct yw_playbook_reader *in, json_t *from, const char *path,
                     const char *line, struct yw_pb_command *command)
{
    char *content = NULL;
    int status = read_text(in, from, path, "content", "content_b64", &content);

    if (status == 0 && strcmp(command->type, "http-api") == 0)
        status = yw_playbook_read_http(in, line, content, path, command);
    else if (status == 0)
        status = yw_playbook_read_openc2(in, content ? content : "", path, command);
    free(content);
    return status;
}

static int read_command(struct yw_playbook_reader *in, json_t *from, const char *path,
                        struct yw_pb_step *step)
{
    struct yw_pb_command command = {.kind = YW_PB_FOREIGN};
    char *text = NULL;
    int status =
        yw_playbook_text(in, from, path, "type", command.type, sizeof command.type, true);

    if (status < 0)
        return status;
    bool wire =
        strcmp(command.type, "http-api") == 0 || strcmp(command.type, "openc2-http") == 0;

    command.kind = kind_of(command.type);
    status = read_text(in, from, path, "command", "command_b64", &text);
    if (status == 0 && (wire || command.kind != YW_PB_FOREIGN) && (!text || !*text))
        status = yw_playbook_refuse(in, path, "command", "missing");
    if (status == 0 && wire)
        status = read_wire(in, from, path, text, &command);
    if (status == 0 && command.kind == YW_PB_MANUAL) {
        if (strlen(text) >= YW_TEXT_MAX)
            status = yw_playbook_refuse(in, path, "command", "longer than %d bytes",
                                        YW_TEXT_MAX - 1);
        step->foreign = false;
        add_asks(step, text);
    } else if (status == 0 && command.kind == YW_PB_FOREIGN) {
        add_foreign(step, from, command.type, text);
    } else if (status == 0) {
        if (command.text[0] == '\0' && !wire)
            YW_COPY(command.text, text);
        step->commands[step->command_count++] = command;
    }
    free(text);
    return status;
}

static int read_commands(struct yw_playbook_reader *in, json_t *from, const char *path,
                         struct yw_pb_step *step)
{
    json_t *commands = json_object_get(from, "commands"), *command;
    int status = 0;
    size_t i;

    if (!json_is_array(commands) || json_array_size(commands) == 0)
        return yw_playbook_refuse(in, path, "commands", "expected a list with members");
    if (json_array_size(commands) > YW_PLAYBOOK_COMMANDS_MAX)
        return yw_playbook_refuse(in, path, "commands", "more than %d",
                                  YW_PLAYBOOK_COMMANDS_MAX);
    step->commands = yw_new_array(json_array_size(commands), sizeof *step->commands);
    json_array_foreach(commands, i, command)
    {
        if (status == 0)
            status = read_command(in, command, path, step);
    }
    return status;
}

static int add_target(struct yw_playbook_reader *in, const char *id, const char *path,
                      struct yw_pb_step *step)
{
    char *dst = step->targets[step->target_count];
    int status =
        yw_playbook_read_node(in, id, path, dst, sizeof step->targets[0], &step->guarded);

    step->target_count += status == 0 && dst[0] != '\0';
    return status;
}

/* Executor rule 10: without targets the agent is the target. */
static int read_targets(struct yw_playbook_reader *in, json_t *from, const char *path,
                        struct yw_pb_step *step)
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
    if (json_array_size(targets) > YW_PLAYBOOK_TARGETS_MAX)
        return yw_playbook_refuse(in, path, "targets", "more than %d",
                                  YW_PLAYBOOK_TARGETS_MAX);
    step->targets = yw_new_array(json_array_size(targets) + 1, sizeof *step->targets);
    json_array_foreach(targets, i, target)
    {
        const char *id = json_string_value(target);

        if (!id || (!json_object_get(defined, id) && !json_object_get(agents, id)))
            return yw_playbook_refuse(in, path, "targets",
                                      "'%s' is not in target_definitions", id ? id : "?");
        status = add_target(in, id, path, step);
        if (status < 0)
            return status;
    }
    return step->target_count == 0 ? add_target(in, agent, path, step) : 0;
}

/* A program without a machine is carried out by nobody here: never by the host. */
static void give_up_homeless(struct yw_pb_step *step)
{
    size_t kept = 0;

    for (size_t i = 0; i < step->command_count; i++) {
        const struct yw_pb_command *command = &step->commands[i];

        if (command->machine[0] != '\0' || step->target_count > 0)
            step->commands[kept++] = *command;
        else
            add_foreign(step, NULL, command->type, command->text);
    }
    step->command_count = kept;
}

int yw_playbook_read_action(struct yw_playbook_reader *in, json_t *from, const char *path,
                            struct yw_pb_step *step)
{
    int status = read_commands(in, from, path, step);

    if (status == 0)
        status = read_targets(in, from, path, step);
    if (status == 0)
        status = read_out_args(in, from, path, step);
    if (status < 0)
        return status;
    give_up_homeless(step);
    return 0;
}

int yw_playbook_read_call(struct yw_playbook_reader *in, json_t *from, const char *path,
                          struct yw_pb_step *step)
{
    int status = yw_playbook_text(in, from, path, "playbook_id", step->playbook,
                                  sizeof step->playbook, true);

    if (status == 0)
        status = yw_playbook_text(in, from, path, "playbook_version", step->version,
                                  sizeof step->version, false);
    if (status == 0)
        status = yw_playbook_read_args(in, from, path, "in_args", false, step->in_vars,
                                       &step->in_count);
    return status == 0 ? read_out_args(in, from, path, step) : status;
}
