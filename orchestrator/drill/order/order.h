/* Orders about points in time, stops and files of machines. Private to this room.
 *
 *   command ──▶ …-ordered (durable) ──▶ yw_order_go ──▶ hypervisor call ──▶ outcome event
 *
 * Orders about the same machines are carried out one after the other, in the order of the
 * journal; a stop waits for nobody, and what is not part of it waits while it lasts. After
 * a restart whatever has no outcome is begun again: every operation is idempotent. Programs
 * that are to run on a machine wait while it is being taken back. Loop thread. */
#ifndef YW_DRILL_ORDER_H
#define YW_DRILL_ORDER_H

#include "drill/range/range_call.h"

/* order.c */
void yw_order_react(struct yw_drill *drill, const struct yw_event *event);
/* After the journal was folded, before programs are taken up again. */
void yw_order_resume(struct yw_drill *drill);
/* Is the machine to be taken back by an order that came after this event (0: by any)? */
bool yw_order_takes_back(const struct yw_drill *drill, int team, const char *machine,
                         int64_t seq);
/* Must a program for this machine wait, for the machine is stopped or being taken back? */
bool yw_order_holds(const struct yw_drill *drill, int team, const char *machine);
/* The team and the machine that a request names; the only team needs no name. */
int yw_order_machine(const struct yw_drill *drill, const struct yw_request_point *request,
                     int *ret_team, struct yw_err *err);
/* The one effect that does not wait for its record: while the disk is full, that would be
 * to leave machines running that must stand. The order of this number is on its way. */
void yw_order_stop_now(struct yw_drill *drill, int64_t seq);
/* The commands of this file's kinds. */
int yw_order_command(struct yw_drill *drill, struct yw_command *command,
                     struct yw_err *err);

/* A call for an order, about a group of machines: one (`machine` not ""), a team's (`all`:
 * hidden ones too), or everybody's (team -1). *new* */
typedef void yw_order_ended_fn(struct yw_range_call *call, int code,
                               const struct yw_err *err);
struct yw_range_call *yw_order_call(struct yw_drill *drill,
                                    const struct yw_order_fold *order, enum yw_virt_op op,
                                    int64_t deadline_ms, yw_order_ended_fn *ended);
/* Starts it; an empty group has ended well at once. */
void yw_order_start(struct yw_range_call *call);
/* The order that the call belongs to; NULL: it has its outcome already. *borrowed* */
const struct yw_order_fold *yw_order_of(const struct yw_range_call *call);
/* An event about that order. */
void yw_order_event(const struct yw_range_call *call, struct yw_event *event,
                    enum yw_event_kind kind);
int64_t yw_order_span(const struct yw_range_call *call); /* ms since it was made */

/* point.c */
void yw_point_begin(struct yw_drill *drill, const struct yw_order_fold *order);
void yw_point_start(struct yw_drill *drill); /* orders the point "start" of each team */
void yw_point_react(struct yw_drill *drill, const struct yw_event *event);

/* capture.c: the packets of networks */
void yw_capture_begin(struct yw_drill *drill, const struct yw_order_fold *order);
int yw_capture_command(struct yw_drill *drill, struct yw_command *command,
                       struct yw_err *err);
void yw_capture_start(struct yw_drill *drill); /* orders what the scenario wants */
void yw_capture_follow(struct yw_drill *drill, const struct yw_event *event);
void yw_capture_give_way(struct yw_drill *drill); /* the disk is low: ends all */
/* capture_fetch.c: files of captures come here from the hosts that have folders of their
 * own. Looks at all of them, soon. */
void yw_capture_fetch(struct yw_drill *drill);

/* stop.c */
void yw_stop_begin(struct yw_drill *drill, const struct yw_order_fold *order);

/* touch.c: programs and files of control */
void yw_touch_begin(struct yw_drill *drill, const struct yw_order_fold *order);
int yw_touch_exec(struct yw_drill *drill, struct yw_command *command, struct yw_err *err);
int yw_touch_file(struct yw_drill *drill, struct yw_command *command, struct yw_err *err);

#endif
