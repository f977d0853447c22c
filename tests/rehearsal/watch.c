/* A key period: zero reports and presence checks, by the drill's seed; who sleeps is found out,
 * and a crash neither loses nor doubles a check. */
#include "outcome.h"

#include "base/mem.h"
#include "response/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHECKS 4 /* four hours, one in each */
#define CHECKS_MAX 64

struct hands { /* of the officer on watch */
    struct yw_command command;
    struct yw_request_duty request;
    bool busy;
};

struct asked {
    int64_t at_ms[CHECKS_MAX];
    int team[CHECKS_MAX];
    size_t count;
};

static const struct yw_view *control(struct yw_rehearsal *rehearsal)
{
    return yw_conductor_view(yw_rehearsal_conductor(rehearsal),
                             yw_rehearsal_drill(rehearsal), YW_AUDIENCE_CONTROL, -1);
}

static const struct yw_event *duty_at(const struct yw_view *view, size_t index)
{
    return *(struct yw_event **)yw_vec_at(&view->state.duties, index);
}

static bool is_answered(const struct yw_view *view, int64_t check)
{
    for (size_t i = 0; i < view->state.duties.count; i++) {
        const struct yw_event *event = duty_at(view, i);

        if (event->kind == YW_EVENT_WATCH_ANSWERED &&
            event->watch_answered.check == check)
            return true;
    }
    return false;
}

static void on_done(struct yw_command *command, int code, const struct yw_err *err)
{
    struct hands *hands = command->owner;

    (void)code;
    (void)err;
    hands->busy = false;
}

/* Answers what the team "awake" is asked. */
static void watch(void *arg, struct yw_rehearsal *rehearsal)
{
    struct hands *hands = arg;
    const struct yw_view *view = control(rehearsal);
    int awake = view == NULL || view->state.phase != YW_PHASE_RUNNING
                    ? -1
                    : yw_conductor_team(yw_rehearsal_conductor(rehearsal),
                                        yw_rehearsal_drill(rehearsal), "awake");

    for (size_t i = 0; awake >= 0 && i < view->state.duties.count && !hands->busy; i++) {
        const struct yw_event *event = duty_at(view, i);

        if (event->kind != YW_EVENT_WATCH_ASKED || event->team != awake ||
            is_answered(view, event->watch_asked.check))
            continue;
        memset(&hands->command, 0, sizeof hands->command);
        memset(&hands->request, 0, sizeof hands->request);
        hands->request.noun = yw_duty_noun_find("presence", NULL);
        hands->request.event.kind = YW_EVENT_WATCH_ANSWERED;
        hands->request.event.watch_answered.check = event->watch_asked.check;
        YW_COPY(hands->request.event.watch_answered.officer, "li");
        hands->command.kind = YW_COMMAND_DUTY;
        hands->command.team = awake;
        hands->command.duty = &hands->request;
        hands->command.done = on_done;
        hands->command.owner = hands;
        YW_COPY(hands->command.drill, yw_rehearsal_drill(rehearsal));
        YW_COPY(hands->command.actor, "team:awake");
        (void)yw_copyf(hands->command.key, sizeof hands->command.key, "presence-%lld",
                       (long long)event->watch_asked.check);
        hands->busy = yw_conductor_command(yw_rehearsal_conductor(rehearsal),
                                           &hands->command, NULL) == 0;
    }
}

static int faults_of(struct yw_rehearsal *rehearsal, const char *name,
                     enum yw_fault_code code)
{
    const struct yw_view *view = control(rehearsal);
    int team = yw_conductor_team(yw_rehearsal_conductor(rehearsal),
                                 yw_rehearsal_drill(rehearsal), name);
    struct yw_scheme *scheme = yw_new(sizeof *scheme);
    struct yw_judged *judged = yw_new(sizeof *judged);
    struct yw_record record;
    int found = 0;

    assert_true(yw_scheme_read(
        scheme, yw_conductor_law(yw_rehearsal_conductor(rehearsal)), &view->state));
    yw_record_read(&record, scheme, view, team);
    yw_record_judge(&record, scheme, record.incident.ended_ms, judged);
    for (size_t i = 0; i < judged->faults.count; i++)
        found += judged->faults.items[i].code == code;
    yw_record_fini(&record);
    free(judged);
    free(scheme);
    return found;
}

static void expect(struct yw_rehearsal *rehearsal, struct asked *ret)
{
    const struct yw_view *view = control(rehearsal);

    ret->count = 0;
    for (size_t i = 0; i < view->state.duties.count; i++) {
        const struct yw_event *event = duty_at(view, i);

        if (event->kind != YW_EVENT_WATCH_ASKED)
            continue;
        assert_true(ret->count < CHECKS_MAX);
        assert_int_equal(event->watch_asked.check, ret->count + 1);
        ret->team[ret->count] = event->team;
        ret->at_ms[ret->count++] = event->drill_ms;
    }
    assert_int_equal(ret->count, 2 * CHECKS);
    assert_int_equal(faults_of(rehearsal, "awake", YW_FAULT_MISSED_WATCH), 0);
    assert_int_equal(faults_of(rehearsal, "awake", YW_FAULT_MISSED_ZERO), 0);
    assert_int_equal(faults_of(rehearsal, "asleep", YW_FAULT_MISSED_WATCH), CHECKS);
    assert_int_equal(faults_of(rehearsal, "asleep", YW_FAULT_MISSED_ZERO), 3);
}

static struct yw_rehearsal *begin(struct yw_rehearsal_config *config,
                                  const struct yw_package *package, struct hands *hands)
{
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    memset(hands, 0, sizeof *hands);
    config->on_turn = watch;
    config->turn_arg = hands;
    config->package = package;
    assert_int_equal(yw_rehearsal_open(&rehearsal, config, &err), 0);
    return rehearsal;
}

static void run(struct yw_rehearsal *rehearsal)
{
    struct yw_err err = {0};

    if (yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("%s", err.text);
}

static void the_sleeper_is_found(void **state)
{
    (void)state;
    struct yw_package *package = sim_package("tests/rehearsal/watch");
    struct yw_rehearsal_config config;
    struct hands hands;
    struct asked first, again, other;

    sim_config(&config, package);
    struct yw_rehearsal *rehearsal = begin(&config, package, &hands);

    run(rehearsal);
    expect(rehearsal, &first);
    yw_rehearsal_close(rehearsal);
    rehearsal = begin(&config, package, &hands);
    run(rehearsal);
    expect(rehearsal, &again);
    yw_rehearsal_close(rehearsal);
    /* one in each stretch, where the seed says; with time to answer before the next */
    for (size_t i = 0; i < first.count; i++) {
        assert_int_equal(first.at_ms[i], again.at_ms[i]);
        assert_int_equal(first.team[i], again.team[i]);
        assert_true(first.at_ms[i] >= 600000 && first.at_ms[i] < 15000000);
    }
    config.seed++;
    rehearsal = begin(&config, package, &hands);
    run(rehearsal);
    expect(rehearsal, &other);
    yw_rehearsal_close(rehearsal);
    assert_memory_not_equal(first.at_ms, other.at_ms, sizeof first.at_ms[0] * 2 * CHECKS);
    yw_package_free(package);
}

static void a_crash_loses_no_check(void **state)
{
    (void)state;
    struct yw_package *package = sim_package("tests/rehearsal/watch");
    struct yw_rehearsal_config config;
    struct hands hands;
    struct yw_err err = {0};
    struct asked asked;

    for (uint64_t n = 8; n < 40; n += 6) {
        sim_config(&config, package);
        config.stop_after = n;
        config.stop_deaf = n % 2 == 0;
        struct yw_rehearsal *rehearsal = begin(&config, package, &hands);

        if (yw_rehearsal_run(rehearsal, &err) == YW_ECANCELED) {
            hands.busy = false;
            if (yw_rehearsal_restart(rehearsal, &err) != 0)
                fail_msg("%llu: %s", (unsigned long long)n, err.text);
            run(rehearsal);
        }
        expect(rehearsal, &asked);
        yw_rehearsal_close(rehearsal);
    }
    yw_package_free(package);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sleeper_is_found),
        cmocka_unit_test(a_crash_loses_no_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
