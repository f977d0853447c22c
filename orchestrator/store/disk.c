/* The journal of a daemon: appends on the loop thread, commits on a worker, in groups.
 *
 *   append ──► queue ──► batch (one at a time, all that waits) ──► durable
 *                 ▲            │ disk full: the reserve goes; then back, and again later
 *                 ├────────────┤
 *                 │            │ commit failed otherwise
 *                 └────────────┴──► broken: nothing is acknowledged any more
 */
#include "base/log.h"
#include "base/mem.h"
#include "loop/pool.h"
#include "store/inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH_MAX 4096
#define AGAIN_MS 1000 /* between two looks whether there is room */

struct batch {
    struct yw_record *first;
    sqlite3 *db;          /* the worker's while it commits */
    sqlite3_stmt *insert; /* likewise */
    int note_fd;
    const char *path; /* borrowed of the journal */
    bool full;        /* why it failed: the disk is */
    bool gave_up;     /* the reserve, to have room */
};

struct disk {
    struct yw_journal journal; /* first: the handle */
    char *path;
    struct yw_pool *pool; /* NULL: read only, or not attached to a loop */
    sqlite3 *db;          /* the worker's while `committing` */
    sqlite3_stmt *insert; /* likewise */
    sqlite3 *reader;      /* loop thread */
    int note_fd;
    struct yw_tail tail;
    struct yw_record *queue;
    struct yw_record **queue_end;
    size_t waiting; /* queued or committing */
    int64_t durable_seq;
    struct yw_hash durable_hash;
    bool committing;
    bool broken;
    bool closing;
    struct yw_err why;
    struct yw_loop *loop;
    bool has_reserve; /* it is wanted; whether it is there is the worker's to know */
    bool filling;     /* the reserve is being made again */
    enum yw_journal_room room;
    struct yw_due_entry again;
    int64_t again_ms;
};

static const struct yw_journal_ops disk_ops;

static struct disk *disk_of(struct yw_journal *journal)
{
    return (struct disk *)(void *)journal;
}

/* --- worker thread --- */

static int insert_one(sqlite3_stmt *insert, const struct yw_record *record)
{
    const char *key = record->event.key;
    (void)sqlite3_bind_int64(insert, 1, record->event.seq);
    (void)sqlite3_bind_text(insert, 2, record->json, (int)record->size, SQLITE_STATIC);
    (void)sqlite3_bind_blob(insert, 3, record->hash.bytes, YW_HASH_SIZE, SQLITE_STATIC);
    if (key[0] != '\0')
        (void)sqlite3_bind_text(insert, 4, key, -1, SQLITE_STATIC);
    else
        (void)sqlite3_bind_null(insert, 4);
    (void)sqlite3_step(insert);
    int status = sqlite3_reset(insert);
    (void)sqlite3_clear_bindings(insert);
    return status;
}

/* Room may come back, and what was not written is known: the log's last frames do not
 * count. After a failed sync it is not. */
static bool is_full(sqlite3 *db)
{
    int status = sqlite3_extended_errcode(db);
    int failed = sqlite3_system_errno(db);
    return (status & 0xff) == SQLITE_FULL ||
           ((status & 0xff) == SQLITE_IOERR && status != SQLITE_IOERR_FSYNC &&
            status != SQLITE_IOERR_DIR_FSYNC && (failed == ENOSPC || failed == EDQUOT));
}

static int commit_once(struct batch *batch, struct yw_err *err)
{
    int code = yw_db_run(batch->db, "BEGIN IMMEDIATE", err);
    if (code != YW_OK) {
        batch->full = is_full(batch->db);
        return code;
    }
    const struct yw_record *last = batch->first;
    for (const struct yw_record *at = batch->first; at != NULL; at = at->next) {
        if (insert_one(batch->insert, at) != SQLITE_OK) {
            code = yw_db_err(err, batch->db, "append");
            break;
        }
        last = at;
    }
    if (code == YW_OK)
        code = yw_db_run(batch->db, "COMMIT", err);
    if (code != YW_OK) {
        /* Not tried again but for want of room: after a failed sync nobody knows what is
         * on the disk. */
        batch->full = is_full(batch->db);
        (void)yw_db_run(batch->db, "ROLLBACK", NULL);
        return code;
    }
    yw_note_write(batch->note_fd, last->event.seq, &last->hash);
    return YW_OK;
}

static int commit(void *arg, struct yw_err *err)
{
    struct batch *batch = arg;
    int code = commit_once(batch, err);
    if (code != YW_OK && batch->full && yw_reserve_give_up(batch->path)) {
        batch->gave_up = true;
        batch->full = false;
        code = commit_once(batch, err);
    }
    return code;
}

/* --- loop thread --- */

static void free_records(struct yw_record *first)
{
    while (first != NULL) {
        struct yw_record *next = first->next;
        free(first);
        first = next;
    }
}

static void batch_free(void *arg)
{
    struct batch *batch = arg;
    free_records(batch->first);
    free(batch);
}

static void on_committed(void *owner, void *arg, int code, const struct yw_err *err);

static struct batch *batch_take(struct disk *disk)
{
    struct batch *batch = yw_new(sizeof(*batch));
    batch->first = disk->queue;
    batch->db = disk->db;
    batch->insert = disk->insert;
    batch->note_fd = disk->note_fd;
    batch->path = disk->path;
    struct yw_record **link = &disk->queue;
    for (int i = 0; i < BATCH_MAX && *link != NULL; i++)
        link = &(*link)->next;
    disk->queue = *link;
    if (*link == NULL)
        disk->queue_end = &disk->queue;
    else
        *link = NULL;
    return batch;
}

static void go_broken(struct disk *disk, const struct yw_err *why)
{
    if (disk->broken)
        return;
    disk->broken = true;
    disk->why = *why;
    (void)yw_err_prefix(&disk->why, "journal '%s' stopped", disk->path);
    yw_error("store", "%s", disk->why.text);
    free_records(disk->queue);
    disk->queue = NULL;
    disk->queue_end = &disk->queue;
    disk->waiting = 0;
    if (disk->journal.on_broken != NULL)
        disk->journal.on_broken(disk->journal.owner, &disk->why);
}

static void start_commit(struct disk *disk)
{
    if (disk->committing || disk->queue == NULL || disk->broken || disk->closing)
        return;
    if (disk->room == YW_JOURNAL_NONE && yw_due_queued(&disk->again))
        return; /* it waits for room */
    struct yw_job job = {.key = "journal",
                         .work = commit,
                         .done = on_committed,
                         .free_arg = batch_free,
                         .arg = batch_take(disk),
                         .owner = disk};
    struct yw_err err = {0};
    disk->committing = true;
    if (yw_pool_submit(disk->pool, &job, &err) < 0) {
        batch_free(job.arg);
        disk->committing = false;
        go_broken(disk, &err);
    }
}

static void acknowledge(struct disk *disk, const struct batch *batch)
{
    for (const struct yw_record *at = batch->first; at != NULL; at = at->next) {
        disk->waiting--;
        disk->durable_seq = at->event.seq;
        disk->durable_hash = at->hash;
        if (disk->journal.on_durable != NULL)
            disk->journal.on_durable(disk->journal.owner, &at->event);
    }
}

/* It goes back to the front of the queue: the pool closed before the worker took it, or
 * there was no room for it. */
static void batch_return(struct disk *disk, struct batch *batch)
{
    struct yw_record **end = &batch->first;
    while (*end != NULL)
        end = &(*end)->next;
    *end = disk->queue;
    if (disk->queue == NULL)
        disk->queue_end = end; /* the last record's: a batch is never empty */
    disk->queue = batch->first;
    batch->first = NULL;
}

static void set_room(struct disk *disk, enum yw_journal_room room,
                     const struct yw_err *why)
{
    enum yw_journal_room before = disk->room;
    if (disk->closing)
        return;
    disk->room = room;
    if (room != YW_JOURNAL_ROOM && !yw_due_queued(&disk->again))
        yw_due_add(yw_loop_due(disk->loop), &disk->again,
                   yw_clock_mono_ms(yw_loop_clock(disk->loop)) + disk->again_ms);
    if (room == before)
        return;
    if (room == YW_JOURNAL_ROOM)
        yw_warn("store", "journal '%s': there is room again", disk->path);
    else
        yw_warn("store", "journal '%s': %s: %s", disk->path, why->text,
                room == YW_JOURNAL_NONE ? "events wait for room"
                                        : "the reserve was given up");
    if (disk->journal.on_room != NULL)
        disk->journal.on_room(disk->journal.owner, room, why);
}

static int refill(void *arg, struct yw_err *err)
{
    return yw_reserve_make(arg, err);
}

static void on_refilled(void *owner, void *arg, int code, const struct yw_err *err)
{
    struct disk *disk = owner;
    (void)arg;
    disk->filling = false;
    if (disk->closing || disk->room != YW_JOURNAL_RESERVE)
        return;
    set_room(disk, code == YW_OK ? YW_JOURNAL_ROOM : YW_JOURNAL_RESERVE, err);
}

/* The disk was full: what waits is tried again; with nothing waiting, the reserve. */
static void on_again(struct yw_due_entry *entry)
{
    struct disk *disk = entry->arg;
    struct yw_err err = {0};
    if (disk->closing || disk->broken)
        return;
    if (disk->room == YW_JOURNAL_NONE) {
        start_commit(disk);
        return;
    }
    struct yw_job job = {.key = "journal",
                         .work = refill,
                         .done = on_refilled,
                         .arg = disk->path,
                         .owner = disk};
    if (!disk->filling) {
        disk->filling = true;
        if (yw_pool_submit(disk->pool, &job, &err) < 0)
            go_broken(disk, &err);
    }
}

static void on_committed(void *owner, void *arg, int code, const struct yw_err *err)
{
    struct disk *disk = owner;
    const struct batch *batch = arg;
    struct yw_err full = {0};
    disk->committing = false;
    if (code == YW_ECANCELED && disk->closing) {
        batch_return(disk, arg);
        return;
    }
    if (code != YW_OK && batch->full && !disk->closing) {
        batch_return(disk, arg);
        set_room(disk, YW_JOURNAL_NONE, err);
        return;
    }
    if (code != YW_OK) {
        go_broken(disk, err);
        return;
    }
    (void)yw_err_set(&full, YW_EIO, "the disk is full");
    if (batch->gave_up || (disk->room == YW_JOURNAL_NONE && disk->has_reserve))
        set_room(disk, YW_JOURNAL_RESERVE, &full);
    else if (disk->room == YW_JOURNAL_NONE)
        set_room(disk, YW_JOURNAL_ROOM, NULL);
    /* The next group goes to the disk while this one is told. */
    start_commit(disk);
    acknowledge(disk, arg);
}

static int disk_append(struct yw_journal *journal, struct yw_event *event,
                       int64_t *ret_seq_before, struct yw_err *err)
{
    struct disk *disk = disk_of(journal);
    if (disk->pool == NULL || disk->closing)
        return yw_err_set(err, YW_ESTATE, "the journal is %s",
                          disk->closing ? "closing" : "open for reading only");
    if (disk->broken)
        return yw_err_set(err, YW_EIO, "%s", disk->why.text);
    if (disk->waiting >= YW_JOURNAL_QUEUE_MAX)
        return yw_err_set(err, YW_ELIMIT, "more than %d events wait for the disk",
                          YW_JOURNAL_QUEUE_MAX);
    struct yw_record *record = NULL;
    int code = yw_tail_add(&disk->tail, event, &record, ret_seq_before, err);
    if (code != YW_OK)
        return code;
    *disk->queue_end = record;
    disk->queue_end = &record->next;
    disk->waiting++;
    start_commit(disk);
    return YW_OK;
}

static int disk_put(struct yw_journal *journal, struct yw_event *event,
                    struct yw_err *err)
{
    struct disk *disk = disk_of(journal);
    if (disk->pool != NULL || disk->db == NULL || disk->broken)
        return yw_err_set(err, YW_ESTATE, "the journal is %s",
                          disk->pool != NULL ? "attached already"
                          : disk->broken     ? "broken"
                                             : "open for reading only");
    struct yw_record *record = NULL;
    int code = yw_tail_add(&disk->tail, event, &record, NULL, err);
    if (code != YW_OK)
        return code;
    struct batch batch = {.first = record,
                          .db = disk->db,
                          .insert = disk->insert,
                          .note_fd = disk->note_fd,
                          .path = disk->path};
    code = commit(&batch, err);
    if (code == YW_OK) {
        disk->durable_seq = record->event.seq;
        disk->durable_hash = record->hash;
    }
    disk->broken = code != YW_OK; /* its number is given */
    free_records(record);
    return code;
}

static int disk_attach(struct yw_journal *journal, struct yw_loop *loop,
                       struct yw_err *err)
{
    struct disk *disk = disk_of(journal);
    if (disk->pool != NULL)
        return YW_OK;
    if (disk->db == NULL || disk->broken)
        return yw_err_set(err, YW_ESTATE, "journal '%s': cannot be written", disk->path);
    disk->loop = loop;
    disk->again.run = on_again;
    disk->again.arg = disk;
    return yw_pool_open(&disk->pool, loop, 1, err);
}

void yw_journal_try_again(struct yw_journal *journal, int64_t again_ms)
{
    disk_of(journal)->again_ms = again_ms;
}

int yw_journal_reserve(struct yw_journal *journal, bool keep, struct yw_err *err)
{
    if (journal->ops != &disk_ops || disk_of(journal)->db == NULL)
        return yw_err_set(err, YW_ESTATE, "the journal takes no events");
    disk_of(journal)->has_reserve = keep;
    if (!keep) {
        (void)yw_reserve_give_up(disk_of(journal)->path);
        return YW_OK;
    }
    return yw_reserve_make(disk_of(journal)->path, err);
}

static int disk_scan(struct yw_journal *journal, int64_t from_seq,
                     int (*fn)(void *arg, const struct yw_stored *stored), void *arg,
                     struct yw_err *err)
{
    return yw_db_scan(disk_of(journal)->reader, from_seq, fn, arg, err);
}

static void disk_head(struct yw_journal *journal, int64_t *ret_seq,
                      struct yw_hash *ret_hash)
{
    struct disk *disk = disk_of(journal);
    if (disk->pool == NULL) {
        int64_t seq = disk->durable_seq;
        struct yw_hash hash = disk->durable_hash;
        if (yw_db_head(disk->reader, &seq, &hash, NULL) == YW_OK) {
            disk->durable_seq = seq;
            disk->durable_hash = hash;
        }
    }
    *ret_seq = disk->durable_seq;
    *ret_hash = disk->durable_hash;
}

static int disk_backup(struct yw_journal *journal, const char *path, struct yw_err *err)
{
    return yw_db_backup(disk_of(journal)->path, path, err);
}

static void disk_free(struct disk *disk)
{
    (void)sqlite3_finalize(disk->insert);
    yw_db_close(disk->reader);
    yw_db_close(disk->db);
    if (disk->note_fd >= 0)
        (void)close(disk->note_fd);
    free_records(disk->queue);
    yw_tail_fini(&disk->tail);
    free(disk->path);
    free(disk);
}

static void disk_close(struct yw_journal *journal)
{
    struct disk *disk = disk_of(journal);
    disk->closing = true;
    journal->on_durable = NULL;
    journal->on_broken = NULL;
    journal->on_room = NULL;
    if (disk->loop != NULL)
        yw_due_cancel(yw_loop_due(disk->loop), &disk->again);
    yw_pool_close(disk->pool); /* waits for what is being committed */
    while (disk->queue != NULL && !disk->broken) {
        struct batch *batch = batch_take(disk);
        struct yw_err err = {0};
        on_committed(disk, batch, commit(batch, &err), &err);
        batch_free(batch);
    }
    if (disk->has_reserve)
        (void)yw_reserve_give_up(disk->path);
    disk_free(disk);
}

static int64_t disk_key(const struct yw_journal *journal, const char *key)
{
    const struct disk *disk = (const struct disk *)(const void *)journal;
    return yw_tail_key(&disk->tail, key);
}

static const struct yw_journal_ops disk_ops = {
    .append = disk_append,
    .scan = disk_scan,
    .head = disk_head,
    .backup = disk_backup,
    .key = disk_key,
    .put = disk_put,
    .attach = disk_attach,
    .close = disk_close,
};

static struct disk *disk_new(const char *path)
{
    struct disk *disk = yw_new(sizeof(*disk));
    disk->journal.ops = &disk_ops;
    disk->path = yw_strdup(path);
    disk->queue_end = &disk->queue;
    disk->note_fd = -1;
    disk->again_ms = AGAIN_MS;
    yw_tail_init(&disk->tail);
    return disk;
}

static int open_parts(struct disk *disk, int64_t pages_max, char report[256],
                      struct yw_err *err)
{
    static const char sql[] =
        "INSERT INTO event (seq, json, hash, key) VALUES (?1, ?2, ?3, ?4)";
    int code = yw_recover(&disk->db, &disk->tail, disk->path, pages_max, report, err);
    if (code != YW_OK)
        return code;
    if (sqlite3_prepare_v3(disk->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &disk->insert,
                           NULL) != SQLITE_OK)
        return yw_db_err(err, disk->db, "prepare");
    code = yw_db_open_read(&disk->reader, disk->path, err);
    if (code == YW_OK)
        code = yw_note_open(disk->path, &disk->note_fd, err);
    if (code != YW_OK)
        return code;
    disk->durable_seq = disk->tail.seq;
    disk->durable_hash = disk->tail.hash;
    if (disk->durable_seq > 0 || report[0] != '\0')
        yw_note_write(disk->note_fd, disk->durable_seq, &disk->durable_hash);
    return YW_OK;
}

int yw_journal_open_limited(struct yw_journal **ret, struct yw_loop *loop,
                            const char *path, int64_t pages_max, char ret_report[256],
                            struct yw_err *err)
{
    char report[256] = "";
    struct yw_err own = {0};
    if (err == NULL)
        err = &own;
    struct disk *disk = disk_new(path);
    int code = open_parts(disk, pages_max, report, err);
    if (code == YW_OK && loop != NULL)
        code = disk_attach(&disk->journal, loop, err);
    if (code != YW_OK) {
        disk_free(disk);
        return yw_err_prefix(err, "journal '%s'", path);
    }
    if (report[0] != '\0')
        yw_warn("store", "journal '%s': %s", path, report);
    if (ret_report != NULL)
        memcpy(ret_report, report, sizeof(report));
    *ret = &disk->journal;
    return YW_OK;
}

int yw_journal_open(struct yw_journal **ret, struct yw_loop *loop, const char *path,
                    char ret_report[256], struct yw_err *err)
{
    return yw_journal_open_limited(ret, loop, path, YW_DB_PAGES_MAX, ret_report, err);
}

int yw_journal_open_read(struct yw_journal **ret, const char *path, struct yw_err *err)
{
    struct yw_err own = {0};
    if (err == NULL)
        err = &own;
    struct disk *disk = disk_new(path);
    int version = 0;
    int code = yw_db_open_read(&disk->reader, path, err);
    if (code == YW_OK)
        code = yw_db_version(disk->reader, &version, err);
    if (code == YW_OK && version == 0)
        code = yw_err_set(err, YW_ESTATE, "it is empty");
    if (code != YW_OK) {
        disk_free(disk);
        return yw_err_prefix(err, "journal '%s'", path);
    }
    *ret = &disk->journal;
    return YW_OK;
}
