#include "cli/cli.h"

#include "base/mem.h"
#include "cli/option.h"
#include "cli/session.h"
#include "codec/request/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_people(const struct yw_cli *cli, const char *body)
{
    char id[YW_NAME_MAX];
    size_t size = strlen(body);
    for (int i = 0; i < 64; i++) {
        char pointer[64];
        char phase[32] = "";
        char title[512] = "";
        (void)yw_copyf(pointer, sizeof pointer, "/drills/%d/id", i);
        if (yw_json_get(body, size, pointer, id, sizeof id) != 0) {
            break;
        }
        (void)yw_copyf(pointer, sizeof pointer, "/drills/%d/phase", i);
        (void)yw_json_get(body, size, pointer, phase, sizeof phase);
        (void)yw_copyf(pointer, sizeof pointer, "/drills/%d/title/%s", i,
                       cli->english ? "en" : "zh");
        (void)yw_json_get(body, size, pointer, title, sizeof title);
        printf("%-32s %-10s %s\n", id, phase, title);
    }
}

int yw_cmd_status(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_words words;
    struct yw_session session = {0};
    struct yw_err err = {0};
    char *body = NULL;
    int code = yw_options_read(NULL, 0, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 0, 0, "status", &err);
    }
    if (code == 0) {
        code = yw_session_open(&session, cli, false, &err);
    }
    if (code == 0) {
        code = yw_client_call(session.client, "GET", "/api/v1/status", NULL, NULL, NULL,
                              &body, &err);
    }
    if (code == 0 && cli->json) {
        puts(body);
    } else if (code == 0) {
        print_people(cli, body);
    }
    free(body);
    yw_session_close(&session);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
