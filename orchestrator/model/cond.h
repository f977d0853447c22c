/* Conditions: values that a scenario builds and C evaluates and explains.
 *
 * A condition is a tree in an array, root last; children stand before their parent. It is
 * evaluated against the folded state of one team (model/drill.h), so the answer depends
 * on durable events only. Two operators need memory between evaluations, kept in the
 * watch: `for_` (how long its child has held) and `never` (whether its child ever held).
 * What the law makes of the record is asked of those who know it (`yw_cond_scene.judge`).
 */
#ifndef YW_MODEL_COND_H
#define YW_MODEL_COND_H

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/pack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_COND_NODES_MAX 32
#define YW_COND_CHILDREN_MAX 8
#define YW_COND_CAUSES_MAX 4
#define YW_COND_SPAN_MAX_MS (366LL * 24 * 3600 * 1000)

enum yw_cond_kind {
    YW_COND_ANY,   /* children */
    YW_COND_ALL,   /* children */
    YW_COND_NOT,   /* one child */
    YW_COND_NEVER, /* one child: true from the end of the drill when it never held; false
                      for good as soon as it holds */
    YW_COND_FOR,   /* one child, span_ms: it has held without a break for span_ms of drill
                      time */
    YW_COND_ISOLATED,      /* subject = machine: all its links are down */
    YW_COND_ALARM,         /* subject = plant: consequence level ≥ 1 */
    YW_COND_REPORTED,      /* subject = attack: the team filed a report after the attack's
                              effect */
    YW_COND_MET,           /* subject = objective */
    YW_COND_ANSWERED,      /* subject = playbook step name: a person answered it */
    YW_COND_LEVEL_AT_MOST, /* subject = plant, number */
    YW_COND_LEVEL_AT_LEAST, /* subject = plant, number */
    YW_COND_TAG_ABOVE,      /* subject = plant, tag, number: truth > number */
    YW_COND_TAG_BELOW,      /* subject = plant, tag, number: truth < number */
    /* By the law: */
    YW_COND_IN_TIME,        /* subject = duty: its clocks began, and all are met in time */
    YW_COND_GRADED_RIGHT,   /* subject = rule pack: the last grade given is the true one;
                               from the end of the drill */
    YW_COND_MERIT_AT_MOST,  /* subject = merit (response/merit.h), number; a span as soon
                               as it is known, else from the end of the drill */
    YW_COND_MERIT_AT_LEAST, /* likewise */
    YW_COND_KINDS
};

struct yw_cond_node {
    enum yw_cond_kind kind;
    int children[YW_COND_CHILDREN_MAX]; /* indexes of earlier nodes */
    size_t child_count;
    char subject[YW_NAME_MAX];
    char tag[YW_NAME_MAX];
    double number;
    int64_t span_ms;
};

struct yw_cond {
    struct yw_cond_node nodes[YW_COND_NODES_MAX];
    size_t count; /* 0: no condition, never true */
};

struct yw_cond_watch {
    int64_t since_ms[YW_COND_NODES_MAX]; /* FOR: drill time the child began to hold, -1 */
    bool spoiled[YW_COND_NODES_MAX];     /* NEVER: the child has held */
};

struct yw_drill_state;

struct yw_cond_scene {                  /* of what a condition speaks. All borrowed */
    const struct yw_drill_state *state;
    int team;
    int64_t drill_ms;
    bool ended; /* the drill has ended at drill_ms (a `for_` never turns true then) */
    /* Kinds of the law: does it hold, and by which events? NULL: nobody knows the law,
     * and none of them holds. */
    bool (*judge)(void *arg, const struct yw_cond_node *node,
                  int64_t causes[YW_COND_CAUSES_MAX]);
    void *arg;
};

struct yw_cond_result {
    bool holds;
    bool lost;          /* can never hold again (a spoiled never at the root) */
    int64_t recheck_ms; /* drill time at which a FOR may turn true; INT64_MAX none */
    int64_t causes[YW_COND_CAUSES_MAX]; /* seqs of the deciding events, 0-terminated when
                                           fewer */
};

/* A sound tree: children stand before their parent, each node but the root (the last) has
 * exactly one parent, operators have the number of children that they need, numbers and
 * spans are in range. NULL, or what is wrong (static). */
const char *yw_cond_flaw(const struct yw_cond *cond);
void yw_cond_watch_init(struct yw_cond_watch *watch);
void yw_cond_eval(const struct yw_cond *cond, struct yw_cond_watch *watch,
                  const struct yw_cond_scene *scene, struct yw_cond_result *ret);
bool yw_cond_is_of_law(enum yw_cond_kind kind);
/* Every FOR/NEVER/tag node that mentions plant+tag: calls fn for each tag limit, so that
 * the conductor can journal a plant sample at the very moment a limit is crossed. */
void yw_cond_each_limit(const struct yw_cond *cond,
                        void (*fn)(void *arg, const char *plant, const char *tag,
                                   double number),
                        void *arg);
/* "any of: isolated(jump); alarm(works)": English, for plan and check. */
void yw_cond_describe(const struct yw_cond *cond, struct yw_buf *out);
void yw_cond_pack(struct yw_buf *out, const struct yw_cond *cond);
int yw_cond_unpack(struct yw_unpack *in, struct yw_cond *ret); /* 0 or YW_EINVAL */

#endif
