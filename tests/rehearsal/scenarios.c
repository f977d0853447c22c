/* Every folder in scenarios/: it is checked without a warning, rehearses within three
 * seconds, its teams come out as the table below says and for a reason that the plant
 * shows, every board has the points, and no board knows more than its audience may. */
#include "outcome.h"

#include "base/file.h"
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
#include <sys/stat.h>

#include <cmocka.h>

#define SCENARIOS_MAX 64
#define SECRETS_MAX 64
#define PICTURE_MAX (512 * 1024)

static struct rehearsed {
    struct yw_package *package;
    struct yw_rehearsal *rehearsal;
} * rehearsed_new(const char *folder, bool tabletop)
{
    struct rehearsed *rehearsed = yw_new(sizeof *rehearsed);
    struct yw_rehearsal_config config;
    struct yw_err err = {0};

    rehearsed->package = sim_package(folder);
    sim_config(&config, rehearsed->package);
    config.tabletop = tabletop;
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

/* What a verb says about the folder; `out` is the caller's to finish. True: status 0. */
static bool said(struct yw_buf *out, const char *verb, const char *folder,
                 const char *more)
{
    char chunk[8192] = "";
    char *line = yw_strf("cd '%s' && '%s/orchestrator/cli/yanwu' %s '%s' %s",
                         getenv("YW_SOURCE"), getenv("YW_BUILD"), verb, folder, more);
    FILE *pipe = popen(line, "r");
    size_t size = 0;

    free(line);
    assert_non_null(pipe);
    yw_buf_init(out, (size_t)1024 * 1024);
    while ((size = fread(chunk, 1, sizeof chunk, pipe)) > 0)
        yw_buf_put(out, chunk, size);
    return pclose(pipe) == 0;
}

static void expect_clean(const char *folder)
{
    struct yw_buf out;

    if (!said(&out, "check --json", folder, "") ||
        strstr(out.data, "\"warnings\":[]") == NULL)
        fail_msg("%s is not clean: %s", folder, out.data);
    yw_buf_fini(&out);
}

/* The picture in the folder is what its declaration draws. */
static void expect_picture(const char *folder)
{
    char *path = yw_strf("%s/%s/network.svg", getenv("YW_SOURCE"), folder);
    struct yw_buf drawn;
    struct yw_err err = {0};
    char *stored = NULL;
    size_t size = 0;

    if (yw_file_read(path, PICTURE_MAX, &stored, &size, &err) != 0)
        fail_msg("%s: yanwu plan %s --svg network.svg draws it", err.text, folder);
    if (!said(&drawn, "plan", folder, "--svg /dev/stdout"))
        fail_msg("%s cannot be drawn: %s", folder, drawn.data);
    if (size != drawn.size || memcmp(stored, drawn.data, size) != 0)
        fail_msg("%s is not what the scenario declares: draw it again", path);
    yw_buf_fini(&drawn);
    free(stored);
    free(path);
}

/* ---- who wins, and why ---- */

/* What a player's team comes to: the worst level of its plants, at least and at most; and
 * its share of all points that the scenario gives, in hundredths. */
struct ending {
    const char *player;
    int worst_low, worst_high;
    int share_low, share_high;
};

static const struct expected {
    const char *folder;
    struct ending endings[4];
} table[] = {
    {"boiler-lowwater",
     {{"quick", 0, 1, 80, 100},
      {"slow", 4, 5, 5, 60},
      {"silent", 4, 5, 0, 0},
      {"wrong", 4, 5, 0, 40}}},
    {"caster-breakout",
     {{"quick", 0, 1, 80, 100},
      {"slow", 5, 5, 5, 60},
      {"silent", 5, 5, 0, 0},
      {"wrong", 5, 5, 0, 40}}},
    {"data-exfil",
     {{"quick", 0, 1, 70, 100},
      {"slow", 0, 1, 20, 70},
      {"silent", 0, 1, 0, 0},
      {"wrong", 2, 3, 0, 40}}},
    {"fleet-backend",
     {{"quick", 0, 1, 80, 100},
      {"slow", 5, 5, 5, 60},
      {"silent", 5, 5, 0, 0},
      {"wrong", 5, 5, 0, 40}}},
    {"grid-blackout",
     {{"quick", 3, 3, 80, 100},
      {"slow", 3, 4, 20, 80},
      {"silent", 5, 5, 0, 0},
      {"wrong", 3, 5, 0, 40}}},
    {"heating-frosty",
     {{"quick", 1, 1, 70, 100},
      {"slow", 2, 5, 5, 60},
      {"silent", 5, 5, 0, 0},
      {"wrong", 5, 5, 0, 40}}},
    {"reactor-triton",
     {{"quick", 2, 2, 80, 100},
      {"slow", 3, 4, 20, 70},
      {"silent", 5, 5, 0, 0},
      {"wrong", 5, 5, 0, 40}}},
    {"spindle-recipe",
     {{"quick", 3, 3, 80, 100},
      {"slow", 2, 5, 5, 60},
      {"silent", 5, 5, 0, 0},
      {"wrong", 5, 5, 0, 40}}},
    {"water-dosing",
     {{"quick", 1, 1, 80, 100},
      {"slow", 5, 5, 5, 60},
      {"silent", 5, 5, 0, 0},
      {"wrong", 5, 5, 0, 40}}},
};

static int64_t worst_level(const struct yw_team_fold *team)
{
    int64_t worst = 0;

    for (size_t i = 0; i < team->plants.count; i++) {
        const struct yw_plant_fold *plant = yw_vec_at(&team->plants, i);

        worst = plant->worst_level > worst ? plant->worst_level : worst;
    }
    return worst;
}

static int64_t all_points(const struct yw_team_fold *team)
{
    int64_t all = 0;

    for (size_t i = 0; i < team->objectives.count; i++) {
        const struct yw_objective_fold *objective = yw_vec_at(&team->objectives, i);

        all += objective->points;
    }
    return all;
}

static const struct ending *ending_of(const char *folder, const char *team)
{
    const char *player = strrchr(team, '-');

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(strrchr(folder, '/') + 1, table[i].folder) != 0)
            continue;
        for (size_t k = 0; k < 4 && table[i].endings[k].player != NULL; k++) {
            if (player != NULL && strcmp(player + 1, table[i].endings[k].player) == 0)
                return &table[i].endings[k];
        }
    }
    return NULL;
}

static void expect_ending(const struct yw_team_fold *team, int64_t points,
                          const char *folder)
{
    const struct ending *ending = ending_of(folder, team->name);
    int64_t worst = worst_level(team);
    int64_t all = all_points(team);

    if (ending == NULL)
        fail_msg("%s: nothing is expected of team %s: say it in the table above", folder,
                 team->name);
    assert_true(all > 0);
    if (worst < ending->worst_low || worst > ending->worst_high)
        fail_msg("%s: team %s came to level %lld", folder, team->name, (long long)worst);
    if (100 * points < all * ending->share_low || 100 * points > all * ending->share_high)
        fail_msg("%s: team %s has %lld of %lld points", folder, team->name,
                 (long long)points, (long long)all);
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
    int64_t wrong = -1;
    int64_t best_other = -1;

    for (size_t t = 0; t < view->state.teams.count; t++) {
        const struct yw_team_fold *team = yw_vec_at(&view->state.teams, t);
        const struct yw_score_team *points = yw_vec_at(&score->teams, t);

        expect_ending(team, points->points, folder);
        if (strstr(team->name, "quick") != NULL)
            quick = points->points;
        else if (points->points > best_other)
            best_other = points->points;
        if (strstr(team->name, "slow") != NULL)
            slow = points->points;
        if (strstr(team->name, "wrong") != NULL)
            wrong = points->points;
    }
    if (best_other < 0 || quick <= best_other)
        fail_msg("%s: quick %lld, another %lld", folder, (long long)quick,
                 (long long)best_other);
    if (slow <= wrong || wrong < 0)
        fail_msg("%s: slow %lld, wrong %lld", folder, (long long)slow, (long long)wrong);
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

/* ---- what people can order ---- */

/* An order of the rehearsal is one that the board offers by name. */
static int on_order(void *arg, const struct yw_event *event)
{
    const char *offered = arg; /* yw_conductor_operations */
    const char *argv = event->action_ordered.argv;
    char verb[32], needle[128];
    int address = 0;

    if (event->kind != YW_EVENT_ACTION_ORDERED)
        return 0;
    if (sscanf(argv, "operate %31s", verb) != 1)
        fail_msg("'%s' operates nothing", argv);
    if (strcmp(verb, "set-point") == 0 || strcmp(verb, "stop-pump") == 0)
        return 0; /* the dosing page's own words for two of its addresses */
    if (strcmp(verb, "register") != 0 && strcmp(verb, "coil") != 0)
        (void)snprintf(needle, sizeof needle, "[\"operate\",\"%s\"]", verb);
    else if (sscanf(argv, "operate %*s %d", &address) == 1)
        (void)snprintf(needle, sizeof needle, "[\"operate\",\"%s\",\"%d\"]", verb, address);
    if (strstr(offered, needle) == NULL)
        fail_msg("nobody is offered '%s'", argv);
    return 0;
}

static void expect_orders_offered(const struct rehearsed *rehearsed)
{
    struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsed->rehearsal);
    const char *drill = yw_rehearsal_drill(rehearsed->rehearsal);
    struct yw_err err = {0};
    struct yw_buf out;

    yw_buf_init(&out, (size_t)1024 * 1024);
    assert_int_equal(yw_conductor_operations(conductor, drill, &out, &err), 0);
    assert_false(out.overflow);
    assert_int_equal(yw_journal_read(yw_conductor_journal(conductor, drill), 1, on_order,
                                     out.data, &err),
                     0);
    yw_buf_fini(&out);
}

static void each_scenario_is_sound_and_tells_its_teams_apart(void **state)
{
    char folders[SCENARIOS_MAX][320];
    size_t count = list(folders);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        expect_clean(folders[i]);
        expect_picture(folders[i]);
        struct rehearsed *rehearsed = rehearsed_new(folders[i], false);

        expect_ranking(rehearsed, folders[i]);
        expect_points_everywhere(rehearsed);
        expect_orders_offered(rehearsed);
        expect_no_leak(rehearsed, YW_AUDIENCE_PUBLIC, -1);
        expect_no_leak(rehearsed, YW_AUDIENCE_TEAM, 0);
        rehearsed_free(rehearsed);
    }
}

/* ---- at the table ---- */

static const struct yw_team_fold *team_of(const struct yw_drill_state *state,
                                          const char *player, size_t *ret_index)
{
    for (size_t t = 0; t < state->teams.count; t++) {
        const struct yw_team_fold *team = yw_vec_at(&state->teams, t);

        *ret_index = t;
        if (strstr(team->name, player) != NULL)
            return team;
    }
    fail_msg("no team %s", player);
    return NULL;
}

/* No machine was made, the journal says which mode it was, every attack was told to who did
 * nothing, and the quick team has most of the points that there are. */
static void expect_table(const struct rehearsed *rehearsed, const char *folder)
{
    const char *drill = yw_rehearsal_drill(rehearsed->rehearsal);
    const struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsed->rehearsal);
    const struct yw_drill_state *state =
        &yw_conductor_view(conductor, drill, YW_AUDIENCE_CONTROL, -1)->state;
    const struct yw_score *score =
        yw_conductor_score(conductor, drill, YW_AUDIENCE_CONTROL, -1);
    size_t quick = 0;
    size_t silent = 0;
    const struct yw_team_fold *best = team_of(state, "quick", &quick);
    const struct yw_team_fold *idle = team_of(state, "silent", &silent);
    const struct yw_score_team *points = yw_vec_at(&score->teams, quick);
    const struct yw_score_team *none = yw_vec_at(&score->teams, silent);

    assert_true(state->facts.tabletop);
    assert_int_equal(yw_rehearsal_calls(rehearsed->rehearsal), 0);
    assert_int_equal(none->points, 0);
    if (100 * points->points < 70 * all_points(best))
        fail_msg("%s: %lld of %lld points at the table", folder,
                 (long long)points->points, (long long)all_points(best));
    for (size_t i = 0; i < idle->attacks.count; i++) {
        const struct yw_attack_fold *attack = yw_vec_at(&idle->attacks, i);

        if (attack->effect_seq == 0)
            fail_msg("%s: attack %s was not told", folder, attack->name);
    }
}

static void each_scenario_plays_at_the_table(void **state)
{
    char folders[SCENARIOS_MAX][320];
    size_t count = list(folders);

    (void)state;
    assert_int_equal(setenv("YW_LANG", "en", 1), 0);
    for (size_t i = 0; i < count; i++) {
        struct yw_buf out;
        struct rehearsed *rehearsed = rehearsed_new(folders[i], true);

        expect_table(rehearsed, folders[i]);
        expect_no_leak(rehearsed, YW_AUDIENCE_TEAM, 0);
        rehearsed_free(rehearsed);
        if (!said(&out, "check --tabletop", folders[i], "") ||
            strstr(out.data, "not scored at the table: ") == NULL ||
            strstr(out.data, "warning") != NULL)
            fail_msg("%s: %s", folders[i], out.data);
        yw_buf_fini(&out);
        if (!said(&out, "rehearse --tabletop", folders[i], "") ||
            strstr(out.data, "warning") != NULL)
            fail_msg("%s: %s", folders[i], out.data);
        yw_buf_fini(&out);
    }
}

/* ---- mistakes ---- */

#define OBJECTIVE(name, met_by)                                                          \
    "s/story(function/objective \"" name                                                 \
    "\" { says = { zh = \"x\", en = \"x\" }, points = 10, "                              \
    "met_by = " met_by " }\\nstory(function/"

struct mistake { /* what sed makes of the scenario, and what must be said of it */
    const char *sed, *says, *begins, *where;
};

static const struct mistake mistakes[] = {
    {"s/^  s:attack(raise)/  if s:wait_for(works:level() :at_least(5), \"1m\") then "
     "s:attack(raise) end/",
     "scenario.lua:10: attack 'raise' is reached by no",
     "{\"code\":\"unreached\",\"message\":{\"en\":\"attack 'raise' is reached",
     "\"where\":\"scenario.lua:10\"}]"},
    {OBJECTIVE("off", "isolated(red)"),
     "scenario.lua:17: objective 'off' is met by nobody",
     "{\"code\":\"unmet\",\"message\":{\"en\":\"objective 'off' is met by nobody",
     "\"where\":\"scenario.lua:17\"}]"},
    {"s/s:wait \"1m\"/s:wait \"6m\"/",
     "the story of blue outlasts the length of 5 minutes",
     "{\"code\":\"outlasts\",\"message\":{\"en\":\"the story of blue outlasts",
     "\"where\":\"scenario.lua\"}]"},
    {OBJECTIVE("quiet", "never(reported(raise))") ";" OBJECTIVE("told",
                                                                "reported(raise)"),
     "maximum of 30 points, 20 at most",
     "{\"code\":\"exclusive\",\"message\":{\"en\":\"no team can have the maximum",
     "\"where\":\"scenario.lua\"}]"},
};

static void expect_found(const struct mistake *mistake, const char *folder)
{
    struct yw_buf out;

    if (!said(&out, "rehearse", folder, "") || strstr(out.data, mistake->says) == NULL)
        fail_msg("%s: expected '%s' in: %s", mistake->sed, mistake->says, out.data);
    yw_buf_fini(&out);
    if (!said(&out, "rehearse --json", folder, ""))
        fail_msg("%s: %s", mistake->sed, out.data);
    const char *list = strstr(out.data, "\"findings\":[{");
    const char *begin = list == NULL ? NULL : strstr(list, mistake->begins);

    if (begin == NULL || strstr(begin, mistake->where) == NULL)
        fail_msg("%s: expected '%s…%s' in: %s", mistake->sed, mistake->begins,
                 mistake->where, out.data);
    yw_buf_fini(&out);
}

/* A sound folder with one line changed: rehearse names the mistake, to people and to programs. */
static void each_design_error_is_found(void **state)
{
    struct yw_buf out;

    (void)state;
    assert_int_equal(setenv("YW_LANG", "en", 1), 0);
    assert_true(said(&out, "rehearse", "tests/rehearsal/errors", ""));
    assert_null(strstr(out.data, "warning"));
    yw_buf_fini(&out);
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        char folder[] = "/tmp/yw-errors-XXXXXX";

        assert_non_null(mkdtemp(folder));
        char *line = yw_strf("cp '%s'/tests/rehearsal/errors/*.lua %s && "
                             "sed -i '%s' %s/scenario.lua",
                             getenv("YW_SOURCE"), folder, mistakes[i].sed, folder);
        char *clear = yw_strf("rm -r %s", folder);

        assert_int_equal(system(line), 0);
        expect_found(&mistakes[i], folder);
        assert_int_equal(system(clear), 0);
        free(line);
        free(clear);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_scenario_is_sound_and_tells_its_teams_apart),
        cmocka_unit_test(each_scenario_plays_at_the_table),
        cmocka_unit_test(each_design_error_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
