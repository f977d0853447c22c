/* Every plan of the library, played to its end without machines: people give the evidence that is
 * asked for, answer, and confirm as a second person; loops take two turns; what a plan calls is
 * played as well. */
#include "outcome.h"

#include "base/mem.h"
#include "codec/request/request_task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEEN_MAX 512

struct seen { /* an execution that asked, and how far it is */
    int64_t run, exec;
    size_t given; /* evidence */
    bool answered;
};

struct team { /* the hands of all roles */
    const struct plan *plan;
    struct yw_command command;
    struct yw_request_task task;
    bool under_way;
    size_t looked_at; /* all that the view had when there was nothing to do */
    struct seen seen[SEEN_MAX];
    size_t seen_count;
    char fault[512]; /* of a command */
    size_t ended_runs, turns, steps, second_persons;
    bool ok; /* the plan itself ended well */
};

struct plan {
    const char *file;
    const char *vars[8][2]; /* answers that lead another way than the usual ones */
    size_t runs;            /* it and the playbooks that it calls, at least */
    size_t turns;           /* of its loops, at least */
};

/* What ends a loop: the answer, and so its opposite the first time. */
static const char *const ends[][2] = {{"spread", "false"},   {"stable", "true"},
                                      {"flowing", "false"},  {"dark", "false"},
                                      {"leftover", "false"}, {"prepared", "false"},
                                      {"bypassed", "false"}, {"gone", "true"},
                                      {"lifted", "true"},    {"period_over", "true"}};

static const struct plan plans[] = {
    {"ics-tampering", {{NULL}}, 1, 0},
    {"ot-ransomware", {{"control_hit", "true"}}, 6, 4},
    {"loss-of-view", {{"in_band", "false"}}, 6, 2},
    {"loss-of-control", {{"manual_ok", "false"}, {"harm", "true"}}, 6, 2},
    {"sis-bypass", {{"permit", "false"}}, 6, 4},
    {"grid-blackout", {{"frequency_ok", "false"}}, 6, 4},
    {"data-leak", {{"data_class", "core"}, {"sold", "true"}}, 6, 4},
    {"supply-chain-update", {{"confirmed", "poisoned"}}, 6, 4},
    {"insider", {{"intent", "intent"}}, 6, 4},
    {"rogue-device", {{"owner", "unknown"}}, 4, 2},
    {"warning-received", {{"level", "red"}, {"exploited", "true"}}, 3, 2},
    {"key-period", {{"event", "incident"}, {"ready", "false"}}, 5, 2},
    {"report-received", {{"confirmed", "false"}}, 1, 0},
};

/* The first of "a|b|c"; NULL: anything goes. */
static const char *first_choice(const struct yw_ev_step_asked *asked, const char *name,
                                char ret[YW_EVENT_VALUE_MAX])
{
    for (int64_t i = 0; i < asked->choice_count; i++) {
        if (strcmp(asked->choices[i].name, name) != 0)
            continue;
        (void)yw_copyf(ret, YW_EVENT_VALUE_MAX, "%.*s",
                       (int)strcspn(asked->choices[i].value, "|"),
                       asked->choices[i].value);
        return ret;
    }
    return NULL;
}

static const char *value_of(const struct team *team, const struct yw_ev_var *field,
                            bool first)
{
    for (size_t i = 0; i < 8 && team->plan->vars[i][0] != NULL; i++) {
        if (strcmp(team->plan->vars[i][0], field->name) == 0)
            return team->plan->vars[i][1];
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        bool yes = strcmp(ends[i][1], "true") == 0;

        if (strcmp(ends[i][0], field->name) == 0)
            return yes != first ? "true" : "false";
    }
    if (strcmp(field->value, "bool") == 0)
        return "true";
    return strcmp(field->value, "integer") == 0 ? "3" : "ews1";
}

static struct seen *seen_of(struct team *team, int64_t run, int64_t exec)
{
    for (size_t i = 0; i < team->seen_count; i++) {
        if (team->seen[i].run == run && team->seen[i].exec == exec)
            return &team->seen[i];
    }
    assert_true(team->seen_count < SEEN_MAX);
    team->seen[team->seen_count] = (struct seen){.run = run, .exec = exec};
    return &team->seen[team->seen_count++];
}

static void on_done(struct yw_command *command, int code, const struct yw_err *err)
{
    struct team *team = command->owner;

    team->under_way = false;
    if (code < 0 && code != YW_ECANCELED)
        (void)yw_copyf(team->fault, sizeof team->fault, "%s: %s", command->answer.step,
                       err->text);
}

static void begin(struct team *team, struct yw_rehearsal *rehearsal,
                  const struct yw_view_question *question, enum yw_command_kind kind)
{
    struct yw_command *command = &team->command;

    memset(command, 0, sizeof *command);
    memset(&team->task, 0, sizeof team->task);
    command->kind = kind;
    command->run = question->asked.run;
    command->team = 0;
    command->task = &team->task;
    command->done = on_done;
    command->owner = team;
    (void)YW_COPY(command->drill, yw_rehearsal_drill(rehearsal));
    (void)yw_copyf(command->actor, sizeof command->actor, "team:blue/%s%s",
                   question->asked.role, kind == YW_COMMAND_CONFIRM ? "/second" : "");
    (void)YW_COPY(team->task.step, question->asked.step);
    (void)YW_COPY(team->task.role,
                  kind == YW_COMMAND_CONFIRM && question->asked.confirms[0] != '\0'
                      ? question->asked.confirms
                      : question->asked.role);
    team->task.exec = question->asked.exec;
    team->task.agrees = true;
}

static void send(struct team *team, struct yw_rehearsal *rehearsal)
{
    struct yw_err err = {0};

    team->under_way = true;
    if (yw_conductor_command(yw_rehearsal_conductor(rehearsal), &team->command, &err) < 0)
        on_done(&team->command, err.code, &err);
}

/* The n-th of the words; false: there are fewer. */
static bool nth_word(const char *words, size_t n, char ret[16])
{
    for (;; n--) {
        words += strspn(words, " ");
        size_t size = strcspn(words, " ");

        if (size == 0)
            return false;
        if (n == 0) {
            (void)yw_copyf(ret, 16, "%.*s", (int)size, words);
            return true;
        }
        words += size;
    }
}

static void fill_answer(struct team *team, const struct yw_view *view,
                        const struct yw_view_question *question)
{
    struct yw_command *command = &team->command;
    size_t before = 0;

    for (size_t i = 0; i < view->steps.count; i++) {
        const struct yw_view_step *step = yw_vec_at(&view->steps, i);

        before += step->run == question->asked.run && step->exec < question->asked.exec &&
                  strcmp(step->step, question->asked.step) == 0;
    }
    (void)YW_COPY(command->answer.step, question->asked.step);
    (void)YW_COPY(command->answer.role, question->asked.role);
    command->answer.exec = question->asked.exec;
    command->answer.var_count = (size_t)question->asked.field_count;
    for (int64_t i = 0; i < question->asked.field_count; i++) {
        struct yw_ev_var *var = &command->answer.vars[i];

        (void)YW_COPY(var->name, question->asked.fields[i].name);
        const char *choice = first_choice(&question->asked, var->name, var->value);
        const char *value = value_of(team, &question->asked.fields[i], before == 0);

        if (choice == NULL || strcmp(value, "ews1") != 0)
            (void)YW_COPY(var->value, value);
    }
}

/* One thing at a time. True: something was begun. */
static bool handle(struct team *team, struct yw_rehearsal *rehearsal,
                   const struct yw_view *view, const struct yw_view_question *question)
{
    struct seen *seen = seen_of(team, question->asked.run, question->asked.exec);
    char form[16];

    if (question->state == YW_QUESTION_CONFIRMING) {
        begin(team, rehearsal, question, YW_COMMAND_CONFIRM);
        team->second_persons++;
    } else if (question->state != YW_QUESTION_OPEN || seen->answered) {
        return false;
    } else if (nth_word(question->asked.evidence, seen->given, form)) {
        begin(team, rehearsal, question, YW_COMMAND_SUBMIT);
        (void)YW_COPY(team->task.form, form);
        (void)YW_COPY(team->task.text, "as the drill asks");
        seen->given++;
    } else {
        begin(team, rehearsal, question, YW_COMMAND_ANSWER);
        fill_answer(team, view, question);
        seen->answered = true;
    }
    send(team, rehearsal);
    return true;
}

static void on_turn(void *arg, struct yw_rehearsal *rehearsal)
{
    struct team *team = arg;
    const struct yw_view *view =
        yw_conductor_view(yw_rehearsal_conductor(rehearsal),
                          yw_rehearsal_drill(rehearsal), YW_AUDIENCE_TEAM, 0);

    if (view == NULL || team->under_way || team->fault[0] != '\0')
        return;
    size_t all = view->questions.count + view->steps.count + view->recent_count;

    if (all == team->looked_at)
        return;
    for (size_t i = 0; i < view->questions.count; i++) {
        if (handle(team, rehearsal, view, yw_vec_at(&view->questions, i)))
            return;
    }
    team->looked_at = all;
}

static void count_up(struct team *team, const struct yw_view *view)
{
    for (size_t i = 0; i < view->runs.count; i++) {
        const struct yw_view_run *run = yw_vec_at(&view->runs, i);

        team->ended_runs += !run->active;
        if (run->caller == 0)
            team->ok = !run->active && run->ok;
        if (run->caller == 0 && run->detail[0] != '\0')
            print_message("%s: %s\n", team->plan->file, run->detail);
    }
    for (size_t i = 0; i < view->steps.count; i++) {
        const struct yw_view_step *step = yw_vec_at(&view->steps, i);

        team->steps++;
        if (step->status == YW_STEP_FAILED || step->status == YW_STEP_TIMEOUT_ERROR)
            print_message("%s: '%s' failed: %s\n", team->plan->file, step->name.en,
                          step->detail);
        team->turns +=
            strcmp(step->type, "while-condition") == 0 ? (size_t)step->turn : 0;
    }
}

/* The scenario with this plan in it. *new* */
static struct yw_package *package_of(const struct plan *plan)
{
    struct yw_package *package = sim_package("tests/rehearsal/library");

    for (size_t i = 0; i < package->file_count; i++) {
        struct yw_package_file *file = &package->files[i];
        const char *at = strstr(file->bytes, "PLAN.json");

        if (at == NULL)
            continue;
        char *text = yw_strf("%.*s%s%s", (int)(at - file->bytes), file->bytes, plan->file,
                             at + strlen("PLAN"));

        free(file->bytes);
        file->bytes = text;
        file->size = strlen(text);
    }
    return package;
}

static void play(const struct plan *plan, struct team *team)
{
    struct yw_package *package = package_of(plan);
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    memset(team, 0, sizeof *team);
    team->plan = plan;
    sim_config(&config, package);
    config.on_turn = on_turn;
    config.turn_arg = team;
    if (yw_rehearsal_open(&rehearsal, &config, &err) != 0 ||
        yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("%s: %s", plan->file, err.text);
    if (team->fault[0] != '\0')
        fail_msg("%s: %s", plan->file, team->fault);
    count_up(team, yw_conductor_view(yw_rehearsal_conductor(rehearsal),
                                     yw_rehearsal_drill(rehearsal), YW_AUDIENCE_TEAM, 0));
    yw_rehearsal_close(rehearsal);
    yw_package_free(package);
}

static void every_plan_comes_to_its_end(void **state)
{
    struct team *team = yw_new(sizeof *team);

    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        play(&plans[i], team);
        print_message("%s: %zu runs, %zu steps, %zu turns, %zu confirmed\n",
                      plans[i].file, team->ended_runs, team->steps, team->turns,
                      team->second_persons);
        if (!team->ok)
            fail_msg("%s: it did not end well", plans[i].file);
        assert_true(team->ended_runs >= plans[i].runs);
        assert_true(team->turns >= plans[i].turns);
        assert_true(i == 0 || team->second_persons > 0);
    }
    free(team);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_plan_comes_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
