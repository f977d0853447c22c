#include "drill/seat/recording.h"

#include "base/buf.h"
#include "base/folder.h"
#include "base/log.h"
#include "base/mem.h"
#include "codec/request/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAITING_MAX (64 * 1024)
#define PIECE_MAX 4096  /* bytes of one event: six times that, escaped */
#define LAST_WORDS 256  /* kept free for the mark at the limit */
#define CHARACTER_MAX 4 /* bytes of UTF-8 */

struct carry { /* the beginning of a character whose rest has not come */
    unsigned char bytes[CHARACTER_MAX];
    size_t size;
};

struct yw_recording {
    int fd;
    struct yw_buf waiting;
    struct yw_hasher hasher;
    int64_t written; /* and waiting */
    bool full;
    bool broken; /* the disk takes no more */
    struct carry out, in;
};

char *yw_recording_path(const char *drill_dir, const char *name)
{
    if (strncmp(name, "console-", 8) != 0 || !name[8] ||
        name[8 + strspn(name + 8, "0123456789")])
        return NULL;
    return yw_strf("%s/" YW_RECORDINGS_DIR "/%s.cast", drill_dir, name);
}

void yw_recording_flush(struct yw_recording *recording)
{
    size_t done = 0;

    while (done < recording->waiting.size && !recording->broken) {
        ssize_t put = write(recording->fd, recording->waiting.data + done,
                            recording->waiting.size - done);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            yw_warn("drill", "recording: %s; it ends here", strerror(errno));
            recording->broken = true;
            break;
        }
        yw_hasher_add(&recording->hasher, recording->waiting.data + done, (size_t)put);
        done += (size_t)put;
    }
    if (recording->broken)
        recording->written -= (int64_t)(recording->waiting.size - done);
    yw_buf_clear(&recording->waiting);
}

static void put_line(struct yw_recording *recording, const struct yw_buf *line)
{
    if (recording->waiting.size + line->size > WAITING_MAX)
        yw_recording_flush(recording);
    if (recording->broken)
        return;
    yw_buf_put(&recording->waiting, line->data, line->size);
    recording->written += (int64_t)line->size;
}

/* One character of JSON. Below blank, quotes and backslashes are escaped. */
static void put_character(struct yw_buf *out, const unsigned char *at, size_t size)
{
    if (size == 1 && (at[0] < ' ' || at[0] == '"' || at[0] == '\\' || at[0] == 0x7f))
        yw_buf_printf(out, "\\u%04x", at[0]);
    else
        yw_buf_put(out, at, size);
}

/* How long the character at `at` is: 0 none begins here, more than `left` unknown yet. */
static size_t character_size(const unsigned char *at, size_t left)
{
    size_t size = at[0] < 0x80   ? 1
                  : at[0] < 0xc2 ? 0
                  : at[0] < 0xe0 ? 2
                  : at[0] < 0xf0 ? 3
                  : at[0] < 0xf5 ? 4
                                 : 0;

    for (size_t i = 1; i < size && i < left; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    if (size > 1 && size <= left && !yw_utf8_valid((const char *)at, size))
        return 0;
    return size;
}

static void put_text(struct yw_buf *out, struct carry *carry, const void *bytes,
                     size_t size)
{
    unsigned char text[CHARACTER_MAX + PIECE_MAX];
    size_t have = carry->size;

    memcpy(text, carry->bytes, have);
    memcpy(text + have, bytes, size);
    have += size;
    carry->size = 0;
    for (size_t at = 0; at < have;) {
        size_t wide = character_size(text + at, have - at);

        if (wide > have - at) {
            carry->size = have - at;
            memcpy(carry->bytes, text + at, carry->size);
            return;
        }
        if (wide == 0)
            yw_buf_puts(out, "\xef\xbf\xbd");
        else
            put_character(out, text + at, wide);
        at += wide > 0 ? wide : 1;
    }
}

static void put_event(struct yw_recording *recording, int64_t at_ms, char kind,
                      const void *bytes, size_t size)
{
    struct carry none = {.size = 0};
    struct yw_buf line;

    yw_buf_init(&line, 8 * PIECE_MAX);
    yw_buf_printf(&line, "[%lld.%03lld,\"%c\",\"", (long long)(at_ms / 1000),
                  (long long)(at_ms % 1000), kind);
    size_t empty = line.size;

    put_text(&line,
             kind == 'o'   ? &recording->out
             : kind == 'i' ? &recording->in
                           : &none,
             bytes, size);
    bool something = line.size > empty;

    yw_buf_puts(&line, "\"]\n");
    if (something)
        put_line(recording, &line);
    yw_buf_fini(&line);
}

void yw_recording_add(struct yw_recording *recording, int64_t at_ms, char kind,
                      const void *bytes, size_t size)
{
    static const char full[] = "recording full";

    for (size_t at = 0; at < size && !recording->full && !recording->broken;) {
        size_t part = size - at < PIECE_MAX ? size - at : PIECE_MAX;

        if (recording->written + 6 * (int64_t)part + LAST_WORDS > YW_RECORDING_MAX) {
            recording->full = true;
            put_event(recording, at_ms, 'm', full, sizeof(full) - 1);
            return;
        }
        put_event(recording, at_ms, kind, (const char *)bytes + at, part);
        at += part;
    }
}

static void put_head(struct yw_recording *recording, const struct yw_recording_head *head)
{
    struct yw_buf line;

    yw_buf_init(&line, PIECE_MAX);
    yw_buf_printf(
        &line, "{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":%lld,\"title\":",
        (long long)(head->wall_us / 1000000));
    char *title = yw_strf("%s %s/%s", head->drill, head->team, head->machine);

    yw_json_string(&line, title);
    free(title);
    yw_buf_printf(&line,
                  ",\"yanwu\":{\"console\":%lld,\"drill\":", (long long)head->console);
    yw_json_string(&line, head->drill);
    yw_buf_printf(&line, ",\"drill_ms\":%lld,\"machine\":", (long long)head->drill_ms);
    yw_json_string(&line, head->machine);
    yw_buf_puts(&line, ",\"team\":");
    yw_json_string(&line, head->team);
    yw_buf_puts(&line, "}}\n");
    put_line(recording, &line);
    yw_buf_fini(&line);
}

int yw_recording_open(struct yw_recording **ret, const char *drill_dir,
                      const struct yw_recording_head *head, struct yw_err *err)
{
    char *folder = yw_strf("%s/" YW_RECORDINGS_DIR, drill_dir);
    int code = yw_folder_make(folder, 0750, err);

    free(folder);
    if (code < 0)
        return code;
    char *path = yw_strf("%s/" YW_RECORDINGS_DIR "/" YW_RECORDING_NAME ".cast", drill_dir,
                         (long long)head->console);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);

    if (fd < 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    free(path);
    if (fd < 0)
        return code;
    struct yw_recording *recording = yw_new(sizeof(*recording));

    recording->fd = fd;
    yw_buf_init(&recording->waiting, WAITING_MAX);
    yw_hasher_init(&recording->hasher);
    put_head(recording, head);
    *ret = recording;
    return 0;
}

void yw_recording_close(struct yw_recording *recording, struct yw_hash *ret_hash,
                        int64_t *ret_bytes)
{
    struct yw_hash hash;

    if (!recording)
        return;
    yw_recording_flush(recording);
    yw_hasher_end(&recording->hasher, ret_hash ? ret_hash : &hash);
    if (ret_bytes)
        *ret_bytes = recording->written;
    (void)close(recording->fd);
    yw_buf_fini(&recording->waiting);
    free(recording);
}

int yw_recording_look(const char *drill_dir, const char *name, struct yw_hash *ret_hash,
                      int64_t *ret_bytes, struct yw_err *err)
{
    char *path = yw_recording_path(drill_dir, name);

    if (!path)
        return yw_err_set(err, YW_ENOTFOUND, "no recording '%s'", name);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int code =
        fd < 0 ? yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, path)
               : 0;
    struct yw_hasher hasher;
    char chunk[16384];
    ssize_t got = 0;

    free(path);
    if (fd < 0)
        return code;
    yw_hasher_init(&hasher);
    *ret_bytes = 0;
    while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
        yw_hasher_add(&hasher, chunk, (size_t)got);
        *ret_bytes += got;
    }
    (void)close(fd);
    yw_hasher_end(&hasher, ret_hash);
    return got < 0 ? yw_err_set(err, YW_EIO, "recording '%s': cannot be read", name) : 0;
}
