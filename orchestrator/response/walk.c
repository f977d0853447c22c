/* The continuation rules: executor rules 2 and 3.
 *
 *   success ─▶ on_success, else on_completion, else as at an end
 *   failure ─▶ on_failure, else the exception handler (once a run), else on_completion
 * when there is no handler, else the run has failed an end  ─▶ back to the condition that
 * opened the branch and on with its own continuation; outside any branch the run is done
 */
#include "response/walk.h"

#include <string.h>

static int continuation(const struct yw_pb_step *step)
{
    return step->on_success >= 0 ? step->on_success : step->on_completion;
}

static int unwind(struct yw_walk *walk, const struct yw_playbook *playbook)
{
    while (walk->depth > 0) {
        int next = continuation(&playbook->steps[walk->open[--walk->depth]]);

        if (next >= 0)
            return next;
    }
    return -1;
}

static int after_failure(struct yw_walk *walk, const struct yw_playbook *playbook,
                         const struct yw_pb_step *step)
{
    if (step->on_failure >= 0)
        return step->on_failure;
    if (playbook->exception >= 0 && !walk->exception_used) {
        walk->exception_used = true;
        walk->depth = 0;
        return playbook->exception;
    }
    if (playbook->exception < 0 && step->on_completion >= 0)
        return step->on_completion;
    walk->failed = true;
    walk->depth = 0;
    return -1;
}

int yw_walk_on(struct yw_walk *walk, const struct yw_playbook *playbook, int index,
               bool ok, int branch)
{
    const struct yw_pb_step *step = &playbook->steps[index];

    if (!ok)
        return after_failure(walk, playbook, step);
    if (step->type == YW_PB_IF && branch >= 0) {
        if (walk->depth == YW_RUN_DEPTH_MAX)
            return after_failure(walk, playbook, step);
        walk->open[walk->depth++] = index;
        return branch;
    }
    int next = step->type == YW_PB_END ? -1 : continuation(step);

    return next >= 0 ? next : unwind(walk, playbook);
}

int yw_walk_path(struct yw_walk *walk, const struct yw_run *run,
                 const struct yw_playbook *playbook)
{
    memset(walk, 0, sizeof *walk);
    for (size_t i = 0; i < run->path_count; i++) {
        const struct yw_run_visit *visit = &run->path[i];
        const char *next = i + 1 < run->path_count ? run->path[i + 1].step
                           : run->step[0] != '\0'  ? run->step
                                                   : run->next;
        int index = yw_playbook_step(playbook, visit->step);
        int branch = next[0] != '\0' ? yw_playbook_step(playbook, next) : -1;

        if (index < 0)
            return YW_EINVAL;
        const struct yw_pb_step *step = &playbook->steps[index];

        if (branch >= 0 && branch != step->on_true && branch != step->on_false)
            branch = -1;
        yw_walk_on(walk, playbook, index, visit->status == YW_STEP_SUCCESSFULLY_EXECUTED,
                   branch);
    }
    return 0;
}
