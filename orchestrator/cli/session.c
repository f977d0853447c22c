#include "cli/session.h"

#include "base/folder.h"
#include "base/mem.h"
#include "codec/request/request.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_TRIES 300
#define START_PAUSE_MS 100

static void pause_ms(long ms)
{
    struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&span, NULL);
}

static int read_api(struct yw_session *session, const char *data_dir)
{
    char *path = yw_strf("%s/api.json", data_dir);
    FILE *file = fopen(path, "re");
    free(path);
    if (file == NULL) {
        return YW_ENOTFOUND;
    }
    char text[1024];
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    char pid[32] = "";
    int code = yw_json_get(text, size, "/pid", pid, sizeof pid);
    if (code == 0 && kill((pid_t)strtol(pid, NULL, 10), 0) != 0) {
        return YW_ENOTFOUND; /* left by a daemon that is gone; its port may be another's now */
    }
    session->serving = strtol(pid, NULL, 10);
    code = yw_json_get(text, size, "/url", session->url, sizeof session->url);
    return code == 0 ? yw_json_get(text, size, "/control", session->token,
                                   sizeof session->token)
                     : code;
}

/* Does the daemon named in api.json answer? */
static bool answers(struct yw_session *session, const struct yw_cli *cli)
{
    char *body = NULL;
    if (read_api(session, cli->data_dir) != 0 ||
        yw_client_open(&session->client, session->url, session->token, NULL) != 0) {
        return false;
    }
    int code = yw_client_call(session->client, "GET", "/api/v1/status", NULL, NULL, NULL,
                              &body, NULL);
    free(body);
    if (code != 0) {
        yw_client_close(session->client);
        session->client = NULL;
    }
    return code == 0;
}

static pid_t start_daemon(const struct yw_cli *cli, int port)
{
    char *log = yw_strf("%s/daemon.log", cli->data_dir);
    (void)yw_folder_make(cli->data_dir, 0755, NULL);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
    free(log);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        char *data = yw_strf("--data=%s", cli->data_dir);
        char *connect = yw_strf("--connect=%s", cli->connect);
        char *argv[7] = {yw_strdup(cli->program), yw_strdup("serve"), data};
        size_t argc = 3;
        if (cli->connect[0] != '\0') {
            argv[argc++] = connect;
        }
        if (port > 0) {
            argv[argc++] = yw_strdup("--port");
            argv[argc++] = yw_strf("%d", port);
        }
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        (void)setsid();
        (void)setenv("YW_LANG", "en",
                     1); /* a log; who reads an error from it says it anew */
        (void)dup2(null, 0);
        (void)dup2(fd >= 0 ? fd : null, 1);
        (void)dup2(fd >= 0 ? fd : null, 2);
        execv(argv[0], argv);
        _exit(127);
    }
    if (fd >= 0) {
        close(fd);
    }
    return pid;
}

/* Why it ended is the last line that it wrote. */
static int ended_at_once(const struct yw_cli *cli, int status, struct yw_err *err)
{
    static const char name[] = "yanwu: ";
    char line[YW_ERR_TEXT_MAX] = "";
    char *path = yw_strf("%s/daemon.log", cli->data_dir);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
    }
    if (file != NULL) {
        fclose(file);
    }
    int code = WIFEXITED(status) && WEXITSTATUS(status) == 2 ? YW_EINVAL : YW_EIO;
    code = strncmp(line, name, strlen(name)) == 0
               ? yw_err_set(err, code, "%s", line + strlen(name))
               : yw_err_set(err, code, "the daemon ended at once; see %s", path);
    free(path);
    return code;
}

int yw_session_open(struct yw_session *session, const struct yw_cli *cli, bool may_start,
                    struct yw_err *err)
{
    memset(session, 0, sizeof *session);
    if (answers(session, cli)) {
        return 0;
    }
    char *api = yw_strf("%s/api.json", cli->data_dir);
    bool closed = access(api, R_OK) != 0 && errno == EACCES;
    int code = closed
                   ? yw_err_set(err, YW_EDENIED,
                                "%s: Permission denied; only root and the daemon's user "
                                "may ask it",
                                api)
                   : 0;
    free(api);
    if (closed) {
        return code;
    }
    if (!may_start) {
        return yw_err_set(err, YW_ENOTFOUND,
                          "no daemon serves %s; start one with 'yanwu serve'",
                          cli->data_dir);
    }
    session->daemon = start_daemon(cli, 0);
    session->owns = true;
    for (int i = 0; i < START_TRIES; i++) {
        int status = 0;
        if (waitpid(session->daemon, &status, WNOHANG) == session->daemon) {
            session->daemon = 0;
            return ended_at_once(cli, status, err);
        }
        if (answers(session, cli)) {
            return 0;
        }
        pause_ms(START_PAUSE_MS);
    }
    yw_session_close(session);
    return yw_err_set(err, YW_ETIMEOUT, "the daemon does not answer; see %s/daemon.log",
                      cli->data_dir);
}

/* The session's own daemon is its child: until it is reaped, its process id looks alive. */
static void reap(struct yw_session *session)
{
    int status = 0;
    if (session->daemon > 0 &&
        waitpid(session->daemon, &status, WNOHANG) == session->daemon) {
        session->daemon = 0;
    }
}

bool yw_session_lost(struct yw_session *session, const struct yw_cli *cli)
{
    struct yw_session now = {0};
    reap(session);
    bool there = answers(&now, cli) && now.serving == session->serving;
    yw_client_close(now.client);
    return !there;
}

int yw_session_again(struct yw_session *session, const struct yw_cli *cli,
                     struct yw_err *err)
{
    struct yw_session now = {0};
    reap(session);
    if (session->owns && session->daemon == 0) {
        const char *port = strrchr(session->url, ':');
        /* the old port may be taken by now: every other time any will do */
        bool same = session->restarts++ % 2 == 0 && port != NULL;
        session->daemon = start_daemon(cli, same ? (int)strtol(port + 1, NULL, 10) : 0);
    }
    if (!answers(&now, cli)) {
        return yw_err_set(err, YW_EIO, "the daemon does not answer; see %s/daemon.log",
                          cli->data_dir);
    }
    yw_client_close(session->client);
    session->client = now.client;
    session->serving = now.serving;
    session->restarts = 0;
    YW_COPY(session->url, now.url);
    YW_COPY(session->token, now.token);
    return 0;
}

void yw_session_keep(struct yw_session *session)
{
    session->daemon = 0;
    session->owns = false;
}

void yw_session_close(struct yw_session *session)
{
    yw_client_close(session->client);
    session->client = NULL;
    if (session->daemon > 0) {
        int status = 0;
        (void)kill(session->daemon, SIGTERM);
        for (int i = 0; i < START_TRIES; i++) {
            if (waitpid(session->daemon, &status, WNOHANG) == session->daemon) {
                session->daemon = 0;
                return;
            }
            pause_ms(START_PAUSE_MS);
        }
        (void)kill(session->daemon, SIGKILL);
        (void)waitpid(session->daemon, &status, 0);
        session->daemon = 0;
    }
}
