/* The two ends of the messages that script.h does not show to the parent: how the host
 * reads requests and writes replies. */
#ifndef YW_SCRIPT_WIRE_H
#define YW_SCRIPT_WIRE_H

#include "script/script.h"

/* Sources in `ret` are *new* (free scenario and rehearsal with yw_script_request_fini).
 */
int yw_script_request_unpack(struct yw_script_request *ret, const void *bytes,
                             size_t size, struct yw_err *err);
void yw_script_request_fini(struct yw_script_request *request); /* of an unpacked one */
void yw_script_reply_pack(struct yw_buf *out, const struct yw_script_reply *reply);

/* Blocking and whole, u32 little-endian prefix included. `deadline_ms` is a point of the
 * monotonic clock, -1 none. Read: *new* bytes. 0, YW_ETIMEOUT, or YW_EIO (1 at the end of
 * file before the first byte). */
int yw_script_send(int fd, const void *bytes, size_t size, int64_t deadline_ms,
                   struct yw_err *err);
int yw_script_receive(int fd, char **ret, size_t *ret_size, int64_t deadline_ms,
                      struct yw_err *err);

#endif
