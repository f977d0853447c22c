/* What a drill adds to CACAO: drill-step and drill-agent extensions. */
#include "codec/playbook/playbook_read.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

struct word {
    const char *name;
    int value;
};

/* One of the words, `value` of the first when absent. */
static int read_word(struct yw_playbook_reader *in, json_t *from, const char *path,
                     const char *key, const struct word *words, size_t count, int *ret)
{
    char text[32];
    int status = yw_playbook_text(in, from, path, key, text, sizeof text, false);

    *ret = words[0].value;
    if (status < 0 || text[0] == '\0')
        return status;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i].name, text) == 0) {
            *ret = words[i].value;
            return 0;
        }
    }
    return yw_playbook_refuse(in, path, key, "'%s' is none of its words", text);
}

static int read_conduct(struct yw_playbook_reader *in, json_t *from, const char *path,
                        struct yw_pb_step *step)
{
    static const struct word acks[] = {{"single", YW_PB_ACK_SINGLE},
                                       {"none", YW_PB_ACK_NONE},
                                       {"two_person", YW_PB_ACK_TWO},
                                       {"tier_leader", YW_PB_ACK_LEADER}};
    static const struct word overdues[] = {{"mark", YW_PB_OVERDUE_MARK},
                                           {"escalate", YW_PB_OVERDUE_ESCALATE},
                                           {"fail", YW_PB_OVERDUE_FAIL},
                                           {"auto_continue", YW_PB_OVERDUE_GO_ON}};
    int ack = 0, overdue = 0;
    int status = read_word(in, from, path, "ack", acks, 4, &ack);

    if (status == 0)
        status = read_word(in, from, path, "on_overdue", overdues, 4, &overdue);
    step->ack = (enum yw_pb_ack)ack;
    step->overdue = (enum yw_pb_overdue)overdue;
    if (status == 0)
        status = yw_playbook_text(in, from, path, "escalate_role", step->escalates,
                                  sizeof step->escalates, false);
    if (status == 0)
        status = yw_playbook_text(in, from, path, "leader_role", step->confirms,
                                  sizeof step->confirms, false);
    if (status == 0)
        status = yw_playbook_flag(in, from, path, "fail_fast", &step->fail_fast);
    if (status == 0)
        status = yw_playbook_span(in, from, path, "quorum", &step->quorum);
    return status;
}

static int read_evidence(struct yw_playbook_reader *in, json_t *from, const char *path,
                         struct yw_pb_step *step)
{
    static const struct word forms[] = {{"text", YW_PB_EVIDENCE_TEXT},
                                        {"file", YW_PB_EVIDENCE_FILE},
                                        {"screenshot", YW_PB_EVIDENCE_SCREENSHOT},
                                        {"checklist", YW_PB_EVIDENCE_CHECKLIST},
                                        {"signature", YW_PB_EVIDENCE_SIGNATURE}};
    json_t *list = json_object_get(from, "evidence"), *form;
    size_t i;

    if (list && !json_is_array(list))
        return yw_playbook_refuse(in, path, "evidence", "expected a list");
    json_array_foreach(list, i, form)
    {
        const char *name = json_string_value(form);
        unsigned bit = 0;

        for (size_t k = 0; name && k < sizeof forms / sizeof forms[0]; k++) {
            if (strcmp(forms[k].name, name) == 0)
                bit = (unsigned)forms[k].value;
        }
        if (bit == 0)
            return yw_playbook_refuse(in, path, "evidence", "no such form '%s'",
                                      name ? name : "?");
        step->evidence |= bit;
    }
    return 0;
}

static int read_clock(struct yw_playbook_reader *in, json_t *from, const char *path,
                      struct yw_pb_step *step)
{
    static const char *const anchors[] = {"step_start", "inject_delivered",
                                          "incident_discovered", "report_received",
                                          "handling_ended"};
    char anchor[YW_NAME_MAX];
    int status = yw_playbook_span(in, from, path, "deadline_ms", &step->deadline_ms);
    bool known = false;

    if (status == 0)
        status = yw_playbook_span(in, from, path, "warn_ms", &step->warn_ms);
    if (status == 0)
        status = yw_playbook_span(in, from, path, "poll_ms", &step->poll_ms);
    if (status == 0)
        status = yw_playbook_text(in, from, path, "anchor", anchor, sizeof anchor, false);
    if (status < 0 || anchor[0] == '\0' || strncmp(anchor, "event:", 6) == 0)
        return status;
    for (size_t i = 0; i < sizeof anchors / sizeof anchors[0]; i++)
        known = known || strcmp(anchors[i], anchor) == 0;
    return known ? 0
                 : yw_playbook_refuse(in, path, "anchor", "no such anchor '%s'", anchor);
}

static int read_choices(struct yw_playbook_reader *in, json_t *choices, const char *path,
                        struct yw_pb_field *field)
{
    json_t *choice;
    size_t i, used = 0;

    json_array_foreach(choices, i, choice)
    {
        const char *text = json_string_value(choice);
        size_t size = text ? strlen(text) : 0;

        if (!text || strchr(text, '|') || used + size + 2 > sizeof field->choices)
            return yw_playbook_refuse(in, path, "enum",
                                      "expected texts without '|', at most %zu bytes",
                                      sizeof field->choices - 2);
        used += (size_t)snprintf(field->choices + used, sizeof field->choices - used,
                                 "%s%s", i ? "|" : "", text);
    }
    return 0;
}

static bool is_required(json_t *required, const char *name)
{
    json_t *one;
    size_t i;

    json_array_foreach(required, i, one)
    {
        const char *text = json_string_value(one);

        if (text && strcmp(text, name) == 0)
            return true;
    }
    return required == NULL;
}

/* {"properties": {"__grade__": {"enum": […], "minimum": 0, "maximum": 9}}, "required": […]}:
 * of the answer's variables, by their full or their bare names. */
static int read_schema(struct yw_playbook_reader *in, json_t *from, const char *path,
                       struct yw_pb_step *step)
{
    json_t *schema = json_object_get(from, "answer_schema");
    json_t *properties = json_object_get(schema, "properties");
    json_t *required = json_object_get(schema, "required");

    if (schema && !json_is_object(schema))
        return yw_playbook_refuse(in, path, "answer_schema", "expected an object");
    for (size_t i = 0; schema && i < step->out_count; i++) {
        struct yw_pb_field *field = &step->fields[i];
        const char *bare = in->playbook->vars[field->var].name;
        char full[YW_NAME_MAX + 4];

        snprintf(full, sizeof full, "__%s__", bare);
        json_t *property = json_object_get(properties, full);

        if (!property)
            property = json_object_get(properties, bare);
        json_t *low = json_object_get(property, "minimum");
        json_t *high = json_object_get(property, "maximum");

        field->optional = !is_required(required, full) && !is_required(required, bare);
        field->low_set = json_is_number(low);
        field->high_set = json_is_number(high);
        field->low = json_number_value(low);
        field->high = json_number_value(high);
        int status = read_choices(in, json_object_get(property, "enum"), path, field);

        if (status < 0)
            return status;
    }
    return 0;
}

static int read_extension(struct yw_playbook_reader *in, json_t *from, const char *path,
                          struct yw_pb_step *step)
{
    struct yw_text name = {.en = ""};
    int status =
        yw_playbook_text(in, from, path, "role", step->role, sizeof step->role, false);

    if (status == 0)
        status =
            yw_playbook_text(in, from, path, "name_zh", name.zh, sizeof name.zh, false);
    if (status == 0)
        status = yw_playbook_text(in, from, path, "asks_zh", step->asks.zh,
                                  sizeof step->asks.zh, false);
    if (status == 0)
        status = read_clock(in, from, path, step);
    if (status == 0)
        status = read_conduct(in, from, path, step);
    if (status == 0)
        status = read_evidence(in, from, path, step);
    if (status == 0)
        status = read_schema(in, from, path, step);
    if (name.zh[0] != '\0')
        YW_COPY(step->name.zh, name.zh);
    return status;
}

/* The extension of this type among those of an object; NULL: it has none. */
static int find(struct yw_playbook_reader *in, json_t *from, const char *path,
                const char *key, const char *wanted, json_t **ret)
{
    json_t *known = json_object_get(in->root, "extension_definitions");
    json_t *extensions, *extension;
    const char *id;
    int status = yw_playbook_object(in, from, path, key, &extensions);

    *ret = NULL;
    if (status < 0)
        return status;
    json_object_foreach(extensions, id, extension)
    {
        const char *type = json_string_value(json_object_get(extension, "type"));

        if (!json_object_get(known, id))
            return yw_playbook_refuse(in, path, key,
                                      "'%s' is not in extension_definitions", id);
        if (type && strcmp(type, wanted) == 0) /* others are kept by their authors */
            *ret = extension;
    }
    return 0;
}

int yw_playbook_read_extensions(struct yw_playbook_reader *in, json_t *from,
                                const char *path, struct yw_pb_step *step)
{
    json_t *extension;
    int status = find(in, from, path, "step_extensions", "drill-step", &extension);

    return status == 0 && extension ? read_extension(in, extension, path, step) : status;
}

int yw_playbook_read_node(struct yw_playbook_reader *in, const char *id, const char *path,
                          char *dst, size_t size, bool *ret_guarded)
{
    json_t *object = json_object_get(json_object_get(in->root, "target_definitions"), id);
    json_t *extension;

    if (!object)
        object = json_object_get(json_object_get(in->root, "agent_definitions"), id);
    int status =
        find(in, object, path, "agent_target_extensions", "drill-agent", &extension);

    dst[0] = '\0';
    if (status == 0 && extension)
        status = yw_playbook_text(in, extension, path, "node", dst, size, false);
    if (status < 0)
        return status;
    if (json_integer_value(json_object_get(extension, "safety_class")) >= 2)
        *ret_guarded = true;
    const char *name = json_string_value(json_object_get(object, "name"));

    if (dst[0] == '\0' && name && yw_name_valid(name))
        (void)yw_copy(dst, size, name);
    if (dst[0] != '\0' && !yw_playbook_machine_valid(in->playbook, dst))
        return yw_playbook_refuse(in, path, "node", "'%s' is not the name of a machine",
                                  dst);
    return 0;
}
