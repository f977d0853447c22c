/* A CACAO v2.0 playbook as a graph: what the executor needs, checked. Made by
 * codec/playbook.c from JSON; owned by whoever holds it; free with yw_playbook_free.
 * Basis: CACAO Security Playbooks Version 2.0, Committee Specification 01. */
#ifndef YW_RESPONSE_PLAYBOOK_H
#define YW_RESPONSE_PLAYBOOK_H

#include "base/err.h"
#include "base/id.h"
#include "model/event.h"
#include "model/text.h"
#include "response/marking.h"

#define YW_PLAYBOOK_STEPS_MAX 256
#define YW_PLAYBOOK_VARS_MAX 64
#define YW_PLAYBOOK_CONDITION_MAX 512
#define YW_PLAYBOOK_COMMANDS_MAX 16
#define YW_PLAYBOOK_TARGETS_MAX 16
#define YW_PLAYBOOK_BRANCHES_MAX 16 /* of a parallel; cases of a switch */
#define YW_PLAYBOOK_COMMAND_MAX 1024

enum yw_pb_type {
    YW_PB_START,
    YW_PB_END,
    YW_PB_ACTION,
    YW_PB_PLAYBOOK, /* playbook-action */
    YW_PB_PARALLEL,
    YW_PB_IF,
    YW_PB_WHILE,
    YW_PB_SWITCH,
    YW_PB_TYPES
};

/* What a command comes to in a drill. Anything that is none of the others is carried as it
 * is, and exercise control is asked to see to it. */
enum yw_pb_command_kind {
    YW_PB_MANUAL,     /* asks a person; out variables are the answer */
    YW_PB_ISOLATE,    /* the orchestrator cuts the links of a machine */
    YW_PB_REJOIN,     /* … and joins them again */
    YW_PB_RESET,      /* … takes it back to a point in time */
    YW_PB_EVIDENCE,   /* … keeps its memory and disk */
    YW_PB_SHELL,      /* bash, ssh, caldera-cmd: a shell of the machine runs the text */
    YW_PB_POWERSHELL, /* … or PowerShell does */
    YW_PB_PROGRAM,    /* the machine runs the text's words, without a shell */
    YW_PB_FOREIGN
};

enum yw_pb_ack { YW_PB_ACK_SINGLE, YW_PB_ACK_NONE, YW_PB_ACK_TWO, YW_PB_ACK_LEADER };

enum yw_pb_overdue {
    YW_PB_OVERDUE_MARK,
    YW_PB_OVERDUE_ESCALATE,
    YW_PB_OVERDUE_FAIL,
    YW_PB_OVERDUE_GO_ON
};

/* kinds of evidence, as bits */
enum yw_pb_evidence {
    YW_PB_EVIDENCE_TEXT = 1,
    YW_PB_EVIDENCE_FILE = 2,
    YW_PB_EVIDENCE_SCREENSHOT = 4,
    YW_PB_EVIDENCE_CHECKLIST = 8,
    YW_PB_EVIDENCE_SIGNATURE = 16,
};

struct yw_pb_var {
    char name[YW_NAME_MAX]; /* bare: "tampered" for __tampered__ */
    char type[24];
    char value[YW_EVENT_VALUE_MAX];
    bool has_value;
    bool constant, external;
};

struct yw_pb_command {
    enum yw_pb_command_kind kind;
    char type[24];
    char machine
        [96]; /* that the command itself names; "" the targets. May hold references */
    char point[YW_NAME_MAX];            /* RESET */
    char text[YW_PLAYBOOK_COMMAND_MAX]; /* decoded; may hold references */
};

struct yw_pb_case { /* of a switch, a parallel's branch; a variable that goes in or out */
    char value[YW_NAME_MAX];
    bool is_default;
    int step;
};

struct yw_pb_field { /* of an answer */
    int var;         /* index */
    bool optional;
    bool low_set, high_set;
    double low, high;                 /* numbers */
    char choices[YW_EVENT_VALUE_MAX]; /* "a|b|c"; "" any */
};

struct yw_pb_step {
    char id[80];
    enum yw_pb_type type;
    struct yw_text name;
    int64_t delay_ms;
    int64_t timeout_ms;     /* 0: the ceiling, see run.h */
    struct yw_pb_var *vars; /* of the step's own scope */
    size_t var_count;
    int on_completion, on_success, on_failure; /* step indexes, -1 none */

    /* drill-step extension */
    int64_t deadline_ms; /* late, not ended; 0 none */
    int64_t warn_ms;     /* before the deadline; 0: a fifth of it */
    char role[YW_NAME_MAX];
    char escalates[YW_NAME_MAX];
    char confirms[YW_NAME_MAX];
    enum yw_pb_ack ack;
    enum yw_pb_overdue overdue;
    unsigned evidence; /* enum yw_pb_evidence that must be given */
    int64_t quorum;    /* targets that must succeed; 0 all */
    int64_t poll_ms;   /* between the turns of a loop */

    /* action */
    struct yw_text asks; /* all that its people are to do; "" nobody is asked */
    bool foreign;        /* … and it is for exercise control to see to */
    bool guarded;        /* exercise control must allow each use */
    struct yw_pb_command *commands; /* but the manual ones */
    size_t command_count;
    char (*targets)[96]; /* machines; may hold references */
    size_t target_count;
    struct yw_pb_field fields[YW_EVENT_VARS_MAX];
    size_t out_count; /* out_args: of fields; all of them are playbook variables */

    /* playbook-action */
    char playbook[80];
    char version[32]; /* "" the latest known */
    int in_vars[YW_EVENT_VARS_MAX];
    size_t in_count;

    char condition
        [YW_PLAYBOOK_CONDITION_MAX]; /* if, while; of a switch: what is compared */
    int on_true, on_false;
    struct yw_pb_case branches[YW_PLAYBOOK_BRANCHES_MAX]; /* parallel, switch */
    size_t branch_count;
    bool fail_fast; /* parallel */
};

struct yw_playbook {
    char id[80];
    char modified[32];
    char valid_from[32], valid_until[32]; /* "" none */
    bool revoked;
    enum yw_tlp marking; /* the strictest; CLEAR when it has none */
    struct yw_text name;
    struct yw_pb_step *steps;
    size_t step_count;
    struct yw_pb_var *vars;
    size_t var_count;
    int start;
    int exception; /* workflow_exception, -1 none */
};

void yw_playbook_free(struct yw_playbook *playbook); /* NULL-safe */
int yw_playbook_step(const struct yw_playbook *playbook,
                     const char *id); /* index or -1 */
int yw_playbook_var(const struct yw_playbook *playbook,
                    const char *name); /* index or -1 */
/* A step from which one gets back to itself other than by the turns of a loop, or -1. */
int yw_playbook_cycle(const struct yw_playbook *playbook);
/* The step that follows by this edge, or -1; false beyond the last edge. */
bool yw_playbook_edge(const struct yw_pb_step *step, size_t edge, int *ret);
const char *yw_pb_type_name(enum yw_pb_type type);    /* "if-condition" */
const char *yw_pb_does(enum yw_pb_command_kind kind); /* "isolate", as the journal says */
/* May it start at this time ("2026-11-21T00:00:00.000Z")? NULL, or why not. */
const char *yw_playbook_barred(const struct yw_playbook *playbook, const char *now);

/* May the scenario give these values (model/pairs.h)? YW_EINVAL: no such variable, not external,
 * of another type. */
int yw_playbook_check_given(const struct yw_playbook *playbook, const char *vars,
                            struct yw_err *err);

/* Does the text fit the variable type? NULL, or what it should be: "true or false". Types
 * that nobody knows fit any text (the vocabulary is open). */
const char *yw_pb_value_flaw(const char *type, const char *value);

#endif
