/* IEC 60870-5-104: frames (APCI), service data (ASDU) and their information objects.
 * Pure and bounded, no allocation; whoever reads trusts nothing. Used by the outstation,
 * by the attacker's client and by the sensor.
 *
 * Fixed sizes of the companion standard: cause of transmission 2 octets, common address
 * 2, information object address 3; at most 253 octets behind the length. Values are
 * engineering doubles: a normalised value is -1..1, a single point 0 or 1, a double point
 * 0..3 (1 off, 2 on). Times are UTC milliseconds since 1970. */
#ifndef YW_CONTROLLER_IEC104_H
#define YW_CONTROLLER_IEC104_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_IEC104_PORT 2404
#define YW_IEC104_APDU_MAX 255
#define YW_IEC104_ASDU_MAX 249
#define YW_IEC104_HEAD 6 /* octets of an ASDU before its objects */
#define YW_IEC104_BROADCAST 0xffff
#define YW_IEC104_IOA_MAX 0xffffff

enum yw_iec104_kind { YW_IEC104_I, YW_IEC104_S, YW_IEC104_U };

enum yw_iec104_function {
    YW_IEC104_STARTDT = 0x07,
    YW_IEC104_STARTDT_CON = 0x0b,
    YW_IEC104_STOPDT = 0x13,
    YW_IEC104_STOPDT_CON = 0x23,
    YW_IEC104_TESTFR = 0x43,
    YW_IEC104_TESTFR_CON = 0x83
};

enum yw_iec104_type {
    YW_IEC104_M_SP_NA = 1,
    YW_IEC104_M_DP_NA = 3,
    YW_IEC104_M_ME_NA = 9,
    YW_IEC104_M_ME_NB = 11,
    YW_IEC104_M_ME_NC = 13,
    YW_IEC104_M_IT_NA = 15,
    YW_IEC104_M_SP_TB = 30,
    YW_IEC104_M_DP_TB = 31,
    YW_IEC104_M_ME_TD = 34,
    YW_IEC104_M_ME_TE = 35,
    YW_IEC104_M_ME_TF = 36,
    YW_IEC104_M_IT_TB = 37,
    YW_IEC104_C_SC_NA = 45,
    YW_IEC104_C_DC_NA = 46,
    YW_IEC104_C_SE_NA = 48,
    YW_IEC104_C_SE_NB = 49,
    YW_IEC104_C_SE_NC = 50,
    YW_IEC104_C_SC_TA = 58,
    YW_IEC104_C_DC_TA = 59,
    YW_IEC104_C_SE_TA = 61,
    YW_IEC104_C_SE_TB = 62,
    YW_IEC104_C_SE_TC = 63,
    YW_IEC104_M_EI_NA = 70,
    YW_IEC104_C_IC_NA = 100,
    YW_IEC104_C_CI_NA = 101,
    YW_IEC104_C_RD_NA = 102,
    YW_IEC104_C_CS_NA = 103,
    YW_IEC104_C_TS_NA = 104,
    YW_IEC104_C_RP_NA = 105,
    YW_IEC104_C_TS_TA = 107
};

enum yw_iec104_cause {
    YW_IEC104_SPONTANEOUS = 3,
    YW_IEC104_INITIALISED = 4,
    YW_IEC104_REQUESTED = 5,
    YW_IEC104_ACTIVATION = 6,
    YW_IEC104_ACTIVATION_CON = 7,
    YW_IEC104_DEACTIVATION = 8,
    YW_IEC104_DEACTIVATION_CON = 9,
    YW_IEC104_TERMINATION = 10,
    YW_IEC104_INTERROGATED = 20,
    YW_IEC104_COUNTED = 37,
    YW_IEC104_UNKNOWN_TYPE = 44,
    YW_IEC104_UNKNOWN_CAUSE = 45,
    YW_IEC104_UNKNOWN_STATION = 46,
    YW_IEC104_UNKNOWN_OBJECT = 47
};

/* Quality of a monitored value. */
#define YW_IEC104_OVERFLOW 0x01
#define YW_IEC104_BLOCKED 0x10
#define YW_IEC104_SUBSTITUTED 0x20
#define YW_IEC104_NOT_TOPICAL 0x40
#define YW_IEC104_INVALID 0x80
#define YW_IEC104_SELECT 0x80 /* of a command's qualifier */

/* What the value of a type is. */
enum yw_iec104_value {
    YW_IEC104_NOTHING, /* a qualifier, or only an address */
    YW_IEC104_SINGLE,
    YW_IEC104_DOUBLE,
    YW_IEC104_NORMALISED,
    YW_IEC104_SCALED,
    YW_IEC104_FLOAT,
    YW_IEC104_COUNTER
};

struct yw_iec104_shape {
    uint8_t type;
    const char *name; /* "M_ME_TF_1" */
    uint8_t size;     /* octets of an object behind its address */
    bool timed;       /* the last seven are a time */
    bool is_command;  /* in control direction */
    uint8_t plain;    /* the type without time that says the same */
    enum yw_iec104_value value;
};

/* NULL: not one of the types above. Static. */
const struct yw_iec104_shape *yw_iec104_shape(uint8_t type);
/* By name, "M_ME_TF_1" or "m_me_tf_1"; NULL: unknown. */
const struct yw_iec104_shape *yw_iec104_shape_named(const char *name);
/* The index-th row; NULL beyond the end. */
const struct yw_iec104_shape *yw_iec104_shape_at(size_t index);

/* One frame. */
struct yw_iec104_apdu {
    enum yw_iec104_kind kind;
    uint16_t sent;       /* N(S) of an I frame */
    uint16_t received;   /* N(R) of I and S frames */
    uint8_t function;    /* of a U frame */
    const uint8_t *asdu; /* borrowed from the stream */
    size_t asdu_size;
};

/* Octets of the frame at the front; 0: not all there yet; -1: no such stream, close it. */
int yw_iec104_frame(const uint8_t *bytes, size_t size, struct yw_iec104_apdu *ret);
size_t yw_iec104_put_i(uint16_t sent, uint16_t received, const uint8_t *asdu, size_t size,
                       uint8_t ret[YW_IEC104_APDU_MAX]); /* 0: too long */
size_t yw_iec104_put_s(uint16_t received, uint8_t ret[6]);
size_t yw_iec104_put_u(uint8_t function, uint8_t ret[6]);

/* One ASDU, its objects still packed. */
struct yw_iec104_asdu {
    uint8_t type;
    bool sequence; /* one address, then the values of consecutive ones */
    uint8_t count;
    uint8_t cause;
    bool negative;
    bool test;
    uint8_t originator;
    uint16_t station;
    const uint8_t *objects; /* borrowed */
    size_t objects_size;
};

/* False: shorter than its own head says, or longer. Of a type not listed here only the
 * head is looked at. */
bool yw_iec104_read(const uint8_t *bytes, size_t size, struct yw_iec104_asdu *ret);

/* One information object. */
struct yw_iec104_object {
    uint32_t address;
    double value;
    uint8_t quality;   /* monitored values */
    uint8_t qualifier; /* commands: with YW_IEC104_SELECT; others: their one octet */
    uint16_t pattern;  /* test commands */
    int64_t time_ms;   /* types with a time; -1 none, or not valid */
};

/* The index-th object of an ASDU that was read; false: there is none, or no such type. */
bool yw_iec104_object(const struct yw_iec104_asdu *asdu, unsigned index,
                      struct yw_iec104_object *ret);

/* An ASDU being written. */
struct yw_iec104_buf {
    uint8_t bytes[YW_IEC104_ASDU_MAX];
    size_t size;
};

/* Begins with the head of `like`, without its objects. */
void yw_iec104_begin(struct yw_iec104_buf *out, const struct yw_iec104_asdu *like);
/* Adds one object with its address; false: no room, or no such type. */
bool yw_iec104_add(struct yw_iec104_buf *out, const struct yw_iec104_object *object);

/* CP56Time2a. */
void yw_iec104_time_put(int64_t time_ms, uint8_t ret[7]);
int64_t yw_iec104_time_get(const uint8_t bytes[7]); /* -1: not valid */

#endif
