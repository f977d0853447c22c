/* Where a disk file of somebody else becomes one of ours. The file is copied into a folder
 * that only a user of its own may enter, looked at (store/disk_format.h), examined and
 * converted by qemu-img as that user: no network, no privileges, bounded memory, time,
 * output and open files. What comes out is checked again and copied a last time, so
 * that nothing which could write to the upload can write to the result. Nothing of the
 * upload itself ever reaches libvirt. Source of the rule: security.md "Uploaded images",
 * CVE-2024-32498. Blocking, minutes for large files; not for a loop thread. */
#ifndef YW_STORE_QUARANTINE_H
#define YW_STORE_QUARANTINE_H

#include "base/err.h"
#include "codec/image.h"

/* The user of that folder, who has nothing else anywhere. */
#define YW_QUARANTINE_UID 0x6fff0001u
#define YW_QUARANTINE_INFO_MS 20000
#define YW_QUARANTINE_CONVERT_MS (20 * 60 * 1000)
#define YW_QUARANTINE_MEMORY_BYTES (2LL * 1024 * 1024 * 1024)

/* `format` "qcow2" or "raw". `folder`: a new private folder for the work, removed before
 * this returns, whatever happens. `target`: the file of ours to be made. Fills sizes and
 * hashes of *ret. YW_EINVAL (not a file that can be taken), YW_EDENIED (what is in it),
 * YW_ELIMIT, YW_ETIMEOUT, YW_EIO. */
int yw_quarantine_pass(const char *file, const char *format, const char *folder,
                       const char *target, struct yw_image *ret, struct yw_err *err);

#endif
