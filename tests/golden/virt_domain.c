/* Plan machine → domain XML, byte for byte; and the tag back. With YW_GOLDEN_UPDATE=1 the
 * files are written anew. */
#include "base/hash.h"
#include "base/mem.h"
#include "virt/machine/domain_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN_MAX 16384

static struct yw_plan_machine machine;
static char bridges[YW_SPEC_NICS_MAX][YW_PLAN_BRIDGE_MAX] = {"yw0a1b2c-0", "yw0a1b2c-1"};

static void shape_init(struct yw_domain_shape *shape)
{
    memset(&machine, 0, sizeof(machine));
    memset(shape, 0, sizeof(*shape));
    YW_COPY(machine.domain, "yw-drill001-blue-plc1");
    YW_COPY(machine.uuid, "4ad1b6f8-0000-8000-8000-00000000000a");
    YW_COPY(machine.name, "plc1");
    YW_COPY(machine.image, "plc");
    machine.ram_mib = 96;
    machine.nic_count = 1;
    YW_COPY(machine.nics[0].mac, "52:54:00:12:34:56");
    YW_COPY(machine.nics[0].tap, "yw0a1b2ct0n0");
    YW_COPY(machine.nics[1].tap, "yw0a1b2ct0n1");
    machine.nics[1].isolated = true;
    YW_COPY(machine.nics[1].mac, "52:54:00:12:34:57");
    shape->machine = &machine;
    shape->bridges = (const char(*)[YW_PLAN_BRIDGE_MAX])bridges;
    shape->drill = "drill001";
    shape->plan_digest = "d1ge57";
    shape->kernel = "/run/yanwu/images/vmlinux";
    shape->initrd = "/run/yanwu/images/micro.cpio.gz";
    YW_COPY(shape->agent_path, "/run/yanwu/run/a.agent");
    YW_COPY(shape->field_path, "/run/yanwu/run/a.field");
    YW_COPY(shape->serial_path, "/run/yanwu/run/a.serial");
    YW_COPY(shape->vnc_path, "/run/yanwu/run/a.vnc");
}

static void check(const char *name, char *xml)
{
    const char *source = getenv("YW_SOURCE");
    const char *mode = getenv("YW_GOLDEN_UPDATE") ? "we" : "re";
    char *path = yw_strf("%s/tests/golden/virt/%s.xml", source ? source : ".", name);
    char *want = yw_new(GOLDEN_MAX);
    FILE *file = fopen(path, mode);

    assert_non_null(file);
    if (mode[0] == 'w')
        assert_int_equal(fwrite(xml, 1, strlen(xml), file), strlen(xml));
    else if (fread(want, 1, GOLDEN_MAX - 1, file) > 0)
        assert_string_equal(xml, want);
    else
        fail_msg("%s is empty", path);
    (void)fclose(file);
    free(want);
    free(path);
    free(xml);
}

static void test_plain_machine(void **state)
{
    struct yw_domain_shape shape;

    (void)state;
    shape_init(&shape);
    check("machine_tcg", yw_domain_xml(&shape));
}

static void test_controller_under_kvm(void **state)
{
    struct yw_domain_shape shape;

    (void)state;
    shape_init(&shape);
    machine.has_field = true;
    machine.nic_count = 2;
    shape.kvm = true;
    check("controller_kvm", yw_domain_xml(&shape));
}

static void test_display(void **state)
{
    struct yw_domain_shape shape;

    (void)state;
    shape_init(&shape);
    machine.display = true;
    check("display", yw_domain_xml(&shape));
}

/* On a daemon elsewhere; a nic that may forge has none. */
static void test_filtered(void **state)
{
    struct yw_domain_shape shape;

    (void)state;
    shape_init(&shape);
    shape.clean_traffic = true;
    machine.nic_count = 2;
    machine.nics[0].address = 0x0a14020b;
    machine.nics[1].spoof = true;
    check("clean_traffic", yw_domain_xml(&shape));
    machine.nics[0].address = 0;
    machine.nics[1].spoof = false;
}

static void test_full_image(void **state)
{
    struct yw_domain_shape shape;

    (void)state;
    shape_init(&shape);
    machine.has_disk = true;
    machine.ram_mib = 256;
    shape.initrd = "/run/yanwu/images/full.cpio.gz";
    YW_COPY(shape.disk_path, "/run/yanwu/points/a.disk");
    check("full", yw_domain_xml(&shape));
}

/* Brought in with a system of its own: no kernel of ours, and who speaks for it. */
static void test_foreign_images(void **state)
{
    struct yw_domain_shape shape;

    (void)state;
    shape_init(&shape);
    machine.has_disk = true;
    YW_COPY(shape.disk_path, "/run/yanwu/points/a.disk");
    shape.agent = YW_IMAGE_AGENT_QEMU;
    check("foreign_agent", yw_domain_xml(&shape));
    shape.agent = YW_IMAGE_AGENT_NONE;
    check("foreign", yw_domain_xml(&shape));
}

/* The three faces of the shared way's memory; the golden machine is on no bridge. */
static void test_golden_machine(void **state)
{
    struct yw_domain_shape shape;

    (void)state;
    shape_init(&shape);
    shape.memory = YW_DOMAIN_MEMORY_GOLDEN;
    YW_COPY(shape.memory_path, "/proc/77/fd/3");
    bridges[0][0] = '\0';
    check("golden_shared", yw_domain_xml(&shape));
    YW_COPY(bridges[0], "yw0a1b2c-0");
}

static void test_copy_in_shared_memory_and_of_a_save(void **state)
{
    struct yw_domain_shape shape;

    (void)state;
    shape_init(&shape);
    shape.memory = YW_DOMAIN_MEMORY_COPY;
    YW_COPY(shape.memory_path, "/proc/78/fd/3");
    check("clone_shared", yw_domain_xml(&shape));
    shape.memory = YW_DOMAIN_MEMORY_OWN;
    shape.restored = true;
    check("clone_saved", yw_domain_xml(&shape));
}

/* Names are checked long before; the writer escapes all the same. */
static void test_hostile_names_are_escaped(void **state)
{
    struct yw_domain_shape shape;

    (void)state;
    shape_init(&shape);
    shape.drill = "x'/><disk type=\"file\"/><y a='";
    YW_COPY(machine.domain, "a</name><qemu:commandline/>");
    YW_COPY(bridges[0], "b'/><hostdev/>");
    check("hostile", yw_domain_xml(&shape));
    YW_COPY(bridges[0], "yw0a1b2c-0");
}

static void test_interface(void **state)
{
    struct yw_domain_shape shape;

    (void)state;
    shape_init(&shape);
    check("interface_down", yw_domain_nic_xml(&shape, 0, false));
    shape_init(&shape);
    check("interface_up", yw_domain_nic_xml(&shape, 0, true));
}

static void test_tag(void **state)
{
    struct yw_domain_tag tag;
    char *longest = yw_new(4096);

    (void)state;
    assert_int_equal(yw_domain_tag_parse(
                         "<range xmlns='urn:yanwu:range:1' drill='d' plan='p'/>", &tag),
                     0);
    assert_string_equal(tag.drill, "d");
    assert_string_equal(tag.plan_digest, "p");
    assert_int_equal(yw_domain_tag_parse("<range drill='d'/>", &tag), YW_EINVAL);
    assert_int_equal(yw_domain_tag_parse("<other drill='d' plan='p'/>", &tag), YW_EINVAL);
    assert_int_equal(yw_domain_tag_parse("<range", &tag), YW_EINVAL);
    memset(longest, ' ', 4095);
    memcpy(longest, "<range drill='d' plan='p'/>", 27);
    assert_int_equal(yw_domain_tag_parse(longest, &tag), YW_EINVAL);
    free(longest);
}

static void test_users_differ(void **state)
{
    (void)state;
    unsigned first = yw_domain_uid("4ad1b6f8-0000-8000-8000-00000000000a");
    unsigned second = yw_domain_uid("4ad1b6f8-0000-8000-8000-00000000000b");

    assert_int_not_equal(first, second);
    assert_true(first >= YW_DOMAIN_UID_FIRST &&
                first < YW_DOMAIN_UID_FIRST + YW_DOMAIN_UID_COUNT);
}

/* A network of a daemon on another host: found again by its tag; somebody else's is not. */
static void test_a_network_keeps_its_tag(void **state)
{
    char *xml = yw_domain_network_xml("yw1a2b3c4d-0", "blue & \"red\"");
    struct yw_domain_tag tag;

    (void)state;
    assert_non_null(strstr(xml, "<bridge name=\"yw1a2b3c4d-0\""));
    assert_null(strstr(xml, "<ip"));
    assert_null(strstr(xml, "<forward"));
    assert_int_equal(yw_domain_network_tag(xml, &tag), 0);
    assert_string_equal(tag.drill, "blue & \"red\"");
    free(xml);
    assert_int_equal(
        yw_domain_network_tag("<network><name>default</name></network>", &tag),
        YW_EINVAL);
    assert_int_equal(
        yw_domain_network_tag("<network><metadata><range drill='x' plan=''/></metadata>"
                              "</network>",
                              &tag),
        YW_EINVAL);
    assert_int_equal(yw_domain_network_tag("<netw", &tag), YW_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_machine),
        cmocka_unit_test(test_controller_under_kvm),
        cmocka_unit_test(test_display),
        cmocka_unit_test(test_filtered),
        cmocka_unit_test(test_full_image),
        cmocka_unit_test(test_foreign_images),
        cmocka_unit_test(test_golden_machine),
        cmocka_unit_test(test_copy_in_shared_memory_and_of_a_save),
        cmocka_unit_test(test_hostile_names_are_escaped),
        cmocka_unit_test(test_interface),
        cmocka_unit_test(test_tag),
        cmocka_unit_test(test_users_differ),
        cmocka_unit_test(test_a_network_keeps_its_tag),
    };

    assert_int_equal(yw_hash_setup(), 0);
    return cmocka_run_group_tests_name("virt_domain", tests, NULL, NULL);
}
