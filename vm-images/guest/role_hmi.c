/* The operator station: pages on port 80 over what its controller says. */
#include "guest/poller.h"

#include "controller/station.h"
#include "controller/upkeep.h"

#include <string.h>
#include <time.h>

#define HMI_PORT 80
#define HMI_IDLE_MS 10000

struct part {
    struct yw_station station;
    struct yw_upkeep upkeep;
    struct poller poller;
};

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

/* The setting "plc" names the controller where the configuration does not. */
static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    const char *plc = guest_setting(guest, "plc");
    char problem[YW_CONF_PROBLEM_MAX] = "";
    struct yw_watch *watch = &part->station.watch;
    poller_init(&part->poller, watch);
    yw_upkeep_init(&part->upkeep);
    if (yw_station_load(&part->station, file != NULL ? file->bytes : "",
                        file != NULL ? file->size : 0, problem) != 0) {
        (void)snprintf(why, why_size, "%s: %s", YW_CONF_FILE, problem);
        return -1;
    }
    if (watch->plc[0] == '\0' && plc != NULL)
        (void)snprintf(watch->plc, sizeof(watch->plc), "%s", plc);
    (void)snprintf(why, why_size, "cannot listen on port %d", HMI_PORT);
    return server_open(&guest->server, HMI_PORT, HMI_IDLE_MS);
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

static void log_action(struct guest *guest, const char *from, const char *what,
                       unsigned value)
{
    char text[YW_STATION_ACTION_MAX];
    time_t now = time(NULL);
    struct tm at = {0};
    (void)gmtime_r(&now, &at);
    (void)snprintf(text, sizeof(text), "%02d:%02d:%02dZ %s %s %u", at.tm_hour, at.tm_min,
                   at.tm_sec, from, what, value);
    yw_station_log(&part_of(guest)->station, text);
}

/* What the applet `operate` does, in a child: the page never waits for the controller. */
static bool operate(struct guest *guest, const char *verb, unsigned value)
{
    struct yw_message_run run = {.argc = 3, .deadline_ms = 5000};
    (void)snprintf(run.argv[0], sizeof(run.argv[0]), "operate");
    (void)snprintf(run.argv[1], sizeof(run.argv[1]), "%s", verb);
    (void)snprintf(run.argv[2], sizeof(run.argv[2]), "%u", value);
    return job_start(guest, 0, &run);
}

static void acknowledge(struct guest *guest, unsigned index, struct web_answer *ret)
{
    char line[96];
    bool done = yw_watch_acknowledge(&part_of(guest)->station.watch, index);
    (void)snprintf(line, sizeof(line),
                   "{\"kind\":\"operator\",\"action\":\"acknowledge\",\"value\":%u,"
                   "\"done\":%s}",
                   index, done ? "true" : "false");
    agent_line(guest, line);
    ret->status = done ? 303 : 404;
}

static void order(struct guest *guest, const struct yw_http *request, const char *from,
                  struct web_answer *ret)
{
    static const char *const verbs[] = {"", "set-point", "stop-pump", "acknowledge"};
    unsigned value = 0;
    enum yw_station_order what =
        yw_station_order(&part_of(guest)->station, request->body, &value);
    bool english = strncmp(request->path, "/en", 3) == 0;
    ret->status = 303;
    ret->location = english ? "/en" : "/zh";
    if (what == YW_STATION_NOTHING) {
        *ret = (struct web_answer){.status = 400, .type = "text/plain"};
        return;
    }
    log_action(guest, from, verbs[what], value);
    if (what == YW_STATION_ACKNOWLEDGE) {
        acknowledge(guest, value, ret);
        ret->location = english ? "/en/alarms" : "/zh/alarms";
    } else if (!operate(guest, verbs[what], value)) {
        *ret = (struct web_answer){.status = 503, .type = "text/plain"};
    }
}

static void answer(struct guest *guest, const struct yw_http *request, const char *from,
                   struct yw_text_out *out, struct web_answer *ret)
{
    if (web_upkeep(guest, &part_of(guest)->upkeep, request, from, ret)) {
        if (part_of(guest)->upkeep.state != YW_UPKEEP_RUNS)
            poller_stop(&part_of(guest)->poller);
        if (part_of(guest)->upkeep.state == YW_UPKEEP_WIPED)
            memset(&part_of(guest)->station, 0, sizeof(part_of(guest)->station));
        return;
    }
    if (request->post) {
        order(guest, request, from, ret);
        return;
    }
    ret->status = 200;
    ret->type = "text/html; charset=utf-8";
    yw_station_page(&part_of(guest)->station, request->path, guest_now_ms(), out);
}

static void on_request(void *arg, struct conn *conn)
{
    web_act(arg, conn, answer);
}

static void act(struct guest *guest, const struct turn *turn)
{
    struct part *part = part_of(guest);
    server_act(&guest->server, turn, on_request, guest);
    if (part->upkeep.state == YW_UPKEEP_RUNS && poller_act(&part->poller, turn))
        yw_station_round(&part->station);
}

const struct role role_hmi = {.name = "hmi",
                              .size = sizeof(struct part),
                              .start = start,
                              .stop = stop,
                              .watch = watch,
                              .act = act};
