/* A machine with a system of its own, behind the guest channel: a QEMU guest agent in this
 * process answers what it is asked; without one the machine is there as long as it runs. */
#include "base/mem.h"
#include "base/pack.h"
#include "virt/serve/channel.h"
#include "virt/serve/foreign.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DEADLINE_MS 60000
#define SAID_MAX 65536

struct bench {
    pthread_mutex_t lock;
    char said[SAID_MAX]; /* every command, a line each */
    bool alive;
    int looks; /* how often a program still runs when it is looked at */
    struct yw_loop *loop;
    struct yw_channel *channel;
    int hellos, answers;
    int code;
    uint32_t exit_code;
    char output[YW_CHANNEL_OUTPUT_MAX + 1];
    bool ended;
};

static const char *answer_to(struct bench *bench, const char *command)
{
    if (strstr(command, "guest-exec-status"))
        return bench->looks-- > 0 ? "{\"return\":{\"exited\":false}}"
                                  : "{\"return\":{\"exited\":true,\"exitcode\":7,"
                                    "\"out-data\":\"aGk=\"}}";
    if (strstr(command, "no-such-program"))
        return NULL;
    if (strstr(command, "guest-exec"))
        return "{\"return\":{\"pid\":42}}";
    if (strstr(command, "guest-file-open"))
        return "{\"return\":1000}";
    if (strstr(command, "guest-file-read"))
        return "{\"return\":{\"buf-b64\":\"aGkA\",\"count\":3,\"eof\":true}}";
    return "{\"return\":{}}";
}

static int ask(void *arg, const char *uuid, const char *command, char **ret_answer,
               struct yw_err *err)
{
    struct bench *bench = arg;

    assert_string_equal(uuid, "4ad1b6f8-0000-8000-8000-00000000000a");
    (void)pthread_mutex_lock(&bench->lock);
    const char *answer = bench->alive ? answer_to(bench, command) : NULL;
    size_t at = strlen(bench->said);

    (void)snprintf(bench->said + at, sizeof(bench->said) - at, "%s\n", command);
    (void)pthread_mutex_unlock(&bench->lock);
    if (!answer)
        return yw_err_set(err, YW_EIO, "No such file or directory");
    *ret_answer = yw_strdup(answer);
    return 0;
}

static int runs(void *arg, const char *uuid, bool *ret_running, struct yw_err *err)
{
    struct bench *bench = arg;

    (void)uuid;
    (void)err;
    (void)pthread_mutex_lock(&bench->lock);
    *ret_running = bench->alive;
    (void)pthread_mutex_unlock(&bench->lock);
    return 0;
}

static bool was_said(struct bench *bench, const char *words)
{
    (void)pthread_mutex_lock(&bench->lock);
    bool said = strstr(bench->said, words) != NULL;

    (void)pthread_mutex_unlock(&bench->lock);
    return said;
}

static void set_alive(struct bench *bench, bool alive)
{
    (void)pthread_mutex_lock(&bench->lock);
    bench->alive = alive;
    (void)pthread_mutex_unlock(&bench->lock);
}

static void on_hello(void *owner, const char *image, const char *boot_id)
{
    (void)boot_id;
    assert_string_equal(image, "brought");
    ((struct bench *)owner)->hellos++;
}

static void on_line(void *owner, const char *text)
{
    (void)owner;
    (void)text;
}

static void on_end(void *owner, const struct yw_err *why)
{
    (void)why;
    ((struct bench *)owner)->ended = true;
}

static void begin(struct bench *bench, bool has_agent, bool alive)
{
    const struct yw_foreign foreign = {.uuid = "4ad1b6f8-0000-8000-8000-00000000000a",
                                       .image = "brought",
                                       .ask = has_agent ? ask : NULL,
                                       .runs = runs,
                                       .arg = bench};
    const struct yw_channel_events events = {
        .on_hello = on_hello, .on_line = on_line, .on_end = on_end, .owner = bench};
    int fd = -1;

    memset(bench, 0, sizeof(*bench));
    bench->alive = alive;
    (void)pthread_mutex_init(&bench->lock, NULL);
    assert_int_equal(yw_loop_open(&bench->loop, NULL), 0);
    assert_int_equal(yw_foreign_open(&foreign, &fd, NULL), 0);
    assert_int_equal(yw_channel_open_fd(&bench->channel, bench->loop, fd, &events, NULL),
                     0);
}

/* The thread may be in the middle of an answer: its memory stays. */
static void end(struct bench *bench)
{
    assert_false(bench->ended);
    yw_channel_close(bench->channel);
    yw_loop_turn(bench->loop, 0);
    yw_loop_close(bench->loop);
}

static void wait_count(struct bench *bench, const int *count, int wanted)
{
    for (int64_t left = DEADLINE_MS; *count < wanted && left > 0; left -= 20)
        yw_loop_turn(bench->loop, 20);
    assert_int_equal(*count, wanted);
}

static void on_done(struct yw_channel_request *request, int code, uint32_t exit_code,
                    const char *output)
{
    struct bench *bench = request->owner;

    bench->answers++;
    bench->code = code;
    bench->exit_code = exit_code;
    memcpy(bench->output, output, request->output_size);
    bench->output[request->output_size] = '\0';
}

static void send_request(struct bench *bench, struct yw_channel_request *request,
                         uint32_t number, enum yw_channel_type type,
                         struct yw_buf *fields)
{
    memset(request, 0, sizeof(*request));
    request->number = number;
    request->type = type;
    request->deadline_ms = DEADLINE_MS;
    request->done = on_done;
    request->owner = bench;
    assert_int_equal(yw_channel_send(bench->channel, request, fields, NULL), 0);
    if (fields)
        yw_buf_fini(fields);
}

static void ask_channel(struct bench *bench, uint32_t number, enum yw_channel_type type,
                        struct yw_buf *fields)
{
    struct yw_channel_request request;
    int before = bench->answers;

    send_request(bench, &request, number, type, fields);
    wait_count(bench, &bench->answers, before + 1);
    assert_int_equal(bench->code, 0);
}

static void pack_run(struct yw_buf *out, const char *word, uint32_t span_ms)
{
    yw_buf_init(out, YW_CHANNEL_MESSAGE_MAX);
    yw_pack_u32(out, 2);
    yw_pack_str(out, word);
    yw_pack_str(out, "-x");
    yw_pack_u32(out, span_ms);
}

static void test_it_greets_when_its_agent_answers(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));

    (void)state;
    begin(bench, true, false);
    for (int64_t left = DEADLINE_MS; !was_said(bench, "guest-ping") && left > 0;
         left -= 20)
        yw_loop_turn(bench->loop, 20);
    assert_int_equal(bench->hellos, 0);
    set_alive(bench, true);
    wait_count(bench, &bench->hellos, 1);
    ask_channel(bench, 7, YW_CHANNEL_PING, NULL);
    assert_int_equal(bench->exit_code, 0);
    end(bench);
}

/* Silence is what a guest is lost by. */
static void test_a_ping_without_an_agent_behind_it(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    struct yw_channel_request request;

    (void)state;
    begin(bench, true, true);
    wait_count(bench, &bench->hellos, 1);
    set_alive(bench, false);
    send_request(bench, &request, 7, YW_CHANNEL_PING, NULL);
    for (int64_t left = DEADLINE_MS; left > 0; left -= 20) {
        yw_loop_turn(bench->loop, 20);
        (void)pthread_mutex_lock(&bench->lock);
        const char *first = strstr(bench->said, "guest-ping");
        bool twice = first && strstr(first + 1, "guest-ping");

        (void)pthread_mutex_unlock(&bench->lock);
        if (twice)
            break;
    }
    set_alive(bench, true);
    ask_channel(bench, 8, YW_CHANNEL_PING, NULL); /* all before it was handled */
    assert_int_equal(bench->answers, 1);
    yw_channel_cancel(&request);
    end(bench);
}

static void test_programs(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    struct yw_buf fields;

    (void)state;
    begin(bench, true, true);
    wait_count(bench, &bench->hellos, 1);
    bench->looks = 2;
    pack_run(&fields, "uptime", DEADLINE_MS);
    ask_channel(bench, 1, YW_CHANNEL_RUN, &fields);
    assert_int_equal(bench->exit_code, 7);
    assert_string_equal(bench->output, "hi");
    assert_true(was_said(bench, "{\"arg\":[\"-x\"],\"capture-output\":true,\"path\":"
                                "\"uptime\"}"));
    pack_run(&fields, "no-such-program", DEADLINE_MS);
    ask_channel(bench, 2, YW_CHANNEL_RUN, &fields);
    assert_int_equal(bench->exit_code, 127);
    bench->looks = 1;
    pack_run(&fields, "sleep", 0);
    ask_channel(bench, 3, YW_CHANNEL_RUN, &fields);
    assert_int_equal(bench->exit_code, 124);
    assert_true(was_said(bench, "\"-KILL\",\"42\""));
    end(bench);
}

static void test_more_programs_than_it_can_hold(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    struct yw_channel_request requests[4];
    struct yw_buf fields;

    (void)state;
    begin(bench, true, true);
    wait_count(bench, &bench->hellos, 1);
    bench->looks = 1000000;
    for (uint32_t i = 0; i < 4; i++) {
        pack_run(&fields, "sleep", DEADLINE_MS);
        send_request(bench, &requests[i], 1 + i, YW_CHANNEL_RUN, &fields);
    }
    pack_run(&fields, "sleep", DEADLINE_MS);
    ask_channel(bench, 5, YW_CHANNEL_RUN, &fields);
    assert_int_equal(bench->exit_code, 125);
    for (uint32_t i = 0; i < 4; i++)
        yw_channel_cancel(&requests[i]);
    end(bench);
}

static void test_files(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    struct yw_buf fields;

    (void)state;
    begin(bench, true, true);
    wait_count(bench, &bench->hellos, 1);
    yw_buf_init(&fields, YW_CHANNEL_MESSAGE_MAX);
    yw_pack_str(&fields, "/etc/motd");
    yw_pack_i64(&fields, 4096);
    yw_pack_bytes(&fields, "hi", 2);
    ask_channel(bench, 1, YW_CHANNEL_WRITE, &fields);
    assert_int_equal(bench->exit_code, 0);
    assert_true(was_said(bench, "{\"mode\":\"r+\",\"path\":\"/etc/motd\"}"));
    assert_true(was_said(bench, "\"offset\":4096"));
    assert_true(was_said(bench, "\"buf-b64\":\"aGk=\",\"handle\":1000"));
    assert_true(was_said(bench, "guest-file-close"));
    yw_buf_init(&fields, YW_CHANNEL_MESSAGE_MAX);
    yw_pack_str(&fields, "/etc/motd");
    yw_pack_i64(&fields, 0);
    yw_pack_u32(&fields, 10);
    ask_channel(bench, 2, YW_CHANNEL_READ, &fields);
    assert_int_equal(bench->exit_code, 0);
    assert_memory_equal(bench->output, "hi\0", 4);
    end(bench);
}

static void test_without_an_agent(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    struct yw_buf fields;

    (void)state;
    begin(bench, false, true);
    wait_count(bench, &bench->hellos, 1);
    yw_buf_init(&fields, YW_CHANNEL_MESSAGE_MAX);
    yw_pack_str(&fields, "brought");
    ask_channel(bench, 1, YW_CHANNEL_START, &fields);
    assert_int_equal(bench->exit_code, 0);
    pack_run(&fields, "uptime", DEADLINE_MS);
    ask_channel(bench, 2, YW_CHANNEL_RUN, &fields);
    assert_int_equal(bench->exit_code, 126);
    assert_string_equal(bench->output, "its image has no agent");
    end(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_greets_when_its_agent_answers),
        cmocka_unit_test(test_a_ping_without_an_agent_behind_it),
        cmocka_unit_test(test_programs),
        cmocka_unit_test(test_more_programs_than_it_can_hold),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_without_an_agent),
    };

    return cmocka_run_group_tests_name("virt_foreign", tests, NULL, NULL);
}
