/* A run as one SVG: a strip of levels, then a panel for every tag that moved, two in a
 * row, each with its own scale and the limits that lie in it. Colours of the board. */
#include "cli/plant_run.h"

#include <stdio.h>

#define WIDTH 960
#define MARGIN 24
#define PANEL_W 444
#define PANEL_H 150
#define GAP 24
#define HEAD_H 96
#define PLOT_TOP 34
#define PLOT_H 92
#define GUTTER 52 /* for the numbers of the scale */
#define PLOT_W (PANEL_W - GUTTER)
#define LABEL_H 12
#define POINTS_MAX 1000 /* of a line; more samples are thinned to their extremes */

static const char *const level_colour[] = {"#2e7d32", "#f9a825", "#ef6c00",
                                           "#d84315", "#b71c1c", "#6a1b9a"};

struct panel {
    const struct yw_plant_trace *trace;
    size_t tag;
    double low, high; /* of the scale */
    double x, y;      /* its corner */
};

static double value_at(const struct panel *panel, size_t row)
{
    const struct yw_plant_trace *trace = panel->trace;

    return trace->truth[row * trace->ask->model->tag_count + panel->tag];
}

static bool measure(struct panel *panel)
{
    const struct yw_plant_trace *trace = panel->trace;
    const struct yw_plant_tag *tag = &trace->ask->model->tags[panel->tag];
    double least = value_at(panel, 0), most = least;

    for (size_t row = 1; row < trace->count; row++) {
        double value = value_at(panel, row);

        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    panel->low = least;
    panel->high = most;
    return most - least > 1e-6 * (tag->high - tag->low);
}

/* A limit within half a span of the curve widens the scale to show itself. */
static void widen(struct panel *panel)
{
    const struct yw_plant_model *model = panel->trace->ask->model;
    double span = panel->high - panel->low, low = panel->low, high = panel->high;

    for (size_t i = 0; i < model->limit_count; i++) {
        double value = model->limits[i].value;

        if ((size_t)model->limits[i].tag != panel->tag || value < panel->low - span / 2 ||
            value > panel->high + span / 2)
            continue;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    panel->low = low - 0.05 * (high - low);
    panel->high = high + 0.05 * (high - low);
}

static double x_of(const struct panel *panel, double at_s)
{
    return panel->x + GUTTER + PLOT_W * at_s / panel->trace->ask->seconds;
}

static double y_of(const struct panel *panel, double value)
{
    return panel->y + PLOT_TOP +
           PLOT_H * (1 - (value - panel->low) / (panel->high - panel->low));
}

/* Lines that lie too near to the one labelled before are drawn without words. */
static void draw_limits(const struct panel *panel, struct yw_buf *out)
{
    const struct yw_plant_model *model = panel->trace->ask->model;
    double right = panel->x + GUTTER + PLOT_W, labelled = -1000;

    for (size_t i = 0; i < model->limit_count; i++) {
        const struct yw_plant_limit *limit = &model->limits[i];

        if ((size_t)limit->tag != panel->tag || limit->value < panel->low ||
            limit->value > panel->high)
            continue;
        double y = y_of(panel, limit->value);

        yw_buf_printf(
            out,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" "
            "stroke-dasharray=\"5 4\"/>\n",
            panel->x + GUTTER, y, right, y, level_colour[limit->level]);
        if (y - labelled > -LABEL_H && y - labelled < LABEL_H)
            continue;
        labelled = y;
        yw_buf_printf(
            out,
            "<text x=\"%.1f\" y=\"%.1f\" class=\"n\" text-anchor=\"end\">%s · %s "
            "%g</text>\n",
            right - 4, y < panel->y + PLOT_TOP + LABEL_H ? y + 10 : y - 3, limit->says.zh,
            limit->says.en, limit->value);
    }
}

/* Of each stretch the least and the most, so that no peak is lost. */
static void draw_curve(const struct panel *panel, struct yw_buf *out)
{
    const struct yw_plant_trace *trace = panel->trace;
    size_t stretch = trace->count / POINTS_MAX + 1;

    yw_buf_puts(out, "<polyline fill=\"none\" stroke=\"#0b5fa5\" stroke-width=\"1.6\" "
                     "points=\"");
    for (size_t from = 0; from < trace->count; from += stretch) {
        size_t least = from, most = from;

        for (size_t row = from; row < from + stretch && row < trace->count; row++) {
            least = value_at(panel, row) < value_at(panel, least) ? row : least;
            most = value_at(panel, row) > value_at(panel, most) ? row : most;
        }
        size_t first = least < most ? least : most, second = least < most ? most : least;

        yw_buf_printf(out, "%.1f,%.1f ", x_of(panel, trace->at_s[first]),
                      y_of(panel, value_at(panel, first)));
        if (second != first)
            yw_buf_printf(out, "%.1f,%.1f ", x_of(panel, trace->at_s[second]),
                          y_of(panel, value_at(panel, second)));
    }
    yw_buf_puts(out, "\"/>\n");
}

static void draw(const struct panel *panel, struct yw_buf *out)
{
    const struct yw_plant_tag *tag = &panel->trace->ask->model->tags[panel->tag];
    double last = value_at(panel, panel->trace->count - 1);

    yw_buf_printf(
        out,
        "<text x=\"%.1f\" y=\"%.1f\" class=\"t\">%s</text>"
        "<text x=\"%.1f\" y=\"%.1f\" class=\"n\">%s · %s</text>"
        "<text x=\"%.1f\" y=\"%.1f\" class=\"v\" text-anchor=\"end\">%.6g %s</text>\n"
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" fill=\"#fff\" "
        "stroke=\"#cfd8dc\"/>\n",
        panel->x, panel->y + 12, tag->title.zh, panel->x, panel->y + 27, tag->title.en,
        tag->name, panel->x + PANEL_W, panel->y + 20, last, tag->unit, panel->x + GUTTER,
        panel->y + PLOT_TOP, PLOT_W, PLOT_H);
    draw_limits(panel, out);
    draw_curve(panel, out);
    yw_buf_printf(
        out,
        "<text x=\"%.1f\" y=\"%.1f\" class=\"n\" text-anchor=\"end\">%.5g</text>"
        "<text x=\"%.1f\" y=\"%.1f\" class=\"n\" text-anchor=\"end\">%.5g</text>\n",
        panel->x + GUTTER - 5, panel->y + PLOT_TOP + 9, panel->high,
        panel->x + GUTTER - 5, panel->y + PLOT_TOP + PLOT_H, panel->low);
}

static void draw_levels(const struct yw_plant_trace *trace, struct yw_buf *out)
{
    double width = (WIDTH - 2 * MARGIN) / (double)trace->count;

    for (size_t from = 0; from < trace->count;) {
        size_t to = from;

        while (to < trace->count && trace->level[to] == trace->level[from])
            to++;
        yw_buf_printf(
            out,
            "<rect x=\"%.1f\" y=\"58\" width=\"%.1f\" height=\"12\" fill=\"%s\">"
            "<title>%d</title></rect>\n",
            MARGIN + width * (double)from, width * (double)(to - from),
            level_colour[trace->level[from]], trace->level[from]);
        from = to;
    }
}

static void draw_head(const struct yw_plant_trace *trace, int height, struct yw_buf *out)
{
    const struct yw_plant_model *model = trace->ask->model;

    yw_buf_printf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
        "width=\"%d\" height=\"%d\" role=\"img\">\n"
        "<title>%s · %s</title>\n"
        "<style>text{font-family:\"Noto Sans CJK SC\",\"Noto Sans SC\",sans-serif;"
        "fill:#1c2a33}.h{font-size:20px;font-weight:600}.t{font-size:13px;"
        "font-weight:600}.n{font-size:10px;fill:#54646d}.v{font-size:13px}"
        "</style>\n<rect width=\"%d\" height=\"%d\" fill=\"#f5f7f8\"/>\n"
        "<text x=\"%d\" y=\"32\" class=\"h\">%s · %s</text>\n"
        "<text x=\"%d\" y=\"32\" class=\"v\" text-anchor=\"end\">0 – %g s</text>\n"
        "<text x=\"%d\" y=\"52\" class=\"n\">后果等级 · consequence level: "
        "∫ %g level·s, 产量损失 · production lost %g s</text>\n",
        WIDTH, height, WIDTH, height, model->title.zh, model->title.en, WIDTH, height,
        MARGIN, model->title.zh, model->title.en, WIDTH - MARGIN, trace->ask->seconds,
        MARGIN, trace->level_s, trace->lost_s);
    for (int i = 0; i < 6; i++)
        yw_buf_printf(out,
                      "<rect x=\"%d\" y=\"76\" width=\"9\" height=\"9\" fill=\"%s\"/>"
                      "<text x=\"%d\" y=\"84\" class=\"n\">%d</text>\n",
                      MARGIN + i * 28, level_colour[i], MARGIN + i * 28 + 13, i);
}

void yw_plant_trace_plot(const struct yw_plant_trace *trace, struct yw_buf *out)
{
    struct panel panels[YW_PLANT_TAGS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < trace->ask->model->tag_count; i++) {
        panels[count] = (struct panel){.trace = trace, .tag = i};
        if (!measure(&panels[count]))
            continue;
        widen(&panels[count]);
        panels[count].x = MARGIN + (double)(count % 2) * (PANEL_W + GAP);
        panels[count].y = HEAD_H + (double)(count / 2) * PANEL_H;
        count++;
    }
    int rows = (int)(count + 1) / 2;

    draw_head(trace, HEAD_H + (rows > 0 ? rows : 1) * PANEL_H, out);
    draw_levels(trace, out);
    for (size_t i = 0; i < count; i++)
        draw(&panels[i], out);
    if (count == 0)
        yw_buf_printf(
            out, "<text x=\"%d\" y=\"%d\" class=\"t\">没有变化 · nothing moved</text>\n",
            MARGIN, HEAD_H + 30);
    yw_buf_puts(out, "</svg>\n");
}
