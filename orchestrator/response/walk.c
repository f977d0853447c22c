/* The continuation rules: executor rules 2, 3 and 4.
 *
 *   success ─▶ on_success, else on_completion, else as at an end
 *   failure ─▶ on_failure, else on_completion when the playbook has no exception handler,
 *              else the thread has failed: so does what opened it, and in the run's own
 *              thread the exception handler follows, once a run
 *   an end  ─▶ back to the execution that opened the thread
 */
#include "response/walk.h"

bool yw_walk_good(enum yw_step_status status)
{
    return status == YW_STEP_SUCCESSFULLY_EXECUTED || status == YW_STEP_SKIPPED;
}

int yw_walk_on(const struct yw_run *run, const struct yw_run_exec *exec,
               enum yw_step_status status, const char **ret_note)
{
    const struct yw_pb_step *step = &run->playbook->steps[exec->step];
    int exception = run->playbook->exception;

    *ret_note = "";
    if (yw_walk_good(status))
        return step->on_success >= 0 ? step->on_success : step->on_completion;
    if (step->on_failure >= 0)
        return step->on_failure;
    if (exception < 0 && step->on_completion >= 0) {
        *ret_note = "goes on: no handler, and on_completion is set";
        return step->on_completion;
    }
    return exec->opener == 0 && !run->exception_used ? exception : -1;
}

struct yw_run_exec *yw_walk_exec(const struct yw_run *run, int64_t exec)
{
    for (size_t i = 0; i < run->execs.count; i++) {
        struct yw_run_exec *at = yw_vec_at(&run->execs, i);

        if (at->exec == exec)
            return at;
    }
    return NULL;
}

struct yw_run_thread *yw_walk_thread(const struct yw_run *run, int64_t opener,
                                     int64_t branch)
{
    for (size_t i = 0; i < run->threads.count; i++) {
        struct yw_run_thread *at = yw_vec_at(&run->threads, i);

        if (at->opener == opener && at->branch == branch)
            return at;
    }
    return NULL;
}

bool yw_walk_joined(const struct yw_run *run, int64_t exec, int *ret_failed)
{
    bool joined = true;

    *ret_failed = 0;
    for (size_t i = 0; i < run->threads.count; i++) {
        const struct yw_run_thread *at = yw_vec_at(&run->threads, i);

        if (at->opener != exec)
            continue;
        joined = joined && at->done;
        *ret_failed += at->done && !at->ok;
    }
    return joined;
}
