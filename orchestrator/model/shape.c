#include "model/shape.h"

int yw_shape_check(const struct yw_spec *spec, const struct yw_host_traits *traits,
                   struct yw_err *err)
{
    const char *can =
        traits->bandwidth ? "bandwidth only" : "neither bandwidth nor delay";

    for (size_t i = 0; i < spec->network_count && !traits->in_memory; i++) {
        const struct yw_spec_network *network = &spec->networks[i];

        if (network->delay_ms > 0 && !traits->delay)
            return yw_err_set(err, YW_ELIMIT,
                              "scenario.lua:%d: network '%s': delay %lld ms: the host's "
                              "kernel has no netem queue; it can do %s",
                              network->line, network->name, (long long)network->delay_ms,
                              can);
        if (network->bandwidth_kbit > 0 && !traits->bandwidth)
            return yw_err_set(err, YW_ELIMIT,
                              "scenario.lua:%d: network '%s': bandwidth %d kbit/s: the "
                              "host's kernel has no tbf queue; it can do %s",
                              network->line, network->name, network->bandwidth_kbit,
                              traits->delay ? "delay only" : can);
    }
    return 0;
}
