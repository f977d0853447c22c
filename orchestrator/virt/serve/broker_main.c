/* The broker process. Two of them: the outer one adopts and reaps the machines' processes
 * (a machine ends only when its process is reaped, and the init of a container may be
 * slow), the inner one runs libvirt. The inner dies with the outer, and both end with the
 * socket. One that was started from another host speaks on its standard input and output,
 * fetches the machine images first, and ends when that host falls silent. */
#include "virt/serve/broker_serve.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "virt/console.h"
#include "virt/far/far_daemon.h"
#include "virt/machine/leftover.h"
#include "virt/machine/settle.h"
#include "virt/serve/image_take.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MACHINES_MAX YW_VIRT_LIST_MAX
#define GOLDENS_MAX 256   /* kinds of machines */
#define COPIES_PER_BOOT 2 /* more at once only wait for each other */
#define CLOSE_S 20        /* a worker held by libvirt must not keep the process */
#define CONTROL_FD 3
#define SILENCE_MS 12000 /* of a core on another host, which asks every second */

void yw_serve_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct yw_serve *serve = owner;
    struct yw_buf message;

    yw_buf_init(&message, YW_BROKER_MESSAGE_MAX);
    yw_broker_pack_notice(&message, notice);
    (void)yw_stream_send(serve->stream, message.data, message.size, NULL);
    yw_buf_fini(&message);
}

static void on_message(void *owner, const void *bytes, size_t size)
{
    struct yw_serve *serve = owner;
    double values[YW_VIRT_FIELD_MAX];
    char uuid[YW_UUID_SIZE];
    size_t count = 0;
    struct yw_unpack in;

    yw_unpack_init(&in, bytes, size);
    uint8_t type = yw_unpack_u8(&in);

    serve->heard_ms = yw_clock_mono_ms(yw_loop_clock(serve->loop));
    if (type == YW_BROKER_PING) {
        const uint8_t pong = YW_BROKER_PONG;

        (void)yw_stream_send(serve->stream, &pong, 1, NULL);
    } else if (type == YW_BROKER_CALL) {
        struct yw_broker_job *job = yw_broker_unpack_call(&in);

        if (job)
            yw_task_start(serve, job);
        else
            yw_error("virt", "malformed call");
    } else if (type == YW_BROKER_CANCEL) {
        yw_task_cancel(serve, yw_unpack_i64(&in));
    } else if (type == YW_BROKER_FIELD &&
               yw_broker_unpack_field(&in, uuid, values, &count) == 0) {
        struct yw_served *served = yw_map_get(&serve->machines, uuid);

        if (served && served->field)
            yw_field_send(served->field, values, count);
    } else if (type >= YW_BROKER_CONSOLE_OPEN && type <= YW_BROKER_CONSOLE_TOOK) {
        yw_consoles_message(serve->consoles, (enum yw_broker_message)type, &in);
    }
}

static void on_end(void *owner, const struct yw_err *why)
{
    struct yw_serve *serve = owner;

    (void)why;
    yw_loop_stop(serve->loop);
}

struct stopped {
    struct yw_post post;
    struct yw_serve *serve;
    char uuid[YW_UUID_SIZE];
};

static void on_stopped_posted(struct yw_post *post)
{
    struct stopped *stopped = post->arg;

    yw_task_look(stopped->serve, stopped->uuid);
    free(stopped);
}

/* On libvirt's event thread. */
static void on_stopped(void *arg, const char *uuid, const char *why)
{
    struct yw_serve *serve = arg;
    struct stopped *stopped = yw_new(sizeof(*stopped));

    (void)why;
    stopped->serve = serve;
    YW_COPY(stopped->uuid, uuid);
    stopped->post.run = on_stopped_posted;
    stopped->post.arg = stopped;
    yw_loop_post(serve->loop, &stopped->post);
}

/* What the broker began for itself and left when it died in the middle. */
static void sweep_own(struct yw_serve *serve, const char *drill)
{
    struct yw_work *work = yw_work_new(YW_WORK_SWEEP, serve->host, &serve->root);
    struct yw_err err;

    YW_COPY(work->drill, drill);
    if (yw_work_run(work, &err) < 0)
        yw_warn("virt", "%s", err.text);
    yw_work_free(work);
}

static void say_ready(struct yw_serve *serve)
{
    struct yw_buf message;

    yw_buf_init(&message, 256);
    yw_broker_pack_build(&message, YW_BROKER_READY);
    (void)yw_stream_send(serve->stream, message.data, message.size, NULL);
    yw_buf_fini(&message);
}

/* A cable that is cut ends no connection: what the core started there now would find this
 * process in its way. */
static void on_silence(struct yw_due_entry *entry)
{
    struct yw_serve *serve = entry->arg;
    int64_t now = yw_clock_mono_ms(yw_loop_clock(serve->loop));

    if (now - serve->heard_ms > SILENCE_MS) {
        yw_warn("virt", "the core is silent; ending");
        yw_loop_stop(serve->loop);
        return;
    }
    yw_due_add(yw_loop_due(serve->loop), entry, now + SILENCE_MS / 4);
}

static void listen_for_silence(struct yw_serve *serve)
{
    serve->silence.run = on_silence;
    serve->silence.arg = serve;
    serve->heard_ms = yw_clock_mono_ms(yw_loop_clock(serve->loop));
    yw_due_add(yw_loop_due(serve->loop), &serve->silence, serve->heard_ms + SILENCE_MS);
}

struct closed {
    struct yw_post post;
    struct yw_serve *serve;
    char why[128];
};

static void on_closed_posted(struct yw_post *post)
{
    struct closed *closed = post->arg;
    struct yw_err err;

    (void)yw_err_set(&err, YW_EIO, "%s: connection lost: %s", closed->serve->root.uri,
                     closed->why);
    yw_broker_say_failed(closed->serve->fd, &err);
    _exit(1); /* workers hang in calls on it; the machines stay */
}

/* On libvirt's event thread. */
static void on_closed(void *arg, const char *why)
{
    struct yw_serve *serve = arg;
    struct closed *closed = yw_new(sizeof(*closed));

    closed->serve = serve;
    YW_COPY(closed->why, why);
    closed->post.run = on_closed_posted;
    closed->post.arg = closed;
    yw_loop_post(serve->loop, &closed->post);
}

static void tell_progress(void *arg, const char *text)
{
    struct yw_serve *serve = arg;
    struct yw_virt_notice notice = {.kind = YW_VIRT_PROGRESS};

    YW_COPY(notice.text, text);
    yw_serve_notice(serve, &notice);
    yw_loop_turn(serve->loop, 0); /* so that it goes out now */
}

/* A daemon on another host: its own images, found or sent there. */
static int reach_far(struct yw_serve *serve, const struct yw_virt_broker_config *config,
                     struct yw_err *err)
{
    if (serve->root.local)
        return 0;
    serve->root.far = serve->host;
    serve->root.filters = yw_far_filters(serve->host);
    return yw_far_images(serve->host, config->images_dir, serve->root.images,
                         sizeof(serve->root.images), tell_progress, serve, err);
}

static int open_all(struct yw_serve *serve, int fd,
                    const struct yw_virt_broker_config *config, struct yw_err *err)
{
    struct yw_stream_events events = {
        .on_message = on_message, .on_end = on_end, .owner = serve};
    struct yw_host_events host_events = {.on_stopped = on_stopped,
                                         .on_closed = on_closed};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int code = serve->far ? yw_image_take(fd, config->images_dir, err) : 0;

    if (code == 0)
        code = yw_embed_root_enter(&serve->root, config, err);
    serve->boots_max = config->boots_at_once > 0 ? config->boots_at_once
                                                 : (int)(cores > 0 ? cores * 2 : 2);
    serve->clones_max = serve->boots_max * COPIES_PER_BOOT;
    yw_map_init(&serve->goldens, sizeof(struct yw_golden_seat), GOLDENS_MAX);
    yw_map_init(&serve->machines, sizeof(struct yw_served), MACHINES_MAX);
    if (code == 0)
        code = yw_loop_open(&serve->loop, err);
    if (code == 0)
        code = yw_stream_open(&serve->stream, serve->loop, fd, YW_BROKER_MESSAGE_MAX,
                              YW_BROKER_QUEUE_MAX, &events, err);
    if (code == 0)
        serve->consoles = yw_consoles_new(serve->loop, serve->stream, &serve->root);
    if (code == 0)
        code = yw_pool_open(&serve->pool, serve->loop, YW_BROKER_THREADS, err);
    if (code == 0 && serve->root.embedded)
        yw_leftover_unbegun(&serve->root);
    if (code == 0 && serve->root.embedded)
        yw_settle(&serve->root);
    if (code == 0)
        code = yw_pool_open(&serve->points, serve->loop, YW_BROKER_POINT_THREADS, err);
    if (code == 0)
        code = yw_pool_open(&serve->stops, serve->loop, YW_BROKER_STOP_THREADS, err);
    if (code == 0)
        code = yw_host_open(&serve->host, serve->root.uri, &host_events, serve, err);
    if (code == 0)
        code = reach_far(serve, config, err);
    return code;
}

static void close_all(struct yw_serve *serve)
{
    (void)alarm(CLOSE_S);
    yw_due_cancel(yw_loop_due(serve->loop), &serve->silence);
    yw_task_drop_all(serve);
    yw_capture_close(serve);
    for (size_t i = 0; i < serve->machines.count; i++)
        yw_served_fini(yw_map_at(&serve->machines, i));
    yw_consoles_free(serve->consoles);
    yw_stream_close(serve->stream);
    yw_pool_close(serve->stops);
    yw_pool_close(serve->points);
    yw_pool_close(serve->pool);
    yw_host_close(serve->host);
    yw_map_fini(&serve->machines);
    yw_up_close(serve);
    yw_loop_turn(serve->loop, 0); /* the last posts */
    yw_loop_close(serve->loop);
}

/* Said here once; a drill goes on without what is missing. */
static void know_limits(struct yw_serve *serve,
                        const struct yw_virt_broker_config *config)
{
    char controls[32];

    yw_limits_open(&serve->limits, config->data_dir);
    serve->root.limits = &serve->limits;
    yw_host_controls_text(serve->limits.controls, controls);
    if (serve->limits.lacks[0])
        yw_warn("virt", "cgroup v%d: no ceilings for machines' %s%s%s",
                serve->limits.version, serve->limits.lacks, controls[0] ? "; set: " : "",
                controls);
    else
        yw_info("virt", "cgroup v%d: ceilings for machines' %s", serve->limits.version,
                controls);
}

static int serve_main(int fd, const struct yw_virt_broker_config *config, bool far)
{
    struct yw_serve *serve = yw_new(sizeof(*serve));
    struct yw_err err;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    serve->far = far;
    serve->fd = fd;
    if (yw_hash_setup() < 0 || open_all(serve, fd, config, &err) < 0) {
        yw_error("virt", "%s", err.text);
        yw_broker_say_failed(fd, &err);
        return 1;
    }
    yw_accel_load(&serve->accel, &serve->root);
    know_limits(serve, config);
    sweep_own(serve, YW_BROKER_PROBE_DRILL);
    sweep_own(serve, YW_GOLDEN_DRILL);
    yw_golden_sweep(&serve->root);
    say_ready(serve);
    if (far)
        listen_for_silence(serve);
    yw_loop_run(serve->loop);
    yw_limits_tidy(&serve->limits);
    bool stuck = serve->stuck > 0 || atomic_load(&serve->gangs.running) > 0;

    if (stuck || serve->root.far) /* streams end with the process */
        _exit(1);                 /* closing would wait for the very calls that hang */
    close_all(serve);
    free(serve);
    return 0;
}

/* ---- standard input and output as one descriptor ---- */

struct relay {
    int from, to;
    bool to_socket;
};

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = write(fd, bytes, size);

        if (sent < 0 && errno != EINTR)
            return false;
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        }
    }
    return true;
}

static void *run_relay(void *arg)
{
    const struct relay *relay = arg;
    char bytes[65536];
    ssize_t got;

    while ((got = read(relay->from, bytes, sizeof(bytes))) != 0) {
        if (got < 0 && errno != EINTR)
            break;
        if (got > 0 && !write_all(relay->to, bytes, (size_t)got))
            break;
    }
    if (relay->to_socket)
        (void)shutdown(relay->to, SHUT_WR);
    else
        (void)close(relay->to);
    return NULL;
}

/* Two pipes instead of one socket, as ssh gives them. */
static int start_relays(struct relay relays[2])
{
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        int status = pthread_create(&thread, NULL, run_relay, &relays[i]);

        if (status != 0)
            return -status;
        (void)pthread_detach(thread);
    }
    return 0;
}

/* Out of the way of whoever prints. Two descriptors that are the same socket are one. */
static int take_stdio(int ret[2])
{
    struct stat in, out;

    if (fstat(STDIN_FILENO, &in) < 0 || fstat(STDOUT_FILENO, &out) < 0)
        return -errno;
    bool one = S_ISSOCK(in.st_mode) && in.st_ino == out.st_ino && in.st_dev == out.st_dev;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    ret[0] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, CONTROL_FD);
    ret[1] = one ? -1 : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, CONTROL_FD);
    if (null < 0 || ret[0] < 0 || (!one && ret[1] < 0) || dup2(null, STDIN_FILENO) < 0 ||
        dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return -errno;
    (void)close(null);
    return 0;
}

/* ---- the outer process ---- */

static int reap_until(pid_t inner)
{
    for (;;) {
        int status = 0;
        pid_t pid = waitpid(-1, &status, 0);

        if (pid == inner)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        if (pid < 0 && errno != EINTR)
            return 1;
    }
}

/* `fd` for the inner process, which closes `other`; its id or -1. */
static pid_t start_inner(int fd, int other, const struct yw_virt_broker_config *config,
                         bool far)
{
    pid_t outer = getpid();

    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        yw_warn("virt", "not a subreaper: %s", strerror(errno));
    pid_t inner = fork();

    if (inner < 0)
        yw_error("virt", "fork: %s", strerror(errno));
    if (inner == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != outer)
            _exit(1);
        if (other >= 0)
            (void)close(other);
        _exit(serve_main(fd, config, far));
    }
    (void)close(fd);
    return inner;
}

int yw_broker_main(int fd, const struct yw_virt_broker_config *config)
{
    pid_t inner = start_inner(fd, -1, config, false);

    return inner < 0 ? 1 : reap_until(inner);
}

static int main_stdio(const struct yw_virt_broker_config *config)
{
    int stdio[2] = {-1, -1}, pair[2] = {-1, -1};
    int status = take_stdio(stdio);

    if (status == 0 && stdio[1] >= 0 &&
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        status = -errno;
    if (status < 0) {
        yw_error("virt", "standard input and output: %s", strerror(-status));
        return 1;
    }
    pid_t inner = start_inner(pair[0] >= 0 ? pair[0] : stdio[0], pair[1], config, true);
    struct relay relays[2] = {{stdio[0], pair[1], true}, {pair[1], stdio[1], false}};

    if (inner < 0)
        return 1;
    (void)signal(SIGPIPE, SIG_IGN);
    if (pair[0] >= 0 && start_relays(relays) < 0)
        return 1;
    return reap_until(inner);
}

int yw_broker_run(int argc, char **argv)
{
    struct yw_virt_broker_config config = {0};
    bool far = argc == 4 && strcmp(argv[1], "--stdio") == 0;

    if (argc != 5 && !far) {
        (void)fprintf(stderr, "usage: broker URI DATA_DIR IMAGES_DIR BOOTS_AT_ONCE\n"
                              "       broker --stdio DATA_DIR BOOTS_AT_ONCE\n");
        return 2;
    }
    YW_COPY(config.data_dir, argv[2]);
    config.boots_at_once = atoi(argv[argc - 1]);
    if (far) {
        (void)snprintf(config.images_dir, sizeof(config.images_dir), "%.240s/images",
                       config.data_dir);
        return main_stdio(&config);
    }
    YW_COPY(config.uri, argv[1]);
    YW_COPY(config.images_dir, argv[3]);
    return yw_broker_main(CONTROL_FD, &config);
}
