/* Consoles of the in-memory hypervisor: the prompt of the micro images on the serial
 * line. Private to fake*.c; loop thread. */
#ifndef YW_VIRT_FAKE_CONSOLE_H
#define YW_VIRT_FAKE_CONSOLE_H

#include "virt/fake/fake_world.h"

struct yw_fake_console;

struct yw_fake_consoles {
    struct yw_virt_world *world; /* borrowed; the next two too */
    const struct yw_clock *clock;
    struct yw_due *due;
    struct yw_fake_console *open;
    uint32_t last_id;
};

int yw_fake_console_open(struct yw_fake_consoles *consoles,
                         struct yw_virt_console *console, struct yw_err *err);
void yw_fake_console_send(struct yw_virt_console *console, const void *bytes,
                          size_t size);
void yw_fake_console_took(struct yw_virt_console *console, size_t size);
void yw_fake_console_close(struct yw_virt_console *console);
/* Ends those whose machine has gone, or all of them. */
void yw_fake_consoles_check(struct yw_fake_consoles *consoles, bool all, const char *why);
void yw_fake_consoles_drop(struct yw_fake_consoles *consoles); /* without a word */

#endif
