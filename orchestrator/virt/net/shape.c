#include "virt/net/shape.h"

#include "base/mem.h"
#include "virt/net/rtnl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/pkt_sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define OWN_HANDLE 0x59570000u /* "YW": any but the kernel's default, which is 0 */
#define BURST_MIN 16384u       /* bytes: a few packets, or one that is cut up later */
#define BURST_MS 20u
#define QUEUE_MIN 32768u
#define QUEUE_MS 100u
#define TICK_NS 64 /* netem's unit (PSCHED_SHIFT) */
#define DELAYED_MAX 10000

static void init(struct yw_rtnl_request *request, uint16_t type, uint16_t flags,
                 int index, uint32_t parent)
{
    const struct tcmsg qdisc = {.tcm_family = AF_UNSPEC,
                                .tcm_ifindex = index,
                                .tcm_parent = parent,
                                .tcm_handle = parent == TC_H_ROOT ? OWN_HANDLE : 0};

    yw_rtnl_init(request, type, flags, &qdisc, sizeof(qdisc));
}

void yw_shape_delay_request(struct yw_rtnl_request *ret, int index, int delay_ms)
{
    const struct tc_netem_qopt netem = {
        .latency = (uint32_t)((int64_t)delay_ms * 1000000 / TICK_NS),
        .limit = DELAYED_MAX};

    init(ret, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, index, TC_H_ROOT);
    yw_rtnl_put_text(ret, TCA_KIND, "netem");
    (void)yw_rtnl_put(ret, TCA_OPTIONS, &netem, sizeof(netem));
}

static int add_delay(int fd, int index, int delay_ms)
{
    struct yw_rtnl_request request;

    yw_shape_delay_request(&request, index, delay_ms);
    return yw_rtnl_ask(fd, &request);
}

static uint32_t at_least(uint64_t value, uint32_t least)
{
    return value > least ? (uint32_t)(value < UINT32_MAX ? value : UINT32_MAX) : least;
}

static int add_bandwidth(int fd, int index, int kbit, uint32_t parent)
{
    struct yw_rtnl_request request;
    const uint64_t rate = (uint64_t)kbit * 1000 / 8;
    const uint32_t burst = at_least(rate * BURST_MS / 1000, BURST_MIN);
    const struct tc_tbf_qopt tbf = {
        .rate = {.linklayer = TC_LINKLAYER_ETHERNET, .rate = at_least(rate, 1)},
        .limit = at_least(rate * QUEUE_MS / 1000, QUEUE_MIN)};

    init(&request, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, index, parent);
    yw_rtnl_put_text(&request, TCA_KIND, "tbf");
    struct rtattr *options = yw_rtnl_nest(&request, TCA_OPTIONS);

    (void)yw_rtnl_put(&request, TCA_TBF_PARMS, &tbf, sizeof(tbf));
    (void)yw_rtnl_put(&request, TCA_TBF_BURST, &burst, sizeof(burst));
    yw_rtnl_end(&request, options);
    return yw_rtnl_ask(fd, &request);
}

/* The kernel's default comes back. One that has it already says EINVAL or ENOENT. */
static int clear(int fd, int index)
{
    struct yw_rtnl_request request;

    init(&request, RTM_DELQDISC, 0, index, TC_H_ROOT);
    ((struct tcmsg *)(void *)request.bytes)->tcm_handle = 0;
    int status = yw_rtnl_ask(fd, &request);

    return status == -EINVAL || status == -ENOENT ? 0 : status;
}

static int set(int fd, int index, const struct yw_shape *shape)
{
    uint32_t parent = TC_H_ROOT;
    int status = clear(fd, index);

    if (status == 0 && shape->delay_ms > 0) {
        status = add_delay(fd, index, shape->delay_ms);
        parent = OWN_HANDLE | 1u; /* behind the delay: its only class */
    }
    if (status == 0 && shape->bandwidth_kbit > 0)
        status = add_bandwidth(fd, index, shape->bandwidth_kbit, parent);
    if (status < 0)
        (void)clear(fd, index);
    return status;
}

int yw_shape_set(const char *interface, const struct yw_shape *shape, struct yw_err *err)
{
    struct yw_rtnl_link link;
    int fd = yw_rtnl_open(err);

    if (fd < 0)
        return fd;
    int status = yw_rtnl_find(fd, interface, &link);

    if (status == 0)
        status = set(fd, link.index, shape);
    (void)close(fd);
    if (status == 0)
        return 0;
    (void)yw_err_errno(err,
                       status == -ENOENT || status == -ENODEV ? YW_ENOTFOUND : YW_EIO,
                       -status, "bandwidth and delay");
    return yw_err_prefix(err, "interface '%s'", interface);
}

/* A tap for as long as the descriptor is open. */
static int open_tap(struct ifreq *request)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

    memset(request, 0, sizeof(*request));
    request->ifr_flags = IFF_TAP | IFF_NO_PI;
    (void)snprintf(request->ifr_name, sizeof(request->ifr_name), "ywprobe%%d");
    if (fd >= 0 && ioctl(fd, TUNSETIFF, request) < 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool has_htb(const char *interface)
{
    const struct tc_htb_glob options = {.version = TC_HTB_PROTOVER, .rate2quantum = 10};
    struct yw_rtnl_request request;
    struct yw_rtnl_link link;
    int fd = yw_rtnl_open(NULL);
    bool good = fd >= 0 && yw_rtnl_find(fd, interface, &link) == 0;

    if (good) {
        init(&request, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, link.index, TC_H_ROOT);
        yw_rtnl_put_text(&request, TCA_KIND, "htb");
        struct rtattr *nest = yw_rtnl_nest(&request, TCA_OPTIONS);

        (void)yw_rtnl_put(&request, TCA_HTB_INIT, &options, sizeof(options));
        yw_rtnl_end(&request, nest);
        good = yw_rtnl_ask(fd, &request) == 0;
    }
    if (fd >= 0)
        (void)close(fd);
    return good;
}

void yw_shape_probe(struct yw_shape_queues *ret)
{
    const struct yw_shape slow = {.bandwidth_kbit = 1000}, late = {.delay_ms = 1},
                          none = {0};
    struct ifreq request;
    int fd = open_tap(&request);

    *ret = (struct yw_shape_queues){0};
    if (fd < 0)
        return;
    ret->tbf = yw_shape_set(request.ifr_name, &slow, NULL) == 0;
    ret->netem = yw_shape_set(request.ifr_name, &late, NULL) == 0;
    (void)yw_shape_set(request.ifr_name, &none, NULL);
    ret->htb = has_htb(request.ifr_name);
    (void)close(fd);
}

void yw_shape_queues_text(const struct yw_shape_queues *queues, bool missing,
                          char text[32])
{
    (void)snprintf(text, 32, "%s%s%s", queues->tbf != missing ? " tbf" : "",
                   queues->htb != missing ? " htb" : "",
                   queues->netem != missing ? " netem" : "");
    if (text[0])
        memmove(text, text + 1, strlen(text));
    else
        (void)snprintf(text, 32, "none");
}
