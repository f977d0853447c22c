/* What the files of the fold share; no other room includes it. */
#ifndef YW_MODEL_DRILL_INSIDE_H
#define YW_MODEL_DRILL_INSIDE_H

#include "model/drill.h"

int yw_drill_corrupt(const struct yw_event *event, struct yw_err *err, const char *what,
                     const char *name);
void yw_drill_note_request(struct yw_machine_fold *machine, int64_t request);

/* A list that only grows: beyond its limit the oldest entry goes. */
void yw_drill_push_latest(struct yw_vec *vec, const void *item);

/* drill_attack.c: attacks and their undoing */
int yw_drill_attack_apply(struct yw_drill_state *state, const struct yw_event *event,
                          struct yw_err *err);
/* drill_playbook.c: runs of playbooks */
int yw_drill_playbook_apply(struct yw_drill_state *state, const struct yw_event *event,
                            struct yw_err *err);
/* drill_point.c: quotas, resets, checkpoints, forks, evidence, stops, execs, files */
void yw_drill_point_init(struct yw_drill_state *state);
void yw_drill_point_fini(struct yw_drill_state *state);
int yw_drill_point_apply(struct yw_drill_state *state, const struct yw_event *event,
                         struct yw_err *err);
/* A phase that no stop outlives. */
void yw_drill_point_phase(struct yw_drill_state *state, enum yw_phase phase);

/* drill_host.c: admission, placement, hosts */
int yw_drill_host_apply(struct yw_drill_state *state, const struct yw_event *event,
                        struct yw_err *err);
/* drill_capture.c: captures of networks */
void yw_drill_clock_fold_init(struct yw_drill_state *state);
void yw_drill_clock_fold_fini(struct yw_drill_state *state);
void yw_drill_clock_changed(struct yw_drill_state *state, const struct yw_event *event);
void yw_drill_capture_init(struct yw_drill_state *state);
void yw_drill_capture_fini(struct yw_drill_state *state);
void yw_drill_capture_ordered(struct yw_drill_state *state, const struct yw_event *event);
void yw_drill_capture_changed(struct yw_drill_state *state, const struct yw_event *event);
/* drill_duty.c: incidents, reports, tiers, watches, warnings, faults */
void yw_drill_duty_init(struct yw_drill_state *state);
void yw_drill_duty_fini(struct yw_drill_state *state);
int yw_drill_duty_apply(struct yw_drill_state *state, const struct yw_event *event,
                        struct yw_err *err);
/* How the incident goes: an event that was applied may be a turn in it. */
void yw_drill_course(struct yw_drill_state *state, const struct yw_event *event);
/* drill_console.c: consoles and who sits at them */
void yw_drill_console_init(struct yw_drill_state *state);
void yw_drill_console_fini(struct yw_drill_state *state);
int yw_drill_console_apply(struct yw_drill_state *state, const struct yw_event *event,
                           struct yw_err *err);

#endif
