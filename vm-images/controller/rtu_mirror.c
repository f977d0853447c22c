/* The same points as Modbus registers. */
#include "controller/rtu.h"

#include "controller/plc.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define RAW_MAX 32767

static uint16_t raw_of(const struct yw_rtu_point *point, double value)
{
    double raw = nearbyint(value / point->scale);
    return (uint16_t)(int16_t)fmin(fmax(raw, -RAW_MAX - 1), RAW_MAX);
}

void yw_rtu_mirror(struct yw_rtu *rtu)
{
    struct yw_modbus_bank *bank = &rtu->bank;
    for (uint16_t i = 0; i < rtu->point_count; i++) {
        const struct yw_rtu_point *point = &rtu->points[i];
        double value = yw_rtu_tag(rtu, point)->value;
        uint32_t whole =
            (uint32_t)(int32_t)fmin(fmax(value - point->base, INT32_MIN), INT32_MAX);
        switch (yw_rtu_table(point->shape)) {
        case YW_RTU_DISCRETE:
            bank->discrete[point->mirror] = value > 0.5;
            break;
        case YW_RTU_INPUT:
            bank->input[point->mirror] = raw_of(point, value);
            break;
        case YW_RTU_COUNTER:
            bank->input[point->mirror] = (uint16_t)(whole >> 16);
            bank->input[point->mirror + 1] = (uint16_t)(whole & 0xffff);
            break;
        case YW_RTU_COIL:
            bank->coil[point->mirror] = value > 0.5;
            break;
        case YW_RTU_HOLDING:
            bank->holding[point->mirror] = raw_of(point, value);
            break;
        }
    }
    bank->holding[YW_PLC_MODE] = YW_PLC_RUN;
    bank->holding[YW_PLC_SCAN_TIME] = YW_RTU_SCAN_MS;
    bank->holding[YW_PLC_SCAN_COUNT] = (uint16_t)(rtu->scans & 0xffff);
    bank->holding[YW_PLC_HEARTBEAT] =
        (uint16_t)((rtu->now_ms - rtu->started_ms) / 1000 & 0xffff);
}

/* The command point behind a written value of the mirror. */
static struct yw_rtu_point *written_point(struct yw_rtu *rtu,
                                          const struct yw_modbus_write *write)
{
    for (uint16_t i = 0; i < rtu->point_count; i++) {
        struct yw_rtu_point *point = &rtu->points[i];
        if (yw_rtu_table(point->shape) ==
                (write->is_coil ? YW_RTU_COIL : YW_RTU_HOLDING) &&
            point->mirror == write->address)
            return point;
    }
    return NULL;
}

static bool meaning_of(struct yw_rtu *rtu, const struct yw_rtu_point *point,
                       const struct yw_modbus_write *write, double *ret)
{
    const struct yw_rtu_tag *tag = &rtu->outputs[point->tag];
    *ret = write->is_coil ? (write->new_value != 0 ? tag->high : tag->low)
                          : (int16_t)write->new_value * point->scale;
    return *ret >= tag->low && *ret <= tag->high;
}

static enum yw_modbus_exception check_write(void *arg,
                                            const struct yw_modbus_write *write)
{
    struct yw_rtu *rtu = arg;
    struct yw_rtu_point *point = written_point(rtu, write);
    double value = 0;
    if (point == NULL)
        return YW_MODBUS_ILLEGAL_ADDRESS;
    if (rtu->local || point->select_ms > 0 ||
        !yw_sources_allow(&rtu->masters, rtu->asking)) {
        struct yw_plc_write refused = {.what = *write, .refused = true};
        char line[YW_CHANNEL_LINE_MAX];
        memcpy(refused.from, rtu->asking, sizeof(refused.from));
        yw_plc_write_line(&refused, line, sizeof(line));
        yw_rtu_say(rtu, "%s", line);
        return YW_MODBUS_ILLEGAL_FUNCTION;
    }
    return meaning_of(rtu, point, write, &value) ? YW_MODBUS_OK : YW_MODBUS_ILLEGAL_VALUE;
}

static void after_write(void *arg, const struct yw_modbus_write *write)
{
    struct yw_rtu *rtu = arg;
    struct yw_rtu_point *point = written_point(rtu, write);
    struct yw_plc_write done = {.what = *write};
    char line[YW_CHANNEL_LINE_MAX];
    double value = 0;
    if (point != NULL && meaning_of(rtu, point, write, &value))
        rtu->outputs[point->tag].value = value;
    memcpy(done.from, rtu->asking, sizeof(done.from));
    yw_plc_write_line(&done, line, sizeof(line));
    yw_rtu_say(rtu, "%s", line);
}

size_t yw_rtu_answer(struct yw_rtu *rtu, const char *from, const uint8_t *pdu,
                     size_t size, uint8_t reply[YW_MODBUS_PDU_MAX])
{
    const struct yw_modbus_guard guard = {
        .check = check_write, .wrote = after_write, .arg = rtu};
    (void)snprintf(rtu->asking, sizeof(rtu->asking), "%s", from);
    yw_rtu_mirror(rtu);
    size_t length = yw_modbus_handle(&rtu->bank, pdu, size, reply, &guard);
    yw_rtu_mirror(rtu);
    return length;
}
