#include "guest/guest.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CONSOLE "/dev/ttyS0"
#define ANSWER_MS 10000

/* Nobody reads a serial line that nobody has open: what finds no room is lost. */
static void put(void *arg, const char *bytes, size_t size)
{
    struct console *console = &((struct guest *)arg)->console;
    size_t room = sizeof(console->out) - console->out_size;
    if (size > room)
        size = room;
    memcpy(console->out + console->out_size, bytes, size);
    console->out_size += size;
}

static bool run(void *arg, int argc, const char *const *argv)
{
    struct yw_message_run message = {.argc = (uint32_t)argc, .deadline_ms = ANSWER_MS};
    for (int i = 0; i < argc; i++)
        (void)snprintf(message.argv[i], sizeof(message.argv[i]), "%s", argv[i]);
    return job_start(arg, GUEST_CONSOLE_REQUEST, &message);
}

static void interfaces(void *arg, char *ret, size_t ret_size)
{
    const struct guest *guest = arg;
    nic_list(guest->nics, ret, ret_size);
}

static const char *role(void *arg)
{
    const struct guest *guest = arg;
    return guest->role != NULL ? guest->role->name : "";
}

static size_t own(void *arg, const uint8_t *pdu, size_t size,
                  uint8_t reply[YW_MODBUS_PDU_MAX])
{
    struct guest *guest = arg;
    if (guest->role == NULL || guest->role->own == NULL)
        return 0;
    return guest->role->own(guest, pdu, size, reply);
}

void console_open(struct guest *guest)
{
    struct console *console = &guest->console;
    const struct yw_prompt_io io = {.put = put,
                                    .run = run,
                                    .interfaces = interfaces,
                                    .role = role,
                                    .own = own,
                                    .arg = guest};
    struct termios mode;
    yw_prompt_init(&console->prompt, &io);
    console->slot = -1;
    console->fd = open(CONSOLE, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (console->fd < 0 || tcgetattr(console->fd, &mode) != 0)
        return;
    cfmakeraw(&mode);
    mode.c_cflag |= CLOCAL | CREAD;
    (void)cfsetspeed(&mode, B115200);
    (void)tcsetattr(console->fd, TCSANOW, &mode);
    yw_prompt_greet(&console->prompt, "");
}

void console_watch(struct guest *guest, struct turn *turn)
{
    struct console *console = &guest->console;
    console->slot = -1;
    if (console->fd >= 0)
        console->slot =
            turn_hold(turn, console->fd,
                      (short)(console->out_size > 0 ? POLLIN | POLLOUT : POLLIN));
}

void console_act(struct guest *guest, const struct turn *turn)
{
    struct console *console = &guest->console;
    short events = turn_events(turn, console->slot);
    char bytes[256];
    /* A line that ended would be readable for ever: it is given up. */
    if ((events & (POLLERR | POLLHUP)) != 0) {
        (void)close(console->fd);
        console->fd = -1;
        return;
    }
    if ((events & POLLIN) != 0) {
        ssize_t got = read(console->fd, bytes, sizeof(bytes));
        /* typed faster than answers go out: dropped, or it would be answered for hours */
        if (got > 0 && console->out_size < sizeof(console->out) / 2)
            yw_prompt_type(&console->prompt, bytes, (size_t)got);
    }
    if (console->fd < 0 || console->out_size == 0)
        return;
    ssize_t done = write(console->fd, console->out, console->out_size);
    if (done <= 0)
        return;
    console->out_size -= (size_t)done;
    memmove(console->out, console->out + done, console->out_size);
}
