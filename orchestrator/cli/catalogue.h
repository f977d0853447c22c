/* Errors in Chinese: what people meet with ordinary wrong inputs. Errors are written in English
 * where they arise, with names, numbers and places in them; here a sentence that is known is
 * said in Chinese, with those kept as they are, and so is whatever stands before it. */
#ifndef YW_CLI_CATALOGUE_H
#define YW_CLI_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

/* Into `ret`, cut at its end; false, and the text as it is, when no sentence of it is known. */
bool yw_catalogue_say(const char *text, char *ret, size_t size);

#endif
