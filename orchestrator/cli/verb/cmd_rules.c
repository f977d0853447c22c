/* Rule packs for people: which apply, is a file sound, what does a duty or an incident mean. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/rules_explain.h"
#include "codec/rules/rules.h"
#include "codec/write.h"
#include "response/duty.h"
#include "response/grade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int read_class(struct yw_rules_question *question, const struct yw_rules *rules,
                      const char *id, struct yw_err *err)
{
    int index = yw_rule_name(rules, YW_RULE_CLASS, id);
    char meant[YW_MEANT_MAX];
    const char *near = yw_rule_name_near(rules, YW_RULE_CLASS, id);

    if (index < 0)
        return yw_err_set(err, YW_EINVAL, "--class: no class '%s'%s", id,
                          yw_meant(meant, near));
    question->org.classes[index] = true;
    return 0;
}

static int read_question(struct yw_rules_question *question, const struct yw_rules *rules,
                         struct yw_err *err)
{
    time_t now = time(NULL);
    struct tm local;
    char list[512], *rest = list;
    int code = 0;

    localtime_r(&now, &local);
    question->day =
        (struct yw_rule_date){local.tm_year + 1900, local.tm_mon + 1, local.tm_mday};
    question->asked = question->date || question->region || question->classes;
    if (question->date != NULL && !yw_calendar_parse(question->date, &question->day))
        return yw_err_set(err, YW_EINVAL,
                          "--date: expected a day as 2026-02-28; got '%s'",
                          question->date);
    if (question->region != NULL && YW_COPY(question->org.region, question->region) < 0)
        return yw_err_set(err, YW_EINVAL,
                          "--region: expected a province as CN-CQ (ISO 3166-2); got '%s'",
                          question->region);
    if (question->classes == NULL)
        return 0;
    if (YW_COPY(list, question->classes) < 0)
        return yw_err_set(err, YW_ELIMIT, "--class: at most %zu bytes", sizeof list - 1);
    for (char *id = strsep(&rest, ","); id != NULL && code == 0; id = strsep(&rest, ","))
        code = read_class(question, rules, id, err);
    return code;
}

static int list_packs(const struct yw_cli *cli, const struct yw_rules *rules,
                      const struct yw_rules_question *question)
{
    struct yw_writer writer;
    struct yw_buf out;
    size_t shown = 0;

    yw_buf_init(&out, YW_RULES_SHOWN_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_array(&writer, "packs");
    for (size_t i = 0; i < rules->pack_count; i++) {
        const struct yw_rule_pack *pack = rules->packs[i];

        if (question->asked && !yw_rule_pack_applies(pack, &question->org, question->day))
            continue;
        shown++;
        yw_rules_write_pack(&writer, rules, pack);
        if (!cli->json)
            yw_rules_print_pack(cli, pack);
    }
    yw_write_end(&writer, ']');
    yw_write_end(&writer, '}');
    if (cli->json)
        puts(out.data);
    else if (shown == 0)
        puts(yw_cli_text(cli, "没有适用的规则包", "no pack applies"));
    else
        puts(yw_cli_text(cli, "仅供演练，不构成法律意见。",
                         "Training material, not legal advice."));
    yw_buf_fini(&out);
    return 0;
}

/* Duties that a grade starts, in a pack that grades nothing by figures. */
static bool lacks_criteria(const struct yw_rule_pack *pack)
{
    for (size_t i = 0; i < pack->duty_count; i++) {
        if (pack->grade_count == 0 && pack->duties[i].min_grade > 1)
            return true;
    }
    return false;
}

static void report_check(const struct yw_cli *cli, struct yw_writer *w, const char *path,
                         const struct yw_rule_pack *pack, const struct yw_err *err)
{
    bool lacks = pack != NULL && lacks_criteria(pack);
    const char *note = lacks ? yw_cli_text(cli, "有按级别启动的义务，却没有分级标准",
                                           "duties need a grade, and no figures give one")
                             : "";

    yw_write_object(w, NULL);
    yw_write_string(w, "detail", pack == NULL ? err->text : note);
    yw_write_string(w, "file", path);
    yw_write_bool(w, "ok", pack != NULL);
    yw_write_string(w, "pack", pack != NULL ? pack->id : "");
    yw_write_end(w, '}');
    if (cli->json)
        return;
    if (pack == NULL)
        printf("✗ %s\n", err->text);
    else
        printf("✓ %s: %zu %s, %zu %s%s%s\n", path, pack->grade_count,
               yw_cli_text(cli, "条分级标准", "grades"), pack->duty_count,
               yw_cli_text(cli, "条义务", "duties"), lacks ? " – " : "", note);
}

/* Each file beside the shipped names; a pack of the same id is replaced by it. */
static int check_files(const struct yw_cli *cli, const struct yw_words *words,
                       struct yw_err *err)
{
    struct yw_writer writer;
    struct yw_buf out;
    int bad = 0;

    yw_buf_init(&out, YW_RULES_SHOWN_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_array(&writer, "files");
    for (int i = 1; i < words->count; i++) {
        char *names = yw_strf("%s/rules/names.json", cli->library_dir), *text = NULL;
        struct yw_rules *rules = NULL;
        struct yw_err found = {0};
        size_t size = 0;
        int code = yw_file_read(names, YW_RULES_BYTES_MAX, &text, &size, err);

        free(names);
        if (code == 0)
            code = yw_rules_decode_names(&rules, text, size, err);
        free(text);
        if (code < 0) {
            yw_buf_fini(&out);
            return code;
        }
        code = yw_rules_read_pack(rules, words->items[i], &found);
        report_check(cli, &writer, words->items[i], code == 0 ? rules->packs[0] : NULL,
                     &found);
        bad += code < 0;
        yw_rules_free(rules);
    }
    yw_write_end(&writer, ']');
    yw_write_end(&writer, '}');
    if (cli->json)
        puts(out.data);
    yw_buf_fini(&out);
    return bad > 0 ? YW_EINVAL : 0;
}

static int run(const struct yw_cli *cli, struct yw_rules_question *question,
               const struct yw_words *words, struct yw_err *err)
{
    char *folder = yw_strf("%s/rules", cli->library_dir);
    struct yw_calendar *calendar = yw_new(sizeof *calendar);
    struct yw_rules *rules = NULL;
    int code = yw_rules_read(&rules, calendar, folder, err);

    if (code == 0)
        code = read_question(question, rules, err);
    if (code == 0)
        code = strcmp(words->items[0], "list") == 0
                   ? list_packs(cli, rules, question)
                   : yw_rules_explain(cli, rules, question, words, err);
    yw_rules_free(rules);
    free(calendar);
    free(folder);
    return code;
}

int yw_cmd_rules(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_rules_question question = {0};
    const struct yw_option options[] = {{"--class", .text = &question.classes},
                                        {"--date", .text = &question.date},
                                        {"--region", .text = &question.region}};
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, 3, argc, argv, &words, &err);
    const char *verb = code == 0 && words.count > 0 ? words.items[0] : "";

    if (code == 0 && strcmp(verb, "list") == 0)
        code = yw_words_expect(&words, 1, 1, "rules list [--date DAY] …", &err);
    else if (code == 0 && (strcmp(verb, "check") == 0 || strcmp(verb, "explain") == 0))
        code = yw_words_expect(&words, 2, YW_OPTION_WORDS_MAX,
                               "rules check FILE … | explain PACK|DUTY|METRIC=VALUE …",
                               &err);
    else if (code == 0)
        code = yw_err_set(&err, YW_EINVAL,
                          "rules: expected list, check or explain; got '%s'", verb);
    if (code < 0)
        return yw_cli_fail(cli, &err);
    if (strcmp(verb, "check") != 0)
        code = run(cli, &question, &words, &err);
    else if ((code = check_files(cli, &words, &err)) == YW_EINVAL && err.code == 0)
        return 2;
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
