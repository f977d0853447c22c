#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Sweeps over copies of a database and its write-ahead log: a tear is dropped with a
 * report, damage is refused with a number, and what is served is always a part of the
 * truth. */
#include "base/mem.h"
#include "store/inside.h"

#define COMMITS 6
#define PER_COMMIT 8
#define RECORDS (COMMITS * PER_COMMIT)

struct truth {
    struct yw_buf export;
    char copy[FIXTURE_PATH + 16];
    char wal[FIXTURE_PATH + 32];
};

/* A journal of several commits. Killed: its files as they stand, with a log. Else closed.
 */
static void make(struct fixture *fixture, struct truth *truth, bool killed)
{
    struct yw_err err = {0};
    assert_int_equal(fixture_open(fixture, NULL, &err), 0);
    for (int i = 1; i <= COMMITS; i++) {
        assert_int_equal(fixture_append(fixture, PER_COMMIT), 0);
        fixture_wait(fixture, i * PER_COMMIT);
    }
    fixture_export(fixture->journal, &truth->export);
    (void)snprintf(truth->copy, sizeof(truth->copy), "%s/copy.db", fixture->dir);
    (void)snprintf(truth->wal, sizeof(truth->wal), "%s-wal", truth->copy);
    if (!killed)
        fixture_close(fixture);
    fixture_crash_copy(fixture->path, truth->copy);
    assert_int_equal(fixture_has_file(truth->wal), killed);
    if (killed)
        fixture_close(fixture);
    (void)YW_COPY(fixture->path, truth->copy);
}

/* Opens the copy; when that works, what it says must be the beginning of the truth. The
 * number of records, or -1 when it was refused. */
static int64_t open_copy(struct fixture *fixture, const struct truth *truth,
                         char report[256], struct yw_err *err)
{
    struct yw_buf before;
    struct yw_buf now;
    fixture_read_file(truth->copy, &before);
    memset(err, 0, sizeof(*err));
    int code =
        yw_journal_open(&fixture->journal, fixture->loop, truth->copy, report, err);
    if (code != 0) {
        fixture->journal = NULL;
        fixture_read_file(truth->copy, &now);
        assert_int_equal(now.size, before.size);
        assert_memory_equal(now.data, before.data, now.size);
        yw_buf_fini(&now);
        yw_buf_fini(&before);
        assert_true(err->text[0] != '\0');
        return -1;
    }
    yw_buf_fini(&before);
    int64_t seq = 0;
    struct yw_hash hash;
    yw_journal_head(fixture->journal, &seq, &hash);
    fixture_export(fixture->journal, &now);
    assert_true(now.size <= truth->export.size);
    assert_memory_equal(now.data, truth->export.data, now.size);
    yw_buf_fini(&now);
    fixture_close(fixture);
    return seq;
}

static void test_every_cut_of_the_log(void **state)
{
    struct fixture *fixture = *state;
    struct truth truth;
    struct yw_buf wal;
    struct yw_err err;
    char report[256];
    char again[256];
    char source[FIXTURE_PATH];
    int64_t last = -1;
    make(fixture, &truth, true);
    (void)snprintf(source, sizeof(source), "%.230s/source.db", fixture->dir);
    fixture_crash_copy(truth.copy, source);
    fixture_read_file(truth.wal, &wal);
    size_t dense = wal.size - 60;
    for (size_t size = 0; size <= wal.size; size += size < dense ? 509 : 1) {
        if (size < dense && size + 509 > dense)
            size = dense;
        fixture_crash_copy(source, truth.copy);
        fixture_write_file(truth.wal, wal.data, size);
        int64_t seq = open_copy(fixture, &truth, report, &err);
        if (seq < 0 || seq < last)
            fail_msg("cut at %zu: %s", size, err.text);
        last = seq;
        if (seq < RECORDS) /* the note knows what was acknowledged */
            assert_non_null(strstr(report, "acknowledged records after it are lost"));
        assert_int_equal(open_copy(fixture, &truth, again, &err), seq);
        assert_string_equal(again, "");
    }
    assert_int_equal(last, RECORDS);
    assert_string_equal(report, "");
    yw_buf_fini(&wal);
    yw_buf_fini(&truth.export);
}

static void test_flips_in_the_log(void **state)
{
    struct fixture *fixture = *state;
    struct truth truth;
    struct yw_buf wal;
    struct yw_err err;
    char report[256];
    char source[FIXTURE_PATH];
    int refused = 0;
    make(fixture, &truth, true);
    (void)snprintf(source, sizeof(source), "%.230s/source.db", fixture->dir);
    fixture_crash_copy(truth.copy, source);
    fixture_read_file(truth.wal, &wal);
    for (size_t at = 0; at < wal.size; at += at < 120 ? 1 : 499) {
        wal.data[at] = (char)((unsigned char)wal.data[at] ^ (1U << (at % 8)));
        fixture_crash_copy(source, truth.copy);
        fixture_write_file(truth.wal, wal.data, wal.size);
        int64_t seq = open_copy(fixture, &truth, report, &err);
        if (seq < 0) {
            refused++;
            assert_int_equal(err.code, YW_ECORRUPT);
            assert_non_null(strstr(err.text, "record "));
            struct yw_verify verify = {.bad_seq = 1};
            if (refused % 10 == 0)
                assert_int_equal(yw_verify_database(truth.copy, &verify, &err),
                                 YW_ECORRUPT);
            assert_true(verify.bad_seq > 0);
        } else if (seq < RECORDS && report[0] == '\0') {
            fail_msg("flip at %zu: %lld records without a report", at, (long long)seq);
        } else if (seq < RECORDS - PER_COMMIT) {
            fail_msg("flip at %zu: whole commits follow, %lld kept", at, (long long)seq);
        }
        wal.data[at] = (char)((unsigned char)wal.data[at] ^ (1U << (at % 8)));
    }
    assert_true(refused > 50);
    yw_buf_fini(&wal);
    yw_buf_fini(&truth.export);
}

static void test_a_commit_under_way_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    struct truth truth;
    struct yw_buf wal;
    struct yw_err err;
    char report[256];
    make(fixture, &truth, true);
    fixture_read_file(truth.wal, &wal);
    /* A frame of this generation whose checksum does not fit: half a commit. */
    yw_buf_put(&wal, wal.data + wal.size - 4120, 4120);
    fixture_write_file(truth.wal, wal.data, wal.size);
    assert_int_equal(open_copy(fixture, &truth, report, &err), RECORDS);
    assert_non_null(strstr(report, "after record 48 was not whole"));
    assert_non_null(strstr(report, "no acknowledged record is lost"));
    assert_int_equal(open_copy(fixture, &truth, report, &err), RECORDS);
    assert_string_equal(report, "");
    yw_buf_fini(&wal);
    yw_buf_fini(&truth.export);
}

static void test_a_reader_does_not_keep_a_daemon_from_starting(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    sqlite3 *reader = NULL;
    assert_int_equal(fixture_open(fixture, NULL, &err), 0);
    assert_int_equal(fixture_append(fixture, 5), 0);
    fixture_wait(fixture, 5);
    assert_int_equal(sqlite3_open(fixture->path, &reader), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM event", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(fixture_append(fixture, 5), 0);
    fixture_wait(fixture, 10);
    fixture_close(fixture);
    assert_int_equal(fixture_open(fixture, NULL, &err), 0);
    assert_int_equal(fixture->durable, 10);
    assert_int_equal(fixture_append(fixture, 1), 0);
    fixture_wait(fixture, 11);
    assert_int_equal(fixture->durable, 11);
    (void)sqlite3_close(reader);
}

static void test_a_missing_or_zeroed_log(void **state)
{
    struct fixture *fixture = *state;
    struct truth truth;
    struct yw_buf wal;
    struct yw_err err;
    char report[256];
    make(fixture, &truth, true);
    fixture_read_file(truth.wal, &wal);
    memset(wal.data + wal.size / 2, 0, wal.size - wal.size / 2);
    fixture_write_file(truth.wal, wal.data, wal.size);
    int64_t seq = open_copy(fixture, &truth, report, &err);
    assert_in_range(seq, 1, RECORDS - 1);
    assert_non_null(strstr(report, "torn tail"));
    assert_non_null(strstr(report, "lost"));
    yw_buf_fini(&wal);
    yw_buf_fini(&truth.export);
}

static void test_a_log_that_is_gone(void **state)
{
    struct fixture *fixture = *state;
    struct truth truth;
    struct yw_err err;
    char report[256];
    make(fixture, &truth, true);
    assert_int_equal(unlink(truth.wal), 0);
    int64_t seq = open_copy(fixture, &truth, report, &err);
    assert_int_equal(seq, 0);
    assert_non_null(strstr(report, "48 acknowledged records after it are lost"));
    yw_buf_fini(&truth.export);
}

static void test_flips_in_the_database(void **state)
{
    struct fixture *fixture = *state;
    struct truth truth;
    struct yw_buf bytes;
    struct yw_err err;
    struct yw_verify verify;
    char report[256];
    int refused = 0;
    make(fixture, &truth, false);
    fixture_read_file(truth.copy, &bytes);
    for (size_t at = 0; at < bytes.size; at += at < 200 ? 1 : 211) {
        bytes.data[at] = (char)((unsigned char)bytes.data[at] ^ (1U << (at % 8)));
        (void)unlink(truth.wal);
        fixture_write_file(truth.copy, bytes.data, bytes.size);
        int verified = yw_verify_database(truth.copy, &verify, &err);
        int64_t seq = open_copy(fixture, &truth, report, &err);
        refused += seq < 0;
        if (seq >= 0 && seq != RECORDS)
            fail_msg("flip at %zu: %lld records", at, (long long)seq);
        if ((verified == 0) != (seq == RECORDS))
            fail_msg("flip at %zu: verify %d, records %lld: %s", at, verified,
                     (long long)seq, err.text);
        bytes.data[at] = (char)((unsigned char)bytes.data[at] ^ (1U << (at % 8)));
    }
    assert_true(refused > 50);
    yw_buf_fini(&bytes);
    yw_buf_fini(&truth.export);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    (void)sqlite3_close(db);
}

static void test_the_first_bad_record_is_named(void **state)
{
    static const struct {
        const char *sql;
        const char *says;
        int64_t bad;
    } cases[] = {
        {"UPDATE event SET json = replace(json, '1700', '1800') WHERE seq = 17",
         "record 17 is damaged: its hash", 17},
        {"DELETE FROM event WHERE seq = 17", "record 17 is damaged: it is missing", 17},
        {"UPDATE event SET hash = zeroblob(32) WHERE seq = 17", "record 17 is damaged",
         17},
        {"UPDATE event SET key = 'stolen' WHERE seq = 20",
         "record 20 is damaged: its key", 20},
        {"UPDATE event SET json = '' WHERE seq = 1", "record 1 is damaged", 1},
        {"UPDATE event SET seq = 1000 WHERE seq = 48",
         "record 48 is damaged: it is missing", 48},
        {"INSERT INTO event SELECT seq + 1, json, hash, NULL FROM event WHERE seq = 48",
         "record 49 is damaged: its hash", 49}, /* a doubled tail */
    };
    struct fixture *fixture = *state;
    struct truth truth;
    struct yw_verify verify;
    struct yw_err err;
    char report[256];
    char source[FIXTURE_PATH];
    make(fixture, &truth, false);
    (void)snprintf(source, sizeof(source), "%.230s/source.db", fixture->dir);
    fixture_crash_copy(truth.copy, source);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_crash_copy(source, truth.copy);
        run_sql(truth.copy, cases[i].sql);
        assert_int_equal(yw_verify_database(truth.copy, &verify, &err), YW_ECORRUPT);
        assert_int_equal(verify.bad_seq, cases[i].bad);
        assert_int_equal(verify.count, cases[i].bad - 1);
        assert_int_equal(open_copy(fixture, &truth, report, &err), -1);
        assert_int_equal(err.code, YW_ECORRUPT);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("expected '%s'; got '%s'", cases[i].says, err.text);
    }
    yw_buf_fini(&truth.export);
}

static void test_the_note_witnesses(void **state)
{
    struct fixture *fixture = *state;
    struct truth truth;
    struct yw_err err;
    char report[256];
    char note[FIXTURE_PATH + 32];
    make(fixture, &truth, false);
    (void)snprintf(note, sizeof(note), "%s-head", truth.copy);
    run_sql(truth.copy, "DELETE FROM event WHERE seq > 46");
    assert_int_equal(open_copy(fixture, &truth, report, &err), 46);
    assert_non_null(strstr(report, "ends with record 46; 2 acknowledged records"));
    fixture_write_file(note, "rubbish", 7);
    assert_int_equal(open_copy(fixture, &truth, report, &err), 46);
    assert_non_null(strstr(report, "cannot be read"));
    assert_int_equal(open_copy(fixture, &truth, report, &err), 46);
    assert_string_equal(report, "");
    /* A chain that is whole, but not the one that was acknowledged. */
    struct yw_buf text;
    fixture_read_file(note, &text);
    text.data[40] = text.data[40] == '0' ? '1' : '0';
    fixture_write_file(note, text.data, text.size);
    yw_buf_fini(&text);
    assert_int_equal(open_copy(fixture, &truth, report, &err), -1);
    assert_non_null(strstr(err.text, "record 46 is damaged: it is not the one that was"));
    assert_int_equal(unlink(note), 0);
    assert_int_equal(open_copy(fixture, &truth, report, &err), 46);
    assert_string_equal(report, "");
    yw_buf_fini(&truth.export);
}

static void test_versions_and_strangers(void **state)
{
    struct fixture *fixture = *state;
    struct truth truth;
    struct yw_err err;
    char report[256];
    make(fixture, &truth, false);
    run_sql(truth.copy, "PRAGMA user_version = 99");
    assert_int_equal(open_copy(fixture, &truth, report, &err), -1);
    assert_int_equal(err.code, YW_ESTATE);
    assert_non_null(strstr(err.text, "newer version"));
    (void)unlink(truth.copy);
    run_sql(truth.copy, "CREATE TABLE cats (name TEXT)");
    assert_int_equal(open_copy(fixture, &truth, report, &err), -1);
    assert_non_null(strstr(err.text, "not a journal of ours"));
    fixture_write_file(truth.copy,
                       "a text, and long enough to be looked at as a header....", 55);
    assert_int_equal(open_copy(fixture, &truth, report, &err), -1);
    assert_int_equal(err.code, YW_ECORRUPT);
    yw_buf_fini(&truth.export);
}

static int64_t version_of(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &stmt, NULL), 0);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t version = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return version;
}

static void test_migrations_by_number(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err;
    sqlite3 *db = NULL;
    const struct yw_migration good[] = {
        {1, "CREATE TABLE a (x INTEGER) STRICT; PRAGMA user_version = 1;"},
        {2, "ALTER TABLE a ADD COLUMN y INTEGER; PRAGMA user_version = 2;"},
        {3, "INSERT INTO a VALUES (1, 2); PRAGMA user_version = 3;"},
    };
    const struct yw_migration bad[] = {
        {4, "INSERT INTO a VALUES (3, 4); INSERT INTO nowhere VALUES (1);"}};
    assert_int_equal(yw_db_open(&db, fixture->path, YW_DB_PAGES_MAX, &err), 0);
    assert_int_equal(yw_db_migrate(db, good, 2, &err), 0);
    assert_int_equal(version_of(db), 2);
    assert_int_equal(yw_db_migrate(db, good, 3, &err), 0);
    assert_int_equal(yw_db_migrate(db, good, 3, &err), 0); /* each once */
    assert_int_equal(version_of(db), 3);
    assert_int_equal(yw_db_migrate(db, bad, 1, &err), YW_EIO);
    assert_non_null(strstr(err.text, "migration 4: "));
    assert_int_equal(version_of(db), 3);
    run_sql(fixture->path, "CREATE TABLE one AS SELECT 1 / (count(*) = 1) AS x FROM a");
    yw_db_close(db);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_every_cut_of_the_log),
        T(test_flips_in_the_log),
        T(test_a_commit_under_way_is_dropped),
        T(test_a_reader_does_not_keep_a_daemon_from_starting),
        T(test_a_missing_or_zeroed_log),
        T(test_a_log_that_is_gone),
        T(test_flips_in_the_database),
        T(test_the_first_bad_record_is_named),
        T(test_the_note_witnesses),
        T(test_versions_and_strangers),
        T(test_migrations_by_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
