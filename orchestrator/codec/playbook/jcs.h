/* Canonical JSON of RFC 8785 (JCS), for what is hashed and signed. Only codec includes this header.
 * Thread: any. */
#ifndef YW_CODEC_JCS_H
#define YW_CODEC_JCS_H

#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>

#define YW_JCS_NUMBER_MAX 64

/* Appends the text. YW_EINVAL: a whole number beyond 2^53, which no double holds. */
int yw_jcs_write(struct yw_buf *out, json_t *json, struct yw_err *err);
/* ECMAScript Number::toString (ECMA-262 §6.1.6.1.20). The number is finite. */
void yw_jcs_number(double number, char ret[YW_JCS_NUMBER_MAX]);

#endif
