/* POST /api/v1/drills/ID/actions: a team operates one of its machines. */
#include "net/door.h"

static int encode_acted(struct yw_call *call, struct yw_buf *out, struct yw_err *err)
{
    (void)err;
    const struct yw_command *command = call->command;
    yw_buf_printf(out, "{\"exit\":%d,\"ok\":%s,\"output\":", command->ret_exit,
                  command->ret_exit == 0 ? "true" : "false");
    yw_json_string(out, command->ret_output);
    yw_buf_printf(out, ",\"seq\":%lld}", (long long)command->ret_seq);
    return 0;
}

int yw_api_action(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_request_action action;
    int code =
        yw_request_action_decode(&action, exchange->body.data, exchange->body.size, err);
    if (code)
        return code;
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_ACT);
    call->command->action = action;
    call->encode = encode_acted;
    return yw_call_start(exchange, call, err);
}
