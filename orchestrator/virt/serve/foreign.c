#include "virt/serve/foreign.h"

#include "base/mem.h"
#include "base/pack.h"
#include "codec/guest_agent.h"
#include "guest/channel.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 4
#define GREET_MS 1000
#define STEP_MS 200
#define SETUP_MS 20000 /* one program of the setup, on an emulated machine */
#define HEAD 4
#define CODE_LATE 124
#define CODE_BUSY 125
#define CODE_REFUSED 126
#define CODE_NO_PROGRAM 127
#define PLACE "/etc/yanwu"

struct run {
    uint32_t number; /* 0 free */
    int64_t pid;
    int64_t until_ms;
};

struct stand {
    struct yw_foreign to;
    int fd;
    struct run runs[RUNS_MAX];
    size_t got;
    uint8_t bytes[HEAD + YW_CHANNEL_MESSAGE_MAX];
    struct yw_guest_agent_exit exit;
};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- to the broker ---- */

/* What cannot be written was for nobody: the turn that follows sees the end. */
static void send_message(const struct stand *stand, const struct yw_buf *message)
{
    struct yw_buf whole;
    size_t at = 0;

    yw_buf_init(&whole, HEAD + YW_CHANNEL_MESSAGE_MAX);
    yw_pack_u32(&whole, (uint32_t)message->size);
    yw_buf_put(&whole, message->data, message->size);
    while (!whole.overflow && at < whole.size) {
        ssize_t sent = send(stand->fd, whole.data + at, whole.size - at, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            break;
        at += sent > 0 ? (size_t)sent : 0;
    }
    yw_buf_fini(&whole);
}

static void done_bytes(const struct stand *stand, uint32_t number, int code,
                       const void *bytes, size_t size)
{
    struct yw_buf message;

    yw_buf_init(&message, YW_CHANNEL_MESSAGE_MAX);
    yw_pack_u8(&message, YW_CHANNEL_DONE);
    yw_pack_u32(&message, number);
    yw_pack_u32(&message, (uint32_t)code);
    yw_pack_bytes(&message, bytes, size);
    send_message(stand, &message);
    yw_buf_fini(&message);
}

static void done(const struct stand *stand, uint32_t number, int code, const char *text)
{
    size_t size = strlen(text);

    done_bytes(stand, number, code, text,
               size < YW_CHANNEL_OUTPUT_MAX ? size : YW_CHANNEL_OUTPUT_MAX);
}

static void hello(const struct stand *stand)
{
    struct yw_buf message;

    yw_buf_init(&message, YW_CHANNEL_MESSAGE_MAX);
    yw_pack_u8(&message, YW_CHANNEL_HELLO);
    yw_pack_u32(&message, 0);
    yw_pack_u32(&message, YW_CHANNEL_VERSION);
    yw_pack_str(&message, stand->to.image);
    yw_pack_str(&message, stand->to.uuid);
    send_message(stand, &message);
    yw_buf_fini(&message);
}

/* ---- to the guest agent ---- */

/* Sends what was written to `command`, and ends it. `ret_answer`: *new*; NULL: dropped. */
static int ask(const struct stand *stand, struct yw_buf *command, char **ret_answer,
               struct yw_err *err)
{
    char *answer = NULL;
    int code = command->overflow ? yw_err_set(err, YW_ELIMIT,
                                              "guest agent: a command "
                                              "that is too long")
                                 : stand->to.ask(stand->to.arg, stand->to.uuid,
                                                 command->data, &answer, err);

    yw_buf_fini(command);
    if (code == 0 && ret_answer)
        *ret_answer = answer;
    else
        free(answer);
    return code;
}

static void begin(struct yw_buf *command)
{
    yw_buf_init(command, YW_GUEST_AGENT_COMMAND_MAX);
}

static bool lives(const struct stand *stand)
{
    struct yw_buf command;
    bool running = false;

    if (!stand->to.ask)
        return stand->to.runs(stand->to.arg, stand->to.uuid, &running, NULL) == 0 &&
               running;
    begin(&command);
    yw_guest_agent_ping(&command);
    return ask(stand, &command, NULL, NULL) == 0;
}

static int start_program(const struct stand *stand, const char *const *argv, size_t argc,
                         int64_t *ret_pid, struct yw_err *err)
{
    struct yw_buf command;
    char *answer = NULL;

    begin(&command);
    yw_guest_agent_exec(&command, argv, argc);
    int code = ask(stand, &command, &answer, err);

    if (code == 0)
        code = yw_guest_agent_number(answer, ret_pid, err);
    free(answer);
    return code;
}

static int look_at(struct stand *stand, int64_t pid, struct yw_err *err)
{
    struct yw_buf command;
    char *answer = NULL;

    begin(&command);
    yw_guest_agent_exec_status(&command, pid);
    int code = ask(stand, &command, &answer, err);

    if (code == 0)
        code = yw_guest_agent_exit(answer, &stand->exit, err);
    free(answer);
    return code;
}

/* A short program of the setup, to its end. */
static int run_short(struct stand *stand, const char *const *argv, size_t argc,
                     struct yw_err *err)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    int64_t until_ms = now_ms() + SETUP_MS, pid = 0;
    int code = start_program(stand, argv, argc, &pid, err);

    while (code == 0) {
        code = look_at(stand, pid, err);
        if (code < 0 || stand->exit.exited)
            break;
        if (now_ms() >= until_ms)
            return yw_err_set(err, YW_ETIMEOUT, "'%s' has no end", argv[0]);
        (void)nanosleep(&step, NULL);
    }
    if (code == 0 && stand->exit.code != 0)
        code = yw_err_set(err, YW_EIO, "'%s %s' ended with %d: %.200s", argv[0],
                          argc > 1 ? argv[1] : "", stand->exit.code, stand->exit.output);
    return code;
}

/* ---- CONFIGURE ---- */

struct nic {
    char mac[24], place[32]; /* "10.20.2.31/24" */
    char name[YW_GUEST_AGENT_NIC_MAX];
};

struct configuration {
    char host[64], gateway[20], mtus[128];
    int64_t wall_us;
    struct nic nics[YW_CHANNEL_NICS_MAX];
    uint32_t nic_count;
};

static void unpack_configuration(struct configuration *ret, struct yw_unpack *in)
{
    char name[64], value[512];

    memset(ret, 0, sizeof(*ret));
    yw_unpack_str(in, ret->host, sizeof(ret->host));
    ret->wall_us = yw_unpack_i64(in);
    (void)yw_unpack_i64(in);
    ret->nic_count = yw_unpack_count(in, YW_CHANNEL_NICS_MAX);
    for (uint32_t i = 0; i < ret->nic_count; i++) {
        struct nic *nic = &ret->nics[i];
        char address[20];

        yw_unpack_str(in, nic->mac, sizeof(nic->mac));
        yw_unpack_str(in, address, sizeof(address));
        (void)snprintf(nic->place, sizeof(nic->place), "%s/%u", address,
                       yw_unpack_u32(in));
    }
    yw_unpack_str(in, ret->gateway, sizeof(ret->gateway));
    for (uint32_t left = yw_unpack_u32(in); left > 0 && !in->failed; left--) {
        yw_unpack_str(in, name, sizeof(name));
        yw_unpack_str(in, value, sizeof(value));
        if (strcmp(name, YW_CHANNEL_MTU_SETTING) == 0)
            YW_COPY(ret->mtus, value);
    }
}

#define RUN(stand, err, ...)                                                             \
    run_short((stand), (const char *const[]){__VA_ARGS__},                               \
              sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (err))

static int set_nic(struct stand *stand, const struct nic *nic, int mtu,
                   struct yw_err *err)
{
    char text[16];
    int code = RUN(stand, err, "ip", "addr", "replace", nic->place, "dev", nic->name);

    (void)snprintf(text, sizeof(text), "%d", mtu);
    if (code == 0 && mtu > 0)
        code = RUN(stand, err, "ip", "link", "set", "dev", nic->name, "mtu", text);
    return code < 0 ? code : RUN(stand, err, "ip", "link", "set", "dev", nic->name, "up");
}

static int set_nics(struct stand *stand, struct configuration *config, struct yw_err *err)
{
    struct yw_buf command;
    char *answer = NULL;
    const char *mtu = config->mtus;

    begin(&command);
    yw_guest_agent_nics(&command);
    int code = ask(stand, &command, &answer, err);

    for (uint32_t i = 0; i < config->nic_count && code == 0; i++) {
        struct nic *nic = &config->nics[i];

        code = yw_guest_agent_nic(answer, nic->mac, nic->name, err);
        if (code == 0)
            code = set_nic(stand, nic, (int)strtol(mtu, NULL, 10), err);
        mtu += strcspn(mtu, ",");
        mtu += *mtu == ',';
    }
    free(answer);
    if (code == 0 && config->gateway[0])
        code =
            RUN(stand, err, "ip", "route", "replace", "default", "via", config->gateway);
    return code;
}

/* Its clock and its name are what it likes where it does not let them be set. */
static int configure(struct stand *stand, struct yw_unpack *in, struct yw_err *err)
{
    struct configuration config;
    struct yw_buf command;

    unpack_configuration(&config, in);
    if (!yw_unpack_done(in))
        return yw_err_set(err, YW_EINVAL, "malformed CONFIGURE");
    if (!stand->to.ask)
        return 0;
    begin(&command);
    yw_guest_agent_set_time(&command, config.wall_us);
    (void)ask(stand, &command, NULL, NULL);
    (void)RUN(stand, NULL, "hostname", config.host);
    return set_nics(stand, &config, err);
}

/* ---- files ---- */

static int open_file(const struct stand *stand, const char *path, const char *mode,
                     int64_t offset, int64_t *ret_handle, struct yw_err *err)
{
    struct yw_buf command;
    char *answer = NULL;

    begin(&command);
    yw_guest_agent_open(&command, path, mode);
    int code = ask(stand, &command, &answer, err);

    if (code == 0)
        code = yw_guest_agent_number(answer, ret_handle, err);
    free(answer);
    if (code == 0 && offset > 0) {
        begin(&command);
        yw_guest_agent_seek(&command, *ret_handle, offset);
        code = ask(stand, &command, NULL, err);
    }
    return code;
}

static int close_file(const struct stand *stand, int64_t handle, int code,
                      struct yw_err *err)
{
    struct yw_buf command;

    begin(&command);
    yw_guest_agent_close(&command, handle);
    int closed = ask(stand, &command, NULL, code < 0 ? NULL : err);

    return code < 0 ? code : closed;
}

static int write_piece(const struct stand *stand, const char *path, int64_t offset,
                       const void *bytes, size_t size, struct yw_err *err)
{
    struct yw_buf command;
    int64_t handle = 0;
    int code = open_file(stand, path, offset == 0 ? "w" : "r+", offset, &handle, err);

    if (code < 0)
        return code;
    begin(&command);
    yw_guest_agent_write(&command, handle, bytes, size);
    code = ask(stand, &command, NULL, err);
    return close_file(stand, handle, code, err);
}

static int read_piece(const struct stand *stand, const char *path, int64_t offset,
                      char bytes[YW_CHANNEL_OUTPUT_MAX], size_t most, size_t *ret_size,
                      struct yw_err *err)
{
    struct yw_buf command;
    char *answer = NULL;
    int64_t handle = 0;
    int code = open_file(stand, path, "r", offset, &handle, err);

    if (code < 0)
        return code;
    begin(&command);
    yw_guest_agent_read(&command, handle, most);
    code = ask(stand, &command, &answer, err);
    if (code == 0)
        code = yw_guest_agent_piece(answer, bytes, most, ret_size, err);
    free(answer);
    return close_file(stand, handle, code, err);
}

/* ---- from the broker ---- */

static void answer_code(const struct stand *stand, uint32_t number, int code,
                        const struct yw_err *err)
{
    done(stand, number, code < 0, code < 0 ? err->text : "");
}

static void on_write(const struct stand *stand, uint32_t number, struct yw_unpack *in)
{
    char path[YW_CHANNEL_PATH_MAX];
    size_t size = 0;
    struct yw_err err;

    yw_unpack_str(in, path, sizeof(path));
    int64_t offset = yw_unpack_i64(in);
    const void *bytes = yw_unpack_bytes(in, YW_CHANNEL_CHUNK_MAX, &size);

    answer_code(stand, number,
                yw_unpack_done(in) ? write_piece(stand, path, offset, bytes, size, &err)
                                   : yw_err_set(&err, YW_EINVAL, "malformed WRITE"),
                &err);
}

static void on_read(const struct stand *stand, uint32_t number, struct yw_unpack *in)
{
    char path[YW_CHANNEL_PATH_MAX], bytes[YW_CHANNEL_OUTPUT_MAX];
    size_t size = 0;
    struct yw_err err;

    yw_unpack_str(in, path, sizeof(path));
    int64_t offset = yw_unpack_i64(in);
    uint32_t most = yw_unpack_count(in, YW_CHANNEL_OUTPUT_MAX);
    int code = yw_unpack_done(in)
                   ? read_piece(stand, path, offset, bytes, most, &size, &err)
                   : yw_err_set(&err, YW_EINVAL, "malformed READ");

    if (code < 0)
        answer_code(stand, number, code, &err);
    else
        done_bytes(stand, number, 0, bytes, size);
}

/* A file of the scenario's, where a full image of ours has its role. */
static void on_put(struct stand *stand, uint32_t number, struct yw_unpack *in)
{
    char name[64], path[YW_CHANNEL_PATH_MAX];
    size_t size = 0;
    struct yw_err err;
    int code = 0;

    yw_unpack_str(in, name, sizeof(name));
    uint32_t offset = yw_unpack_u32(in);
    (void)yw_unpack_u32(in);
    const void *bytes = yw_unpack_bytes(in, YW_CHANNEL_CHUNK_MAX, &size);

    if (!yw_unpack_done(in) || strchr(name, '/'))
        code = yw_err_set(&err, YW_EINVAL, "malformed PUT");
    if (code == 0 && offset == 0)
        code = RUN(stand, &err, "mkdir", "-p", PLACE);
    (void)snprintf(path, sizeof(path), PLACE "/%s", name);
    if (code == 0)
        code = write_piece(stand, path, offset, bytes, size, &err);
    answer_code(stand, number, code, &err);
}

static struct run *run_of(struct stand *stand, uint32_t number)
{
    for (size_t i = 0; i < RUNS_MAX; i++) {
        if (stand->runs[i].number == number)
            return &stand->runs[i];
    }
    return NULL;
}

static void on_run(struct stand *stand, uint32_t number, struct yw_unpack *in)
{
    char words[YW_CHANNEL_ARGS_MAX][YW_CHANNEL_ARG_MAX];
    const char *argv[YW_CHANNEL_ARGS_MAX];
    uint32_t argc = yw_unpack_count(in, YW_CHANNEL_ARGS_MAX);
    struct run *run = run_of(stand, 0);
    struct yw_err err;
    int64_t pid = 0;

    for (uint32_t i = 0; i < argc; i++) {
        yw_unpack_str(in, words[i], sizeof(words[i]));
        argv[i] = words[i];
    }
    uint32_t span_ms = yw_unpack_u32(in);

    if (run_of(stand, number))
        return; /* it runs */
    if (!yw_unpack_done(in) || argc == 0 || !run) {
        done(stand, number, run ? CODE_REFUSED : CODE_BUSY,
             run ? "malformed RUN" : "too many programs at once");
        return;
    }
    if (start_program(stand, argv, argc, &pid, &err) < 0)
        done(stand, number,
             strstr(err.text, "No such file") ? CODE_NO_PROGRAM : CODE_REFUSED, err.text);
    else
        *run = (struct run){
            .number = number, .pid = pid, .until_ms = now_ms() + (int64_t)span_ms};
}

static void end_program(struct stand *stand, const struct run *run)
{
    char pid[24];

    (void)snprintf(pid, sizeof(pid), "%lld", (long long)run->pid);
    (void)RUN(stand, NULL, "kill", "-KILL", pid);
}

static void look_at_runs(struct stand *stand)
{
    struct yw_err err;

    for (size_t i = 0; i < RUNS_MAX; i++) {
        struct run *run = &stand->runs[i];
        int code = run->number ? look_at(stand, run->pid, &err) : 0;

        if (run->number == 0)
            continue;
        if (code == 0 && stand->exit.exited) {
            done(stand, run->number, stand->exit.code, stand->exit.output);
        } else if (now_ms() >= run->until_ms) {
            end_program(stand, run);
            done(stand, run->number, CODE_LATE, "");
        } else if (code == YW_EINVAL || code == YW_ELIMIT) {
            done(stand, run->number, CODE_REFUSED, err.text);
        } else {
            continue;
        }
        run->number = 0;
    }
}

static void on_message(struct stand *stand, const uint8_t *bytes, size_t size)
{
    struct yw_unpack in;
    struct yw_err err;

    yw_unpack_init(&in, bytes, size);
    uint8_t type = yw_unpack_u8(&in);
    uint32_t number = yw_unpack_u32(&in);

    if (type == YW_CHANNEL_PING) {
        if (lives(stand))
            done(stand, number, 0, stand->to.uuid);
    } else if (type == YW_CHANNEL_CONFIGURE) {
        answer_code(stand, number, configure(stand, &in, &err), &err);
    } else if (type == YW_CHANNEL_START) {
        done(stand, number, 0, "");
    } else if (!stand->to.ask) {
        done(stand, number, type == YW_CHANNEL_RUN ? CODE_REFUSED : 1,
             "its image has no agent");
    } else if (type == YW_CHANNEL_PUT) {
        on_put(stand, number, &in);
    } else if (type == YW_CHANNEL_RUN) {
        on_run(stand, number, &in);
    } else if (type == YW_CHANNEL_WRITE) {
        on_write(stand, number, &in);
    } else if (type == YW_CHANNEL_READ) {
        on_read(stand, number, &in);
    } else {
        done(stand, number, 1, "its image's agent cannot do this");
    }
}

/* False: the other end is closed, or says what it never should. */
static bool take(struct stand *stand)
{
    ssize_t got = recv(stand->fd, stand->bytes + stand->got,
                       sizeof(stand->bytes) - stand->got, MSG_DONTWAIT);

    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    stand->got += (size_t)got;
    while (stand->got >= HEAD) {
        struct yw_unpack in;

        yw_unpack_init(&in, stand->bytes, HEAD);
        size_t size = yw_unpack_u32(&in);

        if (size > YW_CHANNEL_MESSAGE_MAX)
            return false;
        if (stand->got < HEAD + size)
            break;
        on_message(stand, stand->bytes + HEAD, size);
        stand->got -= HEAD + size;
        memmove(stand->bytes, stand->bytes + HEAD + size, stand->got);
    }
    return true;
}

static bool busy(const struct stand *stand)
{
    for (size_t i = 0; i < RUNS_MAX; i++) {
        if (stand->runs[i].number)
            return true;
    }
    return false;
}

static bool closed(int fd, int wait_ms)
{
    struct pollfd end = {.fd = fd};

    return poll(&end, 1, wait_ms) > 0;
}

static void *stand_in(void *arg)
{
    struct stand *stand = arg;
    bool alive = lives(stand);

    while (!alive && !closed(stand->fd, GREET_MS))
        alive = lives(stand);
    if (alive)
        hello(stand);
    while (alive) {
        struct pollfd ready = {.fd = stand->fd, .events = POLLIN};
        int woke = poll(&ready, 1, busy(stand) ? STEP_MS : -1);

        alive = (woke >= 0 || errno == EINTR) && (woke <= 0 || take(stand));
        look_at_runs(stand);
    }
    (void)close(stand->fd);
    free(stand);
    return NULL;
}

int yw_foreign_open(const struct yw_foreign *foreign, int *ret_fd, struct yw_err *err)
{
    pthread_t thread;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return yw_err_errno(err, YW_EIO, errno, "socket pair");
    struct stand *stand = yw_new(sizeof(*stand));

    stand->to = *foreign;
    stand->fd = pair[1];
    int status = pthread_create(&thread, NULL, stand_in, stand);

    if (status != 0) {
        (void)close(pair[0]);
        (void)close(pair[1]);
        free(stand);
        return yw_err_errno(err, YW_EIO, status, "thread");
    }
    (void)pthread_detach(thread);
    *ret_fd = pair[0];
    return 0;
}
