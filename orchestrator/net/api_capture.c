/* POST /api/v1/drills/ID/captures: starts or ends the capture of a network.
 * GET  …/captures: each network, what it has, and the last files by time; ?files=N: so many.
 * GET  …/captures/FILE: one of them, piece by piece. All for control.
 *
 * A file says when it began by its name, as dumpcap gives it, and when it ended by the time
 * of its last byte: both by the clock of the host that wrote it. */
#include "base/mem.h"
#include "drill/seat/seat.h"
#include "net/door.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LIST_MAX 4096
#define SHOWN 200
#define TAIL_SIZE 26 /* "_00001_20260101000000.pcap" */
#define SECOND_US 1000000

struct found { /* <team>.<network>.<capture>[.<host>]_<count>_<began>.pcap */
    char file[YW_HTTP_PART_MAX];
    char host[YW_NAME_MAX]; /* "" where the daemon is */
    char team[YW_NAME_MAX];
    char network[YW_NAME_MAX];
    int64_t capture, bytes, from_us, to_us;
};

static int encode(struct yw_call *call, struct yw_buf *out, struct yw_err *err)
{
    (void)err;
    yw_buf_printf(out, "{\"capture\":%lld,\"ok\":true,\"seq\":%lld}",
                  (long long)call->command->ret_number,
                  (long long)call->command->ret_seq);
    return 0;
}

int yw_api_capture(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_request_capture request;
    int code = yw_request_capture_decode(&request, exchange->body.data,
                                         exchange->body.size, err);
    if (code)
        return code;
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_CAPTURE);
    call->command->capture = request;
    call->encode = encode;
    return yw_call_start(exchange, call, err);
}

/* ---- files ---- */

static bool take_name(char ret[YW_NAME_MAX], const char **at)
{
    size_t size = strcspn(*at, ".");
    if (size >= YW_NAME_MAX || (*at)[size] != '.')
        return false;
    memcpy(ret, *at, size);
    ret[size] = '\0';
    *at += size + 1;
    return yw_name_valid(ret);
}

/* Which file a name stands for; false: none of ours. */
static bool read_name(struct found *ret, const char *file)
{
    const char *at = file;
    char *end = NULL;
    struct tm began = {0};
    if (YW_COPY(ret->file, file) < 0 || !take_name(ret->team, &at) ||
        !take_name(ret->network, &at) || *at < '1' || *at > '9')
        return false;
    ret->capture = strtoll(at, &end, 10);
    size_t host = strcspn(end, "_");
    if (host > 0 &&
        (end[0] != '.' ||
         yw_copyf(ret->host, sizeof ret->host, "%.*s", (int)host - 1, end + 1) < 0 ||
         !yw_name_valid(ret->host)))
        return false;
    if (host == 0)
        ret->host[0] = '\0';
    end += host;
    if (strlen(end) != TAIL_SIZE || strspn(end + 1, "0123456789") != 5)
        return false;
    const char *rest = strptime(end + 7, "%Y%m%d%H%M%S", &began);
    if (end[0] != '_' || end[6] != '_' || !rest || strcmp(rest, ".pcap") != 0)
        return false;
    ret->from_us = (int64_t)timegm(&began) * SECOND_US;
    return true;
}

/* The folder, or -1: nothing was captured. */
static int open_folder(const struct yw_exchange *exchange)
{
    char *folder = yw_conductor_folder(exchange->net->conductor, exchange->parts[0]);
    char *path = folder ? yw_strf("%s/captures", folder) : NULL;
    int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    free(folder);
    free(path);
    return fd;
}

/* The file that the request names, or -1. Another user writes there: what is not a plain
 * file is none. */
static int open_file(const struct yw_exchange *exchange)
{
    struct found found;
    struct stat facts;
    int dir = read_name(&found, exchange->parts[1]) ? open_folder(exchange) : -1;
    int fd =
        dir < 0 ? -1
                : openat(dir, found.file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (dir >= 0)
        close(dir);
    if (fd >= 0 && (fstat(fd, &facts) < 0 || !S_ISREG(facts.st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Opened anew for each piece: a viewer that goes away leaves nothing open. */
static int next_piece(struct yw_exchange *exchange, struct yw_err *err)
{
    char piece[YW_HTTP_CHUNK];
    int fd = open_file(exchange);
    ssize_t got = fd < 0 ? -1 : pread(fd, piece, sizeof(piece), exchange->produce_at);
    if (fd >= 0)
        close(fd);
    if (got < 0)
        return yw_err_set(err, YW_EIO, "the capture cannot be read");
    yw_buf_put(&exchange->out, piece, (size_t)got);
    exchange->produce_at += got;
    return got > 0;
}

int yw_api_capture_read(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_buf out;
    int fd = open_file(exchange);
    if (fd < 0)
        return yw_err_set(err, YW_ENOTFOUND, "no capture '%s'", exchange->parts[1]);
    close(fd);
    exchange->produce = next_piece;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_exchange_text(exchange, "application/vnd.tcpdump.pcap", &out);
    return 0;
}

/* ---- the list ---- */

static int by_time(const void *a, const void *b)
{
    const struct found *one = a, *two = b;
    if (one->from_us != two->from_us)
        return one->from_us < two->from_us ? -1 : 1;
    return strcmp(one->file, two->file);
}

static size_t find_all(const struct yw_exchange *exchange, struct found *all)
{
    int fd = open_folder(exchange);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct stat facts;
    size_t count = 0;
    for (struct dirent *entry; dir && count < LIST_MAX && (entry = readdir(dir));) {
        struct found *found = &all[count];
        if (!read_name(found, entry->d_name) ||
            fstatat(fd, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) < 0 ||
            !S_ISREG(facts.st_mode))
            continue;
        found->bytes = facts.st_size;
        found->to_us =
            (int64_t)facts.st_mtim.tv_sec * SECOND_US + facts.st_mtim.tv_nsec / 1000;
        count++;
    }
    if (dir)
        closedir(dir);
    qsort(all, count, sizeof(*all), by_time);
    return count;
}

static void put_file(struct yw_buf *out, const struct yw_drill_state *state,
                     const struct found *found)
{
    yw_buf_printf(
        out,
        "{\"bytes\":%lld,\"capture\":%lld,\"file\":\"%s\",\"from_drill_ms\":%lld,"
        "\"from_wall_us\":%lld,\"host\":\"%s\",\"network\":\"%s\",\"team\":\"%s\","
        "\"to_drill_ms\":%lld,\"to_wall_us\":%lld}",
        (long long)found->bytes, (long long)found->capture, found->file,
        (long long)yw_drill_ms_at(state, found->from_us), (long long)found->from_us,
        found->host, found->network, found->team,
        (long long)yw_drill_ms_at(state, found->to_us), (long long)found->to_us);
}

struct folder {        /* what there is of a drill */
    struct found *all; /* owned; by time */
    size_t count;
};

/* A network with its last capture, and the files of all of them. */
static void put_network(struct yw_buf *out, const struct yw_drill_state *state, int team,
                        const char *network, const struct folder *folder)
{
    const struct yw_capture_fold none = {0};
    const struct yw_capture_fold *fold = yw_drill_capture(state, team, network);
    const struct yw_team_fold *team_fold = yw_drill_team(state, team);
    const char *name = team_fold ? team_fold->name : "";
    long long files = 0, bytes = 0;
    bool on = fold && fold->running && state->phase < YW_PHASE_ARCHIVED;
    for (size_t i = 0; i < folder->count; i++) {
        const struct found *found = &folder->all[i];
        if (strcmp(found->team, name) == 0 && strcmp(found->network, network) == 0) {
            files++;
            bytes += found->bytes;
        }
    }
    fold = fold ? fold : &none;
    yw_buf_printf(out, "{\"capture\":%lld,\"detail\":", (long long)fold->capture);
    yw_json_string(out, fold->detail);
    yw_buf_printf(out,
                  ",\"files\":%lld,\"kept_bytes\":%lld,\"kept_files\":%lld,"
                  "\"network\":\"%s\",\"on\":%s,\"size_mib\":%lld,\"team\":\"%s\"}",
                  (long long)fold->files, bytes, files, network, on ? "true" : "false",
                  (long long)fold->size_mib, name);
}

static int shown_of(const struct yw_exchange *exchange, size_t *ret, struct yw_err *err)
{
    char text[16];
    yw_exchange_arg(exchange, "files", text, sizeof(text));
    *ret = text[0] ? strtoul(text, NULL, 10) : SHOWN;
    if (text[strspn(text, "0123456789")] || strlen(text) > 4 || *ret > SHOWN)
        return yw_err_set(err, YW_EINVAL, "files: expected 0..%d; got '%s'", SHOWN, text);
    return 0;
}

static void put_all(struct yw_buf *out, const struct yw_exchange *exchange,
                    const struct yw_drill_state *state, const struct folder *folder,
                    size_t shown)
{
    const char *drill = exchange->parts[0], *network;
    size_t first = folder->count > shown ? folder->count - shown : 0;
    int team = 0;
    yw_buf_puts(out, "{\"captures\":[");
    for (size_t i = 0; (network = yw_conductor_network(exchange->net->conductor, drill, i,
                                                       &team)) != NULL;
         i++) {
        yw_buf_puts(out, i ? "," : "");
        put_network(out, state, team, network, folder);
    }
    yw_buf_puts(out, "],\"files\":[");
    for (size_t i = first; i < folder->count; i++) {
        yw_buf_puts(out, i > first ? "," : "");
        put_file(out, state, &folder->all[i]);
    }
    yw_buf_printf(out, "],\"left_off\":%zu}", first);
}

int yw_api_capture_list(struct yw_exchange *exchange, struct yw_err *err)
{
    const struct yw_view *view = yw_conductor_view(
        exchange->net->conductor, exchange->parts[0], YW_AUDIENCE_CONTROL, -1);
    struct yw_buf out;
    size_t shown = 0;
    if (!view)
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", exchange->parts[0]);
    int code = shown_of(exchange, &shown, err);
    if (code)
        return code;
    struct folder folder = {.all = yw_new_array(LIST_MAX, sizeof(*folder.all))};
    folder.count = find_all(exchange, folder.all);
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    put_all(&out, exchange, &view->state, &folder, shown);
    free(folder.all);
    yw_exchange_json(exchange, 200, &out);
    return 0;
}
