/* Does this host run machines with hardware help? /dev/kvm may open and still run nothing,
 * so a micro image is booted once through a broker of our own; the broker keeps the
 * verdict in the data directory until the host or the image changes. Blocking, up to
 * half a minute the first time.
 */
#ifndef YW_CLI_ACCELERATION_H
#define YW_CLI_ACCELERATION_H

#include "cli/cli.h"

struct yw_acceleration {
    bool kvm;
    char why[160]; /* what was seen, in English */
};

/* YW_EDENIED without root; YW_EEXIST while a daemon works on the data directory; YW_EIO,
 * YW_ETIMEOUT or YW_ENOTFOUND when no machine can be started at all. */
int yw_acceleration_prove(const struct yw_cli *cli, struct yw_acceleration *ret,
                          struct yw_err *err);

#endif
