/* Any bytes as an event and as an exported line: what decodes has one text, and that text
 * decodes to the same. */
#include "codec/event.h"
#include "store/journal.h"

#include <assert.h>
#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void check(const struct yw_event *event)
{
    struct yw_event back;
    struct yw_buf text;
    struct yw_buf again;

    yw_buf_init(&text,
                (size_t)16 * YW_JOURNAL_RECORD_MAX); /* \u00XX is six bytes for one */
    yw_buf_init(&again, (size_t)16 * YW_JOURNAL_RECORD_MAX);
    yw_event_encode(&text, event);
    assert(!text.overflow);
    assert(yw_event_decode(&back, text.data, text.size, NULL) == 0);
    yw_event_encode(&again, &back);
    assert(text.size == again.size && memcmp(text.data, again.data, text.size) == 0);
    yw_buf_fini(&text);
    yw_buf_fini(&again);
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    struct yw_event event;
    struct yw_hash prev;
    struct yw_hash hash;
    struct yw_buf canonical;

    if (yw_event_decode(&event, (const char *)bytes, size, NULL) == 0)
        check(&event);
    yw_buf_init(&canonical, (size_t)16 * YW_JOURNAL_RECORD_MAX);
    if (yw_event_decode_line(&event, &prev, &hash, &canonical, (const char *)bytes, size,
                             NULL) == 0)
        check(&event);
    yw_buf_fini(&canonical);
    return 0;
}
