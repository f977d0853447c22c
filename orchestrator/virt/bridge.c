#include "virt/bridge.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ALIAS_PREFIX "yanwu:"
#define REQUEST_MAX 1024
#define ANSWER_MAX 65536
#define WAIT_S 3

struct request {
    struct nlmsghdr header;
    struct ifinfomsg link;
    char attributes[REQUEST_MAX];
};

/* What one link message says. */
struct link {
    int index;
    bool is_bridge;
    char name[IFNAMSIZ];
    char alias[256];
};

static int open_socket(struct yw_err *err)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct timeval wait = {.tv_sec = WAIT_S};

    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, "netlink socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    return fd;
}

static void request_init(struct request *request, uint16_t type, uint16_t flags)
{
    memset(request, 0, sizeof(*request));
    request->header.nlmsg_len = NLMSG_LENGTH(sizeof(request->link));
    request->header.nlmsg_type = type;
    request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    request->link.ifi_family = AF_UNSPEC;
}

static struct rtattr *put(struct request *request, uint16_t type, const void *bytes,
                          size_t size)
{
    size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
    struct rtattr *attribute = (struct rtattr *)(void *)((char *)request + at);

    assert(at + RTA_LENGTH(size) <= sizeof(*request));
    attribute->rta_type = type;
    attribute->rta_len = (uint16_t)RTA_LENGTH(size);
    if (size > 0)
        memcpy(RTA_DATA(attribute), bytes, size);
    request->header.nlmsg_len = (uint32_t)(at + RTA_ALIGN(attribute->rta_len));
    return attribute;
}

static void put_text(struct request *request, uint16_t type, const char *text)
{
    (void)put(request, type, text, strlen(text) + 1);
}

/* Calls fn for every message of the answer. Returns 0 or the negative errno of the
 * kernel. */
static int read_answer(int fd, bool dump,
                       void (*fn)(void *arg, const struct nlmsghdr *message), void *arg)
{
    _Alignas(struct nlmsghdr) char bytes[ANSWER_MAX];

    for (;;) {
        ssize_t size = recv(fd, bytes, sizeof(bytes), 0);

        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return size < 0 ? -errno : -EIO;
        unsigned left = (unsigned)size;

        for (struct nlmsghdr *at = (void *)bytes; NLMSG_OK(at, left);
             at = NLMSG_NEXT(at, left)) {
            if (at->nlmsg_type == NLMSG_DONE)
                return 0;
            if (at->nlmsg_type == NLMSG_ERROR)
                return ((const struct nlmsgerr *)NLMSG_DATA(at))->error;
            if (fn)
                fn(arg, at);
            if (!dump && fn)
                return 0;
        }
    }
}

static int ask(int fd, struct request *request, bool dump,
               void (*fn)(void *arg, const struct nlmsghdr *message), void *arg)
{
    if (send(fd, request, request->header.nlmsg_len, 0) < 0)
        return -errno;
    return read_answer(fd, dump, fn, arg);
}

static void parse_kind(const struct rtattr *info, struct link *ret)
{
    unsigned left = (unsigned)RTA_PAYLOAD(info);

    for (const struct rtattr *at = RTA_DATA(info); RTA_OK(at, left);
         at = RTA_NEXT(at, left)) {
        if (at->rta_type == IFLA_INFO_KIND && RTA_PAYLOAD(at) >= sizeof("bridge") &&
            memcmp(RTA_DATA(at), "bridge", sizeof("bridge")) == 0)
            ret->is_bridge = true;
    }
}

static void parse_link(const struct nlmsghdr *message, struct link *ret)
{
    const struct ifinfomsg *info = NLMSG_DATA(message);
    unsigned left = (unsigned)IFLA_PAYLOAD(message);

    memset(ret, 0, sizeof(*ret));
    if (message->nlmsg_type != RTM_NEWLINK)
        return;
    ret->index = info->ifi_index;
    for (const struct rtattr *at = IFLA_RTA(info); RTA_OK(at, left);
         at = RTA_NEXT(at, left)) {
        if (at->rta_type == IFLA_IFNAME)
            (void)snprintf(ret->name, sizeof(ret->name), "%.*s", (int)RTA_PAYLOAD(at),
                           (const char *)RTA_DATA(at));
        else if (at->rta_type == IFLA_IFALIAS)
            (void)snprintf(ret->alias, sizeof(ret->alias), "%.*s", (int)RTA_PAYLOAD(at),
                           (const char *)RTA_DATA(at));
        else if (at->rta_type == IFLA_LINKINFO)
            parse_kind(at, ret);
    }
}

static void on_one_link(void *arg, const struct nlmsghdr *message)
{
    parse_link(message, arg);
}

/* 0 with *ret filled, or a negative errno: -ENODEV when there is none of this name. */
static int find(int fd, const char *name, struct link *ret)
{
    struct request request;

    memset(ret, 0, sizeof(*ret));
    request_init(&request, RTM_GETLINK, 0);
    put_text(&request, IFLA_IFNAME, name);
    return ask(fd, &request, false, on_one_link, ret);
}

static bool is_ours(const struct link *link)
{
    return link->is_bridge &&
           strncmp(link->alias, ALIAS_PREFIX, strlen(ALIAS_PREFIX)) == 0;
}

static int create(int fd, const char *name)
{
    struct request request;

    request_init(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
    put_text(&request, IFLA_IFNAME, name);
    struct rtattr *info = put(&request, IFLA_LINKINFO, NULL, 0);

    (void)put(&request, IFLA_INFO_KIND, "bridge", strlen("bridge"));
    info->rta_len =
        (uint16_t)((char *)&request + request.header.nlmsg_len - (char *)info);
    return ask(fd, &request, false, NULL, NULL);
}

/* The tag comes before anything else: a bridge without it would never be removed. */
static int tag_and_raise(int fd, int index, const char *drill)
{
    struct request request;
    char alias[sizeof(ALIAS_PREFIX) + YW_NAME_MAX];

    (void)snprintf(alias, sizeof(alias), ALIAS_PREFIX "%s", drill);
    request_init(&request, RTM_NEWLINK, NLM_F_ACK);
    request.link.ifi_index = index;
    put_text(&request, IFLA_IFALIAS, alias);
    int status = ask(fd, &request, false, NULL, NULL);

    if (status < 0)
        return status;
    request_init(&request, RTM_NEWLINK, NLM_F_ACK);
    request.link.ifi_index = index;
    request.link.ifi_flags = IFF_UP;
    request.link.ifi_change = IFF_UP;
    return ask(fd, &request, false, NULL, NULL);
}

static int delete (int fd, int index)
{
    struct request request;

    request_init(&request, RTM_DELLINK, NLM_F_ACK);
    request.link.ifi_index = index;
    return ask(fd, &request, false, NULL, NULL);
}

/* The host's own IPv6 must not appear on a range's bridge. Absent without IPv6: fine. */
static void disable_ipv6(const char *name)
{
    char path[96];

    (void)snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    ssize_t written = write(fd, "1", 1); /* refused where the kernel has no IPv6 */

    (void)written;
    (void)close(fd);
}

static int make(int fd, const char *name, const char *drill)
{
    struct link link;
    int status = create(fd, name);

    if (status < 0)
        return status;
    disable_ipv6(name);
    status = find(fd, name, &link);
    if (status == 0)
        status = tag_and_raise(fd, link.index, drill);
    if (status < 0 && link.index > 0)
        (void)delete (fd, link.index);
    return status;
}

int yw_bridge_up(const char *name, const char *drill, struct yw_err *err)
{
    struct link link;
    int fd = open_socket(err);

    if (fd < 0)
        return fd;
    int status = find(fd, name, &link);

    if (status == 0 && !is_ours(&link)) {
        (void)close(fd);
        return yw_err_set(err, YW_EEXIST,
                          "bridge '%s': an interface of this name exists and is not ours",
                          name);
    }
    if (status == 0)
        status = tag_and_raise(fd, link.index, drill);
    else
        status = make(fd, name, drill);
    (void)close(fd);
    if (status < 0) {
        (void)yw_err_errno(err, YW_EIO, -status, "create");
        return yw_err_prefix(err, "bridge '%s'", name);
    }
    return 0;
}

int yw_bridge_down(const char *name, struct yw_err *err)
{
    struct link link;
    int fd = open_socket(err);

    if (fd < 0)
        return fd;
    int status = find(fd, name, &link);

    if (status == 0 && !is_ours(&link)) {
        (void)close(fd);
        return yw_err_set(err, YW_EDENIED, "bridge '%s': not ours", name);
    }
    if (status == 0)
        status = delete (fd, link.index);
    (void)close(fd);
    if (status < 0 && status != -ENODEV) {
        (void)yw_err_errno(err, YW_EIO, -status, "remove");
        return yw_err_prefix(err, "bridge '%s'", name);
    }
    return 0;
}

struct listing {
    struct yw_vec *list;
    const char *drill;
};

static void on_listed_link(void *arg, const struct nlmsghdr *message)
{
    struct listing *listing = arg;
    struct yw_bridge bridge = {0};
    struct link link;

    parse_link(message, &link);
    if (!is_ours(&link))
        return;
    YW_COPY(bridge.name, link.name);
    YW_COPY(bridge.drill, link.alias + strlen(ALIAS_PREFIX));
    if (!listing->drill[0] || strcmp(bridge.drill, listing->drill) == 0)
        (void)yw_vec_push(listing->list, &bridge);
}

int yw_bridge_list(struct yw_vec *list, const char *drill, struct yw_err *err)
{
    struct listing listing = {.list = list, .drill = drill};
    struct request request;
    int fd = open_socket(err);

    if (fd < 0)
        return fd;
    request_init(&request, RTM_GETLINK, NLM_F_DUMP);
    int status = ask(fd, &request, true, on_listed_link, &listing);

    (void)close(fd);
    return status < 0 ? yw_err_errno(err, YW_EIO, -status, "list bridges") : 0;
}
