/* The sensor's tables and what is told of them. */
#include "controller/sensor.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MARGIN 0.1 /* of the learned range, beyond it */

void yw_sensor_init(struct yw_sensor *sensor)
{
    memset(sensor, 0, sizeof(*sensor));
    sensor->learn_ms = YW_SENSOR_LEARN_S * 1000;
    sensor->started_ms = -1;
}

int yw_sensor_load(struct yw_sensor *sensor, const char *text, size_t size,
                   char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_conf conf;
    struct yw_conf_line line;
    double seconds = 0;
    yw_conf_begin(&conf, text, size);
    while (yw_conf_next(&conf, &line)) {
        if (!line.bad && line.count == 2 && strcmp(line.words[0], "learn") == 0 &&
            yw_conf_number(line.words[1], 0, 86400, &seconds))
            sensor->learn_ms = (int64_t)(seconds * 1000);
        else if (line.bad || line.count != 2 || strcmp(line.words[0], "masters") != 0 ||
                 !yw_sources_read(&sensor->masters, line.words[1]))
            return yw_conf_refuse(&line, "expected learn SECONDS or masters LIST",
                                  line.words[0], problem);
    }
    return 0;
}

bool yw_sensor_learning(const struct yw_sensor *sensor)
{
    return sensor->now_ms - sensor->started_ms < sensor->learn_ms;
}

static void address_text(uint32_t address, char ret[16])
{
    (void)snprintf(ret, 16, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
                   address >> 8 & 255, address & 255);
}

static const char *const names[YW_SENSOR_ALERTS] = {
    "new-asset", "address-moved", "new-talker", "new-function", "write-from-unknown",
    "new-write", "value",         "sweep",      "flood",        "write-rate",
    "transfer",  "replay",        "malformed",  "full"};

static const char *const services[YW_SENSOR_SERVICES] = {"other", "modbus", "iec104",
                                                         "mqtt"};

void yw_sensor_say(struct yw_sensor *sensor, enum yw_sensor_alert alert,
                   const char *format, ...)
{
    char text[400];
    char more[320];
    va_list args;
    if (sensor->line == NULL)
        return;
    va_start(args, format);
    (void)vsnprintf(more, sizeof(more), format, args);
    va_end(args);
    (void)snprintf(text, sizeof(text), "{\"kind\":\"sensor\",\"alert\":\"%s\",%s}",
                   names[alert], more);
    sensor->line(sensor->arg, text);
}

static void say_full(struct yw_sensor *sensor, int which, const char *table)
{
    if (sensor->full[which])
        return;
    sensor->full[which] = true;
    yw_sensor_say(sensor, YW_SENSOR_FULL, "\"table\":\"%s\"", table);
}

/* Is an alert due again? Then `*told` is now. */
static bool due(const struct yw_sensor *sensor, int64_t *told)
{
    if (*told != 0 && sensor->now_ms + 1 - *told < YW_SENSOR_AGAIN_MS)
        return false;
    *told = sensor->now_ms + 1;
    return true;
}

/* `more` is ours: "" or `,"name":value`. */
void yw_sensor_tell(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                    enum yw_sensor_alert alert, const char *more)
{
    char from[16];
    char to[16];
    if (!due(sensor, &pair->told_ms[alert]))
        return;
    address_text(pair->from, from);
    address_text(pair->to, to);
    yw_sensor_say(sensor, alert, "\"from\":\"%s\",\"to\":\"%s\",\"service\":\"%s\"%s",
                  from, to, services[pair->service], more);
}

static void say_asset(struct yw_sensor *sensor, const struct yw_sensor_asset *asset,
                      const uint8_t *was)
{
    char address[16];
    char old[32] = "";
    const uint8_t *mac = asset->mac;
    address_text(asset->address, address);
    if (was != NULL)
        (void)snprintf(old, sizeof(old), ",\"was\":\"%02x:%02x:%02x:%02x:%02x:%02x\"",
                       was[0], was[1], was[2], was[3], was[4], was[5]);
    yw_sensor_say(sensor, was != NULL ? YW_SENSOR_ADDRESS_MOVED : YW_SENSOR_NEW_ASSET,
                  "\"address\":\"%s\",\"mac\":\"%02x:%02x:%02x:%02x:%02x:%02x\"%s",
                  address, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], old);
}

static struct yw_sensor_asset *find_asset(struct yw_sensor *sensor, uint32_t address)
{
    for (size_t i = 0; i < sensor->asset_count; i++) {
        if (sensor->assets[i].address == address)
            return &sensor->assets[i];
    }
    return NULL;
}

void yw_sensor_asset(struct yw_sensor *sensor, uint32_t address, const uint8_t mac[6])
{
    struct yw_sensor_asset *asset = find_asset(sensor, address);
    if (address == 0 || address >> 28 >= 0xe || (mac[0] & 1) != 0)
        return; /* nobody, a group, or all */
    if (asset == NULL) {
        if (sensor->asset_count == YW_SENSOR_ASSETS_MAX) {
            say_full(sensor, 0, "assets");
            return;
        }
        asset = &sensor->assets[sensor->asset_count++];
        asset->address = address;
        memcpy(asset->mac, mac, 6);
        if (!yw_sensor_learning(sensor))
            say_asset(sensor, asset, NULL);
    } else if (memcmp(asset->mac, mac, 6) != 0) {
        uint8_t was[6];
        memcpy(was, asset->mac, 6);
        memcpy(asset->mac, mac, 6);
        /* Two that both claim it make it move all the time. */
        if (due(sensor, &asset->moved_ms))
            say_asset(sensor, asset, was);
    }
    asset->seen_ms = sensor->now_ms;
}

struct yw_sensor_pair *yw_sensor_pair(struct yw_sensor *sensor, uint32_t from,
                                      uint32_t to, enum yw_sensor_service service)
{
    for (size_t i = 0; i < sensor->pair_count; i++) {
        struct yw_sensor_pair *pair = &sensor->pairs[i];
        if (pair->from == from && pair->to == to && pair->service == service)
            return pair;
    }
    if (sensor->pair_count == YW_SENSOR_PAIRS_MAX) {
        say_full(sensor, 1, "pairs");
        return NULL;
    }
    struct yw_sensor_pair *pair = &sensor->pairs[sensor->pair_count++];
    struct yw_sensor_asset *client = find_asset(sensor, from);
    struct yw_sensor_asset *server = find_asset(sensor, to);
    *pair = (struct yw_sensor_pair){.from = from, .to = to, .service = service};
    if (client != NULL)
        client->asks[service] = true;
    if (server != NULL)
        server->serves[service] = true;
    if (!yw_sensor_learning(sensor))
        yw_sensor_tell(sensor, pair, YW_SENSOR_NEW_TALKER, "");
    return pair;
}

void yw_sensor_function(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                        uint8_t code)
{
    uint16_t index = (uint16_t)(pair - sensor->pairs);
    char more[32];
    for (size_t i = 0; i < sensor->function_count; i++) {
        if (sensor->functions[i].pair == index && sensor->functions[i].code == code)
            return;
    }
    if (sensor->function_count == YW_SENSOR_FUNCTIONS_MAX) {
        say_full(sensor, 2, "functions");
        return;
    }
    sensor->functions[sensor->function_count++] =
        (struct yw_sensor_function){.pair = index, .code = code};
    (void)snprintf(more, sizeof(more), ",\"function\":%u", (unsigned)code);
    if (!yw_sensor_learning(sensor))
        yw_sensor_tell(sensor, pair, YW_SENSOR_NEW_FUNCTION, more);
}

static void check_value(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                        struct yw_sensor_value *known, double value)
{
    char more[160];
    double margin = MARGIN * (known->high - known->low);
    if (yw_sensor_learning(sensor)) {
        known->low = fmin(known->low, value);
        known->high = fmax(known->high, value);
        return;
    }
    if (value >= known->low - margin && value <= known->high + margin)
        return;
    (void)snprintf(more, sizeof(more),
                   ",\"address\":%u,\"value\":%.6g,\"low\":%.6g,\"high\":%.6g",
                   (unsigned)known->address, value, known->low, known->high);
    yw_sensor_tell(sensor, pair, YW_SENSOR_VALUE, more);
}

void yw_sensor_written(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                       uint8_t table, uint32_t address, double value)
{
    char more[80];
    if (!isfinite(value))
        value = 0;
    (void)snprintf(more, sizeof(more), ",\"address\":%u,\"value\":%.6g",
                   (unsigned)address, value);
    yw_sensor_written_as(sensor, pair, table, address, value, more);
}

void yw_sensor_written_as(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                          uint8_t table, uint32_t address, double value, const char *more)
{
    uint16_t index = (uint16_t)(pair - sensor->pairs);
    char from[16];
    yw_sensor_wrote(sensor, pair);
    address_text(pair->from, from);
    if (!yw_sources_allow(&sensor->masters, from))
        yw_sensor_tell(sensor, pair, YW_SENSOR_WRITE_FROM_UNKNOWN, more);
    for (size_t i = 0; i < sensor->value_count; i++) {
        struct yw_sensor_value *known = &sensor->values[i];
        if (known->pair == index && known->table == table && known->address == address) {
            check_value(sensor, pair, known, value);
            return;
        }
    }
    if (!yw_sensor_learning(sensor)) {
        yw_sensor_tell(sensor, pair, YW_SENSOR_NEW_WRITE, more);
        return;
    }
    if (sensor->value_count == YW_SENSOR_VALUES_MAX) {
        say_full(sensor, 3, "values");
        return;
    }
    sensor->values[sensor->value_count++] = (struct yw_sensor_value){
        .pair = index, .table = table, .address = address, .low = value, .high = value};
}

static void put_services(const bool *which, char *ret, size_t ret_size)
{
    static const enum yw_sensor_service order[] = {YW_SENSOR_MODBUS, YW_SENSOR_IEC104,
                                                   YW_SENSOR_MQTT, YW_SENSOR_OTHER};
    size_t used = (size_t)snprintf(ret, ret_size, "[");
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (which[order[i]])
            used += (size_t)snprintf(ret + used, ret_size - used, "%s\"%s\"",
                                     used > 1 ? "," : "", services[order[i]]);
    }
    (void)snprintf(ret + used, ret_size - used, "]");
}

void yw_sensor_assets(const struct yw_sensor *sensor, size_t from, char *ret,
                      size_t ret_size)
{
    const size_t tail = 24;
    size_t used = (size_t)snprintf(ret, ret_size, "{\"assets\":[");
    size_t i = from;
    for (; i < sensor->asset_count; i++) {
        const struct yw_sensor_asset *asset = &sensor->assets[i];
        const uint8_t *mac = asset->mac;
        char address[16];
        char serves[48];
        char asks[48];
        char one[224];
        address_text(asset->address, address);
        put_services(asset->serves, serves, sizeof(serves));
        put_services(asset->asks, asks, sizeof(asks));
        int size = snprintf(one, sizeof(one),
                            "%s{\"address\":\"%s\",\"mac\":\"%02x:%02x:%02x:%02x:%02x:"
                            "%02x\",\"serves\":%s,\"asks\":%s}",
                            i > from ? "," : "", address, mac[0], mac[1], mac[2], mac[3],
                            mac[4], mac[5], serves, asks);
        if (used + (size_t)size + tail > ret_size)
            break;
        memcpy(ret + used, one, (size_t)size);
        used += (size_t)size;
    }
    (void)snprintf(ret + used, ret_size - used, "],\"more\":%s}",
                   i < sensor->asset_count ? "true" : "false");
}
