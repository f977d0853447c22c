/* POST /api/v1/drills/ID/actions: a team operates one of its machines.
 * GET /api/v1/drills/ID/operations: what it can order there. */
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

int yw_api_operations(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    int code = yw_conductor_operations(exchange->net->conductor, exchange->parts[0], &out,
                                       err);
    if (code)
        yw_buf_fini(&out);
    else
        yw_exchange_json(exchange, 200, &out);
    return code;
}
