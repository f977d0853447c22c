/* The controller inside a fake machine: the very core of the micro images
 * (vm-images/guest), reached without a wire. Owner: the fake machine. Thread: the loop
 * thread. */
#ifndef YW_VIRT_FAKE_PLC_H
#define YW_VIRT_FAKE_PLC_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_FAKE_PLC_COUNT_MAX 64 /* values in one exchange */

enum yw_fake_table {
    YW_FAKE_TABLE_COIL,
    YW_FAKE_TABLE_DISCRETE,
    YW_FAKE_TABLE_HOLDING,
    YW_FAKE_TABLE_INPUT,
};

/* One written value, as the controller's log reports it. `from` is borrowed. */
struct yw_fake_write {
    const char *from;
    uint8_t function;
    uint16_t address;
    uint16_t before;
    uint16_t after;
};

struct yw_fake_plc;

/* `program` may be NULL (the default program). on_write is called inside
 * yw_fake_plc_write. */
int yw_fake_plc_new(struct yw_fake_plc **ret, uint64_t seed, const char *program,
                    size_t size,
                    void (*on_write)(void *arg, const struct yw_fake_write *write),
                    void *arg, struct yw_err *err);
void yw_fake_plc_free(struct yw_fake_plc *plc); /* NULL-safe */
/* A setting of the machine ("acl" …); unknown names are ignored, as the guest does. */
void yw_fake_plc_set(struct yw_fake_plc *plc, const char *name, const char *value);
/* One scan: sensor values in, actuator outputs and register views out (16 each at most).
 */
void yw_fake_plc_scan(struct yw_fake_plc *plc, int64_t span_ms, const double *sensors,
                      size_t sensor_count, double *outputs, size_t *ret_output_count,
                      double *views, size_t *ret_view_count);
/* One Modbus exchange. 0, or the exception code 1..4. count ≤ YW_FAKE_PLC_COUNT_MAX. */
int yw_fake_plc_read(struct yw_fake_plc *plc, const char *from, enum yw_fake_table table,
                     uint16_t address, uint16_t *ret_values, size_t count);
int yw_fake_plc_write(struct yw_fake_plc *plc, const char *from, enum yw_fake_table table,
                      uint16_t address, const uint16_t *values, size_t count);
/* "vendor" and "product" of FC 43/14. Borrowed. */
const char *yw_fake_plc_vendor(const struct yw_fake_plc *plc);
const char *yw_fake_plc_product(const struct yw_fake_plc *plc);

#endif
