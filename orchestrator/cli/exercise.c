#include "cli/exercise.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/interrupt.h"
#include "drill/package.h"
#include "virt/virt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 500
#define AGAIN_MS 100
#define AGAIN_TRIES 300
#define CUTS_MAX 3 /* of one reading, by a daemon that is there all the time */
#define SETTLE_MS 200
#define SETTLE_TRIES 900

static void pause_ms(long ms)
{
    struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&span, NULL);
}

/* The daemon died under a request: waits until one serves the data directory again. */
static int find_again(struct yw_exercise *exercise, struct yw_err *err)
{
    int code = YW_EIO;
    if (!exercise->quiet) {
        yw_cli_say("%s", yw_cli_text(exercise->cli, "  守护进程失联，等待恢复……",
                                     "  the daemon is gone; waiting for it …"));
    }
    for (int i = 0; code != 0 && i < AGAIN_TRIES; i++) {
        pause_ms(AGAIN_MS);
        code = yw_session_again(&exercise->session, exercise->cli, err);
    }
    exercise->recoveries++;
    return code;
}

/* The same key every time, so a request that was heard before its answer was lost is done once. */
static int call(struct yw_exercise *exercise, const char *method, const char *tail,
                const char *body, char **ret, struct yw_err *err)
{
    char *path = yw_strf("/api/v1/drills/%s%s", exercise->id, tail);
    char key[YW_ID_SIZE];
    bool reads = strcmp(method, "GET") == 0;
    yw_id_random(key);
    for (int cuts = 0;; cuts++) {
        int code = yw_client_call(exercise->session.client, method, path, NULL, key, body, ret,
                                  err);
        bool cut = code == YW_EIO || code == YW_ETIMEOUT || code == YW_ECANCELED;
        bool again = cut && yw_session_lost(&exercise->session, exercise->cli)
                         ? find_again(exercise, err) == 0
                         : cut && reads && cuts < CUTS_MAX;
        if (!again) {
            free(path);
            return code;
        }
    }
}

/* Said by a second Ctrl-C, from a signal handler: made beforehand. */
static void prepare_leave(struct yw_exercise *exercise)
{
    const struct yw_cli *cli = exercise->cli;
    const struct yw_session *session = &exercise->session;
    char daemon[160] = "";
    if (session->owns) {
        (void)snprintf(daemon, sizeof daemon,
                       yw_cli_text(cli, "；守护进程（%d）继续运行，kill %d 可结束它",
                                   "; the daemon (process %d) goes on, 'kill %d' ends it"),
                       (int)session->daemon, (int)session->daemon);
    }
    (void)snprintf(exercise->leave, sizeof exercise->leave,
                   yw_cli_text(cli,
                               "yanwu: 立即离开：演练 %s 仍在，其机器与网络可能还在；"
                               "“yanwu down %s --data %s”清除全部%s\n",
                               "yanwu: left at once: drill %s stays, and with it perhaps "
                               "machines and networks; 'yanwu down %s --data %s' removes "
                               "all of it%s\n"),
                   exercise->id, exercise->id, cli->data_dir, daemon);
    yw_interrupt_leave(exercise->leave);
}

static int read_created(struct yw_exercise *exercise, const char *body, struct yw_err *err)
{
    size_t size = strlen(body);
    int code = yw_json_get(body, size, "/id", exercise->id, sizeof exercise->id);
    for (size_t i = 0; code == 0 && i < exercise->teams.count; i++) {
        char *pointer = yw_strf("/teams/%s/token", exercise->teams.names[i]);
        code = yw_json_get(body, size, pointer, exercise->team_tokens[i],
                           sizeof exercise->team_tokens[i]);
        free(pointer);
    }
    if (code != 0) {
        return yw_err_set(err, YW_EIO, "the daemon's answer is not understood");
    }
    for (int tier = 0; tier < YW_SPEC_TIERS_MAX; tier++) {
        char *pointer = yw_strf("/tiers/%s/token", yw_spec_tier_name(tier));
        (void)yw_json_get(body, size, pointer, exercise->tier_tokens[tier],
                          sizeof exercise->tier_tokens[tier]);
        free(pointer);
    }
    prepare_leave(exercise);
    return 0;
}

int yw_way_check(const char *how, struct yw_err *err)
{
    if (how == NULL || yw_virt_how_of(how) > YW_VIRT_HOW_ANY) {
        return 0;
    }
    return yw_err_set(err, YW_EINVAL, "--how '%s': cold, saved or shared", how);
}

int yw_exercise_create(struct yw_exercise *exercise, const struct yw_scenario *scenario,
                       int64_t seed, double speed, struct yw_err *err)
{
    struct yw_request_create *request = yw_new(sizeof *request);
    struct yw_buf body;
    char *answer = NULL;
    yw_interrupt_leave(
        yw_cli_text(exercise->cli,
                    "yanwu: 立即离开：可能已建立一个演练；“yanwu status”可查，"
                    "“yanwu down 演练”清除\n",
                    "yanwu: left at once: a drill may have been made; 'yanwu status' names it, "
                    "'yanwu down DRILL' removes it\n"));
    request->package = scenario->package;
    request->team_count = exercise->teams.count;
    memcpy(request->teams, exercise->teams.names, sizeof request->teams);
    request->seed = seed;
    request->speed = speed;
    request->tabletop = exercise->cli->tabletop;
    yw_buf_init(&body, (size_t)2 * YW_REQUEST_PACKAGE_MAX);
    yw_request_create_encode(&body, request);
    int code = yw_client_call(exercise->session.client, "POST", "/api/v1/drills", NULL, NULL,
                              body.data, &answer, err);
    if (code == 0) {
        code = read_created(exercise, answer, err);
    }
    free(answer);
    yw_buf_fini(&body);
    free(request);
    return code;
}

/* ---- looking ---- */

struct look {
    struct yw_exercise *exercise;
    int64_t newest;
    struct {
        int64_t seq;
        char line[512];
    } lines[64];
    size_t count;
};

static int add_event(void *arg, const char *key, const char *value, size_t size)
{
    struct look *look = arg;
    char drill_ms[32] = "0";
    char team[YW_NAME_MAX] = "";
    char words[400] = "";
    char when[32];
    int64_t seq = strtoll(key, NULL, 10);
    if (seq <= look->exercise->shown_seq || look->count == 64) {
        return 0;
    }
    (void)yw_json_get(value, size, "/drill_ms", drill_ms, sizeof drill_ms);
    (void)yw_json_get(value, size, "/team", team, sizeof team);
    (void)yw_json_get(value, size, look->exercise->cli->english ? "/words/en" : "/words/zh",
                      words, sizeof words);
    yw_clock_format_drill(strtoll(drill_ms, NULL, 10), when);
    look->lines[look->count].seq = seq;
    (void)yw_copyf(look->lines[look->count].line, sizeof look->lines[0].line, "  %s  %-12s %s",
                   when, team, words);
    look->count++;
    look->newest = seq > look->newest ? seq : look->newest;
    return 0;
}

static void print_new(struct yw_exercise *exercise)
{
    struct look *look = yw_new(sizeof *look);
    look->exercise = exercise;
    look->newest = exercise->shown_seq;
    (void)yw_json_each(exercise->state, strlen(exercise->state), "/events", add_event, look);
    while (look->count > 0) {
        size_t first = 0;
        for (size_t i = 1; i < look->count; i++) {
            first = look->lines[i].seq < look->lines[first].seq ? i : first;
        }
        yw_cli_say("%s", look->lines[first].line);
        look->lines[first] = look->lines[--look->count];
    }
    exercise->shown_seq = look->newest;
    free(look);
}

static int note_fault(void *arg, const char *key, const char *value, size_t size)
{
    struct yw_exercise *exercise = arg;
    char faulted[8] = "";
    (void)key;
    (void)yw_json_get(value, size, "/faulted", faulted, sizeof faulted);
    exercise->faulted |= strcmp(faulted, "true") == 0;
    return 0;
}

bool yw_exercise_over(const struct yw_exercise *exercise)
{
    return exercise->faulted || strcmp(exercise->phase, "ended") == 0 ||
           strcmp(exercise->phase, "archived") == 0;
}

int yw_exercise_look(struct yw_exercise *exercise, struct yw_err *err)
{
    char *state = NULL;
    char number[32] = "0";
    int code = call(exercise, "GET", "", NULL, &state, err);
    if (code != 0) {
        return code;
    }
    free(exercise->state);
    exercise->state = state;
    (void)yw_json_get(state, strlen(state), "/drill/phase", exercise->phase,
                      sizeof exercise->phase);
    (void)yw_json_get(state, strlen(state), "/clock/drill_ms", number, sizeof number);
    exercise->drill_ms = strtoll(number, NULL, 10);
    (void)yw_json_each(state, strlen(state), "/story", note_fault, exercise);
    if (!exercise->quiet) {
        print_new(exercise);
    }
    return 0;
}

/* ---- verbs ---- */

static const char *phase_after(const char *verb)
{
    static const char *const table[][2] = {{"up", "ready"},       {"start", "running"},
                                           {"pause", "paused"},   {"resume", "running"},
                                           {"down", "archived"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(verb, table[i][0]) == 0) {
            return table[i][1];
        }
    }
    return "ended";
}

int yw_exercise_verb(struct yw_exercise *exercise, const char *verb, const char *reason,
                     struct yw_err *err)
{
    char tail[32];
    struct yw_buf body;
    int recoveries = exercise->recoveries;
    int code = YW_ESTATE;
    (void)yw_copyf(tail, sizeof tail, "/%s", verb);
    yw_buf_init(&body, 4096);
    yw_buf_puts(&body, "{\"reason\":");
    yw_json_string(&body, reason);
    if (exercise->override != NULL && strcmp(verb, "up") == 0) {
        yw_buf_puts(&body, ",\"override\":");
        yw_json_string(&body, exercise->override);
    }
    if (exercise->how != NULL && strcmp(verb, "up") == 0) {
        yw_buf_puts(&body, ",\"how\":");
        yw_json_string(&body, exercise->how);
    }
    yw_buf_puts(&body, "}");
    for (int i = 0; code == YW_ESTATE && i < SETTLE_TRIES; i++) {
        char *answer = NULL;
        code = call(exercise, "POST", tail, body.data, &answer, err);
        free(answer);
        if (code != YW_ESTATE || exercise->recoveries == recoveries) {
            break;
        }
        /* it was heard by the daemon that died: what it ordered is under way, or done */
        if (yw_exercise_look(exercise, NULL) == 0 &&
            strcmp(exercise->phase, phase_after(verb)) == 0) {
            code = 0;
        } else {
            pause_ms(SETTLE_MS);
        }
    }
    yw_buf_fini(&body);
    return code;
}

struct tally {
    size_t serving, all;
};

static int count_machine(void *arg, const char *key, const char *value, size_t size)
{
    struct tally *tally = arg;
    char state[32] = "";
    (void)key;
    (void)yw_json_get(value, size, "/state", state, sizeof state);
    tally->all++;
    tally->serving += strcmp(state, "serving") == 0;
    return 0;
}

static int count_team(void *arg, const char *key, const char *value, size_t size)
{
    (void)key;
    return yw_json_each(value, size, "", count_machine, arg);
}

static void show_progress(const struct yw_exercise *exercise, size_t *shown)
{
    struct tally tally = {0};
    char tabletop[8] = "";
    if (exercise->state == NULL) {
        return;
    }
    (void)yw_json_get(exercise->state, strlen(exercise->state), "/drill/tabletop", tabletop,
                      sizeof tabletop);
    if (strcmp(tabletop, "true") == 0) {
        return;
    }
    (void)yw_json_each(exercise->state, strlen(exercise->state), "/machines", count_team, &tally);
    if (tally.serving != *shown) {
        *shown = tally.serving;
        yw_cli_say(yw_cli_text(exercise->cli, "  机器就绪 %zu/%zu", "  machines serving %zu/%zu"),
                   tally.serving, tally.all);
    }
}

/* What comes up is taken down again; the request that waits for it is answered by that. */
static int take_back(struct yw_exercise *exercise, struct yw_err *err)
{
    struct yw_err why = {0};
    yw_cli_say("%s", yw_cli_text(exercise->cli,
                                 "已中断：正在拆除靶场；再按一次 Ctrl-C 立即离开，"
                                 "守护进程会自行拆完",
                                 "interrupted: taking the range down; Ctrl-C again leaves at "
                                 "once, and the daemon finishes by itself"));
    if (yw_exercise_verb(exercise, "down", "interrupted", &why) != 0) {
        *err = why;
        return yw_err_prefix(err, "interrupted, but the range was not taken down");
    }
    return yw_err_set(err, YW_ECANCELED, "interrupted while the range came up; it is down");
}

/* The request stays open until the range is up; a child waits for it while this one looks. */
int yw_exercise_up(struct yw_exercise *exercise, struct yw_err *err)
{
    size_t shown = SIZE_MAX;
    int status = 0;
    int taken = 0;
    int pipes[2];
    if (pipe(pipes) != 0) {
        return yw_err_errno(err, YW_EIO, errno, "pipe");
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct yw_err why = {0};
        struct yw_exercise mine = *exercise;
        mine.state = NULL;
        mine.quiet = true;
        mine.session.owns = false; /* the daemon is the parent's to start again */
        (void)signal(SIGINT, SIG_IGN);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* who waits for it is gone */
        int code = yw_client_open(&mine.session.client, mine.session.url, mine.session.token,
                                  &why);
        code = code == 0 ? yw_exercise_verb(&mine, "up", "up", &why) : code;
        ssize_t put = write(pipes[1], &why, sizeof why);
        _exit(code == 0 && put > 0 ? 0 : 1);
    }
    close(pipes[1]);
    while (waitpid(pid, &status, WNOHANG) != pid) {
        if (yw_exercise_look(exercise, NULL) == 0) {
            show_progress(exercise, &shown);
        }
        if (taken == 0 && *yw_interrupt_count() > 0) {
            taken = take_back(exercise, err);
        }
        pause_ms(LOOK_MS);
    }
    struct yw_err why = {0};
    ssize_t got = read(pipes[0], &why, sizeof why);
    close(pipes[0]);
    (void)yw_exercise_look(exercise, NULL);
    show_progress(exercise, &shown);
    if (taken != 0) {
        return taken;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return yw_err_set(err, got > 0 && why.code != 0 ? why.code : YW_EIO, "%s",
                          got > 0 ? why.text : "bring-up was interrupted");
    }
    return 0;
}

/* ---- report and result ---- */

static int write_report(struct yw_exercise *exercise, const char *lang, const char *format,
                        struct yw_err *err)
{
    char *text = NULL;
    char *tail = yw_strf("/report?lang=%s&format=%s", lang, format);
    int code = call(exercise, "GET", tail, NULL, &text, err);
    free(tail);
    if (code == 0) {
        char *path = yw_strf("%s/drills/%s/report.%s.%s", exercise->cli->data_dir, exercise->id,
                             lang, format);
        /* a new file: root may write here, and the folder is the daemon's user's */
        (void)unlink(path);
        FILE *file = fopen(path, "wxe");
        bool written = file != NULL && fputs(text, file) != EOF;
        if (file == NULL || fclose(file) != 0 || !written) {
            code = yw_err_set(err, YW_EIO, "%s: cannot be written", path);
        } else {
            yw_cli_say("  %s", path);
        }
        free(path);
    }
    free(text);
    return code;
}

int yw_exercise_report(struct yw_exercise *exercise, struct yw_err *err)
{
    static const char *const langs[] = {"zh", "en"};
    static const char *const formats[] = {"md", "html"};
    int code = 0;
    yw_cli_say("%s", yw_cli_text(exercise->cli, "报告：", "report:"));
    for (size_t i = 0; code == 0 && i < 4; i++) {
        code = write_report(exercise, langs[i / 2], formats[i % 2], err);
    }
    return code;
}

static int print_team(void *arg, const char *key, const char *value, size_t size)
{
    const struct yw_exercise *exercise = arg;
    char points[32] = "0";
    char rank[32] = "";
    char worst[32] = "";
    (void)yw_json_get(value, size, "/points", points, sizeof points);
    (void)yw_json_get(value, size, "/rank", rank, sizeof rank);
    (void)yw_json_get(value, size, "/worst_level", worst, sizeof worst);
    printf(yw_cli_text(exercise->cli, "第%s名  %-16s %5s 分  后果最高等级 %s\n",
                       "rank %s  %-16s %5s points  worst consequence level %s\n"),
           rank, key, points, worst);
    return 0;
}

void yw_exercise_result(const struct yw_exercise *exercise)
{
    if (exercise->cli->json) {
        printf("%s\n", exercise->state);
    } else {
        (void)yw_json_each(exercise->state, strlen(exercise->state), "/teams", print_team,
                           (void *)(uintptr_t)exercise);
    }
    fflush(stdout);
}

void yw_exercise_close(struct yw_exercise *exercise)
{
    yw_interrupt_leave(NULL);
    free(exercise->state);
    exercise->state = NULL;
    yw_session_close(&exercise->session);
}
