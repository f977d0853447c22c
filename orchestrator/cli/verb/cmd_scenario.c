/* Scenario folders for their designers: which can be taken as a template, and a new one of it. */
#include "base/buf.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/listing.h"
#include "cli/option.h"
#include "cli/scenario.h"
#include "codec/write.h"
#include "drill/package.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USAGE "scenario list | new NAME [--from TEMPLATE] [--to DIR]"
#define README_MAX (1024 * 1024)
#define NEW_SHOWN_MAX (64 * 1024)
#define PATH_SIZE 512

struct wish {
    const char *name;
    const char *from; /* a folder, or the name of one among the scenarios */
    const char *to;   /* the folder that gets the new one */
};

static int path_of_template(const struct yw_cli *cli, const struct wish *wish,
                            char ret[PATH_SIZE], struct yw_err *err)
{
    int size = strchr(wish->from, '/') != NULL
                   ? snprintf(ret, PATH_SIZE, "%s", wish->from)
                   : snprintf(ret, PATH_SIZE, "%s/%s", cli->scenarios_dir, wish->from);
    char script[PATH_SIZE + 16], near[YW_NAME_MAX] = "", meant[YW_MEANT_MAX];

    if (size < 0 || size >= PATH_SIZE)
        return yw_err_set(err, YW_ELIMIT, "--from: at most %d bytes", PATH_SIZE - 1);
    (void)snprintf(script, sizeof script, "%s/scenario.lua", ret);
    if (access(script, R_OK) == 0)
        return 0;
    if (strchr(wish->from, '/') == NULL)
        yw_package_nearest(cli->scenarios_dir, wish->from, near);
    return yw_err_set(err, YW_ENOTFOUND, "--from: no scenario '%s'%s", wish->from,
                      near[0] != '\0'
                          ? yw_meant(meant, near)
                          : "; 'yanwu scenario list' names those that are there");
}

/* The name after the first `scenario` of the script becomes the new one. */
static int rename_script(struct yw_package *package, const char *old, const char *name,
                         struct yw_err *err)
{
    char *said = yw_strf("scenario \"%s\"", old);

    for (size_t i = 0; i < package->file_count; i++) {
        struct yw_package_file *file = &package->files[i];
        char *at =
            strcmp(file->path, "scenario.lua") == 0 ? strstr(file->bytes, said) : NULL;

        if (at == NULL)
            continue;
        char *text = yw_strf("%.*sscenario \"%s\"%s", (int)(at - file->bytes),
                             file->bytes, name, at + strlen(said));

        free(file->bytes);
        file->bytes = text;
        file->size = strlen(text);
        free(said);
        return 0;
    }
    int code =
        yw_err_set(err, YW_EINVAL, "scenario.lua: expected %s at its beginning", said);

    free(said);
    return code;
}

static int add_readme(struct yw_package *package, const char *dir, const char *name,
                      struct yw_err *err)
{
    char path[PATH_SIZE + 32];
    char *text = NULL;
    size_t size = 0;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    if (access(path, R_OK) < 0)
        return 0;
    if (package->file_count == YW_REQUEST_FILES_MAX)
        return yw_err_set(err, YW_ELIMIT, "%s: at most %d files", dir,
                          YW_REQUEST_FILES_MAX);
    int code = yw_file_read(path, README_MAX, &text, &size, err);

    if (code < 0)
        return code;
    struct yw_package_file *file = &package->files[package->file_count++];

    (void)YW_COPY(file->path, name);
    file->bytes = text;
    file->size = size;
    return 0;
}

/* Whole, or not at all. */
static int save(const struct yw_package *package, const char *path, struct yw_err *err)
{
    char part[PATH_SIZE + 16];

    (void)snprintf(part, sizeof part, "%s.part", path);
    yw_folder_remove(part);
    int code = yw_package_save(package, part, err);

    if (code == 0)
        (void)chmod(part, 0755);
    if (code == 0 && rename(part, path) < 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (code < 0)
        yw_folder_remove(part);
    return code;
}

static int write_new(const struct yw_cli *cli, const struct wish *wish, const char *path,
                     struct yw_err *err)
{
    struct yw_scenario scenario = {0};
    char dir[PATH_SIZE];
    int code = path_of_template(cli, wish, dir, err);

    if (code == 0)
        code = yw_scenario_open(&scenario, cli, dir, 1, err);
    if (code < 0)
        return code;
    code = rename_script(scenario.package, scenario.loaded.spec->id, wish->name, err);
    if (code == 0)
        code = add_readme(scenario.package, dir, "README.md", err);
    if (code == 0)
        code = add_readme(scenario.package, dir, "README.zh-CN.md", err);
    if (code == 0)
        code = save(scenario.package, path, err);
    yw_scenario_close(&scenario);
    return code;
}

static void print_new(const struct yw_cli *cli, const struct wish *wish, const char *path)
{
    struct yw_writer writer;
    struct yw_buf out;

    if (!cli->json) {
        printf(yw_cli_text(cli,
                           "%s 已建立（取自 %s）。接着：\n  yanwu check %s\n"
                           "  yanwu rehearse %s\n",
                           "%s is there (from %s). Next:\n  yanwu check %s\n"
                           "  yanwu rehearse %s\n"),
               path, wish->from, path, path);
        return;
    }
    yw_buf_init(&out, NEW_SHOWN_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_string(&writer, "from", wish->from);
    yw_write_string(&writer, "name", wish->name);
    yw_write_string(&writer, "path", path);
    yw_write_end(&writer, '}');
    puts(out.data);
    yw_buf_fini(&out);
}

static int make_new(const struct yw_cli *cli, const struct wish *wish, struct yw_err *err)
{
    char path[PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s/%s", wish->to, wish->name);

    if (!yw_name_valid(wish->name))
        return yw_err_set(err, YW_EINVAL,
                          "'%s': expected a name of a-z, 0-9 and -, as water-dosing",
                          wish->name);
    if (size < 0 || (size_t)size >= sizeof path)
        return yw_err_set(err, YW_ELIMIT, "--to: at most %zu bytes", sizeof path - 1);
    if (access(path, F_OK) == 0)
        return yw_err_set(err, YW_EEXIST, "%s: is there already; nothing was changed",
                          path);
    int code = write_new(cli, wish, path, err);

    if (code == 0)
        print_new(cli, wish, path);
    return code;
}

static int is_scenario(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && yw_name_valid(entry->d_name);
}

static void print_one(const struct yw_cli *cli, struct yw_writer *w, const char *name)
{
    struct wish wish = {.from = name};
    struct yw_scenario scenario = {0};
    struct yw_err err = {0};
    char path[PATH_SIZE];

    if (path_of_template(cli, &wish, path, &err) < 0)
        return;
    int code = yw_scenario_open(&scenario, cli, path, 1, &err);
    struct yw_text none = {0};
    const struct yw_text *title = code == 0 ? &scenario.loaded.spec->title : &none;

    yw_write_object(w, NULL);
    yw_write_string(w, "fault", err.text);
    yw_write_string(w, "name", name);
    yw_write_text(w, "title", title);
    yw_write_end(w, '}');
    if (!cli->json)
        printf("%-20s %s\n", name,
               code < 0       ? err.text
               : cli->english ? title->en
                              : title->zh);
    yw_scenario_close(&scenario);
}

static int list(const struct yw_cli *cli, struct yw_err *err)
{
    const struct yw_listing listing = {.dir = cli->scenarios_dir,
                                       .key = "scenarios",
                                       .takes = is_scenario,
                                       .put = print_one};

    return yw_listing_print(cli, &listing, err);
}

int yw_cmd_scenario(struct yw_cli *cli, int argc, char **argv)
{
    struct wish wish = {.from = "water-dosing", .to = "."};
    const struct yw_option options[] = {{.name = "--from", .text = &wish.from},
                                        {.name = "--to", .text = &wish.to}};
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, 2, argc, argv, &words, &err);

    if (code == 0)
        code = yw_words_expect(&words, 1, 2, USAGE, &err);
    if (code != 0)
        return yw_cli_fail(cli, &err);
    if (strcmp(words.items[0], "list") == 0 && words.count == 1) {
        code = list(cli, &err);
    } else if (strcmp(words.items[0], "new") == 0 && words.count == 2) {
        wish.name = words.items[1];
        code = make_new(cli, &wish, &err);
    } else {
        code = yw_err_set(&err, YW_EINVAL, "usage: yanwu %s", USAGE);
    }
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
