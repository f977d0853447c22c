/* Benign traffic: a station that polls its controller, and now and then an engineer who
 * asks it who it is and reads a few registers. Paces follow the machine's seed. */
#include "guest/poller.h"

#include <string.h>

#define SESSION_MIN_MS 20000
#define SESSION_SPREAD_MS 70000
#define PACE_SPREAD_MS 1000

struct part {
    struct yw_watch watch;
    struct poller poller;
    uint64_t random;
    int64_t session_ms; /* when the engineer comes next */
    unsigned sessions;
};

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

/* splitmix64 (Vigna, public domain). */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    char problem[YW_CONF_PROBLEM_MAX] = "missing";
    yw_watch_init(&part->watch);
    poller_init(&part->poller, &part->watch);
    if (file == NULL ||
        yw_watch_load(&part->watch, file->bytes, file->size, problem) != 0) {
        (void)snprintf(why, why_size, "%s: %s", YW_CONF_FILE, problem);
        return -1;
    }
    part->random = (uint64_t)guest->config.seed;
    part->watch.pace_ms += (int64_t)(next(&part->random) % PACE_SPREAD_MS);
    part->session_ms = guest_now_ms() + SESSION_MIN_MS +
                       (int64_t)(next(&part->random) % SESSION_SPREAD_MS);
    return 0;
}

static void stop(struct guest *guest)
{
    poller_stop(&part_of(guest)->poller);
}

static void watch(struct guest *guest, struct turn *turn)
{
    poller_watch(&part_of(guest)->poller, turn);
    turn_wake(turn, part_of(guest)->session_ms);
}

/* Alternately who it is, and what it does. */
static void hold_session(struct guest *guest, struct part *part)
{
    struct yw_message_run run = {.deadline_ms = 10000};
    char unit[8];
    (void)snprintf(unit, sizeof(unit), "%u", part->watch.unit);
    const char *const who[] = {"modbus", "scan", part->watch.plc};
    const char *const what[] = {"modbus", "read", part->watch.plc, unit, "holding",
                                "90",     "8"};
    bool asks = part->sessions++ % 2 == 0;
    const char *const *argv = asks ? who : what;
    run.argc = asks ? 3 : 7;
    for (uint32_t i = 0; i < run.argc; i++)
        (void)snprintf(run.argv[i], sizeof(run.argv[i]), "%s", argv[i]);
    (void)job_start(guest, 0, &run);
}

static void act(struct guest *guest, const struct turn *turn)
{
    struct part *part = part_of(guest);
    int64_t now_ms = guest_now_ms();
    (void)poller_act(&part->poller, turn);
    if (now_ms < part->session_ms || part->watch.plc[0] == '\0')
        return;
    hold_session(guest, part);
    part->session_ms =
        now_ms + SESSION_MIN_MS + (int64_t)(next(&part->random) % SESSION_SPREAD_MS);
}

const struct role role_noise = {.name = "noise",
                                .size = sizeof(struct part),
                                .start = start,
                                .stop = stop,
                                .watch = watch,
                                .act = act};
