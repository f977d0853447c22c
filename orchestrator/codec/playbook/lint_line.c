/* Lines of JSON pointers: one pass over text that is known to be JSON. */
#include "codec/playbook/lint_inside.h"

#include "base/mem.h"
#include "codec/playbook/playbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct level {
    size_t path_size; /* of the pointer of this container */
    size_t index;     /* arrays */
    bool array;
};

struct scan {
    const char *at, *end;
    int line;
    struct yw_findings *findings;
    struct yw_finding **order; /* findings by path */
    char path[YW_FINDING_PATH_MAX];
    size_t size; /* of the path; beyond the buffer it only counts */
    struct level levels[YW_PLAYBOOK_DEPTH_MAX + 1];
    int depth;
};

static void push(struct scan *s, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++, s->size++) {
        if (s->size < sizeof s->path - 1)
            s->path[s->size] = bytes[i];
    }
    s->path[s->size < sizeof s->path - 1 ? s->size : sizeof s->path - 1] = '\0';
}

static void cut(struct scan *s, size_t size)
{
    s->size = size;
    if (size < sizeof s->path)
        s->path[size] = '\0';
}

/* The key as a pointer writes it; escapes other than the pointer's are left as they stand, for
 * keys that findings name are plain. */
static void push_key(struct scan *s, const char *key, size_t count)
{
    push(s, "/", 1);
    for (size_t i = 0; i < count; i++) {
        if (key[i] == '~')
            push(s, "~0", 2);
        else if (key[i] == '/')
            push(s, "~1", 2);
        else
            push(s, &key[i], 1);
    }
}

/* Findings whose path is this one get the line. */
static void mark(struct scan *s)
{
    size_t low = 0, high = s->findings->count;

    if (s->size >= sizeof s->path)
        return;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(s->order[middle]->path, s->path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < s->findings->count; low++) {
        if (strcmp(s->order[low]->path, s->path) != 0)
            return;
        s->order[low]->line = s->line;
    }
}

/* From the opening quote; *ret is behind it. Returns the length. */
static size_t read_string(struct scan *s, const char **ret)
{
    const char *start = ++s->at;

    while (s->at < s->end && *s->at != '"')
        s->at += *s->at == '\\' ? 2 : 1;
    *ret = start;
    if (s->at > s->end)
        s->at = s->end;
    return (size_t)(s->at++ - start);
}

static void open_container(struct scan *s, bool array)
{
    if (s->depth == YW_PLAYBOOK_DEPTH_MAX)
        return;
    s->levels[s->depth++] = (struct level){.path_size = s->size, .array = array};
}

/* An element of an array, or the document, begins here. */
static void begin_value(struct scan *s)
{
    struct level *level = s->depth > 0 ? &s->levels[s->depth - 1] : NULL;
    char number[24];

    if (level != NULL && level->array) {
        cut(s, level->path_size);
        (void)snprintf(number, sizeof number, "%zu", level->index++);
        push_key(s, number, strlen(number));
        mark(s);
    }
}

static void skip_blanks(struct scan *s)
{
    for (; s->at < s->end && strchr(" \t\r\n,:", *s->at) != NULL; s->at++)
        s->line += *s->at == '\n';
}

static void read_key(struct scan *s)
{
    struct level *level = &s->levels[s->depth - 1];
    const char *key;
    size_t count = read_string(s, &key);

    cut(s, level->path_size);
    push_key(s, key, count);
    mark(s);
}

static void scan_all(struct scan *s)
{
    bool key_next = false;

    mark(s);
    for (skip_blanks(s); s->at < s->end; skip_blanks(s)) {
        bool object = s->depth > 0 && !s->levels[s->depth - 1].array;
        char c = *s->at;

        if (c == '}' || c == ']') {
            s->depth -= s->depth > 0;
            cut(s, s->depth > 0 ? s->levels[s->depth - 1].path_size : 0);
            key_next = s->depth > 0 && !s->levels[s->depth - 1].array;
            s->at++;
            continue;
        }
        if (object && key_next) {
            read_key(s);
            key_next = false;
            continue;
        }
        begin_value(s);
        if (c == '{' || c == '[') {
            open_container(s, c == '[');
            key_next = c == '{';
            s->at++;
            continue;
        }
        const char *ignored;

        if (c == '"')
            (void)read_string(s, &ignored);
        else
            while (s->at < s->end && strchr(",]} \t\r\n", *s->at) == NULL)
                s->at++;
        key_next = object;
    }
}

static int compare(const void *left, const void *right)
{
    struct yw_finding *const *a = left, *const *b = right;

    return strcmp((*a)->path, (*b)->path);
}

void yw_lint_lines(struct yw_findings *findings, const char *text, size_t size)
{
    struct scan *s = yw_new(sizeof *s);

    s->at = text;
    s->end = text + size;
    s->line = 1;
    s->findings = findings;
    s->order = yw_new_array(findings->count + 1, sizeof *s->order);
    for (size_t i = 0; i < findings->count; i++)
        s->order[i] = &findings->items[i];
    qsort(s->order, findings->count, sizeof *s->order, compare);
    scan_all(s);
    free(s->order);
    free(s);
}
