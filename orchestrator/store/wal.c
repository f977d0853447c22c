/* SQLite's write-ahead log, as its file format document describes it (section 4, "The
 * Write-Ahead Log"): a header of 32 bytes, then frames of 24 bytes and a page. A frame
 * counts when its salts are the header's and its running checksum fits; a transaction
 * counts when a frame with its commit mark does. */
#include "base/mem.h"
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER_SIZE 32
#define FRAME_SIZE 24
#define MAGIC 0x377f0682U /* the lowest bit: checksums of big-endian words */
#define PAGE_MAX 65536U

struct wal {
    int fd;
    uint32_t page_size;
    bool big_endian;
    uint8_t salts[8];
    uint32_t sum[2];
    uint8_t *frame; /* FRAME_SIZE + page_size */
};

static uint32_t big(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t little(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static void add(uint32_t sum[2], bool big_endian, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i + 8 <= size; i += 8) {
        sum[0] += (big_endian ? big(bytes + i) : little(bytes + i)) + sum[1];
        sum[1] += (big_endian ? big(bytes + i + 4) : little(bytes + i + 4)) + sum[0];
    }
}

static bool read_header(struct wal *wal)
{
    uint8_t header[HEADER_SIZE];
    if (pread(wal->fd, header, sizeof(header), 0) != (ssize_t)sizeof(header))
        return false;
    uint32_t magic = big(header);
    wal->page_size = big(header + 8);
    if ((magic & ~1U) != MAGIC || wal->page_size < 512 || wal->page_size > PAGE_MAX ||
        (wal->page_size & (wal->page_size - 1)) != 0)
        return false;
    wal->big_endian = (magic & 1U) != 0;
    memcpy(wal->salts, header + 16, sizeof(wal->salts));
    add(wal->sum, wal->big_endian, header, HEADER_SIZE - 8);
    return wal->sum[0] == big(header + 24) && wal->sum[1] == big(header + 28);
}

/* False at the end of the file; a part of a frame does not count as one. */
static bool read_frame(const struct wal *wal, int64_t index)
{
    size_t size = FRAME_SIZE + wal->page_size;
    off_t at = (off_t)HEADER_SIZE + (off_t)index * (off_t)size;
    return pread(wal->fd, wal->frame, size, at) == (ssize_t)size;
}

static bool frame_has_salts(const struct wal *wal)
{
    return memcmp(wal->frame + 8, wal->salts, sizeof(wal->salts)) == 0;
}

static bool frame_is_commit(const struct wal *wal)
{
    return big(wal->frame + 4) != 0;
}

/* Takes the frame into the running checksum; true when it fits. */
static bool frame_counts(struct wal *wal)
{
    uint32_t sum[2] = {wal->sum[0], wal->sum[1]};
    add(sum, wal->big_endian, wal->frame, 8);
    add(sum, wal->big_endian, wal->frame + FRAME_SIZE, wal->page_size);
    if (!frame_has_salts(wal) || sum[0] != big(wal->frame + 16) ||
        sum[1] != big(wal->frame + 20))
        return false;
    wal->sum[0] = sum[0];
    wal->sum[1] = sum[1];
    return true;
}

/* A transaction is synced before the next one is written. So after a frame that does not
 * count, a crash leaves at most the rest of one transaction: anything behind a commit
 * mark of this generation was written later and says that the frame had been whole. */
static bool later_transaction(const struct wal *wal, int64_t index)
{
    bool commit_seen = false;
    for (; read_frame(wal, index); index++) {
        if (!frame_has_salts(wal))
            continue;
        if (commit_seen)
            return true;
        commit_seen = frame_is_commit(wal);
    }
    return false;
}

static enum yw_wal_state inspect(struct wal *wal, off_t size)
{
    if (size == 0)
        return YW_WAL_CLEAN;
    if (size < HEADER_SIZE)
        return YW_WAL_TORN;
    if (!read_header(wal))
        return size == HEADER_SIZE ? YW_WAL_TORN : YW_WAL_DAMAGED;
    wal->frame = yw_new(FRAME_SIZE + wal->page_size);
    int64_t index = 0;
    bool open = false; /* frames counted since the last commit mark */
    while (read_frame(wal, index) && frame_counts(wal)) {
        open = !frame_is_commit(wal);
        index++;
    }
    if (later_transaction(wal, index))
        return YW_WAL_DAMAGED;
    off_t end = (off_t)HEADER_SIZE + (off_t)index * (off_t)(FRAME_SIZE + wal->page_size);
    /* What follows from an older generation, left by a restart of the log, has other
     * salts. */
    bool rest = read_frame(wal, index) ? frame_has_salts(wal) : end < size;
    return open || rest ? YW_WAL_TORN : YW_WAL_CLEAN;
}

int yw_wal_inspect(const char *db_path, enum yw_wal_state *ret, struct yw_err *err)
{
    char *path = yw_strf("%s-wal", db_path);
    struct wal wal = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
    int saved = errno;
    free(path);
    *ret = YW_WAL_CLEAN;
    if (wal.fd < 0)
        return saved == ENOENT
                   ? YW_OK
                   : yw_err_errno(err, YW_EIO, saved, "open the write-ahead log");
    off_t size = lseek(wal.fd, 0, SEEK_END);
    *ret = inspect(&wal, size);
    free(wal.frame);
    (void)close(wal.fd);
    return YW_OK;
}
