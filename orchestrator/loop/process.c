#include "loop/process.h"

#include "base/mem.h"
#include "loop/inside.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#define CONTROL_FD 3

struct yw_process {
    uv_process_t handle;
    struct yw_loop *loop;
    void (*on_exit)(void *owner, int status, int term_signal);
    void *owner;
    bool new_session;
    bool running;
    bool closed; /* by the owner */
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_exit_event(uv_process_t *handle, int64_t status, int term_signal)
{
    struct yw_process *process = handle->data;
    process->running = false;
    if (process->closed) {
        yw_loop_dying_add(process->loop, -1);
        uv_close((uv_handle_t *)handle, on_closed);
        return;
    }
    if (process->on_exit != NULL)
        process->on_exit(process->owner, (int)status, term_signal);
}

static void inherit(uv_stdio_container_t *place, int fd)
{
    if (fd < 0) {
        place->flags = UV_IGNORE;
        return;
    }
    place->flags = UV_INHERIT_FD;
    place->data.fd = fd;
}

static char **copy_argv(const char *const *argv)
{
    size_t count = 0;
    while (argv[count] != NULL)
        count++;
    char **copy = yw_new_array(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++)
        copy[i] = yw_strdup(argv[i]);
    return copy;
}

static void free_argv(char **argv)
{
    for (size_t i = 0; argv[i] != NULL; i++)
        free(argv[i]);
    free(argv);
}

int yw_process_start(struct yw_process **ret, struct yw_loop *loop,
                     const struct yw_process_spec *spec, struct yw_err *err)
{
    assert(spec->argv != NULL && spec->argv[0] != NULL);
    struct yw_process *process = yw_new(sizeof(*process));
    process->loop = loop;
    process->on_exit = spec->on_exit;
    process->owner = spec->owner;
    process->new_session = spec->new_session;
    process->handle.data = process;

    uv_stdio_container_t stdio[CONTROL_FD + 1];
    bool control = spec->control_fd >= 0 && !spec->control_is_stdio;
    inherit(&stdio[0], spec->control_is_stdio ? spec->control_fd : -1);
    inherit(&stdio[1], spec->control_is_stdio ? spec->control_fd : spec->output_fd);
    inherit(&stdio[2], spec->keep_stderr ? STDERR_FILENO : -1);
    inherit(&stdio[CONTROL_FD], control ? spec->control_fd : -1);
    char **argv = copy_argv(spec->argv);
    uv_process_options_t options = {
        .exit_cb = on_exit_event,
        .file = argv[0],
        .args = argv,
        .flags = spec->new_session ? UV_PROCESS_DETACHED : 0U,
        .stdio = stdio,
        .stdio_count = control ? CONTROL_FD + 1 : CONTROL_FD,
    };
    /* What a library has just opened without O_CLOEXEC is not the child's. */
    (void)close_range(CONTROL_FD, ~0U, CLOSE_RANGE_CLOEXEC);
    int status = uv_spawn(yw_loop_uv(loop), &process->handle, &options);
    free_argv(argv);
    if (status < 0) {
        uv_close((uv_handle_t *)&process->handle, on_closed);
        return yw_loop_err_uv(err, status, spec->argv[0]);
    }
    process->running = true;
    yw_loop_hold(loop);
    *ret = process;
    return YW_OK;
}

pid_t yw_process_pid(const struct yw_process *process)
{
    return process->handle.pid;
}

void yw_process_kill(struct yw_process *process, int signum)
{
    /* libuv reaps, so while it says running the pid is ours. */
    if (process->running)
        (void)uv_process_kill(&process->handle, signum);
}

void yw_process_close(struct yw_process *process)
{
    if (process == NULL || process->closed)
        return;
    process->closed = true;
    yw_loop_release(process->loop);
    if (!process->running) {
        uv_close((uv_handle_t *)&process->handle, on_closed);
        return;
    }
    /* The handle stays until the child is reaped: a closed handle would leave a zombie.
     */
    yw_loop_dying_add(process->loop, 1);
    if (process->new_session)
        (void)kill(-process->handle.pid, SIGKILL);
    (void)uv_process_kill(&process->handle, SIGKILL);
}
