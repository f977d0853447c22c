#include "cli/verb/playbook_export.h"

#include "base/file.h"
#include "base/mem.h"
#include "cli/ask.h"
#include "cli/verb/playbook_conduct.h"
#include "drill/conductor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE                                                                            \
    "playbook export DRILL RUN [--timeline [--format md|html|csv|json]] [--lang zh|en] " \
    "[--out FILE]"

static int check(const struct yw_words *words, const struct yw_playbook_wish *wish,
                 struct yw_err *err)
{
    int code = yw_words_expect(words, 3, 3, USAGE, err);
    enum yw_run_format format;

    if (code == 0 && wish->format != NULL && !wish->timeline)
        code = yw_err_set(err, YW_EINVAL, "--format: only of a --timeline");
    if (code == 0 && wish->format != NULL &&
        (!yw_run_format_read(wish->format, &format) || format == YW_RUN_CACAO))
        code = yw_err_set(err, YW_EINVAL,
                          "--format: expected md, html, csv or json; got '%s'",
                          wish->format);
    if (code == 0 && strcmp(wish->lang, "zh") != 0 && strcmp(wish->lang, "en") != 0)
        code =
            yw_err_set(err, YW_EINVAL, "--lang: expected zh or en; got '%s'", wish->lang);
    if (code == 0)
        code = yw_playbook_run_word(words->items[2], err);
    return code;
}

int yw_playbook_export(struct yw_cli *cli, const struct yw_words *words,
                       const struct yw_playbook_wish *wish, struct yw_err *err)
{
    char *answer = NULL;
    int code = check(words, wish, err);

    if (code != 0)
        return code;
    const char *format = !wish->timeline        ? "cacao"
                         : wish->format != NULL ? wish->format
                         : cli->json            ? "json"
                                                : "md";
    char *tail =
        yw_strf("/runs/%s/export?format=%s&lang=%s", words->items[2], format, wish->lang);

    code = yw_ask(cli, words->items[1], tail, NULL, &answer, err);
    if (code == 0 && wish->out != NULL)
        code = yw_file_write(wish->out, answer, strlen(answer), err);
    else if (code == 0)
        fputs(answer, stdout);
    free(tail);
    free(answer);
    return code;
}
