#include "model/process.h"

#include "base/id.h"

#include <string.h>

struct process_tag {
    const char *model;
    const char *tag;
};

static const struct process_tag rows[] = {
#define YW_PROCESS_TAG(model, tag) {model, tag},
#include "model/process.def"
#undef YW_PROCESS_TAG
};

enum { ROWS = sizeof rows / sizeof rows[0] };

bool yw_process_known(const char *model)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].model, model) == 0)
            return true;
    }
    return false;
}

int yw_process_tag(const char *model, const char *tag)
{
    int number = 0;

    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].model, model) != 0)
            continue;
        if (strcmp(rows[i].tag, tag) == 0)
            return number;
        number++;
    }
    return -1;
}

const char *yw_process_nearest(const char *model)
{
    const char *names[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        names[i] = rows[i].model;
    return yw_name_nearest(model, names, ROWS);
}

const char *yw_process_nearest_tag(const char *model, const char *tag)
{
    const char *names[ROWS];
    size_t count = 0;

    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].model, model) == 0)
            names[count++] = rows[i].tag;
    }
    return count > 0 ? yw_name_nearest(tag, names, count) : NULL;
}
