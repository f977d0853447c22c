/* Where the wires of a plant end in its controller: the settings "wiring" and "wiring+" of
 * vm-images/controller/plc.h, made from the plant's tables. Pure. */
#ifndef YW_DRILL_RANGE_WIRING_H
#define YW_DRILL_RANGE_WIRING_H

#include "model/spec.h"
#include "plant/plant.h"
#include "virt/virt.h"

/* Is it an image that is wired by registers? */
bool yw_wiring_wanted(const char *image);
/* Appends to call->settings; the model's tags and wired inputs fit. */
void yw_wiring_fill(const struct yw_plant_model *model, struct yw_virt_call *call);

#endif
