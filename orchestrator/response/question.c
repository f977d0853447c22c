/* Questions to people: manual steps, decisions about conditions, and what control must
 * allow; their answers, confirmations and evidence. */
#include "response/walk.h"

#include "base/mem.h"
#include "response/value.h"

#include <stdlib.h>
#include <string.h>

static const char *const forms[] = {"text", "file", "screenshot", "checklist",
                                    "signature"};
static const char *const acks[] = {[YW_PB_ACK_SINGLE] = "single",
                                   [YW_PB_ACK_NONE] = "none",
                                   [YW_PB_ACK_TWO] = "two_person",
                                   [YW_PB_ACK_LEADER] = "tier_leader"};

unsigned yw_pb_evidence_of(const char *form)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(forms[i], form) == 0)
            return 1U << i;
    }
    return 0;
}

bool yw_question_decides(const struct yw_run *run, const struct yw_run_exec *exec)
{
    const struct yw_pb_step *step = yw_run_step(run, exec);
    char explain[256];
    bool holds;

    return (step->type == YW_PB_IF || step->type == YW_PB_WHILE) &&
           yw_run_condition(run, exec, step->condition, &holds, explain, NULL) < 0;
}

bool yw_question_needed(const struct yw_run *run, const struct yw_run_exec *exec)
{
    const struct yw_pb_step *step = yw_run_step(run, exec);

    return step->type == YW_PB_ACTION && (step->asks.en[0] != '\0' || step->guarded);
}

static bool confirmable(const struct yw_pb_step *step)
{
    return step->ack == YW_PB_ACK_TWO || step->ack == YW_PB_ACK_LEADER;
}

bool yw_question_settled(const struct yw_run *run, const struct yw_run_exec *exec)
{
    const struct yw_pb_step *step = yw_run_step(run, exec);

    if (!exec->asked)
        return false;
    if (step->ack == YW_PB_ACK_NONE && step->out_count == 0 && step->evidence == 0 &&
        step->type == YW_PB_ACTION && !step->guarded)
        return true; /* it only tells */
    return exec->answered && (!confirmable(step) || exec->confirmed);
}

static void fill_fields(const struct yw_run *run, const struct yw_pb_step *step,
                        struct yw_ev_step_asked *ret)
{
    if (step->type != YW_PB_ACTION) {
        YW_COPY(ret->fields[0].name, "decision");
        YW_COPY(ret->fields[0].value, "bool");
        ret->field_count = 1;
        return;
    }
    for (size_t i = 0; i < step->out_count; i++) {
        const struct yw_pb_field *field = &step->fields[i];
        const struct yw_pb_var *var = &run->playbook->vars[field->var];

        YW_COPY(ret->fields[i].name, var->name);
        YW_COPY(ret->fields[i].value, var->type);
        if (field->choices[0] == '\0')
            continue;
        YW_COPY(ret->choices[ret->choice_count].name, var->name);
        YW_COPY(ret->choices[ret->choice_count++].value, field->choices);
    }
    ret->field_count = (int64_t)step->out_count;
}

static void fill_asks(const struct yw_run *run, const struct yw_run_exec *exec,
                      const struct yw_pb_step *step, struct yw_text *ret)
{
    if (step->type != YW_PB_ACTION) {
        (void)yw_copyf(ret->zh, sizeof ret->zh, "研判：“%s”是否成立？", step->condition);
        (void)yw_copyf(ret->en, sizeof ret->en, "Decide: does this hold: “%s”?",
                       step->condition);
        return;
    }
    if (step->asks.en[0] == '\0') {
        (void)yw_copyf(ret->zh, sizeof ret->zh, "是否准许执行“%s”？", step->name.zh);
        (void)yw_copyf(ret->en, sizeof ret->en, "May “%s” be carried out?",
                       step->name.en);
        return;
    }
    /* what has no value yet stands as it is: people can read it */
    if (yw_run_substitute(run, exec, step->asks.zh, ret->zh, sizeof ret->zh, NULL) < 0)
        YW_COPY(ret->zh, step->asks.zh);
    if (yw_run_substitute(run, exec, step->asks.en, ret->en, sizeof ret->en, NULL) < 0)
        YW_COPY(ret->en, step->asks.en);
}

static void fill_evidence(unsigned needed, char *dst, size_t size)
{
    dst[0] = '\0';
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t used = strlen(dst);

        if (needed & (1U << i))
            (void)yw_copyf(dst + used, size - used, "%s%s", used ? " " : "", forms[i]);
    }
}

void yw_question_fill(const struct yw_run *run, const struct yw_run_exec *exec,
                      int64_t drill_ms, struct yw_ev_step_asked *ret)
{
    const struct yw_pb_step *step = yw_run_step(run, exec);
    bool control = step->foreign || step->guarded;
    int64_t span_ms = exec->deadline_ms - drill_ms;

    ret->name = step->name;
    fill_asks(run, exec, step, &ret->asks);
    fill_fields(run, step, ret);
    fill_evidence(step->evidence, ret->evidence, sizeof ret->evidence);
    YW_COPY(ret->role, control ? YW_RUN_CONTROL : step->role);
    YW_COPY(ret->ack, acks[step->ack]);
    if (step->overdue == YW_PB_OVERDUE_ESCALATE)
        YW_COPY(ret->escalates, step->escalates);
    if (step->ack == YW_PB_ACK_LEADER)
        YW_COPY(ret->confirms, step->confirms[0] ? step->confirms : YW_RUN_LEADER);
    ret->deadline_ms = exec->deadline_ms;
    ret->timeout_ms = exec->timeout_ms;
    if (exec->deadline_ms > 0 && span_ms > 0) {
        int64_t before_ms = step->warn_ms > 0 ? step->warn_ms : span_ms / 5;

        ret->warns_ms = before_ms < span_ms ? exec->deadline_ms - before_ms : 0;
    }
}

/* ---- answers ---- */

const struct yw_run_exec *yw_run_question(const struct yw_run *run, const char *step,
                                          int64_t exec, struct yw_err *err)
{
    for (size_t i = 0; run->active && i < run->execs.count; i++) {
        const struct yw_run_exec *at = yw_vec_at(&run->execs, i);

        if (at->asked && !yw_question_settled(run, at) && at->forced == YW_STEP_NONE &&
            (exec > 0 ? at->exec == exec : strcmp(yw_run_step(run, at)->id, step) == 0))
            return at;
    }
    (void)yw_err_set(err, YW_ESTATE, "/step: no question is open at '%s'", step);
    return NULL;
}

static int check_role(const struct yw_run_exec *exec, const char *role,
                      struct yw_err *err)
{
    if (exec->role[0] == '\0' || strcmp(exec->role, role) == 0 ||
        (exec->escalated && strcmp(exec->escalates, role) == 0))
        return 0;
    return yw_err_set(err, YW_EDENIED, "/role: this question is for '%s'; got '%s'",
                      exec->role, role);
}

static int check_open(const struct yw_run *run, const struct yw_run_exec *exec,
                      struct yw_err *err)
{
    if (run->paused)
        return yw_err_set(err, YW_ESTATE, "/step: the playbook is paused");
    if (exec->answered)
        return yw_err_set(err, YW_ESTATE, "/step: '%s' is answered already",
                          yw_run_step(run, exec)->id);
    return 0;
}

static int count_of(const struct yw_ev_step_answered *answer, const char *name)
{
    int found = 0;

    for (int64_t i = 0; i < answer->var_count; i++)
        found += strcmp(answer->vars[i].name, name) == 0;
    return found;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t size = strlen(value);

    for (const char *at = choices; at; at = strchr(at, '|'), at = at ? at + 1 : NULL) {
        if (strcspn(at, "|") == size && strncmp(at, value, size) == 0)
            return true;
    }
    return false;
}

static int check_field(const struct yw_run *run, const struct yw_pb_field *field,
                       const char *value, struct yw_err *err)
{
    const struct yw_pb_var *var = &run->playbook->vars[field->var];
    const char *flaw = yw_pb_value_flaw(var->type, value);
    double number = 0;

    if (flaw)
        return yw_err_set(err, YW_EINVAL, "/vars/%s: expected %s; got '%s'", var->name,
                          flaw, value);
    if (field->choices[0] != '\0' && !is_choice(field->choices, value))
        return yw_err_set(err, YW_EINVAL, "/vars/%s: expected one of %s; got '%s'",
                          var->name, field->choices, value);
    if ((field->low_set || field->high_set) && yw_value_float(value, &number) < 0)
        return yw_err_set(err, YW_EINVAL, "/vars/%s: expected a number; got '%s'",
                          var->name, value);
    if (field->low_set && number < field->low)
        return yw_err_set(err, YW_EINVAL, "/vars/%s: expected at least %g; got '%s'",
                          var->name, field->low, value);
    if (field->high_set && number > field->high)
        return yw_err_set(err, YW_EINVAL, "/vars/%s: expected at most %g; got '%s'",
                          var->name, field->high, value);
    return 0;
}

static const struct yw_pb_field *
asked_for(const struct yw_run *run, const struct yw_pb_step *step, const char *name)
{
    for (size_t i = 0; i < step->out_count; i++) {
        if (strcmp(run->playbook->vars[step->fields[i].var].name, name) == 0)
            return &step->fields[i];
    }
    return NULL;
}

static int check_vars(const struct yw_run *run, const struct yw_pb_step *step,
                      const struct yw_ev_step_answered *answer, struct yw_err *err)
{
    /* "it could not be done" needs no form */
    for (size_t i = 0; i < step->out_count; i++) {
        const char *name = run->playbook->vars[step->fields[i].var].name;
        int found = count_of(answer, name);

        if (found > 1 || (found == 0 && answer->ok && !step->fields[i].optional))
            return yw_err_set(err, YW_EINVAL, "/vars/%s: %s", name,
                              found == 0 ? "missing" : "given twice");
    }
    for (int64_t i = 0; i < answer->var_count; i++) {
        const struct yw_ev_var *var = &answer->vars[i];
        const struct yw_pb_field *field = asked_for(run, step, var->name);

        if (!field)
            return yw_err_set(err, YW_EINVAL, "/vars/%s: not asked for", var->name);
        int status = check_field(run, field, var->value, err);

        if (status < 0)
            return status;
    }
    return 0;
}

static int check_decision(const struct yw_ev_step_answered *answer, struct yw_err *err)
{
    const struct yw_ev_var *var = &answer->vars[0];

    if (answer->var_count != 1 || strcmp(var->name, "decision") != 0)
        return yw_err_set(err, YW_EINVAL, "/vars/decision: missing, or not alone");
    if (yw_pb_value_flaw("bool", var->value))
        return yw_err_set(err, YW_EINVAL,
                          "/vars/decision: expected true or false; got '%s'", var->value);
    return 0;
}

int yw_run_check_answer(const struct yw_run *run, const struct yw_run_exec *exec,
                        const struct yw_ev_step_answered *answer, struct yw_err *err)
{
    const struct yw_pb_step *step = yw_run_step(run, exec);
    unsigned missing = step->evidence & ~exec->evidence;
    char names[64];
    int status = check_role(exec, answer->role, err);

    if (status == 0)
        status = check_open(run, exec, err);
    if (status < 0)
        return status;
    if (answer->var_count > YW_EVENT_VARS_MAX)
        return yw_err_set(err, YW_ELIMIT, "/vars: at most %d", YW_EVENT_VARS_MAX);
    if (step->type != YW_PB_ACTION)
        return check_decision(answer, err);
    if (answer->ok && missing != 0) {
        fill_evidence(missing, names, sizeof names);
        return yw_err_set(err, YW_ESTATE, "/evidence: still to be given: %s", names);
    }
    return check_vars(run, step, answer, err);
}

int yw_run_check_confirm(const struct yw_run *run, const struct yw_run_exec *exec,
                         const char *role, const char *actor, struct yw_err *err)
{
    const struct yw_pb_step *step = yw_run_step(run, exec);

    if (run->paused)
        return yw_err_set(err, YW_ESTATE, "/step: the playbook is paused");
    if (!confirmable(step) || !exec->answered)
        return yw_err_set(err, YW_ESTATE, "/step: '%s' waits for no confirmation",
                          step->id);
    if (exec->confirms[0] != '\0' && strcmp(exec->confirms, role) != 0)
        return yw_err_set(err, YW_EDENIED, "/role: '%s' confirms this; got '%s'",
                          exec->confirms, role);
    if (exec->confirms[0] == '\0' && check_role(exec, role, err) < 0)
        return YW_EDENIED;
    if (strcmp(exec->answered_by, actor) == 0)
        return yw_err_set(err, YW_EDENIED,
                          "/person: whoever answered cannot confirm the answer");
    return 0;
}

int yw_run_check_evidence(const struct yw_run *run, const struct yw_run_exec *exec,
                          const char *role, const char *form, struct yw_err *err)
{
    int status = check_role(exec, role, err);

    if (status == 0)
        status = check_open(run, exec, err);
    if (status == 0 && yw_pb_evidence_of(form) == 0)
        return yw_err_set(err, YW_EINVAL,
                          "/form: expected text, file, screenshot, checklist or "
                          "signature; got '%s'",
                          form);
    return status;
}

/* ---- control ---- */

static int check_set(const struct yw_run *run,
                     const struct yw_ev_playbook_controlled *order, struct yw_err *err)
{
    int index = yw_playbook_var(run->playbook, order->name);

    if (index < 0)
        return yw_err_set(err, YW_EINVAL, "/name: no variable '%s'", order->name);
    const struct yw_pb_var *var = &run->playbook->vars[index];
    const char *flaw = yw_pb_value_flaw(var->type, order->value);

    if (var->constant)
        return yw_err_set(err, YW_EINVAL, "/name: '%s' is a constant", order->name);
    if (flaw)
        return yw_err_set(err, YW_EINVAL, "/value: expected %s; got '%s'", flaw,
                          order->value);
    return 0;
}

static int check_rewind(const struct yw_run *run,
                        const struct yw_ev_playbook_controlled *order, struct yw_err *err)
{
    int step = yw_playbook_step(run->playbook, order->step);

    if (step < 0)
        return yw_err_set(err, YW_EINVAL, "/step: no step '%s'", order->step);
    if (!run->visited[step])
        return yw_err_set(err, YW_ESTATE,
                          "/step: '%s' has not begun yet, or stands in a branch: rewind "
                          "to what opens it",
                          order->step);
    return 0;
}

int yw_run_check_control(const struct yw_run *run,
                         const struct yw_ev_playbook_controlled *order,
                         struct yw_err *err)
{
    const char *verb = order->verb;

    if (!run->active || run->aborted[0] != '\0')
        return yw_err_set(err, YW_ESTATE, "playbook run %lld is over",
                          (long long)run->run);
    if (strcmp(verb, "abort") == 0)
        return 0;
    if (strcmp(verb, "pause") == 0 || strcmp(verb, "resume") == 0)
        return run->paused == (verb[0] == 'r')
                   ? 0
                   : yw_err_set(err, YW_ESTATE, "playbook run %lld is %s",
                                (long long)run->run,
                                run->paused ? "paused already" : "not paused");
    if (strcmp(verb, "set") == 0)
        return check_set(run, order, err);
    if (strcmp(verb, "rewind") == 0)
        return check_rewind(run, order, err);
    if (strcmp(verb, "skip") != 0 && strcmp(verb, "force") != 0)
        return yw_err_set(err, YW_EINVAL,
                          "/verb: expected pause, resume, skip, force, set, rewind or "
                          "abort; got '%s'",
                          verb);
    const struct yw_run_exec *exec = yw_run_exec(run, order->exec);

    if (!exec || exec->forced != YW_STEP_NONE)
        return yw_err_set(err, YW_ESTATE, "/step: it is not under way");
    return 0;
}
