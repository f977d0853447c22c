/* When an agent that is silent counts as lost. A machine that waits for the processor is
 * slow, not ill: the kernel counts how long its threads were ready and did not run, and as
 * long as that is much of the time, nothing is concluded. Pure but for the reading; loop
 * thread. */
#ifndef YW_VIRT_PATIENCE_H
#define YW_VIRT_PATIENCE_H

#include "virt/machine/embed_root.h"

#define YW_PATIENCE_BLIND 3 /* questions without an answer, where nothing can be read */
#define YW_PATIENCE_TASKS_MAX 256

struct yw_patience {
    int unanswered;    /* questions in a row */
    int64_t waited_ms; /* as it was at the last of them */
};

/* Anything came from it. */
void yw_patience_heard(struct yw_patience *patience);
/* A question was not answered for span_ms; its threads have waited waited_ms so far (-1:
 * unknown). True: it is lost. The first question only begins the count. */
bool yw_patience_missed(struct yw_patience *patience, int64_t span_ms, int64_t waited_ms);

/* For waited_ms: of a machine on this host, and of an open /proc directory. */
int64_t yw_patience_waited_ms(const struct yw_embed_root *root, const char *uuid,
                              const char *domain);
int64_t yw_patience_read(int proc_dir);

#endif
