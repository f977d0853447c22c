/* What libvirt.c shares with the files of connections to daemons on other hosts. */
#ifndef YW_VIRT_LIBVIRT_INSIDE_H
#define YW_VIRT_LIBVIRT_INSIDE_H

#include "virt/machine/libvirt.h"

#include <libvirt/libvirt.h>

virConnectPtr yw_host_conn(struct yw_host *host); /* borrowed */
/* libvirt's last error of this thread as ours. */
int yw_host_fail(struct yw_err *err, const char *what);

#endif
