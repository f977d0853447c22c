/* The conductor: runs the drills of one daemon. Everything outside comes in as a command; every
 * command becomes events; state is what the durable events say; effects follow durable orders.
 * Loop thread only. Shared by the daemon (real clock, broker, SQLite) and the simulation (virtual
 * clock, fake, memory): the difference is what stands in `struct yw_stage`. */
#ifndef YW_DRILL_CONDUCTOR_H
#define YW_DRILL_CONDUCTOR_H

#include "base/clock.h"
#include "base/due.h"
#include "base/err.h"
#include "codec/request/request.h"
#include "codec/request/request_duty.h"
#include "codec/request/request_point.h"
#include "codec/request/request_task.h"
#include "model/technique.h"
#include "model/event.h"
#include "model/view.h"
#include "score/score.h"
#include "store/journal.h"
#include "virt/virt.h"

struct yw_conductor;
struct yw_run; /* response/run.h */
struct yw_story_port; /* drill/exercise/story_port.h */

/* What a drill stands on; everything borrowed for the life of the conductor. */
struct yw_stage {
    const struct yw_clock *clock;
    struct yw_due *due;
    struct yw_loop *loop;    /* NULL in a simulation */
    struct yw_virt *virt;    /* NULL: tabletop only */
    char data_dir[256];      /* "" in a simulation */
    char program[256];       /* the yanwu binary, for script hosts */
    char library_dir[256];   /* playbooks/ of the installation */
    char connect[256];       /* for the journal: hypervisor URI, or "fake" */
    int64_t disk_floor_mib;  /* drill/range/disk.h; 0: not watched */
    int64_t console_idle_ms; /* drill/seat/seat.h; 0: YW_SEAT_IDLE_MS */
    /* Opens the journal in the folder <data_dir>/drills/<drill>, or a new one. It and the
     * next are called on any thread; the journal is not attached to a loop yet. */
    int (*open_journal)(void *arg, const char *drill, struct yw_journal **ret,
                        struct yw_err *err);
    /* The first `seq` events of a drill's journal as that of a drill that is not yet there,
     * below <data_dir>/drills/.fork-<drill>/ where there is a disk. */
    int (*fork_journal)(void *arg, struct yw_journal *from, const char *drill,
                        int64_t seq, struct yw_journal **ret, struct yw_err *err);
    void *journal_arg;
};

int yw_conductor_open(struct yw_conductor **ret, const struct yw_stage *stage,
                      struct yw_err *err);
/* Drills on disk: opened by workers; what is not archived is reconciled with the
 * hypervisor and resumed. `done` comes once, never from inside, unless the conductor is
 * closed before. */
int yw_conductor_recover(struct yw_conductor *conductor,
                         void (*done)(void *owner, int code, const struct yw_err *err),
                         void *owner, struct yw_err *err);
/* One drill from its journal and package (both stolen); for simulations that restart. */
int yw_conductor_adopt(struct yw_conductor *conductor, const char *id,
                       struct yw_package *package, struct yw_journal *journal,
                       struct yw_err *err);
/* The port that the daemon itself serves on: what no machine may reach. */
void yw_conductor_set_port(struct yw_conductor *conductor, int port);
void yw_conductor_close(
    struct yw_conductor *conductor); /* drills stay as they are. NULL-safe */

enum yw_command_kind {
    YW_COMMAND_CREATE, /* package, teams, seed, speed → ret_drill; phase planned */
    YW_COMMAND_UP,     /* → staging → ready; done when ready, or rolled back */
    YW_COMMAND_START,
    YW_COMMAND_PAUSE,
    YW_COMMAND_RESUME,
    YW_COMMAND_SPEED,
    YW_COMMAND_END,    /* ends (aborts when running) */
    YW_COMMAND_DOWN,   /* ends when needed, takes the range down, archives */
    YW_COMMAND_ANSWER, /* answer of a team's role to a manual step */
    YW_COMMAND_ACT,    /* a team operates one of its machines */
    YW_COMMAND_REPORT, /* a team files a report */
    YW_COMMAND_RULE,   /* control's ruling */
    YW_COMMAND_DUTY,   /* duty: by a team, a tier or control */
    YW_COMMAND_CONFIRM,  /* task: somebody confirms an answer */
    YW_COMMAND_SUBMIT,   /* task: evidence for a question */
    YW_COMMAND_CONTROL,  /* task: control steps into a playbook run */
    YW_COMMAND_PLAYBOOK, /* task: control starts a playbook of the scenario */

    /* done when their outcome is durable */
    YW_COMMAND_RESET,      /* point: team, machine, to; by a team: within its quota */
    YW_COMMAND_CHECKPOINT, /* point: team ("" all), label → ret_number */
    YW_COMMAND_RESTORE,    /* number */
    YW_COMMAND_DROP,       /* number */
    YW_COMMAND_EVIDENCE,   /* point: team, machine, reason */
    YW_COMMAND_STOP,       /* emergency stop; text: reason */
    YW_COMMAND_EXEC,    /* point: team, machine; action: argv → ret_exit, ret_output */
    YW_COMMAND_FILE,    /* file; get: → ret_bytes */
    YW_COMMAND_FORK,    /* number → ret_drill, paused */
    YW_COMMAND_CAPTURE, /* capture → ret_number */
};

struct yw_command {
    enum yw_command_kind kind;
    char drill[YW_NAME_MAX]; /* all but CREATE */
    char actor[YW_EVENT_ACTOR_MAX];
    char key
        [YW_EVENT_KEY_MAX]; /* idempotency key; a repeated one gets the first one's result */
    /* ANSWER CONFIRM SUBMIT ACT REPORT DUTY: of the actor (-1 control); RULE: subject */
    int team;
    int tier;               /* DUTY: of the actor, 1..4; 0: none */
    struct yw_request_duty *duty; /* DUTY: borrowed until done */
    struct yw_request_create *create; /* CREATE: borrowed until done; package is stolen */
    struct yw_request_answer answer;
    int64_t run; /* ANSWER CONFIRM SUBMIT CONTROL */
    struct yw_request_task *task; /* CONFIRM SUBMIT CONTROL PLAYBOOK: borrowed until done */
    struct yw_request_action action;
    struct yw_request_ruling ruling;
    struct yw_request_point point;
    struct yw_request_capture capture;
    struct yw_request_file *file;   /* FILE: borrowed until done */
    int64_t number;                 /* of a checkpoint */
    char text[YW_EVENT_OUTPUT_MAX]; /* REPORT: text; control verbs: reason */
    double speed;
    char how[8]; /* UP: machines start this way and no other; "" any */
    char
        override[YW_EVENT_NOTE_MAX]; /* UP: go on against a refusal, and why; "" do not */

    void (*done)(struct yw_command *command, int code, const struct yw_err *err);
    void *owner;
    char ret_drill[YW_NAME_MAX];
    int ret_exit;                        /* ACT EXEC */
    char ret_output[YW_VIRT_OUTPUT_MAX]; /* ACT EXEC */
    int64_t ret_number;                  /* CHECKPOINT */
    struct yw_buf ret_bytes; /* FILE, get: initialised and finished by the caller */
    int64_t ret_seq;         /* of the event it became */
};
/* 0: done comes exactly once, never from inside; else refused, no callback. The command is the
 * caller's and stays put until then. */
int yw_conductor_command(struct yw_conductor *conductor, struct yw_command *command,
                         struct yw_err *err);

/* Hosts: as they are now, and control's orders. An order is told by host-changed in each
 * drill that has machines there. */
enum yw_host_order {
    YW_HOST_DRAIN, /* takes nothing new, and its machines move elsewhere */
    YW_HOST_UNDRAIN,
    YW_HOST_FORGET, /* a lost host: its machines are made anew elsewhere */
};
size_t yw_conductor_hosts(const struct yw_conductor *conductor, struct yw_virt_host *ret,
                          size_t max);
size_t yw_conductor_host_machines(const struct yw_conductor *conductor, const char *host);
/* … and the memory that these were promised. */
int64_t yw_conductor_host_memory_mib(const struct yw_conductor *conductor,
                                     const char *host);
/* YW_ENOTFOUND, or YW_ESTATE: one host alone, or not lost. */
int yw_conductor_host_order(struct yw_conductor *conductor, const char *host,
                            enum yw_host_order order, const char *actor,
                            struct yw_err *err);

/* The rule packs and the calendar of the installation; NULL: there are none. */
struct yw_law;
const struct yw_law *yw_conductor_law(const struct yw_conductor *conductor);
/* Is the tier (1..4) of this drill's scenario played by people? */
bool yw_conductor_tier(const struct yw_conductor *conductor, const char *drill, int tier);

/* Reading. Borrowed until the next turn. */
size_t yw_conductor_count(const struct yw_conductor *conductor);
const char *yw_conductor_drill_at(const struct yw_conductor *conductor, size_t index);
/* NULL when there is no such drill. The view of control and its score. */
const struct yw_view *yw_conductor_view(const struct yw_conductor *conductor,
                                        const char *drill, enum yw_audience audience,
                                        int team);
const struct yw_score *yw_conductor_score(const struct yw_conductor *conductor,
                                          const char *drill, enum yw_audience audience,
                                          int team);
/* A playbook run, NULL: there is none of that number. Borrowed. */
const struct yw_run *yw_conductor_run(const struct yw_conductor *conductor,
                                      const char *drill, int64_t run);
struct yw_journal *yw_conductor_journal(const struct yw_conductor *conductor,
                                        const char *drill);
int64_t yw_conductor_drill_ms(const struct yw_conductor *conductor, const char *drill);
int yw_conductor_team(const struct yw_conductor *conductor, const char *drill,
                      const char *team); /* index or -1 */
/* Kills the story's host, for tests. False: there is none now. */
bool yw_conductor_kill_script(struct yw_conductor *conductor, const char *drill);
/* Appends the plan as JSON (yw_plan_encode). YW_ENOTFOUND without such a drill. */
int yw_conductor_plan(const struct yw_conductor *conductor, const char *drill,
                      struct yw_buf *out, struct yw_err *err);

/* Appends what can be ordered at a team's stations (yw_operations_encode), the same for every team.
 * YW_ENOTFOUND without such a drill. */
int yw_conductor_operations(const struct yw_conductor *conductor, const char *drill,
                            struct yw_buf *out, struct yw_err *err);
/* A network of the plan by its index; NULL past the last, or no such drill. */
const char *yw_conductor_network(const struct yw_conductor *conductor, const char *drill,
                                 size_t index, int *ret_team);

/* The board: encoded once per audience and shared. `text` is a whole JSON document. A frame is
 * reference counted: keep with yw_frame_ref, drop with yw_frame_unref. */
struct yw_frame {
    int refs;
    int64_t seq;  /* state after this frame */
    int64_t prev; /* patch: applies to this; snapshot: -1 */
    size_t size;
    char *text; /* snapshot: the state; patch: the merge patch */
};
struct yw_frame *yw_frame_ref(struct yw_frame *frame);
void yw_frame_unref(struct yw_frame *frame); /* NULL-safe */
/* The snapshot now: *new* reference; NULL when there is no such drill. */
struct yw_frame *yw_conductor_snapshot(struct yw_conductor *conductor, const char *drill,
                                       enum yw_audience audience, int team);
/* Called at most ten times a second per audience that somebody watches. */
typedef void yw_patch_fn(void *owner, const char *drill, enum yw_audience audience,
                         int team, struct yw_frame *patch);
void yw_conductor_on_patch(struct yw_conductor *conductor, yw_patch_fn *fn, void *owner);
/* Tells the board that somebody watches (+1) or no longer does (-1): unwatched boards cost nothing. */
void yw_conductor_watch(struct yw_conductor *conductor, const char *drill,
                        enum yw_audience audience, int team, int change);

/* The report of a drill from its journal alone: every sentence carries its event number. */
enum yw_report_format { YW_REPORT_MARKDOWN, YW_REPORT_HTML };
/* `law` NULL: without the chapter on duties. */
int yw_report_write(struct yw_buf *out, struct yw_journal *journal, const struct yw_law *law,
                    const char *lang, enum yw_report_format format, struct yw_err *err);
/* A run of a playbook: as a CACAO file with what became of each step, or event by event.
 * YW_ENOTFOUND, YW_ELIMIT. */
enum yw_run_format { YW_RUN_CACAO, YW_RUN_JSON, YW_RUN_CSV, YW_RUN_MARKDOWN, YW_RUN_HTML };
/* False: none of "cacao", "json", "csv", "md", "html". */
bool yw_run_format_read(const char *name, enum yw_run_format *ret);
int yw_run_export(struct yw_buf *out, const struct yw_conductor *conductor,
                  const char *drill, int64_t run, enum yw_run_format format,
                  const char *lang, struct yw_err *err);
/* The attacks of the drill as a layer of the ATT&CK Navigator: JSON, layer format 4.5. */
int yw_navigator_write(struct yw_buf *out, struct yw_journal *journal, const char *lang,
                       const struct yw_techniques *table, struct yw_err *err);

#endif
