#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct world {
    struct yw_loop *loop;
    int exits;
    int status;
    int term_signal;
};

static void on_exit_of(void *owner, int status, int term_signal)
{
    struct world *world = owner;
    world->exits++;
    world->status = status;
    world->term_signal = term_signal;
    yw_loop_stop(world->loop);
}

static struct yw_process *start(struct world *world, const char *script, int control_fd,
                                int output_fd)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    struct yw_process_spec spec = {.argv = argv,
                                   .control_fd = control_fd,
                                   .output_fd = output_fd,
                                   .keep_stderr = true,
                                   .new_session = true,
                                   .on_exit = on_exit_of,
                                   .owner = world};
    struct yw_process *process = NULL;
    struct yw_err err;
    assert_int_equal(yw_process_start(&process, world->loop, &spec, &err), 0);
    assert_true(yw_process_pid(process) > 0);
    return process;
}

static void test_exit_status(void **state)
{
    struct world world = {.loop = *state};
    struct yw_process *process = start(&world, "exit 7", -1, -1);
    (void)yw_loop_run(world.loop);
    assert_int_equal(world.exits, 1);
    assert_int_equal(world.status, 7);
    assert_int_equal(world.term_signal, 0);
    yw_process_kill(process, SIGTERM);
    yw_process_close(process);
}

static void test_descriptors(void **state)
{
    struct world world = {.loop = *state};
    int out[2];
    int control[2];
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(control, O_CLOEXEC), 0);
    struct yw_process *process =
        start(&world, "echo said; echo told >&3", control[1], out[1]);
    (void)yw_loop_run(world.loop);
    char text[16] = {0};
    assert_int_equal(read(out[0], text, sizeof(text)), 5);
    assert_string_equal(text, "said\n");
    assert_int_equal(read(control[0], text, sizeof(text)), 5);
    assert_string_equal(text, "told\n");
    yw_process_close(process);
    for (int i = 0; i < 2; i++) {
        (void)close(out[i]);
        (void)close(control[i]);
    }
}

/* A library may open files without O_CLOEXEC: they are not for children. */
static void test_nothing_else_is_inherited(void **state)
{
    struct world world = {.loop = *state};
    int out[2];
    int stray = open("/etc/hostname", O_RDONLY);
    char text[256] = {0};

    assert_true(stray > 2);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    struct yw_process *process =
        start(&world, "ls -l /proc/$$/fd | grep -c hostname", -1, out[1]);
    (void)yw_loop_run(world.loop);
    assert_true(read(out[0], text, sizeof(text) - 1) > 0);
    assert_string_equal(text, "0\n");
    yw_process_close(process);
    (void)close(stray);
    (void)close(out[0]);
    (void)close(out[1]);
}

static void test_kill(void **state)
{
    struct world world = {.loop = *state};
    struct yw_process *process = start(&world, "exec sleep 100", -1, -1);
    yw_process_kill(process, SIGTERM);
    (void)yw_loop_run(world.loop);
    assert_int_equal(world.term_signal, SIGTERM);
    yw_process_close(process);
}

static void test_close_kills_reaps_and_is_silent(void **state)
{
    struct world world = {.loop = *state};
    struct yw_process *process = start(&world, "trap '' TERM; sleep 100 & wait", -1, -1);
    pid_t pid = yw_process_pid(process);
    (void)usleep(20000);
    yw_process_close(process);
    for (int i = 0; i < 6000 && kill(pid, 0) == 0; i++)
        yw_loop_turn(world.loop, 10);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    assert_int_equal(world.exits, 0);
}

static void test_no_such_program(void **state)
{
    struct world world = {.loop = *state};
    const char *const argv[] = {"/nonexistent/program", NULL};
    struct yw_process_spec spec = {.argv = argv,
                                   .control_fd = -1,
                                   .output_fd = -1,
                                   .on_exit = on_exit_of,
                                   .owner = &world};
    struct yw_process *process = NULL;
    struct yw_err err;
    assert_int_equal(yw_process_start(&process, world.loop, &spec, &err), YW_ENOTFOUND);
    assert_non_null(strstr(err.text, "/nonexistent/program: "));
    yw_loop_turn(world.loop, 5);
    assert_int_equal(world.exits, 0);
    yw_process_close(NULL);
}

static int open_loop(void **state)
{
    struct yw_loop *loop = NULL;
    struct yw_err err;
    if (yw_loop_open(&loop, &err) != YW_OK)
        return -1;
    *state = loop;
    return 0;
}

static int close_loop(void **state)
{
    yw_loop_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_exit_status, open_loop, close_loop),
        cmocka_unit_test_setup_teardown(test_descriptors, open_loop, close_loop),
        cmocka_unit_test_setup_teardown(test_nothing_else_is_inherited, open_loop,
                                        close_loop),
        cmocka_unit_test_setup_teardown(test_kill, open_loop, close_loop),
        cmocka_unit_test_setup_teardown(test_close_kills_reaps_and_is_silent, open_loop,
                                        close_loop),
        cmocka_unit_test_setup_teardown(test_no_such_program, open_loop, close_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
