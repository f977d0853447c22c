/* The first bytes as a pattern, the rest as a subject: what the guard lets through ends
 * soon. */
#include "script/state.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define PATTERN_BYTES 24
#define SUBJECT_BYTES 3000
#define CPU_S_MAX 60.0 /* one that runs away runs for ever */

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void put_quoted(struct yw_buf *out, const uint8_t *bytes, size_t size)
{
    yw_buf_puts(out, "\"");
    for (size_t i = 0; i < size; i++)
        yw_buf_printf(out, "\\%03d", bytes[i]);
    yw_buf_puts(out, "\"");
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    struct yw_buf source;
    size_t all_bytes = 0;
    struct yw_err err;
    size_t pattern = size < PATTERN_BYTES ? size : PATTERN_BYTES;
    size_t subject = size - pattern < SUBJECT_BYTES ? size - pattern : SUBJECT_BYTES;
    yw_buf_init(&source, YW_SCRIPT_SOURCE_MAX);
    yw_buf_puts(&source, "string.gsub(");
    put_quoted(&source, bytes + pattern, subject);
    yw_buf_puts(&source, ", ");
    put_quoted(&source, bytes, pattern);
    yw_buf_puts(&source, ", \"\")");
    struct yw_script_state *state =
        yw_script_state_new(&all_bytes, "pattern.lua", source.data, source.size);
    state->phase = YW_SCRIPT_IN_DECLARE;
    state->spec = yw_spec_new();
    state->owns_spec = true;
    clock_t began = clock();
    (void)yw_script_state_run(state, 1, "declare", &err);
    double took_s = (double)(clock() - began) / (double)CLOCKS_PER_SEC;
    yw_script_state_free(state);
    yw_buf_fini(&source);
    if (took_s > CPU_S_MAX)
        abort();
    return 0;
}
