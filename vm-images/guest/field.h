/* The field wiring: the hard-wired I/O between a controller and its plant, over the second
 * virtio-serial port YW_FIELD_PORT. Fixed-size records in both directions, so that a stream out
 * of step is seen at once (magic) and nothing is ever allocated. Little endian doubles in
 * engineering units. There is no other way from a machine to the physics.
 *
 * Guest → host, once a scan: `count` actuator outputs (the plant's inputs, in the order of the
 * plant's table), then `views` values: the plant's tags as the controller's registers show them,
 * in the order of the plant's tags. The host refuses NaN and infinity, clamps to the
 * actuator's range, and reads at most YW_FIELD_RATE records a second.
 * Host → guest, after every plant step batch: `count` sensor values, `views` = 0. */
#ifndef YW_GUEST_FIELD_H
#define YW_GUEST_FIELD_H

#include <stdint.h>

#define YW_FIELD_PORT "org.yanwu.field.0"
#define YW_FIELD_MAGIC 0x31465759u /* "YWF1" */
#define YW_FIELD_VALUES 64
#define YW_FIELD_RATE 200

struct yw_field_record {
    uint32_t magic;
    uint16_t count;
    uint16_t views;
    uint32_t scan; /* the sender's counter */
    uint32_t spare;
    double value[YW_FIELD_VALUES]; /* outputs or sensors */
    double view[YW_FIELD_VALUES];
};

_Static_assert(sizeof(struct yw_field_record) == 16 + 128 * 8, "one wire format");

#endif
