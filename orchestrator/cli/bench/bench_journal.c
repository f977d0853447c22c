/* Two writers under one load: the journal and a flat file. Rounds alternate, so that a
 * slow moment of the disk hits both; the median round counts. */
#include "base/folder.h"
#include "base/mem.h"
#include "cli/bench/bench.h"
#include "cli/option.h"
#include "codec/write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 1000000
#define RATE_MAX 1000000
#define ROUNDS 3
#define WINDOW 4096 /* appended and not yet durable */

struct load {
    struct yw_loop *loop;
    struct yw_journal *journal;
    int64_t events, rate; /* rate 0: as fast as it goes */
    int64_t appended, durable;
    double *due_us, *took_us; /* one an event */
    struct yw_err broken;
};

struct figures {
    double per_second[ROUNDS], p99_us[ROUNDS];
};

static double now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void on_durable(void *owner, const struct yw_event *event)
{
    struct load *load = owner;
    double now = now_us();

    for (; load->durable < event->seq; load->durable++)
        load->took_us[load->durable] = now - load->due_us[load->durable];
}

static void on_broken(void *owner, const struct yw_err *err)
{
    ((struct load *)owner)->broken = *err;
}

static int append(struct load *load, struct yw_err *err)
{
    struct yw_event event = {.kind = YW_EVENT_GUEST_LINE};

    YW_COPY(event.actor, "core");
    YW_COPY(event.guest_line.machine, "plc1");
    YW_COPY(event.guest_line.line, "write-single unit 1 holding 40 value 11100 from "
                                   "10.20.2.66: accepted, previous value 1110");
    return yw_journal_append(load->journal, &event, NULL, err);
}

/* An event waits from the moment it was due, not from when the loop came to it. */
static int drive(struct load *load, struct yw_err *err)
{
    double start = now_us();
    int code = 0;

    while (load->durable < load->events && load->broken.code == 0) {
        while (load->appended < load->events && load->appended - load->durable < WINDOW) {
            double now = now_us();
            double due = load->rate == 0
                             ? now
                             : start + (double)load->appended * 1e6 / (double)load->rate;

            if (due > now)
                break;
            load->due_us[load->appended++] = due;
            code = append(load, err);
            if (code < 0)
                return code;
        }
        yw_loop_turn(load->loop, 1);
    }
    if (load->broken.code != 0)
        *err = load->broken;
    return load->broken.code;
}

/* One round in a file of its own. The journal must hold all that it acknowledged. */
static int one_round(struct load *load, const char *path, bool flat,
                     struct figures *figures, int round, struct yw_err *err)
{
    struct yw_verify verified;
    int code = flat ? yw_bench_flat_open(&load->journal, load->loop, path, err)
                    : yw_journal_open(&load->journal, load->loop, path, NULL, err);

    if (code < 0)
        return code;
    load->appended = 0;
    load->durable = 0;
    load->journal->owner = load;
    load->journal->on_durable = on_durable;
    load->journal->on_broken = on_broken;
    double start = now_us();

    code = drive(load, err);
    figures->per_second[round] = (double)load->events * 1e6 / (now_us() - start);
    yw_journal_close(load->journal);
    if (code == 0 && !flat)
        code = yw_verify_database(path, &verified, err);
    if (code == 0 && !flat && verified.count != load->events)
        code = yw_err_set(err, YW_ECORRUPT, "%lld of %lld events are there",
                          (long long)verified.count, (long long)load->events);
    qsort(load->took_us, (size_t)load->events, sizeof *load->took_us, yw_bench_compare);
    figures->p99_us[round] = load->took_us[(load->events - 1) * 99 / 100];
    return code;
}

static int all_rounds(struct load *load, const char *dir, struct figures sides[2],
                      struct yw_err *err)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-head"};
    int code = 0;

    for (int i = 0; code == 0 && i < 2 * ROUNDS; i++) {
        char *path = yw_strf("%s/%d", dir, i);

        code = one_round(load, path, i % 2 == 0, &sides[i % 2], i / 2, err);
        for (size_t k = 0; k < sizeof ends / sizeof ends[0]; k++) {
            char *file = yw_strf("%s%s", path, ends[k]);

            (void)unlink(file);
            free(file);
        }
        free(path);
    }
    for (int i = 0; i < 2; i++) {
        qsort(sides[i].per_second, ROUNDS, sizeof(double), yw_bench_compare);
        qsort(sides[i].p99_us, ROUNDS, sizeof(double), yw_bench_compare);
    }
    return code;
}

static void print(const struct yw_cli *cli, const struct load *load,
                  const struct figures sides[2])
{
    const int middle = ROUNDS / 2;
    double flat = sides[0].per_second[middle], journal = sides[1].per_second[middle];
    double flat_us = sides[0].p99_us[middle], journal_us = sides[1].p99_us[middle];

    printf(cli->json
               ? "{\"events\":%lld,\"flat_p99_us\":%.0f,\"flat_per_second\":%.0f,"
                 "\"journal_p99_us\":%.0f,\"journal_per_second\":%.0f,"
                 "\"times_p99\":%.2f,\"times_per_second\":%.2f}\n"
               : yw_cli_text(
                     cli,
                     "%lld 个事件。平面文件：p99 %.0f µs，每秒 %.0f；日志：p99 %.0f µs，"
                     "每秒 %.0f。日志与平面文件之比：p99 %.2f，速率 %.2f\n",
                     "%lld events. Flat file: p99 %.0f µs, %.0f a second; journal: p99 "
                     "%.0f µs, %.0f a second. Journal to flat: p99 %.2f, rate %.2f\n"),
           (long long)load->events, flat_us, flat, journal_us, journal,
           journal_us / flat_us, journal / flat);
}

int yw_bench_journal(struct yw_cli *cli, int argc, char **argv)
{
    struct load load = {.events = 20000, .rate = 10000};
    const struct yw_option options[] = {{.name = "--events", .number = &load.events},
                                        {.name = "--rate", .number = &load.rate}};
    struct figures sides[2] = {0};
    struct yw_words words;
    struct yw_err err = {0};
    char *dir = yw_strf("%s/bench-XXXXXX", cli->data_dir);
    int code = yw_options_read(options, 2, argc, argv, &words, &err);

    if (code == 0 && (words.count != 0 || load.events < 1 || load.events > EVENTS_MAX ||
                      load.rate > RATE_MAX))
        code =
            yw_err_set(&err, YW_EINVAL, "bench journal [--events 1..%d] [--rate 0..%d]",
                       EVENTS_MAX, RATE_MAX);
    (void)yw_folder_make(cli->data_dir, 0755, NULL);
    if (code == 0 && mkdtemp(dir) == NULL)
        code = yw_err_errno(&err, YW_EIO, errno, dir);
    else if (code == 0) {
        load.due_us = yw_new_array((size_t)load.events, sizeof(double));
        load.took_us = yw_new_array((size_t)load.events, sizeof(double));
        code = yw_loop_open(&load.loop, &err);
        if (code == 0)
            code = all_rounds(&load, dir, sides, &err);
        yw_loop_close(load.loop);
        (void)rmdir(dir);
    }
    if (code == 0)
        print(cli, &load, sides);
    free(load.due_us);
    free(load.took_us);
    free(dir);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
