/* The table of attack techniques for people: what it holds, and a newer one from MITRE's STIX. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/technique.h"
#include "codec/write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_MAX (4 * 1024 * 1024)
#define USAGE "technique list | import BUNDLE [--out FILE]"

void yw_cli_techniques_path(const struct yw_cli *cli, char ret[YW_TECHNIQUES_PATH_MAX])
{
    (void)snprintf(ret, YW_TECHNIQUES_PATH_MAX, "%s/techniques.json", cli->scenarios_dir);
}

int yw_cli_techniques(const struct yw_cli *cli, struct yw_techniques *ret,
                      struct yw_err *err)
{
    char path[YW_TECHNIQUES_PATH_MAX];

    yw_cli_techniques_path(cli, path);
    return yw_techniques_read(ret, path, err);
}

static void print_table(const struct yw_cli *cli, const struct yw_techniques *table)
{
    printf(
        yw_cli_text(cli, "ATT&CK %s %s：%zu 项技术\n", "ATT&CK %s %s: %zu techniques\n"),
        table->domain, table->version, table->list.count);
    for (size_t i = 0; i < table->list.count; i++) {
        const struct yw_technique *technique = yw_vec_at(&table->list, i);

        printf("%-10s %-10s %s\n", technique->id,
               technique->now[0] != '\0' ? technique->now : "", technique->name);
    }
}

static void write_one(struct yw_writer *w, const struct yw_technique *technique)
{
    yw_write_object(w, NULL);
    yw_write_string(w, "id", technique->id);
    yw_write_string(w, "name", technique->name);
    yw_write_string(w, "now", technique->now);
    yw_write_array(w, "tactics");
    for (size_t i = 0; i < technique->tactic_count; i++)
        yw_write_string(w, NULL, technique->tactics[i]);
    yw_write_end(w, ']');
    yw_write_end(w, '}');
}

static void print_json(const struct yw_techniques *table)
{
    struct yw_writer writer;
    struct yw_buf out;

    yw_buf_init(&out, SHOWN_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_string(&writer, "domain", table->domain);
    yw_write_string(&writer, "source", table->source);
    yw_write_array(&writer, "techniques");
    for (size_t i = 0; i < table->list.count; i++)
        write_one(&writer, yw_vec_at(&table->list, i));
    yw_write_end(&writer, ']');
    yw_write_string(&writer, "version", table->version);
    yw_write_end(&writer, '}');
    puts(out.data);
    yw_buf_fini(&out);
}

static int list(const struct yw_cli *cli, struct yw_err *err)
{
    struct yw_techniques table;
    int code = yw_cli_techniques(cli, &table, err);

    if (code < 0)
        return code;
    if (cli->json)
        print_json(&table);
    else
        print_table(cli, &table);
    yw_techniques_fini(&table);
    return 0;
}

static int deliver(const struct yw_buf *text, const char *path, struct yw_err *err)
{
    FILE *file = path != NULL ? fopen(path, "we") : stdout;

    if (file == NULL)
        return yw_err_errno(err, YW_EIO, errno, path);
    bool written = fwrite(text->data, 1, text->size, file) == text->size;

    if (path != NULL && fclose(file) != 0)
        written = false;
    return written ? 0 : yw_err_errno(err, YW_EIO, errno, path != NULL ? path : "stdout");
}

/* What we write is our form, whatever was read. */
static int import(const struct yw_cli *cli, const char *bundle, const char *path,
                  struct yw_err *err)
{
    struct yw_techniques table;
    struct yw_buf out;
    int code = yw_techniques_read(&table, bundle, err);

    if (code < 0)
        return code;
    yw_buf_init(&out, SHOWN_MAX);
    yw_techniques_encode(&out, &table);
    code = out.overflow ? yw_err_set(err, YW_ELIMIT, "%s: the table is above %d bytes",
                                     bundle, SHOWN_MAX)
                        : deliver(&out, path, err);
    if (code == 0)
        yw_cli_say(
            yw_cli_text(cli, "%zu 项技术，版本 %s", "%zu techniques of version %s"),
            table.list.count, table.version);
    yw_buf_fini(&out);
    yw_techniques_fini(&table);
    return code;
}

int yw_cmd_technique(struct yw_cli *cli, int argc, char **argv)
{
    const char *path = NULL;
    const struct yw_option options[] = {{.name = "--out", .text = &path}};
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, 1, argc, argv, &words, &err);

    if (code == 0)
        code = yw_words_expect(&words, 1, 2, USAGE, &err);
    if (code != 0)
        return yw_cli_fail(cli, &err);
    if (strcmp(words.items[0], "list") == 0 && words.count == 1)
        code = list(cli, &err);
    else if (strcmp(words.items[0], "import") == 0 && words.count == 2)
        code = import(cli, words.items[1], path, &err);
    else
        code = yw_err_set(&err, YW_EINVAL, "usage: yanwu %s", USAGE);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
