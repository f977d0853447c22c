#include "cli/ask.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int yw_ask(const struct yw_cli *cli, const char *drill, const char *tail,
           const char *body, char **ret, struct yw_err *err)
{
    struct yw_session session;
    *ret = NULL;
    if (!yw_name_valid(drill)) {
        return yw_err_set(err, YW_EINVAL, "'%s' is not the name of a drill", drill);
    }
    int code = yw_session_open(&session, cli, false, err);
    if (code == 0) {
        char *path = yw_strf("/api/v1/drills/%s%s", drill, tail);
        code = yw_client_call(session.client, body == NULL ? "GET" : "POST", path, NULL,
                              NULL, body, ret, err);
        free(path);
    }
    yw_session_close(&session);
    return code;
}

int yw_ask_say(const struct yw_cli *cli, const char *drill, const char *tail,
               const char *body, const char *zh, const char *en)
{
    struct yw_err err = {0};
    char *answer = NULL;
    int code = yw_ask(cli, drill, tail, body, &answer, &err);
    if (code == 0) {
        printf("%s\n", cli->json ? answer : yw_cli_text(cli, zh, en));
    }
    free(answer);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}

int yw_ask_name(char ret[YW_NAME_MAX], const char *what, const char *word,
                struct yw_err *err)
{
    if (!yw_name_valid(word)) {
        return yw_err_set(err, YW_EINVAL,
                          "%s: expected a name (a-z, 0-9 and -); got '%s'", what, word);
    }
    (void)yw_copy(ret, YW_NAME_MAX, word);
    return 0;
}

int yw_ask_machine(struct yw_request_point *ret, const char *word, struct yw_err *err)
{
    const char *slash = strchr(word, '/');
    if (slash == NULL) {
        return yw_ask_name(ret->machine, "MACHINE", word, err);
    }
    char *team = yw_strndup(word, (size_t)(slash - word));
    int code = yw_ask_name(ret->team, "TEAM", team, err);
    free(team);
    return code == 0 ? yw_ask_name(ret->machine, "MACHINE", slash + 1, err) : code;
}
