/* The connection of a machine to its message broker: does what its client says. Descriptors
 * are closed by uplink_stop. */
#ifndef YW_GUEST_UPLINK_H
#define YW_GUEST_UPLINK_H

#include "controller/mqtt_client.h"
#include "guest/guest.h"

struct uplink {
    struct yw_mqtt_client *client; /* borrowed */
    int fd;                        /* -1: none */
    int slot;
    void (*on_message)(void *arg, const char *topic, const char *text);
    void *arg; /* borrowed */
};

void uplink_init(struct uplink *uplink, struct yw_mqtt_client *client,
                 void (*on_message)(void *arg, const char *topic, const char *text),
                 void *arg);
void uplink_stop(struct uplink *uplink);
void uplink_watch(struct uplink *uplink, struct turn *turn);
void uplink_act(struct uplink *uplink, const struct turn *turn);
/* Sends what waits in the client; what was published after uplink_act too. */
void uplink_flush(struct uplink *uplink);

#endif
