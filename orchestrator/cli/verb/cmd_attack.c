/* The attack kit for people: what there is, what is to be seen of it, what helps against it. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/technique.h"
#include "codec/write.h"
#include "model/kit.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX (256 * 1024)
#define USAGE "attack list"

/* The ids as this version of the matrix has them, and as the next one calls them. */
static void print_techniques(const struct yw_cli *cli, const struct yw_techniques *table,
                             const char *list)
{
    char id[YW_NAME_MAX];

    printf("  %s", yw_cli_text(cli, "技术：", "techniques:"));
    for (size_t i = 0; yw_spec_word(list, i, id); i++) {
        const struct yw_technique *technique = yw_techniques_find(table, id);

        printf(" %s", id);
        if (technique != NULL && technique->now[0] != '\0')
            printf(" (%s)", technique->now);
    }
    putchar('\n');
}

static void print_family(const struct yw_cli *cli, const struct yw_techniques *table,
                         const struct yw_kit_family *family)
{
#define SAY(member) yw_cli_text(cli, family->member.zh, family->member.en)
    printf("%s  %s\n", family->name, SAY(title));
    printf("  %s %s\n", yw_cli_text(cli, "动作：", "actions:"), family->actions);
    print_techniques(cli, table, family->techniques);
    printf("  %s %s\n", yw_cli_text(cli, "网络：", "network:"), SAY(network));
    printf("  %s %s\n", yw_cli_text(cli, "探针告警：", "sensor alerts:"), family->alerts);
    for (size_t i = 0; i < YW_KIT_SIGHTS_MAX && family->sights[i].filter; i++)
        printf("  %s %s (≥ %d)\n", yw_cli_text(cli, "抓包：", "capture:"),
               family->sights[i].filter, family->sights[i].least);
    if (family->lines[0] != '\0')
        printf("  %s %s\n", yw_cli_text(cli, "靶机记录：", "lines:"), family->lines);
    printf("  %s %s\n", yw_cli_text(cli, "主机：", "host:"), SAY(host));
    printf("  %s %s\n", yw_cli_text(cli, "过程：", "process:"), SAY(process));
    printf("  %s %s\n", yw_cli_text(cli, "对策：", "counter:"), SAY(counter));
#undef SAY
}

static void write_words(struct yw_writer *w, const char *name, const char *list)
{
    char word[YW_NAME_MAX];

    yw_write_array(w, name);
    for (size_t i = 0; yw_spec_word(list, i, word); i++)
        yw_write_string(w, NULL, word);
    yw_write_end(w, ']');
}

static void write_sights(struct yw_writer *w, const struct yw_kit_family *family)
{
    yw_write_array(w, "sights");
    for (size_t i = 0; i < YW_KIT_SIGHTS_MAX && family->sights[i].filter; i++) {
        yw_write_object(w, NULL);
        yw_write_string(w, "filter", family->sights[i].filter);
        yw_write_int(w, "least", family->sights[i].least);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

static void write_family(struct yw_writer *w, const struct yw_kit_family *family)
{
#define PUT(member)                                                                      \
    yw_write_object(w, #member);                                                         \
    yw_write_string(w, "en", family->member.en);                                         \
    yw_write_string(w, "zh", family->member.zh);                                         \
    yw_write_end(w, '}')
    yw_write_object(w, NULL);
    write_words(w, "actions", family->actions);
    write_words(w, "alerts", family->alerts);
    PUT(counter);
    PUT(host);
    write_words(w, "lines", family->lines);
    yw_write_string(w, "name", family->name);
    PUT(network);
    PUT(process);
    write_sights(w, family);
    write_words(w, "techniques", family->techniques);
    PUT(title);
    yw_write_end(w, '}');
#undef PUT
}

static void write_aliases(struct yw_writer *w, const struct yw_techniques *table)
{
    yw_write_object(w, "aliases");
    for (size_t i = 0; i < table->list.count; i++) {
        const struct yw_technique *technique = yw_vec_at(&table->list, i);

        if (technique->now[0] != '\0')
            yw_write_string(w, technique->id, technique->now);
    }
    yw_write_end(w, '}');
}

static void print_json(const struct yw_techniques *table)
{
    struct yw_writer writer;
    struct yw_buf out;

    yw_buf_init(&out, SHOWN_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    write_aliases(&writer, table);
    yw_write_array(&writer, "attacks");
    for (size_t i = 0; yw_kit_family(i) != NULL; i++)
        write_family(&writer, yw_kit_family(i));
    yw_write_end(&writer, ']');
    yw_write_string(&writer, "domain", table->domain);
    yw_write_string(&writer, "version", table->version);
    yw_write_end(&writer, '}');
    puts(out.data);
    yw_buf_fini(&out);
}

int yw_cmd_attack(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_techniques table;
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(NULL, 0, argc, argv, &words, &err);

    if (code == 0)
        code = yw_words_expect(&words, 1, 1, USAGE, &err);
    if (code == 0 && strcmp(words.items[0], "list") != 0)
        code = yw_err_set(&err, YW_EINVAL, "usage: yanwu %s", USAGE);
    if (code != 0)
        return yw_cli_fail(cli, &err);
    code = yw_cli_techniques(cli, &table, &err);
    if (code == 0 && cli->json) {
        print_json(&table);
    } else if (code == 0) {
        printf("ATT&CK %s %s\n", table.domain, table.version);
        for (size_t i = 0; yw_kit_family(i) != NULL; i++)
            print_family(cli, &table, yw_kit_family(i));
    }
    yw_techniques_fini(&table);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
