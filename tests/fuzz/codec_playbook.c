/* Any bytes as a playbook; what decodes is run to its end: people answer every other
 * question, every other command fails. */
#include "codec/playbook/playbook.h"

#include "base/mem.h"
#include "response/run.h"

#include <assert.h>
#include <stdlib.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void step(struct yw_run *run, const struct yw_playbook *playbook,
                 int64_t *drill_ms, int turn)
{
    struct yw_run_todo todo;

    yw_run_next(run, playbook, *drill_ms, &todo);
    if (todo.verb == YW_RUN_COMMAND) {
        yw_run_command_ended(run, playbook, turn % 2 == 0, "", &todo.event);
    } else if (todo.verb == YW_RUN_NOTHING && turn % 2 == 0 && run->step[0] != '\0') {
        todo.event.kind = YW_EVENT_STEP_ANSWERED;
        todo.event.step_answered.run = run->run;
        YW_COPY(todo.event.step_answered.step, run->step);
    } else if (todo.verb == YW_RUN_NOTHING) {
        assert(todo.due_ms > *drill_ms && todo.due_ms < INT64_MAX);
        *drill_ms = todo.due_ms;
        return;
    }
    todo.event.seq = turn + 2;
    todo.event.drill_ms = *drill_ms;
    yw_run_apply(run, &todo.event);
}

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    struct yw_event started = {.seq = 1, .kind = YW_EVENT_PLAYBOOK_STARTED};
    struct yw_playbook *playbook = NULL;
    struct yw_run *run = yw_new(sizeof *run);
    int64_t drill_ms = 0;

    if (yw_playbook_decode(&playbook, (const char *)bytes, size, NULL) == 0) {
        yw_run_init(run, &started);
        /* at most 256 steps, each: a delay, a start, a deadline, a timeout or answer, an
         * end */
        for (int turn = 0; run->active && turn < 6 * YW_RUN_PATH_MAX; turn++)
            step(run, playbook, &drill_ms, turn);
        assert(!run->active);
        yw_playbook_free(playbook);
    }
    free(run);
    return 0;
}
