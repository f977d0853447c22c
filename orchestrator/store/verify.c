#include "base/buf.h"
#include "base/mem.h"
#include "codec/event.h"
#include "store/inside.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX (YW_JOURNAL_RECORD_MAX + 512)
#define WAL_LOOKS 3
#define WAL_LOOK_US 10000

__attribute__((format(printf, 2, 3))) static int bad(char detail[256], const char *fmt,
                                                     ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(detail, 256, fmt, args);
    va_end(args);
    return YW_ECORRUPT;
}

/* The text must be an event, say the same as its columns, and be the one text of that
 * event. */
static int check_event(const struct yw_stored *stored, char detail[256])
{
    struct yw_event event;
    struct yw_err err = {0};
    if (yw_event_decode(&event, stored->json, stored->size, &err) != YW_OK)
        return bad(detail, "%s", err.text);
    if (event.seq != stored->seq)
        return bad(detail, "its text is that of record %lld", (long long)event.seq);
    if (strcmp(event.key, stored->key) != 0)
        return bad(detail, "its key column differs from its text");
    struct yw_buf again;
    yw_buf_init(&again, YW_JOURNAL_RECORD_MAX);
    yw_event_encode(&again, &event);
    bool same = !again.overflow && again.size == stored->size &&
                memcmp(again.data, stored->json, again.size) == 0;
    yw_buf_fini(&again);
    return same ? YW_OK : bad(detail, "its text is not canonical");
}

int yw_chain_check(struct yw_chain *chain, const struct yw_stored *stored,
                   bool whole_event, char ret_detail[256])
{
    if (stored->seq != chain->seq + 1)
        return bad(ret_detail, "it is missing; the next one is record %lld",
                   (long long)stored->seq);
    if (stored->size > YW_JOURNAL_RECORD_MAX)
        return bad(ret_detail, "it is above %d bytes", YW_JOURNAL_RECORD_MAX);
    struct yw_hash hash;
    yw_hash_chain(&chain->hash, stored->json, stored->size, &hash);
    if (!yw_hash_equal(&hash, &stored->hash))
        return bad(ret_detail, "its hash does not continue the chain");
    if (whole_event) {
        int code = check_event(stored, ret_detail);
        if (code != YW_OK)
            return code;
    }
    chain->seq = stored->seq;
    chain->hash = stored->hash;
    return YW_OK;
}

/* --- a database --- */

struct walk {
    struct yw_chain chain;
    struct yw_verify *verify;
};

static int walk_one(void *arg, const struct yw_stored *stored)
{
    struct walk *walk = arg;
    return yw_chain_check(&walk->chain, stored, true, walk->verify->detail);
}

static int conclude(struct yw_verify *ret, const struct yw_chain *chain, int code,
                    const char *path, struct yw_err *err)
{
    ret->count = chain->seq;
    ret->head = chain->hash;
    if (code != YW_ECORRUPT)
        return code;
    ret->bad_seq = chain->seq + 1;
    if (ret->bad_line > 0)
        return yw_err_set(err, YW_ECORRUPT, "'%s': line %lld, record %lld: %s", path,
                          (long long)ret->bad_line, (long long)ret->bad_seq, ret->detail);
    return yw_err_set(err, YW_ECORRUPT, "'%s': record %lld: %s", path,
                      (long long)ret->bad_seq, ret->detail);
}

/* While a daemon writes, one look may catch a log that is just being started again. */
static int check_wal(const char *path, char detail[256], struct yw_err *err)
{
    enum yw_wal_state state = YW_WAL_CLEAN;
    for (int i = 0; i < WAL_LOOKS; i++) {
        int code = yw_wal_inspect(path, &state, err);
        if (code != YW_OK)
            return code;
        if (state != YW_WAL_DAMAGED)
            return YW_OK;
        (void)usleep(WAL_LOOK_US);
    }
    return bad(detail,
               "its part of the write-ahead log is damaged, and whole commits follow");
}

static int verify_records(sqlite3 *db, struct walk *walk, struct yw_err *err)
{
    int version = 0;
    char *detail = walk->verify->detail;
    struct yw_err why = {0};
    int code = yw_db_version(db, &version, &why);
    struct yw_err check_why = {0};
    int checked = YW_OK;
    if (code == YW_OK && version > 0) {
        checked = yw_db_quick_check(db, &check_why);
        code = yw_db_scan(db, 1, walk_one, walk, &why);
    }
    if (code == YW_ECORRUPT)
        return detail[0] != '\0' ? code : bad(detail, "%s", why.text);
    if (code != YW_OK)
        return yw_err_set(err, code, "%s", why.text);
    if (checked == YW_ECORRUPT)
        return bad(detail, "%s", check_why.text);
    return checked == YW_OK ? YW_OK : yw_err_set(err, checked, "%s", check_why.text);
}

int yw_verify_database(const char *path, struct yw_verify *ret, struct yw_err *err)
{
    memset(ret, 0, sizeof(*ret));
    struct walk walk = {.verify = ret};
    sqlite3 *db = NULL;
    struct yw_err why = {0};
    int code = yw_db_open_read(&db, path, &why);
    if (code == YW_ECORRUPT)
        (void)bad(ret->detail, "%s", why.text);
    else if (code != YW_OK)
        return yw_err_set(err, code, "'%s': %s", path, why.text);
    if (code == YW_OK)
        code = verify_records(db, &walk, err);
    if (code == YW_OK)
        code = check_wal(path, ret->detail, err);
    yw_db_close(db);
    return conclude(ret, &walk.chain, code, path, err);
}

/* --- an exported file --- */

/* One line into text[LINE_MAX + 1] with its newline. Returns its size, 0 at the end of
 * the file, LINE_MAX + 1 when it is longer. */
static size_t next_line(FILE *file, char *text)
{
    size_t size = 0;
    int c = 0;
    while (c != '\n' && size <= LINE_MAX && (c = getc_unlocked(file)) != EOF)
        text[size++] = (char)c;
    return size;
}

/* Byte for byte: the line must be the one that an export of its event writes. */
static int check_line(struct yw_chain *chain, const char *line, size_t size,
                      char detail[256])
{
    struct yw_event event;
    struct yw_hash prev;
    struct yw_hash hash;
    struct yw_buf canonical;
    struct yw_err err = {0};
    if (size > LINE_MAX)
        return bad(detail, "the line is above %d bytes", LINE_MAX);
    if (line[size - 1] != '\n')
        return bad(detail, "the last line is cut");
    yw_buf_init(&canonical, YW_JOURNAL_RECORD_MAX);
    int code =
        yw_event_decode_line(&event, &prev, &hash, &canonical, line, size - 1, &err);
    if (code != YW_OK) {
        code = bad(detail, "%s", err.text);
    } else {
        struct yw_stored stored = {.seq = event.seq,
                                   .json = canonical.data,
                                   .size = canonical.size,
                                   .key = event.key,
                                   .hash = hash};
        struct yw_hash before = chain->hash;
        code = yw_chain_check(chain, &stored, false, detail);
        size_t want_size = 0;
        char *want = yw_export_line(&stored, &before, &want_size);
        if (code == YW_OK && (want_size != size || memcmp(want, line, size) != 0)) {
            chain->seq--; /* the bad one is this one */
            chain->hash = before;
            code = bad(detail, "the line is not what an export writes");
        }
        free(want);
    }
    yw_buf_fini(&canonical);
    return code;
}

int yw_verify_file(const char *path, struct yw_verify *ret, struct yw_err *err)
{
    memset(ret, 0, sizeof(*ret));
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, path);
    struct yw_chain chain = {0};
    char *line = yw_new(LINE_MAX + 1);
    int code = YW_OK;
    int64_t number = 0;
    size_t size = next_line(file, line);
    while (size > 0 && code == YW_OK) {
        number++;
        code = check_line(&chain, line, size, ret->detail);
        if (code == YW_OK)
            size = next_line(file, line);
    }
    if (code != YW_OK)
        ret->bad_line = number;
    else if (ferror(file))
        code = yw_err_set(err, YW_EIO, "'%s' cannot be read", path);
    free(line);
    (void)fclose(file);
    return conclude(ret, &chain, code, path, err);
}
