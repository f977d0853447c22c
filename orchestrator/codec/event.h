/* Events in and out of canonical JSON: UTF-8, sorted keys, no blanks, integers below
 * 2^53, doubles in the shortest form that reads back the same. One event, one text: the
 * bytes that are hashed. Members: actor, causes, drill_ms, key, kind, payload, seq, team,
 * wall_us. Thread: any. */
#ifndef YW_CODEC_EVENT_H
#define YW_CODEC_EVENT_H

#include "base/buf.h"
#include "base/err.h"
#include "model/event.h"

/* Appends the text to out (bounded by out->max). What JSON cannot say (a number that is
 * not finite, a counter from 2^53 on) sets out->overflow; a byte that is not UTF-8
 * becomes a question mark. */
void yw_event_encode(struct yw_buf *out, const struct yw_event *event);
/* Unknown and duplicate members are refused; errors carry a path: "/payload/points:
 * expected an integer; got 'x'". */
int yw_event_decode(struct yw_event *ret, const char *text, size_t size,
                    struct yw_err *err);
/* An exported line: the event plus prev and hash. `ret_canonical` receives the event's
 * own canonical text, for hashing. */
int yw_event_decode_line(struct yw_event *ret, struct yw_hash *ret_prev,
                         struct yw_hash *ret_hash, struct yw_buf *ret_canonical,
                         const char *line, size_t size, struct yw_err *err);

#endif
