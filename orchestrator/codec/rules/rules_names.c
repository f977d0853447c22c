/* The names that rule packs use: parties, metrics, classes, events, forms, effects, activities. */
#include "base/mem.h"
#include "codec/rules/rules_read.h"

#include <stdlib.h>
#include <string.h>

static const char *metric_type(int index)
{
    static const char *const types[] = {"number", "share", "word", "flag"};

    return index < 4 ? types[index] : NULL;
}

static const char *tier(int index)
{
    return yw_tier_name((enum yw_tier)index);
}

static void read_values(struct yw_rules_in *in, const char *key, bool named,
                        struct yw_rule_name *ret)
{
    static const char *const members[] = {"en", "value", "zh"};
    json_t *array = yw_rules_array(in, key, YW_RULES_ITEMS_MAX);

    if (array == NULL)
        return;
    ret->value_count = json_array_size(array);
    ret->values = yw_new_array(ret->value_count + 1, sizeof *ret->values);
    for (size_t i = 0; i < ret->value_count && in->code == 0; i++) {
        struct yw_rules_in value;

        yw_rules_enter_row(&value, in, key, i, array);
        yw_rules_only(&value, members, 3);
        yw_rules_text(&value, "value", named, ret->values[i].id,
                      sizeof ret->values[i].id);
        yw_rules_text(&value, "zh", true, ret->values[i].text.zh,
                      sizeof ret->values[i].text.zh);
        yw_rules_text(&value, "en", true, ret->values[i].text.en,
                      sizeof ret->values[i].text.en);
        yw_rules_leave(&value, in);
    }
}

static void read_party(struct yw_rules_in *in, struct yw_rule_name *ret)
{
    static const char *const members[] = {"class", "en",     "inside", "levels",
                                          "tier",  "unless", "zh"};
    int tier_index = yw_rules_one_of(in, "tier", true, tier);

    yw_rules_only(in, members, 7);
    ret->tier = tier_index < 0 ? YW_TIER_OUTSIDE : (enum yw_tier)tier_index;
    yw_rules_bool(in, "inside", &ret->inside);
    yw_rules_name(in, "class", false, YW_RULE_CLASS, &ret->only_class);
    yw_rules_list(in, "unless", YW_RULE_CLASS, &ret->unless);
    yw_rules_list(in, "levels", YW_RULE_PARTY, &ret->levels);
    if (in->code == 0 && (ret->tier == YW_TIER_EACH) != (ret->levels.count > 1))
        yw_rules_refuse(in, "levels",
                        "two or more go with tier 'each', and with no other");
}

static void read_metric(struct yw_rules_in *in, struct yw_rule_name *ret)
{
    static const char *const members[] = {"en", "type", "unit", "values", "zh"};
    int type = yw_rules_one_of(in, "type", true, metric_type);

    yw_rules_only(in, members, 5);
    ret->type = type < 0 ? YW_METRIC_NUMBER : (enum yw_metric_type)type;
    yw_rules_text(in, "unit", false, ret->unit, sizeof ret->unit);
    read_values(in, "values", true, ret);
    if (in->code == 0 && (ret->type == YW_METRIC_WORD) != (ret->value_count > 0))
        yw_rules_refuse(in, "values", "go with type 'word', and with no other");
}

static void read_row(struct yw_rules_in *in, enum yw_rule_kind kind,
                     struct yw_rule_name *ret)
{
    static const char *const plain[] = {"en", "zh"}, *const form[] = {"en", "items",
                                                                      "zh"};

    ret->only_class = -1;
    yw_rules_text(in, "zh", true, ret->text.zh, sizeof ret->text.zh);
    yw_rules_text(in, "en", true, ret->text.en, sizeof ret->text.en);
    switch (kind) {
    case YW_RULE_PARTY:
        read_party(in, ret);
        return;
    case YW_RULE_METRIC:
        read_metric(in, ret);
        return;
    case YW_RULE_FORM:
        yw_rules_only(in, form, 3);
        read_values(in, "items", false, ret);
        return;
    case YW_RULE_CLASS:
    case YW_RULE_EVENT:
    case YW_RULE_EFFECT:
    case YW_RULE_ACTIVITY:
    case YW_RULE_KINDS:
        yw_rules_only(in, plain, 2);
        return;
    }
}

/* All ids of a kind stand before any row is read, because rows name each other. */
static void add_ids(struct yw_rules_in *in, enum yw_rule_kind kind)
{
    struct yw_rule_names *names = &in->rules->names[kind];
    size_t most = names->count + json_object_size(in->object);
    const char *id;
    json_t *row;

    if (in->code == 0 && most > YW_RULES_NAMES_MAX) {
        in->code = yw_err_set(in->err, YW_ELIMIT, "%s: at most %d names", in->path,
                              YW_RULES_NAMES_MAX);
        return;
    }
    if (in->code < 0)
        return;
    names->rows = yw_resize(names->rows, most, sizeof *names->rows);
    memset(&names->rows[names->count], 0, (most - names->count) * sizeof *names->rows);
    json_object_foreach(in->object, id, row)
    {
        if (yw_rule_name(in->rules, kind, id) >= 0)
            yw_rules_refuse(in, id, "stands there already");
        else if (YW_COPY(names->rows[names->count].id, id) < 0 || id[0] == '\0')
            yw_rules_refuse(in, id, "expected 1 to %d bytes", YW_RULES_ID_MAX - 1);
        if (in->code < 0)
            return;
        names->count++;
    }
}

void yw_rules_names(struct yw_rules_in *in)
{
    static const enum yw_rule_kind order[] = {
        YW_RULE_CLASS, YW_RULE_PARTY,  YW_RULE_METRIC,  YW_RULE_EVENT,
        YW_RULE_FORM,  YW_RULE_EFFECT, YW_RULE_ACTIVITY};

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        enum yw_rule_kind kind = order[i];
        json_t *table = json_object_get(in->object, yw_rule_kind_name(kind));
        size_t first = in->rules->names[kind].count;
        struct yw_rules_in rows;
        const char *id;
        json_t *json;

        if (table == NULL || in->code < 0)
            continue;
        yw_rules_enter(&rows, in, yw_rule_kind_name(kind), table);
        add_ids(&rows, kind);
        json_object_foreach(table, id, json)
        {
            struct yw_rules_in row;

            if (rows.code < 0)
                break;
            yw_rules_enter(&row, &rows, id, json);
            if (row.code == 0)
                read_row(&row, kind, &in->rules->names[kind].rows[first++]);
            yw_rules_leave(&row, &rows);
        }
        yw_rules_leave(&rows, in);
    }
}
