/* Where the nodes of a graph stand in a picture: layers from above to below, places from left to
 * right. Layered after Sugiyama: back edges aside, longest paths, barycentres, then places as near
 * to the neighbours as distances let. The same graph always gives the same picture. Pure.
 * Thread: any. */
#ifndef YW_RESPONSE_LAYOUT_H
#define YW_RESPONSE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#define YW_LAYOUT_NODE 100 /* least distance of two neighbours' centres */
#define YW_LAYOUT_LINE 30  /* of two lines */

struct yw_layout_edge {
    int from, to;
};

struct yw_layout_place {
    int layer; /* 0 above */
    int x;     /* of the centre; the leftmost thing stands at 0 */
};

struct yw_layout_bend { /* a line passes here; in order of edge, then layer */
    int edge;
    struct yw_layout_place at;
};

struct yw_layout {
    struct yw_layout_place *nodes; /* owned, as many as asked for */
    bool *back;                    /* owned, one an edge: it leads back up */
    struct yw_layout_bend *bends;  /* owned */
    size_t bend_count;
    int layers, width;
};

/* ret is to be finished by the caller. */
void yw_layout_make(struct yw_layout *ret, size_t node_count,
                    const struct yw_layout_edge *edges, size_t edge_count);
void yw_layout_fini(struct yw_layout *layout); /* NULL-safe */

#endif
