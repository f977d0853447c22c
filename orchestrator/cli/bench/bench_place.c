/* Placement at the size that it is made for, against reading what is to be placed, in one
 * process and by processor time: rounds alternate, the median round counts. */
#include "base/mem.h"
#include "base/pack.h"
#include "cli/bench/bench.h"
#include "cli/option.h"
#include "model/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TEAMS 20
#define EACH 500
#define HOSTS 40
#define NETWORKS 20
#define MACHINES (TEAMS * EACH)
#define ROUNDS 9
#define PACKED_MAX ((size_t)8 * 1024 * 1024)

struct scene {
    struct yw_place_host hosts[HOSTS];
    struct yw_place_machine machines[MACHINES];
    struct yw_buf packed;
};

struct figures {
    double place_ms[ROUNDS], read_ms[ROUNDS];
    uint64_t steps;
    size_t spans;
};

static double cpu_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* No team fits on a host: each is split, which is what costs. */
static void fill(struct scene *scene)
{
    for (int i = 0; i < HOSTS; i++) {
        struct yw_place_host *host = &scene->hosts[i];

        (void)snprintf(host->name, sizeof host->name, "range%02d", i + 1);
        host->weight = 1;
        host->room = (struct yw_place_load){.memory_mib = 30000 + 100 * i,
                                            .millicores = 64000,
                                            .disk_mib = 2000000,
                                            .boot_ms = 10000000};
    }
    yw_buf_init(&scene->packed, PACKED_MAX);
    for (int i = 0; i < MACHINES; i++) {
        int network = i % NETWORKS;
        uint32_t second = i % 7 == 0 ? 1U << (network + 1) % NETWORKS : 0;

        yw_pack_u32(&scene->packed, (uint32_t)(i / EACH));
        yw_pack_u32(&scene->packed, (1U << network) | second);
        yw_pack_i64(&scene->packed, 96 + 8 * (i % 5));
        yw_pack_i64(&scene->packed, 7);
        yw_pack_i64(&scene->packed, 66);
        yw_pack_i64(&scene->packed, 310);
    }
}

static void read_machines(struct scene *scene)
{
    struct yw_unpack in;

    yw_unpack_init(&in, scene->packed.data, scene->packed.size);
    for (int i = 0; i < MACHINES; i++) {
        struct yw_place_machine *machine = &scene->machines[i];

        *machine = (struct yw_place_machine){.host = YW_PLACE_NOWHERE};
        machine->team = (int)yw_unpack_u32(&in);
        machine->networks = yw_unpack_u32(&in);
        machine->need.memory_mib = yw_unpack_i64(&in);
        machine->need.millicores = yw_unpack_i64(&in);
        machine->need.disk_mib = yw_unpack_i64(&in);
        machine->need.boot_ms = yw_unpack_i64(&in);
    }
}

static int one_round(struct scene *scene, struct figures *figures, int round,
                     struct yw_err *err)
{
    struct yw_place place = {.drill = "bench",
                             .hosts = scene->hosts,
                             .host_count = HOSTS,
                             .machines = scene->machines,
                             .machine_count = MACHINES};
    double start = cpu_ms();

    read_machines(scene);
    figures->read_ms[round] = cpu_ms() - start;
    start = cpu_ms();
    int code = yw_place_run(&place, err);

    figures->place_ms[round] = cpu_ms() - start;
    figures->steps = place.steps;
    figures->spans = place.span_count;
    yw_place_fini(&place);
    return code;
}

static void print(const struct yw_cli *cli, struct figures *figures)
{
    qsort(figures->place_ms, ROUNDS, sizeof(double), yw_bench_compare);
    qsort(figures->read_ms, ROUNDS, sizeof(double), yw_bench_compare);
    double place_ms = figures->place_ms[ROUNDS / 2];
    double read_ms = figures->read_ms[ROUNDS / 2];
    double times = read_ms > 0 ? place_ms / read_ms : 0;

    if (cli->json) {
        printf("{\"hosts\":%d,\"machines\":%d,\"place_ms\":%.2f,\"read_ms\":%.3f,"
               "\"spans\":%zu,\"steps\":%llu,\"teams\":%d,\"times_read\":%.1f}\n",
               HOSTS, MACHINES, place_ms, read_ms, figures->spans,
               (unsigned long long)figures->steps, TEAMS, times);
        return;
    }
    printf(
        yw_cli_text(cli,
                    "%d 队 × %d 台机器，%d 台主机：安排用 %.1f 毫秒处理器时间，为读入的 "
                    "%.1f 倍；%llu 步，%zu 个网络跨主机\n",
                    "%d teams × %d machines on %d hosts: placed in %.1f ms of processor "
                    "time, %.1f times that of reading them; %llu steps, %zu networks "
                    "span hosts\n"),
        TEAMS, EACH, HOSTS, place_ms, times, (unsigned long long)figures->steps,
        figures->spans);
}

int yw_bench_place(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(NULL, 0, argc, argv, &words, &err);

    if (code == 0)
        code = yw_words_expect(&words, 0, 0, "bench place", &err);
    if (code < 0)
        return yw_cli_fail(cli, &err);
    struct scene *scene = yw_new(sizeof *scene);
    struct figures figures = {0};

    fill(scene);
    for (int round = 0; round < ROUNDS && code == 0; round++)
        code = one_round(scene, &figures, round, &err);
    yw_buf_fini(&scene->packed);
    free(scene);
    if (code < 0)
        return yw_cli_fail(cli, &err);
    print(cli, &figures);
    return 0;
}
