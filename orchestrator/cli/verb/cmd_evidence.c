#include "cli/ask.h"
#include "cli/option.h"

#include "base/mem.h"
#include "codec/request/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "evidence DRILL TEAM MACHINE [--reason TEXT]"

static void say(const struct yw_cli *cli, const char *drill, const char *answer)
{
    char number[32] = "";
    (void)yw_json_get(answer, strlen(answer), "/evidence", number, sizeof number);
    if (cli->json) {
        printf("%s\n", answer);
    } else {
        printf("%s/drills/%s/evidence/%s\n", cli->data_dir, drill, number);
    }
}

int yw_cmd_evidence(struct yw_cli *cli, int argc, char **argv)
{
    const char *reason = NULL;
    const struct yw_option options[] = {{.name = "--reason", .text = &reason}};
    struct yw_request_point point = {0};
    struct yw_words words;
    struct yw_err err = {0};
    char *answer = NULL;
    int code = yw_options_read(options, 1, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 3, 3, USAGE, &err);
    }
    if (code == 0) {
        code = yw_ask_name(point.team, "TEAM", words.items[1], &err);
    }
    if (code == 0) {
        code = yw_ask_name(point.machine, "MACHINE", words.items[2], &err);
    }
    if (code == 0 && reason != NULL && YW_COPY(point.reason, reason) < 0) {
        code = yw_err_set(&err, YW_ELIMIT, "--reason: at most %d bytes",
                          YW_EVENT_NOTE_MAX - 1);
    }
    if (code == 0) {
        struct yw_buf body;
        yw_buf_init(&body, YW_REQUEST_MOVE_MAX);
        yw_request_point_encode(&body, &point);
        code = yw_ask(cli, words.items[0], "/evidence", body.data, &answer, &err);
        yw_buf_fini(&body);
    }
    if (code == 0) {
        say(cli, words.items[0], answer);
    }
    free(answer);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
