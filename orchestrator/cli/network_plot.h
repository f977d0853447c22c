/* The networks of a scenario as one SVG: a lane for each network from the offices down to the
 * process, machines as boxes, a line to each lane that they are on, copies for sensors dashed,
 * plants below. The same spec gives the same bytes; the text needs no escaping beyond names and
 * titles, which is done here. */
#ifndef YW_CLI_NETWORK_PLOT_H
#define YW_CLI_NETWORK_PLOT_H

#include "base/buf.h"
#include "model/spec.h"

#define YW_NETWORK_PLOT_MAX (512 * 1024)

void yw_network_plot(struct yw_buf *out, const struct yw_spec *spec);

#endif
