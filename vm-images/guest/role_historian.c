/* The historian: keeps what its controller says, and answers on port 80. */
#include "guest/poller.h"

#include "controller/history.h"
#include "controller/upkeep.h"

#include <string.h>
#include <sys/time.h>

#define HISTORIAN_PORT 80
#define HISTORIAN_IDLE_MS 10000

struct part {
    struct yw_watch watch;
    struct poller poller;
    struct yw_upkeep upkeep;
    struct yw_history history;
};

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    char problem[YW_CONF_PROBLEM_MAX] = "missing";
    yw_watch_init(&part->watch);
    poller_init(&part->poller, &part->watch);
    yw_upkeep_init(&part->upkeep);
    if (file == NULL ||
        yw_watch_load(&part->watch, file->bytes, file->size, problem) != 0) {
        (void)snprintf(why, why_size, "%s: %s", YW_CONF_FILE, problem);
        return -1;
    }
    (void)snprintf(why, why_size, "cannot listen on port %d", HISTORIAN_PORT);
    return server_open(&guest->server, HISTORIAN_PORT, HISTORIAN_IDLE_MS);
}

static void stop(struct guest *guest)
{
    poller_stop(&part_of(guest)->poller);
}

static void watch(struct guest *guest, struct turn *turn)
{
    server_watch(&guest->server, turn);
    if (part_of(guest)->upkeep.state == YW_UPKEEP_RUNS)
        poller_watch(&part_of(guest)->poller, turn);
}

static void answer(struct guest *guest, const struct yw_http *request, const char *from,
                   struct yw_text_out *out, struct web_answer *ret)
{
    struct part *part = part_of(guest);
    if (web_upkeep(guest, &part->upkeep, request, from, ret)) {
        if (part->upkeep.state != YW_UPKEEP_RUNS)
            poller_stop(&part->poller);
        if (part->upkeep.state == YW_UPKEEP_WIPED)
            memset(&part->history, 0, sizeof(part->history));
        return;
    }
    ret->status = yw_history_answer(&part->history, &part->watch, request, guest_now_ms(),
                                    out, &ret->type);
}

static void on_request(void *arg, struct conn *conn)
{
    web_act(arg, conn, answer);
}

static void keep_round(struct part *part)
{
    struct timeval now = {0};
    (void)gettimeofday(&now, NULL);
    for (unsigned i = 0; i < part->watch.tag_count; i++)
        yw_history_add(&part->history, i, (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000,
                       part->watch.tags[i].value, true);
}

static void act(struct guest *guest, const struct turn *turn)
{
    struct part *part = part_of(guest);
    server_act(&guest->server, turn, on_request, guest);
    if (part->upkeep.state == YW_UPKEEP_RUNS && poller_act(&part->poller, turn))
        keep_round(part);
}

const struct role role_historian = {.name = "historian",
                                    .size = sizeof(struct part),
                                    .start = start,
                                    .stop = stop,
                                    .watch = watch,
                                    .act = act};
