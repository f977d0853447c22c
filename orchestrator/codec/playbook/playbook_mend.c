/* What the lenient profile warns of, put so that the reader takes it: the document, its variables,
 * and which steps are reached. Steps stand in playbook_mend_step.c. */
#include "codec/playbook/playbook_mend.h"

#include "base/hash.h"
#include "base/mem.h"
#include "codec/playbook/cacao.h"
#include "model/event.h"
#include "response/calendar.h"
#include "response/playbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG_AGO "1970-01-01T00:00:00.000Z"
#define NOBODY "identity--00000000-0000-4000-8000-000000000000"

const char *yw_mend_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

void yw_mend_put(json_t *object, const char *key, const char *text)
{
    (void)json_object_set_new(object, key, json_string(text));
}

json_t *yw_mend_object(json_t *object, const char *key)
{
    json_t *own = json_object_get(object, key);

    if (!json_is_object(own)) {
        (void)json_object_set_new(object, key, json_object());
        own = json_object_get(object, key);
    }
    return own;
}

/* Any time of RFC 3339, in UTC and to the millisecond. */
static bool read_time(const char *text, char ret[32])
{
    int hour, minute, second, used = 0, zone_hour = 0, zone_minute = 0, size = 0;
    struct yw_rule_date date;
    char day[16], sign = 'Z', digits[4] = "000";

    (void)yw_copyf(day, sizeof day, "%.10s", text);
    if (strlen(text) < 20 || !yw_calendar_parse(day, &date) ||
        sscanf(text + 10, "T%2d:%2d:%2d%n", &hour, &minute, &second, &used) != 3)
        return false;
    const char *at = text + 10 + used;

    if (*at == '.') {
        size = (int)strspn(at + 1, "0123456789");
        memcpy(digits, at + 1, size < 3 ? (size_t)size : 3);
        at += 1 + size;
    }
    bool zulu = strcmp(at, "Z") == 0;

    if (!zulu && sscanf(at, "%c%2d:%2d", &sign, &zone_hour, &zone_minute) != 3)
        return false;
    int shift = (zone_hour * 60 + zone_minute) * (sign == '-' ? 1 : -1);
    int64_t minutes = yw_calendar_day(date) * 1440 + hour * 60 + minute + shift;

    if (hour > 23 || minute > 59 || second > 59 || minutes < 0 ||
        (!zulu && sign != '+' && sign != '-'))
        return false;
    yw_calendar_format(yw_calendar_date(minutes / 1440), day);
    (void)yw_copyf(ret, 32, "%sT%02d:%02d:%02d.%sZ", day, (int)(minutes / 60 % 24),
                   (int)(minutes % 60), second, digits);
    return true;
}

/* fallback NULL: without a time that can be read there is none. */
static void mend_time(json_t *root, const char *key, const char *fallback)
{
    char time[32];

    if (read_time(yw_mend_text(root, key), time))
        yw_mend_put(root, key, time);
    else if (fallback != NULL)
        yw_mend_put(root, key, fallback);
    else
        (void)json_object_del(root, key);
}

/* The same file gets the same id on every start. */
static void mend_id(json_t *root)
{
    char *whole, hex[YW_HASH_TEXT_SIZE], id[80];
    struct yw_hash hash;

    if (yw_cacao_id_valid(yw_mend_text(root, "id"), "playbook", false))
        return;
    whole = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    yw_hash_of(whole, strlen(whole), &hash);
    yw_hash_text(&hash, hex);
    (void)yw_copyf(id, sizeof id, "playbook--%.8s-%.4s-8%.3s-8%.3s-%.12s", hex, hex + 8,
                   hex + 12, hex + 15, hex + 18);
    yw_mend_put(root, "id", id);
    free(whole);
}

/* A level whose definition is missing still binds: by its fixed id, or as the strictest. */
static void mend_markings(json_t *root)
{
    json_t *list = json_object_get(root, "markings"), *kept = json_array(), *item;
    json_t *defined = yw_mend_object(root, "data_marking_definitions");
    size_t index;

    if (!json_is_array(list))
        list = NULL;
    json_array_foreach(list, index, item)
    {
        const char *id = json_string_value(item);

        if (id == NULL)
            continue;
        if (json_object_get(defined, id) == NULL &&
            strncmp(id, "marking-tlp--", strlen("marking-tlp--")) == 0) {
            const char *level = yw_cacao_tlp(id);

            yw_mend_put(yw_mend_object(defined, id), "tlpv2_level",
                        level != NULL ? level : "TLP:RED");
        }
        if (json_object_get(defined, id) != NULL)
            (void)json_array_append(kept, item);
    }
    (void)json_object_del(root, "markings");
    if (json_array_size(kept) > 0)
        (void)json_object_set(root, "markings", kept);
    json_decref(kept);
}

void yw_mend_extensions(json_t *root, json_t *object, const char *key)
{
    json_t *used = json_object_get(object, key), *extension;
    json_t *defined = json_object_get(root, "extension_definitions");
    const char *id;
    void *next;

    if (used != NULL && !json_is_object(used)) {
        (void)json_object_del(object, key);
        return;
    }
    json_object_foreach_safe(used, next, id, extension)
    {
        if (json_object_get(defined, id) == NULL || !json_is_object(extension))
            (void)json_object_del(used, id);
    }
}

static void mend_head(json_t *root)
{
    static const char *const objects[] = {"extension_definitions", "target_definitions"};

    yw_mend_put(root, "type", "playbook");
    yw_mend_put(root, "spec_version", "cacao-2.0");
    mend_id(root);
    if (!yw_cacao_id_valid(yw_mend_text(root, "created_by"), "identity", false))
        yw_mend_put(root, "created_by", NOBODY);
    if (yw_mend_text(root, "name")[0] == '\0')
        yw_mend_put(root, "name", yw_mend_text(root, "id"));
    mend_time(root, "created", LONG_AGO);
    mend_time(root, "modified", yw_mend_text(root, "created"));
    if (strcmp(yw_mend_text(root, "modified"), yw_mend_text(root, "created")) < 0)
        yw_mend_put(root, "modified", yw_mend_text(root, "created"));
    mend_time(root, "valid_from", NULL);
    mend_time(root, "valid_until", NULL);
    if (!json_is_boolean(json_object_get(root, "revoked")))
        (void)json_object_del(root, "revoked");
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        (void)yw_mend_object(root, objects[i]);
    mend_markings(root);
    yw_mend_extensions(root, root, "playbook_extensions");
}

/* Numbers and booleans as text; a value that does not fit its type is plain text. */
static void mend_value(json_t *var)
{
    json_t *value = json_object_get(var, "value");

    if (json_is_number(value) || json_is_boolean(value)) {
        char *text = json_dumps(value, JSON_ENCODE_ANY);

        yw_mend_put(var, "value", text);
        free(text);
    } else if (json_is_array(value)) {
        (void)json_object_del(var, "value");
    }
    const char *text = yw_mend_text(var, "value");

    if (yw_mend_text(var, "type")[0] == '\0' ||
        (text[0] != '\0' && yw_pb_value_flaw(yw_mend_text(var, "type"), text) != NULL))
        yw_mend_put(var, "type", "string");
}

void yw_mend_vars(json_t *object, const char *key)
{
    static const char *const flags[] = {"constant", "external"};
    json_t *vars = json_object_get(object, key), *var;
    const char *name;
    void *next;

    if (vars != NULL && !json_is_object(vars)) {
        (void)json_object_del(object, key);
        return;
    }
    json_object_foreach_safe(vars, next, name, var)
    {
        if (!json_is_object(var) || !yw_mend_name_valid(name)) {
            (void)json_object_del(vars, name);
            continue;
        }
        for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
            if (!json_is_boolean(json_object_get(var, flags[i])))
                (void)json_object_del(var, flags[i]);
        }
        mend_value(var);
    }
}

bool yw_mend_name_valid(const char *name)
{
    size_t size = strlen(name);

    return size >= 5 && size - 4 < YW_NAME_MAX && strncmp(name, "__", 2) == 0 &&
           strcmp(name + size - 2, "__") == 0 &&
           strspn(name + 2, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") >
               0 &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                             "0123456789-")] == '\0';
}

static void mend_entries(json_t *root, json_t *workflow)
{
    const char *start = yw_mend_text(root, "workflow_start"), *id, *only = NULL;
    json_t *step;

    json_object_foreach(workflow, id, step)
    {
        if (strcmp(yw_mend_text(step, "type"), "start") == 0)
            only = id;
    }
    if (only != NULL &&
        strcmp(yw_mend_text(json_object_get(workflow, start), "type"), "start") != 0)
        yw_mend_put(root, "workflow_start", only);
    if (json_object_get(workflow, yw_mend_text(root, "workflow_exception")) == NULL)
        (void)json_object_del(root, "workflow_exception");
}

static void reach(json_t *workflow, const char *id, json_t *reached)
{
    json_t *step = json_object_get(workflow, id), *to;
    const char *key;
    size_t index;

    if (step == NULL || json_object_get(reached, id) != NULL)
        return;
    (void)json_object_set_new(reached, id, json_true());
    for (size_t i = 0; yw_mend_edges[i] != NULL; i++)
        reach(workflow, yw_mend_text(step, yw_mend_edges[i]), reached);
    json_array_foreach(json_object_get(step, "next_steps"), index, to)
        reach(workflow, json_string_value(to), reached);
    json_object_foreach(json_object_get(step, "cases"), key, to)
        reach(workflow, json_string_value(to), reached);
}

void yw_playbook_mend(json_t *root)
{
    json_t *workflow = json_object_get(root, "workflow"), *reached = json_object(), *step;
    const char *id;
    void *next;

    mend_head(root);
    (void)yw_mend_object(root, "playbook_variables");
    yw_mend_vars(root, "playbook_variables");
    yw_mend_steps(root, workflow);
    mend_entries(root, workflow);
    reach(workflow, yw_mend_text(root, "workflow_start"), reached);
    reach(workflow, yw_mend_text(root, "workflow_exception"), reached);
    json_object_foreach_safe(workflow, next, id, step)
    {
        if (json_object_get(reached, id) == NULL)
            (void)json_object_del(workflow, id);
    }
    json_decref(reached);
}
