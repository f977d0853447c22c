/* The command line: `main` and one file per verb. A verb gets what is common to all, parses its
 * own words, and returns the exit status: 0 done, 1 it ran and the answer is no, 2 wrong input
 * or wrong use. Facts go to standard output (one JSON document with --json), progress and
 * errors to standard error. */
#ifndef YW_CLI_CLI_H
#define YW_CLI_CLI_H

#include "base/err.h"

#include <stdbool.h>

struct yw_cli {
    bool json;             /* --json */
    bool tabletop;         /* --tabletop, of verbs that read a scenario */
    bool english;          /* YW_LANG or LANG; Chinese is the default */
    char data_dir[256];    /* --data DIR; default /var/lib/yanwu */
    char connect[256];     /* --connect URI; "" the embedded driver; "fake:" in memory */
    char program[256];     /* path of this binary */
    char library_dir[256]; /* playbooks/ */
    char scenarios_dir[256]; /* scenarios/: templates, and the table of techniques */
    char board_dir[256];   /* the built board */
    char recipes_dir[256]; /* vm-images/: build-full, and the recipes in full/ */
    char images_dir[256];  /* manifest.json, vmlinux, micro.cpio.gz */
};

/* Chinese or English, as the user reads. */
const char *yw_cli_text(const struct yw_cli *cli, const char *zh, const char *en)
    __attribute__((format_arg(2), format_arg(3)));
/* "yanwu: <text>" on standard error; returns the exit status for the code. */
int yw_cli_fail(const struct yw_cli *cli, const struct yw_err *err);
/* One line of progress on standard error. */
void yw_cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* argv[0] is the verb. --help, --json, --data and --connect are taken out by main. */
int yw_cmd_serve(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_check(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_plan(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_rehearse(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_run(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_up(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_down(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_host(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_status(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_journal(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_verify(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_report(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_replay(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_image(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_doctor(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_plant(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_playbook(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_rules(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_st(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_bench(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_reset(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_checkpoint(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_evidence(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_resume(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_stop(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_token(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_console(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_duty(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_capture(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_exec(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_put(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_get(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_scenario(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_attack(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_technique(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_version(struct yw_cli *cli, int argc, char **argv);
/* Not for people: the children of the daemon, spoken to on descriptor 3. */
int yw_cmd_script_host(struct yw_cli *cli, int argc, char **argv);
int yw_cmd_broker(struct yw_cli *cli, int argc, char **argv);

#endif
