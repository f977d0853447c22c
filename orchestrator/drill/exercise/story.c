/* The story of each team: a coroutine in the script host that yields verbs.
 *
 *   reply VERB ──▶ story-step (durable) ──▶ effect ──▶ story-result (durable) ──▶ RESUME ──▶ …
 *        │ the journal holds this step already (recovery, a restarted host):
 *        └──▶ with its result: RESUME at once;  without: take up the effect where it was
 *
 * So recovery, a killed script host and rehearsal are one mechanism: ask the story again and
 * answer from the journal until it has caught up. */
#include "drill/drill.h"

#include "base/log.h"
#include "base/mem.h"
#include "model/argv.h"

#include <assert.h>
#include <string.h>

#define RESTARTS_MAX 20
#define RESTART_MS 200

static void start_host(struct yw_drill *drill);

/* The drill's own teams are all declared before a story begins. */
static struct yw_story_fold *fold_of(const struct yw_drill *drill, int team)
{
    struct yw_team_fold *fold = yw_drill_team(yw_drill_state(drill), team);
    assert(fold != NULL);
    return &fold->story;
}

static struct yw_drill_story *story_of(const struct yw_drill *drill, int team)
{
    return &drill->teams[team].story;
}

static void emit(struct yw_drill *drill, struct yw_event *event)
{
    (void)yw_drill_emit(drill, event, &drill->story_seq, NULL);
}

static void ask(struct yw_drill *drill, const struct yw_script_request *request)
{
    struct yw_err err = {0};
    if (drill->port == NULL || yw_story_port_ask(drill->port, request, &err) != 0) {
        yw_warn("drill", "%s: story: %s", drill->id, err.text);
    }
}

static void ask_resume(struct yw_drill *drill, int team, bool holds)
{
    struct yw_script_request request = {
        .ask = YW_SCRIPT_RESUME, .co = team, .holds = holds};
    story_of(drill, team)->asked = true;
    ask(drill, &request);
}

static void fault(struct yw_drill *drill, int team, const char *text)
{
    struct yw_event event;
    if (team >= 0) {
        story_of(drill, team)->faulted = true;
    }
    yw_drill_event(&event, YW_EVENT_STORY_FAULT, team, "story");
    YW_COPY(event.note.text, text);
    emit(drill, &event);
}

static void emit_result(struct yw_drill *drill, int team, bool holds,
                        const int64_t *causes)
{
    struct yw_drill_story *story = story_of(drill, team);
    if (story->result_emitted) {
        return;
    }
    struct yw_event event;
    story->result_emitted = true;
    yw_drill_event(&event, YW_EVENT_STORY_RESULT, team, "story");
    event.story_result.index = story->index;
    event.story_result.holds = holds;
    if (causes != NULL) {
        memcpy(event.causes, causes, sizeof event.causes);
    }
    emit(drill, &event);
}

static void begin_say(struct yw_drill *drill, int team, const struct yw_story_fold *fold)
{
    const struct yw_script_verb *verb = &story_of(drill, team)->verb;
    if (fold->said_for != fold->step_seq) {
        struct yw_event event;
        yw_drill_event(&event, YW_EVENT_SAID, team, "story");
        event.said.text = verb->text;
        event.said.hint = verb->kind == YW_VERB_HINT;
        event.causes[0] = fold->step_seq;
        emit(drill, &event);
    }
    emit_result(drill, team, true, NULL);
}

static void join_argv(const struct yw_spec_attack *attack, char text[YW_EVENT_ARGV_MAX])
{
    struct yw_buf buf;
    yw_buf_init(&buf, YW_EVENT_ARGV_MAX - 1);
    for (size_t i = 0; i < attack->argc; i++) {
        yw_buf_printf(&buf, "%s%s", i == 0 ? "" : " ", attack->argv[i]);
    }
    (void)yw_copy(text, YW_EVENT_ARGV_MAX, buf.data != NULL ? buf.data : "");
    yw_buf_fini(&buf);
}

/* Does the attacker not know a fact that this attack needs? */
static bool lacks_fact(const struct yw_drill *drill, int team,
                       const struct yw_spec_attack *attack, char ret_fact[YW_NAME_MAX])
{
    for (size_t i = 0; yw_spec_word(attack->needs, i, ret_fact); i++) {
        bool known = false;
        for (size_t k = 0; k < drill->spec->attack_count && !known; k++) {
            const struct yw_spec_attack *other = &drill->spec->attacks[k];
            const struct yw_attack_fold *fold =
                yw_drill_attack(yw_drill_state(drill), team, other->name);
            known =
                fold != NULL && fold->effect_seq > 0 && yw_kit_produces(other, ret_fact);
        }
        if (!known) {
            return true;
        }
    }
    return false;
}

static void skip_attack(struct yw_drill *drill, int team,
                        const struct yw_attack_fold *attack, const char *fact)
{
    if (attack->skipped_seq <= fold_of(drill, team)->step_seq) {
        struct yw_event event;
        yw_drill_event(&event, YW_EVENT_ATTACK_SKIPPED, team, "story");
        YW_COPY(event.attack_skipped.attack, attack->name);
        YW_COPY(event.attack_skipped.fact, fact);
        emit(drill, &event);
    }
    emit_result(drill, team, false, NULL);
}

static void begin_attack(struct yw_drill *drill, int team,
                         const struct yw_story_fold *fold)
{
    const struct yw_script_verb *verb = &story_of(drill, team)->verb;
    const struct yw_attack_fold *attack =
        yw_drill_attack(yw_drill_state(drill), team, verb->subject);
    int index = yw_spec_attack(drill->spec, verb->subject);
    if (attack == NULL || index < 0) {
        fault(drill, team, "the story attacks with something that was not declared");
        return;
    }
    if (attack->started_seq > fold->step_seq) {
        if (attack->state != YW_ATTACK_STARTED) {
            emit_result(drill, team, attack->state == YW_ATTACK_DONE, NULL);
        }
        return;
    }
    char fact[YW_NAME_MAX];
    struct yw_event event;
    if (lacks_fact(drill, team, &drill->spec->attacks[index], fact)) {
        skip_attack(drill, team, attack, fact);
        return;
    }
    yw_drill_event(&event, YW_EVENT_ATTACK_STARTED, team, "story");
    YW_COPY(event.attack_started.attack, attack->name);
    YW_COPY(event.attack_started.technique, attack->technique);
    YW_COPY(event.attack_started.machine, attack->from);
    event.attack_started.request = yw_range_request(drill, team, attack->from);
    join_argv(&drill->spec->attacks[index], event.attack_started.argv);
    event.causes[0] = fold->step_seq;
    emit(drill, &event);
}

static void begin_undo(struct yw_drill *drill, int team, const struct yw_story_fold *fold)
{
    const struct yw_script_verb *verb = &story_of(drill, team)->verb;
    const struct yw_attack_fold *attack =
        yw_drill_attack(yw_drill_state(drill), team, verb->subject);
    if (attack != NULL && attack->undo_seq > fold->step_seq) {
        if (attack->state != YW_ATTACK_UNDOING) {
            emit_result(drill, team, attack->state == YW_ATTACK_UNDONE, NULL);
        }
        return;
    }
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_UNDO_STARTED, team, "story");
    struct yw_request_action back = {0};
    if (attack != NULL && attack->state == YW_ATTACK_DONE) {
        back.argc = yw_range_undo_argv(drill, attack, back.argv);
    }
    const struct yw_request_action *action = &back;
    if (back.argc == 0 ||
        yw_argv_join(event.undo_started.argv, sizeof event.undo_started.argv,
                     action->argv, action->argc, NULL) != 0) {
        emit_result(drill, team, false, NULL); /* there is nothing to take back */
        return;
    }
    YW_COPY(event.undo_started.attack, attack->name);
    YW_COPY(event.undo_started.machine, attack->from);
    event.undo_started.request = yw_range_request(drill, team, attack->from);
    event.causes[0] = fold->step_seq;
    event.causes[1] = attack->effect_seq;
    emit(drill, &event);
}

static void begin_fault(struct yw_drill *drill, int team,
                        const struct yw_story_fold *fold)
{
    const struct yw_script_verb *verb = &story_of(drill, team)->verb;
    struct yw_event event;
    struct yw_err err = {0};
    int64_t now_ms = yw_drill_now(drill);
    yw_drill_event(&event, YW_EVENT_FAULT_ORDERED, team, "story");
    YW_COPY(event.fault_ordered.plant, verb->subject);
    YW_COPY(event.fault_ordered.fault, verb->role);
    event.fault_ordered.on_input = verb->input[0] != '\0';
    YW_COPY(event.fault_ordered.part,
            event.fault_ordered.on_input ? verb->input : verb->tag);
    event.fault_ordered.size = verb->size;
    event.fault_ordered.at_ms = verb->span_ms > now_ms ? verb->span_ms : now_ms;
    event.causes[0] = fold->step_seq;
    if (yw_sense_fault_check(drill, &event.fault_ordered, &err) != 0) {
        fault(drill, team, err.text);
        return;
    }
    if (fold->said_for != fold->step_seq) {
        emit(drill, &event);
        yw_sense_fault(drill, team, &event.fault_ordered);
    }
    emit_result(drill, team, true, NULL);
}

/* Its key is that of the step, so a repeat after a crash enters nothing twice. */
static void begin_enter(struct yw_drill *drill, int team,
                        const struct yw_story_fold *fold)
{
    const struct yw_script_verb *verb = &story_of(drill, team)->verb;
    struct yw_err err = {0};
    int code = yw_duty_tell(drill, team, verb, fold->step_seq, &err);
    if (code != 0) {
        fault(drill, team, err.text);
        return;
    }
    emit_result(drill, team, true, NULL);
}

static void begin_effect(struct yw_drill *drill, int team)
{
    const struct yw_story_fold *fold = fold_of(drill, team);
    struct yw_drill_story *story = story_of(drill, team);
    yw_cond_watch_init(&story->watch);
    switch (story->verb.kind) {
    case YW_VERB_SAY:
    case YW_VERB_HINT:
        begin_say(drill, team, fold);
        break;
    case YW_VERB_ATTACK:
        begin_attack(drill, team, fold);
        break;
    case YW_VERB_UNDO:
        begin_undo(drill, team, fold);
        break;
    case YW_VERB_FAULT:
        begin_fault(drill, team, fold);
        break;
    case YW_VERB_ENTER:
        begin_enter(drill, team, fold);
        break;
    case YW_VERB_WAIT:
    case YW_VERB_WAIT_FOR:
    case YW_VERB_WAIT_UNTIL:
        break; /* yw_story_judge */
    case YW_VERB_WAIT_QUESTION:
    case YW_VERB_ANSWER:
    case YW_VERB_OPERATE:
    case YW_VERB_REPORT:
    case YW_VERB_EVIDENCE:
    case YW_VERB_CONFIRM:
    case YW_VERB_KINDS:
        fault(drill, team, "the story used a player's verb");
        break;
    }
}

static void emit_step(struct yw_drill *drill, int team, const char *verb,
                      const struct yw_script_verb *what)
{
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_STORY_STEP, team, "story");
    event.story_step.index = story_of(drill, team)->index;
    YW_COPY(event.story_step.verb, verb);
    if (what != NULL) {
        YW_COPY(event.story_step.subject, what->subject);
        event.story_step.span_ms = what->span_ms;
    }
    emit(drill, &event);
}

static void on_verb(struct yw_drill *drill, int team, const struct yw_script_verb *verb)
{
    struct yw_drill_story *story = story_of(drill, team);
    const struct yw_story_fold *fold = fold_of(drill, team);
    story->verb = *verb;
    story->index++;
    story->result_emitted = false;
    if (story->index > fold->index) {
        emit_step(drill, team, yw_script_verb_name(verb->kind), verb);
        return;
    }
    const struct yw_ev_story_step *before =
        yw_vec_at(&fold->steps, (size_t)(story->index - 1));
    if (before == NULL || strcmp(before->verb, yw_script_verb_name(verb->kind)) != 0 ||
        strcmp(before->subject, verb->subject) != 0) {
        fault(drill, team, "the story does not repeat what the journal says it did");
        return;
    }
    const bool *holds = yw_vec_at(&fold->results, (size_t)(story->index - 1));
    if (holds != NULL) {
        ask_resume(drill, team, *holds);
    } else {
        begin_effect(drill, team);
        yw_drill_arm(drill);
    }
}

static void on_finished(struct yw_drill *drill, int team)
{
    struct yw_drill_story *story = story_of(drill, team);
    story->finished = true;
    story->index++;
    if (!fold_of(drill, team)->finished) {
        emit_step(drill, team, "end", NULL);
    }
}

static void start_stories(struct yw_drill *drill)
{
    for (size_t t = 0; t < drill->plan->team_count; t++) {
        struct yw_drill_story *story = story_of(drill, (int)t);
        if (story->faulted) {
            continue;
        }
        memset(story, 0, sizeof *story);
        struct yw_script_request request = {
            .ask = YW_SCRIPT_START, .co = (int)t, .team = (int)t};
        YW_COPY(request.team_name, drill->plan->teams[t]);
        story->started = true;
        story->asked = true;
        ask(drill, &request);
    }
}

static void on_reply(void *owner, int team, struct yw_script_reply *reply)
{
    struct yw_drill *drill = owner;
    if (reply->answer == YW_SCRIPT_LOADED) {
        drill->script_loaded = true;
        if (reply->has_story) {
            start_stories(drill);
        }
        return;
    }
    if (!drill->script_loaded) {
        fault(drill, -1, reply->fault.text);
        return;
    }
    if (team < 0 || (size_t)team >= drill->plan->team_count ||
        !story_of(drill, team)->asked) {
        yw_warn("drill", "%s: story: a reply nobody asked for", drill->id);
        return;
    }
    story_of(drill, team)->asked = false;
    if (reply->answer == YW_SCRIPT_VERB) {
        on_verb(drill, team, &reply->verb);
        /* a wait found again after a restart makes no event that would */
        yw_story_judge(drill, yw_drill_now(drill));
        yw_drill_arm(drill);
    } else if (reply->answer == YW_SCRIPT_FINISHED) {
        on_finished(drill, team);
    } else {
        fault(drill, team, reply->fault.text);
    }
}

static void restart_later(struct yw_drill *drill);

/* A story is answered from the journal: first everything that it did must be there. */
static void on_restart(struct yw_due_entry *entry)
{
    struct yw_drill *drill = entry->arg;
    if (drill->story_seq > yw_drill_state(drill)->seq && !drill->broken) {
        restart_later(drill);
    } else {
        start_host(drill);
    }
}

static void restart_later(struct yw_drill *drill)
{
    drill->script_again.run = on_restart;
    drill->script_again.arg = drill;
    yw_due_add(drill->stage->due, &drill->script_again,
               yw_clock_mono_ms(drill->stage->clock) + RESTART_MS);
}

/* What the dead host had asked for goes on without it only when it is asked for again. */
static void forget_stories(struct yw_drill *drill)
{
    for (size_t t = 0; t < drill->plan->team_count; t++) {
        struct yw_drill_story *story = story_of(drill, (int)t);
        bool faulted = story->faulted;
        memset(story, 0, sizeof *story);
        story->faulted = faulted;
    }
}

static void on_end(void *owner, const struct yw_err *why)
{
    struct yw_drill *drill = owner;
    yw_story_port_close(drill->port);
    drill->port = NULL;
    drill->script_loaded = false;
    if (why->code == YW_ETIMEOUT || ++drill->script_restarts > RESTARTS_MAX) {
        fault(drill, -1, why->text);
        return;
    }
    yw_drill_fault(drill, "%s; starting it again", why->text);
    forget_stories(drill);
    restart_later(drill);
}

static void start_host(struct yw_drill *drill)
{
    const struct yw_package_file *scenario =
        yw_package_file(drill->package, "scenario.lua");
    struct yw_story_port_events events = {
        .on_reply = on_reply, .on_end = on_end, .owner = drill};
    struct yw_err err = {0};
    int code =
        yw_story_port_open(&drill->port, drill->stage->loop, drill->stage->due,
                           drill->stage->clock, drill->stage->program, &events, &err);
    if (code != 0 || scenario == NULL) {
        fault(drill, -1, err.text);
        return;
    }
    struct yw_script_request request = {.ask = YW_SCRIPT_LOAD,
                                        .scenario = scenario->bytes,
                                        .scenario_size = scenario->size,
                                        .seed = drill->plan->seed};
    YW_COPY(request.scenario_name, "scenario.lua");
    ask(drill, &request);
}

void yw_story_start(struct yw_drill *drill)
{
    if (drill->port == NULL && !yw_due_queued(&drill->script_again)) {
        start_host(drill);
    }
}

void yw_story_react(struct yw_drill *drill, const struct yw_event *event)
{
    if (event->team < 0 || drill->port == NULL ||
        (size_t)event->team >= drill->plan->team_count) {
        return;
    }
    struct yw_drill_story *story = story_of(drill, event->team);
    if (event->kind == YW_EVENT_STORY_STEP && event->story_step.index == story->index &&
        !story->finished) {
        begin_effect(drill, event->team);
    } else if (event->kind == YW_EVENT_STORY_RESULT &&
               event->story_result.index == story->index && story->result_emitted) {
        ask_resume(drill, event->team, event->story_result.holds);
    } else if (((event->kind == YW_EVENT_ATTACK_ENDED &&
                 story->verb.kind == YW_VERB_ATTACK) ||
                (event->kind == YW_EVENT_UNDO_ENDED &&
                 story->verb.kind == YW_VERB_UNDO)) &&
               fold_of(drill, event->team)->index == story->index &&
               strcmp(story->verb.subject, event->attack_ended.attack) == 0) {
        int64_t causes[YW_EVENT_CAUSES_MAX] = {event->seq};
        emit_result(drill, event->team, event->attack_ended.ok, causes);
    }
}

/* One waiting story: its result, or the drill time at which to look again. */
static int64_t judge_wait(struct yw_drill *drill, int team,
                          const struct yw_story_fold *fold, int64_t drill_ms)
{
    struct yw_drill_story *story = story_of(drill, team);
    const struct yw_script_verb *verb = &story->verb;
    int64_t limit_ms = fold->step_ms + verb->span_ms;
    if (verb->kind == YW_VERB_WAIT) {
        if (drill_ms >= limit_ms) {
            emit_result(drill, team, true, NULL);
        }
        return limit_ms;
    }
    struct yw_cond_result result;
    struct yw_cond_scene scene;
    struct yw_duty_ask ask;
    yw_duty_scene(drill, team, drill_ms, &ask, &scene);
    yw_cond_eval(&verb->cond, &story->watch, &scene, &result);
    if (result.holds) {
        emit_result(drill, team, true, result.causes);
    } else if (verb->span_ms > 0 && drill_ms >= limit_ms) {
        emit_result(drill, team, false, NULL);
    }
    if (verb->span_ms > 0 && limit_ms < result.recheck_ms) {
        return limit_ms;
    }
    return result.recheck_ms;
}

void yw_story_judge(struct yw_drill *drill, int64_t drill_ms)
{
    drill->story_due_ms = INT64_MAX;
    if (drill->port == NULL || yw_drill_state(drill)->phase != YW_PHASE_RUNNING) {
        return;
    }
    for (size_t t = 0; t < drill->plan->team_count; t++) {
        const struct yw_story_fold *fold = fold_of(drill, (int)t);
        const struct yw_drill_story *story = story_of(drill, (int)t);
        bool waits = story->verb.kind == YW_VERB_WAIT ||
                     story->verb.kind == YW_VERB_WAIT_FOR ||
                     story->verb.kind == YW_VERB_WAIT_UNTIL;
        if (!fold->waiting || fold->index != story->index || !waits ||
            story->result_emitted || story->finished) {
            continue;
        }
        int64_t due_ms = judge_wait(drill, (int)t, fold, drill_ms);
        if (!story->result_emitted && due_ms < drill->story_due_ms) {
            drill->story_due_ms = due_ms;
        }
    }
}

int64_t yw_story_due(const struct yw_drill *drill)
{
    return drill->story_due_ms;
}

void yw_story_close(struct yw_drill *drill)
{
    yw_due_cancel(drill->stage->due, &drill->script_again);
    yw_story_port_close(drill->port);
    drill->port = NULL;
    drill->script_loaded = false;
}
