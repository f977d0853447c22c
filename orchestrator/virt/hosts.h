/* Many hosts as one connection: each has a connection of its own, and every call goes to
 * the host of its machine (yw_plan_machine.host), every network to each host it touches,
 * LIST, PROBE, SWEEP, FREEZE to all. Notices carry the host.
 *
 *   up ──no answer for LOST_MS──► lost ──answers again──► up
 *
 * A lost host costs its own machines alone: calls to it fail at once and name it. A SWEEP
 * passes over lost hosts and names them in `output`: they are looked through when they are
 * back, by whoever hears the HOST notice. Machines that moved away are told by their
 * placement; what their old host still says of them is dropped. Loop thread. */
#ifndef YW_VIRT_HOSTS_H
#define YW_VIRT_HOSTS_H

#include "virt/virt.h"

#define YW_HOSTS_MAX 64
#define YW_HOSTS_PING_MS 2000
#define YW_HOSTS_SILENT_MS 7000 /* a ping unanswered for so long */
#define YW_HOSTS_FIRST_MS 20000 /* until the first answer of a connection */

struct yw_hosts_member {
    char name[YW_NAME_MAX];
    int weight; /* 1..YW_PLACE_WEIGHT_MAX */
    bool drain;
    uint32_t underlay; /* host byte order; 0: none, so no network may span to it */
    char uri[YW_VIRT_URI_MAX]; /* for moves: the daemons have certificates of their own */
    struct yw_virt *virt;      /* stolen, also when opening fails */
};

/* A full image that is registered here: its disk, to be brought to a host that lacks it
 * before a machine of it is made there. */
struct yw_hosts_image {
    int fd; /* of its disk, opened for whoever asked */
    int64_t size;
    char hash[YW_HASH_TEXT_SIZE]; /* BLAKE2b-256 as in base/hash.h */
};
/* Who knows them; may be NULL. Blocking for a moment. YW_ENOTFOUND: no such image. */
typedef int yw_hosts_find_image(const void *arg, const char *id,
                                struct yw_hosts_image *ret, struct yw_err *err);
void yw_virt_hosts_images(struct yw_virt *virt, yw_hosts_find_image *find,
                          const void *arg);

int yw_virt_open_hosts(struct yw_virt **ret, const struct yw_clock *clock,
                       struct yw_due *due, const struct yw_hosts_member *members,
                       size_t count, struct yw_err *err);

#endif
