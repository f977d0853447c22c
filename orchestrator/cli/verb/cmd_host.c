/* The hosts under the ranges: list, drain, undrain, forget. */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/mem.h"
#include "cli/option.h"
#include "cli/session.h"
#include "codec/request/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "host list | host drain|undrain|forget HOST"
#define HOSTS_MAX 64

static const char *state_text(const struct yw_cli *cli, const char *state)
{
    if (strcmp(state, "up") == 0) {
        return yw_cli_text(cli, "可用", "up");
    }
    if (strcmp(state, "lost") == 0) {
        return yw_cli_text(cli, "失联", "lost");
    }
    return yw_cli_text(cli, "腾空中", "draining");
}

static bool get(const char *body, int index, const char *member, char *ret, size_t size)
{
    char *pointer = yw_strf("/hosts/%d/%s", index, member);
    bool there = yw_json_get(body, strlen(body), pointer, ret, size) == 0;
    free(pointer);
    return there;
}

static void print_hosts(const struct yw_cli *cli, const char *body)
{
    char name[YW_NAME_MAX];
    for (int i = 0; i < HOSTS_MAX && get(body, i, "name", name, sizeof name); i++) {
        char state[16] = "", weight[16] = "", machines[16] = "", detail[256] = "";
        char memory[24] = "", since[24] = "", at[32] = "";
        (void)get(body, i, "state", state, sizeof state);
        (void)get(body, i, "weight", weight, sizeof weight);
        (void)get(body, i, "machines", machines, sizeof machines);
        (void)get(body, i, "detail", detail, sizeof detail);
        (void)get(body, i, "memory_mib", memory, sizeof memory);
        if (get(body, i, "since_wall_us", since, sizeof since)) {
            yw_clock_format_utc(strtoll(since, NULL, 10), at);
        }
        printf(yw_cli_text(cli, "%-20s %s\t权重 %s\t机器 %s 台，内存 %s MiB%s%s%s%s\n",
                           "%-20s %s\tweight %s\t%s machines of %s MiB%s%s%s%s\n"),
               name, state_text(cli, state), weight, machines, memory,
               at[0] != '\0' ? yw_cli_text(cli, "\t自 ", "\tsince ") : "", at,
               detail[0] != '\0' ? "\t" : "", detail);
    }
}

static int ask(const struct yw_cli *cli, const struct yw_words *words, char **ret_body,
               struct yw_err *err)
{
    struct yw_session session = {0};
    bool lists = words->count == 1;
    if (!lists && !yw_name_valid(words->items[1])) {
        return yw_err_set(err, YW_EINVAL, "host '%s': not a name (a-z, 0-9 and -)",
                          words->items[1]);
    }
    char *path = lists ? yw_strdup("/api/v1/hosts")
                       : yw_strf("/api/v1/hosts/%s/%s", words->items[1], words->items[0]);
    int code = yw_session_open(&session, cli, false, err);
    if (code == 0) {
        code = yw_client_call(session.client, lists ? "GET" : "POST", path, NULL, NULL,
                              lists ? NULL : "{}", ret_body, err);
    }
    yw_session_close(&session);
    free(path);
    return code;
}

static int check(const struct yw_words *words, struct yw_err *err)
{
    static const char *const orders[] = {"drain", "undrain", "forget"};
    if (words->count == 1 && strcmp(words->items[0], "list") == 0) {
        return 0;
    }
    for (size_t i = 0; words->count == 2 && i < sizeof orders / sizeof orders[0]; i++) {
        if (strcmp(words->items[0], orders[i]) == 0) {
            return 0;
        }
    }
    return yw_err_set(err, YW_EINVAL, "usage: yanwu %s", USAGE);
}

int yw_cmd_host(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_words words;
    struct yw_err err = {0};
    char *body = NULL;
    int code = yw_options_read(NULL, 0, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 1, 2, USAGE, &err);
    }
    if (code == 0) {
        code = check(&words, &err);
    }
    if (code == 0) {
        code = ask(cli, &words, &body, &err);
    }
    if (code == 0 && cli->json) {
        puts(body);
    } else if (code == 0 && words.count == 1) {
        print_hosts(cli, body);
    } else if (code == 0) {
        puts(yw_cli_text(cli, "已下令", "ordered"));
    }
    free(body);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
