/* State out: the JSON documents that boards and API clients read. One function a
 * document, keys sorted, objects keyed by name or number (never arrays that shift), so
 * that RFC 7396 merge patches stay small. Shapes: tests/golden/state. */
#ifndef YW_CODEC_STATE_H
#define YW_CODEC_STATE_H

#include "base/buf.h"
#include "base/err.h"
#include "model/plan.h"
#include "model/spec.h"
#include "model/view.h"
#include "score/score.h"

#define YW_STATE_MAX (4 * 1024 * 1024)

/* What people are told of a plant's tags and limits: static facts of its model, which
 * stand in another room and so are brought by the caller
 * (drill/exercise/plant_facts.h). */
struct yw_fact_words {
    const char *zh, *en; /* borrowed, static; so are all texts of facts */
};

struct yw_tag_facts {
    const char *name;
    const char *unit;
    struct yw_fact_words title;
    double low, high;
};

struct yw_limit_facts {
    size_t tag; /* index in tags */
    bool above;
    double value;
    int level;
    struct yw_fact_words says;
};

#define YW_PLANT_LIMITS_MAX 32

struct yw_plant_facts {
    struct yw_fact_words title;
    struct yw_tag_facts tags[YW_EVENT_TAGS_MAX];
    size_t tag_count;
    struct yw_limit_facts limits[YW_PLANT_LIMITS_MAX];
    size_t limit_count;
};

/* Fills *ret and returns true, or returns false: no such model. */
typedef bool yw_plant_facts_fn(const char *model, struct yw_plant_facts *ret);

struct yw_writer;
struct yw_law; /* response/record.h */
struct yw_state_now;
/* Writes the section "duty", where there is anything to say. */
typedef void yw_duty_section_fn(struct yw_writer *w, const struct yw_view *view,
                                const struct yw_state_now *now);

/* Writes the section "findings": what is wrong with the design, as a rehearsal shows it. */
typedef void yw_finding_section_fn(struct yw_writer *w, void *arg);

struct yw_state_now {  /* what is not in the fold; all borrowed */
    const char *drill; /* id */
    const char *head;  /* the journal's head hash in hex, "" unknown */
    int64_t wall_us, drill_ms;
    yw_plant_facts_fn *plant_facts; /* NULL: plants without tags */
    yw_duty_section_fn *duty;       /* NULL: without; codec/state_duty.h */
    const struct yw_law *law;
    yw_finding_section_fn *findings; /* NULL: without */
    void *findings_arg;
};

/* The whole board of one audience. Deterministic. */
void yw_state_encode(struct yw_buf *out, const struct yw_view *view,
                     const struct yw_score *score, const struct yw_state_now *now);
/* The merge patch (RFC 7396) that turns `before` into `after`; "{}" when equal. */
int yw_state_diff(struct yw_buf *out, const char *before, const char *after,
                  struct yw_err *err);
/* Applies a merge patch: for tests and clients. */
int yw_state_merge(struct yw_buf *out, const char *before, const char *patch,
                   struct yw_err *err);

/* `yanwu check --json`, `yanwu plan --json`, `yanwu plan` (a table for people). */
void yw_spec_encode(struct yw_buf *out, const struct yw_spec *spec);
struct yw_admit;
/* `estimate` NULL: without. */
void yw_plan_encode(struct yw_buf *out, const struct yw_spec *spec,
                    const struct yw_plan *plan, const struct yw_admit *estimate);
void yw_plan_describe(struct yw_buf *out, const struct yw_spec *spec,
                      const struct yw_plan *plan);
/* {"score_lines":{…},"teams":{…}} as on the board, of one team ("why"), -1 all. */
void yw_score_encode(struct yw_buf *out, const struct yw_view *view,
                     const struct yw_score *score, int team);

#endif
