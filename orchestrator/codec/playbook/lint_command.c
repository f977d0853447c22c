/* Commands of an action. The list of types is open; an unknown one is carried. */
#include "codec/playbook/lint_inside.h"

#include <stdio.h>
#include <string.h>

#define COMMON                                                                           \
    {"type", YW_LINT_STRING, true, NULL}, {"description", YW_LINT_STRING, false, NULL},  \
        {"version", YW_LINT_STRING, false, NULL},                                        \
        {"playbook_activity", YW_LINT_STRING, false, NULL},                              \
    {                                                                                    \
        "external_references", YW_LINT_REFERENCES, false, NULL                           \
    }

static const struct yw_lint_member text_members[] = {
    COMMON,
    {"command", YW_LINT_STRING, false, NULL},
    {"command_b64", YW_LINT_BASE64, false, NULL},
    {0}};
static const struct yw_lint_member http_members[] = {
    COMMON,
    {"command", YW_LINT_STRING, true, NULL},
    {"headers", YW_LINT_WORD_LISTS, false, NULL},
    {"content", YW_LINT_STRING, false, NULL},
    {"content_b64", YW_LINT_BASE64, false, NULL},
    {0}};
static const struct yw_lint_member openc2_members[] = {
    COMMON,
    {"command", YW_LINT_STRING, true, NULL},
    {"headers", YW_LINT_WORD_LISTS, false, NULL},
    {"content_b64", YW_LINT_BASE64, true, NULL},
    {0}};
static const struct yw_lint_member code_members[] = {
    COMMON, {"command_b64", YW_LINT_BASE64, true, NULL}, {0}};

enum family { TEXT, HTTP, OPENC2, CODE };

static const struct yw_lint_shape shapes[] = {{text_members, "W11", "C01"},
                                              {http_members, "W11", "C03"},
                                              {openc2_members, "W11", "C01"},
                                              {code_members, "W11", "C01"}};

static const struct {
    const char *type;
    enum family family;
} commands[] = {{"manual", TEXT},        {"bash", TEXT},        {"ssh", TEXT},
                {"powershell", TEXT},    {"caldera-cmd", TEXT}, {"http-api", HTTP},
                {"openc2-http", OPENC2}, {"elastic", CODE},     {"jupyter", CODE},
                {"kestrel", CODE},       {"sigma", CODE},       {"yara", CODE}};

static void check_family(struct yw_lint *lint, json_t *command, const char *path,
                         enum family family)
{
    const char *text = yw_lint_text(command, "command");
    char at[YW_FINDING_PATH_MAX];

    yw_lint_path(at, path, "command");
    yw_lint_object(lint, command, path, &shapes[family], NULL);
    if (family == TEXT) {
        int given = (text != NULL) + (json_object_get(command, "command_b64") != NULL);

        if (given == 0)
            yw_findings_add(lint->findings, "C01", path,
                            "expected command or command_b64");
    }
    if ((family == HTTP || family == OPENC2) && text != NULL &&
        !yw_cacao_start_line_valid(text))
        yw_findings_add(lint->findings, "C03", at,
                        "expected a start line as POST /path HTTP/1.1");
    if (family == OPENC2 && text != NULL && strncmp(text, "POST ", 5) != 0)
        yw_findings_add(lint->findings, "C04", at, "expected the method POST");
}

void yw_lint_commands(struct yw_lint *lint, json_t *step, const char *path)
{
    json_t *list = json_object_get(step, "commands"), *command;
    char under[YW_FINDING_PATH_MAX];
    size_t index;

    yw_lint_path(under, path, "commands");
    if (!json_is_array(list))
        return;
    json_array_foreach(list, index, command)
    {
        const char *type = yw_lint_text(command, "type");
        char at[YW_FINDING_PATH_MAX], number[24];
        bool known = false;

        (void)snprintf(number, sizeof number, "%zu", index);
        yw_lint_path(at, under, number);
        for (size_t i = 0; type != NULL && i < sizeof commands / sizeof commands[0];
             i++) {
            if (strcmp(commands[i].type, type) != 0)
                continue;
            check_family(lint, command, at, commands[i].family);
            known = true;
        }
        if (type == NULL)
            yw_findings_add(lint->findings, "P01", at, "expected a command with a type");
        else if (!known)
            yw_findings_add(
                lint->findings, "C05w", at,
                "command type '%s' is not in the vocabulary; carried, and run "
                "by hand",
                type);
    }
}
