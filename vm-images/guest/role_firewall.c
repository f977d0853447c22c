/* The firewall: a router whose forwarding nftables rules decide, and a page on port 80
 * where its team reads and changes them. What it forwards never touches this program. */
#include "guest/poller.h"
#include "guest/program.h"

#include "controller/firewall.h"

#include <stdlib.h>
#include <string.h>

#define FIREWALL_PORT 80
#define FIREWALL_IDLE_MS 10000
#define NFT_SPAN_MS 60000

struct part {
    struct yw_firewall firewall;
    struct service first; /* the rules of the start, once */
};

static const char *const nft[] = {"/usr/sbin/nft", "-f", "-", NULL};

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

/* All rules at once; on failure those of before stay in force. */
static int apply(const struct yw_firewall *firewall)
{
    char *script = malloc(YW_FIREWALL_SCRIPT_MAX);
    struct yw_text_out out = {.text = script, .room = YW_FIREWALL_SCRIPT_MAX};
    if (script == NULL)
        return -1;
    yw_firewall_script(firewall, &out);
    int code = out.full ? -1 : program_run(nft, out.text, out.size, NFT_SPAN_MS, NULL, 0);
    free(script);
    return code == 0 ? 0 : -1;
}

static int set(const char *name, const char *value)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return -1;
    bool done = fputs(value, file) >= 0;
    return fclose(file) == 0 && done ? 0 : -1;
}

/* And each card speaks for its own address alone. */
static int forward(void)
{
    return set("conf/all/arp_ignore", "1") == 0 &&
                   set("conf/all/arp_announce", "2") == 0 && set("ip_forward", "1") == 0
               ? 0
               : -1;
}

/* Nothing is forwarded before the rules stand. */
static int begin(const struct guest *guest)
{
    const struct part *part = guest->part;
    return apply(&part->firewall) == 0 ? forward() : -1;
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    char problem[YW_CONF_PROBLEM_MAX] = "missing";
    service_init(&part->first, NULL, begin);
    if (file == NULL ||
        yw_firewall_load(&part->firewall, file->bytes, file->size, problem) != 0) {
        (void)snprintf(why, why_size, "%s: %s", YW_CONF_FILE, problem);
        return -1;
    }
    (void)snprintf(why, why_size, "cannot listen on port %d", FIREWALL_PORT);
    return service_start(&part->first, guest) == 0
               ? server_open(&guest->server, FIREWALL_PORT, FIREWALL_IDLE_MS)
               : -1;
}

static void stop(struct guest *guest)
{
    service_stop(&part_of(guest)->first);
}

static void watch(struct guest *guest, struct turn *turn)
{
    server_watch(&guest->server, turn);
    service_watch(&part_of(guest)->first, turn);
}

static void order(struct guest *guest, const struct yw_http *request, const char *from,
                  struct web_answer *ret)
{
    struct yw_firewall *firewall = &part_of(guest)->firewall;
    struct yw_firewall before = *firewall;
    char line[YW_CHANNEL_LINE_MAX];
    if (!part_of(guest)->first.done) { /* or the first rules would come after these */
        ret->status = 503;
        return;
    }
    ret->status = yw_firewall_order(firewall, from, request->body, line, sizeof(line));
    if (ret->status == 303 && apply(firewall) != 0) {
        *firewall = before;
        ret->status = 503;
        return; /* nothing changed: there is nothing to log */
    }
    if (ret->status == 303)
        ret->location = strncmp(request->path, "/en", 3) == 0 ? "/en" : "/zh";
    agent_line(guest, line);
}

static void answer(struct guest *guest, const struct yw_http *request, const char *from,
                   struct yw_text_out *out, struct web_answer *ret)
{
    if (request->post)
        order(guest, request, from, ret);
    else
        ret->status =
            yw_firewall_page(&part_of(guest)->firewall, request->path, out, &ret->type);
}

static void on_request(void *arg, struct conn *conn)
{
    web_act(arg, conn, answer);
}

static void act(struct guest *guest, const struct turn *turn)
{
    server_act(&guest->server, turn, on_request, guest);
    service_act(&part_of(guest)->first, guest, turn, NULL);
}

const struct role role_firewall = {.name = "firewall",
                                   .size = sizeof(struct part),
                                   .start = start,
                                   .stop = stop,
                                   .watch = watch,
                                   .act = act};
