#include "cli/ask.h"
#include "cli/option.h"

#include "base/clock.h"
#include "base/mem.h"
#include "codec/request/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE                                                                            \
    "checkpoint create DRILL [TEAM] [--label NAME] | list DRILL | restore|fork|drop "    \
    "DRILL NUMBER"

static int create(struct yw_cli *cli, const struct yw_words *words, const char *label,
                  struct yw_err *err)
{
    struct yw_request_point point = {0};
    struct yw_buf body;
    char *answer = NULL;
    char number[32] = "";
    int code = yw_words_expect(words, 2, 3, USAGE, err);
    if (code == 0 && words->count > 2) {
        code = yw_ask_name(point.team, "TEAM", words->items[2], err);
    }
    if (code == 0 && label != NULL) {
        code = yw_ask_name(point.label, "--label", label, err);
    }
    if (code != 0) {
        return code;
    }
    yw_buf_init(&body, YW_REQUEST_MOVE_MAX);
    yw_request_point_encode(&body, &point);
    code = yw_ask(cli, words->items[1], "/checkpoints", body.data, &answer, err);
    yw_buf_fini(&body);
    if (code == 0) {
        (void)yw_json_get(answer, strlen(answer), "/checkpoint", number, sizeof number);
        printf("%s\n", cli->json ? answer : number);
    }
    free(answer);
    return code;
}

static bool list_one(const char *answer, int index)
{
    static const char *const members[] = {"checkpoint", "team", "drill_ms", "label"};
    char values[4][YW_NAME_MAX];
    char at[32];
    for (int i = 0; i < 4; i++) {
        char *pointer = yw_strf("/checkpoints/%d/%s", index, members[i]);
        int code =
            yw_json_get(answer, strlen(answer), pointer, values[i], sizeof values[i]);
        free(pointer);
        if (code != 0) {
            return false;
        }
    }
    yw_clock_format_drill(strtoll(values[2], NULL, 10), at);
    printf("%4s  %s  %-20s  %s\n", values[0], at, values[1][0] != '\0' ? values[1] : "*",
           values[3]);
    return true;
}

static int list(struct yw_cli *cli, const struct yw_words *words, struct yw_err *err)
{
    char *answer = NULL;
    int code = yw_words_expect(words, 2, 2, USAGE, err);
    if (code == 0) {
        code = yw_ask(cli, words->items[1], "/checkpoints", NULL, &answer, err);
    }
    if (code == 0 && cli->json) {
        printf("%s\n", answer);
    }
    for (int i = 0; code == 0 && !cli->json && list_one(answer, i); i++) {
    }
    free(answer);
    return code;
}

static int use(struct yw_cli *cli, const struct yw_words *words, struct yw_err *err)
{
    const char *verb = words->items[0];
    char *answer = NULL;
    char id[YW_NAME_MAX] = "";
    int code = yw_words_expect(words, 3, 3, USAGE, err);
    if (code == 0 && (words->items[2][0] == '\0' ||
                      words->items[2][strspn(words->items[2], "0123456789")] != '\0')) {
        code = yw_err_set(err, YW_EINVAL, "NUMBER: expected a number; got '%s'",
                          words->items[2]);
    }
    if (code == 0) {
        char *tail = yw_strf("/checkpoints/%s/%s", words->items[2], verb);
        code = yw_ask(cli, words->items[1], tail, "{}", &answer, err);
        free(tail);
    }
    if (code == 0 && cli->json) {
        printf("%s\n", answer);
    } else if (code == 0 && strcmp(verb, "fork") == 0) {
        (void)yw_json_get(answer, strlen(answer), "/id", id, sizeof id);
        printf("%s\n", id);
    } else if (code == 0 && strcmp(verb, "restore") == 0) {
        printf("%s\n", yw_cli_text(cli, "已回到检查点；演练时钟继续向前。",
                                   "Back at the checkpoint; the drill clock goes on."));
    } else if (code == 0) {
        printf("%s\n", yw_cli_text(cli, "检查点已删除。", "The checkpoint is dropped."));
    }
    free(answer);
    return code;
}

int yw_cmd_checkpoint(struct yw_cli *cli, int argc, char **argv)
{
    const char *label = NULL;
    const struct yw_option options[] = {{.name = "--label", .text = &label}};
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, 1, argc, argv, &words, &err);
    const char *verb = code == 0 && words.count > 0 ? words.items[0] : "";
    if (code != 0) {
        return yw_cli_fail(cli, &err);
    }
    if (strcmp(verb, "create") == 0) {
        code = create(cli, &words, label, &err);
    } else if (strcmp(verb, "list") == 0) {
        code = list(cli, &words, &err);
    } else if (strcmp(verb, "restore") == 0 || strcmp(verb, "fork") == 0 ||
               strcmp(verb, "drop") == 0) {
        code = use(cli, &words, &err);
    } else {
        code = yw_err_set(&err, YW_EINVAL, "usage: yanwu %s", USAGE);
    }
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
