#include "drill/rehearse/player.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum mood { ASKED, WAITING, ACTING, FINISHED }; /* what a player is doing */

struct player {
    enum mood mood;
    struct yw_script_verb verb;
    bool fresh;       /* the verb has not been looked at since it came */
    int64_t since_ms; /* drill time at which the verb began */
    int64_t number;   /* of the verb: part of the idempotency key */
    int turn;         /* of an answer: its evidence first, a second person last */
    struct yw_player_question about;
    struct yw_script_verb hand; /* what is on its way */
};

struct yw_players {
    struct yw_story_port *port;
    struct yw_player_hands hands;
    bool started;
    struct yw_script_player teams[YW_SCRIPT_PLAYERS_MAX];
    size_t count;
    struct player player[YW_SCRIPT_PLAYERS_MAX];
    struct yw_err fault;
};

static void ask(struct yw_players *players, const struct yw_script_request *request)
{
    if (players->fault.code == 0) {
        (void)yw_story_port_ask(players->port, request, &players->fault);
    }
}

static void resume(struct yw_players *players, size_t index, bool holds)
{
    struct yw_script_request request = {
        .ask = YW_SCRIPT_RESUME, .co = (int)index, .holds = holds};
    players->player[index].mood = ASKED;
    ask(players, &request);
}

static void on_reply(void *owner, int co, struct yw_script_reply *reply)
{
    struct yw_players *players = owner;
    if (reply->answer == YW_SCRIPT_FAULT) {
        players->fault = reply->fault;
        players->fault.code = players->fault.code == 0 ? YW_EINVAL : players->fault.code;
        return;
    }
    if (reply->answer == YW_SCRIPT_LOADED) {
        players->count = reply->player_count;
        memcpy(players->teams, reply->players, sizeof players->teams);
        if (players->count == 0) {
            (void)yw_err_set(&players->fault, YW_EINVAL, "rehearsal.lua names no teams");
        }
        return;
    }
    if (co < 0 || (size_t)co >= players->count) {
        return;
    }
    struct player *player = &players->player[co];
    player->mood = reply->answer == YW_SCRIPT_VERB ? WAITING : FINISHED;
    player->verb = reply->verb;
    player->fresh = true;
    player->number++;
    player->turn = 0;
    memset(&player->about, 0, sizeof player->about);
}

static void on_end(void *owner, const struct yw_err *why)
{
    struct yw_players *players = owner;
    players->fault = *why;
    (void)yw_err_prefix(&players->fault, "rehearsal.lua");
}

int yw_players_open(struct yw_players **ret, struct yw_loop *loop, struct yw_due *due,
                    const struct yw_clock *clock, const char *program,
                    const struct yw_package *package, uint64_t seed, struct yw_err *err)
{
    const struct yw_package_file *scenario = yw_package_file(package, "scenario.lua");
    const struct yw_package_file *rehearsal = yw_package_file(package, "rehearsal.lua");
    if (scenario == NULL || rehearsal == NULL) {
        return yw_err_set(err, YW_ENOTFOUND,
                          "%s: rehearsal.lua is missing: nobody to play", package->name);
    }
    struct yw_players *players = yw_new(sizeof *players);
    struct yw_story_port_events events = {
        .on_reply = on_reply, .on_end = on_end, .owner = players};
    int code =
        yw_story_port_open(&players->port, loop, due, clock, program, &events, err);
    if (code != 0) {
        free(players);
        return code;
    }
    struct yw_script_request request = {.ask = YW_SCRIPT_LOAD,
                                        .scenario = scenario->bytes,
                                        .scenario_size = scenario->size,
                                        .rehearsal = rehearsal->bytes,
                                        .rehearsal_size = rehearsal->size,
                                        .seed = seed};
    YW_COPY(request.scenario_name, "scenario.lua");
    ask(players, &request);
    *ret = players;
    return 0;
}

size_t yw_players_teams(const struct yw_players *players,
                        const struct yw_script_player **ret)
{
    size_t count = 0;
    while (count < players->count && players->teams[count].tier == 0) {
        count++;
    }
    *ret = players->teams;
    return count;
}

int yw_players_fault(const struct yw_players *players, struct yw_err *err)
{
    if (players->fault.code != 0 && err != NULL) {
        *err = players->fault;
    }
    return players->fault.code;
}

void yw_players_start(struct yw_players *players, const struct yw_player_hands *hands)
{
    players->hands = *hands;
    if (players->started) {
        return;
    }
    players->started = true;
    for (size_t i = 0; i < players->count; i++) {
        struct yw_script_request request = {
            .ask = YW_SCRIPT_START, .co = (int)i, .is_player = true, .team = (int)i};
        YW_COPY(request.team_name, players->teams[i].team);
        YW_COPY(request.player, players->teams[i].player);
        players->player[i].mood = ASKED;
        ask(players, &request);
    }
}

/* As events say whose they are. */
static int seat_of(const struct yw_players *players, size_t index)
{
    int tier = players->teams[index].tier;
    return tier > 0 ? YW_TEAM_OFFICE(tier) : (int)index;
}

static void act(struct yw_players *players, size_t index)
{
    struct player *player = &players->player[index];
    char key[YW_EVENT_KEY_MAX];
    if (player->turn == 0) {
        (void)yw_copyf(key, sizeof key, "player-%zu-%lld", index,
                       (long long)player->number);
    } else {
        (void)yw_copyf(key, sizeof key, "player-%zu-%lld-%d", index,
                       (long long)player->number, player->turn);
    }
    player->mood = ACTING;
    players->hands.act(players->hands.owner, seat_of(players, index), (int)index, key,
                       &player->hand, &player->about);
}

/* The n-th form of evidence that is asked for and that the script has; false: no more. */
static bool form_of(const struct player *player, int n, char ret[YW_NAME_MAX])
{
    return player->verb.evidence[0] != '\0' &&
           yw_spec_word(player->about.needs, (size_t)n, ret);
}

/* What the turn of an answer says; false: all is said. */
static bool hand_of(struct player *player)
{
    char form[YW_NAME_MAX];
    int forms = 0;
    while (form_of(player, forms, form)) {
        forms++;
    }
    player->hand = player->verb;
    if (player->turn < forms) {
        player->hand.kind = YW_VERB_EVIDENCE;
        (void)form_of(player, player->turn, player->hand.tag);
    } else if (player->turn == forms + 1 && player->verb.second[0] != '\0') {
        player->hand.kind = YW_VERB_CONFIRM;
        if (player->about.confirms[0] != '\0') {
            YW_COPY(player->hand.role, player->about.confirms);
        }
    }
    return player->turn <= forms ||
           (player->turn == forms + 1 && player->verb.second[0] != '\0');
}

static void answer(struct yw_players *players, size_t index)
{
    struct player *player = &players->player[index];
    if (player->turn == 0 &&
        !players->hands.question(players->hands.owner, seat_of(players, index),
                                 player->verb.subject, &player->about)) {
        resume(players, index, false);
    } else if (hand_of(player)) {
        act(players, index);
    } else {
        resume(players, index, true);
    }
}

static void poll_one(struct yw_players *players, size_t index, int64_t now_ms)
{
    struct player *player = &players->player[index];
    const struct yw_script_verb *verb = &player->verb;
    bool late = verb->span_ms > 0 && now_ms >= player->since_ms + verb->span_ms;
    switch (verb->kind) {
    case YW_VERB_WAIT:
        if (now_ms >= player->since_ms + verb->span_ms) {
            resume(players, index, true);
        }
        break;
    case YW_VERB_WAIT_QUESTION:
        if (players->hands.question(players->hands.owner, seat_of(players, index),
                                    verb->subject, &player->about)) {
            resume(players, index, true);
        } else if (late) {
            resume(players, index, false);
        }
        break;
    case YW_VERB_ANSWER:
        answer(players, index);
        break;
    case YW_VERB_OPERATE:
    case YW_VERB_REPORT:
    case YW_VERB_ENTER:
        player->hand = *verb;
        act(players, index);
        break;
    case YW_VERB_SAY:
    case YW_VERB_HINT:
    case YW_VERB_FAULT:
    case YW_VERB_WAIT_FOR:
    case YW_VERB_WAIT_UNTIL:
    case YW_VERB_ATTACK:
    case YW_VERB_UNDO:
    case YW_VERB_EVIDENCE:
    case YW_VERB_CONFIRM:
    case YW_VERB_KINDS:
        (void)yw_err_set(&players->fault, YW_EINVAL,
                         "rehearsal.lua:%d: a player cannot %s", verb->line,
                         yw_script_verb_name(verb->kind));
        break;
    }
}

void yw_players_poll(struct yw_players *players)
{
    if (!players->started || players->fault.code != 0) {
        return;
    }
    int64_t now_ms = players->hands.now(players->hands.owner);
    if (now_ms < 0) {
        return;
    }
    for (size_t i = 0; i < players->count; i++) {
        struct player *player = &players->player[i];
        if (player->mood != WAITING) {
            continue;
        }
        if (player->fresh) {
            player->fresh = false;
            player->since_ms = now_ms;
        }
        poll_one(players, i, now_ms);
    }
}

void yw_players_done(struct yw_players *players, int ticket, bool ok, bool retry)
{
    if (ticket < 0 || (size_t)ticket >= players->count ||
        players->player[ticket].mood != ACTING) {
        return;
    }
    struct player *player = &players->player[ticket];
    if (retry) {
        player->mood = WAITING; /* the same number and turn: the same key */
    } else if (ok && player->verb.kind == YW_VERB_ANSWER) {
        player->mood = WAITING;
        player->turn++;
    } else {
        resume(players, (size_t)ticket, ok);
    }
}

void yw_players_close(struct yw_players *players)
{
    if (players != NULL) {
        yw_story_port_close(players->port);
        free(players);
    }
}
