/* The broker process's side of the consoles: a machine's socket, bytes both ways, by
 * credit (virt.h). Whatever the machine says goes through unread. Loop thread. */
#ifndef YW_VIRT_CONSOLE_H
#define YW_VIRT_CONSOLE_H

#include "virt/broker_wire.h"
#include "virt/machine/embed_root.h"

struct yw_consoles;
struct yw_loop;
struct yw_stream;

/* `core` is the stream to the core; it and `root` are borrowed and outlive this. *new* */
struct yw_consoles *yw_consoles_new(struct yw_loop *loop, struct yw_stream *core,
                                    const struct yw_embed_root *root);
void yw_consoles_free(struct yw_consoles *consoles); /* NULL-safe */
/* OPEN, CLOSE, DATA, TOOK of the core. */
void yw_consoles_message(struct yw_consoles *consoles, enum yw_broker_message type,
                         struct yw_unpack *in);

#endif
