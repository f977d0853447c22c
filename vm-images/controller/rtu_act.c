/* What masters ask for. Every request is answered: confirmed, or mirrored with the
 * negative bit and the cause that tells why (7.2.3 of IEC 60870-5-101). */
#include "controller/rtu.h"

#include <math.h>
#include <string.h>

#define CAUSE_AT 2
#define STATION_AT 4
#define NEGATIVE 0x40
#define FREEZE 1    /* of a counter's qualifier: freeze, freeze and reset, reset */
#define RESET_ALL 1 /* of a reset's */
#define RESET_EVENTS 2

struct request {
    struct yw_rtu *rtu;
    struct yw_rtu_session *session;
    int index;
    const uint8_t *bytes;
    size_t size;
    struct yw_iec104_asdu asdu;
    const struct yw_iec104_shape *shape;
    struct yw_iec104_object object;
};

/* The request once more with another cause. False: its master asks faster than it
 * reads. */
static bool mirror(const struct request *r, uint8_t cause, bool negative)
{
    struct yw_rtu_session *session = r->session;
    if (session->count == YW_RTU_ANSWERS_MAX - 1) /* one is kept for a termination */
        return false;
    struct yw_iec104_buf *out =
        &session->answers[(session->first + session->count++) % YW_RTU_ANSWERS_MAX];
    memcpy(out->bytes, r->bytes, r->size);
    out->size = r->size;
    out->bytes[CAUSE_AT] =
        (uint8_t)((r->bytes[CAUSE_AT] & 0x80) | cause | (negative ? NEGATIVE : 0));
    out->bytes[STATION_AT] = (uint8_t)(r->rtu->station & 0xff);
    out->bytes[STATION_AT + 1] = (uint8_t)(r->rtu->station >> 8);
    if (r->asdu.station != YW_IEC104_BROADCAST)
        memcpy(out->bytes + STATION_AT, r->bytes + STATION_AT, 2);
    return true;
}

static bool confirm(const struct request *r, bool negative)
{
    return mirror(r,
                  r->asdu.cause == YW_IEC104_DEACTIVATION ? YW_IEC104_DEACTIVATION_CON
                                                          : YW_IEC104_ACTIVATION_CON,
                  negative);
}

static void tell(const struct request *r, const struct yw_rtu_point *point,
                 const char *mode, double wanted, const char *why)
{
    yw_rtu_say(r->rtu,
               "{\"kind\":\"iec104-%s\",\"from\":\"%s\",\"type\":\"%s\",\"ioa\":%u,"
               "\"mode\":\"%s\",\"old\":%.6g,\"new\":%.6g%s%s%s}",
               why != NULL ? "refused" : "command", r->session->from, r->shape->name,
               (unsigned)point->address, mode, yw_rtu_tag(r->rtu, point)->value,
               isfinite(wanted) ? wanted : 0, why != NULL ? ",\"why\":\"" : "",
               why != NULL ? why : "", why != NULL ? "\"" : "");
}

static struct yw_rtu_point *find_point(const struct request *r)
{
    for (uint16_t i = 0; i < r->rtu->point_count; i++) {
        struct yw_rtu_point *point = &r->rtu->points[i];
        if (point->address == r->object.address && point->shape->plain == r->shape->plain)
            return point;
    }
    return NULL;
}

static bool selection_stands(const struct request *r, const struct yw_rtu_point *point)
{
    return point->selected_by >= 0 && r->rtu->now_ms < point->selected_until_ms;
}

/* Why the command is not carried out; NULL: it may be. */
static const char *obstacle(const struct request *r, const struct yw_rtu_point *point,
                            bool permitted, bool select)
{
    bool stands = selection_stands(r, point);
    if (r->rtu->local)
        return "local";
    if (!permitted)
        return "value";
    if (stands && point->selected_by != r->index)
        return "selected by another master";
    if (select || point->select_ms == 0)
        return NULL;
    if (!stands)
        return "not selected";
    /* The bits count: a master sends the same value twice. */
    return memcmp(&point->selected, &r->object.value, sizeof(double)) == 0
               ? NULL
               : "another value is selected";
}

static bool cancel(const struct request *r, struct yw_rtu_point *point)
{
    bool stands = selection_stands(r, point) && point->selected_by == r->index;
    if (stands)
        point->selected_by = -1;
    tell(r, point, "cancel", 0, stands ? NULL : "not selected");
    return confirm(r, !stands);
}

static bool command(const struct request *r)
{
    struct yw_rtu_point *point = find_point(r);
    if (point == NULL)
        return mirror(r, YW_IEC104_UNKNOWN_OBJECT, true);
    if (r->asdu.cause == YW_IEC104_DEACTIVATION)
        return cancel(r, point);
    double value = 0;
    bool permitted = yw_rtu_meaning(r->rtu, point, r->object.value, &value);
    bool select = (r->object.qualifier & YW_IEC104_SELECT) != 0;
    const char *mode = select ? "select" : point->select_ms > 0 ? "execute" : "direct";
    const char *why = obstacle(r, point, permitted, select);
    tell(r, point, mode, value, why);
    if (why != NULL)
        return confirm(r, true);
    if (select) {
        point->selected_by = r->index;
        point->selected = r->object.value;
        point->selected_until_ms =
            r->rtu->now_ms +
            (point->select_ms > 0 ? point->select_ms : YW_RTU_SELECT_MAX_MS);
        return confirm(r, false);
    }
    point->selected_by = -1;
    if (!r->asdu.test) { /* a test goes all the way but to the plant */
        r->rtu->outputs[point->tag].value = value;
        yw_rtu_refresh(r->rtu);
    }
    return confirm(r, false) && mirror(r, YW_IEC104_TERMINATION, false);
}

static bool interrogate(const struct request *r)
{
    if (r->object.address != 0)
        return mirror(r, YW_IEC104_UNKNOWN_OBJECT, true);
    if (r->asdu.cause == YW_IEC104_DEACTIVATION) {
        r->session->interrogated = -1;
        return confirm(r, false);
    }
    if (r->object.qualifier != YW_IEC104_INTERROGATED)
        return confirm(r, true); /* no groups here */
    r->session->interrogated = 0;
    r->session->interrogation = r->object.qualifier;
    r->session->originator = r->asdu.originator;
    return confirm(r, false);
}

static bool count(const struct request *r)
{
    unsigned which = r->object.qualifier & 0x3f;
    unsigned freeze = r->object.qualifier >> 6;
    if (r->object.address != 0)
        return mirror(r, YW_IEC104_UNKNOWN_OBJECT, true);
    if (r->asdu.cause == YW_IEC104_DEACTIVATION) {
        r->session->counted = -1;
        return confirm(r, false);
    }
    if (which != 5) /* the general request; groups are not known */
        return confirm(r, true);
    for (uint16_t i = 0; i < r->rtu->point_count; i++) {
        struct yw_rtu_point *point = &r->rtu->points[i];
        if (point->shape->value != YW_IEC104_COUNTER)
            continue;
        if (freeze <= FREEZE + 1) {
            point->frozen = point->value - point->base;
            point->freezes = (uint8_t)(point->freezes + (freeze >= FREEZE ? 1 : 0));
        }
        if (freeze > FREEZE)
            point->base = point->value;
    }
    r->session->originator = r->asdu.originator;
    if (freeze == 0)
        r->session->counted = 0;
    return confirm(r, false) && (freeze == 0 || mirror(r, YW_IEC104_TERMINATION, false));
}

static bool read_point(const struct request *r)
{
    for (uint16_t i = 0; i < r->rtu->point_count; i++) {
        const struct yw_rtu_point *point = &r->rtu->points[i];
        if (point->address != r->object.address || point->shape->is_command)
            continue;
        if (r->session->count == YW_RTU_ANSWERS_MAX - 1)
            return false;
        const struct yw_iec104_asdu head = {.type = point->shape->plain,
                                            .cause = YW_IEC104_REQUESTED,
                                            .originator = r->asdu.originator,
                                            .station = r->rtu->station};
        const struct yw_iec104_object object = {
            .address = point->address,
            .value = yw_rtu_wire(r->rtu, point, point->value),
            .quality = point->quality};
        struct yw_iec104_buf *out =
            &r->session->answers[(r->session->first + r->session->count++) %
                                 YW_RTU_ANSWERS_MAX];
        yw_iec104_begin(out, &head);
        return yw_iec104_add(out, &object);
    }
    return mirror(r, YW_IEC104_UNKNOWN_OBJECT, true);
}

static bool set_clock(const struct request *r)
{
    if (r->object.time_ms < 0)
        return confirm(r, true);
    if (!r->asdu.test)
        r->rtu->clock_ms = r->object.time_ms - r->rtu->wall_ms;
    yw_rtu_say(r->rtu, "{\"kind\":\"iec104-clock\",\"from\":\"%s\",\"moved_ms\":%lld}",
               r->session->from, (long long)r->rtu->clock_ms);
    return confirm(r, false);
}

/* As after a restart: nothing is selected, no event waits, every master begins anew. */
static bool reset(const struct request *r)
{
    struct yw_rtu *rtu = r->rtu;
    uint8_t what = r->object.qualifier;
    if ((what != RESET_ALL && what != RESET_EVENTS) || rtu->local)
        return confirm(r, true);
    yw_rtu_say(rtu, "{\"kind\":\"iec104-reset\",\"from\":\"%s\",\"what\":%u}",
               r->session->from, (unsigned)what);
    for (int i = 0; i < YW_RTU_SESSIONS_MAX; i++) {
        rtu->sessions[i].event = rtu->event_count;
        rtu->sessions[i].closing = what == RESET_ALL;
    }
    for (uint16_t i = 0; i < rtu->point_count && what == RESET_ALL; i++)
        rtu->points[i].selected_by = -1;
    if (what == RESET_ALL) {
        rtu->announce = true;
        rtu->clock_ms = 0;
        rtu->started_ms = rtu->now_ms;
    }
    return confirm(r, false);
}

static bool cause_fits(const struct request *r)
{
    uint8_t cause = r->asdu.cause;
    if (r->shape->plain == YW_IEC104_C_RD_NA)
        return cause == YW_IEC104_REQUESTED;
    bool may_end = r->shape->value != YW_IEC104_NOTHING ||
                   r->shape->plain == YW_IEC104_C_IC_NA ||
                   r->shape->plain == YW_IEC104_C_CI_NA;
    return cause == YW_IEC104_ACTIVATION || (may_end && cause == YW_IEC104_DEACTIVATION);
}

static bool station_fits(const struct request *r)
{
    uint8_t type = r->asdu.type;
    if (r->asdu.station == r->rtu->station)
        return true;
    return r->asdu.station == YW_IEC104_BROADCAST &&
           (type == YW_IEC104_C_IC_NA || type == YW_IEC104_C_CI_NA ||
            type == YW_IEC104_C_CS_NA || type == YW_IEC104_C_RP_NA);
}

static bool act(const struct request *r)
{
    switch (r->shape->plain) {
    case YW_IEC104_C_SC_NA:
    case YW_IEC104_C_DC_NA:
    case YW_IEC104_C_SE_NA:
    case YW_IEC104_C_SE_NB:
    case YW_IEC104_C_SE_NC:
        return command(r);
    case YW_IEC104_C_IC_NA:
        return interrogate(r);
    case YW_IEC104_C_CI_NA:
        return count(r);
    case YW_IEC104_C_RD_NA:
        return read_point(r);
    case YW_IEC104_C_CS_NA:
        return set_clock(r);
    case YW_IEC104_C_RP_NA:
        return reset(r);
    default: /* a test of the way here and back */
        return confirm(r, false);
    }
}

bool yw_rtu_act(struct yw_rtu *rtu, int index, const uint8_t *bytes, size_t size)
{
    struct request r = {.rtu = rtu,
                        .session = &rtu->sessions[index],
                        .index = index,
                        .bytes = bytes,
                        .size = size};
    if (!yw_iec104_read(bytes, size, &r.asdu))
        return false;
    r.shape = yw_iec104_shape(r.asdu.type);
    if (r.shape == NULL || !r.shape->is_command)
        return mirror(&r, YW_IEC104_UNKNOWN_TYPE, true);
    if (!station_fits(&r))
        return mirror(&r, YW_IEC104_UNKNOWN_STATION, true);
    if (!cause_fits(&r))
        return mirror(&r, YW_IEC104_UNKNOWN_CAUSE, true);
    if (r.asdu.count != 1 || !yw_iec104_object(&r.asdu, 0, &r.object))
        return confirm(&r, true);
    return act(&r);
}
