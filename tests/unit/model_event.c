/* Names and audiences of events. */
#include "model/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < YW_EVENT_KINDS; i++)
        assert_int_equal(yw_event_kind_of(yw_event_name((enum yw_event_kind)i)), i);
    for (int i = 0; i < YW_PHASES; i++)
        assert_int_equal(yw_phase_of(yw_phase_name((enum yw_phase)i)), i);
    for (int i = 0; i < YW_MACHINE_STATES; i++)
        assert_int_equal(
            yw_machine_state_of(yw_machine_state_name((enum yw_machine_state)i)), i);
    for (int i = 0; i < YW_STEP_STATUSES; i++)
        assert_int_equal(yw_step_status_of(yw_step_status_name((enum yw_step_status)i)),
                         i);
    assert_string_equal(yw_event_name(YW_EVENT_OBJECTIVE_MET), "objective-met");
    assert_string_equal(yw_step_status_name(YW_STEP_SUCCESSFULLY_EXECUTED),
                        "successfully_executed");
    assert_int_equal(yw_event_kind_of("no-such"), -1);
    assert_int_equal(yw_phase_of(""), -1);
}

static bool sees(enum yw_event_kind kind, int owner, bool hidden,
                 enum yw_audience audience, int team)
{
    struct yw_event event = {.kind = kind, .team = owner};

    if (kind == YW_EVENT_MACHINE_STATE)
        event.machine_state.hidden = hidden;
    if (kind == YW_EVENT_MACHINE_PLANNED)
        event.machine_planned.hidden = hidden;
    if (kind == YW_EVENT_CONSOLE_PLANNED)
        event.console_planned.hidden = hidden;
    return yw_event_visible(&event, audience, team);
}

static void test_control_sees_all(void **state)
{
    (void)state;
    for (int i = 0; i < YW_EVENT_KINDS; i++)
        assert_true(sees((enum yw_event_kind)i, 0, true, YW_AUDIENCE_CONTROL, -1));
}

static void test_teams(void **state)
{
    (void)state;
    assert_true(sees(YW_EVENT_SAID, 1, false, YW_AUDIENCE_TEAM, 1));
    assert_false(sees(YW_EVENT_SAID, 1, false, YW_AUDIENCE_TEAM, 0));
    assert_true(sees(YW_EVENT_SAID, -1, false, YW_AUDIENCE_TEAM, 0));
    assert_false(sees(YW_EVENT_SAID, -1, false, YW_AUDIENCE_PUBLIC, -1));
    assert_true(sees(YW_EVENT_MACHINE_STATE, 1, false, YW_AUDIENCE_TEAM, 1));
    assert_false(sees(YW_EVENT_MACHINE_STATE, 1, true, YW_AUDIENCE_TEAM, 1));
    assert_false(sees(YW_EVENT_MACHINE_PLANNED, 1, true, YW_AUDIENCE_TEAM, 1));
    assert_false(sees(YW_EVENT_CONSOLE_PLANNED, 1, true, YW_AUDIENCE_TEAM, 1));
    assert_true(sees(YW_EVENT_CONSOLE_PLANNED, 1, false, YW_AUDIENCE_TEAM, 1));
    assert_false(sees(YW_EVENT_CONSOLE_CHANGED, 1, false, YW_AUDIENCE_TEAM, 1));
    assert_false(sees(YW_EVENT_MACHINE_PLANNED, 1, false, YW_AUDIENCE_PUBLIC, 1));
}

/* An office's own affairs: its own, and control's. */
static void test_offices(void **state)
{
    (void)state;
    static const enum yw_event_kind own[] = {
        YW_EVENT_PLAYBOOK_STARTED, YW_EVENT_STEP_STARTED,       YW_EVENT_STEP_BRANCHED,
        YW_EVENT_STEP_ASKED,       YW_EVENT_STEP_LATE,          YW_EVENT_STEP_ESCALATED,
        YW_EVENT_STEP_EVIDENCE,    YW_EVENT_STEP_ANSWERED,      YW_EVENT_STEP_CONFIRMED,
        YW_EVENT_COMMAND_ORDERED,  YW_EVENT_COMMAND_ENDED,      YW_EVENT_STEP_ENDED,
        YW_EVENT_PLAYBOOK_ENDED,   YW_EVENT_PLAYBOOK_CONTROLLED};

    assert_int_equal(YW_TEAM_TIER(YW_TEAM_OFFICE(4)), 4);
    assert_int_equal(YW_TEAM_TIER(-1), 0);
    assert_int_equal(YW_TEAM_TIER(2), 0);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        for (int tier = 1; tier < YW_EVENT_TIERS; tier++) {
            int owner = YW_TEAM_OFFICE(tier);

            assert_true(sees(own[i], owner, false, YW_AUDIENCE_CONTROL, -1));
            for (int other = 0; other < YW_EVENT_TIERS; other++) {
                assert_int_equal(sees(own[i], owner, false, YW_AUDIENCE_TIER, other),
                                 other == tier);
                assert_false(sees(own[i], owner, false, YW_AUDIENCE_TEAM, other));
            }
            assert_false(sees(own[i], owner, false, YW_AUDIENCE_PUBLIC, -1));
        }
        /* and of a team's no office sees anything */
        assert_false(sees(own[i], 1, false, YW_AUDIENCE_TIER, 1));
        assert_false(sees(own[i], -1, false, YW_AUDIENCE_TIER, 1));
    }
}

/* What gives the game away: nobody but the control room, whatever team it is about. */
static void test_secrets(void **state)
{
    (void)state;
    static const enum yw_event_kind secrets[] = {
        YW_EVENT_DRILL_PLANNED,  YW_EVENT_ATTACK_PLANNED, YW_EVENT_ATTACK_STARTED,
        YW_EVENT_ATTACK_ENDED,   YW_EVENT_STORY_STEP,     YW_EVENT_STORY_RESULT,
        YW_EVENT_PLANT_SAMPLE,   YW_EVENT_GUEST_LINE,     YW_EVENT_LINK_ORDERED,
        YW_EVENT_PLATFORM_FAULT,
    };

    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        for (int owner = -1; owner < 2; owner++) {
            assert_false(sees(secrets[i], owner, false, YW_AUDIENCE_TEAM, 0));
            assert_false(sees(secrets[i], owner, false, YW_AUDIENCE_PUBLIC, -1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),   cmocka_unit_test(test_control_sees_all),
        cmocka_unit_test(test_teams),   cmocka_unit_test(test_offices),
        cmocka_unit_test(test_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
