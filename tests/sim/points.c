/* Checkpoints, resets, an emergency stop and programs of control in the middle of a drill:
 * the core dies after each of their events (or before anything that they order begins), a
 * new one takes over, and the drill comes to the same end: nothing lost, nothing doubled,
 * no machine left frozen. And a fork: its beginning is the other drill's, byte for byte. */
#include "outcome.h"

#include "base/mem.h"
#include "codec/state/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CHECKPOINT, RESET, RESTORE, EXEC, DROP, STOP, RESUME, HANDS };

struct
    hands { /* of control: one order after the other, each asked for until it is known */
    struct yw_command commands[HANDS];
    bool busy[HANDS];
    int next;
    int refused;
    bool forked; /* the fork test's */
    char fork[YW_NAME_MAX];
    bool fork_busy;
    struct yw_command fork_command;
};

static const int64_t due_ms[HANDS] = {20000, 24000, 28000, 32000, 36000, 40000, 40000};

static void on_done(struct yw_command *command, int code, const struct yw_err *err)
{
    struct hands *hands = command->owner;

    if (code != 0 && code != YW_ECANCELED) {
        print_error("command %d: %s\n", (int)command->kind, err->text);
        hands->refused++;
    }
    for (int i = 0; i < HANDS; i++) {
        if (command == &hands->commands[i])
            hands->busy[i] = false;
    }
    if (command == &hands->fork_command) {
        hands->fork_busy = false;
        YW_COPY(hands->fork, command->ret_drill);
    }
}

static void fill(struct yw_command *command, int step)
{
    static const enum yw_command_kind kinds[HANDS] = {
        YW_COMMAND_CHECKPOINT, YW_COMMAND_RESET, YW_COMMAND_RESTORE, YW_COMMAND_EXEC,
        YW_COMMAND_DROP,       YW_COMMAND_STOP,  YW_COMMAND_RESUME};

    memset(command, 0, sizeof *command);
    command->kind = kinds[step];
    command->team = -1;
    command->number = 3; /* two are the teams' start */
    YW_COPY(command->actor, "control");
    YW_COPY(command->point.team, step == CHECKPOINT ? "" : "blue-quick");
    YW_COPY(command->point.machine, "plc1");
    YW_COPY(command->action.argv[0], "acl");
    YW_COPY(command->action.argv[1], "0.0.0.0/0");
    command->action.argc = 2;
    (void)snprintf(command->key, sizeof command->key, "hands-%d", step);
}

/* One order at a time, once the one before has its outcome. */
static void on_turn(void *arg, struct yw_rehearsal *rehearsal)
{
    struct hands *hands = arg;
    struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsal);
    const char *drill = yw_rehearsal_drill(rehearsal);
    const struct yw_view *view =
        yw_conductor_view(conductor, drill, YW_AUDIENCE_CONTROL, -1);
    struct yw_journal *journal = yw_conductor_journal(conductor, drill);
    struct yw_err err = {0};

    if (view == NULL || view->state.phase < YW_PHASE_RUNNING ||
        view->state.phase > YW_PHASE_PAUSED || view->state.orders.count > 0 ||
        view->state.actions.count > 0)
        return;
    if (view->state.phase == YW_PHASE_RUNNING && !view->state.stopped)
        assert_int_equal(yw_virt_world_frozen(yw_rehearsal_world(rehearsal)), 0);
    char key[32];

    (void)snprintf(key, sizeof key, "hands-%d", hands->next);
    if (hands->next < HANDS && yw_journal_key(journal, key) > 0)
        hands->next++;
    if (hands->next == HANDS || hands->busy[hands->next] ||
        yw_conductor_drill_ms(conductor, drill) < due_ms[hands->next])
        return;
    struct yw_command *command = &hands->commands[hands->next];

    fill(command, hands->next);
    YW_COPY(command->drill, drill);
    command->done = on_done;
    command->owner = hands;
    hands->busy[hands->next] = true;
    if (yw_conductor_command(conductor, command, &err) != 0) {
        hands->busy[hands->next] = false;
        hands->refused++;
        print_error("step %d: %s\n", hands->next, err.text);
        hands->next = HANDS;
    }
}

static struct yw_rehearsal *begin(const struct yw_package *package, struct hands *hands,
                                  uint64_t stop_after, bool deaf)
{
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    sim_config(&config, package);
    config.on_turn = on_turn;
    config.turn_arg = hands;
    config.stop_after = stop_after;
    config.stop_deaf = deaf;
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    return rehearsal;
}

static int set_up(void **state)
{
    struct sim_sweep *sweep = sim_sweep_open(state, "tests/drills/dosing-line");
    struct hands *hands = yw_new(sizeof *hands);
    struct yw_err err = {0};

    struct yw_rehearsal *rehearsal = begin(sweep->package, hands, 0, false);
    int code = yw_rehearsal_run(rehearsal, &err);

    if (code != 0)
        fail_msg("%s", err.text);
    outcome_take(&sweep->whole, rehearsal);
    assert_int_equal(hands->next, HANDS);
    assert_int_equal(hands->refused, 0);
    assert_int_equal(yw_virt_world_count(yw_rehearsal_world(rehearsal)), 0);
    assert_non_null(strstr(sweep->whole.text, "checkpoint-restored 1"));
    assert_non_null(strstr(sweep->whole.text, "thaw-ended 1"));
    yw_rehearsal_close(rehearsal);
    free(hands);
    return 0;
}

static bool crash_at(const struct sim_sweep *sweep, int64_t n, bool deaf)
{
    struct hands *hands = yw_new(sizeof *hands);
    struct outcome outcome;
    struct yw_err err = {0};
    char what[96];

    (void)snprintf(what, sizeof what, "stopped %s event %lld (%s)", deaf ? "at" : "after",
                   (long long)n, yw_event_name(sweep->whole.kinds[n - 1]));
    struct yw_rehearsal *rehearsal = begin(sweep->package, hands, (uint64_t)n, deaf);

    assert_int_equal(yw_rehearsal_run(rehearsal, &err), YW_ECANCELED);
    bool well = yw_rehearsal_restart(rehearsal, &err) == 0 &&
                yw_rehearsal_run(rehearsal, &err) == 0;

    if (!well) {
        print_error("%s: %s\n", what, err.text);
    } else {
        outcome_take(&outcome, rehearsal);
        well = outcome_same(&outcome, &sweep->whole, 2, what);
        if (outcome.faults[0] != '\0' || hands->refused > 0 ||
            yw_virt_world_count(yw_rehearsal_world(rehearsal)) != 0) {
            print_error("%s: faults '%s', %d refused\n", what, outcome.faults,
                        hands->refused);
            well = false;
        }
        outcome_free(&outcome);
    }
    yw_rehearsal_close(rehearsal);
    free(hands);
    return well;
}

/* From the first order of these hands to the last outcome. */
static void sweep_all(const struct sim_sweep *sweep, bool deaf)
{
    size_t crashes = 0;
    size_t failures = 0;
    int seen = 0;

    for (int64_t n = 1; n < sweep->whole.events; n++) {
        enum yw_event_kind kind = sweep->whole.kinds[n - 1];
        bool ours = kind >= YW_EVENT_QUOTA_SET && kind <= YW_EVENT_RECONCILED;

        seen += ours;
        if (!ours && (seen < 5 || n % 389 != 0))
            continue;
        crashes++;
        failures += !crash_at(sweep, n, deaf);
    }
    print_message("%zu crashes\n", crashes);
    assert_true(crashes > 18);
    assert_int_equal(failures, 0);
}

static void crash_after_orders(void **state)
{
    sweep_all(*state, false);
}

static void crash_before_their_effect(void **state)
{
    sweep_all(*state, true);
}

/* ---- the fork ---- */

struct prefix {
    struct yw_view view;
    int64_t last;
};

static int fold_prefix(void *arg, const struct yw_event *event)
{
    struct prefix *prefix = arg;

    if (event->seq > prefix->last)
        return 1;
    assert_true(yw_view_apply(&prefix->view, event));
    return 0;
}

/* The document of control after so many events of a journal. */
static char *document_at(struct yw_journal *journal, int64_t seq)
{
    struct prefix *prefix = yw_new(sizeof *prefix);
    struct yw_state_now now = {.drill = "the-same"};
    struct yw_buf text;

    prefix->last = seq;
    yw_view_init(&prefix->view, YW_AUDIENCE_CONTROL, -1);
    (void)yw_journal_read(journal, 1, fold_prefix, prefix, NULL);
    yw_buf_init(&text, (size_t)4 * 1024 * 1024);
    yw_state_encode(&text, &prefix->view, NULL, &now);
    assert_false(text.overflow);
    yw_view_fini(&prefix->view);
    free(prefix);
    return yw_buf_steal(&text);
}

static int head_at(void *arg, const char *line, size_t size)
{
    char *hash = arg;

    return yw_json_get(line, size, "/hash", hash, YW_HASH_TEXT_SIZE) == 0 ? 1 : -1;
}

static void expect_prefix(struct yw_conductor *conductor, const char *from,
                          const char *fork)
{
    const struct yw_view *view =
        yw_conductor_view(conductor, fork, YW_AUDIENCE_CONTROL, -1);
    const struct yw_ev_drill_forked *forked = &view->state.forked;
    char hash[YW_HASH_TEXT_SIZE] = "";

    assert_string_equal(forked->from, from);
    (void)yw_journal_export(yw_conductor_journal(conductor, from), forked->seq, head_at,
                            hash, NULL);
    assert_string_equal(hash, forked->hash);
    char *theirs = document_at(yw_conductor_journal(conductor, from), forked->seq);
    char *ours = document_at(yw_conductor_journal(conductor, fork), forked->seq);

    assert_string_equal(ours, theirs);
    free(theirs);
    free(ours);
    /* it stands where the checkpoint was made, paused, with machines of its own */
    assert_int_equal(view->state.phase, YW_PHASE_PAUSED);
    assert_false(view->state.clock.running);
    assert_int_equal(yw_conductor_drill_ms(conductor, fork), view->state.drill_ms);
    assert_true(view->state.drill_ms < yw_conductor_drill_ms(conductor, from));
    assert_int_equal(yw_drill_machine(&view->state, 0, "plc1")->state,
                     YW_MACHINE_SERVING);
}

static void command_fork(struct hands *hands, struct yw_conductor *conductor,
                         const char *drill, enum yw_command_kind kind)
{
    struct yw_command *command = &hands->fork_command;
    struct yw_err err = {0};

    memset(command, 0, sizeof *command);
    command->kind = kind;
    command->team = -1;
    command->number = 3;
    YW_COPY(command->drill, drill);
    YW_COPY(command->actor, "control");
    command->done = on_done;
    command->owner = hands;
    hands->fork_busy = true;
    if (yw_conductor_command(conductor, command, &err) != 0)
        fail_msg("%s", err.text);
}

static void on_fork_turn(void *arg, struct yw_rehearsal *rehearsal)
{
    struct hands *hands = arg;
    struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsal);
    const char *drill = yw_rehearsal_drill(rehearsal);
    const struct yw_view *view =
        hands->fork[0] == '\0'
            ? NULL
            : yw_conductor_view(conductor, hands->fork, YW_AUDIENCE_CONTROL, -1);

    if (hands->next <= CHECKPOINT) {
        on_turn(arg, rehearsal);
        return;
    }
    if (hands->fork_busy || yw_conductor_drill_ms(conductor, drill) < 30000)
        return;
    if (hands->fork[0] == '\0') {
        command_fork(hands, conductor, drill, YW_COMMAND_FORK);
    } else if (view != NULL && view->state.phase == YW_PHASE_PAUSED) {
        expect_prefix(conductor, drill, hands->fork);
        hands->forked = true;
        command_fork(hands, conductor, hands->fork, YW_COMMAND_RESUME);
    } else if (view != NULL && view->state.phase == YW_PHASE_RUNNING &&
               yw_conductor_drill_ms(conductor, hands->fork) > 120000) {
        /* its story went on from where the checkpoint was */
        assert_true(yw_drill_team(&view->state, 0)->story.index > 2);
        assert_false(yw_drill_team(&view->state, 0)->story.faulted);
        command_fork(hands, conductor, hands->fork, YW_COMMAND_DOWN);
    }
}

static void a_fork_begins_as_the_other_drill(void **state)
{
    const struct sim_sweep *sweep = *state;
    struct hands *hands = yw_new(sizeof *hands);
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    sim_config(&config, sweep->package);
    config.on_turn = on_fork_turn;
    config.turn_arg = hands;
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    if (yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("%s", err.text);
    assert_true(hands->forked);
    assert_int_equal(hands->refused, 0);
    assert_int_equal(yw_virt_world_count(yw_rehearsal_world(rehearsal)), 0);
    yw_rehearsal_close(rehearsal);
    free(hands);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest after[] = {
        cmocka_unit_test_setup_teardown(crash_after_orders, set_up, sim_sweep_tear_down),
        cmocka_unit_test_setup_teardown(a_fork_begins_as_the_other_drill, set_up,
                                        sim_sweep_tear_down),
    };
    const struct CMUnitTest before[] = {
        cmocka_unit_test_setup_teardown(crash_before_their_effect, set_up,
                                        sim_sweep_tear_down),
    };

    if (argc > 1 && strcmp(argv[1], "before") == 0)
        return cmocka_run_group_tests_name("before", before, NULL, NULL);
    return cmocka_run_group_tests_name("after", after, NULL, NULL);
}
