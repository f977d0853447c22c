#include "virt/serve/accel.h"

#include "base/mem.h"
#include "virt/serve/capacity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define KEY_MAX 128

static void read_text(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0)
        (void)close(fd);
    text[got > 0 ? got : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

/* The host's boot and the kernel image: a new one of either is proved anew. */
static void make_key(const struct yw_embed_root *root, char key[KEY_MAX])
{
    char path[YW_EMBED_PATH_MAX + 16], boot_id[64];
    struct stat stat_kernel = {0};

    (void)snprintf(path, sizeof(path), "%s/vmlinux", root->images);
    (void)stat(path, &stat_kernel);
    read_text(BOOT_ID, boot_id, sizeof(boot_id));
    (void)snprintf(key, KEY_MAX, "%s:%lld:%lld", boot_id, (long long)stat_kernel.st_size,
                   (long long)stat_kernel.st_mtime);
}

static void path_of(const struct yw_embed_root *root, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/accelerator", root->state);
}

void yw_accel_load(struct yw_accel *ret, const struct yw_embed_root *root)
{
    char path[YW_EMBED_PATH_MAX + 16], key[KEY_MAX], seen[KEY_MAX] = "", verdict[8] = "",
                                                     why[128] = "";

    memset(ret, 0, sizeof(*ret));
    if (root->local && access("/dev/kvm", R_OK | W_OK) < 0) {
        ret->known = true;
        (void)snprintf(ret->why, sizeof(ret->why), "/dev/kvm: %s",
                       errno == ENOENT ? "there is none" : "not allowed");
        return;
    }
    path_of(root, path, sizeof(path));
    FILE *file = fopen(path, "re");

    if (!file)
        return;
    make_key(root, key);
    if (fscanf(file, "%127s %7s %127[^\n]", seen, verdict, why) == 3 &&
        strcmp(seen, key) == 0) {
        ret->known = true;
        ret->kvm = strcmp(verdict, "kvm") == 0;
        YW_COPY(ret->why, why);
    }
    (void)fclose(file);
}

void yw_accel_save(const struct yw_accel *accel, const struct yw_embed_root *root)
{
    char path[YW_EMBED_PATH_MAX + 16], key[KEY_MAX];

    path_of(root, path, sizeof(path));
    make_key(root, key);
    FILE *file = fopen(path, "we");

    if (!file)
        return; /* proved again next time */
    (void)fprintf(file, "%s %s %s\n", key, accel->kvm ? "kvm" : "tcg", accel->why);
    (void)fclose(file);
}

static void put_text(struct yw_buf *out, const char *name, const char *value)
{
    yw_buf_printf(out, "\"%s\":\"", name);
    for (const char *at = value; *at; at++) {
        if (*at == '"' || *at == '\\')
            yw_buf_printf(out, "\\%c", *at);
        else if ((unsigned char)*at >= 0x20)
            yw_buf_put(out, at, 1);
    }
    yw_buf_puts(out, "\"");
}

void yw_accel_facts(struct yw_buf *out, const struct yw_host_traits *traits,
                    const char *uri, const char *libvirt, const char *qemu,
                    const char *folder)
{
    char controls[32];
    struct yw_capacity capacity;

    yw_host_controls_text(traits->controls, controls);
    yw_buf_puts(out, "{");
    put_text(out, "uri", uri);
    yw_buf_puts(out, ",");
    put_text(out, "accelerator", traits->kvm ? "kvm" : "tcg");
    yw_buf_printf(out, ",\"kvm_device\":%s,",
                  access("/dev/kvm", F_OK) == 0 ? "true" : "false");
    put_text(out, "why", traits->kvm_why);
    yw_buf_puts(out, ",");
    put_text(out, "libvirt", libvirt);
    yw_buf_puts(out, ",");
    put_text(out, "qemu", qemu);
    yw_buf_puts(out, ",");
    put_text(out, "cgroups", controls);
    yw_buf_puts(out, ",");
    put_text(out, "mac", traits->mac);
    yw_buf_printf(out, ",\"tun\":%s,\"capture\":%s",
                  access("/dev/net/tun", R_OK | W_OK) == 0 ? "true" : "false",
                  access("/usr/bin/dumpcap", X_OK) == 0 ? "true" : "false");
    yw_capacity_read(&capacity, folder);
    yw_buf_printf(out, ",\"cores\":%lld,\"memory_mib\":%lld,\"disk_mib\":%lld}",
                  (long long)capacity.cores, (long long)capacity.memory_mib,
                  (long long)capacity.disk_mib);
}
