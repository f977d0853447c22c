#include "model/host.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    const char *zh, *en;           /* what it means */
    const char *zh_mend, *en_mend; /* what would mend it */
} rows[YW_HOST_WEAKNESSES] = {
    [YW_HOST_WEAK_EMULATION] =
        {"emulation", "机器由 TCG 模拟；QEMU 不把它当作安全边界",
         "TCG emulates the machines, which QEMU does not count as a security boundary",
         "换用能运行 KVM 的主机", "use a host that can run KVM"},
    [YW_HOST_WEAK_MAC] = {"no-mac", "没有强制访问控制（AppArmor、SELinux）约束机器进程",
                          "no mandatory access control (AppArmor, SELinux) is enforced",
                          "启用 AppArmor 或 SELinux 并重启",
                          "enable AppArmor or SELinux and restart the host"},
    [YW_HOST_WEAK_NFTABLES] = {"no-nftables", "内核没有 nftables，无法阻止地址伪造",
                               "the kernel has no nftables to stop forged addresses",
                               "换用带 nftables 的内核", "use a kernel with nftables"},
    [YW_HOST_WEAK_CGROUPS] = {"no-cgroups", "无法限制机器的处理器、内存或磁盘用量",
                              "the processor, memory or disk use of a machine cannot be "
                              "limited",
                              "挂载可写的 cgroup，并启用 cpu、memory、io、pids",
                              "mount writable cgroups with cpu, memory, io and pids"},
    [YW_HOST_WEAK_SECCOMP] = {"no-seccomp", "内核没有 seccomp 过滤",
                              "the kernel has no seccomp filters",
                              "换用带 seccomp 的内核", "use a kernel with seccomp"},
    [YW_HOST_WEAK_NAMESPACES] = {"no-namespaces", "内核没有挂载名字空间",
                                 "the kernel has no mount namespaces",
                                 "换用带名字空间的内核", "use a kernel with namespaces"},
};

static bool is_weak(const struct yw_host_traits *traits, enum yw_host_weakness weakness)
{
    switch (weakness) {
    case YW_HOST_WEAK_EMULATION:
        return !traits->kvm;
    case YW_HOST_WEAK_MAC:
        return strcmp(traits->mac, "none") == 0 || traits->mac[0] == '\0' ||
               !traits->mac_enforcing;
    case YW_HOST_WEAK_NFTABLES:
        return !traits->nftables;
    case YW_HOST_WEAK_CGROUPS:
        return traits->controls != YW_HOST_ALL_CONTROLS;
    case YW_HOST_WEAK_SECCOMP:
        return !traits->seccomp;
    case YW_HOST_WEAK_NAMESPACES:
        return !traits->mount_ns;
    case YW_HOST_WEAKNESSES:
        break;
    }
    return true;
}

size_t yw_host_weak(const struct yw_host_traits *traits,
                    enum yw_host_weakness ret[YW_HOST_WEAKNESSES])
{
    size_t count = 0;

    if (traits->known && traits->in_memory)
        return 0;
    for (int i = 0; i < YW_HOST_WEAKNESSES; i++) {
        if (!traits->known || is_weak(traits, (enum yw_host_weakness)i))
            ret[count++] = (enum yw_host_weakness)i;
    }
    return count;
}

const char *yw_host_weakness_name(enum yw_host_weakness weakness)
{
    assert((unsigned)weakness < YW_HOST_WEAKNESSES);
    return rows[weakness].name;
}

void yw_host_weakness_words(enum yw_host_weakness weakness, struct yw_text *ret_what,
                            struct yw_text *ret_mend)
{
    assert((unsigned)weakness < YW_HOST_WEAKNESSES);
    YW_COPY(ret_what->zh, rows[weakness].zh);
    YW_COPY(ret_what->en, rows[weakness].en);
    YW_COPY(ret_mend->zh, rows[weakness].zh_mend);
    YW_COPY(ret_mend->en, rows[weakness].en_mend);
}

void yw_host_controls_text(unsigned controls, char text[32])
{
    static const char *const names[] = {"cpu", "memory", "io", "pids"};

    text[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((controls & 1u << i) == 0)
            continue;
        if (text[0] != '\0')
            strcat(text, " ");
        strcat(text, names[i]);
    }
}
