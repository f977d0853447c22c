/* POST /api/v1/drills/ID/reports: a team files a report.
 * GET /api/v1/drills/ID/report[?lang=zh|en][&format=html|md|navigator]: the report of the drill, for
 * control; navigator: its techniques as a layer of the ATT&CK Navigator. */
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

/* What `format` asks for, and as what it is sent. */
static const struct form {
    const char *name, *type;
    enum yw_report_format format;
    bool navigator;
} forms[] = {{"html", "text/html; charset=utf-8", YW_REPORT_HTML, false},
             {"md", "text/markdown; charset=utf-8", YW_REPORT_MARKDOWN, false},
             {"navigator", "application/json", YW_REPORT_HTML, true}};

static const struct form *form_of(const char *name)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(forms[i].name, name[0] ? name : "html") == 0)
            return &forms[i];
    }
    return NULL;
}

static int write_form(struct yw_buf *out, const struct yw_net *net,
                      const struct form *form, const char *lang,
                      struct yw_journal *journal, struct yw_err *err)
{
    if (!form->navigator)
        return yw_report_write(out, journal, yw_conductor_law(net->conductor), lang,
                               form->format, err);
    if (net->techniques.list.count == 0)
        return yw_err_set(err, YW_ENOTFOUND, "this daemon has no table of techniques");
    return yw_navigator_write(out, journal, lang, &net->techniques, err);
}

int yw_api_report_read(struct yw_exchange *exchange, struct yw_err *err)
{
    char lang[8], format[16];
    yw_exchange_arg(exchange, "lang", lang, sizeof(lang));
    yw_exchange_arg(exchange, "format", format, sizeof(format));
    const struct form *form = form_of(format);
    if (lang[0] && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
        return yw_err_set(err, YW_EINVAL, "lang: expected zh or en; got '%s'", lang);
    if (!form)
        return yw_err_set(err, YW_EINVAL,
                          "format: expected html, md or navigator; got '%s'", format);
    struct yw_journal *journal =
        yw_conductor_journal(exchange->net->conductor, exchange->parts[0]);
    if (!journal)
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", exchange->parts[0]);
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_ANSWER_MAX);
    int code = write_form(&out, exchange->net, form, lang[0] ? lang : "zh", journal, err);
    if (!code && out.overflow)
        code = yw_err_set(err, YW_ELIMIT, "the report is larger than %d bytes",
                          YW_HTTP_ANSWER_MAX);
    if (code)
        yw_buf_fini(&out);
    else
        yw_exchange_text(exchange, form->type, &out);
    return code;
}
