/* Attacks that go on for a while (controller/lasting.h), each in a child of its own:
 *
 *   RUN background NAME … ──▶ child: first step ──▶ its result answers RUN; then turn by turn
 *   RUN halt NAME ──▶ a byte to the child ──▶ it puts things back ──▶ its result answers RUN
 *
 * A child that finds its socket closed ends without putting anything back: the machine was told
 * to be something else. */
#include "guest/guest.h"

#include "controller/lasting.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MS 15000 /* of its first step, and of putting things back */

static void put_result(int fd, const struct yw_applet_result *result)
{
    const char *at = (const char *)result;
    size_t left = sizeof(*result);
    while (left > 0) {
        ssize_t done = send(fd, at, left, MSG_NOSIGNAL);
        if (done <= 0)
            return;
        at += done;
        left -= (size_t)done;
    }
}

/* Sleeps until `at_ms` at the latest: 0 it is time, 1 it is to end, -1 nobody is there. */
static int sleep_until(int fd, int64_t at_ms)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int64_t left_ms = at_ms == INT64_MAX ? -1 : at_ms - guest_now_ms();
    char byte = 0;
    if (at_ms != INT64_MAX && left_ms < 0)
        left_ms = 0;
    if (poll(&wait, 1, (int)left_ms) <= 0)
        return 0;
    return recv(fd, &byte, 1, 0) == 1 ? 1 : -1;
}

/* Its turns, until a byte comes: 1; -1 nobody is there. */
static int go_on(struct yw_lasting *lasting, const struct yw_applet_io *io, int fd)
{
    int word = 0;
    while (word == 0)
        word = sleep_until(fd, yw_lasting_turn(lasting, io, guest_now_ms()));
    return word;
}

static void begin_in_child(struct guest *guest, const struct yw_message_run *run,
                           struct yw_lasting *lasting, struct middle **ret_middle,
                           struct yw_applet_result *result)
{
    const struct yw_applet_io io = job_io(guest);
    const char *argv[YW_CHANNEL_ARGS_MAX];
    for (uint32_t i = 0; i < run->argc; i++)
        argv[i] = run->argv[i];
    if (!yw_lasting_begin(lasting, &io, (int)run->argc - 2, argv + 2,
                          (uint64_t)guest->config.seed, guest_now_ms(), result) ||
        lasting->kind != YW_LASTING_STAND)
        return;
    *ret_middle = middle_begin(guest, lasting);
    if (*ret_middle == NULL) {
        result->code = 1;
        (void)snprintf(result->output, sizeof(result->output),
                       "{\"error\":\"the two ends are not on a network of ours\"}");
    }
}

_Noreturn static void run_child(struct guest *guest, const struct yw_message_run *run,
                                int fd)
{
    const struct yw_applet_io io = job_io(guest);
    struct yw_lasting lasting;
    struct yw_applet_result result;
    struct middle *middle = NULL;
    begin_in_child(guest, run, &lasting, &middle, &result);
    put_result(fd, &result);
    if (result.code != 0)
        _exit(0);
    int word = middle != NULL ? middle_stand(middle, lasting.span_ms, fd)
                              : go_on(&lasting, &io, fd);
    if (word == 1) {
        if (middle != NULL)
            middle_end(middle, &result);
        else
            yw_lasting_end(&lasting, &io, &result);
        put_result(fd, &result);
    }
    _exit(0);
}

static struct lasting *find(struct guest *guest, const char *name)
{
    for (int i = 0; i < GUEST_LASTING_MAX; i++) {
        if (strcmp(guest->lasting[i].name, name) == 0)
            return &guest->lasting[i];
    }
    return NULL;
}

static void begin(struct guest *guest, uint32_t request, const struct yw_message_run *run)
{
    struct lasting *lasting = find(guest, "");
    int fds[2];
    if (find(guest, run->argv[1]) != NULL || lasting == NULL ||
        strlen(run->argv[1]) >= sizeof(lasting->name)) {
        request_refuse(guest, request,
                       lasting != NULL ? "already under way" : "too many");
        return;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        request_refuse(guest, request, strerror(errno));
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        (void)setsid();
        (void)close(fds[0]);
        run_child(guest, run, fds[1]);
    }
    (void)close(fds[1]);
    if (pid < 0) {
        (void)close(fds[0]);
        request_refuse(guest, request, strerror(errno));
        return;
    }
    (void)snprintf(lasting->name, sizeof(lasting->name), "%.63s", run->argv[1]);
    lasting->pid = pid;
    lasting->fd = fds[0];
    lasting->request = request;
    lasting->deadline_ms = guest_now_ms() + ANSWER_MS;
    lasting->got = 0;
}

static void drop(struct lasting *lasting)
{
    (void)kill(lasting->pid, SIGKILL);
    (void)waitpid(lasting->pid, NULL, 0);
    (void)close(lasting->fd);
    memset(lasting, 0, sizeof(*lasting));
}

static void halt(struct guest *guest, uint32_t request, const char *name)
{
    struct lasting *lasting = find(guest, name);
    if (lasting == NULL || lasting->request != 0 ||
        send(lasting->fd, "h", 1, MSG_NOSIGNAL) != 1) {
        request_refuse(guest, request, "no such program under way");
        if (lasting != NULL && lasting->request == 0)
            drop(lasting);
        return;
    }
    lasting->request = request;
    lasting->halting = true;
    lasting->deadline_ms = guest_now_ms() + ANSWER_MS;
}

bool lasting_run(struct guest *guest, uint32_t request, const struct yw_message_run *run)
{
    if (run->argc >= 3 && strcmp(run->argv[0], "background") == 0 &&
        run->argv[1][0] != '\0')
        begin(guest, request, run);
    else if (run->argc == 2 && strcmp(run->argv[0], "halt") == 0 &&
             run->argv[1][0] != '\0')
        halt(guest, request, run->argv[1]);
    else
        return false;
    return true;
}

bool lasting_underway(const struct guest *guest, uint32_t request)
{
    for (int i = 0; i < GUEST_LASTING_MAX; i++) {
        if (guest->lasting[i].pid > 0 && guest->lasting[i].request == request)
            return true;
    }
    return false;
}

void lasting_watch(struct guest *guest, struct turn *turn)
{
    for (int i = 0; i < GUEST_LASTING_MAX; i++) {
        struct lasting *lasting = &guest->lasting[i];
        if (lasting->pid == 0)
            continue;
        lasting->slot = turn_add(turn, lasting->fd, POLLIN);
        if (lasting->request != 0)
            turn_wake(turn, lasting->deadline_ms);
    }
}

/* What it said whole: its beginning, or its end. */
static void take_result(struct guest *guest, struct lasting *lasting)
{
    struct yw_applet_result *result = &lasting->result;
    result->output[sizeof(result->output) - 1] = '\0';
    agent_answer(guest, lasting->request, (uint32_t)result->code, result->output);
    lasting->request = 0;
    lasting->got = 0;
    if (lasting->halting || result->code != 0)
        drop(lasting);
}

static void act_one(struct guest *guest, struct lasting *lasting, bool readable)
{
    bool gone = false;
    if (readable) {
        ssize_t got = recv(lasting->fd, (char *)&lasting->result + lasting->got,
                           sizeof(lasting->result) - lasting->got, MSG_DONTWAIT);
        gone = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
        lasting->got += got > 0 ? (size_t)got : 0;
    }
    if (lasting->got == sizeof(lasting->result)) {
        take_result(guest, lasting);
        return;
    }
    bool late = lasting->request != 0 && guest_now_ms() >= lasting->deadline_ms;
    if (!gone && !late)
        return;
    if (lasting->request != 0)
        request_refuse(guest, lasting->request, late ? "deadline" : "program died");
    drop(lasting);
}

void lasting_act(struct guest *guest, const struct turn *turn)
{
    for (int i = 0; i < GUEST_LASTING_MAX; i++) {
        struct lasting *lasting = &guest->lasting[i];
        if (lasting->pid > 0)
            act_one(guest, lasting, turn_events(turn, lasting->slot) != 0);
    }
}

void lasting_stop(struct guest *guest)
{
    for (int i = 0; i < GUEST_LASTING_MAX; i++) {
        if (guest->lasting[i].pid > 0)
            drop(&guest->lasting[i]);
    }
}
