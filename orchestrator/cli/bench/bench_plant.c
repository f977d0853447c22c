/* What the physics costs in CPU time, which other work on the host does not change much:
 * a thousand plant seconds of every plant, and twenty plants in real time as a drill runs
 * them (ten ticks a second, every tag's field value at each, a sample a second). Beside
 * them, in the same run, the least that a plant could be: the three equations of the
 * load-frequency model behind a function pointer. */
#include "base/mem.h"
#include "cli/bench/bench.h"
#include "cli/option.h"
#include "plant/plant.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PLANT_SECONDS 1000
#define ROUNDS 3
#define REAL_PLANTS 20
#define REAL_SECONDS 30
#define TICKS_PER_S 10
#define BARE_STEPS 1000000

static double cpu_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void bare_step(double *state, const double *in, double s)
{
    double w = state[0];

    state[0] = w + s * (state[1] - in[0] - 0.8 * w) / 10;
    state[1] += s * (state[2] - state[1]) / 0.5;
    state[2] += s * (in[1] - w / 0.05 - state[2]) / 0.2;
}

/* Seconds of CPU a step. */
static double bare(void)
{
    void (*volatile step)(double *, const double *, double) = bare_step;
    double state[3] = {0, 0.6, 0.6}, in[2] = {0.7, 0.6};
    double start = cpu_s();

    for (int i = 0; i < BARE_STEPS; i++)
        step(state, in, 0.001);
    return (cpu_s() - start) / BARE_STEPS;
}

static double thousand(const struct yw_plant_model *model)
{
    double best = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct yw_plant *plant = yw_plant_new(model, 1);
        double start = cpu_s(), took;

        yw_plant_control(plant, true);
        yw_plant_run_to(plant, (int64_t)(PLANT_SECONDS / model->step_s), NULL, NULL);
        took = cpu_s() - start;
        best = i == 0 || took < best ? took : best;
        yw_plant_free(plant);
    }
    return best;
}

/* The part of one core that twenty plants take. */
static double real_time(void)
{
    struct yw_plant *plants[REAL_PLANTS];
    struct yw_ev_plant_sample *sample = yw_new(sizeof *sample);
    size_t models = 0;
    double start, took;

    while (yw_plant_model_at(models) != NULL)
        models++;
    for (size_t i = 0; i < REAL_PLANTS; i++) {
        plants[i] = yw_plant_new(yw_plant_model_at(i % models), i);
        yw_plant_control(plants[i], true);
    }
    start = cpu_s();
    for (int tick = 1; tick <= REAL_SECONDS * TICKS_PER_S; tick++) {
        for (size_t i = 0; i < REAL_PLANTS; i++) {
            const struct yw_plant_model *model = yw_plant_model(plants[i]);

            yw_plant_run_to(plants[i],
                            yw_plant_steps_at(model, 1, tick * 1000LL / TICKS_PER_S),
                            NULL, NULL);
            for (size_t tag = 0; tag < model->tag_count; tag++)
                (void)yw_plant_field(plants[i], tag);
            if (tick % TICKS_PER_S == 0)
                yw_plant_sample(plants[i], sample);
        }
    }
    took = cpu_s() - start;
    for (size_t i = 0; i < REAL_PLANTS; i++)
        yw_plant_free(plants[i]);
    free(sample);
    return took / REAL_SECONDS;
}

int yw_bench_plant(struct yw_cli *cli, int argc, char **argv)
{
    const struct yw_plant_model *model = NULL, *slowest = NULL;
    struct yw_words words;
    struct yw_err err = {0};
    double worst = 0, bare_s = bare(), share;

    if (yw_options_read(NULL, 0, argc, argv, &words, &err) < 0 ||
        yw_words_expect(&words, 0, 0, "bench plant", &err) < 0)
        return yw_cli_fail(cli, &err);
    if (cli->json)
        printf("{\"bare_step_ns\":%.2f,\"cpu_s\":{", bare_s * 1e9);
    for (size_t i = 0; (model = yw_plant_model_at(i)) != NULL; i++) {
        double took = thousand(model);

        if (cli->json)
            printf("%s\"%s\":%.5f", i > 0 ? "," : "", model->name, took);
        else
            printf(yw_cli_text(cli, "%-18s %d 工艺秒用 CPU %.4f 秒\n",
                               "%-18s %d plant seconds in %.4f s of CPU\n"),
                   model->name, PLANT_SECONDS, took);
        if (slowest == NULL || took > worst) {
            slowest = model;
            worst = took;
        }
    }
    share = real_time();
    double times = worst / (PLANT_SECONDS / slowest->step_s) / bare_s;

    if (cli->json)
        printf(
            "},\"real_time_percent_of_a_core\":%.3f,\"real_time_plants\":%d,"
            "\"slowest\":\"%s\",\"slowest_s\":%.5f,\"slowest_step_times_bare\":%.1f}\n",
            share * 100, REAL_PLANTS, slowest->name, worst, times);
    else
        printf(yw_cli_text(
                   cli,
                   "最慢 %s：%.3f 秒（目标 0.5）；一步为裸方程的 %.1f 倍（%.1f 纳秒）\n"
                   "%d 个工艺实时运行占一个核的 %.2f %%（目标 5）\n",
                   "slowest, %s: %.3f s (goal 0.5); a step is %.1f × the bare "
                   "equations (%.1f ns)\n"
                   "%d plants in real time take %.2f %% of a core (goal 5)\n"),
               slowest->name, worst, times, bare_s * 1e9, REAL_PLANTS, share * 100);
    return 0;
}
