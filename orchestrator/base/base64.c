#include "base/base64.h"

#include "base/err.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>

static void put(struct yw_buf *out, const void *bytes, size_t size, int variant)
{
    size_t room = sodium_base64_encoded_len(size, variant);
    char *text = yw_new(room);

    (void)sodium_bin2base64(text, room, bytes, size, variant);
    yw_buf_puts(out, text);
    free(text);
}

static int read_text(const char *text, size_t size, char **ret, size_t *ret_size,
                     int variant)
{
    size_t room = size / 4 * 3 + 3;
    char *bytes = yw_new(room);

    if (sodium_base642bin((unsigned char *)bytes, room, text, size, NULL, ret_size, NULL,
                          variant) != 0) {
        free(bytes);
        return YW_EINVAL;
    }
    *ret = bytes;
    return 0;
}

void yw_base64_put(struct yw_buf *out, const void *bytes, size_t size)
{
    put(out, bytes, size, sodium_base64_VARIANT_ORIGINAL);
}

int yw_base64_read(const char *text, size_t size, char **ret, size_t *ret_size)
{
    return read_text(text, size, ret, ret_size, sodium_base64_VARIANT_ORIGINAL);
}

void yw_base64url_put(struct yw_buf *out, const void *bytes, size_t size)
{
    put(out, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int yw_base64url_read(const char *text, size_t size, char **ret, size_t *ret_size)
{
    return read_text(text, size, ret, ret_size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
