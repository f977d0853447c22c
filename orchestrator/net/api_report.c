/* POST /api/v1/drills/ID/reports: a team files a report.
 * GET /api/v1/drills/ID/report: the report of the drill, for control. */
#include "base/mem.h"
#include "net/door.h"

#include <string.h>

int yw_api_report_file(struct yw_exchange *exchange, struct yw_err *err)
{
    struct yw_request_text request;
    int code = yw_request_text_decode(&request, "text", exchange->body.data,
                                      exchange->body.size, err);
    if (code)
        return code;
    if (!request.text[0])
        return yw_err_set(err, YW_EINVAL, "/text: expected some words");
    struct yw_call *call = yw_call_new(exchange, YW_COMMAND_REPORT);
    (void)YW_COPY(call->command->text, request.text);
    return yw_call_start(exchange, call, err);
}

int yw_api_report_read(struct yw_exchange *exchange, struct yw_err *err)
{
    char lang[8], format[8];
    yw_exchange_arg(exchange, "lang", lang, sizeof(lang));
    yw_exchange_arg(exchange, "format", format, sizeof(format));
    if (lang[0] && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
        return yw_err_set(err, YW_EINVAL, "lang: expected zh or en; got '%s'", lang);
    if (format[0] && strcmp(format, "html") != 0 && strcmp(format, "md") != 0)
        return yw_err_set(err, YW_EINVAL, "format: expected html or md; got '%s'",
                          format);
    struct yw_journal *journal =
        yw_conductor_journal(exchange->net->conductor, exchange->parts[0]);
    if (!journal)
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", exchange->parts[0]);
    bool markdown = strcmp(format, "md") == 0;
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    int code = yw_report_write(&out, journal, yw_conductor_law(exchange->net->conductor),
                               lang[0] ? lang : "zh",
                               markdown ? YW_REPORT_MARKDOWN : YW_REPORT_HTML, err);
    if (!code && out.overflow)
        code = yw_err_set(err, YW_ELIMIT, "the report is larger than %d bytes",
                          YW_HTTP_ANSWER_MAX);
    if (code)
        yw_buf_fini(&out);
    else
        yw_exchange_text(
            exchange,
            markdown ? "text/markdown; charset=utf-8" : "text/html; charset=utf-8", &out);
    return code;
}
