/* The guest's side of the channel format (guest/channel.h): reads requests, builds
 * answers. Pure and bounded, no allocation; the reader trusts nothing, the host included.
 */
#ifndef YW_CONTROLLER_MESSAGE_H
#define YW_CONTROLLER_MESSAGE_H

#include "guest/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_MESSAGE_PREFIX 4
#define YW_MESSAGE_HOST_MAX 64
#define YW_MESSAGE_ROLE_MAX 16
#define YW_MESSAGE_NAME_MAX 64
#define YW_MESSAGE_SETTINGS_MAX 16

struct yw_message_nic {
    char mac[18];     /* "52:54:00:01:02:03" */
    char address[16]; /* "10.20.2.11" */
    uint32_t prefix;
};

struct yw_message_setting {
    char name[YW_MESSAGE_NAME_MAX];
    char value[YW_CHANNEL_ARG_MAX];
};

struct yw_message_configure {
    char host[YW_MESSAGE_HOST_MAX];
    int64_t wall_us;
    int64_t seed;
    struct yw_message_nic nics[YW_CHANNEL_NICS_MAX];
    uint32_t nic_count;
    char gateway[16];
    struct yw_message_setting settings[YW_MESSAGE_SETTINGS_MAX];
    uint32_t setting_count;
};

struct yw_message_put {
    char name[YW_MESSAGE_NAME_MAX];
    uint32_t offset;
    uint32_t total;
    const uint8_t *chunk; /* borrowed from the message */
    uint32_t chunk_size;
};

/* WRITE and READ. */
struct yw_message_file {
    char path[YW_CHANNEL_PATH_MAX];
    int64_t offset;
    const uint8_t *chunk; /* borrowed from the message */
    uint32_t chunk_size;
    uint32_t most;
};

struct yw_message_run {
    char argv[YW_CHANNEL_ARGS_MAX][YW_CHANNEL_ARG_MAX];
    uint32_t argc;
    uint32_t deadline_ms;
};

struct yw_message {
    enum yw_channel_type type;
    uint32_t request;
    union {
        struct yw_message_configure configure;
        struct yw_message_put put;
        struct yw_message_file file;
        char role[YW_MESSAGE_ROLE_MAX]; /* START */
        struct yw_message_run run;
        struct {
            uint32_t nic;
            bool up;
        } link;
    } of;
};

/* Bytes of the message at the front of a stream, prefix included; 0: not all there yet;
 * -1: bad prefix, the stream is out of step. */
int yw_message_frame(const uint8_t *bytes, size_t size);
/* Reads one message of the host, without its prefix. False: refused; ret->type and
 * ret->request are then those of the message if it had them, else 0. */
bool yw_message_read(struct yw_message *ret, const uint8_t *body, size_t size);

/* Builders return the size with prefix, at most YW_MESSAGE_PREFIX +
 * YW_CHANNEL_MESSAGE_MAX; texts are cut to their limits. */
struct yw_message_bytes {
    uint8_t bytes[YW_MESSAGE_PREFIX + YW_CHANNEL_MESSAGE_MAX];
    size_t size;
};

void yw_message_hello(struct yw_message_bytes *ret, const char *image,
                      const char *boot_id);
void yw_message_done(struct yw_message_bytes *ret, uint32_t request, uint32_t code,
                     const char *output);
/* The same with bytes of any kind, at most YW_CHANNEL_OUTPUT_MAX. */
void yw_message_done_bytes(struct yw_message_bytes *ret, uint32_t request, uint32_t code,
                           const void *bytes, size_t size);
void yw_message_line(struct yw_message_bytes *ret, const char *line);

#endif
