#include "score/score.h"

void yw_score_rank(struct yw_score_team *teams, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        teams[i].rank = 1;
        for (size_t k = 0; k < count; k++) {
            if (teams[k].points > teams[i].points)
                teams[i].rank++;
        }
    }
}
