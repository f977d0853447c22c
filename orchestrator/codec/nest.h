/* How JSON text nests, before or beside reading it: one pass, no memory. Thread: any. */
#ifndef YW_CODEC_NEST_H
#define YW_CODEC_NEST_H

#include <stdbool.h>
#include <stddef.h>

/* Asks at every bracket that opens, '{' or '[', with its depth (1: the outermost), until the
 * answer is true: the line of that bracket. 0: it never was. */
int yw_json_nest(const char *text, size_t size,
                 bool (*met)(void *context, char bracket, int depth), void *context);

#endif
