/* Shows a descriptor to one machine's user while its process starts. A path that a QEMU
 * of that user can open, and nobody else: /proc/<holder>/fd/<n> of a process of that user
 * which holds this one descriptor and sleeps. Nothing is given to the machine's process
 * but the path, and the holder ends before the machine's first instruction. Any thread. */
#ifndef YW_VIRT_HOLDER_H
#define YW_VIRT_HOLDER_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

struct yw_holder {
    pid_t pid; /* 0: none */
};

int yw_holder_start(struct yw_holder *ret, int fd, unsigned uid, char *ret_path,
                    size_t path_size, struct yw_err *err);
void yw_holder_end(struct yw_holder *holder); /* more than once is fine */

#endif
