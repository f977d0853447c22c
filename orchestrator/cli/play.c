#include "cli/play.h"

#include "base/due.h"
#include "base/mem.h"
#include "codec/request/request_duty.h"
#include "codec/request/request_task.h"
#include "drill/rehearse/player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TURN_MS 100
#define TURNS_MAX 36000 /* an hour of looking */

struct play {
    struct yw_exercise *exercise;
    struct yw_players *players;
    size_t player_count;          /* 0: not known yet */
    int seats[YW_SPEC_TEAMS_MAX]; /* of each player: its team here; -1 plays no part */
};

/* Players are numbered by rehearsal.lua; --teams may have chosen others, or fewer. */
static void take_seats(struct play *play)
{
    const struct yw_script_player *players;
    const struct yw_teams *teams = &play->exercise->teams;
    size_t count = yw_players_teams(play->players, &players);
    for (size_t i = play->player_count; i < count; i++) {
        play->seats[i] = -1;
        for (size_t k = 0; k < teams->count; k++) {
            if (strcmp(players[i].team, teams->names[k]) == 0) {
                play->seats[i] = (int)k;
            }
        }
    }
    play->player_count = count;
}

static int64_t hands_now(void *owner)
{
    const struct play *play = owner;
    return strcmp(play->exercise->phase, "running") == 0 ? play->exercise->drill_ms : -1;
}

struct wanted {
    const char *team, *name;
    bool office;
    struct yw_player_question *ret;
    bool found;
};

static int match_question(void *arg, const char *key, const char *value, size_t size)
{
    struct wanted *wanted = arg;
    char state[16] = "";
    char team[YW_NAME_MAX] = "";
    char name[YW_TEXT_MAX] = "";
    char run[32] = "0";
    (void)key;
    (void)yw_json_get(value, size, "/state", state, sizeof state);
    (void)yw_json_get(value, size, wanted->office ? "/office" : "/team", team,
                      sizeof team);
    (void)yw_json_get(value, size, "/name/en", name, sizeof name);
    if (strcmp(state, "open") != 0 || strcmp(team, wanted->team) != 0 ||
        strcmp(name, wanted->name) != 0) {
        return 0;
    }
    (void)yw_json_get(value, size, "/run", run, sizeof run);
    (void)yw_json_get(value, size, "/step", wanted->ret->step, sizeof wanted->ret->step);
    (void)yw_json_get(value, size, "/needs", wanted->ret->needs,
                      sizeof wanted->ret->needs);
    (void)yw_json_get(value, size, "/confirms", wanted->ret->confirms,
                      sizeof wanted->ret->confirms);
    wanted->ret->run = strtoll(run, NULL, 10);
    wanted->found = true;
    return 1;
}

/* Whom a player speaks for: a team, or an office in its own playbook. */
struct seat {
    const char *name, *token;
};

/* False: it plays no part here. */
static bool find_seat(const struct play *play, int team, struct seat *ret)
{
    const struct yw_exercise *exercise = play->exercise;
    int tier = YW_TEAM_TIER(team);
    int index = tier > 0 ? tier : play->seats[team];
    if (index < 0) {
        return false;
    }
    ret->name = tier > 0 ? yw_spec_tier_name(tier) : exercise->teams.names[index];
    ret->token = tier > 0 ? exercise->tier_tokens[tier] : exercise->team_tokens[index];
    return true;
}

static bool hands_question(void *owner, int team, const char *name,
                           struct yw_player_question *ret)
{
    const struct play *play = owner;
    const char *state = play->exercise->state;
    struct wanted wanted = {.office = YW_TEAM_TIER(team) > 0, .name = name, .ret = ret};
    struct seat seat;
    if (state == NULL || !find_seat(play, team, &seat)) {
        return false;
    }
    wanted.team = seat.name;
    (void)yw_json_each(state, strlen(state), "/questions", match_question, &wanted);
    return wanted.found;
}

static int write_entry(struct yw_buf *body, const struct yw_script_verb *verb,
                       struct yw_err *err)
{
    const struct yw_duty_noun *noun = yw_duty_noun_find(verb->subject, NULL);
    return noun != NULL
               ? yw_request_duty_body(body, noun, verb->vars, verb->var_count, err)
               : yw_err_set(err, YW_EINVAL, "enter: no noun '%s'", verb->subject);
}

static void write_task(struct yw_buf *body, const struct yw_script_verb *verb,
                       const char *step)
{
    struct yw_request_task task = {.agrees = true};
    bool confirms = verb->kind == YW_VERB_CONFIRM;
    YW_COPY(task.step, step);
    YW_COPY(task.role, verb->role);
    YW_COPY(task.person, confirms ? verb->second : "");
    YW_COPY(task.form, verb->tag);
    YW_COPY(task.text, confirms ? "" : verb->evidence);
    yw_request_task_encode(body, confirms ? YW_REQUEST_CONFIRM : YW_REQUEST_EVIDENCE,
                           &task);
}

static void write_body(struct yw_buf *body, const struct yw_script_verb *verb,
                       const char *step)
{
    if (verb->kind == YW_VERB_EVIDENCE || verb->kind == YW_VERB_CONFIRM) {
        write_task(body, verb, step);
    } else if (verb->kind == YW_VERB_ANSWER) {
        struct yw_request_answer answer = {.var_count = verb->var_count};
        YW_COPY(answer.step, step);
        YW_COPY(answer.role, verb->role);
        memcpy(answer.vars, verb->vars, sizeof answer.vars);
        yw_request_answer_encode(body, &answer);
    } else if (verb->kind == YW_VERB_OPERATE) {
        struct yw_request_action action = {.argc = verb->argc};
        YW_COPY(action.machine, verb->subject);
        memcpy(action.argv, verb->argv, sizeof action.argv);
        yw_request_action_encode(body, &action);
    } else {
        yw_buf_puts(body, "{\"text\":");
        yw_json_string(body, verb->text.zh[0] != '\0' ? verb->text.zh : verb->text.en);
        yw_buf_puts(body, "}");
    }
}

/* Where a verb goes, behind the drill's path. */
static void tail_of(const struct yw_script_verb *verb, int64_t run, char ret[64])
{
    if (verb->kind == YW_VERB_ENTER) {
        (void)yw_copyf(ret, 64, "duty/%.48s", verb->subject);
    } else if (verb->kind == YW_VERB_OPERATE || verb->kind == YW_VERB_REPORT) {
        (void)yw_copy(ret, 64, verb->kind == YW_VERB_OPERATE ? "actions" : "reports");
    } else {
        (void)yw_copyf(ret, 64, "questions/%lld/%s", (long long)run,
                       verb->kind == YW_VERB_EVIDENCE  ? "evidence"
                       : verb->kind == YW_VERB_CONFIRM ? "confirm"
                                                       : "answer");
    }
}

static void hands_act(void *owner, int team, int ticket, const char *key,
                      const struct yw_script_verb *verb,
                      const struct yw_player_question *about)
{
    struct play *play = owner;
    struct yw_exercise *exercise = play->exercise;
    struct yw_err err = {0};
    struct yw_buf body;
    char *answer = NULL;
    char tail[64];
    struct seat seat;
    if (!find_seat(play, team, &seat)) {
        yw_players_done(play->players, ticket, false, false);
        return;
    }
    tail_of(verb, about->run, tail);
    char *path = yw_strf("/api/v1/drills/%s/%s", exercise->id, tail);
    yw_buf_init(&body, YW_REQUEST_BYTES_MAX);
    int code = 0;
    if (verb->kind == YW_VERB_ENTER) {
        code = write_entry(&body, verb, &err);
    } else {
        write_body(&body, verb, about->step);
    }
    if (code == 0) {
        code = yw_client_call(exercise->session.client, "POST", path, seat.token, key,
                              body.data, &answer, &err);
    }
    char exit_text[16] = "0";
    if (code == 0 && verb->kind == YW_VERB_OPERATE) {
        (void)yw_json_get(answer, strlen(answer), "/exit", exit_text, sizeof exit_text);
    }
    /* no answer at all: the daemon is restarting; the same key is sent again */
    bool retry = code == YW_EIO || code == YW_ETIMEOUT || code == YW_ECANCELED;
    if (code != 0) {
        yw_cli_say("  %s: %s", seat.name, err.text);
    }
    yw_players_done(play->players, ticket, code == 0 && strcmp(exit_text, "0") == 0,
                    retry);
    free(answer);
    free(path);
    yw_buf_fini(&body);
}

/* Looking waits for a daemon that is being started again, and fails when none comes back. */
static int turn(struct play *play, struct yw_due *due, const struct yw_clock *clock,
                struct yw_err *err)
{
    struct timespec pause = {.tv_nsec = TURN_MS * 1000000L};
    int code = yw_exercise_look(play->exercise, err);
    if (code != 0) {
        return code;
    }
    (void)yw_due_run(due, yw_clock_mono_ms(clock));
    code = yw_players_fault(play->players, err);
    if (code == 0) {
        yw_players_poll(play->players);
        (void)nanosleep(&pause, NULL);
    }
    return code;
}

int yw_play(struct yw_exercise *exercise, const struct yw_scenario *scenario,
            uint64_t seed, const volatile sig_atomic_t *stop, struct yw_err *err)
{
    struct play play = {.exercise = exercise};
    struct yw_player_hands hands = {
        .now = hands_now, .question = hands_question, .act = hands_act, .owner = &play};
    struct yw_clock clock;
    struct yw_due due;
    yw_clock_init_real(&clock);
    yw_due_init(&due);
    int code = yw_players_open(&play.players, NULL, &due, &clock, exercise->cli->program,
                               scenario->package, seed, err);
    for (int i = 0; code == 0 && i < TURNS_MAX && *stop == 0; i++) {
        code = turn(&play, &due, &clock, err);
        take_seats(&play);
        if (play.player_count > 0) {
            yw_players_start(play.players, &hands);
        }
        if (yw_exercise_over(exercise)) {
            break;
        }
    }
    yw_players_close(play.players);
    yw_due_fini(&due);
    return code;
}
