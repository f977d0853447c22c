#include "guest/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define OWN_BOOT_ID "/boot_id"

static void say(const char *what, const char *which)
{
    (void)fprintf(stderr, "yanwu-guest: %s %s: %s\n", what, which, strerror(errno));
}

static void load_module(const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/modules/%s.ko", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        say("open", path);
        return;
    }
    if (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST)
        say("load", path);
    (void)close(fd);
    (void)unlink(path);
}

/* The order matters: virtio_ring before virtio, transports before devices. */
static void load_modules(bool disk)
{
    static const char *const modules[] = {
        "virtio_ring",    "virtio",     "virtio_pci_legacy_dev", "virtio_pci_modern_dev",
        "virtio_pci",     "failover",   "net_failover",          "virtio_net",
        "virtio_console", "virtio_blk",
    };
    size_t count = sizeof(modules) / sizeof(modules[0]) - (disk ? 0 : 1);
    for (size_t i = 0; i < count; i++)
        load_module(modules[i]);
    FILE *more = fopen("/modules/more", "re"); /* what the image's programs need */
    char name[40];
    while (more != NULL && fscanf(more, "%39s", name) == 1)
        load_module(name);
    if (more != NULL)
        (void)fclose(more);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, text, strlen(text)) < 0)
        say("write", path);
    (void)close(fd);
}

static void read_word(const char *path, char *ret, size_t ret_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? 0 : read(fd, ret, ret_size - 1);
    ret[size > 0 ? size : 0] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
    if (fd >= 0)
        (void)close(fd);
}

/* "yanwu.image=plc" on the kernel's command line; `otherwise` when there is none. */
static void read_option(const char *name, const char *otherwise, char *ret,
                        size_t ret_size)
{
    char line[2048];
    read_word("/proc/cmdline", line, sizeof(line));
    const char *at = strstr(line, name);
    (void)snprintf(ret, ret_size, "%s", otherwise);
    if (at == NULL)
        return;
    at += strlen(name);
    (void)snprintf(ret, ret_size, "%.*s", (int)strcspn(at, " "), at);
}

static void mount_all(void)
{
    static const char *const types[] = {"proc", "sysfs", "devtmpfs"};
    static const char *const places[] = {"/proc", "/sys", "/dev"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        (void)mkdir(places[i], 0755);
        if (mount(types[i], places[i], types[i], MS_NOSUID | MS_NOEXEC, NULL) != 0 &&
            errno != EBUSY)
            say("mount", places[i]);
    }
}

static void open_console(void)
{
    int fd = open("/dev/console", O_RDWR | O_NOCTTY);
    if (fd < 0)
        fd = open("/dev/null", O_RDWR);
    for (int target = 0; fd >= 0 && target < 3; target++) {
        if (fd != target)
            (void)dup2(fd, target);
    }
    if (fd > 2)
        (void)close(fd);
}

/* What a kernel does every second or oftener for machines that are busy. */
static void rest_kernel(void)
{
    write_file("/proc/sys/vm/compaction_proactiveness", "0");
    write_file("/proc/sys/vm/stat_interval", "600");
}

void boot_join(struct guest *guest)
{
    guest->boot_id_fd = -1; /* an image's own journal has begun under the kernel's */
    read_word(BOOT_ID, guest->boot_id, sizeof(guest->boot_id));
    read_option("yanwu.image=", "micro", guest->image, sizeof(guest->image));
    /* Announce a changed address at once: the peers' ARP tables still hold the golden
     * one. */
    write_file("/proc/sys/net/ipv4/conf/all/arp_notify", "1");
    write_file("/proc/sys/net/ipv4/conf/default/arp_notify", "1");
}

/* The kernel's own is not to be written, so a file stands in its place, before any copy is
 * made. */
static void show_boot_id(struct guest *guest)
{
    guest->boot_id_fd = open(OWN_BOOT_ID, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0444);
    if (guest->boot_id_fd < 0 || dprintf(guest->boot_id_fd, "%s\n", guest->boot_id) < 0 ||
        mount(OWN_BOOT_ID, BOOT_ID, NULL, MS_BIND, NULL) != 0)
        say("show", BOOT_ID);
}

/* A random UUID as of RFC 9562, 5.4. */
void boot_own_id(struct guest *guest)
{
    uint8_t b[16];
    char text[40];
    if (guest->boot_id_fd < 0 || getrandom(b, sizeof(b), 0) != sizeof(b))
        return;
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    int size =
        snprintf(text, sizeof(text),
                 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\n",
                 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
                 b[12], b[13], b[14], b[15]);
    if (pwrite(guest->boot_id_fd, text, (size_t)size, 0) != size)
        return;
    (void)snprintf(guest->boot_id, sizeof(guest->boot_id), "%.36s", text);
    (void)close(guest->boot_id_fd);
    guest->boot_id_fd = -1; /* it stays as long as the machine is on */
}

void boot_machine(struct guest *guest)
{
    char disk[32];
    mount_all();
    open_console();
    read_option("yanwu.root=", "", disk, sizeof(disk));
    load_modules(disk[0] != '\0');
    rest_kernel();
    if (disk[0] != '\0')
        full_hand_over(disk);
    boot_join(guest);
    show_boot_id(guest);
}
