/* The attack kit in memory: each attack begins, does its work on the plant's controller, and is
 * taken back; what nobody found out is left out, and said. */
#include "outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void has(const struct outcome *outcome, const char *text)
{
    if (strstr(outcome->text, text) == NULL)
        fail_msg("no '%s' in\n%s", text, outcome->text);
}

static void attacks_begin_and_are_taken_back(void **state)
{
    static const char *const done[] = {
        "look",  "guess", "creep", "step", "chatter", "fuzz", "numb",   "flood", "halt",
        "again", "boot",  "knock", "loot", "mute",    "wipe", "middle", "deaf"};
    static const char *const back[] = {"creep", "chatter", "fuzz", "flood", "numb"};
    struct yw_package *package = sim_package("tests/rehearsal/attacks");
    struct outcome outcome;
    char text[64];

    (void)state;
    sim_run_whole(&outcome, package);
    assert_string_equal(outcome.faults, "");
    for (size_t i = 0; i < sizeof(done) / sizeof(done[0]); i++) {
        (void)snprintf(text, sizeof(text), "attack-ended %s 1", done[i]);
        has(&outcome, text);
    }
    for (size_t i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
        (void)snprintf(text, sizeof(text), "halt %s", back[i]);
        has(&outcome, text);
        (void)snprintf(text, sizeof(text), "undo-ended %s 1", back[i]);
        has(&outcome, text);
    }
    has(&outcome, "undo-ended halt 1");
    has(&outcome, "undo-ended boot 1");
    has(&outcome, "undo-ended mute 1");
    has(&outcome, "station start");
    has(&outcome, "attack-ended after 0");
    has(&outcome, "attack-ended rob 0");
    has(&outcome, "attack-skipped blind password");
    has(&outcome, "modbus write 10.20.2.11 1 holding 40 100"); /* what stood there */
    has(&outcome, "undo-ended step 1");
    assert_null(strstr(outcome.text, "undo-ended numb 0")); /* not undone twice */
    assert_int_equal(outcome.points[0], 0); /* the ramp reached the water */
    outcome_free(&outcome);
    yw_package_free(package);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attacks_begin_and_are_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
