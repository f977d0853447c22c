/* The files of a machine that libvirt does not remove: sockets and the log. A note is
 * written before anything else exists, so that a sweep finds them whatever died in
 * between. Blocking, local files only; any thread. */
#ifndef YW_VIRT_LEFTOVER_H
#define YW_VIRT_LEFTOVER_H

#include "virt/machine/domain_xml.h"
#include "virt/machine/embed_root.h"

/* Where QEMU makes the socket of a machine's screen: it does so itself, as the machine's
 * user, so it stands in a folder of that user alone, among the points. "" when the path is
 * too long for a socket: then there is no screen. */
void yw_leftover_screen(const struct yw_embed_root *root, const char *uuid,
                        char path[YW_DOMAIN_PATH_MAX]);
int yw_leftover_note(const struct yw_embed_root *root, const char *uuid,
                     const char *drill, const char *domain, struct yw_err *err);
/* Of one machine; gone already is fine. */
void yw_leftover_remove(const struct yw_embed_root *root, const char *uuid);
/* Of every machine noted for the drill. */
void yw_leftover_sweep(const struct yw_embed_root *root, const char *drill);
/* Before an embedded driver is opened: what it wrote of machines whose process it had not
 * begun when it was killed. It would hold each of them for ever as one that is starting,
 * so that not even ending it succeeds. */
void yw_leftover_unbegun(const struct yw_embed_root *root);

#endif
