#include "controller/lasting.h"

#include "controller/applet_inner.h"
#include "controller/modbus_client.h"

#include <string.h>

#define FLOOD_TURN_MS 20

static uint64_t draw(struct yw_lasting *lasting)
{
    lasting->random ^= lasting->random << 13;
    lasting->random ^= lasting->random >> 7;
    lasting->random ^= lasting->random << 17;
    return lasting->random;
}

static bool read_number(const struct applet *a, int index, long low, long high, long *ret)
{
    *ret = yw_applet_number(yw_applet_argument(a, index), high);
    return *ret >= low;
}

/* EVERY_MS and SPAN_MS from argument `index` on, the last. */
static bool read_times(const struct applet *a, int index, struct yw_lasting *lasting)
{
    long every = 0;
    long span = 0;
    if (a->argc != index + 2 ||
        !read_number(a, index, YW_LASTING_EVERY_MIN_MS, 60000, &every) ||
        !read_number(a, index + 1, 1, YW_LASTING_SPAN_MAX_MS, &span))
        return false;
    lasting->every_ms = every;
    lasting->span_ms = span;
    return true;
}

static bool read_toggle(const struct applet *a, long most, struct yw_lasting *lasting)
{
    long low = 0;
    long high = 0;
    if (!read_number(a, 6, 0, most, &low) || !read_number(a, 7, 0, most, &high))
        return false;
    lasting->low = (uint16_t)low;
    lasting->high = (uint16_t)high;
    return read_times(a, 8, lasting);
}

static bool read_fuzz(const struct applet *a, long most, struct yw_lasting *lasting)
{
    long count = 0;
    if (!read_number(a, 6, 1, YW_LASTING_COUNT_MAX, &count) ||
        lasting->address + count > UINT16_MAX)
        return false;
    lasting->count = (uint16_t)count;
    lasting->high = (uint16_t)most;
    return read_times(a, 7, lasting);
}

static bool read_hold(const struct applet *a, long most, struct yw_lasting *lasting)
{
    long value = 0;
    if (!read_number(a, 6, 0, most, &value))
        return false;
    lasting->high = (uint16_t)value;
    return read_times(a, 7, lasting);
}

static bool read_ramp(const struct applet *a, long most, struct yw_lasting *lasting)
{
    long from = 0;
    long to = 0;
    long steps = 0;
    long span = 0;
    bool now = strcmp(yw_applet_argument(a, 6), "now") == 0;
    if ((!now && !read_number(a, 6, 0, most, &from)) ||
        !read_number(a, 7, 0, most, &to) ||
        !read_number(a, 8, 1, YW_LASTING_STEPS_MAX, &steps) ||
        !read_number(a, 9, steps * YW_LASTING_EVERY_MIN_MS, YW_LASTING_SPAN_MAX_MS,
                     &span) ||
        a->argc != 10)
        return false;
    lasting->low = (uint16_t)from;
    lasting->high = (uint16_t)to;
    lasting->steps = (uint32_t)steps;
    lasting->span_ms = span;
    lasting->every_ms = span / steps;
    return true;
}

static bool read_flood(const struct applet *a, struct yw_lasting *lasting)
{
    long rate = 0;
    long span = 0;
    if (a->argc != 5 || !read_number(a, 3, 1, YW_LASTING_RATE_MAX, &rate) ||
        !read_number(a, 4, 1, YW_LASTING_SPAN_MAX_MS, &span))
        return false;
    lasting->rate = (uint32_t)rate;
    lasting->span_ms = span;
    lasting->every_ms = FLOOD_TURN_MS;
    lasting->count = 0;
    return true;
}

static bool read_stand(const struct applet *a, struct yw_lasting *lasting)
{
    long replay = 0;
    long span = 0;
    int drop = yw_between_drop_find(yw_applet_argument(a, 5));
    if (a->argc != 7 || strcmp(yw_applet_argument(a, 1), "stand") != 0 || drop < 0 ||
        !yw_applet_address(yw_applet_argument(a, 2), &lasting->ends[0]) ||
        !yw_applet_address(yw_applet_argument(a, 3), &lasting->ends[1]) ||
        !read_number(a, 4, 0, YW_LASTING_REPLAY_MAX_MS, &replay) ||
        !read_number(a, 6, 1, YW_LASTING_SPAN_MAX_MS, &span))
        return false;
    lasting->kind = YW_LASTING_STAND;
    lasting->drop = (enum yw_between_drop)drop;
    lasting->replay_ms = replay;
    lasting->span_ms = span;
    lasting->every_ms = span;
    return true;
}

static bool read_target(const struct applet *a, struct yw_lasting *lasting)
{
    const char *table = yw_applet_argument(a, 4);
    long unit = 0;
    long address = 0;
    lasting->is_coil = strcmp(table, "coil") == 0;
    lasting->count = 1;
    if ((!lasting->is_coil && strcmp(table, "holding") != 0) ||
        !read_number(a, 3, 0, 255, &unit) || !read_number(a, 5, 0, UINT16_MAX, &address))
        return false;
    lasting->unit = (uint8_t)unit;
    lasting->address = (uint16_t)address;
    return true;
}

static bool read_all(const struct applet *a, struct yw_lasting *lasting)
{
    static const struct {
        const char *verb;
        enum yw_lasting_kind kind;
        bool (*read)(const struct applet *a, long most, struct yw_lasting *lasting);
    } kinds[] = {{"toggle", YW_LASTING_TOGGLE, read_toggle},
                 {"fuzz", YW_LASTING_FUZZ, read_fuzz},
                 {"hold", YW_LASTING_HOLD, read_hold},
                 {"ramp", YW_LASTING_RAMP, read_ramp}};
    const char *verb = yw_applet_argument(a, 1);
    const char *host = yw_applet_argument(a, 2);
    uint32_t ignored = 0;
    if (strcmp(yw_applet_argument(a, 0), "aitm") == 0)
        return read_stand(a, lasting);
    if (strcmp(yw_applet_argument(a, 0), "modbus") != 0 ||
        !yw_applet_address(host, &ignored))
        return false;
    memcpy(lasting->host, host, strlen(host) + 1);
    lasting->kind = YW_LASTING_FLOOD;
    if (strcmp(verb, "flood") == 0)
        return read_flood(a, lasting);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        lasting->kind = kinds[i].kind;
        if (strcmp(verb, kinds[i].verb) == 0)
            return read_target(a, lasting) &&
                   kinds[i].read(a, lasting->is_coil ? 1 : UINT16_MAX, lasting);
    }
    return false;
}

/* 0, an exception, or -1: nobody answers, or not so. */
static int write_values(const struct yw_lasting *lasting, const struct yw_applet_io *io,
                        uint16_t address, const uint16_t *values, uint16_t count)
{
    uint8_t pdu[YW_MODBUS_PDU_MAX];
    uint8_t reply[YW_MODBUS_PDU_MAX];
    size_t size = yw_modbus_ask_write(lasting->is_coil, address, values, count, pdu);
    int got = io->transact(io->arg, lasting->host, lasting->unit, pdu, size, reply);
    return got < 0 ? -1 : yw_modbus_read_done(pdu[0], reply, (size_t)got);
}

static int read_before(struct yw_lasting *lasting, const struct yw_applet_io *io)
{
    uint8_t pdu[YW_MODBUS_PDU_MAX];
    uint8_t reply[YW_MODBUS_PDU_MAX];
    uint8_t function = lasting->is_coil ? YW_MODBUS_READ_COILS : YW_MODBUS_READ_HOLDING;
    size_t size = yw_modbus_ask_read(function, lasting->address, lasting->count, pdu);
    int got = io->transact(io->arg, lasting->host, lasting->unit, pdu, size, reply);
    return got < 0 ? -1
                   : yw_modbus_read_values(function, lasting->count, reply, (size_t)got,
                                           lasting->before);
}

/* The connection that is open longest makes room for the next. */
static int flood(struct yw_lasting *lasting, const struct yw_applet_io *io,
                 int64_t now_ms)
{
    int64_t most = (int64_t)YW_LASTING_OPEN_MAX * 1000; /* in one turn */
    lasting->owed += (now_ms - lasting->flooded_ms) * lasting->rate;
    lasting->owed = lasting->owed < most ? lasting->owed : most;
    lasting->flooded_ms = now_ms;
    for (; lasting->owed >= 1000; lasting->owed -= 1000, lasting->done++) {
        int *stream = &lasting->streams[lasting->done % YW_LASTING_OPEN_MAX];
        if (*stream >= 0)
            io->close(io->arg, *stream);
        *stream = io->open(io->arg, lasting->host, YW_MODBUS_PORT);
    }
    return 0;
}

/* now_ms is the wall's. */
static int step(struct yw_lasting *lasting, const struct yw_applet_io *io, int64_t now_ms)
{
    uint16_t address = lasting->address;
    uint16_t value = lasting->high;
    int64_t way = (int64_t)lasting->high - lasting->low;
    switch (lasting->kind) {
    case YW_LASTING_TOGGLE:
        value = lasting->done % 2 == 0 ? lasting->high : lasting->low;
        break;
    case YW_LASTING_FUZZ:
        address = (uint16_t)(address + draw(lasting) % lasting->count);
        value = (uint16_t)(draw(lasting) % ((uint64_t)lasting->high + 1));
        break;
    case YW_LASTING_HOLD:
        break;
    case YW_LASTING_RAMP:
        value = (uint16_t)(lasting->low +
                           way * (int64_t)(lasting->done + 1) / lasting->steps);
        break;
    case YW_LASTING_FLOOD:
        return flood(lasting, io, now_ms);
    case YW_LASTING_STAND:
        return 0;
    }
    int outcome = write_values(lasting, io, address, &value, 1);
    lasting->done += outcome == 0 || lasting->kind == YW_LASTING_RAMP;
    return outcome;
}

static bool is_over(const struct yw_lasting *lasting, int64_t drill_ms)
{
    return drill_ms - lasting->began_ms >= lasting->span_ms ||
           (lasting->kind == YW_LASTING_RAMP && lasting->done >= lasting->steps);
}

static bool judge(struct applet *a, int outcome)
{
    if (outcome == 0)
        return true;
    yw_applet_refuse(a, outcome < 0 ? "unreachable" : "refused by an exception");
    return false;
}

/* Is what it works on there? 0, an exception or -1. */
static int look_first(struct yw_lasting *lasting, const struct yw_applet_io *io,
                      const char *const *argv)
{
    if (lasting->kind == YW_LASTING_STAND)
        return io->reach(io->arg, argv[2]) && io->reach(io->arg, argv[3]) ? 0 : -1;
    if (lasting->kind == YW_LASTING_FLOOD)
        return io->reach(io->arg, lasting->host) ? 0 : -1;
    return read_before(lasting, io);
}

bool yw_lasting_begin(struct yw_lasting *lasting, const struct yw_applet_io *io, int argc,
                      const char *const *argv, uint64_t seed, int64_t now_ms,
                      struct yw_applet_result *ret)
{
    struct applet a = {io, argc, argv, ret};
    memset(ret, 0, sizeof(*ret));
    memset(lasting, 0, sizeof(*lasting));
    for (int i = 0; i < YW_LASTING_OPEN_MAX; i++)
        lasting->streams[i] = -1;
    lasting->random = seed | 1;
    lasting->began_ms = yw_applet_drill(io, now_ms);
    lasting->flooded_ms = now_ms - FLOOD_TURN_MS;
    if (!read_all(&a, lasting)) {
        yw_applet_refuse(&a, "usage: background NAME modbus toggle|fuzz|hold|ramp|flood "
                             "... | aitm stand ...");
        return false;
    }
    if (!judge(&a, look_first(lasting, io, argv)))
        return false;
    if (lasting->kind == YW_LASTING_RAMP && strcmp(yw_applet_argument(&a, 6), "now") == 0)
        lasting->low = lasting->before[0];
    if (!judge(&a, step(lasting, io, now_ms)))
        return false;
    lasting->due_ms = lasting->began_ms + lasting->every_ms;
    yw_applet_say(&a, "{\"began\":true,\"old\":%u}", (unsigned)lasting->before[0]);
    return true;
}

int64_t yw_lasting_turn(struct yw_lasting *lasting, const struct yw_applet_io *io,
                        int64_t now_ms)
{
    int64_t drill_ms = yw_applet_drill(io, now_ms);
    while (drill_ms >= lasting->due_ms && !is_over(lasting, lasting->due_ms)) {
        (void)step(lasting, io, now_ms);
        lasting->due_ms += lasting->every_ms;
        /* A clock that jumped is no reason to do all that was missed at once. */
        if (lasting->kind != YW_LASTING_RAMP && drill_ms - lasting->due_ms > 1000)
            lasting->due_ms = drill_ms;
    }
    if (is_over(lasting, lasting->due_ms))
        return INT64_MAX;
    if (io->pace == NULL)
        return lasting->due_ms;
    int64_t due_ms = yw_pace_wall(io->pace(io->arg), lasting->due_ms);
    int64_t look_ms = now_ms + YW_PACE_LOOK_MS; /* it may run otherwise by then */
    return due_ms < look_ms ? due_ms : look_ms;
}

void yw_lasting_end(struct yw_lasting *lasting, const struct yw_applet_io *io,
                    struct yw_applet_result *ret)
{
    struct applet a = {io, 0, NULL, ret};
    memset(ret, 0, sizeof(*ret));
    for (int i = 0; i < YW_LASTING_OPEN_MAX; i++) {
        if (lasting->streams[i] >= 0)
            io->close(io->arg, lasting->streams[i]);
        lasting->streams[i] = -1;
    }
    if (lasting->count == 0 || judge(&a, write_values(lasting, io, lasting->address,
                                                      lasting->before, lasting->count)))
        yw_applet_say(&a, "{\"steps\":%llu,\"restored\":true}",
                      (unsigned long long)lasting->done);
}
