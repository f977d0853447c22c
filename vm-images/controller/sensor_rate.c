/* What happens too often: a source that asks for everybody, connections and writes beyond the
 * baseline, blocks on the engineering port. */
#include "controller/sensor.h"

#include <stdio.h>

#define SWEEP_MS 10000
#define FLOOD_MS 1000
#define FLOOD_FLOOR 20
#define WRITE_MS 10000
#define WRITE_FLOOR 10
#define TRANSFER_MS 10000
#define TRANSFER_FLOOR 1024

/* Counts; true: more than `floor` in the window, and than twice what was learned. */
static bool over(const struct yw_sensor *sensor, struct yw_sensor_rate *rate,
                 int64_t window_ms, uint32_t add, uint32_t floor)
{
    if (sensor->now_ms - rate->since_ms >= window_ms) {
        rate->since_ms = sensor->now_ms;
        rate->count = 0;
    }
    rate->count += add;
    if (yw_sensor_learning(sensor)) {
        rate->most = rate->count > rate->most ? rate->count : rate->most;
        return false;
    }
    return rate->count > floor && rate->count / 2 > rate->most;
}

static void tell(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                 enum yw_sensor_alert alert, const char *name, uint32_t count)
{
    char more[48];
    (void)snprintf(more, sizeof(more), ",\"%s\":%u", name, (unsigned)count);
    yw_sensor_tell(sensor, pair, alert, more);
}

void yw_sensor_opened(struct yw_sensor *sensor, struct yw_sensor_pair *pair)
{
    if (over(sensor, &pair->opened, FLOOD_MS, 1, FLOOD_FLOOR))
        tell(sensor, pair, YW_SENSOR_FLOOD, "rate", pair->opened.count);
}

void yw_sensor_wrote(struct yw_sensor *sensor, struct yw_sensor_pair *pair)
{
    if (over(sensor, &pair->written, WRITE_MS, 1, WRITE_FLOOR))
        tell(sensor, pair, YW_SENSOR_WRITE_RATE, "rate", pair->written.count);
}

void yw_sensor_moved(struct yw_sensor *sensor, struct yw_sensor_pair *pair, size_t size)
{
    if (over(sensor, &pair->moved, TRANSFER_MS, (uint32_t)size, TRANSFER_FLOOR))
        tell(sensor, pair, YW_SENSOR_TRANSFER, "bytes", pair->moved.count);
}

/* Its record; the one that asked longest ago makes room. */
static struct yw_sensor_source *source_of(struct yw_sensor *sensor, uint32_t address)
{
    struct yw_sensor_source *oldest = &sensor->sources[0];
    for (int i = 0; i < YW_SENSOR_SOURCES_MAX; i++) {
        struct yw_sensor_source *source = &sensor->sources[i];
        if (source->address == address)
            return source;
        if (source->since_ms < oldest->since_ms)
            oldest = source;
    }
    *oldest = (struct yw_sensor_source){.address = address, .since_ms = sensor->now_ms};
    return oldest;
}

void yw_sensor_asked_for(struct yw_sensor *sensor, uint32_t from, uint32_t to,
                         uint16_t port)
{
    uint64_t target = (uint64_t)to << 16 | port;
    if (from == 0)
        return;
    struct yw_sensor_source *source = source_of(sensor, from);
    if (sensor->now_ms - source->since_ms >= SWEEP_MS) {
        source->since_ms = sensor->now_ms;
        source->count = 0;
    }
    for (size_t i = 0; i < source->count; i++) {
        if (source->targets[i] == target)
            return;
    }
    if (source->count < YW_SENSOR_SWEEP_TARGETS)
        source->targets[source->count++] = target;
    if (source->count < YW_SENSOR_SWEEP_TARGETS)
        return;
    source->count = 0;
    source->usual = source->usual || yw_sensor_learning(sensor);
    if (!source->usual)
        yw_sensor_say(sensor, YW_SENSOR_SWEEP, "\"from\":\"%u.%u.%u.%u\",\"targets\":%d",
                      from >> 24, from >> 16 & 255, from >> 8 & 255, from & 255,
                      YW_SENSOR_SWEEP_TARGETS);
}
