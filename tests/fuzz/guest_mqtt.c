/* Any bytes from a broker to a T-Box and to the platform, and from a client to a broker:
 * what is read can be written again and means the same. */
#include "controller/backend.h"
#include "controller/tbox.h"

#include <stdlib.h>
#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static const char connection[] = "broker 10.20.4.30\naccount a b\nkey k\n";
static const char configuration[] =
    "broker 10.20.4.30\naccount a b\nkey k\n"
    "sensor speed_01 0 60\noutput unlock_01 0 1 0\n"
    "output immobilise_01 0 1 0\noutput limit_01 0 60 60\n";

static void must(bool what)
{
    if (!what)
        abort();
}

static void again(const struct yw_mqtt_packet *packet, size_t size)
{
    uint8_t out[YW_MQTT_PACKET_MAX];
    struct yw_mqtt_packet back;
    size_t written = packet->qos < 2 ? yw_mqtt_write(packet, out) : 0;
    if (written == 0)
        return;
    must(written <= size + 2); /* an empty user may become none */
    must(yw_mqtt_read(out, written, &back) == (int)written);
    must(back.type == packet->type && strcmp(back.topic, packet->topic) == 0 &&
         back.text_size == packet->text_size);
    must(packet->text_size == 0 || memcmp(back.text, packet->text, back.text_size) == 0);
    (void)yw_mqtt_fits(packet->topic, "fleet/LYWFLEET026000001/command");
}

static void on_order(void *arg, const char *topic, const char *text)
{
    yw_tbox_message(arg, topic, text);
}

static void on_news(void *arg, const char *topic, const char *text)
{
    yw_backend_message(arg, topic, text, 0);
}

static void begin(struct yw_mqtt_client *client)
{
    (void)yw_mqtt_client_turn(client, 0);
    yw_mqtt_client_connected(client, true, 0);
    client->state = YW_MQTT_READY;
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static struct yw_tbox tbox;
    static struct yw_backend backend;
    struct yw_field_record record;
    struct yw_mqtt_packet packet;
    char problem[YW_CONF_PROBLEM_MAX];
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];
    for (size_t at = 0; at < size;) {
        int used = yw_mqtt_read(bytes + at, size - at, &packet);
        if (used <= 0)
            break;
        again(&packet, (size_t)used);
        at += (size_t)used;
    }
    must(yw_tbox_load(&tbox, configuration, sizeof(configuration) - 1, problem) == 0);
    must(yw_backend_load(&backend, connection, sizeof(connection) - 1, problem) == 0);
    begin(&tbox.client);
    begin(&backend.client);
    for (size_t at = 0; at < size; at += 7) {
        size_t piece = size - at < 7 ? size - at : 7;
        if (!yw_mqtt_client_bytes(&tbox.client, bytes + at, piece, 0, on_order, &tbox))
            break;
    }
    (void)yw_mqtt_client_bytes(&backend.client, bytes, size, 0, on_news, &backend);
    for (int64_t now_ms = 0; now_ms < 20000; now_ms += 5000) {
        yw_tbox_scan(&tbox, now_ms, &record);
        for (int i = 0; i < 32 && yw_tbox_next(&tbox, now_ms, topic, text); i++)
            must(yw_vehicle_of(topic, "reply") == 0);
        for (int i = 0; i < 64 && yw_backend_next(&backend, now_ms, topic, text); i++)
            must(strlen(text) > 10);
    }
    for (uint16_t i = 0; i < record.count; i++)
        must(record.value[i] >= tbox.outputs[i].low &&
             record.value[i] <= tbox.outputs[i].high);
    return 0;
}
