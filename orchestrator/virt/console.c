#include "virt/console.h"

#include "base/log.h"
#include "base/mem.h"
#include "loop/stream.h"
#include "virt/machine/domain_xml.h"
#include "virt/machine/leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MESSAGE_MAX (YW_VIRT_CONSOLE_CHUNK + YW_ERR_TEXT_MAX + 128)

struct console {
    struct yw_consoles *of;
    uint32_t id;
    struct yw_stream *stream;
    size_t unread; /* bytes given to the core that it has not taken */
    size_t owed;   /* bytes of the core that are not yet with the machine */
    bool held;
    struct console *next;
};

struct yw_consoles {
    struct yw_loop *loop;
    struct yw_stream *core;
    const struct yw_embed_root *root;
    struct console *open;
    size_t count;
};

static void begin(struct yw_buf *message, enum yw_broker_message type, uint32_t id)
{
    yw_buf_init(message, MESSAGE_MAX);
    yw_pack_u8(message, (uint8_t)type);
    yw_pack_u32(message, id);
}

static bool send(struct yw_consoles *consoles, struct yw_buf *message)
{
    bool sent = yw_stream_send(consoles->core, message->data, message->size, NULL) == 0;

    yw_buf_fini(message);
    return sent;
}

static void say_end(struct yw_consoles *consoles, uint32_t id, const struct yw_err *why)
{
    struct yw_buf message;

    begin(&message, YW_BROKER_CONSOLE_END, id);
    yw_pack_i64(&message, why->code);
    yw_pack_str(&message, why->text);
    (void)send(consoles, &message);
}

static void close_console(struct console *console)
{
    struct console **link = &console->of->open;

    while (*link != console)
        link = &(*link)->next;
    *link = console->next;
    console->of->count--;
    yw_stream_close(console->stream);
    free(console);
}

static void on_end(void *owner, const struct yw_err *why)
{
    struct console *console = owner;

    say_end(console->of, console->id, why);
    close_console(console);
}

/* One read may go beyond the window: then nothing more is read until the core is done
 * with half of it. */
static void on_bytes(void *owner, const void *bytes, size_t size)
{
    struct console *console = owner;

    for (size_t at = 0; at < size; at += YW_VIRT_CONSOLE_CHUNK) {
        size_t part =
            size - at < YW_VIRT_CONSOLE_CHUNK ? size - at : YW_VIRT_CONSOLE_CHUNK;
        struct yw_buf message;

        begin(&message, YW_BROKER_CONSOLE_DATA, console->id);
        yw_pack_bytes(&message, (const char *)bytes + at, part);
        if (!send(console->of, &message)) {
            struct yw_err why;

            (void)yw_err_set(&why, YW_ELIMIT, "the core does not read");
            on_end(console, &why);
            return;
        }
    }
    console->unread += size;
    if (console->unread >= YW_VIRT_CONSOLE_WINDOW && !console->held) {
        console->held = true;
        yw_stream_hold(console->stream, true);
    }
}

static void on_drained(void *owner)
{
    struct console *console = owner;
    struct yw_buf message;

    if (console->owed == 0)
        return;
    begin(&message, YW_BROKER_CONSOLE_TOOK, console->id);
    yw_pack_u32(&message, (uint32_t)console->owed);
    console->owed = 0;
    (void)send(console->of, &message);
}

/* The socket stands in a folder of the machine's user: what is there must be a socket, and
 * his, and the very one that is connected to, or he could lead us to another's. */
static int connect_screen(const struct yw_consoles *consoles, const char *uuid,
                          int *ret_fd, struct yw_err *err)
{
    char path[YW_DOMAIN_PATH_MAX], held[32];
    struct stat facts;

    yw_leftover_screen(consoles->root, uuid, path);
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int code =
        fd < 0 ? yw_err_errno(err, YW_ENOTFOUND, errno, "the machine's screen") : 0;

    if (code == 0 && (fstat(fd, &facts) < 0 || !S_ISSOCK(facts.st_mode) ||
                      facts.st_uid != yw_domain_uid(uuid)))
        code =
            yw_err_set(err, YW_EDENIED, "the machine's screen is no socket of its own");
    (void)snprintf(held, sizeof(held), "/proc/self/fd/%d", fd);
    if (code == 0)
        code = yw_stream_connect(held, ret_fd, err);
    if (fd >= 0)
        (void)close(fd);
    return code;
}

static int connect_to(const struct yw_consoles *consoles, enum yw_virt_form form,
                      const char *uuid, int *ret_fd, struct yw_err *err)
{
    char path[YW_DOMAIN_PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s/%s.serial", consoles->root->sockets, uuid);
    if (form == YW_VIRT_VNC)
        return connect_screen(consoles, uuid, ret_fd, err);
    return yw_stream_connect(path, ret_fd, err);
}

static int open_console(struct yw_consoles *consoles, uint32_t id, enum yw_virt_form form,
                        const char *uuid, struct yw_err *err)
{
    struct yw_stream_events events = {
        .on_bytes = on_bytes, .on_drained = on_drained, .on_end = on_end};
    int fd = -1;

    if (consoles->count == YW_VIRT_CONSOLES_MAX)
        return yw_err_set(err, YW_ELIMIT, "more than %d consoles", YW_VIRT_CONSOLES_MAX);
    int code = connect_to(consoles, form, uuid, &fd, err);

    if (code < 0)
        return code;
    struct console *console = yw_new(sizeof(*console));

    console->of = consoles;
    console->id = id;
    events.owner = console;
    code = yw_stream_open_raw(&console->stream, consoles->loop, fd,
                              YW_VIRT_CONSOLE_WINDOW, &events, err);
    if (code < 0) {
        free(console);
        return code;
    }
    console->next = consoles->open;
    consoles->open = console;
    consoles->count++;
    return 0;
}

static void on_open(struct yw_consoles *consoles, uint32_t id, struct yw_unpack *in)
{
    char uuid[YW_UUID_SIZE];
    struct yw_err why;
    uint8_t form = yw_unpack_u8(in);

    yw_unpack_str(in, uuid, sizeof(uuid));
    int code = yw_unpack_done(in) && form <= YW_VIRT_VNC
                   ? open_console(consoles, id, (enum yw_virt_form)form, uuid, &why)
                   : yw_err_set(&why, YW_EINVAL, "malformed request");

    if (code < 0)
        say_end(consoles, id, &why);
}

static void on_data(struct console *console, struct yw_unpack *in)
{
    struct yw_err why;
    size_t size = 0;
    const void *bytes = yw_unpack_bytes(in, YW_VIRT_CONSOLE_CHUNK, &size);

    if (!yw_unpack_done(in))
        return;
    console->owed += size;
    if (yw_stream_send(console->stream, bytes, size, &why) < 0)
        on_end(console, &why);
}

static void on_took(struct console *console, struct yw_unpack *in)
{
    uint32_t size = yw_unpack_u32(in);

    if (!yw_unpack_done(in) || size > console->unread)
        return;
    console->unread -= size;
    if (console->held && console->unread < YW_VIRT_CONSOLE_WINDOW / 2) {
        console->held = false;
        yw_stream_hold(console->stream, false);
    }
}

void yw_consoles_message(struct yw_consoles *consoles, enum yw_broker_message type,
                         struct yw_unpack *in)
{
    uint32_t id = yw_unpack_u32(in);
    struct console *console = consoles->open;

    while (console && console->id != id)
        console = console->next;
    if (type == YW_BROKER_CONSOLE_OPEN && !console)
        on_open(consoles, id, in);
    else if (type == YW_BROKER_CONSOLE_DATA && console)
        on_data(console, in);
    else if (type == YW_BROKER_CONSOLE_TOOK && console)
        on_took(console, in);
    else if (type == YW_BROKER_CONSOLE_CLOSE && console)
        close_console(console);
}

struct yw_consoles *yw_consoles_new(struct yw_loop *loop, struct yw_stream *core,
                                    const struct yw_embed_root *root)
{
    struct yw_consoles *consoles = yw_new(sizeof(*consoles));

    consoles->loop = loop;
    consoles->core = core;
    consoles->root = root;
    return consoles;
}

void yw_consoles_free(struct yw_consoles *consoles)
{
    if (!consoles)
        return;
    while (consoles->open)
        close_console(consoles->open); // NOLINT(clang-analyzer-unix.Malloc): unlinks it
    free(consoles);
}
