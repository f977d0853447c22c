/* Variables: executor rule 8. A branch works on values of its own, and what it wrote is its
 * opener's when that ends; a step's own variables live as long as its execution. */
#include "response/walk.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define EXEC_ONLY (-1)

static struct yw_run_write *find(const struct yw_run *run, int64_t opener, int64_t branch,
                                 const char *name)
{
    for (size_t i = 0; i < run->writes.count; i++) {
        struct yw_run_write *at = yw_vec_at(&run->writes, i);

        if (at->opener == opener && at->branch == branch &&
            strcmp(at->var.name, name) == 0)
            return at;
    }
    return NULL;
}

static void put(struct yw_run *run, int64_t opener, int64_t branch,
                const struct yw_ev_var *var)
{
    struct yw_run_write *at = find(run, opener, branch, var->name);
    struct yw_run_write fresh = {.opener = opener, .branch = branch, .var = *var};

    if (at)
        at->var = *var;
    else
        (void)yw_vec_push(&run->writes, &fresh);
}

static const struct yw_pb_var *own_var(const struct yw_run *run,
                                       const struct yw_run_exec *exec, const char *name)
{
    const struct yw_pb_step *step = exec ? &run->playbook->steps[exec->step] : NULL;

    for (size_t i = 0; step && i < step->var_count; i++) {
        if (strcmp(step->vars[i].name, name) == 0)
            return &step->vars[i];
    }
    return NULL;
}

void yw_scope_write(struct yw_run *run, int64_t number, const struct yw_ev_var *var)
{
    const struct yw_run_exec *exec = yw_walk_exec(run, number);

    if (!exec)
        return;
    if (own_var(run, exec, var->name))
        put(run, exec->exec, EXEC_ONLY, var);
    else
        put(run, exec->opener, exec->branch, var);
}

static void drop(struct yw_run *run, int64_t opener, const char *name)
{
    for (size_t i = run->writes.count; i-- > 0;) {
        const struct yw_run_write *at = yw_vec_at(&run->writes, i);

        if (name ? strcmp(at->var.name, name) == 0 : at->opener == opener)
            yw_vec_remove(&run->writes, i);
    }
}

void yw_scope_set(struct yw_run *run, const struct yw_ev_var *var)
{
    drop(run, 0, var->name);
    put(run, 0, 0, var);
}

void yw_scope_close(struct yw_run *run, int64_t number)
{
    const struct yw_run_exec *exec = yw_walk_exec(run, number);

    for (int64_t branch = 0; exec && branch < YW_PLAYBOOK_BRANCHES_MAX; branch++) {
        for (size_t i = 0; i < run->writes.count; i++) {
            const struct yw_run_write *at = yw_vec_at(&run->writes, i);

            if (at->opener == number && at->branch == branch) {
                struct yw_ev_var var = at->var;

                put(run, exec->opener, exec->branch, &var);
            }
        }
    }
    drop(run, number, NULL);
}

void yw_scope_mark(struct yw_run *run, int step)
{
    for (size_t i = run->marks.count; i-- > 0;) {
        if (((struct yw_run_mark *)yw_vec_at(&run->marks, i))->step == step)
            yw_vec_remove(&run->marks, i);
    }
    for (size_t i = 0; i < run->writes.count; i++) {
        const struct yw_run_write *at = yw_vec_at(&run->writes, i);
        struct yw_run_mark mark = {.step = step, .var = at->var};

        if (at->opener == 0 && at->branch == 0)
            (void)yw_vec_push(&run->marks, &mark);
    }
}

void yw_scope_restore(struct yw_run *run, int step)
{
    drop(run, 0, NULL);
    for (size_t i = 0; i < run->marks.count; i++) {
        const struct yw_run_mark *mark = yw_vec_at(&run->marks, i);

        if (mark->step == step)
            put(run, 0, 0, &mark->var);
    }
}

void yw_scope_conflicts(const struct yw_run *run, int64_t exec, char *dst, size_t size)
{
    dst[0] = '\0';
    for (size_t i = 0; i < run->writes.count; i++) {
        const struct yw_run_write *a = yw_vec_at(&run->writes, i);

        for (size_t k = i + 1; a->opener == exec && k < run->writes.count; k++) {
            const struct yw_run_write *b = yw_vec_at(&run->writes, k);
            size_t used = strlen(dst);

            if (b->opener == exec && a->branch >= 0 && b->branch != a->branch &&
                strcmp(a->var.name, b->var.name) == 0 &&
                strcmp(a->var.value, b->var.value) != 0)
                snprintf(dst + used, size - used, "%s%s = '%s', '%s'", used ? "; " : "",
                         a->var.name, a->var.value, b->var.value);
        }
    }
}

/* What an exception handler wants to know: executor rule 2. */
static const char *builtin(const struct yw_run *run, const char *name)
{
    if (strcmp(name, "failed_step") == 0)
        return run->failed_step[0] ? run->failed_step : NULL;
    if (strcmp(name, "failed_cause") == 0)
        return run->failed_step[0] ? run->failed_cause : NULL;
    return NULL;
}

const char *yw_run_var(const struct yw_run *run, const struct yw_run_exec *exec,
                       const char *name)
{
    const struct yw_pb_var *own = own_var(run, exec, name);
    const struct yw_run_write *at = exec ? find(run, exec->exec, EXEC_ONLY, name) : NULL;
    int64_t opener = exec ? exec->opener : 0, branch = exec ? exec->branch : 0;

    if (own)
        return at ? at->var.value : own->has_value ? own->value : NULL;
    for (;;) {
        at = find(run, opener, branch, name);
        if (at)
            return at->var.value;
        const struct yw_run_exec *above = opener ? yw_walk_exec(run, opener) : NULL;

        if (!above)
            break;
        opener = above->opener;
        branch = above->branch;
    }
    int index = yw_playbook_var(run->playbook, name);

    if (index < 0)
        return builtin(run, name);
    return run->playbook->vars[index].has_value ? run->playbook->vars[index].value : NULL;
}

const char *yw_run_var_type(const struct yw_run *run, const struct yw_run_exec *exec,
                            const char *name)
{
    const struct yw_pb_var *own = own_var(run, exec, name);
    int index = yw_playbook_var(run->playbook, name);

    if (own)
        return own->type;
    if (index >= 0)
        return run->playbook->vars[index].type;
    return strncmp(name, "failed_", 7) == 0 ? "string" : NULL;
}

/* What the author, or the scenario, declared a reference; never what somebody answered. */
static const char *secret_of(const struct yw_run *run, const struct yw_run_exec *exec,
                             const char *name, const char *value)
{
    const struct yw_pb_var *var = own_var(run, exec, name);
    int index = yw_playbook_var(run->playbook, name);

    if (!var && index >= 0)
        var = &run->playbook->vars[index];
    if (!var || !var->constant || strncmp(value, "secret:", 7) != 0 ||
        (run->caller > 0 && value != var->value))
        return NULL;
    return yw_name_valid(value + 7) ? value + 7 : NULL;
}

static size_t marks_in(const char *text)
{
    size_t count = 0;

    for (; (text = strstr(text, YW_SECRET_MARK)) != NULL; text++)
        count++;
    return count;
}

int yw_run_substitute(const struct yw_run *run, const struct yw_run_exec *exec,
                      const char *text, char *dst, size_t dst_size, struct yw_err *err)
{
    size_t used = 0, secrets = 0;

    while (*text) {
        const char *end = strncmp(text, "__", 2) == 0 ? strstr(text, "__:value") : NULL;
        char name[YW_NAME_MAX], mark[YW_NAME_MAX + sizeof YW_SECRET_MARK + 2];
        const char *piece = text;
        size_t size = 1;

        if (end && end > text + 2 && (size_t)(end - text - 2) < sizeof name) {
            snprintf(name, sizeof name, "%.*s", (int)(end - text - 2), text + 2);
            piece = yw_run_var(run, exec, name);
            if (!piece)
                return yw_err_set(err, YW_EINVAL, "variable '%s' has no value", name);
            const char *secret = secret_of(run, exec, name, piece);

            if (secret) {
                (void)yw_copyf(mark, sizeof mark, YW_SECRET_MARK "%s}}", secret);
                piece = mark;
                secrets++;
            }
            size = strlen(piece);
            text = end + strlen("__:value");
        } else {
            text++;
        }
        if (used + size >= dst_size)
            return yw_err_set(err, YW_ELIMIT, "longer than %zu bytes after substitution",
                              dst_size - 1);
        memcpy(dst + used, piece, size);
        used += size;
    }
    dst[used] = '\0';
    if (marks_in(dst) != secrets)
        return yw_err_set(err, YW_EINVAL,
                          "a secret is named by a constant variable, and nowhere else");
    return 0;
}
