#include "guest_st_seat.h"

#include <assert.h>
#include <string.h>

int st_seat_compile(struct st_seat *seat, const char *source)
{
    memset(seat, 0, sizeof(*seat));
    seat->image.input = seat->input;
    seat->image.discrete = seat->discrete;
    seat->image.holding = seat->holding;
    seat->image.coil = seat->coil;
    seat->image.output = seat->output;
    if (yw_st_compile(&seat->program, source, strlen(source), &seat->problem) != 0)
        return -1;
    yw_st_reset(&seat->program, &seat->image, true);
    return 0;
}

int st_seat_scan(struct st_seat *seat, uint32_t now_ms)
{
    seat->image.now_ms = now_ms;
    return yw_st_run(&seat->program, &seat->image, &seat->problem);
}

const char *st_seat_value(struct st_seat *seat, const char *name)
{
    struct yw_st_spot spot;
    char *text = seat->texts[seat->next_text++ % 4];
    if (yw_st_find(&seat->program, name, &spot) != 0)
        return "?";
    yw_st_show(&seat->image, &spot, text, sizeof(seat->texts[0]));
    return text;
}

void st_seat_set(struct st_seat *seat, const char *name, const char *value)
{
    struct yw_st_spot spot;
    uint32_t cell = 0;
    int found = yw_st_find(&seat->program, name, &spot);
    assert(found == 0);
    bool good = yw_st_take(spot.type, value, &cell);
    assert(good);
    yw_st_put(&seat->image, &spot, cell);
}
