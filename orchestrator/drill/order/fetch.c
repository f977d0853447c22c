#include "drill/order/fetch.h"

#include "base/folder.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALL_MS 30000
#define HASH_BYTES (256 * 1024) /* of one turn */
#define TRIES 3
#define COMING 0640
#define CHECKED 0440

enum step { RESTING, WAITING, LISTING, READING, HASHING, ASKING, DROPPING };

struct entry {
    char name[YW_FETCH_NAME_MAX];  /* there */
    char local[YW_FETCH_NAME_MAX]; /* here */
    int64_t bytes, changed_us;
    bool open;
    int tries;
};

struct yw_fetch {
    struct yw_fetch_config config;
    struct yw_virt_call call;
    enum step step;
    bool closed;        /* only the call's answer is awaited */
    bool asked;         /* to look again */
    int folder;         /* owned; -1 */
    struct yw_vec list; /* struct entry */
    size_t at;
    int file; /* owned; -1: being hashed */
    int64_t hashed;
    struct yw_hasher hasher;
    struct yw_due_entry due;
};

static void next(struct yw_fetch *fetch);

int yw_fetch_name(char ret[YW_FETCH_NAME_MAX], const char *host, const char *name)
{
    const char *last = strrchr(name, '_');
    size_t head = last ? (size_t)(last - name) : 0;
    while (head > 0 && name[head - 1] != '_') {
        head--;
    }
    if (head < 2 || name[0] == '.' || strchr(name, '/') ||
        yw_copyf(ret, YW_FETCH_NAME_MAX, "%.*s.%s%s", (int)head - 1, name, host,
                 name + head - 1) < 0) {
        return YW_EINVAL;
    }
    return 0;
}

static struct entry *entry_at(const struct yw_fetch *fetch)
{
    return yw_vec_at(&fetch->list, fetch->at);
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

static void free_now(struct yw_fetch *fetch)
{
    yw_due_cancel(fetch->config.due, &fetch->due);
    close_fd(&fetch->file);
    close_fd(&fetch->folder);
    yw_vec_fini(&fetch->list);
    free(fetch);
}

static void wait_for(struct yw_fetch *fetch, enum step step, int64_t span_ms)
{
    fetch->step = step;
    yw_due_add(fetch->config.due, &fetch->due,
               yw_clock_mono_ms(fetch->config.clock) + span_ms);
}

/* Nothing there and nothing to come: whoever knows of more asks. */
static void end_round(struct yw_fetch *fetch, bool left)
{
    bool again = fetch->asked;
    fetch->asked = false;
    close_fd(&fetch->file);
    close_fd(&fetch->folder);
    if (again || left || fetch->config.more(fetch->config.owner)) {
        wait_for(fetch, WAITING, again ? 0 : YW_FETCH_LOOK_MS);
    } else {
        fetch->step = RESTING;
    }
}

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err);

static void ask(struct yw_fetch *fetch, enum step step, enum yw_virt_op op,
                const char *name, int64_t offset)
{
    struct yw_err err;
    fetch->step = step;
    fetch->call = (struct yw_virt_call){.op = op,
                                        .offset = offset,
                                        .deadline_ms = CALL_MS,
                                        .done = on_done,
                                        .owner = fetch};
    YW_COPY(fetch->call.host, fetch->config.host);
    (void)yw_copyf(fetch->call.path, sizeof fetch->call.path, "%s%s%s",
                   fetch->config.from, name[0] != '\0' ? "/" : "", name);
    if (yw_virt_call(fetch->config.virt, &fetch->call, &err) != 0) {
        end_round(fetch, true); /* the host is lost: until it is back */
    }
}

/* ---- the list ---- */

static void take_line(struct yw_fetch *fetch, char *line)
{
    struct entry entry = {0};
    char name[YW_FETCH_NAME_MAX];
    long long bytes = 0, changed_us = 0;
    int open = 0;
    if (sscanf(line, "%lld %lld %d %255s", &bytes, &changed_us, &open, name) != 4 ||
        bytes < 0 || changed_us < 0 || strchr(name, '/') ||
        fetch->list.count >= YW_FETCH_FILES_MAX ||
        yw_fetch_name(entry.local, fetch->config.host, name) != 0) {
        return;
    }
    YW_COPY(entry.name, name);
    entry.bytes = bytes;
    entry.changed_us = changed_us;
    entry.open = open != 0;
    (void)yw_vec_push(&fetch->list, &entry);
}

static bool same_ring(const char *a, const char *b)
{
    size_t size = strcspn(a, "_");
    return strncmp(a, b, size + 1) == 0;
}

/* Of a ring that turns: is this one no longer in it? */
static bool is_rotated(const struct yw_fetch *fetch, const char *local)
{
    bool turns = false;
    for (size_t i = 0; i < fetch->list.count; i++) {
        const struct entry *entry = yw_vec_at(&fetch->list, i);
        if (strcmp(entry->local, local) == 0) {
            return false;
        }
        turns = turns || (entry->open && same_ring(entry->local, local));
    }
    return turns;
}

static void drop_rotated(struct yw_fetch *fetch)
{
    int fd = openat(fetch->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (is_rotated(fetch, entry->d_name)) {
            (void)unlinkat(fetch->folder, entry->d_name, 0);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    } else if (fd >= 0) {
        (void)close(fd);
    }
}

static int open_folder(struct yw_fetch *fetch)
{
    struct yw_err err;
    if (yw_folder_make(fetch->config.to, 0750, &err) != 0) {
        yw_warn("drill", "%s", err.text);
        return -1;
    }
    fetch->folder =
        open(fetch->config.to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fetch->folder < 0 ? -1 : 0;
}

static void take_list(struct yw_fetch *fetch, char *text, size_t size)
{
    char *save = NULL;
    char *lines = yw_new(size + 1);
    fetch->list.count = 0;
    fetch->at = 0;
    if (size > 0) {
        memcpy(lines, text, size);
    }
    for (char *line = strtok_r(lines, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        take_line(fetch, line);
    }
    free(lines);
    if (fetch->list.count == 0) {
        end_round(fetch, false);
    } else if (open_folder(fetch) != 0) {
        end_round(fetch, true);
    } else {
        drop_rotated(fetch);
        next(fetch);
    }
}

/* ---- one file ---- */

static void over(struct yw_fetch *fetch)
{
    close_fd(&fetch->file);
    fetch->at++;
    next(fetch);
}

/* Not what it is there: it is fetched anew, but not for ever. */
static void begin_anew(struct yw_fetch *fetch, const char *why)
{
    struct entry *entry = entry_at(fetch);
    close_fd(&fetch->file);
    (void)unlinkat(fetch->folder, entry->local, 0);
    yw_warn("drill", "file '%s' of host '%s' %s", entry->name, fetch->config.host, why);
    if (++entry->tries == TRIES) {
        over(fetch);
    } else {
        next(fetch);
    }
}

static void begin_hash(struct yw_fetch *fetch)
{
    fetch->file =
        openat(fetch->folder, entry_at(fetch)->local, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    fetch->hashed = 0;
    yw_hasher_init(&fetch->hasher);
    if (fetch->file < 0) {
        over(fetch);
    } else {
        wait_for(fetch, HASHING, 0);
    }
}

static void hash_more(struct yw_fetch *fetch)
{
    char *bytes = yw_new(HASH_BYTES);
    ssize_t got = pread(fetch->file, bytes, HASH_BYTES, fetch->hashed);
    if (got > 0) {
        yw_hasher_add(&fetch->hasher, bytes, (size_t)got);
        fetch->hashed += got;
    }
    free(bytes);
    if (got > 0) {
        wait_for(fetch, HASHING, 0);
    } else if (got < 0) {
        over(fetch);
    } else {
        ask(fetch, ASKING, YW_VIRT_FILE, entry_at(fetch)->name, fetch->hashed);
    }
}

static void compare(struct yw_fetch *fetch, size_t more)
{
    struct entry *entry = entry_at(fetch);
    char text[YW_HASH_TEXT_SIZE];
    struct yw_hash hash;
    yw_hasher_end(&fetch->hasher, &hash);
    yw_hash_text(&hash, text);
    if (more > 0) {
        over(fetch); /* it has grown: the next list says so */
    } else if (strcmp(text, fetch->call.output) != 0) {
        begin_anew(fetch, "came with another hash");
    } else if (fchmod(fetch->file, CHECKED) != 0 || fsync(fetch->file) != 0) {
        over(fetch);
    } else {
        close_fd(&fetch->file);
        ask(fetch, DROPPING, YW_VIRT_FILE_DROP, entry->name, 0);
    }
}

static int write_piece(struct yw_fetch *fetch, const struct entry *entry,
                       const char *bytes, size_t size)
{
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT},
        {.tv_sec = (time_t)(entry->changed_us / 1000000),
         .tv_nsec = (long)(entry->changed_us % 1000000) * 1000}};
    int fd = openat(fetch->folder, entry->local,
                    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, COMING);
    bool good = fd >= 0 && pwrite(fd, bytes, size, fetch->call.offset) == (ssize_t)size;
    if (good) {
        (void)futimens(fd, times);
    } else {
        yw_warn("drill", "%s/%s: %s", fetch->config.to, entry->local, strerror(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? 0 : -1;
}

static void take_piece(struct yw_fetch *fetch, const char *bytes, size_t size)
{
    if (size == 0) {
        begin_anew(fetch, "is shorter than it was");
    } else if (write_piece(fetch, entry_at(fetch), bytes, size) != 0) {
        end_round(fetch, true);
    } else {
        next(fetch);
    }
}

static void next(struct yw_fetch *fetch)
{
    struct stat facts = {0};
    if (fetch->at == fetch->list.count) {
        end_round(fetch, true);
        return;
    }
    struct entry *entry = entry_at(fetch);
    bool here = fstatat(fetch->folder, entry->local, &facts, AT_SYMLINK_NOFOLLOW) == 0;
    bool checked = here && (facts.st_mode & 07777) == CHECKED;
    int64_t have = here ? facts.st_size : 0;
    if (here && (!S_ISREG(facts.st_mode) || have > entry->bytes ||
                 (checked && have != entry->bytes))) {
        begin_anew(fetch, "is another than before");
    } else if (have < entry->bytes) {
        if (fetch->config.room(fetch->config.owner)) {
            ask(fetch, READING, YW_VIRT_FILE, entry->name, have);
        } else {
            end_round(fetch, true);
        }
    } else if (entry->open) {
        over(fetch);
    } else if (checked || !here) { /* here it is, or there is nothing in it */
        ask(fetch, DROPPING, YW_VIRT_FILE_DROP, entry->name, 0);
    } else {
        begin_hash(fetch);
    }
}

/* ---- the hypervisor's side ---- */

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct yw_fetch *fetch = call->owner;
    char *bytes = call->ret_bytes;
    size_t size = call->ret_size;
    call->ret_bytes = NULL;
    call->ret_size = 0;
    if (fetch->closed) {
        free_now(fetch);
    } else if (code == YW_ENOTFOUND && fetch->step != LISTING) {
        over(fetch); /* the ring has turned */
    } else if (code != 0) {
        yw_debug("drill", "files of host '%s': %s", fetch->config.host, err->text);
        end_round(fetch, true);
    } else if (fetch->step == LISTING) {
        take_list(fetch, bytes, size);
    } else if (fetch->step == READING) {
        take_piece(fetch, bytes, size);
    } else if (fetch->step == ASKING) {
        compare(fetch, size);
    } else {
        over(fetch);
    }
    free(bytes);
}

static void on_due(struct yw_due_entry *due)
{
    struct yw_fetch *fetch = due->arg;
    if (fetch->step == HASHING) {
        hash_more(fetch);
    } else {
        ask(fetch, LISTING, YW_VIRT_FILES, "", 0);
    }
}

struct yw_fetch *yw_fetch_new(const struct yw_fetch_config *config)
{
    struct yw_fetch *fetch = yw_new(sizeof *fetch);
    fetch->config = *config;
    fetch->folder = -1;
    fetch->file = -1;
    fetch->due.run = on_due;
    fetch->due.arg = fetch;
    yw_vec_init(&fetch->list, sizeof(struct entry), YW_FETCH_FILES_MAX);
    wait_for(fetch, WAITING, 0);
    return fetch;
}

void yw_fetch_look(struct yw_fetch *fetch)
{
    if (fetch->step == RESTING || fetch->step == WAITING) {
        wait_for(fetch, WAITING, 0);
    } else {
        fetch->asked = true;
    }
}

bool yw_fetch_rests(const struct yw_fetch *fetch)
{
    return fetch->step == RESTING;
}

const char *yw_fetch_host(const struct yw_fetch *fetch)
{
    return fetch->config.host;
}

void yw_fetch_free(struct yw_fetch *fetch)
{
    if (fetch == NULL) {
        return;
    }
    bool waits = fetch->step == LISTING || fetch->step == READING ||
                 fetch->step == ASKING || fetch->step == DROPPING;
    if (!waits) {
        free_now(fetch);
        return;
    }
    fetch->closed = true;
    yw_virt_cancel(fetch->config.virt, &fetch->call);
}
