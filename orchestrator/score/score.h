/* Scores: derived, never stored. The ledger of a drill is a fold of its events: lines
 * that name the events that caused them ("why"). A re-score is a second fold. Pure. */
#ifndef YW_SCORE_SCORE_H
#define YW_SCORE_SCORE_H

#include "base/vec.h"
#include "model/drill.h"
#include "model/event.h"

#define YW_SCORE_LINES_MAX 65536    /* lines beyond it do not count */
#define YW_SCORE_POINTS_MAX 1000000 /* of one line, either sign: more is cut to it */

enum yw_score_source { YW_SCORE_OBJECTIVE, YW_SCORE_RULING };

struct yw_score_line {
    int team;
    enum yw_score_source source;
    char subject[YW_NAME_MAX]; /* objective; "" for a ruling */
    struct yw_text reason;     /* "met after 00:01:12, 138 of 150" */
    int64_t points;
    int64_t drill_ms;
    int64_t causes[YW_EVENT_CAUSES_MAX + 1]; /* the event itself first */
};

struct yw_score_objective { /* an objective of one team, and whether it is settled */
    int team;
    char name[YW_NAME_MAX];
    int64_t points, fades_to, over_ms;
    bool settled;
};

struct yw_score_team {
    int64_t points;
    int rank; /* competition ranking: 1 1 3 */
};

struct yw_score {
    struct yw_vec lines;      /* yw_score_line, in order of seq */
    struct yw_vec teams;      /* yw_score_team, by team index */
    struct yw_vec objectives; /* yw_score_objective, its own */
};

void yw_score_init(struct yw_score *score);
void yw_score_fini(struct yw_score *score); /* NULL-safe */
/* Events that it cannot use (an unknown objective, one that is settled, no team) change
 * nothing. An objective that is lost gives a line of 0 points: it answers "why not". */
void yw_score_apply(struct yw_score *score, const struct yw_event *event);
/* Points of an objective met elapsed_ms after its start: points at 0, fades_to at over_ms
 * and later, straight between, rounded half up; over_ms 0: points. */
int64_t yw_score_fade(int64_t points, int64_t fades_to, int64_t over_ms,
                      int64_t elapsed_ms);

/* Competition ranking by points: 9 9 5 0 → 1 1 3 4. */
void yw_score_rank(struct yw_score_team *teams, size_t count);

#endif
