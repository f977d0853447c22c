/* The skeleton of a playbook's workflow, as far as it can be read, and what is wrong with its
 * logic: dangling and missing continuations, steps out of reach, cycles, shared ends. Pure.
 * Basis: CACAO v2.0, workflow steps. Thread: any. */
#ifndef YW_RESPONSE_OUTLINE_H
#define YW_RESPONSE_OUTLINE_H

#include "response/finding.h"

#define YW_OUTLINE_STEPS_MAX 2048
#define YW_OUTLINE_EDGES_MAX 8192

enum yw_outline_type {
    YW_OUTLINE_START,
    YW_OUTLINE_END,
    YW_OUTLINE_ACTION,
    YW_OUTLINE_PLAYBOOK_ACTION,
    YW_OUTLINE_PARALLEL,
    YW_OUTLINE_IF,
    YW_OUTLINE_WHILE,
    YW_OUTLINE_SWITCH,
    YW_OUTLINE_UNKNOWN
};

struct yw_outline_edge {
    int from, to;     /* steps; to -1: dangling */
    bool branch;      /* opens a branch; else goes on */
    const char *name; /* "on_true", "next_steps/0": below the step. Borrowed */
    const char *said; /* the id that it names. Borrowed */
};

struct yw_outline_step {
    const char *id; /* borrowed */
    enum yw_outline_type type;
    bool bounded; /* it has a timeout */
};

struct yw_outline {
    struct yw_outline_step *steps; /* by id. Borrowed */
    size_t step_count;
    struct yw_outline_edge *edges; /* by `from`. Borrowed */
    size_t edge_count;
    int start;     /* -1: none that is a start step */
    int exception; /* -1 none */
};

/* "start" …; YW_OUTLINE_UNKNOWN for anything else. */
enum yw_outline_type yw_outline_type(const char *name);
const char *yw_outline_type_name(enum yw_outline_type type); /* NULL: unknown */
void yw_outline_check(const struct yw_outline *outline, struct yw_findings *findings);

#endif
