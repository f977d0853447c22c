#include "cli/interrupt.h"

#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t
    count; /* set by the handler, read by the loops of the verbs */

static void on_interrupt(int signum)
{
    if (count > 0) {
        _exit(128 + signum);
    }
    count = 1;
}

void yw_interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

const volatile sig_atomic_t *yw_interrupt_count(void)
{
    return &count;
}
