#include "cli/interrupt.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t
    count; /* set by the handler, read by the loops of the verbs */
static const char *volatile leave_text; /* read by the handler */

static void on_interrupt(int signum)
{
    if (count > 0) {
        const char *text = leave_text;
        ssize_t put = text != NULL ? write(STDERR_FILENO, text, strlen(text)) : 0;
        (void)put; /* nowhere to say that it cannot be said */
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

void yw_interrupt_leave(const char *text)
{
    leave_text = text;
}

const volatile sig_atomic_t *yw_interrupt_count(void)
{
    return &count;
}
