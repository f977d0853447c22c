#include "guest/guest.h"

#include <string.h>

#define PARTIAL_MAX_MS 2000

const char *guest_setting(void *arg, const char *name)
{
    const struct guest *guest = arg;
    for (uint32_t i = 0; i < guest->config.setting_count; i++) {
        if (strcmp(guest->config.settings[i].name, name) == 0)
            return guest->config.settings[i].value;
    }
    return NULL;
}

/* A message that finds no room is lost: the host asks again, and lines are hints. */
static void enqueue(struct guest *guest, const struct yw_message_bytes *message)
{
    if (message->size > sizeof(guest->out) - guest->out_size)
        return;
    memcpy(guest->out + guest->out_size, message->bytes, message->size);
    guest->out_size += message->size;
}

static size_t first_size(const struct guest *guest)
{
    int size = yw_message_frame(guest->out, guest->out_size);
    return size > 0 ? (size_t)size : guest->out_size;
}

static void drop_first(struct guest *guest)
{
    size_t size = first_size(guest);
    guest->out_size -= size;
    memmove(guest->out, guest->out + size, guest->out_size);
    guest->out_sent = 0;
}

static void flush(struct guest *guest)
{
    while (guest->out_size > 0) {
        size_t size = first_size(guest);
        size_t left = size - guest->out_sent;
        size_t done = port_write(&guest->channel, guest->out + guest->out_sent, left);
        guest->out_sent += done;
        if (done < left)
            return;
        drop_first(guest);
    }
}

/* Somebody opened the host side: what was half said to the one before is void, HELLO
 * comes first, then what waited. */
static void greet(struct guest *guest)
{
    struct yw_message_bytes hello;
    guest->in_size = 0;
    if (guest->out_sent > 0)
        drop_first(guest);
    yw_message_hello(&hello, guest->image, guest->boot_id);
    while (hello.size > sizeof(guest->out) - guest->out_size)
        drop_first(guest);
    memmove(guest->out + hello.size, guest->out, guest->out_size);
    memcpy(guest->out, hello.bytes, hello.size);
    guest->out_size += hello.size;
}

void agent_answer(struct guest *guest, uint32_t request, uint32_t code,
                  const char *output)
{
    if (request == 0)
        return;
    struct answer *answer = &guest->answers[guest->next_answer];
    guest->next_answer = (guest->next_answer + 1) % YW_CHANNEL_MEMORY;
    answer->request = request;
    yw_message_done(&answer->bytes, request, code, output);
    enqueue(guest, &answer->bytes);
}

void agent_reply(struct guest *guest, uint32_t request, uint32_t code, const char *output)
{
    struct yw_message_bytes reply;
    yw_message_done(&reply, request, code, output);
    enqueue(guest, &reply);
}

void agent_send(struct guest *guest, const struct yw_message_bytes *message)
{
    enqueue(guest, message);
}

static bool room_for_line(const struct guest *guest)
{
    return sizeof(guest->out) - guest->out_size >=
           YW_MESSAGE_PREFIX + YW_CHANNEL_MESSAGE_MAX;
}

static void tell_lines(struct guest *guest)
{
    struct yw_message_bytes message;
    char line[YW_CHANNEL_LINE_MAX + 1];
    while (room_for_line(guest) && yw_backlog_take(&guest->lines, guest_now_ms(), line)) {
        yw_message_line(&message, line);
        enqueue(guest, &message);
    }
}

void agent_line(struct guest *guest, const char *line)
{
    yw_prompt_note(&guest->console.prompt, line);
    yw_backlog_put(&guest->lines, line);
    tell_lines(guest);
}

static const struct answer *remembered(const struct guest *guest, uint32_t request)
{
    for (int i = 0; i < YW_CHANNEL_MEMORY; i++) {
        if (guest->answers[i].request == request)
            return &guest->answers[i];
    }
    return NULL;
}

static void take_message(struct guest *guest, const uint8_t *body, size_t size)
{
    struct yw_message message;
    bool good = yw_message_read(&message, body, size);
    if (message.request == 0)
        return;
    const struct answer *answer = remembered(guest, message.request);
    if (answer != NULL) {
        enqueue(guest, &answer->bytes);
        return;
    }
    if (job_underway(guest, message.request) || lasting_underway(guest, message.request))
        return;
    if (good)
        request_act(guest, &message);
    else
        request_refuse(guest, message.request, "message not understood");
}

static void take_messages(struct guest *guest)
{
    size_t at = 0;
    int size = 0;
    while ((size = yw_message_frame(guest->in + at, guest->in_size - at)) > 0) {
        take_message(guest, guest->in + at + YW_MESSAGE_PREFIX,
                     (size_t)size - YW_MESSAGE_PREFIX);
        at += (size_t)size;
    }
    guest->in_size -= at;
    memmove(guest->in, guest->in + at, guest->in_size);
    if (size < 0)
        greet(guest); /* out of step: begin again */
}

void agent_watch(struct guest *guest, struct turn *turn)
{
    port_watch(&guest->channel, turn, guest->out_size > 0);
    if (guest->in_size > 0)
        turn_wake(turn, guest->in_since_ms + PARTIAL_MAX_MS);
    if (room_for_line(guest))
        turn_wake(turn, yw_backlog_due(&guest->lines));
}

void agent_act(struct guest *guest, const struct turn *turn)
{
    int64_t now_ms = guest_now_ms();
    if (port_check(&guest->channel, turn))
        greet(guest);
    if (guest->in_size > 0 && now_ms - guest->in_since_ms >= PARTIAL_MAX_MS)
        greet(guest); /* the rest of that message never came: another host speaks now */
    size_t got = port_read(&guest->channel, guest->in + guest->in_size,
                           sizeof(guest->in) - guest->in_size);
    if (got > 0) {
        guest->in_size += got;
        guest->in_since_ms = now_ms;
        take_messages(guest);
    }
    tell_lines(guest);
    flush(guest);
}
