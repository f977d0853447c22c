/* How values of a variable type compare. Inside this room. */
#ifndef YW_RESPONSE_VALUE_H
#define YW_RESPONSE_VALUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum yw_value_kind {
    YW_VALUE_STRING, /* by code point, which is the order of UTF-8 bytes */
    YW_VALUE_BOOL,
    YW_VALUE_NUMBER,
    YW_VALUE_ADDRESS,  /* IPv4 or IPv6 */
    YW_VALUE_CASELESS, /* MAC, hash, UUID */
};

enum yw_value_kind yw_value_kind(const char *type);
int yw_value_integer(const char *text, int64_t *ret); /* 0 or YW_EINVAL */
int yw_value_float(const char *text, double *ret);    /* 0 or YW_EINVAL */

#endif
