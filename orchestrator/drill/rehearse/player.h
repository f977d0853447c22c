/* Players: the scripted teams of a scenario's rehearsal.lua. They know what their team may know
 * and act only through the same commands that people's requests become. Who carries the commands
 * (in-process, or HTTP to a daemon) is the caller's `hands`. Loop thread or a plain verb. */
#ifndef YW_DRILL_PLAYER_H
#define YW_DRILL_PLAYER_H

#include "codec/request/request.h"
#include "drill/exercise/story_port.h"

struct yw_players;

struct yw_player_question {
    int64_t run;
    char step[80];
    char needs[64]; /* forms of evidence, with blanks */
    char confirms[YW_NAME_MAX]; /* the role that confirms; "" the one that answers */
};

/* `team`: of a team its number, of an office YW_TEAM_OFFICE. */
struct yw_player_hands {
    /* Drill time now; negative: the drill is not running now. */
    int64_t (*now)(void *owner);
    /* Is a question with this English step name open for the team? */
    bool (*question)(void *owner, int team, const char *name,
                     struct yw_player_question *ret);
    /* Starts an action; `ticket` comes back in yw_players_done, with the same key on every try.
     * `about`: what an answer, evidence and a confirmation are for. */
    void (*act)(void *owner, int team, int ticket, const char *key,
                const struct yw_script_verb *verb,
                const struct yw_player_question *about);
    void *owner;
};

int yw_players_open(struct yw_players **ret, struct yw_loop *loop, struct yw_due *due,
                    const struct yw_clock *clock, const char *program,
                    const struct yw_package *package, uint64_t seed, struct yw_err *err);
/* The teams that rehearsal.lua names, without the offices that it has play, known once its reply has come (count 0 before). */
size_t yw_players_teams(const struct yw_players *players,
                        const struct yw_script_player **ret);
/* 0 while all is well; else why the players cannot play ("rehearsal.lua:7: …"). */
int yw_players_fault(const struct yw_players *players, struct yw_err *err);
/* Puts them to play: call once the drill exists. */
void yw_players_start(struct yw_players *players, const struct yw_player_hands *hands);
/* Looks at the world: call after every turn, at least ten times a second of drill time. */
void yw_players_poll(struct yw_players *players);
/* An action's outcome. `retry`: nothing is known of it (a crash): it is sent again. */
void yw_players_done(struct yw_players *players, int ticket, bool ok, bool retry);
void yw_players_close(struct yw_players *players); /* NULL-safe */

#endif
