#include "cli/verb/playbook_list.h"

#include "base/file.h"
#include "cli/listing.h"
#include "codec/playbook/playbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".json"

static int is_playbook(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name), tail = strlen(SUFFIX);

    return entry->d_name[0] != '.' && size > tail &&
           strcmp(entry->d_name + size - tail, SUFFIX) == 0;
}

static int load(struct yw_playbook **ret, const char *dir, const char *name,
                struct yw_err *err)
{
    char path[512], *bytes = NULL;
    size_t size = 0;

    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        return yw_err_set(err, YW_ELIMIT, "%s: at most %zu bytes", name, sizeof path - 1);
    int code = yw_file_read(path, YW_PLAYBOOK_BYTES_MAX, &bytes, &size, err);

    if (code == 0)
        code = yw_playbook_decode(ret, bytes, size, err);
    free(bytes);
    return code;
}

/* One that cannot be read says why in place of its title. */
static void put_one(const struct yw_cli *cli, struct yw_writer *w, const char *name)
{
    const struct yw_text none = {0};
    struct yw_playbook *playbook = NULL;
    struct yw_err err = {0};
    int code = load(&playbook, cli->library_dir, name, &err);
    const struct yw_text *title = code == 0 ? &playbook->name : &none;
    size_t steps = code == 0 ? playbook->step_count : 0;

    yw_write_object(w, NULL);
    yw_write_string(w, "fault", err.text);
    yw_write_string(w, "file", name);
    yw_write_string(w, "id", code == 0 ? playbook->id : "");
    yw_write_int(w, "steps", (int64_t)steps);
    yw_write_text(w, "title", title);
    yw_write_end(w, '}');
    if (!cli->json)
        printf("%-28s %3zu %s  %s\n", name, steps, yw_cli_text(cli, "步", "steps"),
               code < 0       ? err.text
               : cli->english ? title->en
                              : title->zh);
    yw_playbook_free(playbook);
}

int yw_playbook_list(const struct yw_cli *cli, struct yw_err *err)
{
    const struct yw_listing listing = {.dir = cli->library_dir,
                                       .key = "playbooks",
                                       .takes = is_playbook,
                                       .put = put_one};

    return yw_listing_print(cli, &listing, err);
}
