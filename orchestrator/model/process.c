#include "model/process.h"

#include "base/id.h"

#include <string.h>

struct process_part {
    const char *model;
    const char *name;
};

static const struct process_part tags[] = {
#define YW_PROCESS_TAG(model, tag) {model, tag},
#define YW_PROCESS_INPUT(model, input)
#include "model/process.def"
#undef YW_PROCESS_TAG
#undef YW_PROCESS_INPUT
};

static const struct process_part inputs[] = {
#define YW_PROCESS_TAG(model, tag)
#define YW_PROCESS_INPUT(model, input) {model, input},
#include "model/process.def"
#undef YW_PROCESS_TAG
#undef YW_PROCESS_INPUT
};

enum {
    TAGS = sizeof tags / sizeof tags[0],
    INPUTS = sizeof inputs / sizeof inputs[0],
    ROWS_MAX = (int)TAGS > (int)INPUTS ? (int)TAGS : (int)INPUTS
};

static const struct {
    const char *name;
    int number;
} integrals[] = {{"level_seconds", YW_PROCESS_LEVEL_SECONDS},
                 {"production_lost_s", YW_PROCESS_PRODUCTION_LOST}};

enum { INTEGRALS = sizeof integrals / sizeof integrals[0] };

bool yw_process_known(const char *model)
{
    for (size_t i = 0; i < TAGS; i++) {
        if (strcmp(tags[i].model, model) == 0)
            return true;
    }
    return false;
}

/* Conditions ask at every event: names first, for models share few of them, and what comes
 * before in the same model only once the row is found. */
static int number_of(const struct process_part *parts, size_t count, const char *model,
                     const char *name)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = i;

        if (parts[i].name[0] != name[0] || strcmp(parts[i].name, name) != 0 ||
            strcmp(parts[i].model, model) != 0)
            continue;
        while (first > 0 && strcmp(parts[first - 1].model, model) == 0)
            first--;
        return (int)(i - first);
    }
    return -1;
}

int yw_process_tag(const char *model, const char *tag)
{
    for (size_t i = 0; i < INTEGRALS; i++) {
        if (strcmp(integrals[i].name, tag) == 0)
            return yw_process_known(model) ? integrals[i].number : -1;
    }
    return number_of(tags, TAGS, model, tag);
}

bool yw_process_integral(int tag)
{
    return tag == YW_PROCESS_LEVEL_SECONDS || tag == YW_PROCESS_PRODUCTION_LOST;
}

int yw_process_input(const char *model, const char *input)
{
    return number_of(inputs, INPUTS, model, input);
}

const char *yw_process_nearest(const char *model)
{
    const char *names[TAGS];

    for (size_t i = 0; i < TAGS; i++)
        names[i] = tags[i].model;
    return yw_name_nearest(model, names, TAGS);
}

static const char *nearest(const struct process_part *parts, size_t count,
                           const char *model, const char *name)
{
    const char *names[ROWS_MAX];
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(parts[i].model, model) == 0)
            names[found++] = parts[i].name;
    }
    return found > 0 ? yw_name_nearest(name, names, found) : NULL;
}

const char *yw_process_nearest_tag(const char *model, const char *tag)
{
    return nearest(tags, TAGS, model, tag);
}

const char *yw_process_nearest_input(const char *model, const char *input)
{
    return nearest(inputs, INPUTS, model, input);
}

static const struct {
    const char *name;
    bool on_tag, on_input;
} faults[YW_FAULT_KINDS] = {
    [YW_FAULT_REPAIR] = {"repair", true, true}, [YW_FAULT_BIAS] = {"bias", true, false},
    [YW_FAULT_DRIFT] = {"drift", true, false},  [YW_FAULT_STUCK] = {"stuck", true, true},
    [YW_FAULT_TRIP] = {"trip", false, true},    [YW_FAULT_LEAK] = {"leak", true, false},
    [YW_FAULT_LOAD] = {"load", false, true},
};

const char *yw_fault_kind_name(enum yw_fault_kind kind)
{
    return kind < YW_FAULT_KINDS ? faults[kind].name : "";
}

int yw_fault_kind_of(const char *name)
{
    for (int i = 0; i < YW_FAULT_KINDS; i++) {
        if (strcmp(faults[i].name, name) == 0)
            return i;
    }
    return -1;
}

const char *yw_fault_kind_nearest(const char *name)
{
    const char *names[YW_FAULT_KINDS];

    for (int i = 0; i < YW_FAULT_KINDS; i++)
        names[i] = faults[i].name;
    return yw_name_nearest(name, names, YW_FAULT_KINDS);
}

bool yw_fault_on_tag(enum yw_fault_kind kind)
{
    return kind < YW_FAULT_KINDS && faults[kind].on_tag;
}

bool yw_fault_on_input(enum yw_fault_kind kind)
{
    return kind < YW_FAULT_KINDS && faults[kind].on_input;
}
