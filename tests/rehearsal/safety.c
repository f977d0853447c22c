/* A safety system is wired beside its controller: it trips what the controller lets through,
 * unless its key stands at REMOTE and somebody loads other logic. */
#include "outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void the_guarded_works_is_tripped(void **state)
{
    struct yw_package *package = sim_package("tests/rehearsal/safety");
    struct outcome outcome;

    (void)state;
    sim_run_whole(&outcome, package);
    assert_string_equal(outcome.faults, "");
    assert_non_null(
        strstr(outcome.text, "attack-ended limit-1 0")); /* the key is at RUN */
    assert_non_null(strstr(outcome.text, "attack-ended logic-1 0"));
    assert_non_null(strstr(outcome.text, "attack-ended logic-2 1"));
    assert_non_null(strstr(outcome.text, "attack-ended look 1"));
    assert_non_null(strstr(outcome.text, "attack-ended product-1 1"));
    assert_non_null(strstr(outcome.text, "attack-ended product-2 1"));
    assert_int_equal(outcome.points[0], 10);
    outcome_free(&outcome);
    yw_package_free(package);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_guarded_works_is_tripped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
