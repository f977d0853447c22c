/* Any bytes as what comes in on the guest's side of its channel. */
#include "controller/message.h"

int yw_fuzz_one(const uint8_t *bytes, size_t size);

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static struct yw_message message;
    size_t at = 0;
    int step = 0;
    while ((step = yw_message_frame(bytes + at, size - at)) > 0) {
        (void)yw_message_read(&message, bytes + at + YW_MESSAGE_PREFIX,
                              (size_t)step - YW_MESSAGE_PREFIX);
        at += (size_t)step;
    }
    (void)yw_message_read(&message, bytes, size);
    return 0;
}
