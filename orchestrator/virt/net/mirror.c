#include "virt/net/mirror.h"

#include "base/buf.h"
#include "virt/net/nft.h"

#define SCRIPT_MAX 8192

static void put_port(struct yw_buf *out, const char *table, const struct yw_plan_nic *nic)
{
    yw_buf_printf(out,
                  "add chain netdev %s %s { type filter hook ingress device \"%s\" "
                  "priority 0; policy accept; }\nflush chain netdev %s %s\n",
                  table, nic->tap, nic->tap, table, nic->tap);
    yw_buf_printf(out, "add rule netdev %s %s dup to \"%s\"\n", table, nic->tap,
                  nic->mirror);
}

int yw_mirror_up(const char *drill, const struct yw_plan_machine *machine,
                 struct yw_err *err)
{
    char table[YW_PLAN_BRIDGE_MAX];
    struct yw_buf script;
    size_t ports = 0;

    yw_plan_prefix(drill, table);
    yw_buf_init(&script, SCRIPT_MAX);
    yw_buf_printf(&script, "add table netdev %s { comment \"yanwu:%s\"; }\n", table,
                  drill);
    for (size_t i = 0; i < machine->nic_count; i++) {
        if (!machine->nics[i].mirror[0] || !machine->nics[i].tap[0])
            continue;
        put_port(&script, table, &machine->nics[i]);
        ports++;
    }
    int code = ports == 0 ? 0 : yw_nft_run(script.data, script.size, NULL, 0, err);

    yw_buf_fini(&script);
    return code < 0 ? yw_err_prefix(err, "copies of what '%s' says", machine->name) : 0;
}

void yw_mirror_down(const char *drill)
{
    char table[YW_PLAN_BRIDGE_MAX];
    struct yw_buf script;

    yw_plan_prefix(drill, table);
    yw_buf_init(&script, SCRIPT_MAX);
    yw_buf_printf(&script, "add table netdev %s\ndelete table netdev %s\n", table, table);
    (void)yw_nft_run(script.data, script.size, NULL, 0, NULL);
    yw_buf_fini(&script);
}
