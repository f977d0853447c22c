/* Files in and out of the guest while it runs: pieces at an offset, done again without
 * harm, so nothing about them is remembered. */
#include "guest/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CARRY_MAX (16 * 1024 * 1024) /* of one file: it may stand in memory */

static void refuse(struct guest *guest, uint32_t request, const char *why)
{
    char output[256];
    (void)snprintf(output, sizeof(output), "{\"error\":\"%s\"}", why);
    agent_reply(guest, request, 1, output);
}

void carry_write(struct guest *guest, const struct yw_message *message)
{
    const struct yw_message_file *file = &message->of.file;
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK;
    if (file->path[0] != '/' || file->offset > CARRY_MAX - YW_CHANNEL_CHUNK_MAX) {
        refuse(guest, message->request, "path not absolute, or file too large");
        return;
    }
    int fd = open(file->path, file->offset == 0 ? flags | O_TRUNC : flags, 0644);
    ssize_t done =
        fd < 0 ? -1 : pwrite(fd, file->chunk, file->chunk_size, (off_t)file->offset);
    int error = errno;
    if (fd >= 0)
        (void)close(fd);
    if (done == (ssize_t)file->chunk_size)
        agent_reply(guest, message->request, 0, "");
    else
        refuse(guest, message->request, strerror(done < 0 ? error : ENOSPC));
}

void carry_read(struct guest *guest, const struct yw_message *message)
{
    const struct yw_message_file *file = &message->of.file;
    struct yw_message_bytes reply;
    char bytes[YW_CHANNEL_OUTPUT_MAX];
    int fd = file->path[0] == '/'
                 ? open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
                 : -1;
    ssize_t got = fd < 0 ? -1 : pread(fd, bytes, file->most, (off_t)file->offset);
    int error = file->path[0] == '/' ? errno : EINVAL;
    if (fd >= 0)
        (void)close(fd);
    if (got < 0) {
        refuse(guest, message->request, strerror(error));
        return;
    }
    yw_message_done_bytes(&reply, message->request, 0, bytes, (size_t)got);
    agent_send(guest, &reply);
}
