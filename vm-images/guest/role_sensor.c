/* The passive sensor: listens on the cards that get copies of what passes a network, on
 * all when it has no such, and takes copies that come over UDP. It never sends on the
 * networks that it watches. */
#include "guest/guest.h"

#include "controller/sensor.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX (64 * 1024 + 64) /* a card may pass many segments as one */
#define FRAMES_A_TURN 256          /* then the others have their turn */
#define RECEIVE_BUFFER (1024 * 1024)

struct part {
    struct yw_sensor sensor;
    int raw;
    int copies;
    int raw_slot;
    int copies_slot;
    int cards[YW_CHANNEL_NICS_MAX]; /* that it listens to, as the kernel numbers them */
    int card_count;
};

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

static void tell(void *arg, const char *line)
{
    agent_line(arg, line);
}

static void listen_to(struct part *part, int fd, uint32_t index)
{
    struct ifreq request = {0};
    struct packet_mreq wanted = {.mr_type = PACKET_MR_PROMISC};
    (void)snprintf(request.ifr_name, sizeof(request.ifr_name), "eth%u", index);
    if (ioctl(fd, SIOCGIFINDEX, &request) != 0)
        return;
    wanted.mr_ifindex = request.ifr_ifindex;
    part->cards[part->card_count++] = request.ifr_ifindex;
    (void)setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wanted, sizeof(wanted));
}

/* A card without an address is the end of a mirror. */
static int open_raw(const struct guest *guest, struct part *part)
{
    int room = RECEIVE_BUFFER;
    bool mirrors = false;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    for (uint32_t i = 0; i < guest->config.nic_count; i++)
        mirrors = mirrors || guest->config.nics[i].prefix == 0;
    for (uint32_t i = 0; i < guest->config.nic_count; i++) {
        if (!mirrors || guest->config.nics[i].prefix == 0)
            listen_to(part, fd, i);
    }
    return fd;
}

static int open_copies(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(YW_SENSOR_TZSP_PORT)};
    int room = RECEIVE_BUFFER;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void stop(struct guest *guest)
{
    struct part *part = part_of(guest);
    if (part->raw >= 0)
        (void)close(part->raw);
    if (part->copies >= 0)
        (void)close(part->copies);
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    char problem[YW_CONF_PROBLEM_MAX] = "";
    part->raw = -1;
    part->copies = -1;
    yw_sensor_init(&part->sensor);
    part->sensor.line = tell;
    part->sensor.arg = guest;
    if (file != NULL &&
        yw_sensor_load(&part->sensor, file->bytes, file->size, problem) != 0) {
        (void)snprintf(why, why_size, "%s: %s", YW_CONF_FILE, problem);
        return -1;
    }
    part->raw = open_raw(guest, part);
    part->copies = open_copies();
    (void)snprintf(why, why_size, "cannot listen");
    return part->raw >= 0 && part->copies >= 0 ? 0 : -1;
}

static void watch(struct guest *guest, struct turn *turn)
{
    struct part *part = part_of(guest);
    part->raw_slot = turn_add(turn, part->raw, POLLIN);
    part->copies_slot = turn_add(turn, part->copies, POLLIN);
}

static bool is_watched(const struct part *part, int card)
{
    for (int i = 0; i < part->card_count; i++) {
        if (part->cards[i] == card)
            return true;
    }
    return false;
}

/* What it sends itself, and copies on their way to it, are no traffic of the plant. */
static bool is_foreign(const struct part *part, const struct sockaddr_ll *from,
                       const uint8_t *bytes, size_t size)
{
    if (from->sll_pkttype == PACKET_OUTGOING || !is_watched(part, from->sll_ifindex))
        return false;
    return !(size >= 42 && bytes[12] == 8 && bytes[13] == 0 && bytes[23] == IPPROTO_UDP &&
             (bytes[36] << 8 | bytes[37]) == YW_SENSOR_TZSP_PORT);
}

static void act(struct guest *guest, const struct turn *turn)
{
    struct part *part = part_of(guest);
    uint8_t frame[FRAME_MAX];
    int64_t now_ms = guest_now_ms();
    for (int i = 0; turn_events(turn, part->raw_slot) != 0 && i < FRAMES_A_TURN; i++) {
        struct sockaddr_ll from = {0};
        socklen_t from_size = sizeof(from);
        ssize_t size = recvfrom(part->raw, frame, sizeof(frame), 0,
                                (struct sockaddr *)&from, &from_size);
        if (size <= 0)
            break;
        if (is_foreign(part, &from, frame, (size_t)size))
            yw_sensor_frame(&part->sensor, frame, (size_t)size, now_ms);
    }
    for (int i = 0; turn_events(turn, part->copies_slot) != 0 && i < FRAMES_A_TURN; i++) {
        ssize_t size = recv(part->copies, frame, sizeof(frame), 0);
        if (size <= 0)
            break;
        yw_sensor_tzsp(&part->sensor, frame, (size_t)size, now_ms);
    }
}

/* `assets [FROM]`: the list, from that entry on; `learned`: the baseline ends now. */
static bool command(struct guest *guest, uint32_t request,
                    const struct yw_message_run *run)
{
    struct part *part = part_of(guest);
    char list[YW_CHANNEL_OUTPUT_MAX];
    double from = 0;
    if (strcmp(run->argv[0], "learned") == 0) {
        part->sensor.learn_ms = 0;
        agent_answer(guest, request, 0, "{}");
        return true;
    }
    if (strcmp(run->argv[0], "assets") != 0)
        return false;
    if (run->argc > 2 ||
        (run->argc == 2 &&
         !yw_conf_number(run->argv[1], 0, YW_SENSOR_ASSETS_MAX, &from))) {
        request_refuse(guest, request, "usage: assets [FROM]");
        return true;
    }
    yw_sensor_assets(&part->sensor, (size_t)from, list, sizeof(list));
    agent_answer(guest, request, 0, list);
    return true;
}

const struct role role_sensor = {.name = "sensor",
                                 .size = sizeof(struct part),
                                 .start = start,
                                 .stop = stop,
                                 .watch = watch,
                                 .act = act,
                                 .command = command};
