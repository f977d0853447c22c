/* Process 1 of a micro image: boots the machine, then serves for ever. The first process
 * of a full image hands over to the disk, whose init starts it once more, as a service. */
#include "guest/guest.h"

#include "guest/field.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SLEEP_MAX_MS 1000

int64_t guest_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int turn_add(struct turn *turn, int fd, short events)
{
    if (turn->count == GUEST_TURN_MAX)
        return -1;
    turn->fds[turn->count] = (struct pollfd){.fd = fd, .events = events};
    return turn->count++;
}

short turn_events(const struct turn *turn, int slot)
{
    return slot >= 0 && slot < turn->count ? turn->fds[slot].revents : 0;
}

void turn_wake(struct turn *turn, int64_t at_ms)
{
    if (at_ms < turn->wake_ms)
        turn->wake_ms = at_ms;
}

/* SIGIO only has to end the poll. */
static void on_sigio(int signal_number)
{
    (void)signal_number;
}

static void watch(struct guest *guest, struct turn *turn)
{
    turn->count = 0;
    turn->wake_ms = guest_now_ms() + SLEEP_MAX_MS;
    agent_watch(guest, turn);
    job_watch(guest, turn);
    console_watch(guest, turn);
    if (guest->role != NULL && guest->role->watch != NULL)
        guest->role->watch(guest, turn);
}

static void act(struct guest *guest, const struct turn *turn)
{
    job_act(guest, turn);
    if (guest->role != NULL && guest->role->act != NULL)
        guest->role->act(guest, turn);
    agent_act(guest);
    console_act(guest, turn);
}

/* SIGIO is let in only during the poll: one that comes before it ends it at once. */
static void run_turn(struct guest *guest, const sigset_t *open_mask)
{
    struct turn turn;
    watch(guest, &turn);
    int64_t left_ms = turn.wake_ms - guest_now_ms();
    if (left_ms < 0)
        left_ms = 0;
    const struct timespec wait = {.tv_sec = left_ms / 1000,
                                  .tv_nsec = left_ms % 1000 * 1000000};
    if (ppoll(turn.fds, (nfds_t)turn.count, &wait, open_mask) < 0) {
        for (int i = 0; i < turn.count; i++)
            turn.fds[i].revents = 0;
    }
    act(guest, &turn);
}

static void prepare(struct guest *guest)
{
    server_init(&guest->server);
    guest->hmi.fd = -1;
    guest->line_tokens = GUEST_LINE_BURST * 1000;
    guest->line_ms = guest_now_ms();
}

int main(void)
{
    const struct sigaction on_io = {.sa_handler = on_sigio};
    sigset_t block;
    sigset_t open_mask;
    struct guest *guest = calloc(1, sizeof(*guest));
    if (guest == NULL)
        return 1;
    (void)sigemptyset(&block);
    (void)sigaddset(&block, SIGIO);
    (void)sigprocmask(SIG_BLOCK, &block, &open_mask);
    (void)sigaction(SIGIO, &on_io, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    guest->full = getpid() != 1;
    if (guest->full)
        boot_join(guest);
    else
        boot_machine(guest);
    prepare(guest);
    port_open(&guest->channel, YW_CHANNEL_PORT);
    port_open(&guest->field, YW_FIELD_PORT);
    console_open(guest);
    for (;;)
        run_turn(guest, &open_mask);
}
