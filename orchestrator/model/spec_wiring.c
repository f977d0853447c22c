/* Whose wires are whose: several machines may be wired to one plant, a safety system beside its
 * controller. Each input of the plant follows one machine; any may trip it. */
#include "base/id.h"
#include "model/process.h"
#include "model/spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static int
refuse(struct yw_err *err, const struct yw_spec_machine *machine, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return yw_err_set(err, YW_EINVAL, "scenario.lua:%d: machine '%s': %s", machine->line,
                      machine->name, text);
}

bool yw_spec_word(const char *list, size_t index, char ret[YW_NAME_MAX])
{
    for (; index > 0; index--) {
        list += strcspn(list, " ");
        list += *list == ' ';
    }
    size_t size = strcspn(list, " ");

    if (size == 0 || size >= YW_NAME_MAX)
        return false;
    memcpy(ret, list, size);
    ret[size] = '\0';
    return true;
}

bool yw_spec_has_word(const char *list, const char *word)
{
    char one[YW_NAME_MAX];

    for (size_t i = 0; yw_spec_word(list, i, one); i++) {
        if (strcmp(one, word) == 0)
            return true;
    }
    return false;
}

bool yw_spec_leads(const struct yw_spec_machine *machine)
{
    return machine->plant >= 0 && machine->drives[0] == '\0' &&
           machine->trips[0] == '\0' && machine->senses[0] == '\0';
}

static bool is_wired_by_registers(const struct yw_spec_machine *machine)
{
    static const char *const images[] = {"plc", "remote-io", "sis"};

    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        if (strcmp(machine->image, images[i]) == 0)
            return true;
    }
    return false;
}

static int check_names(const struct yw_spec *spec, const struct yw_spec_machine *machine,
                       const char *field, const char *list, struct yw_err *err)
{
    const char *model = spec->plants[machine->plant].model;
    bool of_tags = strcmp(field, "senses") == 0;
    char name[YW_NAME_MAX];

    for (size_t i = 0; yw_spec_word(list, i, name); i++) {
        if ((of_tags ? yw_process_tag(model, name) : yw_process_input(model, name)) >= 0)
            continue;
        char meant[YW_MEANT_MAX];
        const char *nearest = of_tags ? yw_process_nearest_tag(model, name)
                                      : yw_process_nearest_input(model, name);

        return refuse(err, machine, "%s: plant '%s' (%s) has no %s '%s'%s", field,
                      spec->plants[machine->plant].name, model, of_tags ? "tag" : "input",
                      name, yw_meant(meant, nearest));
    }
    return 0;
}

/* Another machine of its plant, declared before it, must not drive the same. */
static int check_pair(const struct yw_spec_machine *machine,
                      const struct yw_spec_machine *other, struct yw_err *err)
{
    char name[YW_NAME_MAX];

    if (yw_spec_leads(machine) && yw_spec_leads(other))
        return refuse(
            err, machine,
            "machine '%s' (line %d) drives this plant already: say which of its "
            "inputs are whose, drives = { … } or trips = { … }",
            other->name, other->line);
    for (size_t i = 0; yw_spec_word(machine->drives, i, name); i++) {
        if (yw_spec_has_word(other->drives, name))
            return refuse(err, machine, "input '%s' is driven by machine '%s' (line %d)",
                          name, other->name, other->line);
    }
    return 0;
}

/* Who only looks needs somebody who acts. */
static int check_onlooker(const struct yw_spec *spec,
                          const struct yw_spec_machine *machine, struct yw_err *err)
{
    if (machine->senses[0] == '\0' || machine->drives[0] || machine->trips[0])
        return 0;
    for (size_t m = 0; m < spec->machine_count; m++) {
        if (spec->machines[m].plant == machine->plant &&
            yw_spec_leads(&spec->machines[m]))
            return 0;
    }
    return refuse(err, machine,
                  "senses alone drives nothing: say drives or trips too, or wire another "
                  "machine to plant '%s'",
                  spec->plants[machine->plant].name);
}

static int check_readers(const struct yw_spec_machine *machine, struct yw_err *err)
{
    static const char *const readers[] = {"historian", "hmi", "noise", "tbox"};
    bool reads = false;

    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        reads = reads || strcmp(machine->image, readers[i]) == 0;
    if (machine->pace_ms != 0 && !reads)
        return refuse(err, machine,
                      "pace belongs to the images historian, hmi, noise and tbox");
    if (machine->pace_ms != 0 && (machine->pace_ms < 100 || machine->pace_ms > 3600000))
        return refuse(err, machine, "pace must be from 100ms to 1h");
    if (machine->learn_ms != 0 && strcmp(machine->image, "sensor") != 0)
        return refuse(err, machine, "learn belongs to the image sensor");
    if (machine->learn_ms != 0 &&
        (machine->learn_ms < 1000 || machine->learn_ms > 3600000))
        return refuse(err, machine, "learn must be from 1s to 1h");
    return 0;
}

static int check_fields(const struct yw_spec_machine *machine, struct yw_err *err)
{
    bool named = machine->senses[0] || machine->drives[0] || machine->trips[0];
    bool fleet =
        strcmp(machine->image, "tbox") == 0 || strcmp(machine->image, "backend") == 0;
    bool set =
        machine->key[0] || (machine->password[0] && !fleet) || machine->scan_ms != 0;

    if (named && (machine->plant < 0 || !is_wired_by_registers(machine)))
        return refuse(err, machine,
                      "senses, drives and trips belong to a plc, sis or remote-io with a "
                      "field");
    if (set && !is_wired_by_registers(machine))
        return refuse(
            err, machine,
            "key, password and scan belong to the images plc, sis and remote-io");
    if (machine->scan_ms != 0 && (machine->scan_ms < 10 || machine->scan_ms > 1000))
        return refuse(err, machine, "scan must be from 10ms to 1s");
    return check_readers(machine, err);
}

int yw_spec_check_wiring(const struct yw_spec *spec, struct yw_err *err)
{
    int status = 0;

    for (size_t m = 0; m < spec->machine_count && status == 0; m++) {
        const struct yw_spec_machine *machine = &spec->machines[m];

        status = check_fields(machine, err);
        if (status == 0 && machine->plant >= 0)
            status = check_names(spec, machine, "senses", machine->senses, err);
        if (status == 0 && machine->plant >= 0)
            status = check_names(spec, machine, "drives", machine->drives, err);
        if (status == 0 && machine->plant >= 0)
            status = check_names(spec, machine, "trips", machine->trips, err);
        if (status == 0)
            status = check_onlooker(spec, machine, err);
        size_t wired = 0;

        for (size_t k = 0; k < m && status == 0 && machine->plant >= 0; k++) {
            if (spec->machines[k].plant != machine->plant)
                continue;
            status =
                ++wired == YW_SPEC_WIRES_MAX
                    ? refuse(err, machine, "at most %d machines are wired to a plant",
                             YW_SPEC_WIRES_MAX)
                    : check_pair(machine, &spec->machines[k], err);
        }
    }
    return status;
}
