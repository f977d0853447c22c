#include "guest/program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define AGAIN_MS 1000
#define READS_A_TURN 16
#define STEP_US 2000

_Noreturn void program_become(int in, int out, const char *const *argv)
{
    static char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/",
                                        NULL};
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)dup2(in, 0);
    (void)dup2(out, 1);
    (void)dup2(out, 2);
    (void)syscall(SYS_close_range, 3u, ~0u, 0u);
    (void)execve(argv[0], (char *const *)(uintptr_t)argv, environment);
    _exit(127);
}

int program_file(const char *path, const char *text, size_t size, unsigned mode)
{
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    bool whole = write(fd, text, size) == (ssize_t)size;
    return close(fd) == 0 && whole ? 0 : -1;
}

/* A file without a name that holds the input: no pipe to fill while the other is read. */
static int input_of(const char *input, size_t size)
{
    int fd = (int)syscall(SYS_memfd_create, "input", 1u /* close on exec */);
    if (fd < 0)
        return -1;
    if (write(fd, input, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Its exit status; -1 late, and then it is gone. */
static int wait_for(pid_t pid, int span_ms)
{
    int64_t until_ms = guest_now_ms() + span_ms;
    int status = 0;
    pid_t done;
    while ((done = waitpid(pid, &status, WNOHANG)) == 0 && guest_now_ms() < until_ms)
        (void)usleep(STEP_US);
    if (done == pid)
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return -1;
}

/* The first line, as a sentence without quotes. */
static void read_why(int fd, char *why, size_t why_size)
{
    ssize_t got = lseek(fd, 0, SEEK_SET) == 0 ? read(fd, why, why_size - 1) : 0;
    why[got > 0 ? got : 0] = '\0';
    why[strcspn(why, "\n")] = '\0';
    for (char *at = why; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
            *at = '\'';
    }
}

int program_run(const char *const *argv, const char *input, size_t size, int span_ms,
                char *why, size_t why_size)
{
    int in = input_of(input, size);
    int out = input_of("", 0);
    int code = -1;
    if (in >= 0 && out >= 0) {
        pid_t pid = fork();
        if (pid == 0)
            program_become(in, out, argv);
        code = pid < 0 ? -1 : wait_for(pid, span_ms);
        if (why != NULL)
            read_why(out, why, why_size);
    }
    if (in >= 0)
        (void)close(in);
    if (out >= 0)
        (void)close(out);
    return code;
}

void service_init(struct service *service, const char *const *argv,
                  int (*prepare)(const struct guest *guest))
{
    *service = (struct service){.argv = argv, .prepare = prepare, .fd = -1};
}

static _Noreturn void serve(const struct service *service, const struct guest *guest,
                            int out)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)setsid();
    if (service->prepare != NULL && service->prepare(guest) != 0)
        _exit(1);
    if (service->argv == NULL)
        _exit(0);
    program_become(null, out, service->argv);
}

int service_start(struct service *service, const struct guest *guest)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        serve(service, guest, fds[1]);
    (void)close(fds[1]);
    if (pid < 0) {
        (void)close(fds[0]);
        return -1;
    }
    (void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
    service->pid = pid;
    service->fd = fds[0];
    service->size = 0;
    return 0;
}

void service_stop(struct service *service)
{
    if (service->pid > 0) {
        (void)kill(-service->pid, SIGKILL);
        (void)kill(service->pid, SIGKILL);
        (void)waitpid(service->pid, NULL, 0);
    }
    if (service->fd >= 0)
        (void)close(service->fd);
    service->pid = 0;
    service->fd = -1;
}

void service_watch(struct service *service, struct turn *turn)
{
    service->slot = service->fd < 0 ? -1 : turn_add(turn, service->fd, POLLIN);
    if (service->pid == 0 && !service->done)
        turn_wake(turn, service->again_ms);
}

static void take(struct service *service, struct guest *guest, const char *bytes,
                 size_t size, void (*on_line)(struct guest *guest, const char *line))
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n') {
            if (service->size + 1 < sizeof(service->line))
                service->line[service->size++] = bytes[i] == '\0' ? '?' : bytes[i];
            continue;
        }
        service->line[service->size] = '\0';
        service->size = 0;
        on_line(guest, service->line);
    }
}

static bool is_job(const struct guest *guest, pid_t pid)
{
    for (int i = 0; i < GUEST_JOBS_MAX; i++) {
        if (guest->jobs[i].pid == pid)
            return true;
    }
    return false;
}

static void ended(struct service *service, struct guest *guest, int status)
{
    char line[128];
    service->done =
        service->argv == NULL && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!service->done) {
        (void)snprintf(line, sizeof(line),
                       "{\"kind\":\"service-ended\",\"program\":\"%s\",\"status\":%d}",
                       service->argv != NULL ? service->argv[0] : "", status);
        agent_line(guest, line);
    }
    service_stop(service); /* and what it started */
    service->again_ms = guest_now_ms() + AGAIN_MS;
}

/* Process 1 buries everybody's orphans; a job's end is looked at by the job itself. */
static void bury(struct service *service, struct guest *guest)
{
    siginfo_t found = {0};
    int status = 0;
    while (waitid(P_ALL, 0, &found, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           found.si_pid > 0 && !is_job(guest, found.si_pid)) {
        pid_t pid = waitpid(found.si_pid, &status, 0);
        if (pid == service->pid) {
            service->pid = 0;
            ended(service, guest, status);
        }
        found.si_pid = 0;
    }
}

void service_act(struct service *service, struct guest *guest, const struct turn *turn,
                 void (*on_line)(struct guest *guest, const char *line))
{
    char bytes[512];
    for (int i = 0; turn_events(turn, service->slot) != 0 && i < READS_A_TURN; i++) {
        ssize_t got = read(service->fd, bytes, sizeof(bytes));
        if (got <= 0)
            break;
        if (on_line != NULL)
            take(service, guest, bytes, (size_t)got, on_line);
    }
    bury(service, guest);
    if (service->pid == 0 && !service->done && guest_now_ms() >= service->again_ms &&
        service_start(service, guest) != 0)
        service->again_ms = guest_now_ms() + AGAIN_MS;
}

void service_role_stop(struct guest *guest)
{
    service_stop(guest->part);
}

void service_role_watch(struct guest *guest, struct turn *turn)
{
    service_watch(guest->part, turn);
}
