/* Where our groups stand and what is written into them, for both versions of cgroups and
 * for hosts that lack some; nothing is written here. */
#include "base/hash.h"
#include "base/mem.h"
#include "virt/confine/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char v1_mounts[] =
    "/dev/vda / ext4 rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0\n"
    "cgroup /sys/fs/cgroup/cpuacct cgroup rw,relatime,cpuacct 0 0\n"
    "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n"
    "cgroup /sys/fs/cgroup/blkio cgroup rw,relatime,blkio 0 0\n"
    "cgroup /sys/fs/cgroup/pids cgroup rw,relatime,pids 0 0\n"
    "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n";
static const char v1_groups[] = "9:name=systemd:/\n8:pids:/\n7:blkio:/\n"
                                "4:memory:/outer/7bd6\n2:cpuacct:/x\n1:cpu:/\n0::/\n";
static const char v2_mounts[] = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n";
static const char v2_all[] = "cpuset cpu io memory hugetlb pids rdma misc\n";

static const struct yw_limits_place place = {.drill = "water-1",
                                             .team = "blue",
                                             .uuid =
                                                 "3985063a-967c-8f8c-95b2-dd0f39e72108",
                                             .ram_mib = 96,
                                             .team_mib = 3 * 96};

/* The text written to the file that ends so, or NULL. */
static const char *written(const struct yw_limits_write *writes, size_t count,
                           const char *suffix)
{
    for (size_t i = 0; i < count; i++) {
        const char *path = writes[i].path;

        if (strlen(path) >= strlen(suffix) &&
            strcmp(path + strlen(path) - strlen(suffix), suffix) == 0)
            return writes[i].is_folder ? "folder" : writes[i].text;
    }
    return NULL;
}

#define LEAF "/water-1/blue/3985063a-967c-8f8c-95b2-dd0f39e72108"

static void test_version_2(void **state)
{
    struct yw_limits limits;
    struct yw_limits_write *writes = yw_new_array(YW_LIMITS_WRITES_MAX, sizeof(*writes));

    (void)state;
    yw_limits_find(&limits, v2_mounts, "0::/user.slice\n", v2_all, "/var/lib/yanwu");
    assert_int_equal(limits.version, 2);
    assert_int_equal(limits.controls, YW_HOST_ALL_CONTROLS);
    assert_string_equal(limits.lacks, "");
    assert_int_equal(strncmp(limits.base[0], "/sys/fs/cgroup/yanwu-", 21), 0);
    assert_string_equal(limits.base[0], limits.base[3]);
    YW_COPY(limits.device, "254:0");
    size_t count = yw_limits_plan(&limits, &place, writes);

    /* Controllers are handed on above every folder, before it is made. */
    assert_string_equal(writes[0].path, "/sys/fs/cgroup/cgroup.subtree_control");
    assert_string_equal(writes[0].text, "+cpu +memory +io +pids");
    assert_true(writes[1].is_folder);
    assert_string_equal(writes[1].path, limits.base[0]);
    assert_string_equal(written(writes, count, LEAF), "folder");
    assert_string_equal(written(writes, count, "/blue/cgroup.subtree_control"),
                        "+cpu +memory +io +pids");
    assert_null(written(writes, count, LEAF "/cgroup.subtree_control"));
    assert_string_equal(written(writes, count, LEAF "/cpu.max"), "150000 100000");
    assert_string_equal(written(writes, count, LEAF "/memory.max"), "369098752");
    assert_string_equal(written(writes, count, LEAF "/io.max"),
                        "254:0 rbps=134217728 wbps=134217728");
    assert_string_equal(written(writes, count, "/blue/io.max"),
                        "254:0 rbps=402653184 wbps=402653184");
    assert_string_equal(written(writes, count, LEAF "/pids.max"), "512");
    /* a team may have its guests one and a half times, and what one machine may more */
    assert_string_equal(written(writes, count, "/blue/memory.max"), "721420288");
    struct yw_limits_place alone = place;

    alone.team_mib = 0;
    count = yw_limits_plan(&limits, &alone, writes);
    assert_null(written(writes, count, "/blue/memory.max"));
    free(writes);
}

static void test_version_1(void **state)
{
    struct yw_limits limits;
    struct yw_limits_write *writes = yw_new_array(YW_LIMITS_WRITES_MAX, sizeof(*writes));

    (void)state;
    yw_limits_find(&limits, v1_mounts, v1_groups, "hugetlb\n", "/var/lib/yanwu");
    assert_int_equal(limits.version, 1);
    assert_int_equal(limits.controls, YW_HOST_ALL_CONTROLS);
    /* below the group that this process is in, each controller by itself */
    assert_int_equal(strncmp(limits.base[0], "/sys/fs/cgroup/cpu/yanwu-", 25), 0);
    assert_int_equal(
        strncmp(limits.base[1], "/sys/fs/cgroup/memory/outer/7bd6/yanwu-", 39), 0);
    YW_COPY(limits.device, "254:0");
    size_t count = yw_limits_plan(&limits, &place, writes);

    assert_true(count <= YW_LIMITS_WRITES_MAX);
    assert_string_equal(written(writes, count, LEAF "/cpu.cfs_period_us"), "100000");
    assert_string_equal(written(writes, count, LEAF "/cpu.cfs_quota_us"), "150000");
    assert_string_equal(written(writes, count, LEAF "/memory.limit_in_bytes"),
                        "369098752");
    assert_string_equal(written(writes, count, LEAF "/blkio.throttle.write_bps_device"),
                        "254:0 134217728");
    assert_string_equal(written(writes, count, LEAF "/pids.max"), "512");
    assert_string_equal(written(writes, count, "/blue/memory.limit_in_bytes"),
                        "721420288");
    for (size_t i = 0; i < count; i++)
        assert_null(strstr(writes[i].path, "subtree_control"));
    free(writes);
}

static void test_what_is_missing_is_named(void **state)
{
    struct yw_limits limits;
    struct yw_limits_write *writes = yw_new_array(YW_LIMITS_WRITES_MAX, sizeof(*writes));

    (void)state;
    yw_limits_find(&limits, v2_mounts, "", "cpu pids\n", "/d");
    assert_int_equal(limits.controls, YW_HOST_CPU | YW_HOST_PIDS);
    assert_string_equal(limits.lacks, "memory io");
    size_t count = yw_limits_plan(&limits, &place, writes);

    assert_non_null(written(writes, count, LEAF "/cpu.max"));
    assert_null(written(writes, count, LEAF "/memory.max"));
    assert_string_equal(writes[0].text, "+cpu +pids");
    yw_limits_find(&limits, "/dev/vda / ext4 rw 0 0\n", "0::/\n", "", "/d");
    assert_int_equal(limits.version, 0);
    assert_string_equal(limits.lacks, "cpu memory io pids");
    assert_int_equal(yw_limits_plan(&limits, &place, writes), 0);
    free(writes);
}

/* Texts that no kernel gives do no harm; two directories never share a tree. */
static void test_odd_texts(void **state)
{
    static const char *const mounts[] = {"",
                                         "\n\n",
                                         "cgroup",
                                         "cgroup /x\n",
                                         "cgroup /a\\040b cgroup rw,cpu 0 0\n",
                                         "cgroup2 /x cgroup2 rw"};
    struct yw_limits limits, other;

    (void)state;
    for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
        yw_limits_find(&limits, mounts[i], "::::\n1:cpu\n:::", "cpux xcpu\n", "/d");
        assert_int_equal(limits.controls, 0);
    }
    char *deep = yw_new(YW_LIMITS_PATH_MAX + 64);

    strcpy(deep, "1:cpu:/");
    memset(deep + 7, 'a', YW_LIMITS_PATH_MAX);
    strcat(deep, "\n");
    yw_limits_find(&limits, v1_mounts, deep, "", "/d");
    assert_int_equal(strncmp(limits.base[0], "/sys/fs/cgroup/cpu/yanwu-", 25), 0);
    free(deep);
    yw_limits_find(&limits, v1_mounts, v1_groups, "", "/a");
    yw_limits_find(&other, v1_mounts, v1_groups, "", "/b");
    assert_string_not_equal(limits.base[0], other.base[0]);
}

static void test_weaknesses(void **state)
{
    enum yw_host_weakness weak[YW_HOST_WEAKNESSES];
    struct yw_host_traits traits = {.known = true,
                                    .kvm = true,
                                    .mac = "apparmor",
                                    .mac_enforcing = true,
                                    .controls = YW_HOST_ALL_CONTROLS,
                                    .seccomp = true,
                                    .mount_ns = true,
                                    .nftables = true};
    struct yw_text what, mend;

    (void)state;
    assert_int_equal(yw_host_weak(&traits, weak), 0);
    traits.kvm = false;
    traits.mac_enforcing = false;
    traits.controls = YW_HOST_CPU | YW_HOST_MEMORY;
    assert_int_equal(yw_host_weak(&traits, weak), 3);
    assert_int_equal(weak[0], YW_HOST_WEAK_EMULATION);
    assert_int_equal(weak[1], YW_HOST_WEAK_MAC);
    assert_int_equal(weak[2], YW_HOST_WEAK_CGROUPS);
    /* What nobody has looked at is not strong. */
    traits = (struct yw_host_traits){.kvm = true, .seccomp = true, .in_memory = true};
    assert_int_equal(yw_host_weak(&traits, weak), YW_HOST_WEAKNESSES);
    for (int i = 0; i < YW_HOST_WEAKNESSES; i++) {
        yw_host_weakness_words((enum yw_host_weakness)i, &what, &mend);
        assert_true(what.zh[0] && what.en[0] && mend.zh[0] && mend.en[0]);
        assert_true(yw_host_weakness_name((enum yw_host_weakness)i)[0]);
    }
    traits = (struct yw_host_traits){.known = true, .in_memory = true};
    assert_int_equal(yw_host_weak(&traits, weak), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_2),
        cmocka_unit_test(test_version_1),
        cmocka_unit_test(test_what_is_missing_is_named),
        cmocka_unit_test(test_odd_texts),
        cmocka_unit_test(test_weaknesses),
    };

    return yw_hash_setup() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
