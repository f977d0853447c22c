#include "codec/rules/rules_pack.h"

#include "base/mem.h"
#include "response/calendar.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *confidence(int index)
{
    return index < 3 ? yw_confidence_name((enum yw_confidence)index) : NULL;
}

static const char *anchor(int index)
{
    return yw_anchor_name((enum yw_anchor)index);
}

static enum yw_confidence read_confidence(struct yw_rules_in *in)
{
    int index = yw_rules_one_of(in, "confidence", false, confidence);

    return index < 0 ? YW_CONFIDENCE_HIGH : (enum yw_confidence)index;
}

/* A word's index, or a flag's 0 or 1. */
static void read_equals(struct yw_rules_in *in, const json_t *json,
                        const struct yw_rule_name *metric, struct yw_rule_test *ret)
{
    const char *word = json_string_value(json);

    ret->equals = true;
    if (metric->type == YW_METRIC_FLAG && json_is_boolean(json)) {
        ret->value = json_is_true(json);
        return;
    }
    for (size_t i = 0; word != NULL && i < metric->value_count; i++) {
        if (strcmp(metric->values[i].id, word) == 0) {
            ret->value = (int)i;
            return;
        }
    }
    yw_rules_refuse(in, "equals", "expected a value of '%s'", metric->id);
}

static void read_test(struct yw_rules_in *in, struct yw_rule_test *ret)
{
    static const char *const members[] = {"at_least", "classes", "equals", "metric"};
    json_t *least = json_object_get(in->object, "at_least");
    json_t *equals = json_object_get(in->object, "equals");

    yw_rules_only(in, members, COUNT(members));
    yw_rules_name(in, "metric", true, YW_RULE_METRIC, &ret->metric);
    yw_rules_list(in, "classes", YW_RULE_CLASS, &ret->classes);
    if (in->code < 0)
        return;
    const struct yw_rule_name *metric =
        &in->rules->names[YW_RULE_METRIC].rows[ret->metric];
    bool number = metric->type == YW_METRIC_NUMBER || metric->type == YW_METRIC_SHARE;

    if ((least != NULL) != number || (equals != NULL) == number)
        yw_rules_refuse(in, "metric", "'%s' is tested by \"%s\"", metric->id,
                        number ? "at_least" : "equals");
    else if (!number)
        read_equals(in, equals, metric, ret);
    else if (json_number_value(least) <= 0)
        yw_rules_refuse(in, "at_least", "expected a number above 0");
    else
        ret->at_least = json_number_value(least);
}

static void read_grade(struct yw_rules_in *in, void *row)
{
    static const char *const members[] = {"any", "confidence", "grade", "ref"};
    struct yw_rule_grade *ret = row;
    json_t *any = yw_rules_array(in, "any", YW_RULES_TESTS_MAX);
    int64_t grade = 0;

    yw_rules_only(in, members, COUNT(members));
    yw_rules_int(in, "grade", 1, YW_RULES_GRADES, &grade);
    ret->grade = (int)grade;
    yw_rules_text(in, "ref", false, ret->ref, sizeof ret->ref);
    ret->confidence = read_confidence(in);
    if (in->code == 0 && (grade == 0 || any == NULL || json_array_size(any) == 0))
        yw_rules_refuse(in, grade == 0 ? "grade" : "any", "missing");
    for (size_t i = 0; in->code == 0 && i < json_array_size(any); i++) {
        struct yw_rules_in test;

        yw_rules_enter_row(&test, in, "any", i, any);
        read_test(&test, &ret->tests[ret->test_count++]);
        yw_rules_leave(&test, in);
    }
}

static void read_inform_if(struct yw_rules_in *in, struct yw_rule_duty *ret)
{
    static const char *const members[] = {"class", "parties"};
    json_t *array = yw_rules_array(in, "inform_if", COUNT(ret->inform_if));

    for (size_t i = 0; in->code == 0 && i < json_array_size(array); i++) {
        struct yw_rule_inform *row = &ret->inform_if[ret->inform_if_count++];
        struct yw_rules_in inform;

        yw_rules_enter_row(&inform, in, "inform_if", i, array);
        yw_rules_only(&inform, members, COUNT(members));
        yw_rules_name(&inform, "class", true, YW_RULE_CLASS, &row->only_class);
        yw_rules_list(&inform, "parties", YW_RULE_PARTY, &row->parties);
        yw_rules_leave(&inform, in);
    }
}

/* By when: at most one figure. */
static void read_limit(struct yw_rules_in *in, struct yw_rule_duty *ret)
{
    int anchor_index = yw_rules_one_of(in, "anchor", false, anchor);

    ret->anchor = anchor_index < 0 ? YW_ANCHOR_NONE : (enum yw_anchor)anchor_index;
    ret->limit_s = -1;
    ret->limit_workdays = -1;
    yw_rules_int(in, "limit_s", 0, INT64_C(10) * 366 * 86400, &ret->limit_s);
    yw_rules_int(in, "limit_workdays", 1, YW_CALENDAR_WORKDAYS_MAX, &ret->limit_workdays);
    yw_rules_words(in, "limit_text", false, &ret->limit_text);
    yw_rules_int(in, "window_s", 1, INT64_C(10) * 366 * 86400, &ret->window_s);
    yw_rules_int(in, "window_fire_or_road_s", 1, INT64_C(10) * 366 * 86400,
                 &ret->window_fire_or_road_s);
    yw_rules_int(in, "every_months", 1, 120, &ret->every_months);
    if (in->code == 0 && ret->limit_s >= 0 && ret->limit_workdays >= 0)
        yw_rules_refuse(in, "limit_workdays", "limit_s stands there too; one of the two");
    if (in->code == 0 && (ret->anchor == YW_ANCHOR_NONE) != (ret->every_months > 0))
        yw_rules_refuse(in, "anchor", "a duty has an anchor, or comes every_months");
}

static void read_form(struct yw_rules_in *in, struct yw_rule_duty *ret)
{
    json_t *items = yw_rules_array(in, "min_items", YW_RULES_ITEMS_MAX);

    yw_rules_name(in, "form", false, YW_RULE_FORM, &ret->form);
    for (size_t i = 0; in->code == 0 && i < json_array_size(items); i++) {
        int64_t item = json_integer_value(json_array_get(items, i));
        size_t count = ret->form < 0
                           ? 0
                           : in->rules->names[YW_RULE_FORM].rows[ret->form].value_count;

        if (item < 1 || (size_t)item > count)
            yw_rules_refuse(in, "min_items", "expected items 1 to %zu of the form",
                            count);
        ret->min_items[ret->min_item_count++] = (int)item;
    }
}

static void read_ceiling(struct yw_rules_in *in, struct yw_rule_duty *ret)
{
    struct yw_rule_list parties = {.count = 0};

    for (size_t i = 0; i < YW_RULES_GRADES; i++)
        ret->ceiling[i] = -1;
    yw_rules_list(in, "ceiling", YW_RULE_PARTY, &parties);
    if (in->code == 0 && parties.count != 0 && parties.count != YW_RULES_GRADES)
        yw_rules_refuse(in, "ceiling", "expected four parties, for grades 1 to 4");
    for (size_t i = 0; in->code == 0 && i < parties.count; i++)
        ret->ceiling[i] = parties.items[i];
}

static void read_duty(struct yw_rules_in *in, void *row)
{
    static const char *const members[] = {"act",
                                          "actor",
                                          "anchor",
                                          "ceiling",
                                          "channel",
                                          "confidence",
                                          "every_months",
                                          "form",
                                          "id",
                                          "inform",
                                          "inform_if",
                                          "limit_s",
                                          "limit_text",
                                          "limit_workdays",
                                          "max_grade",
                                          "min_grade",
                                          "min_items",
                                          "note",
                                          "notify",
                                          "or_likely",
                                          "or_when",
                                          "ref",
                                          "simultaneous",
                                          "when",
                                          "window_fire_or_road_s",
                                          "window_s"};
    struct yw_rule_duty *ret = row;
    int64_t least = 0, most = 0;

    yw_rules_only(in, members, COUNT(members));
    yw_rules_text(in, "id", true, ret->id, sizeof ret->id);
    yw_rules_text(in, "ref", false, ret->ref, sizeof ret->ref);
    ret->confidence = read_confidence(in);
    yw_rules_name(in, "actor", true, YW_RULE_PARTY, &ret->actor);
    yw_rules_int(in, "min_grade", 1, YW_RULES_GRADES, &least);
    yw_rules_int(in, "max_grade", 1, YW_RULES_GRADES, &most);
    ret->min_grade = (int)least;
    ret->max_grade = (int)most;
    yw_rules_name(in, "when", false, YW_RULE_EVENT, &ret->when);
    yw_rules_name(in, "or_when", false, YW_RULE_EVENT, &ret->or_when);
    yw_rules_bool(in, "or_likely", &ret->or_likely);
    yw_rules_list(in, "notify", YW_RULE_PARTY, &ret->notify);
    yw_rules_list(in, "inform", YW_RULE_PARTY, &ret->inform);
    read_inform_if(in, ret);
    yw_rules_words(in, "act", false, &ret->act);
    read_limit(in, ret);
    read_form(in, ret);
    read_ceiling(in, ret);
    yw_rules_text(in, "channel", false, ret->channel, sizeof ret->channel);
    yw_rules_bool(in, "simultaneous", &ret->simultaneous);
    yw_rules_words(in, "note", false, &ret->note);
    if (in->code == 0 && yw_rules_duty(in->rules, ret->id, NULL) != NULL)
        yw_rules_refuse(in, "id", "another pack has the duty '%s'", ret->id);
}

static void read_command(struct yw_rules_in *in, void *row)
{
    static const char *const members[] = {
        "commander", "confidence", "grade",     "information_release",
        "lead",      "members",    "record_to", "ref",
        "response",  "tasks",      "warning"};
    struct yw_rule_command *ret = row;
    json_t *tasks = yw_rules_array(in, "tasks", COUNT(ret->tasks));
    int64_t grade = 0;

    yw_rules_only(in, members, COUNT(members));
    yw_rules_int(in, "grade", 1, YW_RULES_GRADES, &grade);
    if (in->code == 0 && grade == 0)
        yw_rules_refuse(in, "grade", "missing");
    ret->grade = (int)grade;
    yw_rules_text(in, "ref", false, ret->ref, sizeof ret->ref);
    ret->confidence = read_confidence(in);
    yw_rules_name(in, "commander", true, YW_RULE_PARTY, &ret->commander);
    yw_rules_name(in, "lead", false, YW_RULE_PARTY, &ret->lead);
    yw_rules_name(in, "record_to", false, YW_RULE_PARTY, &ret->record_to);
    yw_rules_name(in, "information_release", false, YW_RULE_PARTY,
                  &ret->information_release);
    yw_rules_list(in, "members", YW_RULE_PARTY, &ret->members);
    yw_rules_text(in, "response", false, ret->response, sizeof ret->response);
    yw_rules_text(in, "warning", false, ret->warning, sizeof ret->warning);
    for (size_t i = 0; in->code == 0 && i < json_array_size(tasks); i++) {
        struct yw_rules_in task;

        yw_rules_enter_row(&task, in, "tasks", i, tasks);
        yw_rules_text(&task, "zh", true, ret->tasks[i].zh, sizeof ret->tasks[i].zh);
        yw_rules_text(&task, "en", true, ret->tasks[i].en, sizeof ret->tasks[i].en);
        yw_rules_leave(&task, in);
        ret->task_count = i + 1;
    }
}

static void read_state(struct yw_rules_in *in, void *row)
{
    static const char *const members[] = {"confidence", "effects", "enter", "id", "ref"};
    struct yw_rule_state *ret = row;

    yw_rules_only(in, members, COUNT(members));
    yw_rules_text(in, "id", true, ret->id, sizeof ret->id);
    yw_rules_text(in, "ref", false, ret->ref, sizeof ret->ref);
    ret->confidence = read_confidence(in);
    yw_rules_name(in, "enter", true, YW_RULE_EVENT, &ret->enter);
    yw_rules_list(in, "effects", YW_RULE_EFFECT, &ret->effects);
}

static void read_cadence(struct yw_rules_in *in, void *row)
{
    static const char *const members[] = {
        "activity", "actor",     "at_least",       "confidence",
        "id",       "periodic",  "per_months",     "plan_before",
        "ref",      "report_to", "within_workdays"};
    struct yw_rule_cadence *ret = row;

    yw_rules_only(in, members, COUNT(members));
    yw_rules_text(in, "id", true, ret->id, sizeof ret->id);
    yw_rules_text(in, "ref", false, ret->ref, sizeof ret->ref);
    ret->confidence = read_confidence(in);
    yw_rules_name(in, "actor", true, YW_RULE_PARTY, &ret->actor);
    yw_rules_name(in, "activity", true, YW_RULE_ACTIVITY, &ret->activity);
    yw_rules_name(in, "report_to", false, YW_RULE_PARTY, &ret->report_to);
    yw_rules_int(in, "at_least", 1, 1000, &ret->at_least);
    yw_rules_int(in, "per_months", 1, 1200, &ret->per_months);
    yw_rules_int(in, "within_workdays", 1, YW_CALENDAR_WORKDAYS_MAX,
                 &ret->within_workdays);
    yw_rules_bool(in, "periodic", &ret->periodic);
    yw_rules_text(in, "plan_before", false, ret->plan_before, sizeof ret->plan_before);
}

/* Rows of one list of the pack: *new* memory, or NULL. */
static void *read_rows(struct yw_rules_in *in, const char *key, size_t size,
                       size_t *ret_count,
                       void (*read_one)(struct yw_rules_in *in, void *row))
{
    json_t *array = yw_rules_array(in, key, YW_RULES_ROWS_MAX);

    if (array == NULL)
        return NULL;
    char *rows = yw_new_array(json_array_size(array) + 1, size);

    for (size_t i = 0; in->code == 0 && i < json_array_size(array); i++) {
        struct yw_rules_in row;

        yw_rules_enter_row(&row, in, key, i, array);
        if (row.code == 0)
            read_one(&row, rows + i * size);
        yw_rules_leave(&row, in);
        *ret_count = i + 1;
    }
    return rows;
}

static void read_date(struct yw_rules_in *in, const char *key, struct yw_rule_date *ret)
{
    char text[16] = "";

    if (json_is_null(json_object_get(in->object, key)))
        return;
    yw_rules_text(in, key, true, text, sizeof text);
    if (in->code == 0 && !yw_calendar_parse(text, ret))
        yw_rules_refuse(in, key, "expected a day as 2026-02-28; got '%s'", text);
}

static void read_applies(struct yw_rules_in *in, struct yw_rule_pack *pack)
{
    static const char *const members[] = {"classes", "regions"};
    struct yw_rules_in applies;

    yw_rules_enter(&applies, in, "applies", json_object_get(in->object, "applies"));
    yw_rules_only(&applies, members, COUNT(members));
    yw_rules_list(&applies, "classes", YW_RULE_CLASS, &pack->classes);
    json_t *regions = yw_rules_array(&applies, "regions", COUNT(pack->regions));

    for (size_t i = 0; applies.code == 0 && i < json_array_size(regions); i++) {
        char path[YW_FIELD_PATH_MAX];

        yw_json_path(path, applies.path, "regions");
        applies.code =
            yw_json_read_string(json_array_get(regions, i), path, pack->regions[i],
                                sizeof pack->regions[i], applies.err);
        pack->region_count = i + 1;
    }
    yw_rules_leave(&applies, in);
}

/* Two rows of one grade, or one duty twice, would hide each other. */
static void check_twice(struct yw_rules_in *in, const struct yw_rule_pack *pack)
{
    for (size_t i = 0; i < pack->grade_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (pack->grades[i].grade == pack->grades[k].grade)
                yw_rules_refuse(in, "grades", "grade %d stands there twice",
                                pack->grades[i].grade);
        }
    }
    for (size_t i = 0; i < pack->duty_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(pack->duties[i].id, pack->duties[k].id) == 0)
                yw_rules_refuse(in, "duties", "duty '%s' stands there twice",
                                pack->duties[i].id);
        }
    }
}

void yw_rules_read_body(struct yw_rules_in *in, struct yw_rule_pack *pack)
{
    static const char *const members[] = {"applies", "cadence", "command", "confidence",
                                          "docno",   "duties",  "from",    "grades",
                                          "names",   "pack",    "schema",  "source",
                                          "states",  "status",  "title",   "to"};

    yw_rules_only(in, members, COUNT(members));
    yw_rules_text(in, "pack", true, pack->id, sizeof pack->id);
    yw_rules_words(in, "title", true, &pack->title);
    yw_rules_text(in, "docno", true, pack->docno, sizeof pack->docno);
    yw_rules_text(in, "source", true, pack->source, sizeof pack->source);
    yw_rules_text(in, "status", true, pack->status, sizeof pack->status);
    pack->confidence = read_confidence(in);
    read_date(in, "from", &pack->from);
    read_date(in, "to", &pack->to);
    read_applies(in, pack);
    pack->grades =
        read_rows(in, "grades", sizeof *pack->grades, &pack->grade_count, read_grade);
    pack->duties =
        read_rows(in, "duties", sizeof *pack->duties, &pack->duty_count, read_duty);
    pack->commands = read_rows(in, "command", sizeof *pack->commands,
                               &pack->command_count, read_command);
    pack->states =
        read_rows(in, "states", sizeof *pack->states, &pack->state_count, read_state);
    pack->cadences = read_rows(in, "cadence", sizeof *pack->cadences,
                               &pack->cadence_count, read_cadence);
    if (in->code == 0)
        check_twice(in, pack);
}
