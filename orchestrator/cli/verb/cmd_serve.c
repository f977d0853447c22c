/* The daemon: one loop, one conductor, one door; started as root, under a keeper. */
#include "cli/cli.h"

#include "base/folder.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/hosts.h"
#include "cli/keeper.h"
#include "cli/settings.h"
#include "cli/technique.h"
#include "cli/user.h"
#include "drill/conductor.h"
#include "loop/loop.h"
#include "net/net.h"
#include "script/script.h"
#include "store/journal.h"
#include "virt/virt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES 50
#define LOCK_PAUSE_MS 20

struct daemon {
    struct yw_cli *cli;
    struct yw_settings settings;
    struct yw_user user;
    struct yw_keeper_link *link; /* NULL: not started as root */
    struct yw_hosts_file *hosts; /* NULL: this machine alone */
    struct yw_loop *loop;
    struct yw_virt *virt;
    struct yw_virt_world *world;
    struct yw_conductor *conductor;
    struct yw_net *net;
    int lock_fd;
    int code; /* of a start that failed while the loop ran */
    struct yw_err why;
};

static int open_journal(void *arg, const char *drill, struct yw_journal **ret,
                        struct yw_err *err)
{
    const struct daemon *daemon = arg;
    char report[256] = "";
    char *dir = yw_strf("%s/drills/%s", daemon->cli->data_dir, drill);
    char *path = yw_strf("%s/journal.db", dir);
    (void)mkdir(dir, 0750);
    int code = yw_journal_open(ret, NULL, path, report, err);
    if (report[0] != '\0') {
        yw_warn("store", "%s: %s", drill, report);
    }
    free(path);
    free(dir);
    return code;
}

static int fork_journal(void *arg, struct yw_journal *from, const char *drill,
                        int64_t seq, struct yw_journal **ret, struct yw_err *err)
{
    const struct daemon *daemon = arg;
    char *dir = yw_strf("%s/drills/.fork-%s", daemon->cli->data_dir, drill);
    char *path = yw_strf("%s/journal.db", dir);
    (void)mkdir(dir, 0750);
    int code = yw_journal_fork(from, path, seq, err);
    if (code == 0) {
        code = yw_journal_open(ret, NULL, path, NULL, err);
    }
    free(path);
    free(dir);
    return code;
}

static void on_stop(void *arg)
{
    struct daemon *daemon = arg;
    yw_info("cli", "stopping; machines stay as they are");
    yw_loop_stop(daemon->loop);
}

static int open_virt(struct daemon *daemon, struct yw_err *err)
{
    const struct yw_cli *cli = daemon->cli;
    if (strncmp(cli->connect, "fake:", 5) == 0) {
        struct yw_virt_fake_config fake = {.clock = yw_loop_clock(daemon->loop),
                                           .due = yw_loop_due(daemon->loop),
                                           .seed = 1,
                                           .up_ms = 200,
                                           .setup_ms = 50,
                                           .run_ms = 20,
                                           .link_ms = 20,
                                           .scan_ms = 100};
        YW_COPY(fake.data_dir, cli->data_dir);
        daemon->world = yw_virt_world_new();
        return yw_virt_open_fake_on(&daemon->virt, daemon->world, &fake, err);
    }
    if (cli->connect[0] != '\0' && strncmp(cli->connect, "qemu", 4) != 0 &&
        strncmp(cli->connect, "test:", 5) != 0) {
        return yw_err_set(err, YW_EINVAL,
                          "--connect '%s': qemu:///embed, qemu:///system, qemu+ssh://…, "
                          "qemu+tls://… or fake: is needed",
                          cli->connect);
    }
    if (daemon->hosts != NULL) {
        return yw_cli_hosts_open(&daemon->virt, daemon->loop, daemon->hosts, cli,
                                 daemon->settings.boots_at_once, daemon->link, err);
    }
    struct yw_virt_broker_config config = {.boots_at_once =
                                               daemon->settings.boots_at_once};
    YW_COPY(config.uri, cli->connect);
    YW_COPY(config.data_dir, cli->data_dir);
    YW_COPY(config.images_dir, cli->images_dir);
    YW_COPY(config.program, cli->program);
    if (daemon->link != NULL) {
        config.spawn = yw_keeper_spawn;
        config.spawn_arg = daemon->link;
    }
    return yw_virt_open_broker(&daemon->virt, daemon->loop, &config, err);
}

static void on_recovered(void *owner, int code, const struct yw_err *err);

static int open_conductor(struct daemon *daemon, struct yw_err *err)
{
    const struct yw_cli *cli = daemon->cli;
    struct yw_stage stage = {.clock = yw_loop_clock(daemon->loop),
                             .due = yw_loop_due(daemon->loop),
                             .loop = daemon->loop,
                             .virt = daemon->virt,
                             .open_journal = open_journal,
                             .fork_journal = fork_journal,
                             .journal_arg = daemon,
                             .disk_floor_mib = daemon->settings.disk_floor,
                             .console_idle_ms = daemon->settings.console_idle * 60000LL};
    YW_COPY(stage.data_dir, cli->data_dir);
    YW_COPY(stage.program, cli->program);
    YW_COPY(stage.library_dir, cli->library_dir);
    YW_COPY(stage.connect, cli->connect[0] != '\0' ? cli->connect : "qemu:///embed");
    int code = yw_conductor_open(&daemon->conductor, &stage, err);
    return code == 0 ? yw_conductor_recover(daemon->conductor, on_recovered, daemon, err)
                     : code;
}

static int open_net(struct daemon *daemon, struct yw_err *err)
{
    const struct yw_settings *settings = &daemon->settings;
    struct yw_net_config config = {.port = settings->port,
                                   .insecure_plain = settings->insecure_plain};
    YW_COPY(config.address, settings->listen);
    YW_COPY(config.tls_cert, settings->tls_cert);
    YW_COPY(config.tls_key, settings->tls_key);
    YW_COPY(config.origins, settings->origins);
    YW_COPY(config.board_dir, daemon->cli->board_dir);
    YW_COPY(config.data_dir, daemon->cli->data_dir);
    yw_cli_techniques_path(daemon->cli, config.techniques);
    if (daemon->link != NULL) {
        config.keeper_pid = (int)daemon->link->keeper;
    }
    int code = yw_net_open(&daemon->net, daemon->loop, daemon->conductor, &config, err);
    if (code != 0 && settings->port_by_default) {
        /* another daemon has the usual port: this one was not told to insist on it */
        yw_info("cli", "port %d is taken; taking a free one", config.port);
        config.port = 0;
        code = yw_net_open(&daemon->net, daemon->loop, daemon->conductor, &config, err);
    }
    if (code == 0) {
        yw_conductor_set_port(daemon->conductor, yw_net_port(daemon->net));
    }
    return code;
}

/* A daemon that was killed a moment ago may not be quite gone. */
static int take_lock(struct daemon *daemon, struct yw_err *err)
{
    struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
    int code = yw_store_lock(daemon->cli->data_dir, &daemon->lock_fd, err);
    for (int i = 0; code == YW_EEXIST && i < LOCK_TRIES; i++) {
        (void)nanosleep(&pause, NULL);
        code = yw_store_lock(daemon->cli->data_dir, &daemon->lock_fd, err);
    }
    return code;
}

static int open_all(struct daemon *daemon, struct yw_err *err)
{
    char *drills = yw_strf("%s/drills", daemon->cli->data_dir);
    (void)yw_folder_make(daemon->cli->data_dir, 0755, NULL);
    (void)mkdir(drills, 0750);
    free(drills);
    int code = take_lock(daemon, err);
    if (code == 0) {
        code = yw_loop_open(&daemon->loop, err);
    }
    if (code == 0) {
        code = yw_loop_on_signal(daemon->loop, SIGTERM, on_stop, daemon, err);
    }
    if (code == 0) {
        code = yw_loop_on_signal(daemon->loop, SIGINT, on_stop, daemon, err);
    }
    if (code == 0) {
        code = open_virt(daemon, err);
    }
    return code == 0 ? open_conductor(daemon, err) : code;
}

static void close_all(struct daemon *daemon)
{
    yw_net_close(daemon->net);
    yw_conductor_close(daemon->conductor);
    yw_virt_close(daemon->virt);
    yw_virt_world_free(daemon->world);
    yw_loop_close(daemon->loop);
    if (daemon->lock_fd >= 0) {
        close(daemon->lock_fd);
    }
}

static void announce(const struct daemon *daemon)
{
    const char *host = daemon->settings.listen;
    int port = yw_net_port(daemon->net);
    if (daemon->cli->json) {
        printf("{\"data\":\"%s\",\"pid\":%d,\"url\":\"http://%s:%d/\"}\n",
               daemon->cli->data_dir, (int)getpid(), host, port);
    } else {
        printf(
            "%s http://%s:%d/\n",
            yw_cli_text(daemon->cli, "演武已就绪，态势大屏：", "Yanwu is ready, board:"),
            host, port);
    }
    fflush(stdout);
}

/* All drills are back: now it serves. */
static void on_recovered(void *owner, int code, const struct yw_err *err)
{
    struct daemon *daemon = owner;
    daemon->why = *err;
    if (code == 0) {
        code = open_net(daemon, &daemon->why);
    }
    if (code == 0 && daemon->link != NULL) {
        code = yw_keeper_ready(daemon->link, yw_net_port(daemon->net), &daemon->why);
    }
    daemon->code = code;
    if (code != 0) {
        yw_loop_stop(daemon->loop);
    } else if (daemon->link == NULL || daemon->link->port == 0) {
        announce(daemon);
    }
}

static int serve(struct daemon *daemon)
{
    yw_log_setup("core", daemon->settings.log_level, daemon->settings.log_json, 2);
    int code = open_all(daemon, &daemon->why);
    if (code == 0) {
        code = yw_loop_run(daemon->loop);
    }
    code = code == 0 ? daemon->code : code;
    int status = code == 0 ? 0 : yw_cli_fail(daemon->cli, &daemon->why);
    close_all(daemon);
    return status;
}

/* ---- started as root ---- */

/* A place that everybody may read, in a folder that is closed to the user (a checkout
 * under /root), is read by the descriptor that root opened. */
static void keep_reach(char place[256], int fd)
{
    if (fd >= 0 && access(place, R_OK | X_OK) != 0) {
        (void)snprintf(place, 256, "/proc/self/fd/%d", fd);
    }
}

static int become_user(struct daemon *daemon, struct yw_err *err)
{
    struct yw_cli *cli = daemon->cli;
    struct yw_settings *settings = &daemon->settings;
    const char *const needed[] = {cli->data_dir, settings->tls_cert, settings->tls_key};
    int board = open(cli->board_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int library = open(cli->library_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int scenarios = open(cli->scenarios_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int code = yw_user_become(&daemon->user, settings->port, err);
    if (code == 0) {
        code = yw_keeper_follow(daemon->link, err);
    }
    keep_reach(cli->board_dir, board);
    keep_reach(cli->library_dir, library);
    keep_reach(cli->scenarios_dir, scenarios);
    if (access(cli->program, X_OK) != 0) {
        YW_COPY(cli->program, "/proc/self/exe"); /* for script hosts */
    }
    for (size_t i = 0; code == 0 && i < sizeof needed / sizeof needed[0]; i++) {
        if (needed[i][0] != '\0' && access(needed[i], R_OK) != 0) {
            code = yw_err_set(
                err, YW_EDENIED,
                "%s: user %s cannot reach it; move it, or name another with --user",
                needed[i], daemon->user.name);
        }
    }
    return code;
}

static int run_core(void *arg, struct yw_keeper_link *link)
{
    struct daemon *daemon = arg;
    struct yw_settings *settings = &daemon->settings;
    struct yw_err err = {0};
    daemon->link = link;
    if (become_user(daemon, &err) != 0) {
        return yw_cli_fail(daemon->cli, &err);
    }
    if (link->port != 0) { /* open pages look for it where it was */
        settings->port_by_default = settings->port_by_default || settings->port == 0;
        settings->port = link->port;
    }
    return serve(daemon);
}

/* The broker is not the core's child, so what it lacks is said here. */
static int look_at_host(const struct yw_cli *cli, struct yw_err *err)
{
    struct yw_virt_broker_config config = {0};
    YW_COPY(config.uri, cli->connect);
    YW_COPY(config.images_dir, cli->images_dir);
    return yw_virt_check_host(&config, err);
}

static int keep(struct daemon *daemon)
{
    struct yw_cli *cli = daemon->cli;
    bool fake = strncmp(cli->connect, "fake:", 5) == 0;
    struct yw_hosts_file *one = yw_new(sizeof *one);
    struct yw_err err = {0};
    int status = 1;
    one->count = 1;
    YW_COPY(one->hosts[0].uri, cli->connect);
    YW_COPY(one->hosts[0].data, cli->data_dir);
    yw_log_setup("keeper", daemon->settings.log_level, daemon->settings.log_json, 2);
    char ***brokers = yw_cli_hosts_commands(daemon->hosts != NULL ? daemon->hosts : one,
                                            cli, daemon->settings.boots_at_once);
    struct yw_keeper keeper = {.brokers = fake ? NULL : (char *const *const *)brokers,
                               .core = run_core,
                               .arg = daemon};
    int code = fake ? 0 : look_at_host(cli, &err);
    if (code == 0) {
        code = yw_user_find(&daemon->user, daemon->settings.user, &err);
    }
    if (code == 0) {
        code = yw_user_own(&daemon->user, cli->data_dir, &err);
    }
    if (code == 0) {
        status = yw_keeper_run(&keeper, &err);
        code = err.code;
    }
    yw_cli_hosts_free_commands(brokers);
    free(one);
    return code == 0 ? status : yw_cli_fail(cli, &err);
}

int yw_cmd_serve(struct yw_cli *cli, int argc, char **argv)
{
    struct daemon daemon = {.cli = cli, .lock_fd = -1};
    struct yw_err err = {0};
    int code = yw_settings_read(&daemon.settings, argc, argv, &err);
    if (code != 0) {
        return yw_cli_fail(cli, &err);
    }
    code = yw_cli_hosts_read(&daemon.hosts, cli, daemon.settings.hosts, &err);
    if (code != 0) {
        return yw_cli_fail(cli, &err);
    }
    int status = geteuid() == 0 ? keep(&daemon) : serve(&daemon);
    free(daemon.hosts);
    return status;
}

int yw_cmd_broker(struct yw_cli *cli, int argc, char **argv)
{
    (void)cli;
    yw_log_setup("virt-broker", YW_LOG_INFO, false, 2);
    return yw_broker_run(argc, argv);
}

int yw_cmd_script_host(struct yw_cli *cli, int argc, char **argv)
{
    (void)cli;
    (void)argc;
    (void)argv;
    return yw_script_host_main(3);
}
