/* The field wiring's ends: which sensor is which register, and at what scale. */
#include "controller/plc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A number at *at above 0, or any when `free`; moves on. */
static bool take(const char **at, bool free, double *ret)
{
    char *end = NULL;
    if (strchr("0123456789.-", **at) == NULL || **at == '\0')
        return false;
    *ret = strtod(*at, &end);
    *at = end;
    return isfinite(*ret) && (free || *ret > 0);
}

/* `i4*0.1+1000`, after the letter. */
static bool take_terminal(const char **at, struct yw_plc_terminal *ret)
{
    double address = 0;
    if (!take(at, true, &address) || address < 0 || address >= YW_MODBUS_TABLE ||
        address != rint(address))
        return false;
    ret->address = (uint16_t)address;
    ret->scale = 1;
    if (ret->table == YW_PLC_DISCRETE)
        return true;
    if (**at == '*') {
        (*at)++;
        if (!take(at, false, &ret->scale))
            return false;
    }
    if (**at != '+')
        return true;
    (*at)++;
    return take(at, true, &ret->offset);
}

static bool take_word(const char **at, struct yw_plc_wiring *wiring)
{
    char kind = *(*at)++;
    if (kind == 'o') {
        if (wiring->output_count == YW_FIELD_VALUES ||
            !take(at, false, &wiring->outputs[wiring->output_count]))
            return false;
        wiring->output_count++;
        return true;
    }
    struct yw_plc_terminal tag = {.table = kind == 'i'   ? YW_PLC_INPUT
                                           : kind == 'd' ? YW_PLC_DISCRETE
                                                         : YW_PLC_NOWHERE};
    if (wiring->tag_count == YW_FIELD_VALUES || strchr("id-", kind) == NULL ||
        (kind != '-' && !take_terminal(at, &tag)))
        return false;
    if (tag.table == YW_PLC_DISCRETE && tag.address < 32)
        wiring->bits |= UINT32_C(1) << tag.address;
    wiring->tags[wiring->tag_count++] = tag;
    return true;
}

bool yw_plc_wire(struct yw_plc_wiring *wiring, const char *text)
{
    struct yw_plc_wiring wider = *wiring;
    for (const char *at = text; *at != '\0';) {
        if (*at == ' ') {
            at++;
            continue;
        }
        if (!take_word(&at, &wider) || (*at != ' ' && *at != '\0'))
            return false;
    }
    *wiring = wider;
    return true;
}

void yw_plc_put_tag(struct yw_plc *plc, uint16_t i)
{
    const struct yw_plc_terminal *tag = &plc->wiring.tags[i];
    if (tag->table == YW_PLC_DISCRETE)
        plc->bank.discrete[tag->address] = plc->sensed[i] != 0;
    if (tag->table != YW_PLC_INPUT)
        return;
    double raw = rint(plc->sensed[i] / tag->scale + tag->offset);
    if (!(raw > 0))
        raw = 0;
    plc->bank.input[tag->address] = raw > UINT16_MAX ? UINT16_MAX : (uint16_t)raw;
}

double yw_plc_view(const struct yw_plc *plc, uint16_t i)
{
    const struct yw_plc_terminal *tag = &plc->wiring.tags[i];
    if (tag->table == YW_PLC_DISCRETE)
        return plc->bank.discrete[tag->address];
    if (tag->table == YW_PLC_NOWHERE)
        return plc->sensed[i];
    return (plc->bank.input[tag->address] - tag->offset) * tag->scale;
}
