/* What a host gives to a range, and what it lacks for people who may be hostile. Pure: the
 * facts are read by whoever stands on the host (virt/confine/host_traits.c) and judged here, so that
 * `yanwu doctor` and a drill's bring-up say the same. Source of the rule: QEMU's security
 * policy (emulation is no boundary), and one line of defence a row. */
#ifndef YW_MODEL_HOST_H
#define YW_MODEL_HOST_H

#include "model/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_HOST_WHY_MAX 128
#define YW_HOST_MAC_MAX 16
#define YW_HOST_ADDRESSES_MAX 16

enum yw_host_control { /* of resources; bits of yw_host_traits.controls */
                       YW_HOST_CPU = 1,
                       YW_HOST_MEMORY = 2,
                       YW_HOST_IO = 4,
                       YW_HOST_PIDS = 8,
                       YW_HOST_ALL_CONTROLS = 15
};

struct yw_host_traits {
    bool known;     /* false: nothing below says anything */
    bool in_memory; /* no machines at all: a rehearsal or the fake */
    bool kvm;       /* proved by booting; else emulation */
    char kvm_why[YW_HOST_WHY_MAX];
    char mac[YW_HOST_MAC_MAX]; /* "apparmor", "selinux", "none" */
    bool mac_enforcing;
    int cgroup_version; /* 2, 1, 0 none */
    unsigned controls;  /* those that can be set for a machine: enum yw_host_control */
    bool seccomp;
    bool mount_ns;
    bool nftables;
    bool ksm;
    bool bandwidth;                            /* links can be slowed down */
    bool delay;                                /* … and made late */
    uint32_t addresses[YW_HOST_ADDRESSES_MAX]; /* its own, IPv4, host byte order */
    size_t address_count;
    uint32_t gateway; /* of its default route; 0 none */
};

enum yw_host_weakness {
    YW_HOST_WEAK_EMULATION,
    YW_HOST_WEAK_MAC,
    YW_HOST_WEAK_NFTABLES,
    YW_HOST_WEAK_CGROUPS,
    YW_HOST_WEAK_SECCOMP,
    YW_HOST_WEAK_NAMESPACES,
    YW_HOST_WEAKNESSES
};

/* How many weaknesses; which, in their order. A host that was not looked at has all. */
size_t yw_host_weak(const struct yw_host_traits *traits,
                    enum yw_host_weakness ret[YW_HOST_WEAKNESSES]);
const char *yw_host_weakness_name(enum yw_host_weakness weakness); /* "emulation" */
/* What it means and what would mend it. */
void yw_host_weakness_words(enum yw_host_weakness weakness, struct yw_text *ret_what,
                            struct yw_text *ret_mend);
/* "cpu memory io pids" of a set, "" for none; into text[32]. */
void yw_host_controls_text(unsigned controls, char text[32]);

#endif
