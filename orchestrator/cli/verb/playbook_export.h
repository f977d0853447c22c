/* The record of a run of a playbook, from the daemon. Only cmd_playbook.c includes this header. */
#ifndef YW_CLI_PLAYBOOK_EXPORT_H
#define YW_CLI_PLAYBOOK_EXPORT_H

#include "cli/cli.h"
#include "cli/option.h"

struct yw_playbook_wish {
    const char *lang;   /* "zh" "en" */
    const char *format; /* of a timeline: md (the default), html, csv, json */
    const char *out;    /* NULL: to standard output */
    bool timeline;      /* else the CACAO file */
};

int yw_playbook_export(struct yw_cli *cli, const struct yw_words *words,
                       const struct yw_playbook_wish *wish, struct yw_err *err);

#endif
