#include "virt/fake_plc.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REGISTERS 128
#define DOSE_SET_POINT 40
#define HIGH_ALARM 41
#define COIL_STOP_PUMP 1

struct yw_fake_plc {
    uint16_t holding[REGISTERS];
    uint16_t input[REGISTERS];
    uint16_t coil[REGISTERS];
    uint16_t discrete[REGISTERS];
    void (*on_write)(void *arg, const struct yw_fake_write *write);
    void *arg;
};

int yw_fake_plc_new(struct yw_fake_plc **ret, uint64_t seed, const char *program,
                    size_t size,
                    void (*on_write)(void *arg, const struct yw_fake_write *write),
                    void *arg, struct yw_err *err)
{
    (void)seed;
    (void)program;
    (void)size;
    (void)err;
    struct yw_fake_plc *plc = yw_new(sizeof(*plc));

    plc->on_write = on_write;
    plc->arg = arg;
    plc->holding[DOSE_SET_POINT] = 100;
    plc->holding[HIGH_ALARM] = 1500;
    *ret = plc;
    return 0;
}

void yw_fake_plc_free(struct yw_fake_plc *plc)
{
    free(plc);
}

void yw_fake_plc_set(struct yw_fake_plc *plc, const char *name, const char *value)
{
    (void)plc;
    (void)name;
    (void)value;
}

void yw_fake_plc_scan(struct yw_fake_plc *plc, int64_t span_ms, const double *sensors,
                      size_t sensor_count, double *outputs, size_t *ret_output_count,
                      double *views, size_t *ret_view_count)
{
    static const double scales[] = {0.1, 0.01, 0.001, 1.0};

    (void)span_ms;
    for (size_t i = 0; i < sensor_count && i < 4; i++) {
        double raw = sensors[i] / scales[i];

        plc->input[i] = (uint16_t)lround(fmin(fmax(raw, 0.0), 65535.0));
        views[i] = plc->input[i] * scales[i];
    }
    *ret_view_count = sensor_count < 4 ? sensor_count : 4;
    plc->discrete[0] = plc->input[0] > plc->holding[HIGH_ALARM];
    outputs[0] = plc->holding[DOSE_SET_POINT];
    outputs[1] = plc->coil[COIL_STOP_PUMP] ? 0.0 : 1.0;
    outputs[2] = 1.0;
    *ret_output_count = 3;
}

static uint16_t *table_of(struct yw_fake_plc *plc, enum yw_fake_table table)
{
    switch (table) {
    case YW_FAKE_TABLE_COIL:
        return plc->coil;
    case YW_FAKE_TABLE_DISCRETE:
        return plc->discrete;
    case YW_FAKE_TABLE_HOLDING:
        return plc->holding;
    case YW_FAKE_TABLE_INPUT:
        return plc->input;
    }
    return NULL;
}

int yw_fake_plc_read(struct yw_fake_plc *plc, const char *from, enum yw_fake_table table,
                     uint16_t address, uint16_t *ret_values, size_t count)
{
    (void)from;
    if (address + count > REGISTERS)
        return 2;
    memcpy(ret_values, table_of(plc, table) + address, count * sizeof(*ret_values));
    return 0;
}

int yw_fake_plc_write(struct yw_fake_plc *plc, const char *from, enum yw_fake_table table,
                      uint16_t address, const uint16_t *values, size_t count)
{
    if (address + count > REGISTERS)
        return 2;
    for (size_t i = 0; i < count; i++) {
        uint16_t *cell = table_of(plc, table) + address + i;
        struct yw_fake_write write = {
            .from = from,
            .function =
                table == YW_FAKE_TABLE_COIL ? (count > 1 ? 15 : 5) : (count > 1 ? 16 : 6),
            .address = (uint16_t)(address + i),
            .before = *cell,
            .after = values[i],
        };

        *cell = values[i];
        if (plc->on_write)
            plc->on_write(plc->arg, &write);
    }
    return 0;
}

const char *yw_fake_plc_vendor(const struct yw_fake_plc *plc)
{
    (void)plc;
    return "Yanwu";
}

const char *yw_fake_plc_product(const struct yw_fake_plc *plc)
{
    (void)plc;
    return "PLC";
}
