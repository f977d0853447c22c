/* The host's side of the field wiring (vm-images/guest/field.h): fixed records. A stream
 * out of step ends the connection; a record with NaN or infinity is dropped; above the
 * rate the reading stops until the second is over. Loop thread. */
#ifndef YW_VIRT_FIELD_H
#define YW_VIRT_FIELD_H

#include "guest/field.h"
#include "loop/loop.h"

#include <stddef.h>

struct yw_field; /* open/close */

struct yw_field_events {
    void (*on_record)(void *owner,
                      const struct yw_field_record *record); /* checked, finite */
    void (*on_end)(void *owner, const struct yw_err *why);   /* the owner closes */
    void *owner;
};

int yw_field_open(struct yw_field **ret, struct yw_loop *loop, const char *path,
                  const struct yw_field_events *events, struct yw_err *err);
/* On an open descriptor, which it takes, also on failure. */
int yw_field_open_fd(struct yw_field **ret, struct yw_loop *loop, int fd,
                     const struct yw_field_events *events, struct yw_err *err);
/* Dropped when the machine does not read: the next record is newer anyway. */
void yw_field_send(struct yw_field *field, const double *values, size_t count);
void yw_field_close(struct yw_field *field); /* NULL-safe */

#endif
