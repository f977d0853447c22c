/* GET /api/v1/drills/ID/runs/RUN/chart: the picture of the playbook that a run follows, for whom
 * its marking lets. …/export?format=cacao|json|csv|md|html&lang=zh|en: what became of it, for
 * control and, where the marking lets, the team whose run it is. */
#include "base/mem.h"
#include "codec/playbook/chart.h"
#include "net/door.h"
#include "response/run.h"

#include <stdlib.h>
#include <string.h>

static enum yw_reader reader_of(const struct yw_exchange *exchange, int team)
{
    switch (exchange->caller.role) {
    case YW_ROLE_CONTROL:
        return YW_READER_CONTROL;
    case YW_ROLE_TEAM:
        return exchange->team == team ? YW_READER_TEAM : YW_READER_OTHER_TEAM;
    case YW_ROLE_TIER:
        return YW_TEAM_TIER(team) == exchange->team ? YW_READER_TEAM : YW_READER_TIER;
    case YW_ROLE_PUBLIC:
    case YW_ROLE_DUTY:
    case YW_ROLE_INSIDE:
        break;
    }
    return YW_READER_PUBLIC;
}

/* The run that the path names; NULL: none, or not for this caller. */
static const struct yw_run *find_run(const struct yw_exchange *exchange,
                                     struct yw_err *err)
{
    const char *number = exchange->parts[1];
    const struct yw_run *run = NULL;
    if (strlen(number) <= 15 && !number[strspn(number, "0123456789")])
        run = yw_conductor_run(exchange->net->conductor, exchange->parts[0],
                               strtoll(number, NULL, 10));
    if (!run) {
        (void)yw_err_set(err, YW_ENOTFOUND, "no playbook run '%s'", number);
        return NULL;
    }
    enum yw_tlp marking = run->playbook->marking;
    if (!yw_tlp_lets(marking, reader_of(exchange, run->team))) {
        (void)yw_err_set(err, YW_EDENIED, "the playbook is marked %s",
                         yw_tlp_name(marking));
        return NULL;
    }
    return run;
}

int yw_api_run_chart(struct yw_exchange *exchange, struct yw_err *err)
{
    const struct yw_run *run = find_run(exchange, err);
    struct yw_chart chart;
    struct yw_buf out;
    if (!run)
        return err->code;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    yw_chart_make(&chart, run->playbook);
    yw_chart_encode(&out, &chart);
    yw_chart_fini(&chart);
    yw_exchange_json(exchange, 200, &out);
    return 0;
}

int yw_api_run_export(struct yw_exchange *exchange, struct yw_err *err)
{
    static const char *const types[] = {
        [YW_RUN_CACAO] = "application/json",
        [YW_RUN_JSON] = "application/json",
        [YW_RUN_CSV] = "text/csv; charset=utf-8",
        [YW_RUN_MARKDOWN] = "text/markdown; charset=utf-8",
        [YW_RUN_HTML] = "text/html; charset=utf-8",
    };
    enum yw_run_format format = YW_RUN_CACAO;
    char name[12], lang[8];
    struct yw_buf out;
    yw_exchange_arg(exchange, "format", name, sizeof(name));
    yw_exchange_arg(exchange, "lang", lang, sizeof(lang));
    if (name[0] && !yw_run_format_read(name, &format))
        return yw_err_set(err, YW_EINVAL,
                          "format: expected cacao, json, csv, md or html; got '%s'",
                          name);
    if (lang[0] && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
        return yw_err_set(err, YW_EINVAL, "lang: expected zh or en; got '%s'", lang);
    const struct yw_run *run = find_run(exchange, err);
    if (!run)
        return err->code;
    if ((exchange->caller.role == YW_ROLE_TEAM && exchange->team != run->team) ||
        (exchange->caller.role == YW_ROLE_TIER &&
         exchange->team != YW_TEAM_TIER(run->team)))
        return yw_err_set(err, YW_ENOTFOUND, "no playbook run '%s'", exchange->parts[1]);
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    int code = yw_run_export(&out, exchange->net->conductor, exchange->parts[0], run->run,
                             format, lang, err);
    if (code)
        yw_buf_fini(&out);
    else
        yw_exchange_text(exchange, types[format], &out);
    return code;
}
