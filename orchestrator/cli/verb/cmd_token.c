/* A token of his own for a person of a team, or of an office: two persons are then two. */
#include "base/mem.h"
#include "cli/ask.h"
#include "cli/option.h"
#include "codec/request/request.h"
#include "codec/request/request_task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "token DRILL TEAM|@TIER PERSON"

int yw_cmd_token(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_request_task task = {.agrees = true, .ok = true};
    struct yw_words words;
    struct yw_err err = {0};
    struct yw_buf body;
    char *answer = NULL, token[YW_ID_SIZE];
    int code = yw_options_read(NULL, 0, argc, argv, &words, &err);

    yw_buf_init(&body, YW_REQUEST_BYTES_MAX);
    if (code == 0)
        code = yw_words_expect(&words, 3, 3, USAGE, &err);
    if (code == 0 && words.items[1][0] == '@' && yw_spec_tier(words.items[1] + 1) > 0)
        YW_COPY(task.team, words.items[1]);
    else if (code == 0 && words.items[1][0] == '@')
        code =
            yw_err_set(&err, YW_EINVAL,
                       "TIER: expected @county, @city, @province or @ministry; got '%s'",
                       words.items[1]);
    else if (code == 0)
        code = yw_ask_name(task.team, "TEAM", words.items[1], &err);
    if (code == 0 && YW_COPY(task.person, words.items[2]) != 0)
        code = yw_err_set(&err, YW_EINVAL, "PERSON: longer than %zu bytes",
                          sizeof task.person - 1);
    if (code == 0) {
        yw_request_task_encode(&body, YW_REQUEST_TOKEN, &task);
        code = yw_ask(cli, words.items[0], "/tokens", body.data, &answer, &err);
    }
    if (code == 0 && !cli->json)
        code = yw_json_get(answer, strlen(answer), "/token", token, sizeof token);
    if (code == 0)
        puts(cli->json ? answer : token);
    yw_buf_fini(&body);
    free(answer);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
