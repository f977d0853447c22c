#include "guest/guest.h"

#include "controller/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

/* As in linux/random.h, which comes with no libc. */
#define RNDADDENTROPY _IOW('R', 0x03, int[2])
#define RNDRESEEDCRNG _IO('R', 0x07)

/* `why` is ours, or a text without quotes. */
void request_refuse(struct guest *guest, uint32_t request, const char *why)
{
    char output[256];
    (void)snprintf(output, sizeof(output), "{\"error\":\"%s\"}", why);
    agent_answer(guest, request, 1, output);
}

/* Credited, and taken into use at once: all copies of a golden machine stand at the same
 * point of the same stream. */
static bool add_entropy(int fd, const char *hex)
{
    struct {
        int entropy_count; /* bits */
        int buf_size;
        uint8_t buf[YW_CHANNEL_ENTROPY];
    } pool = {.entropy_count = 8 * YW_CHANNEL_ENTROPY, .buf_size = YW_CHANNEL_ENTROPY};
    if (strlen(hex) != 2 * YW_CHANNEL_ENTROPY)
        return false;
    for (size_t i = 0; i < sizeof(pool.buf); i++) {
        unsigned byte = 0;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        pool.buf[i] = (uint8_t)byte;
    }
    return ioctl(fd, (int)RNDADDENTROPY, &pool) == 0 &&
           ioctl(fd, (int)RNDRESEEDCRNG) == 0;
}

/* A nic that does not take it keeps its own. */
static void set_mtus(int nics, const char *list)
{
    char *end = NULL;
    for (uint32_t i = 0; i < YW_CHANNEL_NICS_MAX; i++) {
        long mtu = strtol(list, &end, 10);
        if (mtu > 0 && nic_mtu(nics, i, (int)mtu) != 0)
            return;
        if (*end != ',')
            return;
        list = end + 1;
    }
}

/* Takes the kernel's settings out of the role's. */
static void take_kernels(struct guest *guest)
{
    struct yw_message_configure *config = &guest->config;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < config->setting_count; i++) {
        const struct yw_message_setting *setting = &config->settings[i];
        bool mtu = strcmp(setting->name, YW_CHANNEL_MTU_SETTING) == 0;
        if (mtu)
            set_mtus(guest->nics, setting->value);
        else if (strcmp(setting->name, YW_CHANNEL_ENTROPY_SETTING) != 0)
            config->settings[kept++] = *setting;
        else if (add_entropy(guest->random_fd, setting->value))
            boot_own_id(guest);
    }
    config->setting_count = kept;
}

static void configure(struct guest *guest, const struct yw_message *message)
{
    const struct yw_message_configure *config = &message->of.configure;
    struct timeval now = {.tv_sec = config->wall_us / 1000000,
                          .tv_usec = config->wall_us % 1000000};
    char why[96];
    guest->config = *config;
    take_kernels(guest);
    if (config->wall_us > 0)
        (void)settimeofday(&now, NULL);
    (void)sethostname(config->host, strlen(config->host));
    for (uint32_t i = 0; i < config->nic_count; i++) {
        if (nic_configure(guest->nics, i, &config->nics[i]) != 0) {
            (void)snprintf(why, sizeof(why), "nic %u: %s", i, strerror(errno));
            request_refuse(guest, message->request, why);
            return;
        }
    }
    if (nic_gateway(guest->nics, config->gateway) != 0) {
        (void)snprintf(why, sizeof(why), "gateway: %s", strerror(errno));
        request_refuse(guest, message->request, why);
        return;
    }
    if (guest->full)
        full_configured(config);
    agent_answer(guest, message->request, 0, "");
}

const struct file *guest_file(const struct guest *guest, const char *name)
{
    for (int i = 0; i < GUEST_FILES_MAX; i++) {
        const struct file *file = &guest->files[i];
        if (strcmp(file->name, name) == 0)
            return file->size == file->total ? file : NULL;
    }
    return NULL;
}

static struct file *file_for(struct guest *guest, const char *name)
{
    for (int i = 0; i < GUEST_FILES_MAX; i++) {
        struct file *file = &guest->files[i];
        if (file->name[0] == '\0')
            (void)snprintf(file->name, sizeof(file->name), "%s", name);
        if (strcmp(file->name, name) == 0)
            return file;
    }
    return NULL;
}

static void put(struct guest *guest, const struct yw_message *message)
{
    const struct yw_message_put *chunk = &message->of.put;
    struct file *file = file_for(guest, chunk->name);
    if (file == NULL || chunk->name[0] == '\0') {
        request_refuse(guest, message->request, "too many files");
        return;
    }
    if (chunk->offset == 0 || chunk->total != file->total)
        file->size = 0;
    if (chunk->offset != file->size) {
        request_refuse(guest, message->request, "chunk out of order");
        return;
    }
    memcpy(file->bytes + chunk->offset, chunk->chunk, chunk->chunk_size);
    file->size += chunk->chunk_size;
    file->total = chunk->total;
    agent_answer(guest, message->request, 0, "");
}

static void stop(struct guest *guest)
{
    server_close(&guest->server);
    lasting_stop(guest);
    if (guest->role != NULL && guest->role->stop != NULL && guest->part != NULL)
        guest->role->stop(guest);
    guest->role = NULL;
    if (guest->part != NULL) /* zeros again */
        (void)madvise(guest->room, role_room(), MADV_DONTNEED);
    guest->part = NULL;
}

/* A machine that was told nothing of its role learns that, too. */
static void start_full(const struct guest *guest)
{
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    full_started(file != NULL ? file->bytes : "", file != NULL ? file->size : 0);
}

static void start(struct guest *guest, const struct yw_message *message)
{
    char why[YW_CHANNEL_LINE_MAX] = "no such role";
    const struct role *role = role_find(guest->full ? "attacker" : message->of.role);
    stop(guest);
    if (role == NULL) {
        request_refuse(guest, message->request, why);
        return;
    }
    guest->part = guest->room;
    guest->role = role;
    if (guest->part == NULL ||
        (role->start != NULL && role->start(guest, why, sizeof(why)) != 0)) {
        stop(guest);
        request_refuse(guest, message->request, why);
        return;
    }
    if (guest->full)
        start_full(guest);
    yw_prompt_greet(&guest->console.prompt, guest->config.host);
    agent_answer(guest, message->request, 0, "");
}

static void set_link(struct guest *guest, const struct yw_message *message)
{
    if (nic_link(guest->nics, message->of.link.nic, message->of.link.up) != 0) {
        request_refuse(guest, message->request, strerror(errno));
        return;
    }
    if (message->of.link.up)
        (void)nic_gateway(guest->nics, guest->config.gateway);
    agent_answer(guest, message->request, 0, "");
}

void request_act(struct guest *guest, const struct yw_message *message)
{
    switch (message->type) {
    case YW_CHANNEL_PING:
        agent_reply(guest, message->request, 0, guest->boot_id);
        break;
    case YW_CHANNEL_CONFIGURE:
        configure(guest, message);
        break;
    case YW_CHANNEL_PUT:
        put(guest, message);
        break;
    case YW_CHANNEL_START:
        start(guest, message);
        break;
    case YW_CHANNEL_RUN:
        if (!(guest->role != NULL && guest->role->command != NULL &&
              guest->role->command(guest, message->request, &message->of.run)) &&
            !lasting_run(guest, message->request, &message->of.run) &&
            !job_start(guest, message->request, &message->of.run))
            agent_reply(guest, message->request, YW_APPLET_BUSY, "{\"error\":\"busy\"}");
        break;
    case YW_CHANNEL_LINK:
        set_link(guest, message);
        break;
    case YW_CHANNEL_WRITE:
        carry_write(guest, message);
        break;
    case YW_CHANNEL_READ:
        carry_read(guest, message);
        break;
    case YW_CHANNEL_HELLO:
    case YW_CHANNEL_DONE:
    case YW_CHANNEL_LINE:
        break;
    }
}
