#include "virt/confine/host_traits.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static bool read_first(const char *path, char *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, ret, 1) == 1;

    if (fd >= 0)
        (void)close(fd);
    return good;
}

static void look_at_mac(struct yw_host_traits *ret)
{
    char first = '0';

    YW_COPY(ret->mac, "none");
    if (read_first("/sys/fs/selinux/enforce", &first)) {
        YW_COPY(ret->mac, "selinux");
        ret->mac_enforcing = first == '1';
    } else if (read_first("/sys/module/apparmor/parameters/enabled", &first) &&
               first == 'Y') {
        YW_COPY(ret->mac, "apparmor");
        /* Profiles there are: without one nothing is held. */
        ret->mac_enforcing = read_first("/sys/kernel/security/apparmor/profiles", &first);
    }
}

/* Asks for the generation of the rule set, which changes nothing. */
static bool has_nftables(void)
{
    struct {
        struct nlmsghdr head;
        struct nfgenmsg generic;
    } ask = {
        .head = {.nlmsg_len = sizeof(ask),
                 .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN,
                 .nlmsg_flags = NLM_F_REQUEST,
                 .nlmsg_seq = 1},
        .generic = {.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0},
    };
    struct timeval wait = {.tv_sec = 1};
    _Alignas(struct nlmsghdr) char answer[1024];
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    ssize_t got = -1;

    if (fd < 0)
        return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    if (send(fd, &ask, sizeof(ask), 0) == (ssize_t)sizeof(ask))
        got = recv(fd, answer, sizeof(answer), 0);
    (void)close(fd);
    const struct nlmsghdr *head = (const struct nlmsghdr *)answer;

    return got >= (ssize_t)sizeof(*head) &&
           head->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN);
}

static bool has_seccomp(void)
{
    unsigned action = SECCOMP_RET_ERRNO;

    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

void yw_host_traits_read(struct yw_host_traits *ret, const struct yw_accel *accel,
                         const struct yw_limits *limits)
{
    char first = '0';

    memset(ret, 0, sizeof(*ret));
    ret->known = true;
    ret->kvm = accel->known && accel->kvm;
    YW_COPY(ret->kvm_why, accel->why);
    look_at_mac(ret);
    ret->cgroup_version = limits->version;
    ret->controls = limits->controls;
    ret->seccomp = has_seccomp();
    ret->mount_ns = access("/proc/self/ns/mnt", F_OK) == 0;
    ret->nftables = has_nftables();
    ret->ksm = read_first("/sys/kernel/mm/ksm/run", &first) && first == '1';
}
