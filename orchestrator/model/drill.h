/* The drill's state: the fold of its events, nothing else. Apply the events of a journal
 * in order and this is what is known; apply only those an audience may see and this is
 * what that audience knows (a leak is impossible by construction). Pure: no clock, no
 * I/O.
 *
 *   planned ─▶ staging ─▶ ready ─▶ running ⇄ paused ─▶ ended ─▶ archived
 *      ▲          │ (bring-up failed: rolled back)
 *      └──────────┘            any state before ended ─▶ ended (abort) */
#ifndef YW_MODEL_DRILL_H
#define YW_MODEL_DRILL_H

#include "base/clock.h"
#include "base/err.h"
#include "base/vec.h"
#include "model/event.h"
#include "model/kit.h"
#include "model/spec.h"

/* Lists that only grow. Reports, steps asked and answers forget their oldest entry beyond
 * the limit; a story longer than its limit is refused. */
#define YW_DRILL_REPORTS_MAX 1024
#define YW_DRILL_ASKED_MAX 1024
#define YW_DRILL_ANSWERS_MAX 1024
#define YW_DRILL_STORY_MAX 65536
#define YW_DRILL_ACTIONS_MAX 4096
#define YW_DRILL_HOSTS_MAX 256
#define YW_DRILL_SITTINGS_MAX 128
#define YW_DRILL_CLOCK_TURNS_MAX 4096 /* kept: pauses, speeds, restarts */
#define YW_DRILL_ORDERS_MAX 4096
#define YW_DRILL_CHECKPOINTS_MAX 256
#define YW_DRILL_DUTIES_MAX 4096 /* events of duties; beyond it none is taken */
#define YW_DRILL_POINT_START "start" /* the point made once all machines serve */

struct yw_machine_fold {
    char name[YW_NAME_MAX];
    char image[YW_NAME_MAX];
    char addresses[YW_EVENT_VALUE_MAX];
    char plant[YW_NAME_MAX];
    bool hidden;
    bool console; /* its team may open its consoles */
    bool display; /* it has a screen */
    enum yw_machine_state state;
    bool link_up;     /* from the last link-changed; up at first */
    bool link_wanted; /* from the last link-ordered; equal to link_up when settled */
    int64_t link_ordered_seq;
    int64_t link_seq; /* of the last link-changed, 0 none */
    int64_t requests; /* highest request number used on its channel */
    int64_t state_seq;
    char host[YW_NAME_MAX]; /* where it belongs; "" not placed */
    char from[YW_NAME_MAX]; /* a move there is under way from this host; "" none */
    int64_t placed_seq;
};

#define YW_PLANT_FOLD_FAULTS_MAX 8 /* between two samples; each order makes one */

struct yw_plant_fold {
    char name[YW_NAME_MAX];
    char model[YW_NAME_MAX];
    double time_scale;
    bool sampled;
    struct yw_ev_plant_sample sample; /* the last */
    int64_t sample_ms;                /* drill time of it */
    int64_t sample_seq;
    bool viewed;
    struct yw_ev_plant_view view;
    int64_t level;
    int64_t worst_level;
    int64_t level_seq; /* of the last plant-level, 0 none */
    int64_t level_ms;
    char level_tag[YW_NAME_MAX];
    bool out; /* quality or production is lost (level 2), since …; and so long before */
    int64_t out_since_ms, out_ms; /* drill time */
    struct yw_ev_fault_ordered faults[YW_PLANT_FOLD_FAULTS_MAX]; /* since that sample */
    size_t fault_count;
    int64_t back_ms; /* gone back by restored checkpoints: plant time is drill time less
                        this */
};

enum yw_attack_state {
    YW_ATTACK_PLANNED,
    YW_ATTACK_STARTED,
    YW_ATTACK_DONE,
    YW_ATTACK_FAILED,
    YW_ATTACK_UNDOING, /* what took effect is being taken back */
    YW_ATTACK_UNDONE
};

struct yw_attack_fold {
    char name[YW_NAME_MAX];
    char technique[16];
    char from[YW_NAME_MAX];
    char to[YW_NAME_MAX];
    enum yw_attack_state state;
    int64_t request; /* channel number of the start, or undoing, under way */
    int64_t started_seq;
    int64_t skipped_seq; /* a fact was missing */
    int64_t undo_seq;         /* undo-started */
    char old[YW_KIT_OLD_MAX]; /* what stood there before */
    int64_t effect_ms;        /* drill time of attack-ended ok */
    int64_t effect_seq;
};

enum yw_objective_state { YW_OBJECTIVE_OPEN, YW_OBJECTIVE_MET, YW_OBJECTIVE_LOST };

struct yw_objective_fold {
    char name[YW_NAME_MAX];
    struct yw_text says;
    int64_t points, fades_to, over_ms;
    bool since_attack;
    enum yw_objective_state state;
    int64_t met_ms, met_seq;
    int64_t since_ms;
    char why[YW_EVENT_NOTE_MAX];
};

/* What one team's story coroutine has done: replay answers from it. */
struct yw_story_fold {
    int64_t index; /* of the last story-step; 0 none */
    struct yw_ev_story_step step;
    int64_t step_ms, step_seq;
    int64_t said_for; /* the story-step that the last said or fault-ordered belongs to */
    bool waiting;     /* the step has no result yet */
    struct yw_vec results; /* bool holds, one per index, in order */
    /* struct yw_ev_story_step, one per index: replay must ask the same */
    struct yw_vec steps;
    bool finished, faulted;
};

struct yw_report_fold {
    int64_t seq, drill_ms;
};

#define YW_COURSE_CUTS_MAX 8

struct yw_moment { /* when, and the event that shows it; seq 0: not */
    int64_t seq, drill_ms, wall_us;
};

/* How the incident went, as machines and plants show it (model/fold/drill_duty.c). */
struct yw_course_fold {
    struct yw_moment struck;    /* the first attack's effect */
    struct yw_moment contained; /* every machine that attacked is cut off */
    struct yw_moment hurt;      /* a plant at level 2 or worse, now or before */
    struct yw_moment restored;  /* … and all of them below it again */
    struct yw_moment cuts[YW_COURSE_CUTS_MAX]; /* machines cut that attacked nothing */
    int64_t cut_count;                         /* … of them in all */
};

struct yw_team_fold {
    char name[YW_NAME_MAX];
    struct yw_vec machines;   /* yw_machine_fold */
    struct yw_vec plants;     /* yw_plant_fold */
    struct yw_vec attacks;    /* yw_attack_fold */
    struct yw_vec objectives; /* yw_objective_fold */
    struct yw_vec reports;    /* yw_report_fold */
    struct yw_vec asked;      /* yw_asked_fold: steps started, for their names */
    struct yw_vec answered;   /* yw_answer_fold */
    struct yw_story_fold story;
    int64_t resets;            /* of the team's own, counted against the quota */
    int64_t back_ms, back_seq; /* the last restored checkpoint: its drill time; 0 none */
    struct yw_course_fold course;
};

struct yw_asked_fold { /* a playbook step that began */
    int64_t run;
    char step[80];
    struct yw_text name;
};

struct yw_answer_fold {
    char name_en[YW_NAME_MAX]; /* the step's English name, as conditions name it */
    int64_t seq;
};

struct yw_action_fold { /* an action-ordered without its action-ended */
    int64_t action;
    int team;
    char machine[YW_NAME_MAX];
    int64_t request;
    char argv[YW_EVENT_ARGV_MAX];
    int64_t seq;
    bool control;  /* an exec-ordered */
    bool playbook; /* … by a run of a playbook */
};

struct yw_order_fold { /* an order about points, stops or files without its outcome */
    int64_t seq;
    enum yw_event_kind kind;
    int team;       /* -1 all */
    int64_t number; /* of the reset, checkpoint, evidence or file */
    char machine[YW_NAME_MAX];
    char point[YW_NAME_MAX];
    char label[YW_NAME_MAX];
    char actor[YW_EVENT_ACTOR_MAX];
    char path[YW_EVENT_VALUE_MAX];
    bool all, counted, put;
};

enum yw_checkpoint_state {
    YW_CHECKPOINT_ORDERED,
    YW_CHECKPOINT_KEPT,
    YW_CHECKPOINT_FAILED,
    YW_CHECKPOINT_DROPPED
};

struct yw_link_fold { /* what was wanted of a machine's link at a checkpoint */
    int team;
    char name[YW_NAME_MAX];
    bool up;
};

struct yw_mark_fold { /* a plant as it was at a checkpoint */
    int team;
    char name[YW_NAME_MAX];
    struct yw_ev_plant_sample sample;
    int64_t plant_ms; /* plant time: drill time less what was gone back */
};

struct yw_checkpoint_fold {
    int64_t checkpoint;
    int team; /* -1 the whole drill */
    char label[YW_NAME_MAX];
    char point[YW_NAME_MAX];
    enum yw_checkpoint_state state;
    int64_t seq, drill_ms, wall_us; /* of the order */
    enum yw_phase phase;            /* then */
    double speed;
    int64_t frozen_ms, bytes;
    struct yw_vec plants; /* yw_mark_fold */
    struct yw_vec links;  /* yw_link_fold */
};

struct yw_capture_fold { /* the last of a network */
    int64_t capture;
    int team;
    char network[YW_NAME_MAX];
    bool wanted;  /* ordered, and not refused */
    bool running; /* … and answered */
    int64_t size_mib, files;
    int64_t began_us;               /* wall time of its order */
    char detail[YW_EVENT_NOTE_MAX]; /* why it does not run; "" nothing is wrong */
    int64_t seq;                    /* of the last event about it */
};

struct yw_host_fold {
    char name[YW_NAME_MAX];
    enum yw_host_state state;
    bool given_up; /* lost, by control's word: what it has may be made again elsewhere */
    int64_t seq;
};

struct yw_span_fold { /* a network that spans hosts */
    int team;
    char network[YW_NAME_MAX];
    int64_t vni;
};

struct yw_sitting_fold { /* somebody at a console */
    int64_t console;
    int team; /* of the machine */
    char machine[YW_NAME_MAX];
    char form[8];
    char mode[8];
    char recording[YW_NAME_MAX];
    char actor[YW_EVENT_ACTOR_MAX];
    int64_t seq;
};

struct yw_drill_state {
    int64_t seq;      /* of the last event applied */
    int64_t drill_ms; /* of the last event applied */
    bool created;
    struct yw_ev_drill_created facts;
    struct yw_ev_drill_planned planned; /* seed 0 and empty where not visible */
    enum yw_phase phase;
    int64_t phase_seq;
    /* range-ordered up without its range-state: bring-up under way */
    bool range_up_wanted;
    bool range_pending;
    char
        way[8]; /* machines start so and no other way; "" or "any": the best that works */
    struct yw_drill_clock clock; /* base_mono_ms is 0: see yw_drill_state_clock */
    struct yw_vec clock_turns;   /* model/fold/drill_clock.c: oldest forgotten first */
    struct yw_vec teams;         /* yw_team_fold */
    struct yw_vec actions;       /* yw_action_fold: under way */
    int64_t last_action;
    int64_t last_run; /* highest playbook run number */

    bool disk_low;                      /* below its floor */
    char host_weak[YW_EVENT_VALUE_MAX]; /* names of what the host lacks, with blanks */
    char override[YW_EVENT_NOTE_MAX];   /* reason of the last one; "" none */

    /* model/fold/drill_point.c */
    bool stopped; /* by an emergency stop; until thawed or taken down */
    int64_t stop_seq;
    int64_t thaw_seq; /* of the thaw-ended that undid the last stop; 0 none */
    char stop_reason[YW_EVENT_NOTE_MAX];
    int64_t resets_quota;      /* a team; 0: teams reset nothing */
    struct yw_vec orders;      /* yw_order_fold: under way, oldest first */
    struct yw_vec checkpoints; /* yw_checkpoint_fold; the oldest not kept is forgotten */
    int64_t last_reset, last_checkpoint, last_evidence, last_file;
    struct yw_ev_drill_forked forked;     /* from "": it is no fork */
    struct yw_ev_range_admitted admitted; /* the last; seq 0: none yet */
    int64_t admitted_seq;
    struct yw_vec hosts; /* yw_host_fold: those that changed */
    struct yw_vec spans; /* yw_span_fold */

    /* model/fold/drill_capture.c */
    struct yw_vec captures; /* yw_capture_fold */
    int64_t last_capture;

    /* model/fold/drill_duty.c: what the law's clocks are derived from (response/record.h) */
    bool duty_planned;
    struct yw_ev_duty_planned duty_plan;
    int64_t
        duty_start_us; /* wall time of that event: 0 ms of clocks that count wall time */
    struct yw_ev_tier_planned tiers[YW_EVENT_TIERS];
    bool tier_planned[YW_EVENT_TIERS];
    struct yw_vec office_asked; /* yw_asked_fold: steps of the offices' own playbooks */
    struct yw_vec duties; /* struct yw_event *, owned, in order */
    int64_t last_check, last_warning;
    int64_t ended_ms, ended_us; /* drill and wall time of its end; 0 not yet */

    /* model/fold/drill_console.c */
    struct yw_vec sittings; /* yw_sitting_fold: now */
    int64_t last_console;
};

void yw_drill_state_init(struct yw_drill_state *state);
void yw_drill_state_fini(struct yw_drill_state *state); /* NULL-safe */
/* Applies one event. YW_ECORRUPT when it cannot follow what came before (a team that does
 * not exist, a phase that cannot follow): nothing is changed then. Gaps in seq are fine:
 * audiences. */
int yw_drill_apply(struct yw_drill_state *state, const struct yw_event *event,
                   struct yw_err *err);
/* The kind of the outcome of this kind of order; YW_EVENT_KINDS when it orders nothing that
 * stands in `orders` or `actions`. */
enum yw_event_kind yw_order_outcome(enum yw_event_kind order);
/* Is the event such an outcome, and how did it end? *ret_detail is borrowed. */
bool yw_order_ended(const struct yw_event *event, bool *ret_ok, const char **ret_detail);
/* What drill time it was then; before the first turn of its clock, that one's. After the last
 * event it goes on as it went. */
int64_t yw_drill_ms_at(const struct yw_drill_state *state, int64_t wall_us);
bool yw_phase_may_follow(enum yw_phase from, enum yw_phase to);

/* All of these: borrowed until the next apply, or NULL. */
struct yw_team_fold *yw_drill_team(const struct yw_drill_state *state, int team);
/* The steps that began of this team's playbooks, or of this office's: yw_asked_fold. */
const struct yw_vec *yw_drill_asked(const struct yw_drill_state *state, int team);
struct yw_machine_fold *yw_drill_machine(const struct yw_drill_state *state, int team,
                                         const char *name);
struct yw_host_fold *yw_drill_host(const struct yw_drill_state *state, const char *name);
struct yw_sitting_fold *yw_drill_sitting(const struct yw_drill_state *state,
                                         int64_t console);
struct yw_plant_fold *yw_drill_plant(const struct yw_drill_state *state, int team,
                                     const char *name);
struct yw_attack_fold *yw_drill_attack(const struct yw_drill_state *state, int team,
                                       const char *name);
struct yw_order_fold *yw_drill_order(const struct yw_drill_state *state, int64_t seq);
struct yw_checkpoint_fold *yw_drill_checkpoint(const struct yw_drill_state *state,
                                               int64_t checkpoint);
struct yw_capture_fold *yw_drill_capture(const struct yw_drill_state *state, int team,
                                         const char *network);
/* The kept checkpoint of this team, or of all, that has the point; the latest. */
struct yw_checkpoint_fold *yw_drill_point(const struct yw_drill_state *state, int team,
                                          const char *point);
struct yw_objective_fold *yw_drill_objective(const struct yw_drill_state *state, int team,
                                             const char *name);

#endif
