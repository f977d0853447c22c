/* One hypervisor call of a drill: it owns itself, is repeated when the broker dies under it,
 * and ends exactly once, in `ended`. Private to this room. Loop thread. */
#ifndef YW_DRILL_RANGE_CALL_H
#define YW_DRILL_RANGE_CALL_H

#include "drill/drill.h"

struct yw_range_call {
    struct yw_virt_call call;
    struct yw_drill *drill; /* NULL: the drill is gone */
    void (*ended)(struct yw_range_call *call, int code, const struct yw_err *err);
    int purpose; /* the file's that made it */
    int team;
    char machine[YW_NAME_MAX];
    char attack[YW_NAME_MAX];
    int64_t action;
    int64_t cause; /* seq of the order */
    bool link_up;
    int attempt;
    bool at_start; /* FIND: by a core, or after a broker, that was started again */
    bool holdable; /* waits while its machine is stopped, being taken back, or moves */
    bool moves;    /* it is a step of the move itself */
    char why[YW_EVENT_VALUE_MAX]; /* move.c: the failure that it answers */
    bool canceled;
    bool held;                            /* it does: not under way */
    int64_t made_ms;                      /* mono */
    const struct yw_plan_machine **group; /* owned; of call.machines */
    char *role;                           /* owned; the bytes of call.file, SETUP */
    struct yw_secrets *secrets;           /* owned; in call.argv, NULL none */
    int tries;
    uint64_t generation; /* of the broker when it was sent */
    struct yw_due_entry again;
    struct yw_range_call *next;
};

/* Knows the drill, its plan and its digest; the rest is the caller's to fill. *new* */
/* How long YW_VIRT_MACHINE_UP may take. */
int64_t yw_range_up_ms(const struct yw_plan_machine *machine);
struct yw_range_call *yw_range_call_new(
    struct yw_drill *drill, enum yw_virt_op op, int64_t deadline_ms,
    void (*ended)(struct yw_range_call *call, int code, const struct yw_err *err));
/* `ended` may come from inside: a call that cannot be made has ended. */
void yw_range_call_start(struct yw_range_call *call);
/* It ends with YW_ECANCELED, not from inside. */
void yw_range_call_cancel(struct yw_range_call *call);
void yw_range_call_skip(struct yw_range_call *call); /* nothing to do: it ended well */
void yw_range_call_release(struct yw_drill *drill);  /* those that need not wait */
/* Tells how the process of the call's machine is confined: `of` it was "found" by another
 * broker, or of the "golden" machine behind it. What was not read is not told. */
void yw_range_confined(struct yw_drill *drill, const struct yw_range_call *call,
                       const char *of, const struct yw_virt_proof *proof);
/* Tells how a MACHINE_UP began its machine; one that ran already is not told again. */
void yw_range_started(struct yw_drill *drill, const struct yw_range_call *call);

#endif
