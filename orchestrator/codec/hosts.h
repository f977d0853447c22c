/* The hosts file: {"hosts":[{"name":"east", …}, …]}. Members of a host, all but `name`
 * optional: "uri" (libvirt connection; "" the embedded driver), "weight" 1..1000, "data"
 * (data directory there), "underlay" (IPv4 address for networks that span), "run" (the words
 * that run yanwu there with its standard input and output here, as ["ssh", "range2",
 * "/opt/yanwu/yanwu"]; "broker --stdio …" is added), "pki" (folder of TLS certificates, for a "qemu+tls://" uri), "drain" (takes nothing
 * new). Pure. */
#ifndef YW_CODEC_HOSTS_H
#define YW_CODEC_HOSTS_H

#include "base/err.h"
#include "base/id.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_HOSTS_FILE_HOSTS_MAX 64
#define YW_HOSTS_FILE_BYTES_MAX (256 * 1024)
#define YW_HOSTS_FILE_RUN_MAX 16
#define YW_HOSTS_FILE_TEXT_MAX 256

struct yw_host_entry {
    char name[YW_NAME_MAX];
    char uri[YW_HOSTS_FILE_TEXT_MAX];
    char data[YW_HOSTS_FILE_TEXT_MAX]; /* "": <data>/hosts/<name> of the daemon */
    char pki[YW_HOSTS_FILE_TEXT_MAX];
    char run[YW_HOSTS_FILE_RUN_MAX][YW_HOSTS_FILE_TEXT_MAX];
    size_t run_count;
    int64_t weight;    /* 1 when not given */
    uint32_t underlay; /* host byte order; 0 none */
    bool drain;
};

struct yw_hosts_file {
    struct yw_host_entry hosts[YW_HOSTS_FILE_HOSTS_MAX];
    size_t count;
};

/* YW_EINVAL "<path>:<line>: /hosts/1/weight: expected …; got …". `path` is for messages. */
int yw_hosts_file_decode(struct yw_hosts_file *ret, const char *path, const char *text,
                         size_t size, struct yw_err *err);
/* The same from the disk. YW_ENOTFOUND when there is none. */
int yw_hosts_file_read(struct yw_hosts_file *ret, const char *path, struct yw_err *err);
/* The URI to open: `uri`, with pkipath= where the host has a `pki`. */
void yw_hosts_file_uri(const struct yw_host_entry *host,
                       char ret[YW_HOSTS_FILE_TEXT_MAX]);

#endif
