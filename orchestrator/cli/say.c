/* How a verb speaks: facts on standard output, the rest on standard error. */
#include "base/buf.h"
#include "cli/catalogue.h"
#include "cli/cli.h"
#include "codec/request/request.h"

#include <stdarg.h>
#include <stdio.h>

#define ERROR_MAX 8192

const char *yw_cli_text(const struct yw_cli *cli, const char *zh, const char *en)
{
    return cli->english ? en : zh;
}

int yw_cli_fail(const struct yw_cli *cli, const struct yw_err *err)
{
    char zh[YW_ERR_TEXT_MAX * 2] = "";

    if (!cli->english) {
        (void)yw_catalogue_say(err->text, zh, sizeof zh);
    }
    fprintf(stderr, "yanwu: %s\n", cli->english ? err->text : zh);
    if (cli->json) {
        struct yw_buf out;

        yw_buf_init(&out, ERROR_MAX);
        yw_error_encode(&out, err);
        puts(out.data);
        yw_buf_fini(&out);
    }
    return yw_code_exit(err->code);
}

void yw_cli_say(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fputc('\n', stderr);
}
