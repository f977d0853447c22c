/* The words between a vehicle platform and the T-Boxes of its cars, over MQTT:
 *
 *   fleet/VIN/telemetry  {"speed":13.90,"soc":0.512,"locked":1,"immobilised":0,"limit":0,
 *                         "updating":0,"release":"2.4.0"}             speed and limit in m/s
 *   fleet/VIN/command    {"command":"lock","value":"0","id":17,"sign":"0123456789abcdef"}
 *   fleet/VIN/reply      {"id":17,"command":"lock","done":false,"why":"replayed"}
 *
 * Commands: lock 0|1, immobilise 0|1, limit M_S (0: none), ota RELEASE. Pure; what comes in
 * is hostile. Design choice throughout. */
#ifndef YW_CONTROLLER_VEHICLE_H
#define YW_CONTROLLER_VEHICLE_H

#include "controller/mqtt.h"

#define YW_VEHICLES_MAX 16
#define YW_VIN_SIZE 18 /* with the NUL */
#define YW_VEHICLE_WORD_MAX 24
#define YW_VEHICLE_LIMIT_MAX 60 /* m/s */

struct yw_vehicle_command {
    char name[YW_VEHICLE_WORD_MAX];
    char value[YW_VEHICLE_WORD_MAX];
    uint32_t id;
    uint64_t sign; /* 0: none */
};

/* What a release of the T-Box's software does, good or bad. */
struct yw_vehicle_release {
    const char *name;
    bool
        guarded; /* refuses old ids and what is dangerous in motion, locks at drive-away */
    bool no_way_back; /* refuses older releases */
};

/* NULL: the maker signed no such release. The index tells older from newer. */
const struct yw_vehicle_release *yw_vehicle_release(int index);
int yw_vehicle_release_find(const char *name); /* -1: none */

/* Car `index` from 0 is LYWFLEET026000001. */
void yw_vehicle_vin(int index, char ret[YW_VIN_SIZE]);
int yw_vehicle_find(const char *vin); /* -1: none of ours */
void yw_vehicle_topic(int index, const char *leaf, char ret[YW_MQTT_TOPIC_MAX]);
/* The car of "fleet/VIN/LEAF"; -1: it is no such topic. */
int yw_vehicle_of(const char *topic, const char *leaf);

/* The value of a member of a flat JSON object, a string without escapes or a bare word;
 * false: none, too long, or no such object. */
bool yw_vehicle_value(const char *json, const char *name, char *ret, size_t ret_size);
bool yw_vehicle_number(const char *json, const char *name, double *ret);

bool yw_vehicle_read(const char *json, struct yw_vehicle_command *ret);
void yw_vehicle_write(const struct yw_vehicle_command *command,
                      char ret[YW_MQTT_TEXT_MAX]);
/* What platform and T-Box agree on: SipHash-2-4 (Aumasson, Bernstein 2012) of car, name,
 * value and id under the first 16 bytes of `key`. Never 0. */
uint64_t yw_vehicle_sign(const char *key, int index,
                         const struct yw_vehicle_command *command);

#endif
