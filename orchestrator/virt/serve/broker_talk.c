/* Tasks that speak with the guest: SETUP and RUN. */
#include "virt/serve/broker_serve.h"

#include "base/mem.h"
#include "base/pack.h"
#include "base/random.h"
#include "virt/net/bridge.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#define PIECE_MAX YW_CHANNEL_CHUNK_MAX
_Static_assert(PIECE_MAX <= YW_CHANNEL_OUTPUT_MAX, "a piece fits an answer");
#define CARRY_NUMBERS (1u << 30)
#define GUEST_MARGIN_MS 200 /* the guest's own deadline comes before ours */

static void on_done(struct yw_channel_request *request, int code, uint32_t exit_code,
                    const char *output);

static void talk(struct yw_task *task, enum yw_channel_type type, uint32_t number,
                 const struct yw_buf *fields)
{
    struct yw_served *served = yw_task_served(task);
    struct yw_err err;

    assert(served && served->greeted);
    task->step = YW_TASK_TALKING;
    task->request.number = number;
    task->request.type = type;
    task->request.deadline_ms =
        task->job->call.deadline_ms; /* the task's own comes first */
    task->request.done = on_done;
    task->request.owner = task;
    int code = yw_channel_send(served->channel, &task->request, fields, &err);

    if (code < 0)
        yw_task_answer(task, code, &err);
}

/* Copies of one golden machine would all draw the same random numbers. */
static void put_entropy(struct yw_buf *out)
{
    uint8_t bytes[YW_CHANNEL_ENTROPY];
    char text[2 * sizeof(bytes) + 1];

    yw_random_secret(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        (void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    yw_pack_str(out, YW_CHANNEL_ENTROPY_SETTING);
    yw_pack_str(out, text);
}

/* Of each nic, or 0 for the usual. */
static void put_mtus(struct yw_buf *out, const struct yw_task *task)
{
    char text[YW_SPEC_NICS_MAX * 8] = "";

    for (size_t i = 0; i < task->job->machine.nic_count; i++)
        (void)yw_copyf(text + strlen(text), sizeof(text) - strlen(text), "%s%d",
                       i > 0 ? "," : "", task->job->spans[i] ? YW_VXLAN_MTU : 0);
    yw_pack_str(out, YW_CHANNEL_MTU_SETTING);
    yw_pack_str(out, text);
}

static size_t piece_of(const struct yw_task *task, size_t whole)
{
    size_t left = whole - task->part;

    return left < PIECE_MAX ? left : PIECE_MAX;
}

static void put_configuration(struct yw_buf *out, const struct yw_task *task)
{
    const struct yw_plan_machine *machine = &task->job->machine;
    const struct yw_virt_call *call = &task->job->call;

    yw_pack_str(out, machine->name);
    yw_pack_i64(out, yw_clock_wall_us(yw_loop_clock(task->serve->loop)));
    yw_pack_i64(out, (int64_t)machine->seed);
    yw_pack_u32(out, (uint32_t)machine->nic_count);
    for (size_t i = 0; i < machine->nic_count; i++) {
        struct in_addr address = {.s_addr = htonl(machine->nics[i].address)};
        char text[INET_ADDRSTRLEN];

        inet_ntop(AF_INET, &address, text, sizeof(text));
        yw_pack_str(out, machine->nics[i].mac);
        yw_pack_str(out, text);
        yw_pack_u32(out, (uint32_t)machine->nics[i].prefix);
    }
    char gateway[16] = "";

    if (machine->gateway != 0)
        yw_spec_address_text(machine->gateway, gateway);
    yw_pack_str(out, gateway);
    yw_pack_u32(out, (uint32_t)call->setting_count + 2);
    put_entropy(out);
    put_mtus(out, task);
    for (size_t i = 0; i < call->setting_count; i++) {
        yw_pack_str(out, call->settings[i].name);
        yw_pack_str(out, call->settings[i].value);
    }
}

/* Part 0 CONFIGURE, then one PUT a chunk, then START. */
void yw_task_set_up(struct yw_task *task)
{
    const struct yw_virt_file *file = &task->job->call.file;
    size_t chunks = (file->size + YW_CHANNEL_CHUNK_MAX - 1) / YW_CHANNEL_CHUNK_MAX;
    struct yw_buf fields;

    yw_buf_init(&fields, YW_CHANNEL_MESSAGE_MAX);
    if (task->part == 0) {
        put_configuration(&fields, task);
        talk(task, YW_CHANNEL_CONFIGURE, YW_CHANNEL_NUMBER_CONFIGURE, &fields);
    } else if (task->part <= chunks) {
        size_t at = (task->part - 1) * YW_CHANNEL_CHUNK_MAX;
        size_t size = file->size - at < YW_CHANNEL_CHUNK_MAX ? file->size - at
                                                             : YW_CHANNEL_CHUNK_MAX;

        yw_pack_str(&fields, file->name);
        yw_pack_u32(&fields, (uint32_t)at);
        yw_pack_u32(&fields, (uint32_t)file->size);
        yw_pack_bytes(&fields, file->bytes + at, size);
        talk(task, YW_CHANNEL_PUT, (uint32_t)(YW_CHANNEL_NUMBER_PUT + task->part - 1),
             &fields);
    } else {
        yw_pack_str(&fields, task->job->machine.image);
        talk(task, YW_CHANNEL_START, YW_CHANNEL_NUMBER_START, &fields);
    }
    yw_buf_fini(&fields);
}

void yw_task_run(struct yw_task *task)
{
    const struct yw_virt_call *call = &task->job->call;
    int64_t span_ms = call->deadline_ms > 2 * GUEST_MARGIN_MS
                          ? call->deadline_ms - GUEST_MARGIN_MS
                          : call->deadline_ms;
    struct yw_buf fields;

    if (call->request == 0 || call->request >= YW_CHANNEL_NUMBER_RUN) {
        yw_task_fail(task, YW_EINVAL, "request number out of range");
        return;
    }
    yw_buf_init(&fields, YW_CHANNEL_MESSAGE_MAX);
    yw_pack_u32(&fields, (uint32_t)call->argc);
    for (size_t i = 0; i < call->argc; i++)
        yw_pack_str(&fields, call->argv[i]);
    yw_pack_u32(&fields, span_ms < INT32_MAX ? (uint32_t)span_ms : INT32_MAX);
    talk(task, YW_CHANNEL_RUN, YW_CHANNEL_NUMBER_RUN + call->request, &fields);
    yw_buf_fini(&fields);
}

/* Files of a running guest, piece by piece; `part` bytes of this call are done. */
void yw_task_carry(struct yw_task *task)
{
    const struct yw_virt_call *call = &task->job->call;
    uint32_t number = YW_CHANNEL_NUMBER_CARRY + task->serve->next_carry++ % CARRY_NUMBERS;
    struct yw_buf fields;

    yw_buf_init(&fields, YW_CHANNEL_MESSAGE_MAX);
    yw_pack_str(&fields, call->path);
    yw_pack_i64(&fields, call->offset + (int64_t)task->part);
    if (call->op == YW_VIRT_PUT) {
        yw_pack_bytes(&fields, call->file.bytes ? call->file.bytes + task->part : "",
                      piece_of(task, call->file.size));
        talk(task, YW_CHANNEL_WRITE, number, &fields);
    } else {
        yw_pack_u32(&fields, (uint32_t)piece_of(task, YW_VIRT_FILE_MAX));
        talk(task, YW_CHANNEL_READ, number, &fields);
    }
    yw_buf_fini(&fields);
}

static void on_carried(struct yw_task *task, uint32_t exit_code, const char *output)
{
    struct yw_virt_call *call = &task->job->call;
    size_t whole = call->op == YW_VIRT_PUT ? call->file.size : YW_VIRT_FILE_MAX;
    size_t got = task->request.output_size;
    size_t piece = piece_of(task, whole);
    struct yw_err err;

    if (exit_code != 0 || (call->op == YW_VIRT_GET && got > piece)) {
        int code = yw_err_set(&err, YW_EIO, "the guest says: %s: %.300s", call->path,
                              exit_code != 0 ? output : "more than was asked for");

        yw_task_answer(task, code, &err);
        return;
    }
    if (call->op == YW_VIRT_GET) {
        if (!call->ret_bytes)
            call->ret_bytes = yw_new(YW_VIRT_FILE_MAX);
        memcpy(call->ret_bytes + task->part, output, got);
        call->ret_size = task->part + got;
    }
    task->part += call->op == YW_VIRT_GET ? got : piece;
    if (task->part == whole || (call->op == YW_VIRT_GET && got < piece))
        yw_task_answer(task, 0, NULL);
    else
        yw_task_carry(task);
}

static void on_set_up(struct yw_task *task, uint32_t exit_code, const char *output)
{
    size_t size = task->job->call.file.size;
    size_t last = (size + YW_CHANNEL_CHUNK_MAX - 1) / YW_CHANNEL_CHUNK_MAX + 1;
    struct yw_err err;

    if (exit_code != 0) {
        int code = yw_err_set(&err, YW_EIO, "%s: the guest says: %.300s",
                              task->part == 0      ? "configure"
                              : task->part == last ? "start"
                                                   : "put file",
                              output);

        yw_task_answer(task, code, &err);
    } else if (task->part++ == last) {
        yw_task_answer(task, 0, NULL);
    } else {
        yw_task_set_up(task);
    }
}

static void on_done(struct yw_channel_request *request, int code, uint32_t exit_code,
                    const char *output)
{
    struct yw_task *task = request->owner;

    if (code < 0) {
        yw_task_fail(task, code, "the guest has not answered");
        return;
    }
    if (task->job->call.op == YW_VIRT_MACHINE_SETUP) {
        on_set_up(task, exit_code, output);
        return;
    }
    if (task->job->call.op == YW_VIRT_PUT || task->job->call.op == YW_VIRT_GET) {
        on_carried(task, exit_code, output);
        return;
    }
    task->job->call.exit_code = (int)exit_code;
    YW_COPY(task->job->call.output, output);
    yw_task_answer(task, 0, NULL);
}
