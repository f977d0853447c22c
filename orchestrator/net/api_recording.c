/* GET /api/v1/drills/ID/recordings: what was recorded of its consoles.
 * GET /api/v1/drills/ID/recordings/NAME: one of them as asciicast, piece by piece. Both
 * for control. */
#include "drill/seat/recording.h"

#include "base/mem.h"
#include "drill/seat/seat.h"
#include "net/door.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_MAX 4096

/* The path of the recording that the request names, *new*. */
static int path_of(const struct yw_exchange *exchange, char **ret, struct yw_err *err)
{
    char *folder = yw_conductor_folder(exchange->net->conductor, exchange->parts[0]);
    char *path = folder ? yw_recording_path(folder, exchange->parts[1]) : NULL;
    free(folder);
    if (!path)
        return yw_err_set(err, YW_ENOTFOUND, "no recording '%s'", exchange->parts[1]);
    *ret = path;
    return 0;
}

/* Opened anew for each piece: a viewer that goes away leaves nothing open. */
static int next_piece(struct yw_exchange *exchange, struct yw_err *err)
{
    char piece[YW_HTTP_CHUNK], *path = NULL;
    int code = path_of(exchange, &path, err);
    if (code)
        return code;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : pread(fd, piece, sizeof(piece), exchange->produce_at);
    if (fd >= 0)
        close(fd);
    free(path);
    if (got < 0)
        return yw_err_set(err, YW_EIO, "the recording cannot be read");
    yw_buf_put(&exchange->out, piece, (size_t)got);
    exchange->produce_at += got;
    return got > 0;
}

int yw_api_recording_read(struct yw_exchange *exchange, struct yw_err *err)
{
    struct stat facts;
    struct yw_buf out;
    char *path = NULL;
    int code = path_of(exchange, &path, err);
    if (code)
        return code;
    bool there = lstat(path, &facts) == 0 && S_ISREG(facts.st_mode);
    free(path);
    if (!there)
        return yw_err_set(err, YW_ENOTFOUND, "no recording '%s'", exchange->parts[1]);
    exchange->produce = next_piece;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_exchange_text(exchange, "application/x-asciicast", &out);
    return 0;
}

static int by_number(const void *a, const void *b)
{
    int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
    return first < second ? -1 : first > second;
}

static size_t find_all(const char *folder, int64_t *numbers)
{
    char *path = yw_strf("%s/" YW_RECORDINGS_DIR, folder);
    DIR *dir = opendir(path);
    size_t count = 0;
    free(path);
    for (struct dirent *entry; dir && count < LIST_MAX && (entry = readdir(dir));)
        if (sscanf(entry->d_name, "console-%" SCNd64 ".cast", &numbers[count]) == 1)
            count++;
    if (dir)
        closedir(dir);
    qsort(numbers, count, sizeof(*numbers), by_number);
    return count;
}

int yw_api_recording_list(struct yw_exchange *exchange, struct yw_err *err)
{
    int64_t *numbers = yw_new_array(LIST_MAX, sizeof(*numbers));
    char *folder = yw_conductor_folder(exchange->net->conductor, exchange->parts[0]);
    size_t count = folder ? find_all(folder, numbers) : 0;
    struct yw_buf out;
    (void)err;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_buf_puts(&out, "{\"recordings\":[");
    for (size_t i = 0; i < count; i++) {
        struct stat facts = {0};
        char *path = yw_strf("%s/" YW_RECORDINGS_DIR "/" YW_RECORDING_NAME ".cast",
                             folder, (long long)numbers[i]);
        (void)lstat(path, &facts);
        free(path);
        yw_buf_printf(&out, "%s{\"bytes\":%lld,\"recording\":\"" YW_RECORDING_NAME "\"}",
                      i ? "," : "", (long long)facts.st_size, (long long)numbers[i]);
    }
    yw_buf_puts(&out, "]}");
    free(folder);
    free(numbers);
    yw_exchange_json(exchange, 200, &out);
    return 0;
}
