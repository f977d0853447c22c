#include "controller/iec104.h"

#define START 0x68

static uint16_t number_at(const uint8_t *at)
{
    return (uint16_t)((at[0] >> 1 | at[1] << 7) & 0x7fff);
}

/* 5.1 of the companion standard: the two low bits of the first control octet tell the
 * formats apart; S and U frames are four octets long, an I frame carries an ASDU. */
int yw_iec104_frame(const uint8_t *bytes, size_t size, struct yw_iec104_apdu *ret)
{
    if (size >= 1 && bytes[0] != START)
        return -1;
    if (size < 2)
        return 0;
    size_t length = bytes[1];
    if (length < 4 || length > YW_IEC104_APDU_MAX - 2)
        return -1;
    if (size < 2 + length)
        return 0;
    const uint8_t *control = bytes + 2;
    *ret = (struct yw_iec104_apdu){.asdu = control + 4, .asdu_size = length - 4};
    if ((control[0] & 1) == 0) {
        ret->kind = YW_IEC104_I;
        ret->sent = number_at(control);
        ret->received = number_at(control + 2);
        return length < 4 + YW_IEC104_HEAD || (control[2] & 1) != 0 ? -1
                                                                    : (int)(2 + length);
    }
    if (length != 4)
        return -1;
    ret->kind = (control[0] & 2) != 0 ? YW_IEC104_U : YW_IEC104_S;
    ret->received = number_at(control + 2);
    ret->function = control[0];
    return (int)(2 + length);
}

static void put_head(uint8_t *ret, size_t asdu_size)
{
    ret[0] = START;
    ret[1] = (uint8_t)(4 + asdu_size);
}

static void put_number(uint8_t *ret, uint16_t number)
{
    ret[0] = (uint8_t)(number << 1 & 0xfe);
    ret[1] = (uint8_t)(number >> 7 & 0xff);
}

size_t yw_iec104_put_i(uint16_t sent, uint16_t received, const uint8_t *asdu, size_t size,
                       uint8_t ret[YW_IEC104_APDU_MAX])
{
    if (size > YW_IEC104_ASDU_MAX)
        return 0;
    put_head(ret, size);
    put_number(ret + 2, sent);
    put_number(ret + 4, received);
    for (size_t i = 0; i < size; i++)
        ret[6 + i] = asdu[i];
    return 6 + size;
}

size_t yw_iec104_put_s(uint16_t received, uint8_t ret[6])
{
    put_head(ret, 0);
    ret[2] = 1;
    ret[3] = 0;
    put_number(ret + 4, received);
    return 6;
}

size_t yw_iec104_put_u(uint8_t function, uint8_t ret[6])
{
    put_head(ret, 0);
    ret[2] = function;
    ret[3] = 0;
    ret[4] = 0;
    ret[5] = 0;
    return 6;
}
