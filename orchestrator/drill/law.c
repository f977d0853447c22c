#include "drill/law.h"

#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "codec/rules/rules.h"
#include "response/criterion.h"

#include <stdlib.h>
#include <string.h>

void yw_law_open(struct yw_law_book *book, const char *library_dir)
{
    struct yw_err err = {0};
    char *folder = yw_strf("%s/rules", library_dir);

    memset(book, 0, sizeof *book);
    if (yw_rules_read(&book->rules, &book->calendar, folder, &err) != 0) {
        yw_warn("drill", "no rule packs: %s", err.text);
        book->rules = NULL;
    }
    book->law = (struct yw_law){.rules = book->rules, .calendar = &book->calendar};
    free(folder);
}

void yw_law_close(struct yw_law_book *book)
{
    yw_rules_free(book->rules);
}

const struct yw_law *yw_law_of(const struct yw_law_book *book)
{
    return book->rules != NULL ? &book->law : NULL;
}

/* ---- what a scenario says of it ---- */

bool yw_law_is_named(const struct yw_spec *spec)
{
    return spec->rule_count > 0 || spec->tier_count > 0;
}

static int bad(struct yw_err *err, const char *what, const char *id, const char *near)
{
    char meant[YW_MEANT_MAX];
    return yw_err_set(err, YW_EINVAL, "scenario.lua: %s: the rules have no '%s'%s", what,
                      id, yw_meant(meant, near));
}

static int check_packs(const struct yw_spec *spec, const struct yw_rules *rules,
                       struct yw_err *err)
{
    const char *ids[YW_RULES_PACKS_MAX];

    for (size_t i = 0; i < rules->pack_count; i++)
        ids[i] = rules->packs[i]->id;
    for (size_t i = 0; i < spec->rule_count; i++) {
        const char *near = yw_name_nearest(spec->rules[i], ids, rules->pack_count);

        if (yw_rules_pack(rules, spec->rules[i]) == NULL)
            return bad(err, "rules", spec->rules[i], near != NULL ? near : "");
    }
    return 0;
}

static int check_words(const struct yw_spec *spec, const struct yw_rules *rules,
                       struct yw_err *err)
{
    char word[YW_NAME_MAX];

    for (const char *at = spec->classes; *at != '\0'; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        (void)yw_copyf(word, sizeof word, "%.*s", (int)strcspn(at, " "), at);
        if (yw_rule_name(rules, YW_RULE_CLASS, word) < 0)
            return bad(err, "classes", word,
                       yw_rule_name_near(rules, YW_RULE_CLASS, word));
    }
    for (size_t i = 0; i < spec->limit_count; i++) {
        if (yw_rules_duty(rules, spec->limits[i].duty, NULL) == NULL)
            return bad(err, "limit", spec->limits[i].duty, "");
    }
    return 0;
}

static int check_measures(const struct yw_spec *spec, const struct yw_rules *rules,
                          struct yw_err *err)
{
    for (size_t i = 0; i < spec->measure_count; i++) {
        const char *id = spec->measures[i].metric;
        int index = yw_rule_name(rules, YW_RULE_METRIC, id);

        if (index < 0)
            return bad(err, "measure", id, yw_rule_name_near(rules, YW_RULE_METRIC, id));
        if (rules->names[YW_RULE_METRIC].rows[index].type != YW_METRIC_NUMBER)
            return yw_err_set(err, YW_EINVAL,
                              "scenario.lua:%d: measure '%s': '%s' is not a number",
                              spec->measures[i].line, spec->measures[i].name, id);
    }
    return 0;
}

static int check_conds(const struct yw_spec *spec, const struct yw_rules *rules,
                       struct yw_err *err)
{
    int code = 0;

    for (size_t i = 0; i < spec->objective_count && code == 0; i++) {
        code = yw_criterion_check(rules, &spec->objectives[i].met_by, err);
        if (code != 0)
            yw_err_prefix(err, "scenario.lua:%d: objective '%s'",
                          spec->objectives[i].line, spec->objectives[i].name);
    }
    for (size_t i = 0; i < spec->playbook_count && code == 0; i++) {
        code = yw_criterion_check(rules, &spec->playbooks[i].starts_on, err);
        if (code != 0)
            yw_err_prefix(err, "scenario.lua:%d: playbook '%s'", spec->playbooks[i].line,
                          spec->playbooks[i].name);
    }
    return code;
}

static const struct yw_rules none;

int yw_law_check(const struct yw_law *law, const struct yw_spec *spec, struct yw_err *err)
{
    if (!yw_law_is_named(spec) && spec->measure_count > 0)
        return yw_err_set(err, YW_EINVAL,
                          "scenario.lua:%d: measure '%s': needs rules = { … }",
                          spec->measures[0].line, spec->measures[0].name);
    if (!yw_law_is_named(spec)) /* conditions of the law then name what nobody knows */
        return check_conds(spec, &none, err);
    if (law == NULL)
        return yw_err_set(err, YW_ENOTFOUND,
                          "scenario.lua: rules: this installation has no rule packs");
    int code = check_packs(spec, law->rules, err);

    if (code == 0)
        code = check_words(spec, law->rules, err);
    if (code == 0)
        code = check_measures(spec, law->rules, err);
    return code == 0 ? check_conds(spec, law->rules, err) : code;
}
