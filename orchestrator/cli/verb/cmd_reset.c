#include "cli/ask.h"
#include "cli/option.h"

#include "base/mem.h"

#define USAGE "reset DRILL TEAM [MACHINE] [--to POINT]"

int yw_cmd_reset(struct yw_cli *cli, int argc, char **argv)
{
    const char *to = NULL;
    const struct yw_option options[] = {{.name = "--to", .text = &to}};
    struct yw_request_point point = {0};
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, 1, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 2, 3, USAGE, &err);
    }
    if (code == 0) {
        code = yw_ask_name(point.team, "TEAM", words.items[1], &err);
    }
    if (code == 0 && words.count > 2) {
        code = yw_ask_name(point.machine, "MACHINE", words.items[2], &err);
    }
    if (code == 0 && to != NULL) {
        code = yw_ask_name(point.to, "--to", to, &err);
    }
    if (code != 0) {
        return yw_cli_fail(cli, &err);
    }
    struct yw_buf body;
    yw_buf_init(&body, YW_REQUEST_MOVE_MAX);
    yw_request_point_encode(&body, &point);
    int status = yw_ask_say(cli, words.items[0], "/resets", body.data,
                            "已复位，机器已应答。", "Reset; the machines answer again.");
    yw_buf_fini(&body);
    return status;
}
