/* Typed values in and out of bounded byte messages: the form in which our processes (core, virt
 * broker, script host) talk. Little endian. The reader never trusts: after the first thing that
 * does not fit it is `failed` and gives zeros and empty strings; check once at the end.
 * Strings are u32 size + bytes, refused when longer than the given limit or when they hold a NUL. */
#ifndef YW_BASE_PACK_H
#define YW_BASE_PACK_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void yw_pack_u8(struct yw_buf *buf, uint8_t value);
void yw_pack_u32(struct yw_buf *buf, uint32_t value);
void yw_pack_i64(struct yw_buf *buf, int64_t value);
void yw_pack_f64(struct yw_buf *buf, double value);
void yw_pack_str(struct yw_buf *buf, const char *text); /* NULL packs as "" */
void yw_pack_bytes(struct yw_buf *buf, const void *bytes, size_t size);

struct yw_unpack {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

void yw_unpack_init(struct yw_unpack *in, const void *bytes, size_t size);
uint8_t yw_unpack_u8(struct yw_unpack *in);
uint32_t yw_unpack_u32(struct yw_unpack *in);
/* A count: fails above max. */
uint32_t yw_unpack_count(struct yw_unpack *in, uint32_t max);
int64_t yw_unpack_i64(struct yw_unpack *in);
double yw_unpack_f64(struct yw_unpack *in);
/* Into a fixed array; fails when it does not fit. */
void yw_unpack_str(struct yw_unpack *in, char *dst, size_t dst_size);
/* *new*, at most max bytes; NULL after failure. */
char *yw_unpack_strdup(struct yw_unpack *in, size_t max);
/* Borrowed bytes inside the message. */
const void *yw_unpack_bytes(struct yw_unpack *in, size_t max, size_t *ret_size);
/* All read and nothing failed. */
bool yw_unpack_done(const struct yw_unpack *in);

#endif
