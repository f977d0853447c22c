#include "base/mem.h"
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "yanwu-head 1 <seq, 19 digits> <hash>\n": a fixed size, so that each write replaces
 * all. */
#define NOTE_FORMAT "yanwu-head 1 %019lld %s\n"
#define NOTE_SIZE (13 + 19 + 1 + 64 + 1)

static char *note_path(const char *db_path)
{
    return yw_strf("%s-head", db_path);
}

int yw_note_open(const char *db_path, int *ret_fd, struct yw_err *err)
{
    char *path = note_path(db_path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int saved = errno;
    free(path);
    if (fd < 0)
        return yw_err_errno(err, YW_EIO, saved, "open the head note");
    *ret_fd = fd;
    return YW_OK;
}

void yw_note_write(int fd, int64_t seq, const struct yw_hash *hash)
{
    char text[NOTE_SIZE + 1];
    char hash_text[YW_HASH_TEXT_SIZE];
    yw_hash_text(hash, hash_text);
    (void)snprintf(text, sizeof(text), NOTE_FORMAT, (long long)seq, hash_text);
    /* Not synced: the record itself is durable, and an older note is only a weaker
     * witness. */
    ssize_t written = pwrite(fd, text, NOTE_SIZE, 0);
    (void)written;
}

static int parse(const char *text, size_t size, struct yw_note *ret)
{
    static const char head[] = "yanwu-head 1 ";
    if (size != NOTE_SIZE || memcmp(text, head, sizeof(head) - 1) != 0)
        return YW_EINVAL;
    char seq[20];
    char hash[YW_HASH_TEXT_SIZE];
    memcpy(seq, text + 13, 19);
    seq[19] = '\0';
    memcpy(hash, text + 33, 64);
    hash[64] = '\0';
    if (strspn(seq, "0123456789") != 19)
        return YW_EINVAL;
    errno = 0;
    ret->seq = strtoll(seq, NULL, 10);
    if (errno != 0)
        return YW_EINVAL;
    return yw_hash_parse(hash, &ret->hash);
}

void yw_note_read(const char *db_path, struct yw_note *ret)
{
    memset(ret, 0, sizeof(*ret));
    char *path = note_path(db_path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    free(path);
    if (fd < 0)
        return;
    char text[NOTE_SIZE + 1];
    ssize_t size = pread(fd, text, sizeof(text), 0);
    (void)close(fd);
    if (size == 0)
        return; /* made, and nothing acknowledged yet */
    struct yw_note note = {0};
    if (size < 0 || parse(text, (size_t)size, &note) != YW_OK)
        ret->unreadable = true;
    else
        *ret = note;
}
