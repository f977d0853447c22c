#include "codec/playbook/chart.h"

#include "codec/write.h"

static void write_node(struct yw_writer *w, const struct yw_pb_step *step,
                       struct yw_layout_place at)
{
    yw_write_object(w, NULL);
    yw_write_text(w, "asks", &step->asks);
    yw_write_string(w, "condition", step->condition);
    yw_write_int(w, "deadline_ms", step->deadline_ms);
    yw_write_int(w, "layer", at.layer);
    yw_write_text(w, "name", &step->name);
    yw_write_string(w, "role", step->role);
    yw_write_string(w, "step", step->id);
    yw_write_string(w, "type", yw_pb_type_name(step->type));
    yw_write_int(w, "x", at.x);
    yw_write_end(w, '}');
}

static void write_edge(struct yw_writer *w, const struct yw_chart *chart, size_t index)
{
    const struct yw_chart_edge *edge = &chart->edges[index];
    const struct yw_layout *layout = &chart->layout;

    yw_write_object(w, NULL);
    yw_write_bool(w, "back", layout->back[index]);
    yw_write_array(w, "bends");
    for (size_t i = 0; i < layout->bend_count; i++) {
        if (layout->bends[i].edge != (int)index)
            continue;
        yw_write_array(w, NULL);
        yw_write_int(w, NULL, layout->bends[i].at.layer);
        yw_write_int(w, NULL, layout->bends[i].at.x);
        yw_write_end(w, ']');
    }
    yw_write_end(w, ']');
    yw_write_string(w, "by", yw_chart_by_name(edge->by));
    yw_write_int(w, "from", chart->node[edge->from]);
    yw_write_int(w, "to", chart->node[edge->to]);
    yw_write_string(w, "value", edge->value);
    yw_write_end(w, '}');
}

void yw_chart_encode(struct yw_buf *out, const struct yw_chart *chart)
{
    const struct yw_playbook *playbook = chart->playbook;
    struct yw_writer writer;
    struct yw_writer *w = &writer;

    yw_writer_init(w, out);
    yw_write_object(w, NULL);
    yw_write_array(w, "edges");
    for (size_t i = 0; i < chart->edge_count; i++)
        write_edge(w, chart, i);
    yw_write_end(w, ']');
    yw_write_int(w, "layers", chart->layout.layers);
    yw_write_string(w, "marking", yw_tlp_name(playbook->marking));
    yw_write_text(w, "name", &playbook->name);
    yw_write_array(w, "nodes");
    for (size_t i = 0; i < chart->node_count; i++)
        write_node(w, &playbook->steps[chart->step[i]], chart->layout.nodes[i]);
    yw_write_end(w, ']');
    yw_write_int(w, "width", chart->layout.width);
    yw_write_end(w, '}');
}
