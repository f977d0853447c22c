/* `yanwu bench range`: see bench_range.h. */
#include "cli/bench/bench_range.h"

#include "base/mem.h"
#include "cli/bench/bench.h"
#include "cli/option.h"
#include "codec/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE                                                                            \
    "bench range [--machines 1..250] [--how cold|saved|shared] [--hold SECONDS] "        \
    "[--compare]"
#define SAMPLE_MS 1000

struct wish {
    int64_t machines;
    int64_t hold_s;
    const char *how;
    bool compare;
    enum yw_virt_how way;
};

static int read_wish(struct wish *wish, int argc, char **argv, struct yw_err *err)
{
    const struct yw_option options[] = {{.name = "--machines", .number = &wish->machines},
                                        {.name = "--hold", .number = &wish->hold_s},
                                        {.name = "--how", .text = &wish->how},
                                        {.name = "--compare", .flag = &wish->compare}};
    struct yw_words words;
    int code = yw_options_read(options, 4, argc, argv, &words, err);

    if (code < 0)
        return code;
    int way = yw_virt_how_of(wish->how);

    if (words.count != 0 || wish->machines < 1 ||
        wish->machines > YW_BENCH_MACHINES_MAX || wish->hold_s > YW_BENCH_HOLD_MAX_S ||
        way <= YW_VIRT_HOW_ANY)
        return yw_err_set(err, YW_EINVAL, USAGE);
    wish->way = (enum yw_virt_how)way;
    return 0;
}

static int measure_up(struct yw_bench_range *range, struct yw_bench_figures *ret,
                      struct yw_err *err)
{
    size_t all = range->plan.machine_count;
    struct yw_bench_cost first, every;
    double began_ms = yw_bench_now_ms();
    int code = yw_bench_range_reader(range, err);

    if (code < 0)
        return code;
    ret->golden_ms = yw_bench_now_ms() - began_ms;
    yw_bench_cost_read(range, all - 1, 1, &first);
    code = yw_bench_range_up(range, err);
    ret->up_ms = yw_bench_now_ms() - range->began_ms;
    ret->first_ms = range->first_ms;
    ret->answered = range->answered;
    memcpy(ret->ways, range->ways, sizeof(ret->ways));
    if (code < 0)
        return code;
    yw_bench_cost_read(range, 0, all - 1, &every);
    ret->cpu_ms = (double)every.cpu_ms / (double)(all - 1);
    /* what the reader alone took is the first machine's */
    yw_bench_cost_read(range, 0, all, &every);
    ret->pss_mib = (double)(every.pss_kib - first.pss_kib) / 1024.0 / (double)(all - 1);
    return 0;
}

static int hold(struct yw_bench_range *range, int64_t seconds,
                struct yw_bench_figures *ret, struct yw_err *err)
{
    double began_ms = yw_bench_now_ms(), until_ms = began_ms + (double)seconds * 1e3;
    struct yw_bench_cost before, after;
    size_t all = range->plan.machine_count, answered = range->answered, now = 0;

    yw_cli_say(yw_cli_text(range->cli, "靶场已就绪，保持 %lld 秒",
                           "the range is up, and held for %lld s"),
               (long long)seconds);
    yw_bench_cost_read(range, 0, all, &before);
    range->lost = 0;
    while (yw_bench_now_ms() < until_ms && range->lost == 0 &&
           !yw_bench_range_stopped(range))
        yw_loop_turn(range->loop, SAMPLE_MS);
    yw_bench_cost_read(range, 0, all, &after);
    ret->hold_s = (yw_bench_now_ms() - began_ms) / 1e3;
    ret->idle_percent = (double)(after.cpu_ms - before.cpu_ms) / 10.0 / ret->hold_s;
    int code = yw_bench_range_read(range, &now, err);

    ret->lost = range->lost > answered - now ? range->lost : answered - now;
    return code;
}

static int measure(struct yw_bench_range *range, const struct wish *wish,
                   struct yw_bench_figures *ret, struct yw_err *err)
{
    struct yw_err none;
    int code = measure_up(range, ret, err);

    ret->reset_ms = -1;
    if (code < 0)
        return code;
    if (yw_bench_range_reset(range, ret, &none) < 0) {
        code = yw_bench_range_check(range, err);
        if (code < 0)
            return code;
        ret->reset_ms = -1;
        yw_cli_say("%s", none.text);
    }
    code = yw_bench_range_stop(range, ret, err);
    if (code == 0 && wish->hold_s > 0)
        code = hold(range, wish->hold_s, ret, err);
    double began_ms = yw_bench_now_ms();

    if (code == 0)
        code = yw_bench_range_down(range, err);
    ret->down_ms = yw_bench_now_ms() - began_ms;
    return code;
}

static double tenth(double value)
{
    return (double)(int64_t)(value * 10.0 + (value < 0 ? -0.5 : 0.5)) / 10.0;
}

static void write_rivals(struct yw_writer *out, const struct yw_bench_figures *figures,
                         const struct yw_bench_rivals *rivals)
{
    yw_write_object(out, "compare");
    yw_write_double(out, "ansible_ms", tenth(rivals->ansible_ms));
    yw_write_double(out, "times_ansible", tenth(rivals->ansible_ms / figures->up_ms));
    yw_write_double(out, "times_virsh", tenth(rivals->virsh_ms / figures->up_ms));
    yw_write_double(out, "virsh_ms", tenth(rivals->virsh_ms));
    yw_write_end(out, '}');
}

static void print_json(const struct yw_bench_figures *figures,
                       const struct yw_bench_rivals *rivals)
{
    struct yw_writer out;
    struct yw_buf text;

    yw_buf_init(&text, 4096);
    yw_writer_init(&out, &text);
    yw_write_object(&out, NULL);
    yw_write_int(&out, "answered", (int64_t)figures->answered);
    if (rivals)
        write_rivals(&out, figures, rivals);
    yw_write_double(&out, "cpu_ms_each", tenth(figures->cpu_ms));
    yw_write_double(&out, "down_ms", tenth(figures->down_ms));
    yw_write_double(&out, "first_ms", tenth(figures->first_ms));
    yw_write_double(&out, "golden_ms", tenth(figures->golden_ms));
    if (figures->hold_s > 0)
        yw_write_double(&out, "hold_s", tenth(figures->hold_s));
    yw_write_string(&out, "how", yw_virt_how_name(figures->how));
    if (figures->hold_s > 0)
        yw_write_double(&out, "idle_percent_of_a_core", tenth(figures->idle_percent));
    if (figures->hold_s > 0)
        yw_write_int(&out, "lost", (int64_t)figures->lost);
    yw_write_int(&out, "machines", (int64_t)figures->machines);
    yw_write_double(&out, "pss_mib_each", tenth(figures->pss_mib));
    if (figures->reset_ms >= 0) {
        yw_write_double(&out, "reset_all_ms", tenth(figures->reset_all_ms));
        yw_write_double(&out, "reset_cpu_ms_each", tenth(figures->reset_cpu_ms));
        yw_write_double(&out, "reset_ms", tenth(figures->reset_ms));
        yw_write_double(&out, "reset_pss_mib_each", tenth(figures->reset_pss_mib));
    }
    yw_write_int(&out, "stop_count", (int64_t)figures->stop_count);
    yw_write_int(&out, "stop_forced", (int64_t)figures->stop_forced);
    yw_write_double(&out, "stop_ms", tenth(figures->stop_ms));
    yw_write_double(&out, "thaw_ms", tenth(figures->thaw_ms));
    yw_write_double(&out, "up_ms", tenth(figures->up_ms));
    yw_write_end(&out, '}');
    printf("%s\n", text.data);
    yw_buf_fini(&text);
}

static void print_text(const struct yw_cli *cli, const struct yw_bench_figures *figures,
                       const struct yw_bench_rivals *rivals)
{
    printf(yw_cli_text(cli,
                       "%zu 台机器（%s）：全部应答 %.0f ms，第一台 %.0f ms，拆除 %.0f "
                       "ms；每台 CPU %.0f ms、内存 %.1f MiB；母版 %.0f ms\n",
                       "%zu machines (%s): all answer after %.0f ms, the first after "
                       "%.0f ms, down in %.0f ms; each %.0f ms of CPU and %.1f MiB of "
                       "memory; golden machine %.0f ms\n"),
           figures->answered, yw_virt_how_name(figures->how), figures->up_ms,
           figures->first_ms, figures->down_ms, figures->cpu_ms, figures->pss_mib,
           figures->golden_ms);
    if (figures->reset_ms >= 0)
        printf(yw_cli_text(cli,
                           "复位一台 %.0f ms，全部 %.0f ms；每台 CPU %.0f ms，此后内存 "
                           "%.1f MiB\n",
                           "Reset of one %.0f ms, of all %.0f ms; each %.0f ms of CPU "
                           "and then %.1f MiB of memory\n"),
               figures->reset_ms, figures->reset_all_ms, figures->reset_cpu_ms,
               figures->reset_pss_mib);
    printf(yw_cli_text(cli,
                       "急停 %zu 台 %.0f ms（其中 %zu 台由信号强制），解除后 %.0f ms "
                       "全部应答\n",
                       "Emergency stop of %zu in %.0f ms (%zu forced by signal), all "
                       "answer %.0f ms after it is taken back\n"),
           figures->stop_count, figures->stop_ms, figures->stop_forced, figures->thaw_ms);
    if (figures->hold_s > 0)
        printf(yw_cli_text(cli, "保持 %.0f 秒：空闲占一个核的 %.1f%%，丢失 %zu 台\n",
                           "Held for %.0f s: idle cost %.1f %% of one core, %zu lost\n"),
               figures->hold_s, figures->idle_percent, figures->lost);
    if (rivals)
        printf(yw_cli_text(cli,
                           "同样的 XML：virsh %.0f ms（%.1f 倍），Ansible %.0f ms（%.1f "
                           "倍）\n",
                           "The same XML: virsh %.0f ms (%.1f times), Ansible %.0f ms "
                           "(%.1f times)\n"),
               rivals->virsh_ms, rivals->virsh_ms / figures->up_ms, rivals->ansible_ms,
               rivals->ansible_ms / figures->up_ms);
}

/* What ended it, once it is down: Ctrl-C, rather than the call that this called off. */
static int finish(struct yw_bench_range *range, int code, struct yw_err *err)
{
    struct yw_err left;

    if (code < 0)
        (void)yw_bench_range_check(range, err);
    if (yw_bench_range_close(range, code == 0, &left) < 0) {
        *err = left;
        return left.code;
    }
    return code < 0 ? err->code : 0;
}

int yw_bench_range(struct yw_cli *cli, int argc, char **argv)
{
    struct wish wish = {.machines = 20, .how = "shared"};
    struct yw_bench_figures figures = {0};
    struct yw_bench_rivals rivals = {0};
    struct yw_bench_range range = {0};
    struct yw_err err = {0};
    int code = read_wish(&wish, argc, argv, &err);

    if (code == 0 && cli->connect[0])
        code = yw_err_set(&err, YW_EINVAL,
                          "bench range runs on the embedded driver, without --connect");
    if (code == 0 && wish.compare)
        code = yw_bench_rivals_check(&err);
    if (code == 0) {
        yw_interrupt_catch();
        figures.how = wish.way;
        figures.machines = (size_t)wish.machines;
        code = yw_bench_range_open(&range, cli, (size_t)wish.machines, wish.way, &err);
        if (code == 0)
            code = measure(&range, &wish, &figures, &err);
        if (code == 0 && wish.compare)
            code = yw_bench_rivals_run(&range, range.kvm, &rivals, &err);
        code = finish(&range, code, &err);
    }
    if (code < 0)
        return yw_cli_fail(cli, &err);
    if (cli->json)
        print_json(&figures, wish.compare ? &rivals : NULL);
    else
        print_text(cli, &figures, wish.compare ? &rivals : NULL);
    return figures.answered == figures.machines && figures.lost == 0 ? 0 : 1;
}
