/* The fold of admission and placement: where each machine belongs, and how hosts are. */
#include "base/mem.h"
#include "model/fold/drill_inside.h"

#include <string.h>

static int apply_placed(struct yw_drill_state *state, const struct yw_event *event,
                        struct yw_err *err)
{
    const struct yw_ev_machine_placed *p = &event->machine_placed;
    struct yw_machine_fold *machine = yw_drill_machine(state, event->team, p->machine);

    if (!machine)
        return yw_drill_corrupt(event, err, "no such machine", p->machine);
    YW_COPY(machine->host, p->host);
    YW_COPY(machine->from, p->from);
    machine->placed_seq = event->seq;
    return 0;
}

/* One that could not move stays where it was, and that is where it belongs again. */
static int apply_moved(struct yw_drill_state *state, const struct yw_event *event,
                       struct yw_err *err)
{
    const struct yw_ev_machine_moved *p = &event->machine_moved;
    struct yw_machine_fold *machine = yw_drill_machine(state, event->team, p->machine);

    if (!machine)
        return yw_drill_corrupt(event, err, "no such machine", p->machine);
    YW_COPY(machine->host, p->host);
    machine->from[0] = '\0';
    machine->placed_seq = event->seq;
    return 0;
}

static int apply_spanned(struct yw_drill_state *state, const struct yw_event *event,
                         struct yw_err *err)
{
    const struct yw_ev_network_spanned *p = &event->network_spanned;

    for (size_t i = 0; i < state->spans.count; i++) {
        struct yw_span_fold *span = yw_vec_at(&state->spans, i);

        if (span && span->team == event->team && strcmp(span->network, p->network) == 0) {
            span->vni = p->vni;
            return 0;
        }
    }
    struct yw_span_fold *span = yw_vec_push(&state->spans, NULL);

    if (!span)
        return yw_drill_corrupt(event, err, "too many spanning networks:", p->network);
    span->team = event->team;
    YW_COPY(span->network, p->network);
    span->vni = p->vni;
    return 0;
}

static int apply_host(struct yw_drill_state *state, const struct yw_event *event,
                      struct yw_err *err)
{
    const struct yw_ev_host_changed *p = &event->host_changed;
    int value = yw_host_state_of(p->state);
    struct yw_host_fold *host = yw_drill_host(state, p->host);

    if (value < 0)
        return yw_drill_corrupt(event, err, "no such state of a host:", p->state);
    if (!host)
        host = yw_vec_push(&state->hosts, NULL);
    if (!host)
        return yw_drill_corrupt(event, err, "too many hosts:", p->host);
    YW_COPY(host->name, p->host);
    host->state = (enum yw_host_state)value;
    host->given_up = value == YW_HOST_LOST && strncmp(event->actor, "control", 7) == 0;
    host->seq = event->seq;
    return 0;
}

struct yw_host_fold *yw_drill_host(const struct yw_drill_state *state, const char *name)
{
    for (size_t i = 0; i < state->hosts.count; i++) {
        struct yw_host_fold *host = yw_vec_at(&state->hosts, i);

        if (host && strcmp(host->name, name) == 0)
            return host;
    }
    return NULL;
}

int yw_drill_host_apply(struct yw_drill_state *state, const struct yw_event *event,
                        struct yw_err *err)
{
    if (event->kind == YW_EVENT_MACHINE_PLACED)
        return apply_placed(state, event, err);
    if (event->kind == YW_EVENT_MACHINE_MOVED)
        return apply_moved(state, event, err);
    if (event->kind == YW_EVENT_NETWORK_SPANNED)
        return apply_spanned(state, event, err);
    if (event->kind == YW_EVENT_HOST_CHANGED)
        return apply_host(state, event, err);
    state->admitted = event->range_admitted;
    state->admitted_seq = event->seq;
    return 0;
}
