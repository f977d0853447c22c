#include "cli/listing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX (1024 * 1024)

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int yw_listing_print(const struct yw_cli *cli, const struct yw_listing *listing,
                     struct yw_err *err)
{
    struct dirent **entries = NULL;
    struct yw_writer writer;
    struct yw_buf out;
    int count = scandir(listing->dir, &entries, listing->takes, by_name);

    if (count < 0)
        return yw_err_errno(err, YW_ENOTFOUND, errno, listing->dir);
    yw_buf_init(&out, LIST_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_array(&writer, listing->key);
    for (int i = 0; i < count; i++) {
        listing->put(cli, &writer, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    yw_write_end(&writer, ']');
    yw_write_end(&writer, '}');
    if (cli->json)
        puts(out.data);
    yw_buf_fini(&out);
    return 0;
}
