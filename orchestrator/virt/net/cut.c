#include "virt/net/cut.h"

#include "base/map.h"
#include "base/vec.h"
#include "virt/net/rtnl.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 65536

bool yw_cut_is_tap(const uint8_t tap[6], const char *mac)
{
    unsigned byte[6];

    if (sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &byte[0], &byte[1], &byte[2], &byte[3],
               &byte[4], &byte[5]) != 6)
        return false;
    for (int i = 1; i < 6; i++) {
        if (tap[i] != byte[i])
            return false;
    }
    return tap[0] == 0xfe || tap[0] == byte[0];
}

static void on_link(void *arg, const struct yw_rtnl_link *link)
{
    (void)yw_vec_push(arg, link);
}

static int index_of(const struct yw_vec *links, const char *bridge)
{
    for (size_t i = 0; i < links->count; i++) {
        const struct yw_rtnl_link *link = yw_vec_at(links, i);

        if (strcmp(link->kind, "bridge") == 0 && strcmp(link->name, bridge) == 0)
            return link->index;
    }
    return 0;
}

static const struct yw_rtnl_link *tap_of(const struct yw_vec *links, const char *bridge,
                                         const char *mac)
{
    int master = index_of(links, bridge);

    for (size_t i = 0; i < links->count && master > 0; i++) {
        const struct yw_rtnl_link *link = yw_vec_at(links, i);

        if (link->master == master && yw_cut_is_tap(link->mac, mac))
            return link;
    }
    return NULL;
}

static int set_all(int fd, const struct yw_vec *links,
                   const struct yw_broker_member *member, bool cut, size_t *count)
{
    int status = 0;

    for (size_t i = 0; i < member->nic_count; i++) {
        const struct yw_rtnl_link *tap =
            tap_of(links, member->bridges[i], member->macs[i]);

        if (!tap)
            continue;
        int each = yw_rtnl_port_state(fd, tap->index,
                                      cut ? BR_STATE_DISABLED : BR_STATE_FORWARDING);

        /* An interface that is down passes nothing anyway, and is set when it comes up. */
        if (each < 0 && each != -ENODEV && each != -ENETDOWN)
            status = each;
        else
            (*count)++;
    }
    return status;
}

int yw_cut_set(const struct yw_broker_member *members, size_t count, bool cut,
               size_t *ret_count, struct yw_err *err)
{
    struct yw_vec links;
    int fd = yw_rtnl_open(err);

    *ret_count = 0;
    if (fd < 0)
        return fd;
    yw_vec_init(&links, sizeof(struct yw_rtnl_link), LINKS_MAX);
    int status = yw_rtnl_each(fd, on_link, &links);

    for (size_t i = 0; i < count && links.count > 0; i++) {
        int each = set_all(fd, &links, &members[i], cut, ret_count);

        status = each < 0 ? each : status;
    }
    yw_vec_fini(&links);
    (void)close(fd);
    return status < 0 ? yw_err_errno(err, YW_EIO, -status, cut ? "cut links" : "links up")
                      : 0;
}
