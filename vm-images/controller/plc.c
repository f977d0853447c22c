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

static const char *const mode_names[] = {"stop", "run", "program", "remote", "boot"};

const char *yw_plc_mode_name(enum yw_plc_mode mode)
{
    return mode_names[mode];
}

int yw_plc_mode_find(const char *name)
{
    for (int i = YW_PLC_STOP; i <= YW_PLC_BOOT; i++) {
        if (strcmp(name, mode_names[i]) == 0)
            return i;
    }
    return -1;
}

void yw_plc_init_as(struct yw_plc *plc, enum yw_plc_profile profile, uint64_t seed)
{
    memset(plc, 0, sizeof(*plc));
    (void)yw_plc_wire(&plc->wiring, YW_PLC_WATER);
    plc->unit = 1;
    plc->profile = profile;
    plc->key = profile == YW_PLC_SAFETY ? YW_PLC_RUN : YW_PLC_REMOTE;
    plc->bank.holding[YW_PLC_KEY] = (uint16_t)plc->key;
    memcpy(plc->password, YW_PLC_PASSWORD, sizeof(YW_PLC_PASSWORD));
    wire_image(plc);
    yw_modbus_identity_make(&plc->bank, seed);
    if (profile == YW_PLC_REMOTE_IO)
        yw_plc_set_mode(plc, YW_PLC_RUN);
}

void yw_plc_init(struct yw_plc *plc, uint64_t seed)
{
    yw_plc_init_as(plc, YW_PLC_LOGIC, seed);
}

void yw_plc_copy(struct yw_plc *plc, const struct yw_plc *from)
{
    *plc = *from;
    wire_image(plc);
}

static bool is_running(const struct yw_plc *plc)
{
    uint16_t mode = plc->bank.holding[YW_PLC_MODE];
    return mode == YW_PLC_RUN || mode == YW_PLC_REMOTE;
}

/* Everything but what is declared RETAIN begins anew; registers are the memory of the
 * controller and stay. */
static void warm_start(struct yw_plc *plc)
{
    uint8_t kept[YW_ST_RETAIN_MAX];
    size_t size = yw_st_retain_save(&plc->program, &plc->image, kept, sizeof(kept));
    yw_st_reset(&plc->program, &plc->image, false);
    (void)yw_st_retain_load(&plc->program, &plc->image, kept, size);
}

void yw_plc_set_mode(struct yw_plc *plc, enum yw_plc_mode mode)
{
    uint16_t was = plc->bank.holding[YW_PLC_MODE];
    bool stopped = was == YW_PLC_STOP || was == YW_PLC_BOOT;
    if (was == YW_PLC_BOOT || mode == YW_PLC_BOOT)
        plc->bank.failed = mode == YW_PLC_BOOT || !plc->loaded;
    plc->bank.holding[YW_PLC_MODE] = (uint16_t)mode;
    plc->bank.running = is_running(plc);
    if (stopped && mode != YW_PLC_STOP && mode != YW_PLC_BOOT && plc->loaded)
        warm_start(plc);
}

bool yw_plc_unlocked(const struct yw_plc *plc)
{
    return plc->key == YW_PLC_PROGRAM || plc->key == YW_PLC_REMOTE;
}

void yw_plc_tell(const struct yw_plc *plc, const char *kind, const char *from,
                 const char *more)
{
    char line[YW_PLC_LINE_MAX];
    (void)snprintf(line, sizeof(line), "{\"kind\":\"%s\",\"from\":\"%s\"%s}", kind, from,
                   more);
    if (plc->on_line != NULL)
        plc->on_line(plc->arg, line);
}

void yw_plc_turn_key(struct yw_plc *plc, enum yw_plc_mode position)
{
    char more[64];
    (void)snprintf(more, sizeof(more), ",\"old\":\"%s\",\"new\":\"%s\"",
                   mode_names[plc->key], mode_names[position]);
    plc->key = position;
    plc->bank.holding[YW_PLC_KEY] = (uint16_t)position;
    if (plc->loaded)
        yw_plc_set_mode(plc, position);
    yw_plc_tell(plc, "plc-key", "key", more);
}

static void show_crc(struct yw_plc *plc)
{
    plc->bank.holding[YW_PLC_CRC] = (uint16_t)(plc->program.crc >> 16);
    plc->bank.holding[YW_PLC_CRC + 1] = (uint16_t)(plc->program.crc & 0xffff);
}

static void show_program(struct yw_plc *plc)
{
    show_crc(plc);
    plc->bank.holding[YW_PLC_TRIP] = 0;
    plc->problem = (struct yw_st_problem){.trouble = YW_ST_OK};
    plc->bank.failed = false;
    plc->loaded = true;
}

int yw_plc_load(struct yw_plc *plc, const char *source, size_t size,
                struct yw_st_problem *ret_problem)
{
    memset(plc->output, 0, sizeof(plc->output));
    (void)yw_plc_unforce(plc, NULL);
    plc->loaded = yw_st_compile(&plc->program, source, size, ret_problem) == 0;
    plc->bank.failed = !plc->loaded;
    if (!plc->loaded) {
        memset(&plc->program, 0, sizeof(plc->program));
        yw_plc_set_mode(plc, YW_PLC_STOP);
        return -1;
    }
    show_program(plc);
    yw_plc_set_mode(plc, plc->key == YW_PLC_REMOTE ? YW_PLC_RUN : plc->key);
    yw_st_reset(&plc->program, &plc->image, true);
    return 0;
}

/* Names are looked up again: they may live elsewhere now, or nowhere. */
static void renew_forces(struct yw_plc *plc)
{
    uint32_t count = plc->force_count;
    plc->force_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct yw_plc_force force = plc->forces[i];
        struct yw_st_spot spot;
        if (yw_st_find(&plc->program, force.name, &spot) == 0 && !spot.constant &&
            spot.type == force.spot.type)
            (void)yw_plc_force(plc, force.name, force.value);
    }
    plc->bank.holding[YW_PLC_FORCES] = (uint16_t)plc->force_count;
}

void yw_plc_install(struct yw_plc *plc, const struct yw_st_program *program,
                    const struct yw_st_image *image, bool located)
{
    plc->program = *program;
    if (located)
        yw_st_reset(&plc->program, &plc->image, true);
    memcpy(plc->image.cell, image->cell, sizeof(plc->image.cell));
    renew_forces(plc);
    show_program(plc);
}

int64_t yw_plc_scan_ms(const struct yw_plc *plc)
{
    if (plc->scan_ms > 0)
        return plc->scan_ms;
    return plc->loaded ? plc->program.scan_ms : YW_ST_SCAN_MS;
}

bool yw_plc_retain(struct yw_plc *plc, const uint8_t *bytes, size_t size)
{
    return plc->loaded && yw_st_retain_load(&plc->program, &plc->image, bytes, size);
}

bool yw_plc_sense(struct yw_plc *plc, const struct yw_field_record *record)
{
    if (record->magic != YW_FIELD_MAGIC || record->count > YW_FIELD_VALUES)
        return false;
    for (uint16_t i = 0; i < record->count; i++) {
        if (!isfinite(record->value[i]))
            return false;
    }
    for (uint16_t i = 0; i < record->count && i < plc->wiring.tag_count; i++) {
        plc->sensed[i] = record->value[i];
        yw_plc_put_tag(plc, i);
    }
    yw_plc_apply_forces(plc, YW_PLC_BEFORE);
    return true;
}

static void run_logic(struct yw_plc *plc, int64_t now_ms)
{
    plc->image.now_ms = (uint32_t)(now_ms & UINT32_MAX);
    yw_plc_apply_forces(plc, YW_PLC_BEFORE);
    uint16_t mode = plc->bank.holding[YW_PLC_MODE];
    int status = yw_st_run(&plc->program, &plc->image, &plc->problem);
    plc->bank.holding[YW_PLC_MODE] = mode; /* not the program's, whatever it wrote */
    plc->bank.holding[YW_PLC_KEY] = (uint16_t)plc->key;
    plc->bank.holding[YW_PLC_FORCES] = (uint16_t)plc->force_count;
    show_crc(plc);
    yw_plc_apply_forces(plc, YW_PLC_AFTER);
    if (status == 0)
        return;
    yw_plc_set_mode(plc, YW_PLC_STOP);
    if (plc->bank.holding[YW_PLC_TRIP] == 0)
        plc->bank.holding[YW_PLC_TRIP] =
            (uint16_t)(YW_PLC_TRIP_LOGIC + plc->problem.trouble);
    char more[64];
    (void)snprintf(more, sizeof(more), ",\"line\":%d,\"trouble\":%d", plc->problem.line,
                   (int)plc->problem.trouble);
    yw_plc_tell(plc, "plc-trip", "logic", more);
}

/* Terminals: registers to outputs, until nobody has asked for too long. */
static void run_terminals(struct yw_plc *plc, int64_t now_ms)
{
    if (plc->asked || plc->scan == 0)
        plc->asked_ms = now_ms;
    plc->asked = false;
    bool silent = plc->fallback_ms > 0 && now_ms - plc->asked_ms >= plc->fallback_ms;
    for (uint16_t i = 0; i < plc->wiring.output_count; i++)
        plc->output[i] = silent ? 0 : plc->bank.holding[i] * plc->wiring.outputs[i];
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
    uint8_t *discrete = plc->bank.discrete;
    bool bypassed = plc->profile == YW_PLC_SAFETY && holding[YW_PLC_BYPASS] != 0;
    uint32_t bits = holding[YW_PLC_ALARM];
    bits |= (uint32_t)(plc->key != YW_PLC_RUN) << YW_PLC_DI_KEY;
    bits |= (uint32_t)(plc->force_count > 0) << YW_PLC_DI_FORCE;
    bits |= (uint32_t)bypassed << YW_PLC_DI_BYPASS;
    for (int bit = 0; bit <= YW_PLC_DI_BYPASS; bit++) {
        if ((plc->wiring.bits >> bit & 1) == 0)
            discrete[bit] = (uint8_t)(bits >> bit & 1);
    }
}

void yw_plc_scan(struct yw_plc *plc, int64_t now_ms, struct yw_field_record *ret)
{
    if (plc->profile == YW_PLC_REMOTE_IO)
        run_terminals(plc, now_ms);
    else if (plc->loaded && is_running(plc))
        run_logic(plc, now_ms);
    if (plc->bank.holding[YW_PLC_MODE] == YW_PLC_STOP ||
        plc->bank.holding[YW_PLC_MODE] == YW_PLC_BOOT)
        memset(plc->output, 0, sizeof(plc->output));
    count_scan(plc, now_ms);
    memset(ret, 0, sizeof(*ret));
    ret->magic = YW_FIELD_MAGIC;
    ret->count = plc->wiring.output_count;
    ret->views = plc->wiring.tag_count;
    ret->scan = plc->scan;
    for (uint16_t i = 0; i < ret->count; i++)
        ret->value[i] = plc->output[i];
    for (uint16_t i = 0; i < ret->views; i++)
        ret->view[i] = yw_plc_view(plc, i);
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

/* The mode is the key's while it stands at RUN or STOP; a SIS then takes coils only. */
static bool key_allows(const struct yw_plc *plc, const struct yw_modbus_write *write)
{
    if (write->is_coil || yw_plc_unlocked(plc))
        return true;
    return write->address != YW_PLC_MODE && plc->profile != YW_PLC_SAFETY;
}

static enum yw_modbus_exception check_write(void *arg,
                                            const struct yw_modbus_write *write)
{
    const struct yw_plc *plc = arg;
    if (!write->is_coil && write->address > YW_PLC_MODE &&
        write->address <= YW_PLC_REGISTER_LAST)
        return YW_MODBUS_ILLEGAL_ADDRESS;
    if (!write->is_coil && write->address == YW_PLC_MODE &&
        write->new_value > YW_PLC_REMOTE)
        return YW_MODBUS_ILLEGAL_VALUE;
    if (may_write(plc) && key_allows(plc, write))
        return YW_MODBUS_OK;
    tell(plc, write, true);
    return YW_MODBUS_ILLEGAL_FUNCTION;
}

static void wrote(void *arg, const struct yw_modbus_write *write)
{
    struct yw_plc *plc = arg;
    if (!write->is_coil && write->address == YW_PLC_MODE) {
        plc->bank.holding[YW_PLC_MODE] =
            write->old_value; /* where it comes from matters */
        yw_plc_set_mode(plc, (enum yw_plc_mode)write->new_value);
    }
    tell(plc, write, false);
}

/* The device begins anew: outputs fall, counters and heartbeat start from 0. */
static enum yw_modbus_exception restart(void *arg)
{
    struct yw_plc *plc = arg;
    if (!may_write(plc))
        return YW_MODBUS_ILLEGAL_FUNCTION;
    memset(plc->output, 0, sizeof(plc->output));
    plc->scan = 0;
    if (plc->loaded)
        warm_start(plc);
    yw_plc_tell(plc, "plc-restart", plc->asking, "");
    return YW_MODBUS_OK;
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
    plc->asked = true;
    const struct yw_modbus_guard guard = {
        .check = check_write, .wrote = wrote, .restart = restart, .arg = plc};
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
