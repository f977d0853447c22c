/* One IEC-104 connection, either end: sequence numbers, windows and time-outs (5.2-5.5 of
 * the companion standard). Pure: the caller brings frames and monotonic milliseconds and
 * sends what is put into `out`.
 *
 *   closed ──connect──▶ stopped ──STARTDT──▶ started ──STOPDT──▶ stopped
 *
 * k 12 frames of ours may wait for their acknowledgement, we acknowledge after w 8 at the
 * latest; t1 15 s for an answer, t2 10 s until an acknowledgement alone, t3 20 s of
 * silence until a test frame. */
#ifndef YW_CONTROLLER_IEC104_LINK_H
#define YW_CONTROLLER_IEC104_LINK_H

#include "controller/iec104.h"

#define YW_IEC104_K 12
#define YW_IEC104_W 8
#define YW_IEC104_T1_MS 15000
#define YW_IEC104_T2_MS 10000
#define YW_IEC104_T3_MS 20000

struct yw_iec104_link {
    bool master; /* the controlling end: asks for STARTDT */
    bool started;
    uint16_t sent;                /* next N(S) of ours */
    uint16_t confirmed;           /* of ours, seen by the other end */
    uint16_t received;            /* next N(S) expected */
    uint16_t told;                /* of theirs, that we acknowledged */
    int64_t sent_ms[YW_IEC104_K]; /* by N(S) mod k */
    int64_t came_ms;              /* oldest frame that we did not acknowledge */
    int64_t heard_ms;             /* anything at all */
    int64_t asked_ms;             /* a U frame of ours waits for its answer; -1 none */
    uint8_t asked;
};

/* Frames to send now, of six octets. */
struct yw_iec104_out {
    uint8_t bytes[24];
    size_t size;
};

enum yw_iec104_event {
    YW_IEC104_CLOSE = -1, /* a fault of the other end, or a time-out */
    YW_IEC104_QUIET = 0,
    YW_IEC104_ASDU = 1,    /* the frame carries one for the application */
    YW_IEC104_STARTED = 2, /* just now */
    YW_IEC104_STOPPED = 3
};

void yw_iec104_link_init(struct yw_iec104_link *link, bool master, int64_t now_ms);
enum yw_iec104_event yw_iec104_link_take(struct yw_iec104_link *link,
                                         const struct yw_iec104_apdu *apdu,
                                         int64_t now_ms, struct yw_iec104_out *out);
/* May one more ASDU be sent? */
bool yw_iec104_link_room(const struct yw_iec104_link *link);
/* Numbers it; the size of the frame. There must be room. */
size_t yw_iec104_link_wrap(struct yw_iec104_link *link, const uint8_t *asdu, size_t size,
                           int64_t now_ms, uint8_t ret[YW_IEC104_APDU_MAX]);
/* Time passed; CLOSE or QUIET. */
enum yw_iec104_event yw_iec104_link_tick(struct yw_iec104_link *link, int64_t now_ms,
                                         struct yw_iec104_out *out);
/* When tick is due next. */
int64_t yw_iec104_link_due(const struct yw_iec104_link *link);
/* A master's STARTDT or STOPDT; also TESTFR. */
void yw_iec104_link_ask(struct yw_iec104_link *link, uint8_t function, int64_t now_ms,
                        struct yw_iec104_out *out);

#endif
