/* The vehicle platform, a client of the message broker. */
#include "guest/uplink.h"

#include "controller/backend.h"

#include <string.h>

struct part {
    struct yw_backend backend;
    struct uplink uplink;
};

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

static void on_message(void *arg, const char *topic, const char *text)
{
    yw_backend_message(&part_of(arg)->backend, topic, text, guest_now_ms());
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    char problem[YW_CONF_PROBLEM_MAX] = "missing";
    uplink_init(&part->uplink, &part->backend.client, on_message, guest);
    if (file == NULL ||
        yw_backend_load(&part->backend, file->bytes, file->size, problem) != 0) {
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
    uplink_watch(&part_of(guest)->uplink, turn);
    turn_wake(turn, yw_backend_due(&part_of(guest)->backend));
}

/* Orders wait while there is no connection. */
static void act(struct guest *guest, const struct turn *turn)
{
    struct part *part = part_of(guest);
    struct yw_mqtt_client *client = &part->backend.client;
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];
    uplink_act(&part->uplink, turn);
    while (client->state == YW_MQTT_READY &&
           yw_backend_next(&part->backend, guest_now_ms(), topic, text))
        (void)yw_mqtt_client_publish(client, topic, text);
    uplink_flush(&part->uplink);
}

static bool command(struct guest *guest, uint32_t request,
                    const struct yw_message_run *run)
{
    const char *argv[YW_CHANNEL_ARGS_MAX];
    struct yw_applet_result result;
    if (strcmp(run->argv[0], YW_BACKEND_OPERATE) != 0)
        return false;
    for (uint32_t i = 0; i < run->argc; i++)
        argv[i] = run->argv[i];
    yw_backend_run(&part_of(guest)->backend, (int)run->argc, argv, &result);
    agent_answer(guest, request, (uint32_t)result.code, result.output);
    if (result.line[0] != '\0')
        agent_line(guest, result.line);
    return true;
}

const struct role role_backend = {.name = "backend",
                                  .size = sizeof(struct part),
                                  .start = start,
                                  .stop = stop,
                                  .watch = watch,
                                  .act = act,
                                  .command = command};
