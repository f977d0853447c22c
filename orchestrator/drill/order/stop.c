/* Emergency stop and what undoes it. The freeze goes out in the turn in which its order is
 * durable, past everything else that is under way. */
#include "drill/order/order.h"

#include "base/mem.h"

#define STOP_MS 10000
#define THAW_MS 30000

/* Of one team; the last one says how it went. A stop in the meantime has taken over. */
static void on_stopped(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill_stop *stop = &call->drill->stop;
    bool thaw = call->call.op == YW_VIRT_THAW;
    struct yw_event event;
    if (stop->cause != call->cause) {
        return;
    }
    stop->machines += (int64_t)call->call.machine_count;
    if (code == 0 && !thaw) {
        stop->forced += call->call.forced;
    } else if (code != 0 && stop->detail[0] == '\0') {
        YW_COPY(stop->detail, err->text);
    }
    if (--stop->open > 0) {
        return;
    }
    call->team = -1;
    yw_order_event(call, &event, thaw ? YW_EVENT_THAW_ENDED : YW_EVENT_STOP_ENDED);
    event.stop_ended.ok = stop->detail[0] == '\0';
    event.stop_ended.span_ms = yw_order_span(call);
    event.stop_ended.machines = stop->machines;
    event.stop_ended.forced = stop->forced;
    YW_COPY(event.stop_ended.detail, stop->detail);
    (void)yw_drill_emit(call->drill, &event, NULL, NULL);
}

void yw_stop_begin(struct yw_drill *drill, const struct yw_order_fold *order)
{
    bool thaw = order->kind == YW_EVENT_THAW_ORDERED;
    drill->stop =
        (struct yw_drill_stop){.cause = order->seq, .open = (int)drill->plan->team_count};
    for (size_t t = 0; t < drill->plan->team_count; t++) {
        struct yw_order_fold part = *order;
        part.team = (int)t;
        struct yw_range_call *call =
            yw_order_call(drill, &part, thaw ? YW_VIRT_THAW : YW_VIRT_FREEZE,
                          thaw ? THAW_MS : STOP_MS, on_stopped);
        call->call.cut = true;
        yw_order_start(call);
    }
    if (!thaw) {
        yw_range_cancel(drill, "emergency stop");
    }
}
