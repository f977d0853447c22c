/* A libvirt daemon on another host, all that is different about it: its networks are
 * libvirt's own (isolated, without an address; no VXLAN, no rules of ours), its images are
 * volumes of a pool that we fill, and the ports of its machines are streams. Blocking,
 * workers of the broker's pool, unless it says so. */
#ifndef YW_VIRT_FAR_DAEMON_H
#define YW_VIRT_FAR_DAEMON_H

#include "base/vec.h"
#include "virt/machine/libvirt.h"
#include "virt/serve/capacity.h"

#define YW_FAR_IMAGES "/var/lib/libvirt/images/yanwu-" /* and the set's hash */

/* Creates it or finds it; YW_EEXIST when somebody else's has the name. */
int yw_far_network_up(struct yw_host *host, const char *bridge, const char *drill,
                      struct yw_err *err);
/* One that is gone is fine, one that is not ours YW_EDENIED. */
int yw_far_network_down(struct yw_host *host, const char *bridge, struct yw_err *err);
/* Appends ours, of one drill or ("") all, to `list` of struct yw_virt_found. */
int yw_far_network_list(struct yw_host *host, const char *drill, struct yw_vec *list,
                        struct yw_err *err);

/* Does libvirt there offer its filter "clean-traffic"? */
bool yw_far_filters(struct yw_host *host);
/* The machine images of `images_dir` there: sent unless they are, each once. ret_dir:
 * where they stand there. `told` comes now and then while they travel, on this thread. */
int yw_far_images(struct yw_host *host, const char *images_dir, char *ret_dir,
                  size_t ret_size, void (*told)(void *arg, const char *text), void *arg,
                  struct yw_err *err);

/* The other end of a machine's virtio port. Returns at once, any thread: the descriptor
 * ends when there is no such machine or the stream does. The host must stay open. */
int yw_far_port(struct yw_host *host, const char *uuid, const char *port, int *ret_fd,
                struct yw_err *err);

/* The machine runs on there: YW_ESTATE, it could not and runs on here. `target` is a URI for the daemon where it runs. */
int yw_far_move(struct yw_host *host, const char *uuid, const char *target,
                struct yw_err *err);

/* What the host has: processors, free memory, free disk where the images stand. */
int yw_far_capacity(struct yw_host *host, struct yw_capacity *ret, struct yw_err *err);

#endif
