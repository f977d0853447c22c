/* POST /api/v1/drills/ID/actions: a team operates one of its machines. */
#include "net/door.h"

int yw_api_action(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_request_action action;
    int code =
        yw_request_action_decode(&action, exchange->body.data, exchange->body.size, err);
    if (code)
        return code;
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_ACT);
    call->command->action = action;
    call->encode = yw_call_encode_ran;
    return yw_call_start(exchange, call, err);
}
