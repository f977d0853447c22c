#include "codec/technique.h"

#include "base/file.h"
#include "base/mem.h"
#include "codec/field.h"
#include "codec/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add(struct yw_techniques *table, const struct yw_technique *technique,
               const char *path, struct yw_err *err)
{
    if (!yw_techniques_add(table, technique))
        return yw_err_set(err, YW_EINVAL,
                          "%s: '%s' stands there twice, or it is one too many", path,
                          technique->id);
    return 0;
}

/* ---- our form ---- */

static int read_tactics(struct yw_technique *ret, const json_t *list, const char *path,
                        struct yw_err *err)
{
    if (!json_is_array(list) || json_array_size(list) > YW_TECHNIQUE_TACTICS_MAX)
        return yw_json_expected(err, path, "an array of at most 8 tactics", list);
    for (size_t i = 0; i < json_array_size(list); i++) {
        int code = yw_json_read_string(json_array_get(list, i), path, ret->tactics[i],
                                       sizeof ret->tactics[i], err);

        if (code < 0)
            return code;
        ret->tactic_count++;
    }
    return 0;
}

static int read_own_one(struct yw_techniques *table, json_t *json, const char *path,
                        struct yw_err *err)
{
    static const char *const names[] = {"id", "name", "now", "tactics"};
    const json_t *now = json_object_get(json, "now");
    struct yw_technique technique = {0};
    char at[YW_FIELD_PATH_MAX];

    if (!json_is_object(json))
        return yw_json_expected(err, path, "an object", json);
    int code = yw_json_only(json, path, names, 4, err);

    yw_json_path(at, path, "id");
    if (code == 0)
        code = yw_json_read_string(json_object_get(json, "id"), at, technique.id,
                                   sizeof technique.id, err);
    yw_json_path(at, path, "name");
    if (code == 0)
        code = yw_json_read_string(json_object_get(json, "name"), at, technique.name,
                                   sizeof technique.name, err);
    yw_json_path(at, path, "now");
    if (code == 0 && now != NULL)
        code = yw_json_read_string(now, at, technique.now, sizeof technique.now, err);
    yw_json_path(at, path, "tactics");
    if (code == 0)
        code = read_tactics(&technique, json_object_get(json, "tactics"), at, err);
    return code == 0 ? add(table, &technique, path, err) : code;
}

static int read_own(struct yw_techniques *ret, json_t *root, struct yw_err *err)
{
    static const char *const names[] = {"domain", "source", "techniques", "version"};
    const json_t *list = json_object_get(root, "techniques");
    int code = yw_json_only(root, "", names, 4, err);

    if (code == 0)
        code = yw_json_read_string(json_object_get(root, "domain"), "/domain",
                                   ret->domain, sizeof ret->domain, err);
    if (code == 0)
        code = yw_json_read_string(json_object_get(root, "source"), "/source",
                                   ret->source, sizeof ret->source, err);
    if (code == 0)
        code = yw_json_read_string(json_object_get(root, "version"), "/version",
                                   ret->version, sizeof ret->version, err);
    if (code == 0 && !json_is_array(list))
        code = yw_json_expected(err, "/techniques", "an array", list);
    for (size_t i = 0; code == 0 && i < json_array_size(list); i++) {
        char path[YW_FIELD_PATH_MAX];

        (void)snprintf(path, sizeof path, "/techniques/%zu", i);
        code = read_own_one(ret, json_array_get(list, i), path, err);
    }
    return code;
}

/* ---- STIX ---- */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static bool is(const json_t *object, const char *name, const char *value)
{
    return strcmp(text_of(object, name), value) == 0;
}

/* MITRE's id stands among the references, first. */
static const char *id_of(const json_t *object)
{
    const json_t *references = json_object_get(object, "external_references");

    for (size_t i = 0; i < json_array_size(references); i++) {
        const json_t *reference = json_array_get(references, i);

        if (strncmp(text_of(reference, "source_name"), "mitre", 5) == 0 &&
            text_of(reference, "external_id")[0] == 'T')
            return text_of(reference, "external_id");
    }
    return "";
}

static const json_t *object_of(const json_t *objects, const char *stix_id)
{
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *object = json_array_get(objects, i);

        if (is(object, "id", stix_id))
            return object;
    }
    return NULL;
}

/* The id of the technique that took the place of a revoked one; "" none. */
static const char *successor_of(const json_t *objects, const char *stix_id)
{
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *object = json_array_get(objects, i);

        if (is(object, "type", "relationship") &&
            is(object, "relationship_type", "revoked-by") &&
            is(object, "source_ref", stix_id))
            return id_of(object_of(objects, text_of(object, "target_ref")));
    }
    return "";
}

static void take_tactics(struct yw_technique *ret, const json_t *phases)
{
    for (size_t i = 0; i < json_array_size(phases); i++) {
        const json_t *phase = json_array_get(phases, i);

        if (ret->tactic_count < YW_TECHNIQUE_TACTICS_MAX &&
            strncmp(text_of(phase, "kill_chain_name"), "mitre", 5) == 0 &&
            YW_COPY(ret->tactics[ret->tactic_count], text_of(phase, "phase_name")) == 0)
            ret->tactic_count++;
    }
}

static int take_technique(struct yw_techniques *table, const json_t *objects,
                          size_t index, struct yw_err *err)
{
    const json_t *object = json_array_get(objects, index);
    struct yw_technique technique = {0};
    char path[YW_FIELD_PATH_MAX];

    (void)snprintf(path, sizeof path, "/objects/%zu", index);
    if (id_of(object)[0] == '\0' || YW_COPY(technique.id, id_of(object)) < 0)
        return yw_err_set(err, YW_EINVAL, "%s: a technique without an id of MITRE's",
                          path);
    (void)YW_COPY(technique.name, text_of(object, "name"));
    if (json_is_true(json_object_get(object, "revoked")))
        (void)YW_COPY(technique.now, successor_of(objects, text_of(object, "id")));
    take_tactics(&technique, json_object_get(object, "kill_chain_phases"));
    return add(table, &technique, path, err);
}

static bool gone(const json_t *object)
{
    return json_is_true(json_object_get(object, "x_mitre_deprecated"));
}

static int read_bundle(struct yw_techniques *ret, const json_t *root, struct yw_err *err)
{
    const json_t *objects = json_object_get(root, "objects");
    int code = 0;

    (void)YW_COPY(ret->domain, "ics-attack");
    for (size_t i = 0; code == 0 && i < json_array_size(objects); i++) {
        const json_t *object = json_array_get(objects, i);
        const json_t *domains = json_object_get(object, "x_mitre_domains");

        if (is(object, "type", "x-mitre-collection")) {
            (void)YW_COPY(ret->version, text_of(object, "x_mitre_version"));
            (void)YW_COPY(ret->source, text_of(object, "name"));
        } else if (is(object, "type", "attack-pattern") && !gone(object)) {
            const char *domain = json_string_value(json_array_get(domains, 0));

            if (domain != NULL)
                (void)YW_COPY(ret->domain, domain);
            code = take_technique(ret, objects, i, err);
        }
    }
    if (code == 0 && ret->list.count == 0)
        code =
            yw_err_set(err, YW_EINVAL, "/objects: expected techniques (attack-pattern)");
    return code;
}

/* ---- both ---- */

int yw_techniques_decode(struct yw_techniques *ret, const char *text, size_t size,
                         struct yw_err *err)
{
    json_t *root = NULL;

    yw_techniques_init(ret);
    int code = yw_json_load(&root, text, size, err);

    if (code < 0)
        return code;
    code = is(root, "type", "bundle") ? read_bundle(ret, root, err)
                                      : read_own(ret, root, err);
    json_decref(root);
    if (code < 0)
        yw_techniques_fini(ret);
    return code;
}

int yw_techniques_read(struct yw_techniques *ret, const char *path, struct yw_err *err)
{
    char *text = NULL;
    size_t size = 0;

    yw_techniques_init(ret);
    int code = yw_file_read(path, YW_TECHNIQUES_BYTES_MAX, &text, &size, err);

    if (code < 0)
        return code;
    code = yw_techniques_decode(ret, text, size, err);
    free(text);
    return code < 0 ? yw_err_prefix(err, "%s", path) : 0;
}

void yw_techniques_encode(struct yw_buf *out, const struct yw_techniques *table)
{
    yw_buf_puts(out, "{\n  \"domain\": ");
    yw_json_string(out, table->domain);
    yw_buf_puts(out, ",\n  \"source\": ");
    yw_json_string(out, table->source);
    yw_buf_puts(out, ",\n  \"techniques\": [");
    for (size_t i = 0; i < table->list.count; i++) {
        const struct yw_technique *technique = yw_vec_at(&table->list, i);

        yw_buf_puts(out, i == 0 ? "\n    {\"id\": " : ",\n    {\"id\": ");
        yw_json_string(out, technique->id);
        yw_buf_puts(out, ", \"name\": ");
        yw_json_string(out, technique->name);
        if (technique->now[0] != '\0') {
            yw_buf_puts(out, ", \"now\": ");
            yw_json_string(out, technique->now);
        }
        yw_buf_puts(out, ", \"tactics\": [");
        for (size_t t = 0; t < technique->tactic_count; t++) {
            yw_buf_puts(out, t == 0 ? "" : ", ");
            yw_json_string(out, technique->tactics[t]);
        }
        yw_buf_puts(out, "]}");
    }
    yw_buf_puts(out, "\n  ],\n  \"version\": ");
    yw_json_string(out, table->version);
    yw_buf_puts(out, "\n}\n");
}
