#include "base/base64.h"

#include "base/err.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>

void yw_base64_put(struct yw_buf *out, const void *bytes, size_t size)
{
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    char *text = yw_new(room);

    (void)sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    yw_buf_puts(out, text);
    free(text);
}

int yw_base64_read(const char *text, size_t size, char **ret, size_t *ret_size)
{
    size_t room = size / 4 * 3 + 3;
    char *bytes = yw_new(room);

    if (sodium_base642bin((unsigned char *)bytes, room, text, size, NULL, ret_size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0) {
        free(bytes);
        return YW_EINVAL;
    }
    *ret = bytes;
    return 0;
}
