/* Events: the typed entries of the journal. Plain values without pointers: copy with `=`.
 * An event's payload is the union member named after its kind's payload
 * (model/event.def). */
#ifndef YW_MODEL_EVENT_H
#define YW_MODEL_EVENT_H

#include "base/hash.h"
#include "base/id.h"
#include "model/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum yw_event_kind {
#define YW_EVENT(NAME, wire, payload, audience, fold) YW_EVENT_##NAME,
#include "model/event.def"
#undef YW_EVENT
    YW_EVENT_KINDS
};

/* TIER: an office above the enterprises; its "team" is the tier's number, 1..4 */
enum yw_audience {
    YW_AUDIENCE_CONTROL,
    YW_AUDIENCE_TEAM,
    YW_AUDIENCE_PUBLIC,
    YW_AUDIENCE_TIER
};

/* An event's team: 0.. a team; -1 all, or none; and the office of tier 1..4, whose own affairs no
 * team sees */
#define YW_TEAM_OFFICE(tier) (-1 - (tier))
#define YW_TEAM_TIER(team) ((team) < -1 ? -1 - (team) : 0) /* 0: no office */

enum yw_phase {
    YW_PHASE_PLANNED,
    YW_PHASE_STAGING, /* bring-up under way */
    YW_PHASE_READY,
    YW_PHASE_RUNNING,
    YW_PHASE_PAUSED,
    YW_PHASE_ENDED,
    YW_PHASE_ARCHIVED, /* range taken down; nothing more happens */
    YW_PHASES
};

enum yw_machine_state {
    YW_MACHINE_PLANNED,
    YW_MACHINE_STARTING,
    YW_MACHINE_UP, /* runs, not yet set up */
    YW_MACHINE_SERVING,
    YW_MACHINE_LOST,
    YW_MACHINE_DOWN,
    YW_MACHINE_STATES
};

/* of a host: takes machines; does not answer; keeps what it has and takes nothing new */
enum yw_host_state { YW_HOST_UP, YW_HOST_LOST, YW_HOST_DRAINING, YW_HOST_STATES };

/* cyentific-rni/workflow-status */
enum yw_step_status {
    YW_STEP_NONE,
    YW_STEP_ONGOING,
    YW_STEP_AWAIT_USER_INPUT,
    YW_STEP_SUCCESSFULLY_EXECUTED,
    YW_STEP_FAILED,
    YW_STEP_TIMEOUT_ERROR,
    YW_STEP_SERVER_SIDE_ERROR, /* what carries it out failed, not the command */
    YW_STEP_CLIENT_SIDE_ERROR, /* the step itself cannot be carried out as it is written */
    YW_STEP_EXCEPTION_CONDITION_ERROR, /* a branch that it opened failed */
    /* ours */
    YW_STEP_SKIPPED,   /* by control: goes on as after success */
    YW_STEP_CANCELLED, /* the step around it, or the run, ended first */
    YW_STEP_STATUSES
};

#define YW_EVENT_CAUSES_MAX 4
#define YW_EVENT_KEY_MAX 96
#define YW_EVENT_ACTOR_MAX 96
#define YW_EVENT_NOTE_MAX 512
#define YW_EVENT_OUTPUT_MAX 1024
#define YW_EVENT_VARS_MAX 8
#define YW_EVENT_VALUE_MAX 256
#define YW_EVENT_TAGS_MAX 64   /* of a plant: a substation has 60 */
#define YW_EVENT_INPUTS_MAX 64 /* of a plant: a fleet of 16 cars has 50 */
#define YW_EVENT_STATE_MAX 96
#define YW_EVENT_FAULTS_MAX 56 /* numbers, not faults (plant/fault.c) */
#define YW_EVENT_ARGV_MAX 512

struct yw_ev_var {
    char name[YW_NAME_MAX]; /* without the underscores: "tampered" */
    char value[YW_EVENT_VALUE_MAX];
};

#include "model/event_duty.h"
#include "model/event_playbook.h"

struct yw_ev_drill_created {
    char scenario[YW_NAME_MAX];
    struct yw_text title;
    char sector[YW_NAME_MAX];
    bool tabletop;
    int64_t length_ms;
    int team_count;
};
struct yw_ev_drill_planned {
    int64_t seed;
    char plan_digest[YW_HASH_TEXT_SIZE];
    char package_digest[YW_HASH_TEXT_SIZE]; /* of the scenario folder's files */
    char connect[YW_EVENT_VALUE_MAX];       /* hypervisor URI, or "fake" */
};
struct yw_ev_team_added {
    char name[YW_NAME_MAX];
};
struct yw_ev_machine_planned {
    char machine[YW_NAME_MAX];
    char image[YW_NAME_MAX];
    char addresses[YW_EVENT_VALUE_MAX]; /* "10.20.2.11/24 10.20.4.11/24" */
    char plant[YW_NAME_MAX];            /* field wiring; "" none */
    bool hidden;
};
struct yw_ev_plant_planned {
    char plant[YW_NAME_MAX];
    char model[YW_NAME_MAX];
    double time_scale;
};
struct yw_ev_attack_planned {
    char attack[YW_NAME_MAX];
    char technique[16];
    char from[YW_NAME_MAX];
    char to[YW_NAME_MAX];
};
struct yw_ev_objective_set {
    char objective[YW_NAME_MAX];
    struct yw_text says;
    int64_t points;
    int64_t fades_to;
    int64_t over_ms;
    bool since_attack; /* the attack itself is not named: teams read this */
};
struct yw_ev_phase_changed {
    enum yw_phase phase;
    char reason[YW_EVENT_NOTE_MAX];
};
struct yw_ev_clock_changed {
    bool running;
    double speed;
    int64_t drill_ms; /* drill time from here on */
};
struct yw_ev_range_ordered {
    bool up;
};
struct yw_ev_way_chosen {
    char how[8]; /* "any", or only "cold", "saved" or "shared" */
};
struct yw_ev_range_state {
    bool up;
    bool ok;
    char detail[YW_EVENT_NOTE_MAX];
};
struct yw_ev_machine_state {
    char machine[YW_NAME_MAX];
    enum yw_machine_state state;
    bool hidden;
    char detail[YW_EVENT_VALUE_MAX];
};
struct yw_ev_isolation_proved { /* by what this machine could reach at bring-up */
    char machine[YW_NAME_MAX];
    int64_t probes;  /* addresses asked for */
    int64_t reached; /* answers that must not be */
    bool ok;
    char detail[YW_EVENT_NOTE_MAX];
};
struct yw_ev_machine_started {
    char machine[YW_NAME_MAX];
    char how[8];                  /* "cold", "saved", "shared" */
    char why[YW_EVENT_VALUE_MAX]; /* why not a better way; "" it is the best */
    bool confined; /* the proof was read and holds; the members below are of it */
    int64_t uid;   /* its own */
    int64_t seccomp;
    bool no_new_privs;
    char cap_eff[20]; /* hex */
    bool mount_ns;    /* of its own */
    char mac[YW_NAME_MAX];
};
struct yw_ev_confinement_proved {
    char machine[YW_NAME_MAX];
    char of[8]; /* "golden": what it is the first copy of; "found": itself, by a broker
                   that did not start it */
    bool confined;
    int64_t uid;
    int64_t seccomp;
    bool no_new_privs;
    char cap_eff[20]; /* hex */
    bool mount_ns;
    char mac[YW_NAME_MAX];
};
struct yw_ev_link_ordered {
    char machine[YW_NAME_MAX];
    bool up;
};
struct yw_ev_link_changed {
    char machine[YW_NAME_MAX];
    bool up;
};
struct yw_ev_guest_line {
    char machine[YW_NAME_MAX];
    char line[YW_EVENT_NOTE_MAX];
};
struct yw_ev_story_step { /* the index-th verb of this team's story begins */
    int64_t index;
    char verb[16];             /* say hint wait wait_for wait_until attack */
    char subject[YW_NAME_MAX]; /* attack, objective … */
    int64_t span_ms;           /* wait, or the limit of wait_for / wait_until */
};
struct yw_ev_story_result {
    int64_t index;
    bool holds; /* wait_for, wait_until: true, or false at the limit */
};
struct yw_ev_said {
    struct yw_text text;
    bool hint;
};
struct yw_ev_attack_started {
    char attack[YW_NAME_MAX];
    char technique[16];
    char machine[YW_NAME_MAX];
    int64_t request;              /* number on the guest channel of that machine */
    char argv[YW_EVENT_ARGV_MAX]; /* joined with blanks, for people */
};
struct yw_ev_attack_ended {
    char attack[YW_NAME_MAX];
    bool ok;
    char output[YW_EVENT_OUTPUT_MAX];
};
struct yw_ev_attack_skipped {
    char attack[YW_NAME_MAX];
    char fact[YW_NAME_MAX]; /* that it needs and nobody found out */
};
struct yw_ev_undo_started { /* the attacker takes back what it did; ends as an attack does */
    char attack[YW_NAME_MAX];
    char machine[YW_NAME_MAX];
    int64_t request;
    char argv[YW_EVENT_ARGV_MAX]; /* model/argv.h */
};
struct yw_ev_plant_sample { /* enough to go on from here */
    char plant[YW_NAME_MAX];
    int64_t steps; /* plant steps since its start */
    int64_t count; /* tags */
    double truth[YW_EVENT_TAGS_MAX];
    double field[YW_EVENT_TAGS_MAX];
    int64_t input_count;
    double inputs[YW_EVENT_INPUTS_MAX];
    int64_t state_count; /* of the integrator and the built-in control */
    double state[YW_EVENT_STATE_MAX];
    int64_t fault_count;
    double faults[YW_EVENT_FAULTS_MAX];
    int64_t hand;   /* bit i: input i was set by hand */
    double level_s; /* ∫ level·dt in plant seconds */
    double lost_s;  /* plant seconds of full production lost */
};
struct yw_ev_plant_view {
    char plant[YW_NAME_MAX];
    int64_t count;
    double view[YW_EVENT_TAGS_MAX];
};
struct yw_ev_plant_level {
    char plant[YW_NAME_MAX];
    int64_t level; /* 0..5 */
    int64_t previous;
    char tag[YW_NAME_MAX]; /* that crossed */
    double value;          /* truth */
};
struct yw_ev_fault_ordered { /* a fault that is nobody's attack */
    char plant[YW_NAME_MAX];
    char part[YW_NAME_MAX]; /* tag or input */
    bool on_input;
    char fault[YW_NAME_MAX]; /* kind: model/process.h */
    double size;
    int64_t at_ms; /* drill time of its start */
};
struct yw_ev_action_ordered { /* a team acts on one of its machines */
    int64_t action;           /* 1.. within the drill */
    char machine[YW_NAME_MAX];
    int64_t request;
    char argv[YW_EVENT_ARGV_MAX]; /* joined with blanks */
};
struct yw_ev_action_ended {
    int64_t action;
    char machine[YW_NAME_MAX];
    bool ok;
    char output[YW_EVENT_OUTPUT_MAX];
};
struct yw_ev_report_filed {
    char text[YW_EVENT_OUTPUT_MAX];
};
struct yw_ev_objective_ref {
    char objective[YW_NAME_MAX];
    int64_t since_ms; /* drill time at which fading began for this team */
    char why[YW_EVENT_NOTE_MAX];
};
struct yw_ev_ruling {
    int64_t points; /* may be negative */
    char reason[YW_EVENT_NOTE_MAX];
};
struct yw_ev_host_checked {        /* before a bring-up, when the host lacks something */
    bool hostile;                  /* the scenario is for people who may be hostile */
    char accelerator[8];           /* "kvm", "tcg" */
    char mac[16];                  /* "apparmor", "selinux", "none" */
    char controls[32];             /* ceilings that can be set: "cpu memory io pids" */
    char weak[YW_EVENT_VALUE_MAX]; /* names of weaknesses (model/host.h), with blanks */
};
struct
    yw_ev_overridden { /* somebody with the right to it goes on in spite of a refusal */
    char what[YW_NAME_MAX]; /* "hostile-on-weak-host", "admission" */
    char reason[YW_EVENT_NOTE_MAX];
};
struct yw_ev_disk_state { /* under the data directory; on each change */
    bool ok;              /* false: below the floor, nothing new is begun */
    int64_t free_mib;
    int64_t floor_mib;
};
struct yw_ev_console_planned { /* only for machines that have one of the two */
    char machine[YW_NAME_MAX];
    bool console; /* its team may open its consoles */
    bool display; /* it has a screen beside its serial line */
    bool hidden;
};
struct yw_ev_console_changed { /* somebody sat down at a console, changed what he may do
                                  there, or left */
    int64_t console;           /* 1.. within the drill: one a sitting */
    char machine[YW_NAME_MAX];
    char form[8];                 /* "serial", "vnc" */
    bool on;                      /* false: he left */
    char mode[8];                 /* "type", "view" */
    char recording[YW_NAME_MAX];  /* name of its file in the drill's folder; "" none */
    char hash[YW_HASH_TEXT_SIZE]; /* of that file, when it is complete; "" else */
    int64_t bytes;                /* of it */
    char detail[YW_EVENT_VALUE_MAX];
};
struct yw_ev_note {
    char text[YW_EVENT_NOTE_MAX];
};

/* points in time of machines, and stops; outcomes name their order in causes[0] */
struct yw_ev_quota_set {    /* how often each team may do it by itself */
    char what[YW_NAME_MAX]; /* "resets" */
    int64_t count;
};
struct yw_ev_reset_ordered {
    int64_t reset;             /* 1.. within the drill */
    char machine[YW_NAME_MAX]; /* "" the whole team */
    char point[YW_NAME_MAX];   /* "start", or that of a checkpoint */
    bool all;                  /* the whole team: machines that it does not know too */
    bool counted;              /* against the team's quota */
    bool hidden;               /* the machine is */
};
struct yw_ev_reset_ended {
    int64_t reset;
    char machine[YW_NAME_MAX];
    char point[YW_NAME_MAX];
    bool ok;
    bool hidden; /* the detail or the machine is not the team's */
    int64_t span_ms;
    char detail[YW_EVENT_NOTE_MAX];
};
struct yw_ev_checkpoint_ordered { /* its drill time is that of this event */
    int64_t checkpoint;           /* 1.. within the drill */
    char label[YW_NAME_MAX];
    char point[YW_NAME_MAX]; /* its name in the machines */
};
struct yw_ev_checkpoint_ended {
    int64_t checkpoint;
    char label[YW_NAME_MAX];
    bool ok;
    int64_t frozen_ms, bytes;
    char detail[YW_EVENT_NOTE_MAX];
};
struct yw_ev_checkpoint_ref { /* to be restored, to be dropped */
    int64_t checkpoint;
    char label[YW_NAME_MAX];
};
struct yw_ev_checkpoint_restored {
    int64_t checkpoint;
    char label[YW_NAME_MAX];
    bool ok;
    int64_t back_ms; /* drill time of the checkpoint */
    int64_t span_ms;
    char detail[YW_EVENT_NOTE_MAX];
};
struct yw_ev_checkpoint_dropped {
    int64_t checkpoint;
    char label[YW_NAME_MAX];
    bool ok;
    char detail[YW_EVENT_NOTE_MAX];
};
struct yw_ev_drill_forked { /* what stands before it is the other drill's journal */
    char from[YW_NAME_MAX];
    int64_t seq;
    char hash[YW_HASH_TEXT_SIZE]; /* of the other journal at seq */
    int64_t checkpoint;
    char label[YW_NAME_MAX];
    char point[YW_NAME_MAX];
    char macs_of[YW_NAME_MAX]; /* the drill whose plan gave the machines' addresses */
};
struct yw_ev_evidence_ordered {
    int64_t evidence; /* 1.. within the drill */
    char machine[YW_NAME_MAX];
    char reason[YW_EVENT_NOTE_MAX];
};
struct yw_ev_evidence_kept {
    int64_t evidence;
    char machine[YW_NAME_MAX];
    char collector[YW_EVENT_ACTOR_MAX];
    bool ok;
    char file[YW_EVENT_VALUE_MAX];  /* folder below the data directory */
    char hash[YW_EVENT_OUTPUT_MAX]; /* of each file in it, one JSON object */
    int64_t bytes;
    char detail[YW_EVENT_NOTE_MAX];
};
#define YW_CAPTURE_MIB_MAX 200
#define YW_CAPTURE_FILES_MAX 64
struct yw_ev_capture_ordered { /* of the packets of a network of the event's team */
    int64_t capture;           /* 1.. within the drill; also of the one to be stopped */
    char network[YW_NAME_MAX];
    bool on;
    int64_t size_mib; /* of a file of the ring */
    int64_t files;    /* of the ring */
    char reason[YW_EVENT_NOTE_MAX];
};
struct yw_ev_capture_changed {
    int64_t capture;
    char network[YW_NAME_MAX];
    bool ok;              /* it is done as ordered */
    bool on;              /* it runs now */
    int64_t files, bytes; /* of it; when it ended */
    char detail[YW_EVENT_NOTE_MAX];
};
struct yw_ev_stop_ordered { /* emergency stop: machines frozen, links cut */
    char reason[YW_EVENT_NOTE_MAX];
};
struct yw_ev_stop_ended { /* of a stop, or of the thaw after it */
    bool ok;
    int64_t span_ms;
    int64_t machines, forced;
    char detail[YW_EVENT_NOTE_MAX];
};
struct yw_ev_thaw_ordered {
    char reason[YW_EVENT_NOTE_MAX];
};
struct yw_ev_exec_ordered { /* control runs a program of a machine */
    int64_t action;         /* numbered with the teams' actions */
    char machine[YW_NAME_MAX];
    int64_t request;
    char argv[YW_EVENT_ARGV_MAX]; /* model/argv.h */
};
struct yw_ev_exec_ended {
    int64_t action;
    char machine[YW_NAME_MAX];
    bool ok;
    int64_t exit; /* status of the program */
    char output[YW_EVENT_OUTPUT_MAX];
};
struct yw_ev_file_ordered {
    int64_t file; /* 1.. within the drill */
    char machine[YW_NAME_MAX];
    bool put; /* into the machine; else out of it */
    char path[YW_EVENT_VALUE_MAX];
    int64_t bytes;                /* put: its size */
    char hash[YW_HASH_TEXT_SIZE]; /* put: of its bytes */
};
struct yw_ev_file_moved {
    int64_t file;
    char machine[YW_NAME_MAX];
    bool put;
    char path[YW_EVENT_VALUE_MAX];
    int64_t bytes;
    char hash[YW_HASH_TEXT_SIZE];
    bool ok;
    char detail[YW_EVENT_NOTE_MAX];
};
struct yw_ev_reconciled { /* found at start, and set right */
    char object[16];      /* machine network */
    char name[YW_NAME_MAX];
    char action[16]; /* adopted repaired removed lost */
    char detail[YW_EVENT_VALUE_MAX];
};
struct yw_ev_range_admitted { /* weighed before anything exists */
    bool ok;
    bool anyway; /* not ok, and control goes on */
    int64_t memory_mib;
    int64_t cpu_ms; /* processor time until all serve */
    int64_t disk_mib;
    char detail[YW_EVENT_NOTE_MAX];
};
struct yw_ev_machine_placed { /* an order: from now on it belongs there */
    char machine[YW_NAME_MAX];
    char host[YW_NAME_MAX];
    char from[YW_NAME_MAX]; /* where it is when it must move; "" it does not exist yet */
};
struct yw_ev_machine_moved {
    char machine[YW_NAME_MAX];
    char host[YW_NAME_MAX];
    char how[16]; /* live: it ran on; carried: it goes on as it was saved; anew: it was
                     made again as it was at the start */
    bool ok;
    char detail[YW_EVENT_VALUE_MAX];
};
struct yw_ev_network_spanned { /* a network with machines on several hosts */
    char network[YW_NAME_MAX];
    int64_t vni;
};
struct yw_ev_host_changed {
    char host[YW_NAME_MAX];
    char state[16]; /* enum yw_host_state by name */
    char detail[YW_EVENT_NOTE_MAX];
};

struct yw_event {
    int64_t seq;      /* 1.. within the drill; 0 until the journal took it */
    int64_t wall_us;  /* UTC */
    int64_t drill_ms; /* drill clock */
    enum yw_event_kind kind;
    int team;                       /* index, -1 the whole drill */
    char actor[YW_EVENT_ACTOR_MAX]; /* "core", "control:<name>", "team:<team>/<role>",
                                       "story" */
    char key[YW_EVENT_KEY_MAX];     /* idempotency key of the outside request; "" none */
    int64_t causes[YW_EVENT_CAUSES_MAX]; /* seqs; 0-terminated when fewer */
    union {
        struct yw_ev_drill_created drill_created;
        struct yw_ev_drill_planned drill_planned;
        struct yw_ev_team_added team_added;
        struct yw_ev_machine_planned machine_planned;
        struct yw_ev_plant_planned plant_planned;
        struct yw_ev_attack_planned attack_planned;
        struct yw_ev_objective_set objective_set;
        struct yw_ev_phase_changed phase_changed;
        struct yw_ev_clock_changed clock_changed;
        struct yw_ev_range_ordered range_ordered;
        struct yw_ev_way_chosen way_chosen;
        struct yw_ev_range_state range_state;
        struct yw_ev_machine_state machine_state;
        struct yw_ev_isolation_proved isolation_proved;
        struct yw_ev_confinement_proved confinement_proved;
        struct yw_ev_machine_started machine_started;
        struct yw_ev_link_ordered link_ordered;
        struct yw_ev_link_changed link_changed;
        struct yw_ev_guest_line guest_line;
        struct yw_ev_story_step story_step;
        struct yw_ev_story_result story_result;
        struct yw_ev_said said;
        struct yw_ev_attack_started attack_started;
        struct yw_ev_attack_ended attack_ended;
        struct yw_ev_attack_skipped attack_skipped;
        struct yw_ev_undo_started undo_started;
        struct yw_ev_plant_sample plant_sample;
        struct yw_ev_plant_view plant_view;
        struct yw_ev_plant_level plant_level;
        struct yw_ev_fault_ordered fault_ordered;
        struct yw_ev_playbook_started playbook_started;
        struct yw_ev_step_started step_started;
        struct yw_ev_step_branched step_branched;
        struct yw_ev_step_asked step_asked;
        struct yw_ev_step_ended step_ended;
        struct yw_ev_step_ref step_ref;
        struct yw_ev_step_escalated step_escalated;
        struct yw_ev_step_answered step_answered;
        struct yw_ev_step_confirmed step_confirmed;
        struct yw_ev_step_evidence step_evidence;
        struct yw_ev_command_ordered command_ordered;
        struct yw_ev_command_ended command_ended;
        struct yw_ev_playbook_controlled playbook_controlled;
        struct yw_ev_playbook_ended playbook_ended;
        struct yw_ev_action_ordered action_ordered;
        struct yw_ev_action_ended action_ended;
        struct yw_ev_report_filed report_filed;
        struct yw_ev_objective_ref objective_ref;
        struct yw_ev_ruling ruling;
        struct yw_ev_host_checked host_checked;
        struct yw_ev_overridden overridden;
        struct yw_ev_disk_state disk_state;
        struct yw_ev_console_planned console_planned;
        struct yw_ev_console_changed console_changed;
        struct yw_ev_note note;
        struct yw_ev_quota_set quota_set;
        struct yw_ev_reset_ordered reset_ordered;
        struct yw_ev_reset_ended reset_ended;
        struct yw_ev_checkpoint_ordered checkpoint_ordered;
        struct yw_ev_checkpoint_ended checkpoint_ended;
        struct yw_ev_checkpoint_ref checkpoint_ref;
        struct yw_ev_checkpoint_restored checkpoint_restored;
        struct yw_ev_checkpoint_dropped checkpoint_dropped;
        struct yw_ev_drill_forked drill_forked;
        struct yw_ev_evidence_ordered evidence_ordered;
        struct yw_ev_evidence_kept evidence_kept;
        struct yw_ev_capture_ordered capture_ordered;
        struct yw_ev_capture_changed capture_changed;
        struct yw_ev_stop_ordered stop_ordered;
        struct yw_ev_stop_ended stop_ended;
        struct yw_ev_thaw_ordered thaw_ordered;
        struct yw_ev_exec_ordered exec_ordered;
        struct yw_ev_exec_ended exec_ended;
        struct yw_ev_file_ordered file_ordered;
        struct yw_ev_file_moved file_moved;
        struct yw_ev_reconciled reconciled;
        struct yw_ev_range_admitted range_admitted;
        struct yw_ev_machine_placed machine_placed;
        struct yw_ev_machine_moved machine_moved;
        struct yw_ev_network_spanned network_spanned;
        struct yw_ev_host_changed host_changed;
        struct yw_ev_duty_planned duty_planned;
        struct yw_ev_tier_planned tier_planned;
        struct yw_ev_incident_marked incident_marked;
        struct yw_ev_metric_measured metric_measured;
        struct yw_ev_fact_known fact_known;
        struct yw_ev_grade_given grade_given;
        struct yw_ev_report_sent report_sent;
        struct yw_ev_report_received report_received;
        struct yw_ev_duty_done duty_done;
        struct yw_ev_period_changed period_changed;
        struct yw_ev_watch_asked watch_asked;
        struct yw_ev_watch_answered watch_answered;
        struct yw_ev_warning_issued warning_issued;
        struct yw_ev_warning_answered warning_answered;
        struct yw_ev_fault_disputed fault_disputed;
        struct yw_ev_fault_ruled fault_ruled;
        struct yw_ev_change_frozen change_frozen;
    };
};

const char *yw_event_name(enum yw_event_kind kind); /* wire name. Static */
int yw_event_kind_of(const char *name);             /* or -1 */
const char *yw_phase_name(enum yw_phase phase);     /* "running" */
const char *yw_machine_state_name(enum yw_machine_state state);
const char *yw_step_status_name(enum yw_step_status status); /* "successfully_executed" */
const char *yw_host_state_name(enum yw_host_state state);
int yw_host_state_of(const char *name); /* or -1 */
int yw_phase_of(const char *name);      /* or -1; the others likewise */
int yw_machine_state_of(const char *name);
int yw_step_status_of(const char *name);

/* What a role may see: a pure function of the event. `team` matters for TEAM and TIER. */
bool yw_event_visible(const struct yw_event *event, enum yw_audience audience, int team);

#endif
