/* One file on its way to a host, from another host or from a descriptor here: asked for,
 * brought in pieces of which several are under way, checked there by its hash. Private to
 * hosts*.c; loop thread. */
#ifndef YW_VIRT_HOSTS_SHIP_H
#define YW_VIRT_HOSTS_SHIP_H

#include "virt/hosts_inside.h"

#define YW_SHIP_SLOTS 4

struct yw_ship;

struct yw_ship_order {
    struct yw_hosts_host *from; /* NULL: `fd` */
    int fd;                     /* stolen; -1 */
    struct yw_hosts_host *to;
    char path[YW_VIRT_PATH_MAX]; /* its name (virt/virt.h) */
    char hash[YW_HASH_TEXT_SIZE];
    int64_t size;
    char drill[YW_NAME_MAX];
    char what[YW_PLAN_DOMAIN_MAX + 16]; /* for progress: "machine 'x'" */
    /* Once, never from inside yw_ship_start; the ship is gone afterwards. */
    void (*done)(void *owner, int code, const struct yw_err *err);
    void *owner;
};

/* *new*, ends itself. */
struct yw_ship *yw_ship_start(struct yw_hosts *hosts, const struct yw_ship_order *order);
void yw_ship_cancel(struct yw_ship *ship); /* done comes, YW_ECANCELED. NULL-safe */
/* Without a callback; connections are closed already. NULL-safe. */
void yw_ship_drop(struct yw_ship *ship);

#endif
