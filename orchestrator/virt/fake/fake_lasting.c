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
    struct yw_fake_streams *streams = yw_fake_io(machine, &io);

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

void yw_fake_lasting_turn(struct yw_fake_machine *machine, int64_t now_ms)
{
    for (size_t i = 0; i < YW_FAKE_LASTING_MAX; i++) {
        struct yw_fake_lasting *lasting = &machine->lasting[i];
        struct yw_applet_io io;

        if (lasting->name[0] == '\0')
            continue;
        struct yw_fake_streams *streams = yw_fake_io(machine, &io);

        (void)yw_lasting_turn(&lasting->what, &io, now_ms);
        yw_fake_io_end(machine, streams);
    }
}
