/* Small allocations abort on out-of-memory (a restart replays the journal); so every size that
 * comes from outside is bounded before it reaches these. All return *new* memory (free with
 * free()). Thread: any. */
#ifndef YW_BASE_MEM_H
#define YW_BASE_MEM_H

#include <stddef.h>

void *yw_new(size_t size);                             /* zeroed */
void *yw_new_array(size_t count, size_t size);         /* zeroed; overflow aborts */
void *yw_resize(void *ptr, size_t count, size_t size); /* new tail is not zeroed */
char *yw_strdup(const char *text);                     /* NULL gives NULL */
char *yw_strndup(const char *text, size_t size);
char *yw_strf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Copies into a fixed array, always NUL-terminated, cut at a UTF-8 character boundary.
 * Returns 0, or YW_ELIMIT when it had to cut. */
int yw_copy(char *dst, size_t dst_size, const char *src);
#define YW_COPY(dst, src) yw_copy((dst), sizeof(dst), (src))
/* The same with a format. */
int yw_copyf(char *dst, size_t dst_size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
