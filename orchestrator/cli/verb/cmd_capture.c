#include "cli/ask.h"
#include "cli/option.h"

#include "base/clock.h"
#include "base/mem.h"
#include "codec/request/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE                                                                            \
    "capture start|stop DRILL [TEAM/]NETWORK [--size MIB] [--files N] | list DRILL | "   \
    "get DRILL FILE [--out PATH]"

static int order(struct yw_cli *cli, const struct yw_words *words,
                 struct yw_request_capture *request, struct yw_err *err)
{
    struct yw_request_point where = {0};
    char *answer = NULL;
    char number[32] = "";
    int code = yw_words_expect(words, 3, 3, USAGE, err);
    if (code == 0) {
        code = yw_ask_machine(&where, words->items[2], err);
    }
    if (code == 0) {
        struct yw_buf body;
        YW_COPY(request->team, where.team);
        YW_COPY(request->network, where.machine);
        request->on = strcmp(words->items[0], "start") == 0;
        yw_buf_init(&body, YW_REQUEST_MOVE_MAX);
        yw_request_capture_encode(&body, request);
        code = yw_ask(cli, words->items[1], "/captures", body.data, &answer, err);
        yw_buf_fini(&body);
    }
    if (code == 0) {
        (void)yw_json_get(answer, strlen(answer), "/capture", number, sizeof number);
        printf("%s\n", cli->json ? answer : number);
    }
    free(answer);
    return code;
}

static bool list_one(const char *answer, int index)
{
    static const char *const members[] = {"from_drill_ms", "to_drill_ms", "bytes",
                                          "file"};
    char values[4][256];
    char at[2][32];
    for (int i = 0; i < 4; i++) {
        char *pointer = yw_strf("/files/%d/%s", index, members[i]);
        int code =
            yw_json_get(answer, strlen(answer), pointer, values[i], sizeof values[i]);
        free(pointer);
        if (code != 0) {
            return false;
        }
    }
    yw_clock_format_drill(strtoll(values[0], NULL, 10), at[0]);
    yw_clock_format_drill(strtoll(values[1], NULL, 10), at[1]);
    printf("%s  %s  %10s  %s\n", at[0], at[1], values[2], values[3]);
    return true;
}

/* "blue/control  on  2 files, 1536000 bytes": a network that is captured, or was. */
static bool list_network(const struct yw_cli *cli, const char *answer, int index)
{
    static const char *const members[] = {"team",       "network",    "on",
                                          "kept_files", "kept_bytes", "detail"};
    char values[6][256];
    for (int i = 0; i < 6; i++) {
        char *pointer = yw_strf("/captures/%d/%s", index, members[i]);
        int code =
            yw_json_get(answer, strlen(answer), pointer, values[i], sizeof values[i]);
        free(pointer);
        if (code != 0) {
            return false;
        }
    }
    bool on = strcmp(values[2], "true") == 0;
    if (on || strcmp(values[3], "0") != 0 || values[5][0] != '\0') {
        printf(yw_cli_text(cli, "%s/%s  %s  %s 个文件，%s 字节%s%s\n",
                           "%s/%s  %s  %s files, %s bytes%s%s\n"),
               values[0], values[1],
               on ? yw_cli_text(cli, "抓包中", "on") : yw_cli_text(cli, "已停", "off"),
               values[3], values[4], !on && values[5][0] != '\0' ? "  " : "",
               on ? "" : values[5]);
    }
    return true;
}

static int list(struct yw_cli *cli, const struct yw_words *words, struct yw_err *err)
{
    char *answer = NULL;
    int code = yw_words_expect(words, 2, 2, USAGE, err);
    if (code == 0) {
        code = yw_ask(cli, words->items[1], "/captures", NULL, &answer, err);
    }
    if (code == 0 && cli->json) {
        printf("%s\n", answer);
    }
    for (int i = 0; code == 0 && !cli->json && list_network(cli, answer, i); i++) {
    }
    for (int i = 0; code == 0 && !cli->json && list_one(answer, i); i++) {
    }
    char left[24] = "0";
    if (code == 0 && !cli->json &&
        yw_json_get(answer, strlen(answer), "/left_off", left, sizeof left) == 0 &&
        strcmp(left, "0") != 0) {
        yw_cli_say(
            yw_cli_text(cli, "更早的 %s 个文件未列出", "%s older files are not listed"),
            left);
    }
    free(answer);
    return code;
}

static int save(const struct yw_buf *bytes, const char *path, struct yw_err *err)
{
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return yw_err_errno(err, YW_EIO, errno, path);
    }
    size_t written = fwrite(bytes->data, 1, bytes->size, file);
    if (fclose(file) != 0 || written != bytes->size) {
        return yw_err_errno(err, YW_EIO, errno, path);
    }
    return 0;
}

static int get(struct yw_cli *cli, const struct yw_words *words, const char *out,
               struct yw_err *err)
{
    struct yw_session session;
    struct yw_buf bytes;
    int code = yw_words_expect(words, 3, 3, USAGE, err);
    if (code != 0) {
        return code;
    }
    const char *file = words->items[2];
    if (!yw_name_valid(words->items[1]) || strchr(file, '/') != NULL ||
        strpbrk(file, "?#% \r\n") != NULL) {
        return yw_err_set(err, YW_EINVAL, "expected a drill and a file as in the list");
    }
    code = yw_session_open(&session, cli, false, err);
    if (code == 0) {
        char *path = yw_strf("/api/v1/drills/%s/captures/%s", words->items[1], file);
        code = yw_client_fetch(session.client, path, &bytes, err);
        free(path);
    }
    if (code == 0) {
        code = save(&bytes, out != NULL ? out : file, err);
        if (code == 0) {
            printf(cli->json ? "{\"bytes\":%zu}\n" : "%zu\n", bytes.size);
        }
        yw_buf_fini(&bytes);
    }
    yw_session_close(&session);
    return code;
}

int yw_cmd_capture(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_request_capture request = {.size_mib = YW_REQUEST_CAPTURE_MIB,
                                         .files = YW_REQUEST_CAPTURE_FILES};
    const char *out = NULL;
    const struct yw_option options[] = {{.name = "--size", .number = &request.size_mib},
                                        {.name = "--files", .number = &request.files},
                                        {.name = "--out", .text = &out}};
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, 3, argc, argv, &words, &err);
    const char *verb = code == 0 && words.count > 0 ? words.items[0] : "";
    if (code != 0) {
        return yw_cli_fail(cli, &err);
    }
    if (strcmp(verb, "start") == 0 || strcmp(verb, "stop") == 0) {
        code = order(cli, &words, &request, &err);
    } else if (strcmp(verb, "list") == 0) {
        code = list(cli, &words, &err);
    } else if (strcmp(verb, "get") == 0) {
        code = get(cli, &words, out, &err);
    } else {
        code = yw_err_set(&err, YW_EINVAL, "usage: yanwu %s", USAGE);
    }
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
