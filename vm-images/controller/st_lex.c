#include "controller/st_inner.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char peek(const struct lexer *lex, size_t ahead)
{
    return (size_t)(lex->end - lex->at) > ahead ? lex->at[ahead] : '\0';
}

static void next_line(struct lexer *lex)
{
    lex->line++;
    lex->line_at = lex->at;
}

static void mark(struct lexer *lex)
{
    lex->token_line = lex->line;
    lex->token_at = lex->at;
    lex->token_line_at = lex->line_at;
}

static int skip_comment(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    mark(lex);
    lex->at += 2;
    while (lex->at < lex->end) {
        if (lex->at[0] == '*' && peek(lex, 1) == ')') {
            lex->at += 2;
            return 0;
        }
        if (*lex->at++ == '\n')
            next_line(lex);
    }
    return fail(c, YW_ST_OPEN_COMMENT, "", "*)");
}

static int skip_blank(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    while (lex->at < lex->end) {
        char here = *lex->at;
        if (here == '\n') {
            lex->at++;
            next_line(lex);
        } else if (here == ' ' || here == '\t' || here == '\r') {
            lex->at++;
        } else if (here == '/' && peek(lex, 1) == '/') {
            while (lex->at < lex->end && *lex->at != '\n')
                lex->at++;
        } else if (here == '(' && peek(lex, 1) == '*') {
            if (skip_comment(c) != 0)
                return -1;
        } else {
            break;
        }
    }
    return 0;
}

static int bad_number(struct compiler *c)
{
    return fail(c, YW_ST_BAD_NUMBER, "", "7, 16#FF, 2.5, 1.0E-3, T#1m30s, INT#7");
}

/* Digits of a whole number; at most 15, exact in a double. */
static int lex_digits(struct compiler *c, int base, int64_t *ret, double *ret_scale)
{
    struct lexer *lex = &c->lex;
    int count = 0;
    *ret = 0;
    for (;; lex->at++) {
        char here = lower(peek(lex, 0));
        int digit = is_digit(here) ? here - '0' : here - 'a' + 10;
        if (here == '_' && count > 0)
            continue;
        if ((!is_digit(here) && !(base == 16 && here >= 'a' && here <= 'f')) ||
            digit >= base)
            break;
        if (++count > 33 || (*ret = *ret * base + digit) > INT64_C(999999999999999))
            return bad_number(c);
        *ret_scale *= base;
    }
    return count > 0 ? 0 : bad_number(c);
}

static int lex_exponent(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    int64_t exponent = 0;
    double scale = 1;
    lex->at++;
    bool negative = peek(lex, 0) == '-';
    if (negative || peek(lex, 0) == '+')
        lex->at++;
    if (lex_digits(c, 10, &exponent, &scale) != 0)
        return -1;
    if (exponent > 60)
        return bad_number(c);
    for (scale = 1; exponent > 0; exponent--)
        scale *= 10;
    lex->real = negative ? lex->real / scale : lex->real * scale;
    return 0;
}

static int lex_real(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    int64_t part = 0;
    double scale = 1;
    lex->token = TOKEN_REAL;
    lex->real = (double)lex->whole;
    if (peek(lex, 0) == '.') {
        lex->at++;
        if (lex_digits(c, 10, &part, &scale) != 0)
            return -1;
        lex->real += (double)part / scale;
    }
    if (lower(peek(lex, 0)) == 'e' && lex_exponent(c) != 0)
        return -1;
    return lex->real <= 3.4e38 ? 0 : bad_number(c);
}

static int lex_number(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    double scale = 1;
    lex->token = TOKEN_WHOLE;
    if (lex_digits(c, 10, &lex->whole, &scale) != 0)
        return -1;
    if (peek(lex, 0) == '#') {
        int64_t base = lex->whole;
        lex->at++;
        if ((base != 2 && base != 8 && base != 16) ||
            lex_digits(c, (int)base, &lex->whole, &scale) != 0)
            return bad_number(c);
    } else if ((peek(lex, 0) == '.' && peek(lex, 1) != '.') ||
               lower(peek(lex, 0)) == 'e') {
        if (lex_real(c) != 0)
            return -1;
    }
    if (lex->token == TOKEN_WHOLE &&
        lex->whole > (int64_t)INT32_MAX + 1) /* it may be negated */
        return bad_number(c);
    return is_letter(peek(lex, 0)) ? bad_number(c) : 0;
}

/* One part, "1.5h", in *ret_ms; parts come from the longest to the shortest unit. */
static int lex_time_part(struct compiler *c, int *last, double *ret_ms)
{
    static const struct {
        char name[3];
        double ms;
    } units[] = {{"d", 86400000}, {"h", 3600000}, {"ms", 1}, {"m", 60000}, {"s", 1000}};
    static const int order[] = {1, 2, 5, 3, 4};
    struct lexer *lex = &c->lex;
    int64_t whole = 0;
    int64_t part = 0;
    double scale = 1;
    if (lex_digits(c, 10, &whole, &scale) != 0)
        return -1;
    scale = 1;
    if (peek(lex, 0) == '.') {
        lex->at++;
        if (lex_digits(c, 10, &part, &scale) != 0)
            return -1;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i].name);
        if (lower(peek(lex, 0)) != units[i].name[0] ||
            (length == 2 && lower(peek(lex, 1)) != units[i].name[1]))
            continue;
        if (order[i] <= *last)
            return bad_number(c);
        *last = order[i];
        lex->at += length;
        *ret_ms = ((double)whole + (double)part / scale) * units[i].ms;
        return 0;
    }
    return bad_number(c);
}

/* After T# or TIME#. */
static int lex_time(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    bool negative = peek(lex, 0) == '-';
    double total = 0;
    int last = 0;
    if (negative)
        lex->at++;
    do {
        double part = 0;
        if (lex_time_part(c, &last, &part) != 0)
            return -1;
        total += part;
        if (peek(lex, 0) == '_')
            lex->at++;
    } while (is_digit(peek(lex, 0)));
    if (total > INT32_MAX || is_letter(peek(lex, 0)))
        return bad_number(c);
    lex->token = TOKEN_TIME;
    lex->whole = (int64_t)(total + 0.5);
    if (negative)
        lex->whole = -lex->whole;
    return 0;
}

/* After `name#`: a literal of that type. */
static int lex_typed(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    int type = find_type(lex->text);
    lex->at++;
    if (strcmp(lex->text, "t") == 0 || type == YW_ST_TIME)
        return lex_time(c);
    if (type < 0 || (!is_whole((enum yw_st_type)type) && type != YW_ST_REAL))
        return bad_number(c);
    bool negative = peek(lex, 0) == '-';
    if (negative)
        lex->at++;
    if (lex_number(c) != 0)
        return -1;
    if (negative) {
        lex->whole = -lex->whole;
        lex->real = -lex->real;
    }
    if (type == YW_ST_REAL && lex->token == TOKEN_WHOLE)
        lex->real = (double)lex->whole;
    bool fits =
        lex->token == TOKEN_WHOLE
            ? type == YW_ST_REAL || fit((enum yw_st_type)type, lex->whole) == lex->whole
            : type == YW_ST_REAL;
    if (!fits)
        return bad_number(c);
    lex->token = type == YW_ST_REAL ? TOKEN_REAL : TOKEN_WHOLE;
    lex->typed = true;
    lex->type = (enum yw_st_type)type;
    return 0;
}

static int lex_name(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    size_t length = 0;
    lex->token = TOKEN_NAME;
    while (is_letter(peek(lex, 0)) || is_digit(peek(lex, 0))) {
        if (length == YW_ST_NAME_MAX - 1)
            return fail(c, YW_ST_TOO_LONG, "name", "31");
        lex->text[length++] = lower(*lex->at++);
    }
    lex->text[length] = '\0';
    return peek(lex, 0) == '#' ? lex_typed(c) : 0;
}

static int bad_address(struct compiler *c)
{
    return fail(c, YW_ST_BAD_ADDRESS, c->lex.text,
                "%IW0..255 %MW0..255 %MD0..254 %IX0..255 %MX0..255 %QW0..63 %QX0..63");
}

static int lex_index(struct compiler *c, uint32_t *ret)
{
    struct lexer *lex = &c->lex;
    if (!is_digit(peek(lex, 0)))
        return bad_address(c);
    *ret = 0;
    while (is_digit(peek(lex, 0))) {
        *ret = *ret * 10 + (uint32_t)(*lex->at++ - '0');
        if (*ret > UINT16_MAX)
            return bad_address(c);
    }
    return 0;
}

static int lex_address(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    lex->token = TOKEN_ADDRESS;
    lex->at++;
    lex->text[0] = lower(peek(lex, 0));
    lex->text[1] = lex->text[0] != '\0' ? lower(peek(lex, 1)) : '\0';
    lex->text[2] = '\0';
    bool known = lex->text[0] != '\0' && strchr("iqm", lex->text[0]) != NULL &&
                 lex->text[1] != '\0' && strchr("xw", lex->text[1]) != NULL;
    if (!known && strcmp(lex->text, "md") != 0) {
        lex->text[0] = '\0';
        return bad_address(c);
    }
    lex->at += 2;
    if (lex_index(c, &lex->index) != 0)
        return -1;
    if (peek(lex, 0) == '.' && lex->text[1] == 'x') {
        uint32_t bit = 0;
        lex->at++;
        if (lex_index(c, &bit) != 0)
            return -1;
        if (bit > 7)
            return bad_address(c);
        lex->index = lex->index * 8 + bit;
    }
    uint32_t limit = lex->text[0] == 'q' ? YW_ST_OUTPUTS : YW_ST_WORDS;
    return lex->index + (lex->text[1] == 'd') < limit ? 0 : bad_address(c);
}

static int lex_sign(struct compiler *c)
{
    static const char *const pairs[] = {":=", "=>", "<>", "<=", ">=", ".."};
    struct lexer *lex = &c->lex;
    lex->token = TOKEN_SIGN;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (peek(lex, 0) == pairs[i][0] && peek(lex, 1) == pairs[i][1]) {
            memcpy(lex->text, pairs[i], 3);
            lex->at += 2;
            return 0;
        }
    }
    char here = *lex->at;
    lex->text[0] = here;
    lex->text[1] = '\0';
    if (here == '\0' || strchr(";:(),.[]{}+-*/=<>&", here) == NULL) {
        if (here < ' ' || here > '~')
            lex->text[0] = '\0';
        return fail(c, YW_ST_BAD_CHARACTER, lex->text, "");
    }
    lex->at++;
    return 0;
}

int lex_next(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    if (skip_blank(c) != 0)
        return -1;
    mark(lex);
    lex->typed = false;
    if (lex->at == lex->end) {
        lex->token = TOKEN_END;
        lex->text[0] = '\0';
        return 0;
    }
    if (is_letter(*lex->at))
        return lex_name(c);
    if (is_digit(*lex->at))
        return lex_number(c);
    if (*lex->at == '%')
        return lex_address(c);
    return lex_sign(c);
}
