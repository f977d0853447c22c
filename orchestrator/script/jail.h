/* The script host's walls: what the process gives up before it reads the first byte. */
#ifndef YW_SCRIPT_JAIL_H
#define YW_SCRIPT_JAIL_H

#include "base/err.h"

#define YW_SCRIPT_CPU_S 120 /* of one host's life */
#define YW_SCRIPT_ADDRESS_SPACE                                                          \
    (384 * 1024 * 1024)     /* bytes above what the program needs */
#define YW_SCRIPT_UID 65534 /* nobody; used when started as root */

/* Keeps `fd` (which becomes descriptor 3) and nothing else: no files, no network, no new
 * processes, no privileges. Any other system call kills the process. */
int yw_script_jail(int fd, struct yw_err *err);

#endif
