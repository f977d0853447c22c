#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/due.h"
#include "base/hash.h"
#include "base/random.h"

#include <string.h>

#define ENTRIES 200

struct trace {
    struct yw_due due;
    struct yw_due_entry entries[ENTRIES];
    int64_t ran_at[ENTRIES];
    size_t ran[ENTRIES];
    size_t count;
    int changes;
};

static void on_run(struct yw_due_entry *entry)
{
    struct trace *trace = entry->arg;
    assert_false(yw_due_queued(entry));
    trace->ran_at[trace->count] = entry->at_ms;
    trace->ran[trace->count++] = (size_t)(entry - trace->entries);
}

static void on_change(struct yw_due *due)
{
    struct trace *trace = due->arg;
    trace->changes++;
}

static void trace_init(struct trace *trace)
{
    memset(trace, 0, sizeof(*trace));
    yw_due_init(&trace->due);
    trace->due.on_change = on_change;
    trace->due.arg = trace;
    for (size_t i = 0; i < ENTRIES; i++) {
        trace->entries[i].run = on_run;
        trace->entries[i].arg = trace;
    }
}

static void test_runs_in_order_of_time_and_insertion(void **state)
{
    (void)state;
    struct trace trace;
    struct yw_random random;
    trace_init(&trace);
    yw_random_init(&random, 1, "due");
    for (size_t i = 0; i < ENTRIES; i++)
        yw_due_add(&trace.due, &trace.entries[i], (int64_t)yw_random_below(&random, 20));
    for (size_t i = 0; i < ENTRIES; i += 3)
        yw_due_cancel(&trace.due, &trace.entries[i]);
    for (size_t i = 1; i < ENTRIES; i += 3)
        yw_due_add(&trace.due, &trace.entries[i], (int64_t)yw_random_below(&random, 20));
    size_t left = trace.due.count;
    for (int64_t now_ms = 0; now_ms < 20; now_ms++) {
        size_t before = trace.count;
        size_t ran = yw_due_run(&trace.due, now_ms);
        assert_int_equal(ran, trace.count - before);
        assert_true(yw_due_next(&trace.due) > now_ms);
    }
    assert_int_equal(trace.count, left);
    for (size_t i = 1; i < trace.count; i++) {
        assert_true(trace.ran_at[i - 1] <= trace.ran_at[i]);
        if (trace.ran_at[i - 1] == trace.ran_at[i])
            assert_true(trace.entries[trace.ran[i - 1]].order <
                        trace.entries[trace.ran[i]].order);
    }
    yw_due_fini(&trace.due);
}

static void test_change_is_told_when_the_first_changes(void **state)
{
    (void)state;
    struct trace trace;
    trace_init(&trace);
    yw_due_add(&trace.due, &trace.entries[0], 100);
    assert_int_equal(trace.changes, 1);
    yw_due_add(&trace.due, &trace.entries[1], 200);
    assert_int_equal(trace.changes, 1);
    yw_due_add(&trace.due, &trace.entries[2], 50);
    assert_int_equal(trace.changes, 2);
    yw_due_cancel(&trace.due, &trace.entries[1]);
    assert_int_equal(trace.changes, 2);
    yw_due_cancel(&trace.due, &trace.entries[2]);
    assert_int_equal(trace.changes, 3);
    yw_due_cancel(&trace.due, &trace.entries[2]);
    yw_due_cancel(&trace.due, NULL);
    assert_int_equal(trace.changes, 3);
    assert_int_equal(yw_due_next(&trace.due), 100);
    yw_due_fini(&trace.due);
    assert_false(yw_due_queued(&trace.entries[0]));
    assert_int_equal(yw_due_next(&trace.due), INT64_MAX);
}

struct chain {
    struct yw_due_entry entry;
    struct yw_due *due;
    int left;
};

static void on_chain(struct yw_due_entry *entry)
{
    struct chain *chain = entry->arg;
    if (--chain->left > 0)
        yw_due_add(chain->due, entry, entry->at_ms);
}

static void test_run_includes_what_it_adds(void **state)
{
    (void)state;
    struct yw_due due;
    struct chain chain = {.due = &due, .left = 3, .entry = {.run = on_chain}};
    yw_due_init(&due);
    chain.entry.arg = &chain;
    yw_due_add(&due, &chain.entry, 10);
    assert_int_equal(yw_due_run(&due, 9), 0);
    assert_int_equal(yw_due_run(&due, 10), 3);
    assert_int_equal(chain.left, 0);
    yw_due_fini(&due);
}

int main(void)
{
    if (yw_hash_setup() != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_in_order_of_time_and_insertion),
        cmocka_unit_test(test_change_is_told_when_the_first_changes),
        cmocka_unit_test(test_run_includes_what_it_adds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
