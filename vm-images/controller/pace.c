#include "controller/pace.h"

void yw_pace_init(struct yw_pace *pace, int64_t now_ms)
{
    *pace = (struct yw_pace){.permille = YW_PACE_WALL, .since_ms = now_ms};
}

int64_t yw_pace_now(const struct yw_pace *pace, int64_t now_ms)
{
    return pace->drill_ms + (now_ms - pace->since_ms) * pace->permille / 1000;
}

void yw_pace_set(struct yw_pace *pace, uint32_t permille, int64_t now_ms)
{
    pace->drill_ms = yw_pace_now(pace, now_ms);
    pace->since_ms = now_ms;
    pace->permille = permille;
}

int64_t yw_pace_wall(const struct yw_pace *pace, int64_t drill_ms)
{
    int64_t left_ms = drill_ms - pace->drill_ms;

    if (left_ms <= 0)
        return pace->since_ms;
    if (pace->permille == 0 || left_ms > INT64_MAX / 4000)
        return INT64_MAX;
    return pace->since_ms + (left_ms * 1000 + pace->permille - 1) / pace->permille;
}

bool yw_pace_read(const char *text, size_t size, uint32_t *ret)
{
    uint32_t permille = 0;
    size_t i = 0;

    for (; i < size && text[i] >= '0' && text[i] <= '9' && permille <= YW_PACE_MAX; i++)
        permille = permille * 10 + (uint32_t)(text[i] - '0');
    if (i == 0 || i >= size || text[i] != '\n' || permille > YW_PACE_MAX)
        return false;
    *ret = permille;
    return true;
}
