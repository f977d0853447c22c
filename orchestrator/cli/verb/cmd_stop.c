/* The emergency stop of one drill, or of all that run. */
#include "cli/ask.h"
#include "cli/option.h"

#include "base/mem.h"
#include "codec/request/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "stop [DRILL] --now [--reason TEXT]"
#define DRILLS_MAX 64

struct drills {
    char ids[DRILLS_MAX][YW_NAME_MAX];
    size_t count;
};

/* Those with machines: from the bring-up to the end. */
static int find_running(struct yw_session *session, struct drills *ret,
                        struct yw_err *err)
{
    char *answer = NULL;
    int code = yw_client_call(session->client, "GET", "/api/v1/drills", NULL, NULL, NULL,
                              &answer, err);
    for (int i = 0; code == 0 && ret->count < DRILLS_MAX; i++) {
        char phase[32];
        char *id_at = yw_strf("/drills/%d/id", i);
        char *phase_at = yw_strf("/drills/%d/phase", i);
        size_t size = strlen(answer);
        bool there =
            yw_json_get(answer, size, id_at, ret->ids[ret->count], YW_NAME_MAX) == 0 &&
            yw_json_get(answer, size, phase_at, phase, sizeof phase) == 0;
        free(id_at);
        free(phase_at);
        if (!there) {
            break;
        }
        if (strcmp(phase, "planned") != 0 && strcmp(phase, "ended") != 0 &&
            strcmp(phase, "archived") != 0) {
            ret->count++;
        }
    }
    free(answer);
    return code;
}

/* One drill that cannot be stopped does not keep the others from it. */
static int stop_each(const struct yw_cli *cli, struct yw_session *session,
                     const struct drills *drills, const char *body, struct yw_err *err)
{
    int worst = 0;
    for (size_t i = 0; i < drills->count; i++) {
        struct yw_err why = {0};
        char *answer = NULL;
        char *path = yw_strf("/api/v1/drills/%s/stop", drills->ids[i]);
        int code = yw_client_call(session->client, "POST", path, NULL, NULL, body,
                                  &answer, &why);
        free(path);
        free(answer);
        if (code != 0 && worst == 0) {
            worst = code;
            *err = why;
            (void)yw_err_prefix(err, "stop '%s'", drills->ids[i]);
        } else if (code == 0 && !cli->json) {
            printf("%s %s\n", drills->ids[i], yw_cli_text(cli, "已急停", "is stopped"));
        }
    }
    return worst;
}

static void print_json(const struct drills *drills)
{
    printf("{\"drills\":[");
    for (size_t i = 0; i < drills->count; i++) {
        printf("%s\"%s\"", i == 0 ? "" : ",", drills->ids[i]);
    }
    printf("],\"ok\":true}\n");
}

int yw_cmd_stop(struct yw_cli *cli, int argc, char **argv)
{
    const char *reason = "";
    bool now = false;
    const struct yw_option options[] = {{.name = "--now", .flag = &now},
                                        {.name = "--reason", .text = &reason}};
    struct yw_session session = {0};
    struct drills *drills = yw_new(sizeof *drills);
    struct yw_request_point point = {0};
    struct yw_words words;
    struct yw_buf body;
    struct yw_err err = {0};
    int code = yw_options_read(options, 2, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 0, 1, USAGE, &err);
    }
    if (code == 0 && !now) {
        code =
            yw_err_set(&err, YW_EINVAL, "an emergency stop takes --now: yanwu %s", USAGE);
    }
    if (code == 0 && YW_COPY(point.reason, reason) < 0) {
        code = yw_err_set(&err, YW_ELIMIT, "--reason: at most %d bytes",
                          YW_EVENT_NOTE_MAX - 1);
    }
    if (code == 0 && words.count > 0) {
        code = yw_ask_name(drills->ids[drills->count++], "DRILL", words.items[0], &err);
    }
    if (code == 0) {
        code = yw_session_open(&session, cli, false, &err);
    }
    if (code == 0 && words.count == 0) {
        code = find_running(&session, drills, &err);
    }
    yw_buf_init(&body, 4096);
    yw_request_point_encode(&body, &point);
    if (code == 0) {
        code = stop_each(cli, &session, drills, body.data, &err);
    }
    if (code == 0 && cli->json) {
        print_json(drills);
    }
    yw_buf_fini(&body);
    yw_session_close(&session);
    free(drills);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
