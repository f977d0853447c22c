#include "drill/order/order.h"

#include "base/mem.h"
#include "drill/secret.h"

#include <stdlib.h>

#define UP_MS 180000 /* a boot storm on two cores; the broker retries once inside */
#define UP_FULL_MS (40 * 60 * 1000) /* its golden machine first, with all its services */
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
    free(call->group);
    free(call->role);
    yw_secrets_forget(call->secrets);
    free(call->secrets);
    free(call->call.found);
    free(call);
}

static void finish(struct yw_range_call *call, int code, const struct yw_err *err)
{
    call->ended(call, code, err);
    forget(call);
}

static bool is_held(const struct yw_range_call *call)
{
    const struct yw_drill *drill = call->drill;
    const struct yw_machine_fold *machine =
        yw_drill_machine(yw_drill_state(drill), call->team, call->machine);
    return yw_order_holds(drill, call->team, call->machine) ||
           (!call->moves && machine != NULL && machine->from[0] != '\0');
}

void yw_range_call_start(struct yw_range_call *call)
{
    struct yw_err err = {0};
    struct yw_drill *drill = call->drill;
    call->held = call->holdable && is_held(call);
    if (call->held) {
        return;
    }
    call->generation = yw_conductor_broker_generation(drill->conductor);
    int code = drill->stage->virt == NULL
                   ? yw_err_set(&err, YW_ESTATE, "this daemon has no hypervisor")
                   : yw_virt_call(drill->stage->virt, &call->call, &err);
    if (code != 0) {
        finish(call, code, &err);
    }
}

void yw_range_call_skip(struct yw_range_call *call)
{
    struct yw_err none = {0};
    finish(call, 0, &none);
}

/* What is started may end at once and leave the list: so it is looked at anew. */
void yw_range_call_release(struct yw_drill *drill)
{
    struct yw_range_call *call = drill->calls;
    while (call != NULL) {
        if (call->held && !is_held(call)) {
            yw_range_call_start(call);
            call = drill->calls;
        } else {
            call = call->next;
        }
    }
}

static void on_again(struct yw_due_entry *entry)
{
    struct yw_range_call *call = entry->arg;
    struct yw_err err = {0};
    if (call->canceled) {
        (void)yw_err_set(&err, YW_ECANCELED, "cancelled");
        finish(call, YW_ECANCELED, &err);
    } else {
        yw_range_call_start(call);
    }
}

void yw_range_call_cancel(struct yw_range_call *call)
{
    struct yw_drill *drill = call->drill;
    if (call->canceled) {
        return;
    }
    call->canceled = true;
    if (call->held || yw_due_queued(&call->again)) {
        call->held = false;
        yw_due_add(drill->stage->due, &call->again,
                   yw_clock_mono_ms(drill->stage->clock));
    } else {
        yw_virt_cancel(drill->stage->virt, &call->call);
    }
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
    if (code != 0 && !call->canceled && call->holdable &&
        yw_drill_state(drill)->stopped) {
        call->held = true; /* a machine that stands cannot answer */
        return;
    }
    if (cut && !call->canceled && call->tries++ < YW_DRILL_CALL_TRIES) {
        yw_due_add(drill->stage->due, &call->again,
                   yw_clock_mono_ms(drill->stage->clock) + AGAIN_MS);
        return;
    }
    finish(call, code, err);
}

int64_t yw_range_up_ms(const struct yw_plan_machine *machine)
{
    return machine->has_disk ? UP_FULL_MS : UP_MS;
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
            free(call->group);
            free(call);
        } else if (call->held) {
            free(call->group);
            free(call);
        } else {
            yw_virt_cancel(drill->stage->virt, &call->call);
        }
        call = next;
    }
    drill->calls = NULL;
}
