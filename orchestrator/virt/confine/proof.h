/* Reads the /proc directory of a machine's process on this host and has it judged
 * (virt/confine/confine.h). The directory is opened once and everything read below it, so that
 * a process id that is used again cannot stand in for the machine. Blocking, a
 * millisecond; workers of the broker. */
#ifndef YW_VIRT_PROOF_H
#define YW_VIRT_PROOF_H

#include "virt/confine/confine.h"
#include "virt/machine/embed_root.h"

/* The process of the machine from the driver's pid file, checked against its program and
 * command line. *ret_dir is its /proc directory, to be closed. 0, YW_ENOTFOUND (it does not
 * run here), YW_EINVAL. */
int yw_proof_find(const struct yw_embed_root *root, const struct yw_confine_want *want,
                  int *ret_pid, int *ret_dir, struct yw_err *err);
/* A child of the broker's own, by its process id: judged as a machine is. 0, YW_EDENIED with
 * the first thing that is wrong, or another code: it could not be read. */
int yw_proof_child(int pid, const struct yw_confine_want *want, struct yw_err *err);
/* A machine that has just started, or is found: its share of the host is set, its
 * oom_score_adj too, then it is read and judged. One on another host cannot be read: 0
 * with ret->read false.
 * A ceiling that cannot be set is logged and is no failure. */
struct yw_proof_machine {
    const char *uuid, *domain, *drill, *team; /* borrowed */
    int ram_mib;
    int team_mib; /* of the team's machines here together; 0: no ceiling for it */
    /* Another broker started it: the paths of its files mean nothing in this mount
     * namespace and are left out. */
    bool adopted;
};
int yw_proof_take(const struct yw_embed_root *root,
                  const struct yw_proof_machine *machine, struct yw_virt_proof *ret,
                  struct yw_err *err);

#endif
