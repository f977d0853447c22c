/* Two documents with a NUL between them: the patch from one to the other brings the one
 * to the other, unless the other holds a null, which no merge patch can say. */
#include "base/mem.h"
#include "codec/state/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    char *text = yw_strndup((const char *)bytes, size);
    char *before = yw_new(size + 1);
    size_t first = strlen(text);
    struct yw_buf patch;
    struct yw_buf merged;
    struct yw_buf plain;

    memcpy(before, bytes, size);
    const char *after = first < size ? before + first + 1 : "{}";

    yw_buf_init(&patch, YW_STATE_MAX);
    yw_buf_init(&merged, YW_STATE_MAX);
    yw_buf_init(&plain, YW_STATE_MAX);
    if (yw_state_diff(&patch, before, after, NULL) == 0 && !patch.overflow &&
        strstr(after, "null") == NULL && strstr(before, "null") == NULL) {
        assert(yw_state_merge(&merged, before, patch.data, NULL) == 0);
        assert(yw_state_merge(&plain, after, "{}", NULL) == 0);
        assert(strcmp(merged.data, plain.data) == 0);
    }
    yw_buf_fini(&patch);
    yw_buf_fini(&merged);
    yw_buf_fini(&plain);
    free(before);
    free(text);
    return 0;
}
