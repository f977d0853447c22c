#include "codec/playbook/run_record.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "codec/playbook/cacao.h"
#include "codec/playbook/playbook.h"

#include <stdlib.h>
#include <string.h>

#define EXTENSION "extension-definition--0c7d4a52-6e0b-4f0d-9a3e-5b1f2c8d7e64"
#define SCHEMA                                                                           \
    "One object per run of the playbook. statuses: execution-status objects of the "     \
    "workflow status schema 1.0 (cyentific-rni), in the order in which the steps began."

/* Stable: the same run is exported under the same names. */
static json_t *id_of(const char *type, const struct yw_run_record *record, int64_t exec)
{
    char uuid[YW_UUID_SIZE];
    char *parts = yw_strf("%s/%s/%lld/%lld", type, record->drill,
                          (long long)record->run->run, (long long)exec);

    yw_uuid_from(parts, uuid);
    free(parts);
    return json_sprintf("%s--%s", type, uuid);
}

static json_t *time_of(int64_t wall_us)
{
    char text[32];

    yw_clock_format_utc(wall_us, text);
    return json_string(text);
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text[0] != '\0')
        (void)json_object_set_new(object, key, json_string(text));
}

static void add_base64(json_t *list, const char *text)
{
    struct yw_buf out;

    yw_buf_init(&out, 4 * YW_PLAYBOOK_COMMAND_MAX);
    yw_base64_put(&out, text, strlen(text));
    (void)json_array_append_new(list, json_string(out.data != NULL ? out.data : ""));
    yw_buf_fini(&out);
}

/* What was carried out; of steps that decide, what they decided on. */
static json_t *commands_of(const struct yw_run_record *record,
                           const struct yw_history_exec *exec)
{
    int index = yw_playbook_step(record->run->playbook, exec->step);
    json_t *list = json_array();

    if (exec->manual && exec->asks[0] != '\0')
        add_base64(list, exec->asks);
    for (size_t i = 0; i < exec->commands.count; i++)
        add_base64(list, *(char **)yw_vec_at(&exec->commands, i));
    if (json_array_size(list) == 0)
        add_base64(list, index < 0 ? "" : record->run->playbook->steps[index].condition);
    return list;
}

static json_t *status_of(const struct yw_run_record *record,
                         const struct yw_history_exec *exec, const json_t *playbook)
{
    json_t *object = json_object();
    json_t *workflow = json_object_get(playbook, "workflow");
    json_t *agent = json_object_get(json_object_get(workflow, exec->step), "agent");
    char people[2 * YW_EVENT_ACTOR_MAX + 16];

    (void)yw_copyf(people, sizeof people, "%s%s%s", exec->answered_by,
                   exec->confirmed_by[0] != '\0' ? "; " : "", exec->confirmed_by);
    (void)json_object_set_new(object, "type", json_string("execution-status"));
    (void)json_object_set_new(object, "id",
                              id_of("execution-status", record, exec->exec));
    (void)json_object_set_new(object, "workflow_step", json_string(exec->step));
    (void)json_object_set_new(object, "start_time", time_of(exec->started_us));
    if (exec->ended_us > 0)
        (void)json_object_set_new(
            object, "duration", json_integer((exec->ended_us - exec->started_us) / 1000));
    (void)json_object_set_new(object, "status",
                              json_string(yw_step_status_name(exec->status)));
    set_text(object, "status_text", exec->detail);
    if (json_is_string(agent))
        (void)json_object_set(object, "executed_by", agent);
    (void)json_object_set_new(object, "command_b64", commands_of(record, exec));
    set_text(object, "notes", people);
    (void)json_object_set_new(object, "automated_execution", json_boolean(!exec->manual));
    return object;
}

static json_t *values_of(const struct yw_run *run)
{
    json_t *object = json_object();

    for (size_t i = 0; i < run->playbook->var_count; i++) {
        const char *value = yw_run_var(run, NULL, run->playbook->vars[i].name);

        (void)json_object_set_new(object, run->playbook->vars[i].name,
                                  value != NULL ? json_string(value) : json_null());
    }
    return object;
}

static json_t *account_of(const struct yw_run_record *record, const json_t *playbook)
{
    const struct yw_history *history = record->history;
    json_t *object = json_object(), *list = json_array();

    (void)json_object_set_new(object, "type", json_string("run-record"));
    (void)json_object_set_new(object, "drill", json_string(record->drill));
    (void)json_object_set_new(object, "team", json_string(record->team));
    (void)json_object_set_new(object, "run", json_integer(record->run->run));
    (void)json_object_set(object, "playbook_id", json_object_get(playbook, "id"));
    (void)json_object_set(object, "playbook_version",
                          json_object_get(playbook, "modified"));
    (void)json_object_set_new(object, "start_time", time_of(history->started_us));
    if (history->ended_us > 0)
        (void)json_object_set_new(object, "end_time", time_of(history->ended_us));
    (void)json_object_set_new(object, "status",
                              json_string(history->active ? "ongoing"
                                          : history->ok   ? "successfully_executed"
                                                          : "failed"));
    set_text(object, "status_text", history->detail);
    (void)json_object_set_new(object, "variables", values_of(record->run));
    for (size_t i = 0; i < history->execs.count; i++)
        (void)json_array_append_new(
            list, status_of(record, yw_vec_at(&history->execs, i), playbook));
    (void)json_object_set_new(object, "statuses", list);
    return object;
}

/* The member of this name, made when it is not there. Borrowed. */
static json_t *object_in(json_t *root, const char *key)
{
    json_t *object = json_object_get(root, key);

    if (json_is_object(object))
        return object;
    object = json_object();
    (void)json_object_set_new(root, key, object);
    return object;
}

static void derive(json_t *root, const struct yw_run_record *record)
{
    const struct yw_history *history = record->history;
    int64_t until_us = history->ended_us > 0 ? history->ended_us : history->started_us;
    json_t *account = account_of(record, root);
    json_t *extension = json_object();

    for (size_t i = 0; history->ended_us == 0 && i < history->lines.count; i++) {
        const struct yw_history_line *line = yw_vec_at(&history->lines, i);

        until_us = line->wall_us > until_us ? line->wall_us : until_us;
    }
    (void)json_object_set_new(extension, "type", json_string("extension-definition"));
    (void)json_object_set_new(extension, "name", json_string("Record of a run"));
    (void)json_object_set(extension, "created_by", json_object_get(root, "created_by"));
    (void)json_object_set_new(extension, "schema", json_string(SCHEMA));
    (void)json_object_set_new(extension, "version", json_string("1.0.0"));
    (void)json_object_set_new(object_in(root, "extension_definitions"), EXTENSION,
                              extension);
    (void)json_object_set_new(object_in(root, "playbook_extensions"), EXTENSION, account);
    (void)json_object_set_new(root, "derived_from",
                              json_pack("[O]", json_object_get(root, "id")));
    (void)json_object_set_new(root, "id", id_of("playbook", record, 0));
    (void)json_object_set_new(root, "created", time_of(history->started_us));
    (void)json_object_set_new(root, "modified", time_of(until_us));
    (void)json_object_del(root, "signatures");
}

int yw_run_record_encode(struct yw_buf *out, const struct yw_run_record *record,
                         const char *source, size_t size, struct yw_err *err)
{
    json_t *root = NULL;
    int code = yw_cacao_load(&root, source, size, err);

    if (code < 0)
        return code;
    derive(root, record);
    char *dump =
        json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17));

    json_decref(root);
    if (record->history->cut || strlen(dump) >= YW_PLAYBOOK_BYTES_MAX)
        code = yw_err_set(err, YW_ELIMIT,
                          "the run's record is larger than a playbook may be (%d bytes): "
                          "its timeline is whole",
                          YW_PLAYBOOK_BYTES_MAX);
    else
        yw_buf_printf(out, "%s\n", dump);
    free(dump);
    return code;
}
