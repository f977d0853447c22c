#include "virt/net/bridge.h"

#include "base/mem.h"
#include "virt/net/rtnl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VNI_MAX 0xffffffu

void yw_bridge_vxlan_name(const char *bridge, char name[YW_PLAN_BRIDGE_MAX])
{
    (void)yw_copy(name, YW_PLAN_BRIDGE_MAX, bridge);
    char *dash = strchr(name, '-');

    if (dash)
        *dash = 'v';
}

static int check(const char *bridge, const struct yw_vxlan *vxlan, struct yw_err *err)
{
    if (vxlan->vni == 0 || vxlan->vni > VNI_MAX)
        return yw_err_set(err, YW_EINVAL, "vxlan of '%s': vni %u is outside 1..%u",
                          bridge, vxlan->vni, VNI_MAX);
    if (vxlan->local == 0 || vxlan->remote_count == 0 ||
        vxlan->remote_count > YW_VXLAN_REMOTES_MAX)
        return yw_err_set(err, YW_EINVAL,
                          "vxlan of '%s': needs a local address and 1..%d remote hosts",
                          bridge, YW_VXLAN_REMOTES_MAX);
    if (!strchr(bridge, '-'))
        return yw_err_set(err, YW_EINVAL, "vxlan of '%s': not a bridge of a plan",
                          bridge);
    return 0;
}

static int create(int fd, const char *name, const struct yw_vxlan *vxlan)
{
    struct yw_rtnl_request request;
    const uint32_t local = htonl(vxlan->local), mtu = YW_VXLAN_PORT_MTU;
    const uint16_t port = htons(vxlan->port ? vxlan->port : YW_VXLAN_PORT);
    const uint8_t learning = 1;

    yw_rtnl_init_link(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
    yw_rtnl_put_text(&request, IFLA_IFNAME, name);
    (void)yw_rtnl_put(&request, IFLA_MTU, &mtu, sizeof(mtu));
    struct rtattr *info = yw_rtnl_nest(&request, IFLA_LINKINFO);

    (void)yw_rtnl_put(&request, IFLA_INFO_KIND, "vxlan", strlen("vxlan"));
    struct rtattr *data = yw_rtnl_nest(&request, IFLA_INFO_DATA);

    (void)yw_rtnl_put(&request, IFLA_VXLAN_ID, &vxlan->vni, sizeof(vxlan->vni));
    (void)yw_rtnl_put(&request, IFLA_VXLAN_LOCAL, &local, sizeof(local));
    (void)yw_rtnl_put(&request, IFLA_VXLAN_PORT, &port, sizeof(port));
    (void)yw_rtnl_put(&request, IFLA_VXLAN_LEARNING, &learning, sizeof(learning));
    yw_rtnl_end(&request, data);
    yw_rtnl_end(&request, info);
    return yw_rtnl_ask(fd, &request);
}

/* What is unknown goes to every other host: entries for the zero address. */
static int flood_to(int fd, int index, uint32_t remote)
{
    struct yw_rtnl_request request;
    const struct ndmsg neighbour = {.ndm_family = AF_BRIDGE,
                                    .ndm_ifindex = index,
                                    .ndm_state = NUD_NOARP | NUD_PERMANENT,
                                    .ndm_flags = NTF_SELF};
    const uint8_t zero[6] = {0};
    const uint32_t address = htonl(remote);

    yw_rtnl_init(&request, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND, &neighbour,
                 sizeof(neighbour));
    (void)yw_rtnl_put(&request, NDA_LLADDR, zero, sizeof(zero));
    (void)yw_rtnl_put(&request, NDA_DST, &address, sizeof(address));
    return yw_rtnl_ask(fd, &request);
}

static int plug_in(int fd, const char *name, const struct yw_vxlan *vxlan,
                   const struct yw_rtnl_link *bridge)
{
    struct yw_rtnl_link link;
    struct yw_rtnl_request request;
    int status = yw_rtnl_find(fd, name, &link);

    if (status == 0)
        status = yw_bridge_tag(fd, link.index, strchr(bridge->alias, ':') + 1);
    for (size_t i = 0; i < vxlan->remote_count && status == 0; i++)
        status = flood_to(fd, link.index, vxlan->remotes[i]);
    if (status < 0)
        return status;
    yw_rtnl_init_link(&request, RTM_NEWLINK, 0, link.index);
    (void)yw_rtnl_put(&request, IFLA_MASTER, &bridge->index, sizeof(bridge->index));
    status = yw_rtnl_ask(fd, &request);
    return status < 0 ? status : yw_rtnl_flags(fd, link.index, IFF_UP, IFF_UP);
}

static int make(int fd, const char *bridge, const struct yw_vxlan *vxlan,
                struct yw_err *err)
{
    char name[YW_PLAN_BRIDGE_MAX];
    struct yw_rtnl_link link;
    int status = yw_rtnl_find(fd, bridge, &link);

    if (status == 0 && !strchr(link.alias, ':'))
        status = -ENODEV; /* not one that yw_bridge_up has finished */
    yw_bridge_vxlan_name(bridge, name);
    if (status == 0)
        status = create(fd, name, vxlan);
    if (status == 0)
        status = plug_in(fd, name, vxlan, &link);
    return status < 0 ? yw_err_errno(err, YW_EIO, -status, "create") : 0;
}

/* Made anew each time: there is no asking a VXLAN for all that it was made with, and it
 * carries nothing while a network comes up. */
int yw_bridge_vxlan_up(const char *bridge, const struct yw_vxlan *vxlan,
                       struct yw_err *err)
{
    int code = check(bridge, vxlan, err);

    if (code == 0)
        code = yw_bridge_vxlan_down(bridge, err);
    int fd = code < 0 ? code : yw_rtnl_open(err);

    if (fd < 0)
        return fd;
    code = make(fd, bridge, vxlan, err);
    (void)close(fd);
    if (code < 0) {
        (void)yw_bridge_vxlan_down(bridge, NULL);
        return yw_err_prefix(err, "vxlan of '%s'", bridge);
    }
    return 0;
}

int yw_bridge_vxlan_down(const char *bridge, struct yw_err *err)
{
    char name[YW_PLAN_BRIDGE_MAX];
    struct yw_rtnl_link link;

    if (!strchr(bridge, '-'))
        return 0;
    yw_bridge_vxlan_name(bridge, name);
    int fd = yw_rtnl_open(err);

    if (fd < 0)
        return fd;
    int status = yw_rtnl_find(fd, name, &link);

    if (status == 0)
        status = yw_bridge_is_ours(&link) ? yw_rtnl_delete(fd, link.index) : -EPERM;
    (void)close(fd);
    if (status < 0 && status != -ENODEV)
        return yw_err_errno(err, YW_EIO, -status, name);
    return 0;
}
