/* An exported journal, read as a journal: verified as a whole when it is opened, so that
 * whoever folds it folds what was written. */
#include "base/buf.h"
#include "base/mem.h"
#include "codec/event.h"
#include "store/inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct exported {
    struct yw_journal journal; /* first: the handle */
    struct yw_verify verified;
    FILE *file;
};

static struct exported *exported_of(struct yw_journal *journal)
{
    return (struct exported *)(void *)journal;
}

static int read_only(struct yw_err *err)
{
    return yw_err_set(err, YW_ESTATE, "an exported journal can only be read");
}

static int exported_append(struct yw_journal *journal, struct yw_event *event,
                           int64_t *ret_seq_before, struct yw_err *err)
{
    (void)journal;
    (void)event;
    (void)ret_seq_before;
    return read_only(err);
}

static int exported_backup(struct yw_journal *journal, const char *path,
                           struct yw_err *err)
{
    (void)journal;
    (void)path;
    return read_only(err);
}

static int scan_line(const char *line, size_t size, int64_t from_seq,
                     int (*fn)(void *arg, const struct yw_stored *stored), void *arg,
                     struct yw_err *err)
{
    struct yw_event event;
    struct yw_hash prev;
    struct yw_stored stored = {0};
    struct yw_buf canonical;

    yw_buf_init(&canonical, YW_JOURNAL_RECORD_MAX);
    int code =
        yw_event_decode_line(&event, &prev, &stored.hash, &canonical, line, size, err);
    if (code == YW_OK && event.seq >= from_seq) {
        stored.seq = event.seq;
        stored.json = canonical.data;
        stored.size = canonical.size;
        stored.key = event.key;
        code = fn(arg, &stored);
    }
    yw_buf_fini(&canonical);
    return code;
}

static int exported_scan(struct yw_journal *journal, int64_t from_seq,
                         int (*fn)(void *arg, const struct yw_stored *stored), void *arg,
                         struct yw_err *err)
{
    struct exported *exported = exported_of(journal);
    char *line = NULL;
    size_t room = 0;
    int code = YW_OK;

    rewind(exported->file);
    /* The lines were measured when the file was verified, and may not have grown since.
     */
    for (int64_t i = 0; code == YW_OK && i < exported->verified.count; i++) {
        ssize_t size = getline(&line, &room, exported->file);

        if (size <= 0)
            code =
                yw_err_set(err, YW_EIO, "the exported journal changed while it was read");
        else
            code = scan_line(line, (size_t)size - 1, from_seq, fn, arg, err);
    }
    free(line);
    return code;
}

static void exported_head(struct yw_journal *journal, int64_t *ret_seq,
                          struct yw_hash *ret_hash)
{
    *ret_seq = exported_of(journal)->verified.count;
    *ret_hash = exported_of(journal)->verified.head;
}

static void exported_close(struct yw_journal *journal)
{
    (void)fclose(exported_of(journal)->file);
    free(exported_of(journal));
}

static const struct yw_journal_ops exported_ops = {
    .append = exported_append,
    .scan = exported_scan,
    .head = exported_head,
    .backup = exported_backup,
    .close = exported_close,
};

int yw_journal_open_exported(struct yw_journal **ret, const char *path,
                             struct yw_err *err)
{
    struct yw_verify verified;
    int code = yw_verify_file(path, &verified, err);

    if (code != YW_OK)
        return code;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return yw_err_errno(err, YW_EIO, errno, path);
    struct exported *exported = yw_new(sizeof *exported);

    exported->journal.ops = &exported_ops;
    exported->verified = verified;
    exported->file = file;
    *ret = &exported->journal;
    return YW_OK;
}
