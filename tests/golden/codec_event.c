/* Every kind of event has a golden file: the bytes that journals hash. */
#include "event_sample.h"

#include "codec/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MAX (16 * 1024)

static void path_of(enum yw_event_kind kind, char path[256])
{
    (void)snprintf(path, 256, "%s/tests/golden/events/%s.json", getenv("YW_SOURCE"),
                   yw_event_name(kind));
}

static void update(enum yw_event_kind kind, const struct yw_buf *text)
{
    char path[256];

    path_of(kind, path);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text->data, 1, text->size, file), text->size);
    assert_int_equal(fputc('\n', file), '\n');
    assert_int_equal(fclose(file), 0);
}

static void compare(enum yw_event_kind kind, const struct yw_buf *text)
{
    char path[256];
    char want[TEXT_MAX];

    path_of(kind, path);
    FILE *file = fopen(path, "r");

    if (file == NULL)
        fail_msg("no golden file %s", path);
    size_t size = fread(want, 1, sizeof want - 1, file);

    (void)fclose(file);
    want[size] = '\0';
    if (size == 0 || want[size - 1] != '\n')
        fail_msg("%s: one line is needed", path);
    want[strcspn(want, "\n")] = '\0';
    assert_string_equal(text->data, want);
}

static void every_kind_has_its_text(void **state)
{
    (void)state;
    for (int kind = 0; kind < YW_EVENT_KINDS; kind++) {
        struct yw_event event;
        struct yw_buf text;

        event_sample((enum yw_event_kind)kind, &event);
        yw_buf_init(&text, TEXT_MAX);
        yw_event_encode(&text, &event);
        assert_false(text.overflow);
        if (getenv("YW_GOLDEN_UPDATE") != NULL)
            update((enum yw_event_kind)kind, &text);
        compare((enum yw_event_kind)kind, &text);
        yw_buf_fini(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_has_its_text)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
