/* Process 1 of a micro image: boots the machine, then serves for ever. The first process
 * of a full image hands over to the disk, whose init starts it once more, as a service. */
#include "guest/guest.h"

#include "guest/field.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

int64_t guest_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void watch(struct guest *guest, struct turn *turn)
{
    turn_begin(turn);
    agent_watch(guest, turn);
    job_watch(guest, turn);
    lasting_watch(guest, turn);
    console_watch(guest, turn);
    if (guest->role != NULL && guest->role->watch != NULL)
        guest->role->watch(guest, turn);
}

static void act(struct guest *guest, const struct turn *turn)
{
    job_act(guest, turn);
    lasting_act(guest, turn);
    if (guest->role != NULL && guest->role->act != NULL)
        guest->role->act(guest, turn);
    agent_act(guest, turn);
    console_act(guest, turn);
}

static void prepare(struct guest *guest)
{
    void *room = mmap(NULL, role_room(), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    guest->room = room == MAP_FAILED ? NULL : room;
    guest->nics = nic_open();
    guest->random_fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
    server_init(&guest->server);
    yw_backlog_init(&guest->lines, guest_now_ms());
}

int main(void)
{
    const struct sigaction on_io = {.sa_handler = turn_on_sigio};
    sigset_t block;
    sigset_t open_mask;
    struct turn turn;
    struct guest *guest = calloc(1, sizeof(*guest));
    if (guest == NULL)
        return 1;
    (void)sigemptyset(&block);
    (void)sigaddset(&block, SIGIO);
    (void)sigprocmask(SIG_BLOCK, &block, &open_mask);
    (void)sigaction(SIGIO, &on_io, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    guest->full = getpid() != 1;
    if (guest->full)
        boot_join(guest);
    else
        boot_machine(guest);
    prepare(guest);
    port_open(&guest->channel, YW_CHANNEL_PORT);
    port_open(&guest->field, YW_FIELD_PORT);
    console_open(guest);
    turn_init(&turn);
    for (;;) {
        watch(guest, &turn);
        turn_wait(&turn, &open_mask);
        act(guest, &turn);
    }
}
