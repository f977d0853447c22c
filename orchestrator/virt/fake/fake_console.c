#include "virt/fake/fake_console.h"

#include "base/mem.h"
#include "controller/prompt.h"
#include "virt/fake/fake_screen.h"

#include <stdlib.h>
#include <string.h>

struct yw_fake_console {
    struct yw_fake_consoles *of;
    struct yw_virt_console *console;
    struct yw_prompt prompt;      /* SERIAL */
    struct yw_fake_screen screen; /* VNC */
    struct yw_buf in;             /* typed, not yet read by the machine */
    struct yw_buf
        out;       /* shown, not yet with the owner; more is lost, as on a real line */
    size_t unread; /* with the owner, who has not taken it */
    struct yw_due_entry turn;
    struct yw_fake_console *next;
};

static struct yw_fake_machine *machine_of(const struct yw_fake_console *fake)
{
    struct yw_fake_machine *machine =
        yw_fake_machine_of(fake->of->world, fake->console->uuid);

    return machine && machine->running ? machine : NULL;
}

static void turn_soon(struct yw_fake_console *fake)
{
    if (!yw_due_queued(&fake->turn))
        yw_due_add(fake->of->due, &fake->turn, yw_clock_mono_ms(fake->of->clock));
}

static void put(void *arg, const char *bytes, size_t size)
{
    struct yw_fake_console *fake = arg;
    size_t room = YW_VIRT_CONSOLE_WINDOW - fake->out.size;

    yw_buf_put(&fake->out, bytes, size < room ? size : room);
    turn_soon(fake);
}

static bool run(void *arg, int argc, const char *const *argv)
{
    struct yw_fake_console *fake = arg;
    struct yw_fake_machine *machine = machine_of(fake);
    struct yw_applet_result *result = yw_new(sizeof(*result));

    if (machine) {
        yw_fake_applet(machine, argc, argv, result);
        yw_prompt_answer(&fake->prompt, result->code, result->output);
    }
    free(result);
    return machine != NULL;
}

static void interfaces(void *arg, char *ret, size_t ret_size)
{
    struct yw_fake_machine *machine = machine_of(arg);

    (void)yw_copy(ret, ret_size, "[]");
    if (machine)
        yw_fake_interfaces(machine, ret, ret_size);
}

static const char *role(void *arg)
{
    struct yw_fake_machine *machine = machine_of(arg);

    return machine && machine->serves ? machine->image : "";
}

static size_t own(void *arg, const uint8_t *pdu, size_t size,
                  uint8_t reply[YW_MODBUS_PDU_MAX])
{
    struct yw_fake_machine *machine = machine_of(arg);

    if (machine && machine->rtu)
        return yw_rtu_answer(machine->rtu, "0.0.0.0", pdu, size, reply);
    if (!machine || !machine->plc)
        return 0;
    return yw_plc_answer(machine->plc, "0.0.0.0", 0, pdu, size, reply);
}

static void hand_over(struct yw_fake_console *fake)
{
    char chunk[YW_VIRT_CONSOLE_CHUNK];
    size_t room = YW_VIRT_CONSOLE_WINDOW - fake->unread;
    size_t size = fake->out.size < sizeof(chunk) ? fake->out.size : sizeof(chunk);

    if (size > room)
        size = room;
    if (size == 0)
        return;
    memcpy(chunk, fake->out.data, size);
    yw_buf_drop(&fake->out, size);
    fake->unread += size;
    if (fake->out.size > 0)
        turn_soon(fake);
    fake->console->on_bytes(fake->console, chunk, size);
}

/* What one viewer does to the screen, all of them see. */
static void look(struct yw_fake_console *fake)
{
    struct yw_fake_machine *machine = machine_of(fake);

    if (!machine)
        return;
    uint8_t before = machine->colour;

    yw_fake_screen_input(&fake->screen, &machine->colour, (const uint8_t *)fake->in.data,
                         fake->in.size, &fake->out);
    if (machine->colour == before)
        return;
    for (struct yw_fake_console *at = fake->of->open; at; at = at->next) {
        if (at->console->form != YW_VIRT_VNC ||
            strcmp(at->console->uuid, machine->uuid) != 0)
            continue;
        yw_fake_screen_show(&at->screen, machine->colour, &at->out);
        turn_soon(at);
    }
}

/* The last thing of each turn is a callback: the owner may close in it. */
static void on_turn(struct yw_due_entry *entry)
{
    struct yw_fake_console *fake = entry->arg;
    struct yw_virt_console *console = fake->console;
    size_t typed = fake->in.size;

    if (typed == 0) {
        hand_over(fake);
        return;
    }
    if (console->form == YW_VIRT_VNC)
        look(fake);
    else
        yw_prompt_type(&fake->prompt, fake->in.data, typed);
    yw_buf_clear(&fake->in);
    console->room += typed;
    turn_soon(fake);
    if (console->on_room)
        console->on_room(console);
}

static void close_console(struct yw_fake_console *fake)
{
    struct yw_fake_console **link = &fake->of->open;

    while (*link != fake)
        link = &(*link)->next;
    *link = fake->next;
    yw_due_cancel(fake->of->due, &fake->turn);
    fake->console->id = 0;
    fake->console->impl = NULL;
    yw_buf_fini(&fake->in);
    yw_buf_fini(&fake->out);
    free(fake);
}

int yw_fake_console_open(struct yw_fake_consoles *consoles,
                         struct yw_virt_console *console, struct yw_err *err)
{
    const struct yw_fake_machine *machine =
        yw_fake_machine_of(consoles->world, console->uuid);

    if (!machine || !machine->running)
        return yw_err_set(err, YW_ENOTFOUND, "console: the machine does not run");
    if (console->form == YW_VIRT_VNC && !machine->display)
        return yw_err_set(err, YW_ENOTFOUND, "console: the machine has no screen");
    struct yw_fake_console *fake = yw_new(sizeof(*fake));
    const struct yw_prompt_io io = {.put = put,
                                    .run = run,
                                    .interfaces = interfaces,
                                    .role = role,
                                    .own = own,
                                    .arg = fake};

    fake->of = consoles;
    fake->console = console;
    fake->turn.run = on_turn;
    fake->turn.arg = fake;
    yw_buf_init(&fake->in, YW_VIRT_CONSOLE_WINDOW);
    yw_buf_init(&fake->out, YW_VIRT_CONSOLE_WINDOW);
    fake->next = consoles->open;
    consoles->open = fake;
    console->id = ++consoles->last_id;
    console->impl = fake;
    console->room = YW_VIRT_CONSOLE_WINDOW;
    if (console->form == YW_VIRT_VNC) {
        yw_fake_screen_open(&fake->out);
        turn_soon(fake);
        return 0;
    }
    yw_prompt_init(&fake->prompt, &io);
    yw_prompt_greet(&fake->prompt, machine->name);
    return 0;
}

void yw_fake_console_send(struct yw_virt_console *console, const void *bytes, size_t size)
{
    struct yw_fake_console *fake = console->impl;

    yw_buf_put(&fake->in, bytes, size);
    turn_soon(fake);
}

void yw_fake_console_took(struct yw_virt_console *console, size_t size)
{
    struct yw_fake_console *fake = console->impl;

    fake->unread -= size < fake->unread ? size : fake->unread;
    if (fake->out.size > 0)
        turn_soon(fake);
}

void yw_fake_console_close(struct yw_virt_console *console)
{
    close_console(console->impl);
}

void yw_fake_consoles_check(struct yw_fake_consoles *consoles, bool all, const char *why)
{
    struct yw_err err;

    (void)yw_err_set(&err, YW_EIO, "console: %s", why);
    for (struct yw_fake_console *fake = consoles->open, *next; fake; fake = next) {
        struct yw_virt_console *console = fake->console;

        next = fake->next;
        if (!all && machine_of(fake))
            continue;
        close_console(fake);
        console->on_end(console, &err);
        next = consoles->open; /* the owner may have closed others */
    }
}

void yw_fake_consoles_drop(struct yw_fake_consoles *consoles)
{
    while (consoles->open)
        close_console(consoles->open); // NOLINT(clang-analyzer-unix.Malloc): unlinks it
}
