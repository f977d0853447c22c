/* At start: what the hypervisors have, against what the journals say.
 *
 *   of a drill under way        its own recovery finds its machines, or says which are lost
 *   of an archived drill        removed: its take-down had not come to its end
 *   of a drill that never was   left alone, and said: another data directory may own it
 *
 * Each with a line in the log. */
#include "drill/drill.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MS 30000
#define SWEEP_MS 60000

struct yw_reconcile {
    struct yw_virt_call call;
    struct yw_conductor *conductor; /* a connection outlives it by no turn of the loop */
};

static void forget(struct yw_reconcile *reconcile)
{
    free(reconcile->call.found);
    free(reconcile);
}

static void ask(struct yw_conductor *conductor, enum yw_virt_op op, const char *drill,
                void (*done)(struct yw_virt_call *call, int code,
                             const struct yw_err *err))
{
    struct yw_virt *virt = yw_conductor_stage(conductor)->virt;
    struct yw_reconcile *reconcile = yw_new(sizeof *reconcile);
    struct yw_err err = {0};
    reconcile->conductor = conductor;
    reconcile->call.op = op;
    reconcile->call.nic = -1;
    YW_COPY(reconcile->call.drill, drill);
    reconcile->call.deadline_ms = op == YW_VIRT_LIST ? LIST_MS : SWEEP_MS;
    reconcile->call.done = done;
    reconcile->call.owner = reconcile;
    if (yw_virt_call(virt, &reconcile->call, &err) != 0) {
        yw_warn("drill", "reconcile: %s", err.text);
        forget(reconcile);
    }
}

static void on_swept(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct yw_reconcile *reconcile = call->owner;
    if (code == 0) {
        yw_info("drill", "%s: archived, its leftovers are removed", call->drill);
    } else {
        yw_warn("drill", "%s: archived, something is left over: %s", call->drill,
                err->text);
    }
    forget(reconcile);
}

static const struct yw_drill *drill_of(const struct yw_conductor *conductor,
                                       const char *id)
{
    for (size_t i = 0; i < yw_conductor_count(conductor); i++) {
        const struct yw_drill *drill = yw_conductor_drill(conductor, i);
        if (drill != NULL && strcmp(drill->id, id) == 0) {
            return drill;
        }
    }
    return NULL;
}

/* Was the drill of this object dealt with at one before it? */
static bool seen_before(const struct yw_virt_call *call, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(call->found[i].drill, call->found[index].drill) == 0) {
            return true;
        }
    }
    return false;
}

static size_t count_of(const struct yw_virt_call *call, const char *drill)
{
    size_t count = 0;
    for (size_t i = 0; i < call->found_count; i++) {
        count += strcmp(call->found[i].drill, drill) == 0;
    }
    return count;
}

static void judge(struct yw_conductor *conductor, const struct yw_virt_call *call,
                  const char *id)
{
    const struct yw_drill *drill = drill_of(conductor, id);
    size_t count = count_of(call, id);
    if (drill == NULL) {
        yw_warn("drill", "%s: no such drill here; %zu objects of it are left alone", id,
                count);
    } else if (yw_drill_state(drill)->phase == YW_PHASE_ARCHIVED) {
        yw_info("drill", "%s: archived; removing %zu objects of it", id, count);
        ask(conductor, YW_VIRT_SWEEP, id, on_swept);
    } else {
        yw_info("drill", "%s: %zu objects of it adopted", id, count);
    }
}

static void on_list(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct yw_reconcile *reconcile = call->owner;
    if (code != 0) {
        yw_warn("drill", "reconcile: %s", err->text);
    }
    for (size_t i = 0; code == 0 && i < call->found_count; i++) {
        if (!seen_before(call, i)) {
            judge(reconcile->conductor, call, call->found[i].drill);
        }
    }
    forget(reconcile);
}

void yw_reconcile_start(struct yw_conductor *conductor)
{
    if (yw_conductor_stage(conductor)->virt != NULL) {
        ask(conductor, YW_VIRT_LIST, "", on_list);
    }
}
