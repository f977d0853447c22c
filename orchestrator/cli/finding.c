#include "cli/finding.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* `zh` and `en` take the same arguments. */
__attribute__((format(printf, 5, 6))) static void find(struct yw_findings *findings,
                                                       const char *code, int line,
                                                       const char *zh, const char *en,
                                                       ...)
{
    struct yw_finding *finding = &findings->list[findings->count];
    va_list args;

    if (findings->count == YW_FINDINGS_MAX)
        return;
    findings->count++;
    finding->code = code;
    finding->line = line;
    va_start(args, en);
    (void)vsnprintf(finding->en, sizeof finding->en, en, args);
    va_end(args);
    va_start(args, en);
    (void)vsnprintf(finding->zh, sizeof finding->zh, zh, args);
    va_end(args);
}

static void find_attacks(struct yw_findings *findings, const struct yw_spec *spec,
                         const struct yw_drill_state *state)
{
    for (size_t i = 0; i < spec->attack_count; i++) {
        bool begun = false;

        for (size_t t = 0; t < state->teams.count; t++) {
            const struct yw_attack_fold *attack =
                yw_drill_attack(state, (int)t, spec->attacks[i].name);

            begun = begun || (attack != NULL && attack->started_seq > 0);
        }
        if (!begun)
            find(findings, "unreached", spec->attacks[i].line,
                 "攻击 '%s' 没有一支队伍的剧情走到；检查它之前的条件与等待",
                 "attack '%s' is reached by no team's story; look at the conditions and "
                 "waits before it",
                 spec->attacks[i].name);
    }
}

static bool is_met(const struct yw_drill_state *state, size_t team, const char *name)
{
    const struct yw_objective_fold *fold = yw_drill_objective(state, (int)team, name);

    return fold != NULL && fold->state == YW_OBJECTIVE_MET;
}

static void find_objectives(struct yw_findings *findings, const struct yw_spec *spec,
                            const struct yw_drill_state *state)
{
    for (size_t i = 0; i < spec->objective_count; i++) {
        bool met =
            spec->tabletop && yw_spec_asks_machines(spec, &spec->objectives[i].met_by);

        for (size_t t = 0; t < state->teams.count; t++)
            met = met || is_met(state, t, spec->objectives[i].name);
        if (!met)
            find(findings, "unmet", spec->objectives[i].line,
                 "目标 '%s' 没有一支队伍达成；应有一名队员做到它，或改写 met_by",
                 "objective '%s' is met by nobody; let a player do what it asks for, or "
                 "change met_by",
                 spec->objectives[i].name);
    }
}

static void find_stories(struct yw_findings *findings, const struct yw_spec *spec,
                         const struct yw_drill_state *state)
{
    for (size_t t = 0; t < state->teams.count; t++) {
        const struct yw_team_fold *team = yw_vec_at(&state->teams, t);

        if (team->story.finished || team->story.index == 0)
            continue;
        find(findings, "outlasts", 0,
             "%s 的剧情在 %lld 分钟的时长内没有走完；缩短等待或加长 length",
             "the story of %s outlasts the length of %lld minutes; shorten its waits or "
             "lengthen it",
             team->name, (long long)(spec->length_ms / 60000));
    }
}

/* Points that exclude each other: every objective is met by somebody, and nobody meets all. */
static void find_maximum(struct yw_findings *findings, const struct yw_spec *spec,
                         const struct yw_drill_state *state)
{
    long long all = 0;
    long long best = 0;

    for (size_t i = 0; i < spec->objective_count; i++)
        all += spec->objectives[i].points;
    for (size_t t = 0; t < state->teams.count; t++) {
        long long mine = 0;

        for (size_t i = 0; i < spec->objective_count; i++)
            mine += is_met(state, t, spec->objectives[i].name)
                        ? spec->objectives[i].points
                        : 0;
        best = mine > best ? mine : best;
    }
    if (best != all)
        find(findings, "exclusive", 0,
             "满分 %lld 没有一支队伍能得到，最多 %lld；有目标互相排斥",
             "no team can have the maximum of %lld points, %lld at most; objectives "
             "exclude each other",
             all, best);
}

void yw_findings_take(struct yw_findings *ret, const struct yw_spec *spec,
                      const struct yw_view *view)
{
    const struct yw_drill_state *state = &view->state;

    ret->count = 0;
    find_attacks(ret, spec, state);
    find_stories(ret, spec, state);
    size_t before = ret->count;

    find_objectives(ret, spec, state);
    if (ret->count == before)
        find_maximum(ret, spec, state);
}

static void put_place(const struct yw_finding *finding, char ret[32])
{
    if (finding->line > 0)
        (void)snprintf(ret, 32, "scenario.lua:%d", finding->line);
    else
        (void)snprintf(ret, 32, "scenario.lua");
}

void yw_findings_print(const struct yw_cli *cli, const struct yw_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct yw_finding *finding = &findings->list[i];
        char place[32];

        put_place(finding, place);
        printf(yw_cli_text(cli, "注意：%s: %s\n", "warning: %s: %s\n"), place,
               yw_cli_text(cli, finding->zh, finding->en));
    }
}

void yw_findings_write(struct yw_writer *w, const char *name,
                       const struct yw_findings *findings)
{
    yw_write_array(w, name);
    for (size_t i = 0; i < findings->count; i++) {
        const struct yw_finding *finding = &findings->list[i];
        char place[32];

        put_place(finding, place);
        yw_write_object(w, NULL);
        yw_write_string(w, "code", finding->code);
        yw_write_object(w, "message");
        yw_write_string(w, "en", finding->en);
        yw_write_string(w, "zh", finding->zh);
        yw_write_end(w, '}');
        yw_write_string(w, "where", place);
        yw_write_end(w, '}');
    }
    yw_write_end(w, ']');
}

/* ---- techniques ---- */

enum stage { PLANNED = 1, EXECUTED, DETECTED };

struct technique {
    char id[16];
    enum stage stage;
};

static void take(struct technique *list, size_t *count, size_t max,
                 const struct yw_attack_fold *attack, enum stage stage)
{
    size_t i = 0;

    while (i < *count && strcmp(list[i].id, attack->technique) != 0)
        i++;
    if (i == max)
        return;
    if (i == *count) {
        YW_COPY(list[i].id, attack->technique);
        (*count)++;
    }
    if (stage > list[i].stage)
        list[i].stage = stage;
}

void yw_techniques_print(const struct yw_cli *cli, const struct yw_view *view)
{
    static const struct {
        const char *zh, *en;
    } says[] = {[PLANNED] = {"计划", "planned"},
                [EXECUTED] = {"实施", "executed"},
                [DETECTED] = {"发现", "detected"}};
    struct technique list[YW_SPEC_ATTACKS_MAX] = {0};
    size_t count = 0;

    for (size_t t = 0; t < view->state.teams.count; t++) {
        const struct yw_team_fold *team = yw_vec_at(&view->state.teams, t);

        for (size_t i = 0; i < team->attacks.count; i++) {
            const struct yw_attack_fold *attack = yw_vec_at(&team->attacks, i);
            int64_t ms = 0;
            bool noticed = attack->effect_seq > 0 &&
                           yw_view_noticed(view, (int)t, attack->effect_seq, NULL, &ms);

            take(list, &count, YW_SPEC_ATTACKS_MAX, attack,
                 noticed                  ? DETECTED
                 : attack->effect_seq > 0 ? EXECUTED
                                          : PLANNED);
        }
    }
    for (enum stage stage = PLANNED; stage <= DETECTED && count > 0; stage++) {
        size_t reached = 0;

        printf("%s%s",
               stage == PLANNED ? yw_cli_text(cli, "技术：", "techniques: ")
                                : yw_cli_text(cli, "；", "; "),
               yw_cli_text(cli, says[stage].zh, says[stage].en));
        for (size_t i = 0; i < count; i++) {
            if (list[i].stage >= stage) {
                printf(" %s", list[i].id);
                reached++;
            }
        }
        printf(" (%zu)", reached);
    }
    if (count > 0)
        putchar('\n');
}
