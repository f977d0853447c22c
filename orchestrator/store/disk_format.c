#include "store/disk_format.h"

#include <stdbool.h>
#include <string.h>

#define HEADER_V2 72
#define HEADER_V3 104
#define EXTENSIONS_MAX 16
#define INCOMPATIBLE_COMPRESSION 8u /* the only incompatible bit that is harmless */
#define EXT_END 0u
#define EXT_FEATURES 0x6803f857u /* names of feature bits, for people */

static uint32_t be32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t be64(const unsigned char *at)
{
    return (uint64_t)be32(at) << 32 | be32(at + 4);
}

static const char *extension_name(uint32_t type)
{
    switch (type) {
    case 0xe2792acau:
        return "the format of a backing file";
    case 0x44415441u:
        return "the name of a data file";
    case 0x23852875u:
        return "bitmaps";
    case 0x0537be77u:
        return "an encryption header";
    default:
        return "an extension that is not known";
    }
}

static int check_extensions(const unsigned char *head, size_t size, size_t at,
                            struct yw_err *err)
{
    for (int i = 0; i < EXTENSIONS_MAX; i++) {
        if (at + 8 > size)
            return yw_err_set(err, YW_EDENIED, "its header ends in the middle");
        uint32_t type = be32(head + at), length = be32(head + at + 4);

        if (type == EXT_END)
            return 0;
        if (type != EXT_FEATURES)
            return yw_err_set(err, YW_EDENIED, "its header has %s", extension_name(type));
        if (length > size)
            return yw_err_set(err, YW_EDENIED, "its header is longer than the file");
        at += 8 + (((size_t)length + 7) & ~(size_t)7);
    }
    return yw_err_set(err, YW_ELIMIT, "its header has more than %d extensions",
                      EXTENSIONS_MAX);
}

static int check_version_3(const unsigned char *head, size_t size, struct yw_err *err)
{
    if (size < HEADER_V3)
        return yw_err_set(err, YW_EDENIED, "it is cut off");
    uint64_t incompatible = be64(head + 72);
    uint32_t length = be32(head + 100);

    if ((incompatible & ~(uint64_t)INCOMPATIBLE_COMPRESSION) != 0)
        return yw_err_set(
            err, YW_EDENIED,
            "it is not a plain image: unclean, damaged, with a data file or another way "
            "of counting (incompatible features %llx)",
            (unsigned long long)incompatible);
    if (length < HEADER_V3 || length > 4096 || length % 8 != 0)
        return yw_err_set(err, YW_EDENIED, "its header claims %u bytes", length);
    return check_extensions(head, size, length, err);
}

int yw_disk_qcow2_check(const void *bytes, size_t size, int64_t *ret_virtual,
                        struct yw_err *err)
{
    const unsigned char *head = bytes;

    if (size < 4 || memcmp(head, "QFI\xfb", 4) != 0)
        return yw_err_set(err, YW_EDENIED, "it is no qcow2 image");
    if (size < HEADER_V2)
        return yw_err_set(err, YW_EDENIED, "it is cut off");
    uint32_t version = be32(head + 4);

    if (version != 2 && version != 3)
        return yw_err_set(err, YW_EDENIED, "it is of version %u, not 2 or 3", version);
    if (be64(head + 8) != 0 || be32(head + 16) != 0)
        return yw_err_set(err, YW_EDENIED, "it stands on another file (backing file)");
    if (be32(head + 20) < YW_DISK_CLUSTER_BITS_MIN ||
        be32(head + 20) > YW_DISK_CLUSTER_BITS_MAX)
        return yw_err_set(err, YW_EDENIED, "its clusters have 2^%u bytes",
                          be32(head + 20));
    uint64_t virtual_bytes = be64(head + 24);

    if (virtual_bytes == 0 || virtual_bytes > (uint64_t)YW_DISK_VIRTUAL_MAX)
        return yw_err_set(err, YW_ELIMIT, "its disk would have %llu bytes; at most %lld",
                          (unsigned long long)virtual_bytes, YW_DISK_VIRTUAL_MAX);
    if (be32(head + 32) != 0)
        return yw_err_set(err, YW_EDENIED, "it is encrypted");
    if (be32(head + 60) != 0)
        return yw_err_set(err, YW_EDENIED, "it has %u snapshots in it", be32(head + 60));
    *ret_virtual = (int64_t)virtual_bytes;
    return version == 3 ? check_version_3(head, size, err) : 0;
}

int yw_disk_raw_check(const void *head, size_t size, int64_t file_size,
                      struct yw_err *err)
{
    static const struct {
        const char *magic;
        size_t size;
        const char *name;
    } others[] = {
        {"QFI\xfb", 4, "qcow2"},
        {"QED", 4, "QED"},
        {"KDMV", 4, "VMDK"},
        {"COWD", 4, "VMDK"},
        {"# Disk DescriptorFile", 21, "VMDK"},
        {"conectix", 8, "VHD"},
        {"vhdxfile", 8, "VHDX"},
        {"LUKS\xba\xbe", 6, "LUKS"},
        {"\x7f"
         "ELF",
         4, "ELF program"},
        {"070701", 6, "cpio archive"},
        {"070702", 6, "cpio archive"},
        {"\x1f\x8b", 2, "gzip"},
        {"\xfd"
         "7zXZ",
         5, "xz"},
        {"\x28\xb5\x2f\xfd", 4, "zstd"},
        {"PK\x03\x04", 4, "zip"},
        {"<<< ", 4, "VDI"},
        {"WithoutFreeSpace", 16, "Parallels"},
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (size >= others[i].size && memcmp(head, others[i].magic, others[i].size) == 0)
            return yw_err_set(err, YW_EDENIED, "it is no raw disk: it begins as %s",
                              others[i].name);
    }
    if (file_size <= 0 || file_size % 512 != 0)
        return yw_err_set(err, YW_EDENIED,
                          "it is no raw disk: %lld bytes are no whole sectors",
                          (long long)file_size);
    return 0;
}
