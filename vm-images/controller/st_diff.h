/* What differs between two program texts, line by line: "-12 old" and "+12 new". Pure. */
#ifndef YW_CONTROLLER_ST_DIFF_H
#define YW_CONTROLLER_ST_DIFF_H

#include <stddef.h>

/* Returns the number of lines that differ; as many as fit are written to `ret`, whole and
 * with a NUL. Carriage returns and blanks at the end of a line do not count. Time grows
 * with the product of the size and a window of 64 lines at most. */
size_t yw_st_diff(const char *old_text, size_t old_size, const char *new_text,
                  size_t new_size, char *ret, size_t ret_size);

#endif
