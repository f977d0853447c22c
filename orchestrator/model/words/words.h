/* The catalogue of sentences about events: one sentence an event kind, in both languages,
 * from the event and what stood before it. Used by board, report, journal listing. Pure.
 */
#ifndef YW_MODEL_WORDS_H
#define YW_MODEL_WORDS_H

#include "model/drill.h"

/* True when the event is worth a line on a screen (samples, views and story bookkeeping
 * are not). */
bool yw_event_notable(const struct yw_event *event);
void yw_event_words(const struct yw_event *event, const struct yw_drill_state *state,
                    struct yw_text *ret);
/* "计划中" / "planned" … */
void yw_phase_words(enum yw_phase phase, struct yw_text *ret);
/* A consequence level, 0..5: "正常" / "normal" … */
void yw_level_words(int64_t level, struct yw_text *ret);

/* "county" / "区县", "orange" / "橙色" */
void yw_words_tier(int64_t tier, struct yw_text *ret);
void yw_words_warning_level(const char *level, struct yw_text *ret);

#endif
