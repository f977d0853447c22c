/* POST /api/v1/drills/ID/exec: a program of a machine; …/files: a file into a machine, or
 * out of it. For control. */
#include "base/base64.h"
#include "net/door.h"

int yw_api_exec(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_request_action action;
    struct yw_request_point point;
    int code = yw_request_exec_decode(&action, &point, exchange->body.data,
                                      exchange->body.size, err);
    if (code)
        return code;
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_EXEC);
    call->command->action = action;
    call->command->point = point;
    call->encode = yw_call_encode_ran;
    return yw_call_start(exchange, call, err);
}

static int encode_moved(struct yw_call *call, struct yw_buf *out, struct yw_err *err)
{
    (void)err;
    const struct yw_command *command = call->command;
    const struct yw_request_file *file = &call->file;
    size_t size = file->put ? file->size : command->ret_bytes.size;
    yw_buf_printf(out, "{\"bytes\":%zu,", size);
    if (!file->put) {
        yw_buf_puts(out, "\"data\":\"");
        yw_base64_put(out, size ? command->ret_bytes.data : "", size);
        yw_buf_puts(out, "\",");
    }
    yw_buf_printf(out, "\"ok\":true,\"seq\":%lld}", (long long)command->ret_seq);
    return 0;
}

int yw_api_file(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_request_file file;
    struct yw_request_point point;
    int code = yw_request_file_decode(&file, &point, exchange->body.data,
                                      exchange->body.size, err);
    if (code)
        return code;
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_FILE);
    call->file = file;
    call->command->file = &call->file;
    call->command->point = point;
    yw_buf_init(&call->command->ret_bytes, YW_REQUEST_MOVE_MAX);
    yw_buf_fini(&call->body);
    yw_buf_init(&call->body, YW_HTTP_ANSWER_MAX);
    call->encode = encode_moved;
    return yw_call_start(exchange, call, err);
}
