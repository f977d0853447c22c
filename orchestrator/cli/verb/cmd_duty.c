/* `yanwu duty`: enter what an incident asks for, and see what the law makes of it. */
#include "cli/option.h"
#include "cli/session.h"

#include "base/clock.h"
#include "base/mem.h"
#include "codec/request/request.h"
#include "codec/request/request_duty.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "duty show DRILL | NOUN DRILL [NAME=VALUE …] [--team TEAM] [--token TOKEN]"

struct showing {
    const struct yw_cli *cli;
};

static const char *lang(const struct showing *showing)
{
    return showing->cli->english ? "en" : "zh";
}

/* A text in both languages, in the user's. "" when it is not there. */
static void text_of(const struct showing *showing, const char *value, size_t size,
                    const char *member, char ret[160])
{
    char *pointer = yw_strf("/%s/%s", member, lang(showing));
    ret[0] = '\0';
    (void)yw_json_get(value, size, pointer, ret, 160);
    free(pointer);
}

static void time_of(const char *value, size_t size, const char *pointer, char ret[32])
{
    char number[24];
    YW_COPY(number, "");
    (void)yw_copy(ret, 32, "-");
    if (yw_json_get(value, size, pointer, number, sizeof number) == 0) {
        yw_clock_format_drill(strtoll(number, NULL, 10), ret);
    }
}

static int print_clock(void *arg, const char *key, const char *value, size_t size)
{
    const struct showing *showing = arg;
    char state[16] = "", duty[64] = "", article[96] = "", from[160], to[160], due[32],
         met[32];
    (void)key;
    (void)yw_json_get(value, size, "/state", state, sizeof state);
    (void)yw_json_get(value, size, "/duty", duty, sizeof duty);
    (void)yw_json_get(value, size, "/article", article, sizeof article);
    text_of(showing, value, size, "from", from);
    text_of(showing, value, size, "to", to);
    time_of(value, size, "/due_ms", due);
    time_of(value, size, "/met_ms", met);
    printf("  %-8s %10s %10s  %-16s %s  %s → %s\n", state, due, met, duty, article, from,
           to[0] != '\0' ? to : "·");
    return 0;
}

static int print_fault(void *arg, const char *key, const char *value, size_t size)
{
    const struct showing *showing = arg;
    char says[160], from[160], at[32], verdict[16] = "";
    text_of(showing, value, size, "text", says);
    text_of(showing, value, size, "from", from);
    time_of(value, size, "/at_ms", at);
    (void)yw_json_get(value, size, "/verdict", verdict, sizeof verdict);
    printf("  ! %10s  %s  %s  %s %s\n", at, says, from, key, verdict);
    return 0;
}

static int print_span(void *arg, const char *key, const char *value, size_t size)
{
    char says[160], span[32];
    (void)key;
    text_of(arg, value, size, "text", says);
    time_of(value, size, "/ms", span);
    printf("  = %10s  %s\n", span, says);
    return 0;
}

/* Share of two counts, when the second is above 0. */
static void print_share(const struct showing *showing, const char *value, size_t size,
                        const char *const pointers[2], const struct yw_text *says)
{
    char part[24] = "", whole[24] = "";
    (void)yw_json_get(value, size, pointers[0], part, sizeof part);
    if (yw_json_get(value, size, pointers[1], whole, sizeof whole) == 0 &&
        strtoll(whole, NULL, 10) > 0) {
        printf("  = %5s/%-4s  %s\n", part, whole,
               showing->cli->english ? says->en : says->zh);
    }
}

static void print_merits(const struct showing *showing, const char *value, size_t size)
{
    static const struct yw_text items = {"报告栏目填写", "items of reports filled"};
    static const struct yw_text claims = {"数据属实", "figures right"};
    (void)yw_json_each(value, size, "/merits/spans", print_span,
                       (void *)(uintptr_t)showing);
    print_share(showing, value, size,
                (const char *const[]){"/merits/items_filled", "/merits/items"}, &items);
    print_share(showing, value, size,
                (const char *const[]){"/merits/claims_true", "/merits/claims"}, &claims);
}

static int print_team(void *arg, const char *key, const char *value, size_t size)
{
    struct showing *showing = arg;
    printf("%s\n", key);
    (void)yw_json_each(value, size, "/clocks", print_clock, showing);
    (void)yw_json_each(value, size, "/faults", print_fault, showing);
    print_merits(showing, value, size);
    return 0;
}

/* The section of the state document, and nothing else of it. */
static int print_section(void *arg, const char *key, const char *value, size_t size)
{
    (void)arg;
    if (strcmp(key, "duty") != 0) {
        return 0;
    }
    printf("%.*s\n", (int)size, value);
    return 1;
}

static int show(const struct yw_cli *cli, const char *answer, struct yw_err *err)
{
    struct showing showing = {.cli = cli};
    size_t size = strlen(answer);
    char now[24];
    if (yw_json_get(answer, size, "/duty/now_ms", now, sizeof now) != 0) {
        return yw_err_set(err, YW_ENOTFOUND, "the scenario of this drill names no rules");
    }
    if (cli->json) {
        (void)yw_json_each(answer, size, "", print_section, NULL);
        return 0;
    }
    (void)yw_json_each(answer, size, "/duty/teams", print_team, &showing);
    return 0;
}

static int read_var(struct yw_ev_var *ret, const char *word, struct yw_err *err)
{
    const char *equals = strchr(word, '=');
    if (equals == NULL || equals == word || equals - word >= YW_NAME_MAX) {
        return yw_err_set(err, YW_EINVAL, "expected NAME=VALUE; got '%s'", word);
    }
    (void)yw_copyf(ret->name, sizeof ret->name, "%.*s", (int)(equals - word), word);
    if (strlen(equals + 1) >= sizeof ret->value) {
        return yw_err_set(err, YW_ELIMIT, "%s: at most %zu bytes", ret->name,
                          sizeof ret->value - 1);
    }
    YW_COPY(ret->value, equals + 1);
    return 0;
}

static int body_of(struct yw_buf *out, const struct yw_duty_noun *noun,
                   const struct yw_words *words, const char *team, struct yw_err *err)
{
    struct yw_ev_var *vars = yw_new_array(YW_OPTION_WORDS_MAX + 1, sizeof *vars);
    size_t count = 0;
    int code = 0;
    for (int i = 2; i < words->count && code == 0; i++) {
        code = read_var(&vars[count++], words->items[i], err);
    }
    if (team != NULL) {
        YW_COPY(vars[count].name, "team");
        YW_COPY(vars[count++].value, team);
    }
    if (code == 0) {
        code = yw_request_duty_body(out, noun, vars, count, err);
    }
    free(vars);
    return code;
}

static int find_noun(const char *word, const struct yw_duty_noun **ret,
                     struct yw_err *err)
{
    const char *near = NULL;
    *ret = NULL;
    if (strcmp(word, "show") == 0) {
        return 0;
    }
    *ret = yw_duty_noun_find(word, &near);
    if (*ret != NULL) {
        return 0;
    }
    struct yw_buf all;
    yw_buf_init(&all, 512);
    for (size_t i = 0; yw_duty_noun_at(i) != NULL; i++) {
        yw_buf_printf(&all, " %s", yw_duty_noun_at(i)->name);
    }
    int code =
        yw_err_set(err, YW_EINVAL, "'%s': expected show or one of%s", word, all.data);
    yw_buf_fini(&all);
    return code;
}

static int ask(const struct yw_cli *cli, const struct yw_words *words,
               const struct yw_duty_noun *noun, const char *const option[2],
               struct yw_err *err)
{
    struct yw_session session;
    struct yw_buf body;
    char *answer = NULL;
    if (!yw_name_valid(words->items[1])) {
        return yw_err_set(err, YW_EINVAL, "'%s' is not the name of a drill",
                          words->items[1]);
    }
    yw_buf_init(&body, YW_REQUEST_BYTES_MAX);
    int code = noun != NULL ? body_of(&body, noun, words, option[0], err) : 0;
    if (code == 0) {
        code = yw_session_open(&session, cli, false, err);
        if (code == 0) {
            char *path =
                yw_strf("/api/v1/drills/%s%s%s", words->items[1],
                        noun != NULL ? "/duty/" : "", noun != NULL ? noun->name : "");
            code = yw_client_call(session.client, noun != NULL ? "POST" : "GET", path,
                                  option[1], NULL, noun != NULL ? body.data : NULL,
                                  &answer, err);
            free(path);
        }
        yw_session_close(&session);
    }
    if (code == 0 && noun == NULL) {
        code = show(cli, answer, err);
    } else if (code == 0) {
        printf("%s\n", cli->json ? answer : yw_cli_text(cli, "已记录", "entered"));
    }
    yw_buf_fini(&body);
    free(answer);
    return code;
}

int yw_cmd_duty(struct yw_cli *cli, int argc, char **argv)
{
    const char *option[2] = {NULL, NULL};
    const struct yw_option options[] = {{.name = "--team", .text = &option[0]},
                                        {.name = "--token", .text = &option[1]}};
    const struct yw_duty_noun *noun = NULL;
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, 2, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 2, YW_OPTION_WORDS_MAX, USAGE, &err);
    }
    if (code == 0) {
        code = find_noun(words.items[0], &noun, &err);
    }
    if (code == 0) {
        code = ask(cli, &words, noun, option, &err);
    }
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
