#include "virt/net/rtnl.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_MAX 65536
#define WAIT_S 3

int yw_rtnl_open(struct yw_err *err)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct timeval wait = {.tv_sec = WAIT_S};

    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, "netlink socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    return fd;
}

void yw_rtnl_init(struct yw_rtnl_request *request, uint16_t type, uint16_t flags,
                  const void *fixed, size_t fixed_size)
{
    memset(request, 0, sizeof(*request));
    request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(fixed_size);
    request->header.nlmsg_type = type;
    request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    memcpy(request->bytes, fixed, fixed_size);
}

void yw_rtnl_init_link(struct yw_rtnl_request *request, uint16_t type, uint16_t flags,
                       int index)
{
    const struct ifinfomsg link = {.ifi_family = AF_UNSPEC, .ifi_index = index};

    yw_rtnl_init(request, type, flags, &link, sizeof(link));
}

struct rtattr *yw_rtnl_put(struct yw_rtnl_request *request, uint16_t type,
                           const void *bytes, size_t size)
{
    size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
    struct rtattr *attribute = (struct rtattr *)(void *)((char *)request + at);

    assert(at + RTA_SPACE(size) <= sizeof(*request));
    attribute->rta_type = type;
    attribute->rta_len = (uint16_t)RTA_LENGTH(size);
    if (size > 0)
        memcpy(RTA_DATA(attribute), bytes, size);
    request->header.nlmsg_len = (uint32_t)(at + RTA_ALIGN(attribute->rta_len));
    return attribute;
}

void yw_rtnl_put_text(struct yw_rtnl_request *request, uint16_t type, const char *text)
{
    (void)yw_rtnl_put(request, type, text, strlen(text) + 1);
}

struct rtattr *yw_rtnl_nest(struct yw_rtnl_request *request, uint16_t type)
{
    return yw_rtnl_put(request, type, NULL, 0);
}

void yw_rtnl_end(struct yw_rtnl_request *request, struct rtattr *nest)
{
    nest->rta_len =
        (uint16_t)((char *)request + request->header.nlmsg_len - (char *)nest);
}

/* Calls fn for every message of the answer; without one waits for the acknowledgement. */
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

static int send_request(int fd, const struct yw_rtnl_request *request)
{
    return send(fd, request, request->header.nlmsg_len, 0) < 0 ? -errno : 0;
}

int yw_rtnl_ask(int fd, struct yw_rtnl_request *request)
{
    request->header.nlmsg_flags |= NLM_F_ACK;
    int status = send_request(fd, request);

    return status < 0 ? status : read_answer(fd, false, NULL, NULL);
}

static void copy_text(char *to, size_t size, const struct rtattr *from)
{
    (void)snprintf(to, size, "%.*s", (int)RTA_PAYLOAD(from),
                   (const char *)RTA_DATA(from));
}

static void parse_port(const struct rtattr *data, struct yw_rtnl_link *ret)
{
    unsigned left = (unsigned)RTA_PAYLOAD(data);

    for (const struct rtattr *at = RTA_DATA(data); RTA_OK(at, left);
         at = RTA_NEXT(at, left)) {
        if (at->rta_type == IFLA_BRPORT_ISOLATED && RTA_PAYLOAD(at) >= 1)
            ret->isolated = *(const uint8_t *)RTA_DATA(at) != 0;
    }
}

static void parse_info(const struct rtattr *info, struct yw_rtnl_link *ret)
{
    unsigned left = (unsigned)RTA_PAYLOAD(info);
    bool in_bridge = false;

    for (const struct rtattr *at = RTA_DATA(info); RTA_OK(at, left);
         at = RTA_NEXT(at, left)) {
        if (at->rta_type == IFLA_INFO_KIND)
            copy_text(ret->kind, sizeof(ret->kind), at);
        else if (at->rta_type == IFLA_INFO_SLAVE_KIND)
            in_bridge = RTA_PAYLOAD(at) >= 6 && memcmp(RTA_DATA(at), "bridge", 6) == 0;
        else if (at->rta_type == IFLA_INFO_SLAVE_DATA && in_bridge)
            parse_port(at, ret);
    }
}

static void parse_link(const struct nlmsghdr *message, struct yw_rtnl_link *ret)
{
    const struct ifinfomsg *link = NLMSG_DATA(message);
    unsigned left = (unsigned)IFLA_PAYLOAD(message);

    memset(ret, 0, sizeof(*ret));
    ret->index = link->ifi_index;
    ret->flags = link->ifi_flags;
    for (const struct rtattr *at = IFLA_RTA(link); RTA_OK(at, left);
         at = RTA_NEXT(at, left)) {
        if (at->rta_type == IFLA_IFNAME)
            copy_text(ret->name, sizeof(ret->name), at);
        else if (at->rta_type == IFLA_IFALIAS)
            copy_text(ret->alias, sizeof(ret->alias), at);
        else if (at->rta_type == IFLA_MASTER && RTA_PAYLOAD(at) >= sizeof(ret->master))
            memcpy(&ret->master, RTA_DATA(at), sizeof(ret->master));
        else if (at->rta_type == IFLA_ADDRESS && RTA_PAYLOAD(at) == sizeof(ret->mac))
            memcpy(ret->mac, RTA_DATA(at), sizeof(ret->mac));
        else if (at->rta_type == IFLA_LINKINFO)
            parse_info(at, ret);
    }
}

static void on_one_link(void *arg, const struct nlmsghdr *message)
{
    parse_link(message, arg);
}

int yw_rtnl_find(int fd, const char *name, struct yw_rtnl_link *ret)
{
    struct yw_rtnl_request request;

    memset(ret, 0, sizeof(*ret));
    yw_rtnl_init_link(&request, RTM_GETLINK, 0, 0);
    yw_rtnl_put_text(&request, IFLA_IFNAME, name);
    int status = send_request(fd, &request);

    return status < 0 ? status : read_answer(fd, false, on_one_link, ret);
}

struct each {
    void (*fn)(void *arg, const struct yw_rtnl_link *link);
    void *arg;
};

static void on_each_link(void *arg, const struct nlmsghdr *message)
{
    const struct each *each = arg;
    struct yw_rtnl_link link;

    if (message->nlmsg_type != RTM_NEWLINK)
        return;
    parse_link(message, &link);
    each->fn(each->arg, &link);
}

int yw_rtnl_each(int fd, void (*fn)(void *arg, const struct yw_rtnl_link *link),
                 void *arg)
{
    struct each each = {.fn = fn, .arg = arg};
    struct yw_rtnl_request request;

    yw_rtnl_init_link(&request, RTM_GETLINK, NLM_F_DUMP, 0);
    int status = send_request(fd, &request);

    return status < 0 ? status : read_answer(fd, true, on_each_link, &each);
}

int yw_rtnl_delete(int fd, int index)
{
    struct yw_rtnl_request request;

    yw_rtnl_init_link(&request, RTM_DELLINK, 0, index);
    return yw_rtnl_ask(fd, &request);
}

int yw_rtnl_flags(int fd, int index, unsigned values, unsigned which)
{
    struct yw_rtnl_request request;
    const struct ifinfomsg link = {.ifi_family = AF_UNSPEC,
                                   .ifi_index = index,
                                   .ifi_flags = values,
                                   .ifi_change = which};

    yw_rtnl_init(&request, RTM_NEWLINK, 0, &link, sizeof(link));
    return yw_rtnl_ask(fd, &request);
}

int yw_rtnl_port_state(int fd, int index, uint8_t state)
{
    struct yw_rtnl_request request;
    const struct ifinfomsg link = {.ifi_family = AF_BRIDGE, .ifi_index = index};

    yw_rtnl_init(&request, RTM_SETLINK, 0, &link, sizeof(link));
    struct rtattr *port = yw_rtnl_nest(&request, IFLA_PROTINFO | NLA_F_NESTED);

    (void)yw_rtnl_put(&request, IFLA_BRPORT_STATE, &state, sizeof(state));
    yw_rtnl_end(&request, port);
    return yw_rtnl_ask(fd, &request);
}
