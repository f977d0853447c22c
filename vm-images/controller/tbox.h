/* The T-Boxes of a fleet, the telematics units in its cars: they tell a message broker how
 * each car is, and obey what comes over it (vehicle.h says the words). One machine stands
 * for all of them; its field wiring is the cars'. Pure: the connection is the caller's.
 *
 * Configuration (conf.h):
 *   broker ADDRESS
 *   account USER PASSWORD       of the T-Boxes at the broker
 *   key WORD                    that commands are signed with
 *   pace MILLISECONDS           between two telemetry messages of one car (5000)
 *   sensor NAME LOW HIGH        the field's tags and outputs, in their order; a car is what
 *   output NAME LOW HIGH INITIAL   has speed_NN, soc_NN, immobilise_NN, unlock_NN, limit_NN
 *
 * Who orders is not asked, only whether the sign is right; an older release does not even
 * ask whether the order is new. That is the exercise's business. */
#ifndef YW_CONTROLLER_TBOX_H
#define YW_CONTROLLER_TBOX_H

#include "controller/conf.h"
#include "controller/mqtt_client.h"
#include "controller/vehicle.h"
#include "guest/field.h"

#define YW_TBOX_SCAN_MS 200
#define YW_TBOX_LINE_MAX 256
#define YW_TBOX_FLASH_MS 8000 /* a car that takes a release stands so long */

struct yw_tbox_output {
    double low;
    double high;
    double value;
};

/* Numbers of tags and outputs; -1: the car has none. */
struct yw_tbox_car {
    int speed;
    int soc;
    int immobilise;
    int unlock;
    int limit;
    int release;      /* of its software */
    int pending;      /* release that it takes when it next stands; -1 none */
    int64_t flash_ms; /* when that is done; -1 not begun */
    bool immobilised; /* by order */
    uint32_t last_id; /* of the newest command that it took */
};

struct yw_tbox {
    struct yw_mqtt_client client; /* its connection, which the caller drives */
    char key[YW_CONF_WORD_MAX];
    int64_t pace_ms;
    struct yw_tbox_car cars[YW_VEHICLES_MAX];
    struct yw_tbox_output outputs[YW_FIELD_VALUES];
    uint16_t output_count;
    double sensors[YW_FIELD_VALUES];
    uint16_t sensor_count;
    bool sensed;
    int64_t told_ms; /* when the next car speaks; -1 not begun */
    int next_car;
    uint32_t scans;
    char reply_topic[YW_MQTT_TOPIC_MAX]; /* "" none waits */
    char reply[YW_MQTT_TEXT_MAX];
    void (*line)(void *arg, const char *line); /* telemetry to the host; may be NULL */
    void *arg;                                 /* borrowed */
};

int yw_tbox_load(struct yw_tbox *tbox, const char *text, size_t size,
                 char problem[YW_CONF_PROBLEM_MAX]);
/* False: a record that is not of this field. */
bool yw_tbox_sense(struct yw_tbox *tbox, const struct yw_field_record *record);
void yw_tbox_scan(struct yw_tbox *tbox, int64_t now_ms, struct yw_field_record *ret);
/* A message came from the broker. */
void yw_tbox_message(struct yw_tbox *tbox, const char *topic, const char *text);
/* The next message to publish; false: none now. */
bool yw_tbox_next(struct yw_tbox *tbox, int64_t now_ms, char topic[YW_MQTT_TOPIC_MAX],
                  char text[YW_MQTT_TEXT_MAX]);
/* When there is one at the latest, once yw_tbox_next said false. */
int64_t yw_tbox_due(const struct yw_tbox *tbox);

#endif
