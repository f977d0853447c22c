/* A serial session as a file: asciicast version 2, what the machine showed ("o"), what
 * people typed ("i") and marks of ours ("m"), in seconds since the session began. The
 * header carries the drill's time of the beginning. Bounded: at YW_RECORDING_MAX bytes a
 * mark says so and nothing more is written. Written through a buffer, without waiting for
 * the disk: a page cache write of some kilobytes a second does not hold the loop up. The
 * hash is of the whole file. Loop thread. */
#ifndef YW_DRILL_RECORDING_H
#define YW_DRILL_RECORDING_H

#include "base/err.h"
#include "base/hash.h"
#include "base/id.h"

#include <stdbool.h>
#include <stdint.h>

#define YW_RECORDING_MAX (8 * 1024 * 1024)
#define YW_RECORDING_NAME "console-%lld"
#define YW_RECORDINGS_DIR "recordings"

struct yw_recording;

struct yw_recording_head {
    const char *drill, *team, *machine; /* borrowed for the call */
    int64_t console;
    int64_t wall_us, drill_ms;
};

/* Makes the folder <drill_dir>/recordings when it is missing. */
int yw_recording_open(struct yw_recording **ret, const char *drill_dir,
                      const struct yw_recording_head *head, struct yw_err *err);
/* kind 'o', 'i' or 'm'; `at_ms` since the beginning. Any bytes; a character cut in two
 * is put together, what is no UTF-8 becomes U+FFFD. */
void yw_recording_add(struct yw_recording *recording, int64_t at_ms, char kind,
                      const void *bytes, size_t size);
void yw_recording_flush(struct yw_recording *recording);
/* NULL-safe; the results may be NULL. */
void yw_recording_close(struct yw_recording *recording, struct yw_hash *ret_hash,
                        int64_t *ret_bytes);
/* Of a file that was not closed. YW_ENOTFOUND: there is none. */
int yw_recording_look(const char *drill_dir, const char *name, struct yw_hash *ret_hash,
                      int64_t *ret_bytes, struct yw_err *err);
/* The path of a recording, *new*; NULL when the name is none. */
char *yw_recording_path(const char *drill_dir, const char *name);

#endif
