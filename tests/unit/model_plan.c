/* The plan: the same for the same inputs, and nothing in it twice. */
#include "model/plan.h"

#include "base/mem.h"
#include "model_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const two[] = {"blue-quick", "blue-slow"};

static struct yw_plan *make(const char *drill, uint64_t seed)
{
    struct yw_spec *spec = sample_spec();
    struct yw_plan *plan = NULL;
    struct yw_err err = {0};

    if (yw_plan_make(&plan, spec, drill, two, 2, seed, &err) < 0)
        fail_msg("%s", err.text);
    yw_spec_free(spec);
    return plan;
}

static void test_contents(void **state)
{
    (void)state;
    struct yw_plan *plan = make("water-1", 7);

    assert_int_equal(plan->network_count, 4);
    assert_int_equal(plan->machine_count, 6);
    /* controllers first, of all teams */
    assert_string_equal(plan->machines[0].name, "plc1");
    assert_string_equal(plan->machines[1].name, "plc1");
    assert_int_equal(plan->machines[1].team, 1);
    assert_true(plan->machines[0].has_field);
    assert_false(plan->machines[2].has_field);
    assert_int_equal(plan->machines[0].ram_mib, 96);
    const struct yw_plan_machine *jump = yw_plan_machine(plan, 1, 0);

    assert_string_equal(jump->name, "jump");
    assert_string_equal(jump->team_name, "blue-slow");
    assert_int_equal(jump->nic_count, 2);
    assert_int_equal(jump->nics[1].address, 0x0a140242);
    assert_int_equal(jump->nics[1].prefix, 24);
    /* the team's own bridge */
    assert_int_equal(plan->networks[jump->nics[1].network].team, 1);
    assert_int_equal(plan->networks[jump->nics[1].network].network, 1);
    assert_null(yw_plan_machine(plan, 2, 0));
    yw_plan_free(plan);
}

/* A firewall is its neighbours' gateway; who listens has no address, and what is said on
 * the network that it listens to has somewhere to be copied to. */
static void test_zones(void **state)
{
    struct yw_spec *spec = sample_spec();
    struct yw_plan *plan = NULL;
    struct yw_spec_network *mirror = &spec->networks[spec->network_count];

    (void)state;
    spec->network_count = 3;
    *mirror = (struct yw_spec_network){.name = "mirror-x", .mirror = true, .mirrored = 1};
    struct yw_spec_machine *wall = &spec->machines[spec->machine_count++];

    YW_COPY(wall->name, "wall");
    YW_COPY(wall->image, "firewall");
    wall->plant = wall->serves = -1;
    wall->nic_count = 2;
    wall->nics[0] = (struct yw_spec_nic){0, spec->networks[0].address + 254};
    wall->nics[1] = (struct yw_spec_nic){1, spec->networks[1].address + 254};
    struct yw_spec_machine *eye = &spec->machines[spec->machine_count++];

    YW_COPY(eye->name, "eye");
    YW_COPY(eye->image, "sensor");
    eye->plant = eye->serves = -1;
    eye->nic_count = 1;
    eye->nics[0] = (struct yw_spec_nic){.network = 2};
    assert_int_equal(yw_spec_check(spec, NULL), 0);
    assert_int_equal(yw_plan_make(&plan, spec, "d", two, 2, 1, NULL), 0);
    const struct yw_plan_machine *router = yw_plan_machine(plan, 1, 3);
    const struct yw_plan_machine *listener = yw_plan_machine(plan, 1, 4);
    const struct yw_plan_machine *plc = yw_plan_machine(plan, 1, 1);

    assert_int_equal(plc->gateway, wall->nics[plc->nics[0].network % 3].address);
    assert_int_equal(router->gateway, 0);
    assert_true(router->nics[0].routes && router->nics[1].routes);
    assert_false(plc->nics[0].routes);
    assert_int_equal(listener->nics[0].address, 0);
    assert_int_equal(listener->gateway, 0);
    assert_string_equal(router->nics[0].mirror, "");
    assert_string_equal(router->nics[1].mirror,
                        plan->networks[listener->nics[0].network].bridge);
    assert_string_equal(listener->nics[0].mirror, "");
    assert_int_equal(yw_spec_way(spec, 4, 1), 0);
    yw_plan_free(plan);
    yw_spec_free(spec);
}

/* What a network asks for stands at each of its nics; promiscuous machines are apart. */
static void test_links(void **state)
{
    struct yw_spec *spec = sample_spec();
    struct yw_plan *plan = NULL;
    char prefix[YW_PLAN_BRIDGE_MAX];

    (void)state;
    spec->networks[1].isolated = true;
    spec->networks[1].bandwidth_kbit = 2000;
    spec->networks[1].delay_ms = 40;
    spec->machines[1].promiscuous = true;
    spec->machines[0].spoof = true;
    assert_int_equal(yw_plan_make(&plan, spec, "water-1", two, 2, 7, NULL), 0);
    const struct yw_plan_machine *jump = yw_plan_machine(plan, 0, 0);
    const struct yw_plan_machine *plc = yw_plan_machine(plan, 0, 1);

    assert_false(jump->nics[0].isolated);
    assert_true(jump->nics[1].isolated);
    assert_false(plc->nics[0].isolated);
    assert_true(jump->nics[0].spoof);
    assert_false(plc->nics[0].spoof);
    assert_int_equal(jump->nics[0].bandwidth_kbit, 0);
    assert_int_equal(jump->nics[1].bandwidth_kbit, 2000);
    assert_int_equal(jump->nics[1].delay_ms, 40);
    yw_plan_prefix("water-1", prefix);
    assert_int_equal(strlen(prefix), 8);
    assert_memory_equal(plan->networks[0].bridge, prefix, 8);
    assert_memory_equal(plc->nics[0].tap, prefix, 8);
    assert_string_equal(plan->machines[0].nics[0].tap + 8, "t0n0");
    assert_string_equal(jump->nics[1].tap + strlen(jump->nics[1].tap) - 2, "n1");
    yw_plan_free(plan);
    yw_spec_free(spec);
}

/* A full image has the memory that the scenario says, else the usual. */
static void test_memory(void **state)
{
    struct yw_spec *spec = sample_spec();
    struct yw_plan *plan = NULL;

    (void)state;
    YW_COPY(spec->machines[0].image, "debian");
    spec->machines[0].ram_mib = 768;
    YW_COPY(spec->machines[1].image, "other");
    assert_int_equal(yw_plan_make(&plan, spec, "water-1", two, 2, 7, NULL), 0);
    assert_int_equal(yw_plan_machine(plan, 0, 0)->ram_mib, 768);
    assert_int_equal(yw_plan_machine(plan, 1, 1)->ram_mib, YW_SPEC_RAM_FULL_MIB);
    assert_true(yw_plan_machine(plan, 0, 0)->has_disk);
    yw_plan_free(plan);
    yw_spec_free(spec);
}

static void test_unique_and_short(void **state)
{
    (void)state;
    struct yw_plan *plan = make("water-1", 7);

    for (size_t i = 0; i < plan->machine_count; i++) {
        const struct yw_plan_machine *a = &plan->machines[i];

        assert_true(strncmp(a->domain, "yw-", 3) == 0);
        assert_true(strncmp(a->nics[0].mac, "52:54:00:", 9) == 0);
        assert_int_equal(strlen(a->nics[0].mac), 17);
        for (size_t k = 0; k < i; k++) {
            const struct yw_plan_machine *b = &plan->machines[k];

            assert_string_not_equal(a->domain, b->domain);
            assert_string_not_equal(a->uuid, b->uuid);
            assert_string_not_equal(a->nics[0].mac, b->nics[0].mac);
            assert_true(a->seed != b->seed);
        }
    }
    for (size_t i = 0; i < plan->network_count; i++) {
        assert_true(strlen(plan->networks[i].bridge) <= 15);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(plan->networks[i].bridge, plan->networks[k].bridge);
    }
    yw_plan_free(plan);
}

static void test_deterministic(void **state)
{
    (void)state;
    struct yw_plan *a = make("water-1", 7), *b = make("water-1", 7);
    struct yw_plan *seed = make("water-1", 8), *drill = make("water-2", 7);

    assert_true(yw_hash_equal(&a->digest, &b->digest));
    assert_memory_equal(a->machines, b->machines, a->machine_count * sizeof *a->machines);
    assert_false(yw_hash_equal(&a->digest, &seed->digest));
    assert_string_not_equal(a->machines[0].nics[0].mac, seed->machines[0].nics[0].mac);
    assert_false(yw_hash_equal(&a->digest, &drill->digest));
    /* two drills with a long common beginning of their names do not collide */
    assert_string_not_equal(a->machines[0].domain, drill->machines[0].domain);
    assert_string_not_equal(a->networks[0].bridge, drill->networks[0].bridge);
    yw_plan_free(a);
    yw_plan_free(b);
    yw_plan_free(seed);
    yw_plan_free(drill);
}

static void test_bad_teams(void **state)
{
    (void)state;
    struct yw_spec *spec = sample_spec();
    struct yw_plan *plan = NULL;
    struct yw_err err = {0};
    const char *twice[] = {"a", "a"}, *bad[] = {"A B"};
    char names[YW_SPEC_TEAMS_MAX + 1][8];
    const char *many[YW_SPEC_TEAMS_MAX + 1];

    for (int i = 0; i < YW_SPEC_TEAMS_MAX + 1; i++) {
        snprintf(names[i], sizeof names[i], "t%d", i);
        many[i] = names[i];
    }
    assert_int_equal(yw_plan_make(&plan, spec, "d", twice, 2, 1, &err), YW_EINVAL);
    assert_non_null(strstr(err.text, "'a' is named twice"));
    assert_int_equal(yw_plan_make(&plan, spec, "d", bad, 1, 1, &err), YW_EINVAL);
    assert_int_equal(yw_plan_make(&plan, spec, "d", bad, 0, 1, &err), YW_EINVAL);
    assert_int_equal(yw_plan_make(&plan, spec, "../d", two, 2, 1, &err), YW_EINVAL);
    assert_int_equal(yw_plan_make(&plan, spec, "d", many, YW_SPEC_TEAMS_MAX + 1, 1, &err),
                     YW_ELIMIT);
    assert_int_equal(yw_plan_make(&plan, spec, "d", many, YW_SPEC_TEAMS_MAX, 1, &err), 0);
    assert_int_equal(plan->machine_count, 3 * YW_SPEC_TEAMS_MAX);
    yw_plan_free(plan);
    yw_spec_free(spec);
}

static void test_long_names(void **state)
{
    (void)state;
    struct yw_spec *spec = sample_spec();
    struct yw_plan *plan = NULL;
    char team[YW_NAME_MAX], other[YW_NAME_MAX];
    const char *teams[] = {team, other};

    memset(team, 'a', sizeof team);
    team[sizeof team - 1] = '\0';
    memcpy(other, team, sizeof team);
    other[sizeof other - 2] = 'b';
    assert_int_equal(yw_plan_make(&plan, spec, "d", teams, 2, 1, NULL), 0);
    assert_string_not_equal(plan->machines[0].domain, plan->machines[1].domain);
    assert_true(strlen(plan->machines[0].domain) < YW_PLAN_DOMAIN_MAX);
    yw_plan_free(plan);
    spec->tabletop = true;
    assert_int_equal(yw_plan_make(&plan, spec, "d", teams, 2, 1, NULL), 0);
    assert_int_equal(plan->machine_count, 0);
    yw_plan_free(plan);
    yw_spec_free(spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contents),         cmocka_unit_test(test_links),
        cmocka_unit_test(test_memory),           cmocka_unit_test(test_zones),
        cmocka_unit_test(test_unique_and_short), cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_bad_teams),        cmocka_unit_test(test_long_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
