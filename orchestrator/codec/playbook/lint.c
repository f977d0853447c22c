#include "codec/playbook/lint.h"

#include "base/mem.h"
#include "codec/field.h"
#include "codec/playbook/lint_inside.h"
#include "codec/playbook/lint_schema.h"
#include "codec/playbook/signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct yw_lint_member members[] = {
    {"type", YW_LINT_STRING, true, NULL},
    {"spec_version", YW_LINT_STRING, true, NULL},
    {"id", YW_LINT_ID, true, "playbook"},
    {"name", YW_LINT_STRING, true, NULL},
    {"description", YW_LINT_STRING, false, NULL},
    {"playbook_types", YW_LINT_WORDS, false, NULL},
    {"playbook_activities", YW_LINT_WORDS, false, NULL},
    {"playbook_processing_summary", YW_LINT_OBJECT, false, NULL},
    {"created_by", YW_LINT_ID, true, "identity"},
    {"created", YW_LINT_TIME, true, NULL},
    {"modified", YW_LINT_TIME, true, NULL},
    {"revoked", YW_LINT_BOOL, false, NULL},
    {"valid_from", YW_LINT_TIME, false, NULL},
    {"valid_until", YW_LINT_TIME, false, NULL},
    {"derived_from", YW_LINT_IDS, false, "playbook"},
    {"related_to", YW_LINT_IDS, false, NULL},
    {"priority", YW_LINT_PERCENT, false, NULL},
    {"severity", YW_LINT_PERCENT, false, NULL},
    {"impact", YW_LINT_PERCENT, false, NULL},
    {"industry_sectors", YW_LINT_WORDS, false, NULL},
    {"labels", YW_LINT_WORDS, false, NULL},
    {"external_references", YW_LINT_REFERENCES, false, NULL},
    {"markings", YW_LINT_IDS, false, NULL},
    {"playbook_variables", YW_LINT_OBJECT, false, NULL},
    {"workflow_start", YW_LINT_ID, true, NULL},
    {"workflow_exception", YW_LINT_ID, false, NULL},
    {"workflow", YW_LINT_OBJECT, true, NULL},
    {"playbook_extensions", YW_LINT_OBJECT, false, NULL},
    {"authentication_info_definitions", YW_LINT_OBJECT, false, NULL},
    {"agent_definitions", YW_LINT_OBJECT, false, NULL},
    {"target_definitions", YW_LINT_OBJECT, false, NULL},
    {"extension_definitions", YW_LINT_OBJECT, false, NULL},
    {"data_marking_definitions", YW_LINT_OBJECT, false, NULL},
    {"signatures", YW_LINT_LIST, false, NULL},
    {0}};
static const struct yw_lint_shape playbook = {members, "P09", NULL};

/* A hint, recomputed by whoever runs the playbook. */
static const struct yw_lint_member summary_members[] = {
    {"manual_playbook", YW_LINT_BOOL, false, NULL},
    {"external_playbooks", YW_LINT_BOOL, false, NULL},
    {"parallel_processing", YW_LINT_BOOL, false, NULL},
    {"if_logic", YW_LINT_BOOL, false, NULL},
    {"while_logic", YW_LINT_BOOL, false, NULL},
    {"switch_logic", YW_LINT_BOOL, false, NULL},
    {"temporal_logic", YW_LINT_BOOL, false, NULL},
    {"data_markings", YW_LINT_BOOL, false, NULL},
    {"digital_signatures", YW_LINT_BOOL, false, NULL},
    {"countersigned_signatures", YW_LINT_BOOL, false, NULL},
    {"extensions", YW_LINT_BOOL, false, NULL},
    {0}};
static const struct yw_lint_shape summary = {summary_members, "P09", NULL};

static void check_constants(struct yw_lint *lint)
{
    const char *type = yw_lint_text(lint->root, "type");
    const char *version = yw_lint_text(lint->root, "spec_version");

    if (type != NULL && strcmp(type, "playbook") != 0)
        yw_findings_add(lint->findings, "P01", "/type",
                        "expected 'playbook'; got '%.80s'", type);
    if (version != NULL && strcmp(version, "cacao-2.0") != 0)
        yw_findings_add(lint->findings, "P02", "/spec_version",
                        "expected 'cacao-2.0'; got '%.80s'", version);
}

/* Times of one form compare as text. */
static void check_times(struct yw_lint *lint)
{
    const char *created = yw_lint_text(lint->root, "created");
    const char *modified = yw_lint_text(lint->root, "modified");
    const char *from = yw_lint_text(lint->root, "valid_from");
    const char *until = yw_lint_text(lint->root, "valid_until");

    if (yw_cacao_time_valid(created) && yw_cacao_time_valid(modified) &&
        strcmp(modified, created) < 0)
        yw_findings_add(lint->findings, "P06", "/modified", "before /created");
    if (!json_is_true(json_object_get(lint->root, "revoked")) &&
        yw_cacao_time_valid(from) && yw_cacao_time_valid(until) &&
        strcmp(until, from) <= 0)
        yw_findings_add(lint->findings, "P07", "/valid_until", "not after /valid_from");
}

static bool mirrored(const struct yw_lint *lint, const char *activity)
{
    const char *id;
    json_t *step, *command;
    size_t index;

    json_object_foreach(lint->workflow, id, step)
    {
        json_t *commands = json_object_get(step, "commands");

        if (!json_is_array(commands))
            continue;
        json_array_foreach(commands, index, command)
        {
            const char *own = yw_lint_text(command, "playbook_activity");

            if (own != NULL && strcmp(own, activity) == 0)
                return true;
        }
    }
    return false;
}

static void check_activities(struct yw_lint *lint)
{
    json_t *types = json_object_get(lint->root, "playbook_types");
    json_t *activities = json_object_get(lint->root, "playbook_activities"), *item;
    size_t index;

    if (json_array_size(types) > 0 && json_array_size(activities) == 0)
        yw_findings_add(lint->findings, "P08", "/playbook_types",
                        "types without /playbook_activities");
    if (!json_is_array(activities))
        return;
    json_array_foreach(activities, index, item)
    {
        const char *activity = json_string_value(item);
        char at[YW_FINDING_PATH_MAX];

        (void)snprintf(at, sizeof at, "/playbook_activities/%zu", index);
        if (activity != NULL && !mirrored(lint, activity))
            yw_findings_add(lint->findings, "P10w", at, "no step does '%.80s'", activity);
    }
}

static void check_all(struct yw_lint *lint)
{
    json_t *hint = json_object_get(lint->root, "playbook_processing_summary");

    yw_lint_object(lint, lint->root, "", &playbook, NULL);
    if (json_is_object(hint))
        yw_lint_object(lint, hint, "/playbook_processing_summary", &summary, NULL);
    check_constants(lint);
    check_times(lint);
    check_activities(lint);
    yw_lint_variables(lint, lint->root, "playbook_variables", "", true);
    yw_lint_definitions(lint);
    if (lint->workflow == NULL)
        yw_findings_add(lint->findings, "P01!", "/workflow",
                        "expected an object of steps");
    else
        yw_lint_workflow(lint);
}

/* What the file itself lets one say: whose the keys are is for the caller's trust list. */
static void check_signed(struct yw_lint *lint, const char *text, size_t size)
{
    struct yw_signature_check *checks = yw_new_array(YW_SIGNATURES_MAX, sizeof *checks);
    struct yw_err err = {0};
    size_t count = 0;

    if (yw_playbook_verify(checks, &count, text, size, NULL, 0, &err) < 0)
        yw_findings_add(lint->findings, "S01", "/signatures", "%s", err.text);
    for (size_t i = 0; i < count; i++) {
        char at[YW_FINDING_PATH_MAX];

        (void)snprintf(at, sizeof at, "/signatures/%zu/value", i);
        if (checks[i].state == YW_SIGNATURE_BROKEN)
            yw_findings_add(lint->findings, "S01", at,
                            "does not hold for this playbook and the key it names");
        else if (checks[i].state == YW_SIGNATURE_NO_KEY && checks[i].detail[0] != '\0')
            yw_findings_add(lint->findings, "S02", at, "%s", checks[i].detail);
    }
    free(checks);
}

/* By line, then by path: as a person reads the file. */
static int compare(const void *left, const void *right)
{
    const struct yw_finding *a = left, *b = right;

    if (a->line != b->line)
        return a->line - b->line;
    int order = strcmp(a->path, b->path);

    return order != 0 ? order : strcmp(a->code, b->code);
}

int yw_playbook_lint(struct yw_findings *findings, const char *text, size_t size,
                     enum yw_lint_profile profile, struct yw_err *err)
{
    struct yw_lint lint = {.findings = findings};

    yw_findings_init(findings, profile == YW_LINT_LENIENT);
    int code = yw_cacao_load(&lint.root, text, size, err);

    if (code < 0)
        return code;
    json_t *workflow = json_object_get(lint.root, "workflow");

    lint.workflow = json_is_object(workflow) ? workflow : NULL;
    if (profile == YW_LINT_SCHEMA)
        yw_lint_schema(&lint);
    else
        check_all(&lint);
    if (profile != YW_LINT_SCHEMA &&
        json_array_size(json_object_get(lint.root, "signatures")) > 0)
        check_signed(&lint, text, size);
    json_decref(lint.root);
    if (findings->count > 0) {
        yw_lint_lines(findings, text, size);
        qsort(findings->items, findings->count, sizeof findings->items[0], compare);
    }
    return 0;
}

static void write_finding(struct yw_writer *w, const struct yw_finding *finding)
{
    yw_write_object(w, NULL);
    yw_write_string(w, "code", finding->code);
    yw_write_int(w, "line", finding->line);
    yw_write_string(w, "message", finding->message);
    yw_write_string(w, "path", finding->path);
    yw_write_string(w, "severity", finding->warning ? "warning" : "error");
    yw_write_end(w, '}');
}

void yw_findings_encode(struct yw_buf *out, const char *file,
                        enum yw_lint_profile profile, const struct yw_findings *findings)
{
    struct yw_writer writer;

    yw_writer_init(&writer, out);
    yw_write_object(&writer, NULL);
    yw_write_string(&writer, "file", file);
    yw_write_array(&writer, "findings");
    for (size_t i = 0; i < findings->count; i++)
        write_finding(&writer, &findings->items[i]);
    yw_write_end(&writer, ']');
    yw_write_bool(&writer, "ok", yw_findings_errors(findings) == 0);
    yw_write_string(&writer, "profile", yw_lint_profile_name(profile));
    yw_write_end(&writer, '}');
}

static const char *const profiles[] = {"schema", "strict", "lenient"};

bool yw_lint_profile_read(const char *name, enum yw_lint_profile *ret)
{
    for (int i = 0; i < 3; i++) {
        if (strcmp(profiles[i], name) == 0) {
            *ret = (enum yw_lint_profile)i;
            return true;
        }
    }
    return false;
}

const char *yw_lint_profile_name(enum yw_lint_profile profile)
{
    return profiles[profile];
}
