/* What is handed to libvirt has one shape: every element and attribute that the builder can
 * write stands on a list here, with its values where those matter. A device, a path or an
 * argument that nobody has looked at makes this red: security.md §3. */
#include "base/mem.h"
#include "virt/machine/domain_xml.h"

#include <libxml/parser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "path/of/element" or "path/of/element@attribute"; values: NULL anything (numbers, names
 * and paths that the builder escapes), else words parted by '|'. */
static const struct {
    const char *what;
    const char *values;
} allowed[] = {
    {"domain", ""},
    {"domain@type", "qemu|kvm"},
    {"domain/name", NULL},
    {"domain/uuid", NULL},
    {"domain/metadata", ""},
    {"domain/metadata/range", ""},
    {"domain/metadata/range@drill", NULL},
    {"domain/metadata/range@plan", NULL},
    {"domain/memory", NULL},
    {"domain/memory@unit", "MiB"},
    {"domain/vcpu", NULL},
    {"domain/os", ""},
    {"domain/os/type", "hvm"},
    {"domain/os/type@arch", "x86_64"},
    {"domain/os/type@machine", "q35"},
    {"domain/os/kernel", NULL},
    {"domain/os/initrd", NULL},
    {"domain/os/cmdline", NULL},
    {"domain/features", ""},
    {"domain/features/acpi", ""},
    {"domain/features/tcg", ""},
    {"domain/features/tcg/tb-cache", NULL},
    {"domain/features/tcg/tb-cache@unit", "MiB"},
    {"domain/cpu", ""},
    {"domain/cpu@mode", "host-passthrough"},
    {"domain/cpu@migratable", "on|off"},
    {"domain/on_poweroff", "destroy"},
    {"domain/on_reboot", "destroy"},
    {"domain/on_crash", "destroy"},
    {"domain/devices", ""},
    {"domain/devices/emulator", "/usr/bin/qemu-system-x86_64"},
    {"domain/devices/controller", ""},
    {"domain/devices/controller@type", "usb|virtio-serial"},
    {"domain/devices/controller@model", "none"},
    {"domain/devices/controller@index", "0"},
    {"domain/devices/controller@ports", "4"},
    {"domain/devices/channel", ""},
    {"domain/devices/channel@type", "unix"},
    {"domain/devices/channel/source", ""},
    {"domain/devices/channel/source@mode", "bind"},
    {"domain/devices/channel/source@path", NULL},
    {"domain/devices/channel/target", ""},
    {"domain/devices/channel/target@type", "virtio"},
    {"domain/devices/channel/target@name", "org.yanwu.agent.0|org.yanwu.field.0"},
    {"domain/devices/serial", ""},
    {"domain/devices/serial@type", "unix|pty"},
    {"domain/devices/serial/source", ""},
    {"domain/devices/serial/source@mode", "bind"},
    {"domain/devices/serial/source@path", NULL},
    {"domain/devices/serial/target", ""},
    {"domain/devices/serial/target@type", "isa-serial"},
    {"domain/devices/serial/target@port", "0"},
    {"domain/devices/graphics", ""},
    {"domain/devices/graphics@type", "vnc"},
    {"domain/devices/graphics@socket", NULL},
    {"domain/devices/input", ""},
    {"domain/devices/input@type", "tablet"},
    {"domain/devices/input@bus", "virtio"},
    {"domain/devices/video", ""},
    {"domain/devices/video/model", ""},
    {"domain/devices/video/model@type", "vga"},
    {"domain/devices/video/model@vram", NULL},
    /* a full image: our own overlay, its format never guessed */
    {"domain/devices/disk", ""},
    {"domain/devices/disk@type", "file"},
    {"domain/devices/disk@device", "disk"},
    {"domain/devices/disk/driver", ""},
    {"domain/devices/disk/driver@name", "qemu"},
    {"domain/devices/disk/driver@type", "qcow2"},
    {"domain/devices/disk/driver@cache", "unsafe"},
    {"domain/devices/disk/driver@discard", "unmap"},
    {"domain/devices/disk/iotune", ""},
    {"domain/devices/disk/iotune/total_bytes_sec", NULL},
    {"domain/devices/disk/iotune/total_iops_sec", NULL},
    {"domain/devices/disk/source", ""},
    {"domain/devices/disk/source@file", NULL},
    {"domain/devices/disk/target", ""},
    {"domain/devices/disk/target@dev", "vda"},
    {"domain/devices/disk/target@bus", "virtio"},
    {"domain/devices/interface", ""},
    {"domain/devices/interface@type", "bridge|ethernet"},
    {"domain/devices/interface/mac", ""},
    {"domain/devices/interface/mac@address", NULL},
    {"domain/devices/interface/source", ""},
    {"domain/devices/interface/source@bridge", NULL},
    {"domain/devices/interface/port", ""},
    {"domain/devices/interface/port@isolated", "yes"},
    {"domain/devices/interface/target", ""},
    {"domain/devices/interface/target@dev", NULL},
    {"domain/devices/interface/model", ""},
    {"domain/devices/interface/model@type", "virtio"},
    {"domain/devices/interface/link", ""},
    {"domain/devices/interface/link@state", "up|down"},
    {"domain/devices/interface/rom", ""},
    {"domain/devices/interface/rom@enabled", "no"},
    {"domain/devices/audio", ""},
    {"domain/devices/audio@id", "1"},
    {"domain/devices/audio@type", "none"},
    {"domain/devices/memballoon", ""},
    {"domain/devices/memballoon@model", "none"},
    {"domain/seclabel", ""},
    {"domain/seclabel@type", "static"},
    {"domain/seclabel@model", "dac"},
    {"domain/seclabel@relabel", "no"},
    {"domain/seclabel/label", NULL},
    {"domain/commandline", ""},
    {"domain/commandline/arg", ""},
    {"domain/commandline/arg@value",
     "-object|-machine|memory-backend=goldram|-incoming|defer|-global|"
     "migration.announce-rounds=0|virtio-net-pci.guest_announce=off|"
     "memory-backend-file,id=goldram,size=96M,mem-path=/run/yanwu/gold,share=on|"
     "memory-backend-file,id=goldram,size=96M,mem-path=/run/yanwu/gold,share=off"},
};

static bool is_word(const char *values, const char *value)
{
    size_t size = strlen(value);

    for (const char *at = values; *at;) {
        size_t length = strcspn(at, "|");

        if (length == size && strncmp(at, value, size) == 0)
            return true;
        at += length + (at[length] == '|');
    }
    return size == 0 && values[0] == '\0';
}

static bool may_stand(const char *what, const char *value)
{
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        if (strcmp(allowed[i].what, what) == 0)
            return !allowed[i].values || is_word(allowed[i].values, value);
    }
    return false;
}

/* The text that stands in an element by itself, without the blanks around it. */
static void own_text(const xmlNode *node, char text[512])
{
    text[0] = '\0';
    for (const xmlNode *at = node->children; at; at = at->next) {
        if (at->type != XML_TEXT_NODE && at->type != XML_CDATA_SECTION_NODE)
            continue;
        const char *content = (const char *)at->content;

        content += strspn(content, " \n");
        (void)snprintf(text + strlen(text), 512 - strlen(text), "%s", content);
    }
}

/* The first thing that is not on the list, into `found`. */
static bool strange(const xmlNode *node, const char *above, char found[512])
{
    char path[256], what[320], value[512];

    (void)snprintf(path, sizeof(path), "%s%s%s", above, above[0] ? "/" : "",
                   (const char *)node->name);
    own_text(node, value);
    (void)snprintf(found, 512, "%s", path);
    if (!may_stand(path, value))
        return true;
    for (const xmlAttr *at = node->properties; at; at = at->next) {
        xmlChar *content = xmlNodeListGetString(node->doc, at->children, 1);

        (void)snprintf(what, sizeof(what), "%s@%s", path, (const char *)at->name);
        (void)snprintf(found, 512, "%s=%s", what, content ? (const char *)content : "");
        bool good = may_stand(what, content ? (const char *)content : "");

        xmlFree(content);
        if (!good)
            return true;
    }
    for (const xmlNode *at = node->children; at; at = at->next) {
        if (at->type == XML_ELEMENT_NODE && strange(at, path, found))
            return true;
        if (at->type == XML_PI_NODE || at->type == XML_ENTITY_REF_NODE)
            return true;
    }
    return false;
}

static bool has_stranger(const char *xml, char found[512])
{
    xmlDoc *doc = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET);

    assert_non_null(doc);
    bool result = strange(xmlDocGetRootElement(doc), "", found);

    xmlFreeDoc(doc);
    return result;
}

static void machine_init(struct yw_plan_machine *machine, bool hostile)
{
    memset(machine, 0, sizeof(*machine));
    YW_COPY(machine->domain, hostile ? "a</name><qemu:commandline/>" : "yw-d-blue-plc1");
    YW_COPY(machine->uuid, "4ad1b6f8-0000-8000-8000-00000000000a");
    YW_COPY(machine->name, "plc1");
    YW_COPY(machine->image, hostile ? "'/><hostdev/>" : "plc");
    machine->ram_mib = 96;
    machine->nic_count = 2;
    YW_COPY(machine->nics[0].mac, hostile ? "'><script path='/x'/" : "52:54:00:12:34:56");
    YW_COPY(machine->nics[1].mac, "52:54:00:12:34:57");
    machine->nics[1].isolated = true;
}

/* Every combination of what a shape can say. */
static void test_all_shapes(void **state)
{
    static char bridges[YW_SPEC_NICS_MAX][YW_PLAN_BRIDGE_MAX] = {"yw0a1b2c-0", ""};
    struct yw_plan_machine machine;

    (void)state;
    for (unsigned bits = 0; bits < 192; bits++) {
        struct yw_domain_shape shape = {
            .machine = &machine,
            .bridges = (const char(*)[YW_PLAN_BRIDGE_MAX])bridges,
            .drill = bits & 16 ? "x'/><disk type='file'/><y a='" : "d",
            .plan_digest = "none",
            .kvm = (bits & 1) != 0,
            .kernel = "/run/yanwu/images/vmlinux",
            .initrd = "/run/yanwu/images/micro.cpio.gz",
            .memory = (enum yw_domain_memory)(bits / 32 % 3),
            .memory_path = "/run/yanwu/gold",
            .disk_path = "/run/yanwu/points/a.disk",
        };
        char found[512];

        machine_init(&machine, (bits & 16) != 0);
        machine.has_field = (bits & 2) != 0;
        machine.display = (bits & 4) != 0;
        machine.has_disk = bits >= 96;
        if (bits & 8) {
            YW_COPY(shape.agent_path, "/run/yanwu/run/a.agent");
            YW_COPY(shape.field_path, "/run/yanwu/run/a.field");
            YW_COPY(shape.serial_path, "/run/yanwu/run/a.serial");
            YW_COPY(shape.vnc_path, "/run/yanwu/run/a.vnc");
        }
        char *xml = yw_domain_xml(&shape);

        if (has_stranger(xml, found))
            fail_msg("not on the list: %s\n%s", found, xml);
        free(xml);
    }
}

/* The list is a list: what security.md forbids is found where it could be put. */
static void test_what_is_forbidden_is_found(void **state)
{
    static const char *const bad[] = {
        "<devices><hostdev mode='subsystem' type='usb'/></devices>",
        "<devices><filesystem type='mount'/></devices>",
        "<devices><controller type='usb' model='qemu-xhci'/></devices>",
        "<devices><sound model='ich9'/></devices>",
        "<devices><audio id='1' type='alsa'/></devices>",
        "<devices><memballoon model='virtio'/></devices>",
        "<devices><graphics type='spice'/></devices>",
        "<devices><graphics type='vnc' port='5900'/></devices>",
        "<devices><graphics type='vnc' socket='/x' listen='0.0.0.0'/></devices>",
        "<devices><interface type='user'/></devices>",
        "<devices><interface type='bridge'><script path='/x'/></interface></devices>",
        "<devices><emulator>/tmp/qemu</emulator></devices>",
        "<devices><disk type='block' device='disk'/></devices>",
        "<devices><disk type='file' device='disk'><driver type='raw'/></disk></devices>",
        "<devices><disk type='file' device='disk'><driver name='qemu'/>"
        "<backingStore/></disk></devices>",
        "<devices><channel type='tcp'/></devices>",
        "<devices><redirdev bus='usb' type='tcp'/></devices>",
        "<devices><shmem name='x'/></devices>",
        "<devices><tpm model='tpm-tis'/></devices>",
        "<devices><rng model='virtio'/></devices>",
        "<os><loader>/x</loader></os>",
        "<os><type arch='x86_64' machine='pc'>hvm</type></os>",
        "<seclabel type='none'/>",
        "<seclabel type='static' model='dac' relabel='yes'/>",
        "<commandline><arg value='-net'/></commandline>",
        "<commandline><arg value='memory-backend-file,id=goldram,size=96M,mem-path="
        "/etc/shadow,share=on'/></commandline>",
        "<commandline><env name='LD_PRELOAD' value='/x'/></commandline>",
        "<launchSecurity type='sev'/>",
        "<on_crash>coredump-destroy</on_crash>",
        "<name>x</name><?pi x?>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char *xml = yw_strf("<domain type='qemu'>%s</domain>", bad[i]), found[512];

        if (!has_stranger(xml, found))
            fail_msg("let through: %s", bad[i]);
        free(xml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_shapes),
        cmocka_unit_test(test_what_is_forbidden_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
