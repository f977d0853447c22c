/* What people can order at the stations of a team: `operate …` of the guest program, put in the
 * words of the plant. Pure. */
#ifndef YW_DRILL_RANGE_OPERATION_H
#define YW_DRILL_RANGE_OPERATION_H

#include "base/buf.h"
#include "model/spec.h"

/* Appends {"stations": [{"machine", "operations": [{"argv", "says", "takes"}]}]}: of every hmi and
 * backend that is not hidden. `argv` is what an action begins with, each of `takes` adds a word:
 *   {"kind": "switch"}                                          "0" or "1"
 *   {"kind": "choice", "words": […]}                            one of them
 *   {"kind": "number", "unit", "low", "high", "scale", "offset"}  round(value / scale + offset)
 * Of an hmi: the controls that the scenario declares; without any, what the plant's table (where the
 * controller has no program of its own) or the outstation's points can be set to; then any register and coil. */
void yw_operations_encode(struct yw_buf *out, const struct yw_spec *spec);

#endif
