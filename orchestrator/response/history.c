#include "response/history.h"

#include "base/mem.h"
#include "model/words/words.h"
#include "response/run.h"

#include <stdlib.h>
#include <string.h>

#define COMMANDS_MAX (YW_PLAYBOOK_COMMANDS_MAX * YW_PLAYBOOK_TARGETS_MAX)

void yw_history_init(struct yw_history *history, int64_t run)
{
    memset(history, 0, sizeof *history);
    history->run = run;
    yw_vec_init(&history->execs, sizeof(struct yw_history_exec), YW_HISTORY_EXECS_MAX);
    yw_vec_init(&history->lines, sizeof(struct yw_history_line), YW_HISTORY_LINES_MAX);
}

void yw_history_fini(struct yw_history *history)
{
    for (size_t i = 0; i < history->execs.count; i++) {
        struct yw_history_exec *exec = yw_vec_at(&history->execs, i);

        for (size_t k = 0; k < exec->commands.count; k++)
            free(*(char **)yw_vec_at(&exec->commands, k));
        yw_vec_fini(&exec->commands);
    }
    for (size_t i = 0; i < history->lines.count; i++) {
        struct yw_history_line *line = yw_vec_at(&history->lines, i);

        free(line->zh);
        free(line->en);
    }
    yw_vec_fini(&history->execs);
    yw_vec_fini(&history->lines);
}

static struct yw_history_exec *find(const struct yw_history *history, int64_t number)
{
    for (size_t i = history->execs.count; i-- > 0;) {
        struct yw_history_exec *exec = yw_vec_at(&history->execs, i);

        if (exec->exec == number)
            return exec;
    }
    return NULL;
}

static void begin(struct yw_history *history, const struct yw_event *event)
{
    const struct yw_ev_step_started *p = &event->step_started;
    struct yw_history_exec *exec = yw_vec_push(&history->execs, NULL);

    if (exec == NULL) {
        history->cut = true;
        return;
    }
    exec->exec = p->exec;
    exec->opener = p->opener;
    exec->status = YW_STEP_ONGOING;
    exec->started_us = event->wall_us;
    exec->started_ms = event->drill_ms;
    YW_COPY(exec->step, p->step);
    YW_COPY(exec->type, p->type);
    yw_vec_init(&exec->commands, sizeof(char *), COMMANDS_MAX);
}

static void end(struct yw_history_exec *exec, const struct yw_event *event,
                enum yw_step_status status, const char *detail)
{
    exec->status = status;
    exec->ended_us = event->wall_us;
    exec->ended_ms = event->drill_ms;
    YW_COPY(exec->detail, detail);
}

/* What an execution opened ends with it; 0: all that is under way. What was opened stands behind
 * what opened it. */
static void cancel(struct yw_history *history, const struct yw_event *event,
                   int64_t opener)
{
    for (size_t i = 0; i < history->execs.count; i++) {
        struct yw_history_exec *exec = yw_vec_at(&history->execs, i);
        const struct yw_history_exec *above =
            exec->opener > 0 ? find(history, exec->opener) : NULL;

        if (exec->ended_us == 0 &&
            (opener == 0 || exec->opener == opener ||
             (above != NULL && above->status == YW_STEP_CANCELLED)))
            end(exec, event, YW_STEP_CANCELLED, "");
    }
}

static void keep_command(struct yw_history_exec *exec, const struct yw_event *event)
{
    const struct yw_ev_command_ordered *p = &event->command_ordered;
    char *text = p->text[0] != '\0' && strcmp(p->does, "run") == 0
                     ? yw_strf("%s: %s", p->machine, p->text)
                     : yw_strf("%s %s%s%s", p->does, p->machine,
                               p->text[0] != '\0' ? " " : "", p->text);

    if (yw_vec_push(&exec->commands, &text) == NULL)
        free(text);
}

static void fold_exec(struct yw_history_exec *exec, const struct yw_event *event)
{
    switch ((int)event->kind) {
    case YW_EVENT_STEP_ASKED:
        exec->status = YW_STEP_AWAIT_USER_INPUT;
        exec->manual = true;
        YW_COPY(exec->asks, event->step_asked.asks.en);
        break;
    case YW_EVENT_STEP_LATE:
        exec->late = true;
        break;
    case YW_EVENT_STEP_ANSWERED:
        YW_COPY(exec->answered_by, event->actor);
        break;
    case YW_EVENT_STEP_CONFIRMED:
        if (event->step_confirmed.agrees)
            YW_COPY(exec->confirmed_by, event->actor);
        break;
    case YW_EVENT_COMMAND_ORDERED:
        keep_command(exec, event);
        break;
    case YW_EVENT_STEP_ENDED:
        end(exec, event, event->step_ended.status, event->step_ended.detail);
        break;
    default:
        break;
    }
}

static void keep_line(struct yw_history *history, const struct yw_event *event,
                      const struct yw_drill_state *state)
{
    bool whole = event->kind == YW_EVENT_PLAYBOOK_STARTED ||
                 event->kind == YW_EVENT_PLAYBOOK_ENDED;
    bool order = event->kind == YW_EVENT_PLAYBOOK_CONTROLLED;
    struct yw_history_line *line = yw_vec_push(&history->lines, NULL);
    struct yw_text words;

    if (line == NULL) {
        history->cut = true;
        return;
    }
    yw_event_words(event, state, &words);
    line->seq = event->seq;
    line->wall_us = event->wall_us;
    line->drill_ms = event->drill_ms;
    line->kind = event->kind;
    line->exec = whole   ? 0
                 : order ? event->playbook_controlled.exec
                         : event->step_ref.exec;
    YW_COPY(line->actor, event->actor);
    if (event->kind == YW_EVENT_STEP_STARTED)
        YW_COPY(line->step, event->step_started.step);
    else if (order)
        YW_COPY(line->step, event->playbook_controlled.step);
    else if (line->exec > 0)
        YW_COPY(line->step, event->step_ref.step);
    line->zh = yw_strdup(words.zh);
    line->en = yw_strdup(words.en);
}

void yw_history_apply(struct yw_history *history, const struct yw_event *event,
                      const struct yw_drill_state *state)
{
    bool started = event->kind == YW_EVENT_PLAYBOOK_STARTED;

    if ((started ? event->playbook_started.run : yw_run_of(event)) != history->run)
        return;
    keep_line(history, event, state);
    if (started) {
        history->active = true;
        history->started_us = event->wall_us;
    } else if (event->kind == YW_EVENT_STEP_STARTED) {
        begin(history, event);
    } else if (event->kind == YW_EVENT_PLAYBOOK_ENDED) {
        cancel(history, event, 0);
        history->active = false;
        history->ok = event->playbook_ended.ok;
        history->ended_us = event->wall_us;
        YW_COPY(history->detail, event->playbook_ended.detail);
    } else if (event->kind == YW_EVENT_PLAYBOOK_CONTROLLED) {
        if (strcmp(event->playbook_controlled.verb, "rewind") == 0)
            cancel(history, event, 0);
    } else {
        struct yw_history_exec *exec = find(history, event->step_ref.exec);

        if (exec != NULL)
            fold_exec(exec, event);
        if (event->kind == YW_EVENT_STEP_ENDED)
            cancel(history, event, event->step_ended.exec);
    }
}
