/* Base64 (RFC 4648 §4, with padding) through libsodium. Thread: any. */
#ifndef YW_BASE_BASE64_H
#define YW_BASE_BASE64_H

#include "base/buf.h"

/* Appends the text of the bytes. */
void yw_base64_put(struct yw_buf *out, const void *bytes, size_t size);
/* *ret *new*; 0 or YW_EINVAL: it is not base64. */
int yw_base64_read(const char *text, size_t size, char **ret, size_t *ret_size);
/* The same in the URL-safe alphabet without padding (RFC 4648 §5). */
void yw_base64url_put(struct yw_buf *out, const void *bytes, size_t size);
int yw_base64url_read(const char *text, size_t size, char **ret, size_t *ret_size);

#endif
