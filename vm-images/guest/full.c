#include "guest/guest.h"

#include "controller/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOT "/root"
#define DISK_WAIT_MS 10000
#define DISK_STEP_US 10000
#define CONFIGURED "/usr/lib/yanwu/configured"
#define STARTED "/usr/lib/yanwu/started"
#define ROLE "/etc/yanwu/" YW_CONF_FILE

static void say(const char *what)
{
    (void)fprintf(stderr, "yanwu-guest: %s: %s\n", what, strerror(errno));
}

static bool disk_came(const char *disk)
{
    struct stat found;
    int64_t until_ms = guest_now_ms() + DISK_WAIT_MS;

    while (stat(disk, &found) != 0) {
        if (guest_now_ms() >= until_ms)
            return false;
        (void)usleep(DISK_STEP_US);
    }
    return true;
}

void full_hand_over(const char *disk)
{
    static const char *const moved[] = {"/dev", "/proc", "/sys"};
    char *const argv[] = {"/sbin/init", NULL};
    char *const environment[] = {"TERM=linux", NULL};

    (void)mkdir(ROOT, 0700);
    if (!disk_came(disk) || mount(disk, ROOT, "ext4", MS_NOATIME, NULL) != 0) {
        say(disk);
        return;
    }
    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        char place[32];
        (void)snprintf(place, sizeof(place), ROOT "%s", moved[i]);
        if (mount(moved[i], place, NULL, MS_MOVE, NULL) != 0)
            say(place);
    }
    (void)unlink("/init"); /* the first file system stays in memory for ever */
    if (chdir(ROOT) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 ||
        chroot(".") != 0 || chdir("/") != 0) {
        say(ROOT);
        return;
    }
    (void)execve(argv[0], argv, environment);
    say(argv[0]);
}

/* Whatever a program says becomes text that the channel can carry. */
static void make_text(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
        if (*at >= 0x80 || (*at < 0x20 && *at != '\n' && *at != '\t'))
            *at = '?';
    }
}

static void read_output(int fd, struct yw_applet_result *ret)
{
    char waste[512];
    size_t size = 0;
    ssize_t got = 0;

    while (size < sizeof(ret->output) - 1 &&
           (got = read(fd, ret->output + size, sizeof(ret->output) - 1 - size)) > 0)
        size += (size_t)got;
    ret->output[size] = '\0';
    while (got > 0) /* or a program with much to say would wait for ever */
        got = read(fd, waste, sizeof(waste));
    make_text(ret->output);
}

static _Noreturn void become(int fd, int argc, const char *const *argv)
{
    char *words[YW_CHANNEL_ARGS_MAX + 1] = {NULL};
    int null = open("/dev/null", O_RDONLY);

    for (int i = 0; i < argc; i++)
        words[i] = (char *)(uintptr_t)argv[i];
    (void)dup2(null, 0);
    (void)dup2(fd, 1);
    (void)dup2(fd, 2);
    (void)syscall(SYS_close_range, 3u, ~0u, 0u);
    (void)execvp(words[0], words);
    _exit(YW_APPLET_NO_PROGRAM);
}

void full_run(int argc, const char *const *argv, struct yw_applet_result *ret)
{
    int fds[2];
    int status = 0;

    memset(ret, 0, sizeof(*ret));
    ret->code = 1;
    if (pipe2(fds, O_CLOEXEC) != 0)
        return;
    pid_t pid = fork();
    if (pid == 0)
        become(fds[1], argc, argv);
    (void)close(fds[1]);
    if (pid > 0) {
        read_output(fds[0], ret);
        if (waitpid(pid, &status, 0) == pid)
            ret->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    (void)close(fds[0]);
}

/* A program of the disk's that goes on by itself. */
static void leave(char *const argv[])
{
    pid_t pid = fork();
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    if (pid != 0)
        return;
    if (fork() != 0)
        _exit(0); /* the grandchild is the init's */
    (void)setsid();
    (void)syscall(SYS_close_range, 3u, ~0u, 0u);
    (void)execv(argv[0], argv);
    _exit(1);
}

void full_configured(const struct yw_message_configure *config)
{
    char seed[24], program[] = CONFIGURED;

    (void)snprintf(seed, sizeof(seed), "%llx", (unsigned long long)config->seed);
    char *const argv[] = {program, (char *)(uintptr_t)config->host, seed, NULL};
    leave(argv);
}

void full_started(const char *role, size_t size)
{
    char program[] = STARTED;
    int fd = open(ROLE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || write(fd, role, size) != (ssize_t)size)
        say(ROLE);
    if (fd >= 0)
        (void)close(fd);
    char *const argv[] = {program, NULL};
    leave(argv);
}
