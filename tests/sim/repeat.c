/* A team's request whose answer was lost in a crash is sent again with the same key: it gets
 * the first one's result, and nothing happens twice. */
#include "outcome.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REQUESTS_MAX 64
#define SLACK 2

struct request { /* as it stands in the journal of the whole run */
    struct yw_event event;
    int64_t ended; /* of an action; 0 */
    char output[YW_EVENT_OUTPUT_MAX];
};

struct requests {
    struct request request[REQUESTS_MAX];
    size_t count;
};

static int on_event(void *arg, const struct yw_event *event)
{
    struct requests *requests = arg;

    if (event->kind == YW_EVENT_ACTION_ENDED) {
        for (size_t i = 0; i < requests->count; i++) {
            struct request *request = &requests->request[i];

            if (request->event.seq == event->causes[0]) {
                request->ended = event->seq;
                YW_COPY(request->output, event->action_ended.output);
            }
        }
    }
    if (event->key[0] == '\0')
        return 0;
    assert_true(requests->count < REQUESTS_MAX);
    requests->request[requests->count++].event = *event;
    return 0;
}

struct reply {
    int calls;
    int code;
};

static void on_done(struct yw_command *command, int code, const struct yw_err *err)
{
    struct reply *reply = command->owner;

    (void)err;
    reply->calls++;
    reply->code = code;
}

static enum yw_command_kind kind_of(const struct yw_event *event)
{
    return event->kind == YW_EVENT_ACTION_ORDERED  ? YW_COMMAND_ACT
           : event->kind == YW_EVENT_STEP_ANSWERED ? YW_COMMAND_ANSWER
                                                   : YW_COMMAND_REPORT;
}

/* The core dies after event `at`; the request is sent again to the next one. */
static void repeat(const struct yw_package *package, const struct outcome *whole,
                   const struct request *request, int64_t at)
{
    struct yw_command *command = yw_new(sizeof *command);
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct outcome outcome;
    struct reply reply = {0};
    struct yw_err err = {0};

    sim_config(&config, package);
    config.stop_after = (uint64_t)at;
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    assert_int_equal(yw_rehearsal_run(rehearsal, &err), YW_ECANCELED);
    assert_int_equal(yw_rehearsal_restart(rehearsal, &err), 0);
    command->kind = kind_of(&request->event);
    command->team = request->event.team;
    command->done = on_done;
    command->owner = &reply;
    YW_COPY(command->drill, yw_rehearsal_drill(rehearsal));
    YW_COPY(command->key, request->event.key);
    YW_COPY(command->actor, request->event.actor);
    if (yw_conductor_command(yw_rehearsal_conductor(rehearsal), command, &err) != 0)
        fail_msg("%s again after event %lld: %s", yw_event_name(request->event.kind),
                 (long long)at, err.text);
    assert_int_equal(reply.calls, 0);
    assert_int_equal(yw_rehearsal_run(rehearsal, &err), 0);
    assert_int_equal(reply.calls, 1);
    assert_int_equal(reply.code, 0);
    assert_int_equal(command->ret_seq, request->event.seq);
    assert_string_equal(command->ret_output, request->output);
    outcome_take(&outcome, rehearsal);
    assert_true(outcome_same(&outcome, whole, SLACK, request->event.key));
    outcome_free(&outcome);
    yw_rehearsal_close(rehearsal);
    free(command);
}

static void same_key_same_result(void **state)
{
    struct yw_package *package = sim_package("tests/drills/dosing-line");
    struct requests *requests = yw_new(sizeof *requests);
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct outcome whole;
    struct yw_err err = {0};

    (void)state;
    sim_config(&config, package);
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    assert_int_equal(yw_rehearsal_run(rehearsal, &err), 0);
    outcome_take(&whole, rehearsal);
    assert_int_equal(
        yw_journal_read(yw_conductor_journal(yw_rehearsal_conductor(rehearsal),
                                             yw_rehearsal_drill(rehearsal)),
                        1, on_event, requests, &err),
        0);
    yw_rehearsal_close(rehearsal);
    assert_true(requests->count >= 6);
    for (size_t i = 0; i < requests->count; i++) {
        const struct request *request = &requests->request[i];

        repeat(package, &whole, request, request->event.seq);
        repeat(package, &whole, request, request->event.seq + 40);
        if (request->ended > 0)
            repeat(package, &whole, request, request->ended);
    }
    outcome_free(&whole);
    free(requests);
    yw_package_free(package);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_key_same_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
