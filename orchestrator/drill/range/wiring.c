#include "drill/range/wiring.h"

#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

bool yw_wiring_wanted(const char *image)
{
    static const char *const images[] = {"plc", "remote-io", "sis"};
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        if (strcmp(image, images[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Into the last setting of its name while there is room in it, else into another. */
static void put_word(struct yw_virt_call *call, const char *word)
{
    struct yw_virt_setting *last =
        call->setting_count > 0 ? &call->settings[call->setting_count - 1] : NULL;
    bool begun = last != NULL && strncmp(last->name, "wiring", strlen("wiring")) == 0;
    size_t used = begun ? strlen(last->value) : 0;
    if (!begun || used + 1 + strlen(word) + 1 > sizeof last->value) {
        assert(call->setting_count < YW_VIRT_SETTINGS_MAX);
        last = &call->settings[call->setting_count++];
        YW_COPY(last->name, begun ? "wiring+" : "wiring");
        last->value[0] = '\0';
        used = 0;
    }
    (void)snprintf(last->value + used, sizeof last->value - used, used > 0 ? " %s" : "%s", word);
}

static void put_tag(struct yw_virt_call *call, const struct yw_plant_point *at)
{
    char word[64] = "-";
    if (at->table == YW_PLANT_DISCRETE) {
        (void)snprintf(word, sizeof word, "d%d", at->address);
    } else if (at->table == YW_PLANT_INPUT_REGISTER && at->offset != 0) {
        (void)snprintf(word, sizeof word, "i%d*%.9g+%.9g", at->address, at->scale, at->offset);
    } else if (at->table == YW_PLANT_INPUT_REGISTER) {
        (void)snprintf(word, sizeof word, "i%d*%.9g", at->address, at->scale);
    }
    put_word(call, word);
}

void yw_wiring_fill(const struct yw_plant_model *model, struct yw_virt_call *call)
{
    char word[32];
    for (size_t i = 0; i < yw_plant_wired(model); i++) {
        double step = model->inputs[i].at.scale;
        (void)snprintf(word, sizeof word, "o%.9g", step > 0 ? step : 1);
        put_word(call, word);
    }
    for (size_t i = 0; i < model->tag_count; i++) {
        put_tag(call, &model->tags[i].at);
    }
}
