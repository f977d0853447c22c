/* Regular expressions of conditions (STIX MATCHES), without back-references: a pattern comes
 * from a file, so its length, its states and its steps are bounded. A set of states is
 * stepped over the text once: no pattern makes it slow. Inside this room.
 *
 *   . [a-z] [^a] \d \w \s \D \W \S  * + ? {2} {2,} {2,5}  | ( )  ^ $ */
#ifndef YW_RESPONSE_PATTERN_H
#define YW_RESPONSE_PATTERN_H

#include "base/err.h"

#include <stdbool.h>

#define YW_PATTERN_MAX 256         /* bytes */
#define YW_PATTERN_STATES_MAX 1024 /* repeats multiply */

/* Does the pattern match somewhere in the text? YW_EINVAL: not a pattern. */
int yw_pattern_matches(const char *pattern, const char *text, bool *ret,
                       struct yw_err *err);

#endif
