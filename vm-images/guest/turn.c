/* One turn of the loop: what it waits for, and what came. */
#include "guest/guest.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#define SLEEP_MAX_MS 5000 /* ports are looked at then, should a signal have been lost */
#define HELD_SLOT GUEST_TURN_MAX
#define TICK_MS 4 /* Debian's kernels: CONFIG_HZ 250, ticks at multiples of their span */

static volatile sig_atomic_t sigio = 1; /* the one thing that a signal can tell */

void turn_on_sigio(int signal_number)
{
    (void)signal_number;
    sigio = 1;
}

void turn_init(struct turn *turn)
{
    memset(turn, 0, sizeof(*turn));
    turn->held_fd = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < GUEST_HELD_MAX; i++)
        turn->held[i].fd = -1;
}

void turn_begin(struct turn *turn)
{
    turn->count = 1;
    turn->fds[0] = (struct pollfd){.fd = turn->held_fd, .events = POLLIN};
    turn->wake_ms = guest_now_ms() + SLEEP_MAX_MS;
    for (int i = 0; i < GUEST_HELD_MAX; i++)
        turn->held[i].asked = false;
}

int turn_add(struct turn *turn, int fd, short events)
{
    if (turn->count == GUEST_TURN_MAX)
        return -1;
    turn->fds[turn->count] = (struct pollfd){.fd = fd, .events = events};
    return turn->count++;
}

/* The place of `fd`, or a free one, or -1. */
static int held_place(const struct turn *turn, int fd)
{
    int found = -1;
    for (int i = 0; i < GUEST_HELD_MAX; i++) {
        if (turn->held[i].fd == fd)
            return i;
        if (found < 0 && turn->held[i].fd < 0)
            found = i;
    }
    return found;
}

/* The events of epoll have the same bits as those of poll. */
static int tell(const struct turn *turn, int what, int place)
{
    const struct held *held = &turn->held[place];
    struct epoll_event event = {.events = (uint32_t)(unsigned short)held->events,
                                .data.u32 = (uint32_t)place};
    return epoll_ctl(turn->held_fd, what, held->fd, &event);
}

int turn_hold(struct turn *turn, int fd, short events)
{
    int place = held_place(turn, fd);
    if (place < 0)
        return turn_add(turn, fd, events);
    struct held *held = &turn->held[place];
    bool is_new = held->fd < 0;
    bool changed = !is_new && held->events != events;
    held->fd = fd;
    held->events = events;
    held->asked = true;
    if ((is_new || changed) &&
        tell(turn, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, place) != 0) {
        held->fd = -1;
        return turn_add(turn, fd, events);
    }
    return HELD_SLOT + place;
}

void turn_forget(struct turn *turn, int fd)
{
    for (int i = 0; i < GUEST_HELD_MAX; i++) {
        if (turn->held[i].fd != fd)
            continue;
        (void)tell(turn, EPOLL_CTL_DEL, i);
        turn->held[i].fd = -1;
    }
}

short turn_events(const struct turn *turn, int slot)
{
    if (slot >= HELD_SLOT)
        return turn->held[slot - HELD_SLOT].got;
    return slot >= 0 && slot < turn->count ? turn->fds[slot].revents : 0;
}

void turn_wake(struct turn *turn, int64_t at_ms)
{
    if (at_ms < turn->wake_ms)
        turn->wake_ms = at_ms;
}

int64_t turn_calm_ms(int64_t at_ms)
{
    return (at_ms + TICK_MS - 1) / TICK_MS * TICK_MS;
}

static void let_go(struct turn *turn)
{
    for (int i = 0; i < GUEST_HELD_MAX; i++) {
        struct held *held = &turn->held[i];
        held->got = 0;
        if (held->fd < 0 || held->asked)
            continue;
        (void)tell(turn, EPOLL_CTL_DEL, i); /* it may be closed by now */
        held->fd = -1;
    }
}

static void take_held(struct turn *turn, int64_t wait_ms, const sigset_t *open_mask)
{
    struct epoll_event came[GUEST_HELD_MAX];
    int count = epoll_pwait(turn->held_fd, came, GUEST_HELD_MAX, (int)wait_ms, open_mask);
    for (int i = 0; i < count; i++)
        turn->held[came[i].data.u32].got = (short)came[i].events;
}

static void wait_all(struct turn *turn, int64_t wait_ms, const sigset_t *open_mask)
{
    const struct timespec wait = {.tv_sec = wait_ms / 1000,
                                  .tv_nsec = wait_ms % 1000 * 1000000};
    if (ppoll(turn->fds, (nfds_t)turn->count, &wait, open_mask) < 0) {
        for (int i = 0; i < turn->count; i++)
            turn->fds[i].revents = 0;
    }
    if (turn->fds[0].revents != 0)
        take_held(turn, 0, NULL);
}

/* SIGIO is blocked but for the wait: one that comes before it ends it at once. */
void turn_wait(struct turn *turn, const sigset_t *open_mask)
{
    let_go(turn);
    int64_t left_ms = turn->wake_ms - guest_now_ms();
    if (left_ms < 0)
        left_ms = 0;
    if (turn->count == 1)
        take_held(turn, left_ms, open_mask);
    else
        wait_all(turn, left_ms, open_mask);
    int64_t now_ms = guest_now_ms();
    if (sigio == 0 && now_ms - turn->stirred_ms < SLEEP_MAX_MS)
        return;
    sigio = 0;
    turn->stirs++;
    turn->stirred_ms = now_ms;
}
