/* Definitions: agents and targets, authentication, extensions, markings, signatures. */
#include "codec/playbook/lint_inside.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define COMMON                                                                           \
    {"type", YW_LINT_STRING, true, NULL}, {"name", YW_LINT_STRING, true, NULL},          \
        {"description", YW_LINT_STRING, false, NULL},                                    \
        {"location", YW_LINT_OBJECT, false, NULL},                                       \
    {                                                                                    \
        "agent_target_extensions", YW_LINT_OBJECT, false, NULL                           \
    }

static const struct yw_lint_member person[] = {
    COMMON, {"contact", YW_LINT_OBJECT, false, NULL}, {0}};
static const struct yw_lint_member place[] = {
    COMMON, {"logical", YW_LINT_WORDS, false, NULL}, {0}};
static const struct yw_lint_member sector[] = {
    COMMON, {"sector", YW_LINT_STRING, true, NULL}, {0}};
static const struct yw_lint_member host[] = {
    COMMON,
    {"address", YW_LINT_OBJECT, true, NULL},
    {"port", YW_LINT_PORT, false, NULL},
    {"authentication_info", YW_LINT_ID, false, NULL},
    {"category", YW_LINT_WORDS, false, NULL},
    {0}};
static const struct yw_lint_member net[] = {
    COMMON,
    {"address", YW_LINT_OBJECT, true, NULL},
    {"authentication_info", YW_LINT_ID, false, NULL},
    {"category", YW_LINT_WORDS, false, NULL},
    {0}};
static const struct yw_lint_member category[] = {
    COMMON, {"category", YW_LINT_WORDS, true, NULL}, {0}};

static const struct {
    const char *type;
    struct yw_lint_shape shape;
} parties[] = {{"group", {person, "A06", NULL}},
               {"individual", {person, "A06", NULL}},
               {"organization", {person, "A06", NULL}},
               {"location", {place, "A06", NULL}},
               {"sector", {sector, "A06", NULL}},
               {"http-api", {host, "A06", NULL}},
               {"linux", {host, "A06", NULL}},
               {"ssh", {host, "A06", NULL}},
               {"net-address", {net, "A06", NULL}},
               {"security-category", {category, "A06", NULL}}};

static const struct yw_lint_member extension_members[] = {
    {"type", YW_LINT_STRING, true, NULL},
    {"name", YW_LINT_STRING, true, NULL},
    {"description", YW_LINT_STRING, false, NULL},
    {"created_by", YW_LINT_ID, true, "identity"},
    {"schema", YW_LINT_STRING, true, NULL},
    {"version", YW_LINT_STRING, true, NULL},
    {"external_references", YW_LINT_REFERENCES, false, NULL},
    {0}};
static const struct yw_lint_shape extension = {extension_members, "P09", NULL};

static const struct yw_lint_member signature_members[] = {
    {"type", YW_LINT_STRING, true, NULL},
    {"id", YW_LINT_ID, true, NULL},
    {"created_by", YW_LINT_ID, false, "identity"},
    {"created", YW_LINT_TIME, true, NULL},
    {"modified", YW_LINT_TIME, true, NULL},
    {"revoked", YW_LINT_BOOL, false, NULL},
    {"signee", YW_LINT_STRING, true, NULL},
    {"valid_from", YW_LINT_TIME, false, NULL},
    {"valid_until", YW_LINT_TIME, false, NULL},
    {"related_to", YW_LINT_ID, true, "playbook"},
    {"related_version", YW_LINT_TIME, true, NULL},
    {"hash_algorithm", YW_LINT_STRING, true, NULL},
    {"algorithm", YW_LINT_STRING, true, NULL},
    {"public_key", YW_LINT_STRING, false, NULL},
    {"public_cert_chain", YW_LINT_WORDS, false, NULL},
    {"cert_url", YW_LINT_STRING, false, NULL},
    {"thumbprint", YW_LINT_STRING, false, NULL},
    {"value", YW_LINT_STRING, true, NULL},
    {"signature", YW_LINT_OBJECT, false, NULL},
    {0}};
static const struct yw_lint_shape signature = {signature_members, "P09", NULL};

void yw_lint_key(struct yw_lint *lint, const char *id, const char *type, const char *path)
{
    if (yw_cacao_id_valid(id, type, false))
        return;
    yw_findings_add(lint->findings, yw_cacao_id_valid(id, NULL, false) ? "W07" : "P03",
                    path, "expected a key as %s--<UUID>", type != NULL ? type : "<type>");
}

static void check_party(struct yw_lint *lint, const char *id, json_t *party,
                        const char *path)
{
    const char *type = yw_lint_text(party, "type");
    const char *key = yw_lint_text(party, "authentication_info");
    json_t *keys = json_object_get(lint->root, "authentication_info_definitions");
    char at[YW_FINDING_PATH_MAX];
    bool known = false;

    yw_lint_key(lint, id, type, path);
    for (size_t i = 0; type != NULL && i < sizeof parties / sizeof parties[0]; i++) {
        if (strcmp(parties[i].type, type) != 0)
            continue;
        yw_lint_object(lint, party, path, &parties[i].shape, NULL);
        known = true;
    }
    if (type == NULL)
        yw_findings_add(lint->findings, "P01", path, "expected an object with a type");
    else if (!known)
        yw_findings_add(lint->findings, "A05w", path,
                        "type '%s' is not in the vocabulary", type);
    yw_lint_path(at, path, "authentication_info");
    if (key != NULL && json_object_get(keys, key) == NULL)
        yw_findings_add(lint->findings, "A03", at, "no such authentication object '%s'",
                        key);
    yw_lint_whereabouts(lint, party, path);
    yw_lint_uses(lint, party, path, NULL);
    yw_lint_extensions(lint, party, "agent_target_extensions", path);
}

#define AUTHENTICATION                                                                   \
    {"type", YW_LINT_STRING, true, NULL}, {"name", YW_LINT_STRING, false, NULL},         \
        {"description", YW_LINT_STRING, false, NULL},                                    \
        {"kms", YW_LINT_BOOL, false, NULL},                                              \
        {"kms_key_identifier", YW_LINT_STRING, false, NULL},                             \
    {                                                                                    \
        "authentication_info_extensions", YW_LINT_OBJECT, false, NULL                    \
    }

static const struct yw_lint_member basic[] = {AUTHENTICATION,
                                              {"user_id", YW_LINT_STRING, false, NULL},
                                              {"password", YW_LINT_STRING, false, NULL},
                                              {0}};
static const struct yw_lint_member oauth[] = {
    AUTHENTICATION,
    {"oauth_header", YW_LINT_STRING, true, NULL},
    {"token", YW_LINT_STRING, false, NULL},
    {0}};
static const struct yw_lint_member user[] = {AUTHENTICATION,
                                             {"username", YW_LINT_STRING, false, NULL},
                                             {"password", YW_LINT_STRING, false, NULL},
                                             {0}};

static const struct {
    const char *type;
    struct yw_lint_shape shape;
} authentications[] = {{"http-basic", {basic, "A06", NULL}},
                       {"oauth2", {oauth, "A06", NULL}},
                       {"user-auth", {user, "A06", NULL}}};

static void check_authentication_shape(struct yw_lint *lint, const char *type,
                                       json_t *auth, const char *path)
{
    bool kms = json_is_true(json_object_get(auth, "kms")), known = false;
    char at[YW_FINDING_PATH_MAX];

    for (size_t i = 0; i < sizeof authentications / sizeof authentications[0]; i++) {
        if (strcmp(authentications[i].type, type) != 0)
            continue;
        yw_lint_object(lint, auth, path, &authentications[i].shape, NULL);
        known = true;
    }
    if (!known)
        yw_findings_add(lint->findings, "A05w", path,
                        "type '%s' is not in the vocabulary", type);
    const char *needed = kms                           ? "kms_key_identifier"
                         : strcmp(type, "oauth2") == 0 ? "token"
                                                       : NULL;

    if (needed == NULL || json_object_get(auth, needed) != NULL)
        return;
    yw_lint_path(at, path, needed);
    yw_findings_add(lint->findings, "P01", at, "missing");
}

/* kms: the key store holds the secret, so the file must not. */
static void check_authentication(struct yw_lint *lint, const char *id, json_t *auth,
                                 const char *path)
{
    const char *type = yw_lint_text(auth, "type");
    static const char *const secrets[] = {"password", "token"};
    char at[YW_FINDING_PATH_MAX];

    yw_lint_key(lint, id, type, path);
    if (type == NULL)
        yw_findings_add(lint->findings, "P01", path, "expected an object with a type");
    else
        check_authentication_shape(lint, type, auth, path);
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        const char *secret = yw_lint_text(auth, secrets[i]);
        bool kms = json_is_true(json_object_get(auth, "kms"));

        yw_lint_path(at, path, secrets[i]);
        if (secret != NULL && secret[0] != '\0' &&
            (kms || strstr(secret, "__:value") == NULL))
            yw_findings_add(lint->findings, "A06", at,
                            "a secret as plain text; name a variable or the key store");
    }
    yw_lint_uses(lint, auth, path, NULL);
    yw_lint_extensions(lint, auth, "authentication_info_extensions", path);
}

/* Semantic Versioning 2.0: three numbers, then perhaps -before or +build. */
static bool version_valid(const char *text)
{
    for (int i = 0; i < 3; i++) {
        size_t digits = strspn(text, "0123456789");

        if (digits == 0 || (digits > 1 && text[0] == '0'))
            return false;
        text += digits;
        if (i < 2 && *text++ != '.')
            return false;
    }
    return text[0] == '\0' || ((text[0] == '-' || text[0] == '+') && text[1] != '\0');
}

static void check_extension(struct yw_lint *lint, const char *id, json_t *defined,
                            const char *path)
{
    if (!yw_cacao_id_valid(id, "extension-definition", false))
        yw_findings_add(lint->findings, "P03", path,
                        "expected a key as extension-definition--<UUID>");
    const char *version = yw_lint_text(defined, "version");
    char at[YW_FINDING_PATH_MAX];

    yw_lint_path(at, path, "version");
    if (version != NULL && !version_valid(version))
        yw_findings_add(lint->findings, "P01", at,
                        "expected a version as 1.0.0 (SemVer); got '%.40s'", version);
    if (json_is_object(defined))
        yw_lint_object(lint, defined, path, &extension, NULL);
    else
        yw_findings_add(lint->findings, "P01", path, "expected an object");
}

static void check_signature(struct yw_lint *lint, json_t *sign, const char *path)
{
    static const char *const keys[] = {"public_key", "public_cert_chain", "cert_url",
                                       "thumbprint"};
    const char *version = yw_lint_text(sign, "related_version");
    const char *modified = yw_lint_text(lint->root, "modified");
    char at[YW_FINDING_PATH_MAX];
    int given = 0;

    yw_lint_object(lint, sign, path, &signature, NULL);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        given += json_object_get(sign, keys[i]) != NULL;
    if (given != 1)
        yw_findings_add(
            lint->findings, "S02", path,
            "expected exactly one of public_key, public_cert_chain, cert_url, "
            "thumbprint");
    yw_lint_path(at, path, "related_version");
    const char *about = yw_lint_text(sign, "related_to");
    const char *own = yw_lint_text(lint->root, "id");

    if (about != NULL && own != NULL && strcmp(about, own) != 0)
        yw_findings_add(lint->findings, "S03", path, "of another playbook, '%.80s'",
                        about);
    if (version != NULL && modified != NULL && strcmp(version, modified) != 0)
        yw_findings_add(lint->findings, "S03", at, "expected '%s' (/modified); got '%s'",
                        modified, version);
}

static void each(struct yw_lint *lint, const char *key,
                 void (*check)(struct yw_lint *lint, const char *id, json_t *value,
                               const char *path))
{
    json_t *value;
    const char *id;
    char under[YW_FINDING_PATH_MAX];

    yw_lint_path(under, "", key);
    json_object_foreach(json_object_get(lint->root, key), id, value)
    {
        char at[YW_FINDING_PATH_MAX];

        yw_lint_path(at, under, id);
        check(lint, id, value, at);
    }
}

static bool name_valid(const char *name)
{
    size_t length = strlen(name);

    return length >= 3 && length <= 250 &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

void yw_lint_extensions(struct yw_lint *lint, json_t *object, const char *key,
                        const char *path)
{
    json_t *defined = json_object_get(lint->root, "extension_definitions"), *used, *value;
    char under[YW_FINDING_PATH_MAX];
    const char *id, *name;

    yw_lint_path(under, path, key);
    json_object_foreach(json_object_get(object, key), id, used)
    {
        char at[YW_FINDING_PATH_MAX], member[YW_FINDING_PATH_MAX];

        yw_lint_path(at, under, id);
        if (json_object_get(defined, id) == NULL)
            yw_findings_add(lint->findings, "X01", at,
                            "not among /extension_definitions");
        json_object_foreach(used, name, value)
        {
            yw_lint_path(member, at, name);
            if (!name_valid(name))
                yw_findings_add(lint->findings, "X02", member,
                                "expected 3 to 250 of a-z, 0-9 and _");
        }
    }
}

void yw_lint_definitions(struct yw_lint *lint)
{
    json_t *list = json_object_get(lint->root, "signatures"), *item;
    size_t index;

    each(lint, "agent_definitions", check_party);
    each(lint, "target_definitions", check_party);
    each(lint, "authentication_info_definitions", check_authentication);
    each(lint, "extension_definitions", check_extension);
    each(lint, "data_marking_definitions", yw_lint_marking);
    yw_lint_extensions(lint, lint->root, "playbook_extensions", "");
    yw_lint_used_markings(lint);
    if (!json_is_array(list))
        return;
    json_array_foreach(list, index, item)
    {
        char at[YW_FINDING_PATH_MAX], number[24];

        (void)snprintf(number, sizeof number, "%zu", index);
        yw_lint_path(at, "/signatures", number);
        if (json_is_object(item))
            check_signature(lint, item, at);
    }
}
