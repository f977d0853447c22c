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

static int skip_comment(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    lex->token_line = lex->line;
    lex->at += 2;
    while (lex->at < lex->end) {
        if (lex->at[0] == '*' && peek(lex, 1) == ')') {
            lex->at += 2;
            return 0;
        }
        if (*lex->at++ == '\n')
            lex->line++;
    }
    return fail(c, YW_ST_OPEN_COMMENT, "");
}

static int skip_blank(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    while (lex->at < lex->end) {
        char here = *lex->at;
        if (here == '\n') {
            lex->line++;
            lex->at++;
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

static int lex_name(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    size_t length = 0;
    lex->token = TOKEN_NAME;
    while (is_letter(peek(lex, 0)) || is_digit(peek(lex, 0))) {
        if (length == YW_ST_NAME_MAX - 1)
            return fail(c, YW_ST_TOO_LONG, "name");
        lex->text[length++] = lower(*lex->at++);
    }
    lex->text[length] = '\0';
    return 0;
}

/* At most 15 digits: exact in a double. */
static int lex_digits(struct compiler *c, double *value, double *scale)
{
    struct lexer *lex = &c->lex;
    int digits = 0;
    while (is_digit(peek(lex, 0)) || (digits > 0 && peek(lex, 0) == '_')) {
        char digit = *lex->at++;
        if (digit == '_')
            continue;
        if (++digits > 15)
            return fail(c, YW_ST_BAD_NUMBER, "");
        *value = *value * 10 + (digit - '0');
        *scale *= 10;
    }
    return digits > 0 ? 0 : fail(c, YW_ST_BAD_NUMBER, "");
}

static int lex_number(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    double value = 0;
    double scale = 1;
    lex->token = TOKEN_INT;
    if (lex_digits(c, &value, &scale) != 0)
        return -1;
    if (peek(lex, 0) == '.' && peek(lex, 1) != '.') {
        double part = 0;
        lex->at++;
        scale = 1;
        if (lex_digits(c, &part, &scale) != 0)
            return -1;
        lex->token = TOKEN_REAL;
        value += part / scale;
    } else if (value > INT32_MAX) {
        return fail(c, YW_ST_BAD_NUMBER, "");
    }
    if (is_letter(peek(lex, 0)))
        return fail(c, YW_ST_BAD_NUMBER, "");
    lex->number = value;
    return 0;
}

static int lex_index(struct compiler *c, uint32_t *ret)
{
    struct lexer *lex = &c->lex;
    if (!is_digit(peek(lex, 0)))
        return fail(c, YW_ST_BAD_ADDRESS, lex->text);
    *ret = 0;
    while (is_digit(peek(lex, 0))) {
        *ret = *ret * 10 + (uint32_t)(*lex->at++ - '0');
        if (*ret > UINT16_MAX)
            return fail(c, YW_ST_BAD_ADDRESS, lex->text);
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
    if (strchr("iqm", lex->text[0]) == NULL || strchr("xw", lex->text[1]) == NULL ||
        lex->text[0] == '\0' || lex->text[1] == '\0')
        return fail(c, YW_ST_BAD_ADDRESS, lex->text);
    lex->at += 2;
    if (lex_index(c, &lex->index) != 0)
        return -1;
    if (peek(lex, 0) == '.' && lex->text[1] == 'x') {
        uint32_t bit = 0;
        lex->at++;
        if (lex_index(c, &bit) != 0)
            return -1;
        if (bit > 7)
            return fail(c, YW_ST_BAD_ADDRESS, lex->text);
        lex->index = lex->index * 8 + bit;
    }
    return 0;
}

static int lex_sign(struct compiler *c)
{
    static const char *const pairs[] = {":=", "<>", "<=", ">=", ".."};
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
    if (here == '\0' || strchr(";:(),+-*/=<>&", here) == NULL) {
        if (here < ' ' || here > '~')
            lex->text[0] = '\0';
        return fail(c, YW_ST_BAD_CHARACTER, lex->text);
    }
    lex->at++;
    return 0;
}

int lex_next(struct compiler *c)
{
    struct lexer *lex = &c->lex;
    if (skip_blank(c) != 0)
        return -1;
    lex->token_line = lex->line;
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
