#include "cli/ask.h"
#include "cli/option.h"

int yw_cmd_resume(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(NULL, 0, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 1, 1, "resume DRILL", &err);
    }
    return code == 0 ? yw_ask_say(cli, words.items[0], "/resume", "{}", "演练继续。",
                                  "The drill goes on.")
                     : yw_cli_fail(cli, &err);
}
