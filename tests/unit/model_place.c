/* Placement by its properties, over many random ranges: never over capacity, each machine
 * once, the same whatever the order of the hosts. */
#include "model/place.h"

#include "base/mem.h"
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOSTS 12

struct range {
    struct yw_place_host hosts[YW_PLACE_HOSTS_MAX];
    struct yw_place_machine *machines;
    struct yw_place place;
};

static struct yw_place_load load_of(int64_t memory, int64_t cores)
{
    return (struct yw_place_load){.memory_mib = memory,
                                  .millicores = cores,
                                  .disk_mib = memory * 2,
                                  .boot_ms = memory * 10};
}

static void open_range(struct range *range, size_t hosts, size_t machines)
{
    memset(range, 0, sizeof *range);
    range->machines = yw_new_array(machines, sizeof *range->machines);
    range->place.drill = "water-1";
    range->place.hosts = range->hosts;
    range->place.host_count = hosts;
    range->place.machines = range->machines;
    range->place.machine_count = machines;
    for (size_t i = 0; i < hosts; i++) {
        (void)snprintf(range->hosts[i].name, YW_NAME_MAX, "h%02zu", i);
        range->hosts[i].weight = 1;
        range->hosts[i].room = load_of(1000, 1000);
    }
    for (size_t i = 0; i < machines; i++) {
        range->machines[i].host = YW_PLACE_NOWHERE;
        range->machines[i].networks = 1;
        range->machines[i].need = load_of(10, 5);
    }
}

static void close_range(struct range *range)
{
    yw_place_fini(&range->place);
    free(range->machines);
}

static void run(struct range *range)
{
    struct yw_err err = {0};

    yw_place_fini(&range->place);
    if (yw_place_run(&range->place, &err) < 0)
        fail_msg("%s", err.text);
}

static void random_range(struct range *range, uint64_t seed)
{
    struct yw_random random;

    yw_random_init(&random, seed, "place");
    size_t machines = 20 + yw_random_below(&random, 180);

    open_range(range, 2 + yw_random_below(&random, HOSTS - 2), machines);
    for (size_t i = 0; i < range->place.host_count; i++) {
        struct yw_place_host *host = &range->hosts[i];

        host->weight = 1 + (int)yw_random_below(&random, 5);
        host->room = load_of(300 + (int64_t)yw_random_below(&random, 900), 1500);
        host->used = load_of((int64_t)yw_random_below(&random, 200), 50);
        if (yw_random_below(&random, 5) == 0)
            host->state = (enum yw_host_state)(1 + yw_random_below(&random, 2));
    }
    range->place.first[0] = load_of(60, 0);
    range->place.first[1] = load_of(120, 0);
    for (size_t i = 0; i < machines; i++) {
        struct yw_place_machine *machine = &range->machines[i];

        machine->team = (int)yw_random_below(&random, 5);
        machine->networks = (uint32_t)yw_random_below(&random, 256);
        machine->need = load_of(1 + (int64_t)yw_random_below(&random, 30), 5);
        machine->kind = (int)yw_random_below(&random, 2);
    }
}

/* Counted anew, not taken from what placement says of itself. */
static void check_capacity(const struct range *range)
{
    for (size_t h = 0; h < range->place.host_count; h++) {
        const struct yw_place_host *host = &range->hosts[h];
        int64_t memory = host->used.memory_mib, cores = host->used.millicores;
        uint32_t kinds = 0;
        size_t count = 0;

        for (size_t i = 0; i < range->place.machine_count; i++) {
            const struct yw_place_machine *machine = &range->machines[i];

            if (machine->host != (int)h)
                continue;
            count++;
            memory += machine->need.memory_mib;
            cores += machine->need.millicores;
            if ((kinds >> machine->kind & 1U) == 0)
                memory += range->place.first[machine->kind].memory_mib;
            kinds |= UINT32_C(1) << machine->kind;
        }
        assert_int_equal(memory, range->place.used[h].memory_mib);
        assert_int_equal(cores, range->place.used[h].millicores);
        if (count == 0)
            continue;
        assert_int_equal(host->state, YW_HOST_UP);
        assert_true(memory <= host->room.memory_mib);
        assert_true(cores <= host->room.millicores);
    }
}

static void check_spans(const struct range *range)
{
    for (size_t s = 0; s < range->place.span_count; s++) {
        const struct yw_place_span *span = &range->place.spans[s];
        uint64_t hosts = 0;

        for (size_t i = 0; i < range->place.machine_count; i++) {
            if (range->machines[i].team == span->team &&
                (range->machines[i].networks >> span->network & 1U) != 0)
                hosts |= UINT64_C(1) << range->machines[i].host;
        }
        assert_true(hosts == span->hosts);
        assert_true((hosts & (hosts - 1)) != 0);
        assert_in_range(span->vni, 1, 0xffffff);
        for (size_t k = 0; k < s; k++)
            assert_true(range->place.spans[k].vni != span->vni);
    }
}

static void test_never_over_capacity(void **state)
{
    (void)state;
    size_t placed = 0, refused = 0, spanning = 0;

    for (uint64_t seed = 0; seed < 400; seed++) {
        struct range range;

        random_range(&range, seed);
        int code = yw_place_run(&range.place, NULL);

        if (code == 0) {
            for (size_t i = 0; i < range.place.machine_count; i++)
                assert_in_range(range.machines[i].host, 0, range.place.host_count - 1);
            check_capacity(&range);
            check_spans(&range);
            placed++;
            spanning += range.place.span_count > 0;
        } else {
            assert_int_equal(code, YW_ELIMIT);
            assert_true(range.place.failed < range.place.machine_count);
            refused++;
        }
        close_range(&range);
    }
    /* the ranges are not all trivial */
    assert_true(placed > 100 && refused > 20 && spanning > 20);
}

static void test_no_network_spans_to_hosts_that_stand_alone(void **state)
{
    (void)state;
    size_t whole = 0, spanning = 0;

    for (uint64_t seed = 0; seed < 400; seed++) {
        struct range range;
        uint64_t alone = 0;

        random_range(&range, seed);
        for (size_t h = seed % 3; h < range.place.host_count; h += 3) {
            range.hosts[h].alone = true;
            alone |= UINT64_C(1) << h;
        }
        if (yw_place_run(&range.place, NULL) == 0) {
            check_capacity(&range);
            check_spans(&range);
            for (size_t s = 0; s < range.place.span_count; s++)
                assert_true((range.place.spans[s].hosts & alone) == 0);
            for (size_t i = 0; i < range.place.machine_count; i++)
                whole += (alone >> range.machines[i].host & 1U) != 0;
            spanning += range.place.span_count > 0;
        }
        close_range(&range);
    }
    /* they are used all the same, and others do span */
    assert_true(whole > 100 && spanning > 20);
}

static void test_order_of_hosts_does_not_matter(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct range a, b;

        random_range(&a, seed);
        random_range(&b, seed);
        for (size_t i = 0; i < a.place.host_count; i++)
            b.hosts[i] = a.hosts[a.place.host_count - 1 - i];
        int code = yw_place_run(&a.place, NULL);

        assert_int_equal(yw_place_run(&b.place, NULL), code);
        assert_int_equal(b.place.failed, a.place.failed);
        for (size_t i = 0; code == 0 && i < a.place.machine_count; i++)
            assert_string_equal(a.hosts[a.machines[i].host].name,
                                b.hosts[b.machines[i].host].name);
        close_range(&a);
        close_range(&b);
    }
}

static void test_placed_stays(void **state)
{
    (void)state;
    size_t checked = 0;

    for (uint64_t seed = 0; seed < 200; seed++) {
        struct range range;
        int before[256];

        random_range(&range, seed);
        if (yw_place_run(&range.place, NULL) == 0) {
            for (size_t i = 0; i < range.place.machine_count; i++)
                before[i] = range.machines[i].host;
            for (size_t h = 0; h < range.place.host_count; h++)
                range.hosts[h].state = h % 2 == 0 ? YW_HOST_LOST : YW_HOST_DRAINING;
            run(&range); /* nothing is new: nobody asks for room */
            for (size_t i = 0; i < range.place.machine_count; i++)
                assert_int_equal(range.machines[i].host, before[i]);
            checked++;
        }
        close_range(&range);
    }
    assert_true(checked > 50);
}

static void test_one_host_where_it_fits(void **state)
{
    (void)state;
    struct range range;

    open_range(&range, 3, 60);
    range.hosts[2].weight = 2;
    for (int i = 0; i < 60; i++) {
        range.machines[i].team = i / 10;
        range.machines[i].networks = 1U << (i % 3);
    }
    run(&range);
    assert_int_equal(range.place.span_count, 0);
    int teams[3] = {0};

    for (int i = 0; i < 60; i++) {
        assert_int_equal(range.machines[i].host, range.machines[i / 10 * 10].host);
        teams[range.machines[i].host] += i % 10 == 0;
    }
    /* by weight: twice as many on the third */
    assert_int_equal(teams[2], 3);
    assert_int_equal(teams[0] + teams[1], 3);
    close_range(&range);
}

/* Two zones of 60 machines and a router; a host holds 100: the zones part at the router. */
static void test_split_at_the_router(void **state)
{
    (void)state;
    struct range range;

    open_range(&range, 3, 121);
    for (int i = 0; i < 120; i++)
        range.machines[i].networks = i < 60 ? 1 : 2;
    range.machines[120].networks = 3;
    run(&range);
    assert_int_equal(range.place.span_count, 1);
    for (int i = 1; i < 60; i++) {
        assert_int_equal(range.machines[i].host, range.machines[0].host);
        assert_int_equal(range.machines[60 + i].host, range.machines[60].host);
    }
    close_range(&range);
}

/* One network of 250: only as many hosts as it needs. */
static void test_pour(void **state)
{
    (void)state;
    struct range range;

    open_range(&range, 8, 250);
    run(&range);
    assert_int_equal(range.place.span_count, 1);
    assert_int_equal(__builtin_popcountll(range.place.spans[0].hosts), 3);
    close_range(&range);
}

static void test_nothing_new_where_lost_or_draining(void **state)
{
    (void)state;
    struct range range;
    struct yw_err err = {0};

    open_range(&range, 2, 10);
    range.hosts[0].state = YW_HOST_LOST;
    range.hosts[1].state = YW_HOST_DRAINING;
    assert_int_equal(yw_place_run(&range.place, &err), YW_ELIMIT);
    assert_int_equal(range.place.failed, 0);
    range.hosts[1].state = YW_HOST_UP;
    run(&range);
    assert_int_equal(range.machines[9].host, 1);
    close_range(&range);
}

static void test_vni(void **state)
{
    (void)state;
    struct range range;

    open_range(&range, 4, 150);
    run(&range);
    uint32_t vni = range.place.spans[0].vni;
    struct yw_place_span kept = range.place.spans[0];

    for (size_t i = 0; i < 150; i++)
        range.machines[i].host = YW_PLACE_NOWHERE;
    range.place.taken = &vni; /* of another drill by chance: another is found */
    range.place.taken_count = 1;
    run(&range);
    assert_true(range.place.spans[0].vni != vni);
    range.place.taken_count = 0;
    kept.vni = 77;
    range.place.kept = &kept;
    range.place.kept_count = 1;
    run(&range);
    assert_int_equal(range.place.spans[0].vni, 77);
    close_range(&range);
}

/* 20 teams of 500 machines on 40 hosts: the bound is on steps, which no clock disturbs. */
static void test_steps(void **state)
{
    (void)state;
    struct range range;

    open_range(&range, 40, 10000);
    for (int i = 0; i < 10000; i++) {
        range.machines[i].team = i / 500;
        range.machines[i].networks = 1U << (i % 20);
        if (i % 50 == 0)
            range.machines[i].networks |= 1U << ((i / 50 + 1) % 20);
    }
    for (int h = 0; h < 40; h++)
        range.hosts[h].room = load_of(2600 + h * 10, 100000);
    run(&range);
    check_spans(&range);
    assert_true(range.place.span_count > 20); /* every team is too large for a host */
    assert_true(range.place.steps < 20000000);
    close_range(&range);
}

static void test_bad_input(void **state)
{
    (void)state;
    struct range range;
    struct yw_err err = {0};

    open_range(&range, 2, 2);
    range.machines[1].host = 2;
    assert_int_equal(yw_place_run(&range.place, &err), YW_EINVAL);
    range.machines[1].host = YW_PLACE_NOWHERE;
    range.hosts[1].weight = YW_PLACE_WEIGHT_MAX + 1;
    assert_int_equal(yw_place_run(&range.place, &err), YW_EINVAL);
    range.hosts[1].weight = YW_PLACE_WEIGHT_MAX;
    YW_COPY(range.hosts[1].name, "h00");
    assert_int_equal(yw_place_run(&range.place, &err), YW_EINVAL);
    assert_non_null(strstr(err.text, "'h00' is named twice"));
    range.place.host_count = YW_PLACE_HOSTS_MAX + 1;
    assert_int_equal(yw_place_run(&range.place, &err), YW_EINVAL);
    range.place.host_count = 0;
    assert_int_equal(yw_place_run(&range.place, &err), YW_EINVAL);
    close_range(&range);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_over_capacity),
        cmocka_unit_test(test_no_network_spans_to_hosts_that_stand_alone),
        cmocka_unit_test(test_order_of_hosts_does_not_matter),
        cmocka_unit_test(test_placed_stays),
        cmocka_unit_test(test_one_host_where_it_fits),
        cmocka_unit_test(test_split_at_the_router),
        cmocka_unit_test(test_pour),
        cmocka_unit_test(test_nothing_new_where_lost_or_draining),
        cmocka_unit_test(test_vni),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_bad_input),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
