#include "cli/cli.h"

#include "base/mem.h"
#include "cli/exercise.h"
#include "cli/option.h"

#include <stdio.h>
#include <stdlib.h>

int yw_cmd_down(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_words words;
    struct yw_err err = {0};
    struct yw_exercise *exercise = yw_new(sizeof *exercise);
    exercise->cli = cli;
    int code = yw_options_read(NULL, 0, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 1, 1, "down DRILL", &err);
    }
    if (code == 0) {
        code = yw_session_open(&exercise->session, cli, false, &err);
    }
    if (code == 0) {
        YW_COPY(exercise->id, words.items[0]);
        code = yw_exercise_verb(exercise, "down", "down", &err);
    }
    if (code == 0) {
        code = yw_exercise_look(exercise, &err);
    }
    if (code == 0) {
        yw_exercise_result(exercise);
    }
    yw_exercise_close(exercise);
    free(exercise);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
