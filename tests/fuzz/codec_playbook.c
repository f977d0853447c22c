/* Any bytes as a playbook; what decodes is run, to its end unless it loops: people answer,
 * every other command fails, what is called is not there. */
#include "codec/playbook/playbook.h"

#include "base/mem.h"
#include "response/run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

static void say(struct yw_run *run, const struct yw_run_exec *exec,
                struct yw_event *event)
{
    event->kind = exec->answered ? YW_EVENT_STEP_CONFIRMED : YW_EVENT_STEP_ANSWERED;
    event->step_ref.run = run->run;
    event->step_ref.exec = exec->exec;
    YW_COPY(event->step_ref.step, yw_run_step(run, exec)->id);
    if (exec->answered)
        event->step_confirmed.agrees = true;
    else
        event->step_answered.ok = exec->exec % 3 != 0;
}

/* An execution waits for somebody, or something, outside: it gets it at every other turn. */
static bool serve(struct yw_run *run, int turn, struct yw_event *event)
{
    for (size_t i = 0; i < run->execs.count && turn % 2 == 0; i++) {
        const struct yw_run_exec *exec = yw_vec_at(&run->execs, i);

        memset(event, 0, sizeof *event);
        if (exec->ordered)
            yw_run_command_ended(run, exec, turn % 4 == 0, "", event);
        else if (yw_run_step(run, exec)->type == YW_PB_PLAYBOOK)
            yw_run_called_ended(run, exec, NULL, "", event);
        else if (exec->asked)
            say(run, exec, event);
        else
            continue;
        return true;
    }
    return false;
}

static void step(struct yw_run *run, int64_t *drill_ms, int turn)
{
    struct yw_run_todo todo;

    yw_run_next(run, *drill_ms, &todo);
    if (!todo.append && !serve(run, turn, &todo.event)) {
        if (todo.due_ms < INT64_MAX) {
            assert(todo.due_ms > *drill_ms);
            *drill_ms = todo.due_ms;
        }
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
    int64_t drill_ms = 0;

    started.playbook_started.run = 1;
    if (yw_playbook_decode(&playbook, (const char *)bytes, size, NULL) == 0) {
        struct yw_run *run = yw_new(sizeof *run);

        /* a loop may have a thousand turns of some events each */
        yw_run_init(run, playbook, &started);
        for (int turn = 0; run->active && turn < 20000; turn++)
            step(run, &drill_ms, turn);
        yw_run_fini(run);
        yw_playbook_free(playbook);
        free(run);
    }
    return 0;
}
