#include "controller/st_diff.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WINDOW 64

struct line {
    const char *at;
    size_t size; /* without what does not count at its end */
};

struct text {
    const char *at;
    const char *end;
    int number; /* of the line at `at`, from 1 */
};

struct report {
    char *to;
    size_t size;
    size_t used;
    size_t lines;
    bool full;
};

static bool take_line(struct text *text, struct line *ret)
{
    if (text->at == text->end)
        return false;
    const char *stop = memchr(text->at, '\n', (size_t)(text->end - text->at));
    const char *next = stop != NULL ? stop + 1 : text->end;
    *ret =
        (struct line){text->at, (size_t)((stop != NULL ? stop : text->end) - text->at)};
    while (ret->size > 0 && strchr(" \t\r", ret->at[ret->size - 1]) != NULL &&
           ret->at[ret->size - 1] != '\0')
        ret->size--;
    text->at = next;
    text->number++;
    return true;
}

static bool same(const struct line *a, const struct line *b)
{
    return a->size == b->size && memcmp(a->at, b->at, a->size) == 0;
}

static void tell(struct report *report, char sign, int number, const struct line *line)
{
    char head[16];
    int length = snprintf(head, sizeof(head), "%c%d ", sign, number);
    size_t all = (size_t)length + line->size + 1;
    report->lines++;
    if (report->full || all + 1 > report->size - report->used) {
        report->full = true;
        return;
    }
    memcpy(report->to + report->used, head, (size_t)length);
    memcpy(report->to + report->used + length, line->at, line->size);
    report->used += all;
    report->to[report->used - 1] = '\n';
    report->to[report->used] = '\0';
}

/* How many lines of the old and the new text to skip until they agree again; the fewest
 * together within the window. False: they do not. */
static bool resync(struct text old_text, struct text new_text, int *ret_old, int *ret_new)
{
    struct line old_lines[WINDOW];
    struct line new_lines[WINDOW];
    int olds = 0;
    int news = 0;
    while (olds < WINDOW && take_line(&old_text, &old_lines[olds]))
        olds++;
    while (news < WINDOW && take_line(&new_text, &new_lines[news]))
        news++;
    for (int sum = 1; sum < olds + news; sum++) {
        for (int i = sum < olds ? sum : olds - 1; i >= 0 && sum - i < news; i--) {
            if (old_lines[i].size > 0 && same(&old_lines[i], &new_lines[sum - i])) {
                *ret_old = i;
                *ret_new = sum - i;
                return true;
            }
        }
    }
    *ret_old = olds;
    *ret_new = news;
    return false;
}

static void skip(struct text *text, int count, char sign, struct report *report)
{
    struct line line;
    for (int i = 0; i < count && take_line(text, &line); i++)
        tell(report, sign, text->number - 1, &line);
}

size_t yw_st_diff(const char *old_text, size_t old_size, const char *new_text,
                  size_t new_size, char *ret, size_t ret_size)
{
    struct text a = {old_text, old_text + old_size, 1};
    struct text b = {new_text, new_text + new_size, 1};
    struct report report = {.to = ret, .size = ret_size};
    ret[0] = '\0';
    while (a.at < a.end || b.at < b.end) {
        struct text next_a = a;
        struct text next_b = b;
        struct line x;
        struct line y;
        if (take_line(&next_a, &x) && take_line(&next_b, &y) && same(&x, &y)) {
            a = next_a;
            b = next_b;
            continue;
        }
        int olds = 0;
        int news = 0;
        (void)resync(a, b, &olds, &news);
        skip(&a, olds, '-', &report);
        skip(&b, news, '+', &report);
    }
    return report.lines;
}
