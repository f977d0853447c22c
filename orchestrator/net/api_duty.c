/* POST /api/v1/drills/ID/duty/NOUN: what teams, offices and control enter about an incident. */
#include "base/id.h"
#include "base/mem.h"
#include "net/door.h"

#include <stdlib.h>

int yw_api_duty_enter(struct yw_exchange *exchange, struct yw_err *err)
{
    char meant[YW_MEANT_MAX];
    const char *near = NULL;
    const struct yw_duty_noun *noun = yw_duty_noun_find(exchange->parts[1], &near);
    if (!noun)
        return yw_err_set(err, YW_ENOTFOUND, "nothing called '%s' is entered%s",
                          exchange->parts[1], yw_meant(meant, near));
    struct yw_request_duty *duty = yw_new(sizeof(*duty));
    int code =
        yw_request_duty_decode(duty, noun, exchange->body.data, exchange->body.size, err);
    if (code) {
        free(duty);
        return code;
    }
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_DUTY);
    call->duty = duty;
    call->command->duty = duty;
    return yw_call_start(exchange, call, err);
}
