/* The rule packs and the calendar of an installation, read once. Owned by whoever opened it; stays
 * put until closed. Reads files: at a start, or on a worker. */
#ifndef YW_DRILL_LAW_H
#define YW_DRILL_LAW_H

#include "model/spec.h"
#include "response/record.h"

struct yw_law_book {
    struct yw_rules *rules; /* owned; NULL: there are none */
    struct yw_calendar calendar;
    struct yw_law law;
};

/* <library_dir>/rules. What cannot be read is told in the log, and leaves an empty book. */
void yw_law_open(struct yw_law_book *book, const char *library_dir);
void yw_law_close(struct yw_law_book *book);
/* What a scenario names of law exists: packs, classes, duties, metrics, merits. `law` may be
 * NULL: then it must name none. YW_EINVAL, YW_ENOTFOUND: "scenario.lua: rules: …". */
bool yw_law_is_named(const struct yw_spec *spec);
int yw_law_check(const struct yw_law *law, const struct yw_spec *spec,
                 struct yw_err *err);
/* NULL: an empty book. Borrowed. */
const struct yw_law *yw_law_of(const struct yw_law_book *book);

#endif
