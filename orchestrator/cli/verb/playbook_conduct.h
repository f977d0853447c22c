/* Exercise control steps into runs of playbooks. Only verbs of `playbook` include this header. */
#ifndef YW_CLI_PLAYBOOK_CONDUCT_H
#define YW_CLI_PLAYBOOK_CONDUCT_H

#include "cli/cli.h"
#include "cli/option.h"

#define YW_PLAYBOOK_CONDUCT_USAGE                                                        \
    "playbook start DRILL PLAYBOOK [TEAM] | pause|resume|abort DRILL RUN | "             \
    "skip|force|rewind DRILL RUN STEP | set DRILL RUN NAME=VALUE; each with --reason "   \
    "TEXT, force with --failure where it is one"

/* Is it the number of a run? */
int yw_playbook_run_word(const char *word, struct yw_err *err);
/* Is the word one of these verbs? */
bool yw_playbook_conducts(const char *verb);
int yw_playbook_conduct(struct yw_cli *cli, const struct yw_words *words,
                        const char *reason, bool failure, struct yw_err *err);

#endif
