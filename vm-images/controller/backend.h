/* The vehicle platform (TSP): hears the cars' telemetry over the broker, lets passengers out
 * where a car has just come to a stand, and carries out what its operator orders. Every
 * command that it gives is signed (vehicle.h). Pure: the connection is the caller's.
 *
 * Configuration (conf.h):
 *   broker ADDRESS
 *   account USER PASSWORD
 *   key WORD                    as the T-Boxes'
 *
 * Its operator: `operate lock VIN|all`, `release VIN|all` (ends an immobilisation),
 * `immobilise VIN|all`, `limit VIN|all M_S`, `ota VIN|all RELEASE`. */
#ifndef YW_CONTROLLER_BACKEND_H
#define YW_CONTROLLER_BACKEND_H

#include "controller/applet.h"
#include "controller/conf.h"
#include "controller/mqtt_client.h"
#include "controller/vehicle.h"

#define YW_BACKEND_ORDERS_MAX 64
#define YW_BACKEND_OPEN_MS 4000 /* doors are open for so long */
#define YW_BACKEND_OPERATE "operate"

struct yw_backend_car {
    bool heard;
    bool moved;          /* when it was last heard */
    int64_t lock_due_ms; /* -1 none */
};

struct yw_backend_order {
    int car;
    char name[YW_VEHICLE_WORD_MAX];
    char value[YW_VEHICLE_WORD_MAX];
};

struct yw_backend {
    struct yw_mqtt_client client; /* its connection, which the caller drives */
    char key[YW_CONF_WORD_MAX];
    uint32_t next_id;
    struct yw_backend_car cars[YW_VEHICLES_MAX];
    struct yw_backend_order orders[YW_BACKEND_ORDERS_MAX];
    unsigned first;
    unsigned count;
};

int yw_backend_load(struct yw_backend *backend, const char *text, size_t size,
                    char problem[YW_CONF_PROBLEM_MAX]);
void yw_backend_message(struct yw_backend *backend, const char *topic, const char *text,
                        int64_t now_ms);
/* The next command to publish; false: none now. */
bool yw_backend_next(struct yw_backend *backend, int64_t now_ms,
                     char topic[YW_MQTT_TOPIC_MAX], char text[YW_MQTT_TEXT_MAX]);
int64_t yw_backend_due(const struct yw_backend *backend);
/* The program `operate` as an applet: an operator line, code 0 once the orders wait. */
void yw_backend_run(struct yw_backend *backend, int argc, const char *const *argv,
                    struct yw_applet_result *ret);
/* Orders wait to be published. -1 with a sentence of ours. */
int yw_backend_operate(struct yw_backend *backend, int argc, const char *const *argv,
                       char problem[YW_CONF_PROBLEM_MAX]);

#endif
