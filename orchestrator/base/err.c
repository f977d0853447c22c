#include "base/err.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int yw_err_set(struct yw_err *err, int code, const char *fmt, ...)
{
    if (err == NULL)
        return code;
    va_list args;
    va_start(args, fmt);
    /* Through a copy: callers may print the old text into the new one. */
    char text[YW_ERR_TEXT_MAX];
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    memcpy(err->text, text, sizeof(text));
    err->code = code;
    return code;
}

int yw_err_prefix(struct yw_err *err, const char *fmt, ...)
{
    if (err == NULL)
        return YW_EIO; /* something failed, or nobody would prefix it */
    char text[YW_ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    int count = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    size_t used = count < 0 ? 0 : (size_t)count;
    if (used + 2 < sizeof(text)) {
        memcpy(text + used, ": ", 2);
        (void)yw_copy(text + used + 2, sizeof(text) - used - 2, err->text);
    }
    memcpy(err->text, text, sizeof(text));
    return err->code;
}

int yw_err_errno(struct yw_err *err, int code, int errno_value, const char *what)
{
    char reason[128];
    /* The GNU form: it may return a static text and leave the array alone. */
    const char *text = strerror_r(errno_value, reason, sizeof(reason));
    return yw_err_set(err, code, "%s: %s", what, text);
}

const char *yw_code_name(int code)
{
    switch (code) {
    case YW_OK:
        return "ok";
    case YW_EINVAL:
        return "invalid";
    case YW_ENOTFOUND:
        return "not-found";
    case YW_EEXIST:
        return "exists";
    case YW_ESTATE:
        return "state";
    case YW_EDENIED:
        return "denied";
    case YW_ELIMIT:
        return "limit";
    case YW_ETIMEOUT:
        return "timeout";
    case YW_ECANCELED:
        return "canceled";
    case YW_EIO:
        return "io";
    case YW_ECORRUPT:
        return "corrupt";
    default:
        return "unknown";
    }
}

int yw_code_exit(int code)
{
    switch (code) {
    case YW_OK:
        return 0;
    case YW_EINVAL:
    case YW_ENOTFOUND:
    case YW_EDENIED:
    case YW_ELIMIT:
        return 2;
    default:
        return 1;
    }
}
