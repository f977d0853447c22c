/* A journal to read, by what a person names: a drill of the data directory, a journal.db,
 * or an exported file. */
#ifndef YW_CLI_SOURCE_H
#define YW_CLI_SOURCE_H

#include "cli/cli.h"
#include "store/journal.h"

#include <stdbool.h>

#define YW_SOURCE_PATH_MAX 512

/* The file; *ret_database tells a database from an export. YW_ENOTFOUND lists where it
 * looked. */
int yw_source_find(const struct yw_cli *cli, const char *name,
                   char ret[YW_SOURCE_PATH_MAX], bool *ret_database, struct yw_err *err);
int yw_source_open(struct yw_journal **ret, const struct yw_cli *cli, const char *name,
                   struct yw_err *err);

#endif
