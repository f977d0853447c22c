#include "codec/write.h"

#include "base/number.h"
#include "codec/request/request.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void yw_writer_init(struct yw_writer *writer, struct yw_buf *out)
{
    *writer = (struct yw_writer){.out = out};
}

/* The length of the UTF-8 character at `at`, 0 when these bytes are none (RFC 3629). */
static size_t character(const unsigned char *at)
{
    size_t size = 0;
    unsigned low = 0x80;
    unsigned high = 0xbf;

    if (at[0] < 0x80)
        return 1;
    if (at[0] >= 0xc2 && at[0] <= 0xdf)
        size = 2;
    else if (at[0] >= 0xe0 && at[0] <= 0xef)
        size = 3;
    else if (at[0] >= 0xf0 && at[0] <= 0xf4)
        size = 4;
    else
        return 0;
    if (at[0] == 0xe0)
        low = 0xa0; /* overlong */
    else if (at[0] == 0xed)
        high = 0x9f; /* surrogates */
    else if (at[0] == 0xf0)
        low = 0x90; /* overlong */
    else if (at[0] == 0xf4)
        high = 0x8f; /* beyond U+10FFFF */
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++) {
        if (at[i] < 0x80 || at[i] > 0xbf)
            return 0;
    }
    return size;
}

static const char *escape_of(unsigned char byte)
{
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

void yw_json_string(struct yw_buf *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *plain = at;

    yw_buf_puts(out, "\"");
    while (*at != '\0') {
        size_t size = character(at);
        const char *escape = escape_of(*at);

        if (size > 0 && *at >= 0x20 && escape == NULL) {
            at += size;
            continue;
        }
        yw_buf_put(out, plain, (size_t)(at - plain));
        if (size == 0)
            yw_buf_puts(out, "?");
        else if (escape != NULL)
            yw_buf_puts(out, escape);
        else
            yw_buf_printf(out, "\\u%04x", (unsigned)*at);
        plain = ++at;
    }
    yw_buf_put(out, plain, (size_t)(at - plain));
    yw_buf_puts(out, "\"");
}

/* The comma and key before a value. */
static void begin(struct yw_writer *writer, const char *key)
{
    if (writer->depth > 0) {
        bool *filled = &writer->filled[writer->depth - 1];

        if (*filled)
            yw_buf_puts(writer->out, ",");
        *filled = true;
    }
    if (key != NULL) {
        yw_json_string(writer->out, key);
        yw_buf_puts(writer->out, ":");
    }
}

static void open_container(struct yw_writer *writer, const char *key, const char *bracket)
{
    begin(writer, key);
    assert(writer->depth < YW_JSON_DEPTH_MAX);
    writer->filled[writer->depth++] = false;
    yw_buf_puts(writer->out, bracket);
}

void yw_write_object(struct yw_writer *writer, const char *key)
{
    open_container(writer, key, "{");
}

void yw_write_array(struct yw_writer *writer, const char *key)
{
    open_container(writer, key, "[");
}

void yw_write_end(struct yw_writer *writer, char bracket)
{
    assert(writer->depth > 0);
    writer->depth--;
    yw_buf_put(writer->out, &bracket, 1);
}

void yw_write_string(struct yw_writer *writer, const char *key, const char *value)
{
    begin(writer, key);
    yw_json_string(writer->out, value);
}

void yw_write_int(struct yw_writer *writer, const char *key, int64_t value)
{
    begin(writer, key);
    if (value > YW_JSON_INT_MAX || value < -YW_JSON_INT_MAX)
        writer->out->overflow = true;
    yw_buf_printf(writer->out, "%lld", (long long)value);
}

void yw_write_double(struct yw_writer *writer, const char *key, double value)
{
    char text[YW_NUMBER_SIZE];

    begin(writer, key);
    if (!isfinite(value)) {
        writer->out->overflow = true;
        return;
    }
    if (value == 0.0) {
        yw_buf_puts(writer->out, signbit(value) ? "-0.0" : "0");
        return;
    }
    (void)yw_number_text(value, DBL_DIG, text);
    yw_buf_puts(writer->out, text);
    if (fabs(value) > (double)YW_JSON_INT_MAX && strpbrk(text, ".e") == NULL)
        yw_buf_puts(writer->out,
                    ".0"); /* or it would read back as a counter out of range */
}

void yw_write_bool(struct yw_writer *writer, const char *key, bool value)
{
    begin(writer, key);
    yw_buf_puts(writer->out, value ? "true" : "false");
}

void yw_write_null(struct yw_writer *writer, const char *key)
{
    begin(writer, key);
    yw_buf_puts(writer->out, "null");
}

void yw_write_words(struct yw_writer *writer, const char *key, const char *en,
                    const char *zh)
{
    yw_write_object(writer, key);
    yw_write_string(writer, "en", en);
    yw_write_string(writer, "zh", zh);
    yw_write_end(writer, '}');
}

void yw_write_text(struct yw_writer *writer, const char *key, const struct yw_text *value)
{
    yw_write_words(writer, key, value->en, value->zh);
}

const char *yw_write_key(char text[24], int64_t number)
{
    (void)snprintf(text, 24, "%lld", (long long)number);
    return text;
}
