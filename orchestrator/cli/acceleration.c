#include "cli/acceleration.h"

#include "base/mem.h"
#include "codec/request/request.h"
#include "loop/loop.h"
#include "store/journal.h"
#include "virt/virt.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROBE_MS 30000

struct answer {
    bool there;
    int code;
    struct yw_err err;
};

static void on_probed(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct answer *answer = call->owner;

    answer->there = true;
    answer->code = code;
    if (code < 0)
        answer->err = *err;
}

static int read_facts(const char *facts, struct yw_acceleration *ret, struct yw_err *err)
{
    char accelerator[16];
    size_t size = strlen(facts);

    if (yw_json_get(facts, size, "/accelerator", accelerator, sizeof accelerator) != 0 ||
        yw_json_get(facts, size, "/why", ret->why, sizeof ret->why) != 0)
        return yw_err_set(err, YW_EIO, "the broker tells no accelerator");
    ret->kvm = strcmp(accelerator, "kvm") == 0;
    return 0;
}

static int probe(struct yw_loop *loop, struct yw_virt *virt, struct yw_acceleration *ret,
                 struct yw_err *err)
{
    struct answer answer = {0};
    struct yw_virt_call *call = yw_new(sizeof *call);

    call->op = YW_VIRT_PROBE;
    call->deadline_ms = PROBE_MS;
    call->done = on_probed;
    call->owner = &answer;
    int code = yw_virt_call(virt, call, err);

    while (code == 0 && !answer.there)
        yw_loop_turn(loop, 100);
    if (code == 0 && answer.code < 0) {
        code = answer.code;
        *err = answer.err;
    }
    if (code == 0)
        code = read_facts(call->output, ret, err);
    free(call);
    return code;
}

int yw_acceleration_prove(const struct yw_cli *cli, struct yw_acceleration *ret,
                          struct yw_err *err)
{
    struct yw_virt_broker_config config = {0};
    struct yw_loop *loop = NULL;
    struct yw_virt *virt = NULL;
    int lock_fd = -1;

    if (geteuid() != 0)
        return yw_err_set(err, YW_EDENIED, "only root can boot a machine");
    (void)mkdir(cli->data_dir, 0755);
    int code = yw_store_lock(cli->data_dir, &lock_fd, err);

    if (code < 0)
        return code;
    YW_COPY(config.uri, cli->connect);
    YW_COPY(config.data_dir, cli->data_dir);
    YW_COPY(config.images_dir, cli->images_dir);
    YW_COPY(config.program, cli->program);
    code = yw_loop_open(&loop, err);
    if (code == 0)
        code = yw_virt_open_broker(&virt, loop, &config, err);
    if (code == 0)
        code = probe(loop, virt, ret, err);
    yw_virt_close(virt);
    yw_loop_close(loop);
    (void)close(lock_fd);
    return code;
}
