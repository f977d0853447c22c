#include "drill/range_call.h"

#include "base/mem.h"

#include <stdlib.h>

#define AGAIN_MS 500

static void forget(struct yw_range_call *call)
{
    struct yw_drill *drill = call->drill;
    if (drill != NULL) {
        struct yw_range_call **at = &drill->calls;
        while (*at != NULL && *at != call) {
            at = &(*at)->next;
        }
        if (*at == call) {
            *at = call->next;
        }
    }
    free(call->call.found);
    free(call);
}

static void finish(struct yw_range_call *call, int code, const struct yw_err *err)
{
    call->ended(call, code, err);
    forget(call);
}

void yw_range_call_start(struct yw_range_call *call)
{
    struct yw_err err = {0};
    struct yw_drill *drill = call->drill;
    call->generation = yw_conductor_broker_generation(drill->conductor);
    int code = drill->stage->virt == NULL
                   ? yw_err_set(&err, YW_ESTATE, "this daemon has no hypervisor")
                   : yw_virt_call(drill->stage->virt, &call->call, &err);
    if (code != 0) {
        finish(call, code, &err);
    }
}

static void on_again(struct yw_due_entry *entry)
{
    yw_range_call_start(entry->arg);
}

static void on_done(struct yw_virt_call *virt_call, int code, const struct yw_err *err)
{
    struct yw_range_call *call = virt_call->owner;
    struct yw_drill *drill = call->drill;
    if (drill == NULL) {
        forget(call);
        return;
    }
    bool cut =
        code != 0 && call->generation != yw_conductor_broker_generation(drill->conductor);
    if (cut && call->tries++ < YW_DRILL_CALL_TRIES) {
        yw_due_add(drill->stage->due, &call->again,
                   yw_clock_mono_ms(drill->stage->clock) + AGAIN_MS);
        return;
    }
    finish(call, code, err);
}

struct yw_range_call *yw_range_call_new(struct yw_drill *drill, enum yw_virt_op op,
                                        int64_t deadline_ms,
                                        void (*ended)(struct yw_range_call *call,
                                                      int code, const struct yw_err *err))
{
    struct yw_range_call *call = yw_new(sizeof *call);
    call->drill = drill;
    call->ended = ended;
    call->call.op = op;
    call->call.deadline_ms = deadline_ms;
    call->call.done = on_done;
    call->call.owner = call;
    call->call.plan = drill->plan;
    call->call.nic = -1;
    YW_COPY(call->call.drill, drill->id);
    yw_hash_text(&drill->plan->digest, call->call.plan_digest);
    call->again.run = on_again;
    call->again.arg = call;
    call->next = drill->calls;
    drill->calls = call;
    return call;
}

void yw_range_close(struct yw_drill *drill)
{
    for (struct yw_range_call *call = drill->calls; call != NULL;) {
        struct yw_range_call *next = call->next;
        call->drill = NULL;
        if (yw_due_queued(&call->again)) {
            yw_due_cancel(drill->stage->due, &call->again);
            free(call);
        } else {
            yw_virt_cancel(drill->stage->virt, &call->call);
        }
        call = next;
    }
    drill->calls = NULL;
}
