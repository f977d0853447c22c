/* What the language alone cannot know: do the files exist, and do names in conditions and
 * playbooks fit together? */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/coverage.h"
#include "cli/option.h"
#include "cli/recipe.h"
#include "cli/scenario.h"
#include "codec/playbook/lint.h"
#include "codec/playbook/playbook.h"
#include "codec/state/state.h"
#include "codec/write.h"
#include "drill/law.h"
#include "drill/package.h"
#include "store/image.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARNINGS_MAX 64
#define WARNING_MAX 256

struct check {
    const struct yw_cli *cli;
    const struct yw_scenario *scenario;
    const struct yw_spec *spec;
    struct yw_playbook *playbooks[YW_SPEC_PLAYBOOKS_MAX]; /* owned */
    struct yw_vec called; /* struct yw_playbook *: what those call, owned */
    char warnings[WARNINGS_MAX][WARNING_MAX];
    size_t warning_count;
};

static void warn(struct check *check, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void warn(struct check *check, const char *fmt, ...)
{
    va_list args;

    if (check->warning_count == WARNINGS_MAX)
        return;
    va_start(args, fmt);
    (void)vsnprintf(check->warnings[check->warning_count++], WARNING_MAX, fmt, args);
    va_end(args);
}

static void check_machines(struct check *check)
{
    for (size_t i = 0; i < check->spec->machine_count; i++) {
        const struct yw_spec_machine *machine = &check->spec->machines[i];

        if (machine->program[0] == '\0' && machine->plant >= 0 &&
            strcmp(machine->image, "plc") == 0)
            warn(check,
                 "scenario.lua:%d: machine '%s' is wired to a plant and has no program",
                 machine->line, machine->name);
    }
}

/* A network that nothing is on, a plant that no machine is wired to. */
static void check_unused(struct check *check)
{
    const struct yw_spec *spec = check->spec;
    bool networks[YW_SPEC_NETWORKS_MAX] = {false};
    bool plants[YW_SPEC_PLANTS_MAX] = {false};

    for (size_t i = 0; i < spec->machine_count; i++) {
        for (size_t k = 0; k < spec->machines[i].nic_count; k++)
            networks[spec->machines[i].nics[k].network] = true;
        if (spec->machines[i].plant >= 0)
            plants[spec->machines[i].plant] = true;
    }
    for (size_t i = 0; i < spec->network_count; i++) {
        if (!networks[i])
            warn(check, "scenario.lua:%d: no machine is on network '%s'",
                 spec->networks[i].line, spec->networks[i].name);
    }
    for (size_t i = 0; i < spec->plant_count; i++) {
        if (!plants[i] && !spec->tabletop)
            warn(check, "scenario.lua:%d: no machine is wired to plant '%s'",
                 spec->plants[i].line, spec->plants[i].name);
    }
}

/* A machine that a step acts on, as far as its name is written out, is declared. */
static int check_step(const struct check *check, const struct yw_spec_playbook *declared,
                      const struct yw_pb_step *step, const char *machine,
                      struct yw_err *err)
{
    if (machine[0] == '\0' || strstr(machine, "__") != NULL ||
        yw_spec_machine(check->spec, machine) >= 0 || check->spec->tabletop)
        return 0;
    return yw_err_set(err, YW_EINVAL,
                      "scenario.lua:%d: playbook '%s': step '%s' acts on machine '%s', "
                      "which is not declared",
                      declared->line, declared->name, step->name.en, machine);
}

static int check_machines_of(const struct check *check,
                             const struct yw_spec_playbook *declared,
                             const struct yw_pb_step *step, struct yw_err *err)
{
    int status = 0;

    for (size_t i = 0; i < step->command_count && status == 0; i++) {
        status = check_step(check, declared, step, step->commands[i].machine, err);
        for (size_t k = 0; step->commands[i].machine[0] == '\0' &&
                           k < step->target_count && status == 0;
             k++)
            status = check_step(check, declared, step, step->targets[k], err);
    }
    return status;
}

/* What a file from elsewhere gets wrong. */
static void warn_of_mends(struct check *check, const struct yw_spec_playbook *declared,
                          const struct yw_playbook *playbook)
{
    struct yw_findings findings = {0};
    char *text = NULL;
    size_t size = 0;

    if (yw_package_source(&text, &size, check->scenario->package, check->cli->library_dir,
                          playbook, NULL) == 0 &&
        yw_playbook_lint(&findings, text, size, YW_LINT_STRICT, NULL) == 0) {
        for (size_t i = 0; i < findings.count; i++)
            warn(check, "scenario.lua:%d: playbook '%s': line %d: %s %s: %s",
                 declared->line, declared->name, findings.items[i].line,
                 findings.items[i].code, findings.items[i].path,
                 findings.items[i].message);
    }
    yw_findings_fini(&findings);
    free(text);
}

static int check_playbook(struct check *check, size_t index, struct yw_err *err)
{
    const struct yw_spec_playbook *declared = &check->spec->playbooks[index];
    int status = yw_package_playbook(&check->playbooks[index], check->scenario->package,
                                     check->cli->library_dir, declared, err);

    if (status < 0) {
        yw_err_prefix(err, "scenario.lua:%d: playbook '%s'", declared->line,
                      declared->name);
        return status == YW_ENOTFOUND ? YW_EINVAL : status;
    }
    const struct yw_playbook *playbook = check->playbooks[index];

    if (declared->lenient)
        warn_of_mends(check, declared, playbook);
    status = yw_playbook_check_given(playbook, declared->vars, err);
    if (status < 0)
        return yw_err_prefix(err, "scenario.lua:%d: playbook '%s'", declared->line,
                             declared->name);
    for (size_t i = 0; i < playbook->step_count && status == 0; i++)
        status = check_machines_of(check, declared, &playbook->steps[i], err);
    return status;
}

/* What they call is there too. */
static int check_called(struct check *check, struct yw_err *err)
{
    return yw_package_called(&check->called, check->scenario->package,
                             check->cli->library_dir, check->playbooks,
                             check->spec->playbook_count, err);
}

static bool asks(const struct yw_playbook *playbook, const char *name)
{
    for (size_t k = 0; playbook != NULL && k < playbook->step_count; k++) {
        if (strcmp(playbook->steps[k].name.en, name) == 0)
            return true;
    }
    return false;
}

static bool is_asked(const struct check *check, const char *name)
{
    for (size_t i = 0; i < check->spec->playbook_count; i++) {
        if (asks(check->playbooks[i], name))
            return true;
    }
    for (size_t i = 0; i < check->called.count; i++) {
        struct yw_playbook *const *called = yw_vec_at(&check->called, i);

        if (asks(*called, name))
            return true;
    }
    return false;
}

static int check_objectives(struct check *check, struct yw_err *err)
{
    for (size_t i = 0; i < check->spec->objective_count; i++) {
        const struct yw_spec_objective *objective = &check->spec->objectives[i];

        for (size_t k = 0; k < objective->met_by.count; k++) {
            const struct yw_cond_node *node = &objective->met_by.nodes[k];

            if (node->kind == YW_COND_ANSWERED && !is_asked(check, node->subject))
                return yw_err_set(
                    err, YW_EINVAL,
                    "scenario.lua:%d: objective '%s': no playbook has a step "
                    "named '%s'",
                    objective->line, objective->name, node->subject);
        }
        if (check->spec->tabletop &&
            yw_spec_asks_machines(check->spec, &objective->met_by))
            continue; /* people are told in print_table */
        if (objective->points == 0)
            warn(check, "scenario.lua:%d: objective '%s' is worth 0 points",
                 objective->line, objective->name);
        if (objective->says.zh[0] == '\0' || objective->says.en[0] == '\0')
            warn(check, "scenario.lua:%d: objective '%s' lacks a language",
                 objective->line, objective->name);
    }
    return 0;
}

static int check_law(const struct check *check, struct yw_err *err)
{
    struct yw_law_book book;

    yw_law_open(&book, check->cli->library_dir);
    int status = yw_law_check(yw_law_of(&book), check->spec, err);

    yw_law_close(&book);
    return status;
}

static int check_all(struct check *check, struct yw_err *err)
{
    int status = yw_spec_check(check->spec, err);

    if (status == 0)
        status = check_law(check, err);

    if (status == 0 && !check->spec->tabletop)
        status = yw_recipe_check_spec(check->cli, check->spec, err);

    if (status == 0)
        status = yw_package_programs(check->scenario->package, check->spec, err);
    check_machines(check);
    for (size_t i = 0; i < check->spec->playbook_count && status == 0; i++)
        status = check_playbook(check, i, err);
    if (status == 0)
        status = check_called(check, err);
    if (status == 0)
        status = check_objectives(check, err);
    check_unused(check);
    if (!check->scenario->loaded.has_story)
        warn(check, "scenario.lua: has no story; nothing will happen by itself");
    if (check->scenario->loaded.player_count == 0)
        warn(check, "rehearsal.lua: has no players; run --auto has nobody to play");
    if (check->spec->objective_count == 0)
        warn(check, "scenario.lua: has no objective; nothing will be scored");
    return status;
}

static void print_json(const struct check *check)
{
    const struct yw_script_reply *loaded = &check->scenario->loaded;
    struct yw_writer writer;
    struct yw_buf out;

    yw_buf_init(&out, YW_STATE_MAX);
    yw_buf_puts(&out, "{\"ok\":true,\"players\":");
    yw_writer_init(&writer, &out);
    yw_write_array(&writer, NULL);
    for (size_t i = 0; i < loaded->player_count; i++) {
        yw_write_object(&writer, NULL);
        if (loaded->players[i].tier > 0)
            yw_write_string(&writer, "office", loaded->players[i].team);
        yw_write_string(&writer, "player", loaded->players[i].player);
        if (loaded->players[i].tier == 0)
            yw_write_string(&writer, "team", loaded->players[i].team);
        yw_write_end(&writer, '}');
    }
    yw_write_end(&writer, ']');
    yw_buf_puts(&out, ",\"scenario\":");
    yw_spec_encode(&out, check->spec);
    yw_buf_puts(&out, ",\"techniques\":");
    yw_writer_init(&writer, &out);
    yw_coverage_write(&writer, NULL, check->spec);
    yw_buf_puts(&out, ",\"warnings\":");
    yw_writer_init(&writer, &out);
    yw_write_array(&writer, NULL);
    for (size_t i = 0; i < check->warning_count; i++)
        yw_write_string(&writer, NULL, check->warnings[i]);
    yw_write_end(&writer, ']');
    yw_buf_puts(&out, "}");
    puts(out.data);
    yw_buf_fini(&out);
}

/* What the table cannot judge is no fault of the scenario. */
static void print_table(const struct check *check)
{
    const struct yw_spec *spec = check->spec;
    long long all = 0;

    for (size_t i = 0; i < spec->objective_count; i++) {
        const struct yw_spec_objective *objective = &spec->objectives[i];

        all += objective->points;
        if (yw_spec_asks_machines(spec, &objective->met_by))
            printf(yw_cli_text(check->cli, "桌面推演不计分：%s（要由机器和工艺判定）\n",
                               "not scored at the table: %s (machines and plant would "
                               "tell)\n"),
                   objective->name);
    }
    printf(yw_cli_text(check->cli, "桌面推演：不启动机器，满分 %lld\n",
                       "tabletop: no machines, %lld points at most\n"),
           all);
}

static void print_coverage(const struct check *check)
{
    struct yw_buf out;

    yw_buf_init(&out, YW_STATE_MAX);
    yw_coverage_say(&out, check->cli, check->spec);
    if (out.size > 0)
        puts(out.data);
    yw_buf_fini(&out);
}

static void print_people(const struct check *check)
{
    const struct yw_spec *spec = check->spec;
    char length[32];

    yw_clock_format_drill(spec->length_ms, length);
    printf("%s  %s\n", spec->id, check->cli->english ? spec->title.en : spec->title.zh);
    printf(yw_cli_text(
               check->cli,
               "时长 %s；网络 %zu，机器 %zu，工艺 %zu，攻击 %zu，目标 %zu，预案 %zu\n",
               "%s; networks %zu, machines %zu, plants %zu, attacks %zu, "
               "objectives %zu, playbooks %zu\n"),
           length, spec->network_count, spec->machine_count, spec->plant_count,
           spec->attack_count, spec->objective_count, spec->playbook_count);
    for (size_t i = 0; i < check->warning_count; i++)
        printf("%s %s\n", yw_cli_text(check->cli, "注意：", "warning:"),
               check->warnings[i]);
    if (spec->tabletop)
        print_table(check);
    print_coverage(check);
    puts(yw_cli_text(check->cli, "检查通过", "the scenario is sound"));
}

int yw_cmd_check(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_words words;
    struct yw_scenario scenario = {0};
    struct check *check = yw_new(sizeof *check);
    struct yw_err err = {0};
    const struct yw_option options[] = {{.name = "--tabletop", .flag = &cli->tabletop}};
    int status = yw_options_read(options, 1, argc, argv, &words, &err);

    if (status == 0)
        status = yw_words_expect(&words, 1, 1, "check SCENARIO [--tabletop]", &err);
    if (status == 0)
        status = yw_scenario_open(&scenario, cli, words.items[0], 1, &err);
    if (status == 0) {
        check->cli = cli;
        check->scenario = &scenario;
        check->spec = scenario.loaded.spec;
        yw_vec_init(&check->called, sizeof(struct yw_playbook *), YW_PACKAGE_CALLED_MAX);
        status = check_all(check, &err);
        if (status == 0 && cli->json)
            print_json(check);
        else if (status == 0)
            print_people(check);
        for (size_t i = 0; i < YW_SPEC_PLAYBOOKS_MAX; i++)
            yw_playbook_free(check->playbooks[i]);
        for (size_t i = 0; i < check->called.count; i++)
            yw_playbook_free(*(struct yw_playbook **)yw_vec_at(&check->called, i));
        yw_vec_fini(&check->called);
        yw_scenario_close(&scenario);
    }
    free(check);
    return status == 0 ? 0 : yw_cli_fail(cli, &err);
}
