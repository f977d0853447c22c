#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/source.h"
#include "cli/technique.h"
#include "codec/write.h"
#include "drill/conductor.h"
#include "drill/law.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define REPORT_MAX (32 * 1024 * 1024)

struct wish {
    const char *lang;
    const char *format;
    const char *out;
    bool navigator;
};

static int check_wish(const struct wish *wish, struct yw_err *err)
{
    if (strcmp(wish->lang, "zh") != 0 && strcmp(wish->lang, "en") != 0)
        return yw_err_set(err, YW_EINVAL, "--lang: expected zh or en; got '%s'",
                          wish->lang);
    if (strcmp(wish->format, "md") != 0 && strcmp(wish->format, "html") != 0)
        return yw_err_set(err, YW_EINVAL, "--format: expected md or html; got '%s'",
                          wish->format);
    return 0;
}

static void print_json(const struct wish *wish, const char *text)
{
    struct yw_writer writer;
    struct yw_buf out;

    yw_buf_init(&out, (size_t)2 * REPORT_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_string(&writer, "format", wish->format);
    yw_write_string(&writer, "lang", wish->lang);
    yw_write_string(&writer, "text", text);
    yw_write_end(&writer, '}');
    puts(out.data);
    yw_buf_fini(&out);
}

static int write_report(struct yw_buf *ret, const struct yw_cli *cli,
                        const struct wish *wish, struct yw_journal *journal,
                        struct yw_err *err)
{
    struct yw_law_book book;

    yw_law_open(&book, cli->library_dir);
    int code = yw_report_write(
        ret, journal, yw_law_of(&book), wish->lang,
        strcmp(wish->format, "html") == 0 ? YW_REPORT_HTML : YW_REPORT_MARKDOWN, err);

    yw_law_close(&book);
    return code;
}

/* A layer is JSON by itself. */
static int write_wish(struct yw_buf *ret, const struct yw_cli *cli,
                      const struct wish *wish, struct yw_journal *journal,
                      struct yw_err *err)
{
    struct yw_techniques table;

    if (!wish->navigator)
        return write_report(ret, cli, wish, journal, err);
    int code = yw_cli_techniques(cli, &table, err);

    if (code == 0)
        code = yw_navigator_write(ret, journal, wish->lang, &table, err);
    yw_techniques_fini(&table);
    return code;
}

static int deliver(const struct yw_cli *cli, const struct wish *wish,
                   const struct yw_buf *text, struct yw_err *err)
{
    bool wrapped = cli->json && !wish->navigator;

    if (wish->out == NULL) {
        if (wrapped)
            print_json(wish, text->data);
        else
            fwrite(text->data, 1, text->size, stdout);
        return 0;
    }
    FILE *file = fopen(wish->out, "we");

    if (file == NULL)
        return yw_err_errno(err, YW_EIO, errno, wish->out);
    size_t written = fwrite(text->data, 1, text->size, file);

    if (fclose(file) != 0 || written != text->size)
        return yw_err_errno(err, YW_EIO, errno, wish->out);
    if (wrapped)
        print_json(wish, text->data);
    return 0;
}

int yw_cmd_report(struct yw_cli *cli, int argc, char **argv)
{
    struct wish wish = {.lang = cli->english ? "en" : "zh", .format = "md"};
    const struct yw_option options[] = {{.name = "--lang", .text = &wish.lang},
                                        {.name = "--format", .text = &wish.format},
                                        {.name = "--out", .text = &wish.out},
                                        {.name = "--navigator", .flag = &wish.navigator}};
    struct yw_words words;
    struct yw_journal *journal = NULL;
    struct yw_buf text;
    struct yw_err err = {0};
    int status = yw_options_read(options, 4, argc, argv, &words, &err);

    yw_buf_init(&text, REPORT_MAX);
    if (status == 0)
        status = check_wish(&wish, &err);
    if (status == 0)
        status = yw_words_expect(&words, 1, 1,
                                 "report DRILL|FILE [--lang zh|en] [--format md|html] "
                                 "[--navigator] [--out FILE]",
                                 &err);
    if (status == 0)
        status = yw_source_open(&journal, cli, words.items[0], &err);
    if (status == 0)
        status = write_wish(&text, cli, &wish, journal, &err);
    if (status == 0)
        status = deliver(cli, &wish, &text, &err);
    yw_journal_close(journal);
    yw_buf_fini(&text);
    return status == 0 ? 0 : yw_cli_fail(cli, &err);
}
