/* The attack kit: fifteen families of what real incidents did, each with its techniques of
 * ATT&CK for ICS, the actions of the scenario language that do it, what is to be seen of it
 * and what defenders do about it. The one place of these facts; `yanwu attack list`,
 * scenarios/attacks.md and the tests of observables read it. Pure. */
#ifndef YW_MODEL_KIT_H
#define YW_MODEL_KIT_H

#include "base/buf.h"
#include "model/spec.h"

#define YW_KIT_SIGHTS_MAX 4

/* What a capture of the control network shows, as a display filter of Wireshark; FROM in it is
 * the attacker's address. */
struct yw_kit_sight {
    const char *filter;
    int least; /* frames of one attack */
};

struct yw_kit_family {
    const char *name;
    struct {
        const char *zh, *en;
    } title, network, host, process, counter;
    const char *techniques; /* words: "T0846 T0888"; ids of ATT&CK v18 */
    const char *actions;    /* words: "modbus.scan" */
    const char *alerts; /* words: kinds of alerts of the sensor (controller/sensor.h) */
    const char *lines;  /* words: kinds of lines that its targets tell; "" none */
    struct yw_kit_sight sights[YW_KIT_SIGHTS_MAX]; /* up to the first without a filter */
};

/* NULL beyond the end. Static. */
const struct yw_kit_family *yw_kit_family(size_t index);
/* The family of an action, or NULL: none has it. */
const struct yw_kit_family *yw_kit_family_of(const char *action);
/* Name of the action that made a vector: "modbus.write"; "" for no vector. */
void yw_kit_action(const char argv[][YW_SPEC_ARG_MAX], size_t argc,
                   char ret[YW_NAME_MAX]);
/* The page of scenarios/ in "zh-CN" or "en". */
void yw_kit_describe(struct yw_buf *out, const char *lang);

/* Does the attack find out that fact? */
bool yw_kit_produces(const struct yw_spec_attack *attack, const char *fact);

/* ---- undoing ---- */

#define YW_KIT_OLD_MAX 32 /* with the NUL */

/* What stood there before, as the attack's output tells: {"old":100,…} or {"old":"run",…}.
 * The output is a guest's: letters and digits alone are taken. "" when it tells nothing. */
void yw_kit_old(const char *output, char ret[YW_KIT_OLD_MAX]);
/* Does an action of this vector leave something that can be taken back? */
bool yw_kit_undoable(const char argv[][YW_SPEC_ARG_MAX], size_t argc);
/* The vector that takes it back; `old` as above. 0: it cannot be. */
size_t yw_kit_undo(const char argv[][YW_SPEC_ARG_MAX], size_t argc, const char *old,
                   char ret[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX]);

#endif
