/* CACAO v2.0 JSON → graph: the document, its variables, what holds for the whole graph.
 * Steps stand in playbook_step.c. */
#include "codec/playbook/playbook.h"

#include "base/mem.h"
#include "codec/playbook/cacao.h"
#include "codec/playbook/lint.h"
#include "codec/playbook/playbook_mend.h"
#include "codec/playbook/playbook_read.h"

#include <stdlib.h>
#include <string.h>

static int read_constant(struct yw_playbook_reader *in, const char *key, const char *want)
{
    char text[32];
    int status = yw_playbook_text(in, in->root, "", key, text, sizeof text, true);

    if (status == 0 && strcmp(text, want) != 0)
        return yw_playbook_refuse(in, "", key, "expected '%s'; got '%s'", want, text);
    return status;
}

static int read_time(struct yw_playbook_reader *in, const char *key, char *dst,
                     size_t size, bool required)
{
    int status = yw_playbook_text(in, in->root, "", key, dst, size, required);

    if (status == 0 && dst[0] != '\0' && !yw_cacao_time_valid(dst))
        return yw_playbook_refuse(in, "", key,
                                  "expected a time like 2026-11-21T08:00:00.000Z");
    return status;
}

static int read_times(struct yw_playbook_reader *in)
{
    struct yw_playbook *playbook = in->playbook;
    char created[32];
    int status = read_time(in, "created", created, sizeof created, true);

    if (status == 0)
        status = read_time(in, "modified", playbook->modified, sizeof playbook->modified,
                           true);
    if (status == 0)
        status = read_time(in, "valid_from", playbook->valid_from,
                           sizeof playbook->valid_from, false);
    if (status == 0)
        status = read_time(in, "valid_until", playbook->valid_until,
                           sizeof playbook->valid_until, false);
    if (status == 0 && strcmp(playbook->modified, created) < 0)
        return yw_playbook_refuse(in, "", "modified", "before created");
    return status;
}

static int read_id(struct yw_playbook_reader *in, const char *key, const char *type,
                   char *dst, size_t size)
{
    int status = yw_playbook_text(in, in->root, "", key, dst, size, true);

    if (status == 0 && !yw_cacao_id_valid(dst, type, false))
        return yw_playbook_refuse(in, "", key, "expected %s--<UUID>; got '%s'", type,
                                  dst);
    return status;
}

/* The Chinese name stands in our extension of the playbook. */
static int read_chinese_name(struct yw_playbook_reader *in)
{
    struct yw_text *name = &in->playbook->name;
    json_t *extensions, *extension, *known;
    const char *id;
    int status = yw_playbook_object(in, in->root, "", "playbook_extensions", &extensions);

    if (status == 0)
        status = yw_playbook_object(in, in->root, "", "extension_definitions", &known);
    if (status < 0)
        return status;
    json_object_foreach(extensions, id, extension)
    {
        const char *type = json_string_value(json_object_get(extension, "type"));

        if (!json_object_get(known, id))
            return yw_playbook_refuse(in, "/playbook_extensions", id,
                                      "not in extension_definitions");
        if (type && strcmp(type, "drill-playbook") == 0)
            status = yw_playbook_text(in, extension, "/playbook_extensions", "name_zh",
                                      name->zh, sizeof name->zh, false);
        if (status < 0)
            return status;
    }
    if (name->zh[0] == '\0')
        YW_COPY(name->zh, name->en);
    return 0;
}

static int read_markings(struct yw_playbook_reader *in)
{
    json_t *markings = json_object_get(in->root, "markings");
    json_t *known = json_object_get(in->root, "data_marking_definitions");
    json_t *marking;
    size_t i;

    if (!markings)
        return 0;
    if (!json_is_array(markings) || json_array_size(markings) == 0)
        return yw_playbook_refuse(in, "", "markings", "expected a list with members");
    json_array_foreach(markings, i, marking)
    {
        const char *id = json_string_value(marking);

        if (!id || !json_object_get(known, id))
            return yw_playbook_refuse(in, "", "markings",
                                      "'%s' is not in data_marking_definitions",
                                      id ? id : "?");
        const char *level =
            json_string_value(json_object_get(json_object_get(known, id), "tlpv2_level"));
        enum yw_tlp tlp;

        if (level && yw_tlp_read(level, &tlp) && tlp > in->playbook->marking)
            in->playbook->marking = tlp;
    }
    return 0;
}

static int read_head(struct yw_playbook_reader *in)
{
    struct yw_playbook *playbook = in->playbook;
    char created_by[80];
    int status = read_constant(in, "type", "playbook");

    if (status == 0)
        status = read_constant(in, "spec_version", "cacao-2.0");
    if (status == 0)
        status = read_id(in, "id", "playbook", playbook->id, sizeof playbook->id);
    if (status == 0)
        status = read_id(in, "created_by", "identity", created_by, sizeof created_by);
    if (status == 0)
        status = yw_playbook_text(in, in->root, "", "name", playbook->name.en,
                                  sizeof playbook->name.en, true);
    if (status == 0)
        status = read_times(in);
    if (status == 0)
        status = read_chinese_name(in);
    if (status == 0)
        status = yw_playbook_flag(in, in->root, "", "revoked", &in->playbook->revoked);
    return status == 0 ? read_markings(in) : status;
}

/* ^__[a-zA-Z_][a-zA-Z0-9_-]*__$ */
static bool var_name_valid(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    size_t size = strlen(name);

    if (size < 5 || size - 4 >= YW_NAME_MAX || strncmp(name, "__", 2) != 0 ||
        strcmp(name + size - 2, "__") != 0 || !strchr(letters, name[2]))
        return false;
    for (size_t i = 2; i < size - 2; i++) {
        if (!strchr(letters, name[i]) && !strchr("0123456789-", name[i]))
            return false;
    }
    return true;
}

/* By the prose a value may be an object: then it is kept as its JSON. */
static int read_value(struct yw_playbook_reader *in, json_t *from, const char *path,
                      struct yw_pb_var *var)
{
    json_t *value = json_object_get(from, "value");

    if (json_is_object(value)) {
        char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
        int status = yw_copy(var->value, sizeof var->value, text ? text : "");

        free(text);
        if (status < 0)
            return yw_playbook_refuse(in, path, "value", "longer than %zu bytes",
                                      sizeof var->value - 1);
    } else {
        int status = yw_playbook_text(in, from, path, "value", var->value,
                                      sizeof var->value, false);

        if (status < 0)
            return status;
    }
    const char *flaw = var->value[0] ? yw_pb_value_flaw(var->type, var->value) : NULL;

    if (flaw)
        return yw_playbook_refuse(in, path, "value", "expected %s; got '%s'", flaw,
                                  var->value);
    var->has_value = true;
    return 0;
}

static int read_var(struct yw_playbook_reader *in, const char *above, const char *key,
                    json_t *from, struct yw_pb_var *var)
{
    json_t *value = json_object_get(from, "value");

    if (!var_name_valid(key))
        return yw_playbook_refuse(in, above, key,
                                  "a variable's name is like __name__, at most %d bytes",
                                  YW_NAME_MAX + 3);
    if (!json_is_object(from))
        return yw_playbook_refuse(in, above, key, "expected an object");
    char *path = yw_strf("%s/%s", above, key);

    memcpy(var->name, key + 2, strlen(key) - 4);
    int status =
        yw_playbook_text(in, from, path, "type", var->type, sizeof var->type, true);

    if (status == 0)
        status = yw_playbook_flag(in, from, path, "constant", &var->constant);
    if (status == 0)
        status = yw_playbook_flag(in, from, path, "external", &var->external);
    if (status == 0 && value && !json_is_null(value))
        status = read_value(in, from, path, var);
    free(path);
    return status;
}

int yw_playbook_read_vars(struct yw_playbook_reader *in, json_t *object, const char *path,
                          const char *key, size_t max, struct yw_pb_var **ret,
                          size_t *ret_count)
{
    json_t *vars, *var;
    const char *name;
    int status = yw_playbook_object(in, object, path, key, &vars);

    if (status < 0)
        return status;
    if (json_object_size(vars) > max)
        return yw_playbook_refuse(in, path, key, "more than %zu", max);
    char *above = yw_strf("%s/%s", path, key);

    *ret = yw_new_array(json_object_size(vars) + 1, sizeof **ret);
    json_object_foreach(vars, name, var)
    {
        if (status == 0)
            status = read_var(in, above, name, var, &(*ret)[(*ret_count)++]);
    }
    free(above);
    return status;
}

/* From `from` on, everything that is reached; the exception handler is reached by
 * failures. */
static void mark_reached(const struct yw_playbook *playbook, int from, bool *reached)
{
    if (from < 0 || reached[from])
        return;
    reached[from] = true; /* no cycles: the recursion is as deep as the longest path */
    const struct yw_pb_step *step = &playbook->steps[from];

    int next;

    for (size_t i = 0; yw_playbook_edge(step, i, &next); i++)
        mark_reached(playbook, next, reached);
}

static int check_graph(struct yw_playbook_reader *in)
{
    const struct yw_playbook *playbook = in->playbook;
    bool reached[YW_PLAYBOOK_STEPS_MAX] = {false};
    bool ends = false;
    int cycle = yw_playbook_cycle(playbook);

    if (cycle >= 0)
        return yw_playbook_refuse(in, "/workflow", playbook->steps[cycle].id,
                                  "on a circle, or leading to one");
    mark_reached(playbook, playbook->start, reached);
    mark_reached(playbook, playbook->exception, reached);
    for (size_t i = 0; i < playbook->step_count; i++)
        ends = ends || playbook->steps[i].type == YW_PB_END;
    if (!ends)
        return yw_playbook_refuse(in, "", "workflow", "has no end step");
    for (size_t i = 0; i < playbook->step_count; i++) {
        if (!reached[i])
            return yw_playbook_refuse(in, "/workflow", playbook->steps[i].id,
                                      "no step leads here");
    }
    return 0;
}

static int read_entries(struct yw_playbook_reader *in)
{
    struct yw_playbook *playbook = in->playbook;
    char id[80];
    int status =
        yw_playbook_text(in, in->root, "", "workflow_start", id, sizeof id, true);

    if (status < 0)
        return status;
    playbook->start = yw_playbook_step(playbook, id);
    if (playbook->start < 0 || playbook->steps[playbook->start].type != YW_PB_START)
        return yw_playbook_refuse(in, "", "workflow_start", "'%s' is not a start step",
                                  id);
    playbook->exception = -1;
    status =
        yw_playbook_text(in, in->root, "", "workflow_exception", id, sizeof id, false);
    if (status < 0 || id[0] == '\0')
        return status;
    playbook->exception = yw_playbook_step(playbook, id);
    if (playbook->exception < 0)
        return yw_playbook_refuse(in, "", "workflow_exception", "no such step '%s'", id);
    return 0;
}

static int decode(struct yw_playbook_reader *in)
{
    int status = read_head(in);

    if (status == 0)
        status = yw_playbook_read_vars(in, in->root, "", "playbook_variables",
                                       YW_PLAYBOOK_VARS_MAX, &in->playbook->vars,
                                       &in->playbook->var_count);
    if (status == 0)
        status = yw_playbook_read_steps(in);
    if (status == 0)
        status = read_entries(in);
    return status == 0 ? check_graph(in) : status;
}

static int decode_root(struct yw_playbook **ret, json_t *root, bool lenient,
                       struct yw_err *err)
{
    struct yw_playbook_reader in = {.root = root, .err = err, .lenient = lenient};

    in.playbook = yw_new(sizeof *in.playbook);
    int status = decode(&in);

    if (status < 0) {
        yw_playbook_free(in.playbook);
        return status;
    }
    *ret = in.playbook;
    return 0;
}

int yw_playbook_decode(struct yw_playbook **ret, const char *text, size_t size,
                       struct yw_err *err)
{
    json_t *root;
    int status = yw_cacao_load(&root, text, size, err);

    if (status < 0)
        return status;
    status = decode_root(ret, root, false, err);
    json_decref(root);
    return status;
}

static int refused(const struct yw_findings *findings, struct yw_err *err)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct yw_finding *finding = &findings->items[i];

        if (!finding->warning)
            return yw_err_set(err, YW_EINVAL, "line %d: %s: %s", finding->line,
                              finding->path, finding->message);
    }
    return 0;
}

int yw_playbook_decode_lenient(struct yw_playbook **ret, const char *text, size_t size,
                               struct yw_err *err)
{
    struct yw_findings findings;
    json_t *root;
    int status = yw_playbook_lint(&findings, text, size, YW_LINT_LENIENT, err);

    if (status == 0)
        status = refused(&findings, err);
    yw_findings_fini(&findings);
    if (status == 0)
        status = yw_cacao_load(&root, text, size, err);
    if (status < 0)
        return status;
    yw_playbook_mend(root);
    status = decode_root(ret, root, true, err);
    json_decref(root);
    return status;
}
