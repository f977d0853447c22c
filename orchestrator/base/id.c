#include "base/id.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/random.h"

#include <stdio.h>
#include <string.h>

#define NEAREST_MAX 3

bool yw_name_valid(const char *name)
{
    size_t size = strnlen(name, YW_NAME_MAX);
    if (size == 0 || size >= YW_NAME_MAX || name[0] == '-')
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

/* Levenshtein; both texts shorter than YW_NAME_MAX. */
static size_t distance(const char *a, const char *b)
{
    size_t row[YW_NAME_MAX + 1];
    size_t b_size = strlen(b);
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b_size; j++) {
            size_t change = diagonal + (a[i] == b[j] ? 0U : 1U);
            diagonal = row[j + 1];
            size_t least = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            row[j + 1] = change < least ? change : least;
        }
    }
    return row[b_size];
}

const char *yw_name_nearest(const char *name, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t least = NEAREST_MAX + 1;
    size_t name_size = strnlen(name, YW_NAME_MAX);
    if (name_size >= YW_NAME_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (strnlen(names[i], YW_NAME_MAX) >= YW_NAME_MAX)
            continue;
        size_t found = distance(name, names[i]);
        /* A change of everything is no likeness: "ab" is not meant by "xyz". */
        if (found < least && found < name_size) {
            least = found;
            nearest = names[i];
        }
    }
    return nearest;
}

const char *yw_meant(char text[YW_MEANT_MAX], const char *near)
{
    text[0] = '\0';
    if (near != NULL && near[0] != '\0')
        (void)yw_copyf(text, YW_MEANT_MAX, "; did you mean '%s'?", near);
    return text;
}

void yw_id_random(char text[YW_ID_SIZE])
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t bytes[17] = {0}; /* the last digit reads past 128 bits: zeros */
    yw_random_secret(bytes, 16);
    for (size_t i = 0; i < YW_ID_SIZE - 1; i++) {
        size_t bit = i * 5;
        unsigned pair = (unsigned)bytes[bit / 8] << 8;
        if (bit / 8 + 1 < sizeof(bytes))
            pair |= bytes[bit / 8 + 1];
        text[i] = digits[(pair >> (11 - bit % 8)) & 31U];
    }
    text[YW_ID_SIZE - 1] = '\0';
}

void yw_uuid_from(const char *parts, char text[YW_UUID_SIZE])
{
    struct yw_hash hash;
    yw_hash_of(parts, strlen(parts), &hash);
    uint8_t *b = hash.bytes;
    b[6] = (uint8_t)((b[6] & 0x0FU) | 0x80U); /* RFC 9562: version 8, variant 10 */
    b[8] = (uint8_t)((b[8] & 0x3FU) | 0x80U);
    (void)snprintf(text, YW_UUID_SIZE,
                   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
                   b[11], b[12], b[13], b[14], b[15]);
}

/* One character at `text`; its size in bytes and *ret_point, or 0 when it is malformed.
 */
static size_t utf8_next(const unsigned char *text, size_t size, uint32_t *ret_point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (text[0] < 0x80U) {
        *ret_point = text[0];
        return 1;
    }
    size_t count = text[0] >= 0xF0U ? 4 : text[0] >= 0xE0U ? 3 : 2;
    if (text[0] < 0xC2U || text[0] > 0xF4U || count > size)
        return 0;
    uint32_t point = text[0] & (0x7FU >> count);
    for (size_t i = 1; i < count; i++) {
        if ((text[i] & 0xC0U) != 0x80U)
            return 0;
        point = point << 6 | (text[i] & 0x3FU);
    }
    if (point < least[count] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        return 0;
    *ret_point = point;
    return count;
}

bool yw_utf8_valid(const char *text, size_t size)
{
    const unsigned char *at = (const unsigned char *)text;
    for (size_t i = 0; i < size;) {
        uint32_t point = 0;
        size_t count = utf8_next(at + i, size - i, &point);
        if (count == 0 || point == 0)
            return false;
        i += count;
    }
    return true;
}

/* What can make a name look like another: controls, zero-width and bidirectional marks.
 */
static bool point_hidden(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0xAD ||
           point == 0x34F || point == 0x61C || point == 0x115F || point == 0x1160 ||
           (point >= 0x180B && point <= 0x180F) || (point >= 0x200B && point <= 0x200F) ||
           (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) ||
           point == 0x3164 || (point >= 0xFE00 && point <= 0xFE0F) || point == 0xFEFF ||
           point == 0xFFA0 || (point >= 0xFFF0 && point <= 0xFFFB) ||
           (point >= 0xE0000 && point <= 0xE0FFF);
}

static bool point_space(uint32_t point)
{
    return point == ' ' || point == 0xA0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200A) || point == 0x202F || point == 0x205F ||
           point == 0x3000;
}

bool yw_title_valid(const char *text)
{
    size_t size = strnlen(text, 65);
    if (size == 0 || size > 64 || !yw_utf8_valid(text, size))
        return false;
    const unsigned char *at = (const unsigned char *)text;
    uint32_t point = 0;
    for (size_t i = 0; i < size;) {
        size_t count = utf8_next(at + i, size - i, &point);
        if (count == 0 || point_hidden(point) || (i == 0 && point_space(point)))
            return false;
        i += count;
    }
    return !point_space(point);
}
