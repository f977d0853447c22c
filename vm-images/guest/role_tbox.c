/* The T-Boxes of a fleet: the field wiring below, the message broker above. */
#include "guest/uplink.h"

#include "controller/tbox.h"

#include <string.h>

struct part {
    struct yw_tbox tbox;
    struct uplink uplink;
    int64_t next_scan_ms;
};

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

static void tell(void *arg, const char *line)
{
    agent_line(arg, line);
}

static void publish(struct part *part)
{
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];
    while (yw_tbox_next(&part->tbox, guest_now_ms(), topic, text))
        (void)yw_mqtt_client_publish(&part->tbox.client, topic, text);
}

/* Each order is answered before the next one is looked at. */
static void on_message(void *arg, const char *topic, const char *text)
{
    struct part *part = part_of(arg);
    yw_tbox_message(&part->tbox, topic, text);
    publish(part);
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    char problem[YW_CONF_PROBLEM_MAX] = "missing";
    part->tbox.line = tell;
    part->tbox.arg = guest;
    part->next_scan_ms = turn_calm_ms(guest_now_ms());
    guest->field_in_size = 0;
    uplink_init(&part->uplink, &part->tbox.client, on_message, guest);
    if (file == NULL ||
        yw_tbox_load(&part->tbox, file->bytes, file->size, problem) != 0) {
        (void)snprintf(why, why_size, "%s: %s", YW_CONF_FILE, problem);
        return -1;
    }
    return 0;
}

static void stop(struct guest *guest)
{
    uplink_stop(&part_of(guest)->uplink);
}

static void watch(struct guest *guest, struct turn *turn)
{
    struct part *part = part_of(guest);
    port_watch(&guest->field, turn, false);
    uplink_watch(&part->uplink, turn);
    turn_wake(turn, part->next_scan_ms);
    turn_wake(turn, yw_tbox_due(&part->tbox));
}

static void scan(struct guest *guest, int64_t now_ms)
{
    struct part *part = part_of(guest);
    struct yw_field_record out;
    yw_tbox_scan(&part->tbox, now_ms, &out);
    (void)port_write(&guest->field, &out, sizeof(out));
    part->next_scan_ms += YW_TBOX_SCAN_MS;
    if (part->next_scan_ms <= now_ms)
        part->next_scan_ms = turn_calm_ms(now_ms + YW_TBOX_SCAN_MS);
}

static void act(struct guest *guest, const struct turn *turn)
{
    struct part *part = part_of(guest);
    struct yw_field_record in;
    if (port_check(&guest->field, turn))
        guest->field_in_size = 0;
    while (field_read(guest, &in))
        (void)yw_tbox_sense(&part->tbox, &in);
    uplink_act(&part->uplink, turn);
    publish(part);
    uplink_flush(&part->uplink);
    if (guest_now_ms() >= part->next_scan_ms)
        scan(guest, guest_now_ms());
}

const struct role role_tbox = {.name = "tbox",
                               .size = sizeof(struct part),
                               .start = start,
                               .stop = stop,
                               .watch = watch,
                               .act = act};
