#include "cli/rules_explain.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "response/calendar.h"
#include "response/grade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const struct yw_cli *cli, const struct yw_text *text)
{
    return cli->english ? text->en : text->zh;
}

static const char *party_text(const struct yw_cli *cli, const struct yw_rules *rules,
                              int party)
{
    return text_of(cli, &rules->names[YW_RULE_PARTY].rows[party].text);
}

static void write_list(struct yw_writer *w, const struct yw_rules *rules,
                       enum yw_rule_kind kind, const char *key,
                       const struct yw_rule_list *list)
{
    yw_write_array(w, key);
    for (size_t i = 0; i < list->count; i++)
        yw_write_string(w, NULL, rules->names[kind].rows[list->items[i]].id);
    yw_write_end(w, ']');
}

static void write_date(struct yw_writer *w, const char *key, struct yw_rule_date date)
{
    char text[16];

    if (date.year == 0) {
        yw_write_null(w, key);
        return;
    }
    yw_calendar_format(date, text);
    yw_write_string(w, key, text);
}

void yw_rules_write_pack(struct yw_writer *w, const struct yw_rules *rules,
                         const struct yw_rule_pack *pack)
{
    yw_write_object(w, NULL);
    write_list(w, rules, YW_RULE_CLASS, "classes", &pack->classes);
    yw_write_string(w, "confidence", yw_confidence_name(pack->confidence));
    yw_write_string(w, "docno", pack->docno);
    yw_write_int(w, "duties", (int64_t)pack->duty_count);
    write_date(w, "from", pack->from);
    yw_write_int(w, "grades", (int64_t)pack->grade_count);
    yw_write_string(w, "pack", pack->id);
    yw_write_array(w, "regions");
    for (size_t i = 0; i < pack->region_count; i++)
        yw_write_string(w, NULL, pack->regions[i]);
    yw_write_end(w, ']');
    yw_write_string(w, "source", pack->source);
    yw_write_string(w, "status", pack->status);
    yw_write_text(w, "title", &pack->title);
    write_date(w, "to", pack->to);
    yw_write_end(w, '}');
}

void yw_rules_print_pack(const struct yw_cli *cli, const struct yw_rule_pack *pack)
{
    char from[16] = "", to[16] = "";

    if (pack->from.year != 0)
        yw_calendar_format(pack->from, from);
    if (pack->to.year != 0)
        yw_calendar_format(pack->to, to);
    printf("%-17s %10s – %-10s %-10s %s\n", pack->id, from, to,
           yw_confidence_name(pack->confidence), text_of(cli, &pack->title));
}

static void print_parties(const struct yw_cli *cli, const struct yw_rules *rules,
                          const char *label, const struct yw_rule_list *list)
{
    if (list->count == 0)
        return;
    printf("  %s", label);
    for (size_t i = 0; i < list->count; i++)
        printf("%s%s", i > 0 ? yw_cli_text(cli, "、", ", ") : "",
               party_text(cli, rules, list->items[i]));
    putchar('\n');
}

static void print_limit(const struct yw_cli *cli, const struct yw_rule_duty *duty)
{
    char span[32];

    printf("  %s", yw_cli_text(cli, "时限：", "limit: "));
    if (duty->limit_workdays > 0) {
        printf("%lld %s\n", (long long)duty->limit_workdays,
               yw_cli_text(cli, "个工作日", "working days"));
    } else if (duty->limit_s > 0) {
        yw_clock_format_drill(duty->limit_s * 1000, span);
        puts(span);
    } else if (duty->limit_text.zh[0] != '\0') {
        printf("%s%s\n", text_of(cli, &duty->limit_text),
               yw_cli_text(cli, "（原文无具体时限）", " (the text sets no figure)"));
    } else {
        puts(yw_cli_text(cli, "原文未规定", "the text sets none"));
    }
}

static void explain_duty(const struct yw_cli *cli, const struct yw_rules *rules,
                         const struct yw_rule_pack *pack, const struct yw_rule_duty *duty)
{
    printf("%s  %s %s\n", duty->id, text_of(cli, &pack->title), duty->ref);
    printf("  %s%s\n", yw_cli_text(cli, "谁：", "who: "),
           party_text(cli, rules, duty->actor));
    print_parties(cli, rules, yw_cli_text(cli, "报告：", "tells: "), &duty->notify);
    print_parties(cli, rules, yw_cli_text(cli, "抄告：", "informs: "), &duty->inform);
    if (duty->act.zh[0] != '\0')
        printf("  %s%s\n", yw_cli_text(cli, "做：", "does: "), text_of(cli, &duty->act));
    if (duty->min_grade > 0)
        printf("  %s%s\n", yw_cli_text(cli, "级别不低于：", "from grade: "),
               text_of(cli, yw_grade_name(duty->min_grade)));
    if (duty->when >= 0)
        printf("  %s%s\n", yw_cli_text(cli, "情形：", "when: "),
               text_of(cli, &rules->names[YW_RULE_EVENT].rows[duty->when].text));
    printf("  %s%s\n", yw_cli_text(cli, "起算：", "counts from: "),
           text_of(cli, yw_anchor_text(duty->anchor)));
    print_limit(cli, duty);
    if (duty->form >= 0)
        printf("  %s%s\n", yw_cli_text(cli, "文书：", "form: "),
               text_of(cli, &rules->names[YW_RULE_FORM].rows[duty->form].text));
    if (duty->note.zh[0] != '\0')
        printf("  %s\n", text_of(cli, &duty->note));
    printf("  %s%s\n", yw_cli_text(cli, "可信度：", "confidence: "),
           text_of(cli, yw_confidence_text(duty->confidence)));
}

static void print_test(const struct yw_cli *cli, const struct yw_rules *rules,
                       const struct yw_rule_test *test)
{
    const struct yw_rule_name *metric = &rules->names[YW_RULE_METRIC].rows[test->metric];
    struct yw_rule_value value = {
        .known = true, .number = test->at_least, .value = test->value};
    char text[32];

    yw_rule_value_write(&value, rules, test->metric, text);
    printf("    %s %s %s %s (%s)", text_of(cli, &metric->text), test->equals ? "=" : "≥",
           text, metric->unit, metric->id);
    for (size_t i = 0; i < test->classes.count; i++)
        printf(
            "%s%s", i == 0 ? yw_cli_text(cli, "，限", "; only ") : ", ",
            text_of(cli, &rules->names[YW_RULE_CLASS].rows[test->classes.items[i]].text));
    putchar('\n');
}

static void explain_pack(const struct yw_cli *cli, const struct yw_rules *rules,
                         const struct yw_rule_pack *pack)
{
    yw_rules_print_pack(cli, pack);
    printf("  %s\n  %s%s\n", pack->docno, yw_cli_text(cli, "来源：", "source: "),
           pack->source);
    for (size_t i = 0; i < pack->grade_count; i++) {
        const struct yw_rule_grade *row = &pack->grades[i];

        printf("  %s %s (%s)\n", text_of(cli, yw_grade_name(row->grade)), row->ref,
               text_of(cli, yw_confidence_text(row->confidence)));
        for (size_t k = 0; k < row->test_count; k++)
            print_test(cli, rules, &row->tests[k]);
    }
    for (size_t i = 0; i < pack->duty_count; i++)
        explain_duty(cli, rules, pack, &pack->duties[i]);
}

static void write_name(struct yw_writer *w, const struct yw_rules *rules,
                       enum yw_rule_kind kind, const char *key, int index)
{
    if (index < 0)
        yw_write_null(w, key);
    else
        yw_write_string(w, key, rules->names[kind].rows[index].id);
}

static void write_duty(struct yw_writer *w, const struct yw_rules *rules,
                       const struct yw_rule_duty *duty)
{
    yw_write_object(w, NULL);
    yw_write_text(w, "act", &duty->act);
    write_name(w, rules, YW_RULE_PARTY, "actor", duty->actor);
    yw_write_string(w, "anchor", yw_anchor_name(duty->anchor));
    yw_write_string(w, "confidence", yw_confidence_name(duty->confidence));
    write_name(w, rules, YW_RULE_FORM, "form", duty->form);
    yw_write_string(w, "id", duty->id);
    write_list(w, rules, YW_RULE_PARTY, "inform", &duty->inform);
    if (duty->limit_s > 0)
        yw_write_int(w, "limit_s", duty->limit_s);
    else
        yw_write_null(w, "limit_s");
    yw_write_text(w, "limit_text", &duty->limit_text);
    if (duty->limit_workdays > 0)
        yw_write_int(w, "limit_workdays", duty->limit_workdays);
    else
        yw_write_null(w, "limit_workdays");
    yw_write_int(w, "min_grade", duty->min_grade);
    write_list(w, rules, YW_RULE_PARTY, "notify", &duty->notify);
    yw_write_string(w, "ref", duty->ref);
    yw_write_bool(w, "simultaneous", duty->simultaneous);
    write_name(w, rules, YW_RULE_EVENT, "when", duty->when);
    yw_write_end(w, '}');
}

/* The pack with all its duties, or with the one that was asked for. */
static void print_json(const struct yw_rules *rules, const struct yw_rule_pack *pack,
                       const struct yw_rule_duty *only)
{
    struct yw_writer writer;
    struct yw_buf out;

    yw_buf_init(&out, YW_RULES_SHOWN_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_array(&writer, "duties");
    for (size_t i = 0; i < pack->duty_count; i++) {
        if (only == NULL || only == &pack->duties[i])
            write_duty(&writer, rules, &pack->duties[i]);
    }
    yw_write_end(&writer, ']');
    yw_write_string(&writer, "pack", pack->id);
    yw_write_end(&writer, '}');
    puts(out.data);
    yw_buf_fini(&out);
}

/* "deaths=3" … → the facts. */
static int read_facts(struct yw_rule_facts *ret, const struct yw_rules *rules,
                      const struct yw_words *words, struct yw_err *err)
{
    memset(ret, 0, sizeof *ret);
    for (int i = 1; i < words->count; i++) {
        char id[YW_RULES_ID_MAX];
        const char *equals = strchr(words->items[i], '=');

        (void)yw_copyf(id, sizeof id, "%.*s", (int)(equals - words->items[i]),
                       words->items[i]);
        int metric = yw_rule_name(rules, YW_RULE_METRIC, id);
        char meant[YW_MEANT_MAX];
        const char *near = yw_rule_name_near(rules, YW_RULE_METRIC, id);

        if (metric < 0)
            return yw_err_set(err, YW_EINVAL, "no metric '%s'%s", id,
                              yw_meant(meant, near));
        int code =
            yw_rule_value_read(&ret->values[metric], rules, metric, equals + 1, err);

        if (code < 0)
            return code;
    }
    return 0;
}

/* What an incident of these figures is graded, by each pack that applies. */
static int explain_facts(const struct yw_cli *cli, const struct yw_rules *rules,
                         const struct yw_rules_question *question,
                         const struct yw_words *words, struct yw_err *err)
{
    struct yw_rule_facts facts;
    struct yw_writer writer;
    struct yw_buf out;
    int code = read_facts(&facts, rules, words, err);

    if (code < 0)
        return code;
    yw_buf_init(&out, YW_RULES_SHOWN_MAX);
    yw_writer_init(&writer, &out);
    yw_write_object(&writer, NULL);
    yw_write_array(&writer, "grades");
    for (size_t i = 0; i < rules->pack_count; i++) {
        const struct yw_rule_pack *pack = rules->packs[i];
        struct yw_graded graded;

        if (!yw_rule_pack_applies(pack, &question->org, question->day) ||
            pack->grade_count == 0)
            continue;
        yw_grade_find(rules, pack, &facts, &question->org, &graded);
        yw_write_object(&writer, NULL);
        yw_write_int(&writer, "grade", graded.grade);
        yw_write_string(&writer, "metric",
                        graded.test != NULL
                            ? rules->names[YW_RULE_METRIC].rows[graded.test->metric].id
                            : "");
        yw_write_string(&writer, "pack", pack->id);
        yw_write_string(&writer, "ref", graded.row != NULL ? graded.row->ref : "");
        yw_write_end(&writer, '}');
        if (cli->json)
            continue;
        printf("%-17s %s %s\n", pack->id,
               graded.grade > 0 ? text_of(cli, yw_grade_name(graded.grade))
                                : yw_cli_text(cli, "未达分级", "not graded"),
               graded.row != NULL ? graded.row->ref : "");
        if (graded.test != NULL)
            print_test(cli, rules, graded.test);
    }
    yw_write_end(&writer, ']');
    yw_write_end(&writer, '}');
    if (cli->json)
        puts(out.data);
    yw_buf_fini(&out);
    return 0;
}

int yw_rules_explain(const struct yw_cli *cli, const struct yw_rules *rules,
                     const struct yw_rules_question *question,
                     const struct yw_words *words, struct yw_err *err)
{
    const struct yw_rule_pack *pack = yw_rules_pack(rules, words->items[1]);
    const struct yw_rule_duty *duty = yw_rules_duty(rules, words->items[1], &pack);
    const char *all[YW_RULES_PACKS_MAX];

    for (int i = 1; i < words->count; i++) {
        if (strchr(words->items[i], '=') == NULL)
            break;
        if (i + 1 == words->count)
            return explain_facts(cli, rules, question, words, err);
    }
    if (words->count == 2 && pack != NULL) {
        if (cli->json)
            print_json(rules, pack, duty);
        else if (duty != NULL)
            explain_duty(cli, rules, pack, duty);
        else
            explain_pack(cli, rules, pack);
        return 0;
    }
    for (size_t i = 0; i < rules->pack_count; i++)
        all[i] = rules->packs[i]->id;
    char meant[YW_MEANT_MAX];
    const char *near = yw_name_nearest(words->items[1], all, rules->pack_count);

    return yw_err_set(err, YW_ENOTFOUND,
                      "rules explain: expected a pack, a duty, or figures as deaths=3; "
                      "got '%s'%s",
                      words->items[1], yw_meant(meant, near));
}
