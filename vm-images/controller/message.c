#include "controller/message.h"

#include <string.h>

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

static const uint8_t *take(struct reader *in, size_t size)
{
    if (in->failed || (size_t)(in->end - in->at) < size) {
        in->failed = true;
        return NULL;
    }
    const uint8_t *at = in->at;
    in->at += size;
    return at;
}

static uint64_t get(struct reader *in, size_t bytes)
{
    const uint8_t *at = take(in, bytes);
    uint64_t value = 0;
    for (size_t i = 0; at != NULL && i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static uint32_t get_u32(struct reader *in)
{
    return (uint32_t)get(in, 4);
}

static uint32_t get_count(struct reader *in, uint32_t max)
{
    uint32_t count = get_u32(in);
    if (count > max)
        in->failed = true;
    return in->failed ? 0 : count;
}

static void get_text(struct reader *in, char *ret, size_t ret_size)
{
    uint32_t size = get_u32(in);
    const uint8_t *at = take(in, size);
    ret[0] = '\0';
    if (at == NULL || size >= ret_size || memchr(at, 0, size) != NULL) {
        in->failed = true;
        return;
    }
    memcpy(ret, at, size);
    ret[size] = '\0';
}

static void get_configure(struct reader *in, struct yw_message_configure *ret)
{
    get_text(in, ret->host, sizeof(ret->host));
    ret->wall_us = (int64_t)get(in, 8);
    ret->seed = (int64_t)get(in, 8);
    ret->nic_count = get_count(in, YW_CHANNEL_NICS_MAX);
    for (uint32_t i = 0; i < ret->nic_count; i++) {
        get_text(in, ret->nics[i].mac, sizeof(ret->nics[i].mac));
        get_text(in, ret->nics[i].address, sizeof(ret->nics[i].address));
        ret->nics[i].prefix = get_count(in, 32);
    }
    get_text(in, ret->gateway, sizeof(ret->gateway));
    ret->setting_count = get_count(in, YW_MESSAGE_SETTINGS_MAX);
    for (uint32_t i = 0; i < ret->setting_count; i++) {
        get_text(in, ret->settings[i].name, sizeof(ret->settings[i].name));
        get_text(in, ret->settings[i].value, sizeof(ret->settings[i].value));
    }
}

static void get_put(struct reader *in, struct yw_message_put *ret)
{
    get_text(in, ret->name, sizeof(ret->name));
    ret->offset = get_count(in, YW_CHANNEL_FILE_MAX);
    ret->total = get_count(in, YW_CHANNEL_FILE_MAX);
    ret->chunk_size = get_count(in, YW_CHANNEL_CHUNK_MAX);
    ret->chunk = take(in, ret->chunk_size);
    if (ret->offset + ret->chunk_size > ret->total)
        in->failed = true;
}

static void get_file(struct reader *in, unsigned type, struct yw_message_file *ret)
{
    get_text(in, ret->path, sizeof(ret->path));
    ret->offset = (int64_t)get(in, 8);
    if (type == YW_CHANNEL_WRITE) {
        ret->chunk_size = get_count(in, YW_CHANNEL_CHUNK_MAX);
        ret->chunk = take(in, ret->chunk_size);
    } else {
        ret->most = get_count(in, YW_CHANNEL_OUTPUT_MAX);
    }
    if (ret->offset < 0)
        in->failed = true;
}

static void get_run(struct reader *in, struct yw_message_run *ret)
{
    ret->argc = get_count(in, YW_CHANNEL_ARGS_MAX);
    for (uint32_t i = 0; i < ret->argc; i++)
        get_text(in, ret->argv[i], sizeof(ret->argv[i]));
    ret->deadline_ms = get_u32(in);
    if (ret->argc == 0)
        in->failed = true;
}

int yw_message_frame(const uint8_t *bytes, size_t size)
{
    struct reader in = {bytes, bytes + size, false};
    uint32_t body = get_u32(&in);
    if (in.failed)
        return 0;
    if (body < 5 || body > YW_CHANNEL_MESSAGE_MAX)
        return -1;
    return size < YW_MESSAGE_PREFIX + body ? 0 : (int)(YW_MESSAGE_PREFIX + body);
}

bool yw_message_read(struct yw_message *ret, const uint8_t *body, size_t size)
{
    struct reader in = {body, body + size, false};
    memset(ret, 0, sizeof(*ret));
    unsigned type = (unsigned)get(&in, 1);
    ret->request = get_u32(&in);
    ret->type = (enum yw_channel_type)type;
    switch (type) {
    case YW_CHANNEL_PING:
        break;
    case YW_CHANNEL_CONFIGURE:
        get_configure(&in, &ret->of.configure);
        break;
    case YW_CHANNEL_PUT:
        get_put(&in, &ret->of.put);
        break;
    case YW_CHANNEL_WRITE:
    case YW_CHANNEL_READ:
        get_file(&in, type, &ret->of.file);
        break;
    case YW_CHANNEL_START:
        get_text(&in, ret->of.role, sizeof(ret->of.role));
        break;
    case YW_CHANNEL_RUN:
        get_run(&in, &ret->of.run);
        break;
    case YW_CHANNEL_LINK:
        ret->of.link.nic = get_count(&in, YW_CHANNEL_NICS_MAX - 1);
        ret->of.link.up = get_count(&in, 1) != 0;
        break;
    default:
        return false;
    }
    return !in.failed && in.at == in.end && ret->request != 0;
}

static void put_u32(struct yw_message_bytes *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out->bytes[out->size++] = (uint8_t)(value >> (8 * i) & 0xff);
}

/* At most `max` bytes, not cutting a UTF-8 sequence. */
static void put_text(struct yw_message_bytes *out, const char *text, size_t max)
{
    size_t size = strnlen(text, max + 1);
    if (size > max) {
        size = max;
        while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
            size--;
    }
    put_u32(out, (uint32_t)size);
    memcpy(out->bytes + out->size, text, size);
    out->size += size;
}

static void begin(struct yw_message_bytes *out, enum yw_channel_type type,
                  uint32_t request)
{
    out->size = YW_MESSAGE_PREFIX;
    out->bytes[out->size++] = (uint8_t)type;
    put_u32(out, request);
}

static void end(struct yw_message_bytes *out)
{
    size_t size = out->size;
    out->size = 0;
    put_u32(out, (uint32_t)(size - YW_MESSAGE_PREFIX));
    out->size = size;
}

void yw_message_hello(struct yw_message_bytes *ret, const char *image,
                      const char *boot_id)
{
    begin(ret, YW_CHANNEL_HELLO, 0);
    put_u32(ret, YW_CHANNEL_VERSION);
    put_text(ret, image, YW_MESSAGE_NAME_MAX - 1);
    put_text(ret, boot_id, YW_MESSAGE_NAME_MAX - 1);
    end(ret);
}

void yw_message_done(struct yw_message_bytes *ret, uint32_t request, uint32_t code,
                     const char *output)
{
    begin(ret, YW_CHANNEL_DONE, request);
    put_u32(ret, code);
    put_text(ret, output, YW_CHANNEL_OUTPUT_MAX);
    end(ret);
}

void yw_message_done_bytes(struct yw_message_bytes *ret, uint32_t request, uint32_t code,
                           const void *bytes, size_t size)
{
    if (size > YW_CHANNEL_OUTPUT_MAX)
        size = YW_CHANNEL_OUTPUT_MAX;
    begin(ret, YW_CHANNEL_DONE, request);
    put_u32(ret, code);
    put_u32(ret, (uint32_t)size);
    memcpy(ret->bytes + ret->size, bytes, size);
    ret->size += size;
    end(ret);
}

void yw_message_line(struct yw_message_bytes *ret, const char *line)
{
    begin(ret, YW_CHANNEL_LINE, 0);
    put_text(ret, line, YW_CHANNEL_LINE_MAX);
    end(ret);
}
