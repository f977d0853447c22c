/* The judge of confinement against /proc texts as they are, odd, hostile and too long. */
#include "base/mem.h"
#include "virt/confine/confine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OWN 1880065003u
#define UUID "3985063a-967c-8f8c-95b2-dd0f39e72108"
#define DOMAIN "yw-a6c1fc44-blue-quick-hmi1"

static const char good[] = "Name:\tqemu-system-x86\nUmask:\t0002\nState:\tS (sleeping)\n"
                           "Uid:\t1880065003\t1880065003\t1880065003\t1880065003\n"
                           "Gid:\t1880065003\t1880065003\t1880065003\t1880065003\n"
                           "FDSize:\t128\nGroups:\t1880065003 \n"
                           "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
                           "CapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\n"
                           "CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n"
                           "Seccomp_filters:\t1\n";

static const struct yw_confine_want want = {
    .uuid = UUID,
    .domain = DOMAIN,
    .uid = OWN,
    .own_mount_ns = true,
    .shared = {"/run/yanwu/images"},
    .own = {"/run/yanwu/libvirt", "/run/yanwu/run"},
};

/* The good text with the first `from` as `to`; *new*. */
static char *with(const char *from, const char *to)
{
    const char *at = strstr(good, from);

    assert_non_null(at);
    return yw_strf("%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
}

static int parse(const char *text, struct yw_confine_status *ret)
{
    struct yw_err err = {0};
    int code = yw_confine_status_parse(text, strlen(text), ret, &err);

    assert_int_equal(err.code, code);
    return code;
}

static void facts_init(struct yw_confine_facts *facts)
{
    memset(facts, 0, sizeof(*facts));
    assert_int_equal(parse(good, &facts->status), 0);
    facts->mount_ns = 2;
    facts->our_mount_ns = 1;
    facts->oom_score_adj = YW_CONFINE_OOM_SCORE;
}

static void test_good(void **state)
{
    struct yw_confine_facts facts;
    struct yw_virt_proof proof;
    struct yw_err err;

    (void)state;
    facts_init(&facts);
    assert_int_equal(facts.status.uid[3], OWN);
    assert_int_equal(facts.status.group_count, 1);
    assert_true(facts.status.cap_bnd == 0x1fffeffffffULL);
    YW_COPY(facts.mac, "unconfined");
    assert_int_equal(yw_confine_judge(&facts, &want, &proof, &err), 0);
    assert_true(proof.read && proof.ok && proof.no_new_privs && proof.mount_ns);
    assert_int_equal(proof.uid, OWN);
    assert_int_equal(proof.seccomp, 2);
    assert_string_equal(proof.mac, "unconfined");
    assert_string_equal(proof.text, "");
}

/* Every single thing that can be wrong makes the whole wrong, and is named. */
static void test_each_fault(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {"Uid:\t1880065003", "Uid:\t0", "user ids 0"},
        {"Uid:\t1880065003\t1880065003", "Uid:\t1880065003\t1880065004", "user ids"},
        {"\t1880065003\nGid", "\t0\nGid", "user ids"},
        {"Gid:\t1880065003", "Gid:\t0", "groups"},
        {"Groups:\t1880065003 ", "Groups:\t1880065003 108", "groups"},
        {"Seccomp:\t2", "Seccomp:\t0", "no seccomp"},
        {"Seccomp:\t2", "Seccomp:\t1", "no seccomp"},
        {"NoNewPrivs:\t1", "NoNewPrivs:\t0", "gain privileges"},
        {"CapEff:\t0000000000000000", "CapEff:\t0000000000000400", "CapEff: 400"},
        {"CapPrm:\t0000000000000000", "CapPrm:\t000001ffffffffff", "capabilities"},
        {"CapInh:\t0000000000000000", "CapInh:\t8000000000000000", "capabilities"},
        {"CapAmb:\t0000000000000000", "CapAmb:\t0000000000000001", "capabilities"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct yw_confine_facts facts;
        struct yw_virt_proof proof;
        struct yw_err err = {0};
        char *text = with(cases[i].from, cases[i].to);

        facts_init(&facts);
        assert_int_equal(parse(text, &facts.status), 0);
        assert_int_equal(yw_confine_judge(&facts, &want, &proof, &err), YW_EDENIED);
        assert_true(proof.read);
        assert_false(proof.ok);
        assert_non_null(strstr(proof.text, cases[i].says));
        assert_non_null(strstr(err.text, cases[i].says));
        free(text);
    }
}

static int judge(const struct yw_confine_facts *facts,
                 const struct yw_confine_want *wanted)
{
    struct yw_virt_proof proof;

    return yw_confine_judge(facts, wanted, &proof, NULL);
}

static void test_other_faults(void **state)
{
    struct yw_confine_facts facts;
    struct yw_confine_want root = want;

    (void)state;
    facts_init(&facts);
    facts.our_mount_ns = 2;
    assert_int_not_equal(judge(&facts, &want), 0);
    root.own_mount_ns = false;
    assert_int_equal(judge(&facts, &root), 0);
    facts_init(&facts);
    facts.oom_score_adj = YW_CONFINE_OOM_SCORE - 1;
    assert_int_not_equal(judge(&facts, &want), 0);
    facts_init(&facts);
    YW_COPY(facts.foreign_link, "/etc/shadow");
    assert_int_not_equal(judge(&facts, &want), 0);
    /* A machine that is wanted as root is wrong even when it is root. */
    facts_init(&facts);
    memset(facts.status.uid, 0, sizeof(facts.status.uid));
    root.uid = 0;
    assert_int_not_equal(judge(&facts, &root), 0);
}

/* A capture brings no filter, and stays in our namespace; all else holds for it too. */
static void test_no_filter(void **state)
{
    struct yw_confine_want capture = want;
    struct yw_confine_facts facts;

    (void)state;
    capture.no_filter = true;
    capture.own_mount_ns = false;
    facts_init(&facts);
    facts.status.seccomp = 0;
    facts.mount_ns = facts.our_mount_ns;
    assert_int_not_equal(judge(&facts, &want), 0);
    assert_int_equal(judge(&facts, &capture), 0);
    facts.status.no_new_privs = 0;
    assert_int_not_equal(judge(&facts, &capture), 0);
    facts.status.no_new_privs = 1;
    facts.status.cap_eff = 1 << 13; /* CAP_NET_RAW */
    assert_int_not_equal(judge(&facts, &capture), 0);
}

static void test_odd_status(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"Seccomp:\t2\n", ""},
        {"Seccomp:\t2", "Seccomp:\t2\nSeccomp:\t0"},
        {"Seccomp:\t2", "Seccomp:\t3"},
        {"Seccomp:\t2", "Seccomp:\t-2"},
        {"Seccomp:\t2", "Seccomp:\t2x"},
        {"Seccomp:\t2", "Seccomp:\t"},
        {"NoNewPrivs:\t1", "NoNewPrivs:\t1 1"},
        {"CapEff:\t0000000000000000", "CapEff:\t0x0"},
        {"CapEff:\t0000000000000000", "CapEff:\t1ffffffffffffffff"},
        {"Uid:\t1880065003\t", "Uid:\t"},
        {"Uid:\t1880065003\t", "Uid:\t1\t2\t"},
        {"Uid:\t1880065003\t", "Uid:\t4294967296\t"},
        {"Uid:\t1880065003\t", "Uid:\t+1\t"},
        {"Gid:\t1880065003", "Gid:\tnobody"},
        {"Groups:\t1880065003 ", "Groups:\tx"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct yw_confine_status status;
        char *text = with(cases[i].from, cases[i].to);

        if (parse(text, &status) == 0)
            fail_msg("taken: %s → %s", cases[i].from, cases[i].to);
        free(text);
    }
    struct yw_confine_status status;
    char *none = with("Groups:\t1880065003 ", "Groups:\t ");

    assert_int_equal(parse(none, &status), 0);
    assert_int_equal(status.group_count, 0);
    free(none);
    /* A name that holds a line of its own does not speak for the kernel. */
    assert_int_equal(yw_confine_status_parse("", 0, &status, NULL), YW_EINVAL);
    assert_int_equal(yw_confine_status_parse("Uid:\0", 5, &status, NULL), YW_EINVAL);
}

/* Each named limit at limit and limit + 1. */
static void test_limits(void **state)
{
    struct yw_confine_status status;
    char *large = yw_new(YW_CONFINE_STATUS_MAX + 2);
    struct yw_buf groups;

    (void)state;
    memset(large, '\n', YW_CONFINE_STATUS_MAX + 1);
    memcpy(large, good, strlen(good));
    assert_int_equal(yw_confine_status_parse(large, YW_CONFINE_STATUS_MAX, &status, NULL),
                     0);
    assert_int_equal(
        yw_confine_status_parse(large, YW_CONFINE_STATUS_MAX + 1, &status, NULL),
        YW_ELIMIT);
    free(large);
    for (size_t count = YW_CONFINE_GROUPS_MAX; count <= YW_CONFINE_GROUPS_MAX + 1;
         count++) {
        yw_buf_init(&groups, 4096);
        yw_buf_puts(&groups, "Groups:\t");
        for (size_t i = 0; i < count; i++)
            yw_buf_printf(&groups, "%zu ", i);
        char *text = with("Groups:\t1880065003 ", groups.data);

        assert_int_equal(parse(text, &status),
                         count > YW_CONFINE_GROUPS_MAX ? YW_ELIMIT : 0);
        free(text);
        yw_buf_fini(&groups);
    }
    char *words = yw_new(YW_CONFINE_CMDLINE_MAX + 1);

    assert_int_equal(yw_confine_cmdline_check(words, YW_CONFINE_CMDLINE_MAX, &want, NULL),
                     YW_EINVAL);
    assert_int_equal(
        yw_confine_cmdline_check(words, YW_CONFINE_CMDLINE_MAX + 1, &want, NULL),
        YW_ELIMIT);
    free(words);
}

static void test_whose_process(void **state)
{
    static const char right[] = "qemu\0-name\0guest=" DOMAIN ",debug-threads=on\0"
                                "-uuid\0" UUID "\0-display\0none";
    static const char other[] = "qemu\0-name\0guest=" DOMAIN "2,x\0-uuid\0" UUID;
    static const char second[] = "qemu\0-name\0guest=" DOMAIN ",x\0-uuid\0" UUID "1";
    /* The words are there, but not as QEMU's own options. */
    static const char said[] = "qemu\0-append\0-name guest=" DOMAIN ", -uuid " UUID;

    (void)state;
    assert_int_equal(yw_confine_cmdline_check(right, sizeof(right), &want, NULL), 0);
    assert_int_equal(yw_confine_cmdline_check(right, sizeof(right) - 1, &want, NULL),
                     YW_EINVAL);
    assert_int_equal(yw_confine_cmdline_check(other, sizeof(other), &want, NULL),
                     YW_EINVAL);
    assert_int_equal(yw_confine_cmdline_check(second, sizeof(second), &want, NULL),
                     YW_EINVAL);
    assert_int_equal(yw_confine_cmdline_check(said, sizeof(said), &want, NULL),
                     YW_EINVAL);
    assert_int_equal(yw_confine_cmdline_check("", 0, &want, NULL), YW_EINVAL);
}

static void test_links(void **state)
{
    static const char *const known[] = {
        "socket:[3429186]",
        "pipe:[1]",
        "anon_inode:[eventfd]",
        "/memfd:memory-backend-memfd (deleted)",
        "/dev/null",
        "/dev/net/tun",
        "/run/yanwu/images/vmlinux",
        "/run/yanwu/libvirt/log/qemu/" DOMAIN ".log",
        "/run/yanwu/libvirt/run/qemu/" DOMAIN ".pid",
        "/run/yanwu/libvirt/lib/qemu/domain-2-yw-a6c1fc44-blue-qui/master-key.aes",
        "/run/yanwu/run/" UUID ".points.qcow2",
    };
    static const char *const foreign[] = {
        "/etc/shadow",
        "/",
        "",
        "/dev/vda",
        "/dev/nullx",
        "/run/yanwu/images",
        "/run/yanwu/images-of-others/x",
        "/run/yanwu/libvirt/log/qemu/" DOMAIN "2.log",
        "/run/yanwu/libvirt/log/qemu/yw-a6c1fc44-blue-quick-plc1.log",
        "/run/yanwu/libvirt/lib/qemu/domain-2-yw-a6c1fc44-red/master-key.aes",
        "/run/yanwu/libvirt/lib/qemu/domain-2-/master-key.aes",
        "/run/yanwu/libvirt/lib/qemu/domain-2/master-key.aes",
        "/run/yanwu/run/4985063a-967c-8f8c-95b2-dd0f39e72108.points.qcow2",
        "/home/" UUID,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!yw_confine_link_known(&want, known[i]))
            fail_msg("refused: %s", known[i]);
    }
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        if (yw_confine_link_known(&want, foreign[i]))
            fail_msg("let through: %s", foreign[i]);
    }
}

static void test_namespace(void **state)
{
    uint64_t id = 0;

    (void)state;
    assert_int_equal(yw_confine_namespace_parse("mnt:[4026532185]", &id, NULL), 0);
    assert_true(id == 4026532185u);
    assert_int_equal(yw_confine_namespace_parse("mnt:[", &id, NULL), YW_EINVAL);
    assert_int_equal(yw_confine_namespace_parse("mnt:[]", &id, NULL), YW_EINVAL);
    assert_int_equal(yw_confine_namespace_parse("net:[1]", &id, NULL), YW_EINVAL);
    assert_int_equal(yw_confine_namespace_parse("mnt:[1]x", &id, NULL), YW_EINVAL);
    assert_int_equal(yw_confine_namespace_parse("mnt:[-1]", &id, NULL), YW_EINVAL);
    assert_int_equal(
        yw_confine_namespace_parse("mnt:[99999999999999999999999]", &id, NULL),
        YW_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),          cmocka_unit_test(test_each_fault),
        cmocka_unit_test(test_other_faults),  cmocka_unit_test(test_no_filter),
        cmocka_unit_test(test_odd_status),    cmocka_unit_test(test_limits),
        cmocka_unit_test(test_whose_process), cmocka_unit_test(test_links),
        cmocka_unit_test(test_namespace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
