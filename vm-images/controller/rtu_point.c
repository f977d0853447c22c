/* Points: their configuration, values, events and the Modbus mirror. */
#include "controller/rtu.h"

#include "controller/plc.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STATION_MAX 65534
#define SHARE_OF_RANGE 0.005
#define RAW_MAX 32767
#define MIRROR_ROOM YW_PLC_MODE /* registers below those of the machine */

void yw_rtu_say(struct yw_rtu *rtu, const char *format, ...)
{
    char text[YW_CHANNEL_LINE_MAX];
    va_list args;
    if (rtu->line == NULL)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    rtu->line(rtu->arg, text);
}

void yw_rtu_init(struct yw_rtu *rtu, uint64_t seed)
{
    memset(rtu, 0, sizeof(*rtu));
    rtu->station = 1;
    rtu->announce = true;
    rtu->sensed_ms = -1;
    rtu->started_ms = -1;
    yw_modbus_identity_make(&rtu->bank, seed);
    rtu->bank.running = true;
}

const struct yw_rtu_tag *yw_rtu_tag(const struct yw_rtu *rtu,
                                    const struct yw_rtu_point *point)
{
    return point->of_output ? &rtu->outputs[point->tag] : &rtu->sensors[point->tag];
}

static double greater_end(const struct yw_rtu_tag *tag)
{
    double end = fmax(fabs(tag->low), fabs(tag->high));
    return end > 0 ? end : 1;
}

double yw_rtu_wire(const struct yw_rtu *rtu, const struct yw_rtu_point *point,
                   double value)
{
    switch (point->shape->value) {
    case YW_IEC104_SINGLE:
        return value > 0.5 ? 1 : 0;
    case YW_IEC104_DOUBLE:
        return value > 0.5 ? 2 : 1;
    case YW_IEC104_NORMALISED:
        return value / greater_end(yw_rtu_tag(rtu, point));
    case YW_IEC104_SCALED:
        return value / point->scale;
    case YW_IEC104_FLOAT:
    case YW_IEC104_COUNTER:
    case YW_IEC104_NOTHING:
        return value;
    }
    return value;
}

bool yw_rtu_meaning(const struct yw_rtu *rtu, const struct yw_rtu_point *point,
                    double raw, double *ret)
{
    const struct yw_rtu_tag *tag = yw_rtu_tag(rtu, point);
    double value = raw;
    switch (point->shape->value) {
    case YW_IEC104_SINGLE:
        value = raw > 0 ? tag->high : tag->low;
        break;
    case YW_IEC104_DOUBLE: /* 0 and 3 are not permitted (7.2.6.16) */
        if (!(raw > 0.5 && raw < 2.5))
            return false;
        value = raw > 1.5 ? tag->high : tag->low;
        break;
    case YW_IEC104_NORMALISED:
        value = raw * greater_end(tag);
        break;
    case YW_IEC104_SCALED:
        value = raw * point->scale;
        break;
    case YW_IEC104_FLOAT:
    case YW_IEC104_COUNTER:
    case YW_IEC104_NOTHING:
        break;
    }
    *ret = value;
    return isfinite(value) && value >= tag->low && value <= tag->high;
}

/* The least power of ten that lets the range go into a signed register. */
static double scale_for(const struct yw_rtu_tag *tag)
{
    double scale = 1e-6;
    while (greater_end(tag) / scale > RAW_MAX)
        scale *= 10;
    return scale;
}

static int read_tag(struct yw_rtu *rtu, const struct yw_conf_line *line, bool is_output,
                    char *problem)
{
    struct yw_rtu_tag *list = is_output ? rtu->outputs : rtu->sensors;
    uint16_t *count = is_output ? &rtu->output_count : &rtu->sensor_count;
    if (line->count != (is_output ? 5 : 4))
        return yw_conf_refuse(line,
                              is_output ? "expected output NAME LOW HIGH INITIAL"
                                        : "expected sensor NAME LOW HIGH",
                              "", problem);
    if (*count == YW_FIELD_VALUES)
        return yw_conf_refuse(line, "too many of them", line->words[1], problem);
    struct yw_rtu_tag *tag = &list[*count];
    (void)snprintf(tag->name, sizeof(tag->name), "%s", line->words[1]);
    if (!yw_conf_number(line->words[2], -1e9, 1e9, &tag->low) ||
        !yw_conf_number(line->words[3], tag->low, 1e9, &tag->high) ||
        (is_output && !yw_conf_number(line->words[4], tag->low, tag->high, &tag->value)))
        return yw_conf_refuse(line, "expected numbers that rise", line->words[3],
                              problem);
    (*count)++;
    return 0;
}

static int find_tag(const struct yw_rtu_tag *tags, uint16_t count, const char *name)
{
    for (uint16_t i = 0; i < count; i++) {
        if (strcmp(tags[i].name, name) == 0)
            return i;
    }
    return -1;
}

enum yw_rtu_table yw_rtu_table(const struct yw_iec104_shape *shape)
{
    bool is_bit = shape->value == YW_IEC104_SINGLE || shape->value == YW_IEC104_DOUBLE;
    if (shape->is_command)
        return is_bit ? YW_RTU_COIL : YW_RTU_HOLDING;
    if (shape->value == YW_IEC104_COUNTER)
        return YW_RTU_COUNTER;
    return is_bit ? YW_RTU_DISCRETE : YW_RTU_INPUT;
}

static bool find_mirror(const struct yw_rtu *rtu, struct yw_rtu_point *point)
{
    uint16_t used = 0;
    enum yw_rtu_table table = yw_rtu_table(point->shape);
    for (uint16_t i = 0; i < rtu->point_count; i++)
        used = (uint16_t)(used + (yw_rtu_table(rtu->points[i].shape) == table));
    if (table == YW_RTU_COUNTER) {
        point->mirror = (uint16_t)(YW_RTU_COUNTERS_AT + 2 * used);
        return point->mirror + 1 < YW_MODBUS_TABLE;
    }
    point->mirror = used;
    return used < (table == YW_RTU_INPUT || table == YW_RTU_HOLDING ? MIRROR_ROOM
                                                                    : YW_RTU_POINTS_MAX);
}

static int read_options(const struct yw_conf_line *line, struct yw_rtu_point *point,
                        char *problem)
{
    for (int i = 4; i < line->count; i += 2) {
        const char *word = line->words[i];
        double select = 0;
        bool good = i + 1 < line->count;
        if (good && strcmp(word, "deadband") == 0)
            good = yw_conf_number(line->words[i + 1], 0, 1e9, &point->deadband);
        else if (good && strcmp(word, "scale") == 0)
            good = yw_conf_number(line->words[i + 1], 1e-6, 1e9, &point->scale);
        else if (good && strcmp(word, "select") == 0)
            good = point->shape->is_command &&
                   yw_conf_number(line->words[i + 1], 0, YW_RTU_SELECT_MAX_MS, &select);
        else
            good = false;
        if (!good)
            return yw_conf_refuse(
                line, "expected deadband, scale or select with a number", word, problem);
        if (strcmp(word, "select") == 0)
            point->select_ms = (int64_t)select;
    }
    return 0;
}

static bool may_be_point(const struct yw_iec104_shape *shape)
{
    return shape != NULL && shape->value != YW_IEC104_NOTHING &&
           !(shape->is_command && shape->timed);
}

static int read_point(struct yw_rtu *rtu, const struct yw_conf_line *line, char *problem)
{
    struct yw_rtu_point *point = &rtu->points[rtu->point_count];
    double address = 0;
    if (rtu->point_count == YW_RTU_POINTS_MAX)
        return yw_conf_refuse(line, "at most 128 points", "", problem);
    memset(point, 0, sizeof(*point));
    if (line->count < 4 ||
        !yw_conf_number(line->words[1], 1, YW_IEC104_IOA_MAX, &address))
        return yw_conf_refuse(line, "expected point ADDRESS TYPE NAME", line->words[1],
                              problem);
    point->address = (uint32_t)address;
    point->shape = yw_iec104_shape_named(line->words[2]);
    point->selected_by = -1;
    for (uint16_t i = 0; i < rtu->point_count; i++) {
        if (rtu->points[i].address == point->address)
            return yw_conf_refuse(line, "this address has a point", line->words[1],
                                  problem);
    }
    if (!may_be_point(point->shape))
        return yw_conf_refuse(line, "no type for a point", line->words[2], problem);
    int sensor = find_tag(rtu->sensors, rtu->sensor_count, line->words[3]);
    int output = find_tag(rtu->outputs, rtu->output_count, line->words[3]);
    point->of_output = point->shape->is_command || sensor < 0;
    if ((point->of_output ? output : sensor) < 0)
        return yw_conf_refuse(line, "no such sensor or output", line->words[3], problem);
    point->tag = (uint16_t)(point->of_output ? output : sensor);
    const struct yw_rtu_tag *tag = yw_rtu_tag(rtu, point);
    point->deadband = SHARE_OF_RANGE * (tag->high - tag->low);
    point->scale = scale_for(tag);
    if (!find_mirror(rtu, point))
        return yw_conf_refuse(line, "no Modbus address is left for it", "", problem);
    if (read_options(line, point, problem) != 0)
        return -1;
    rtu->point_count++;
    return 0;
}

static int read_line(struct yw_rtu *rtu, const struct yw_conf_line *line, char *problem)
{
    double number = 0;
    if (line->bad)
        return yw_conf_refuse(line, "too long", "", problem);
    if (strcmp(line->words[0], "sensor") == 0 || strcmp(line->words[0], "output") == 0)
        return read_tag(rtu, line, line->words[0][0] == 'o', problem);
    if (strcmp(line->words[0], "point") == 0)
        return read_point(rtu, line, problem);
    if (strcmp(line->words[0], "station") == 0 && line->count == 2 &&
        yw_conf_number(line->words[1], 1, STATION_MAX, &number)) {
        rtu->station = (uint16_t)number;
        return 0;
    }
    if (strcmp(line->words[0], "masters") == 0 && line->count == 2 &&
        yw_sources_read(&rtu->masters, line->words[1]))
        return 0;
    return yw_conf_refuse(line, "expected station, masters, sensor, output or point",
                          line->words[0], problem);
}

int yw_rtu_load(struct yw_rtu *rtu, const char *text, size_t size,
                char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_conf conf;
    struct yw_conf_line line;
    yw_conf_begin(&conf, text, size);
    while (yw_conf_next(&conf, &line)) {
        if (read_line(rtu, &line, problem) != 0)
            return -1;
    }
    for (uint16_t i = 0; i < rtu->point_count; i++)
        rtu->points[i].told_quality = 0xff; /* the first value is an event */
    yw_rtu_mirror(rtu);
    return 0;
}

int yw_rtu_set(struct yw_rtu *rtu, const char *name, const char *value,
               char problem[YW_CONF_PROBLEM_MAX])
{
    bool good = true;
    if (strcmp(name, "masters") == 0) {
        good = yw_sources_read(&rtu->masters, value);
    } else if (strcmp(name, "local") == 0) {
        good = strcmp(value, "on") == 0 || strcmp(value, "off") == 0;
        rtu->local = good ? strcmp(value, "on") == 0 : rtu->local;
    }
    if (!good)
        (void)snprintf(problem, YW_CONF_PROBLEM_MAX, "%s: expected %s",
                       name[0] == 'm' ? "masters" : "local",
                       name[0] == 'm' ? "IPv4 addresses or networks, '*' or 'none'"
                                      : "on or off");
    return good ? 0 : -1;
}

bool yw_rtu_sense(struct yw_rtu *rtu, const struct yw_field_record *record)
{
    if (record->magic != YW_FIELD_MAGIC || record->count != rtu->sensor_count ||
        record->views != 0)
        return false;
    for (uint16_t i = 0; i < record->count; i++) {
        if (!isfinite(record->value[i]))
            return false;
    }
    for (uint16_t i = 0; i < record->count; i++)
        rtu->sensors[i].value = record->value[i];
    rtu->sensed_ms = rtu->now_ms;
    return true;
}

static void add_event(struct yw_rtu *rtu, uint16_t index)
{
    struct yw_rtu_point *point = &rtu->points[index];
    rtu->events[rtu->event_count++ % YW_RTU_EVENTS_MAX] =
        (struct yw_rtu_event){.point = index,
                              .quality = point->quality,
                              .value = point->value,
                              .time_ms = rtu->wall_ms + rtu->clock_ms};
    point->told = point->value;
    point->told_quality = point->quality;
}

static uint8_t quality_of(const struct yw_rtu *rtu, const struct yw_rtu_point *point)
{
    const struct yw_rtu_tag *tag = yw_rtu_tag(rtu, point);
    enum yw_iec104_value value = point->shape->value;
    if (point->of_output)
        return 0;
    if (rtu->sensed_ms < 0)
        return YW_IEC104_INVALID | YW_IEC104_NOT_TOPICAL;
    if (rtu->now_ms - rtu->sensed_ms > YW_RTU_STALE_MS)
        return value == YW_IEC104_COUNTER ? YW_IEC104_INVALID : YW_IEC104_NOT_TOPICAL;
    bool out = tag->value < tag->low || tag->value > tag->high;
    return out && value >= YW_IEC104_NORMALISED && value <= YW_IEC104_FLOAT
               ? YW_IEC104_OVERFLOW
               : 0;
}

void yw_rtu_refresh(struct yw_rtu *rtu)
{
    for (uint16_t i = 0; i < rtu->point_count; i++) {
        struct yw_rtu_point *point = &rtu->points[i];
        bool is_bit = point->shape->value <= YW_IEC104_DOUBLE;
        if (point->shape->is_command)
            continue;
        point->value = yw_rtu_tag(rtu, point)->value;
        point->quality = quality_of(rtu, point);
        if (point->shape->value == YW_IEC104_COUNTER)
            continue; /* told when asked for */
        bool moved = is_bit ? (point->value > 0.5) != (point->told > 0.5)
                            : fabs(point->value - point->told) > point->deadband;
        if (moved || point->quality != point->told_quality)
            add_event(rtu, i);
    }
}

void yw_rtu_scan(struct yw_rtu *rtu, int64_t now_ms, int64_t wall_ms,
                 struct yw_field_record *ret)
{
    rtu->now_ms = now_ms;
    rtu->wall_ms = wall_ms;
    if (rtu->started_ms < 0)
        rtu->started_ms = now_ms;
    rtu->scans++;
    yw_rtu_refresh(rtu);
    yw_rtu_mirror(rtu);
    memset(ret, 0, sizeof(*ret));
    ret->magic = YW_FIELD_MAGIC;
    ret->scan = rtu->scans;
    ret->count = rtu->output_count;
    ret->views = rtu->sensed_ms < 0 ? 0 : rtu->sensor_count;
    for (uint16_t i = 0; i < ret->count; i++)
        ret->value[i] = rtu->outputs[i].value;
    for (uint16_t i = 0; i < ret->views; i++)
        ret->view[i] = rtu->sensors[i].value;
}
