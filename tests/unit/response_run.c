/* The executor's rules, stepped by hand: ask, append, apply, ask again. Each test builds its
 * graph from lines; "a>b" is on_completion, "a+b" on_success, "a-b" on_failure. */
#include "response/run.h"

#include "base/mem.h"
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS_MAX 32
#define LOG_MAX 20000

struct stage {
    struct yw_pb_step steps[STEPS_MAX];
    struct yw_pb_var vars[8];
    struct yw_pb_command commands[STEPS_MAX];
    char targets[STEPS_MAX][4][96];
    struct yw_playbook playbook;
    struct yw_run run;
    int64_t seq;
    int64_t drill_ms;
    const char
        *failing; /* machine on which commands fail; "" none, NULL nobody answers */
    struct yw_event *log;
    size_t count;
};

static int var(struct stage *s, const char *name, const char *type, const char *value)
{
    struct yw_pb_var *at = &s->vars[s->playbook.var_count];

    YW_COPY(at->name, name);
    YW_COPY(at->type, type);
    at->has_value = value != NULL;
    YW_COPY(at->value, value ? value : "");
    return (int)s->playbook.var_count++;
}

static struct yw_pb_step *at(struct stage *s, const char *id)
{
    int index = yw_playbook_step(&s->playbook, id);

    if (index < 0) {
        fail_msg("no step %s", id);
        abort();
    }
    return &s->steps[index];
}

static struct yw_pb_step *add(struct stage *s, enum yw_pb_type type, const char *id)
{
    struct yw_pb_step *step = &s->steps[s->playbook.step_count++];

    YW_COPY(step->id, id);
    YW_COPY(step->name.en, id);
    step->type = type;
    step->on_completion = step->on_success = step->on_failure = -1;
    step->on_true = step->on_false = -1;
    return step;
}

static void init(struct stage *s)
{
    memset(s, 0, sizeof *s);
    s->playbook.steps = s->steps;
    s->playbook.vars = s->vars;
    s->playbook.exception = -1;
    s->failing = "";
    s->log = yw_new_array(LOG_MAX, sizeof *s->log);
    YW_COPY(s->playbook.id, "playbook--1");
    add(s, YW_PB_START, "start");
    add(s, YW_PB_END, "end");
}

static struct yw_pb_step *manual(struct stage *s, const char *id)
{
    struct yw_pb_step *step = add(s, YW_PB_ACTION, id);

    YW_COPY(step->asks.en, "Do it");
    YW_COPY(step->asks.zh, "执行");
    YW_COPY(step->role, "ir_lead");
    return step;
}

/* One command, of every target, or of the machine that it names itself. */
static struct yw_pb_step *command(struct stage *s, const char *id,
                                  enum yw_pb_command_kind kind, const char *machine)
{
    size_t index = s->playbook.step_count;
    struct yw_pb_step *step = add(s, YW_PB_ACTION, id);

    step->commands = &s->commands[index];
    step->command_count = 1;
    step->commands[0].kind = kind;
    YW_COPY(step->commands[0].machine, machine);
    if (kind == YW_PB_SHELL)
        YW_COPY(step->commands[0].text, "echo __a__:value");
    step->targets = s->targets[index];
    return step;
}

/* "start>a" "a+b" "a-c": which step follows which. */
static void wire(struct stage *s, const char *line)
{
    char from[80], mark, to[80];

    assert_int_equal(sscanf(line, "%79[a-z0-9]%c%79s", from, &mark, to), 3);
    int index = yw_playbook_step(&s->playbook, to);

    assert_true(index >= 0);
    if (mark == '>')
        at(s, from)->on_completion = index;
    else if (mark == '+')
        at(s, from)->on_success = index;
    else if (mark == '-')
        at(s, from)->on_failure = index;
    else if (mark == '?')
        at(s, from)->on_true = index;
    else
        at(s, from)->on_false = index;
}

static void branch(struct stage *s, const char *from, const char *value, const char *to)
{
    struct yw_pb_step *step = at(s, from);
    struct yw_pb_case *one = &step->branches[step->branch_count++];

    YW_COPY(one->value, value);
    one->is_default = strcmp(value, "default") == 0;
    one->step = yw_playbook_step(&s->playbook, to);
}

static void open_run(struct stage *s)
{
    struct yw_event started = {.kind = YW_EVENT_PLAYBOOK_STARTED, .team = 1};

    started.playbook_started.run = 3;
    started.seq = s->seq = 10;
    s->log[s->count++] = started;
    yw_run_init(&s->run, &s->playbook, &started);
}

static void fini(struct stage *s)
{
    yw_run_fini(&s->run);
    free(s->log);
}

static void append(struct stage *s, const struct yw_event *event)
{
    struct yw_event *kept = &s->log[s->count++];

    assert_true(s->count < LOG_MAX);
    assert_int_equal(event->team, 1);
    assert_true(event->causes[0] > 0 && event->causes[0] <= s->seq);
    *kept = *event;
    kept->seq = ++s->seq;
    kept->drill_ms = s->drill_ms;
    yw_run_apply(&s->run, kept);
}

static const struct yw_run_exec *under_way(const struct stage *s, const char *id)
{
    for (size_t i = 0; i < s->run.execs.count; i++) {
        const struct yw_run_exec *exec = yw_vec_at(&s->run.execs, i);

        if (strcmp(yw_run_step(&s->run, exec)->id, id) == 0)
            return exec;
    }
    return NULL;
}

static const struct yw_run_exec *must(const struct stage *s, const char *id)
{
    const struct yw_run_exec *exec = under_way(s, id);

    if (!exec) {
        fail_msg("%s is not under way", id);
        abort();
    }
    return exec;
}

/* The first command that waits ends; false: none does. */
static bool end_command(struct stage *s)
{
    for (size_t i = 0; i < s->run.execs.count && s->failing; i++) {
        const struct yw_run_exec *exec = yw_vec_at(&s->run.execs, i);
        struct yw_event event;

        if (!exec->ordered)
            continue;
        bool ok = strcmp(exec->command.machine, s->failing) != 0;

        yw_run_command_ended(&s->run, exec, ok, ok ? " out\n" : "broken", &event);
        append(s, &event);
        return true;
    }
    return false;
}

/* Does everything that needs nobody; returns when it is to be asked again. */
static int64_t go(struct stage *s)
{
    struct yw_run_todo todo;

    for (int i = 0; i < LOG_MAX; i++) {
        yw_run_next(&s->run, s->drill_ms, &todo);
        if (todo.append)
            append(s, &todo.event);
        else if (!end_command(s))
            return todo.due_ms;
    }
    fail_msg("the run never waits nor ends");
    return 0;
}

static void start(struct stage *s)
{
    open_run(s);
    go(s);
}

static struct yw_event said(struct stage *s, enum yw_event_kind kind, const char *id,
                            const char *actor)
{
    const struct yw_run_exec *exec = must(s, id);
    struct yw_event event = {.kind = kind, .team = 1};

    event.step_ref.run = 3;
    event.step_ref.exec = exec->exec;
    YW_COPY(event.step_ref.step, id);
    YW_COPY(event.actor, actor);
    event.causes[0] = exec->cause;
    return event;
}

/* name = NULL: no variables. 0 or the code of the refusal. */
static int try_answer(struct stage *s, const char *id, const char *role, bool ok,
                      const char *name, const char *value)
{
    struct yw_event event = said(s, YW_EVENT_STEP_ANSWERED, id, "team:blue/x");
    struct yw_ev_step_answered *p = &event.step_answered;

    YW_COPY(p->role, role);
    p->ok = ok;
    if (name) {
        p->var_count = 1;
        YW_COPY(p->vars[0].name, name);
        YW_COPY(p->vars[0].value, value);
    }
    int status = yw_run_check_answer(&s->run, must(s, id), p, NULL);

    if (status == 0)
        append(s, &event);
    return status;
}

static void answer(struct stage *s, const char *id, const char *name, const char *value)
{
    assert_int_equal(try_answer(s, id, "ir_lead", true, name, value), 0);
    go(s);
}

static struct yw_event order(struct stage *s, const char *verb, const char *id)
{
    struct yw_event event = {.kind = YW_EVENT_PLAYBOOK_CONTROLLED, .team = 1};
    const struct yw_run_exec *exec = under_way(s, id);

    event.playbook_controlled.run = 3;
    event.playbook_controlled.exec = exec ? exec->exec : 0;
    YW_COPY(event.playbook_controlled.verb, verb);
    YW_COPY(event.playbook_controlled.step, id);
    event.causes[0] = 1;
    return event;
}

static void control(struct stage *s, const char *verb, const char *id, bool ok)
{
    struct yw_event event = order(s, verb, id);
    struct yw_err err = {0};

    event.playbook_controlled.ok = ok;
    if (yw_run_check_control(&s->run, &event.playbook_controlled, &err) < 0)
        fail_msg("%s", err.text);
    append(s, &event);
    go(s);
}

/* How the step ended the last time; NONE: it did not. */
static enum yw_step_status status_of(const struct stage *s, const char *id)
{
    for (size_t i = s->count; i-- > 0;) {
        const struct yw_event *event = &s->log[i];

        if (event->kind == YW_EVENT_STEP_ENDED && strcmp(event->step_ended.step, id) == 0)
            return event->step_ended.status;
    }
    return YW_STEP_NONE;
}

static const char *detail_of(const struct stage *s, const char *id)
{
    for (size_t i = s->count; i-- > 0;) {
        const struct yw_event *event = &s->log[i];

        if (event->kind == YW_EVENT_STEP_ENDED && strcmp(event->step_ended.step, id) == 0)
            return event->step_ended.detail;
    }
    return "";
}

static size_t count_of(const struct stage *s, enum yw_event_kind kind)
{
    size_t found = 0;

    for (size_t i = 0; i < s->count; i++)
        found += s->log[i].kind == kind;
    return found;
}

static void assert_ended(const struct stage *s, bool ok)
{
    assert_false(s->run.active);
    assert_int_equal(s->run.ok, ok);
}

/* ---- rules 1 and 2 ---- */

static void test_order_of_delay_work_and_timeout(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    struct yw_pb_step *ask = manual(&s, "ask");

    ask->delay_ms = 5000;
    ask->timeout_ms = 60000;
    wire(&s, "start>ask");
    wire(&s, "ask>end");
    s.drill_ms = 1000;
    open_run(&s);
    assert_int_equal(go(&s), 6000);
    assert_null(under_way(&s, "ask"));
    s.drill_ms = 6000;
    assert_int_equal(go(&s), 66000); /* counted from the end of the delay */
    assert_true(must(&s, "ask")->asked);
    s.drill_ms = 66000;
    go(&s);
    assert_int_equal(status_of(&s, "ask"), YW_STEP_TIMEOUT_ERROR);
    assert_true(strncmp(detail_of(&s, "ask"), "ACTION_TIMEOUT", 14) == 0);
    assert_ended(&s, true); /* on_completion, and no handler */
    fini(&s);
}

static void test_ceilings(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    manual(&s, "ask");
    command(&s, "cut", YW_PB_ISOLATE, "jump");
    wire(&s, "start>cut");
    wire(&s, "cut>ask");
    s.failing = NULL; /* nobody answers */
    open_run(&s);
    assert_int_equal(go(&s), YW_RUN_AUTOMATIC_CEILING_MS);
    s.failing = "";
    assert_int_equal(go(&s), YW_RUN_MANUAL_CEILING_MS);
    fini(&s);
}

static void test_failure_takes_its_handler(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    command(&s, "cut", YW_PB_ISOLATE, "jump");
    manual(&s, "help");
    wire(&s, "start>cut");
    wire(&s, "cut+end");
    wire(&s, "cut-help");
    wire(&s, "help>end");
    s.failing = "jump";
    start(&s);
    assert_int_equal(status_of(&s, "cut"), YW_STEP_FAILED);
    assert_string_equal(detail_of(&s, "cut"), "broken");
    answer(&s, "help", NULL, "");
    assert_ended(&s, true);
    fini(&s);
}

static void test_exception_handler_runs_once(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    var(&s, "a", "string", "x");
    command(&s, "cut", YW_PB_ISOLATE, "jump");
    command(&s, "again", YW_PB_REJOIN, "jump");
    wire(&s, "start>cut");
    wire(&s, "cut>end"); /* there is a handler: not taken after a failure */
    wire(&s, "again>end");
    s.playbook.exception = 3;
    s.failing = "jump";
    start(&s);
    assert_int_equal(status_of(&s, "again"), YW_STEP_FAILED);
    assert_int_equal(status_of(&s, "end"), YW_STEP_NONE);
    assert_ended(&s, false);
    fini(&s);

    init(&s);
    command(&s, "cut", YW_PB_ISOLATE, "jump");
    manual(&s, "take");
    wire(&s, "start>cut");
    YW_COPY(at(&s, "take")->asks.en, "__failed_step__:value: __failed_cause__:value");
    s.playbook.exception = 3;
    s.failing = "jump";
    start(&s);
    assert_string_equal(s.log[s.count - 1].step_asked.asks.en, "cut: broken");
    answer(&s, "take", NULL, "");
    assert_ended(&s, false); /* a run that needed it is not ok */
    fini(&s);
}

static void test_no_handler_at_all(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    command(&s, "cut", YW_PB_ISOLATE, "jump");
    wire(&s, "start>cut");
    wire(&s, "cut+end");
    s.failing = "jump";
    start(&s);
    assert_ended(&s, false);
    fini(&s);

    /* a step with only on_failure ends its thread when it succeeds */
    init(&s);
    command(&s, "cut", YW_PB_ISOLATE, "jump");
    manual(&s, "help");
    wire(&s, "start>cut");
    wire(&s, "cut-help");
    start(&s);
    assert_ended(&s, true);
    assert_int_equal(status_of(&s, "help"), YW_STEP_NONE);
    fini(&s);
}

/* ---- rules 3 to 6 ---- */

static void set_up_parallel(struct stage *s)
{
    init(s);
    int a = var(s, "a", "string", NULL);

    add(s, YW_PB_PARALLEL, "fork");
    manual(s, "left")->fields[0].var = a;
    manual(s, "right")->fields[0].var = a;
    at(s, "left")->out_count = at(s, "right")->out_count = 1;
    manual(s, "after");
    wire(s, "start>fork");
    wire(s, "left>end");
    wire(s, "right>end"); /* branches may share an end */
    wire(s, "fork>after");
    branch(s, "fork", "", "left");
    branch(s, "fork", "", "right");
    YW_COPY(at(s, "after")->asks.en, "a is __a__:value");
}

static void test_parallel_joins_in_listed_order(void **state)
{
    (void)state;
    struct stage s;

    set_up_parallel(&s);
    start(&s);
    assert_non_null(under_way(&s, "left"));
    assert_non_null(under_way(&s, "right"));
    answer(&s, "right", "a", "from right");
    assert_null(under_way(&s, "after")); /* the other is still open */
    assert_null(yw_run_var(&s.run, under_way(&s, "left"), "a")); /* and sees nothing */
    answer(&s, "left", "a", "from left");
    assert_string_equal(s.log[s.count - 1].step_asked.asks.en, "a is from right");
    assert_string_equal(detail_of(&s, "fork"), "a = 'from right', 'from left'");
    answer(&s, "after", NULL, "");
    assert_ended(&s, true);
    fini(&s);
}

static void test_parallel_fails_with_a_branch(void **state)
{
    (void)state;
    struct stage s;

    set_up_parallel(&s);
    at(&s, "left")->on_completion = -1;
    wire(&s, "left+end");
    wire(&s, "fork+after");
    at(&s, "fork")->on_completion = -1;
    start(&s);
    assert_int_equal(try_answer(&s, "left", "ir_lead", false, NULL, ""), 0);
    go(&s);
    assert_non_null(under_way(&s, "right")); /* all are waited for */
    answer(&s, "right", "a", "x");
    assert_int_equal(status_of(&s, "fork"), YW_STEP_EXCEPTION_CONDITION_ERROR);
    assert_ended(&s, false);
    fini(&s);

    set_up_parallel(&s);
    at(&s, "left")->on_completion = -1;
    at(&s, "fork")->fail_fast = true;
    wire(&s, "left+end");
    start(&s);
    assert_int_equal(try_answer(&s, "left", "ir_lead", false, NULL, ""), 0);
    go(&s);
    assert_null(under_way(&s, "right"));
    fini(&s);
}

static void test_timeout_of_a_parallel_ends_its_branches(void **state)
{
    (void)state;
    struct stage s;

    set_up_parallel(&s);
    at(&s, "fork")->timeout_ms = 1000;
    start(&s);
    s.drill_ms = 1000;
    go(&s);
    assert_null(under_way(&s, "left"));
    assert_null(under_way(&s, "right"));
    assert_int_equal(status_of(&s, "fork"), YW_STEP_TIMEOUT_ERROR);
    assert_non_null(under_way(&s, "after"));
    assert_null(yw_run_question(&s.run, "left", 0, NULL));
    fini(&s);
}

static void set_up_loop(struct stage *s)
{
    init(s);
    int more = var(s, "more", "bool", "true");

    var(s, "a", "string", "x");
    add(s, YW_PB_WHILE, "loop")->poll_ms = 500;
    YW_COPY(at(s, "loop")->condition, "[__more__:value = true]");
    manual(s, "look")->fields[0].var = more;
    at(s, "look")->out_count = 1;
    YW_COPY(at(s, "look")->asks.en, "more was __more__:value");
    wire(s, "start>loop");
    wire(s, "loop?look");
    wire(s, "loop>end");
    wire(s, "look>end");
}

static void test_loop(void **state)
{
    (void)state;
    struct stage s;

    set_up_loop(&s);
    start(&s);
    assert_string_equal(s.log[s.count - 1].step_asked.asks.en, "more was true");
    answer(&s, "look", "more", "true");
    assert_null(under_way(&s, "look"));
    assert_int_equal(go(&s), 500); /* polls, does not spin */
    s.drill_ms = 500;
    go(&s);
    assert_int_equal(must(&s, "loop")->turn, 2);
    answer(&s, "look", "more", "false");
    s.drill_ms = 1000;
    go(&s);
    assert_ended(&s, true);
    fini(&s);
}

static void test_loop_is_capped(void **state)
{
    (void)state;
    struct stage s;

    set_up_loop(&s);
    command(&s, "cut", YW_PB_ISOLATE, "jump");
    wire(&s, "loop?cut");
    wire(&s, "cut>end");
    at(&s, "loop")->on_completion = -1;
    wire(&s, "loop+end");
    open_run(&s);
    for (int i = 0; s.run.active && i < YW_RUN_TURNS_MAX + 10; i++) {
        go(&s);
        s.drill_ms += 500;
    }
    assert_int_equal(status_of(&s, "loop"), YW_STEP_FAILED);
    assert_string_equal(detail_of(&s, "loop"), "too many turns");
    assert_ended(&s, false);
    fini(&s);
}

static void test_waiting_is_not_journalled(void **state)
{
    (void)state;
    struct stage s;

    set_up_loop(&s);
    wire(&s, "loop?end");
    at(&s, "loop")->timeout_ms = 60000;
    start(&s);
    size_t before = s.count;

    s.drill_ms = 30000;
    assert_int_equal(go(&s), 60000);
    assert_int_equal(s.count, before);
    struct yw_event event = order(&s, "set", "loop");

    YW_COPY(event.playbook_controlled.name, "more");
    YW_COPY(event.playbook_controlled.value, "false");
    append(&s, &event);
    go(&s);
    assert_ended(&s, true);
    fini(&s);
}

static void test_switch(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"red", "one"}, {"blue", "other"}, {"re", "other"}, {NULL, "other"}};

    for (size_t i = 0; i < 4; i++) {
        struct stage s;

        init(&s);
        var(&s, "c", "string", rows[i][0]);
        YW_COPY(add(&s, YW_PB_SWITCH, "pick")->condition, "__c__:value");
        manual(&s, "one");
        manual(&s, "other");
        wire(&s, "start>pick");
        branch(&s, "pick", "default", "other");
        branch(&s, "pick", "red", "one");
        start(&s);
        assert_non_null(under_way(&s, rows[i][1]));
        fini(&s);
    }
    struct stage s;

    init(&s);
    var(&s, "c", "string", "green");
    YW_COPY(add(&s, YW_PB_SWITCH, "pick")->condition, "__c__:value");
    manual(&s, "one");
    wire(&s, "start>pick");
    branch(&s, "pick", "red", "one");
    start(&s);
    assert_ended(&s, true); /* nothing fits: it goes on */
    assert_string_equal(detail_of(&s, "pick"), "no case and no default fits");
    fini(&s);
}

static void set_up_if(struct stage *s, const char *condition)
{
    init(s);
    var(s, "a", "string", "yes");
    YW_COPY(add(s, YW_PB_IF, "gate")->condition, condition);
    YW_COPY(at(s, "gate")->role, "duty_leader");
    manual(s, "then");
    manual(s, "else");
    wire(s, "start>gate");
    wire(s, "gate?then");
    wire(s, "gate!else");
}

static void test_if(void **state)
{
    (void)state;
    struct stage s;

    set_up_if(&s, "[__a__:value = 'yes']");
    start(&s);
    assert_non_null(under_way(&s, "then"));
    fini(&s);
    set_up_if(&s, "[__a__:value = 'no']");
    start(&s);
    assert_non_null(under_way(&s, "else"));
    answer(&s, "else", NULL, "");
    assert_ended(&s, true);
    fini(&s);
}

static void test_a_sentence_becomes_a_decision(void **state)
{
    (void)state;
    struct stage s;

    set_up_if(&s, "wait until the plant manager agrees");
    start(&s);
    assert_true(must(&s, "gate")->asked);
    assert_string_equal(s.log[s.count - 1].step_asked.role, "duty_leader");
    assert_int_equal(try_answer(&s, "gate", "duty_leader", true, "a", "true"), YW_EINVAL);
    assert_int_equal(try_answer(&s, "gate", "duty_leader", true, "decision", "perhaps"),
                     YW_EINVAL);
    assert_int_equal(try_answer(&s, "gate", "duty_leader", true, "decision", "false"), 0);
    go(&s);
    assert_non_null(under_way(&s, "else"));
    fini(&s);
}

/* ---- rules 8 to 10 ---- */

static void test_playbooks_share_only_their_args(void **state)
{
    (void)state;
    struct stage s, called;
    struct yw_event event;

    init(&s);
    int a = var(&s, "a", "string", "in"), b = var(&s, "b", "string", "kept");
    int c = var(&s, "c", "string", NULL);
    struct yw_pb_step *call = add(&s, YW_PB_PLAYBOOK, "call");

    call->in_vars[0] = a;
    call->in_count = 1;
    call->fields[0].var = c;
    call->out_count = 1;
    (void)b;
    wire(&s, "start>call");
    start(&s);
    yw_run_call(&s.run, must(&s, "call"), &event);
    assert_int_equal(event.playbook_started.var_count, 1);
    assert_string_equal(event.playbook_started.vars[0].name, "a");
    assert_int_equal(event.playbook_started.caller_exec, must(&s, "call")->exec);

    init(&called);
    var(&called, "a", "string", "own");
    var(&called, "b", "string", "own");
    var(&called, "c", "string", "out");
    event.seq = 50;
    yw_run_init(&called.run, &called.playbook, &event);
    assert_string_equal(yw_run_var(&called.run, NULL, "a"), "in");
    assert_string_equal(yw_run_var(&called.run, NULL, "b"), "own");
    called.run.ok = true;
    yw_run_called_ended(&s.run, must(&s, "call"), &called.run, "", &event);
    append(&s, &event);
    assert_string_equal(yw_run_var(&s.run, NULL, "c"), "out");
    assert_string_equal(yw_run_var(&s.run, NULL, "a"), "in");
    assert_string_equal(yw_run_var(&s.run, NULL, "b"), "kept");
    go(&s);
    assert_ended(&s, true);
    fini(&s);
    fini(&called);
}

static void test_targets_and_quorum(void **state)
{
    (void)state;
    for (int quorum = 0; quorum <= 3; quorum++) {
        struct stage s;

        init(&s);
        var(&s, "a", "string", "x");
        struct yw_pb_step *all = command(&s, "all", YW_PB_SHELL, "");

        YW_COPY(all->targets[0], "m1");
        YW_COPY(all->targets[1], "m2");
        YW_COPY(all->targets[2], "m3");
        all->target_count = 3;
        all->quorum = quorum;
        wire(&s, "start>all");
        wire(&s, "all+end");
        at(&s, "all")->on_completion = -1;
        s.failing = "m2";
        start(&s);
        assert_int_equal(count_of(&s, YW_EVENT_COMMAND_ORDERED), 3);
        assert_ended(&s, quorum == 1 || quorum == 2);
        assert_string_equal(detail_of(&s, "all"), "2 of 3 targets: broken");
        fini(&s);
    }
}

static void test_output_and_substitution(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    int a = var(&s, "a", "string", "__b__:value");

    var(&s, "b", "string", "never");
    struct yw_pb_step *run = command(&s, "echo", YW_PB_SHELL, "m1");

    run->fields[0].var = a;
    run->out_count = 1;
    wire(&s, "start>echo");
    start(&s);
    for (size_t i = 0; i < s.count; i++) {
        if (s.log[i].kind ==
            YW_EVENT_COMMAND_ORDERED) /* once: values are not looked into */
            assert_string_equal(s.log[i].command_ordered.text,
                                "sh -c 'echo __b__:value'");
    }
    assert_string_equal(yw_run_var(&s.run, NULL, "a"), "out"); /* trimmed */
    fini(&s);

    init(&s);
    var(&s, "a", "string", NULL);
    command(&s, "echo", YW_PB_SHELL, "m1");
    wire(&s, "start>echo");
    start(&s);
    assert_int_equal(status_of(&s, "echo"), YW_STEP_CLIENT_SIDE_ERROR);
    assert_string_equal(detail_of(&s, "echo"), "variable 'a' has no value");
    fini(&s);
}

static void test_step_variables_stay_in_their_step(void **state)
{
    (void)state;
    struct stage s;
    struct yw_pb_var own = {
        .name = "a", .type = "string", .value = "inner", .has_value = true};

    init(&s);
    int a = var(&s, "a", "string", "outer");
    struct yw_pb_step *ask = manual(&s, "ask");

    ask->vars = &own;
    ask->var_count = 1;
    ask->fields[0].var = a;
    ask->out_count = 1;
    YW_COPY(ask->asks.en, "__a__:value");
    wire(&s, "start>ask");
    start(&s);
    assert_string_equal(s.log[s.count - 1].step_asked.asks.en, "inner");
    answer(&s, "ask", "a", "changed");
    assert_string_equal(yw_run_var(&s.run, NULL, "a"), "outer");
    fini(&s);
}

/* ---- people ---- */

static void test_roles_forms_and_first_answer(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    int grade = var(&s, "grade", "string", NULL);
    struct yw_pb_step *ask = manual(&s, "ask");

    ask->fields[0].var = grade;
    YW_COPY(ask->fields[0].choices, "一般|较大|重大");
    ask->out_count = 1;
    wire(&s, "start>ask");
    start(&s);
    assert_string_equal(s.log[s.count - 1].step_asked.choices[0].value, "一般|较大|重大");
    assert_int_equal(try_answer(&s, "ask", "liaison", true, "grade", "重大"), YW_EDENIED);
    assert_int_equal(try_answer(&s, "ask", "ir_lead", true, NULL, ""), YW_EINVAL);
    assert_int_equal(try_answer(&s, "ask", "ir_lead", true, "other", "x"), YW_EINVAL);
    assert_int_equal(try_answer(&s, "ask", "ir_lead", true, "grade", "大"), YW_EINVAL);
    assert_int_equal(try_answer(&s, "ask", "ir_lead", true, "grade", "较大"), 0);
    assert_int_equal(try_answer(&s, "ask", "ir_lead", true, "grade", "重大"), YW_ESTATE);
    /* one that got into the journal behind the first changes nothing */
    struct yw_event late = said(&s, YW_EVENT_STEP_ANSWERED, "ask", "team:blue/y");

    late.step_answered.ok = true;
    late.step_answered.var_count = 1;
    YW_COPY(late.step_answered.vars[0].name, "grade");
    YW_COPY(late.step_answered.vars[0].value, "重大");
    append(&s, &late);
    go(&s);
    assert_string_equal(yw_run_var(&s.run, NULL, "grade"), "较大");
    fini(&s);
}

static int try_confirm(struct stage *s, const char *role, const char *actor, bool agrees)
{
    struct yw_event event = said(s, YW_EVENT_STEP_CONFIRMED, "ask", actor);
    int status = yw_run_check_confirm(&s->run, must(s, "ask"), role, actor, NULL);

    event.step_confirmed.agrees = agrees;
    if (status == 0) {
        append(s, &event);
        go(s);
    }
    return status;
}

static void test_two_persons(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    int a = var(&s, "a", "string", NULL);

    manual(&s, "ask")->ack = YW_PB_ACK_TWO;
    at(&s, "ask")->fields[0].var = a;
    at(&s, "ask")->out_count = 1;
    wire(&s, "start>ask");
    start(&s);
    assert_int_equal(try_confirm(&s, "ir_lead", "team:blue/y", true), YW_ESTATE);
    answer(&s, "ask", "a", "first");
    assert_non_null(under_way(&s, "ask"));
    assert_null(yw_run_var(&s.run, NULL, "a")); /* not before it is confirmed */
    assert_int_equal(try_confirm(&s, "ir_lead", "team:blue/x", true), YW_EDENIED);
    assert_int_equal(try_confirm(&s, "liaison", "team:blue/y", true), YW_EDENIED);
    assert_int_equal(try_confirm(&s, "ir_lead", "team:blue/y", false), 0);
    answer(&s, "ask", "a", "second"); /* it was sent back: open again */
    assert_int_equal(try_confirm(&s, "ir_lead", "team:blue/y", true), 0);
    assert_ended(&s, true);
    assert_string_equal(yw_run_var(&s.run, NULL, "a"), "second");
    fini(&s);
}

static void test_leader(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    manual(&s, "ask")->ack = YW_PB_ACK_LEADER;
    YW_COPY(at(&s, "ask")->confirms, "duty_leader");
    wire(&s, "start>ask");
    start(&s);
    answer(&s, "ask", NULL, "");
    assert_int_equal(try_confirm(&s, "ir_lead", "team:blue/y", true), YW_EDENIED);
    assert_int_equal(try_confirm(&s, "duty_leader", "team:blue/z", true), 0);
    assert_ended(&s, true);
    fini(&s);
}

static void test_evidence(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    manual(&s, "ask")->evidence = YW_PB_EVIDENCE_TEXT | YW_PB_EVIDENCE_FILE;
    wire(&s, "start>ask");
    start(&s);
    assert_string_equal(s.log[s.count - 1].step_asked.evidence, "text file");
    assert_int_equal(try_answer(&s, "ask", "ir_lead", true, NULL, ""), YW_ESTATE);
    assert_int_equal(
        yw_run_check_evidence(&s.run, must(&s, "ask"), "ir_lead", "rumour", NULL),
        YW_EINVAL);
    for (int i = 0; i < 2; i++) {
        struct yw_event event = said(&s, YW_EVENT_STEP_EVIDENCE, "ask", "team:blue/x");

        YW_COPY(event.step_evidence.form, i ? "file" : "text");
        append(&s, &event);
    }
    answer(&s, "ask", NULL, "");
    assert_ended(&s, true);
    fini(&s);
}

static void test_telling_waits_for_nobody(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    manual(&s, "tell")->ack = YW_PB_ACK_NONE;
    wire(&s, "start>tell");
    start(&s);
    assert_int_equal(count_of(&s, YW_EVENT_STEP_ASKED), 1);
    assert_ended(&s, true);
    fini(&s);
}

static void test_overdue(void **state)
{
    (void)state;
    static const struct {
        enum yw_pb_overdue overdue;
        enum yw_step_status ends;
    } rows[] = {{YW_PB_OVERDUE_MARK, YW_STEP_NONE},
                {YW_PB_OVERDUE_ESCALATE, YW_STEP_NONE},
                {YW_PB_OVERDUE_FAIL, YW_STEP_FAILED},
                {YW_PB_OVERDUE_GO_ON, YW_STEP_SUCCESSFULLY_EXECUTED}};

    for (size_t i = 0; i < 4; i++) {
        struct stage s;

        init(&s);
        struct yw_pb_step *ask = manual(&s, "ask");

        ask->deadline_ms = 10000;
        ask->overdue = rows[i].overdue;
        YW_COPY(ask->escalates, "duty_leader");
        wire(&s, "start>ask");
        open_run(&s);
        assert_int_equal(go(&s), 8000); /* the warning: a fifth before */
        s.drill_ms = 8000;
        assert_int_equal(go(&s), 10001);
        assert_int_equal(count_of(&s, YW_EVENT_STEP_WARNED), 1);
        assert_int_equal(try_answer(&s, "ask", "duty_leader", true, NULL, ""),
                         YW_EDENIED);
        s.drill_ms = 10001;
        go(&s);
        assert_int_equal(count_of(&s, YW_EVENT_STEP_LATE), 1);
        assert_int_equal(status_of(&s, "ask"), rows[i].ends);
        assert_int_equal(count_of(&s, YW_EVENT_STEP_ESCALATED),
                         rows[i].overdue == YW_PB_OVERDUE_ESCALATE);
        if (rows[i].ends == YW_STEP_NONE)
            assert_int_equal(try_answer(&s, "ask", "duty_leader", true, NULL, ""),
                             rows[i].overdue == YW_PB_OVERDUE_ESCALATE ? 0 : YW_EDENIED);
        fini(&s);
    }
}

static void test_control_allows_what_is_dangerous(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    command(&s, "cut", YW_PB_ISOLATE, "plc")->guarded = true;
    wire(&s, "start>cut");
    wire(&s, "cut+end");
    start(&s);
    assert_int_equal(count_of(&s, YW_EVENT_COMMAND_ORDERED), 0);
    assert_int_equal(try_answer(&s, "cut", "ir_lead", true, NULL, ""), YW_EDENIED);
    assert_int_equal(try_answer(&s, "cut", YW_RUN_CONTROL, true, NULL, ""), 0);
    go(&s);
    assert_int_equal(count_of(&s, YW_EVENT_COMMAND_ORDERED), 1);
    assert_ended(&s, true);
    fini(&s);

    init(&s);
    command(&s, "cut", YW_PB_ISOLATE, "plc")->guarded = true;
    wire(&s, "start>cut");
    start(&s);
    assert_int_equal(try_answer(&s, "cut", YW_RUN_CONTROL, false, NULL, ""), 0);
    go(&s);
    assert_int_equal(count_of(&s, YW_EVENT_COMMAND_ORDERED), 0);
    assert_ended(&s, false);
    fini(&s);
}

/* ---- rule 14 ---- */

static void test_pause_stops_the_clocks(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    manual(&s, "ask")->timeout_ms = 10000;
    wire(&s, "start>ask");
    wire(&s, "ask>end");
    start(&s);
    s.drill_ms = 4000;
    control(&s, "pause", "", true);
    s.drill_ms = 50000;
    assert_int_equal(go(&s), INT64_MAX);
    assert_int_equal(try_answer(&s, "ask", "ir_lead", true, NULL, ""), YW_ESTATE);
    control(&s, "resume", "", true);
    assert_int_equal(go(&s), 56000);
    fini(&s);
}

static void test_control_verbs(void **state)
{
    (void)state;
    struct stage s;
    struct yw_event event;

    init(&s);
    s.vars[var(&s, "fixed", "string", "x")].constant = true;
    var(&s, "count", "integer", "1");
    manual(&s, "one");
    manual(&s, "two");
    manual(&s, "three");
    wire(&s, "start>one");
    wire(&s, "one>two");
    wire(&s, "two+three");
    wire(&s, "two-end");
    start(&s);
    control(&s, "skip", "one", true);
    assert_int_equal(status_of(&s, "one"), YW_STEP_SKIPPED);
    control(&s, "force", "two", true);
    assert_non_null(under_way(&s, "three"));
    event = order(&s, "rewind", "nowhere");
    assert_int_equal(yw_run_check_control(&s.run, &event.playbook_controlled, NULL),
                     YW_EINVAL);
    event = order(&s, "set", "");
    YW_COPY(event.playbook_controlled.name, "fixed");
    assert_int_equal(yw_run_check_control(&s.run, &event.playbook_controlled, NULL),
                     YW_EINVAL);
    YW_COPY(event.playbook_controlled.name, "count");
    YW_COPY(event.playbook_controlled.value, "many");
    assert_int_equal(yw_run_check_control(&s.run, &event.playbook_controlled, NULL),
                     YW_EINVAL);
    control(&s, "rewind", "two", true);
    assert_null(under_way(&s, "three"));
    control(&s, "force", "two", false);
    assert_ended(&s, true); /* on_failure leads to an end */
    event = order(&s, "pause", "");
    assert_int_equal(yw_run_check_control(&s.run, &event.playbook_controlled, NULL),
                     YW_ESTATE);
    fini(&s);

    init(&s);
    manual(&s, "one");
    wire(&s, "start>one");
    start(&s);
    control(&s, "abort", "", true);
    assert_ended(&s, false);
    fini(&s);
}

/* ---- whatever happens ---- */

/* A graph with everything: a parallel of a loop and a condition inside a switch. */
static void set_up_all(struct stage *s, struct yw_random *random)
{
    init(s);
    int a = var(s, "a", "string", "x"), more = var(s, "more", "bool", "true");

    add(s, YW_PB_PARALLEL, "fork");
    add(s, YW_PB_WHILE, "loop");
    YW_COPY(at(s, "loop")->condition, "[__more__:value = true]");
    manual(s, "look")->fields[0].var = more;
    at(s, "look")->out_count = 1;
    at(s, "look")->deadline_ms = 3000;
    at(s, "look")->timeout_ms = 9000;
    YW_COPY(add(s, YW_PB_IF, "gate")->condition,
            yw_random_below(random, 2) ? "does it burn?" : "[__a__:value = 'x']");
    struct yw_pb_step *run = command(s, "run", YW_PB_SHELL, "");

    YW_COPY(run->targets[0], "m1");
    YW_COPY(run->targets[1], "m2");
    run->target_count = 2;
    run->quorum = (int64_t)yw_random_below(random, 3);
    YW_COPY(add(s, YW_PB_SWITCH, "pick")->condition, "__a__:value");
    manual(s, "ask")->fields[0].var = a;
    at(s, "ask")->out_count = 1;
    at(s, "ask")->ack = yw_random_below(random, 2) ? YW_PB_ACK_TWO : YW_PB_ACK_SINGLE;
    at(s, "ask")->delay_ms = 700;
    manual(s, "take");
    wire(s, "start>fork");
    branch(s, "fork", "", "loop");
    branch(s, "fork", "", "gate");
    wire(s, "loop?look");
    wire(s, "gate?run");
    wire(s, "gate!ask");
    wire(s, "fork+pick");
    branch(s, "pick", "x", "ask");
    branch(s, "pick", "default", "run");
    if (yw_random_below(random, 2))
        wire(s, "fork-take");
    if (yw_random_below(random, 2))
        s->playbook.exception = yw_playbook_step(&s->playbook, "take");
    at(s, "fork")->fail_fast = yw_random_below(random, 2);
    at(s, "fork")->timeout_ms = 1 + (int64_t)yw_random_below(random, 60000);
}

/* Somebody says something, if anybody is asked. */
static void speak(struct stage *s, struct yw_random *random)
{
    for (size_t i = 0; i < s->run.execs.count; i++) {
        const struct yw_run_exec *exec = yw_vec_at(&s->run.execs, i);
        const char *id = yw_run_step(&s->run, exec)->id;

        if (!exec->asked || yw_random_below(random, 2))
            continue;
        if (exec->answered) {
            struct yw_event event = said(s, YW_EVENT_STEP_CONFIRMED, id, "team:blue/y");

            event.step_confirmed.agrees = yw_random_below(random, 2);
            append(s, &event);
        } else {
            bool look = strcmp(id, "look") == 0, gate = strcmp(id, "gate") == 0;
            const char *name = look ? "more" : gate ? "decision" : "a";

            (void)try_answer(s, id, exec->role, yw_random_below(random, 4) > 0,
                             strcmp(id, "take") == 0 ? NULL : name,
                             yw_random_below(random, 2) ? "true" : "false");
        }
        return;
    }
}

static void meddle(struct stage *s, struct yw_random *random)
{
    static const char *const verbs[] = {"pause", "resume", "skip", "force", "rewind"};
    const char *verb = verbs[yw_random_below(random, 5)];
    uint64_t pick = yw_random_below(random, s->run.execs.count + 1);
    const struct yw_run_exec *exec = yw_vec_at(&s->run.execs, (size_t)pick);
    struct yw_event event =
        order(s, verb, exec ? yw_run_step(&s->run, exec)->id : "start");

    event.playbook_controlled.ok = yw_random_below(random, 2);
    if (yw_run_check_control(&s->run, &event.playbook_controlled, NULL) == 0)
        append(s, &event);
}

/* A restart at any point folds the same and goes on the same. */
static void assert_resumes(const struct stage *s)
{
    struct yw_run_todo now, again;
    struct yw_run run;

    yw_run_init(&run, &s->playbook, &s->log[0]);
    for (size_t i = 1; i < s->count; i++)
        yw_run_apply(&run, &s->log[i]);
    yw_run_next(&s->run, s->drill_ms, &now);
    yw_run_next(&run, s->drill_ms, &again);
    assert_int_equal(run.active, s->run.active);
    assert_memory_equal(&now, &again, sizeof now);
    yw_run_fini(&run);
}

static void test_every_run_ends_and_resumes(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct yw_random random;
        struct yw_run_todo todo;
        struct stage s;
        int turns = 0;

        yw_random_init(&random, seed, "runs");
        set_up_all(&s, &random);
        s.failing = yw_random_below(&random, 2) ? "m2" : "";
        open_run(&s);
        for (; s.run.active && turns < 3000; turns++) {
            if (seed < 60)
                assert_resumes(&s);
            yw_run_next(&s.run, s.drill_ms, &todo);
            if (todo.append) {
                append(&s, &todo.event);
            } else if (yw_random_below(&random, 3) == 0 && !s.run.paused) {
                speak(&s, &random);
            } else if (yw_random_below(&random, 20) == 0 || s.run.paused) {
                meddle(&s, &random);
            } else if (!end_command(&s) && todo.due_ms < INT64_MAX) {
                assert_true(todo.due_ms > s.drill_ms);
                s.drill_ms = todo.due_ms;
            }
        }
        if (s.run.active)
            fail_msg("seed %llu: still active after %d turns", (unsigned long long)seed,
                     turns);
        assert_int_equal(count_of(&s, YW_EVENT_PLAYBOOK_ENDED), 1);
        fini(&s);
    }
}

static void test_other_runs_events_change_nothing(void **state)
{
    (void)state;
    struct stage s;

    init(&s);
    manual(&s, "ask");
    wire(&s, "start>ask");
    start(&s);
    struct yw_event event = said(&s, YW_EVENT_STEP_ANSWERED, "ask", "x");

    event.step_answered.run = 4;
    event.seq = 99;
    yw_run_apply(&s.run, &event);
    assert_false(must(&s, "ask")->answered);
    assert_int_equal(s.run.last_seq, s.seq);
    fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_delay_work_and_timeout),
        cmocka_unit_test(test_ceilings),
        cmocka_unit_test(test_failure_takes_its_handler),
        cmocka_unit_test(test_exception_handler_runs_once),
        cmocka_unit_test(test_no_handler_at_all),
        cmocka_unit_test(test_parallel_joins_in_listed_order),
        cmocka_unit_test(test_parallel_fails_with_a_branch),
        cmocka_unit_test(test_timeout_of_a_parallel_ends_its_branches),
        cmocka_unit_test(test_loop),
        cmocka_unit_test(test_loop_is_capped),
        cmocka_unit_test(test_waiting_is_not_journalled),
        cmocka_unit_test(test_switch),
        cmocka_unit_test(test_if),
        cmocka_unit_test(test_a_sentence_becomes_a_decision),
        cmocka_unit_test(test_playbooks_share_only_their_args),
        cmocka_unit_test(test_targets_and_quorum),
        cmocka_unit_test(test_output_and_substitution),
        cmocka_unit_test(test_step_variables_stay_in_their_step),
        cmocka_unit_test(test_roles_forms_and_first_answer),
        cmocka_unit_test(test_two_persons),
        cmocka_unit_test(test_leader),
        cmocka_unit_test(test_evidence),
        cmocka_unit_test(test_telling_waits_for_nobody),
        cmocka_unit_test(test_overdue),
        cmocka_unit_test(test_control_allows_what_is_dangerous),
        cmocka_unit_test(test_pause_stops_the_clocks),
        cmocka_unit_test(test_control_verbs),
        cmocka_unit_test(test_every_run_ends_and_resumes),
        cmocka_unit_test(test_other_runs_events_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
