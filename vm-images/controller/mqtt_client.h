/* A client of a message broker that never gives up: connects, says who it is, subscribes,
 * keeps alive, and begins anew after any loss. Pure: the caller brings sockets and time.
 *
 *            ┌──────────── anything wrong, or DEADLINE_MS without an answer ────────────┐
 *            ▼                                                                          │
 *   waiting ──AGAIN_MS──▶ connecting ──▶ greeting ──▶ subscribing ──▶ ready (PINGREQ) ──┘
 */
#ifndef YW_CONTROLLER_MQTT_CLIENT_H
#define YW_CONTROLLER_MQTT_CLIENT_H

#include "controller/conf.h"
#include "controller/mqtt.h"

#define YW_MQTT_AGAIN_MS 2000
#define YW_MQTT_DEADLINE_MS 10000
#define YW_MQTT_KEEP_ALIVE_S 30
#define YW_MQTT_OUT_MAX (32 * 1024)

enum yw_mqtt_state {
    YW_MQTT_WAITING,
    YW_MQTT_CONNECTING,
    YW_MQTT_GREETING,
    YW_MQTT_SUBSCRIBING,
    YW_MQTT_READY
};

struct yw_mqtt_client {
    char host[16]; /* "" none: it never connects */
    char id[24];
    char user[YW_MQTT_WORD_MAX];
    char password[YW_MQTT_WORD_MAX];
    char filter[YW_MQTT_TOPIC_MAX]; /* that it subscribes to */
    enum yw_mqtt_state state;
    int64_t due_ms;  /* of the state's time-out; ready: of the next ping */
    bool asked;      /* ready: a ping waits for its answer */
    uint8_t refused; /* code of the broker's last refusal; 0 none */
    uint32_t losses;
    size_t in_size;
    uint8_t in[YW_MQTT_PACKET_MAX];
    size_t out_size;
    uint8_t out[YW_MQTT_OUT_MAX]; /* to be sent, from the front */
};

enum yw_mqtt_action {
    YW_MQTT_NOTHING,
    YW_MQTT_DIAL,   /* open a connection to host, then tell _connected */
    YW_MQTT_HANG_UP /* close it */
};

/* The statements of a configuration that say where the broker is, and as whom:
 * "broker ADDRESS", "account USER PASSWORD". False: it is none of them. */
bool yw_mqtt_client_read(struct yw_mqtt_client *client, const struct yw_conf_line *line);
/* What to do now; call again until NOTHING. What is in `out` is to be sent at any time. */
enum yw_mqtt_action yw_mqtt_client_turn(struct yw_mqtt_client *client, int64_t now_ms);
void yw_mqtt_client_connected(struct yw_mqtt_client *client, bool ok, int64_t now_ms);
void yw_mqtt_client_closed(struct yw_mqtt_client *client, int64_t now_ms);
void yw_mqtt_client_sent(struct yw_mqtt_client *client, size_t size); /* of out */
/* Bytes of the broker; each message goes to on_message, whose packet is borrowed. False:
 * nonsense, the connection is to be closed. */
bool yw_mqtt_client_bytes(
    struct yw_mqtt_client *client, const uint8_t *bytes, size_t size, int64_t now_ms,
    void (*on_message)(void *arg, const char *topic, const char *text), void *arg);
/* A message at QoS 0; false: not connected, or no room. */
bool yw_mqtt_client_publish(struct yw_mqtt_client *client, const char *topic,
                            const char *text);

#endif
