#include "guest/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOB_DEADLINE_MAX_MS                                                              \
    (60 * 60 * 1000) /* what counts drill time waits out a pause */

static void interfaces(void *arg, char *ret, size_t ret_size)
{
    const struct guest *guest = arg;
    nic_list(guest->nics, ret, ret_size);
}

/* The file is looked at no oftener than YW_PACE_LOOK_MS: frames are counted by it. */
const struct yw_pace *job_pace(void *arg)
{
    struct guest *guest = arg;
    int64_t now_ms = guest_now_ms();
    char text[16];
    uint32_t permille = 0;
    if (guest->pace_looked_ms == 0)
        yw_pace_init(&guest->pace, now_ms);
    else if (now_ms - guest->pace_looked_ms < YW_PACE_LOOK_MS)
        return &guest->pace;
    guest->pace_looked_ms = now_ms;
    int fd = open(YW_CHANNEL_PACE_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text));
    if (fd >= 0)
        (void)close(fd);
    if (got > 0 && yw_pace_read(text, (size_t)got, &permille) &&
        permille != guest->pace.permille)
        yw_pace_set(&guest->pace, permille, now_ms);
    return &guest->pace;
}

struct yw_applet_io job_io(struct guest *guest)
{
    return (struct yw_applet_io){
        .transact = dial_transact,
        .sweep = dial_sweep,
        .reach = dial_reach,
        .interfaces = interfaces,
        .setting = guest_setting,
        .probe = probe_run,
        .open = dial_open,
        .send = dial_send,
        .receive = dial_receive,
        .close = dial_close,
        .now = dial_now,
        .pace = job_pace,
        .arg = guest,
    };
}

/* In the child: one applet, its result through the pipe, the end. */
_Noreturn static void run_child(struct guest *guest, const struct yw_message_run *run,
                                int fd)
{
    const struct yw_applet_io io = job_io(guest);
    const char *argv[YW_CHANNEL_ARGS_MAX];
    struct yw_applet_result result;
    for (uint32_t i = 0; i < run->argc; i++)
        argv[i] = run->argv[i];
    memset(&result, 0, sizeof(result));
    yw_applet_run(&io, (int)run->argc, argv, &result);
    if (guest->full && result.code == YW_APPLET_NO_PROGRAM)
        full_run((int)run->argc, argv, &result);
    const char *at = (const char *)&result;
    size_t left = sizeof(result);
    while (left > 0) {
        ssize_t done = write(fd, at, left);
        if (done <= 0)
            break;
        at += done;
        left -= (size_t)done;
    }
    _exit(0);
}

bool job_underway(const struct guest *guest, uint32_t request)
{
    for (int i = 0; i < GUEST_JOBS_MAX; i++) {
        if (guest->jobs[i].pid > 0 && guest->jobs[i].request == request)
            return true;
    }
    return false;
}

static struct job *free_job(struct guest *guest)
{
    for (int i = 0; i < GUEST_JOBS_MAX; i++) {
        if (guest->jobs[i].pid == 0)
            return &guest->jobs[i];
    }
    return NULL;
}

bool job_start(struct guest *guest, uint32_t request, const struct yw_message_run *run)
{
    struct job *job = free_job(guest);
    int fds[2];
    if (job == NULL || pipe2(fds, O_CLOEXEC) != 0)
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        (void)setsid();
        (void)close(fds[0]);
        run_child(guest, run, fds[1]);
    }
    (void)close(fds[1]);
    if (pid < 0) {
        (void)close(fds[0]);
        return false;
    }
    uint32_t span_ms = run->deadline_ms;
    if (span_ms == 0 || span_ms > JOB_DEADLINE_MAX_MS)
        span_ms = JOB_DEADLINE_MAX_MS;
    (void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
    job->pid = pid;
    job->request = request;
    job->fd = fds[0];
    job->slot = -1;
    job->deadline_ms = guest_now_ms() + span_ms;
    job->got = 0;
    return true;
}

void job_watch(struct guest *guest, struct turn *turn)
{
    for (int i = 0; i < GUEST_JOBS_MAX; i++) {
        struct job *job = &guest->jobs[i];
        if (job->pid == 0)
            continue;
        job->slot = turn_add(turn, job->fd, POLLIN);
        turn_wake(turn, job->deadline_ms);
    }
}

static void answer(struct guest *guest, const struct job *job, int code,
                   const char *output)
{
    if (job->request == GUEST_CONSOLE_REQUEST)
        yw_prompt_answer(&guest->console.prompt, code, output);
    else
        agent_answer(guest, job->request, (uint32_t)code, output);
}

static void finish(struct guest *guest, struct job *job, bool late)
{
    bool whole = job->got == sizeof(job->result);
    (void)kill(job->pid, SIGKILL);
    (void)kill(-job->pid, SIGKILL); /* and what it started */
    (void)waitpid(job->pid, NULL, 0);
    (void)close(job->fd);
    job->pid = 0;
    if (whole) {
        job->result.output[sizeof(job->result.output) - 1] = '\0';
        job->result.line[sizeof(job->result.line) - 1] = '\0';
        if (job->result.line[0] != '\0')
            agent_line(guest, job->result.line);
        answer(guest, job, job->result.code, job->result.output);
    } else if (late) {
        answer(guest, job, YW_APPLET_LATE, "{\"error\":\"deadline\"}");
    } else {
        answer(guest, job, 1, "{\"error\":\"program died\"}");
    }
}

void job_act(struct guest *guest, const struct turn *turn)
{
    for (int i = 0; i < GUEST_JOBS_MAX; i++) {
        struct job *job = &guest->jobs[i];
        if (job->pid == 0)
            continue;
        bool ended = false;
        if (turn_events(turn, job->slot) != 0) {
            size_t room = sizeof(job->result) - job->got;
            ssize_t got = read(job->fd, (char *)&job->result + job->got, room);
            if (got > 0)
                job->got += (size_t)got;
            else
                ended = got == 0 || (errno != EAGAIN && errno != EINTR);
        }
        bool late = guest_now_ms() >= job->deadline_ms;
        if (ended || late || job->got == sizeof(job->result))
            finish(guest, job, late);
    }
}
