/* The scenario language, in its own jailed process.
 *
 * The script host is a child (`yanwu script-host`, descriptor 3): Lua 5.4 under rlimits
 * and seccomp, no network, no files. The parent reads the scenario's files and sends
 * them; the host answers every request with exactly one reply, so the parent always knows
 * whose turn it is. A host that misses its deadline is killed: no Lua sandbox holds
 * against everything, a process ends. Messages: u32 little-endian size + that many packed
 * bytes (base/pack.h).
 *
 *   LOAD   → LOADED (the spec, the players) | FAULT
 *   START  → VERB | FINISHED | FAULT   begins a coroutine: a team's story, or a player
 *   RESUME → VERB | FINISHED | FAULT   the verb it waits in has this result
 *
 * Deterministic: sorted pairs, named random streams from the seed, no clock, no
 * addresses. The same requests get byte-identical replies in every process. Nothing here
 * keeps state on disk: recovery starts a new host and resumes the story with the results
 * in the journal. */
#ifndef YW_SCRIPT_SCRIPT_H
#define YW_SCRIPT_SCRIPT_H

#include "base/buf.h"
#include "base/err.h"
#include "model/cond.h"
#include "model/event.h"
#include "model/spec.h"
#include "model/text.h"

#include <stdbool.h>
#include <sys/types.h>

#define YW_SCRIPT_MESSAGE_MAX (2 * 1024 * 1024)
#define YW_SCRIPT_SOURCE_MAX (1024 * 1024)
#define YW_SCRIPT_LOAD_MS                                                                \
    3000 /* parent's deadline for LOAD; the host's own budget is below */
#define YW_SCRIPT_RESUME_MS 2000 /* for START and RESUME */
#define YW_SCRIPT_STARVED_MAX 8  /* times a deadline, while a busy machine starves it */
#define YW_SCRIPT_PLAYERS_MAX 16
#define YW_SCRIPT_VARS_MAX 24 /* of one verb */
#define YW_SCRIPT_CO_MAX 128

enum yw_script_ask { YW_SCRIPT_LOAD = 1, YW_SCRIPT_START, YW_SCRIPT_RESUME };
enum yw_script_answer {
    YW_SCRIPT_LOADED = 1,
    YW_SCRIPT_VERB,
    YW_SCRIPT_FINISHED,
    YW_SCRIPT_FAULT
};

enum yw_script_verb_kind {
    /* story (control's side) and players (a team's side) */
    YW_VERB_WAIT, /* span_ms */
    /* story only */
    YW_VERB_SAY,      /* text */
    YW_VERB_HINT,     /* text */
    YW_VERB_WAIT_FOR, /* cond (or an objective: cond is MET), span_ms limit; result holds
                       */
    YW_VERB_WAIT_UNTIL, /* the same with a level or tag condition */
    YW_VERB_ATTACK,     /* subject = attack; result holds = its effect happened */
    YW_VERB_UNDO,       /* subject = attack; holds = what it did is taken back */
    /* story and players: subject = a noun of duties (codec/request_duty.h), vars; holds =
     * accepted */
    YW_VERB_ENTER,
    YW_VERB_FAULT, /* subject = plant, role = kind, tag or input, size, span_ms = drill
                           time of its start */
    /* players only; each is one call of the public API */
    YW_VERB_WAIT_QUESTION, /* subject = English step name, span_ms limit; holds = it is
                              open */
    YW_VERB_ANSWER,        /* subject = English step name, role, vars; holds = accepted */
    YW_VERB_OPERATE, /* subject = machine, argv ("operate", …); holds = exit code 0 */
    YW_VERB_REPORT,  /* text.en (or zh); holds = accepted */
    /* made of an ANSWER by whoever plays it (drill/rehearse/player.c), never by a script */
    YW_VERB_EVIDENCE, /* role, tag = form, evidence */
    YW_VERB_CONFIRM,  /* role, second */
    YW_VERB_KINDS
};

struct yw_script_verb {
    enum yw_script_verb_kind kind;
    char subject[YW_NAME_MAX];
    char role[YW_NAME_MAX];
    struct yw_text text;
    int64_t span_ms;
    struct yw_cond cond;
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    size_t argc;
    struct yw_ev_var vars[YW_SCRIPT_VARS_MAX]; /* ANSWER: at most YW_EVENT_VARS_MAX */
    size_t var_count;
    char evidence[YW_EVENT_NOTE_MAX]; /* ANSWER: in every form that is asked for */
    char second[YW_NAME_MAX]; /* ANSWER: who else of that role confirms it; "" nobody */
    char tag[YW_NAME_MAX];    /* FAULT: this or input, the other is "" */
    char input[YW_NAME_MAX];
    double size;
    int line; /* where in the script, for faults and the control view */
};

struct yw_script_player {   /* one row of rehearsal.lua's `rehearsal { teams = … }` */
    char team[YW_NAME_MAX]; /* or the tier's name */
    int tier; /* 1..4 an office above the enterprises; 0 a team: those come first */
    char player[YW_NAME_MAX];
};

struct yw_script_request {
    enum yw_script_ask ask;
    /* LOAD */
    char scenario_name[YW_SPEC_PATH_MAX]; /* shown in messages: "scenario.lua" */
    const char *scenario;                 /* borrowed text */
    size_t scenario_size;
    const char *rehearsal; /* borrowed text, NULL none */
    size_t rehearsal_size;
    uint64_t seed;
    /* START, RESUME */
    int co; /* 0..YW_SCRIPT_CO_MAX-1, chosen by the parent */
    /* START: the story of this team, or this player */
    bool is_player;
    int team;
    char team_name[YW_NAME_MAX];
    char player[YW_NAME_MAX];
    /* RESUME */
    bool holds;
};

struct yw_script_reply {
    enum yw_script_answer answer;
    struct yw_spec *spec; /* LOADED: *new*, the receiver's */
    bool has_story;
    struct yw_script_player players[YW_SCRIPT_PLAYERS_MAX]; /* LOADED */
    size_t player_count;
    double rehearsal_speed; /* drill clock speed that the rehearsal asks for with --auto;
                               ≥ 1 */
    struct yw_script_verb verb; /* VERB */
    struct yw_err fault; /* FAULT: "scenario.lua:12: machine: unknown field 'imgae' (did
                            you mean 'image'?)" */
};

void yw_script_request_pack(struct yw_buf *out, const struct yw_script_request *request);
int yw_script_reply_unpack(struct yw_script_reply *ret, const void *bytes, size_t size,
                           struct yw_err *err);
void yw_script_reply_fini(struct yw_script_reply *reply); /* frees spec. NULL-safe */

/* Starts `program script-host` with one end of a socketpair as descriptor 3. The host
 * jails itself before it reads the first byte. */
int yw_script_spawn(const char *program, pid_t *ret_pid, int *ret_fd, struct yw_err *err);
/* How long a host is waited for: `span_ms` of its processor time, and of wall time as much
 * as it takes to get that, up to YW_SCRIPT_STARVED_MAX times the span. */
struct yw_script_patience {
    pid_t pid;
    int64_t span_ms;
    int64_t spent_ms; /* by it when this began; -1 unknown */
    int64_t until_ms; /* CLOCK_MONOTONIC */
};
void yw_script_patience_start(struct yw_script_patience *patience, pid_t pid,
                              int64_t span_ms);
/* Look again after so long; 0: it had its time. */
int64_t yw_script_patience_left_ms(const struct yw_script_patience *patience);

/* One request and its reply, blocking, for check, plan, rehearse. At the deadline the
 * child is killed: YW_ETIMEOUT "scenario.lua: still running after 3000 ms (in declare)".
 */
int yw_script_exchange(pid_t pid, int fd, const struct yw_script_request *request,
                       struct yw_script_reply *ret, int64_t deadline_ms,
                       struct yw_err *err);
/* The same for a request packed before. */
int yw_script_exchange_packed(pid_t pid, int fd, const void *bytes, size_t size,
                              struct yw_script_reply *ret, int64_t deadline_ms,
                              struct yw_err *err);
void yw_script_end(pid_t pid, int fd); /* closes, kills, reaps */

/* The child's main: never returns to the caller's work; exit status. */
int yw_script_host_main(int fd);

/* The registry of fields: constructor → fields, types, both-language help; one table
 * gives checks, docs and completion. Appends it as Markdown. */
void yw_script_describe(struct yw_buf *out, const char *lang);
const char *yw_script_verb_name(enum yw_script_verb_kind kind); /* "wait_for" */

#endif
