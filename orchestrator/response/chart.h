/* A playbook as people draw it: one node a step, with the ends of branches drawn as lines to
 * where the run goes on. Pure. Thread: any. */
#ifndef YW_RESPONSE_CHART_H
#define YW_RESPONSE_CHART_H

#include "response/layout.h"
#include "response/playbook.h"

enum yw_chart_by { /* why a line is taken */
                   YW_CHART_NEXT,
                   YW_CHART_SUCCESS,
                   YW_CHART_FAILURE,
                   YW_CHART_TRUE,
                   YW_CHART_FALSE,
                   YW_CHART_CASE,
                   YW_CHART_DEFAULT,
                   YW_CHART_BRANCH, /* of a parallel */
                   YW_CHART_DONE    /* a loop ends */
};

struct yw_chart_edge {
    int from, to; /* steps */
    enum yw_chart_by by;
    const char *value; /* of a case, borrowed from the playbook; else "" */
};

struct yw_chart {
    const struct yw_playbook *playbook; /* borrowed */
    int *
        node; /* by step: its node, -1 not drawn (ends of branches, what nothing leads to) */
    int *step; /* by node */
    size_t node_count;
    struct yw_chart_edge *edges;
    size_t edge_count;
    struct yw_layout layout; /* of the nodes and these edges */
};

/* ret is to be finished by the caller, before the playbook is. */
void yw_chart_make(struct yw_chart *ret, const struct yw_playbook *playbook);
void yw_chart_fini(struct yw_chart *chart); /* NULL-safe */
/* The step that follows when all is well, -1 none: behind its branches where it has some. */
int yw_chart_next(const struct yw_pb_step *step);
const char *yw_chart_by_name(enum yw_chart_by by); /* "on_true" */

#endif
