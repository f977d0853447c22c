#include "virt/machine/clone.h"

#include "base/mem.h"
#include "guest/channel.h"
#include "loop/stream.h"
#include "virt/confine/proof.h"
#include "virt/machine/holder.h"
#include "virt/machine/leftover.h"
#include "virt/machine/overlay.h"
#include "virt/machine/qmp.h"
#include "virt/machine/save_image.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BOOT_MS 110000
#define BOOT_FULL_MS 1740000 /* 12 to 200 s of processor time, and it may have little */
#define TRY_MS 50
#define SETTLE_MS 300 /* the agent sees that nobody is connected any more */
#define STATE_MS 20000
#define HELLO_SIZE 5 /* u32 size, u8 type: all that is looked at */

static const char ignore_shared[] =
    "{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":"
    "[{\"capability\":\"x-ignore-shared\",\"state\":true}]}}";
static const char state_out[] =
    "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"fd:state\"}}";
static const char state_in[] =
    "{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"fd:state\"}}";

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void rest(int64_t span_ms)
{
    const struct timespec span = {.tv_nsec = (long)span_ms * 1000000L};

    (void)nanosleep(&span, NULL);
}

static void socket_path(char path[YW_DOMAIN_PATH_MAX], const struct yw_embed_root *root,
                        const char *uuid, const char *port)
{
    path[0] = '\0';
    if (root->local) /* else libvirt's own place there */
        (void)snprintf(path, YW_DOMAIN_PATH_MAX, "%s/%s.%s", root->sockets, uuid, port);
}

void yw_clone_place(struct yw_clone_order *order, const struct yw_embed_root *root)
{
    struct yw_domain_shape *shape = &order->shape;
    const char *uuid = order->machine.uuid;

    shape->machine = &order->machine;
    shape->bridges = (const char(*)[YW_PLAN_BRIDGE_MAX])order->bridges;
    shape->drill = order->drill;
    shape->plan_digest = order->plan_digest;
    shape->kernel = order->kernel;
    shape->initrd = order->initrd;
    socket_path(shape->agent_path, root, uuid, "agent");
    socket_path(shape->field_path, root, uuid, "field");
    socket_path(shape->serial_path, root, uuid, "serial");
    if (root->local)
        yw_leftover_screen(root, uuid, shape->vnc_path);
    if (order->machine.has_disk)
        yw_overlay_path(root, uuid, shape->disk_path);
}

void yw_clone_copy(struct yw_clone_order *ret, const struct yw_clone_order *order)
{
    *ret = *order;
    ret->shape.machine = &ret->machine;
    ret->shape.bridges = (const char(*)[YW_PLAN_BRIDGE_MAX])ret->bridges;
    ret->shape.drill = ret->drill;
    ret->shape.plan_digest = ret->plan_digest;
    ret->shape.kernel = ret->kernel;
    ret->shape.initrd = ret->initrd;
}

/* A second description of the same file, with a position of its own. */
static int reopen(int fd, int *ret_fd, struct yw_err *err)
{
    char path[32];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    *ret_fd = open(path, O_RDONLY | O_CLOEXEC);
    return *ret_fd < 0 ? yw_err_errno(err, YW_EIO, errno, "golden image") : 0;
}

/* The process with its memory in place, before its first instruction. */
static int create_on(struct yw_host *host, const struct yw_clone_order *order,
                     enum yw_domain_memory memory, int memory_fd, struct yw_err *err)
{
    struct yw_clone_order *own = yw_new(sizeof(*own));
    struct yw_domain_shape *shape = &own->shape;
    struct yw_holder holder;

    yw_clone_copy(own, order);
    shape->memory = memory;
    int code = yw_holder_start(&holder, memory_fd, yw_domain_uid(own->machine.uuid),
                               shape->memory_path, sizeof(shape->memory_path), err);

    if (code == 0) {
        char *xml = yw_domain_xml(shape);

        code = yw_host_create_paused(host, own->machine.uuid, xml, err);
        free(xml);
    }
    yw_holder_end(&holder);
    free(own);
    return code;
}

static int take_state(struct yw_host *host, const char *uuid, int image_fd,
                      struct yw_err *err)
{
    int fd = -1;
    int code = reopen(image_fd, &fd, err);

    if (code == 0)
        code = yw_qmp_run(host, uuid, ignore_shared, NULL, err);
    if (code == 0)
        code = yw_qmp_give(host, uuid, "state", fd, err);
    if (code == 0)
        code = yw_qmp_run(host, uuid, state_in, NULL, err);
    if (code == 0)
        code = yw_qmp_migrated(host, uuid, STATE_MS, err);
    if (fd >= 0)
        (void)close(fd);
    return code < 0 ? code : yw_host_resume(host, uuid, err);
}

static int start_shared(struct yw_host *host, const struct yw_golden *golden,
                        const struct yw_clone_order *order, struct yw_err *err)
{
    int code = create_on(host, order, YW_DOMAIN_MEMORY_COPY, golden->memory_fd, err);

    return code < 0 ? code : take_state(host, order->machine.uuid, golden->image_fd, err);
}

static int start_saved(struct yw_host *host, const struct yw_embed_root *root,
                       const struct yw_golden *golden, const struct yw_clone_order *order,
                       struct yw_err *err)
{
    char path[YW_GOLDEN_PATH_MAX];
    struct yw_domain_shape shape = order->shape;

    shape.restored = true;
    char *xml = yw_domain_xml(&shape);

    (void)snprintf(path, sizeof(path), "%s/%s.image", root->sockets, order->machine.uuid);
    int code = yw_save_image_copy(golden->image_fd, path, xml, err);

    if (code == 0)
        code = yw_host_restore(host, path, err);
    (void)unlink(path);
    free(xml);
    return code;
}

int yw_clone_disk(const struct yw_embed_root *root, const struct yw_clone_order *order,
                  const char *base, struct yw_err *err)
{
    char carried[YW_UUID_SIZE];

    if (!order->machine.has_disk)
        return 0;
    yw_virt_carried(order->machine.uuid, carried);
    if (strcmp(order->source, carried) == 0)
        return yw_overlay_take(root, order->machine.uuid, carried, err);
    return order->source[0] ? yw_overlay_fork(root, order->machine.uuid, order->source,
                                              order->point, err)
                            : yw_overlay_make(root, order->machine.uuid, base, err);
}

int yw_clone_start(struct yw_host *host, const struct yw_embed_root *root,
                   const struct yw_golden *golden, const struct yw_clone_order *order,
                   struct yw_err *err)
{
    const char *uuid = order->machine.uuid;
    int code = yw_host_destroy(host, uuid, err);

    if (code == 0)
        code = yw_leftover_note(root, uuid, order->drill, order->machine.domain, err);
    if (code == 0)
        code = yw_clone_disk(root, order, golden->disk, err);
    if (code < 0)
        return code;
    code = golden->key.way == YW_VIRT_HOW_SHARED
               ? start_shared(host, golden, order, err)
               : start_saved(host, root, golden, order, err);
    if (code < 0)
        (void)yw_host_destroy(host, uuid, NULL);
    return code;
}

/* The same machine without its identity: what all copies of its kind have in common. */
static void anonymous(struct yw_clone_order *ret, const struct yw_clone_order *order,
                      enum yw_virt_how way, const struct yw_embed_root *root)
{
    char slot[YW_GOLDEN_SLOT_MAX], parts[YW_GOLDEN_SLOT_MAX + 16];
    struct yw_plan_machine *machine = &ret->machine;

    yw_clone_copy(ret, order);
    yw_golden_slot(&order->shape, way, slot);
    (void)snprintf(parts, sizeof(parts), YW_GOLDEN_DRILL "/%s", slot);
    yw_uuid_from(parts, machine->uuid);
    (void)snprintf(machine->domain, sizeof(machine->domain), "yw-golden-%.13s",
                   machine->uuid);
    YW_COPY(machine->name, "golden");
    YW_COPY(machine->image, "golden");
    machine->team_name[0] = '\0';
    ret->source[0] = '\0';
    machine->seed = 0;
    memset(machine->nics, 0, sizeof(machine->nics));
    memset(ret->bridges, 0, sizeof(ret->bridges));
    for (size_t i = 0; i < machine->nic_count; i++)
        (void)snprintf(machine->nics[i].mac, YW_PLAN_MAC_SIZE, "52:54:00:00:00:%02x",
                       (unsigned)i + 1);
    YW_COPY(ret->drill, YW_GOLDEN_DRILL);
    YW_COPY(ret->plan_digest, "none");
    yw_clone_place(ret, root);
    ret->shape.memory = YW_DOMAIN_MEMORY_OWN;
    ret->shape.memory_path[0] = '\0';
}

/* One connection: true when the agent has spoken on it. */
static bool hears_hello(const char *path, int64_t until_ms)
{
    unsigned char head[HELLO_SIZE];
    size_t got = 0;
    int fd = -1;

    if (yw_stream_connect(path, &fd, NULL) < 0)
        return false;
    while (got < sizeof(head)) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int64_t left_ms = until_ms - now_ms();

        if (left_ms <= 0 || poll(&ready, 1, (int)left_ms) <= 0)
            break;
        ssize_t size = read(fd, head + got, sizeof(head) - got);

        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
            break;
        got += size > 0 ? (size_t)size : 0;
    }
    (void)close(fd);
    return got == sizeof(head) && head[HELLO_SIZE - 1] == YW_CHANNEL_HELLO;
}

static int wait_for_agent(struct yw_host *host, const struct yw_clone_order *order,
                          struct yw_err *err)
{
    int64_t until_ms = now_ms() + (order->machine.has_disk ? BOOT_FULL_MS : BOOT_MS);

    while (now_ms() < until_ms) {
        bool running = false;

        if (hears_hello(order->shape.agent_path, until_ms)) {
            rest(SETTLE_MS);
            return 0;
        }
        int code = yw_host_running(host, order->machine.uuid, &running, err);

        if (code < 0)
            return code;
        if (!running)
            return yw_err_set(err, YW_EIO, "the golden machine ended while it booted");
        rest(TRY_MS);
    }
    return yw_err_set(err, YW_ETIMEOUT, "the golden machine's agent has not said hello");
}

static int give_state(struct yw_host *host, const char *uuid, const char *path,
                      struct yw_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    int code = yw_host_suspend(host, uuid, err);

    if (code == 0)
        code = yw_qmp_run(host, uuid, ignore_shared, NULL, err);
    if (code == 0)
        code = yw_qmp_give(host, uuid, "state", fd, err);
    if (code == 0)
        code = yw_qmp_run(host, uuid, state_out, NULL, err);
    if (code == 0)
        code = yw_qmp_migrated(host, uuid, STATE_MS, err);
    (void)close(fd);
    return code;
}

/* A golden machine that is being made. */
struct making {
    struct yw_host *host;
    const struct yw_embed_root *root;
    const struct yw_clone_order *order;
    char draft[YW_GOLDEN_PATH_MAX];
    bool no_boot; /* it never spoke */
    struct yw_virt_proof proof;
};

/* Every copy has what it has, so it is looked at like them. */
static int make_ready(struct making *making, struct yw_err *err)
{
    const struct yw_plan_machine *machine = &making->order->machine;
    const struct yw_proof_machine proof = {.uuid = machine->uuid,
                                           .domain = machine->domain,
                                           .drill = making->order->drill,
                                           .team = machine->team_name,
                                           .ram_mib = machine->ram_mib};
    int code = wait_for_agent(making->host, making->order, err);

    making->no_boot = code < 0;
    return code < 0 ? code : yw_proof_take(making->root, &proof, &making->proof, err);
}

static int build_shared(struct making *making, struct yw_err *err)
{
    const char *uuid = making->order->machine.uuid;
    int64_t size = (int64_t)making->order->machine.ram_mib * 1024 * 1024;
    char path[YW_GOLDEN_PATH_MAX + 16];
    int memory_fd = -1;
    int code = yw_golden_memory_new(size, &memory_fd, err);

    if (code < 0)
        return code;
    code =
        create_on(making->host, making->order, YW_DOMAIN_MEMORY_GOLDEN, memory_fd, err);
    if (code == 0)
        code = yw_host_resume(making->host, uuid, err);
    if (code == 0)
        code = make_ready(making, err);
    (void)snprintf(path, sizeof(path), "%s/state", making->draft);
    if (code == 0)
        code = give_state(making->host, uuid, path, err);
    (void)snprintf(path, sizeof(path), "%s/memory", making->draft);
    if (code == 0)
        code = yw_golden_memory_write(memory_fd, size, path, err);
    (void)close(memory_fd);
    return code;
}

static int build_saved(struct making *making, struct yw_err *err)
{
    const char *uuid = making->order->machine.uuid;
    char path[YW_GOLDEN_PATH_MAX + 16];
    char *xml = yw_domain_xml(&making->order->shape);
    int code = yw_host_create(making->host, uuid, xml, err);

    free(xml);
    if (code == 0)
        code = make_ready(making, err);
    (void)snprintf(path, sizeof(path), "%s/image", making->draft);
    return code < 0 ? code : yw_host_save(making->host, uuid, path, err);
}

static int build(struct making *making, const struct yw_golden_key *key,
                 struct yw_err *err)
{
    const struct yw_embed_root *root = making->root;
    const struct yw_clone_order *order = making->order;
    const char *uuid = order->machine.uuid;
    int code = yw_golden_draft(root, key, making->draft, err);

    if (code == 0)
        code = yw_host_destroy(making->host, uuid, err);
    if (code == 0)
        code = yw_leftover_note(root, uuid, order->drill, order->machine.domain, err);
    if (code == 0)
        code = yw_clone_disk(root, order, order->shape.disk_base, err);
    if (code < 0)
        return code;
    code = key->way == YW_VIRT_HOW_SHARED ? build_shared(making, err)
                                          : build_saved(making, err);
    (void)yw_host_destroy(making->host, uuid, NULL);
    if (code == 0 && key->disk) {
        char disk[YW_GOLDEN_PATH_MAX + 16];

        (void)snprintf(disk, sizeof(disk), "%s/disk", making->draft);
        code = yw_overlay_close(root, uuid, disk, err);
    }
    yw_leftover_remove(root, uuid);
    return code < 0 ? code : yw_golden_keep(root, key, err);
}

int yw_clone_golden(struct yw_host *host, const struct yw_embed_root *root,
                    const struct yw_clone_order *order, enum yw_virt_how way,
                    struct yw_golden **ret, bool *ret_no_boot, struct yw_err *err)
{
    struct yw_clone_order *golden = yw_new(sizeof(*golden));
    char libvirt[32], qemu[32], versions[80];
    struct yw_golden_key key = {0};

    *ret_no_boot = false;
    anonymous(golden, order, way, root);
    int code = yw_host_versions(host, libvirt, qemu, err);

    (void)snprintf(versions, sizeof(versions), "%s %s", code < 0 ? "" : libvirt,
                   code < 0 ? "" : qemu);
    if (code == 0)
        code = yw_golden_key_make(&golden->shape, way, versions, &key, err);
    if (code == 0)
        code = yw_golden_load(root, &key, ret, err);
    if (code == YW_ENOTFOUND || code == YW_ECORRUPT) {
        struct making making = {.host = host, .root = root, .order = golden};

        code = build(&making, &key, err);
        *ret_no_boot = making.no_boot;
        if (code == 0)
            code = yw_golden_load(root, &key, ret, err);
        if (code == 0)
            (*ret)->proof = making.proof;
    }
    free(golden);
    return code;
}
