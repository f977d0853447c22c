/* Attacks of fake machines that go on for a while (controller/lasting.h): `background NAME …`
 * begins one, each scan of the world gives it a turn, `halt NAME` ends it. They are part of the
 * guest's memory: a point holds them. */
#include "virt/fake/fake_world.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct yw_fake_lasting *find(struct yw_fake_machine *machine, const char *name)
{
    for (size_t i = 0; i < YW_FAKE_LASTING_MAX; i++) {
        if (strcmp(machine->lasting[i].name, name) == 0)
            return &machine->lasting[i];
    }
    return NULL;
}

static const struct yw_pace *pace_of(void *arg)
{
    const struct yw_fake_machine *machine = arg;

    return &machine->pace;
}

/* As yw_fake_io; a program that is done at once, and not here, has no time to count. */
static struct yw_fake_streams *begin_io(struct yw_fake_machine *machine,
                                        struct yw_applet_io *ret)
{
    struct yw_fake_streams *streams = yw_fake_io(machine, ret);

    ret->pace = pace_of;
    return streams;
}

static void refuse(struct yw_applet_result *ret, const char *why)
{
    memset(ret, 0, sizeof(*ret));
    ret->code = 1;
    (void)snprintf(ret->output, sizeof(ret->output), "{\"error\":\"%s\"}", why);
}

static void begin(struct yw_fake_machine *machine, int argc, const char *const *argv,
                  struct yw_applet_result *ret)
{
    struct yw_fake_lasting *lasting = find(machine, "");
    struct yw_applet_io io;

    if (find(machine, argv[1]) || !lasting || strlen(argv[1]) >= YW_LASTING_NAME_MAX) {
        refuse(ret, lasting ? "already under way" : "too many at once");
        return;
    }
    struct yw_fake_streams *streams = begin_io(machine, &io);

    if (yw_lasting_begin(&lasting->what, &io, argc - 2, argv + 2, machine->seed,
                         machine->world->now_ms, ret))
        YW_COPY(lasting->name, argv[1]);
    yw_fake_io_end(machine, streams);
}

static void halt(struct yw_fake_machine *machine, const char *name,
                 struct yw_applet_result *ret)
{
    struct yw_fake_lasting *lasting = find(machine, name);
    struct yw_applet_io io;

    if (!lasting) {
        refuse(ret, "no such program under way");
        return;
    }
    struct yw_fake_streams *streams = yw_fake_io(machine, &io);

    yw_lasting_end(&lasting->what, &io, ret);
    yw_fake_io_end(machine, streams);
    memset(lasting, 0, sizeof(*lasting));
}

bool yw_fake_lasting_run(struct yw_fake_machine *machine, int argc,
                         const char *const *argv, struct yw_applet_result *ret)
{
    if (argc >= 3 && strcmp(argv[0], "background") == 0 && argv[1][0] != '\0')
        begin(machine, argc, argv, ret);
    else if (argc == 2 && strcmp(argv[0], "halt") == 0 && argv[1][0] != '\0')
        halt(machine, argv[1], ret);
    else
        return false;
    return true;
}

/* The controller's answers as they are when the time to keep them is over. */
static void freeze(struct yw_fake_machine *machine, struct yw_fake_lasting *lasting,
                   int64_t now_ms)
{
    const struct yw_lasting *what = &lasting->what;
    uint32_t source;

    if (what->kind != YW_LASTING_STAND || what->replay_ms == 0 || lasting->frozen ||
        yw_pace_now(&machine->pace, now_ms) - what->began_ms < what->replay_ms)
        return;
    const struct yw_fake_machine *peer = yw_fake_reach(machine, what->ends[0], &source);

    if (!peer || !peer->plc)
        return;
    lasting->old = peer->plc->bank;
    lasting->frozen = true;
}

void yw_fake_lasting_turn(struct yw_fake_machine *machine, int64_t now_ms)
{
    for (size_t i = 0; i < YW_FAKE_LASTING_MAX; i++) {
        struct yw_fake_lasting *lasting = &machine->lasting[i];
        struct yw_applet_io io;

        if (lasting->name[0] == '\0')
            continue;
        struct yw_fake_streams *streams = begin_io(machine, &io);

        (void)yw_lasting_turn(&lasting->what, &io, now_ms);
        freeze(machine, lasting, now_ms);
        yw_fake_io_end(machine, streams);
    }
}

/* Does it stand between these two, and reach both? */
static bool stands(struct yw_fake_machine *machine, const struct yw_fake_lasting *lasting,
                   uint32_t source, uint32_t address)
{
    const struct yw_lasting *what = &lasting->what;
    uint32_t own;

    return lasting->name[0] != '\0' && what->kind == YW_LASTING_STAND &&
           what->ends[0] == address && what->ends[1] == source &&
           yw_pace_now(&machine->pace, machine->world->now_ms) - what->began_ms <
               what->span_ms &&
           yw_fake_reach(machine, address, &own) && yw_fake_reach(machine, source, &own);
}

static int stand_answer(struct yw_fake_lasting *lasting, const uint8_t *pdu, size_t size,
                        uint8_t reply[YW_MODBUS_PDU_MAX])
{
    bool command = size > 0 && pdu[0] > YW_MODBUS_READ_INPUT;

    if ((lasting->what.drop & YW_BETWEEN_REPORTS) != 0 ||
        (command && (lasting->what.drop & YW_BETWEEN_COMMANDS) != 0))
        return -1;
    if (command || !lasting->frozen)
        return 0; /* goes through */
    return (int)yw_modbus_handle(&lasting->old, pdu, size, reply, NULL);
}

bool yw_fake_lasting_between(struct yw_fake_machine *peer, uint32_t source,
                             uint32_t address, const uint8_t *pdu, size_t size,
                             uint8_t reply[YW_MODBUS_PDU_MAX], int *ret_size)
{
    struct yw_virt_world *world = peer->world;

    for (size_t i = 0; i < world->machines.count; i++) {
        struct yw_fake_machine *machine = yw_map_at(&world->machines, i);

        for (size_t k = 0; k < YW_FAKE_LASTING_MAX && machine->running; k++) {
            if (!stands(machine, &machine->lasting[k], source, address))
                continue;
            *ret_size = stand_answer(&machine->lasting[k], pdu, size, reply);
            if (*ret_size != 0)
                return true;
        }
    }
    return false;
}
