/* Two seeds of one scenario: other times of its attacks and other devices; one seed, the same
 * drill again. */
#include "outcome.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SCENARIO "scenarios/reactor-triton"
#define LOOK "read-key" /* its attack that asks a device who it is */
#define ATTACKS_MAX 128

struct drill {
    struct outcome outcome;
    size_t count;
    int64_t began_ms[ATTACKS_MAX]; /* of each attack, in order */
    char attack[ATTACKS_MAX][YW_NAME_MAX];
    char identity[YW_EVENT_OUTPUT_MAX]; /* what LOOK was told, of the last team */
};

static int on_event(void *arg, const struct yw_event *event)
{
    struct drill *drill = arg;

    if (event->kind == YW_EVENT_ATTACK_STARTED) {
        assert_true(drill->count < ATTACKS_MAX);
        drill->began_ms[drill->count] = event->drill_ms;
        YW_COPY(drill->attack[drill->count++], event->attack_started.attack);
    } else if (event->kind == YW_EVENT_ATTACK_ENDED &&
               strcmp(event->attack_ended.attack, LOOK) == 0) {
        YW_COPY(drill->identity, event->attack_ended.output);
    }
    return 0;
}

static struct drill *drill_of(const struct yw_package *package, uint64_t seed)
{
    struct drill *drill = yw_new(sizeof *drill);
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    sim_config(&config, package);
    config.seed = seed;
    if (yw_rehearsal_open(&rehearsal, &config, &err) != 0 ||
        yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
    outcome_take(&drill->outcome, rehearsal);
    assert_int_equal(
        yw_journal_read(yw_conductor_journal(yw_rehearsal_conductor(rehearsal),
                                             yw_rehearsal_drill(rehearsal)),
                        1, on_event, drill, &err),
        0);
    yw_rehearsal_close(rehearsal);
    assert_true(drill->count > 4);
    assert_non_null(strstr(drill->identity, "\"vendor\""));
    return drill;
}

static void drill_free(struct drill *drill)
{
    outcome_free(&drill->outcome);
    free(drill);
}

static bool same_times(const struct drill *a, const struct drill *b)
{
    return a->count == b->count &&
           memcmp(a->began_ms, b->began_ms, a->count * sizeof a->began_ms[0]) == 0 &&
           memcmp(a->attack, b->attack, a->count * sizeof a->attack[0]) == 0;
}

static void a_seed_is_a_drill(void **state)
{
    struct yw_package *package = sim_package(SCENARIO);
    struct drill *first = drill_of(package, 7);
    struct drill *again = drill_of(package, 7);
    struct drill *other = drill_of(package, 8);

    (void)state;
    assert_true(same_times(first, again));
    assert_string_equal(first->identity, again->identity);
    assert_string_equal(first->outcome.text, again->outcome.text);
    assert_int_equal(first->outcome.events, again->outcome.events);
    assert_false(same_times(first, other));
    assert_string_not_equal(first->identity, other->identity);
    drill_free(first);
    drill_free(again);
    drill_free(other);
    yw_package_free(package);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_seed_is_a_drill)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
