/* Any bytes as a scenario: the declare stage, then a story's first turns. */
#include "script/state.h"

#include <stdint.h>

#define TURNS 8

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void tell_story(struct yw_script_state *state)
{
    struct yw_err err;
    const bool holds = true;
    if (yw_script_state_begin(state, NULL, &err) != 0)
        return;
    int turn = yw_script_call(state, NULL, YW_SCRIPT_TURN_BUDGET / 10, &err);
    for (int i = 0; turn == 1 && i < TURNS; i++)
        turn = yw_script_call(state, &holds, YW_SCRIPT_TURN_BUDGET / 10, &err);
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    size_t all_bytes = 0;
    struct yw_err err;
    struct yw_script_state *state =
        yw_script_state_new(&all_bytes, "scenario.lua", (const char *)bytes, size);
    state->phase = YW_SCRIPT_IN_DECLARE;
    state->spec = yw_spec_new();
    state->owns_spec = true;
    if (yw_script_state_run(state, 1, "declare", &err) == 0 &&
        yw_spec_check(state->spec, &err) == 0)
        tell_story(state);
    yw_script_state_free(state);
    return all_bytes == 0 ? 0 : 1;
}
