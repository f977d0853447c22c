#include "drill/rehearse/rehearse.h"

#include "base/log.h"
#include "base/mem.h"
#include "drill/package.h"
#include "drill/rehearse/player.h"
#include "virt/hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TURNS_MAX 2000000
#define HEARTBEAT_MS 100
#define BROKER_DOWN_MS 200
#define WALL_US 1767225600000000 /* 2026-01-01T00:00:00Z: rehearsals know no other day */

struct yw_rehearsal {
    struct yw_rehearsal_config config;
    struct yw_clock clock;
    struct yw_due due;
    struct yw_virt_world *worlds[YW_REHEARSAL_HOSTS_MAX];
    struct yw_virt
        *fakes[YW_REHEARSAL_HOSTS_MAX]; /* borrowed from virt, which may be one */
    int hosts;
    struct yw_virt *virt;
    struct yw_journal *journal; /* the conductor's, borrowed */
    struct yw_conductor *conductor;
    struct yw_players *players;
    char drill[YW_NAME_MAX];
    struct yw_due_entry heartbeat;
    struct yw_command command; /* of control: one at a time */
    struct yw_request_create create;
    bool commanding;
    int failed;
    struct yw_err why;
    struct action {
        struct yw_command command;
        struct yw_request_duty duty;
        struct yw_request_task task;
        bool under_way;
    } actions[YW_SCRIPT_PLAYERS_MAX];
    uint64_t calls_before;
};

static int open_journal(void *arg, const char *drill, struct yw_journal **ret,
                        struct yw_err *err)
{
    struct yw_rehearsal *rehearsal = arg;
    (void)drill;
    int code = yw_journal_open_memory(ret, &rehearsal->due, &rehearsal->clock,
                                      rehearsal->config.stop_after, err);
    rehearsal->journal = code == 0 ? *ret : NULL;
    if (code == 0) {
        yw_journal_memory_slow(*ret, rehearsal->config.commit_ms);
    }
    if (code == 0 && rehearsal->config.stop_deaf) {
        yw_journal_memory_deaf(*ret);
    }
    return code;
}

/* A second drill dies with the core: the sweeps look at the first. */
static int fork_journal(void *arg, struct yw_journal *from, const char *drill,
                        int64_t seq, struct yw_journal **ret, struct yw_err *err)
{
    struct yw_rehearsal *rehearsal = arg;
    (void)drill;
    return yw_journal_fork_memory(ret, from, seq, &rehearsal->due, &rehearsal->clock,
                                  err);
}

static int join_hosts(struct yw_rehearsal *rehearsal, struct yw_err *err)
{
    struct yw_hosts_member members[YW_REHEARSAL_HOSTS_MAX];
    if (rehearsal->config.hosts == 0) {
        rehearsal->virt = rehearsal->fakes[0];
        return 0;
    }
    memset(members, 0, sizeof members);
    for (int i = 0; i < rehearsal->hosts; i++) {
        (void)yw_copyf(members[i].name, sizeof members[i].name, "host-%d", i + 1);
        members[i].weight = 1;
        members[i].underlay = 0x0a090000U + (uint32_t)i + 1;
        members[i].virt = rehearsal->fakes[i];
    }
    return yw_virt_open_hosts(&rehearsal->virt, &rehearsal->clock, &rehearsal->due,
                              members, (size_t)rehearsal->hosts, err);
}

static void make_worlds(struct yw_rehearsal *rehearsal)
{
    rehearsal->hosts = rehearsal->config.hosts > 0 ? rehearsal->config.hosts : 1;
    for (int i = 0; i < rehearsal->hosts; i++) {
        char name[YW_NAME_MAX];
        rehearsal->worlds[i] = yw_virt_world_new();
        (void)yw_copyf(name, sizeof name, "host-%d", i + 1);
        if (i > 0) {
            yw_virt_world_join(rehearsal->worlds[0], "host-1", rehearsal->worlds[i],
                               name);
        }
    }
}

static int open_stage(struct yw_rehearsal *rehearsal, struct yw_err *err)
{
    struct yw_virt_fake_config fake = {.clock = &rehearsal->clock,
                                       .due = &rehearsal->due,
                                       .seed = rehearsal->config.seed,
                                       .fault = rehearsal->config.fault,
                                       .no_live = rehearsal->config.no_live,
                                       .up_ms = 500,
                                       .setup_ms = 50,
                                       .run_ms = 20,
                                       .link_ms = 20,
                                       .scan_ms = 100};
    int code = 0;
    for (int i = 0; code == 0 && i < rehearsal->hosts; i++) {
        code =
            yw_virt_open_fake_on(&rehearsal->fakes[i], rehearsal->worlds[i], &fake, err);
    }
    if (code == 0) {
        code = join_hosts(rehearsal, err);
    }
    if (code != 0) {
        return code;
    }
    struct yw_stage stage = {.clock = &rehearsal->clock,
                             .due = &rehearsal->due,
                             .virt = rehearsal->virt,
                             .open_journal = open_journal,
                             .fork_journal = fork_journal,
                             .journal_arg = rehearsal};
    YW_COPY(stage.program, rehearsal->config.program);
    YW_COPY(stage.library_dir, rehearsal->config.library_dir);
    YW_COPY(stage.connect, "fake");
    return yw_conductor_open(&rehearsal->conductor, &stage, err);
}

static void on_heartbeat(struct yw_due_entry *entry)
{
    struct yw_rehearsal *rehearsal = entry->arg;
    yw_due_add(&rehearsal->due, entry,
               yw_clock_mono_ms(&rehearsal->clock) + HEARTBEAT_MS);
}

int yw_rehearsal_open(struct yw_rehearsal **ret, const struct yw_rehearsal_config *config,
                      struct yw_err *err)
{
    struct yw_rehearsal *rehearsal = yw_new(sizeof *rehearsal);
    rehearsal->config = *config;
    yw_clock_init_virtual(&rehearsal->clock, WALL_US);
    yw_due_init(&rehearsal->due);
    make_worlds(rehearsal);
    rehearsal->heartbeat.run = on_heartbeat;
    rehearsal->heartbeat.arg = rehearsal;
    yw_due_add(&rehearsal->due, &rehearsal->heartbeat, 0);
    int code = open_stage(rehearsal, err);
    if (code == 0) {
        code =
            yw_players_open(&rehearsal->players, NULL, &rehearsal->due, &rehearsal->clock,
                            config->program, config->package, config->seed, err);
    }
    if (code != 0) {
        yw_rehearsal_close(rehearsal);
        return code;
    }
    *ret = rehearsal;
    return 0;
}

/* ---- the players' hands ---- */

static const struct yw_view *control_view(const struct yw_rehearsal *rehearsal)
{
    return yw_conductor_view(rehearsal->conductor, rehearsal->drill, YW_AUDIENCE_CONTROL,
                             -1);
}

static int64_t hands_now(void *owner)
{
    const struct yw_rehearsal *rehearsal = owner;
    const struct yw_view *view = control_view(rehearsal);
    return view != NULL && view->state.phase == YW_PHASE_RUNNING
               ? yw_conductor_drill_ms(rehearsal->conductor, rehearsal->drill)
               : -1;
}

static bool hands_question(void *owner, int team, const char *name,
                           struct yw_player_question *ret)
{
    const struct yw_rehearsal *rehearsal = owner;
    int tier = YW_TEAM_TIER(team);
    const struct yw_view *view = yw_conductor_view(
        rehearsal->conductor, rehearsal->drill,
        tier > 0 ? YW_AUDIENCE_TIER : YW_AUDIENCE_TEAM, tier > 0 ? tier : team);
    for (size_t i = 0; view != NULL && i < view->questions.count; i++) {
        const struct yw_view_question *question = yw_vec_at(&view->questions, i);
        if (question != NULL && question->state == YW_QUESTION_OPEN &&
            strcmp(question->name.en, name) == 0) {
            ret->run = question->asked.run;
            YW_COPY(ret->step, question->asked.step);
            YW_COPY(ret->needs, question->asked.evidence);
            YW_COPY(ret->confirms, question->asked.confirms);
            return true;
        }
    }
    return false;
}

static void on_action_done(struct yw_command *command, int code, const struct yw_err *err)
{
    struct yw_rehearsal *rehearsal = command->owner;
    struct action *action = (struct action *)(void *)command;
    (void)err;
    action->under_way = false;
    yw_players_done(rehearsal->players, (int)(action - rehearsal->actions),
                    code == 0 && command->ret_exit == 0, code == YW_ECANCELED);
}

/* What a player enters, as its request would say it. */
static int fill_duty(struct action *action, const struct yw_script_verb *verb,
                     struct yw_err *err)
{
    const struct yw_duty_noun *noun = yw_duty_noun_find(verb->subject, NULL);
    struct yw_buf body;
    if (noun == NULL) {
        return yw_err_set(err, YW_EINVAL, "enter: no noun '%s'", verb->subject);
    }
    yw_buf_init(&body, YW_REQUEST_BYTES_MAX);
    int code = yw_request_duty_body(&body, noun, verb->vars, verb->var_count, err);
    if (code == 0) {
        code = yw_request_duty_decode(&action->duty, noun, body.data, body.size, err);
    }
    yw_buf_fini(&body);
    action->command.kind = YW_COMMAND_DUTY;
    action->command.duty = &action->duty;
    return code;
}

/* What a player says beside its answer: proof of it, or that a second person agrees. */
static void fill_task(struct action *action, const struct yw_script_verb *verb,
                      const char *step)
{
    struct yw_request_task *task = &action->task;
    bool confirms = verb->kind == YW_VERB_CONFIRM;
    YW_COPY(task->step, step);
    YW_COPY(task->role, verb->role);
    YW_COPY(task->form, verb->tag);
    YW_COPY(task->text, confirms ? "" : verb->evidence);
    task->agrees = true;
    action->command.kind = confirms ? YW_COMMAND_CONFIRM : YW_COMMAND_SUBMIT;
    action->command.task = task;
    if (confirms) {
        char *end = strchr(action->command.actor, '\0');
        (void)yw_copyf(end, sizeof action->command.actor - (size_t)(end - action->command.actor),
                       "/%s", verb->second);
    }
}

static void fill_action(struct action *action, const struct yw_script_verb *verb,
                        const struct yw_player_question *about)
{
    struct yw_command *command = &action->command;
    command->run = about->run;
    if (verb->kind == YW_VERB_EVIDENCE || verb->kind == YW_VERB_CONFIRM) {
        fill_task(action, verb, about->step);
    } else if (verb->kind == YW_VERB_ANSWER) {
        command->kind = YW_COMMAND_ANSWER;
        YW_COPY(command->answer.step, about->step);
        YW_COPY(command->answer.role, verb->role);
        memcpy(command->answer.vars, verb->vars, sizeof command->answer.vars);
        command->answer.var_count = verb->var_count;
    } else if (verb->kind == YW_VERB_OPERATE) {
        command->kind = YW_COMMAND_ACT;
        YW_COPY(command->action.machine, verb->subject);
        memcpy(command->action.argv, verb->argv, sizeof command->action.argv);
        command->action.argc = verb->argc;
    } else {
        command->kind = YW_COMMAND_REPORT;
        YW_COPY(command->text, verb->text.zh[0] != '\0' ? verb->text.zh : verb->text.en);
    }
}

static void hands_act(void *owner, int team, int ticket, const char *key,
                      const struct yw_script_verb *verb,
                      const struct yw_player_question *about)
{
    struct yw_rehearsal *rehearsal = owner;
    const struct yw_view *view = control_view(rehearsal);
    const struct yw_team_fold *fold =
        view == NULL ? NULL : yw_drill_team(&view->state, team);
    struct action *action = &rehearsal->actions[ticket];
    struct yw_err err = {0};
    memset(action, 0, sizeof *action);
    struct yw_command *command = &action->command;
    YW_COPY(command->drill, rehearsal->drill);
    command->tier = YW_TEAM_TIER(team);
    command->team = command->tier > 0 ? -1 : team;
    (void)yw_copyf(command->actor, sizeof command->actor, "%s:%s/%s",
                   command->tier > 0 ? "office" : "team",
                   command->tier > 0 ? yw_spec_tier_name(command->tier)
                   : fold == NULL    ? ""
                                     : fold->name,
                   verb->role[0] != '\0' ? verb->role : "player");
    YW_COPY(command->key, key);
    command->done = on_action_done;
    command->owner = rehearsal;
    int code = 0;
    if (verb->kind == YW_VERB_ENTER) {
        code = fill_duty(action, verb, &err);
    } else {
        fill_action(action, verb, about);
    }
    action->under_way = true;
    if (code == 0) {
        code = yw_conductor_command(rehearsal->conductor, command, &err);
    }
    if (code != 0) {
        yw_warn("rehearse", "%s: %s", command->actor, err.text);
        action->under_way = false;
        yw_players_done(rehearsal->players, ticket, false, false);
    }
}

/* ---- control: one command after the other, decided by the phase ---- */

static void on_command_done(struct yw_command *command, int code,
                            const struct yw_err *err)
{
    struct yw_rehearsal *rehearsal = command->owner;
    rehearsal->commanding = false;
    if (command->kind == YW_COMMAND_CREATE && code == 0) {
        YW_COPY(rehearsal->drill, command->ret_drill);
    }
    if (code != 0 && code != YW_ECANCELED) {
        rehearsal->failed = code;
        rehearsal->why = *err;
    }
}

static void command(struct yw_rehearsal *rehearsal, enum yw_command_kind kind)
{
    struct yw_command *next = &rehearsal->command;
    memset(next, 0, sizeof *next);
    next->kind = kind;
    next->team = -1;
    YW_COPY(next->drill, rehearsal->drill);
    YW_COPY(next->actor, "control:rehearsal");
    YW_COPY(next->text, "rehearsal");
    next->done = on_command_done;
    next->owner = rehearsal;
    if (kind == YW_COMMAND_CREATE) {
        const struct yw_script_player *teams;
        size_t count = yw_players_teams(rehearsal->players, &teams);
        yw_package_free(rehearsal->create.package);
        rehearsal->create.package = yw_package_copy(rehearsal->config.package);
        rehearsal->create.team_count = count;
        for (size_t i = 0; i < count; i++) {
            YW_COPY(rehearsal->create.teams[i], teams[i].team);
        }
        rehearsal->create.seed = (int64_t)rehearsal->config.seed;
        rehearsal->create.speed = 1.0;
        rehearsal->create.tabletop = rehearsal->config.tabletop;
        next->create = &rehearsal->create;
    }
    rehearsal->commanding = true;
    rehearsal->failed = yw_conductor_command(rehearsal->conductor, next, &rehearsal->why);
    rehearsal->commanding = rehearsal->failed == 0;
}

/* True when the drill is archived. */
static bool conduct(struct yw_rehearsal *rehearsal)
{
    const struct yw_script_player *teams;
    const struct yw_view *view = control_view(rehearsal);
    if (rehearsal->failed != 0 || rehearsal->commanding ||
        yw_players_teams(rehearsal->players, &teams) == 0) {
        return false;
    }
    if (view == NULL) {
        command(rehearsal, YW_COMMAND_CREATE);
        return false;
    }
    switch (view->state.phase) {
    case YW_PHASE_PLANNED:
        command(rehearsal, YW_COMMAND_UP);
        break;
    case YW_PHASE_READY:
        command(rehearsal, YW_COMMAND_START);
        break;
    case YW_PHASE_ENDED:
        if (!view->state.range_pending) {
            command(rehearsal, YW_COMMAND_DOWN);
        }
        break;
    case YW_PHASE_ARCHIVED:
        return true;
    case YW_PHASE_STAGING: /* a crash between the two events of an order */
        if (!view->state.range_pending) {
            command(rehearsal, YW_COMMAND_UP);
        }
        break;
    case YW_PHASE_RUNNING:
    case YW_PHASE_PAUSED:
    case YW_PHASES:
        break;
    }
    return false;
}

static uint64_t appended(const struct yw_rehearsal *rehearsal)
{
    int64_t seq = 0;
    struct yw_hash head;
    if (rehearsal->journal == NULL) {
        return 0;
    }
    yw_journal_head(rehearsal->journal, &seq, &head);
    return (uint64_t)seq;
}

bool yw_rehearsal_crashed(const struct yw_rehearsal *rehearsal)
{
    return rehearsal->config.stop_after > 0 &&
           appended(rehearsal) >= rehearsal->config.stop_after;
}

static int find_fault(void *arg, const struct yw_event *event)
{
    struct yw_err *fault = arg;
    return event->kind == YW_EVENT_STORY_FAULT
               ? yw_err_set(fault, YW_EINVAL, "%s", event->note.text)
               : 0;
}

/* A drill survives a story that fails; a rehearsal is there to find it. */
static int story_fault(struct yw_rehearsal *rehearsal, struct yw_err *err)
{
    const struct yw_view *view = control_view(rehearsal);
    struct yw_err fault = {0};
    bool faulted = false;
    for (size_t i = 0; i < view->state.teams.count; i++) {
        faulted = faulted || yw_drill_team(&view->state, (int)i)->story.faulted;
    }
    if (!faulted) {
        return 0;
    }
    int code = yw_journal_read(rehearsal->journal, 1, find_fault, &fault, err);
    if (fault.code != 0 && err != NULL) {
        *err = fault;
    }
    return code;
}

/* Processes that die without the core. */
static void strike(struct yw_rehearsal *rehearsal)
{
    struct yw_rehearsal_config *config = &rehearsal->config;
    if (config->kill_script_after > 0 &&
        appended(rehearsal) >= config->kill_script_after &&
        yw_conductor_kill_script(rehearsal->conductor, rehearsal->drill)) {
        config->kill_script_after = 0;
    }
    if (config->cut_broker_after > 0 &&
        yw_virt_fake_calls(rehearsal->fakes[0]) >= config->cut_broker_after) {
        yw_virt_fake_cut(rehearsal->fakes[0], BROKER_DOWN_MS);
        config->cut_broker_after = 0;
    }
}

void yw_rehearsal_linger(struct yw_rehearsal *rehearsal, int64_t span_ms)
{
    int64_t end_ms = yw_clock_mono_ms(&rehearsal->clock) + span_ms;
    while (yw_due_next(&rehearsal->due) <= end_ms) {
        if (rehearsal->config.on_turn != NULL) {
            rehearsal->config.on_turn(rehearsal->config.turn_arg, rehearsal);
        }
        yw_clock_advance_to(&rehearsal->clock, yw_due_next(&rehearsal->due));
        (void)yw_due_run(&rehearsal->due, yw_clock_mono_ms(&rehearsal->clock));
    }
}

int yw_rehearsal_run(struct yw_rehearsal *rehearsal, struct yw_err *err)
{
    struct yw_player_hands hands = {.now = hands_now,
                                    .question = hands_question,
                                    .act = hands_act,
                                    .owner = rehearsal};
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        if (yw_rehearsal_crashed(rehearsal)) {
            return yw_err_set(err, YW_ECANCELED, "stopped after append %llu",
                              (unsigned long long)rehearsal->config.stop_after);
        }
        strike(rehearsal);
        if (conduct(rehearsal)) {
            return story_fault(rehearsal, err);
        }
        if (rehearsal->failed != 0) {
            if (err != NULL) {
                *err = rehearsal->why;
            }
            return rehearsal->failed;
        }
        int code = yw_players_fault(rehearsal->players, err);
        if (code != 0) {
            return code;
        }
        if (rehearsal->drill[0] != '\0') {
            if (rehearsal->config.on_turn != NULL) {
                rehearsal->config.on_turn(rehearsal->config.turn_arg, rehearsal);
            }
            yw_players_start(rehearsal->players, &hands);
            yw_players_poll(rehearsal->players);
        }
        yw_clock_advance_to(&rehearsal->clock, yw_due_next(&rehearsal->due));
        (void)yw_due_run(&rehearsal->due, yw_clock_mono_ms(&rehearsal->clock));
    }
    return yw_err_set(err, YW_ETIMEOUT, "the rehearsal does not come to an end");
}

int yw_rehearsal_restart(struct yw_rehearsal *rehearsal, struct yw_err *err)
{
    struct yw_journal *copy = NULL;
    char id[YW_NAME_MAX];
    const char *known = yw_conductor_drill_at(rehearsal->conductor, 0);
    YW_COPY(id, known != NULL ? known : "unborn");
    int code = yw_journal_copy_memory(&copy, rehearsal->journal, &rehearsal->due,
                                      &rehearsal->clock, err);
    rehearsal->calls_before = yw_rehearsal_calls(rehearsal);
    yw_conductor_close(rehearsal->conductor);
    yw_virt_close(rehearsal->virt);
    rehearsal->conductor = NULL;
    rehearsal->virt = NULL;
    rehearsal->journal = NULL;
    rehearsal->config.stop_after = rehearsal->config.stop_again;
    rehearsal->config.stop_again = 0;
    rehearsal->config.fault.at_call = 0;
    rehearsal->failed = 0;
    if (code == 0) {
        code = open_stage(rehearsal, err);
    }
    if (code != 0) {
        yw_journal_close(copy);
        return code;
    }
    yw_journal_memory_stop(copy, rehearsal->config.stop_after);
    code = yw_conductor_adopt(rehearsal->conductor, id,
                              yw_package_copy(rehearsal->config.package), copy, err);
    if (code == 0) {
        rehearsal->journal = yw_conductor_journal(rehearsal->conductor, id);
        yw_journal_memory_slow(rehearsal->journal, rehearsal->config.commit_ms);
        YW_COPY(rehearsal->drill, id);
    }
    return code == YW_ECANCELED ? 0 : code;
}

struct yw_conductor *yw_rehearsal_conductor(struct yw_rehearsal *rehearsal)
{
    return rehearsal->conductor;
}

const char *yw_rehearsal_drill(const struct yw_rehearsal *rehearsal)
{
    return rehearsal->drill;
}

struct yw_virt_world *yw_rehearsal_world(struct yw_rehearsal *rehearsal)
{
    return rehearsal->worlds[0];
}

struct yw_virt_world *yw_rehearsal_world_at(struct yw_rehearsal *rehearsal, int host)
{
    return rehearsal->worlds[host];
}

struct yw_virt *yw_rehearsal_fake_at(struct yw_rehearsal *rehearsal, int host)
{
    return rehearsal->fakes[host];
}

int64_t yw_rehearsal_wall_us(const struct yw_rehearsal *rehearsal)
{
    return yw_clock_wall_us(&rehearsal->clock);
}

uint64_t yw_rehearsal_calls(const struct yw_rehearsal *rehearsal)
{
    uint64_t calls = rehearsal->calls_before;
    for (int i = 0; i < rehearsal->hosts; i++) {
        calls += yw_virt_fake_calls(rehearsal->fakes[i]);
    }
    return calls;
}

void yw_rehearsal_close(struct yw_rehearsal *rehearsal)
{
    if (rehearsal == NULL) {
        return;
    }
    yw_conductor_close(rehearsal->conductor);
    yw_players_close(rehearsal->players);
    yw_virt_close(rehearsal->virt);
    for (int i = 0; i < rehearsal->hosts; i++) {
        yw_virt_world_free(rehearsal->worlds[i]);
    }
    yw_package_free(rehearsal->create.package);
    yw_due_cancel(&rehearsal->due, &rehearsal->heartbeat);
    yw_due_fini(&rehearsal->due);
    free(rehearsal);
}
