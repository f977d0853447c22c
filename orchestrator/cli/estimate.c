#include "cli/estimate.h"

#include "base/mem.h"
#include "virt/serve/capacity.h"

#include <stdio.h>
#include <stdlib.h>

static int way_of(const char *how, enum yw_admit_way *ret, struct yw_err *err)
{
    int way = how != NULL ? yw_admit_way_of(how) : YW_ADMIT_SHARED;

    if (way < 0)
        return yw_err_set(err, YW_EINVAL, "--how '%s': cold, saved or shared", how);
    *ret = (enum yw_admit_way)way;
    return 0;
}

int yw_estimate_make(struct yw_estimate **ret, const struct yw_cli *cli,
                     const struct yw_spec *spec, const struct yw_plan *plan,
                     const char *how, struct yw_err *err)
{
    struct yw_estimate *estimate = yw_new(sizeof *estimate);
    struct yw_admit_host *host = &estimate->hosts[0];
    struct yw_capacity capacity;
    int code = way_of(how, &host->facts.way, err);

    yw_capacity_read(&capacity, cli->data_dir);
    YW_COPY(host->name, "local");
    host->weight = 1;
    host->facts.cores = capacity.cores;
    host->facts.memory_mib = capacity.memory_mib;
    host->facts.disk_mib = capacity.disk_mib;
    estimate->admit.spec = spec;
    estimate->admit.plan = plan;
    estimate->admit.hosts = estimate->hosts;
    estimate->admit.host_count = 1;
    if (code == 0)
        code = yw_admit_run(&estimate->admit, err);
    if (code < 0) {
        yw_estimate_free(estimate);
        return code;
    }
    *ret = estimate;
    return 0;
}

void yw_estimate_free(struct yw_estimate *estimate)
{
    if (estimate == NULL)
        return;
    yw_admit_fini(&estimate->admit);
    free(estimate);
}

static void print_load(const struct yw_cli *cli, const char *name,
                       const struct yw_place_load *load)
{
    printf(yw_cli_text(cli,
                       "  %-14s 内存 %lld MiB，磁盘 %lld MiB，启动 %.1f 秒处理器时间，"
                       "常态 %.2f 核\n",
                       "  %-14s memory %lld MiB, disk %lld MiB, %.1f s of processor time "
                       "to start, %.2f cores steadily\n"),
           name, (long long)load->memory_mib, (long long)load->disk_mib,
           (double)load->boot_ms / 1000.0, (double)load->millicores / 1000.0);
}

void yw_estimate_print(const struct yw_cli *cli, const struct yw_estimate *estimate)
{
    const struct yw_admit *admit = &estimate->admit;

    printf(yw_cli_text(cli, "估算（%s 方式）\n", "estimate (%s)\n"),
           yw_admit_way_name(admit->hosts[0].facts.way));
    print_load(cli, yw_cli_text(cli, "每队", "one team"), &admit->team);
    print_load(cli, yw_cli_text(cli, "合计", "in total"), &admit->total);
    for (size_t i = 0; i < admit->host_count; i++)
        print_load(cli, admit->hosts[i].name, &admit->rooms[i].room);
    printf(yw_cli_text(cli, "最多 %d 队\n", "at most %d teams\n"), admit->teams_max);
    if (!admit->ok)
        printf(yw_cli_text(cli, "承担不了：%s\n", "too much: %s\n"), admit->detail);
}
