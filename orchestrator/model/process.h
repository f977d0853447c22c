/* Names of physical processes and their tags (model/process.def). Pure, any thread. */
#ifndef YW_MODEL_PROCESS_H
#define YW_MODEL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

bool yw_process_known(const char *model);
/* The tag's number in plant samples, or -1. */
int yw_process_tag(const char *model, const char *tag);
/* The nearest known name for "did you mean", or NULL. Borrowed, static. */
const char *yw_process_nearest(const char *model);
const char *yw_process_nearest_tag(const char *model, const char *tag);

#endif
