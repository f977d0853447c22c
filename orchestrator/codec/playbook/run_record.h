/* The record of one run of a playbook, for others: as a CACAO file with the state of every step
 * that was carried out, and as a timeline. Thread: any. */
#ifndef YW_CODEC_RUN_RECORD_H
#define YW_CODEC_RUN_RECORD_H

#include "base/buf.h"
#include "response/history.h"
#include "response/run.h"

struct yw_run_record {
    const char *drill, *team;
    const struct yw_run *run;         /* its variables as they are now */
    const struct yw_history *history; /* all borrowed */
};

/* The playbook `source` with what became of it under playbook_extensions: the members of
 * execution-status objects are those of the workflow status schema (cyentific-rni). It is a
 * playbook of its own that names the original in derived_from, without its signatures, which
 * would no longer hold. YW_ELIMIT: larger than a playbook may be. */
int yw_run_record_encode(struct yw_buf *out, const struct yw_run_record *record,
                         const char *source, size_t size, struct yw_err *err);

/* Every event about the run with its sentence: JSON in both languages, CSV (RFC 4180) in one. */
void yw_timeline_json(struct yw_buf *out, const struct yw_run_record *record);
void yw_timeline_csv(struct yw_buf *out, const struct yw_history *history, bool english);

#endif
