/* The core's side of the consoles of one broker: which are open, and their messages.
 * Loop thread. */
#ifndef YW_VIRT_BROKER_CONSOLE_H
#define YW_VIRT_BROKER_CONSOLE_H

#include "virt/broker_wire.h"

struct yw_stream;

struct yw_broker_consoles { /* all zero at first */
    struct yw_virt_console *open;
    size_t count;
    uint32_t last_id;
};

int yw_broker_console_open(struct yw_broker_consoles *consoles, struct yw_stream *stream,
                           struct yw_virt_console *console, struct yw_err *err);
void yw_broker_console_send(struct yw_stream *stream,
                            const struct yw_virt_console *console, const void *bytes,
                            size_t size);
void yw_broker_console_took(struct yw_stream *stream,
                            const struct yw_virt_console *console, size_t size);
void yw_broker_console_close(struct yw_broker_consoles *consoles,
                             struct yw_stream *stream, struct yw_virt_console *console);
/* DATA, TOOK, END. 0, or YW_EINVAL: malformed. */
int yw_broker_console_message(struct yw_broker_consoles *consoles,
                              enum yw_broker_message type, struct yw_unpack *in);
/* The broker has gone, and all of them with it. */
void yw_broker_consoles_end(struct yw_broker_consoles *consoles, const char *why);
void yw_broker_consoles_drop(struct yw_broker_consoles *consoles); /* without a word */

#endif
