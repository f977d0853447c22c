/* What `yanwu bench` measures, one file a subject. */
#ifndef YW_CLI_BENCH_H
#define YW_CLI_BENCH_H

#include "cli/cli.h"
#include "store/journal.h"

/* The journal against a flat file, in the data directory. argv[0] is "journal". Prints,
 * and returns the exit status. */
int yw_bench_journal(struct yw_cli *cli, int argc, char **argv);
/* A real range of micro machines: up, reset, held, down, and what it costs. */
int yw_bench_range(struct yw_cli *cli, int argc, char **argv);
/* The physics: CPU time of every plant, and of twenty in real time. */
int yw_bench_plant(struct yw_cli *cli, int argc, char **argv);
/* 20 teams of 500 machines on 40 hosts, against reading them. */
int yw_bench_place(struct yw_cli *cli, int argc, char **argv);
/* The least that could be as durable: a file of the same records, one write and one
 * fdatasync for all that waits. Appends and closes like any journal, reads nothing;
 * on_durable comes once a group, for its last event. */
int yw_bench_flat_open(struct yw_journal **ret, struct yw_loop *loop, const char *path,
                       struct yw_err *err);
/* The order of doubles, for qsort. */
int yw_bench_compare(const void *a, const void *b);

#endif
