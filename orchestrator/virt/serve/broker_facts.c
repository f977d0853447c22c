/* What PROBE answers. */
#include "virt/confine/host_traits.h"
#include "virt/serve/broker_network.h"
#include "virt/serve/broker_serve.h"

#include "base/mem.h"

#include <string.h>

/* Nothing of this host is read from here: what is not known counts as missing. */
static void far_traits(struct yw_host_traits *ret, const struct yw_accel *accel)
{
    memset(ret, 0, sizeof(*ret));
    ret->known = true;
    ret->kvm = accel->kvm;
    YW_COPY(ret->kvm_why, accel->why);
    YW_COPY(ret->mac, "none");
}

static void far_text(struct yw_buf *out, const struct yw_serve *serve,
                     const struct yw_work *work)
{
    /* Of the address only the host: a URI may name paths of ours. No quotes in it. */
    yw_buf_printf(out,
                  "{\"connection\":\"daemon\",\"accelerator\":\"%s\",\"libvirt\":\"%s\","
                  "\"qemu\":\"%s\",\"cores\":%lld,\"memory_mib\":%lld,\"disk_mib\":%lld,"
                  "\"spans\":false,\"copies\":false,\"points\":false,\"guard\":false,"
                  "\"filters\":%s,\"capture\":false,\"shape\":false,\"moves\":true}",
                  serve->accel.kvm ? "kvm" : "tcg", work->libvirt, work->qemu,
                  (long long)work->capacity.cores, (long long)work->capacity.memory_mib,
                  (long long)work->capacity.disk_mib,
                  serve->root.filters ? "true" : "false");
}

void yw_task_give_facts(struct yw_task *task, const struct yw_work *work)
{
    struct yw_buf out;

    yw_buf_init(&out, YW_VIRT_OUTPUT_MAX - 1);
    if (task->serve->root.far) {
        far_traits(&task->job->call.traits, &task->serve->accel);
        far_text(&out, task->serve, work);
        YW_COPY(task->job->call.output, out.data);
        yw_buf_fini(&out);
        return;
    }
    yw_host_traits_read(&task->job->call.traits, &task->serve->accel,
                        &task->serve->limits);
    task->job->call.traits.bandwidth = work->bandwidth;
    task->job->call.traits.delay = work->delay;
    task->job->call.traits.nftables =
        work->guard; /* the program too, not the kernel only */
    yw_network_host(&task->job->call.traits);
    yw_accel_facts(&out, &task->job->call.traits, task->serve->root.uri, work->libvirt,
                   work->qemu, task->serve->root.state);
    YW_COPY(task->job->call.output, out.data);
    yw_buf_fini(&out);
}
