/* Commands of the QEMU guest agent and its answers, as libvirt carries them
 * (https://qemu.readthedocs.io/en/v7.2/interop/qemu-ga-ref.html). Whoever answers is
 * hostile: sizes are checked before anything is read. Pure. */
#ifndef YW_CODEC_GUEST_AGENT_H
#define YW_CODEC_GUEST_AGENT_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_GUEST_AGENT_ANSWER_MAX (1024 * 1024)
#define YW_GUEST_AGENT_COMMAND_MAX (64 * 1024)
#define YW_GUEST_AGENT_NIC_MAX 16 /* of an interface's name, with the NUL */

void yw_guest_agent_ping(struct yw_buf *out);
void yw_guest_agent_exec(struct yw_buf *out, const char *const *argv, size_t argc);
void yw_guest_agent_exec_status(struct yw_buf *out, int64_t pid);
void yw_guest_agent_set_time(struct yw_buf *out, int64_t wall_us);
void yw_guest_agent_nics(struct yw_buf *out);
/* `mode` as of fopen(3). */
void yw_guest_agent_open(struct yw_buf *out, const char *path, const char *mode);
void yw_guest_agent_seek(struct yw_buf *out, int64_t handle, int64_t offset);
void yw_guest_agent_write(struct yw_buf *out, int64_t handle, const void *bytes,
                          size_t size);
void yw_guest_agent_read(struct yw_buf *out, int64_t handle, size_t most);
void yw_guest_agent_close(struct yw_buf *out, int64_t handle);

/* Of exec its pid, of open its handle. */
int yw_guest_agent_number(const char *answer, int64_t *ret, struct yw_err *err);

struct yw_guest_agent_exit {
    bool exited;
    int code;          /* 128 + the signal's number where one ended it */
    char output[4097]; /* what it said, then its complaints; as text, cut at the end */
};
int yw_guest_agent_exit(const char *answer, struct yw_guest_agent_exit *ret,
                        struct yw_err *err);
/* Of read: at most `most` bytes. */
int yw_guest_agent_piece(const char *answer, void *bytes, size_t most, size_t *ret_size,
                         struct yw_err *err);
/* The name of the interface with this MAC; YW_ENOTFOUND. */
int yw_guest_agent_nic(const char *answer, const char *mac,
                       char ret[YW_GUEST_AGENT_NIC_MAX], struct yw_err *err);

#endif
