/* Requests to the orchestrator, and OpenC2 orders, as what a drill does with a machine.
 *
 *   POST …/machines/NAME/isolate | rejoin | reset | evidence | run {"argv": […]}
 *   POST …/nodes/NAME/snapshots, …/snapshots/POINT/revert
 *   OpenC2: contain, deny | allow | restore | investigate {"device": {"hostname": NAME}} */
#include "codec/playbook/playbook_read.h"

#include "base/mem.h"
#include "model/argv.h"

#include <stdio.h>
#include <string.h>

#define PARTS_MAX 12

bool yw_playbook_machine_valid(const struct yw_playbook *playbook, const char *machine)
{
    char name[YW_NAME_MAX];
    const char *colon = strchr(machine, ':');

    if (!colon)
        return yw_name_valid(machine);
    snprintf(name, sizeof name, "%.*s", (int)(colon - machine), machine);
    return strcmp(colon, ":value") == 0 && yw_playbook_var_of(playbook, name) >= 0;
}

/* The parts of a path. How many. */
static size_t split(const char *path, char parts[PARTS_MAX][96])
{
    size_t count = 0;

    while (*path && count < PARTS_MAX) {
        size_t size = strcspn(++path, "/?");

        snprintf(parts[count++], 96, "%.*s", (int)size, path);
        path += size;
        if (*path == '?')
            break;
    }
    return count;
}

static enum yw_pb_command_kind kind_of(const char *word)
{
    static const struct {
        const char *word;
        enum yw_pb_command_kind kind;
    } rows[] = {{"isolate", YW_PB_ISOLATE},   {"rejoin", YW_PB_REJOIN},
                {"reset", YW_PB_RESET},       {"revert", YW_PB_RESET},
                {"evidence", YW_PB_EVIDENCE}, {"snapshots", YW_PB_EVIDENCE},
                {"run", YW_PB_PROGRAM},       {"contain", YW_PB_ISOLATE},
                {"deny", YW_PB_ISOLATE},      {"allow", YW_PB_REJOIN},
                {"restore", YW_PB_RESET},     {"investigate", YW_PB_EVIDENCE}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].word, word) == 0)
            return rows[i].kind;
    }
    return YW_PB_FOREIGN;
}

static int take_machine(struct yw_playbook_reader *in, const char *path,
                        const char *machine, struct yw_pb_command *command)
{
    if (command->kind == YW_PB_FOREIGN)
        return 0;
    if (!yw_playbook_machine_valid(in->playbook, machine))
        return yw_playbook_refuse(in, path, "commands",
                                  "'%s' is not the name of a machine", machine);
    YW_COPY(command->machine, machine);
    if (command->kind == YW_PB_RESET && command->point[0] == '\0')
        YW_COPY(command->point, "start");
    return 0;
}

/* {"argv": ["write", "40", "900"]} */
static void take_program(const char *content, struct yw_pb_command *command)
{
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    json_t *root = json_loads(content ? content : "", JSON_REJECT_DUPLICATES, NULL);
    json_t *words = json_object_get(root, "argv"), *word;
    bool fits = json_array_size(words) > 0 && json_array_size(words) <= YW_SPEC_ARGS_MAX;
    size_t i;

    json_array_foreach(words, i, word)
    {
        fits = fits && json_is_string(word) &&
               yw_copy(argv[i], sizeof argv[i], json_string_value(word)) == 0;
    }
    if (!fits || yw_argv_join(command->text, sizeof command->text,
                              (const char(*)[YW_SPEC_ARG_MAX])argv,
                              json_array_size(words), NULL) < 0)
        command->kind = YW_PB_FOREIGN;
    json_decref(root);
}

int yw_playbook_read_http(struct yw_playbook_reader *in, const char *line,
                          const char *content, const char *path,
                          struct yw_pb_command *command)
{
    char method[16], target[768], version[16], rest[2];
    char parts[PARTS_MAX][96];
    size_t at = 0;

    if (sscanf(line, "%15s %767s %15s%1s", method, target, version, rest) != 3 ||
        strncmp(version, "HTTP/", 5) != 0 || target[0] != '/')
        return yw_playbook_refuse(in, path, "commands",
                                  "expected a start line like POST /path HTTP/1.1");
    size_t count = split(target, parts);

    while (at < count && strcmp(parts[at], "machines") != 0 &&
           strcmp(parts[at], "nodes") != 0)
        at++;
    size_t left = count - at;
    bool revert = left == 5 && strcmp(parts[at + 2], "snapshots") == 0 &&
                  strcmp(parts[at + 4], "revert") == 0;

    command->kind = YW_PB_FOREIGN;
    if (strcmp(method, "POST") != 0 || (left != 3 && !revert))
        return 0;
    command->kind = kind_of(parts[at + (revert ? 4 : 2)]);
    if (revert)
        (void)yw_copy(command->point, sizeof command->point, parts[at + 3]);
    if (command->kind == YW_PB_PROGRAM)
        take_program(content, command);
    return take_machine(in, path, parts[at + 1], command);
}

int yw_playbook_read_openc2(struct yw_playbook_reader *in, const char *content,
                            const char *path, struct yw_pb_command *command)
{
    json_t *root = json_loads(content, JSON_REJECT_DUPLICATES, NULL);
    const char *action = json_string_value(json_object_get(root, "action"));
    json_t *device = json_object_get(json_object_get(root, "target"), "device");
    const char *name = json_string_value(json_object_get(device, "hostname"));
    int status = 0;

    command->kind = action && name ? kind_of(action) : YW_PB_FOREIGN;
    if (command->kind == YW_PB_PROGRAM)
        command->kind = YW_PB_FOREIGN; /* no word of OpenC2 */
    if (name)
        status = take_machine(in, path, name, command);
    json_decref(root);
    return status;
}
