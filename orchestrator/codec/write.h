/* Writing canonical JSON: the callers give members in sorted order, the writer gives
 * exact bytes. No blanks; strings as UTF-8 with the shortest escapes (a byte that is not
 * UTF-8 becomes '?', so that no string grows); integers below 2^53; doubles in the
 * shortest form that reads back the same, always recognisable as given ("-0.0" keeps its
 * sign). What JSON cannot say (a number that is not finite, a counter from 2^53 on) sets
 * out->overflow: the document is refused as a whole. */
#ifndef YW_CODEC_WRITE_H
#define YW_CODEC_WRITE_H

#include "base/buf.h"
#include "model/text.h"

#include <stdbool.h>
#include <stdint.h>

#define YW_JSON_DEPTH_MAX 16
#define YW_JSON_INT_MAX ((INT64_C(1) << 53) - 1)

struct yw_writer {
    struct yw_buf *out; /* borrowed */
    int depth;
    bool filled[YW_JSON_DEPTH_MAX]; /* something stands in the container already */
};

void yw_writer_init(struct yw_writer *writer, struct yw_buf *out);
/* `key` NULL: an element of an array, or the document itself. */
void yw_write_object(struct yw_writer *writer, const char *key);
void yw_write_array(struct yw_writer *writer, const char *key);
void yw_write_end(struct yw_writer *writer, char bracket); /* '}' or ']' */
void yw_write_string(struct yw_writer *writer, const char *key, const char *value);
void yw_write_int(struct yw_writer *writer, const char *key, int64_t value);
void yw_write_double(struct yw_writer *writer, const char *key, double value);
void yw_write_bool(struct yw_writer *writer, const char *key, bool value);
void yw_write_null(struct yw_writer *writer, const char *key);
/* {"en","zh"} */
void yw_write_words(struct yw_writer *writer, const char *key, const char *en,
                    const char *zh);
void yw_write_text(struct yw_writer *writer, const char *key,
                   const struct yw_text *value);
/* A number as a key: objects keyed by seq. */
const char *yw_write_key(char text[24], int64_t number);

/* Appends text as a JSON string, escaped; the writer is not needed for it. */
void yw_json_string(struct yw_buf *out, const char *text);

#endif
