#include "virt/serve/broker_console.h"

#include "loop/stream.h"

#define HEAD_MAX 128

static struct yw_virt_console *find(const struct yw_broker_consoles *consoles,
                                    uint32_t id)
{
    struct yw_virt_console *console = consoles->open;

    while (console && console->id != id)
        console = console->next;
    return console;
}

static void forget(struct yw_broker_consoles *consoles, struct yw_virt_console *console)
{
    struct yw_virt_console **link = &consoles->open;

    while (*link != console)
        link = &(*link)->next;
    *link = console->next;
    console->next = NULL;
    console->id = 0;
    console->room = 0;
    consoles->count--;
}

/* What finds no room is lost with the broker that does not read: it is given up soon. */
static void send(struct yw_stream *stream, struct yw_buf *message)
{
    (void)yw_stream_send(stream, message->data, message->size, NULL);
    yw_buf_fini(message);
}

static void begin(struct yw_buf *message, enum yw_broker_message type, uint32_t id)
{
    yw_buf_init(message, HEAD_MAX + YW_VIRT_CONSOLE_CHUNK);
    yw_pack_u8(message, (uint8_t)type);
    yw_pack_u32(message, id);
}

int yw_broker_console_open(struct yw_broker_consoles *consoles, struct yw_stream *stream,
                           struct yw_virt_console *console, struct yw_err *err)
{
    struct yw_buf message;

    if (!stream)
        return yw_err_set(err, YW_ESTATE, "console: the broker is being started");
    if (consoles->count == YW_VIRT_CONSOLES_MAX)
        return yw_err_set(err, YW_ELIMIT, "console: more than %d are open",
                          YW_VIRT_CONSOLES_MAX);
    console->id = ++consoles->last_id;
    console->room = YW_VIRT_CONSOLE_WINDOW;
    console->next = consoles->open;
    consoles->open = console;
    consoles->count++;
    begin(&message, YW_BROKER_CONSOLE_OPEN, console->id);
    yw_pack_u8(&message, (uint8_t)console->form);
    yw_pack_str(&message, console->uuid);
    send(stream, &message);
    return 0;
}

void yw_broker_console_send(struct yw_stream *stream,
                            const struct yw_virt_console *console, const void *bytes,
                            size_t size)
{
    for (size_t at = 0; at < size; at += YW_VIRT_CONSOLE_CHUNK) {
        size_t part =
            size - at < YW_VIRT_CONSOLE_CHUNK ? size - at : YW_VIRT_CONSOLE_CHUNK;
        struct yw_buf message;

        begin(&message, YW_BROKER_CONSOLE_DATA, console->id);
        yw_pack_bytes(&message, (const char *)bytes + at, part);
        send(stream, &message);
    }
}

void yw_broker_console_took(struct yw_stream *stream,
                            const struct yw_virt_console *console, size_t size)
{
    struct yw_buf message;

    begin(&message, YW_BROKER_CONSOLE_TOOK, console->id);
    yw_pack_u32(&message, (uint32_t)size);
    send(stream, &message);
}

void yw_broker_console_close(struct yw_broker_consoles *consoles,
                             struct yw_stream *stream, struct yw_virt_console *console)
{
    if (stream) {
        struct yw_buf message;

        begin(&message, YW_BROKER_CONSOLE_CLOSE, console->id);
        send(stream, &message);
    }
    forget(consoles, console);
}

static int on_data(struct yw_virt_console *console, struct yw_unpack *in)
{
    size_t size = 0;
    const void *bytes = yw_unpack_bytes(in, YW_VIRT_CONSOLE_CHUNK, &size);

    if (!yw_unpack_done(in))
        return YW_EINVAL;
    if (console && size > 0)
        console->on_bytes(console, bytes, size);
    return 0;
}

static int on_took(struct yw_virt_console *console, struct yw_unpack *in)
{
    uint32_t size = yw_unpack_u32(in);

    if (!yw_unpack_done(in) || (console && size > YW_VIRT_CONSOLE_WINDOW - console->room))
        return YW_EINVAL;
    if (!console)
        return 0;
    console->room += size;
    if (console->on_room)
        console->on_room(console);
    return 0;
}

static int on_end(struct yw_broker_consoles *consoles, struct yw_virt_console *console,
                  struct yw_unpack *in)
{
    struct yw_err why = {0};

    why.code = (int)yw_unpack_i64(in);
    yw_unpack_str(in, why.text, sizeof(why.text));
    if (!yw_unpack_done(in))
        return YW_EINVAL;
    if (!console)
        return 0;
    forget(consoles, console);
    console->on_end(console, &why);
    return 0;
}

/* One that was closed here is answered to for a while longer: no such id is fine. */
int yw_broker_console_message(struct yw_broker_consoles *consoles,
                              enum yw_broker_message type, struct yw_unpack *in)
{
    struct yw_virt_console *console = find(consoles, yw_unpack_u32(in));

    if (type == YW_BROKER_CONSOLE_DATA)
        return on_data(console, in);
    return type == YW_BROKER_CONSOLE_TOOK ? on_took(console, in)
                                          : on_end(consoles, console, in);
}

void yw_broker_consoles_end(struct yw_broker_consoles *consoles, const char *why)
{
    struct yw_err err;

    (void)yw_err_set(&err, YW_EIO, "console: %s", why);
    while (consoles->open) {
        struct yw_virt_console *console = consoles->open;

        forget(consoles, console);
        console->on_end(console, &err);
    }
}

void yw_broker_consoles_drop(struct yw_broker_consoles *consoles)
{
    while (consoles->open)
        forget(consoles, consoles->open);
}
