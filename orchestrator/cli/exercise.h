/* One drill of a daemon, as run, up and down handle it: over the public API, as people would. */
#ifndef YW_CLI_EXERCISE_H
#define YW_CLI_EXERCISE_H

#include "cli/scenario.h"
#include "cli/session.h"
#include "cli/teams.h"

struct yw_exercise {
    const struct yw_cli *cli;
    struct yw_session session;
    char id[YW_NAME_MAX];
    char team_tokens[YW_SPEC_TEAMS_MAX][64];
    char tier_tokens[YW_SPEC_TIERS_MAX][64]; /* of offices that people play; else "" */
    struct yw_teams teams;
    char *state;       /* the last state document of control; NULL before */
    char phase[32];
    int64_t drill_ms;
    bool faulted; /* a team's story failed: nothing more will come of this drill */
    int64_t shown_seq; /* events up to here were printed */
    bool quiet;        /* prints none */
    const char *override; /* reason to come up where it would be refused; NULL none */
    const char *how;      /* up: machines start this way only; NULL any */
    char leave[1024];  /* for a second Ctrl-C: what remains, and how it goes */
    int recoveries;    /* how often the daemon went away and was found again */
};

/* A word of --how, or NULL: YW_EINVAL says which there are. */
int yw_way_check(const char *how, struct yw_err *err);
int yw_exercise_create(struct yw_exercise *exercise, const struct yw_scenario *scenario,
                       int64_t seed, double speed, struct yw_err *err);
/* Waits until all machines serve, with progress. On failure nothing is left of the range. A
 * first Ctrl-C (interrupt.h) takes it down: YW_ECANCELED. */
int yw_exercise_up(struct yw_exercise *exercise, struct yw_err *err);
/* start, pause, resume, end, down. All of these go on with a daemon that died meanwhile and was
 * started again: what it had heard already is not done twice. */
int yw_exercise_verb(struct yw_exercise *exercise, const char *verb, const char *reason,
                     struct yw_err *err);
/* Fetches the state; prints what is new and worth a line to standard error. */
int yw_exercise_look(struct yw_exercise *exercise, struct yw_err *err);
/* Has the drill come to its end, or its story to a fault? */
bool yw_exercise_over(const struct yw_exercise *exercise);
/* Writes report.{zh,en}.{md,html} into <data>/drills/<id>/ and says where. */
int yw_exercise_report(struct yw_exercise *exercise, struct yw_err *err);
/* The result: teams with their points; one JSON document with --json. */
void yw_exercise_result(const struct yw_exercise *exercise);
void yw_exercise_close(struct yw_exercise *exercise); /* the session with it */

#endif
