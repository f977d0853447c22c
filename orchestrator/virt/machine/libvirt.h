/* The only file that speaks libvirt. Every call blocks (a hung machine can block one for
 * ever): workers of the broker's pool call these, keyed by machine. libvirt runs its own
 * event loop on a thread of this file, so that its callbacks never touch our loop;
 * `on_stopped` and `on_closed` come
 * on that thread. Errors carry libvirt's text, copied on the worker
 * that saw it. */
#ifndef YW_VIRT_LIBVIRT_H
#define YW_VIRT_LIBVIRT_H

#include "base/err.h"
#include "base/vec.h"
#include "virt/virt.h"

#include <stdbool.h>

struct yw_host; /* open/close; once in a process */

struct yw_host_events { /* on libvirt's event thread */
    void (*on_stopped)(void *arg, const char *uuid, const char *why);
    /* The connection is no more: open another, which takes another process. May be NULL.
     */
    void (*on_closed)(void *arg, const char *why);
};

/* YW_ETIMEOUT when nobody answers: then the process should end, as a call still hangs. */
int yw_host_open(struct yw_host **ret, const char *uri,
                 const struct yw_host_events *events, void *arg, struct yw_err *err);
void yw_host_close(struct yw_host *host); /* machines stay. NULL-safe */

/* Creates and starts from XML; one that runs already with this uuid is fine. */
int yw_host_create(struct yw_host *host, const char *uuid, const char *xml,
                   struct yw_err *err);
/* The same, halted before its first instruction. */
int yw_host_create_paused(struct yw_host *host, const char *uuid, const char *xml,
                          struct yw_err *err);
int yw_host_resume(struct yw_host *host, const char *uuid, struct yw_err *err);
int yw_host_suspend(struct yw_host *host, const char *uuid, struct yw_err *err);
/* Writes a save image (virt/machine/save_image.h), which ends the machine. */
int yw_host_save(struct yw_host *host, const char *uuid, const char *path,
                 struct yw_err *err);
/* Starts a machine from a save image, running. */
int yw_host_restore(struct yw_host *host, const char *path, struct yw_err *err);
/* One QMP command and its whole answer as JSON text (*new*). fd: given along for the
 * monitor's "getfd", borrowed; -1 none. QEMU's own refusals are in the text. */
int yw_host_monitor(struct yw_host *host, const char *uuid, const char *command, int fd,
                    char **ret_answer, struct yw_err *err);
/* One command to the machine's QEMU guest agent and its answer (*new*; hostile): an error
 * of its own is an error here. */
int yw_host_agent(struct yw_host *host, const char *uuid, const char *command,
                  char **ret_answer, struct yw_err *err);
/* Ends and forgets; one that is gone is fine. */
int yw_host_destroy(struct yw_host *host, const char *uuid, struct yw_err *err);
/* Its processor runs: a machine that was halted does not. */
int yw_host_running(struct yw_host *host, const char *uuid, bool *ret_running,
                    struct yw_err *err);
/* It is there and its processor stands. */
int yw_host_stands(struct yw_host *host, const char *uuid, bool *ret_stands,
                   struct yw_err *err);
/* Writes its memory as an ELF core to the path; it stands meanwhile. */
int yw_host_dump(struct yw_host *host, const char *uuid, const char *path,
                 struct yw_err *err);
/* Whether the link of each interface is up, as it was last asked for; in the order of the
 * interfaces. */
int yw_host_links(struct yw_host *host, const char *uuid, bool up[YW_SPEC_NICS_MAX],
                  size_t *ret_count, struct yw_err *err);
/* Changes one interface of a running machine. */
int yw_host_update(struct yw_host *host, const char *uuid, const char *device_xml,
                   struct yw_err *err);
/* Appends every machine with our tag to `list` (of struct yw_virt_found), of one drill or
 * all. */
int yw_host_list(struct yw_host *host, const char *drill, struct yw_vec *list,
                 struct yw_err *err);
/* Versions as "9.0.0", into text[32] each. */
int yw_host_versions(struct yw_host *host, char libvirt[32], char qemu[32],
                     struct yw_err *err);

#endif
