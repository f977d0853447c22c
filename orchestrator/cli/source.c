#include "cli/source.h"

#include "base/id.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_file(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* The first bytes of every SQLite file: https://www.sqlite.org/fileformat.html,
 * section 1.3. */
static bool is_database(const char *path)
{
    static const char magic[16] = "SQLite format 3";
    char start[sizeof magic] = {0};
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return false;
    size_t size = fread(start, 1, sizeof start, file);

    (void)fclose(file);
    return size == sizeof start && memcmp(start, magic, sizeof magic) == 0;
}

int yw_source_find(const struct yw_cli *cli, const char *name,
                   char ret[YW_SOURCE_PATH_MAX], bool *ret_database, struct yw_err *err)
{
    if (yw_name_valid(name)) {
        (void)snprintf(ret, YW_SOURCE_PATH_MAX, "%s/drills/%s/journal.db", cli->data_dir,
                       name);
        if (is_file(ret)) {
            *ret_database = true;
            return 0;
        }
    }
    if (strlen(name) >= YW_SOURCE_PATH_MAX)
        return yw_err_set(err, YW_ELIMIT, "a path of %zu bytes is too long",
                          strlen(name));
    (void)snprintf(ret, YW_SOURCE_PATH_MAX, "%s", name);
    if (!is_file(name))
        return yw_err_set(err, YW_ENOTFOUND, "'%s' is no drill in %s and no file", name,
                          cli->data_dir);
    *ret_database = is_database(name);
    return 0;
}

int yw_source_open(struct yw_journal **ret, const struct yw_cli *cli, const char *name,
                   struct yw_err *err)
{
    char path[YW_SOURCE_PATH_MAX];
    bool database = false;
    int status = yw_source_find(cli, name, path, &database, err);

    if (status < 0)
        return status;
    return database ? yw_journal_open_read(ret, path, err)
                    : yw_journal_open_exported(ret, path, err);
}
