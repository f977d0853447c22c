#include "store_fixture.h"

#include "../golden/event_sample.h"

#include "base/log.h"
#include "base/mem.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_MAX (256U * 1024 * 1024)
#define WAIT_MS 60000

int fixture_set_up(void **state)
{
    struct fixture *fixture = yw_new(sizeof(*fixture));
    struct yw_err err;
    /* Memory: the sweeps open thousands of files, and what a sync means is tested by a
     * fake. */
    const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    yw_log_setup("test", YW_LOG_ERROR, false,
                 STDERR_FILENO); /* sweeps warn by the hundred */
    (void)snprintf(fixture->dir, sizeof(fixture->dir), "%s/yw-store-XXXXXX", tmp);
    if (yw_hash_setup() != 0 || mkdtemp(fixture->dir) == NULL ||
        yw_loop_open(&fixture->loop, &err) != 0)
        return -1;
    (void)snprintf(fixture->path, sizeof(fixture->path), "%.200s/journal.db",
                   fixture->dir);
    *state = fixture;
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    yw_loop_close(fixture->loop);
    DIR *dir = opendir(fixture->dir);
    for (struct dirent *at = readdir(dir); at != NULL; at = readdir(dir))
        (void)unlinkat(dirfd(dir), at->d_name, 0);
    (void)closedir(dir);
    int failed = rmdir(fixture->dir);
    free(fixture);
    return failed;
}

static void on_durable(void *owner, const struct yw_event *event)
{
    struct fixture *fixture = owner;
    assert_int_equal(event->seq, fixture->durable + 1);
    fixture->durable = event->seq;
}

static void on_broken(void *owner, const struct yw_err *err)
{
    struct fixture *fixture = owner;
    assert_int_not_equal(err->code, 0);
    fixture->broken++;
}

void fixture_listen(struct fixture *fixture)
{
    struct yw_hash hash;
    fixture->journal->on_durable = on_durable;
    fixture->journal->on_broken = on_broken;
    fixture->journal->owner = fixture;
    yw_journal_head(fixture->journal, &fixture->durable, &hash);
}

int fixture_open(struct fixture *fixture, char report[256], struct yw_err *err)
{
    int code =
        yw_journal_open(&fixture->journal, fixture->loop, fixture->path, report, err);
    if (code != 0) {
        print_message("refused: %s\n", err == NULL ? "" : err->text);
        return code;
    }
    fixture_listen(fixture);
    return 0;
}

void fixture_close(struct fixture *fixture)
{
    yw_journal_close(fixture->journal);
    fixture->journal = NULL;
}

void fixture_event(int64_t number, struct yw_event *ret)
{
    event_sample((enum yw_event_kind)(number % YW_EVENT_KINDS), ret);
    ret->seq = 0;
    ret->drill_ms = number * 100;
    memset(ret->key, 0, sizeof(ret->key));
    if (number % 5 == 0)
        (void)snprintf(ret->key, sizeof(ret->key), "request-%lld", (long long)number);
}

int fixture_append(struct fixture *fixture, int count)
{
    int64_t last = 0;
    struct yw_hash hash;
    yw_journal_head(fixture->journal, &last, &hash);
    for (int i = 0; i < count; i++) {
        struct yw_event event;
        fixture_event(last + 1 + i, &event);
        int code = yw_journal_append(fixture->journal, &event, NULL, NULL);
        if (code != 0)
            return code;
    }
    return 0;
}

void fixture_wait(struct fixture *fixture, int64_t seq)
{
    int64_t end_ms = yw_clock_mono_ms(yw_loop_clock(fixture->loop)) + WAIT_MS;
    while (fixture->durable < seq && fixture->broken == 0 &&
           yw_clock_mono_ms(yw_loop_clock(fixture->loop)) < end_ms)
        yw_loop_turn(fixture->loop, 50);
}

bool fixture_has_file(const char *path)
{
    return access(path, F_OK) == 0;
}

void fixture_read_file(const char *path, struct yw_buf *ret)
{
    char chunk[65536];
    yw_buf_init(ret, FILE_MAX);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t size = fread(chunk, 1, sizeof(chunk), file);
    while (size > 0) {
        yw_buf_put(ret, chunk, size);
        size = fread(chunk, 1, sizeof(chunk), file);
    }
    (void)fclose(file);
    assert_false(ret->overflow);
}

void fixture_write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    if (size > 0)
        assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void fixture_crash_copy(const char *from, const char *to)
{
    const char *const ends[] = {"", "-wal", "-head", "-shm"};
    for (size_t i = 0; i < 4; i++) {
        char *source = yw_strf("%s%s", from, ends[i]);
        char *target = yw_strf("%s%s", to, ends[i]);
        (void)unlink(target);
        if (i < 3 && fixture_has_file(source)) {
            struct yw_buf bytes;
            fixture_read_file(source, &bytes);
            fixture_write_file(target, bytes.data, bytes.size);
            yw_buf_fini(&bytes);
        }
        free(source);
        free(target);
    }
}

static int put_line(void *arg, const char *line, size_t size)
{
    yw_buf_put(arg, line, size);
    return 0;
}

void fixture_export(struct yw_journal *journal, struct yw_buf *ret)
{
    struct yw_err err = {0};
    yw_buf_init(ret, FILE_MAX);
    if (yw_journal_export(journal, 1, put_line, ret, &err) != 0)
        fail_msg("%s", err.text);
    assert_false(ret->overflow);
}
