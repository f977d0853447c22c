/* Where agents and targets are, and how to reach them: address, location, contact. */
#include "codec/playbook/lint_inside.h"

#include "codec/playbook/lint_schema.h"
#include "response/playbook.h"

#include <stdio.h>
#include <string.h>

static const struct yw_lint_member address_members[] = {
    {"dname", YW_LINT_WORDS, false, NULL},
    {"ipv4", YW_LINT_WORDS, false, NULL},
    {"ipv6", YW_LINT_WORDS, false, NULL},
    {"l2mac", YW_LINT_WORDS, false, NULL},
    {"vlan", YW_LINT_WORDS, false, NULL},
    {"url", YW_LINT_WORDS, false, NULL},
    {0}};
static const struct yw_lint_shape address_shape = {address_members, "A06", NULL};

static const struct yw_lint_member location_members[] = {
    {"name", YW_LINT_STRING, false, NULL},
    {"description", YW_LINT_STRING, false, NULL},
    {"building_details", YW_LINT_STRING, false, NULL},
    {"network_details", YW_LINT_STRING, false, NULL},
    {"region", YW_LINT_STRING, false, NULL},
    {"country", YW_LINT_STRING, false, NULL},
    {"administrative_area", YW_LINT_STRING, false, NULL},
    {"city", YW_LINT_STRING, false, NULL},
    {"street_address", YW_LINT_STRING, false, NULL},
    {"postal_code", YW_LINT_STRING, false, NULL},
    {"latitude", YW_LINT_STRING, false, NULL},
    {"longitude", YW_LINT_STRING, false, NULL},
    {"precision", YW_LINT_STRING, false, NULL},
    {0}};
static const struct yw_lint_shape location_shape = {location_members, "A06", NULL};

static const struct yw_lint_member contact_members[] = {
    {"email", YW_LINT_STRINGS_BY, false, NULL},
    {"phone", YW_LINT_STRINGS_BY, false, NULL},
    {"contact_details", YW_LINT_STRING, false, NULL},
    {0}};
static const struct yw_lint_shape contact_shape = {contact_members, "A06", NULL};

/* Typed addresses cannot hold a variable by the published patterns. */
static void check_typed(struct yw_lint *lint, const json_t *address, const char *key,
                        const char *type, const char *under)
{
    json_t *list = json_object_get(address, key), *item;
    char at[YW_FINDING_PATH_MAX];
    size_t index;

    yw_lint_path(at, under, key);
    if (!json_is_array(list))
        return;
    json_array_foreach(list, index, item)
    {
        const char *text = json_string_value(item);
        const char *flaw = text != NULL ? yw_pb_value_flaw(type, text) : NULL;

        if (text != NULL && strstr(text, "__:value") != NULL)
            yw_findings_add(lint->findings, "A04w", at,
                            "a variable in a typed address; dname takes one");
        else if (flaw != NULL)
            yw_findings_add(lint->findings, "P01", at, "expected %s; got '%.80s'", flaw,
                            text);
    }
}

static void check_address(struct yw_lint *lint, json_t *address, const char *path)
{
    static const struct {
        const char *key, *type;
    } typed[] = {{"ipv4", "ipv4-addr"},
                 {"ipv6", "ipv6-addr"},
                 {"l2mac", "mac-addr"},
                 {"url", "uri"}};

    yw_lint_object(lint, address, path, &address_shape, NULL);
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++)
        check_typed(lint, address, typed[i].key, typed[i].type, path);
}

static bool region_known(const char *region)
{
    for (size_t i = 0; yw_cacao_regions[i] != NULL; i++) {
        if (strcmp(yw_cacao_regions[i], region) == 0)
            return true;
    }
    return false;
}

static void check_location(struct yw_lint *lint, json_t *location, const char *path)
{
    const char *region = yw_lint_text(location, "region");
    bool latitude = json_object_get(location, "latitude") != NULL;
    bool longitude = json_object_get(location, "longitude") != NULL;
    char at[YW_FINDING_PATH_MAX];

    yw_lint_object(lint, location, path, &location_shape, NULL);
    yw_lint_path(at, path, "region");
    if (region != NULL && !region_known(region))
        yw_findings_add(lint->findings, "P01", at,
                        "no such region '%.80s'; expected one as eastern-asia", region);
    if (latitude != longitude)
        yw_findings_add(lint->findings, "P01", path,
                        "expected latitude and longitude, or neither");
    yw_lint_path(at, path, "precision");
    if (json_object_get(location, "precision") != NULL && !(latitude && longitude))
        yw_findings_add(lint->findings, "P01", at,
                        "says nothing without latitude and longitude");
}

void yw_lint_whereabouts(struct yw_lint *lint, const json_t *party, const char *path)
{
    static const struct {
        const char *key;
        void (*check)(struct yw_lint *lint, json_t *object, const char *path);
    } parts[] = {{"address", check_address}, {"location", check_location}};
    char at[YW_FINDING_PATH_MAX];

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        json_t *part = json_object_get(party, parts[i].key);

        yw_lint_path(at, path, parts[i].key);
        if (json_is_object(part))
            parts[i].check(lint, part, at);
    }
    json_t *contact = json_object_get(party, "contact");

    yw_lint_path(at, path, "contact");
    if (json_is_object(contact))
        yw_lint_object(lint, contact, at, &contact_shape, NULL);
}
