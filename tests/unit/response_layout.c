/* Places of nodes: every line leads down unless it closes a circle, nothing stands on another
 * thing, trees are drawn without a crossing, and the same graph gives the same picture. */
#include "response/layout.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EDGES_MAX 400

struct graph {
    size_t nodes, count;
    struct yw_layout_edge edges[EDGES_MAX];
};

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return *seed >> 33;
}

static void make_random(struct graph *graph, uint64_t seed)
{
    graph->nodes = 1 + next_random(&seed) % 60;
    graph->count = next_random(&seed) % (graph->nodes * 3);
    for (size_t i = 0; i < graph->count; i++)
        graph->edges[i] =
            (struct yw_layout_edge){(int)(next_random(&seed) % graph->nodes),
                                    (int)(next_random(&seed) % graph->nodes)};
}

static void expect_down(const struct graph *graph, const struct yw_layout *layout)
{
    for (size_t i = 0; i < graph->count; i++) {
        int from = layout->nodes[graph->edges[i].from].layer;
        int to = layout->nodes[graph->edges[i].to].layer;

        assert_true(layout->back[i] || from < to);
    }
}

struct thing {
    int layer, x, half;
};

/* Also lines that pass a layer keep away from the nodes in it. */
static void expect_apart(const struct graph *graph, const struct yw_layout *layout)
{
    size_t count = graph->nodes + layout->bend_count;
    struct thing *things = yw_new_array(count + 1, sizeof *things);

    for (size_t i = 0; i < count; i++) {
        struct yw_layout_place at =
            i < graph->nodes ? layout->nodes[i] : layout->bends[i - graph->nodes].at;

        things[i] = (struct thing){
            at.layer, at.x, i < graph->nodes ? YW_LAYOUT_NODE / 2 : YW_LAYOUT_LINE / 2};
        assert_in_range(at.layer, 0, layout->layers - 1);
        assert_in_range(at.x, 0, layout->width);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (things[i].layer == things[k].layer)
                assert_true(abs(things[i].x - things[k].x) >=
                            things[i].half + things[k].half);
        }
    }
    free(things);
}

static void test_any_graph(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct graph graph;
        struct yw_layout first, second;

        make_random(&graph, seed);
        yw_layout_make(&first, graph.nodes, graph.edges, graph.count);
        yw_layout_make(&second, graph.nodes, graph.edges, graph.count);
        expect_down(&graph, &first);
        expect_apart(&graph, &first);
        assert_int_equal(first.width, second.width);
        assert_memory_equal(first.nodes, second.nodes, graph.nodes * sizeof *first.nodes);
        yw_layout_fini(&first);
        yw_layout_fini(&second);
    }
}

/* Without a circle no line leads back. */
static void test_acyclic(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct graph graph;
        struct yw_layout layout;

        make_random(&graph, seed);
        for (size_t i = 0; i < graph.count; i++) {
            struct yw_layout_edge *edge = &graph.edges[i];
            int low = edge->from < edge->to ? edge->from : edge->to;

            edge->to = edge->from + edge->to - low + (edge->from == edge->to);
            edge->from = low;
            if (edge->to >= (int)graph.nodes)
                *edge = (struct yw_layout_edge){0, (int)graph.nodes - 1};
        }
        if (graph.nodes == 1)
            graph.count = 0;
        yw_layout_make(&layout, graph.nodes, graph.edges, graph.count);
        for (size_t i = 0; i < graph.count; i++)
            assert_false(layout.back[i]);
        yw_layout_fini(&layout);
    }
}

/*     0
 *   1   2
 *  3 4 5 6  in their order, parents in the middle */
static void test_tree(void **state)
{
    static const struct yw_layout_edge edges[] = {{0, 1}, {0, 2}, {1, 3},
                                                  {1, 4}, {2, 5}, {2, 6}};
    struct yw_layout layout;

    (void)state;
    yw_layout_make(&layout, 7, edges, 6);
    assert_int_equal(layout.layers, 3);
    assert_int_equal(layout.width, 3 * YW_LAYOUT_NODE);
    for (int i = 3; i < 6; i++)
        assert_true(layout.nodes[i].x < layout.nodes[i + 1].x);
    assert_in_range(layout.nodes[0].x, 148, 152);
    assert_in_range(layout.nodes[1].x, 48, 52);
    yw_layout_fini(&layout);
}

/* 0 → 1 → 2 → 3 and 0 → 3: the long line passes the layers between, beside the nodes. */
static void test_long_line(void **state)
{
    static const struct yw_layout_edge edges[] = {{0, 1}, {1, 2}, {2, 3}, {0, 3}};
    struct yw_layout layout;

    (void)state;
    yw_layout_make(&layout, 4, edges, 4);
    assert_int_equal(layout.layers, 4);
    assert_int_equal(layout.bend_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(layout.bends[i].edge, 3);
        assert_int_equal(layout.bends[i].at.layer, (int)i + 1);
    }
    yw_layout_fini(&layout);
}

static void test_loop(void **state)
{
    static const struct yw_layout_edge edges[] = {{0, 1}, {1, 2}, {2, 1}, {1, 3}};
    struct yw_layout layout;

    (void)state;
    yw_layout_make(&layout, 4, edges, 4);
    assert_true(layout.back[2]);
    assert_int_equal(layout.back[0] + layout.back[1] + layout.back[3], 0);
    yw_layout_fini(&layout);
}

static void test_nothing(void **state)
{
    struct yw_layout layout;

    (void)state;
    yw_layout_make(&layout, 0, NULL, 0);
    assert_int_equal(layout.layers, 0);
    yw_layout_fini(&layout);
    yw_layout_fini(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_graph), cmocka_unit_test(test_acyclic),
        cmocka_unit_test(test_tree),      cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_loop),      cmocka_unit_test(test_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
