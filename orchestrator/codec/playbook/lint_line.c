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

struct place { /* where a finding may be marked */
    struct yw_finding *finding;
    char path[YW_FINDING_PATH_MAX];
    bool own; /* else of what it is missing in */
};

struct scan {
    const char *at, *end;
    int line;
    struct place *places; /* sorted by path */
    size_t place_count;
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
    size_t low = 0, high = s->place_count;

    if (s->size >= sizeof s->path)
        return;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(s->places[middle].path, s->path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < s->place_count; low++) {
        struct place *place = &s->places[low];

        if (strcmp(place->path, s->path) != 0)
            return;
        if (place->own || place->finding->line == 0)
            place->finding->line = s->line;
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
    const struct place *a = left, *b = right;

    return strcmp(a->path, b->path);
}

/* What is missing has no line: it gets that of the object which lacks it. */
static void add_places(struct scan *s, struct yw_findings *findings)
{
    s->places = yw_new_array(2 * findings->count + 1, sizeof *s->places);
    for (size_t i = 0; i < findings->count; i++) {
        struct yw_finding *finding = &findings->items[i];
        const char *last = strrchr(finding->path, '/');
        struct place *own = &s->places[s->place_count++];

        *own = (struct place){.finding = finding, .own = true};
        (void)YW_COPY(own->path, finding->path);
        if (last == NULL)
            continue;
        struct place *above = &s->places[s->place_count++];

        *above = (struct place){.finding = finding};
        (void)yw_copyf(above->path, sizeof above->path, "%.*s",
                       (int)(last - finding->path), finding->path);
    }
    qsort(s->places, s->place_count, sizeof *s->places, compare);
}

void yw_lint_lines(struct yw_findings *findings, const char *text, size_t size)
{
    struct scan *s = yw_new(sizeof *s);

    s->at = text;
    s->end = text + size;
    s->line = 1;
    add_places(s, findings);
    scan_all(s);
    free(s->places);
    free(s);
}
