/* Steps from elsewhere, put right; see playbook_mend.h. */
#include "codec/playbook/playbook_mend.h"

#include "base/base64.h"
#include "base/mem.h"
#include "codec/playbook/cacao.h"
#include "codec/playbook/playbook_read.h"
#include "response/outline.h"

#include <stdlib.h>
#include <string.h>

#define END "end--00000000-0000-4000-8000-00000000000e"
#define CONTROL "group--00000000-0000-4000-8000-00000000000c"
#define STEP_ID_MAX 80

const char *const yw_mend_edges[] = {"on_completion", "on_success", "on_failure",
                                     "on_true",       "on_false",   NULL};

struct mending {
    json_t *root, *workflow; /* borrowed */
};

static const char *end_of(struct mending *m)
{
    if (json_object_get(m->workflow, END) == NULL)
        yw_mend_put(yw_mend_object(m->workflow, END), "type", "end");
    return END;
}

static bool leads_on(const struct mending *m, const json_t *to)
{
    const json_t *step =
        json_object_get(m->workflow, json_is_string(to) ? json_string_value(to) : "");

    return step != NULL && strcmp(yw_mend_text(step, "type"), "start") != 0;
}

/* What the run cannot read is carried, and exercise control sees to it. */
static void carry(json_t *command, const char *says)
{
    char *text = yw_strf("%s: %s", yw_mend_text(command, "type"), says);

    (void)json_object_clear(command);
    yw_mend_put(command, "type", "unreadable");
    yw_mend_put(command, "description", text);
    free(text);
}

static void carry_step(json_t *step)
{
    json_t *command = json_object();
    char *type = yw_strdup(yw_mend_text(step, "type"));

    yw_mend_put(command, "type", type);
    carry(command, yw_mend_text(step, "name"));
    yw_mend_put(step, "type", "action");
    (void)json_object_set_new(step, "commands", json_pack("[o]", command));
    free(type);
}

static bool base64_valid(const char *text)
{
    char *bytes = NULL;
    size_t size = 0;
    bool valid = yw_base64_read(text, strlen(text), &bytes, &size) == 0;

    free(bytes);
    return valid;
}

static void mend_command(json_t *command)
{
    static const char *const read[] = {"manual", "bash", "ssh", "powershell",
                                       "caldera-cmd"};
    const char *type = yw_mend_text(command, "type");
    const char *text = yw_mend_text(command, "command");
    const char *coded = yw_mend_text(command, "command_b64");
    bool wire = strcmp(type, "http-api") == 0 || strcmp(type, "openc2-http") == 0;
    bool needed = wire;

    for (size_t i = 0; i < sizeof read / sizeof read[0]; i++)
        needed = needed || strcmp(read[i], type) == 0;
    if (coded[0] == '\0' || !base64_valid(coded))
        (void)json_object_del(command, "command_b64");
    if (!base64_valid(yw_mend_text(command, "content_b64")))
        (void)json_object_del(command, "content_b64");
    bool given = text[0] != '\0' || json_object_get(command, "command_b64") != NULL;

    if (type[0] == '\0' || (needed && !given) ||
        (wire && !yw_cacao_start_line_valid(text)))
        carry(command, text);
}

static void mend_commands(json_t *step)
{
    json_t *list = json_object_get(step, "commands");
    size_t index = json_is_array(list) ? json_array_size(list) : 0;

    while (index-- > 0) {
        json_t *command = json_array_get(list, index);

        if (json_is_object(command))
            mend_command(command);
        else
            (void)json_array_remove(list, index);
    }
    if (json_array_size(list) == 0)
        carry_step(step);
}

static void mend_agent(struct mending *m, json_t *step)
{
    json_t *agents = yw_mend_object(m->root, "agent_definitions");
    json_t *defined = json_object_get(m->root, "target_definitions");
    json_t *targets = json_object_get(step, "targets");
    size_t index = json_is_array(targets) ? json_array_size(targets) : 0;

    if (json_object_get(agents, yw_mend_text(step, "agent")) == NULL) {
        yw_mend_put(yw_mend_object(agents, CONTROL), "type", "group");
        yw_mend_put(step, "agent", CONTROL);
    }
    while (index-- > 0) {
        const char *id = json_string_value(json_array_get(targets, index));

        if (id == NULL ||
            (json_object_get(defined, id) == NULL && json_object_get(agents, id) == NULL))
            (void)json_array_remove(targets, index);
    }
    if (!json_is_array(targets) || json_array_size(targets) == 0)
        (void)json_object_del(step, "targets");
}

/* What comes back is declared by that; a constant is not written. */
static void mend_args(struct mending *m, json_t *step, const char *key, bool out)
{
    json_t *vars = json_object_get(m->root, "playbook_variables"), *seen = json_object();
    json_t *list = json_object_get(step, key), *kept = json_array(), *arg;
    size_t index;

    if (!json_is_array(list))
        list = NULL;
    json_array_foreach(list, index, arg)
    {
        const char *name = json_string_value(arg);

        if (name == NULL || !yw_mend_name_valid(name) ||
            json_object_get(seen, name) != NULL ||
            json_is_true(json_object_get(json_object_get(vars, name), "constant")))
            continue;
        if (out && json_object_get(vars, name) == NULL)
            yw_mend_put(yw_mend_object(vars, name), "type", "string");
        if (json_object_get(vars, name) != NULL)
            (void)json_array_append(kept, arg);
        (void)json_object_set_new(seen, name, json_true());
    }
    (void)json_object_del(step, key);
    if (json_array_size(kept) > 0)
        (void)json_object_set(step, key, kept);
    json_decref(kept);
    json_decref(seen);
}

static void mend_branches(struct mending *m, json_t *step)
{
    json_t *list = json_object_get(step, "next_steps"), *cases, *to;
    const char *value;
    void *next;

    if (strcmp(yw_mend_text(step, "type"), "parallel") == 0) {
        size_t index = json_is_array(list) ? json_array_size(list) : 0;

        if (!json_is_array(list)) {
            (void)json_object_set_new(step, "next_steps", json_array());
            list = json_object_get(step, "next_steps");
        }
        while (index-- > 0) {
            if (!leads_on(m, json_array_get(list, index)))
                (void)json_array_remove(list, index);
        }
        while (json_array_size(list) < 2)
            (void)json_array_append_new(list, json_string(end_of(m)));
        return;
    }
    cases = yw_mend_object(step, "cases");
    json_object_foreach_safe(cases, next, value, to)
    {
        if (!leads_on(m, to))
            (void)json_object_del(cases, value);
    }
    if (json_object_size(cases) == 0)
        yw_mend_put(cases, "default", end_of(m));
    if (yw_mend_text(step, "switch")[0] == '\0')
        yw_mend_put(step, "switch", "?");
}

static void mend_condition(struct mending *m, json_t *step)
{
    if (yw_mend_text(step, "condition")[0] == '\0')
        yw_mend_put(step, "condition", "?");
    if (json_object_get(step, "on_true") == NULL)
        yw_mend_put(step, "on_true", end_of(m));
    for (size_t i = 3; yw_mend_edges[i] != NULL; i++) {
        const char *branch = yw_mend_text(step, yw_mend_edges[i]);

        for (size_t k = 0; k < 2; k++) { /* its own continuation would run twice */
            if (branch[0] != '\0' &&
                strcmp(branch, yw_mend_text(step, yw_mend_edges[k])) == 0)
                (void)json_object_del(step, yw_mend_edges[k]);
        }
    }
}

/* One kind of continuation, and one that leads somewhere. */
static void mend_continuation(struct mending *m, json_t *step)
{
    const char *type = yw_mend_text(step, "type");
    json_t *whole = json_object_get(step, "on_completion");
    bool split;

    for (size_t i = 0; yw_mend_edges[i] != NULL; i++) {
        if (!leads_on(m, json_object_get(step, yw_mend_edges[i])))
            (void)json_object_del(step, yw_mend_edges[i]);
    }
    if (strcmp(type, "start") == 0 && json_object_get(step, "on_completion") == NULL &&
        json_object_get(step, "on_success") != NULL)
        yw_mend_put(step, "on_completion", yw_mend_text(step, "on_success"));
    if (strcmp(type, "start") == 0 || strcmp(type, "end") == 0) {
        (void)json_object_del(step, "on_success");
        (void)json_object_del(step, "on_failure");
    }
    if (strcmp(type, "end") == 0) {
        (void)json_object_del(step, "on_completion");
        return;
    }
    split = json_object_get(step, "on_success") != NULL ||
            json_object_get(step, "on_failure") != NULL;
    whole = json_object_get(step, "on_completion");
    if (split && json_object_get(step, "on_success") == NULL)
        yw_mend_put(step, "on_success",
                    whole != NULL ? json_string_value(whole) : end_of(m));
    if (split)
        (void)json_object_del(step, "on_completion");
    else if (whole == NULL)
        yw_mend_put(step, "on_completion", end_of(m));
}

static void mend_span(json_t *step, const char *key)
{
    const json_t *span = json_object_get(step, key);
    json_int_t ms = json_integer_value(span);

    if (!json_is_integer(span) || ms < 0 || ms > YW_PLAYBOOK_SPAN_MAX_MS)
        (void)json_object_del(step, key);
}

static void mend_step(struct mending *m, json_t *step)
{
    mend_span(step, "delay");
    mend_span(step, "timeout");
    yw_mend_vars(step, "step_variables");
    yw_mend_extensions(m->root, step, "step_extensions");
    mend_continuation(m, step);
    if (strcmp(yw_mend_text(step, "type"), "playbook-action") == 0) {
        if (!yw_cacao_id_valid(yw_mend_text(step, "playbook_id"), "playbook", false))
            carry_step(step);
        if (!yw_cacao_time_valid(yw_mend_text(step, "playbook_version")))
            (void)json_object_del(step, "playbook_version");
    }
    const char *type = yw_mend_text(step, "type");

    if (strcmp(type, "action") == 0) {
        mend_commands(step);
        mend_agent(m, step);
    } else if (strcmp(type, "parallel") == 0 || strcmp(type, "switch-condition") == 0) {
        mend_branches(m, step);
    } else if (strcmp(type, "if-condition") == 0 ||
               strcmp(type, "while-condition") == 0) {
        mend_condition(m, step);
    }
    mend_args(m, step, "in_args", false);
    mend_args(m, step, "out_args", true);
}

/* Ids stand in paths and in the journal. */
static bool id_plain(const char *id)
{
    return strlen(id) < STEP_ID_MAX &&
           id[strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789-_.")] == '\0';
}

void yw_mend_steps(json_t *root, json_t *workflow)
{
    struct mending m = {root, workflow};
    const char *id;
    json_t *step;
    void *next;

    json_object_foreach_safe(workflow, next, id, step)
    {
        if (!json_is_object(step) || !id_plain(id)) {
            (void)json_object_del(workflow, id);
            continue;
        }
        const char *type = yw_mend_text(step, "type");
        const char *dashes = strstr(id, "--");

        if (type[0] == '\0' && dashes != NULL) {
            char *named = yw_strf("%.*s", (int)(dashes - id), id);

            yw_mend_put(step, "type", named);
            free(named);
        }
        if (yw_outline_type(yw_mend_text(step, "type")) == YW_OUTLINE_UNKNOWN)
            carry_step(step);
    }
    json_object_foreach_safe(workflow, next, id, step) mend_step(&m, step);
}
