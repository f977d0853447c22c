/* Names of physical processes, their tags and inputs (model/process.def), and of the
 * faults that can befall them. Pure, any thread. */
#ifndef YW_MODEL_PROCESS_H
#define YW_MODEL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

/* What a condition may ask of every plant besides its tags: ∫ level·dt in plant seconds,
 * and the plant seconds of full production that were lost. */
#define YW_PROCESS_LEVEL_SECONDS 1000
#define YW_PROCESS_PRODUCTION_LOST 1001

/* Faults that are not attacks. The numbers stand in plant samples. */
enum yw_fault_kind {
    YW_FAULT_REPAIR, /* ends the fault of a tag or an input */
    YW_FAULT_BIAS,   /* of a tag: its sensor is off by `size` */
    YW_FAULT_DRIFT,  /* of a tag: its sensor wanders off by `size` in a plant hour */
    YW_FAULT_STUCK,  /* of a tag or an input: stays where it is */
    YW_FAULT_TRIP,   /* of an input: the actuator loses its power */
    YW_FAULT_LEAK,   /* of a tag: its inventory leaks; `size` in units of the leak */
    YW_FAULT_LOAD,   /* of an input that nobody controls: weather, demand; its value */
    YW_FAULT_KINDS
};

bool yw_process_known(const char *model);
/* The tag's number in plant samples (or one of YW_PROCESS_…), or -1. */
int yw_process_tag(const char *model, const char *tag);
bool yw_process_integral(int tag);
/* The input's number in plant samples, or -1. */
int yw_process_input(const char *model, const char *input);
/* The nearest known name for "did you mean", or NULL. Borrowed, static. */
const char *yw_process_nearest(const char *model);
const char *yw_process_nearest_tag(const char *model, const char *tag);
const char *yw_process_nearest_input(const char *model, const char *input);

const char *yw_fault_kind_name(enum yw_fault_kind kind); /* "bias"; "" beyond the end */
int yw_fault_kind_of(const char *name);                  /* or -1 */
const char *yw_fault_kind_nearest(const char *name);     /* or NULL */
bool yw_fault_on_tag(enum yw_fault_kind kind);           /* may befall a tag */
bool yw_fault_on_input(enum yw_fault_kind kind);

#endif
