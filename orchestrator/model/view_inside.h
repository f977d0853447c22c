/* What the files of the view share; no other room includes it. */
#ifndef YW_MODEL_VIEW_INSIDE_H
#define YW_MODEL_VIEW_INSIDE_H

#include "model/view.h"

/* view_playbook.c: runs, steps and questions; other events change nothing. */
void yw_view_playbook_apply(struct yw_view *view, const struct yw_event *event);

#endif
