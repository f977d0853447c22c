/* Can a host slow links down as a scenario asks? Pure: the host's traits were tried on the
 * host (virt/net/shape.h). */
#ifndef YW_MODEL_SHAPE_H
#define YW_MODEL_SHAPE_H

#include "base/err.h"
#include "model/host.h"
#include "model/spec.h"

/* 0, or YW_ELIMIT: "scenario.lua:7: network 'it': delay 40 ms: …", with what the host
 * can. A host in memory can everything. */
int yw_shape_check(const struct yw_spec *spec, const struct yw_host_traits *traits,
                   struct yw_err *err);

#endif
