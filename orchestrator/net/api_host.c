/* /api/v1/hosts: what carries the ranges, and control's orders about it. */
#include "base/mem.h"
#include "drill/conductor.h"
#include "net/door.h"

#include <stdlib.h>
#include <string.h>

#define HOSTS_MAX 64

static int64_t since_us(const struct yw_clock *clock, const struct yw_virt_host *host)
{
    return yw_clock_wall_us(clock) - (yw_clock_mono_ms(clock) - host->since_ms) * 1000;
}

static void put_host(struct yw_buf *out, const struct yw_exchange *exchange,
                     const struct yw_virt_host *host)
{
    const struct yw_conductor *conductor = exchange->net->conductor;
    yw_buf_puts(out, "{\"detail\":");
    yw_json_string(out, host->detail);
    yw_buf_printf(out, ",\"machines\":%zu,\"memory_mib\":%lld,\"name\":",
                  yw_conductor_host_machines(conductor, host->name),
                  (long long)yw_conductor_host_memory_mib(conductor, host->name));
    yw_json_string(out, host->name);
    if (host->since_ms > 0)
        yw_buf_printf(out, ",\"since_wall_us\":%lld",
                      (long long)since_us(yw_loop_clock(exchange->net->loop), host));
    yw_buf_puts(out, ",\"state\":");
    yw_json_string(out, yw_host_state_name(host->state));
    yw_buf_printf(out, ",\"weight\":%d}", host->weight);
}

int yw_api_host_list(struct yw_exchange *exchange, struct yw_err *err)
{
    (void)err;
    const struct yw_conductor *conductor = exchange->net->conductor;
    struct yw_virt_host *hosts = yw_new_array(HOSTS_MAX, sizeof(*hosts));
    size_t count = yw_conductor_hosts(conductor, hosts, HOSTS_MAX);
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_buf_puts(&out, "{\"hosts\":[");
    for (size_t i = 0; i < count; i++) {
        yw_buf_puts(&out, i ? "," : "");
        put_host(&out, exchange, &hosts[i]);
    }
    yw_buf_puts(&out, "]}");
    free(hosts);
    yw_exchange_json(exchange, 200, &out);
    return 0;
}

int yw_api_host_order(struct yw_exchange *exchange, struct yw_err *err)
{
    static const struct {
        const char *word;
        enum yw_host_order order;
    } orders[] = {{"drain", YW_HOST_DRAIN},
                  {"undrain", YW_HOST_UNDRAIN},
                  {"forget", YW_HOST_FORGET}};
    const char *word = strrchr(exchange->path, '/') + 1;
    size_t i = 0;
    while (strcmp(orders[i].word, word) != 0)
        i++; /* the route table lists these words only */
    char actor[YW_EVENT_ACTOR_MAX];
    (void)yw_copyf(actor, sizeof actor, "control");
    int code = yw_conductor_host_order(exchange->net->conductor, exchange->parts[0],
                                       orders[i].order, actor, err);
    if (code)
        return code;
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_buf_puts(&out, "{\"ok\":true}");
    yw_exchange_json(exchange, 200, &out);
    return 0;
}
