/* Where the wires of a plant end in the machines that are wired to it: the settings "wiring" and
 * "wiring+" of vm-images/controller/plc.h and its others, made from the scenario's declaration and
 * the plant's tables. Pure. */
#ifndef YW_DRILL_RANGE_WIRING_H
#define YW_DRILL_RANGE_WIRING_H

#include "model/spec.h"
#include "plant/plant.h"
#include "virt/virt.h"

/* The wires of one machine, in the order of its records. */
struct yw_wire_ends {
    int tags[YW_VIRT_FIELD_MAX]; /* sensor i is that tag of the plant */
    size_t tag_count;
    struct yw_wire_output {
        int input; /* of the plant; -1: the wire ends nowhere, another machine's is there */
        bool permits; /* 0 takes the input's power, else the input follows it */
    } outputs[YW_VIRT_FIELD_MAX];
    size_t output_count;
};

/* Of a machine with a plant, in a spec that passed yw_spec_check. */
void yw_wiring_ends(const struct yw_spec *spec, int machine, struct yw_wire_ends *ret);
/* Where sensor i stands in the machine's registers: as the plant's table says, or in its place
 * of `senses`. */
struct yw_plant_point yw_wiring_point(const struct yw_spec *spec, int machine,
                                      const struct yw_wire_ends *ends, size_t i);
/* Appends the wiring of a machine, its key switch, password and scan to call->settings; nothing
 * for images that want none. */
void yw_wiring_fill(const struct yw_spec *spec, int machine, struct yw_virt_call *call);
/* Are the inputs that the machines drive or trip wired ones, the tags that they sense in
 * registers, their key and password what a controller takes? */
int yw_wiring_check(const struct yw_spec *spec, struct yw_err *err);

#endif
