#include "codec/playbook/jcs.h"

#include "base/mem.h"
#include "base/number.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTEGER_MAX (INT64_C(1) << 53)

/* The fewest digits that read back the same: number = 0.DIGITS × 10^*ret_point. Returns how many. */
static int shortest(double number, char digits[20], int *ret_point)
{
    char text[YW_NUMBER_SIZE];
    int precision = yw_number_text(number, 1, text) - 1;

    (void)snprintf(text, sizeof text, "%.*e", precision, number);
    const char *mark = strchr(text, 'e');
    int count = 0;

    for (const char *at = text; at < mark; at++) {
        if (*at >= '0' && *at <= '9')
            digits[count++] = *at;
    }
    while (count > 1 && digits[count - 1] == '0')
        count--;
    digits[count] = '\0';
    *ret_point = atoi(mark + 1) + 1;
    return count;
}

void yw_jcs_number(double number, char ret[YW_JCS_NUMBER_MAX])
{
    char digits[20];
    const char *sign = number < 0 ? "-" : "";
    int point, count;

    if (number == 0) {
        (void)yw_copy(ret, YW_JCS_NUMBER_MAX, "0"); /* minus zero too */
        return;
    }
    count = shortest(number < 0 ? -number : number, digits, &point);
    if (count <= point && point <= 21)
        (void)snprintf(ret, YW_JCS_NUMBER_MAX, "%s%s%.*s", sign, digits, point - count,
                       "000000000000000000000");
    else if (0 < point && point <= 21)
        (void)snprintf(ret, YW_JCS_NUMBER_MAX, "%s%.*s.%s", sign, point, digits,
                       digits + point);
    else if (-6 < point && point <= 0)
        (void)snprintf(ret, YW_JCS_NUMBER_MAX, "%s0.%.*s%s", sign, -point, "000000",
                       digits);
    else if (count == 1)
        (void)snprintf(ret, YW_JCS_NUMBER_MAX, "%s%se%+d", sign, digits, point - 1);
    else
        (void)snprintf(ret, YW_JCS_NUMBER_MAX, "%s%c.%se%+d", sign, digits[0], digits + 1,
                       point - 1);
}

static void write_string(struct yw_buf *out, const char *text, size_t size)
{
    static const char shorts[] = "btn\0fr"; /* of 8, 9, 10, 12, 13 */

    yw_buf_puts(out, "\"");
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\')
            yw_buf_printf(out, "\\%c", c);
        else if (c >= 8 && c <= 13 && shorts[c - 8] != '\0')
            yw_buf_printf(out, "\\%c", shorts[c - 8]);
        else if (c < 0x20)
            yw_buf_printf(out, "\\u%04x", c);
        else
            yw_buf_put(out, &text[i], 1);
    }
    yw_buf_puts(out, "\"");
}

/* The code point at *at of valid UTF-8. */
static uint32_t next_point(const unsigned char **at)
{
    const unsigned char *p = *at;
    int more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
    uint32_t point = more == 0 ? p[0] : p[0] & (0x3fU >> more);

    for (int i = 1; i <= more; i++)
        point = point << 6 | (p[i] & 0x3f);
    *at = p + more + 1;
    return point;
}

/* Order of UTF-16 code units: an astral character begins with a surrogate (D800…DBFF), which
 * comes before U+E000…U+FFFF. */
static uint32_t unit_of(uint32_t point)
{
    return point >= 0x10000 ? 0xd800 + ((point - 0x10000) >> 10) : point;
}

static int compare_keys(const void *left, const void *right)
{
    const unsigned char *a = *(const unsigned char *const *)left;
    const unsigned char *b = *(const unsigned char *const *)right;

    while (*a != 0 && *b != 0) {
        uint32_t x = next_point(&a), y = next_point(&b);

        if (x == y)
            continue;
        if (unit_of(x) != unit_of(y))
            return unit_of(x) < unit_of(y) ? -1 : 1;
        return x < y ? -1 : 1;
    }
    return (*a > 0) - (*b > 0);
}

static int write_object(struct yw_buf *out, json_t *json, struct yw_err *err)
{
    size_t count = json_object_size(json), at = 0;
    const char **keys = yw_new_array(count + 1, sizeof *keys);
    const char *key;
    json_t *value;
    int code = 0;

    json_object_foreach(json, key, value) keys[at++] = key;
    qsort(keys, count, sizeof *keys, compare_keys);
    yw_buf_puts(out, "{");
    for (size_t i = 0; i < count && code == 0; i++) {
        yw_buf_puts(out, i > 0 ? "," : "");
        write_string(out, keys[i], strlen(keys[i]));
        yw_buf_puts(out, ":");
        code = yw_jcs_write(out, json_object_get(json, keys[i]), err);
    }
    yw_buf_puts(out, "}");
    free(keys);
    return code;
}

static int write_array(struct yw_buf *out, const json_t *json, struct yw_err *err)
{
    int code = 0;

    yw_buf_puts(out, "[");
    for (size_t i = 0; i < json_array_size(json) && code == 0; i++) {
        yw_buf_puts(out, i > 0 ? "," : "");
        code = yw_jcs_write(out, json_array_get(json, i), err);
    }
    yw_buf_puts(out, "]");
    return code;
}

static int write_number(struct yw_buf *out, const json_t *json, struct yw_err *err)
{
    json_int_t whole = json_integer_value(json);
    char text[YW_JCS_NUMBER_MAX];

    if (json_is_integer(json) && (whole > INTEGER_MAX || whole < -INTEGER_MAX))
        return yw_err_set(err, YW_EINVAL, "the number %lld is beyond 2^53",
                          (long long)whole);
    yw_jcs_number(json_number_value(json), text);
    yw_buf_puts(out, text);
    return 0;
}

int yw_jcs_write(struct yw_buf *out, json_t *json, struct yw_err *err)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return write_object(out, json, err);
    case JSON_ARRAY:
        return write_array(out, json, err);
    case JSON_STRING:
        write_string(out, json_string_value(json), json_string_length(json));
        return 0;
    case JSON_INTEGER:
    case JSON_REAL:
        return write_number(out, json, err);
    case JSON_TRUE:
        yw_buf_puts(out, "true");
        return 0;
    case JSON_FALSE:
        yw_buf_puts(out, "false");
        return 0;
    case JSON_NULL:
        yw_buf_puts(out, "null");
        return 0;
    }
    return 0;
}
