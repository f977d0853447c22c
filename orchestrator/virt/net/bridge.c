#include "virt/net/bridge.h"

#include "base/mem.h"
#include "virt/net/rtnl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ALIAS_PREFIX "yanwu:"

/* "yw1a2b3c-12", "yw1a2b3cv12": no name that anybody else would give. */
static bool is_plan_name(const char *name)
{
    size_t digits = strlen(name) > 9 ? strspn(name + 9, "0123456789") : 0;

    return strncmp(name, "yw", 2) == 0 && strspn(name + 2, "0123456789abcdef") == 6 &&
           (name[8] == '-' || name[8] == 'v') && digits > 0 && name[9 + digits] == '\0';
}

/* One without a tag is ours by its name: we died between making and tagging it. */
bool yw_bridge_is_ours(const struct yw_rtnl_link *link)
{
    if (strcmp(link->kind, "bridge") != 0 && strcmp(link->kind, "vxlan") != 0)
        return false;
    return strncmp(link->alias, ALIAS_PREFIX, strlen(ALIAS_PREFIX)) == 0 ||
           (link->alias[0] == '\0' && is_plan_name(link->name));
}

static const char *drill_of(const struct yw_rtnl_link *link)
{
    return link->alias[0] ? link->alias + strlen(ALIAS_PREFIX) : "";
}

/* Of the drill, by its tag, or by its name where there is none. */
static bool is_of(const struct yw_rtnl_link *link, const char *drill)
{
    char prefix[YW_PLAN_BRIDGE_MAX];

    if (link->alias[0])
        return strcmp(drill_of(link), drill) == 0;
    yw_plan_prefix(drill, prefix);
    return strncmp(link->name, prefix, strlen(prefix)) == 0;
}

static int create(int fd, const char *name)
{
    struct yw_rtnl_request request;

    yw_rtnl_init_link(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
    yw_rtnl_put_text(&request, IFLA_IFNAME, name);
    struct rtattr *info = yw_rtnl_nest(&request, IFLA_LINKINFO);

    (void)yw_rtnl_put(&request, IFLA_INFO_KIND, "bridge", strlen("bridge"));
    yw_rtnl_end(&request, info);
    return yw_rtnl_ask(fd, &request);
}

/* The tag comes before anything else: a bridge without it would never be removed. */
int yw_bridge_tag(int fd, int index, const char *drill)
{
    struct yw_rtnl_request request;
    char alias[sizeof(ALIAS_PREFIX) + YW_NAME_MAX];

    (void)snprintf(alias, sizeof(alias), ALIAS_PREFIX "%s", drill);
    yw_rtnl_init_link(&request, RTM_NEWLINK, 0, index);
    yw_rtnl_put_text(&request, IFLA_IFALIAS, alias);
    return yw_rtnl_ask(fd, &request);
}

/* No link-local address, whatever the switches below say later. */
static int forbid_ipv6_address(int fd, int index)
{
    struct yw_rtnl_request request;
    const uint8_t mode = 1; /* IN6_ADDR_GEN_MODE_NONE */

    yw_rtnl_init_link(&request, RTM_NEWLINK, 0, index);
    struct rtattr *spec = yw_rtnl_nest(&request, IFLA_AF_SPEC);
    struct rtattr *inet6 = yw_rtnl_nest(&request, AF_INET6);

    (void)yw_rtnl_put(&request, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof(mode));
    yw_rtnl_end(&request, inet6);
    yw_rtnl_end(&request, spec);
    return yw_rtnl_ask(fd, &request);
}

/* Refused where the kernel lacks the protocol or the file system is read-only. */
static void switch_to(const char *family, const char *name, const char *key,
                      const char *value)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, name, key);
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    ssize_t written = write(fd, value, strlen(value));

    (void)written;
    (void)close(fd);
}

/* The host's own IP stack must not appear on a range's bridge. Without an address there
 * is no route back through it, so the strict check refuses every packet; the kernel would
 * else answer for any address of the host. Set again on every call: a later ip_forward=1
 * resets `forwarding` everywhere. */
static void shut_host_out(int fd, const struct yw_rtnl_link *link)
{
    (void)forbid_ipv6_address(fd, link->index);
    switch_to("ipv6", link->name, "disable_ipv6", "1");
    switch_to("ipv6", link->name, "accept_ra", "0");
    switch_to("ipv6", link->name, "forwarding", "0");
    switch_to("ipv4", link->name, "rp_filter", "1");
    switch_to("ipv4", link->name, "arp_ignore", "8");
    switch_to("ipv4", link->name, "proxy_arp", "0");
    switch_to("ipv4", link->name, "send_redirects", "0");
    switch_to("ipv4", link->name, "forwarding", "0");
}

static int dress(int fd, const struct yw_rtnl_link *link, const char *drill)
{
    int status = yw_bridge_tag(fd, link->index, drill);

    if (status < 0)
        return status;
    shut_host_out(fd, link);
    return yw_rtnl_flags(fd, link->index, IFF_UP | IFF_NOARP, IFF_UP | IFF_NOARP);
}

static int make(int fd, const char *name, const char *drill)
{
    struct yw_rtnl_link link = {0};
    int status = create(fd, name);

    if (status < 0)
        return status;
    status = yw_rtnl_find(fd, name, &link);
    if (status == 0)
        status = dress(fd, &link, drill);
    if (status < 0 && link.index > 0)
        (void)yw_rtnl_delete(fd, link.index);
    return status;
}

int yw_bridge_up(const char *name, const char *drill, struct yw_err *err)
{
    struct yw_rtnl_link link;
    int fd = yw_rtnl_open(err);

    if (fd < 0)
        return fd;
    int status = yw_rtnl_find(fd, name, &link);
    bool there = status == 0;

    if (there && !yw_bridge_is_ours(&link)) {
        (void)close(fd);
        return yw_err_set(err, YW_EEXIST,
                          "bridge '%s': an interface of this name exists and is not ours",
                          name);
    }
    if (there && link.alias[0] && strcmp(drill_of(&link), drill) != 0) {
        (void)close(fd);
        return yw_err_set(err, YW_EEXIST, "bridge '%s': drill '%s' uses it", name,
                          drill_of(&link));
    }
    status = there ? dress(fd, &link, drill) : make(fd, name, drill);
    (void)close(fd);
    if (status < 0) {
        (void)yw_err_errno(err, YW_EIO, -status, "create");
        return yw_err_prefix(err, "bridge '%s'", name);
    }
    return 0;
}

/* Removes a link of ours; one that is gone is fine. */
static int take_down(const char *name, struct yw_err *err)
{
    struct yw_rtnl_link link;
    int fd = yw_rtnl_open(err);

    if (fd < 0)
        return fd;
    int status = yw_rtnl_find(fd, name, &link);

    if (status == 0 && !yw_bridge_is_ours(&link)) {
        (void)close(fd);
        return yw_err_set(err, YW_EDENIED, "bridge '%s': not ours", name);
    }
    if (status == 0)
        status = yw_rtnl_delete(fd, link.index);
    (void)close(fd);
    if (status < 0 && status != -ENODEV) {
        (void)yw_err_errno(err, YW_EIO, -status, "remove");
        return yw_err_prefix(err, "bridge '%s'", name);
    }
    return 0;
}

int yw_bridge_down(const char *name, struct yw_err *err)
{
    int code = yw_bridge_vxlan_down(name, err);

    return code < 0 ? code : take_down(name, err);
}

static int isolate(int fd, int index)
{
    const struct ifinfomsg link = {.ifi_family = AF_BRIDGE, .ifi_index = index};
    const uint8_t on = 1;
    struct yw_rtnl_request request;

    yw_rtnl_init(&request, RTM_SETLINK, 0, &link, sizeof(link));
    struct rtattr *port = yw_rtnl_nest(&request, IFLA_PROTINFO | NLA_F_NESTED);

    (void)yw_rtnl_put(&request, IFLA_BRPORT_ISOLATED, &on, sizeof(on));
    yw_rtnl_end(&request, port);
    return yw_rtnl_ask(fd, &request);
}

int yw_bridge_port_isolate(const char *tap, struct yw_err *err)
{
    struct yw_rtnl_link link;
    int fd = yw_rtnl_open(err);

    if (fd < 0)
        return fd;
    int status = yw_rtnl_find(fd, tap, &link);

    if (status == 0 && !link.isolated) {
        status = isolate(fd, link.index);
        if (status == 0)
            status = yw_rtnl_find(fd, tap, &link);
        if (status == 0 && !link.isolated)
            status = -EOPNOTSUPP;
    }
    (void)close(fd);
    if (status == 0)
        return 0;
    (void)yw_err_errno(err, status == -ENODEV ? YW_ENOTFOUND : YW_EIO, -status,
                       "isolate");
    return yw_err_prefix(err, "port '%s'", tap);
}

void yw_bridge_port_hush(const char *tap)
{
    switch_to("ipv6", tap, "disable_ipv6", "1");
}

struct listing {
    struct yw_vec *list;
    const char *drill;
};

static void on_listed_link(void *arg, const struct yw_rtnl_link *link)
{
    struct listing *listing = arg;
    struct yw_bridge bridge = {0};

    /* a VXLAN belongs to its bridge, unless that is gone */
    if (!yw_bridge_is_ours(link) ||
        (strcmp(link->kind, "vxlan") == 0 && link->master != 0))
        return;
    YW_COPY(bridge.name, link->name);
    YW_COPY(bridge.drill, drill_of(link));
    if (!listing->drill[0] || is_of(link, listing->drill))
        (void)yw_vec_push(listing->list, &bridge);
}

int yw_bridge_list(struct yw_vec *list, const char *drill, struct yw_err *err)
{
    struct listing listing = {.list = list, .drill = drill};
    int fd = yw_rtnl_open(err);

    if (fd < 0)
        return fd;
    int status = yw_rtnl_each(fd, on_listed_link, &listing);

    (void)close(fd);
    return status < 0 ? yw_err_errno(err, YW_EIO, -status, "list bridges") : 0;
}
