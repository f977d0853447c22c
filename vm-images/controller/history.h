/* The historian's store: a ring of samples for each tag, the oldest go first; and its
 * answers, as CSV and JSON. Pure. Large (about 4 MiB); untouched rings cost nothing. */
#ifndef YW_CONTROLLER_HISTORY_H
#define YW_CONTROLLER_HISTORY_H

#include "controller/http.h"
#include "controller/watch.h"

#define YW_HISTORY_SAMPLES 4096 /* of one tag */
#define YW_HISTORY_ROWS_MAX 300 /* of one answer */

struct yw_history_sample {
    int64_t time_ms; /* UTC */
    float value;
    bool good;
};

struct yw_history {
    struct yw_history_ring {
        uint64_t count; /* ever */
        struct yw_history_sample samples[YW_HISTORY_SAMPLES];
    } rings[YW_WATCH_TAGS_MAX];
};

/* Times must not go back in one ring: one that does is taken as the last one's. */
void yw_history_add(struct yw_history *history, unsigned tag, int64_t time_ms,
                    double value, bool good);
/* The index-th sample of a tag with a time not before from_ms; NULL: no more. Borrowed. */
const struct yw_history_sample *yw_history_at(const struct yw_history *history,
                                              unsigned tag, int64_t from_ms,
                                              size_t index);
/* GET /            what there is, as HTML with links
 * GET /tags        {"tags":[{"name","unit","samples","value"}],"fresh":true}
 * GET /query?tag=NAME[&from=MS][&to=MS]   {"tag","rows":[[ms,value,good],…],"next":MS|null}
 * GET /csv?…       time_ms,value,good in lines; the last says "# next,MS" when there are more
 * 200, or the status that is meant. `type` is the content's. */
int yw_history_answer(const struct yw_history *history, const struct yw_watch *watch,
                      const struct yw_http *request, int64_t now_ms,
                      struct yw_text_out *out, const char **ret_type);

#endif
