/* tests/drills/dosing-line → everything its declare stage gives and its story says, as
 * text. */
#include "../unit/script_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (256 * 1024)
#define GOLDEN "tests/golden/script/dosing-line.txt"

static void put_parts(struct yw_buf *out, const struct yw_spec *spec)
{
    char address[16];
    for (size_t i = 0; i < spec->network_count; i++) {
        const struct yw_spec_network *network = &spec->networks[i];
        yw_spec_address_text(network->address, address);
        yw_buf_printf(out, "network %s %s/%d %s isolated=%d %d kbit/s %lld ms\n",
                      network->name, address, network->prefix, network->zone,
                      network->isolated, network->bandwidth_kbit,
                      (long long)network->delay_ms);
    }
    for (size_t i = 0; i < spec->plant_count; i++)
        yw_buf_printf(out, "plant %s %s x%g\n", spec->plants[i].name,
                      spec->plants[i].model, spec->plants[i].time_scale);
    for (size_t i = 0; i < spec->machine_count; i++) {
        const struct yw_spec_machine *machine = &spec->machines[i];
        yw_buf_printf(out, "machine %s %s", machine->name, machine->image);
        for (size_t j = 0; j < machine->nic_count; j++) {
            yw_spec_address_text(machine->nics[j].address, address);
            yw_buf_printf(out, " %s:%s", spec->networks[machine->nics[j].network].name,
                          address);
        }
        yw_buf_printf(out, " plant=%d serves=%d hidden=%d", machine->plant,
                      machine->serves, machine->hidden);
        yw_buf_printf(out, " console=%d display=%d promiscuous=%d spoof=%d program=%s\n",
                      machine->console, machine->display, machine->promiscuous,
                      machine->spoof, machine->program);
    }
}

static void put_game(struct yw_buf *out, const struct yw_spec *spec)
{
    for (size_t i = 0; i < spec->attack_count; i++) {
        const struct yw_spec_attack *attack = &spec->attacks[i];
        yw_buf_printf(out, "attack %s %s from=%d to=%d:", attack->name, attack->technique,
                      attack->from, attack->to);
        for (size_t j = 0; j < attack->argc; j++)
            yw_buf_printf(out, " %s", attack->argv[j]);
        yw_buf_puts(out, "\n");
    }
    for (size_t i = 0; i < spec->objective_count; i++) {
        const struct yw_spec_objective *objective = &spec->objectives[i];
        yw_buf_printf(out, "objective %s %d..%d over %lld ms since %d: ", objective->name,
                      objective->points, objective->fades_to,
                      (long long)objective->over_ms, objective->since);
        yw_cond_describe(&objective->met_by, out);
        yw_buf_printf(out, "\n  %s\n  %s\n", objective->says.zh, objective->says.en);
    }
    for (size_t i = 0; i < spec->playbook_count; i++) {
        yw_buf_printf(out, "playbook %s %s on ", spec->playbooks[i].name,
                      spec->playbooks[i].file);
        yw_cond_describe(&spec->playbooks[i].starts_on, out);
        yw_buf_puts(out, "\n");
    }
}

static void put_verb(struct yw_buf *out, const struct yw_script_verb *verb)
{
    yw_buf_printf(out, "  %3d %s", verb->line, yw_script_verb_name(verb->kind));
    if (verb->subject[0] != '\0')
        yw_buf_printf(out, " %s", verb->subject);
    if (verb->span_ms != 0)
        yw_buf_printf(out, " %lld ms", (long long)verb->span_ms);
    if (verb->cond.count > 0) {
        yw_buf_puts(out, " ");
        yw_cond_describe(&verb->cond, out);
    }
    for (size_t i = 0; i < verb->argc; i++)
        yw_buf_printf(out, " %s", verb->argv[i]);
    for (size_t i = 0; i < verb->var_count; i++)
        yw_buf_printf(out, " %s=%s", verb->vars[i].name, verb->vars[i].value);
    if (verb->text.en[0] != '\0')
        yw_buf_printf(out, " %s | %s", verb->text.en, verb->text.zh);
    yw_buf_puts(out, "\n");
}

/* Every verb until the end, each answered with `holds`. */
static void put_turns(struct yw_buf *out, struct harness *harness, bool holds)
{
    while (harness->reply.answer == YW_SCRIPT_VERB) {
        put_verb(out, &harness->reply.verb);
        assert_int_equal(harness_resume(harness, 0, holds), 0);
    }
    assert_int_equal(harness->reply.answer, YW_SCRIPT_FINISHED);
}

static void put_all(struct yw_buf *out)
{
    struct harness harness;
    char *scenario = harness_read("tests/drills/dosing-line/scenario.lua");
    char *rehearsal = harness_read("tests/drills/dosing-line/rehearsal.lua");
    harness_open(&harness);
    assert_int_equal(harness_load(&harness, scenario, rehearsal), 0);
    assert_int_equal(harness.reply.answer, YW_SCRIPT_LOADED);
    const struct yw_spec *spec = harness.reply.spec;
    yw_buf_printf(out, "scenario %s %s %lld ms\n  %s\n  %s\n", spec->id, spec->sector,
                  (long long)spec->length_ms, spec->title.zh, spec->title.en);
    put_parts(out, spec);
    put_game(out, spec);
    for (int holds = 1; holds >= 0; holds--) {
        yw_buf_printf(out, "story, everything %s\n", holds ? "happens" : "fails");
        assert_int_equal(harness_start_story(&harness, 0, "blue"), 0);
        put_turns(out, &harness, holds);
    }
    static const char *const players[] = {"quick", "slow"};
    for (size_t i = 0; i < 2; i++) {
        yw_buf_printf(out, "player %s\n", players[i]);
        assert_int_equal(harness_start_player(&harness, 0, "blue", players[i]), 0);
        put_turns(out, &harness, true);
    }
    harness_close(&harness);
    free(scenario);
    free(rehearsal);
}

static void scenario_gives_its_text(void **arg)
{
    (void)arg;
    struct yw_buf out;
    yw_buf_init(&out, TEXT_MAX);
    put_all(&out);
    assert_false(out.overflow);
    if (getenv("YW_GOLDEN_UPDATE") != NULL) {
        FILE *file = fopen(GOLDEN, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(out.data, 1, out.size, file), out.size);
        assert_int_equal(fclose(file), 0);
    }
    char *stored = harness_read(GOLDEN);
    assert_string_equal(out.data, stored);
    free(stored);
    yw_buf_fini(&out);
}

int main(int argc, char **argv)
{
    int status = harness_main(argc, argv);
    if (status >= 0)
        return status;
    const struct CMUnitTest tests[] = {cmocka_unit_test(scenario_gives_its_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
