#include "drill/exercise/plant_facts.h"

#include "plant/plant.h"

#include <string.h>

bool yw_plant_facts(const char *model, struct yw_plant_facts *ret)
{
    const struct yw_plant_model *found = yw_plant_model_find(model);
    if (found == NULL) {
        return false;
    }
    memset(ret, 0, sizeof *ret);
    ret->title = (struct yw_fact_words){found->title.zh, found->title.en};
    for (size_t i = 0; i < found->tag_count && i < YW_EVENT_TAGS_MAX; i++) {
        const struct yw_plant_tag *tag = &found->tags[i];
        ret->tags[ret->tag_count++] =
            (struct yw_tag_facts){.name = tag->name,
                                  .unit = tag->unit,
                                  .title = {tag->title.zh, tag->title.en},
                                  .low = tag->low,
                                  .high = tag->high};
    }
    for (size_t i = 0; i < found->limit_count && i < YW_PLANT_LIMITS_MAX; i++) {
        const struct yw_plant_limit *limit = &found->limits[i];
        ret->limits[ret->limit_count++] =
            (struct yw_limit_facts){.tag = (size_t)limit->tag,
                                    .above = limit->above,
                                    .value = limit->value,
                                    .level = limit->level,
                                    .says = {limit->says.zh, limit->says.en}};
    }
    return true;
}
