/* Data markings: their definitions, and that each one in use is defined. */
#include "codec/playbook/lint_inside.h"

#include "response/marking.h"

#include <stdio.h>
#include <string.h>

static const struct yw_lint_member common_members[] = {
    {"type", YW_LINT_STRING, true, NULL},
    {"id", YW_LINT_ID, true, NULL},
    {"name", YW_LINT_STRING, false, NULL},
    {"description", YW_LINT_STRING, false, NULL},
    {"created_by", YW_LINT_ID, true, "identity"},
    {"created", YW_LINT_TIME, true, NULL},
    {"revoked", YW_LINT_BOOL, false, NULL},
    {"valid_from", YW_LINT_TIME, false, NULL},
    {"valid_until", YW_LINT_TIME, false, NULL},
    {"labels", YW_LINT_WORDS, false, NULL},
    {"external_references", YW_LINT_ANY, false, NULL},
    {"marking_extensions", YW_LINT_OBJECT, false, NULL},
    {0}};
static const struct yw_lint_shape common = {common_members, "P09", NULL};

static const struct yw_lint_member tlp_members[] = {
    {"tlpv2_level", YW_LINT_STRING, true, NULL}, {0}};
static const struct yw_lint_member statement_members[] = {
    {"statement", YW_LINT_STRING, true, NULL}, {0}};
static const struct yw_lint_member iep_members[] = {
    {"name", YW_LINT_STRING, true, NULL},
    {"description", YW_LINT_STRING, true, NULL},
    {"tlp", YW_LINT_STRING, true, NULL},
    {"iep_version", YW_LINT_NUMBER, true, NULL},
    {"start_date", YW_LINT_TIME, true, NULL},
    {"end_date", YW_LINT_ANY, true, NULL},
    {"encrypt_in_transit", YW_LINT_STRING, true, NULL},
    {"permitted_actions", YW_LINT_STRING, true, NULL},
    {"affected_party_notifications", YW_LINT_STRING, true, NULL},
    {"attribution", YW_LINT_STRING, true, NULL},
    {"unmodified_resale", YW_LINT_STRING, true, NULL},
    {"external_references", YW_LINT_ANY, true, NULL},
    {0}};

static const struct {
    const char *type;
    struct yw_lint_shape shape;
} markings[] = {{"marking-tlp", {tlp_members, "P09", NULL}},
                {"marking-statement", {statement_members, "P09", NULL}},
                {"marking-iep", {iep_members, "P09", NULL}}};

static void check_level(struct yw_lint *lint, const char *id, const json_t *marking,
                        const char *path)
{
    const char *level = yw_lint_text(marking, "tlpv2_level"), *own = yw_cacao_tlp(id);
    char at[YW_FINDING_PATH_MAX];
    enum yw_tlp tlp;

    yw_lint_path(at, path, "tlpv2_level");
    if (level != NULL && own != NULL && strcmp(own, level) != 0)
        yw_findings_add(lint->findings, "M01", at,
                        "the specification gives this id to %s; got '%.40s'", own, level);
    else if (level != NULL && !yw_tlp_read(level, &tlp))
        yw_findings_add(lint->findings, "M01", at,
                        "expected TLP:RED, TLP:AMBER+STRICT, TLP:AMBER, TLP:GREEN or "
                        "TLP:CLEAR");
}

void yw_lint_marking(struct yw_lint *lint, const char *id, json_t *marking,
                     const char *path)
{
    const char *type = yw_lint_text(marking, "type");
    const char *own = yw_lint_text(marking, "id");

    yw_lint_key(lint, id, type, path);
    if (type == NULL) {
        yw_findings_add(lint->findings, "P01", path, "expected an object with a type");
        return;
    }
    if (own != NULL && strcmp(own, id) != 0)
        yw_findings_add(lint->findings, "P03", path, "its /id is '%.80s'", own);
    for (size_t i = 0; i < sizeof markings / sizeof markings[0]; i++) {
        if (strcmp(markings[i].type, type) == 0)
            yw_lint_object(lint, marking, path, &markings[i].shape, &common);
    }
    if (strcmp(type, "marking-tlp") == 0)
        check_level(lint, id, marking, path);
}

void yw_lint_used_markings(struct yw_lint *lint)
{
    json_t *list = json_object_get(lint->root, "markings"), *item;
    json_t *defined = json_object_get(lint->root, "data_marking_definitions");
    size_t index;

    if (!json_is_array(list))
        return;
    json_array_foreach(list, index, item)
    {
        const char *id = json_string_value(item);
        char at[YW_FINDING_PATH_MAX];

        (void)snprintf(at, sizeof at, "/markings/%zu", index);
        if (id != NULL && json_object_get(defined, id) == NULL)
            yw_findings_add(lint->findings, "M01", at,
                            "'%s' is not among /data_marking_definitions", id);
    }
}
