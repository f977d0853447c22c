#include "cli/cli.h"
#include "cli/option.h"
#include "cli/source.h"
#include "codec/write.h"

#include <stdio.h>

static void print_json(const struct yw_verify *verified, bool ok)
{
    struct yw_writer writer;
    struct yw_buf out;
    char head[YW_HASH_TEXT_SIZE];

    yw_hash_text(&verified->head, head);
    yw_buf_init(&out, 4096);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_int(&writer, "bad_line", verified->bad_line);
    yw_write_int(&writer, "bad_seq", verified->bad_seq);
    yw_write_int(&writer, "count", verified->count);
    yw_write_string(&writer, "detail", verified->detail);
    yw_write_string(&writer, "head", head);
    yw_write_bool(&writer, "ok", ok);
    yw_write_end(&writer, '}');
    puts(out.data);
    yw_buf_fini(&out);
}

static void print_people(const struct yw_cli *cli, const struct yw_verify *verified,
                         bool ok)
{
    char head[YW_HASH_TEXT_SIZE];

    yw_hash_text(&verified->head, head);
    if (ok)
        printf(yw_cli_text(cli, "完好：%lld 条记录，末条哈希 %s\n",
                           "sound: %lld records, head %s\n"),
               (long long)verified->count, head);
    else if (verified->bad_line > 0)
        printf(yw_cli_text(cli, "损坏：第 %lld 条记录（第 %lld 行）：%s\n",
                           "damaged: record %lld (line %lld): %s\n"),
               (long long)verified->bad_seq, (long long)verified->bad_line,
               verified->detail);
    else
        printf(
            yw_cli_text(cli, "损坏：第 %lld 条记录：%s\n", "damaged: record %lld: %s\n"),
            (long long)verified->bad_seq, verified->detail);
}

int yw_cmd_verify(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_words words;
    struct yw_verify verified = {0};
    struct yw_err err = {0};
    char path[YW_SOURCE_PATH_MAX];
    bool database = false;
    int status = yw_options_read(NULL, 0, argc, argv, &words, &err);

    if (status == 0)
        status = yw_words_expect(&words, 1, 1, "verify DRILL|FILE", &err);
    if (status == 0)
        status = yw_source_find(cli, words.items[0], path, &database, &err);
    if (status == 0)
        status = database ? yw_verify_database(path, &verified, &err)
                          : yw_verify_file(path, &verified, &err);
    if (status != 0 && status != YW_ECORRUPT)
        return yw_cli_fail(cli, &err);
    if (cli->json)
        print_json(&verified, status == 0);
    else
        print_people(cli, &verified, status == 0);
    return status == 0 ? 0 : 1;
}
