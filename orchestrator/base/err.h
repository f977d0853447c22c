/* Errors: a code that programs branch on, a text that people read.
 *
 * Every function that can fail takes a caller-owned `struct yw_err *err` last (may be NULL) and
 * returns 0 or one of the negative codes below. `err` is written only on failure. Texts are
 * chained outermost first: "up 'blue': machine 'plc1': define domain: no such image".
 * Thread: any; no shared state. */
#ifndef YW_BASE_ERR_H
#define YW_BASE_ERR_H

enum yw_code {
    YW_OK = 0,
    YW_EINVAL =
        -1, /* input that is wrong; the text says what, where and what would be right */
    YW_ENOTFOUND = -2, /* the named thing does not exist */
    YW_EEXIST = -3,    /* it exists already */
    YW_ESTATE = -4,    /* not allowed in this state */
    YW_EDENIED = -5,   /* not allowed to this actor */
    YW_ELIMIT = -6,    /* a named limit is exceeded */
    YW_ETIMEOUT = -7,  /* a deadline passed */
    YW_ECANCELED = -8, /* the request was cancelled */
    YW_EIO = -9,       /* the operating system or a library failed */
    YW_ECORRUPT = -10, /* stored data is damaged */
};

#define YW_ERR_TEXT_MAX 1024

struct yw_err {
    int code; /* enum yw_code; 0 when nothing failed */
    char text[YW_ERR_TEXT_MAX];
};

/* Sets code and text; returns `code`, so that `return yw_err_set(...)` reads well. */
int yw_err_set(struct yw_err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "<prefix>: " before the text; keeps and returns the code. Without `err` the code is not
 * known, and YW_EIO it is: never success. */
int yw_err_prefix(struct yw_err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Sets `code` with "<what>: <strerror(errno_value)>". */
int yw_err_errno(struct yw_err *err, int code, int errno_value, const char *what);

/* "timeout", "not-found" …: the stable word for a code, for JSON and logs. Borrowed, static. */
const char *yw_code_name(int code);

/* The process exit status for a code: 2 for EINVAL, ENOTFOUND, EDENIED and ELIMIT, else 1. */
int yw_code_exit(int code);

#endif
