/* Modbus/TCP server core: register bank, PDU handler and ADU framing. Pure: no I/O, no
 * allocation, no clock; compiled into the guest program and into the host library.
 *
 * Function codes 1-6, 8 (0 and 1), 15, 16, 17, 22, 23 and 43/14, exceptions 1-4, quantity limits of
 * the Modbus Application Protocol 1.1b3. A request is checked whole before anything is
 * written: an exception means that nothing changed. Input is hostile: any bytes get an
 * answer, an exception or silence. Thread: whoever owns the bank. */
#ifndef YW_CONTROLLER_MODBUS_H
#define YW_CONTROLLER_MODBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_MODBUS_PORT 502
#define YW_MODBUS_PDU_MAX 253
#define YW_MODBUS_MBAP_SIZE 7
#define YW_MODBUS_ADU_MAX (YW_MODBUS_MBAP_SIZE + YW_MODBUS_PDU_MAX)
#define YW_MODBUS_TABLE 256 /* addresses 0..255 in each of the four tables */
#define YW_MODBUS_READ_BITS_MAX 2000
#define YW_MODBUS_READ_WORDS_MAX 125
#define YW_MODBUS_WRITE_BITS_MAX 1968
#define YW_MODBUS_WRITE_WORDS_MAX 123
#define YW_MODBUS_BOTH_WORDS_MAX 121 /* registers written by function code 23 */
#define YW_MODBUS_IDENTITY_MAX 32

enum yw_modbus_function {
    YW_MODBUS_READ_COILS = 1,
    YW_MODBUS_READ_DISCRETE = 2,
    YW_MODBUS_READ_HOLDING = 3,
    YW_MODBUS_READ_INPUT = 4,
    YW_MODBUS_WRITE_COIL = 5,
    YW_MODBUS_WRITE_REGISTER = 6,
    YW_MODBUS_DIAGNOSE = 8,
    YW_MODBUS_WRITE_COILS = 15,
    YW_MODBUS_WRITE_REGISTERS = 16,
    YW_MODBUS_REPORT_ID = 17,
    YW_MODBUS_MASK_WRITE = 22,
    YW_MODBUS_READ_WRITE = 23,
    YW_MODBUS_DEVICE_ID = 43
};

enum yw_modbus_exception {
    YW_MODBUS_OK = 0,
    YW_MODBUS_ILLEGAL_FUNCTION = 1,
    YW_MODBUS_ILLEGAL_ADDRESS = 2,
    YW_MODBUS_ILLEGAL_VALUE = 3,
    YW_MODBUS_DEVICE_FAILURE = 4,
    YW_MODBUS_NO_TARGET = 11
};

/* Objects 0..6 of function code 43/14, in their order. */
enum yw_modbus_object {
    YW_MODBUS_VENDOR,
    YW_MODBUS_PRODUCT_CODE,
    YW_MODBUS_REVISION,
    YW_MODBUS_VENDOR_URL,
    YW_MODBUS_PRODUCT_NAME,
    YW_MODBUS_MODEL_NAME,
    YW_MODBUS_APPLICATION,
    YW_MODBUS_OBJECTS
};

/* One written value. */
struct yw_modbus_write {
    uint8_t function;
    bool is_coil; /* else a holding register */
    uint16_t address;
    uint16_t old_value;
    uint16_t new_value;
};

struct yw_modbus_bank {
    uint16_t holding[YW_MODBUS_TABLE];
    uint16_t input[YW_MODBUS_TABLE];
    uint8_t coil[YW_MODBUS_TABLE]; /* 0 or 1 */
    uint8_t discrete[YW_MODBUS_TABLE];
    char identity[YW_MODBUS_OBJECTS][YW_MODBUS_IDENTITY_MAX];
    uint8_t server_id; /* function code 17 */
    bool running;      /* function code 17: run indicator */
    bool failed;       /* every read and write answers DEVICE_FAILURE */
};

/* Who asks, and what happens with writes. Both functions may be NULL; `arg` is borrowed.
 */
struct yw_modbus_guard {
    /* Asked for each value before anything is written; not OK refuses the whole request.
     */
    enum yw_modbus_exception (*check)(void *arg, const struct yw_modbus_write *write);
    /* Told for each value after it was written. */
    void (*wrote)(void *arg, const struct yw_modbus_write *write);
    /* Function code 8, restart communications; not OK refuses it. NULL: code 8 is not
     * known. */
    enum yw_modbus_exception (*restart)(void *arg);
    void *arg;
};

/* Answers one request PDU. Returns the size of the reply (2..PDU_MAX), or 0 when there is
 * nothing to say (an empty request). */
size_t yw_modbus_handle(struct yw_modbus_bank *bank, const uint8_t *pdu, size_t size,
                        uint8_t reply[YW_MODBUS_PDU_MAX],
                        const struct yw_modbus_guard *guard);

/* One ADU found at the front of a byte stream. */
struct yw_modbus_adu {
    uint16_t transaction;
    uint8_t unit;
    bool foreign;       /* protocol id not 0: to be skipped without an answer */
    const uint8_t *pdu; /* borrowed from the stream */
    size_t pdu_size;
};

/* Bytes of the ADU at the front; 0: not all there yet; -1: no Modbus stream, close it. */
int yw_modbus_frame(const uint8_t *bytes, size_t size, struct yw_modbus_adu *ret);

/* Puts the MBAP header in front of a PDU. Returns the size of the ADU; 0: the PDU is too
 * long. */
size_t yw_modbus_wrap(uint16_t transaction, uint8_t unit, const uint8_t *pdu, size_t size,
                      uint8_t adu[YW_MODBUS_ADU_MAX]);

/* {vendor, product, revision, …} invented from the seed, so that no two runs look alike.
 */
void yw_modbus_identity_make(struct yw_modbus_bank *bank, uint64_t seed);

#endif
