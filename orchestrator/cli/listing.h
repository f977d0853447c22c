/* What stands in a folder, one after another in order of names: a line each for people, or
 * {"KEY":[…]}. Thread: any; reads the folder. */
#ifndef YW_CLI_LISTING_H
#define YW_CLI_LISTING_H

#include "cli/cli.h"
#include "codec/write.h"

#include <dirent.h>

struct yw_listing {
    const char *dir; /* borrowed */
    const char *key;
    int (*takes)(const struct dirent *entry); /* as scandir's filter */
    /* Writes its object into `w`; prints its line unless cli->json. */
    void (*put)(const struct yw_cli *cli, struct yw_writer *w, const char *name);
};

/* YW_ENOTFOUND: no such folder. */
int yw_listing_print(const struct yw_cli *cli, const struct yw_listing *listing,
                     struct yw_err *err);

#endif
