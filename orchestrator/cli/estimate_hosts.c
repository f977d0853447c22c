/* What the hosts of a hosts file have, asked of each over a connection of its own; nothing
 * is started on them but what finds out how machines come to life there. */
#include "base/mem.h"
#include "cli/estimate.h"
#include "cli/hosts.h"
#include "codec/facts.h"
#include "model/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK_MS 120000 /* images may have to travel first */
#define TURN_MS 100

struct question {
    struct yw_virt_call call;
    struct yw_admit_host *host; /* borrowed */
    const struct yw_spec *spec; /* borrowed */
    struct yw_err why;          /* code 0: it told */
    bool answered;
};

static void on_told(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct question *question = call->owner;
    question->answered = true;
    if (code != 0) {
        question->why = *err;
        return;
    }
    if (yw_facts_decode(&question->host->facts, call->output, strlen(call->output),
                        &question->why) == 0) {
        (void)yw_shape_check(question->spec, &call->traits, &question->why);
    }
}

static void ask(struct yw_virt *virt, struct question *question)
{
    struct yw_virt_call *call = &question->call;
    call->op = YW_VIRT_PROBE;
    call->deadline_ms = ASK_MS;
    call->done = on_told;
    call->owner = question;
    YW_COPY(call->host, question->host->name);
    if (yw_virt_call(virt, call, &question->why) != 0) {
        question->answered = true;
    }
}

static bool all_answered(const struct question *questions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!questions[i].answered) {
            return false;
        }
    }
    return true;
}

/* One that does not tell takes nothing; the plan is made without it. */
static void conclude(struct yw_estimate *estimate, const struct question *questions)
{
    for (size_t i = 0; i < estimate->admit.host_count; i++) {
        struct yw_admit_host *host = &estimate->hosts[i];
        if (questions[i].why.code != 0) {
            host->state = YW_HOST_LOST;
            host->facts.way = YW_ADMIT_SHARED; /* no way is dearer */
            YW_COPY(estimate->why[i], questions[i].why.text);
        }
    }
}

static void ask_all(struct yw_estimate *estimate, struct yw_loop *loop,
                    struct yw_virt *virt, const struct yw_spec *spec)
{
    size_t count = estimate->admit.host_count;
    struct yw_virt_host *found = yw_new_array(count, sizeof *found);
    struct question *questions = yw_new_array(count, sizeof *questions);
    (void)yw_virt_hosts(virt, found, count);
    for (size_t i = 0; i < count; i++) {
        struct yw_admit_host *host = &estimate->hosts[i];
        YW_COPY(host->name, found[i].name);
        host->weight = found[i].weight;
        host->state = found[i].state;
        host->no_underlay = found[i].no_underlay;
        questions[i].host = host;
        questions[i].spec = spec;
        ask(virt, &questions[i]);
    }
    while (!all_answered(questions, count)) {
        yw_loop_turn(loop, TURN_MS);
    }
    conclude(estimate, questions);
    free(questions);
    free(found);
}

int yw_estimate_ask(struct yw_estimate *estimate, const struct yw_cli *cli,
                    const char *path, const struct yw_spec *spec, struct yw_err *err)
{
    struct yw_hosts_file *file = NULL;
    struct yw_loop *loop = NULL;
    struct yw_virt *virt = NULL;
    int code = yw_cli_hosts_read(&file, cli, path, err);
    if (code == 0 && file->count > YW_PLACE_HOSTS_MAX) {
        code = yw_err_set(err, YW_ELIMIT, "%s: more than %d hosts", path,
                          YW_PLACE_HOSTS_MAX);
    }
    if (code == 0) {
        code = yw_loop_open(&loop, err);
    }
    if (code == 0) {
        yw_cli_hosts_free_commands(
            yw_cli_hosts_commands(file, cli, 0)); /* their folders */
        code = yw_cli_hosts_open(&virt, loop, file, cli, 0, NULL, err);
    }
    if (code == 0) {
        estimate->admit.host_count = file->count;
        ask_all(estimate, loop, virt, spec);
    }
    yw_virt_close(virt);
    if (loop != NULL) {
        yw_loop_turn(loop, 0);
        yw_loop_close(loop);
    }
    free(file);
    return code;
}
