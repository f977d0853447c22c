/* The core's side of a broker connection; this test is the broker. And the packed form of
 * calls and results at their limits. */
#include "base/mem.h"
#include "loop/loop.h"
#include "loop/stream.h"
#include "virt/broker_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

struct bench {
    struct yw_loop *loop;
    struct yw_virt *virt;
    struct yw_stream *stream; /* the broker's end of the newest connection */
    int spawned;
    int calls;
    int cancels;
    int64_t last_id;
    bool mute; /* answers nothing */
    int downs;
    int ups;
    int lines;
};

struct answer {
    int count;
    int code;
    char text[YW_ERR_TEXT_MAX];
};

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct answer *answer = call->owner;

    assert_true((code < 0) == (err != NULL));
    answer->count++;
    answer->code = code;
    if (err)
        YW_COPY(answer->text, err->text);
}

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct bench *bench = owner;

    bench->downs += notice->kind == YW_VIRT_BROKER_DOWN;
    bench->ups += notice->kind == YW_VIRT_BROKER_UP;
    bench->lines += notice->kind == YW_VIRT_LINE;
}

static void say(struct bench *bench, struct yw_buf *message)
{
    assert_int_equal(yw_stream_send(bench->stream, message->data, message->size, NULL),
                     0);
    yw_buf_fini(message);
}

static void say_ready(struct bench *bench)
{
    struct yw_buf message;

    yw_buf_init(&message, 256);
    yw_broker_pack_build(&message, YW_BROKER_READY);
    say(bench, &message);
}

static void on_message(void *owner, const void *bytes, size_t size)
{
    struct bench *bench = owner;
    struct yw_unpack in;
    struct yw_buf message;

    yw_unpack_init(&in, bytes, size);
    uint8_t type = yw_unpack_u8(&in);

    bench->cancels += type == YW_BROKER_CANCEL;
    if (type != YW_BROKER_CALL)
        return;
    struct yw_broker_job *job = yw_broker_unpack_call(&in);

    assert_non_null(job);
    bench->calls++;
    bench->last_id = job->id;
    if (!bench->mute) {
        YW_COPY(job->call.output, "facts");
        yw_buf_init(&message, YW_BROKER_MESSAGE_MAX);
        yw_broker_pack_result(&message, job->id, &job->call, 0, NULL);
        say(bench, &message);
    }
    yw_broker_job_free(job);
}

static void on_end(void *owner, const struct yw_err *why)
{
    (void)owner;
    (void)why;
}

static int spawn(void *arg, int *ret_fd, struct yw_err *err)
{
    struct bench *bench = arg;
    struct yw_stream_events events = {
        .on_message = on_message, .on_end = on_end, .owner = bench};
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    yw_stream_close(bench->stream);
    bench->spawned++;
    *ret_fd = pair[0];
    return yw_stream_open(&bench->stream, bench->loop, pair[1], YW_BROKER_MESSAGE_MAX,
                          YW_BROKER_QUEUE_MAX, &events, err);
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    struct yw_virt_broker_config config = {.spawn = spawn, .spawn_arg = bench};
    struct yw_err err;

    assert_int_equal(yw_loop_open(&bench->loop, &err), 0);
    assert_int_equal(yw_virt_open_broker(&bench->virt, bench->loop, &config, &err), 0);
    bench->virt->on_notice = on_notice;
    bench->virt->owner = bench;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    yw_virt_close(bench->virt);
    yw_stream_close(bench->stream);
    yw_loop_turn(bench->loop, 0);
    yw_loop_close(bench->loop);
    free(bench);
    return 0;
}

/* Turns enough for what is under way, also when a busy machine makes each a long one. */
static void turn_for(struct bench *bench, int64_t span_ms)
{
    int64_t until = yw_clock_mono_ms(yw_loop_clock(bench->loop)) + span_ms;

    for (int i = 0; i < 10 || yw_clock_mono_ms(yw_loop_clock(bench->loop)) < until; i++)
        yw_loop_turn(bench->loop, 5);
}

static struct yw_virt_call *begin(struct bench *bench, struct answer *answer,
                                  int64_t deadline_ms)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));

    memset(answer, 0, sizeof(*answer));
    call->op = YW_VIRT_PROBE;
    call->deadline_ms = deadline_ms;
    call->done = on_done;
    call->owner = answer;
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    assert_int_equal(answer->count, 0);
    return call;
}

static void test_calls_wait_until_it_is_ready(void **state)
{
    struct bench *bench = *state;
    struct answer answer, late;
    struct yw_virt_call *call = begin(bench, &answer, 5000);
    struct yw_virt_call *impatient = begin(bench, &late, 20);

    turn_for(bench, 50);
    assert_int_equal(bench->calls, 0);
    assert_int_equal(late.code, YW_ETIMEOUT);
    say_ready(bench);
    turn_for(bench, 50);
    assert_int_equal(bench->calls, 1);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.code, 0);
    assert_string_equal(call->output, "facts");
    free(call);
    free(impatient);
}

static void test_its_end_ends_the_calls(void **state)
{
    struct bench *bench = *state;
    struct answer answer;

    bench->mute = true;
    say_ready(bench);
    turn_for(bench, 20);
    struct yw_virt_call *call = begin(bench, &answer, 5000);

    turn_for(bench, 20);
    assert_int_equal(bench->calls, 1);
    yw_stream_close(bench->stream);
    bench->stream = NULL;
    turn_for(bench, 300);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.code, YW_EIO);
    assert_int_equal(bench->downs, 1);
    assert_int_equal(bench->spawned, 2);
    assert_int_equal(bench->ups, 0);
    say_ready(bench);
    turn_for(bench, 20);
    assert_int_equal(bench->ups, 1);
    free(call);
}

static void test_silence_beyond_the_deadline_is_its_end(void **state)
{
    struct bench *bench = *state;
    struct answer answer;

    bench->mute = true;
    say_ready(bench);
    turn_for(bench, 20);
    struct yw_virt_call *call = begin(bench, &answer, 50);

    turn_for(bench, 200);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.code, YW_ETIMEOUT);
    assert_int_equal(bench->downs, 0);
    free(call);
    turn_for(bench, 3500);
    assert_int_equal(bench->downs, 1);
    assert_int_equal(bench->spawned, 2);
    assert_int_equal(answer.count, 1);
}

static void test_a_late_answer_is_dropped(void **state)
{
    struct bench *bench = *state;
    struct yw_virt_call none = {0};
    struct yw_buf message;
    struct answer answer;

    bench->mute = true;
    say_ready(bench);
    turn_for(bench, 20);
    struct yw_virt_call *call = begin(bench, &answer, 50);

    turn_for(bench, 200);
    free(call);
    yw_buf_init(&message, YW_BROKER_MESSAGE_MAX);
    yw_broker_pack_result(&message, bench->last_id, &none, 0, NULL);
    say(bench, &message);
    turn_for(bench, 3500);
    assert_int_equal(answer.count, 1);
    assert_int_equal(bench->downs, 0);
}

static void test_cancel(void **state)
{
    struct bench *bench = *state;
    struct answer answer;

    bench->mute = true;
    say_ready(bench);
    turn_for(bench, 20);
    struct yw_virt_call *call = begin(bench, &answer, 5000);

    turn_for(bench, 20);
    yw_virt_cancel(bench->virt, call);
    assert_int_equal(answer.count, 0);
    turn_for(bench, 20);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.code, YW_ECANCELED);
    assert_int_equal(bench->cancels, 1);
    free(call);
}

static void test_garbage_is_its_end(void **state)
{
    struct bench *bench = *state;
    struct yw_virt_notice notice = {.kind = YW_VIRT_LINE};
    struct yw_buf message;

    say_ready(bench);
    yw_buf_init(&message, 4096);
    yw_broker_pack_notice(&message, &notice);
    say(bench, &message);
    turn_for(bench, 20);
    assert_int_equal(bench->lines, 1);
    yw_buf_init(&message, 4096);
    notice.output_count = YW_VIRT_FIELD_MAX;
    yw_broker_pack_notice(&message, &notice);
    message.size--; /* cut short */
    say(bench, &message);
    turn_for(bench, 20);
    assert_int_equal(bench->downs, 1);
}

/* A broker of another build is not talked to, and whoever waits learns why. */
static void test_another_build_is_refused(void **state)
{
    struct bench *bench = *state;
    struct yw_buf message;
    struct answer answer;

    yw_buf_init(&message, 256);
    yw_pack_u8(&message, YW_BROKER_READY);
    yw_pack_str(&message, "0123456789abcdef");
    yw_pack_str(&message, "9.9.9");
    say(bench, &message);
    struct yw_virt_call *call = begin(bench, &answer, 60);

    turn_for(bench, 90);
    assert_int_equal(answer.code, YW_ETIMEOUT);
    assert_non_null(strstr(answer.text, "another build of yanwu (version 9.9.9"));
    assert_int_equal(bench->calls, 0);
    free(call);
}

static void test_a_broker_says_why_it_fails(void **state)
{
    struct bench *bench = *state;
    struct yw_buf message;
    struct answer answer;

    yw_buf_init(&message, 256);
    yw_pack_u8(&message, YW_BROKER_FAILED);
    yw_pack_str(&message, "no such certificate");
    say(bench, &message);
    struct yw_virt_call *call = begin(bench, &answer, 60);

    turn_for(bench, 90);
    assert_non_null(strstr(answer.text, "not connected: no such certificate"));
    free(call);
}

static void test_a_call_survives_packing(void **state)
{
    struct yw_plan_network networks[2] = {{.bridge = "yw-0"}, {.bridge = "yw-1"}};
    struct yw_plan plan = {.networks = networks, .network_count = 2};
    struct yw_plan_machine machine = {.domain = "d", .ram_mib = 96, .nic_count = 1};
    struct yw_virt_call *call = yw_new(sizeof(*call));
    char *file = yw_new(YW_VIRT_FILE_MAX + 1);
    struct yw_unpack in;
    struct yw_buf out;

    (void)state;
    machine.nics[0].network = 1;
    machine.nics[0].prefix = 24;
    call->op = YW_VIRT_MACHINE_SETUP;
    call->machine = &machine;
    call->plan = &plan;
    call->deadline_ms = 7;
    call->nic = -1;
    call->argc = 1;
    YW_COPY(call->argv[0], "addr");
    call->file.bytes = file;
    call->file.size = YW_VIRT_FILE_MAX;
    yw_buf_init(&out, YW_BROKER_MESSAGE_MAX);
    yw_broker_pack_call(&out, 42, call);
    for (size_t size = 1; size < out.size; size += size < 600 ? 1 : 977) {
        yw_unpack_init(&in, out.data + 1, size - 1);
        assert_null(yw_broker_unpack_call(&in));
    }
    yw_unpack_init(&in, out.data + 1, out.size - 1);
    struct yw_broker_job *job = yw_broker_unpack_call(&in);

    assert_non_null(job);
    assert_int_equal(job->id, 42);
    assert_string_equal(job->bridges[0], "yw-1");
    assert_int_equal(job->call.file.size, YW_VIRT_FILE_MAX);
    assert_int_equal(job->call.nic, -1);
    yw_broker_job_free(job);
    call->file.size = YW_VIRT_FILE_MAX + 1;
    yw_buf_clear(&out);
    yw_broker_pack_call(&out, 42, call);
    yw_unpack_init(&in, out.data + 1, out.size - 1);
    assert_null(yw_broker_unpack_call(&in));
    yw_buf_fini(&out);
    free(file);
    free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_calls_wait_until_it_is_ready, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_its_end_ends_the_calls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silence_beyond_the_deadline_is_its_end,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_late_answer_is_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_garbage_is_its_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_build_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_broker_says_why_it_fails, setup, teardown),
        cmocka_unit_test(test_a_call_survives_packing),
    };

    return cmocka_run_group_tests_name("virt_broker", tests, NULL, NULL);
}
