/* What the files of sentences share; no other room includes it. */
#ifndef YW_MODEL_WORDS_INSIDE_H
#define YW_MODEL_WORDS_INSIDE_H

#include "model/words/words.h"

#define YW_WORDS_REASON_MAX                                                              \
    (YW_EVENT_NOTE_MAX + 64) /* a mark, and the words around the text */

struct yw_words_scene {
    const struct yw_event *event;
    const struct yw_drill_state *state;
    const char *team; /* its name, or "" */
};

void yw_words_put(char dst[YW_TEXT_MAX], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* "" or ": <detail>": a reason that may be missing. The result is `room`. */
const char *yw_words_tail(char room[YW_WORDS_REASON_MAX], const char *detail);
const char *yw_words_tail_zh(char room[YW_WORDS_REASON_MAX], const char *detail);

typedef void yw_words_fn(const struct yw_words_scene *scene, struct yw_text *ret);

/* words_range.c: what is done to machines */
yw_words_fn yw_words_quota_set;
yw_words_fn yw_words_reset_ordered;
yw_words_fn yw_words_reset_ended;
yw_words_fn yw_words_checkpoint_ordered;
yw_words_fn yw_words_checkpoint_ended;
yw_words_fn yw_words_restore_ordered;
yw_words_fn yw_words_checkpoint_restored;
yw_words_fn yw_words_drop_ordered;
yw_words_fn yw_words_checkpoint_dropped;
yw_words_fn yw_words_drill_forked;
yw_words_fn yw_words_evidence_ordered;
yw_words_fn yw_words_evidence_kept;
yw_words_fn yw_words_capture_ordered;
yw_words_fn yw_words_capture_changed;
yw_words_fn yw_words_stop_ordered;
yw_words_fn yw_words_stop_ended;
yw_words_fn yw_words_thaw_ordered;
yw_words_fn yw_words_thaw_ended;
yw_words_fn yw_words_exec_ordered;
yw_words_fn yw_words_exec_ended;
yw_words_fn yw_words_file_ordered;
yw_words_fn yw_words_file_moved;
yw_words_fn yw_words_reconciled;

/* words_playbook.c: runs of playbooks */
yw_words_fn yw_words_playbook_started;
yw_words_fn yw_words_step_started;
yw_words_fn yw_words_step_branched;
yw_words_fn yw_words_step_asked;
yw_words_fn yw_words_step_warned;
yw_words_fn yw_words_step_late;
yw_words_fn yw_words_step_escalated;
yw_words_fn yw_words_step_evidence;
yw_words_fn yw_words_step_answered;
yw_words_fn yw_words_step_confirmed;
yw_words_fn yw_words_command_ordered;
yw_words_fn yw_words_command_ended;
yw_words_fn yw_words_step_ended;
yw_words_fn yw_words_playbook_controlled;
yw_words_fn yw_words_playbook_ended;

/* words_host.c: the host under the range */
yw_words_fn yw_words_host_checked;
yw_words_fn yw_words_isolation_proved;
yw_words_fn yw_words_confinement_proved;
yw_words_fn yw_words_overridden;
yw_words_fn yw_words_disk_state;
/* words_place.c: admission, placement, hosts */
yw_words_fn yw_words_range_admitted;
yw_words_fn yw_words_machine_placed;
yw_words_fn yw_words_machine_moved;
yw_words_fn yw_words_network_spanned;
yw_words_fn yw_words_host_changed;
/* words_console.c: people at machines */
yw_words_fn yw_words_console_planned;
yw_words_fn yw_words_console_changed;
/* words_duty.c: duties */
yw_words_fn yw_words_duty_planned;
yw_words_fn yw_words_tier_planned;
yw_words_fn yw_words_incident_marked;
yw_words_fn yw_words_metric_measured;
yw_words_fn yw_words_fact_known;
yw_words_fn yw_words_grade_given;
yw_words_fn yw_words_report_sent;
yw_words_fn yw_words_report_received;
yw_words_fn yw_words_duty_done;
yw_words_fn yw_words_period_changed;
yw_words_fn yw_words_watch_asked;
yw_words_fn yw_words_watch_answered;
yw_words_fn yw_words_warning_issued;
yw_words_fn yw_words_warning_answered;
yw_words_fn yw_words_fault_disputed;
yw_words_fn yw_words_fault_ruled;
yw_words_fn yw_words_change_frozen;

#endif
