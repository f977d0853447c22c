#include "controller/plc.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void wire_image(struct yw_plc *plc)
{
    plc->image.input = plc->bank.input;
    plc->image.discrete = plc->bank.discrete;
    plc->image.holding = plc->bank.holding;
    plc->image.coil = plc->bank.coil;
    plc->image.output = plc->output;
}

void yw_plc_init(struct yw_plc *plc, uint64_t seed)
{
    memset(plc, 0, sizeof(*plc));
    plc->map = yw_plc_map_find("water-dosing");
    plc->unit = 1;
    wire_image(plc);
    yw_modbus_identity_make(&plc->bank, seed);
}

void yw_plc_copy(struct yw_plc *plc, const struct yw_plc *from)
{
    *plc = *from;
    wire_image(plc);
}

static void set_mode(struct yw_plc *plc, enum yw_plc_mode mode)
{
    plc->bank.holding[YW_PLC_MODE] = (uint16_t)mode;
    plc->bank.running = mode == YW_PLC_RUN || mode == YW_PLC_REMOTE;
}

int yw_plc_load(struct yw_plc *plc, const char *source, size_t size,
                struct yw_st_problem *ret_problem)
{
    memset(plc->output, 0, sizeof(plc->output));
    plc->loaded = yw_st_compile(&plc->program, source, size, ret_problem) == 0;
    plc->bank.failed = !plc->loaded;
    if (!plc->loaded) {
        set_mode(plc, YW_PLC_STOP);
        return -1;
    }
    yw_st_reset(&plc->program, &plc->image);
    plc->bank.holding[YW_PLC_CRC] = (uint16_t)(plc->program.crc >> 16);
    plc->bank.holding[YW_PLC_CRC + 1] = (uint16_t)(plc->program.crc & 0xffff);
    plc->bank.holding[YW_PLC_TRIP] = 0;
    plc->problem = (struct yw_st_problem){.trouble = YW_ST_OK};
    set_mode(plc, YW_PLC_RUN);
    return 0;
}

static uint16_t to_raw(double value, double scale)
{
    double raw = rint(value / scale);
    if (!(raw > 0))
        return 0;
    return raw > UINT16_MAX ? UINT16_MAX : (uint16_t)raw;
}

bool yw_plc_sense(struct yw_plc *plc, const struct yw_field_record *record)
{
    if (record->magic != YW_FIELD_MAGIC || record->count > YW_FIELD_VALUES)
        return false;
    for (uint16_t i = 0; i < record->count; i++) {
        if (!isfinite(record->value[i]))
            return false;
    }
    for (uint16_t i = 0; i < record->count && i < plc->map->tags; i++)
        plc->bank.input[i] = to_raw(record->value[i], plc->map->scale[i]);
    return true;
}

static void run_logic(struct yw_plc *plc)
{
    if (yw_st_run(&plc->program, &plc->image, &plc->problem) == 0)
        return;
    set_mode(plc, YW_PLC_STOP);
    if (plc->bank.holding[YW_PLC_TRIP] == 0)
        plc->bank.holding[YW_PLC_TRIP] =
            (uint16_t)(YW_PLC_TRIP_LOGIC + plc->problem.trouble);
}

static void count_scan(struct yw_plc *plc, int64_t now_ms)
{
    if (plc->scan == 0) {
        plc->started_ms = now_ms;
        plc->last_ms = now_ms;
    }
    int64_t elapsed_ms = now_ms - plc->last_ms;
    plc->last_ms = now_ms;
    plc->scan++;
    uint16_t *holding = plc->bank.holding;
    if (elapsed_ms < 0 || elapsed_ms > UINT16_MAX)
        elapsed_ms = UINT16_MAX;
    holding[YW_PLC_SCAN_TIME] = (uint16_t)elapsed_ms;
    holding[YW_PLC_SCAN_COUNT] = (uint16_t)(plc->scan & 0xffff);
    holding[YW_PLC_HEARTBEAT] = (uint16_t)((now_ms - plc->started_ms) / 1000 & 0xffff);
    for (int bit = 0; bit < 16; bit++)
        plc->bank.discrete[bit] = (uint8_t)(holding[YW_PLC_ALARM] >> bit & 1);
}

void yw_plc_scan(struct yw_plc *plc, int64_t now_ms, struct yw_field_record *ret)
{
    uint16_t mode = plc->bank.holding[YW_PLC_MODE];
    if (plc->loaded && (mode == YW_PLC_RUN || mode == YW_PLC_REMOTE))
        run_logic(plc);
    if (plc->bank.holding[YW_PLC_MODE] == YW_PLC_STOP)
        memset(plc->output, 0, sizeof(plc->output));
    count_scan(plc, now_ms);
    memset(ret, 0, sizeof(*ret));
    ret->magic = YW_FIELD_MAGIC;
    ret->count = plc->map->outputs;
    ret->views = plc->map->tags;
    ret->scan = plc->scan;
    for (uint16_t i = 0; i < ret->count; i++)
        ret->value[i] = plc->output[i];
    for (uint16_t i = 0; i < ret->views; i++)
        ret->view[i] = plc->bank.input[i] * plc->map->scale[i];
}

static bool may_write(const struct yw_plc *plc)
{
    return yw_sources_allow(&plc->sources, plc->asking);
}

static void tell(const struct yw_plc *plc, const struct yw_modbus_write *what,
                 bool refused)
{
    struct yw_plc_write write = {.what = *what, .refused = refused};
    memcpy(write.from, plc->asking, sizeof(write.from));
    if (plc->on_write != NULL)
        plc->on_write(plc->arg, &write);
}

static enum yw_modbus_exception check_write(void *arg,
                                            const struct yw_modbus_write *write)
{
    const struct yw_plc *plc = arg;
    if (!write->is_coil && write->address > YW_PLC_MODE &&
        write->address <= YW_PLC_SPARE_LAST)
        return YW_MODBUS_ILLEGAL_ADDRESS;
    if (!write->is_coil && write->address == YW_PLC_MODE &&
        write->new_value > YW_PLC_REMOTE)
        return YW_MODBUS_ILLEGAL_VALUE;
    if (may_write(plc))
        return YW_MODBUS_OK;
    tell(plc, write, true);
    return YW_MODBUS_ILLEGAL_FUNCTION;
}

static void wrote(void *arg, const struct yw_modbus_write *write)
{
    struct yw_plc *plc = arg;
    if (!write->is_coil && write->address == YW_PLC_MODE)
        set_mode(plc, (enum yw_plc_mode)write->new_value);
    tell(plc, write, false);
}

size_t yw_plc_answer(struct yw_plc *plc, const char *from, uint8_t unit,
                     const uint8_t *pdu, size_t size, uint8_t reply[YW_MODBUS_PDU_MAX])
{
    if (size > 0 && unit != 0 && unit != 255 && unit != plc->unit) {
        reply[0] = pdu[0] | 0x80;
        reply[1] = YW_MODBUS_NO_TARGET;
        return 2;
    }
    (void)snprintf(plc->asking, sizeof(plc->asking), "%s", from);
    const struct yw_modbus_guard guard = {check_write, wrote, plc};
    return yw_modbus_handle(&plc->bank, pdu, size, reply, &guard);
}

void yw_plc_write_line(const struct yw_plc_write *write, char *ret, size_t ret_size)
{
    (void)snprintf(ret, ret_size,
                   "{\"kind\":\"%s\",\"from\":\"%s\",\"fc\":%u,\"table\":\"%s\","
                   "\"address\":%u,\"old\":%u,\"new\":%u}",
                   write->refused ? "modbus-refused" : "modbus-write", write->from,
                   (unsigned)write->what.function,
                   write->what.is_coil ? "coil" : "holding",
                   (unsigned)write->what.address, (unsigned)write->what.old_value,
                   (unsigned)write->what.new_value);
}
