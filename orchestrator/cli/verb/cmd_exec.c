/* Programs and files of a machine: exec, put, get. */
#include "cli/ask.h"
#include "cli/option.h"

#include "base/base64.h"
#include "base/mem.h"
#include "codec/request/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXEC_USAGE "exec DRILL [TEAM/]MACHINE -- PROGRAM [ARGUMENT …]"
#define PUT_USAGE "put DRILL [TEAM/]MACHINE FILE PATH"
#define GET_USAGE "get DRILL [TEAM/]MACHINE PATH FILE"
#define OUTPUT_MAX 8192
#define BODY_MAX (2 * YW_REQUEST_MOVE_MAX)

static int take_argv(struct yw_request_action *ret, int argc, char **argv,
                     struct yw_err *err)
{
    if (argc < 1 || argc > YW_SPEC_ARGS_MAX) {
        return yw_err_set(err, YW_EINVAL,
                          "expected -- and then 1 to %d words; got %d: usage: yanwu %s",
                          YW_SPEC_ARGS_MAX, argc < 0 ? 0 : argc, EXEC_USAGE);
    }
    for (int i = 0; i < argc; i++) {
        if (YW_COPY(ret->argv[i], argv[i]) < 0) {
            return yw_err_set(err, YW_ELIMIT, "'%.40s…': at most %d bytes a word",
                              argv[i], YW_SPEC_ARG_MAX - 1);
        }
    }
    ret->argc = (size_t)argc;
    return 0;
}

static int ask_exec(const struct yw_cli *cli, const char *drill,
                    const struct yw_request_point *point,
                    const struct yw_request_action *action, int *ret_exit,
                    struct yw_err *err)
{
    struct yw_buf body;
    char *answer = NULL;
    char status[16] = "1";
    char *output = yw_new(OUTPUT_MAX);
    yw_buf_init(&body, YW_REQUEST_BYTES_MAX);
    yw_request_exec_encode(&body, point, action);
    int code = yw_ask(cli, drill, "/exec", body.data, &answer, err);
    if (code == 0 && cli->json) {
        printf("%s\n", answer);
    } else if (code == 0) {
        (void)yw_json_get(answer, strlen(answer), "/output", output, OUTPUT_MAX);
        (void)fputs(output, stdout);
        size_t size = strlen(output);
        if (size > 0 && output[size - 1] != '\n') {
            (void)fputc('\n', stdout);
        }
    }
    if (code == 0) {
        (void)yw_json_get(answer, strlen(answer), "/exit", status, sizeof status);
        long number = strtol(status, NULL, 10);
        *ret_exit = number < 0 || number > 255 ? 1 : (int)number;
    }
    yw_buf_fini(&body);
    free(output);
    free(answer);
    return code;
}

int yw_cmd_exec(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_request_action *action = yw_new(sizeof *action);
    struct yw_request_point point = {0};
    struct yw_words words;
    struct yw_err err = {0};
    int dashes = 1;
    int status = 1;
    while (dashes < argc && strcmp(argv[dashes], "--") != 0) {
        dashes++;
    }
    int code = yw_options_read(NULL, 0, dashes, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 2, 2, EXEC_USAGE, &err);
    }
    if (code == 0) {
        code = yw_ask_machine(&point, words.items[1], &err);
    }
    if (code == 0) {
        code = take_argv(action, argc - dashes - 1, argv + dashes + 1, &err);
    }
    if (code == 0) {
        code = ask_exec(cli, words.items[0], &point, action, &status, &err);
    }
    free(action);
    return code == 0 ? status : yw_cli_fail(cli, &err);
}

static int read_local(struct yw_request_file *ret, const char *name, struct yw_err *err)
{
    FILE *file = fopen(name, "re");
    if (file == NULL) {
        return yw_err_errno(err, YW_ENOTFOUND, errno, name);
    }
    ret->put = true;
    ret->bytes = yw_new(YW_REQUEST_MOVE_MAX + 1);
    ret->size = fread(ret->bytes, 1, YW_REQUEST_MOVE_MAX + 1, file);
    int code = ferror(file) ? yw_err_errno(err, YW_EIO, errno, name) : 0;
    (void)fclose(file);
    if (code == 0 && ret->size > YW_REQUEST_MOVE_MAX) {
        code =
            yw_err_set(err, YW_ELIMIT, "%s: at most %d bytes", name, YW_REQUEST_MOVE_MAX);
    }
    return code;
}

static int ask_file(const struct yw_cli *cli, const char *drill,
                    const struct yw_request_point *point,
                    const struct yw_request_file *file, char **ret, struct yw_err *err)
{
    struct yw_buf body;
    yw_buf_init(&body, BODY_MAX);
    yw_request_file_encode(&body, point, file);
    int code = yw_ask(cli, drill, "/files", body.data, ret, err);
    yw_buf_fini(&body);
    return code;
}

int yw_cmd_put(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_request_file file = {0};
    struct yw_request_point point = {0};
    struct yw_words words;
    struct yw_err err = {0};
    char *answer = NULL;
    int code = yw_options_read(NULL, 0, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 4, 4, PUT_USAGE, &err);
    }
    if (code == 0) {
        code = yw_ask_machine(&point, words.items[1], &err);
    }
    if (code == 0 && YW_COPY(file.path, words.items[3]) < 0) {
        code =
            yw_err_set(&err, YW_ELIMIT, "PATH: at most %zu bytes", sizeof file.path - 1);
    }
    if (code == 0) {
        code = read_local(&file, words.items[2], &err);
    }
    if (code == 0) {
        code = ask_file(cli, words.items[0], &point, &file, &answer, &err);
    }
    if (code == 0) {
        printf("%s\n", cli->json ? answer : yw_cli_text(cli, "已写入。", "Written."));
    }
    yw_request_file_fini(&file);
    free(answer);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}

static int write_local(const char *name, const char *answer, struct yw_err *err)
{
    char *text = yw_new(BODY_MAX);
    char *bytes = NULL;
    size_t size = 0;
    int code = yw_json_get(answer, strlen(answer), "/data", text, BODY_MAX);
    if (code == 0) {
        code = yw_base64_read(text, strlen(text), &bytes, &size);
    }
    free(text);
    if (code != 0) {
        return yw_err_set(err, YW_EIO, "the daemon's answer is not understood");
    }
    FILE *file = fopen(name, "we");
    bool good = file != NULL && fwrite(bytes, 1, size, file) == size;
    good = file != NULL && fclose(file) == 0 && good;
    free(bytes);
    return good ? 0 : yw_err_errno(err, YW_EIO, errno, name);
}

int yw_cmd_get(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_request_file file = {0};
    struct yw_request_point point = {0};
    struct yw_words words;
    struct yw_err err = {0};
    char *answer = NULL;
    char bytes[32] = "0";
    int code = yw_options_read(NULL, 0, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 4, 4, GET_USAGE, &err);
    }
    if (code == 0) {
        code = yw_ask_machine(&point, words.items[1], &err);
    }
    if (code == 0 && YW_COPY(file.path, words.items[2]) < 0) {
        code =
            yw_err_set(&err, YW_ELIMIT, "PATH: at most %zu bytes", sizeof file.path - 1);
    }
    if (code == 0) {
        code = ask_file(cli, words.items[0], &point, &file, &answer, &err);
    }
    if (code == 0) {
        code = write_local(words.items[3], answer, &err);
    }
    if (code == 0) {
        (void)yw_json_get(answer, strlen(answer), "/bytes", bytes, sizeof bytes);
        printf(cli->json ? "{\"bytes\":%s,\"ok\":true}\n" : "%s\n", bytes);
    }
    free(answer);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
