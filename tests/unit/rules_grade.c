/* Every figure of every shipped pack, one unit below it, at it, and one above. */
#include "rules_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct rules_fixture f;

static int grade_with(const struct yw_rule_pack *pack, int metric,
                      struct yw_rule_value value)
{
    struct yw_rule_facts facts = {0};
    struct yw_graded graded;

    facts.values[metric] = value;
    yw_grade_find(f.rules, pack, &facts, &f.org, &graded);
    return graded.grade;
}

static void only_classes(const struct yw_rule_test *test)
{
    memset(&f.org, 0, sizeof f.org);
    for (size_t i = 0; i < test->classes.count; i++)
        f.org.classes[test->classes.items[i]] = true;
}

static void check_number(const struct yw_rule_pack *pack, const struct yw_rule_grade *row,
                         const struct yw_rule_test *test)
{
    bool share =
        f.rules->names[YW_RULE_METRIC].rows[test->metric].type == YW_METRIC_SHARE;
    double unit = share ? 1e-9 : 1;
    struct yw_rule_value at = {.known = true, .number = test->at_least};
    struct yw_rule_value below = {.known = true, .number = test->at_least - unit};
    struct yw_rule_value above = {.known = true, .number = test->at_least + unit};

    assert_int_equal(grade_with(pack, test->metric, at), row->grade);
    assert_int_equal(grade_with(pack, test->metric, above), row->grade);
    if (grade_with(pack, test->metric, below) >= row->grade)
        fail_msg("%s grade %d: %s below %.9g", pack->id, row->grade,
                 f.rules->names[YW_RULE_METRIC].rows[test->metric].id, test->at_least);
    if (row->grade > 1)
        assert_true(grade_with(pack, test->metric, below) >= 1);
}

static void test_every_boundary(void **state)
{
    size_t checked = 0;

    (void)state;
    rules_set_up(&f);
    for (size_t i = 0; i < f.rules->pack_count; i++) {
        const struct yw_rule_pack *pack = f.rules->packs[i];

        for (size_t k = 0; k < pack->grade_count; k++) {
            for (size_t t = 0; t < pack->grades[k].test_count; t++) {
                const struct yw_rule_test *test = &pack->grades[k].tests[t];

                only_classes(test);
                checked++;
                if (!test->equals) {
                    check_number(pack, &pack->grades[k], test);
                    continue;
                }
                assert_int_equal(grade_with(pack, test->metric,
                                            (struct yw_rule_value){true, 0, test->value}),
                                 pack->grades[k].grade);
            }
        }
    }
    assert_true(checked > 60);
    rules_tear_down(&f);
}

/* A row for portals of a class does not count for anybody else. */
static void test_class_counts(void **state)
{
    const struct yw_rule_pack *pack;
    struct yw_rule_value hours = {.known = true, .number = 86400};

    (void)state;
    rules_set_up(&f);
    pack = yw_rules_pack(f.rules, "CAC-REPORT-2025");
    int metric = yw_rule_name(f.rules, YW_RULE_METRIC, "portal_outage_s");

    assert_int_equal(grade_with(pack, metric, hours), 1);
    rules_class(&f, "enterprise_portal_city_up");
    assert_int_equal(grade_with(pack, metric, hours), 3);
    rules_class(&f, "gov_portal_provincial_up");
    assert_int_equal(grade_with(pack, metric, hours), 4);
    rules_tear_down(&f);
}

/* One loss, two grades: packs never share one. */
static void test_packs_apart(void **state)
{
    struct yw_rule_value loss = {.known = true, .number = 30e6};

    (void)state;
    rules_set_up(&f);
    int metric = yw_rule_name(f.rules, YW_RULE_METRIC, "direct_loss_cny");

    assert_int_equal(grade_with(yw_rules_pack(f.rules, "CAC-REPORT-2025"), metric, loss),
                     3);
    assert_int_equal(grade_with(yw_rules_pack(f.rules, "SAFETY-2007"), metric, loss), 2);
    rules_tear_down(&f);
}

/* More harm never lowers a grade: random facts, each raised in turn. */
static void test_grade_rises_with_harm(void **state)
{
    (void)state;
    rules_set_up(&f);
    srand(7);
    for (int round = 0; round < 2000; round++) {
        const struct yw_rule_pack *pack =
            f.rules->packs[(size_t)rand() % f.rules->pack_count];
        struct yw_rule_facts facts = {0};
        struct yw_graded before, after;
        size_t metrics = f.rules->names[YW_RULE_METRIC].count;

        for (size_t i = 0; i < metrics; i++) {
            bool share = f.rules->names[YW_RULE_METRIC].rows[i].type == YW_METRIC_SHARE;
            bool number = f.rules->names[YW_RULE_METRIC].rows[i].type == YW_METRIC_NUMBER;

            if (!(share || number) || rand() % 3 != 0)
                continue;
            facts.values[i].known = true;
            facts.values[i].number =
                share ? (rand() % 100) / 100.0 : (double)(rand() % 200000000);
        }
        yw_grade_find(f.rules, pack, &facts, &f.org, &before);
        for (size_t i = 0; i < metrics; i++)
            facts.values[i].number *= 2;
        yw_grade_find(f.rules, pack, &facts, &f.org, &after);
        assert_true(after.grade >= before.grade);
    }
    rules_tear_down(&f);
}

static void test_values_in_words(void **state)
{
    static const struct {
        const char *metric, *text, *part;
    } bad[] = {{"deaths", "many", "a number of at least 0"},
               {"deaths", "-1", "a number of at least 0"},
               {"deaths", "9007199254740992", "a number of at least 0"},
               {"population_share_province", "1.1", "a share from 0 to 1"},
               {"scope", "galaxy", "one_prefecture, one_province"},
               {"other_harm", "maybe", "true or false"}};
    static const char *const good[][2] = {{"deaths", "9007199254740991"},
                                          {"population_share_province", "0.3"},
                                          {"scope", "national"},
                                          {"other_harm", "true"}};

    (void)state;
    rules_set_up(&f);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int metric = yw_rule_name(f.rules, YW_RULE_METRIC, bad[i].metric);
        struct yw_rule_value value;
        struct yw_err err = {0};

        assert_int_equal(yw_rule_value_read(&value, f.rules, metric, bad[i].text, &err),
                         YW_EINVAL);
        if (strstr(err.text, bad[i].part) == NULL)
            fail_msg("'%s' is not in: %s", bad[i].part, err.text);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int metric = yw_rule_name(f.rules, YW_RULE_METRIC, good[i][0]);
        struct yw_rule_value value;
        char text[32];

        assert_int_equal(yw_rule_value_read(&value, f.rules, metric, good[i][1], NULL),
                         0);
        yw_rule_value_write(&value, f.rules, metric, text);
        assert_string_equal(text, good[i][1]);
    }
    rules_tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_boundary), cmocka_unit_test(test_class_counts),
        cmocka_unit_test(test_packs_apart), cmocka_unit_test(test_grade_rises_with_harm),
        cmocka_unit_test(test_values_in_words)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
