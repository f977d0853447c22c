/* What a machine looks like to libvirt: a pure builder, plan machine → domain XML. The
 * shape is fixed (security.md §3): q35, direct kernel, a serial port, no USB, sound or
 * balloon, a display only where the machine asks for one, a disk only where its image has
 * one; nothing in it comes from a scenario but names and numbers, and all of it goes
 * through a writer that escapes. Thread: any. */
#ifndef YW_VIRT_DOMAIN_XML_H
#define YW_VIRT_DOMAIN_XML_H

#include "codec/image.h"
#include "model/plan.h"

#include <stdbool.h>

#define YW_DOMAIN_PATH_MAX 108 /* of a unix socket */
#define YW_DOMAIN_DISK_MAX 448
#define YW_DOMAIN_NAMESPACE "urn:yanwu:range:1"
/* User ids of machines, one each: a range that no distribution hands out. */
#define YW_DOMAIN_UID_FIRST 0x70000000u
#define YW_DOMAIN_UID_COUNT 0x00f00000u

#define YW_DOMAIN_RAM "goldram" /* the memory's name in a machine of the shared way */

/* Where a machine's memory is. A copy waits for its device state before it runs; both
 * need arguments of QEMU that libvirt has no words for. */
enum yw_domain_memory {
    YW_DOMAIN_MEMORY_OWN,    /* anonymous, libvirt's usual */
    YW_DOMAIN_MEMORY_GOLDEN, /* the file memory_path, written to */
    YW_DOMAIN_MEMORY_COPY,   /* the file memory_path, mapped privately */
};

struct yw_domain_shape {
    const struct yw_plan_machine *machine;     /* borrowed */
    const char (*bridges)[YW_PLAN_BRIDGE_MAX]; /* borrowed; one a nic; "" no bridge */
    const char *drill;                         /* tag; borrowed */
    const char *plan_digest;                   /* tag; borrowed */
    bool kvm;                                  /* else TCG */
    const char *kernel;                        /* path of a registered image */
    const char *initrd;                        /* the same */
    /* Paths of sockets; "": libvirt's own place, for machines on another host, whose
     * serial console is a terminal of libvirt's then and whose screen is not there. */
    char agent_path[YW_DOMAIN_PATH_MAX];
    char field_path[YW_DOMAIN_PATH_MAX]; /* used when machine->has_field */
    char serial_path[YW_DOMAIN_PATH_MAX];
    char vnc_path[YW_DOMAIN_PATH_MAX]; /* used when machine->display */
    /* With machine->has_disk: the machine's own disk, and the registered one below it;
     * the image's name parts golden machines of one image from those of another. */
    char disk_path[YW_DOMAIN_DISK_MAX];
    char disk_base[YW_DOMAIN_DISK_MAX];
    char image[YW_NAME_MAX];
    enum yw_image_agent agent; /* with a disk: unless OWN it boots by itself */
    bool
        clean_traffic; /* libvirt's filter of that name on every nic that may not forge */
    enum yw_domain_memory memory;
    char memory_path[64]; /* unless OWN; no comma in it */
    bool restored;        /* from a save image: like a copy it is given no kernel */
};

/* The user id of a machine, from its uuid. */
unsigned yw_domain_uid(const char *uuid);
/* *new* */
char *yw_domain_xml(const struct yw_domain_shape *shape);
/* One interface with its link up or down, for an update of the running machine. *new* */
char *yw_domain_nic_xml(const struct yw_domain_shape *shape, size_t nic, bool up);

/* A network of libvirt's own for a daemon on another host: isolated, no address, the bridge
 * named as in the plan. *new* */
char *yw_domain_network_xml(const char *bridge, const char *drill);

struct yw_domain_tag {
    char drill[YW_NAME_MAX];
    char plan_digest[YW_HASH_TEXT_SIZE];
};
/* From the <metadata> element as libvirt gives it back. 0 or YW_EINVAL. */
int yw_domain_tag_parse(const char *xml, struct yw_domain_tag *ret);
/* From the whole description of a network. 0 or YW_EINVAL: not ours. */
int yw_domain_network_tag(const char *xml, struct yw_domain_tag *ret);

/* The interfaces of a machine's description as libvirt gives it back: is each one's link
 * up? 0 or YW_EINVAL. */
int yw_domain_links_parse(const char *xml, bool up[YW_SPEC_NICS_MAX], size_t *ret_count);

#endif
