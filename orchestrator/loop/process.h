/* Child processes: started with exec, watched, killed at a deadline. Loop thread. */
#ifndef YW_LOOP_PROCESS_H
#define YW_LOOP_PROCESS_H

#include "loop/loop.h"

#include <sys/types.h>

struct yw_process;

struct yw_process_spec {
    const char *const *argv; /* NULL-terminated; argv[0] is the path of the program */
    int control_fd;          /* becomes descriptor 3 of the child; -1 = none. Borrowed */
    bool control_is_stdio;   /* it becomes standard input and output instead */
    int output_fd;           /* becomes standard output; -1 = /dev/null */
    bool keep_stderr;        /* else /dev/null */
    bool new_session;
    void (*on_exit)(void *owner, int status, int term_signal);
    void *owner;
};

int yw_process_start(struct yw_process **ret, struct yw_loop *loop,
                     const struct yw_process_spec *spec, struct yw_err *err);
pid_t yw_process_pid(const struct yw_process *process);
void yw_process_kill(struct yw_process *process, int signum);
/* Kills with SIGKILL when it still runs; no callback afterwards. NULL-safe. */
void yw_process_close(struct yw_process *process);

#endif
