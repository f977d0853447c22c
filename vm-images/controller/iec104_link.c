#include "controller/iec104_link.h"

#include <string.h>

#define NUMBERS 0x8000

void yw_iec104_link_init(struct yw_iec104_link *link, bool master, int64_t now_ms)
{
    memset(link, 0, sizeof(*link));
    link->master = master;
    link->came_ms = -1;
    link->asked_ms = -1;
    link->heard_ms = now_ms;
}

static void put_u(struct yw_iec104_out *out, uint8_t function)
{
    if (out->size + 6 <= sizeof(out->bytes))
        out->size += yw_iec104_put_u(function, out->bytes + out->size);
}

static void put_s(struct yw_iec104_link *link, struct yw_iec104_out *out)
{
    if (out->size + 6 <= sizeof(out->bytes))
        out->size += yw_iec104_put_s(link->received, out->bytes + out->size);
    link->told = link->received;
    link->came_ms = -1;
}

static uint16_t unconfirmed(const struct yw_iec104_link *link)
{
    return (uint16_t)((link->sent - link->confirmed) % NUMBERS);
}

/* 5.1: an acknowledgement names frames that were sent and not yet acknowledged. */
static bool confirm(struct yw_iec104_link *link, uint16_t received)
{
    uint16_t seen = (uint16_t)((received - link->confirmed) % NUMBERS);
    if (seen > unconfirmed(link))
        return false;
    link->confirmed = received;
    return true;
}

void yw_iec104_link_ask(struct yw_iec104_link *link, uint8_t function, int64_t now_ms,
                        struct yw_iec104_out *out)
{
    link->asked = function;
    link->asked_ms = now_ms;
    put_u(out, function);
}

/* The answer to a U frame has the bit behind its own. */
static enum yw_iec104_event take_confirmation(struct yw_iec104_link *link,
                                              uint8_t function)
{
    uint8_t wanted = function == YW_IEC104_STARTDT_CON  ? YW_IEC104_STARTDT
                     : function == YW_IEC104_STOPDT_CON ? YW_IEC104_STOPDT
                                                        : YW_IEC104_TESTFR;
    if (link->asked_ms < 0 || link->asked != wanted)
        return YW_IEC104_QUIET;
    link->asked_ms = -1;
    if (wanted == YW_IEC104_TESTFR)
        return YW_IEC104_QUIET;
    link->started = wanted == YW_IEC104_STARTDT;
    return link->started ? YW_IEC104_STARTED : YW_IEC104_STOPPED;
}

static enum yw_iec104_event take_u(struct yw_iec104_link *link, uint8_t function,
                                   struct yw_iec104_out *out)
{
    switch (function) {
    case YW_IEC104_TESTFR:
        put_u(out, YW_IEC104_TESTFR_CON);
        return YW_IEC104_QUIET;
    case YW_IEC104_STARTDT:
    case YW_IEC104_STOPDT:
        if (link->master)
            return YW_IEC104_CLOSE;
        if (function == YW_IEC104_STOPDT && link->came_ms >= 0)
            put_s(link, out);
        put_u(out, function == YW_IEC104_STARTDT ? YW_IEC104_STARTDT_CON
                                                 : YW_IEC104_STOPDT_CON);
        if (link->started == (function == YW_IEC104_STARTDT))
            return YW_IEC104_QUIET;
        link->started = !link->started;
        return link->started ? YW_IEC104_STARTED : YW_IEC104_STOPPED;
    case YW_IEC104_STARTDT_CON:
    case YW_IEC104_STOPDT_CON:
    case YW_IEC104_TESTFR_CON:
        return take_confirmation(link, function);
    default:
        return YW_IEC104_CLOSE;
    }
}

enum yw_iec104_event yw_iec104_link_take(struct yw_iec104_link *link,
                                         const struct yw_iec104_apdu *apdu,
                                         int64_t now_ms, struct yw_iec104_out *out)
{
    link->heard_ms = now_ms;
    if (apdu->kind == YW_IEC104_U)
        return take_u(link, apdu->function, out);
    if (!confirm(link, apdu->received))
        return YW_IEC104_CLOSE;
    if (apdu->kind == YW_IEC104_S)
        return YW_IEC104_QUIET;
    /* 5.3: user data before STARTDT, or out of order, ends the connection. */
    if (!link->started || apdu->sent != link->received)
        return YW_IEC104_CLOSE;
    link->received = (uint16_t)((link->received + 1) % NUMBERS);
    if (link->came_ms < 0)
        link->came_ms = now_ms;
    if ((uint16_t)((link->received - link->told) % NUMBERS) >= YW_IEC104_W)
        put_s(link, out);
    return YW_IEC104_ASDU;
}

bool yw_iec104_link_room(const struct yw_iec104_link *link)
{
    return link->started && unconfirmed(link) < YW_IEC104_K;
}

size_t yw_iec104_link_wrap(struct yw_iec104_link *link, const uint8_t *asdu, size_t size,
                           int64_t now_ms, uint8_t ret[YW_IEC104_APDU_MAX])
{
    size_t length = yw_iec104_put_i(link->sent, link->received, asdu, size, ret);
    if (length == 0)
        return 0;
    link->sent_ms[link->sent % YW_IEC104_K] = now_ms;
    link->sent = (uint16_t)((link->sent + 1) % NUMBERS);
    link->told = link->received;
    link->came_ms = -1;
    return length;
}

/* 2^15 is no multiple of k: at the wrap two neighbours may share a place, which only
 * makes the older of them look younger. */
static int64_t oldest_ms(const struct yw_iec104_link *link)
{
    return unconfirmed(link) == 0 ? -1 : link->sent_ms[link->confirmed % YW_IEC104_K];
}

enum yw_iec104_event yw_iec104_link_tick(struct yw_iec104_link *link, int64_t now_ms,
                                         struct yw_iec104_out *out)
{
    int64_t oldest = oldest_ms(link);
    if ((oldest >= 0 && now_ms - oldest >= YW_IEC104_T1_MS) ||
        (link->asked_ms >= 0 && now_ms - link->asked_ms >= YW_IEC104_T1_MS))
        return YW_IEC104_CLOSE;
    if (link->came_ms >= 0 && now_ms - link->came_ms >= YW_IEC104_T2_MS)
        put_s(link, out);
    if (link->asked_ms < 0 && now_ms - link->heard_ms >= YW_IEC104_T3_MS)
        yw_iec104_link_ask(link, YW_IEC104_TESTFR, now_ms, out);
    return YW_IEC104_QUIET;
}

int64_t yw_iec104_link_due(const struct yw_iec104_link *link)
{
    int64_t oldest = oldest_ms(link);
    int64_t due = link->asked_ms >= 0 ? link->asked_ms + YW_IEC104_T1_MS
                                      : link->heard_ms + YW_IEC104_T3_MS;
    if (oldest >= 0 && oldest + YW_IEC104_T1_MS < due)
        due = oldest + YW_IEC104_T1_MS;
    if (link->came_ms >= 0 && link->came_ms + YW_IEC104_T2_MS < due)
        due = link->came_ms + YW_IEC104_T2_MS;
    return due;
}
