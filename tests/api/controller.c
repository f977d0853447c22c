/* A controller on this host's sockets: the guest program's own roles and server, without
 * the machine around them. Arguments: role, program ("" none).
 * Listens on the ports of the real one, so it wants a network of its own; telemetry goes
 * to standard output, "ready" first; ends with its standard input. */
#include "guest/guest.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t guest_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void agent_line(struct guest *guest, const char *line)
{
    (void)guest;
    puts(line);
    (void)fflush(stdout);
}

void agent_answer(struct guest *guest, uint32_t request, uint32_t code,
                  const char *output)
{
    (void)guest;
    (void)request;
    (void)code;
    (void)output;
}

void request_refuse(struct guest *guest, uint32_t request, const char *why)
{
    (void)guest;
    (void)request;
    (void)why;
}

const struct file *guest_file(const struct guest *guest, const char *name)
{
    (void)guest;
    (void)name;
    return NULL;
}

/* Nothing is wired to it. */
bool port_check(struct port *port, const struct turn *turn)
{
    (void)port;
    (void)turn;
    return false;
}

void port_watch(struct port *port, struct turn *turn, bool wants_write)
{
    (void)port;
    (void)turn;
    (void)wants_write;
}

size_t port_write(struct port *port, const void *bytes, size_t size)
{
    (void)port;
    (void)bytes;
    return size;
}

bool field_read(struct guest *guest, struct yw_field_record *ret)
{
    (void)guest;
    (void)ret;
    return false;
}

static const struct role *role_of(const char *name)
{
    const struct role *const roles[] = {&role_plc, &role_sis, &role_remote_io};
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (strcmp(roles[i]->name, name) == 0)
            return roles[i];
    }
    return NULL;
}

static bool read_program(struct file *file, const char *path)
{
    FILE *from = fopen(path, "re");
    if (from == NULL)
        return false;
    (void)snprintf(file->name, sizeof(file->name), "program.st");
    file->size = (uint32_t)fread(file->bytes, 1, sizeof(file->bytes), from);
    file->total = file->size;
    (void)fclose(from);
    return true;
}

static void serve(struct guest *guest)
{
    struct turn turn;
    sigset_t open_mask;
    char byte = 0;
    (void)sigemptyset(&open_mask);
    turn_init(&turn);
    for (;;) {
        turn_begin(&turn);
        guest->role->watch(guest, &turn);
        int input = turn_add(&turn, STDIN_FILENO, POLLIN);
        turn_wait(&turn, &open_mask);
        if (turn_events(&turn, input) != 0 && read(STDIN_FILENO, &byte, 1) <= 0)
            return;
        guest->role->act(guest, &turn);
    }
}

int main(int argc, char **argv)
{
    char why[256] = "usage: api_controller ROLE PROGRAM";
    struct guest *guest = calloc(1, sizeof(*guest));
    if (guest == NULL || argc != 3 || (guest->role = role_of(argv[1])) == NULL ||
        (argv[2][0] != '\0' && !read_program(&guest->files[0], argv[2]))) {
        (void)fprintf(stderr, "%s\n", why);
        return 2;
    }
    guest->config.seed = 7;
    server_init(&guest->server);
    guest->part = calloc(1, guest->role->size);
    if (guest->part == NULL || guest->role->start(guest, why, sizeof(why)) != 0) {
        (void)fprintf(stderr, "%s\n", why);
        return 1;
    }
    puts("ready");
    (void)fflush(stdout);
    serve(guest);
    guest->role->stop(guest);
    server_close(&guest->server);
    free(guest->part);
    free(guest);
    return 0;
}
