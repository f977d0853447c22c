/* Commands to a machine's monitor, over libvirt. A monitor belongs to a process that a
 * hostile guest may have taken: answers are searched for short words, never trusted for
 * sizes or paths. Blocking; worker threads. */
#ifndef YW_VIRT_QMP_H
#define YW_VIRT_QMP_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct yw_host;

/* Runs one command, a JSON object as text. YW_EIO with QEMU's own sentence when it
 * refuses. *ret_answer: *new*; NULL when nobody wants it. */
int yw_qmp_run(struct yw_host *host, const char *uuid, const char *command,
               char **ret_answer, struct yw_err *err);
/* Hands a descriptor over under a name, for "fd:NAME". The caller keeps its own. */
int yw_qmp_give(struct yw_host *host, const char *uuid, const char *name, int fd,
                struct yw_err *err);
/* Until the migration under way has completed, in either direction. */
int yw_qmp_migrated(struct yw_host *host, const char *uuid, int64_t deadline_ms,
                    struct yw_err *err);

/* The answer is an error, and its sentence. Pure. */
bool yw_qmp_refused(const char *answer, char *ret_text, size_t ret_size);
/* "name":"value" stands in the answer, blanks aside. Pure. */
bool yw_qmp_says(const char *answer, const char *name, const char *value);
/* The same for a word that is no string: true, false. Pure. */
bool yw_qmp_is(const char *answer, const char *name, const char *word);
/* The objects of the list that was returned, from *at on (at first the answer): *new*,
 * NULL at the end. Pure. */
char *yw_qmp_next(const char **at);
/* The text of a string member, bounded; "" when there is none. Pure. */
void yw_qmp_text(const char *answer, const char *name, char *ret_text, size_t ret_size);

#endif
