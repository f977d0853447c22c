/* Golden machines on disk: booted once, saved when the agent was ready and had no
 * identity, and copied ever after.
 *
 *   <state>/golden/<hash>/golden    what it was made from, sizes and hashes; written last
 *                        /memory    guest memory         } SHARED
 *                        /state     device state         }
 *                        /image     libvirt's save image   SAVED
 *                        /disk      of a full image; also shown by virt/machine/overlay.h
 *   <state>/golden/draft-<hash>/    one that is being made
 *
 * The hash covers everything that a copy must share with the original: kernel, initial
 * file system, versions of QEMU and libvirt, the processor where it is passed through, and
 * the whole description of the machine but its identity. So another input is another
 * golden machine, and the old one of its kind is removed. A draft becomes golden by one
 * rename after everything in it is on disk. The broker's lock (virt/machine/embed_root.h) keeps
 * two builders apart.
 *
 * Memory of a copy is a private mapping of a descriptor, and QEMU 7.2 opens such a file
 * for writing or not at all; a QEMU that a guest has taken could then change the golden
 * memory under every other team. So the file itself is closed to all machines; what they
 * map is a sealed memfd filled from it and checked against its hash: it can be opened for
 * writing, but no write and no shared mapping of it succeeds. Blocking; worker threads. */
#ifndef YW_VIRT_GOLDEN_H
#define YW_VIRT_GOLDEN_H

#include "base/hash.h"
#include "virt/machine/domain_xml.h"
#include "virt/machine/embed_root.h"
#include "virt/virt.h"

#define YW_GOLDEN_PATH_MAX (YW_EMBED_PATH_MAX + 128)
#define YW_GOLDEN_SLOT_MAX 96
#define YW_GOLDEN_DRILL "golden-build" /* tag of one that is being made */

struct yw_golden_key {
    enum yw_virt_how way;          /* SHARED or SAVED */
    bool disk;                     /* of a full image: has one more part */
    char slot[YW_GOLDEN_SLOT_MAX]; /* its kind: "shared-96-2-f-micro.cpio.gz" */
    char base[YW_HASH_TEXT_SIZE];  /* of what the host gives */
    char hash[YW_HASH_TEXT_SIZE];  /* of all inputs */
};

struct yw_golden {
    struct yw_golden_key key;
    int memory_fd;                 /* SHARED: the sealed memory; else -1 */
    char disk[YW_GOLDEN_PATH_MAX]; /* what disks of copies stand on; "" none */
    int image_fd; /* device state or save image; position shared, use pread or reopen */
    struct yw_virt_proof proof; /* of the machine, when it was made now; else not read */
};

/* The kind that a machine is of, without reading anything: equal slots, equal inputs as
 * long as host and images stay. Pure. */
void yw_golden_slot(const struct yw_domain_shape *shape, enum yw_virt_how way,
                    char slot[YW_GOLDEN_SLOT_MAX]);
/* `shape`: the golden machine's own. `versions`: "libvirt qemu". Reads kernel and initrd. */
int yw_golden_key_make(const struct yw_domain_shape *shape, enum yw_virt_how way,
                       const char *versions, struct yw_golden_key *ret,
                       struct yw_err *err);
/* *new*. YW_ENOTFOUND: there is none. YW_ECORRUPT: it was damaged, and is removed. */
int yw_golden_load(const struct yw_embed_root *root, const struct yw_golden_key *key,
                   struct yw_golden **ret, struct yw_err *err);
void yw_golden_free(struct yw_golden *golden); /* NULL-safe */

/* An empty draft; one left by a killed broker is removed first. */
int yw_golden_draft(const struct yw_embed_root *root, const struct yw_golden_key *key,
                    char path[YW_GOLDEN_PATH_MAX], struct yw_err *err);
/* Makes the draft golden, and removes what it stands for: older ones of its slot and all
 * of other inputs. */
int yw_golden_keep(const struct yw_embed_root *root, const struct yw_golden_key *key,
                   struct yw_err *err);
/* Drafts that nobody is making: at the start of a broker. */
void yw_golden_sweep(const struct yw_embed_root *root);

/* Memory that machines may map: *ret_fd is the caller's. Copying it out skips zeros. */
int yw_golden_memory_new(int64_t size, int *ret_fd, struct yw_err *err);
int yw_golden_memory_write(int memory_fd, int64_t size, const char *path,
                           struct yw_err *err);

#endif
