#include "base/pack.h"

#include "base/mem.h"

#include <string.h>

static void put_le(struct yw_buf *buf, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    yw_buf_put(buf, bytes, size);
}

void yw_pack_u8(struct yw_buf *buf, uint8_t value)
{
    put_le(buf, value, 1);
}

void yw_pack_u32(struct yw_buf *buf, uint32_t value)
{
    put_le(buf, value, 4);
}

void yw_pack_i64(struct yw_buf *buf, int64_t value)
{
    put_le(buf, (uint64_t)value, 8);
}

void yw_pack_f64(struct yw_buf *buf, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    put_le(buf, bits, 8);
}

void yw_pack_str(struct yw_buf *buf, const char *text)
{
    yw_pack_bytes(buf, text, text == NULL ? 0 : strlen(text));
}

void yw_pack_bytes(struct yw_buf *buf, const void *bytes, size_t size)
{
    if (size > UINT32_MAX) {
        buf->overflow = true;
        return;
    }
    yw_pack_u32(buf, (uint32_t)size);
    yw_buf_put(buf, bytes, size);
}

void yw_unpack_init(struct yw_unpack *in, const void *bytes, size_t size)
{
    in->at = bytes;
    in->end = size == 0 ? in->at : in->at + size;
    in->failed = false;
}

static const uint8_t *take(struct yw_unpack *in, size_t size)
{
    if (in->failed || size > (size_t)(in->end - in->at)) {
        in->failed = true;
        return NULL;
    }
    const uint8_t *at = in->at;
    if (size > 0)
        in->at += size;
    return at;
}

static uint64_t take_le(struct yw_unpack *in, size_t size)
{
    const uint8_t *at = take(in, size);
    uint64_t value = 0;
    for (size_t i = 0; at != NULL && i < size; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

uint8_t yw_unpack_u8(struct yw_unpack *in)
{
    return (uint8_t)take_le(in, 1);
}

uint32_t yw_unpack_u32(struct yw_unpack *in)
{
    return (uint32_t)take_le(in, 4);
}

uint32_t yw_unpack_count(struct yw_unpack *in, uint32_t max)
{
    uint32_t count = yw_unpack_u32(in);
    if (count > max) {
        in->failed = true;
        return 0;
    }
    return count;
}

int64_t yw_unpack_i64(struct yw_unpack *in)
{
    return (int64_t)take_le(in, 8);
}

double yw_unpack_f64(struct yw_unpack *in)
{
    uint64_t bits = take_le(in, 8);
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* A string of at most max bytes, without its NUL; NULL, and failed, when it does not fit.
 */
static const char *take_text(struct yw_unpack *in, size_t max, size_t *ret_size)
{
    const char *bytes = yw_unpack_bytes(in, max, ret_size);
    if (in->failed || (*ret_size > 0 && memchr(bytes, '\0', *ret_size) != NULL)) {
        in->failed = true;
        return NULL;
    }
    return bytes;
}

void yw_unpack_str(struct yw_unpack *in, char *dst, size_t dst_size)
{
    size_t size = 0;
    const char *text = take_text(in, dst_size - 1, &size);
    if (text == NULL)
        size = 0;
    if (size > 0)
        memcpy(dst, text, size);
    dst[size] = '\0';
}

char *yw_unpack_strdup(struct yw_unpack *in, size_t max)
{
    size_t size = 0;
    const char *text = take_text(in, max, &size);
    return in->failed ? NULL : yw_strndup(size == 0 ? "" : text, size);
}

const void *yw_unpack_bytes(struct yw_unpack *in, size_t max, size_t *ret_size)
{
    uint32_t size = yw_unpack_u32(in);
    if (size > max)
        in->failed = true;
    const void *bytes = take(in, size);
    *ret_size = bytes == NULL ? 0 : size;
    return bytes;
}

bool yw_unpack_done(const struct yw_unpack *in)
{
    return !in->failed && in->at == in->end;
}
