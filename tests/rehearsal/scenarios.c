/* Every folder in scenarios/: it is checked without a warning, rehearses within two
 * seconds, a quick team beats a slow one for a reason that the plant shows, every board
 * has the points, and no board knows more than its audience may. */
#include "outcome.h"

#include "base/mem.h"
#include "codec/request/request.h"
#include "codec/state/state.h"
#include "drill/exercise/plant_facts.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#define SCENARIOS_MAX 64
#define SECRETS_MAX 64
#define WORST 5
#define CONTAINED 1 /* the quick team lets it come to an alarm, no further */

static struct rehearsed {
    struct yw_package *package;
    struct yw_rehearsal *rehearsal;
} * rehearsed_new(const char *folder)
{
    struct rehearsed *rehearsed = yw_new(sizeof *rehearsed);
    struct yw_rehearsal_config config;
    struct yw_err err = {0};

    rehearsed->package = sim_package(folder);
    sim_config(&config, rehearsed->package);
    if (yw_rehearsal_open(&rehearsed->rehearsal, &config, &err) != 0 ||
        yw_rehearsal_run(rehearsed->rehearsal, &err) != 0)
        fail_msg("%s: %s", folder, err.text);
    return rehearsed;
}

static void rehearsed_free(struct rehearsed *rehearsed)
{
    yw_rehearsal_close(rehearsed->rehearsal);
    yw_package_free(rehearsed->package);
    free(rehearsed);
}

/* ---- check ---- */

static void expect_clean(const char *folder)
{
    char chunk[8192] = "";
    char *line = yw_strf("'%s/orchestrator/cli/yanwu' check --json '%s/%s'",
                         getenv("YW_BUILD"), getenv("YW_SOURCE"), folder);
    FILE *pipe = popen(line, "r");
    struct yw_buf out;
    size_t size = 0;

    free(line);
    assert_non_null(pipe);
    yw_buf_init(&out, (size_t)1024 * 1024);
    while ((size = fread(chunk, 1, sizeof chunk, pipe)) > 0)
        yw_buf_put(&out, chunk, size);
    if (pclose(pipe) != 0 || strstr(out.data, "\"warnings\":[]") == NULL)
        fail_msg("%s is not clean: %s", folder, out.data);
    yw_buf_fini(&out);
}

/* ---- time ---- */

static double spent_s(int who)
{
    struct rusage usage;

    assert_int_equal(getrusage(who, &usage), 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Processor time of this process and its script hosts: a busy machine proves nothing. */
static void expect_quick(const char *folder)
{
    double before_s = spent_s(RUSAGE_SELF) + spent_s(RUSAGE_CHILDREN);

    rehearsed_free(rehearsed_new(folder));
    double took_s = spent_s(RUSAGE_SELF) + spent_s(RUSAGE_CHILDREN) - before_s;

    if (took_s > 2.0)
        fail_msg("%s took %.2f s", folder, took_s);
}

/* ---- who wins, and why ---- */

static int64_t worst_level(const struct yw_team_fold *team)
{
    int64_t worst = 0;

    for (size_t i = 0; i < team->plants.count; i++) {
        const struct yw_plant_fold *plant = yw_vec_at(&team->plants, i);

        worst = plant->worst_level > worst ? plant->worst_level : worst;
    }
    return worst;
}

static void expect_ranking(const struct rehearsed *rehearsed, const char *folder)
{
    const char *drill = yw_rehearsal_drill(rehearsed->rehearsal);
    const struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsed->rehearsal);
    const struct yw_view *view =
        yw_conductor_view(conductor, drill, YW_AUDIENCE_CONTROL, -1);
    const struct yw_score *score =
        yw_conductor_score(conductor, drill, YW_AUDIENCE_CONTROL, -1);
    int64_t quick = -1;
    int64_t slow = -1;

    for (size_t t = 0; t < view->state.teams.count; t++) {
        const struct yw_team_fold *team = yw_vec_at(&view->state.teams, t);
        const struct yw_score_team *points = yw_vec_at(&score->teams, t);

        if (strstr(team->name, "quick") != NULL) {
            quick = points->points;
            if (worst_level(team) > CONTAINED)
                fail_msg("%s: the quick team came to level %lld", folder,
                         (long long)worst_level(team));
        } else if (strstr(team->name, "slow") != NULL) {
            slow = points->points;
            if (worst_level(team) != WORST)
                fail_msg("%s: the slow team came to level %lld only", folder,
                         (long long)worst_level(team));
        }
    }
    if (slow < 0 || quick <= slow)
        fail_msg("%s: quick %lld, slow %lld", folder, (long long)quick, (long long)slow);
}

/* ---- the same points on every board ---- */

static void expect_points(struct rehearsed *rehearsed, enum yw_audience audience,
                          int team, const struct yw_view *view,
                          const struct yw_score *score)
{
    char *board = sim_board(rehearsed->rehearsal, audience, team);

    for (size_t t = 0; t < view->state.teams.count; t++) {
        const struct yw_team_fold *fold = yw_vec_at(&view->state.teams, t);
        const struct yw_score_team *points = yw_vec_at(&score->teams, t);
        char shown[32] = "";
        char expected[32];
        char *pointer = yw_strf("/teams/%s/points", fold->name);

        (void)snprintf(expected, sizeof expected, "%lld", (long long)points->points);
        assert_int_equal(yw_json_get(board, strlen(board), pointer, shown, sizeof shown),
                         0);
        assert_string_equal(shown, expected);
        free(pointer);
    }
    free(board);
}

static void expect_points_everywhere(struct rehearsed *rehearsed)
{
    const char *drill = yw_rehearsal_drill(rehearsed->rehearsal);
    struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsed->rehearsal);
    const struct yw_view *view =
        yw_conductor_view(conductor, drill, YW_AUDIENCE_CONTROL, -1);
    const struct yw_score *score =
        yw_conductor_score(conductor, drill, YW_AUDIENCE_CONTROL, -1);

    expect_points(rehearsed, YW_AUDIENCE_CONTROL, -1, view, score);
    expect_points(rehearsed, YW_AUDIENCE_PUBLIC, -1, view, score);
    for (size_t t = 0; t < view->state.teams.count; t++)
        expect_points(rehearsed, YW_AUDIENCE_TEAM, (int)t, view, score);
}

/* ---- leaks ---- */

struct secret {
    char text[YW_EVENT_ARGV_MAX];
    bool from_teams; /* before the machine is isolated; the public never knows */
    bool always;     /* also afterwards */
};

struct leak {
    struct secret secrets[SECRETS_MAX];
    size_t count;
    size_t looks;
    enum yw_audience audience;
    int team;
    bool isolated; /* a hidden machine of this team has been named to it */
    struct yw_view view;
    struct yw_score score;
};

static void add_secret(struct leak *leak, const char *text, bool quoted, bool from_teams,
                       bool always)
{
    struct secret secret = {.from_teams = from_teams, .always = always};

    (void)snprintf(secret.text, sizeof secret.text, quoted ? "\"%.200s\"" : "%.500s",
                   text);
    for (size_t i = 0; i < leak->count; i++) {
        if (strcmp(leak->secrets[i].text, secret.text) == 0)
            return;
    }
    assert_true(leak->count < SECRETS_MAX);
    leak->secrets[leak->count++] = secret;
}

static int on_secret(void *arg, const struct yw_event *event)
{
    struct leak *leak = arg;

    if (event->kind == YW_EVENT_ATTACK_PLANNED) {
        add_secret(leak, event->attack_planned.attack, true, true, true);
        add_secret(leak, event->attack_planned.technique, false, true, true);
    } else if (event->kind == YW_EVENT_ATTACK_STARTED) {
        add_secret(leak, event->attack_started.argv, false, true, true);
    } else if (event->kind == YW_EVENT_MACHINE_PLANNED) {
        add_secret(leak, event->machine_planned.machine, true,
                   event->machine_planned.hidden, false);
    } else if (event->kind == YW_EVENT_ACTION_ORDERED) {
        add_secret(leak, event->action_ordered.argv, false, false, false);
    }
    return 0;
}

static void look(struct leak *leak, const struct yw_event *event)
{
    struct yw_state_now now = {.drill = "rehearsed",
                               .head = "",
                               .drill_ms = event->drill_ms,
                               .plant_facts = yw_plant_facts};
    struct yw_buf board;

    yw_buf_init(&board, YW_STATE_MAX);
    yw_state_encode(&board, &leak->view, &leak->score, &now);
    assert_false(board.overflow);
    assert_true(board.size > 100);
    leak->looks++;
    for (size_t i = 0; i < leak->count; i++) {
        const struct secret *secret = &leak->secrets[i];
        bool kept = leak->audience == YW_AUDIENCE_PUBLIC ||
                    (secret->from_teams && (secret->always || !leak->isolated));

        if (kept && strstr(board.data, secret->text) != NULL)
            fail_msg("after event %lld (%s), a board knows %s: %s", (long long)event->seq,
                     yw_event_name(event->kind), secret->text, board.data);
    }
    /* physics is for the control room: people see what their screens show */
    assert_null(strstr(board.data, "\"truth\""));
    yw_buf_fini(&board);
}

static int on_leak(void *arg, const struct yw_event *event)
{
    struct leak *leak = arg;
    bool seen = yw_view_apply(&leak->view, event);

    if (seen)
        yw_score_apply(&leak->score, event);
    if (event->kind == YW_EVENT_LINK_CHANGED && event->team == leak->team)
        leak->isolated = true;
    if (seen && event->kind != YW_EVENT_PLANT_VIEW)
        look(leak, event);
    return 0;
}

/* The board after each event, as it was sent, searched for what must not be there. */
static void expect_no_leak(struct rehearsed *rehearsed, enum yw_audience audience,
                           int team)
{
    struct leak *leak = yw_new(sizeof *leak);
    struct yw_journal *journal =
        yw_conductor_journal(yw_rehearsal_conductor(rehearsed->rehearsal),
                             yw_rehearsal_drill(rehearsed->rehearsal));
    struct yw_err err = {0};

    leak->audience = audience;
    leak->team = team;
    yw_view_init(&leak->view, audience, team);
    yw_score_init(&leak->score);
    assert_int_equal(yw_journal_read(journal, 1, on_secret, leak, &err), 0);
    assert_true(leak->count > 4);
    assert_int_equal(yw_journal_read(journal, 1, on_leak, leak, &err), 0);
    assert_true(leak->looks > 20);
    yw_view_fini(&leak->view);
    yw_score_fini(&leak->score);
    free(leak);
}

/* ---- all of them ---- */

static size_t list(char folders[SCENARIOS_MAX][320])
{
    char *path = yw_strf("%s/scenarios", getenv("YW_SOURCE"));
    DIR *dir = opendir(path);
    struct dirent *entry = NULL;
    size_t count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char *file = yw_strf("%s/%s/scenario.lua", path, entry->d_name);
        struct stat info;

        if (entry->d_name[0] != '.' && stat(file, &info) == 0) {
            assert_true(count < SCENARIOS_MAX);
            (void)snprintf(folders[count++], 320, "scenarios/%s", entry->d_name);
        }
        free(file);
    }
    closedir(dir);
    free(path);
    assert_true(count > 0);
    return count;
}

static void each_scenario_is_sound_and_quick(void **state)
{
    char folders[SCENARIOS_MAX][320];
    size_t count = list(folders);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        expect_clean(folders[i]);
        expect_quick(folders[i]);
    }
}

static void each_scenario_tells_quick_from_slow(void **state)
{
    char folders[SCENARIOS_MAX][320];
    size_t count = list(folders);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct rehearsed *rehearsed = rehearsed_new(folders[i]);

        expect_ranking(rehearsed, folders[i]);
        expect_points_everywhere(rehearsed);
        rehearsed_free(rehearsed);
    }
}

static void no_board_leaks(void **state)
{
    char folders[SCENARIOS_MAX][320];
    size_t count = list(folders);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct rehearsed *rehearsed = rehearsed_new(folders[i]);

        expect_no_leak(rehearsed, YW_AUDIENCE_PUBLIC, -1);
        expect_no_leak(rehearsed, YW_AUDIENCE_TEAM, 0);
        expect_no_leak(rehearsed, YW_AUDIENCE_TEAM, 1);
        rehearsed_free(rehearsed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_scenario_is_sound_and_quick),
        cmocka_unit_test(each_scenario_tells_quick_from_slow),
        cmocka_unit_test(no_board_leaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
