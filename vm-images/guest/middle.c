/* The adversary in the middle, in a child of its own: raw frames of the card that has both ends
 * (controller/between.h says what becomes of them). */
#include "guest/guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CARDS_MAX 8
#define FIND_MS 3000
#define TELL_MS 500 /* caches forget, and the other one speaks, too */
#define TRUTHS 3    /* how often the true addresses are told at the end */
#define BATCH 64    /* frames between two looks at the clock */

struct middle {
    struct guest *guest;
    struct card card;
    struct yw_between between;
    uint8_t in[65536];
};

static int64_t drill_now_ms(const struct middle *middle)
{
    return yw_pace_now(job_pace(middle->guest), guest_now_ms());
}

static void say(const struct middle *middle, const uint8_t *frame, size_t size)
{
    (void)send(middle->card.fd, frame, size, 0);
}

static void tell(const struct middle *middle, bool truth)
{
    uint8_t frame[YW_BETWEEN_ARP_SIZE];
    for (int end = 0; end < 2; end++) {
        yw_between_tell(&middle->between, end, truth, frame);
        say(middle, frame, sizeof(frame));
    }
}

static void take_frames(struct middle *middle)
{
    uint8_t out[YW_BETWEEN_FRAME_MAX];
    for (int i = 0; i < BATCH; i++) {
        ssize_t got = recv(middle->card.fd, middle->in, sizeof(middle->in), MSG_DONTWAIT);
        if (got <= 0)
            return;
        size_t size = yw_between_frame(&middle->between, middle->in, (size_t)got,
                                       drill_now_ms(middle), out);
        if (size > 0)
            say(middle, out, size);
    }
}

/* Both ends answer on this card. */
static bool find_ends(struct middle *middle)
{
    struct pollfd wait = {.fd = middle->card.fd, .events = POLLIN};
    int64_t end_ms = guest_now_ms() + FIND_MS;
    int64_t ask_ms = 0;
    while (guest_now_ms() < end_ms &&
           !(middle->between.known[0] && middle->between.known[1])) {
        if (guest_now_ms() >= ask_ms) {
            for (int end = 0; end < 2; end++) {
                uint8_t frame[YW_BETWEEN_ARP_SIZE];
                yw_between_ask(&middle->between, end, frame);
                say(middle, frame, sizeof(frame));
            }
            ask_ms = guest_now_ms() + TELL_MS;
        }
        (void)poll(&wait, 1, TELL_MS);
        take_frames(middle);
    }
    return middle->between.known[0] && middle->between.known[1];
}

struct middle *middle_begin(struct guest *guest, const struct yw_lasting *lasting)
{
    struct middle *middle = calloc(1, sizeof(*middle));
    for (int i = 0; i < CARDS_MAX && middle != NULL; i++) {
        middle->guest = guest;
        if (!card_open(&middle->card, i))
            continue;
        yw_between_init(&middle->between, middle->card.mac, middle->card.address,
                        lasting->ends);
        if (find_ends(middle)) {
            middle->between.drop = lasting->drop;
            if (lasting->replay_ms > 0)
                middle->between.replay_from_ms =
                    drill_now_ms(middle) + lasting->replay_ms;
            tell(middle, false);
            return middle;
        }
        (void)close(middle->card.fd);
    }
    free(middle);
    return NULL;
}

int middle_stand(struct middle *middle, int64_t span_ms, int fd)
{
    struct pollfd wait[2] = {{.fd = middle->card.fd, .events = POLLIN},
                             {.fd = fd, .events = POLLIN}};
    int64_t end_ms = drill_now_ms(middle) + span_ms;
    int64_t tell_ms = 0;
    bool over = false;
    for (;;) {
        int64_t now_ms = guest_now_ms();
        char byte = 0;
        if (!over && drill_now_ms(middle) >= end_ms) {
            over = true;
            middle_leave(middle);
        }
        if (!over && now_ms >= tell_ms) {
            tell(middle, false);
            tell_ms = now_ms + TELL_MS;
        }
        int ready = over ? poll(&wait[1], 1, -1) : poll(wait, 2, (int)(tell_ms - now_ms));
        if (ready <= 0)
            continue;
        if (wait[1].revents != 0)
            return recv(fd, &byte, 1, 0) == 1 ? 1 : -1;
        take_frames(middle);
    }
}

void middle_leave(struct middle *middle)
{
    for (int i = 0; i < TRUTHS; i++)
        tell(middle, true);
}

void middle_end(struct middle *middle, struct yw_applet_result *ret)
{
    middle_leave(middle);
    memset(ret, 0, sizeof(*ret));
    (void)snprintf(ret->output, sizeof(ret->output),
                   "{\"forwarded\":%llu,\"changed\":%llu,\"dropped\":%llu,"
                   "\"restored\":true}",
                   (unsigned long long)middle->between.forwarded,
                   (unsigned long long)middle->between.changed,
                   (unsigned long long)middle->between.dropped);
}
