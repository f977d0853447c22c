#include "response/grade.h"

#include "base/mem.h"
#include "base/number.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this a double does not hold every whole number. */
#define NUMBER_MAX 9007199254740991.0

static int read_number(double *ret, const char *id, const char *text, double most,
                       const char *what, struct yw_err *err)
{
    char *end = NULL;
    double number = strtod(text, &end);

    if (text[strspn(text, "0123456789.")] != '\0' || end == text || *end != '\0' ||
        number > most)
        return yw_err_set(err, YW_EINVAL, "%s: expected %s; got '%s'", id, what, text);
    *ret = number;
    return 0;
}

static int read_word(int *ret, const struct yw_rule_name *metric, const char *text,
                     struct yw_err *err)
{
    char list[256] = "";
    size_t used = 0;

    for (size_t i = 0; i < metric->value_count; i++) {
        if (strcmp(metric->values[i].id, text) == 0) {
            *ret = (int)i;
            return 0;
        }
        (void)yw_copyf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                       metric->values[i].id);
        used = strlen(list);
    }
    return yw_err_set(err, YW_EINVAL, "%s: expected one of %s; got '%s'", metric->id,
                      list, text);
}

int yw_rule_value_read(struct yw_rule_value *ret, const struct yw_rules *rules,
                       int metric, const char *text, struct yw_err *err)
{
    const struct yw_rule_name *name = &rules->names[YW_RULE_METRIC].rows[metric];
    struct yw_rule_value value = {.known = true};
    int code = 0;

    switch (name->type) {
    case YW_METRIC_NUMBER:
        code = read_number(&value.number, name->id, text, NUMBER_MAX,
                           "a number of at least 0", err);
        break;
    case YW_METRIC_SHARE:
        code = read_number(&value.number, name->id, text, 1, "a share from 0 to 1", err);
        break;
    case YW_METRIC_WORD:
        code = read_word(&value.value, name, text, err);
        break;
    case YW_METRIC_FLAG:
        value.value = strcmp(text, "true") == 0;
        if (!value.value && strcmp(text, "false") != 0)
            code = yw_err_set(err, YW_EINVAL, "%s: expected true or false; got '%s'",
                              name->id, text);
        break;
    }
    if (code == 0)
        *ret = value;
    return code;
}

void yw_rule_value_write(const struct yw_rule_value *value, const struct yw_rules *rules,
                         int metric, char ret[32])
{
    const struct yw_rule_name *name = &rules->names[YW_RULE_METRIC].rows[metric];
    char text[YW_NUMBER_SIZE];

    ret[0] = '\0';
    if (!value->known)
        return;
    switch (name->type) {
    case YW_METRIC_NUMBER:
    case YW_METRIC_SHARE:
        (void)yw_number_text(value->number, DBL_DIG, text);
        (void)yw_copy(ret, 32, text);
        return;
    case YW_METRIC_WORD:
        (void)yw_copy(ret, 32, name->values[value->value].id);
        return;
    case YW_METRIC_FLAG:
        (void)yw_copy(ret, 32, value->value ? "true" : "false");
        return;
    }
}

static bool any_class_of(const struct yw_rule_org *org,
                         const struct yw_rule_list *classes)
{
    for (size_t i = 0; i < classes->count; i++) {
        if (org->classes[classes->items[i]])
            return true;
    }
    return classes->count == 0;
}

/* Nothing but harm makes one of these known and above zero. */
static bool shows_harm(const struct yw_rules *rules, int metric,
                       const struct yw_rule_value *value)
{
    if (!value->known)
        return false;
    switch (rules->names[YW_RULE_METRIC].rows[metric].type) {
    case YW_METRIC_NUMBER:
    case YW_METRIC_SHARE:
        return value->number > 0;
    case YW_METRIC_WORD:
        return true;
    case YW_METRIC_FLAG:
        return value->value != 0;
    }
    return false;
}

bool yw_rule_test_holds(const struct yw_rule_test *test,
                        const struct yw_rule_facts *facts, const struct yw_rule_org *org)
{
    const struct yw_rule_value *value = &facts->values[test->metric];

    if (!value->known || !any_class_of(org, &test->classes))
        return false;
    return test->equals ? value->value == test->value : value->number >= test->at_least;
}

/* Harm below every figure is 一般, unless the pack gives figures for that grade too. */
static bool harmed(const struct yw_rules *rules, const struct yw_rule_pack *pack,
                   const struct yw_rule_facts *facts)
{
    for (size_t i = 0; i < pack->grade_count; i++) {
        if (pack->grades[i].grade == 1 && !pack->grades[i].tests[0].equals)
            return false;
    }
    for (size_t i = 0; i < pack->grade_count; i++) {
        for (size_t k = 0; k < pack->grades[i].test_count; k++) {
            int metric = pack->grades[i].tests[k].metric;

            if (shows_harm(rules, metric, &facts->values[metric]))
                return true;
        }
    }
    return false;
}

void yw_grade_find(const struct yw_rules *rules, const struct yw_rule_pack *pack,
                   const struct yw_rule_facts *facts, const struct yw_rule_org *org,
                   struct yw_graded *ret)
{
    *ret = (struct yw_graded){.grade = harmed(rules, pack, facts) ? 1 : 0};
    for (size_t i = 0; i < pack->grade_count; i++) {
        const struct yw_rule_grade *row = &pack->grades[i];

        for (size_t k = 0; k < row->test_count; k++) {
            bool better = row->grade > ret->grade ||
                          (row->grade == ret->grade && ret->test == NULL);

            if (better && yw_rule_test_holds(&row->tests[k], facts, org))
                *ret = (struct yw_graded){row->grade, row, &row->tests[k]};
        }
    }
}

const struct yw_text *yw_grade_name(int grade)
{
    static const struct yw_text names[YW_RULES_GRADES] = {
        {"一般", "ordinary"},
        {"较大", "fairly major"},
        {"重大", "major"},
        {"特别重大", "especially major"}};

    return &names[grade - 1];
}
