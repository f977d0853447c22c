/* One drill at run time: its folds, its clock, and what is under way. Private to this room.
 *
 *   outside ─▶ command ─▶ emit ─▶ journal ─▶ durable ─▶ folds ─▶ react ─▶ effect ─▶ emit …
 *                                                          └──▶ judge (objectives, playbooks, waits)
 *
 * Everything that is decided is decided on folded, durable events; everything that is done is
 * ordered by a durable event first. So recovery is: fold the journal, then ask each part to go
 * on (the *_resume functions): the same code that runs after each event. Loop thread. */
#ifndef YW_DRILL_DRILL_H
#define YW_DRILL_DRILL_H

#include "drill/conductor.h"
#include "drill/exercise/story_port.h"
#include "drill/range/wiring.h"
#include "model/cond.h"
#include "model/isolation.h"
#include "plant/plant.h"
#include "response/run.h"

#define YW_DRILL_TICK_MS 100    /* mono: plants step, sensors go out */
#define YW_DRILL_SAMPLE_MS 1000 /* mono: a plant sample at least this often */
#define YW_DRILL_BOARD_MS 100   /* a patch an audience at most this often */
#define YW_DRILL_RUNS_MAX 256
#define YW_DRILL_PENDING_MAX 1024
#define YW_DRILL_OUTCOMES_MAX                                                            \
    256 /* of actions, for who asks again; the oldest is forgotten */
#define YW_DRILL_CALL_TRIES 4 /* repeats of a hypervisor call cut by a dying broker */

struct yw_board { /* one audience */
    struct yw_view view;
    struct yw_score score;
    int watchers;
    bool dirty;
    int64_t sent_ms; /* mono */
    int64_t text_seq;
    char *text; /* the last encoded state; NULL when nobody watches */
};

struct yw_drill_wire { /* a machine that is wired to a plant */
    const struct yw_plan_machine *machine;
    struct yw_wire_ends ends;
    bool leads;                        /* its views are what people are shown */
    double outputs[YW_VIRT_FIELD_MAX]; /* last received, not yet taken over */
    size_t output_count;               /* 0: it has said nothing */
};

struct yw_drill_plant { /* one plant of one team */
    int team;
    int plant; /* in the spec */
    struct yw_plant *model;
    struct yw_drill_wire wires[YW_SPEC_WIRES_MAX];
    size_t wire_count;
    double inputs[YW_PLANT_INPUTS_MAX]; /* last taken over */
    double views[YW_VIRT_FIELD_MAX];
    size_t view_count;
    bool held;                        /* its machines are being saved or taken back */
    int64_t back_ms;                  /* as in its fold */
    int level;                        /* last emitted */
    bool over[YW_EVENT_TAGS_MAX * 4]; /* side of each watched limit at the last sample */
    int64_t sampled_ms;               /* mono */
};

struct yw_drill_limit { /* a tag limit that some condition looks at */
    char plant[YW_NAME_MAX];
    int tag;
    double number;
};

struct yw_drill_story { /* one team's story coroutine */
    bool started, finished, faulted;
    bool asked;                 /* the host owes a reply */
    struct yw_script_verb verb; /* the verb it waits in */
    int64_t index;              /* of that verb; 0 none */
    struct yw_cond_watch watch;
    bool step_emitted, result_emitted;
};

struct yw_drill_party { /* what control or a team has spent of its console rates */
    int64_t opens_ms, takes_ms;
};

struct yw_drill_team {
    struct yw_drill_party party;
    struct yw_cond_watch objective_watch[YW_SPEC_OBJECTIVES_MAX];
    bool objective_emitted[YW_SPEC_OBJECTIVES_MAX];
    struct yw_cond_watch playbook_watch[YW_SPEC_PLAYBOOKS_MAX];
    bool playbook_emitted[YW_SPEC_PLAYBOOKS_MAX];
    int64_t requests[YW_SPEC_MACHINES_MAX]; /* highest channel number given out */
    struct yw_drill_story story;
};

enum yw_range_step {
    YW_RANGE_IDLE,
    YW_RANGE_NETWORKS,
    YW_RANGE_MACHINES,
    YW_RANGE_PROVING,
    YW_RANGE_SWEEPING
};

struct yw_drill_range { /* see range.c for the table */
    enum yw_range_step step;
    bool going_up;
    size_t open; /* calls not yet answered */
    size_t serving;
    bool failed;
    struct yw_err why;
    int sweep_tries;
    struct yw_due_entry again;
    bool unguarded;                  /* said already that a network has no rules */
    struct yw_isolation_world world; /* PROVING: what must not be reached */
    size_t hosts_asked;              /* PROVING: that have not told yet */
};

struct
    yw_drill_pending { /* a command that waits for an event, a phase or an order's end */
    struct yw_command *command;
    int64_t seq;   /* done when this is durable; 0 none */
    int64_t order; /* done when what this event orders has ended; 0 none */
    bool until_ready, until_archived, until_up;
    bool filled; /* what it is to return is in the command already */
};

struct yw_drill_stop { /* an emergency stop, or what undoes it, under way */
    int64_t cause;     /* seq of the order */
    int open;          /* calls */
    int64_t machines, forced;
    char detail[YW_EVENT_NOTE_MAX];
};

struct yw_duties;

struct yw_drill_outcome { /* of an order that ended */
    int64_t seq;          /* of its order */
    bool ok;
    int exit;
    char output[YW_EVENT_OUTPUT_MAX];
};

struct yw_drill {
    struct yw_conductor *conductor;
    const struct yw_stage *stage;
    char id[YW_NAME_MAX];
    struct yw_journal *journal;
    struct yw_package *package;
    struct yw_spec *spec;
    struct yw_plan *plan;
    struct yw_playbook *playbooks[YW_SPEC_PLAYBOOKS_MAX];
    struct yw_vec called; /* struct yw_playbook *: that these call, and so on */

    struct yw_board *boards; /* 0 control, 1 public, 2 + team */
    size_t board_count;
    struct yw_drill_clock clock;
    struct yw_due_entry wake;
    struct yw_due_entry board_due;
    bool replaying; /* folding the journal at start: no reactions */
    bool broken;    /* the journal takes no more */
    bool closing;
    bool disk_known, disk_told; /* disk.c: what control was told last */
    enum yw_journal_room room;  /* disk.c */
    int64_t full_ms;            /* mono: since when it is not ROOM */
    char full_why[YW_EVENT_NOTE_MAX];

    struct yw_drill_team *teams;
    struct yw_drill_plant *plants;
    size_t plant_count;
    struct yw_drill_limit limits[YW_EVENT_TAGS_MAX * 4];
    size_t limit_count;
    struct yw_duties *duties; /* duty.c's; NULL: the scenario names no rules */
    struct yw_vec runs; /* struct yw_drill_run *: exercise/respond.h */
    struct yw_vec pending;  /* struct yw_drill_pending */
    struct yw_vec outcomes; /* struct yw_drill_outcome */
    struct yw_vec adopted;  /* char[YW_PLAN_DOMAIN_MAX]: told by reconcile.c */
    int sweeps;             /* reconcile.c's under way: nothing is made meanwhile */
    struct yw_drill_range range;
    struct yw_story_port *port;
    bool script_loaded;
    int script_restarts;
    struct yw_due_entry script_again;
    int64_t story_seq;    /* of the last event that a story gave, durable or not */
    int64_t next_tick_ms; /* mono */
    int64_t next_action, next_run;
    int64_t next_reset, next_checkpoint, next_evidence, next_file, next_capture;
    struct yw_ev_drill_forked forked; /* from "": it is no fork */
    struct yw_plan *origin; /* of a fork: the other drill's; its machines' names */
    struct yw_vec begun;    /* int64_t: orders whose effect was begun */
    struct yw_vec fetches;  /* struct yw_fetch *: capture_fetch.c's */
    struct yw_drill_stop stop;
    int64_t declared_seq;
    int64_t judge_due_ms; /* drill time of the next condition that time alone may turn */
    int64_t story_due_ms;
    struct yw_admission *admission; /* an UP that is being weighed: admit.c's; or NULL */
    struct yw_console *consoles;    /* console.c's list */
    struct yw_drill_party control;
    int64_t next_console;
    struct yw_range_call *calls; /* hypervisor calls under way: range.c's list */
};

/* drill.c: events in, folds, reactions */
const struct yw_drill_state *yw_drill_state(const struct yw_drill *drill);
int64_t yw_drill_now(const struct yw_drill *drill); /* drill_ms */
void yw_drill_event(struct yw_event *event, enum yw_event_kind kind, int team,
                    const char *actor);
/* Appends. Fills times. 0, YW_EEXIST (key seen before; *ret_seq is that event), or YW_EIO. */
int yw_drill_emit(struct yw_drill *drill, struct yw_event *event, int64_t *ret_seq,
                  struct yw_err *err);
void yw_drill_fault(struct yw_drill *drill, const char *fmt, ...)
    __attribute__((format(printf, 2, 3))); /* a platform-fault event */
void yw_drill_arm(struct yw_drill *drill); /* sets the wake-up for whatever is due next */
void yw_drill_phase(struct yw_drill *drill, enum yw_phase phase, const char *actor,
                    const char *reason);
int yw_drill_fold(struct yw_drill *drill, const struct yw_event *event,
                  struct yw_err *err);
struct yw_drill *yw_drill_new(struct yw_conductor *conductor,
                              const struct yw_stage *stage, const char *id);
/* Spec and plan are known: makes boards, plants, teams, playbooks. */
int yw_drill_build(struct yw_drill *drill, const char *const *teams, size_t team_count,
                   uint64_t seed, struct yw_err *err);
void yw_drill_free(struct yw_drill *drill); /* NULL-safe */
void yw_drill_adopt_journal(struct yw_drill *drill, struct yw_journal *journal);
void yw_drill_resume(struct yw_drill *drill); /* after the journal was folded */
void yw_drill_end(struct yw_drill *drill, const char *actor, const char *reason);
/* A clock-changed event at the drill time of now; its number. */
int64_t yw_drill_emit_clock(struct yw_drill *drill, bool running, double speed);

/* declare.c: the first events */
void yw_drill_declare(struct yw_drill *drill, const struct yw_command *command);
int64_t yw_drill_declared_seq(const struct yw_drill *drill); /* of the last of them */

/* range.c: bring-up, take-down, links, programs in guests */
void yw_range_go(struct yw_drill *drill, bool up);
/* For isolation.c: one of the phase's calls has ended, badly with an `err`. */
void yw_range_counted(struct yw_drill *drill, const struct yw_err *err);
/* isolation.c: the last phase of a bring-up. Every call of it is in range.open. */
void yw_isolation_start(struct yw_drill *drill);
struct yw_range_call;
bool yw_isolation_owns(const struct yw_range_call *call);
void yw_range_link(struct yw_drill *drill, int team, const char *machine, bool up);
/* Runs argv on a machine; the outcome becomes attack-ended or action-ended. */
void yw_range_attack(struct yw_drill *drill, int team,
                     const struct yw_attack_fold *attack);
/* The vector that takes an attack back; 0: nothing can. */
size_t yw_range_undo_argv(const struct yw_drill *drill,
                          const struct yw_attack_fold *attack,
                          char ret[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX]);
void yw_range_action(struct yw_drill *drill, const struct yw_action_fold *action);
void yw_range_resume(struct yw_drill *drill);
void yw_program_resume(struct yw_drill *drill); /* programs, after orders */
void yw_range_notice(struct yw_drill *drill, const struct yw_virt_notice *notice);
/* Ends the programs that run on a machine: "the machine was reset". */
void yw_range_abandon(struct yw_drill *drill, int team, const char *machine);
/* Breaks a bring-up off and rolls it back. */
void yw_range_cancel(struct yw_drill *drill, const char *why);
void yw_range_relink(struct yw_drill *drill); /* cuts what is wanted cut */
void yw_range_find(struct yw_drill *drill);   /* a new broker: connect to what serves */
void yw_range_find_on(struct yw_drill *drill, const char *host); /* "" everywhere */
/* machine-state */
void yw_range_tell(struct yw_drill *drill, int team, const char *machine,
                   enum yw_machine_state state, const char *detail);
/* Bandwidth and delay of its links, where they are declared. */
void yw_range_shape(struct yw_drill *drill, const struct yw_plan_machine *planned);
/* Program and settings of a SETUP. */
struct yw_range_call;
void yw_range_fill_setup(struct yw_drill *drill, struct yw_range_call *call,
                         const struct yw_plan_machine *planned);
void yw_range_close(struct yw_drill *drill);
int64_t yw_range_request(struct yw_drill *drill, int team, const char *machine);

/* capture.c: orders again what runs, for whoever ran it is gone; `open`: also what was
 * ordered and whose call has ended. */
void yw_capture_again(struct yw_drill *drill, bool open, const char *why);
void yw_capture_fetch_close(struct yw_drill *drill); /* what brings files here: capture_fetch.c */
/* That of the bridge ended by itself: said, and begun again unless it ended at once. */
void yw_capture_lost(struct yw_drill *drill, const char *bridge, const char *why);

/* sense.c: plants */
/* Notes the machines that are wired to the plant; does one of them lead? */
bool yw_sense_wire(const struct yw_drill *drill, struct yw_drill_plant *plant);
void yw_sense_start(struct yw_drill *drill);
void yw_sense_tick(struct yw_drill *drill);
void yw_sense_notice(struct yw_drill *drill, const struct yw_virt_notice *notice);
void yw_sense_resume(struct yw_drill *drill);
void yw_sense_mark(struct yw_drill *drill, int team); /* a sample now; team -1 all */
/* A fault order, just emitted: takes effect, and a sample follows it in the journal.
 * YW_EINVAL: the plant's model has no such part; check before with yw_sense_fault_check. */
void yw_sense_fault(struct yw_drill *drill, int team,
                    const struct yw_ev_fault_ordered *order);
int yw_sense_fault_check(const struct yw_drill *drill,
                         const struct yw_ev_fault_ordered *order, struct yw_err *err);
/* At the table: the level that the plan gives the plant; none when it has it already. */
void yw_sense_tell(struct yw_drill *drill, int team, int plant, int level, int64_t cause);
void yw_sense_back(struct yw_drill *drill, int team); /* to what the folds say */

/* story.c */
void yw_story_start(struct yw_drill *drill);
void yw_story_react(struct yw_drill *drill, const struct yw_event *event);
void yw_story_judge(struct yw_drill *drill, int64_t drill_ms);
int64_t yw_story_due(const struct yw_drill *drill); /* drill_ms */
void yw_story_close(struct yw_drill *drill);

/* judge.c: objectives and the starting of playbooks */
void yw_judge(struct yw_drill *drill, int64_t drill_ms, bool emit);
int64_t yw_judge_due(const struct yw_drill *drill);

/* exercise/respond.c: playbook runs */
void yw_respond_fold(struct yw_drill *drill, const struct yw_event *event);
void yw_respond_poke(struct yw_drill *drill);
int64_t yw_respond_due(const struct yw_drill *drill);
void yw_respond_free(struct yw_drill *drill);
/* Has the scenario's playbook been started for this team? */
bool yw_respond_started(const struct yw_drill *drill, int team, const char *name);
/* The link of a machine could not be set: a playbook's command waiting for it has failed. */
void yw_respond_link_failed(struct yw_drill *drill, int team, const char *machine,
                            const char *why);
/* The playbook-started of a scenario's playbook. YW_ESTATE: it is revoked, or not valid at
 * this time, and `override` ("" none) does not say why it starts all the same. */
int yw_respond_start(struct yw_drill *drill, int team, size_t index, const char *actor,
                     const char *override, struct yw_event *event, struct yw_err *err);
/* The same of an office's own playbook, for what this team reported. Key and causes stay. */
int yw_respond_office(struct yw_drill *drill, size_t index, int team,
                      struct yw_event *event, struct yw_err *err);
/* Commands; command->ret_seq is that of the event. */
int yw_respond_answer(struct yw_drill *drill, struct yw_command *command,
                      struct yw_err *err);
int yw_respond_confirm(struct yw_drill *drill, struct yw_command *command,
                       struct yw_err *err);
int yw_respond_control(struct yw_drill *drill, struct yw_command *command,
                       struct yw_err *err);
int yw_respond_order(struct yw_drill *drill, struct yw_command *command,
                     struct yw_err *err);
/* Its `done` is taken care of. */
int yw_respond_evidence(struct yw_drill *drill, struct yw_command *command,
                        struct yw_err *err);

/* exercise/duty_judge.c: what was known of the event's team is found anew, where it bears on
 * it. */
void yw_duty_fold(struct yw_drill *drill, const struct yw_event *event);
struct yw_duty_ask {
    struct yw_drill *drill;
    int team;
};
/* What conditions speak of, and who knows the law. `ask` is filled too, and must live as long as
 * the scene. */
void yw_duty_scene(struct yw_drill *drill, int team, int64_t drill_ms,
                   struct yw_duty_ask *ask, struct yw_cond_scene *ret);
/* exercise/duty_measure.c: figures of the incident that a plant's truth gives, told when they
 * reach a figure of the law. */
void yw_duty_measure(struct yw_drill *drill, const struct yw_drill_plant *plant);
/* All that have grown, of one team (-1: all): before a report is compared with them, and before
 * the end. */
void yw_duty_measure_all(struct yw_drill *drill, int team);
/* exercise/duty.c: incidents before the law, reports, tiers, watches, warnings, faults */
/* Resolves what the scenario says of law. YW_EINVAL: "scenario.lua: rules: no pack …". */
int yw_duty_build(struct yw_drill *drill, struct yw_err *err);
void yw_duty_declare(struct yw_drill *drill);
int yw_duty_command(struct yw_drill *drill, struct yw_command *command, struct yw_err *err);
/* A story enters something, once for this step. */
int yw_duty_tell(struct yw_drill *drill, int team, const struct yw_script_verb *verb,
                 int64_t step_seq, struct yw_err *err);
/* exercise/duty_desk.c: what offices do by themselves, and what periods bring */
void yw_desk_react(struct yw_drill *drill, const struct yw_event *event);
void yw_desk_poke(struct yw_drill *drill);
int64_t yw_desk_due(const struct yw_drill *drill); /* drill_ms */
void yw_duty_close(struct yw_drill *drill);
/* exercise/duty_freeze.c: a change of a machine ("" all) by its team: YW_EDENIED for an important one in a freeze, unless a
 * reason is given; then it is told. */
int yw_duty_change(struct yw_drill *drill, const struct yw_command *command,
                   const char *machine, const char *reason, struct yw_err *err);
/* It is important, and changes are frozen now. */
bool yw_duty_is_frozen(const struct yw_drill *drill, const char *machine);
/* A line of a machine's telemetry may tell of a change that its team made by its networks. */
void yw_duty_line(struct yw_drill *drill, const struct yw_event *line);

/* board.c */
void yw_board_open(struct yw_drill *drill, size_t team_count);
void yw_board_close(struct yw_drill *drill);
int yw_board_fold(struct yw_drill *drill, const struct yw_event *event,
                  struct yw_err *err);
void yw_board_arm(struct yw_drill *drill);
struct yw_board *yw_board_of(const struct yw_drill *drill, enum yw_audience audience,
                             int team);
struct yw_frame *yw_board_snapshot(struct yw_drill *drill,
                                   struct yw_board *board); /* *new* */
void yw_board_flush(struct yw_drill *drill, struct yw_board *board);
void yw_conductor_patched(struct yw_conductor *conductor, const struct yw_drill *drill,
                          const struct yw_board *board, struct yw_frame *patch);

/* conductor.c: counts up whenever the broker goes away */
void yw_conductor_done_later(struct yw_conductor *conductor, struct yw_command *command);
struct yw_drill *yw_conductor_drill(const struct yw_conductor *conductor, size_t index);
uint64_t yw_conductor_broker_generation(const struct yw_conductor *conductor);
uint16_t yw_conductor_port(const struct yw_conductor *conductor); /* the daemon's; 0 none */

/* caution.c: what hosts lack goes into the journal; YW_EDENIED for hostile people on a weak
 * one, unless `override` ("" none) says why. */
int yw_caution_check(struct yw_drill *drill, const struct yw_host_traits *traits,
                     const char *actor, const char *override, struct yw_err *err);
void yw_caution_join(struct yw_host_traits *traits, const struct yw_host_traits *other,
                     bool first);

const struct yw_stage *yw_conductor_stage(const struct yw_conductor *conductor);

/* fork.c: a second drill from a checkpoint of this one */
int yw_fork_start(struct yw_drill *drill, struct yw_command *command, struct yw_err *err);

/* command.c */
int yw_drill_command(struct yw_drill *drill, struct yw_command *command,
                     struct yw_err *err);
/* Admitted: staging and the order, with the key of the command that asked. */
void yw_drill_order_up(struct yw_drill *drill, const char *actor, const char *key,
                       const char *reason);
/* *next counts up from the highest number that the journal knows. */
int64_t yw_drill_number(int64_t *next, int64_t known);
void yw_pending_add(struct yw_drill *drill, const struct yw_drill_pending *pending);
/* The event of a command was appended with this number, or (YW_EEXIST) its key was seen
 * before: done when it is durable, never from inside. Other codes are returned. */
int yw_pending_emitted(struct yw_drill *drill, struct yw_command *command, int code,
                       int64_t seq);
/* Waits for the outcome of the order with this number. */
int yw_pending_order(struct yw_drill *drill, struct yw_command *command, int64_t order);
void yw_pending_fold(struct yw_drill *drill, const struct yw_event *event);
void yw_pending_react(struct yw_drill *drill, const struct yw_event *event);
/* What control's program said, as long as it is; the event keeps less of it. */
void yw_pending_output(struct yw_drill *drill, int64_t order, int status,
                       const char *output);
void yw_pending_fail(struct yw_drill *drill, int code, const char *text);
/* The bring-up with this key, if somebody still waits for it. */
void yw_pending_refuse_up(struct yw_drill *drill, const char *key,
                          const struct yw_err *err);

#endif
