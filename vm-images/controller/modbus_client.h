/* Modbus client core: builds request PDUs and reads the answers. Pure; what comes back is
 * hostile. Used by the attacker, the HMI and the in-memory hypervisor. */
#ifndef YW_CONTROLLER_MODBUS_CLIENT_H
#define YW_CONTROLLER_MODBUS_CLIENT_H

#include "controller/modbus.h"

/* Builders return the size of the PDU, or 0 when the quantity is out of limits.
 * `function` is one of the four reads; count 1..2000 bits or 1..125 registers. */
size_t yw_modbus_ask_read(uint8_t function, uint16_t address, uint16_t count,
                          uint8_t pdu[YW_MODBUS_PDU_MAX]);
/* Function code 5, 6, 15 or 16 by kind and count; values are 0/1 for coils. */
size_t yw_modbus_ask_write(bool is_coil, uint16_t address, const uint16_t *values,
                           uint16_t count, uint8_t pdu[YW_MODBUS_PDU_MAX]);
size_t yw_modbus_ask_identity(uint8_t pdu[YW_MODBUS_PDU_MAX]); /* 43/14, regular */

/* Readers return YW_MODBUS_OK, the exception of the server (1..255), or -1 when the
 * answer is none for this request. */
int yw_modbus_read_values(uint8_t function, uint16_t count, const uint8_t *pdu,
                          size_t size, uint16_t *ret_values);
int yw_modbus_read_done(uint8_t function, const uint8_t *pdu, size_t size);
/* Unprintable bytes become '?'; missing objects "". */
int yw_modbus_read_identity(const uint8_t *pdu, size_t size,
                            char ret[YW_MODBUS_OBJECTS][YW_MODBUS_IDENTITY_MAX]);

#endif
