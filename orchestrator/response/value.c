/* Values of CACAO variables: text that fits the declared type. */
#include "response/playbook.h"

#include "response/value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int yw_value_integer(const char *text, int64_t *ret)
{
    const char *digits = text + (*text == '-' || *text == '+');
    char *end;

    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return YW_EINVAL;
    errno = 0;
    long long value = strtoll(text, &end, 10);

    if (errno != 0 || *end != '\0')
        return YW_EINVAL;
    *ret = value;
    return 0;
}

int yw_value_float(const char *text, double *ret)
{
    char *end;

    /* decimal only: strtod would take hexadecimal, blanks and words too */
    if (text[0] == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0')
        return YW_EINVAL;
    double value = strtod(text, &end);

    if (*end != '\0' || !isfinite(value))
        return YW_EINVAL;
    *ret = value;
    return 0;
}

static bool is_hex(const char *text, size_t least, size_t most)
{
    size_t size = strlen(text);

    return size >= least && size <= most &&
           text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

/* "x" in the shape stands for a hexadecimal digit. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; shape++, text++) {
        bool fits = *shape == 'x'
                        ? *text && strchr("0123456789abcdefABCDEF", *text) != NULL
                        : *text == *shape;

        if (!fits)
            return false;
    }
    return *text == '\0';
}

static bool is_plain(const char *text)
{
    if (!yw_utf8_valid(text, strlen(text)))
        return false;
    for (const char *at = text; *at; at++) {
        unsigned char byte = (unsigned char)*at;

        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

/* RFC 3986: a scheme, a colon, and no blank. */
static bool is_uri(const char *text)
{
    size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789+-.");
    bool letter = (text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z';

    return letter && text[scheme] == ':' && text[scheme + 1] != '\0' &&
           strpbrk(text, " \t\n") == NULL;
}

static const char *number_flaw(const char *type, const char *value)
{
    int64_t integer;
    double number;

    if (strcmp(type, "float") == 0)
        return yw_value_float(value, &number) == 0 ? NULL : "a number";
    return yw_value_integer(value, &integer) == 0 ? NULL : "a whole number";
}

static const char *address_flaw(const char *type, const char *value)
{
    unsigned char bytes[16];

    if (strcmp(type, "ipv4-addr") == 0)
        return inet_pton(AF_INET, value, bytes) == 1 ? NULL : "an IPv4 address";
    return inet_pton(AF_INET6, value, bytes) == 1 ? NULL : "an IPv6 address";
}

static const char *hex_flaw(const char *type, const char *value)
{
    if (strcmp(type, "md5-hash") == 0)
        return is_hex(value, 32, 32) ? NULL : "32 hexadecimal digits";
    if (strcmp(type, "sha256-hash") == 0)
        return is_hex(value, 64, 64) ? NULL : "64 hexadecimal digits";
    return is_hex(value, 1, YW_EVENT_VALUE_MAX) ? NULL : "hexadecimal digits";
}

const char *yw_pb_value_flaw(const char *type, const char *value)
{
    if (!is_plain(value))
        return "text in UTF-8 without control characters";
    if (strcmp(type, "bool") == 0)
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0
                   ? NULL
                   : "true or false";
    if (yw_value_kind(type) == YW_VALUE_NUMBER)
        return number_flaw(type, value);
    if (yw_value_kind(type) == YW_VALUE_ADDRESS)
        return address_flaw(type, value);
    if (strcmp(type, "mac-addr") == 0)
        return has_shape(value, "xx:xx:xx:xx:xx:xx") ? NULL : "a MAC address";
    if (strcmp(type, "uuid") == 0)
        return has_shape(value, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") ? NULL : "a UUID";
    if (yw_value_kind(type) == YW_VALUE_CASELESS)
        return hex_flaw(type, value);
    if (strcmp(type, "uri") == 0)
        return is_uri(value) ? NULL : "a URI, as https://example.org/";
    return NULL;
}

enum yw_value_kind yw_value_kind(const char *type)
{
    static const struct {
        const char *type;
        enum yw_value_kind kind;
    } rows[] = {
        {"bool", YW_VALUE_BOOL},          {"integer", YW_VALUE_NUMBER},
        {"long", YW_VALUE_NUMBER},        {"float", YW_VALUE_NUMBER},
        {"ipv4-addr", YW_VALUE_ADDRESS},  {"ipv6-addr", YW_VALUE_ADDRESS},
        {"mac-addr", YW_VALUE_CASELESS},  {"hash", YW_VALUE_CASELESS},
        {"md5-hash", YW_VALUE_CASELESS},  {"sha256-hash", YW_VALUE_CASELESS},
        {"hexstring", YW_VALUE_CASELESS}, {"uuid", YW_VALUE_CASELESS},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].type, type) == 0)
            return rows[i].kind;
    }
    return YW_VALUE_STRING;
}
