#include "drill/range/wiring.h"

#include "base/mem.h"
#include "controller/plc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_wired(const char *image)
{
    static const char *const images[] = {"plc", "remote-io", "sis"};
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        if (strcmp(image, images[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const struct yw_plant_model *model_of(const struct yw_spec *spec, int machine)
{
    return yw_plant_model_find(spec->plants[spec->machines[machine].plant].model);
}

static int input_of(const struct yw_plant_model *model, const char *name)
{
    for (size_t i = 0; i < yw_plant_wired(model); i++) {
        if (strcmp(model->inputs[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static int tag_of(const struct yw_plant_model *model, const char *name)
{
    for (size_t i = 0; i < model->tag_count; i++) {
        if (strcmp(model->tags[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static void add_outputs(const struct yw_plant_model *model, const char *list,
                        bool permits, struct yw_wire_ends *ends)
{
    char name[YW_NAME_MAX];
    for (size_t i = 0;
         ends->output_count < YW_VIRT_FIELD_MAX && yw_spec_word(list, i, name); i++) {
        ends->outputs[ends->output_count++] =
            (struct yw_wire_output){.input = input_of(model, name), .permits = permits};
    }
}

/* Every wired input in the order of the table, but for those that other machines drive. */
static void add_rest(const struct yw_spec *spec, int machine, struct yw_wire_ends *ends)
{
    const struct yw_plant_model *model = model_of(spec, machine);
    char name[YW_NAME_MAX];
    for (size_t i = 0; i < yw_plant_wired(model) && i < YW_VIRT_FIELD_MAX; i++) {
        ends->outputs[ends->output_count++].input = (int)i;
    }
    for (size_t m = 0; m < spec->machine_count; m++) {
        const struct yw_spec_machine *other = &spec->machines[m];
        if ((int)m == machine || other->plant != spec->machines[machine].plant) {
            continue;
        }
        for (size_t i = 0; yw_spec_word(other->drives, i, name); i++) {
            int input = input_of(model, name);
            if (input >= 0) {
                ends->outputs[input].input = -1;
            }
        }
    }
}

void yw_wiring_ends(const struct yw_spec *spec, int machine, struct yw_wire_ends *ret)
{
    const struct yw_spec_machine *declared = &spec->machines[machine];
    const struct yw_plant_model *model = model_of(spec, machine);
    char name[YW_NAME_MAX];
    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < YW_VIRT_FIELD_MAX && yw_spec_word(declared->senses, i, name);
         i++) {
        ret->tags[ret->tag_count++] = tag_of(model, name);
    }
    for (size_t i = 0;
         declared->senses[0] == '\0' && i < model->tag_count && i < YW_VIRT_FIELD_MAX;
         i++) {
        ret->tags[ret->tag_count++] = (int)i;
    }
    if (yw_spec_leads(declared)) {
        add_rest(spec, machine, ret);
    }
    add_outputs(model, declared->drives, false, ret);
    add_outputs(model, declared->trips, true, ret);
}

struct yw_plant_point yw_wiring_point(const struct yw_spec *spec, int machine,
                                      const struct yw_wire_ends *ends, size_t i)
{
    struct yw_plant_point at = model_of(spec, machine)->tags[ends->tags[i]].at;
    if (spec->machines[machine].senses[0] != '\0') {
        at.address = (int)i;
    }
    return at;
}

static struct yw_virt_setting *add_setting(struct yw_virt_call *call, const char *name)
{
    assert(call->setting_count < YW_VIRT_SETTINGS_MAX);
    struct yw_virt_setting *setting = &call->settings[call->setting_count++];
    YW_COPY(setting->name, name);
    setting->value[0] = '\0';
    return setting;
}

/* Into the last setting of its name while there is room in it, else into another. */
static void put_word(struct yw_virt_call *call, const char *word)
{
    struct yw_virt_setting *last =
        call->setting_count > 0 ? &call->settings[call->setting_count - 1] : NULL;
    bool begun = last != NULL && strncmp(last->name, "wiring", strlen("wiring")) == 0;
    size_t used = begun ? strlen(last->value) : 0;
    if (!begun || used + 1 + strlen(word) + 1 > sizeof last->value) {
        last = add_setting(call, begun ? "wiring+" : "wiring");
        used = 0;
    }
    (void)snprintf(last->value + used, sizeof last->value - used, used > 0 ? " %s" : "%s",
                   word);
}

static void put_tag(struct yw_virt_call *call, const struct yw_plant_point *at)
{
    char word[64] = "-";
    if (at->table == YW_PLANT_DISCRETE) {
        (void)snprintf(word, sizeof word, "d%d", at->address);
    } else if (at->table == YW_PLANT_INPUT_REGISTER && at->offset != 0) {
        (void)snprintf(word, sizeof word, "i%d*%.9g+%.9g", at->address, at->scale,
                       at->offset);
    } else if (at->table == YW_PLANT_INPUT_REGISTER) {
        (void)snprintf(word, sizeof word, "i%d*%.9g", at->address, at->scale);
    }
    put_word(call, word);
}

static void put_wires(const struct yw_spec *spec, int machine, struct yw_virt_call *call)
{
    const struct yw_plant_model *model = model_of(spec, machine);
    struct yw_wire_ends ends;
    char word[32];
    yw_wiring_ends(spec, machine, &ends);
    for (size_t i = 0; i < ends.output_count; i++) {
        const struct yw_wire_output *output = &ends.outputs[i];
        double step = output->input < 0 || output->permits
                          ? 0
                          : model->inputs[output->input].at.scale;
        (void)snprintf(word, sizeof word, "o%.9g", step > 0 ? step : 1);
        put_word(call, word);
    }
    for (size_t i = 0; i < ends.tag_count; i++) {
        const struct yw_plant_point at = yw_wiring_point(spec, machine, &ends, i);
        put_tag(call, &at);
    }
}

void yw_wiring_fill(const struct yw_spec *spec, int machine, struct yw_virt_call *call)
{
    const struct yw_spec_machine *declared = &spec->machines[machine];
    if (declared->plant >= 0 && is_wired(declared->image)) {
        put_wires(spec, machine, call);
    }
    if (declared->key[0] != '\0') {
        YW_COPY(add_setting(call, "key")->value, declared->key);
    }
    if (declared->password[0] != '\0') {
        YW_COPY(add_setting(call, "password")->value, declared->password);
    }
    if (declared->scan_ms > 0) {
        struct yw_virt_setting *scan = add_setting(call, "scan");
        (void)snprintf(scan->value, sizeof scan->value, "%lld",
                       (long long)declared->scan_ms);
    }
}

static int check_wires(const struct yw_spec *spec, int machine, struct yw_err *err)
{
    const struct yw_spec_machine *declared = &spec->machines[machine];
    const char *plant = spec->plants[declared->plant].name;
    struct yw_wire_ends ends;
    yw_wiring_ends(spec, machine, &ends);
    for (size_t i = 0; i < ends.output_count; i++) {
        if (ends.outputs[i].input < 0 && !yw_spec_leads(declared)) {
            return yw_err_set(
                err, YW_EINVAL,
                "drives, trips: output %zu is for an input of plant '%s' that is not "
                "wired (yanwu plant show)",
                i, plant);
        }
    }
    for (size_t i = 0; i < ends.tag_count && declared->senses[0] != '\0'; i++) {
        const struct yw_plant_point at = yw_wiring_point(spec, machine, &ends, i);
        if (at.table != YW_PLANT_INPUT_REGISTER && at.table != YW_PLANT_DISCRETE) {
            return yw_err_set(err, YW_EINVAL,
                              "senses: tag %zu of plant '%s' is in no register", i,
                              plant);
        }
    }
    return 0;
}

/* A controller tries what it is going to be told. */
static int try_settings(const struct yw_spec *spec, int machine, struct yw_err *err)
{
    char problem[YW_PLC_PROBLEM_MAX] = "";
    struct yw_plc *plc = yw_new(sizeof *plc);
    struct yw_virt_call *call = yw_new(sizeof *call);
    int code = 0;
    yw_plc_init(plc, 0);
    yw_wiring_fill(spec, machine, call);
    for (size_t i = 0; i < call->setting_count && code == 0; i++) {
        code = yw_plc_set(plc, call->settings[i].name, call->settings[i].value, problem);
    }
    free(call);
    free(plc);
    return code == 0 ? 0 : yw_err_set(err, YW_EINVAL, "%s", problem);
}

int yw_wiring_check(const struct yw_spec *spec, struct yw_err *err)
{
    for (size_t m = 0; m < spec->machine_count; m++) {
        const struct yw_spec_machine *machine = &spec->machines[m];
        if (!is_wired(machine->image)) {
            continue;
        }
        int code = machine->plant >= 0 ? check_wires(spec, (int)m, err) : 0;
        if (code == 0) {
            code = try_settings(spec, (int)m, err);
        }
        if (code != 0) {
            return yw_err_prefix(err, "scenario.lua:%d: machine '%s'", machine->line,
                                 machine->name);
        }
    }
    return 0;
}
