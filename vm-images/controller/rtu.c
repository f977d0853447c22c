/* Connections of masters, and what is sent to them. */
#include "controller/rtu.h"

#include <stdio.h>
#include <string.h>

#define STATION_INTERROGATED 20

static void tell_master(struct yw_rtu *rtu, const struct yw_rtu_session *session,
                        const char *state)
{
    yw_rtu_say(rtu, "{\"kind\":\"iec104-master\",\"from\":\"%s\",\"state\":\"%s\"}",
               session->from, state);
}

bool yw_rtu_open(struct yw_rtu *rtu, int index, const char *from, int64_t now_ms)
{
    struct yw_rtu_session *session = &rtu->sessions[index];
    memset(session, 0, sizeof(*session));
    (void)snprintf(session->from, sizeof(session->from), "%s", from);
    if (!yw_sources_allow(&rtu->masters, from)) {
        tell_master(rtu, session, "refused");
        return false;
    }
    session->open = true;
    session->interrogated = -1;
    session->counted = -1;
    yw_iec104_link_init(&session->link, false, now_ms);
    tell_master(rtu, session, "connected");
    return true;
}

void yw_rtu_close(struct yw_rtu *rtu, int index)
{
    struct yw_rtu_session *session = &rtu->sessions[index];
    if (!session->open)
        return;
    session->open = false;
    for (uint16_t i = 0; i < rtu->point_count; i++) {
        if (rtu->points[i].selected_by == index)
            rtu->points[i].selected_by = -1;
    }
    tell_master(rtu, session, "gone");
}

/* A master that begins sees what happens from now on; the rest it asks for. */
static void on_started(struct yw_rtu *rtu, struct yw_rtu_session *session)
{
    session->event = rtu->event_count;
    tell_master(rtu, session, "started");
    if (!rtu->announce || session->count == YW_RTU_ANSWERS_MAX)
        return;
    const struct yw_iec104_asdu head = {.type = YW_IEC104_M_EI_NA,
                                        .cause = YW_IEC104_INITIALISED,
                                        .station = rtu->station};
    struct yw_iec104_buf *out =
        &session->answers[(session->first + session->count++) % YW_RTU_ANSWERS_MAX];
    yw_iec104_begin(out, &head);
    (void)yw_iec104_add(out, &(struct yw_iec104_object){.qualifier = 0});
    rtu->announce = false;
}

static void on_stopped(struct yw_rtu *rtu, struct yw_rtu_session *session)
{
    session->count = 0;
    session->interrogated = -1;
    session->counted = -1;
    tell_master(rtu, session, "stopped");
}

static bool take_frame(struct yw_rtu *rtu, int index, const struct yw_iec104_apdu *apdu)
{
    struct yw_rtu_session *session = &rtu->sessions[index];
    struct yw_iec104_out out = {.size = 0};
    enum yw_iec104_event event =
        yw_iec104_link_take(&session->link, apdu, rtu->now_ms, &out);
    if (event == YW_IEC104_STARTED)
        on_started(rtu, session);
    else if (event == YW_IEC104_STOPPED)
        on_stopped(rtu, session);
    if (out.size > 0 && !rtu->put(rtu->arg, index, out.bytes, out.size))
        return false;
    if (event == YW_IEC104_ASDU)
        return yw_rtu_act(rtu, index, apdu->asdu, apdu->asdu_size);
    return event != YW_IEC104_CLOSE;
}

int yw_rtu_feed(struct yw_rtu *rtu, int index, const uint8_t *bytes, size_t size,
                int64_t now_ms)
{
    struct yw_iec104_apdu apdu;
    size_t at = 0;
    int length = 0;
    rtu->now_ms = now_ms;
    while ((length = yw_iec104_frame(bytes + at, size - at, &apdu)) > 0) {
        if (!take_frame(rtu, index, &apdu))
            return -1;
        at += (size_t)length;
        if (!yw_rtu_pump(rtu, index, now_ms))
            return -1;
    }
    return length < 0 ? -1 : (int)at;
}

static bool send_asdu(struct yw_rtu *rtu, int index, const uint8_t *asdu, size_t size)
{
    uint8_t bytes[YW_IEC104_APDU_MAX];
    size_t length =
        yw_iec104_link_wrap(&rtu->sessions[index].link, asdu, size, rtu->now_ms, bytes);
    return length > 0 && rtu->put(rtu->arg, index, bytes, length);
}

/* The end of an interrogation is an answer like any other. */
static void finish(struct yw_rtu *rtu, struct yw_rtu_session *session, uint8_t type,
                   uint8_t qualifier)
{
    const struct yw_iec104_asdu head = {.type = type,
                                        .cause = YW_IEC104_TERMINATION,
                                        .originator = session->originator,
                                        .station = rtu->station};
    struct yw_iec104_buf *out =
        &session->answers[(session->first + session->count++) % YW_RTU_ANSWERS_MAX];
    yw_iec104_begin(out, &head);
    (void)yw_iec104_add(out, &(struct yw_iec104_object){.qualifier = qualifier});
}

static struct yw_iec104_object object_of(const struct yw_rtu *rtu,
                                         const struct yw_rtu_point *point)
{
    struct yw_iec104_object object = {.address = point->address,
                                      .value = yw_rtu_wire(rtu, point, point->value),
                                      .quality = point->quality,
                                      .time_ms = rtu->wall_ms + rtu->clock_ms};
    if (point->shape->value == YW_IEC104_COUNTER) {
        object.value = point->frozen;
        object.quality =
            (uint8_t)((point->freezes & 0x1f) | (point->quality & YW_IEC104_INVALID));
    }
    return object;
}

/* Points of one kind from *at on, in one ASDU, without times (7.4.5: an interrogation is
 * answered with the types that carry none). False: none was left. */
static bool collect(struct yw_rtu *rtu, struct yw_rtu_session *session, bool counters,
                    int *at, struct yw_iec104_buf *out)
{
    struct yw_iec104_asdu head = {.cause = counters ? YW_IEC104_COUNTED
                                                    : session->interrogation,
                                  .originator = session->originator,
                                  .station = rtu->station};
    out->size = 0;
    for (; *at < rtu->point_count; (*at)++) {
        const struct yw_rtu_point *point = &rtu->points[*at];
        bool counter = point->shape->value == YW_IEC104_COUNTER;
        if (point->shape->is_command || counter != counters)
            continue;
        if (out->size == 0) {
            head.type = point->shape->plain;
            yw_iec104_begin(out, &head);
        }
        struct yw_iec104_object object = object_of(rtu, point);
        if (out->bytes[0] != point->shape->plain || !yw_iec104_add(out, &object))
            break;
    }
    return out->size > 0;
}

static bool send_collected(struct yw_rtu *rtu, int index, bool counters)
{
    struct yw_rtu_session *session = &rtu->sessions[index];
    int *at = counters ? &session->counted : &session->interrogated;
    struct yw_iec104_buf out;
    if (collect(rtu, session, counters, at, &out))
        return send_asdu(rtu, index, out.bytes, out.size);
    *at = -1;
    finish(rtu, session, counters ? YW_IEC104_C_CI_NA : YW_IEC104_C_IC_NA,
           counters ? 5 : STATION_INTERROGATED);
    return true;
}

/* Events of one type in a row, in one ASDU. */
static bool send_events(struct yw_rtu *rtu, int index)
{
    struct yw_rtu_session *session = &rtu->sessions[index];
    struct yw_iec104_buf out = {.size = 0};
    if (rtu->event_count - session->event > YW_RTU_EVENTS_MAX)
        session->event = rtu->event_count - YW_RTU_EVENTS_MAX;
    for (; session->event < rtu->event_count; session->event++) {
        const struct yw_rtu_event *event =
            &rtu->events[session->event % YW_RTU_EVENTS_MAX];
        const struct yw_rtu_point *point = &rtu->points[event->point];
        const struct yw_iec104_asdu head = {.type = point->shape->type,
                                            .cause = YW_IEC104_SPONTANEOUS,
                                            .station = rtu->station};
        const struct yw_iec104_object object = {.address = point->address,
                                                .value =
                                                    yw_rtu_wire(rtu, point, event->value),
                                                .quality = event->quality,
                                                .time_ms = event->time_ms};
        if (out.size == 0)
            yw_iec104_begin(&out, &head);
        if (out.bytes[0] != head.type || !yw_iec104_add(&out, &object))
            break;
    }
    return send_asdu(rtu, index, out.bytes, out.size);
}

static bool send_next(struct yw_rtu *rtu, int index, bool *ret_idle)
{
    struct yw_rtu_session *session = &rtu->sessions[index];
    if (session->count > 0) {
        const struct yw_iec104_buf *answer = &session->answers[session->first];
        session->first = (session->first + 1) % YW_RTU_ANSWERS_MAX;
        session->count--;
        return send_asdu(rtu, index, answer->bytes, answer->size);
    }
    if (session->interrogated >= 0)
        return send_collected(rtu, index, false);
    if (session->counted >= 0)
        return send_collected(rtu, index, true);
    if (session->event < rtu->event_count)
        return send_events(rtu, index);
    *ret_idle = true;
    return true;
}

bool yw_rtu_pump(struct yw_rtu *rtu, int index, int64_t now_ms)
{
    struct yw_rtu_session *session = &rtu->sessions[index];
    struct yw_iec104_out out = {.size = 0};
    bool idle = false;
    rtu->now_ms = now_ms;
    if (yw_iec104_link_tick(&session->link, now_ms, &out) == YW_IEC104_CLOSE)
        return false;
    if (out.size > 0 && !rtu->put(rtu->arg, index, out.bytes, out.size))
        return false;
    while (!idle && yw_iec104_link_room(&session->link)) {
        if (!send_next(rtu, index, &idle))
            return false;
    }
    return !(session->closing && session->count == 0);
}

int64_t yw_rtu_due(const struct yw_rtu *rtu)
{
    int64_t due = INT64_MAX;
    for (int i = 0; i < YW_RTU_SESSIONS_MAX; i++) {
        if (!rtu->sessions[i].open)
            continue;
        int64_t own = yw_iec104_link_due(&rtu->sessions[i].link);
        if (own < due)
            due = own;
    }
    return due;
}
