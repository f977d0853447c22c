/* A CACAO v2.0 playbook as a graph: what the executor needs, checked. Made by
 * codec/playbook.c from JSON; owned by whoever holds it; free with yw_playbook_free.
 * Basis: CACAO Security Playbooks Version 2.0, Committee Specification 01. */
#ifndef YW_RESPONSE_PLAYBOOK_H
#define YW_RESPONSE_PLAYBOOK_H

#include "base/err.h"
#include "base/id.h"
#include "model/event.h"
#include "model/text.h"

#define YW_PLAYBOOK_STEPS_MAX 256
#define YW_PLAYBOOK_VARS_MAX 64
#define YW_PLAYBOOK_CONDITION_MAX 512
#define YW_PLAYBOOK_COMMANDS_MAX 4

enum yw_pb_type {
    YW_PB_START,
    YW_PB_END,
    YW_PB_ACTION,
    YW_PB_IF,
    YW_PB_UNSUPPORTED /* carried and shown; running it fails the step with a clear reason
                       */
};

enum yw_pb_command_kind {
    YW_PB_MANUAL,  /* asks a person; out variables are the answer */
    YW_PB_ISOLATE, /* http-api POST …/machines/NAME/isolate: the orchestrator cuts its
                      links */
    YW_PB_REJOIN,  /* http-api POST …/machines/NAME/rejoin */
    YW_PB_COMMAND_UNSUPPORTED
};

struct yw_pb_var {
    char name[YW_NAME_MAX]; /* bare: "tampered" for __tampered__ */
    char type[24];
    char value[YW_EVENT_VALUE_MAX];
    bool has_value;
    bool constant;
};

struct yw_pb_step {
    char id[80];
    enum yw_pb_type type;
    struct yw_text name;
    int64_t delay_ms;
    int64_t timeout_ms;  /* 0: the ceiling (1 h automatic, 24 h manual) */
    int64_t deadline_ms; /* drill-step extension: late, not ended; 0 none */
    char role[YW_NAME_MAX];
    struct yw_text asks;
    enum yw_pb_command_kind command;
    char machine[YW_NAME_MAX];       /* ISOLATE, REJOIN; may hold a variable reference */
    int out_vars[YW_EVENT_VARS_MAX]; /* indexes of variables */
    size_t out_count;
    char condition[YW_PLAYBOOK_CONDITION_MAX];
    int on_completion, on_success, on_failure, on_true,
        on_false; /* step indexes, -1 none */
};

struct yw_playbook {
    char id[80];
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
/* Every step is reached at most once on one path: a step from which one gets back to
 * itself, or -1. (A while-condition may loop; none of the supported types is one.) */
int yw_playbook_cycle(const struct yw_playbook *playbook);
const char *yw_pb_type_name(enum yw_pb_type type); /* "if-condition"; "unsupported" */

/* Does the text fit the variable type? NULL, or what it should be: "true or false". Types
 * that nobody knows fit any text (the vocabulary is open). */
const char *yw_pb_value_flaw(const char *type, const char *value);

#endif
