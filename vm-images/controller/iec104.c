#include "controller/iec104.h"

#include <math.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define TIME_SIZE 7
#define ADDRESS_SIZE 3

/* 7.2.1 of IEC 60870-5-101: type identifications and the size of their elements. */
static const struct yw_iec104_shape shapes[] = {
    {1, "M_SP_NA_1", 1, false, false, 1, YW_IEC104_SINGLE},
    {3, "M_DP_NA_1", 1, false, false, 3, YW_IEC104_DOUBLE},
    {9, "M_ME_NA_1", 3, false, false, 9, YW_IEC104_NORMALISED},
    {11, "M_ME_NB_1", 3, false, false, 11, YW_IEC104_SCALED},
    {13, "M_ME_NC_1", 5, false, false, 13, YW_IEC104_FLOAT},
    {15, "M_IT_NA_1", 5, false, false, 15, YW_IEC104_COUNTER},
    {30, "M_SP_TB_1", 8, true, false, 1, YW_IEC104_SINGLE},
    {31, "M_DP_TB_1", 8, true, false, 3, YW_IEC104_DOUBLE},
    {34, "M_ME_TD_1", 10, true, false, 9, YW_IEC104_NORMALISED},
    {35, "M_ME_TE_1", 10, true, false, 11, YW_IEC104_SCALED},
    {36, "M_ME_TF_1", 12, true, false, 13, YW_IEC104_FLOAT},
    {37, "M_IT_TB_1", 12, true, false, 15, YW_IEC104_COUNTER},
    {45, "C_SC_NA_1", 1, false, true, 45, YW_IEC104_SINGLE},
    {46, "C_DC_NA_1", 1, false, true, 46, YW_IEC104_DOUBLE},
    {48, "C_SE_NA_1", 3, false, true, 48, YW_IEC104_NORMALISED},
    {49, "C_SE_NB_1", 3, false, true, 49, YW_IEC104_SCALED},
    {50, "C_SE_NC_1", 5, false, true, 50, YW_IEC104_FLOAT},
    {58, "C_SC_TA_1", 8, true, true, 45, YW_IEC104_SINGLE},
    {59, "C_DC_TA_1", 8, true, true, 46, YW_IEC104_DOUBLE},
    {61, "C_SE_TA_1", 10, true, true, 48, YW_IEC104_NORMALISED},
    {62, "C_SE_TB_1", 10, true, true, 49, YW_IEC104_SCALED},
    {63, "C_SE_TC_1", 12, true, true, 50, YW_IEC104_FLOAT},
    {70, "M_EI_NA_1", 1, false, false, 70, YW_IEC104_NOTHING},
    {100, "C_IC_NA_1", 1, false, true, 100, YW_IEC104_NOTHING},
    {101, "C_CI_NA_1", 1, false, true, 101, YW_IEC104_NOTHING},
    {102, "C_RD_NA_1", 0, false, true, 102, YW_IEC104_NOTHING},
    {103, "C_CS_NA_1", 7, true, true, 103, YW_IEC104_NOTHING},
    {104, "C_TS_NA_1", 2, false, true, 104, YW_IEC104_NOTHING},
    {105, "C_RP_NA_1", 1, false, true, 105, YW_IEC104_NOTHING},
    {107, "C_TS_TA_1", 9, true, true, 104, YW_IEC104_NOTHING},
};

const struct yw_iec104_shape *yw_iec104_shape_at(size_t index)
{
    return index < sizeof(shapes) / sizeof(shapes[0]) ? &shapes[index] : NULL;
}

const struct yw_iec104_shape *yw_iec104_shape(uint8_t type)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (shapes[i].type == type)
            return &shapes[i];
    }
    return NULL;
}

const struct yw_iec104_shape *yw_iec104_shape_named(const char *name)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (strcasecmp(shapes[i].name, name) == 0)
            return &shapes[i];
    }
    return NULL;
}

static uint32_t get(const uint8_t *at, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint32_t)at[i] << (8 * i);
    return value;
}

static void put(uint8_t *at, size_t size, uint32_t value)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> (8 * i) & 0xff);
}

static size_t objects_wanted(const struct yw_iec104_asdu *asdu, size_t element)
{
    size_t count = asdu->count;
    return asdu->sequence ? ADDRESS_SIZE + count * element
                          : count * (ADDRESS_SIZE + element);
}

bool yw_iec104_read(const uint8_t *bytes, size_t size, struct yw_iec104_asdu *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (size < YW_IEC104_HEAD || size > YW_IEC104_ASDU_MAX)
        return false;
    ret->type = bytes[0];
    ret->sequence = (bytes[1] & 0x80) != 0;
    ret->count = bytes[1] & 0x7f;
    ret->cause = bytes[2] & 0x3f;
    ret->negative = (bytes[2] & 0x40) != 0;
    ret->test = (bytes[2] & 0x80) != 0;
    ret->originator = bytes[3];
    ret->station = (uint16_t)get(bytes + 4, 2);
    ret->objects = bytes + YW_IEC104_HEAD;
    ret->objects_size = size - YW_IEC104_HEAD;
    const struct yw_iec104_shape *shape = yw_iec104_shape(ret->type);
    if (shape == NULL)
        return true;
    return ret->count > 0 && objects_wanted(ret, shape->size) == ret->objects_size;
}

static double get_float(const uint8_t *at)
{
    uint32_t bits = get(at, 4);
    float value = 0;
    memcpy(&value, &bits, sizeof(value));
    return (double)value;
}

/* The value of an element; its quality or qualifier stands behind it, or in its first
 * octet. */
static void get_value(const struct yw_iec104_shape *shape, const uint8_t *at,
                      struct yw_iec104_object *ret)
{
    uint8_t octet = at[0];
    switch (shape->value) {
    case YW_IEC104_SINGLE:
        ret->value = octet & 1;
        octet &= 0xfe;
        break;
    case YW_IEC104_DOUBLE:
        ret->value = octet & 3;
        octet &= 0xfc;
        break;
    case YW_IEC104_NORMALISED:
        ret->value = (int16_t)get(at, 2) / 32768.0;
        octet = at[2];
        break;
    case YW_IEC104_SCALED:
        ret->value = (int16_t)get(at, 2);
        octet = at[2];
        break;
    case YW_IEC104_FLOAT:
        ret->value = get_float(at);
        octet = at[4];
        break;
    case YW_IEC104_COUNTER:
        ret->value = (int32_t)get(at, 4);
        octet = at[4];
        break;
    case YW_IEC104_NOTHING:
        if (shape->plain == YW_IEC104_C_TS_NA)
            ret->pattern = (uint16_t)get(at, 2);
        break;
    }
    if (shape->is_command || shape->value == YW_IEC104_NOTHING)
        ret->qualifier = octet;
    else
        ret->quality = octet;
}

bool yw_iec104_object(const struct yw_iec104_asdu *asdu, unsigned index,
                      struct yw_iec104_object *ret)
{
    const struct yw_iec104_shape *shape = yw_iec104_shape(asdu->type);
    memset(ret, 0, sizeof(*ret));
    ret->time_ms = -1;
    if (shape == NULL || index >= asdu->count ||
        objects_wanted(asdu, shape->size) != asdu->objects_size)
        return false;
    const uint8_t *at = asdu->objects;
    if (asdu->sequence) {
        ret->address = get(at, ADDRESS_SIZE) + index;
        at += ADDRESS_SIZE + index * shape->size;
    } else {
        at += index * (ADDRESS_SIZE + (size_t)shape->size);
        ret->address = get(at, ADDRESS_SIZE);
        at += ADDRESS_SIZE;
    }
    if (shape->size > 0)
        get_value(shape, at, ret);
    if (shape->timed)
        ret->time_ms = yw_iec104_time_get(at + shape->size - TIME_SIZE);
    return true;
}

void yw_iec104_begin(struct yw_iec104_buf *out, const struct yw_iec104_asdu *like)
{
    out->bytes[0] = like->type;
    out->bytes[1] = 0;
    out->bytes[2] = (uint8_t)((like->cause & 0x3f) | (like->negative ? 0x40 : 0) |
                              (like->test ? 0x80 : 0));
    out->bytes[3] = like->originator;
    put(out->bytes + 4, 2, like->station);
    out->size = YW_IEC104_HEAD;
}

static int32_t clamp(double value, double low, double high)
{
    if (!(value >= low)) /* and what is no number */
        return (int32_t)low;
    return (int32_t)lround(value > high ? high : value);
}

static void put_float(uint8_t *at, double value)
{
    float narrow = (float)value;
    uint32_t bits = 0;
    memcpy(&bits, &narrow, sizeof(bits));
    put(at, 4, bits);
}

static void put_value(const struct yw_iec104_shape *shape, uint8_t *at,
                      const struct yw_iec104_object *object)
{
    bool plain = shape->is_command || shape->value == YW_IEC104_NOTHING;
    uint8_t octet = plain ? object->qualifier : object->quality;
    switch (shape->value) {
    case YW_IEC104_SINGLE:
        at[0] = (uint8_t)((octet & 0xfe) | (object->value > 0 ? 1 : 0));
        return;
    case YW_IEC104_DOUBLE:
        at[0] = (uint8_t)((octet & 0xfc) | clamp(object->value, 0, 3));
        return;
    case YW_IEC104_NORMALISED:
        put(at, 2, (uint32_t)clamp(object->value * 32768.0, INT16_MIN, INT16_MAX));
        at[2] = octet;
        return;
    case YW_IEC104_SCALED:
        put(at, 2, (uint32_t)clamp(object->value, INT16_MIN, INT16_MAX));
        at[2] = octet;
        return;
    case YW_IEC104_FLOAT:
        put_float(at, object->value);
        at[4] = octet;
        return;
    case YW_IEC104_COUNTER:
        put(at, 4, (uint32_t)clamp(object->value, INT32_MIN, INT32_MAX));
        at[4] = octet;
        return;
    case YW_IEC104_NOTHING:
        if (shape->plain == YW_IEC104_C_TS_NA)
            put(at, 2, object->pattern);
        else
            at[0] = octet;
        return;
    }
}

bool yw_iec104_add(struct yw_iec104_buf *out, const struct yw_iec104_object *object)
{
    const struct yw_iec104_shape *shape = yw_iec104_shape(out->bytes[0]);
    if (shape == NULL || out->bytes[1] == 0x7f ||
        out->size + ADDRESS_SIZE + shape->size > sizeof(out->bytes))
        return false;
    uint8_t *at = out->bytes + out->size;
    put(at, ADDRESS_SIZE, object->address & YW_IEC104_IOA_MAX);
    if (shape->size > 0)
        put_value(shape, at + ADDRESS_SIZE, object);
    if (shape->timed)
        yw_iec104_time_put(object->time_ms, at + ADDRESS_SIZE + shape->size - TIME_SIZE);
    out->size += ADDRESS_SIZE + shape->size;
    out->bytes[1]++;
    return true;
}

/* 7.2.6.18: milliseconds of the minute, minute with the invalid bit, hour, day of the
 * month with the day of the week, month, year of the century. */
void yw_iec104_time_put(int64_t time_ms, uint8_t ret[7])
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm at = {0};
    bool valid = time_ms >= 0 && gmtime_r(&seconds, &at) != NULL;
    memset(ret, 0, TIME_SIZE);
    if (!valid) {
        ret[2] = 0x80;
        ret[4] = 1;
        ret[5] = 1;
        return;
    }
    put(ret, 2, (uint32_t)(at.tm_sec * 1000) + (uint32_t)(time_ms % 1000));
    ret[2] = (uint8_t)at.tm_min;
    ret[3] = (uint8_t)at.tm_hour;
    ret[4] = (uint8_t)(at.tm_mday | (at.tm_wday == 0 ? 7 : at.tm_wday) << 5);
    ret[5] = (uint8_t)(at.tm_mon + 1);
    ret[6] = (uint8_t)(at.tm_year % 100);
}

int64_t yw_iec104_time_get(const uint8_t bytes[7])
{
    uint32_t ms = get(bytes, 2);
    struct tm at = {.tm_sec = (int)(ms / 1000),
                    .tm_min = bytes[2] & 0x3f,
                    .tm_hour = bytes[3] & 0x1f,
                    .tm_mday = bytes[4] & 0x1f,
                    .tm_mon = (bytes[5] & 0x0f) - 1,
                    .tm_year = 100 + (bytes[6] & 0x7f)};
    if ((bytes[2] & 0x80) != 0 || ms > 59999 || at.tm_min > 59 || at.tm_hour > 23 ||
        at.tm_mday < 1 || at.tm_mon < 0 || at.tm_mon > 11 || at.tm_year > 199)
        return -1;
    time_t seconds = timegm(&at);
    return seconds < 0 ? -1 : (int64_t)seconds * 1000 + ms % 1000;
}
