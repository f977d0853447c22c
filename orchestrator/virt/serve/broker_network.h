/* The networks' share of the broker's work: bridges, who may send what on them, how fast.
 * Blocking; workers of the pool, but yw_network_ports, which asks the kernel a few
 * questions of some hundred microseconds. Private to the broker process. */
#ifndef YW_VIRT_BROKER_NETWORK_H
#define YW_VIRT_BROKER_NETWORK_H

#include "virt/broker_wire.h"
#include "virt/serve/broker_work.h"

/* What the work needs of the job: takes its ports. Loop thread. */
void yw_network_fill(struct yw_work *work, struct yw_broker_job *job);
/* Bridge and rules. Where the host has no nftables at all, `why` says so and the network
 * is there without rules. */
int yw_network_up(struct yw_work *work, struct yw_err *err);
/* The rules go with the drill's last bridge. */
int yw_network_down(struct yw_work *work, struct yw_err *err);
/* Appends what is ours to work->found: bridges, and rules without a bridge. */
int yw_network_list(struct yw_work *work, struct yw_err *err);
/* What a sweep has left of a drill when its bridges are gone. */
int yw_network_sweep(const struct yw_work *work, struct yw_err *err);
/* One bridge, whatever the drill has left. One that is gone is fine. */
int yw_network_remove(const struct yw_work *work, const char *bridge, struct yw_err *err);
int yw_network_shape(struct yw_work *work, struct yw_err *err);
/* A machine's taps are isolated where they should be, or are made so. `here`: its host is
 * this one, so that a missing tap is a failure. */
int yw_network_ports(const struct yw_plan_machine *machine, bool here,
                     struct yw_err *err);
/* Of a machine that was just started: what it says is copied where the plan wants it. */
int yw_network_copies(const struct yw_work *work, struct yw_err *err);
/* The host's own addresses and its gateway, for the proof that no machine reaches them. */
void yw_network_host(struct yw_host_traits *ret);

#endif
