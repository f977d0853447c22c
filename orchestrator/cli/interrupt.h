/* Ctrl-C in verbs that make something: the first one is for the verb, which takes back what
 * it made; the second leaves at once, saying what remains, and the daemon goes on by
 * itself. */
#ifndef YW_CLI_INTERRUPT_H
#define YW_CLI_INTERRUPT_H

#include <signal.h>

/* From now on, SIGINT and SIGTERM both. */
void yw_interrupt_catch(void);
/* What the second one says before it leaves, with its newline. Borrowed until the next call;
 * NULL: nothing. */
void yw_interrupt_leave(const char *text);
/* How often it came; static. */
const volatile sig_atomic_t *yw_interrupt_count(void);

#endif
