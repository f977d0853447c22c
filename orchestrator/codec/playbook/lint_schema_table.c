/* What the published schemas say of each object. */
#include "codec/playbook/lint_schema.h"

#include <limits.h>

static const struct yw_schema_type text = {.kind = YW_SCHEMA_TEXT};
static const struct yw_schema_type port = {.kind = YW_SCHEMA_TEXT, .code = "A07"};
static const struct yw_schema_type value = {.kind = YW_SCHEMA_TEXT_OR_NULL,
                                            .code = "V03"};
static const struct yw_schema_type yes_no = {.kind = YW_SCHEMA_BOOL};
static const struct yw_schema_type whole = {.kind = YW_SCHEMA_WHOLE, .min = INT_MIN};
static const struct yw_schema_type delay = {.kind = YW_SCHEMA_WHOLE, .min = 1};
static const struct yw_schema_type percent = {.kind = YW_SCHEMA_WHOLE, .max = 100};
static const struct yw_schema_type id = {.kind = YW_SCHEMA_ID, .code = "P03"};
static const struct yw_schema_type instant = {.kind = YW_SCHEMA_TIME, .code = "P05"};
static const struct yw_schema_type time_or_null = {.kind = YW_SCHEMA_TIME_OR_NULL,
                                                   .code = "P05"};
static const struct yw_schema_type any_object = {.kind = YW_SCHEMA_ANY_OBJECT};
static const struct yw_schema_type ids = {.kind = YW_SCHEMA_LIST, .min = 1, .of = &id};
static const struct yw_schema_type two_ids = {
    .kind = YW_SCHEMA_LIST, .code = "W10", .min = 2, .of = &id};
static const struct yw_schema_type texts = {.kind = YW_SCHEMA_LIST, .of = &text};
static const struct yw_schema_type some_texts = {
    .kind = YW_SCHEMA_LIST, .min = 1, .of = &text};

#define ONE_WORD(name_, code_, word_)                                                    \
    static const char *const name_##_words[] = {word_, NULL};                            \
    static const struct yw_schema_type name_ = {                                         \
        .kind = YW_SCHEMA_WORD, .code = (code_), .words = name_##_words}

/* Shapes that are only named: what their members are. */
#define OBJECT(name_)                                                                    \
    static const struct yw_schema_type name_ = {.kind = YW_SCHEMA_OBJECT,                \
                                                .shape = &name_##_shape}

static const struct yw_schema_member reference_members[] = {
    {"name", &text, true},
    {"description", &text, false},
    {"source", &text, false},
    {"url", &text, false},
    {"external_id", &text, false},
    {"reference_id", &text, false},
    {0}};
static const struct yw_schema_shape reference_shape = {.members = reference_members};
OBJECT(reference);
static const struct yw_schema_type references = {.kind = YW_SCHEMA_LIST,
                                                 .of = &reference};
static const struct yw_schema_type some_references = {
    .kind = YW_SCHEMA_LIST, .min = 1, .of = &reference};

static const struct yw_schema_key extension_keys[] = {
    {YW_SCHEMA_KEY_ID, "extension-definition", &any_object}, {0}};
static const struct yw_schema_type extensions = {
    .kind = YW_SCHEMA_MAP, .min = 1, .keys = extension_keys};

static const struct yw_schema_member variable_members[] = {
    {"type", &text, true},        {"description", &text, false}, {"value", &value, false},
    {"constant", &yes_no, false}, {"external", &yes_no, false},  {0}};
static const struct yw_schema_shape variable_shape = {.members = variable_members};
OBJECT(variable);
static const struct yw_schema_key variable_keys[] = {
    {YW_SCHEMA_KEY_VARIABLE, NULL, &variable}, {0}};
static const struct yw_schema_type variables = {.kind = YW_SCHEMA_MAP,
                                                .keys = variable_keys};

/* Commands: no rule of their types is reached, only the common members. */
static const struct yw_schema_member command_members[] = {
    {"type", &text, true},
    {"description", &text, false},
    {"version", &text, false},
    {"playbook_activity", &text, false},
    {"external_references", &references, false},
    {0}};
static const struct yw_schema_shape command_shape = {.members = command_members};
OBJECT(command);
static const struct yw_schema_type commands = {
    .kind = YW_SCHEMA_LIST, .min = 1, .of = &command};

static const char *const step_words[] = {
    "start",    "end",          "action",          "playbook-action",
    "parallel", "if-condition", "while-condition", "switch-condition",
    NULL};
static const struct yw_schema_type step_type = {
    .kind = YW_SCHEMA_WORD, .code = "W10", .words = step_words};
static const struct yw_schema_member step_members[] = {
    {"type", &step_type, true},
    {"name", &text, false},
    {"description", &text, false},
    {"external_references", &some_references, false},
    {"delay", &delay, false},
    {"timeout", &whole, false},
    {"step_variables", &variables, false},
    {"owner", &id, false},
    {"on_completion", &id, false},
    {"on_success", &id, false},
    {"on_failure", &id, false},
    {"step_extensions", &extensions, false},
    {0}};
static const struct yw_schema_shape step_shape = {.members = step_members};

/* A kind of step: what holds for all, its own type, its own members. */
#define STEP(name_, word_, forbidden_, ...)                                              \
    ONE_WORD(name_##_type, "W07", word_);                                                \
    static const struct yw_schema_member name_##_members[] = {                           \
        {"type", &name_##_type, true}, __VA_ARGS__{0}};                                  \
    static const struct yw_schema_shape name_##_shape = {                                \
        .base = &step_shape, .members = name_##_members, .forbidden = (forbidden_)};     \
    OBJECT(name_)

static const char *const not_in_start[] = {"on_success", "on_failure", NULL};
static const char *const not_in_end[] = {"on_completion", "on_success", "on_failure",
                                         NULL};
/* The published list says "playbook", not "playbook-action"; the beginning is left open, so that
 * the latter passes as an "action". */
static const char *const case_words[] = {
    "action",   "end",   "if-condition",     "parallel",
    "playbook", "start", "switch-condition", "while-condition",
    NULL};
static const struct yw_schema_type case_step = {
    .kind = YW_SCHEMA_CASE, .code = "P03", .words = case_words};
static const struct yw_schema_key case_keys[] = {{YW_SCHEMA_KEY_ANY, NULL, &case_step},
                                                 {0}};
static const struct yw_schema_type cases = {.kind = YW_SCHEMA_MAP, .keys = case_keys};

#define ONE(...) __VA_ARGS__,
STEP(start, "start", not_in_start, );
STEP(end, "end", not_in_end, );
STEP(action, "action", NULL,
     ONE({"commands", &commands, true}, {"agent", &id, true}, {"targets", &ids, false},
         {"in_args", &some_texts, false}, {"out_args", &some_texts, false}));
STEP(playbook_action, "playbook-action", NULL,
     ONE({"playbook_id", &id, true}, {"playbook_version", &instant, false},
         {"in_args", &some_texts, false}, {"out_args", &some_texts, false}));
STEP(parallel, "parallel", NULL, ONE({"next_steps", &two_ids, true}));
STEP(if_condition, "if-condition", NULL,
     ONE({"condition", &text, true}, {"on_true", &id, true}, {"on_false", &id, false}));
STEP(while_condition, "while-condition", NULL,
     ONE({"condition", &text, true}, {"on_true", &id, true}));
STEP(switch_condition, "switch-condition", NULL,
     ONE({"switch", &text, true}, {"cases", &cases, true}));

static const struct yw_schema_key workflow_keys[] = {
    {YW_SCHEMA_KEY_ID, "action", &action},
    {YW_SCHEMA_KEY_ID, "end", &end},
    {YW_SCHEMA_KEY_ID, "if-condition", &if_condition},
    {YW_SCHEMA_KEY_ID, "parallel", &parallel},
    {YW_SCHEMA_KEY_ID, "playbook-action", &playbook_action},
    {YW_SCHEMA_KEY_ID, "start", &start},
    {YW_SCHEMA_KEY_ID, "switch-condition", &switch_condition},
    {YW_SCHEMA_KEY_ID, "while-condition", &while_condition},
    {0}};
static const struct yw_schema_type workflow = {.kind = YW_SCHEMA_MAP,
                                               .keys = workflow_keys};

static const struct yw_schema_key contact_keys[] = {{YW_SCHEMA_KEY_WORD, NULL, &text},
                                                    {0}};
static const struct yw_schema_type contact_texts = {.kind = YW_SCHEMA_MAP,
                                                    .keys = contact_keys};
static const struct yw_schema_member contact_members[] = {
    {"email", &contact_texts, false},
    {"phone", &contact_texts, false},
    {"contact_details", &text, false},
    {0}};
static const struct yw_schema_shape contact_shape = {.members = contact_members};
OBJECT(contact);

const char *const yw_cacao_regions[] = {"africa",
                                        "eastern-africa",
                                        "middle-africa",
                                        "northern-africa",
                                        "southern-africa",
                                        "western-africa",
                                        "americas",
                                        "caribbean",
                                        "central-america",
                                        "latin-america-caribbean",
                                        "northern-america",
                                        "south-america",
                                        "asia",
                                        "central-asia",
                                        "eastern-asia",
                                        "southern-asia",
                                        "south-eastern-asia",
                                        "western-asia",
                                        "europe",
                                        "eastern-europe",
                                        "northern-europe",
                                        "southern-europe",
                                        "western-europe",
                                        "oceania",
                                        "antarctica",
                                        "australia-new-zealand",
                                        "melanesia",
                                        "micronesia",
                                        "polynesia",
                                        NULL};
static const struct yw_schema_type region = {.kind = YW_SCHEMA_WORD,
                                             .words = yw_cacao_regions};
static const struct yw_schema_member location_members[] = {
    {"name", &text, false},
    {"description", &text, false},
    {"building_details", &text, false},
    {"network_details", &text, false},
    {"region", &region, false},
    {"country", &text, false},
    {"administrative_area", &text, false},
    {"city", &text, false},
    {"street_address", &text, false},
    {"postal_code", &text, false},
    {"latitude", &text, false},
    {"longitude", &text, false},
    {"precision", &text, false},
    {0}};
static const struct yw_schema_shape location_shape = {.members = location_members};
OBJECT(location);

static const struct yw_schema_member party_members[] = {
    {"type", &text, true},
    {"name", &text, true},
    {"description", &text, false},
    {"location", &location, false},
    {"agent_target_extensions", &extensions, false},
    {0}};
static const struct yw_schema_shape party_shape = {.members = party_members};

/* Addresses. Each pattern accepts the texts that the published one accepts, which is open at the
 * beginning; alternatives of it that another one covers are left out. */
#define OCTET "(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
#define LOW_OCTET "(25[0-5]|(2[0-4]|1?[0-9])?[0-9])"
#define GROUP "[0-9a-fA-F]{1,4}"
static const struct yw_schema_type url = {
    .kind = YW_SCHEMA_ADDRESS,
    .pattern = "[a-zA-Z0-9()?:/.@%_+~#=]{2}\\.[a-z]{2,6}([^a-zA-Z0-9_]|$)"};
static const struct yw_schema_type mac = {
    .kind = YW_SCHEMA_ADDRESS, .pattern = "^[a-fA-F0-9]{2}(:[a-fA-F0-9]{2}){5}$"};
static const struct yw_schema_type ipv4 = {
    .kind = YW_SCHEMA_ADDRESS, .pattern = "(^|[^a-zA-Z0-9_])" OCTET "(\\." OCTET "){3}$"};
static const struct yw_schema_type ipv6 = {
    .kind = YW_SCHEMA_ADDRESS,
    .pattern =
        "((" GROUP ":){7}" GROUP "|::|::(" GROUP ":){0,6}" GROUP
        "|fe80:(:[0-9a-fA-F]{0,4}){0,4}%[0-9a-zA-Z]+|::(ffff(:0{1,4})?:)?" LOW_OCTET
        "(\\." LOW_OCTET "){3})$"};
static const struct yw_schema_type whole_vlan = {.kind = YW_SCHEMA_WHOLE, .max = 4095};
static const struct yw_schema_type any_vlan = {.kind = YW_SCHEMA_NUMBER, .max = 4095};

#define LIST_OF(name_)                                                                   \
    static const struct yw_schema_type name_##_list = {.kind = YW_SCHEMA_LIST,           \
                                                       .of = &name_}
LIST_OF(url);
LIST_OF(mac);
LIST_OF(ipv4);
LIST_OF(ipv6);
LIST_OF(whole_vlan);
LIST_OF(any_vlan);

/* Two of the four published copies of the address take any number for a VLAN. */
#define ADDRESS(name_, vlan_)                                                            \
    static const struct yw_schema_key name_##_keys[] = {                                 \
        {YW_SCHEMA_KEY_EXACT, "url", &url_list},                                         \
        {YW_SCHEMA_KEY_EXACT, "l2mac", &mac_list},                                       \
        {YW_SCHEMA_KEY_EXACT, "ipv4", &ipv4_list},                                       \
        {YW_SCHEMA_KEY_EXACT, "ipv6", &ipv6_list},                                       \
        {YW_SCHEMA_KEY_EXACT, "vlan", &vlan_##_list},                                    \
        {YW_SCHEMA_KEY_EXACT, "dname", &texts},                                          \
        {0}};                                                                            \
    static const struct yw_schema_type name_ = {.kind = YW_SCHEMA_MAP,                   \
                                                .keys = name_##_keys}
ADDRESS(whole_address, whole_vlan);
ADDRESS(any_address, any_vlan);

#define PARTY(name_, word_, ...)                                                         \
    ONE_WORD(name_##_type, "P03", word_);                                                \
    static const struct yw_schema_member name_##_members[] = {                           \
        {"type", &name_##_type, true}, __VA_ARGS__{0}};                                  \
    static const struct yw_schema_shape name_##_shape = {.base = &party_shape,           \
                                                         .members = name_##_members};    \
    OBJECT(name_)

PARTY(group, "group", ONE({"contact", &contact, false}));
PARTY(individual, "individual", ONE({"contact", &contact, false}));
PARTY(organization, "organization", ONE({"contact", &contact, false}));
PARTY(logical, "location", ONE({"logical", &some_texts, false}));
PARTY(sector, "sector", ONE({"sector", &text, true}));
PARTY(category, "security-category", ONE({"category", &some_texts, true}));
PARTY(http_api, "http-api",
      ONE({"address", &whole_address, true}, {"port", &port, false},
          {"authentication_info", &id, false}, {"category", &some_texts, false}));
PARTY(ssh, "ssh",
      ONE({"address", &whole_address, true}, {"port", &port, false},
          {"authentication_info", &id, false}, {"category", &some_texts, false}));
PARTY(linux_host, "linux",
      ONE({"address", &any_address, true}, {"port", &port, false},
          {"authentication_info", &id, false}, {"category", &some_texts, false}));
PARTY(net_address, "net-address",
      ONE({"address", &any_address, true}, {"authentication_info", &id, false},
          {"category", &some_texts, false}));

static const struct yw_schema_key party_keys[] = {
    {YW_SCHEMA_KEY_ID, "group", &group},
    {YW_SCHEMA_KEY_ID, "http-api", &http_api},
    {YW_SCHEMA_KEY_ID, "individual", &individual},
    {YW_SCHEMA_KEY_ID, "linux", &linux_host},
    {YW_SCHEMA_KEY_ID, "location", &logical},
    {YW_SCHEMA_KEY_ID, "net-address", &net_address},
    {YW_SCHEMA_KEY_ID, "organization", &organization},
    {YW_SCHEMA_KEY_ID, "sector", &sector},
    {YW_SCHEMA_KEY_ID, "security-category", &category},
    {YW_SCHEMA_KEY_ID, "ssh", &ssh},
    {0}};
static const struct yw_schema_type parties = {
    .kind = YW_SCHEMA_MAP, .min = 1, .keys = party_keys};

static const struct yw_schema_member authentication_members[] = {
    {"type", &text, true},
    {"name", &text, false},
    {"description", &text, false},
    {"authentication_info_extensions", &extensions, false},
    {"kms", &yes_no, false},
    {"kms_key_identifier", &text, false},
    {0}};
static const struct yw_schema_shape authentication_shape = {.members =
                                                                authentication_members};

#define AUTHENTICATION(name_, word_, ...)                                                \
    ONE_WORD(name_##_type, "P03", word_);                                                \
    static const struct yw_schema_member name_##_members[] = {                           \
        {"type", &name_##_type, true}, __VA_ARGS__{0}};                                  \
    static const struct yw_schema_shape name_##_shape = {.base = &authentication_shape,  \
                                                         .members = name_##_members};    \
    OBJECT(name_)

AUTHENTICATION(http_basic, "http-basic",
               ONE({"user_id", &text, false}, {"password", &text, false}));
AUTHENTICATION(oauth2, "oauth2",
               ONE({"oauth_header", &text, true}, {"token", &text, true}));
AUTHENTICATION(user_auth, "user-auth",
               ONE({"username", &text, false}, {"password", &text, false}));

static const struct yw_schema_key authentication_keys[] = {
    {YW_SCHEMA_KEY_ID, "http-basic", &http_basic},
    {YW_SCHEMA_KEY_ID, "oauth2", &oauth2},
    {YW_SCHEMA_KEY_ID, "user-auth", &user_auth},
    {0}};
static const struct yw_schema_type authentications = {
    .kind = YW_SCHEMA_MAP, .min = 1, .keys = authentication_keys};

ONE_WORD(definition_type, NULL, "extension-definition");
static const struct yw_schema_member definition_members[] = {
    {"type", &definition_type, true},
    {"name", &text, true},
    {"description", &text, false},
    {"created_by", &id, true},
    {"schema", &text, true},
    {"version", &text, true},
    {"external_references", &references, false},
    {0}};
static const struct yw_schema_shape definition_shape = {.members = definition_members};
OBJECT(definition);
static const struct yw_schema_key definition_keys[] = {
    {YW_SCHEMA_KEY_ID, "extension-definition", &definition}, {0}};
static const struct yw_schema_type definitions = {.kind = YW_SCHEMA_MAP,
                                                  .keys = definition_keys};

static const char *const marking_words[] = {"marking-statement", "marking-tlp",
                                            "marking-iep", NULL};
static const struct yw_schema_type marking_type = {.kind = YW_SCHEMA_WORD,
                                                   .words = marking_words};
static const struct yw_schema_member marking_members[] = {
    {"type", &marking_type, true},
    {"id", &id, true},
    {"name", &text, false},
    {"description", &text, false},
    {"created_by", &id, true},
    {"created", &instant, true},
    {"revoked", &yes_no, false},
    {"valid_from", &instant, false},
    {"valid_until", &instant, false},
    {"labels", &some_texts, false},
    {"external_references", &some_references, false},
    {"marking_extensions", &extensions, false},
    {0}};
static const struct yw_schema_shape marking_shape = {.members = marking_members};

#define MARKING(name_, word_, ...)                                                       \
    ONE_WORD(name_##_type, "P03", word_);                                                \
    static const struct yw_schema_member name_##_members[] = {                           \
        {"type", &name_##_type, true}, __VA_ARGS__{0}};                                  \
    static const struct yw_schema_shape name_##_shape = {.base = &marking_shape,         \
                                                         .members = name_##_members};    \
    OBJECT(name_)

static const char *const level_words[] = {"TLP:RED",   "TLP:AMBER", "TLP:AMBER+STRICT",
                                          "TLP:GREEN", "TLP:CLEAR", NULL};
static const struct yw_schema_type level = {
    .kind = YW_SCHEMA_WORD, .code = "M01", .words = level_words};
MARKING(statement, "marking-statement", ONE({"statement", &text, true}));
MARKING(tlp, "marking-tlp", ONE({"tlpv2_level", &level, true}));
/* Nothing can be one: its references are texts here, and objects, one or more, in every marking. */
MARKING(iep, "marking-iep",
        ONE({"name", &text, true}, {"description", &text, true}, {"tlp", &text, true},
            {"iep_version", &whole, true}, {"start_date", &instant, true},
            {"end_date", &time_or_null, true}, {"encrypt_in_transit", &text, true},
            {"permitted_actions", &text, true},
            {"affected_party_notifications", &text, true}, {"attribution", &text, true},
            {"unmodified_resale", &text, true}, {"external_references", &texts, true}));

static const struct yw_schema_key marking_keys[] = {
    {YW_SCHEMA_KEY_ID, "marking-tlp", &tlp},
    {YW_SCHEMA_KEY_ID, "marking-iep", &iep},
    {YW_SCHEMA_KEY_ID, "marking-statement", &statement},
    {0}};
static const struct yw_schema_type markings = {.kind = YW_SCHEMA_MAP,
                                               .keys = marking_keys};

/* A signature may be signed by another one. */
static const struct yw_schema_shape signature_shape;
OBJECT(signature);
ONE_WORD(signature_type, NULL, "jss");
static const struct yw_schema_member signature_members[] = {
    {"type", &signature_type, true},
    {"id", &id, true},
    {"created_by", &id, false},
    {"created", &instant, true},
    {"modified", &instant, true},
    {"revoked", &yes_no, false},
    {"signee", &text, true},
    {"valid_from", &instant, false},
    {"valid_until", &instant, false},
    {"related_to", &id, true},
    {"related_version", &instant, true},
    {"hash_algorithm", &text, true},
    {"algorithm", &text, true},
    {"public_key", &text, false},
    {"public_cert_chain", &some_texts, false},
    {"cert_url", &text, false},
    {"thumbprint", &text, false},
    {"value", &text, true},
    {"signature", &signature, false},
    {0}};
static const char *const signature_keys[] = {"public_key", "public_cert_chain",
                                             "cert_url", "thumbprint", NULL};
static const struct yw_schema_shape signature_shape = {.members = signature_members,
                                                       .one_of = signature_keys};
static const struct yw_schema_type signatures = {
    .kind = YW_SCHEMA_LIST, .min = 1, .of = &signature};

static const struct yw_schema_member summary_members[] = {
    {"manual_playbook", &yes_no, false},     {"external_playbooks", &yes_no, false},
    {"parallel_processing", &yes_no, false}, {"if_logic", &yes_no, false},
    {"while_logic", &yes_no, false},         {"switch_logic", &yes_no, false},
    {"temporal_logic", &yes_no, false},      {"data_markings", &yes_no, false},
    {"digital_signatures", &yes_no, false},  {"countersigned_signatures", &yes_no, false},
    {"extensions", &yes_no, false},          {0}};
static const struct yw_schema_shape summary_shape = {.members = summary_members};
OBJECT(summary);

ONE_WORD(playbook_type, NULL, "playbook");
ONE_WORD(spec_version, "P02", "cacao-2.0");
static const struct yw_schema_member playbook_members[] = {
    {"type", &playbook_type, true},
    {"spec_version", &spec_version, true},
    {"id", &id, true},
    {"name", &text, true},
    {"description", &text, false},
    {"playbook_types", &texts, false},
    {"playbook_activities", &some_texts, false},
    {"playbook_processing_summary", &summary, false},
    {"created_by", &id, true},
    {"created", &instant, true},
    {"modified", &instant, true},
    {"revoked", &yes_no, false},
    {"valid_from", &instant, false},
    {"valid_until", &instant, false},
    {"derived_from", &ids, false},
    {"related_to", &ids, false},
    {"priority", &percent, false},
    {"severity", &percent, false},
    {"impact", &percent, false},
    {"industry_sectors", &some_texts, false},
    {"labels", &some_texts, false},
    {"external_references", &some_references, false},
    {"markings", &ids, false},
    {"playbook_variables", &variables, false},
    {"workflow_start", &id, true},
    {"workflow_exception", &id, false},
    {"workflow", &workflow, true},
    {"playbook_extensions", &extensions, false},
    {"authentication_info_definitions", &authentications, false},
    {"agent_definitions", &parties, false},
    {"target_definitions", &parties, false},
    {"extension_definitions", &definitions, false},
    {"data_marking_definitions", &markings, false},
    {"signatures", &signatures, false},
    {0}};
static const struct yw_schema_shape playbook_shape = {.members = playbook_members};
const struct yw_schema_type yw_schema_playbook = {.kind = YW_SCHEMA_OBJECT,
                                                  .shape = &playbook_shape};
