/* The daemon's settings: a configuration file of `name = value` lines, then the command
 * line, which wins. Every name is also an option: `port = 8630` and --port 8630. */
#ifndef YW_CLI_SETTINGS_H
#define YW_CLI_SETTINGS_H

#include "base/err.h"
#include "base/log.h"

#include <stdbool.h>

#define YW_SETTINGS_FILE_MAX (64 * 1024)

struct yw_settings {
    char listen[64]; /* listen: address; 127.0.0.1 */
    int port;        /* port: 0 any; by default 8630, or any when that is taken */
    bool port_by_default;
    bool insecure_plain; /* insecure-plain: allow more than loopback without TLS */
    char tls_cert[256];  /* tls-cert: PEM file */
    char tls_key[256];   /* tls-key: PEM file */
    char origins[512];   /* origins: further web origins, blank-separated */
    char user[64];       /* user: whom the core becomes; yanwu if there is one */
    char hosts[256];     /* hosts: hosts file; <data>/hosts.json when it is there */
    int boots_at_once;   /* boots-at-once: machines booting together; 0 = cores × 2 */
    int disk_floor; /* disk-floor: MiB; below it nothing new begins; 1024, 0 unwatched */
    int console_idle; /* console-idle: minutes without a key until a console ends; 15 */
    enum yw_log_level log_level; /* log-level: debug info warn error */
    bool log_json;               /* log-json: log as JSON lines */
};

/* argv[0] is the verb; knows --config FILE. Errors name file and line or the option, and
 * what would be right. */
int yw_settings_read(struct yw_settings *ret, int argc, char **argv, struct yw_err *err);

#endif
