/* A machine's serial console in the terminal. ^] leaves it. */
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/session.h"

#include "base/mem.h"
#include "codec/request/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define USAGE "console DRILL [TEAM/]MACHINE [--view] [--take]"
#define ESCAPE 0x1d /* ^], as telnet has it */

struct screen {
    const struct yw_cli *cli;
    bool raw;
    struct termios before;
};

static void on_bytes(void *owner, const void *bytes, size_t size)
{
    (void)owner;
    for (size_t done = 0; done < size;) {
        ssize_t put = write(STDOUT_FILENO, (const char *)bytes + done, size - done);
        if (put < 0 && errno != EINTR && errno != EAGAIN) {
            return;
        }
        done += put > 0 ? (size_t)put : 0;
    }
}

static void on_text(void *owner, const char *text, size_t size)
{
    const struct screen *screen = owner;
    const char *end = screen->raw ? "\r\n" : "\n";
    char type[16] = "", mode[8] = "", typist[96] = "", why[128] = "";
    (void)yw_json_get(text, size, "/type", type, sizeof type);
    (void)yw_json_get(text, size, "/mode", mode, sizeof mode);
    (void)yw_json_get(text, size, "/typist", typist, sizeof typist);
    (void)yw_json_get(text, size, "/why", why, sizeof why);
    if (strcmp(type, "refused") == 0) {
        fprintf(stderr, "[%s]%s", why, end);
    } else if (strcmp(mode, "type") == 0) {
        fprintf(stderr, "[%s]%s",
                yw_cli_text(screen->cli, "可以输入；Ctrl-] 离开", "you type; ^] leaves"),
                end);
    } else {
        fprintf(stderr, "[%s%s%s]%s",
                yw_cli_text(screen->cli, "只看；Ctrl-] 离开", "view only; ^] leaves"),
                typist[0] != '\0' ? yw_cli_text(screen->cli, "；正在输入：", "; typing: ")
                                  : "",
                typist, end);
    }
}

static long on_keys(void *owner, const char *bytes, size_t size)
{
    const struct screen *screen = owner;
    const char *escape = screen->raw ? memchr(bytes, ESCAPE, size) : NULL;
    return escape != NULL ? -1 : (long)size;
}

static void make_raw(struct screen *screen)
{
    struct termios mode;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &screen->before) != 0) {
        return;
    }
    mode = screen->before;
    cfmakeraw(&mode);
    screen->raw = tcsetattr(STDIN_FILENO, TCSANOW, &mode) == 0;
}

/* "/api/v1/drills/D/machines/M/console?form=serial[&team=T]", *new*. */
static char *path_of(const char *drill, const char *name, struct yw_err *err)
{
    const char *slash = strchr(name, '/');
    char *team = yw_strf("%.*s", slash != NULL ? (int)(slash - name) : 0, name);
    const char *machine = slash != NULL ? slash + 1 : name;
    char *path = NULL;
    if (!yw_name_valid(drill) || !yw_name_valid(machine) ||
        (slash != NULL && !yw_name_valid(team))) {
        (void)yw_err_set(err, YW_EINVAL,
                         "drill '%s', machine '%s': expected names of a-z, 0-9 and -: "
                         "usage: yanwu %s",
                         drill, name, USAGE);
    } else {
        path = yw_strf("/api/v1/drills/%s/machines/%s/console?form=serial%s%s", drill,
                       machine, slash != NULL ? "&team=" : "", team);
    }
    free(team);
    return path;
}

int yw_cmd_console(struct yw_cli *cli, int argc, char **argv)
{
    struct screen screen = {.cli = cli};
    struct yw_client_console console = {.in_fd = STDIN_FILENO,
                                        .on_bytes = on_bytes,
                                        .on_text = on_text,
                                        .on_keys = on_keys,
                                        .owner = &screen};
    const struct yw_option options[] = {{.name = "--view", .flag = &console.view},
                                        {.name = "--take", .flag = &console.take}};
    struct yw_session session = {0};
    struct yw_words words;
    struct yw_err err = {0};
    char *path = NULL;
    int code = yw_options_read(options, 2, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 2, 2, USAGE, &err);
    }
    if (code == 0) {
        path = path_of(words.items[0], words.items[1], &err);
        code = path == NULL ? YW_EINVAL : yw_session_open(&session, cli, false, &err);
    }
    if (code == 0) {
        console.path = path;
        make_raw(&screen);
        code = yw_client_console(session.client, &console, &err);
    }
    if (screen.raw) {
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &screen.before);
        fputs("\n", stderr);
    }
    yw_session_close(&session);
    free(path);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
