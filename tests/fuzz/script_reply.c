/* Any bytes as what a hostile host answers, and as what a parent asks. */
#include "script/wire.h"

#include <stdint.h>
#include <stdlib.h>

int yw_fuzz_one(const uint8_t *bytes, size_t size);

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static struct yw_script_reply reply;
    struct yw_script_request request;
    struct yw_buf out;
    if (yw_script_request_unpack(&request, bytes, size, NULL) == 0)
        yw_script_request_fini(&request);
    if (yw_script_reply_unpack(&reply, bytes, size, NULL) != 0)
        return 0;
    /* What is accepted can be said again. */
    yw_buf_init(&out, YW_SCRIPT_MESSAGE_MAX);
    yw_script_reply_pack(&out, &reply);
    yw_script_reply_fini(&reply);
    if (out.overflow || yw_script_reply_unpack(&reply, out.data, out.size, NULL) != 0)
        abort();
    yw_script_reply_fini(&reply);
    yw_buf_fini(&out);
    return 0;
}
