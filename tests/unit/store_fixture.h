/* A data directory, a loop and a journal with sample events; and a crash, which is a copy
 * of the files as they stand. */
#ifndef YW_TESTS_STORE_FIXTURE_H
#define YW_TESTS_STORE_FIXTURE_H

#include "base/buf.h"
#include "loop/loop.h"
#include "store/journal.h"

#include <stdbool.h>

#define FIXTURE_PATH 256

struct fixture {
    char dir[FIXTURE_PATH];
    char path[FIXTURE_PATH]; /* of the journal in it */
    struct yw_loop *loop;
    struct yw_journal *journal;
    int64_t durable; /* the last number acknowledged; they come in order */
    int broken;      /* calls of on_broken */
};

int fixture_set_up(void **state);
int fixture_tear_down(void **state);
/* Opens fixture->journal and listens to it. */
int fixture_open(struct fixture *fixture, char report[256], struct yw_err *err);
/* Listens to a journal that was opened in another way. */
void fixture_listen(struct fixture *fixture);
void fixture_close(struct fixture *fixture);
/* The n-th sample event: every kind in turn; a key on every fifth. */
void fixture_event(int64_t number, struct yw_event *ret);
/* Appends as many more events; the first code that is not 0. */
int fixture_append(struct fixture *fixture, int count);
/* Turns the loop until all that was appended is durable, or the journal broke. */
void fixture_wait(struct fixture *fixture, int64_t seq);

/* Whole files. */
void fixture_read_file(const char *path,
                       struct yw_buf *ret); /* init here, fini by the caller */
bool fixture_has_file(const char *path);
void fixture_write_file(const char *path, const void *bytes, size_t size);
/* <from>, <from>-wal and <from>-head as they stand; what is missing there goes here too.
 */
void fixture_crash_copy(const char *from, const char *to);
void fixture_export(struct yw_journal *journal, struct yw_buf *ret); /* init here */

#endif
