#include "controller/modbus.h"

#include <string.h>

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

int yw_modbus_frame(const uint8_t *bytes, size_t size, struct yw_modbus_adu *ret)
{
    if (size < 6)
        return 0;
    size_t length = get16(bytes + 4); /* unit and PDU */
    if (length < 2 || length > 1 + YW_MODBUS_PDU_MAX)
        return -1;
    if (size < 6 + length)
        return 0;
    *ret = (struct yw_modbus_adu){
        .transaction = get16(bytes),
        .unit = bytes[6],
        .foreign = get16(bytes + 2) != 0,
        .pdu = bytes + YW_MODBUS_MBAP_SIZE,
        .pdu_size = length - 1,
    };
    return (int)(6 + length);
}

size_t yw_modbus_wrap(uint16_t transaction, uint8_t unit, const uint8_t *pdu, size_t size,
                      uint8_t adu[YW_MODBUS_ADU_MAX])
{
    if (size == 0 || size > YW_MODBUS_PDU_MAX)
        return 0;
    adu[0] = (uint8_t)(transaction >> 8);
    adu[1] = (uint8_t)(transaction & 0xff);
    adu[2] = 0;
    adu[3] = 0;
    adu[4] = (uint8_t)((size + 1) >> 8);
    adu[5] = (uint8_t)((size + 1) & 0xff);
    adu[6] = unit;
    memcpy(adu + YW_MODBUS_MBAP_SIZE, pdu, size);
    return YW_MODBUS_MBAP_SIZE + size;
}
