/* Pictures of playbooks, on those of the library; and who may see one. */
#include "codec/playbook/chart.h"
#include "codec/playbook/playbook.h"

#include "base/file.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yw_playbook *load(const char *name)
{
    const char *root = getenv("YW_SOURCE");
    char *path = yw_strf("%s/playbooks/%s.json", root != NULL ? root : ".", name);
    struct yw_playbook *playbook = NULL;
    struct yw_err err = {0};
    char *text = NULL;
    size_t size;

    if (yw_file_read(path, YW_PLAYBOOK_BYTES_MAX, &text, &size, &err) < 0 ||
        yw_playbook_decode(&playbook, text, size, &err) < 0)
        fail_msg("%s: %s", path, err.text);
    free(text);
    free(path);
    return playbook;
}

static const char *title(const struct yw_chart *chart, int step)
{
    return chart->playbook->steps[step].name.en;
}

/* "Agreed? -on_true-> Cut its links" */
static bool has_edge(const struct yw_chart *chart, const char *from, const char *by,
                     const char *to)
{
    for (size_t i = 0; i < chart->edge_count; i++) {
        const struct yw_chart_edge *edge = &chart->edges[i];

        if (strcmp(title(chart, edge->from), from) == 0 &&
            strcmp(title(chart, edge->to), to) == 0 &&
            strcmp(yw_chart_by_name(edge->by), by) == 0)
            return true;
    }
    return false;
}

/* An end of a branch is a line to where the run goes on. */
static void test_branches_join(void **state)
{
    static const char *const edges[][3] = {
        {"Start", "on_completion", "The shift agrees to the isolation"},
        {"The shift agrees to the isolation", "on_completion", "Agreed?"},
        {"Agreed?", "on_true", "Cut its links"},
        {"Agreed?", "on_false", "Contain without isolation"},
        {"Cut its links", "on_success", "Verify the isolation"},
        {"Cut its links", "on_failure", "Cut it off by hand"},
        {"Cut it off by hand", "on_completion", "Verify the isolation"},
        {"Verify the isolation", "on_completion", "End"},
        {"Contain without isolation", "on_completion", "End"},
        {"The duty leader takes over", "on_completion", "End"}};
    struct yw_playbook *playbook = load("isolate-machine");
    struct yw_chart chart;

    (void)state;
    yw_chart_make(&chart, playbook);
    assert_int_equal(chart.edge_count, sizeof edges / sizeof edges[0]);
    for (size_t i = 0; i < chart.edge_count; i++) {
        if (!has_edge(&chart, edges[i][0], edges[i][1], edges[i][2]))
            fail_msg("no line %s -%s-> %s", edges[i][0], edges[i][1], edges[i][2]);
    }
    assert_int_equal(chart.node_count, 10); /* of 12 steps two are ends of branches */
    yw_chart_fini(&chart);
    yw_playbook_free(playbook);
}

static void test_loop_leads_back(void **state)
{
    struct yw_playbook *playbook = load("restore-and-watch");
    struct yw_chart chart;
    size_t back = 0;

    (void)state;
    yw_chart_make(&chart, playbook);
    assert_true(
        has_edge(&chart, "Watch until it is steady", "on_true", "Read and judge"));
    assert_true(
        has_edge(&chart, "Read and judge", "on_completion", "Watch until it is steady"));
    assert_true(has_edge(&chart, "Watch until it is steady", "done",
                         "Give it back to operation"));
    for (size_t i = 0; i < chart.edge_count; i++) {
        back += chart.layout.back[i];
        if (chart.layout.back[i])
            assert_string_equal(title(&chart, chart.edges[i].from), "Read and judge");
    }
    assert_int_equal(back, 1);
    yw_chart_fini(&chart);
    yw_playbook_free(playbook);
}

/* Every step is in the picture but ends of branches; lines lead to what is in it. */
static void test_all_is_drawn(void **state)
{
    static const char *const names[] = {"ot-ransomware",   "loss-of-view", "sis-bypass",
                                        "grid-blackout",   "data-leak",    "insider",
                                        "rogue-device",    "key-period",   "report-up",
                                        "warning-received"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct yw_playbook *playbook = load(names[i]);
        struct yw_chart chart;
        struct yw_buf out;

        yw_chart_make(&chart, playbook);
        for (size_t k = 0; k < playbook->step_count; k++) {
            if (playbook->steps[k].type != YW_PB_END && chart.node[k] < 0)
                fail_msg("%s: '%s' is not drawn", names[i], playbook->steps[k].name.en);
        }
        for (size_t k = 0; k < chart.edge_count; k++)
            assert_true(chart.node[chart.edges[k].from] >= 0 &&
                        chart.node[chart.edges[k].to] >= 0);
        yw_buf_init(&out, YW_PLAYBOOK_BYTES_MAX);
        yw_chart_encode(&out, &chart);
        assert_false(out.overflow);
        assert_non_null(strstr(out.data, "\"marking\":\"TLP:"));
        yw_buf_fini(&out);
        yw_chart_fini(&chart);
        yw_playbook_free(playbook);
    }
}

static void test_marking_is_read(void **state)
{
    struct yw_playbook *insider = load("insider"), *data = load("data-leak");

    (void)state;
    assert_int_equal(insider->marking, YW_TLP_AMBER_STRICT);
    assert_int_equal(data->marking, YW_TLP_GREEN);
    yw_playbook_free(insider);
    yw_playbook_free(data);
}

/* Rows: the markings; columns: public, another team, an authority, the team, control. */
static void test_who_may_see(void **state)
{
    static const bool lets[][5] = {
        [YW_TLP_CLEAR] = {true, true, true, true, true},
        [YW_TLP_GREEN] = {false, true, true, true, true},
        [YW_TLP_AMBER] = {false, false, true, true, true},
        [YW_TLP_AMBER_STRICT] = {false, false, false, true, true},
        [YW_TLP_RED] = {false, false, false, false, true}};
    enum yw_tlp marking;

    (void)state;
    for (int i = YW_TLP_CLEAR; i <= YW_TLP_RED; i++) {
        for (int k = YW_READER_PUBLIC; k <= YW_READER_CONTROL; k++)
            assert_int_equal(yw_tlp_lets((enum yw_tlp)i, (enum yw_reader)k), lets[i][k]);
        assert_true(yw_tlp_read(yw_tlp_name((enum yw_tlp)i), &marking));
        assert_int_equal(marking, i);
    }
    assert_false(yw_tlp_read("TLP:WHITE", &marking));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_branches_join), cmocka_unit_test(test_loop_leads_back),
        cmocka_unit_test(test_all_is_drawn),  cmocka_unit_test(test_marking_is_read),
        cmocka_unit_test(test_who_may_see),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
