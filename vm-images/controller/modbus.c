#include "controller/modbus.h"

#include <string.h>

/* A request being answered. */
struct turn {
    struct yw_modbus_bank *bank;
    const struct yw_modbus_guard *guard;
    const uint8_t *pdu;
    size_t size;
    uint8_t *reply;
    size_t reply_size;
};

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)(value & 0xff);
}

static bool inside(uint32_t address, uint32_t count)
{
    return address + count <= YW_MODBUS_TABLE;
}

static enum yw_modbus_exception check_one(const struct turn *turn,
                                          const struct yw_modbus_write *write)
{
    if (turn->guard == NULL || turn->guard->check == NULL)
        return YW_MODBUS_OK;
    return turn->guard->check(turn->guard->arg, write);
}

static struct yw_modbus_write describe(const struct turn *turn, bool is_coil,
                                       uint32_t address, uint16_t value)
{
    return (struct yw_modbus_write){
        .function = turn->pdu[0],
        .is_coil = is_coil,
        .address = (uint16_t)address,
        .old_value = is_coil ? turn->bank->coil[address] : turn->bank->holding[address],
        .new_value = value,
    };
}

static void apply_one(const struct turn *turn, const struct yw_modbus_write *write)
{
    if (write->is_coil)
        turn->bank->coil[write->address] = (uint8_t)write->new_value;
    else
        turn->bank->holding[write->address] = write->new_value;
    if (turn->guard != NULL && turn->guard->wrote != NULL)
        turn->guard->wrote(turn->guard->arg, write);
}

/* The value of item `i` in the data of a multiple write. */
static uint16_t item(const uint8_t *data, bool is_coil, uint32_t i)
{
    if (is_coil)
        return (uint16_t)(data[i / 8] >> (i % 8) & 1);
    return get16(data + (size_t)2 * i);
}

static enum yw_modbus_exception write_many(const struct turn *turn, bool is_coil,
                                           uint32_t address, uint32_t count,
                                           const uint8_t *data)
{
    for (uint32_t i = 0; i < count; i++) {
        struct yw_modbus_write write =
            describe(turn, is_coil, address + i, item(data, is_coil, i));
        enum yw_modbus_exception refusal = check_one(turn, &write);
        if (refusal != YW_MODBUS_OK)
            return refusal;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct yw_modbus_write write =
            describe(turn, is_coil, address + i, item(data, is_coil, i));
        apply_one(turn, &write);
    }
    return YW_MODBUS_OK;
}

static enum yw_modbus_exception read_bits(struct turn *turn, const uint8_t *table)
{
    if (turn->size != 5)
        return YW_MODBUS_ILLEGAL_VALUE;
    uint32_t address = get16(turn->pdu + 1);
    uint32_t count = get16(turn->pdu + 3);
    if (count == 0 || count > YW_MODBUS_READ_BITS_MAX)
        return YW_MODBUS_ILLEGAL_VALUE;
    if (!inside(address, count))
        return YW_MODBUS_ILLEGAL_ADDRESS;
    size_t bytes = (count + 7) / 8;
    turn->reply[1] = (uint8_t)bytes;
    memset(turn->reply + 2, 0, bytes);
    for (uint32_t i = 0; i < count; i++) {
        if (table[address + i] != 0)
            turn->reply[2 + i / 8] |= (uint8_t)(1u << (i % 8));
    }
    turn->reply_size = 2 + bytes;
    return YW_MODBUS_OK;
}

static void put_words(struct turn *turn, const uint16_t *table, uint32_t address,
                      uint32_t count)
{
    turn->reply[1] = (uint8_t)(2 * count);
    for (uint32_t i = 0; i < count; i++)
        put16(turn->reply + 2 + (size_t)2 * i, table[address + i]);
    turn->reply_size = 2 + (size_t)2 * count;
}

static enum yw_modbus_exception read_words(struct turn *turn, const uint16_t *table)
{
    if (turn->size != 5)
        return YW_MODBUS_ILLEGAL_VALUE;
    uint32_t address = get16(turn->pdu + 1);
    uint32_t count = get16(turn->pdu + 3);
    if (count == 0 || count > YW_MODBUS_READ_WORDS_MAX)
        return YW_MODBUS_ILLEGAL_VALUE;
    if (!inside(address, count))
        return YW_MODBUS_ILLEGAL_ADDRESS;
    put_words(turn, table, address, count);
    return YW_MODBUS_OK;
}

/* The reply of a write is its own first five bytes. */
static void echo(struct turn *turn, size_t size)
{
    memcpy(turn->reply, turn->pdu, size);
    turn->reply_size = size;
}

static enum yw_modbus_exception write_single(struct turn *turn, bool is_coil)
{
    if (turn->size != 5)
        return YW_MODBUS_ILLEGAL_VALUE;
    uint32_t address = get16(turn->pdu + 1);
    uint16_t value = get16(turn->pdu + 3);
    if (is_coil && value != 0 && value != 0xff00)
        return YW_MODBUS_ILLEGAL_VALUE;
    if (!inside(address, 1))
        return YW_MODBUS_ILLEGAL_ADDRESS;
    if (is_coil)
        value = value != 0;
    struct yw_modbus_write write = describe(turn, is_coil, address, value);
    enum yw_modbus_exception refusal = check_one(turn, &write);
    if (refusal != YW_MODBUS_OK)
        return refusal;
    apply_one(turn, &write);
    echo(turn, 5);
    return YW_MODBUS_OK;
}

static enum yw_modbus_exception write_multiple(struct turn *turn, bool is_coil)
{
    if (turn->size < 6)
        return YW_MODBUS_ILLEGAL_VALUE;
    uint32_t address = get16(turn->pdu + 1);
    uint32_t count = get16(turn->pdu + 3);
    uint32_t limit = is_coil ? YW_MODBUS_WRITE_BITS_MAX : YW_MODBUS_WRITE_WORDS_MAX;
    if (count == 0 || count > limit)
        return YW_MODBUS_ILLEGAL_VALUE;
    size_t bytes = is_coil ? (count + 7) / 8 : (size_t)2 * count;
    if (turn->pdu[5] != bytes || turn->size != 6 + bytes)
        return YW_MODBUS_ILLEGAL_VALUE;
    if (!inside(address, count))
        return YW_MODBUS_ILLEGAL_ADDRESS;
    enum yw_modbus_exception refusal =
        write_many(turn, is_coil, address, count, turn->pdu + 6);
    if (refusal == YW_MODBUS_OK)
        echo(turn, 5);
    return refusal;
}

static enum yw_modbus_exception mask_write(struct turn *turn)
{
    if (turn->size != 7)
        return YW_MODBUS_ILLEGAL_VALUE;
    uint32_t address = get16(turn->pdu + 1);
    if (!inside(address, 1))
        return YW_MODBUS_ILLEGAL_ADDRESS;
    uint32_t and_mask = get16(turn->pdu + 3);
    uint32_t or_mask = get16(turn->pdu + 5);
    uint32_t old_value = turn->bank->holding[address];
    uint32_t value = (old_value & and_mask) | (or_mask & ~and_mask);
    struct yw_modbus_write write =
        describe(turn, false, address, (uint16_t)(value & 0xffff));
    enum yw_modbus_exception refusal = check_one(turn, &write);
    if (refusal != YW_MODBUS_OK)
        return refusal;
    apply_one(turn, &write);
    echo(turn, 7);
    return YW_MODBUS_OK;
}

/* The write comes before the read (Modbus Application Protocol 1.1b3, 6.17). */
static enum yw_modbus_exception read_write(struct turn *turn)
{
    if (turn->size < 10)
        return YW_MODBUS_ILLEGAL_VALUE;
    uint32_t from = get16(turn->pdu + 1);
    uint32_t read_count = get16(turn->pdu + 3);
    uint32_t to = get16(turn->pdu + 5);
    uint32_t write_count = get16(turn->pdu + 7);
    if (read_count == 0 || read_count > YW_MODBUS_READ_WORDS_MAX || write_count == 0 ||
        write_count > YW_MODBUS_BOTH_WORDS_MAX)
        return YW_MODBUS_ILLEGAL_VALUE;
    size_t bytes = (size_t)2 * write_count;
    if (turn->pdu[9] != bytes || turn->size != 10 + bytes)
        return YW_MODBUS_ILLEGAL_VALUE;
    if (!inside(from, read_count) || !inside(to, write_count))
        return YW_MODBUS_ILLEGAL_ADDRESS;
    enum yw_modbus_exception refusal =
        write_many(turn, false, to, write_count, turn->pdu + 10);
    if (refusal == YW_MODBUS_OK)
        put_words(turn, turn->bank->holding, from, read_count);
    return refusal;
}

/* A one-byte request; scanners send just that and must not be answered with an exception.
 */
static enum yw_modbus_exception report_id(struct turn *turn)
{
    if (turn->size != 1)
        return YW_MODBUS_ILLEGAL_VALUE;
    const char *name = turn->bank->identity[YW_MODBUS_PRODUCT_NAME];
    size_t length = strnlen(name, YW_MODBUS_IDENTITY_MAX);
    turn->reply[1] = (uint8_t)(2 + length);
    turn->reply[2] = turn->bank->server_id;
    turn->reply[3] = turn->bank->running ? 0xff : 0;
    memcpy(turn->reply + 4, name, length);
    turn->reply_size = 4 + length;
    return YW_MODBUS_OK;
}

static void put_object(struct turn *turn, uint8_t object)
{
    const char *text = turn->bank->identity[object];
    size_t length = strnlen(text, YW_MODBUS_IDENTITY_MAX);
    uint8_t *at = turn->reply + turn->reply_size;
    at[0] = object;
    at[1] = (uint8_t)length;
    memcpy(at + 2, text, length);
    turn->reply_size += 2 + length;
}

/* All seven objects together fit one PDU: 7 + 7 × (2 + 31) bytes, so "more follows" is
 * never set. */
static enum yw_modbus_exception device_id(struct turn *turn)
{
    _Static_assert(7 + YW_MODBUS_OBJECTS * (2 + YW_MODBUS_IDENTITY_MAX) <=
                       YW_MODBUS_PDU_MAX,
                   "one reply holds every object");
    if (turn->size < 2)
        return YW_MODBUS_ILLEGAL_VALUE;
    if (turn->pdu[1] != 14)
        return YW_MODBUS_ILLEGAL_FUNCTION;
    if (turn->size != 4)
        return YW_MODBUS_ILLEGAL_VALUE;
    uint8_t code = turn->pdu[2];
    uint8_t object = turn->pdu[3];
    if (code < 1 || code > 4)
        return YW_MODBUS_ILLEGAL_VALUE;
    if (code == 4 && object >= YW_MODBUS_OBJECTS)
        return YW_MODBUS_ILLEGAL_ADDRESS;
    uint8_t end = code == 1 ? YW_MODBUS_REVISION + 1 : YW_MODBUS_OBJECTS;
    if (code == 4)
        end = (uint8_t)(object + 1);
    else if (object >= end)
        object = 0; /* 1.1b3, 6.21: an unknown object id starts at the beginning */
    const uint8_t head[7] = {YW_MODBUS_DEVICE_ID,    14, code, 0x82, 0, 0,
                             (uint8_t)(end - object)};
    memcpy(turn->reply, head, sizeof(head));
    turn->reply_size = sizeof(head);
    for (; object < end; object++)
        put_object(turn, object);
    return YW_MODBUS_OK;
}

/* Sub-function 0 gives the question back, 1 restarts (1.1b3, 6.8). */
static enum yw_modbus_exception diagnose(struct turn *turn)
{
    if (turn->guard == NULL || turn->guard->restart == NULL)
        return YW_MODBUS_ILLEGAL_FUNCTION;
    if (turn->size != 5)
        return YW_MODBUS_ILLEGAL_VALUE;
    uint16_t sub = (uint16_t)(turn->pdu[1] << 8 | turn->pdu[2]);
    if (sub > 1)
        return YW_MODBUS_ILLEGAL_FUNCTION;
    if (sub == 1 && turn->pdu[3] != 0 && turn->pdu[3] != 0xff)
        return YW_MODBUS_ILLEGAL_VALUE;
    enum yw_modbus_exception outcome =
        sub == 1 ? turn->guard->restart(turn->guard->arg) : YW_MODBUS_OK;
    memcpy(turn->reply, turn->pdu, turn->size);
    turn->reply_size = turn->size;
    return outcome;
}

static enum yw_modbus_exception dispatch(struct turn *turn)
{
    struct yw_modbus_bank *bank = turn->bank;
    switch (turn->pdu[0]) {
    case YW_MODBUS_READ_COILS:
        return read_bits(turn, bank->coil);
    case YW_MODBUS_READ_DISCRETE:
        return read_bits(turn, bank->discrete);
    case YW_MODBUS_READ_HOLDING:
        return read_words(turn, bank->holding);
    case YW_MODBUS_READ_INPUT:
        return read_words(turn, bank->input);
    case YW_MODBUS_WRITE_COIL:
        return write_single(turn, true);
    case YW_MODBUS_WRITE_REGISTER:
        return write_single(turn, false);
    case YW_MODBUS_DIAGNOSE:
        return diagnose(turn);
    case YW_MODBUS_WRITE_COILS:
        return write_multiple(turn, true);
    case YW_MODBUS_WRITE_REGISTERS:
        return write_multiple(turn, false);
    case YW_MODBUS_MASK_WRITE:
        return mask_write(turn);
    case YW_MODBUS_READ_WRITE:
        return read_write(turn);
    default:
        return YW_MODBUS_ILLEGAL_FUNCTION;
    }
}

size_t yw_modbus_handle(struct yw_modbus_bank *bank, const uint8_t *pdu, size_t size,
                        uint8_t reply[YW_MODBUS_PDU_MAX],
                        const struct yw_modbus_guard *guard)
{
    if (size == 0)
        return 0;
    struct turn turn = {bank, guard, pdu, size, reply, 0};
    enum yw_modbus_exception exception;
    reply[0] = pdu[0];
    if (size > YW_MODBUS_PDU_MAX)
        exception = YW_MODBUS_ILLEGAL_VALUE;
    else if (pdu[0] == YW_MODBUS_REPORT_ID)
        exception = report_id(&turn);
    else if (pdu[0] == YW_MODBUS_DEVICE_ID)
        exception = device_id(&turn);
    else if (bank->failed)
        exception = YW_MODBUS_DEVICE_FAILURE;
    else
        exception = dispatch(&turn);
    if (exception == YW_MODBUS_OK)
        return turn.reply_size;
    reply[0] = pdu[0] | 0x80;
    reply[1] = (uint8_t)exception;
    return 2;
}
