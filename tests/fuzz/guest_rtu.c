/* Any bytes as the streams of two masters, ten frames each in turn, while the plant moves; and as a
 * configuration. */
#include "controller/rtu.h"

#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static bool put(void *arg, int session, const void *bytes, size_t size)
{
    (void)arg;
    (void)session;
    return bytes != NULL && size <= YW_IEC104_APDU_MAX;
}

static void turn(struct yw_rtu *rtu, const uint8_t *bytes, size_t size, int64_t now_ms)
{
    struct yw_field_record in = {
        .magic = YW_FIELD_MAGIC,
        .count = 2,
        .value = {(double)(size % 20), now_ms % 2 != 0 ? 1.0 : 0.0}};
    struct yw_field_record out;
    int session = (int)(now_ms / 1000 % 2);
    (void)yw_rtu_sense(rtu, &in);
    yw_rtu_scan(rtu, now_ms, now_ms, &out);
    if (!rtu->sessions[session].open)
        (void)yw_rtu_open(rtu, session, "10.20.2.66", now_ms);
    if (yw_rtu_feed(rtu, session, bytes, size, now_ms) < 0 ||
        !yw_rtu_pump(rtu, session, now_ms))
        yw_rtu_close(rtu, session);
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static const char text[] = "station 1\nsensor a 0 20\nsensor b 0 1\noutput c 0 1 1\n"
                               "output d 40 60 50\npoint 1 M_DP_TB_1 b\n"
                               "point 2 M_ME_TF_1 a\npoint 3 M_IT_NA_1 a\n"
                               "point 4 C_DC_NA_1 c select 1000\npoint 5 C_SE_NC_1 d\n";
    static struct yw_rtu rtu;
    char problem[YW_CONF_PROBLEM_MAX];
    uint8_t reply[YW_MODBUS_PDU_MAX];
    yw_rtu_init(&rtu, size);
    if (yw_rtu_load(&rtu, text, sizeof(text) - 1, problem) != 0)
        __builtin_trap();
    rtu.put = put;
    size_t at = 0;
    for (int64_t now_ms = 0; at < size; now_ms += 100) {
        struct yw_iec104_apdu apdu;
        int frame = yw_iec104_frame(bytes + at, size - at, &apdu);
        size_t piece = frame > 0 ? (size_t)frame : size - at;
        turn(&rtu, bytes + at, piece, now_ms);
        at += piece;
    }
    (void)yw_rtu_answer(&rtu, "10.20.2.66", bytes, size < 253 ? size : 253, reply);
    yw_rtu_init(&rtu, size);
    (void)yw_rtu_load(&rtu, (const char *)bytes, size, problem);
    return 0;
}
