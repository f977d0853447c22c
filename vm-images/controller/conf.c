#include "controller/conf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void yw_conf_begin(struct yw_conf *conf, const char *text, size_t size)
{
    *conf = (struct yw_conf){.at = text, .end = text + size, .line = 0};
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* One word at *at, which is before `end`; moves on behind it. */
static void take_word(const char **at, const char *end, struct yw_conf_line *ret)
{
    bool quoted = **at == '"';
    const char *from = *at + (quoted ? 1 : 0);
    const char *to = from;
    while (to < end && (quoted ? *to != '"' : !is_blank(*to)))
        to++;
    *at = to + (quoted && to < end ? 1 : 0);
    size_t size = (size_t)(to - from);
    if (ret->count == YW_CONF_WORDS_MAX || size >= YW_CONF_WORD_MAX ||
        (quoted && to == end) || memchr(from, 0, size) != NULL) {
        ret->bad = true;
        return;
    }
    memcpy(ret->words[ret->count], from, size);
    ret->words[ret->count++][size] = '\0';
}

static void take_line(const char *at, const char *end, struct yw_conf_line *ret)
{
    while (at < end && !ret->bad) {
        if (*at == '#')
            return;
        if (is_blank(*at))
            at++;
        else
            take_word(&at, end, ret);
    }
}

bool yw_conf_next(struct yw_conf *conf, struct yw_conf_line *ret)
{
    memset(ret, 0, sizeof(*ret));
    while (conf->at < conf->end && ret->count == 0 && !ret->bad) {
        const char *stop = memchr(conf->at, '\n', (size_t)(conf->end - conf->at));
        const char *end = stop != NULL ? stop : conf->end;
        ret->number = ++conf->line;
        take_line(conf->at, end, ret);
        conf->at = stop != NULL ? stop + 1 : conf->end;
    }
    return ret->count > 0 || ret->bad;
}

bool yw_conf_number(const char *word, double low, double high, double *ret)
{
    char *end = NULL;
    double value = strtod(word, &end);
    if (end == word || *end != '\0' || !isfinite(value) || value < low || value > high)
        return false;
    *ret = value;
    return true;
}

const char *yw_conf_value(const struct yw_conf_line *line, int from, const char *name)
{
    for (int i = from; i + 1 < line->count; i += 2) {
        if (strcmp(line->words[i], name) == 0)
            return line->words[i + 1];
    }
    return NULL;
}

int yw_conf_refuse(const struct yw_conf_line *line, const char *why, const char *word,
                   char *problem)
{
    char plain[YW_CONF_WORD_MAX];
    size_t size = 0;
    for (; word[size] != '\0' && size + 1 < sizeof(plain); size++)
        plain[size] =
            word[size] < ' ' || strchr("'\"\\", word[size]) != NULL ? '?' : word[size];
    plain[size] = '\0';
    (void)snprintf(problem, YW_CONF_PROBLEM_MAX, "line %d: %s%s%s%s", line->number, why,
                   size > 0 ? ", got '" : "", plain, size > 0 ? "'" : "");
    return -1;
}
