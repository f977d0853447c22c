/* Any bytes as a row of frames, each behind a u16 of its size; and as copies, and as a
 * configuration. */
#include "controller/sensor.h"

#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void on_line(void *arg, const char *line)
{
    (void)arg;
    if (strlen(line) >= 512)
        __builtin_trap();
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static struct yw_sensor sensor;
    char problem[YW_CONF_PROBLEM_MAX];
    char list[600];
    size_t at = 0;
    int64_t now_ms = 0;
    yw_sensor_init(&sensor);
    sensor.line = on_line;
    sensor.learn_ms = 500;
    while (at + 2 <= size) {
        size_t length = (size_t)(bytes[at] << 8 | bytes[at + 1]) % 1600;
        at += 2;
        length = length < size - at ? length : size - at;
        yw_sensor_frame(&sensor, bytes + at, length, now_ms);
        yw_sensor_tzsp(&sensor, bytes + at, length, now_ms);
        at += length;
        now_ms += 100;
    }
    yw_sensor_assets(&sensor, 0, list, sizeof(list));
    (void)yw_sensor_load(&sensor, (const char *)bytes, size, problem);
    return 0;
}
