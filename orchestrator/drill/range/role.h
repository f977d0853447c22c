/* What the image of a machine is told of its role: the text of vm-images/controller/conf.h,
 * made from the scenario's declaration and the plant's tables. Pure. */
#ifndef YW_DRILL_RANGE_ROLE_H
#define YW_DRILL_RANGE_ROLE_H

#include "base/buf.h"
#include "model/spec.h"

/* Appends the configuration of a machine; nothing for images that want none. Of a spec that
 * passed yw_role_check. `speed`: drill time per wall time, for spans that the guest measures. */
void yw_role_write(const struct yw_spec *spec, int machine, double speed,
                   struct yw_buf *out);
/* An outstation as its configuration makes it, *new* by yw_new; NULL: its guest would not take it. */
struct yw_rtu;
struct yw_rtu *yw_role_outstation(const struct yw_spec *spec, int machine);
/* Where `machine` finds the machine that it serves (there is one): the address on a network
 * that both are on, else the first. */
void yw_role_served(const struct yw_spec *spec, int machine, char ret[16]);
/* Tries every configuration with the reader of the guest program: "scenario.lua:LINE: machine
 * 'rtu1': no such sensor or output, got 'freq'". */
int yw_role_check(const struct yw_spec *spec, struct yw_err *err);

#endif
