#include "codec/request/request_duty.h"

#include "base/id.h"
#include "base/mem.h"
#include "codec/event.h"
#include "codec/request/request_inside.h"

#include <stdlib.h>
#include <string.h>

#define ANY (YW_DUTY_BY_TEAM | YW_DUTY_BY_TIER | YW_DUTY_BY_CONTROL)

static const struct yw_duty_noun nouns[] = {
    {"incident",
     YW_EVENT_INCIDENT_MARKED,
     YW_DUTY_BY_TEAM | YW_DUTY_BY_CONTROL,
     {"mark", "role", "text", "hidden"}},
    {"metric",
     YW_EVENT_METRIC_MEASURED,
     YW_DUTY_BY_CONTROL,
     {"metric", "value", "reason"}},
    {"fact", YW_EVENT_FACT_KNOWN, YW_DUTY_BY_CONTROL, {"metric", "text"}},
    {"grade",
     YW_EVENT_GRADE_GIVEN,
     YW_DUTY_BY_TEAM | YW_DUTY_BY_CONTROL,
     {"pack", "grade", "likely", "role", "reason"}},
    {"report",
     YW_EVENT_REPORT_SENT,
     YW_DUTY_BY_TEAM | YW_DUTY_BY_TIER,
     {"form", "from", "to", "relays", "grade", "channel", "role", "items", "claims",
      "text"}},
    {"receipt", YW_EVENT_REPORT_RECEIVED, YW_DUTY_BY_TIER, {"report", "role", "text"}},
    {"act", YW_EVENT_DUTY_DONE, YW_DUTY_BY_TEAM, {"duty", "role", "text"}},
    {"period",
     YW_EVENT_PERIOD_CHANGED,
     YW_DUTY_BY_CONTROL,
     {"state", "on", "freeze", "zero_every_ms", "check_every_ms", "check_limit_ms",
      "text"}},
    {"check", YW_EVENT_WATCH_ASKED, YW_DUTY_BY_CONTROL, {"limit_ms"}},
    {"presence", YW_EVENT_WATCH_ANSWERED, YW_DUTY_BY_TEAM, {"check", "officer", "text"}},
    {"warning",
     YW_EVENT_WARNING_ISSUED,
     YW_DUTY_BY_TIER | YW_DUTY_BY_CONTROL,
     {"level", "source", "title", "scope", "advice", "due_ms", "to"}},
    {"warning-answer",
     YW_EVENT_WARNING_ANSWERED,
     YW_DUTY_BY_TEAM | YW_DUTY_BY_TIER,
     {"warning", "answer", "role", "text"}},
    {"dispute", YW_EVENT_FAULT_DISPUTED, YW_DUTY_BY_TEAM, {"fault", "role", "reason"}},
    {"verdict", YW_EVENT_FAULT_RULED, YW_DUTY_BY_CONTROL, {"fault", "verdict", "reason"}},
};

#define NOUNS (sizeof nouns / sizeof nouns[0])

const struct yw_duty_noun *yw_duty_noun_at(size_t index)
{
    return index < NOUNS ? &nouns[index] : NULL;
}

const struct yw_duty_noun *yw_duty_noun_find(const char *name, const char **ret_near)
{
    const char *names[NOUNS];

    for (size_t i = 0; i < NOUNS; i++) {
        names[i] = nouns[i].name;
        if (strcmp(names[i], name) == 0)
            return &nouns[i];
    }
    if (ret_near != NULL)
        *ret_near = yw_name_nearest(name, names, NOUNS);
    return NULL;
}

/* The payload of an event in which nothing is said yet, as an object. *new* */
static json_t *empty_payload(enum yw_event_kind kind)
{
    struct yw_event event = {.kind = kind};
    struct yw_buf text;
    struct yw_err err;
    json_t *json = NULL, *payload;

    yw_buf_init(&text, YW_REQUEST_BYTES_MAX);
    yw_event_encode(&text, &event);
    (void)yw_json_load(&json, text.data, text.size, &err); /* our own text */
    payload = json_incref(json_object_get(json, "payload"));
    json_decref(json);
    yw_buf_fini(&text);
    return payload;
}

/* The noun's members, and `team`. */
static int check_members(json_t *json, const struct yw_duty_noun *noun,
                         struct yw_err *err)
{
    const char *names[sizeof noun->members / sizeof noun->members[0] + 1] = {"team"};
    size_t count = 1;

    for (; noun->members[count - 1] != NULL; count++)
        names[count] = noun->members[count - 1];
    return yw_json_only(json, "", names, count, err);
}

int yw_request_duty_decode(struct yw_request_duty *ret, const struct yw_duty_noun *noun,
                           const char *text, size_t size, struct yw_err *err)
{
    json_t *json = NULL, *payload;

    memset(ret, 0, sizeof *ret);
    ret->noun = noun;
    if (size > YW_REQUEST_BYTES_MAX)
        return yw_err_set(err, YW_ELIMIT, "/: at most %d bytes; got %zu",
                          YW_REQUEST_BYTES_MAX, size);
    int status = size == 0 ? 0 : yw_json_load(&json, text, size, err);

    if (status < 0)
        return status;
    if (json == NULL)
        json = json_object();
    status = check_members(json, noun, err);
    if (status == 0 && json_object_get(json, "team") != NULL)
        status = yw_request_name(json_object_get(json, "team"), "/team", ret->team, err);
    if (status == 0) {
        (void)json_object_del(json, "team");
        payload = empty_payload(noun->kind);
        (void)json_object_update(payload, json);
        status = yw_event_payload_decode(&ret->event, noun->kind, payload, err);
        json_decref(payload);
    }
    json_decref(json);
    return status;
}

/* A text as the member that stands in `like` wants it. *new*, NULL: it cannot be that. */
static json_t *value_like(const json_t *like, const char *text)
{
    char *end = NULL;

    if (json_is_boolean(like))
        return strcmp(text, "true") == 0    ? json_true()
               : strcmp(text, "false") == 0 ? json_false()
                                            : NULL;
    if (json_is_integer(like)) {
        long long number = strtoll(text, &end, 10);

        return end != text && *end == '\0' ? json_integer(number) : NULL;
    }
    return json_string(text);
}

static int put_var(json_t *body, const json_t *payload, const struct yw_ev_var *var,
                   struct yw_err *err)
{
    const char *dot = strchr(var->name, '.');
    char name[YW_NAME_MAX];
    json_t *object = body;

    (void)yw_copyf(name, sizeof name, "%.*s",
                   dot != NULL ? (int)(dot - var->name) : (int)strlen(var->name),
                   var->name);
    const json_t *like = json_object_get(payload, name);
    json_t *value = dot != NULL ? json_string(var->value) : value_like(like, var->value);

    if (dot != NULL) {
        object = json_object_get(body, name);
        if (object == NULL) {
            object = json_object();
            (void)json_object_set_new(body, name, object);
        }
    }
    if (value == NULL)
        return yw_err_set(err, YW_EINVAL, "/%s: expected %s; got '%s'", name,
                          json_is_boolean(like) ? "true or false" : "a whole number",
                          var->value);
    /* a text where an object should be, or one that is not UTF-8 */
    if (!json_is_object(object) ||
        json_object_set_new(object, dot != NULL ? dot + 1 : name, value) != 0)
        return yw_err_set(err, YW_EINVAL, "/%s: cannot be read", var->name);
    return 0;
}

int yw_request_duty_body(struct yw_buf *out, const struct yw_duty_noun *noun,
                         const struct yw_ev_var *vars, size_t count, struct yw_err *err)
{
    json_t *body = json_object(), *payload = empty_payload(noun->kind);
    int status = 0;

    for (size_t i = 0; i < count && status == 0; i++)
        status = put_var(body, payload, &vars[i], err);
    if (status == 0) {
        char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);

        yw_buf_puts(out, text != NULL ? text : "{}");
        free(text);
    }
    json_decref(body);
    json_decref(payload);
    return status;
}
