/* Captures: the packets of a network of a team, as pcap files in the drill's folder.
 *
 *   command, scenario, restart ──▶ capture-ordered (durable) ──▶ hypervisor call ──▶
 *   capture-changed
 *
 * A capture is one process of a broker and ends with it; then another is ordered, with a
 * number and files of its own, and the journal tells the gap. */
#include "drill/order/order.h"

#include "base/mem.h"
#include "codec/request/request_point.h"

#include <string.h>

#define CAPTURE_MS 30000
#define AT_ONCE_US 5000000 /* one that ends so soon would end again */

static int plan_network(const struct yw_drill *drill, int team, const char *name)
{
    for (size_t i = 0; i < drill->plan->network_count; i++) {
        const struct yw_plan_network *network = &drill->plan->networks[i];
        if (network->team == team &&
            strcmp(drill->spec->networks[network->network].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static void on_ended(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    const struct yw_order_fold *order = yw_order_of(call);
    struct yw_event event;
    if (order == NULL) {
        return;
    }
    yw_order_event(call, &event, YW_EVENT_CAPTURE_CHANGED);
    struct yw_ev_capture_changed *changed = &event.capture_changed;
    changed->capture = order->number;
    YW_COPY(changed->network, order->label);
    changed->ok = code == 0;
    changed->on = order->put == (code == 0);
    changed->files = order->put ? 0 : call->call.files;
    changed->bytes = call->call.bytes;
    YW_COPY(changed->detail, code != 0 ? err->text : "");
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

void yw_capture_begin(struct yw_drill *drill, const struct yw_order_fold *order)
{
    const struct yw_capture_fold *fold =
        yw_drill_capture(yw_drill_state(drill), order->team, order->label);
    int network = plan_network(drill, order->team, order->label);
    struct yw_range_call *call = yw_range_call_new(
        drill, order->put ? YW_VIRT_CAPTURE_START : YW_VIRT_CAPTURE_STOP, CAPTURE_MS,
        on_ended);
    call->team = order->team;
    call->cause = order->seq;
    YW_COPY(call->machine, order->label);
    if (fold == NULL || network < 0) { /* a journal of another plan */
        yw_range_call_skip(call);
        return;
    }
    call->call.network = &drill->plan->networks[network];
    call->call.size_mib = (int)fold->size_mib;
    call->call.files = (int)fold->files;
    (void)yw_copyf(call->call.path, sizeof call->call.path,
                   "drills/%s/captures/%s.%s.%lld", drill->id,
                   drill->plan->teams[order->team], order->label,
                   (long long)order->number);
    yw_range_call_start(call);
}

static void order_one(struct yw_drill *drill, int team,
                      const struct yw_request_capture *request, struct yw_event *event,
                      const char *actor)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_capture_fold *fold = yw_drill_capture(state, team, request->network);
    yw_drill_event(event, YW_EVENT_CAPTURE_ORDERED, team, actor);
    struct yw_ev_capture_ordered *ordered = &event->capture_ordered;
    YW_COPY(ordered->network, request->network);
    ordered->on = request->on;
    ordered->size_mib = request->size_mib;
    ordered->files = request->files;
    ordered->capture = request->on || fold == NULL
                           ? yw_drill_number(&drill->next_capture, state->last_capture)
                           : fold->capture;
}

/* By the drill itself. */
static void order_by_core(struct yw_drill *drill, const struct yw_capture_fold *fold,
                          bool on, const char *why)
{
    struct yw_request_capture request = {
        .on = on, .size_mib = fold->size_mib, .files = fold->files};
    struct yw_event event;
    YW_COPY(request.network, fold->network);
    order_one(drill, fold->team, &request, &event, "core");
    YW_COPY(event.capture_ordered.reason, why);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

void yw_capture_start(struct yw_drill *drill)
{
    for (size_t i = 0; i < drill->plan->network_count && !drill->spec->tabletop; i++) {
        const struct yw_plan_network *network = &drill->plan->networks[i];
        const struct yw_spec_network *spec = &drill->spec->networks[network->network];
        struct yw_capture_fold fold = {.team = network->team,
                                       .size_mib = YW_REQUEST_CAPTURE_MIB,
                                       .files = YW_REQUEST_CAPTURE_FILES};
        if (!spec->capture ||
            yw_drill_capture(yw_drill_state(drill), network->team, spec->name) != NULL) {
            continue; /* ordered before, and perhaps stopped by hand */
        }
        YW_COPY(fold.network, spec->name);
        order_by_core(drill, &fold, true, "");
    }
}

static bool under_way(const struct yw_drill *drill, int64_t seq)
{
    for (const struct yw_range_call *call = drill->calls; call; call = call->next) {
        if (call->cause == seq && call->ended == on_ended) {
            return true;
        }
    }
    return false;
}

void yw_capture_again(struct yw_drill *drill, bool open, const char *why)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    if (state->phase < YW_PHASE_READY || state->phase > YW_PHASE_ENDED) {
        return;
    }
    for (size_t i = 0; i < state->captures.count; i++) {
        const struct yw_capture_fold *fold = yw_vec_at(&state->captures, i);
        if (fold->wanted && (fold->running || (open && !under_way(drill, fold->seq)))) {
            order_by_core(drill, fold, true, why);
        }
    }
}

/* A machine came to another host, and with it a bridge that nobody listens at: a capture goes
 * to all hosts that its network has when it begins. */
void yw_capture_follow(struct yw_drill *drill, const struct yw_event *event)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const char *name = event->machine_moved.machine;
    for (size_t i = 0; i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        bool is_it = machine->team == event->team && strcmp(machine->name, name) == 0;
        for (size_t n = 0; is_it && n < machine->nic_count; n++) {
            const struct yw_plan_network *network =
                &drill->plan->networks[machine->nics[n].network];
            const struct yw_capture_fold *fold = yw_drill_capture(
                state, network->team, drill->spec->networks[network->network].name);
            if (fold != NULL && fold->running) {
                order_by_core(drill, fold, true, "a machine has moved");
            }
        }
    }
}

void yw_capture_lost(struct yw_drill *drill, const char *bridge, const char *why)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    for (size_t i = 0; i < state->captures.count; i++) {
        const struct yw_capture_fold *fold = yw_vec_at(&state->captures, i);
        int network = plan_network(drill, fold->team, fold->network);
        struct yw_event event;
        if (!fold->running || network < 0 ||
            strcmp(drill->plan->networks[network].bridge, bridge) != 0) {
            continue;
        }
        yw_drill_event(&event, YW_EVENT_CAPTURE_CHANGED, fold->team, "core");
        event.capture_changed.capture = fold->capture;
        YW_COPY(event.capture_changed.network, fold->network);
        YW_COPY(event.capture_changed.detail, why);
        bool lasted = yw_clock_wall_us(drill->stage->clock) - fold->began_us > AT_ONCE_US;
        struct yw_capture_fold before = *fold;
        (void)yw_drill_emit(drill, &event, NULL, NULL);
        if (lasted && state->phase >= YW_PHASE_READY && state->phase <= YW_PHASE_ENDED) {
            order_by_core(drill, &before, true, why);
        }
    }
}

void yw_capture_give_way(struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    for (size_t i = 0; i < state->captures.count; i++) {
        const struct yw_capture_fold *fold = yw_vec_at(&state->captures, i);
        if (fold->wanted) {
            order_by_core(drill, fold, false, "the disk is below its floor");
        }
    }
}

static int find_network(const struct yw_drill *drill, struct yw_command *command,
                        int *ret_team, struct yw_err *err)
{
    const struct yw_request_capture *request = &command->capture;
    *ret_team = -1;
    for (size_t i = 0; i < drill->plan->team_count; i++) {
        if (strcmp(drill->plan->teams[i], request->team) == 0 ||
            (request->team[0] == '\0' && drill->plan->team_count == 1)) {
            *ret_team = (int)i;
        }
    }
    if (*ret_team < 0) {
        return request->team[0] == '\0'
                   ? yw_err_set(err, YW_EINVAL, "/team: missing; there are %zu teams",
                                drill->plan->team_count)
                   : yw_err_set(err, YW_ENOTFOUND, "/team: no team '%s'", request->team);
    }
    if (plan_network(drill, *ret_team, request->network) < 0) {
        return yw_err_set(err, YW_ENOTFOUND, "/network: no network '%s'",
                          request->network);
    }
    return 0;
}

int yw_capture_command(struct yw_drill *drill, struct yw_command *command,
                       struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    struct yw_request_capture *request = &command->capture;
    struct yw_event event;
    int64_t seq = 0;
    int team = -1;
    int code = find_network(drill, command, &team, err);
    if (code != 0) {
        return code;
    }
    if (drill->spec->tabletop || state->range_pending || state->phase < YW_PHASE_READY ||
        state->phase > YW_PHASE_ENDED) {
        return yw_err_set(err, YW_ESTATE, "drill '%s': no network of it is there now",
                          drill->id);
    }
    const struct yw_capture_fold *fold = yw_drill_capture(state, team, request->network);
    bool wanted = fold != NULL && fold->wanted;
    if (wanted == request->on) {
        return yw_err_set(err, YW_ESTATE, "/network: '%s' is %s", request->network,
                          wanted ? "captured already" : "not captured");
    }
    if (!request->on) {
        request->size_mib = fold->size_mib;
        request->files = fold->files;
    }
    order_one(drill, team, request, &event, command->actor);
    YW_COPY(event.key, command->key);
    command->ret_number = event.capture_ordered.capture;
    code = yw_drill_emit(drill, &event, &seq, err);
    return code != 0 ? code : yw_pending_order(drill, command, seq);
}
