#include "controller/modbus_client.h"

#include <string.h>

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)(value & 0xff);
}

static bool reads_bits(uint8_t function)
{
    return function == YW_MODBUS_READ_COILS || function == YW_MODBUS_READ_DISCRETE;
}

size_t yw_modbus_ask_read(uint8_t function, uint16_t address, uint16_t count,
                          uint8_t pdu[YW_MODBUS_PDU_MAX])
{
    uint16_t limit =
        reads_bits(function) ? YW_MODBUS_READ_BITS_MAX : YW_MODBUS_READ_WORDS_MAX;
    if (function < YW_MODBUS_READ_COILS || function > YW_MODBUS_READ_INPUT ||
        count == 0 || count > limit)
        return 0;
    pdu[0] = function;
    put16(pdu + 1, address);
    put16(pdu + 3, count);
    return 5;
}

static size_t ask_write_many(bool is_coil, uint16_t address, const uint16_t *values,
                             uint16_t count, uint8_t *pdu)
{
    size_t bytes = is_coil ? (size_t)(count + 7) / 8 : (size_t)2 * count;
    pdu[0] = is_coil ? YW_MODBUS_WRITE_COILS : YW_MODBUS_WRITE_REGISTERS;
    put16(pdu + 1, address);
    put16(pdu + 3, count);
    pdu[5] = (uint8_t)bytes;
    memset(pdu + 6, 0, bytes);
    for (uint16_t i = 0; i < count; i++) {
        if (!is_coil)
            put16(pdu + 6 + (size_t)2 * i, values[i]);
        else if (values[i] != 0)
            pdu[6 + i / 8] |= (uint8_t)(1u << (i % 8));
    }
    return 6 + bytes;
}

size_t yw_modbus_ask_write(bool is_coil, uint16_t address, const uint16_t *values,
                           uint16_t count, uint8_t pdu[YW_MODBUS_PDU_MAX])
{
    uint16_t limit = is_coil ? YW_MODBUS_WRITE_BITS_MAX : YW_MODBUS_WRITE_WORDS_MAX;
    if (count == 0 || count > limit)
        return 0;
    if (count > 1)
        return ask_write_many(is_coil, address, values, count, pdu);
    pdu[0] = is_coil ? YW_MODBUS_WRITE_COIL : YW_MODBUS_WRITE_REGISTER;
    put16(pdu + 1, address);
    put16(pdu + 3, is_coil ? (values[0] != 0 ? 0xff00 : 0) : values[0]);
    return 5;
}

size_t yw_modbus_ask_identity(uint8_t pdu[YW_MODBUS_PDU_MAX])
{
    static const uint8_t request[4] = {YW_MODBUS_DEVICE_ID, 14, 2, 0};
    memcpy(pdu, request, sizeof(request));
    return sizeof(request);
}

int yw_modbus_read_done(uint8_t function, const uint8_t *pdu, size_t size)
{
    if (size == 2 && pdu[0] == (function | 0x80) && pdu[1] != 0)
        return pdu[1];
    return size >= 2 && pdu[0] == function ? YW_MODBUS_OK : -1;
}

int yw_modbus_read_values(uint8_t function, uint16_t count, const uint8_t *pdu,
                          size_t size, uint16_t *ret_values)
{
    int outcome = yw_modbus_read_done(function, pdu, size);
    if (outcome != YW_MODBUS_OK)
        return outcome;
    bool bits = reads_bits(function);
    size_t bytes = bits ? (size_t)(count + 7) / 8 : (size_t)2 * count;
    if (pdu[1] != bytes || size != 2 + bytes)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (bits)
            ret_values[i] = pdu[2 + i / 8] >> (i % 8) & 1;
        else
            ret_values[i] = (uint16_t)(pdu[2 + 2 * i] << 8 | pdu[3 + 2 * i]);
    }
    return YW_MODBUS_OK;
}

int yw_modbus_read_identity(const uint8_t *pdu, size_t size,
                            char ret[YW_MODBUS_OBJECTS][YW_MODBUS_IDENTITY_MAX])
{
    int outcome = yw_modbus_read_done(YW_MODBUS_DEVICE_ID, pdu, size);
    if (outcome != YW_MODBUS_OK)
        return outcome;
    if (size < 7 || pdu[1] != 14)
        return -1;
    memset(ret, 0, (size_t)YW_MODBUS_OBJECTS * YW_MODBUS_IDENTITY_MAX);
    size_t at = 7;
    for (unsigned i = 0; i < pdu[6]; i++) {
        if (at + 2 > size || at + 2 + pdu[at + 1] > size)
            return -1;
        uint8_t object = pdu[at];
        size_t length = pdu[at + 1];
        for (size_t k = 0; object < YW_MODBUS_OBJECTS && k < length; k++) {
            uint8_t byte = pdu[at + 2 + k];
            bool plain = byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
            if (k < YW_MODBUS_IDENTITY_MAX - 1)
                ret[object][k] = plain ? (char)byte : '?';
        }
        at += 2 + length;
    }
    return YW_MODBUS_OK;
}
