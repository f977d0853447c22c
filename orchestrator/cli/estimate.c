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

/* This host, as its own files tell. */
static int look_here(struct yw_estimate *estimate, const struct yw_cli *cli,
                     const char *how, struct yw_err *err)
{
    struct yw_admit_host *host = &estimate->hosts[0];
    struct yw_capacity capacity;

    yw_capacity_read(&capacity, cli->data_dir);
    YW_COPY(host->name, "local");
    host->weight = 1;
    host->facts.cores = capacity.cores;
    host->facts.memory_mib = capacity.memory_mib;
    host->facts.disk_mib = capacity.disk_mib;
    estimate->admit.host_count = 1;
    return way_of(how, &host->facts.way, err);
}

static int choose_way(struct yw_estimate *estimate, const char *how, struct yw_err *err)
{
    enum yw_admit_way way = YW_ADMIT_SHARED;
    int code = way_of(how, &way, err);

    for (size_t i = 0; how != NULL && code == 0 && i < estimate->admit.host_count; i++)
        estimate->hosts[i].facts.way = way;
    return code;
}

int yw_estimate_make(struct yw_estimate **ret, const struct yw_cli *cli,
                     const struct yw_spec *spec, const struct yw_plan *plan,
                     const struct yw_estimate_order *order, struct yw_err *err)
{
    struct yw_estimate *estimate = yw_new(sizeof *estimate);
    int code = 0;

    estimate->many = order->hosts != NULL;
    if (estimate->many) {
        code = yw_estimate_ask(estimate, cli, order->hosts, spec, err);
        if (code == 0)
            code = choose_way(estimate, order->how, err);
    } else {
        code = look_here(estimate, cli, order->how, err);
    }
    estimate->admit.spec = spec;
    estimate->admit.plan = plan;
    estimate->admit.hosts = estimate->hosts;
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

static void print_host(const struct yw_cli *cli, const struct yw_estimate *estimate,
                       size_t index)
{
    const struct yw_admit *admit = &estimate->admit;
    const struct yw_admit_host *host = &admit->hosts[index];
    size_t machines = 0;

    if (estimate->why[index][0] != '\0') {
        printf(yw_cli_text(cli, "  %-14s 未答复，不予安排：%s\n",
                           "  %-14s has not answered and takes nothing: %s\n"),
               host->name, estimate->why[index]);
        return;
    }
    print_load(cli, host->name, &admit->rooms[index].room);
    if (!estimate->many || !admit->ok)
        return;
    for (size_t i = 0; i < admit->place.machine_count; i++)
        machines += admit->place.machines[i].host == (int)index;
    if (machines > 0)
        printf(yw_cli_text(cli, "    安排 %zu 台机器\n", "    takes %zu machines\n"),
               machines);
    if (machines > 0)
        print_load(cli, yw_cli_text(cli, "    占用", "    used"),
                   &admit->place.used[index]);
}

/* Where one team goes: "blue  east 2, west 1; spans control". */
static void print_team(const struct yw_cli *cli, const struct yw_admit *admit, int team)
{
    printf("  %-14s", admit->plan->teams[team]);
    for (size_t h = 0; h < admit->host_count; h++) {
        size_t machines = 0;

        for (size_t i = 0; i < admit->place.machine_count; i++)
            machines += admit->place.machines[i].team == team &&
                        admit->place.machines[i].host == (int)h;
        if (machines > 0)
            printf(yw_cli_text(cli, " %s（%zu 台）", " %s (%zu)"), admit->hosts[h].name,
                   machines);
    }
    for (size_t s = 0; s < admit->place.span_count; s++) {
        const struct yw_place_span *span = &admit->place.spans[s];

        if (span->team == team)
            printf(yw_cli_text(cli, " 网络 %s 跨主机", ", network %s spans hosts"),
                   admit->spec->networks[span->network].name);
    }
    putchar('\n');
}

void yw_estimate_print(const struct yw_cli *cli, const struct yw_estimate *estimate)
{
    const struct yw_admit *admit = &estimate->admit;

    printf(yw_cli_text(cli, "估算（%s 方式）\n", "estimate (%s)\n"),
           yw_admit_way_name(admit->hosts[0].facts.way));
    print_load(cli, yw_cli_text(cli, "每队", "one team"), &admit->team);
    print_load(cli, yw_cli_text(cli, "合计", "in total"), &admit->total);
    if (admit->reset_mib > 0)
        printf(yw_cli_text(cli, "  %-14s 内存再加至多 %lld MiB（机器各复位过一次之后）\n",
                           "  %-14s up to %lld MiB of memory more, once every machine "
                           "was set back\n"),
               yw_cli_text(cli, "复位", "resets"), (long long)admit->reset_mib);
    for (size_t i = 0; i < admit->host_count; i++)
        print_host(cli, estimate, i);
    if (estimate->many && admit->ok)
        fputs(yw_cli_text(cli, "安排\n", "placed\n"), stdout);
    for (size_t t = 0; estimate->many && admit->ok && t < admit->plan->team_count; t++)
        print_team(cli, admit, (int)t);
    if (admit->lacks[0] != '\0')
        printf("%s\n", admit->lacks);
    printf(yw_cli_text(cli, "最多 %d 队\n", "at most %d teams\n"), admit->teams_max);
    if (!admit->ok)
        printf(yw_cli_text(cli, "承担不了：%s\n", "too much: %s\n"), admit->detail);
}
