/* An outstation and what stands around it, attacked in memory: commands reach the plant,
 * a command that was not selected does not. */
#include "outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void commands_reach_the_plant(void **state)
{
    struct yw_package *package = sim_package("tests/rehearsal/outstation");
    struct outcome outcome;

    (void)state;
    sim_run_whole(&outcome, package);
    assert_string_equal(outcome.faults, "");
    assert_non_null(strstr(outcome.text, "attack-ended look 1"));
    assert_non_null(strstr(outcome.text, "attack-ended shy 0"));
    assert_non_null(strstr(outcome.text, "attack-ended raise 1"));
    assert_non_null(strstr(outcome.text, "attack-ended trip 1"));
    assert_non_null(strstr(outcome.text, "plant-level"));
    assert_int_equal(outcome.points[0], 0); /* the set-point did its work */
    outcome_free(&outcome);
    yw_package_free(package);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_reach_the_plant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
