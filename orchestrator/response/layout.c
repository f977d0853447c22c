#include "response/layout.h"

#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SWEEPS 8

struct cell { /* a node, or where a line passes a layer */
    int layer, x;
    int edge; /* -1: a node */
    int64_t wish;
    int order; /* within the layer */
};

struct arc { /* between cells of neighbouring layers */
    int up, down;
};

struct making {
    size_t node_count, edge_count;
    const struct yw_layout_edge *edges;
    bool *back;
    struct cell *cells;
    size_t cell_count;
    struct arc *arcs;
    size_t arc_count;
    int layers;
    int *rows; /* cells by layer, in order */
    size_t *row_start;
};

/* Depth first, edges in order: one that leads to a node that is still open leads back. */
static void visit(struct making *m, int node, char *colour)
{
    colour[node] = 1;
    for (size_t i = 0; i < m->edge_count; i++) {
        if (m->edges[i].from != node)
            continue;
        int to = m->edges[i].to;

        if (colour[to] == 1)
            m->back[i] = true;
        else if (colour[to] == 0)
            visit(m, to, colour);
    }
    colour[node] = 2;
}

static void find_back_edges(struct making *m)
{
    char *colour = yw_new(m->node_count + 1);

    for (size_t i = 0; i < m->node_count; i++) {
        if (colour[i] == 0)
            visit(m, (int)i, colour);
    }
    free(colour);
}

/* Longest paths; without back edges it comes to rest after as many turns as there are layers. */
static void set_layers(struct making *m)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (size_t i = 0; i < m->edge_count; i++) {
            struct cell *to = &m->cells[m->edges[i].to];
            int least = m->cells[m->edges[i].from].layer + 1;

            if (!m->back[i] && to->layer < least) {
                to->layer = least;
                moved = true;
            }
        }
    }
    for (size_t i = 0; i < m->node_count; i++) {
        if (m->cells[i].layer >= m->layers)
            m->layers = m->cells[i].layer + 1;
    }
}

static size_t count_bends(const struct making *m)
{
    size_t count = 0;

    for (size_t i = 0; i < m->edge_count; i++) {
        int span = m->cells[m->edges[i].to].layer - m->cells[m->edges[i].from].layer;

        count += !m->back[i] && span > 1 ? (size_t)span - 1 : 0;
    }
    return count;
}

static void add_lines(struct making *m)
{
    for (size_t i = 0; i < m->edge_count; i++) {
        int at = m->edges[i].from, to = m->edges[i].to;

        if (m->back[i])
            continue;
        for (int layer = m->cells[at].layer + 1; layer < m->cells[to].layer; layer++) {
            int next = (int)m->cell_count++;

            m->cells[next] = (struct cell){.layer = layer, .edge = (int)i};
            m->arcs[m->arc_count++] = (struct arc){at, next};
            at = next;
        }
        m->arcs[m->arc_count++] = (struct arc){at, to};
    }
}

static void fill_rows(struct making *m)
{
    size_t at = 0;

    for (int layer = 0; layer < m->layers; layer++) {
        m->row_start[layer] = at;
        for (size_t i = 0; i < m->cell_count; i++) {
            if (m->cells[i].layer != layer)
                continue;
            m->cells[i].order = (int)(at - m->row_start[layer]);
            m->rows[at++] = (int)i;
        }
    }
    m->row_start[m->layers] = at;
}

static void renumber(struct making *m, int layer)
{
    for (size_t i = m->row_start[layer]; i < m->row_start[layer + 1]; i++)
        m->cells[m->rows[i]].order = (int)(i - m->row_start[layer]);
}

/* The mean of a value over the neighbours above or below, times 1000; `none` without any. */
static int64_t mean_of(const struct making *m, int cell, bool above, bool places,
                       int64_t none)
{
    int64_t sum = 0, count = 0;

    for (size_t i = 0; i < m->arc_count; i++) {
        const struct arc *arc = &m->arcs[i];
        int other = above ? arc->up : arc->down;

        if ((above ? arc->down : arc->up) != cell)
            continue;
        sum += places ? m->cells[other].x : m->cells[other].order;
        count++;
    }
    return count > 0 ? sum * 1000 / count : none;
}

/* Stable: who wishes the same keeps the order. */
static void sort_row(struct making *m, int layer)
{
    int *row = m->rows + m->row_start[layer];
    size_t count = m->row_start[layer + 1] - m->row_start[layer];

    for (size_t i = 1; i < count; i++) {
        int cell = row[i];
        size_t k = i;

        for (; k > 0 && m->cells[row[k - 1]].wish > m->cells[cell].wish; k--)
            row[k] = row[k - 1];
        row[k] = cell;
    }
    renumber(m, layer);
}

static int64_t count_crossings(const struct making *m)
{
    int64_t crossings = 0;

    for (size_t i = 0; i < m->arc_count; i++) {
        const struct cell *up = &m->cells[m->arcs[i].up];
        const struct cell *down = &m->cells[m->arcs[i].down];

        for (size_t k = 0; k < i; k++) {
            const struct cell *a = &m->cells[m->arcs[k].up];
            const struct cell *b = &m->cells[m->arcs[k].down];

            crossings += a->layer == up->layer &&
                         (int64_t)(a->order - up->order) * (b->order - down->order) < 0;
        }
    }
    return crossings;
}

static void sweep(struct making *m, bool down)
{
    for (int i = 1; i < m->layers; i++) {
        int layer = down ? i : m->layers - 1 - i;

        for (size_t k = m->row_start[layer]; k < m->row_start[layer + 1]; k++) {
            struct cell *cell = &m->cells[m->rows[k]];

            cell->wish = mean_of(m, m->rows[k], down, false, cell->order * 1000LL);
        }
        sort_row(m, layer);
    }
}

/* Of the orders that the sweeps come by, the one with the fewest crossings. */
static void set_orders(struct making *m)
{
    int *best = yw_new_array(m->cell_count + 1, sizeof *best);
    int64_t fewest = count_crossings(m);

    memcpy(best, m->rows, m->cell_count * sizeof *best);
    for (int i = 0; i < SWEEPS && fewest > 0; i++) {
        sweep(m, i % 2 == 0);
        int64_t crossings = count_crossings(m);

        if (crossings < fewest) {
            fewest = crossings;
            memcpy(best, m->rows, m->cell_count * sizeof *best);
        }
    }
    memcpy(m->rows, best, m->cell_count * sizeof *best);
    for (int layer = 0; layer < m->layers; layer++)
        renumber(m, layer);
    free(best);
}

static int half(const struct cell *cell)
{
    return (cell->edge < 0 ? YW_LAYOUT_NODE : YW_LAYOUT_LINE) / 2;
}

struct pool { /* neighbours that touch move as one */
    int64_t sum;
    int count;
};

static int64_t pool_at(const struct pool *pool)
{
    return pool->sum / pool->count;
}

/* Nearest to the wishes in the mean square, distances kept: neighbours that would come too near
 * are pooled. `taken`: what the cells to the left of each take away at least. */
static void place_row(struct making *m, int layer, struct pool *pools, int64_t *taken)
{
    const int *row = m->rows + m->row_start[layer];
    int count = (int)(m->row_start[layer + 1] - m->row_start[layer]), used = 0;

    for (int i = 0; i < count; i++) {
        taken[i] =
            i == 0 ? 0
                   : taken[i - 1] + half(&m->cells[row[i - 1]]) + half(&m->cells[row[i]]);
        pools[used++] = (struct pool){m->cells[row[i]].wish / 1000 - taken[i], 1};
        while (used > 1 && pool_at(&pools[used - 2]) > pool_at(&pools[used - 1])) {
            pools[used - 2].sum += pools[used - 1].sum;
            pools[used - 2].count += pools[used - 1].count;
            used--;
        }
    }
    for (int i = 0, pool = 0, left = count > 0 ? pools[0].count : 0; i < count; i++) {
        if (left == 0)
            left = pools[++pool].count;
        left--;
        m->cells[row[i]].x = (int)(pool_at(&pools[pool]) + taken[i]);
    }
}

static void set_places(struct making *m)
{
    struct pool *pools = yw_new_array(m->cell_count + 1, sizeof *pools);
    int64_t *taken = yw_new_array(m->cell_count + 1, sizeof *taken);

    for (int i = 0; i < 2 * SWEEPS; i++) { /* the last one upward: over what follows */
        bool down = i % 2 == 0;

        for (int k = 0; k < m->layers; k++) {
            int layer = down ? k : m->layers - 1 - k;

            for (size_t at = m->row_start[layer]; at < m->row_start[layer + 1]; at++) {
                struct cell *cell = &m->cells[m->rows[at]];

                cell->wish = mean_of(m, m->rows[at], down, true, cell->x * 1000LL);
            }
            place_row(m, layer, pools, taken);
        }
    }
    free(pools);
    free(taken);
}

static void hand_over(struct yw_layout *ret, struct making *m)
{
    int left = 0;

    for (size_t i = 0; i < m->cell_count; i++) {
        if (i == 0 || m->cells[i].x < left)
            left = m->cells[i].x;
    }
    ret->nodes = yw_new_array(m->node_count + 1, sizeof *ret->nodes);
    ret->bends = yw_new_array(m->cell_count + 1, sizeof *ret->bends);
    ret->back = m->back;
    ret->layers = m->layers;
    for (size_t i = 0; i < m->cell_count; i++) {
        struct yw_layout_place at = {m->cells[i].layer, m->cells[i].x - left};

        if (at.x > ret->width)
            ret->width = at.x;
        if (m->cells[i].edge < 0)
            ret->nodes[i] = at;
        else
            ret->bends[ret->bend_count++] = (struct yw_layout_bend){m->cells[i].edge, at};
    }
}

void yw_layout_make(struct yw_layout *ret, size_t node_count,
                    const struct yw_layout_edge *edges, size_t edge_count)
{
    struct making m = {
        .node_count = node_count, .edge_count = edge_count, .edges = edges};
    struct cell *cells;

    memset(ret, 0, sizeof *ret);
    m.back = yw_new_array(edge_count + 1, sizeof *m.back);
    m.cells = yw_new_array(node_count + 1, sizeof *m.cells);
    for (size_t i = 0; i < node_count; i++)
        m.cells[i].edge = -1;
    m.cell_count = node_count;
    find_back_edges(&m);
    set_layers(&m);
    size_t bends = count_bends(&m);

    cells = yw_new_array(node_count + bends + 1, sizeof *cells);
    memcpy(cells, m.cells, node_count * sizeof *cells);
    free(m.cells);
    m.cells = cells;
    m.arcs = yw_new_array(edge_count + bends + 1, sizeof *m.arcs);
    m.rows = yw_new_array(node_count + bends + 1, sizeof *m.rows);
    m.row_start = yw_new_array((size_t)m.layers + 1, sizeof *m.row_start);
    add_lines(&m);
    fill_rows(&m);
    set_orders(&m);
    set_places(&m);
    hand_over(ret, &m);
    free(m.cells);
    free(m.arcs);
    free(m.rows);
    free(m.row_start);
}

void yw_layout_fini(struct yw_layout *layout)
{
    if (layout == NULL)
        return;
    free(layout->nodes);
    free(layout->back);
    free(layout->bends);
}
