#include "cli/cli.h"

#include "base/mem.h"
#include "cli/bench/bench.h"
#include "cli/option.h"
#include "drill/package.h"
#include "drill/rehearse/rehearse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX 100

static double seconds(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int yw_bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static int one_round(const struct yw_rehearsal_config *config, double *ret_wall_s,
                     int64_t *ret_drill_ms, int64_t *ret_events, struct yw_err *err)
{
    struct yw_rehearsal *rehearsal = NULL;
    double start_s = seconds(CLOCK_MONOTONIC);
    int code = yw_rehearsal_open(&rehearsal, config, err);
    if (code == 0) {
        code = yw_rehearsal_run(rehearsal, err);
    }
    if (code == 0) {
        const struct yw_view *view =
            yw_conductor_view(yw_rehearsal_conductor(rehearsal),
                              yw_rehearsal_drill(rehearsal), YW_AUDIENCE_CONTROL, -1);
        *ret_drill_ms = view->state.drill_ms;
        *ret_events = view->state.seq;
    }
    yw_rehearsal_close(rehearsal);
    *ret_wall_s = seconds(CLOCK_MONOTONIC) - start_s;
    return code;
}

static void print(const struct yw_cli *cli, int64_t rounds, const double *wall_s,
                  int64_t drill_ms, int64_t events)
{
    double median_s = wall_s[rounds / 2];
    double ratio = (double)drill_ms / 1000.0 / median_s;
    if (cli->json) {
        printf("{\"drill_ms\":%lld,\"events\":%lld,\"max_ms\":%.1f,\"median_ms\":%.1f,"
               "\"min_ms\":%.1f,\"rounds\":%lld,\"times_real\":%.1f}\n",
               (long long)drill_ms, (long long)events, wall_s[rounds - 1] * 1000.0,
               median_s * 1000.0, wall_s[0] * 1000.0, (long long)rounds, ratio);
    } else {
        printf(
            yw_cli_text(
                cli,
                "预演：%lld 个事件，中位 %.0f ms（%.0f–%.0f），为真实时间的 %.0f 倍\n",
                "rehearse: %lld events, median %.0f ms (%.0f–%.0f), %.0f × real time\n"),
            (long long)events, median_s * 1000.0, wall_s[0] * 1000.0,
            wall_s[rounds - 1] * 1000.0, ratio);
    }
}

/* How much faster than its own drill time a rehearsal is. */
static int bench_rehearse(struct yw_cli *cli, int argc, char **argv)
{
    int64_t rounds = 5;
    const struct yw_option options[] = {{.name = "--rounds", .number = &rounds}};
    struct yw_words words;
    struct yw_err err = {0};
    struct yw_package *package = NULL;
    double wall_s[ROUNDS_MAX];
    int64_t drill_ms = 0;
    int64_t events = 0;
    int code = yw_options_read(options, 1, argc, argv, &words, &err);
    if (code == 0 && (words.count != 1 || rounds < 1 || rounds > ROUNDS_MAX)) {
        code = yw_err_set(&err, YW_EINVAL, "bench rehearse SCENARIO [--rounds 1..%d]",
                          ROUNDS_MAX);
    }
    if (code == 0) {
        code = yw_package_load(&package, words.items[0], &err);
    }
    struct yw_rehearsal_config config = {.seed = 1, .package = package};
    YW_COPY(config.program, cli->program);
    YW_COPY(config.library_dir, cli->library_dir);
    for (int64_t i = 0; code == 0 && i < rounds; i++) {
        code = one_round(&config, &wall_s[i], &drill_ms, &events, &err);
    }
    if (code == 0) {
        qsort(wall_s, (size_t)rounds, sizeof wall_s[0], yw_bench_compare);
        print(cli, rounds, wall_s, drill_ms, events);
    }
    yw_package_free(package);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}

int yw_cmd_bench(struct yw_cli *cli, int argc, char **argv)
{
    const char *subject = argc > 1 ? argv[1] : "";
    struct yw_err err = {0};

    if (strcmp(subject, "rehearse") == 0)
        return bench_rehearse(cli, argc - 1, argv + 1);
    if (strcmp(subject, "journal") == 0)
        return yw_bench_journal(cli, argc - 1, argv + 1);
    if (strcmp(subject, "range") == 0)
        return yw_bench_range(cli, argc - 1, argv + 1);
    if (strcmp(subject, "plant") == 0)
        return yw_bench_plant(cli, argc - 1, argv + 1);
    if (strcmp(subject, "place") == 0)
        return yw_bench_place(cli, argc - 1, argv + 1);
    (void)yw_err_set(
        &err, YW_EINVAL,
        "bench rehearse SCENARIO | bench journal | bench range | bench plant | "
        "bench place");
    return yw_cli_fail(cli, &err);
}
