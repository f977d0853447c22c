/* State out: the JSON documents that boards and API clients read. One function a document, keys
 * sorted, objects keyed by name or number (never arrays that shift), so that RFC 7396 merge
 * patches stay small. Shapes: the README of this room. */
#ifndef YW_CODEC_STATE_H
#define YW_CODEC_STATE_H

#include "base/buf.h"
#include "base/err.h"
#include "model/plan.h"
#include "model/spec.h"
#include "model/view.h"
#include "score/score.h"

#define YW_STATE_MAX (4 * 1024 * 1024)

/* The whole board of one audience. `wall_us` and `drill_ms`: now. `head`: the journal's head hash
 * in hex, "" unknown. Deterministic. */
void yw_state_encode(struct yw_buf *out, const struct yw_view *view, const struct yw_score *score,
                     int64_t wall_us, int64_t drill_ms, const char *head);
/* The merge patch (RFC 7396) that turns `before` into `after`; "{}" when equal. */
int yw_state_diff(struct yw_buf *out, const char *before, const char *after, struct yw_err *err);
/* Applies a merge patch: for tests and clients. */
int yw_state_merge(struct yw_buf *out, const char *before, const char *patch, struct yw_err *err);

/* `yanwu check --json`, `yanwu plan --json`, `yanwu plan` (a table for people). */
void yw_spec_encode(struct yw_buf *out, const struct yw_spec *spec);
void yw_plan_encode(struct yw_buf *out, const struct yw_spec *spec, const struct yw_plan *plan);
void yw_plan_describe(struct yw_buf *out, const struct yw_spec *spec,
                      const struct yw_plan *plan);
/* Score lines of one team ("why"), -1 all. */
void yw_score_encode(struct yw_buf *out, const struct yw_view *view, const struct yw_score *score,
                     int team);

#endif
