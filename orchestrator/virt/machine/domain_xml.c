#include "virt/machine/domain_xml.h"

#include "base/hash.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <assert.h>
#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TAG_XML_MAX 1024
#define CMDLINE                                                                          \
    "panic=-1 quiet no_timer_check cryptomgr.notests ipv6.disable=1 audit=0 "            \
    "console=ttyS0"
/* Of a machine that runs one program of ours, and mostly sleeps: what guards a kernel from
 * its users, and what watches it, costs a third of that. Its clock is the emulator's own. */
#define CMDLINE_MICRO " mitigations=off psi=0 tsc=reliable nowatchdog"
#define CMDLINE_FULL " net.ifnames=0 yanwu.root=/dev/vda yanwu.image=full"
#define PORTS "4" /* agent and field, and the first number, which is a console's */
/* What one machine may ask of the disk that all share. */
#define DISK_BYTES_A_SECOND "104857600"
#define DISK_OPERATIONS_A_SECOND "2000"
#define NETWORK_XML_MAX (64 * 1024)
#define MACHINE_XML_MAX (256 * 1024)

static const xmlChar *x(const char *text)
{
    return (const xmlChar *)text;
}

static void start(xmlTextWriter *out, const char *name)
{
    xmlTextWriterStartElement(out, x(name));
}

static void end(xmlTextWriter *out)
{
    xmlTextWriterEndElement(out);
}

static void attr(xmlTextWriter *out, const char *name, const char *value)
{
    xmlTextWriterWriteAttribute(out, x(name), x(value));
}

static void text(xmlTextWriter *out, const char *name, const char *value)
{
    xmlTextWriterWriteElement(out, x(name), x(value));
}

/* An element with up to two attributes and nothing inside. */
static void leaf(xmlTextWriter *out, const char *name, const char *key, const char *value,
                 const char *key2, const char *value2)
{
    start(out, name);
    if (key)
        attr(out, key, value);
    if (key2)
        attr(out, key2, value2);
    end(out);
}

/* An element with one attribute and a number inside. */
static void number(xmlTextWriter *out, const char *name, const char *key,
                   const char *value, int inside)
{
    char digits[16];

    (void)snprintf(digits, sizeof(digits), "%d", inside);
    start(out, name);
    if (key)
        attr(out, key, value);
    xmlTextWriterWriteString(out, x(digits));
    end(out);
}

unsigned yw_domain_uid(const char *uuid)
{
    struct yw_hash hash;

    yw_hash_of(uuid, strlen(uuid), &hash);
    unsigned part = (unsigned)hash.bytes[0] | (unsigned)hash.bytes[1] << 8 |
                    (unsigned)hash.bytes[2] << 16;

    return YW_DOMAIN_UID_FIRST + part % YW_DOMAIN_UID_COUNT;
}

static void put_tag(xmlTextWriter *out, const char *drill, const char *plan_digest)
{
    start(out, "metadata");
    xmlTextWriterStartElementNS(out, x("yw"), x("range"), x(YW_DOMAIN_NAMESPACE));
    attr(out, "drill", drill);
    attr(out, "plan", plan_digest);
    end(out);
    end(out);
}

/* QEMU writes a kernel it was given into the machine's memory at every reset and every
 * load of a point, 50 MiB before those that count; a machine that restarts ends. */
static void put_kernel(xmlTextWriter *out, const struct yw_domain_shape *shape)
{
    text(out, "kernel", shape->kernel);
    text(out, "initrd", shape->initrd);
    text(out, "cmdline",
         shape->machine->has_disk ? CMDLINE CMDLINE_FULL : CMDLINE CMDLINE_MICRO);
}

static void put_boot(xmlTextWriter *out, const struct yw_domain_shape *shape)
{
    start(out, "os");
    start(out, "type");
    attr(out, "arch", "x86_64");
    attr(out, "machine", "q35");
    xmlTextWriterWriteString(out, x("hvm"));
    end(out);
    if (shape->agent != YW_IMAGE_AGENT_OWN)
        leaf(out, "boot", "dev", "hd", NULL, NULL);
    else if (!shape->restored && shape->memory != YW_DOMAIN_MEMORY_COPY)
        put_kernel(out, shape);
    end(out);
    start(out, "features");
    leaf(out, "acpi", NULL, NULL, NULL, NULL);
    if (!shape->kvm) {
        start(out, "tcg");
        number(out, "tb-cache", "unit", "MiB", 32);
        end(out);
    }
    end(out);
    if (shape->kvm)
        leaf(out, "cpu", "mode", "host-passthrough", "migratable", "on");
    text(out, "on_poweroff", "destroy");
    text(out, "on_reboot", "destroy");
    text(out, "on_crash", "destroy");
}

/* Each port that may be takes two queues, in the machine's memory as in its process's
 * poll set. */
static void put_ports(xmlTextWriter *out)
{
    start(out, "controller");
    attr(out, "type", "virtio-serial");
    attr(out, "index", "0");
    attr(out, "ports", PORTS);
    end(out);
}

static void put_port(xmlTextWriter *out, const char *path, const char *name)
{
    start(out, "channel");
    attr(out, "type", "unix");
    if (path[0])
        leaf(out, "source", "mode", "bind", "path", path);
    leaf(out, "target", "type", "virtio", "name", name);
    end(out);
}

/* The serial console: an ISA port, which a kernel has before any module, so that its last
 * words are seen. */
static void put_serial(xmlTextWriter *out, const char *path)
{
    start(out, "serial");
    attr(out, "type", path[0] ? "unix" : "pty");
    if (path[0])
        leaf(out, "source", "mode", "bind", "path", path);
    leaf(out, "target", "type", "isa-serial", "port", "0");
    end(out);
}

/* A screen: VGA, seen over VNC on a socket of the machine's user, never TCP. */
static void put_display(xmlTextWriter *out, const char *path)
{
    leaf(out, "graphics", "type", "vnc", "socket", path);
    start(out, "video");
    leaf(out, "model", "type", "vga", "vram", "8192");
    end(out);
    /* Where the viewer points, there the pointer is; the kernel has no driver for a mouse. */
    leaf(out, "input", "type", "tablet", "bus", "virtio");
}

/* Nothing is forced to the host's disk: a machine does not outlive its host. */
static void put_disk(xmlTextWriter *out, const char *path)
{
    start(out, "disk");
    attr(out, "type", "file");
    attr(out, "device", "disk");
    start(out, "driver");
    attr(out, "name", "qemu");
    attr(out, "type", "qcow2");
    attr(out, "cache", "unsafe");
    attr(out, "discard", "unmap");
    end(out);
    leaf(out, "source", "file", path, NULL, NULL);
    leaf(out, "target", "dev", "vda", "bus", "virtio");
    start(out, "iotune");
    text(out, "total_bytes_sec", DISK_BYTES_A_SECOND);
    text(out, "total_iops_sec", DISK_OPERATIONS_A_SECOND);
    end(out);
    end(out);
}

/* MAC, ARP and address of what it sends; https://libvirt.org/formatnwfilter.html */
static void put_filter(xmlTextWriter *out, const struct yw_plan_nic *nic)
{
    struct in_addr address = {.s_addr = htonl(nic->address)};
    char text[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &address, text, sizeof(text));
    start(out, "filterref");
    attr(out, "filter", "clean-traffic");
    leaf(out, "parameter", "name", "IP", "value", text);
    end(out);
}

static void put_nic(xmlTextWriter *out, const struct yw_domain_shape *shape, size_t index,
                    const bool *up)
{
    const struct yw_plan_nic *nic = &shape->machine->nics[index];

    assert(index < shape->machine->nic_count);
    start(out, "interface");
    bool plugged = shape->bridges[index][0] != '\0';

    attr(out, "type", plugged ? "bridge" : "ethernet");
    leaf(out, "mac", "address", nic->mac, NULL, NULL);
    if (plugged)
        leaf(out, "source", "bridge", shape->bridges[index], NULL, NULL);
    if (nic->isolated)
        leaf(out, "port", "isolated", "yes", NULL, NULL);
    if (nic->tap[0]) /* the guard's rules know it by this name before it exists */
        leaf(out, "target", "dev", nic->tap, NULL, NULL);
    leaf(out, "model", "type", "virtio", NULL, NULL);
    if (shape->clean_traffic && plugged && !nic->spoof && !nic->routes)
        put_filter(out, nic);
    if (up)
        leaf(out, "link", "state", *up ? "up" : "down", NULL, NULL);
    leaf(out, "rom", "enabled", "no", NULL, NULL);
    end(out);
}

static void put_devices(xmlTextWriter *out, const struct yw_domain_shape *shape)
{
    start(out, "devices");
    text(out, "emulator", "/usr/bin/qemu-system-x86_64");
    leaf(out, "controller", "type", "usb", "model", "none");
    put_ports(out);
    if (shape->agent != YW_IMAGE_AGENT_NONE)
        put_port(out, shape->agent_path,
                 shape->agent == YW_IMAGE_AGENT_QEMU ? "org.qemu.guest_agent.0"
                                                     : "org.yanwu.agent.0");
    if (shape->machine->has_field)
        put_port(out, shape->field_path, "org.yanwu.field.0");
    put_serial(out, shape->serial_path);
    if (shape->machine->has_disk)
        put_disk(out, shape->disk_path);
    if (shape->machine->display && shape->vnc_path[0])
        put_display(out, shape->vnc_path);
    for (size_t i = 0; i < shape->machine->nic_count; i++)
        put_nic(out, shape, i, NULL);
    leaf(out, "audio", "id", "1", "type", "none");
    leaf(out, "memballoon", "model", "none", NULL, NULL);
    end(out);
}

static void put_label(xmlTextWriter *out, const struct yw_domain_shape *shape)
{
    unsigned uid = yw_domain_uid(shape->machine->uuid);
    char label[32];

    (void)snprintf(label, sizeof(label), "+%u:+%u", uid, uid);
    start(out, "seclabel");
    attr(out, "type", "static");
    attr(out, "model", "dac");
    attr(out, "relabel",
         "no"); /* else the shared kernel is given to the machine's user */
    text(out, "label", label);
    end(out);
}

static void argument(xmlTextWriter *out, const char *value)
{
    leaf(out, "qemu:arg", "value", value, NULL, NULL);
}

static void put_memory(xmlTextWriter *out, const struct yw_domain_shape *shape)
{
    bool copy = shape->memory == YW_DOMAIN_MEMORY_COPY;
    char object[192];

    (void)snprintf(object, sizeof(object),
                   "memory-backend-file,id=" YW_DOMAIN_RAM
                   ",size=%dM,mem-path=%s,share=%s",
                   shape->machine->ram_mib, shape->memory_path, copy ? "off" : "on");
    start(out, "qemu:commandline");
    attr(out, "xmlns:qemu", "http://libvirt.org/schemas/domain/qemu/1.0");
    argument(out, "-object");
    argument(out, object);
    argument(out, "-machine");
    argument(out, "memory-backend=" YW_DOMAIN_RAM);
    /* A copy has its name and address yet to learn: it has nothing to announce, and five
     * times a second at that, to all others of its segment. */
    argument(out, "-global");
    argument(out, "migration.announce-rounds=0");
    argument(out, "-global");
    argument(out, "virtio-net-pci.guest_announce=off");
    if (copy) {
        argument(out, "-incoming");
        argument(out, "defer");
    }
    end(out);
}

static char *finish(xmlTextWriter *out, xmlBuffer *buffer)
{
    xmlTextWriterEndDocument(out);
    xmlFreeTextWriter(out);
    char *result = yw_strdup((const char *)xmlBufferContent(buffer));

    xmlBufferFree(buffer);
    return result;
}

static xmlTextWriter *writer(xmlBuffer **ret_buffer)
{
    xmlBuffer *buffer = xmlBufferCreate();
    xmlTextWriter *out = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;

    assert(out); /* out of memory, as in yw_new */
    xmlTextWriterSetIndent(out, 1);
    xmlTextWriterSetIndentString(out, x("  "));
    *ret_buffer = buffer;
    return out;
}

char *yw_domain_xml(const struct yw_domain_shape *shape)
{
    xmlBuffer *buffer;
    xmlTextWriter *out = writer(&buffer);

    start(out, "domain");
    attr(out, "type", shape->kvm ? "kvm" : "qemu");
    text(out, "name", shape->machine->domain);
    text(out, "uuid", shape->machine->uuid);
    put_tag(out, shape->drill, shape->plan_digest);
    number(out, "memory", "unit", "MiB", shape->machine->ram_mib);
    number(out, "vcpu", NULL, NULL, 1);
    put_boot(out, shape);
    put_devices(out, shape);
    put_label(out, shape);
    if (shape->memory != YW_DOMAIN_MEMORY_OWN)
        put_memory(out, shape);
    end(out);
    return finish(out, buffer);
}

char *yw_domain_nic_xml(const struct yw_domain_shape *shape, size_t nic, bool up)
{
    xmlBuffer *buffer;
    xmlTextWriter *out = writer(&buffer);

    put_nic(out, shape, nic, &up);
    return finish(out, buffer);
}

static int copy_attr(xmlNode *node, const char *name, char *dst, size_t dst_size)
{
    xmlChar *value = xmlGetNoNsProp(node, x(name));
    int code = value ? yw_copy(dst, dst_size, (const char *)value) : YW_EINVAL;

    xmlFree(value);
    return code < 0 ? YW_EINVAL : 0;
}

char *yw_domain_network_xml(const char *bridge, const char *drill)
{
    xmlBuffer *buffer;
    xmlTextWriter *out = writer(&buffer);

    start(out, "network");
    text(out, "name", bridge);
    put_tag(out, drill, "");
    start(out, "bridge");
    attr(out, "name", bridge);
    attr(out, "stp", "off");
    attr(out, "delay", "0");
    end(out);
    end(out);
    return finish(out, buffer);
}

static xmlDoc *read_xml(const char *xml, size_t max)
{
    size_t size = strnlen(xml, max + 1);

    return size > max
               ? NULL
               : xmlReadMemory(xml, (int)size, NULL, NULL,
                               XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

static int read_tag(xmlNode *node, struct yw_domain_tag *ret)
{
    return node && strcmp((const char *)node->name, "range") == 0 &&
                   copy_attr(node, "drill", ret->drill, sizeof(ret->drill)) == 0 &&
                   copy_attr(node, "plan", ret->plan_digest, sizeof(ret->plan_digest)) ==
                       0
               ? 0
               : YW_EINVAL;
}

int yw_domain_tag_parse(const char *xml, struct yw_domain_tag *ret)
{
    xmlDoc *doc = read_xml(xml, TAG_XML_MAX);
    int code = read_tag(doc ? xmlDocGetRootElement(doc) : NULL, ret);

    xmlFreeDoc(doc);
    return code;
}

int yw_domain_network_tag(const char *xml, struct yw_domain_tag *ret)
{
    xmlDoc *doc = read_xml(xml, NETWORK_XML_MAX);
    xmlNode *at = doc ? xmlFirstElementChild(xmlDocGetRootElement(doc)) : NULL;
    int code = YW_EINVAL;

    while (at && strcmp((const char *)at->name, "metadata") != 0)
        at = xmlNextElementSibling(at);
    for (at = at ? xmlFirstElementChild(at) : NULL; at && code < 0;
         at = xmlNextElementSibling(at)) {
        if (at->ns && strcmp((const char *)at->ns->href, YW_DOMAIN_NAMESPACE) == 0)
            code = read_tag(at, ret);
    }
    xmlFreeDoc(doc);
    return code;
}

static xmlNode *child_of(xmlNode *node, const char *name)
{
    for (xmlNode *at = node ? node->children : NULL; at; at = at->next) {
        if (at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, name) == 0)
            return at;
    }
    return NULL;
}

static bool link_is_up(xmlNode *interface)
{
    xmlNode *link = child_of(interface, "link");
    xmlChar *state = link ? xmlGetNoNsProp(link, x("state")) : NULL;
    bool down = state && strcmp((const char *)state, "down") == 0;

    xmlFree(state);
    return !down;
}

int yw_domain_links_parse(const char *xml, bool up[YW_SPEC_NICS_MAX], size_t *ret_count)
{
    size_t size = strnlen(xml, MACHINE_XML_MAX + 1);

    *ret_count = 0;
    if (size > MACHINE_XML_MAX)
        return YW_EINVAL;
    xmlDoc *doc =
        xmlReadMemory(xml, (int)size, NULL, NULL,
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlNode *devices = child_of(doc ? xmlDocGetRootElement(doc) : NULL, "devices");

    for (xmlNode *at = devices ? devices->children : NULL; at; at = at->next) {
        if (at->type != XML_ELEMENT_NODE ||
            strcmp((const char *)at->name, "interface") != 0)
            continue;
        if (*ret_count == YW_SPEC_NICS_MAX) {
            devices = NULL;
            break;
        }
        up[(*ret_count)++] = link_is_up(at);
    }
    xmlFreeDoc(doc);
    return devices ? 0 : YW_EINVAL;
}
